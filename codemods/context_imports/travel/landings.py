"""What runs where something is called, and which of its parameters the arguments land on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from codemods.context_imports.facts import Facts
from codemods.context_imports.travel.traces import Code, Object, Slot, Target
from codemods.context_imports.travel.ways import landings, taking
from migrate.project import Project
from migrate.project.binding import Argument
from migrate.project.facts import Binding, BindingKind, Function, Parameter, ParameterKind
from migrate.project.types import (
    Atom,
    ClassObject,
    ClassRef,
    External,
    FunctionObject,
    Given,
    Instance,
    Type,
    within,
)

_FIELD = re.compile(r"(?:\w+\.)?(?:ib|attrib|field)\(")
_PARTIAL = External("functools.partial")
# Displays and whatever else has the value of one of its parts.
_OPEN = frozenset(
    {
        "boolean_operator",
        "conditional_expression",
        "dictionary",
        "list",
        "pair",
        "parenthesized_expression",
        "set",
        "tuple",
    }
)


@dataclass(frozen=True)
class Landings:
    """Answers for a project that traces the classes in `pairs`."""

    project: Project
    facts: Facts
    pairs: Mapping[ClassRef, ClassRef]
    _methods: dict[tuple[ClassRef, str], Code | None] = field(default_factory=dict)
    _objects: dict[ClassRef, Object] = field(default_factory=dict)

    def codes(self, type_: Type) -> set[Code]:
        """What a call of a value may run, or of what is in a container."""
        return {code for atom in within(type_) for code in self.of_atom(atom)}

    def objects(self, type_: Type) -> set[Object]:
        """The objects of classes of the project that a value is, or that are in a container."""
        classes = (atom.cls for atom in within(type_) if isinstance(atom, Instance))
        plain = {replace(cls, via="") for cls in classes if isinstance(cls, ClassRef)}
        return {self._object(cls) for cls in plain - self.pairs.keys()}

    def _object(self, cls: ClassRef) -> Object:
        if cls not in self._objects:
            lineage = self.project.lineage(cls).order
            names = {
                name
                for each in lineage
                for name, bindings in self.project.class_facts(each).members.items()
                if not name.startswith("__")
                and any(binding.kind is BindingKind.FUNCTION for binding in bindings)
            }
            methods = ((name, self.method(cls, name)) for name in sorted(names))
            known = tuple((name, code) for name, code in methods if code is not None)
            self._objects[cls] = Object(tuple((e.path, e.start) for e in lineage), known)
        return self._objects[cls]

    def of_atom(self, atom: Atom) -> Iterator[Code]:
        """What a call of a value runs; nothing for an old class, of which others take care."""
        match atom:
            case FunctionObject(path=path, start=start, receiver=receiver):
                function = self.project.index.function_facts(path, start)
                if function is not None:
                    bound = _is_bound(function, receiver)
                    yield Code(path, start, _plain(function.parameters[bound:]))
            case Instance(cls=External() as cls, arguments=arguments) if cls == _PARTIAL:
                for inner in arguments[0]:
                    yield from (replace(code, begun=True) for code in self.of_atom(inner))
            case Instance(cls=ClassRef() as cls):
                code = self.method(cls, "__call__")
                yield from [code] if code is not None else []
            case ClassObject(cls=ClassRef() as cls) if replace(cls, via="") not in self.pairs:
                made = [self.method(cls, name) for name in ("__init__", "__new__")]
                if made[0] is None:
                    made += self._constructors(replace(cls, via=""))
                yield from (each for each in made if each is not None)

    def setting(self, cls: ClassRef, name: str) -> Iterator[tuple[Code, int]]:
        """What runs where an attribute is assigned to, and which parameter gets the value."""
        code = self.method(cls, "__setattr__")
        if code is not None:
            yield code, 1
        for each in self.project.lineage(cls).order:
            for binding in self.project.class_facts(each).members.get(name, ()):
                facts = self.project.index.function_facts(each.path, binding.start)
                if facts is not None and "setter" in facts.decorators_named:
                    yield Code(each.path, binding.start, _plain(facts.parameters[1:])), 0
                setter = self.method(each, _setter(binding.value or ""))
                if setter is not None:
                    yield setter, 0

    def method(self, cls: ClassRef, name: str) -> Code | None:
        """A method of a class as a call on one of its objects runs it; None for none."""
        key = (cls, name)
        if key not in self._methods:
            found = self.project.find_member(cls, name)
            known = found and self.project.index.function_facts(found[0].path, found[1].start)
            taken = _plain(known.parameters[1:]) if known else ()
            code = Code(found[0].path, found[1].start, taken) if found and known else None
            self._methods[key] = code
        return self._methods[key]

    def _constructors(self, cls: ClassRef) -> Iterator[Code]:
        """The constructor of a class for which nobody wrote one, and what gets its `InitVar`s."""
        code = self._constructor(cls)
        yield code
        further = self.method(cls, "__post_init__")
        if further is not None:
            yield replace(further, parameters=code.parameters)

    def _constructor(self, cls: ClassRef) -> Code:
        made = self.facts.interface(cls).constructor
        if made is not None and made.parameters:
            return Code(cls.path, cls.start, _plain(made.parameters))
        fields = dict.fromkeys(
            name
            for each in reversed(self.project.lineage(cls).order)
            for name, bindings in self.project.class_facts(each).members.items()
            if any(map(_is_field, bindings))
        )
        kind = ParameterKind.POSITIONAL_OR_KEYWORD
        return Code(cls.path, cls.start, tuple(Parameter(name, kind) for name in fields))


def landed(code: Code, given: Sequence[Argument]) -> Iterator[tuple[Given, Argument]]:
    """The parameters that the arguments of a call land on."""
    if code.begun:
        given = [replace(e, starred="*") if e.name is None else e for e in given]
    for name, argument in landings(code.parameters, given):
        yield Given(code.path, code.start, name), argument


def slot_of(code: Code, at: int | str) -> Iterator[Given]:
    """The parameters that what stands in one place of a call lands on; see `Slot`."""
    where = "*" if code.begun and isinstance(at, int) else at
    for name in taking(code.parameters, where):
        yield Given(code.path, code.start, name)


def slots(of: Given, given: Sequence[Argument]) -> Iterator[tuple[Target, Argument]]:
    """The places of the arguments of a call whose function nobody knows but by where it is kept."""
    starred = False
    for at, argument in enumerate(given):
        starred = starred or argument.starred == "*"
        if argument.name is not None:
            yield Slot(of, argument.name), argument
        elif argument.starred:
            yield Slot(of, argument.starred), argument
        else:
            yield Slot(of, "*" if starred else at), argument


def lambdas(node: Node) -> Iterator[Node]:
    """The lambdas that the value of an expression is, or has in it."""
    pending = [node]
    while pending:
        each = pending.pop()
        if each.type == "lambda":
            yield each
        elif each.type in _OPEN:
            pending += each.named_children


def _setter(value: str) -> str:
    """The name of the setter in a call of `property`; empty for anything else."""
    if not value.startswith("property("):
        return ""
    try:
        call = ast.parse(value, mode="eval").body
    except SyntaxError:  # newer than the running Python
        return ""
    match call:
        case ast.Call(args=[_, ast.Name(id=name), *_]):
            return name
        case ast.Call(keywords=keywords):
            named = {each.arg: each.value for each in keywords}
            setter = named.get("fset")
            return setter.id if isinstance(setter, ast.Name) else ""
    return ""


def _is_field(binding: Binding) -> bool:
    """Whether a library such as pydantic or attrs makes a parameter of what a class binds."""
    if binding.kind is not BindingKind.ASSIGNED:
        return False
    return binding.annotation is not None or _FIELD.match(binding.value or "") is not None


def _plain(parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """Parameters without what is of no matter to where arguments land."""
    return tuple(Parameter(each.name, each.kind) for each in parameters)


def _is_bound(function: Function, receiver: Type | None) -> bool:
    """Whether the call passes a receiver in front of its arguments."""
    if receiver is None or "staticmethod" in function.decorators_named:
        return False
    return "classmethod" in function.decorators_named or not any(
        isinstance(atom, ClassObject) for atom in receiver
    )
