"""Type inference over the syntax of expressions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.project.annotations import instantiate, item_of
from migrate.project.env import Env
from migrate.project.index import parse_expression
from migrate.project.types import (
    NONE,
    UNKNOWN,
    ClassObject,
    External,
    Type,
    builtin,
    union,
    without_none,
)

if TYPE_CHECKING:
    from migrate.project.infer import Project


_DEEPEST = 40


class Expressions:
    """What the values of expressions and the objects of annotations can be."""

    def __init__(self, project: Project) -> None:
        """Answer for one project; nothing is read yet."""
        self._project = project

    def annotation(self, source: str | ast.expr | None, env: Env) -> Type:
        """The type of the values that an annotation allows, quoted or not."""
        node = parse_expression(source) if isinstance(source, str) else source
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.annotation(node.value, env)
        return instantiate(self.infer(node, env))

    def infer(self, source: str | ast.expr | None, env: Env) -> Type:
        """The type of an expression's value."""
        node = parse_expression(source) if isinstance(source, str) else source
        if node is None or self._project.memo.depth > _DEEPEST:
            return UNKNOWN
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
                return union(self.infer(body, env), self.infer(orelse, env))
            case ast.Subscript(value=value, slice=index):
                return self._subscript(self.infer(value, env), index, env)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._either_class(left, right, env)
            case ast.Constant(value=constant):
                return _constant(constant)
            case ast.JoinedStr():
                return builtin("str")
            case ast.List(elts=items) | ast.Set(elts=items) | ast.Tuple(elts=items):
                kind = type(node).__name__.lower()
                return builtin(kind, union(*(self.infer(item, env) for item in items)))
            case ast.Dict(keys=keys, values=values):
                types = [self.infer(key, env) if key else UNKNOWN for key in keys]
                return builtin(
                    "dict", union(*types), union(*(self.infer(value, env) for value in values))
                )
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                kinds = {ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict"}
                return builtin(kinds.get(type(node), "iterator"), UNKNOWN)
        return UNKNOWN

    def _either(self, is_or: bool, values: list[ast.expr], env: Env) -> Type:
        types = [self.infer(value, env) for value in values]
        if is_or:
            types = [*(without_none(type_) for type_ in types[:-1]), types[-1]]
        return union(*types)

    def _either_class(self, left: ast.expr, right: ast.expr, env: Env) -> Type:
        """`X | Y` between classes is a union (PEP 604); between values it is unknown."""
        if not all(self._is_type_form(side, env) for side in (left, right)):
            return UNKNOWN
        arguments = (self.annotation(left, env), self.annotation(right, env))
        return frozenset({ClassObject(External("typing.Union"), arguments)})

    def _is_type_form(self, node: ast.expr, env: Env) -> bool:
        if isinstance(node, ast.Constant):
            return node.value is None or isinstance(node.value, str)
        type_ = self.infer(node, env)
        return bool(type_) and all(isinstance(atom, ClassObject) for atom in type_)

    def _subscript(self, type_: Type, index: ast.expr, env: Env) -> Type:
        found: list[Type] = []
        for atom in type_:
            if isinstance(atom, ClassObject) and not atom.arguments:
                items = index.elts if isinstance(index, ast.Tuple) else [index]
                arguments = tuple(self._argument(atom, item, env) for item in items)
                found.append(frozenset({ClassObject(atom.cls, arguments)}))
            else:
                found.append(item_of(frozenset({atom})))
        return union(*found) or UNKNOWN

    def _argument(self, generic: ClassObject, node: ast.expr, env: Env) -> Type:
        """The type that a generic's argument in brackets stands for."""
        if isinstance(node, ast.Constant) and node.value is ...:
            return builtin("ellipsis")
        is_literal = isinstance(generic.cls, External) and generic.cls.name == "Literal"
        return UNKNOWN if is_literal else self.annotation(node, env)


def _constant(value: object) -> Type:
    if value is ...:
        return builtin("ellipsis")
    return NONE if value is None else builtin(type(value).__name__)
