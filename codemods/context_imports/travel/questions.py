"""Where code asks whether an object is of a class: `isinstance` and whatever does the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from migrate.project.binding import arguments_of_call
from migrate.syntax import captures, parts, text_of, unstarred

_OF_OBJECTS = frozenset({"isinstance", "assertIsInstance", "assertNotIsInstance"})
_OF_CLASSES = frozenset(
    {"issubclass", "assertIs", "assertIsNot", "assertEqual", "assertNotEqual", "assertIsSubclass"}
)
_COMPARISONS = frozenset({"is", "is not", "==", "!=", "in", "not in"})


@dataclass(frozen=True, slots=True)
class Question:
    """Whether `value` is of one of `classes`; `what` asks it, for a person."""

    node: Node
    value: Node
    classes: Node
    what: str


def questions(part: Node) -> Iterator[Question]:
    """Every such question in a part of a file."""
    for call in captures("(call) @call", part).get("call", []):
        yield from _of_call(call)
    for node in captures("(comparison_operator) @node", part).get("node", []):
        yield from _of_comparison(node)
    for node in captures("(match_statement) @node", part).get("node", []):
        yield from _of_match(node)


def _of_call(call: Node) -> Iterator[Question]:
    function = call.child_by_field_name("function")
    given = [argument.node for argument in arguments_of_call(call)[:2] if argument.name is None]
    if function is None or len(given) < 2:
        return
    name = text_of(function).rpartition(".")[2]
    if name in _OF_OBJECTS:
        yield Question(call, given[0], given[1], name)
    elif name in _OF_CLASSES:
        value = _object_of(given[0])
        if value is not None:
            yield Question(call, value, given[1], name)


def _of_comparison(node: Node) -> Iterator[Question]:
    """`type(value) is C` and `value.__class__ in (C, D)`."""
    operators = {child.type for child in node.children if not child.is_named}
    if len(node.named_children) != 2 or not operators & _COMPARISONS:
        return
    one, other = node.named_children
    for side, classes in ((one, other), (other, one)):
        value = _object_of(side)
        if value is not None:
            yield Question(node, value, classes, "its test of the class")


def _object_of(cls: Node) -> Node | None:
    """The value whose class an expression is: `type(value)` or `value.__class__`."""
    node = unstarred(cls)
    if node.type == "attribute":
        name, holder = (node.child_by_field_name(field) for field in ("attribute", "object"))
        return holder if name is not None and text_of(name) == "__class__" else None
    function = node.child_by_field_name("function") if node.type == "call" else None
    if function is None or text_of(function) != "type":
        return None
    given = arguments_of_call(node)
    return given[0].node if len(given) == 1 else None


def _of_match(statement: Node) -> Iterator[Question]:
    subject = statement.child_by_field_name("subject")
    if subject is None:
        return
    for pattern in captures("(class_pattern) @pattern", statement).get("pattern", []):
        yield Question(pattern, subject, parts(pattern)[0], "the pattern")
