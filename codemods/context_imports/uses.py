"""What a file does with the classes and functions that move, as far as it matters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

from codemods.context_imports.facts import Facts
from migrate.project.facts import Function
from migrate.project.interface import Interface, Member, MemberKind
from migrate.project.types import (
    ClassObject,
    ClassRef,
    FunctionObject,
    Instance,
    Type,
    is_unknown,
    without_none,
)
from migrate.syntax import ancestors, captures, text_of, unstarred
from migrate.view import FileView

Pairs = Mapping[ClassRef, ClassRef]
_LOOKS_LIKE_CONTEXT = re.compile(r"(?:.*_)?(?:context|ctx)")
_MUTATING = frozenset(
    {
        "add",
        "append",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "setdefault",
        "update",
    }
)
_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr"})


class Kind(StrEnum):
    """How an attribute is used."""

    READ = "read"
    WRITE = "write"
    WRITE_INTO = "write into"
    CALL = "call"


@dataclass(frozen=True)
class AttributeUse:
    """An attribute of a value that is or may be of a class that moves.

    `node` is the attribute, or the string that names it. `is_certain` tells whether the value
    can be of no other class; `call` is the call of a method.
    """

    node: Node
    holder: Node
    name: str
    kind: Kind
    old: ClassRef
    new: ClassRef
    is_known: bool
    is_certain: bool
    on_class: bool = False
    call: Node | None = None


@dataclass(frozen=True)
class ConstructorCall:
    """A call of a class that moves, or of a class below it that is constructed in the same way."""

    call: Node
    old: ClassRef
    new: ClassRef


@dataclass(frozen=True)
class FunctionCall:
    """A call of a function that moves."""

    call: Node
    old: Function
    new: Function


@dataclass(frozen=True)
class Override:
    """A member that a class below one that moves defines itself."""

    node: Node
    name: str
    old: ClassRef
    new: ClassRef


Use = AttributeUse | ConstructorCall | FunctionCall | Override


@dataclass(frozen=True)
class Finder:
    """Looks for the uses of one file.

    `guess` tells whether a value of unknown type is taken for one of the classes when it is
    called as contexts are: where no other class of the name is in sight.
    """

    view: FileView
    facts: Facts
    pairs: Pairs
    functions: Mapping[FunctionObject, Function]
    guess: bool

    def uses(self) -> Iterator[Use]:
        """Every use that may need something of the target that it does not have."""
        if self.pairs or self.functions:
            yield from self._calls()
        for name in sorted(self._names()):
            yield from self._attributes(name)
            yield from self._strings(name)
        yield from self._overrides()

    # Calls

    def _calls(self) -> Iterator[Use]:
        root = self.view.tree.root_node
        for call in captures("(call) @call", root).get("call", []):
            function = call.child_by_field_name("function")
            if function is None or function.type not in ("identifier", "attribute"):
                continue
            for atom in self.view.type_of(unstarred(function)):
                use = self._called(call, atom)
                if use is not None:
                    yield use
                    break

    def _called(self, call: Node, atom: object) -> Use | None:
        if isinstance(atom, FunctionObject) and atom in self.functions:
            old = self.view.project.index.function_facts(atom.path, atom.start)
            return FunctionCall(call, old, self.functions[atom]) if old is not None else None
        if not isinstance(atom, ClassObject) or not isinstance(atom.cls, ClassRef):
            return None
        old_class = self._pair_of(atom.cls)
        if old_class is None:
            return None
        if atom.cls != old_class:
            theirs = self.facts.interface(atom.cls).constructor
            if theirs != self.facts.interface(old_class).constructor:
                return None
        return ConstructorCall(call, old_class, self.pairs[old_class])

    def _pair_of(self, cls: ClassRef) -> ClassRef | None:
        """The class that moves among a class and those above it."""
        if cls in self.pairs:
            return cls
        order = self.view.project.lineage(cls).order
        return next((above for above in order if above in self.pairs), None)

    # Attributes

    def _names(self) -> set[str]:
        """The members whose use is not as good with the new class as with the old one."""
        names: set[str] = set()
        for old, new in self.pairs.items():
            ours, theirs = self.facts.interface(old), self.facts.interface(new)
            names |= {
                name
                for name, member in ours.members.items()
                if not name.startswith("__") and not is_as_good(member, theirs.members.get(name))
            }
        return names

    def _attributes(self, name: str) -> Iterator[Use]:
        for node in self.view.identifiers(name):
            attribute = node.parent
            if attribute is None or attribute.type != "attribute":
                continue
            holder = attribute.child_by_field_name("object")
            if holder is None or attribute.child_by_field_name("attribute") != node:
                continue
            kind, call = kind_of(attribute)
            use = self._attribute(attribute, unstarred(holder), name, kind, call)
            if use is not None:
                yield use

    def _strings(self, name: str) -> Iterator[Use]:
        """`getattr(value, "name")` and its like."""
        for literal in self.view.strings(name):
            arguments = literal.parent
            call = arguments.parent if arguments is not None else None
            function = call.child_by_field_name("function") if call is not None else None
            if arguments is None or function is None or text_of(function) not in _BY_NAME:
                continue
            given = [child for child in arguments.named_children if child.type != "comment"]
            if given[1:2] == [literal]:
                kind = Kind.WRITE if text_of(function) in ("setattr", "delattr") else Kind.READ
                use = self._attribute(literal, given[0], name, kind, None)
                if use is not None:
                    yield use

    def _attribute(
        self, node: Node, holder: Node, name: str, kind: Kind, call: Node | None
    ) -> Use | None:
        type_ = without_none(self.view.type_of(holder))
        for atom in type_:
            if not isinstance(atom, Instance | ClassObject) or not isinstance(atom.cls, ClassRef):
                continue
            old = self._pair_of(atom.cls)
            if old is None or not self._is_inherited(atom.cls, old, name):
                continue
            if is_as_good(*self._members(old, name), kind):
                continue
            return AttributeUse(
                node=node,
                holder=holder,
                name=name,
                kind=kind,
                old=old,
                new=self.pairs[old],
                is_known=True,
                is_certain=self._is_certain(type_),
                on_class=isinstance(atom, ClassObject),
                call=call,
            )
        if not self.guess or not is_unknown(type_) or not _looks_like_context(holder):
            return None
        for old, new in self.pairs.items():
            ours, theirs = self._members(old, name)
            if ours is not None and theirs is None:
                return AttributeUse(node, holder, name, kind, old, new, False, False)
        return None

    def _members(self, old: ClassRef, name: str) -> tuple[Member | None, Member | None]:
        new = self.pairs[old]
        return (
            self.facts.interface(old).members.get(name),
            self.facts.interface(new).members.get(name),
        )

    def _is_inherited(self, cls: ClassRef, old: ClassRef, name: str) -> bool:
        """Whether a class has the member from the one that moves, not from one before it."""
        member = self.facts.interface(cls).members.get(name)
        return member is not None and member.owner in self.view.project.lineage(old).order

    def _is_certain(self, type_: Type) -> bool:
        """Whether a value can only be of classes that move, or of those that they become."""
        good = {*self.pairs, *self.pairs.values()}
        return all(isinstance(a, Instance | ClassObject) and a.cls in good for a in type_)

    # Classes below

    def _overrides(self) -> Iterator[Use]:
        found = captures("(class_definition) @class", self.view.tree.root_node).get("class", [])
        for node in found:
            cls = self.view.project.class_at(self.view.path, node)
            old = self._pair_of(cls)
            if old is None or cls in self.pairs:
                continue
            ours, theirs = (self.facts.interface(c) for c in (old, self.pairs[old]))
            for name in self.view.project.class_facts(cls).members:
                if name.startswith("__") and name.endswith("__") and name != "__init__":
                    continue
                if not _same_to_override(ours, theirs, name):
                    yield Override(_name_node(node), name, old, self.pairs[old])


def _same_to_override(old: Interface, new: Interface, name: str) -> bool:
    ours, theirs = old.members.get(name), new.members.get(name)
    if ours is None or theirs is None:
        return ours is theirs
    return ours.kind is theirs.kind and _signature(ours) == _signature(theirs)


def _name_node(definition: Node) -> Node:
    return definition.child_by_field_name("name") or definition


def is_as_good(old: Member | None, new: Member | None, kind: Kind | None = None) -> bool:
    """Whether one member can take another's place in a use of this kind, or in any use."""
    if old is None:
        return True
    if new is None:
        return False
    if _callable(old) != _callable(new):
        return False
    if _callable(old) and _signature(old) != _signature(new) and kind in (None, Kind.CALL):
        return False
    if old.writable and not new.writable and kind in (None, Kind.WRITE):
        return False
    return not (new.new_each_time and not old.new_each_time and kind in (None, Kind.WRITE_INTO))


