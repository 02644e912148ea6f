"""What a file does with the classes and functions that move, as far as it matters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

from migrate.model import Span
from migrate.project.facts import Function
from migrate.project.interface import Member, MemberKind
from migrate.project.types import (
    ClassRef,
)
from migrate.syntax import ancestors, captures, text_of

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


class Form(StrEnum):
    """What gives a class its arguments."""

    CALL = "call"
    PARTIAL = "partial"
    REPLACE = "replace"


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
    """A call of a class that moves, or of a class below it that is constructed in the same way.

    `is_certain` tells whether it can be a call of nothing else. The first `leading` arguments are
    not the constructor's: the class for `partial`, an object for `replace` and `C.__init__`.
    A call of what `partial` made has got as many as `given` by position before.
    """

    call: Node
    old: ClassRef
    new: ClassRef
    is_certain: bool = True
    form: Form = Form.CALL
    leading: int = 0
    given: int | None = None


@dataclass(frozen=True)
class FunctionCall:
    """A call of a function that moves."""

    call: Node
    old: Function
    new: Function


@dataclass(frozen=True)
class Override:
    """A member, or the constructor, that a class below one that moves defines itself."""

    node: Node
    name: str
    old: ClassRef
    new: ClassRef


@dataclass(frozen=True)
class Whole:
    """All fields of an object or a class at once: `asdict`, `astuple`, `fields`, `vars`."""

    node: Node
    old: ClassRef
    new: ClassRef


@dataclass(frozen=True)
class Named:
    """A member that the new class lacks, named by a string or a keyword for some object."""

    node: Node
    name: str
    kind: Kind


@dataclass(frozen=True)
class Key:
    """A key that the mapping which a method returns has with the old class only."""

    node: Node
    method: str
    name: str


@dataclass(frozen=True)
class Pattern:
    """`case C(a, b, name=c)`; `keywords` has each name with the pattern behind it."""

    node: Node
    old: ClassRef
    new: ClassRef
    positional: tuple[Node, ...]
    keywords: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a file cannot move although all that it does itself suits the new class.

    `where` is the place in it, or None for the file as a whole. `suggestion` is what a person could
    do, in words.
    """

    reason: str
    where: Span | None
    message: str
    suggestion: str


def together(other: str) -> str:
    """What a person could do about a file that has to move at the same time."""
    return f"See what is said of {other}: the two move together."


Use = AttributeUse | ConstructorCall | FunctionCall | Override | Whole | Named | Key | Pattern


def is_as_good(old: Member | None, new: Member | None, kind: Kind | None = None) -> bool:
    """Whether one member can take another's place in a use of this kind, or in any use."""
    if old is None:
        return True
    if new is None:
        return False
    if _callable(old) != _callable(new):
        return False
    if _callable(old) and signature(old) != signature(new) and kind in (None, Kind.CALL):
        return False
    if old.writable and not new.writable and kind in (None, Kind.WRITE):
        return False
    return not (new.new_each_time and not old.new_each_time and kind in (None, Kind.WRITE_INTO))


def _callable(member: Member) -> bool:
    return member.kind in (MemberKind.METHOD, MemberKind.CLASS_METHOD, MemberKind.STATIC_METHOD)


def signature(member: Member) -> object:
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


@dataclass(frozen=True, slots=True)
class Expected:
    """An exception that a test expects; `has_message` if it says what the message has to be."""

    has_message: bool


def expected_to_raise(node: Node) -> Expected | None:
    """The `pytest.raises` or `assertRaises` that some code stands in, if any."""
    for block in ancestors(node):
        if block.type in ("function_definition", "class_definition", "lambda"):
            return None
        if block.type != "with_statement":
            continue
        for item in captures("(with_item) @item", _header(block)).get("item", []):
            call = item.child_by_field_name("value")
            if call is not None and call.type == "as_pattern":
                call = call.named_children[0]
            function = call.child_by_field_name("function") if call is not None else None
            name = text_of(function).rpartition(".")[2] if function is not None else ""
            if call is not None and name in ("raises", "assertRaises", "assertRaisesRegex"):
                given = call.child_by_field_name("arguments")
                text = text_of(given) if given is not None else ""
                return Expected("match" in text or name == "assertRaisesRegex")
    return None


def _header(block: Node) -> Node:
    """What a `with` statement enters, without its body."""
    return next((child for child in block.named_children if child.type == "with_clause"), block)
