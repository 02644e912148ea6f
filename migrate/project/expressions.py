"""Type inference over the syntax of expressions."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from migrate.project.annotations import (
    element_of,
    instantiate,
    item_of,
    part_of,
    slice_of,
    with_self,
)
from migrate.project.env import Env
from migrate.project.index import parse_expression
from migrate.project.types import (
    NONE,
    NOTHING,
    UNKNOWN,
    ClassObject,
    ClassRef,
    External,
    Type,
    builtin,
    union,
    without_none,
)

if TYPE_CHECKING:
    from migrate.project.infer import Project


# Longer chains of attributes and calls could overflow the stack.
_DEEPEST = 80
# Longer displays are tables of data, whose first items tell enough.
_MOST_ITEMS = 50


_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Expressions:
    """What the values of expressions and the objects of annotations can be."""

    def __init__(self, project: Project) -> None:
        """Answer for one project; nothing is read yet."""
        self._project = project
        self._nested = 0

    def annotation(
        self, source: str | ast.expr | None, env: Env, *, keep_self: bool = False
    ) -> Type:
        """The type of the values that an annotation allows, quoted or not.

        `Self` is unknown, or stays for `with_self`.
        """
        node = parse_expression(source) if isinstance(source, str) else source
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.annotation(node.value, env, keep_self=keep_self)
        type_ = instantiate(self.infer(node, env))
        return type_ if keep_self else with_self(type_, UNKNOWN)

    def element(self, source: str | ast.expr | None, env: Env) -> Type:
        """What iterating over an expression's value gives."""
        node = parse_expression(source) if isinstance(source, str) else source
        if isinstance(node, ast.List | ast.Set | ast.Tuple):
            return union(*(self.infer(item, env) for item in node.elts))
        type_ = self.infer(node, env)
        return union(element_of(type_), self._project.tracing.given_by("__iter__", type_))

    def infer(self, source: str | ast.expr | None, env: Env) -> Type:
        """The type of an expression's value; nothing while that is being found out."""
        node = parse_expression(source) if isinstance(source, str) else source
        if node is None or self._project.memo.gives_up(nested=self._nested > _DEEPEST):
            return UNKNOWN
        self._nested += 1
        try:
            return self._inferred(node, env)
        finally:
            self._nested -= 1

    def _inferred(self, node: ast.expr, env: Env) -> Type:
        match node:
            case ast.Name(id=name):
                return self._project.names.name(name, env)
            case ast.Attribute(value=value, attr=attribute):
                return self._project.members.attribute(self.infer(value, env), attribute)
            case ast.Call():
                return self._project.calls.call(node, env)
            case ast.Await(value=value):
                return self._project.calls.awaited(self.infer(value, env))
            case ast.NamedExpr(value=value):
                return self.infer(value, env)
            case ast.BoolOp(op=operator, values=values):
                return self._either(isinstance(operator, ast.Or), values, env)
            case ast.IfExp(body=body, orelse=orelse):
                return self._any_of(body, orelse, env)
            case ast.Subscript(value=value, slice=index):
                return self._subscript(self.infer(value, env), index, env)
            case ast.BinOp(left=left, op=ast.Add() | ast.BitOr() as sign, right=right):
                is_or = isinstance(sign, ast.BitOr)
                made = self._either_class(left, right, env) if is_or else UNKNOWN
                sides = partial(self._any_of, left, right, env)
                return self._project.tracing.said(made, sides)
            case ast.Constant(value=constant):
                return _constant(constant)
            case ast.JoinedStr():
                return builtin("str")
            case ast.Tuple(elts=items):
                return builtin("tuple", *(self._item(item, env) for item in items))
            case ast.List(elts=items):
                return builtin("list", self._put_in(items, env))
            case ast.Set(elts=items):
                return builtin("set", self._put_in(items, env))
            case ast.Dict(keys=keys, values=values):
                own = [v for k, v in zip(keys, values, strict=True) if k is not None]
                others = [v for k, v in zip(keys, values, strict=True) if k is None]
                unpacked = (item_of(self.infer(each, env)) for each in others)
                return builtin("dict", UNKNOWN, union(self._put_in(own, env), *unpacked))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                names = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "iterator"}
                return builtin(names[type(node)], self._made_in(node, node.elt, env))
            case ast.DictComp():
                return builtin("dict", UNKNOWN, self._made_in(node, node.value, env))
        return UNKNOWN

    def _made_in(self, node: _Comprehension, item: ast.expr, env: Env) -> Type:
        """What a comprehension makes; of its own names no more is known than what they take."""
        targets = (inner for each in node.generators for inner in ast.walk(each.target))
        own = (target.id for target in targets if isinstance(target, ast.Name))
        inside = Env(env.path, env.scopes, env.hidden.union(own))
        found = [UNKNOWN, self.infer(item, inside)]
        for at, clause in enumerate(node.generators):
            if isinstance(item, ast.Name):
                found.append(self._taken(clause, item.id, inside if at else env))
        return union(*found)

    def _taken(self, clause: ast.comprehension, name: str, env: Env) -> Type:
        """What one clause binds a name to; nothing for a name that it does not bind."""
        match clause.target:
            case ast.Name(id=target) if target == name:
                return self.element(clause.iter, env)
            case ast.Tuple(elts=targets):
                taken = self.element(clause.iter, env)
                places = [at for at, each in enumerate(targets) if _is_name(each, name)]
                return union(*(part_of(taken, at, len(targets)) for at in places))
        return NOTHING

    def _item(self, node: ast.expr, env: Env) -> Type:
        return UNKNOWN if isinstance(node, ast.Starred) else self.infer(node, env)

    def _put_in(self, items: list[ast.expr], env: Env) -> Type:
        """What is in a display. What is put in later may be of any type."""
        found = [
            self.element(item.value, env)
            if isinstance(item, ast.Starred)
            else self.infer(item, env)
            for item in items[:_MOST_ITEMS]
        ]
        return union(UNKNOWN, *found)

    def _any_of(self, one: ast.expr, other: ast.expr, env: Env) -> Type:
        return union(self.infer(one, env), self.infer(other, env))

    def _either(self, is_or: bool, values: list[ast.expr], env: Env) -> Type:
        types = [self.infer(value, env) for value in values]
        if is_or:
            types = [*(without_none(type_) for type_ in types[:-1]), types[-1]]
        return union(*types)

    def _either_class(self, left: ast.expr, right: ast.expr, env: Env) -> Type:
        """`X | Y` between classes is a union (PEP 604); between values it is unknown."""
        one, other = self._allowed(left, env), self._allowed(right, env)
        if one is None or other is None:
            return UNKNOWN
        return frozenset({ClassObject(External("typing.Union"), (one, other))})

    def _allowed(self, node: ast.expr, env: Env) -> Type | None:
        """The values that one side of a union allows; None for what is no class."""
        if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str)):
            return self.annotation(node, env, keep_self=True)
        type_ = self.infer(node, env)
        is_class = all(isinstance(atom, ClassObject) for atom in type_)
        return instantiate(type_) if is_class else None

    def _subscript(self, type_: Type, index: ast.expr, env: Env) -> Type:
        found: list[Type] = []
        for atom in type_:
            if isinstance(atom, ClassObject) and not atom.arguments:
                if isinstance(atom.cls, ClassRef) and not self._is_generic(atom.cls):
                    return UNKNOWN
                items = index.elts if isinstance(index, ast.Tuple) else [index]
                arguments = tuple(self._argument(atom, item, env) for item in items)
                found.append(frozenset({ClassObject(atom.cls, arguments)}))
            elif isinstance(index, ast.Slice):
                found.append(slice_of(atom))
            else:
                found.append(item_of(frozenset({atom})))
        key = index.value if isinstance(index, ast.Constant) else None
        kept = self._project.tracing.keyed(type_, key)
        return union(*found, kept, self._project.tracing.given_by("__getitem__", type_))

    def _is_generic(self, ref: ClassRef) -> bool:
        """Whether brackets after the class name its parameters, and nothing that it looks up."""
        hierarchy = self._project.hierarchy
        looked_up = hierarchy.find_member(ref, "__class_getitem__") is not None
        return not (
            looked_up
            or hierarchy.is_enumeration(ref)
            or hierarchy.metaclass_may_have(ref, "__getitem__")
        )

    def _argument(self, generic: ClassObject, node: ast.expr, env: Env) -> Type:
        """The type that a generic's argument in brackets stands for."""
        if isinstance(node, ast.Constant) and node.value is ...:
            return builtin("ellipsis")
        is_literal = isinstance(generic.cls, External) and generic.cls.name == "Literal"
        return UNKNOWN if is_literal else self.annotation(node, env, keep_self=True)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _constant(value: object) -> Type:
    if value is ...:
        return builtin("ellipsis")
    return NONE if value is None else builtin(type(value).__name__)
