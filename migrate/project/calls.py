"""What calls give: by the annotation of what is called, else by what it returns."""

from __future__ import annotations

import ast
from collections.abc import Sequence, Set
from functools import partial
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrate.project.annotations import container_method, element_of, standard_name, with_self
from migrate.project.env import Env
from migrate.project.facts import Function
from migrate.project.memo import Answer
from migrate.project.types import (
    NONE,
    NOTHING,
    UNKNOWN,
    Atom,
    Awaitable,
    ClassObject,
    ClassRef,
    External,
    FunctionObject,
    Given,
    Instance,
    Type,
    builtin,
    union,
)
from migrate.syntax import own_nodes, text_of

if TYPE_CHECKING:
    from migrate.project.infer import Project


_CONTEXT_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_TRANSPARENT = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "override", "overload", "final"}
)
PROPERTIES = frozenset({"property", "cached_property", "abstractproperty", "getter"})
_BUILTIN_CLASSES = frozenset(
    {"dict", "list", "set", "frozenset", "tuple", "str", "bytes", "int", "float", "bool"}
)
_SAME_AS_ARGUMENT = frozenset({"copy.copy", "copy.deepcopy", "dataclasses.replace"})
_ASYNC_GENERATORS = frozenset({"AsyncIterator", "AsyncGenerator", "AsyncIterable"})
_ENTER = ("__enter__", "__aenter__")


