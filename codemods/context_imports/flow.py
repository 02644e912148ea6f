"""What one file does with objects of the classes that move, wherever they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from tree_sitter import Node

from codemods.context_imports.demands import Demands
from codemods.context_imports.facts import Facts
from codemods.context_imports.methods import Methods
from codemods.context_imports.questions import Question, questions
from codemods.context_imports.traces import Check, Demand, Origin, Pass, Place, Scan, origins
from codemods.context_imports.ways import landings, put, relayed
from migrate.project.binding import Argument, arguments_of_call
from migrate.project.facts import Function
from migrate.project.types import (
    UNKNOWN,
    Atom,
    ClassObject,
    ClassRef,
    External,
    FunctionObject,
    Given,
    Instance,
    Type,
)
from migrate.syntax import captures, span, text_of, unstarred
from migrate.view import FileView

# What FastAPI takes for a provider of a parameter's value.
_DEPENDS = re.compile(r"\b(?:Depends|Security)\(\s*([\w.]+)")
# Expressions that are no objects of a class, or too seldom to look at.
_PLAIN = frozenset(
    {"string", "concatenated_string", "integer", "float", "true", "false", "none", "lambda"}
)


@dataclass
class Scanner:
    """Reads one file; `view` is of a project that traces the classes in `pairs`.

    `functions` are those that move, by file and offset. A call on an object of which nothing is
    known is taken for one of the `methods` of that name.
    """

    view: FileView
    facts: Facts
    pairs: Mapping[ClassRef, ClassRef]
    functions: frozenset[tuple[str, int]]
    methods: Methods
    lost_keys: Sequence[tuple[str, str, ClassRef]] = ()
    _passes: list[Pass] = field(default_factory=list)
    _checks: list[Check] = field(default_factory=list)
    _constructions: list[Demand] = field(default_factory=list)

    def scan(self, parts: Sequence[Node]) -> Scan:
        """What some parts of the file do with the objects."""
        for part in parts:
            for call in captures("(call) @call", part).get("call", []):
                self._call(call)
            for target in captures("(assignment left: (attribute) @left)", part).get("left", []):
                self._assignment(target)
            for container, value, node in put(part):
                self._put(container, value, node)
            for question in questions(part):
                self._asked(question)
            for function in captures("(function_definition) @def", part).get("def", []):
                self._depends(function)
                self._defaults(function)
        demands = (*self._constructions, *self._demands.of_parts(parts))
        where = tuple(map(span, parts))
        return Scan(where, tuple(self._passes), demands, tuple(self._checks))

    @cached_property
    def _demands(self) -> Demands:
        return Demands(
            self.view, self.facts, self.pairs, self.lost_keys, self._origins, self._place
        )

    def _origins(self, node: Node) -> set[Origin]:
        if node.type in _PLAIN:
            return set()
        return origins(self.view.type_of(node), self.view, self.pairs)

    def _place(self, node: Node) -> Place:
        where = span(node)
        return Place(self.view.path, where, self.view.text.line_index(where.start) + 1)

    # What is handed on

    def _call(self, call: Node) -> None:
        function = call.child_by_field_name("function")
        arguments = arguments_of_call(call)
        if function is None:
            return
        called = self._called(unstarred(function))
        self._constructions += self._demands.of_call(call, called)
        if all(_value(argument).type in _PLAIN for argument in arguments):
            return
        if text_of(function) == "setattr" and len(arguments) == 3:
            self._set(arguments)
        for atom in called:
            if isinstance(atom, FunctionObject) and (atom.path, atom.start) in self.functions:
                self._checked(call, function, arguments)
            else:
                self._handed(atom, function, arguments)
        if not any(isinstance(atom, FunctionObject) for atom in called):
            self._relayed(arguments)

    def _called(self, function: Node) -> Iterable[Atom]:
        """What a call runs, or may run."""
        type_ = self.view.type_of(function)
        name = function.child_by_field_name("attribute")
        if type_ != UNKNOWN or name is None:
            return type_
        return self.methods.called(self.view.path, text_of(name))

    def _relayed(self, arguments: Sequence[Argument]) -> None:
        """What a function is handed that the call of something else is given, to run it."""
        for at, argument in enumerate(arguments):
            node = unstarred(_value(argument))
            if node.type not in ("identifier", "attribute"):
                continue
            further = relayed(arguments, at)
            if not any(self._origins(_value(each)) for each in further):
                continue
            for atom in self.view.type_of(node):
                if isinstance(atom, FunctionObject):
                    self._handed(atom, node, further)

    def _handed(self, atom: Atom, function: Node, arguments: Sequence[Argument]) -> None:
        for path, start, name, argument in self._landings(atom, arguments):
            callee = _last_name(function)
            value = _value(argument)
            for source in self._origins(value):
                self._pass(source, Given(path, start, name), value, f"{callee}()")

    def _pass(self, source: Origin, to: Given, node: Node, callee: str) -> None:
        if source != to:
            self._passes.append(Pass(source, to, self._place(node), callee))

    def _landings(
        self, atom: Atom, arguments: Sequence[Argument]
    ) -> Iterator[tuple[str, int, str, Argument]]:
        """The parameters that the arguments of a call land on."""
        index = self.view.project.index
        match atom:
            case FunctionObject(path=path, start=start, receiver=receiver):
                function = index.function_facts(path, start)
                if function is not None:
                    skip = _is_bound(function, receiver)
                    for name, argument in landings(function, arguments, skip_first=skip):
                        yield path, start, name, argument
            case Instance(cls=ClassRef() as cls):
                called = self.view.project.find_member(cls, "__call__")
                written = called and index.function_facts(called[0].path, called[1].start)
                if called is not None and written:
                    for name, argument in landings(written, arguments, skip_first=True):
                        yield called[0].path, called[1].start, name, argument
            case ClassObject(cls=ClassRef() as cls) if replace(cls, via="") not in self.pairs:
                found = self.view.project.find_member(cls, "__init__")
                written = found and index.function_facts(found[0].path, found[1].start)
                if found is not None and written:
                    for name, argument in landings(written, arguments, skip_first=True):
                        yield found[0].path, found[1].start, name, argument
                elif (made := self.facts.interface(cls).constructor) is not None:
                    for name, argument in landings(made, arguments, skip_first=False):
                        yield cls.path, cls.start, name, argument

    def _assignment(self, target: Node) -> None:
        """What is put into an attribute of an object of another class."""
        holder, name = (target.child_by_field_name(f) for f in ("object", "attribute"))
        value = target.parent.child_by_field_name("right") if target.parent else None
        if holder is not None and name is not None and value is not None:
            self._kept(value, holder, text_of(name), target)

    def _set(self, arguments: Sequence[Argument]) -> None:
        """`setattr(holder, "name", value)`."""
        holder, name, value = map(_value, arguments)
        if name.type == "string":
            self._kept(value, holder, text_of(name)[1:-1], value)

    def _kept(self, value: Node, holder: Node, name: str, node: Node) -> None:
        sources = self._origins(value)
        for atom in self.view.type_of(unstarred(holder)) if sources else ():
            if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassRef):
                continue
            # The class itself is known to assign to `self`: those above it may read that.
            above = [cls for cls in self._above(atom.cls) if self._mentions(cls, name)]
            for cls in above if text_of(holder) == "self" else (atom.cls,):
                for source in sources:
                    to = Given(cls.path, cls.start, name)
                    self._pass(source, to, node, f"{text_of(holder)}.{name}")

    def _above(self, cls: ClassRef) -> Sequence[ClassRef]:
        return self.view.project.lineage(cls).order[1:]

    def _mentions(self, cls: ClassRef, name: str) -> bool:
        """Whether a class has the attribute in a method of its own."""
        body = self.view.project.index.node(cls.path, cls.start, "class_definition")
        return body is not None and f"self.{name}".encode() in (body.text or b"")

    def _put(self, container: Node, value: Node, node: Node) -> None:
        """What is put into a container that is known by where it is kept."""
        if value.type in _PLAIN:
            return
        sources = self._origins(value)
        marks = self.view.type_of(unstarred(container)) if sources else ()
        for to in marks:
            if isinstance(to, Given):
                for source in sources:
                    self._pass(source, to, node, text_of(container))

    # What is asked of them

    def _checked(self, call: Node, function: Node, arguments: Sequence[Argument]) -> None:
        """A function that moves with the class takes objects of the class only."""
        for argument in arguments:
            for source in sorted(self._origins(_value(argument)), key=repr):
                check = Check(source, self.view.path, self._place(call), text_of(function))
                self._checks.append(check)

    def _asked(self, question: Question) -> None:
        if question.value.type in _PLAIN:
            return
        pending = list(self.view.type_of(question.classes))
        asked: set[str] = set()
        while pending:
            atom = pending.pop()
            if isinstance(atom, Instance):
                pending += [inner for argument in atom.arguments for inner in argument]
            if not isinstance(atom, ClassObject) or isinstance(atom.cls, External):
                continue
            if replace(atom.cls, via="") in self.pairs:
                asked.add(atom.cls.via or self.view.path)
        for path in sorted(asked):
            for source in sorted(self._origins(question.value), key=repr):
                place = self._place(question.node)
                self._checks.append(Check(source, path, place, question.what))

    def _depends(self, function: Node) -> None:
        """`parameter=Depends(provider)`: what the provider gives, a framework hands on."""
        facts = self.view.project.index.function_facts(self.view.path, function.start_byte)
        for parameter in facts.parameters if facts is not None else ():
            found = _DEPENDS.search(f"{parameter.annotation} {parameter.default}")
            if found is None:
                continue
            env = self.view.project.env_at(self.view.path, function)
            to = Given(self.view.path, function.start_byte, parameter.name)
            for atom in self.view.project.infer(found[1], env):
                if isinstance(atom, FunctionObject):
                    given = self.view.project.calls.returns(atom.path, atom.start, atom.receiver)
                    for source in origins(given, self.view, self.pairs):
                        self._pass(source, to, function, f"{facts.name if facts else ''}()")

    def _defaults(self, function: Node) -> None:
        """An object that a parameter has where the caller gives none."""
        facts = self.view.project.index.function_facts(self.view.path, function.start_byte)
        for parameter in facts.parameters if facts is not None else ():
            if "(" not in (parameter.default or ""):
                continue
            env = self.view.project.env_at(self.view.path, function)
            given = self.view.project.infer(parameter.default, env)
            to = Given(self.view.path, function.start_byte, parameter.name)
            for source in origins(given, self.view, self.pairs):
                self._pass(source, to, function, parameter.name)


def _last_name(function: Node) -> str:
    """What a person calls a function, by the expression that names it."""
    name = text_of(function).rpartition(".")[2]
    return "super().__init__" if name == "__init__" else name


def _value(argument: Argument) -> Node:
    """The expression of an argument."""
    node = argument.node
    return node.named_children[-1] if node.type == "keyword_argument" else node


def _is_bound(function: Function, receiver: Type | None) -> bool:
    """Whether the call passes a receiver in front of its arguments."""
    if receiver is None or "staticmethod" in function.decorators_named:
        return False
    return "classmethod" in function.decorators_named or not any(
        isinstance(atom, ClassObject) for atom in receiver
    )
