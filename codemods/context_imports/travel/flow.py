"""What one file does with objects of the classes that move, wherever they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from tree_sitter import Node

from codemods.context_imports.facts import Facts
from codemods.context_imports.travel.definitions import Definitions, asking_itself, callee_of
from codemods.context_imports.travel.demands import Demands
from codemods.context_imports.travel.landings import Landings, lambdas, landed, slot_of, slots
from codemods.context_imports.travel.methods import Methods
from codemods.context_imports.travel.operators import operations
from codemods.context_imports.travel.questions import Question, questions
from codemods.context_imports.travel.traces import (
    Check,
    Code,
    Demand,
    Method,
    Object,
    Origin,
    Pass,
    Place,
    Scan,
    Source,
    Target,
    origins,
)
from codemods.context_imports.travel.ways import assigned, put, relayed, runs_later
from codemods.context_imports.values.unpacking import PATTERNS, unpacking_of
from migrate.project.annotations import element_of, part_of
from migrate.project.binding import Argument, arguments_of_call
from migrate.project.types import (
    UNKNOWN,
    Atom,
    ClassObject,
    ClassRef,
    External,
    FunctionObject,
    Given,
    Instance,
    ModuleObject,
    Type,
    within,
)
from migrate.syntax import ancestors, captures, name_of, parts, span, text_of, unstarred
from migrate.view import FileView

_IN_PATTERNS = """[
  (pattern_list (attribute) @left)
  (tuple_pattern (attribute) @left)
  (list_pattern (attribute) @left)
  (for_statement left: (attribute) @left)
]"""
_SETTING = re.compile(r"setattr|(?:\w+\.)+__setattr__")
_COPYING = frozenset({"replace", "evolve"})
# Expressions that are no objects of a class, or too seldom to look at.
_PLAIN = frozenset({"string", "concatenated_string", "integer", "float", "true", "false", "none"})
# What a function is called by where another call is given it.
_NAMING = frozenset({"identifier", "attribute", "lambda"})


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
    landings: Landings
    lost_keys: Sequence[tuple[str, str, ClassRef]] = ()
    _passes: list[Pass] = field(default_factory=list)
    _codes: set[Code] = field(default_factory=set)
    _checks: list[Check] = field(default_factory=list)
    _constructions: list[Demand] = field(default_factory=list)
    _hooks: list[tuple[Given, Method]] = field(default_factory=list)

    def scan(self, nodes: Sequence[Node]) -> Scan:
        """What some parts of the file do with the objects."""
        for part in nodes:
            for call in captures("(call) @call", part).get("call", []):
                self._call(call)
            for target in captures("(assignment left: (attribute) @left)", part).get("left", []):
                self._assignment(target)
            for target in captures(_IN_PATTERNS, part).get("left", []):
                self._unpacked(target)
            for container, value, node in put(part):
                self._put(container, value, node)
            for holder, method, argument in operations(part):
                self._operated(holder, method, argument)
            for statement in captures("(global_statement) @global", part).get("global", []):
                self._shared(statement)
            for question in questions(part):
                self._asked(question)
            for function in captures("(function_definition) @def", part).get("def", []):
                self._defined(function)
            for function in captures("(lambda) @lambda", part).get("lambda", []):
                self._defined(function)
        demands = (*self._constructions, *self._demands.of_parts(nodes))
        where = tuple(map(span, nodes))
        hooks = tuple(dict.fromkeys(self._hooks))
        return Scan(where, tuple(self._passes), demands, tuple(self._checks), hooks=hooks)

    @cached_property
    def _demands(self) -> Demands:
        return Demands(
            self.view, self.facts, self.pairs, self.lost_keys, self._origins, self._place
        )

    @cached_property
    def _definitions(self) -> Definitions:
        return Definitions(self.view, self.landings, self._sources, self._of_type)

    def _origins(self, node: Node) -> set[Origin]:
        if node.type in _PLAIN or node.type == "lambda":
            return set()
        return self._of_type(self.view.type_of(node))

    def _of_type(self, type_: Type) -> set[Origin]:
        return origins(type_, self.view, self.pairs)

    def _sources(self, node: Node) -> set[Source]:
        """Where a value comes from, and what its call runs."""
        if node.type in _PLAIN:
            return set()
        found: set[Source] = {self._lambda(each) for each in lambdas(node)}
        if node.type != "lambda":
            type_ = self.view.type_of(node)
            found |= self.landings.codes(type_) | self.landings.objects(type_)
        return found | self._origins(node)

    def _lambda(self, node: Node) -> Code:
        (code,) = self.landings.of_atom(FunctionObject(self.view.path, node.start_byte))
        return code

    def _place(self, node: Node) -> Place:
        where = span(node)
        return Place(self.view.path, where, self.view.text.line_index(where.start) + 1)

    # What is handed on

    def _defined(self, function: Node) -> None:
        for each in self._definitions.handed_on(function):
            self._pass(each.source, each.to, each.node, each.callee)
        for generic, classes, node in self._definitions.registered(function):
            for path in self._askers(classes):
                check = Check(generic, path, self._place(node), f"{callee_of(node)}()")
                self._checks.append(check)

    def _call(self, call: Node) -> None:
        function = call.child_by_field_name("function")
        arguments = arguments_of_call(call)
        if function is None:
            return
        called = self._called(unstarred(function))
        self._constructions += self._demands.of_call(call, called)
        if all(_value(argument).type in _PLAIN for argument in arguments):
            return
        if _SETTING.fullmatch(text_of(function)) and len(arguments) == 3:
            self._set(arguments)
        self._renewed(function, arguments)
        for atom in called:
            if isinstance(atom, FunctionObject) and (atom.path, atom.start) in self.functions:
                self._checked(call, function, arguments)
            else:
                self._handed(atom, function, arguments)
        for node in lambdas(unstarred(function)):
            self._land(landed(self._lambda(node), arguments), node)
        if not any(isinstance(atom, FunctionObject) for atom in called):
            self._relayed(function, arguments)

    def _called(self, function: Node) -> Iterable[Atom]:
        """What a call runs, or may run."""
        type_ = self.view.type_of(function)
        name = function.child_by_field_name("attribute")
        if name is None or any(
            atom not in UNKNOWN and not isinstance(atom, Given) for atom in type_
        ):
            return type_
        return [*type_, *self.methods.called(self.view.path, text_of(name))]

    def _relayed(self, function: Node, arguments: Sequence[Argument]) -> None:
        """What a function is handed that the call of something else is given, to run it."""
        runs = runs_later(callee_of(function))
        for at, argument in enumerate(arguments):
            node = unstarred(_value(argument))
            if node.type not in _NAMING and not (runs and node.type == "call"):
                continue
            further = relayed(arguments, at)
            holder = function.child_by_field_name("object")
            if argument.name == "key" and holder is not None and not further:
                further = [Argument(None, "", text_of(holder), holder)]  # as for `list.sort`
            if not any(self._sources(_value(each)) for each in further):
                continue
            for inner in lambdas(node):
                self._land(landed(self._lambda(inner), further), inner)
            for atom in self.view.type_of(node) if node.type != "lambda" else ():
                if runs or isinstance(atom, FunctionObject):
                    self._handed(atom, node, further)

    def _handed(self, atom: Atom, function: Node, arguments: Sequence[Argument]) -> None:
        for code in self.landings.of_atom(atom):
            self._land(landed(code, arguments), function)
        if isinstance(atom, Given):
            self._land(slots(atom, arguments), function)
            cls = asking_itself(self.view.project, atom, atom.name)
            if cls is not None:
                self._hooks.append((atom, Method(name_of(cls), atom.name)))

    def _land(self, found: Iterable[tuple[Target, Argument]], function: Node) -> None:
        for to, argument in found:
            callee = "a lambda" if function.type == "lambda" else callee_of(function)
            value = _value(argument)
            for source in self._sources(value):
                self._pass(source, to, value, f"{callee}()")

    def _operated(self, holder: Node, method: str, argument: Node) -> None:
        """What an operator hands to a method of a class of the project."""
        if argument.type in _PLAIN:
            return
        for atom in self.view.type_of(unstarred(holder)):
            if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef):
                code = self.landings.method(atom.cls, method)
                for to in slot_of(code, 0) if code is not None else ():
                    for source in self._sources(argument):
                        self._pass(source, to, argument, f"{method}()")

    def _pass(self, source: Source, to: Target, node: Node, callee: str) -> None:
        if source == to or (isinstance(to, Given) and not self._takes(to, source)):
            return
        place = self._place(node)
        self._passes.append(Pass(source, to, place, callee))
        if isinstance(source, Code) and source not in self._codes:
            self._codes.add(source)
            returned = self.view.project.calls.returns(source.path, source.start, None)
            for each in (*self._of_type(returned), *self.landings.codes(returned)):
                self._passes.append(Pass(each, source.result, place, callee))

    def _takes(self, to: Given, source: Source) -> bool:
        """Whether it matters that something gets to a place.

        Where a class is said, types tell what the methods and attributes of an object are.
        """
        tracing = self.view.project.tracing
        return not (tracing.is_plain(to) or (isinstance(source, Object) and tracing.is_said(to)))

    def _assignment(self, target: Node) -> None:
        """What is put into an attribute of an object of another class."""
        holder, name = (target.child_by_field_name(f) for f in ("object", "attribute"))
        value = assigned(target)
        if holder is not None and name is not None and value is not None:
            self._kept(self._sources(value), holder, text_of(name), target)

    def _unpacked(self, target: Node) -> None:
        """What a pattern or a loop puts into an attribute."""
        holder, name = (target.child_by_field_name(f) for f in ("object", "attribute"))
        found = unpacking_of(target)
        if holder is None or name is None or found is None:
            return
        type_ = self.view.type_of(found.value)
        type_ = element_of(type_) if found.is_loop else type_
        sizes = [len(parts(a)) for a in ancestors(target) if a.type in PATTERNS][::-1]
        for index, size in zip(found.indexes, sizes[-len(found.indexes) :], strict=False):
            type_ = part_of(type_, index, size)
        sources = {*self._of_type(type_), *self.landings.codes(type_)}
        self._kept(sources, holder, text_of(name), target)

    def _set(self, arguments: Sequence[Argument]) -> None:
        """`setattr(holder, "name", value)`."""
        holder, name, value = map(_value, arguments)
        if name.type == "string":
            self._kept(self._sources(value), holder, text_of(name)[1:-1], value)

    def _renewed(self, function: Node, arguments: Sequence[Argument]) -> None:
        """What a copy of an object has otherwise, as by `replace(holder, name=value)`."""
        holder: Node | None = None
        if callee_of(function) in _COPYING and arguments[:1] and arguments[0].name is None:
            holder = _value(arguments[0])
        elif callee_of(function) == "_replace":
            holder = function.child_by_field_name("object")
        for argument in arguments:
            if holder is not None and argument.name is not None:
                self._kept(self._sources(_value(argument)), holder, argument.name, argument.node)

    def _kept(self, sources: Set[Source], holder: Node, name: str, node: Node) -> None:
        for atom in self.view.type_of(unstarred(holder)) if sources else ():
            if isinstance(atom, ModuleObject):
                to = self.view.project.tracing.of_module(atom.path, name)
                for source in sources:
                    self._pass(source, to, node, f"{text_of(holder)}.{name}")
            if not isinstance(atom, Instance | ClassObject) or isinstance(atom.cls, External):
                continue
            for code, at in self.landings.setting(atom.cls, name):
                for to in slot_of(code, at):
                    for source in sources:
                        self._pass(source, to, node, f"{text_of(holder)}.{name}")
            # Those above the class may read what it assigns to `self`.
            above = self.view.project.lineage(atom.cls).order[1:]
            on_self = text_of(holder) == "self"
            asking = (c for c in above if on_self and asking_itself(self.view.project, c, name))
            for cls in (atom.cls, *asking):
                to = Given(cls.path, cls.start, name)
                for source in sources:
                    self._pass(source, to, node, f"{text_of(holder)}.{name}")

    def _shared(self, statement: Node) -> None:
        """What a function binds names of its module to."""
        for name in map(text_of, statement.named_children):
            to = self.view.project.tracing.of_module(self.view.path, name)
            type_ = self.view.project.names.module_name(self.view.path, name)
            for source in (*self._of_type(type_), *self.landings.codes(type_)):
                self._pass(source, to, statement, name)

    def _put(self, container: Node, value: Node, node: Node) -> None:
        """What is put into a container that is known by where it is kept."""
        sources = self._sources(value)
        marks = self.view.type_of(unstarred(container)) if sources else ()
        is_item = node.type == "subscript"
        for to in marks:
            places = [to] if isinstance(to, Given) else []
            if isinstance(to, Instance) and isinstance(to.cls, ClassRef) and is_item:
                code = self.landings.method(to.cls, "__setitem__")
                places += slot_of(code, 1) if code is not None else ()
            for place in places:
                for source in sources:
                    self._pass(source, place, node, text_of(container))

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
        for path in self._askers(question.classes):
            for source in sorted(self._origins(question.value), key=repr):
                place = self._place(question.node)
                self._checks.append(Check(source, path, place, question.what))

    def _askers(self, classes: Node) -> list[str]:
        """The files by whose name for them some classes are those that move."""
        asked: set[str] = set()
        for atom in within(self.view.type_of(classes)):
            if not isinstance(atom, ClassObject) or isinstance(atom.cls, External):
                continue
            if replace(atom.cls, via="") in self.pairs:
                asked.add(atom.cls.via or self.view.path)
        return sorted(asked)


def _value(argument: Argument) -> Node:
    """The expression of an argument."""
    node = argument.node
    return node.named_children[-1] if node.type == "keyword_argument" else node