class Calls:
    """What calling, awaiting and entering a value gives."""

    def __init__(self, project: Project) -> None:
        """Answer for one project; nothing is read yet."""
        self._project = project
        self.returned: dict[tuple[str, int], Answer[Type]] = {}

    def call(self, call: ast.Call, env: Env) -> Type:
        """The type of a call expression's value."""
        if isinstance(call.func, ast.Attribute):
            holder = self._project.expressions.infer(call.func.value, env)
            contained = container_method(holder, call.func.attr)
            if contained is not None:
                default = self._default(call, env) if call.func.attr == "get" else NOTHING
                return union(contained, default)
            function = self._project.members.attribute(holder, call.func.attr)
            taken = self._project.tracing.taken(holder, call.func.attr)
            taken |= self._project.library.awaited(holder, call.func.attr)
            if self._project.tracing.is_open(function):
                taken |= self._project.library.method(call.func.attr, call, env)
                function -= UNKNOWN
        else:
            function = self._project.expressions.infer(call.func, env)
            taken = NOTHING
        return union(taken, *(self._result(frozenset({atom}), call, env) for atom in function))

    def _default(self, call: ast.Call, env: Env) -> Type:
        """What `mapping.get(key, default)` gives for an absent key."""
        if any(isinstance(argument, ast.Starred) for argument in call.args):
            return UNKNOWN
        defaults = call.args[1:] or [ast.Constant(None)]
        return self._project.expressions.infer(defaults[0], env)

    def _result(self, single: Type, call: ast.Call, env: Env) -> Type:
        (atom,) = single
        if isinstance(atom, ClassObject) and isinstance(atom.cls, External):
            return self._external_result(atom.cls.dotted, call, env)
        return self.result(single)

    def result(self, function: Type) -> Type:
        """What a call gives, whatever its arguments."""
        return union(*map(self._called, function))

    def _called(self, function: Atom) -> Type:
        match function:
            case FunctionObject(path=path, start=start, receiver=receiver):
                return self.returns(path, start, receiver)
            case ClassObject(cls=ClassRef() as ref):
                made_otherwise = self._project.hierarchy.find_member(
                    ref, "__new__"
                ) is not None or self._project.hierarchy.metaclass_may_have(ref, "__call__")
                return UNKNOWN if made_otherwise else frozenset({Instance(ref)})
            case Given():
                return self._project.tracing.result(function)
        return UNKNOWN

    def _external_result(self, dotted: str, call: ast.Call, env: Env) -> Type:
        module, _, name = dotted.rpartition(".")
        if module == "builtins" and name in _BUILTIN_CLASSES:
            return self._project.library.collected(name, call, env)
        if dotted == "builtins.range":
            return builtin("range", builtin("int"))
        if dotted == "builtins.enumerate" and call.args:
            element = self._project.expressions.element(call.args[0], env)
            return builtin("iterator", builtin("tuple", builtin("int"), element))
        if dotted == "builtins.zip" and not any(isinstance(a, ast.Starred) for a in call.args):
            elements = (self._project.expressions.element(each, env) for each in call.args)
            return builtin("iterator", builtin("tuple", *elements))
        if dotted == "builtins.type" and len(call.args) == 1:
            return frozenset({ClassObject(External(dotted))})
        if dotted == "builtins.super":
            return self._super(call, env)
        if dotted == "builtins.getattr":
            return self._named(call, env)
        if dotted in _SAME_AS_ARGUMENT and call.args:
            return self._project.expressions.infer(call.args[0], env)
        if dotted in ("typing.cast", "typing_extensions.cast") and call.args:
            said = self._project.expressions.annotation(call.args[0], env)
            value = call.args[1] if len(call.args) > 1 else None
            seen = partial(self._project.expressions.infer, value, env)
            return self._project.tracing.said(said, seen)
        if dotted == "functools.partial" and call.args:
            function = self._project.expressions.infer(call.args[0], env)
            return self._project.tracing.completed(dotted, function)
        return self._project.library.result(dotted, call, env)

    def _super(self, call: ast.Call, env: Env) -> Type:
        """`super()` or `super(C, self)`: the class, and what methods above it are bound to."""
        if len(call.args) == 2:
            below, receiver = (self._project.expressions.infer(each, env) for each in call.args)
            return builtin("super", below, receiver)
        for scope in env.scopes:
            owner = self._project.hierarchy.owner(env.path, scope)
            facts = owner and self._project.index.function_facts(env.path, scope.start_byte)
            if owner is not None and facts and facts.parameters:
                receiver = self._project.names.name(facts.parameters[0].name, env)
                return builtin("super", frozenset({ClassObject(owner)}), receiver)
        return UNKNOWN

    def _named(self, call: ast.Call, env: Env) -> Type:
        """`getattr(value, "name")`: the attribute, where it is there."""
        match call.args:
            case [value, ast.Constant(value=str(name)), *default]:
                holder = self._project.expressions.infer(value, env)
                others = (self._project.expressions.infer(each, env) for each in default)
                return union(self._project.members.attribute(holder, name), UNKNOWN, *others)
        return UNKNOWN

    def returns(self, path: str, start: int, receiver: Type | None) -> Type:
        """The type that a call of the function gives: as annotated, else what it returns."""
        key = (path, start)
        found = self._project.memo.once(
            self.returned, key, lambda: self._marked_return(path, start), NOTHING, UNKNOWN
        )
        return self._project.tracing.through(
            with_self(found, receiver or UNKNOWN), receiver or NOTHING
        )

    def function(self, path: str, start: int, receiver: Type | None = None) -> Type:
        """The function that is defined there; unknown if a decorator may make it anything else."""
        facts = self._project.index.function_facts(path, start)
        if facts is None:
            return UNKNOWN
        found = FunctionObject(path, start, receiver)
        if facts.decorators_named - _TRANSPARENT - _CONTEXT_MANAGERS:
            return self._project.tracing.decorated(found)
        return frozenset({found})

    def _marked_return(self, path: str, start: int) -> Type:
        return self._project.tracing.named(self._return_type(path, start), path)

    def _return_type(self, path: str, start: int) -> Type:
        node = self._project.index.node(path, start, "function_definition")
        facts = self._project.index.function_facts(path, start)
        if node is None or facts is None:
            return self._project.tracing.returned(path, start)
        seen = partial(self._seen_return, path, node, facts)
        if facts.returns is None:
            return seen()
        return self._project.tracing.said(self._said_return(path, node, facts.returns, facts), seen)

    def _said_return(self, path: str, node: Node, returns: str, facts: Function) -> Type:
        """What a function returns by its annotation."""
        type_ = self._project.expressions.annotation(
            returns,
            self._project.env_at(path, node.child_by_field_name("return_type") or node),
            keep_self=True,
        )
        for decorator in facts.decorators:
            name = decorator.rpartition(".")[2]
            if name in _CONTEXT_MANAGERS:
                return frozenset({Instance(External(f"contextlib.{name}"), (element_of(type_),))})
            if name not in _TRANSPARENT and name not in PROPERTIES:
                return UNKNOWN
        is_generator = any(
            isinstance(atom, Instance) and standard_name(atom.cls) in _ASYNC_GENERATORS
            for atom in type_
        )
        return frozenset({Awaitable(type_)}) if facts.asynchronous and not is_generator else type_

    def _seen_return(self, path: str, node: Node, facts: Function) -> Type:
        """What a function without an annotation returns, by its `return` statements.

        A class below may override a method and return something else, so that is not certain.
        """
        others = facts.decorators_named - _TRANSPARENT - PROPERTIES
        if yields := own_nodes("yield", node):
            return self._seen_yields(path, node, yields, others)
        if others:
            return UNKNOWN
        values = [each.named_children for each in own_nodes("return_statement", node)]
        if not any(values):
            return UNKNOWN
        env = self._project.env_at(path, node.child_by_field_name("body") or node)
        types = [self._project.expressions.infer(text_of(v[0]), env) if v else NONE for v in values]
        types += [self._project.tracing.function(path, v[0]) for v in values if v]
        is_method = self._project.hierarchy.owner(path, node) is not None
        type_ = union(*types, UNKNOWN if is_method else NOTHING)
        return frozenset({Awaitable(type_)}) if facts.asynchronous else type_

    def _seen_yields(
        self, path: str, node: Node, yields: Sequence[Node], decorators: Set[str]
    ) -> Type:
        """What a generator without an annotation is, or the context manager that it is made."""
        env = self._project.env_at(path, node.child_by_field_name("body") or node)
        types = [UNKNOWN]
        for each in yields:
            for value in each.named_children:
                inner = self._project.expressions.infer(text_of(value), env)
                is_from = any(child.type == "from" for child in each.children)
                types.append(element_of(inner) if is_from else inner)
        managers = decorators & _CONTEXT_MANAGERS
        if not decorators:
            return builtin("iterator", union(*types))
        if managers == decorators:
            manager = External(f"contextlib.{min(managers)}")
            return frozenset({Instance(manager, (union(*types),))})
        return UNKNOWN

    def awaited(self, type_: Type) -> Type:
        """What `await` gives for a value of a type."""
        return union(*map(self._awaited, type_))

    def _awaited(self, atom: Atom) -> Type:
        match atom:
            case Awaitable(result=result):
                return result
            case Given():
                return frozenset({atom})
        return UNKNOWN

    def entered(self, manager: Type) -> Type:
        """What `with manager as name` binds."""
        return union(*(self._entered(frozenset({atom})) for atom in manager))

    def _entered(self, single: Type) -> Type:
        (atom,) = single
        if not isinstance(atom, Instance):
            return UNKNOWN
        if isinstance(atom.cls, External):
            made = atom.cls.dotted.startswith("contextlib.") and atom.cls.name in _CONTEXT_MANAGERS
            return atom.arguments[0] if made and atom.arguments else UNKNOWN
        found: list[Type] = []
        if not any(self._project.hierarchy.find_member(atom.cls, name) for name in _ENTER):
            return UNKNOWN
        for name in _ENTER:
            if self._project.hierarchy.find_member(atom.cls, name) is None:
                continue
            for function in self._project.members.member(atom.cls, name, single):
                if isinstance(function, FunctionObject):
                    found.append(self.returns(function.path, function.start, function.receiver))
                else:
                    found.append(UNKNOWN)
        results = union(*found)
        return union(*(a.result if isinstance(a, Awaitable) else frozenset({a}) for a in results))
