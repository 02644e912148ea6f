"""What the calls in a file give to the functions of the file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from tree_sitter import Node

from migrate.project.binding import arguments_of_call, bind
from migrate.project.interface import interface_of
from migrate.project.types import (
    ClassObject,
    ClassRef,
    FunctionObject,
    Instance,
    is_unknown,
    ordered,
)
from migrate.syntax import captures, text_of, unstarred
from migrate.view import FileView


class Callers:
    """The calls of one file by the function that they call."""

    def __init__(self, view: FileView) -> None:
        """Look nothing up yet."""
        self._view = view
        self._project = view.project

    def defaults(self, signature: Node, name: str) -> Iterator[Node]:
        """The default of a parameter, from the `parameters` of a function."""
        for parameter in signature.named_children:
            if parameter.type not in ("default_parameter", "typed_default_parameter"):
                continue
            named = parameter.child_by_field_name("name")
            value = parameter.child_by_field_name("value")
            if named is not None and value is not None and text_of(named) == name:
                yield value

    def arguments(self, function: Node, name: str) -> Iterator[Node]:
        """What calls in the file give to a parameter of a function, in source order.

        Where nothing says what is called, the function's name does.
        """
        facts = self._project.index.function_facts(self._view.path, function.start_byte)
        if facts is None:
            return
        is_method = self._project.owner(self._view.path, function) is not None
        by_name = [(call, is_method) for call in self._calls[1].get(facts.name, ())]
        for call, receives in (*self._calls[0].get(function.start_byte, ()), *by_name):
            names = facts.decorators_named
            receives = "staticmethod" not in names and ("classmethod" in names or receives)
            bound = bind(facts, arguments_of_call(call), skip_first=receives)
            argument = bound.parameters.get(name)
            if argument is not None:
                yield argument.node

    def fields(self, cls: ClassRef, name: str) -> Iterator[Node]:
        """What calls in the file give to a field of a dataclass, in source order."""
        constructor = interface_of(self._project, cls).constructor
        if constructor is None:
            return
        for call in self._constructions.get(cls, ()):
            bound = bind(constructor, arguments_of_call(call), skip_first=False)
            if name in bound.parameters:
                yield bound.parameters[name].node

    @cached_property
    def _constructions(self) -> dict[ClassRef, list[Node]]:
        """The calls of each class that has no `__init__` of its own."""
        found: dict[ClassRef, list[Node]] = {}
        for call in captures("(call) @call", self._view.tree.root_node).get("call", []):
            function = call.child_by_field_name("function")
            if function is None or function.type not in ("identifier", "attribute"):
                continue
            for atom in ordered(self._view.type_of(unstarred(function))):
                if not isinstance(atom, ClassObject) or not isinstance(atom.cls, ClassRef):
                    continue
                if self._project.find_member(atom.cls, "__init__") is None:
                    found.setdefault(atom.cls, []).append(call)
        return found

    @cached_property
    def _calls(self) -> tuple[dict[int, list[tuple[Node, bool]]], dict[str, list[Node]]]:
        """The calls by the function of the file, and whether an object is its receiver.

        Then the calls of what is unknown, by the last part of its name.
        """
        known: dict[int, list[tuple[Node, bool]]] = {}
        unknown: dict[str, list[Node]] = {}
        for call in captures("(call) @call", self._view.tree.root_node).get("call", []):
            function = call.child_by_field_name("function")
            if function is None or function.type not in ("identifier", "attribute"):
                continue
            type_ = self._view.type_of(unstarred(function))
            if is_unknown(type_):
                name = text_of(function).rpartition(".")[2]
                unknown.setdefault(name, []).append(call)
            for atom in ordered(type_):
                called = self._called(atom)
                if called is not None and called.path == self._view.path:
                    receiver = called.receiver or frozenset()
                    bound = any(isinstance(each, Instance) for each in receiver)
                    known.setdefault(called.start, []).append((call, bound))
        return known, unknown

    def _called(self, atom: object) -> FunctionObject | None:
        """The function that a call runs: for a class, its `__init__`."""
        if isinstance(atom, FunctionObject):
            return atom
        if not isinstance(atom, ClassObject) or not isinstance(atom.cls, ClassRef):
            return None
        member = self._project.find_member(atom.cls, "__init__")
        if member is None:
            return None
        cls, binding = member
        return FunctionObject(cls.path, binding.start, frozenset({Instance(atom.cls)}))
