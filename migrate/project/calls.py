"""What calls give, by the annotations of what is called."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.project.annotations import container_method, element_of, is_self
from migrate.project.env import Env
from migrate.project.types import (
    NOTHING,
    UNKNOWN,
    Atom,
    Awaitable,
    ClassObject,
    ClassRef,
    External,
    FunctionObject,
    Instance,
    Type,
    builtin,
    union,
)

if TYPE_CHECKING:
    from migrate.project.infer import Project


_CONTEXT_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_TRANSPARENT = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "override", "overload", "final"}
)
_BUILTIN_CLASSES = frozenset(
    {"dict", "list", "set", "frozenset", "tuple", "str", "bytes", "int", "float", "bool"}
)
_SAME_AS_ARGUMENT = frozenset({"copy.copy", "copy.deepcopy", "dataclasses.replace"})
_ASYNC_GENERATORS = frozenset({"AsyncIterator", "AsyncGenerator", "AsyncIterable"})
_ENTER = ("__enter__", "__aenter__")
_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty"})


class Calls:
    """What calling, awaiting and entering a value gives."""

    def __init__(self, project: Project) -> None:
        """Answer for one project; nothing is read yet."""
        self._project = project
        self.returned: dict[tuple[str, int], Type] = {}

    def call(self, call: ast.Call, env: Env) -> Type:
        """The type of a call expression's value."""
        if isinstance(call.func, ast.Attribute):
            holder = self._project.expressions.infer(call.func.value, env)
            contained = container_method(holder, call.func.attr)
            if contained is not None:
                return contained
        function = self._project.expressions.infer(call.func, env)
        return union(*(self._result(frozenset({atom}), call, env) for atom in function)) or UNKNOWN

    def _result(self, single: Type, call: ast.Call, env: Env) -> Type:
        (atom,) = single
        match atom:
            case FunctionObject(path=path, start=start, receiver=receiver):
                return self.returns(path, start, receiver)
            case ClassObject(cls=ClassRef() as ref):
                made_otherwise = self._project.hierarchy.find_member(ref, "__new__") is not None
                return UNKNOWN if made_otherwise else frozenset({Instance(ref)})
            case ClassObject(cls=External(dotted=dotted)):
                return self._external_result(dotted, call, env)
        return UNKNOWN

    def _external_result(self, dotted: str, call: ast.Call, env: Env) -> Type:
        module, _, name = dotted.rpartition(".")
        if module == "builtins" and name in _BUILTIN_CLASSES:
            return builtin(name, *(UNKNOWN for _ in range(2)))
        if dotted == "builtins.range":
            return builtin("range", builtin("int"))
        if dotted == "builtins.type" and len(call.args) == 1:
            return frozenset({ClassObject(External(dotted))})
        if dotted in _SAME_AS_ARGUMENT and call.args:
            return self._project.expressions.infer(call.args[0], env)
        if dotted in ("typing.cast", "typing_extensions.cast") and call.args:
            return self._project.expressions.annotation(call.args[0], env)
        return UNKNOWN

    def returns(self, path: str, start: int, receiver: Type | None) -> Type:
        """The type that a call of the function gives, by its annotation."""
        key = (path, start)
        found = self._project.memo.once(
            self.returned, key, lambda: self._annotated_return(path, start), NOTHING
        )
        return frozenset(
            inner for atom in found for inner in _with_receiver(atom, receiver or UNKNOWN)
        )

    def _annotated_return(self, path: str, start: int) -> Type:
        node = self._project.index.node(path, start, "function_definition")
        facts = self._project.index.function_facts(path, start)
        if node is None or facts is None or facts.returns is None:
            return UNKNOWN
        type_ = self._project.expressions.annotation(
            facts.returns,
            self._project.env_at(path, node.child_by_field_name("return_type") or node),
        )
        for decorator in facts.decorators:
            name = decorator.rpartition(".")[2]
            if name in _CONTEXT_MANAGERS:
                return frozenset({Instance(External(f"contextlib.{name}"), (element_of(type_),))})
            if name not in _TRANSPARENT and name not in _PROPERTIES:
                return UNKNOWN
        is_generator = any(
            isinstance(atom, Instance) and atom.cls.name in _ASYNC_GENERATORS for atom in type_
        )
        return frozenset({Awaitable(type_)}) if facts.asynchronous and not is_generator else type_

    def awaited(self, type_: Type) -> Type:
        """What `await` gives for a value of a type."""
        return union(*(atom.result if isinstance(atom, Awaitable) else UNKNOWN for atom in type_))

    def entered(self, manager: Type) -> Type:
        """What `with manager as name` binds."""
        found: list[Type] = []
        for atom in manager:
            if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef):
                enter = union(
                    *(
                        self._project.members.member(atom.cls, name, frozenset({atom}))
                        for name in _ENTER
                    )
                )
                results = union(
                    *(
                        self.returns(function.path, function.start, function.receiver)
                        for function in enter
                        if isinstance(function, FunctionObject)
                    )
                )
                found.append(
                    union(
                        *(a.result if isinstance(a, Awaitable) else frozenset({a}) for a in results)
                    )
                )
            elif isinstance(atom, Instance) and atom.cls.name in _CONTEXT_MANAGERS:
                found.append(atom.arguments[0] if atom.arguments else UNKNOWN)
            else:
                found.append(UNKNOWN)
        return union(*found) or UNKNOWN


def _with_receiver(atom: Atom, receiver: Type) -> Type:
    """`atom`, or the receiver's own class where the annotation says `Self`."""
    if isinstance(atom, Awaitable):
        inner = (_with_receiver(each, receiver) for each in atom.result)
        return frozenset({Awaitable(union(*inner))})
    if not is_self(atom):
        return frozenset({atom})
    return frozenset(
        Instance(each.cls) if isinstance(each, ClassObject) else each for each in receiver
    )