def _callable(member: Member) -> bool:
    return member.kind in (MemberKind.METHOD, MemberKind.CLASS_METHOD, MemberKind.STATIC_METHOD)


def _signature(member: Member) -> object:
    """How a method is called: its parameters, apart from what they are annotated with."""
    if member.function is None or not _callable(member):
        return None
    parameters = member.function.parameters[member.kind is not MemberKind.STATIC_METHOD :]
    return (
        member.function.asynchronous,
        [(p.name, p.kind, p.default is None) for p in parameters],
    )


def kind_of(node: Node) -> tuple[Kind, Node | None]:
    """What is done with an attribute, and the call that it is the function of."""
    parent = node.parent
    if parent is None:
        return Kind.READ, None
    if parent.type == "call" and parent.child_by_field_name("function") == node:
        return Kind.CALL, parent
    if _is_target(node):
        return Kind.WRITE, None
    inner = node
    while inner.parent is not None and inner.parent.type in ("subscript", "attribute"):
        outer = inner.parent
        field = "value" if outer.type == "subscript" else "object"
        if outer.child_by_field_name(field) != inner:
            break
        inner = outer
        if _is_target(inner) or _is_mutating_call(inner):
            return Kind.WRITE_INTO, None
    return Kind.READ, None


def _is_target(node: Node) -> bool:
    """Whether an expression is assigned to or deleted."""
    below = node
    for parent in ancestors(node):
        if parent.type in ("assignment", "augmented_assignment", "for_statement", "for_in_clause"):
            return parent.child_by_field_name("left") == below
        if parent.type in ("delete_statement", "as_pattern_target"):
            return True
        if parent.type not in ("pattern_list", "tuple_pattern", "list_pattern", "expression_list"):
            return False
        below = parent
    return False


def _is_mutating_call(attribute: Node) -> bool:
    name = attribute.child_by_field_name("attribute")
    call = attribute.parent
    return (
        name is not None
        and text_of(name) in _MUTATING
        and call is not None
        and call.type == "call"
        and call.child_by_field_name("function") == attribute
    )


def _looks_like_context(expression: Node) -> bool:
    """Whether a name or attribute is called as contexts are."""
    name: Node | None = expression
    if expression.type == "attribute":
        name = expression.child_by_field_name("attribute")
    elif expression.type != "identifier":
        return False
    return name is not None and _LOOKS_LIKE_CONTEXT.fullmatch(text_of(name)) is not None
