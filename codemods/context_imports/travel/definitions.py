"""What the definition of a function hands on by itself, before anybody in the project calls it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace

from tree_sitter import Node

from codemods.context_imports.travel.landings import Landings, slot_of
from codemods.context_imports.travel.traces import Origin, Slot, Source, Target
from migrate.project import Project
from migrate.project.binding import arguments_of_call
from migrate.project.tracing import RESULT
from migrate.project.types import ClassRef, FunctionObject, Given, Type
from migrate.syntax import text_of
from migrate.view import FileView

# What FastAPI takes for a provider of a parameter's value.
_DEPENDS = re.compile(r"\b(?:Depends|Security)\(\s*([\w.]+)")
# What makes a generic function, and what adds one for a class to it.
_DISPATCHERS = frozenset({"singledispatch", "singledispatchmethod"})
_REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Handed:
    """Something is handed on by what stands at `node`; `callee` is for a person."""

    source: Source
    to: Target
    node: Node
    callee: str


@dataclass(frozen=True)
class Definitions:
    """Reads the functions of one file.

    `sources` gives what the value of an expression comes from, `of_type` the same of a type.
    """

    view: FileView
    landings: Landings
    sources: Callable[[Node], Set[Source]]
    of_type: Callable[[Type], Set[Origin]]

    def handed_on(self, function: Node) -> Iterator[Handed]:
        """All that a function or lambda hands on, gets, or is handed to."""
        yield from self._defaults(function)
        if function.type != "lambda":
            yield from self._depends(function)
            yield from self._decorated(function)
            yield from self._returned(function)
            yield from self._filling(function)

    def registered(self, function: Node) -> Iterator[tuple[Given, Node, Node]]:
        """The parameters by which generic functions choose this one, its classes, and where."""
        for expression in _decorators(function):
            for generic, classes in self._registering(expression, function):
                if classes is not None:
                    yield generic, classes, expression

    def _depends(self, function: Node) -> Iterator[Handed]:
        """`parameter=Depends(provider)`: what the provider gives, a framework hands on."""
        facts = self.view.project.index.function_facts(self.view.path, function.start_byte)
        if facts is None:
            return
        for parameter in facts.parameters:
            found = _DEPENDS.search(f"{parameter.annotation} {parameter.default}")
            if found is None:
                continue
            env = self.view.project.env_at(self.view.path, function)
            to = Given(self.view.path, function.start_byte, parameter.name)
            for atom in self.view.project.infer(found[1], env):
                if isinstance(atom, FunctionObject):
                    given = self.view.project.calls.returns(atom.path, atom.start, atom.receiver)
                    for source in self.of_type(given):
                        yield Handed(source, to, function, f"{facts.name}()")

    def _returned(self, function: Node) -> Iterator[Handed]:
        """What a function gives that is kept somewhere."""
        facts = self.view.project.index.function_facts(self.view.path, function.start_byte)
        if facts is None or b"return " not in (function.text or b""):
            return
        to = Given(self.view.path, function.start_byte, RESULT)
        returned = self.view.project.calls.returns(self.view.path, function.start_byte, None)
        for source in self.of_type(returned):
            if isinstance(source, Given) and source.start != to.start:
                yield Handed(source, to, function, f"{facts.name}()")

    def _defaults(self, function: Node) -> Iterator[Handed]:
        """What a parameter is where the caller gives none."""
        parameters = function.child_by_field_name("parameters")
        for parameter in parameters.named_children if parameters is not None else ():
            name, value = (parameter.child_by_field_name(field) for field in ("name", "value"))
            if name is not None and value is not None:
                to = Given(self.view.path, function.start_byte, text_of(name))
                for source in self.sources(value):
                    yield Handed(source, to, function, text_of(name))

    def _filling(self, function: Node) -> Iterator[Handed]:
        """A method that a class above calls and does not have is put where that looks for one."""
        cls = self.view.project.owner(self.view.path, function)
        facts = self.view.project.index.function_facts(self.view.path, function.start_byte)
        if cls is None or facts is None:
            return
        above = self.view.project.lineage(cls).order[1:]
        if any(facts.name in self.view.project.class_facts(each).members for each in above):
            return
        code = self.landings.method(cls, facts.name)
        for each in above:
            if code is not None and asking_itself(self.view.project, each, facts.name):
                to = Given(each.path, each.start, facts.name)
                yield Handed(code, to, function, f"self.{facts.name}()")

    def _decorated(self, function: Node) -> Iterator[Handed]:
        """A decorator may keep the function, to call it later."""
        named = self.view.project.calls.function(self.view.path, function.start_byte)
        codes = self.landings.codes(named)
        for expression in _decorators(function):
            callee = f"{callee_of(expression)}()"
            for atom in self.view.type_of(expression):
                for code in self.landings.of_atom(atom):
                    for to in slot_of(code, 0):
                        yield from (Handed(each, to, expression, callee) for each in codes)
            if text_of(expression).rpartition(".")[2] in _DISPATCHERS:
                yield from self._dispatching(function)
            for generic, _ in self._registering(expression, function):
                register = replace(generic, name=_REGISTER)
                yield from (Handed(each, register, expression, callee) for each in codes)

    def _dispatching(self, generic: Node) -> Iterator[Handed]:
        """A generic function hands what it gets to those that are registered with it."""
        facts = self.view.project.index.function_facts(self.view.path, generic.start_byte)
        kept = Given(self.view.path, generic.start_byte, _REGISTER)
        for at, parameter in enumerate(facts.parameters if facts is not None else ()):
            mark = Given(self.view.path, generic.start_byte, parameter.name)
            yield Handed(mark, Slot(kept, at), generic, f"{_REGISTER}()")

    def _registering(self, expression: Node, function: Node) -> Iterator[tuple[Given, Node | None]]:
        """The parameters that a generic function goes by, and the class that is registered."""
        given = arguments_of_call(expression) if expression.type == "call" else ()
        called = expression.child_by_field_name("function") if given else expression
        name = called.child_by_field_name("attribute") if called is not None else None
        generic = called.child_by_field_name("object") if called is not None else None
        if name is None or generic is None or text_of(name) != _REGISTER:
            return
        for atom in self.view.type_of(generic):
            if isinstance(atom, FunctionObject):
                facts = self.view.project.index.function_facts(atom.path, atom.start)
                names = [p.name for p in facts.parameters if p.name != "self"] if facts else []
                classes = given[0].node if given else _first_annotation(function)
                yield from [(Given(atom.path, atom.start, names[0]), classes)] if names else []


def asking_itself(project: Project, cls: ClassRef | Given, name: str) -> Node | None:
    """The definition of a class, or of the one that an attribute is of, if it has `self.name`."""
    node = project.index.node(cls.path, cls.start, "class_definition")
    return node if node is not None and f"self.{name}".encode() in (node.text or b"") else None


def callee_of(function: Node) -> str:
    """What a person calls a function, by the expression that names it."""
    name = text_of(function).rpartition(".")[2]
    return "super().__init__" if name == "__init__" else name


def _decorators(function: Node) -> Iterator[Node]:
    """The expressions of the decorators of a function."""
    holder = function.parent
    if holder is not None and holder.type == "decorated_definition":
        for child in holder.named_children:
            if child.type == "decorator":
                yield child.named_children[0]


def _first_annotation(function: Node) -> Node | None:
    """What the first parameter that has an annotation is annotated with."""
    parameters = function.child_by_field_name("parameters")
    found = (p.child_by_field_name("type") for p in parameters.named_children) if parameters else ()
    return next((each.named_children[0] for each in found if each and each.named_children), None)
