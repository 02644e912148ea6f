"""What one file does with objects of the classes that move, wherever they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from codemods.context_imports.facts import Facts
from codemods.context_imports.finder import BY_NAME
from codemods.context_imports.judge import Judge
from codemods.context_imports.methods import Methods
from codemods.context_imports.questions import Question, questions
from codemods.context_imports.uses import (
    AttributeUse,
    ConstructorCall,
    Kind,
    is_as_good,
    kind_of,
)
from codemods.context_imports.ways import landings, put, relayed
from migrate.model import Span, Status
from migrate.project.binding import Argument, arguments_of_call
from migrate.project.facts import Function
from migrate.project.types import (
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
    without_none,
)
from migrate.syntax import ancestors, captures, span, text_of, unstarred
from migrate.view import FileView

# Expressions that are no objects of a class, or too seldom to look at.
_PLAIN = frozenset(
    {"string", "concatenated_string", "integer", "float", "true", "false", "none", "lambda"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happens; `line` is for a person."""

    path: str
    span: Span
    line: int

    def __str__(self) -> str:
        """`path:line`, as in a message."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Made:
    """Objects of an old class as a file calls it: those that it makes, or says that there are."""

    path: str
    cls: ClassRef


Origin = Made | Given


@dataclass(frozen=True, slots=True)
class Pass:
    """An object is handed on, to a parameter or an attribute; `callee` is for a person."""

    source: Origin
    to: Given
    place: Place
    callee: str


@dataclass(frozen=True, slots=True)
class Demand:
    """An attribute is used that the new class does not have, or has differently.

    The file writes it differently itself once it moves, if it `adapts`.
    """

    source: Origin
    old: ClassRef
    place: Place
    name: str
    adapts: bool


@dataclass(frozen=True, slots=True)
class Check:
    """An object is asked whether it is of the class as the file `asked` calls it."""

    source: Origin
    asked: str
    place: Place
    what: str


@dataclass(frozen=True)
class Scan:
    """All of it for one file."""

    passes: tuple[Pass, ...] = ()
    demands: tuple[Demand, ...] = ()
    checks: tuple[Check, ...] = ()


def origins(type_: Type, view: FileView, pairs: Mapping[ClassRef, ClassRef]) -> set[Origin]:
    """Where the objects of a type come from, those in containers included."""
    found: set[Origin] = set()
    pending = list(type_)
    while pending:
        atom = pending.pop()
        match atom:
            case Given():
                found.add(atom)
            case Awaitable(result=result):
                pending += result
            case Instance(cls=cls, arguments=arguments):
                found |= _made(cls, view, pairs)
                pending += [inner for argument in arguments for inner in argument]
    return found


def _made(
    cls: ClassRef | External, view: FileView, pairs: Mapping[ClassRef, ClassRef]
) -> set[Origin]:
    if isinstance(cls, External):
        return set()
    order = [cls] if replace(cls, via="") in pairs else view.project.lineage(cls).order
    plain = ((each, replace(each, via="")) for each in order)
    return {Made(each.via or view.path, base) for each, base in plain if base in pairs}


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
        where = [span(part) for part in parts]
        names = sorted({name for old in self.pairs for name in self._differing(old)})
        demands = [demand for name in names for demand in self._demands(name, where)]
        return Scan(tuple(self._passes), (*self._constructions, *demands), tuple(self._checks))

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
        self._constructions += self._constructed(call, called)
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
        if holder is None or name is None or value is None or text_of(holder) == "self":
            return
        self._kept(value, holder, text_of(name), target)

    def _set(self, arguments: Sequence[Argument]) -> None:
        """`setattr(holder, "name", value)`."""
        holder, name, value = map(_value, arguments)
        if name.type == "string":
            self._kept(value, holder, text_of(name)[1:-1], value)

    def _kept(self, value: Node, holder: Node, name: str, node: Node) -> None:
        for source in self._origins(value):
            for atom in self.view.type_of(unstarred(holder)):
                if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef):
                    to = Given(atom.cls.path, atom.cls.start, name)
                    self._pass(source, to, node, f"{text_of(holder)}.{name}")

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

    def _differing(self, old: ClassRef) -> list[str]:
        theirs = self.facts.interface(self.pairs[old]).members
        return [
            name
            for name, member in self.facts.interface(old).members.items()
            if not name.startswith("__") and not is_as_good(member, theirs.get(name))
        ]

    def _demands(self, name: str, within: Sequence[Span]) -> Iterator[Demand]:
        for node in self.view.identifiers(name):
            attribute = node.parent
            if attribute is None or attribute.type != "attribute":
                continue
            if not _is_in(node, within):
                continue
            holder = attribute.child_by_field_name("object")
            if holder is not None and attribute.child_by_field_name("attribute") == node:
                kind, call = kind_of(attribute)
                yield from self._demand(attribute, unstarred(holder), name, kind, call)
        for literal in self.view.strings(name):
            arguments = literal.parent
            function = arguments.parent if arguments is not None else None
            function = function.child_by_field_name("function") if function is not None else None
            if arguments is None or function is None or not BY_NAME.fullmatch(text_of(function)):
                continue
            given = [child for child in arguments.named_children if child.type != "comment"]
            if not _is_in(literal, within) or self._takes_either(literal, given, name):
                continue
            if given[1:2] == [literal]:
                kind = Kind.WRITE if text_of(function) in ("setattr", "delattr") else Kind.READ
                yield from self._demand(literal, given[0], name, kind, None)

    def _constructed(self, call: Node, called: Iterable[Atom]) -> Iterator[Demand]:
        """The call of a class that another file imports, or of one below, where the new differs."""
        for atom in called:
            if not isinstance(atom, ClassObject) or not isinstance(atom.cls, ClassRef):
                continue
            constructor = self.facts.interface(replace(atom.cls, via="")).constructor
            made = origins(frozenset({Instance(atom.cls)}), self.view, self.pairs)
            for source in sorted(made, key=repr):
                if not isinstance(source, Made) or source.path == self.view.path:
                    continue
                old = source.cls
                use = ConstructorCall(call, old, self.pairs[old])
                same = constructor == self.facts.interface(old).constructor
                if same and any(Judge(self.view, self.facts).decisions(use)):
                    yield Demand(source, old, self._place(call), "constructor", adapts=False)

    def _takes_either(self, literal: Node, given: list[Node], name: str) -> bool:
        """Whether code asks for the attribute if it is there, and for what the new class has."""
        new_name = self.facts.options.attributes.get(name)
        around = next((a for a in ancestors(literal) if a.type == "function_definition"), literal)
        words = set(re.findall(r"\w+", text_of(around)))
        return new_name in words and len(given) == 3 and "setattr" not in words

    def _demand(
        self, node: Node, holder: Node, name: str, kind: Kind, call: Node | None
    ) -> Iterator[Demand]:
        type_ = without_none(self.view.type_of(holder))
        direct = frozenset(atom for atom in type_ if isinstance(atom, Instance | Given))
        found = origins(_outer(direct), self.view, self.pairs)
        made = {each.cls for each in found if isinstance(each, Made)}
        for old, new in self.pairs.items():
            ours = self.facts.interface(old).members.get(name)
            theirs = self.facts.interface(new).members.get(name)
            if ours is None or is_as_good(ours, theirs, kind):
                continue
            is_known = old in made
            use = AttributeUse(node, holder, name, kind, old, new, is_known, is_known, call=call)
            decisions = list(Judge(self.view, self.facts).decisions(use))
            if not decisions:
                continue
            adapts = is_known and all(d.proposal.status is Status.REWRITE for d in decisions)
            for source in sorted(found, key=repr):
                if isinstance(source, Given) or source.cls == old:
                    yield Demand(source, old, self._place(node), name, adapts)


def _last_name(function: Node) -> str:
    """What a person calls a function, by the expression that names it."""
    name = text_of(function).rpartition(".")[2]
    return "super().__init__" if name == "__init__" else name


def _is_in(node: Node, parts: Sequence[Span]) -> bool:
    return any(part.contains(span(node)) for part in parts)


def _value(argument: Argument) -> Node:
    """The expression of an argument."""
    node = argument.node
    return node.named_children[-1] if node.type == "keyword_argument" else node


def _outer(type_: Type) -> Type:
    """The type without what is inside containers."""
    return frozenset(Instance(a.cls) if isinstance(a, Instance) else a for a in type_)


def _is_bound(function: Function, receiver: Type | None) -> bool:
    """Whether the call passes a receiver in front of its arguments."""
    if receiver is None or "staticmethod" in function.decorators_named:
        return False
    return "classmethod" in function.decorators_named or not any(
        isinstance(atom, ClassObject) for atom in receiver
    )
