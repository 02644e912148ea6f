"""Uses of an object by code that names no attribute of it: all fields at once, or one by a key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from codemods.context_imports.usage.indirect import (
    ALL_FIELDS,
    GETTERS,
    IN_ORDER,
    REPLACE,
    key_asked,
    mapping_of,
)
from migrate.project.binding import arguments_of_call
from migrate.project.types import ClassObject, External
from migrate.syntax import captures, text_of, unstarred
from migrate.view import FileView


@dataclass(frozen=True, slots=True)
class Handled:
    """The fields of `value` are used at `node`: those with `names`, or all."""

    node: Node
    value: Node
    names: tuple[str, ...] = ()


def handled(view: FileView, part: Node) -> Iterator[Handled]:
    """Every such use in a part of a file."""
    for call in captures("(call) @call", part).get("call", []):
        function = call.child_by_field_name("function")
        given = arguments_of_call(call)
        if function is None or not given or given[0].name is not None or given[0].starred:
            continue
        for dotted in _libraries(view, function):
            value = given[0].node
            if dotted in REPLACE:
                names = tuple(argument.name for argument in given if argument.name is not None)
                yield from [Handled(call, value, names)] if names else []
            elif dotted in ALL_FIELDS:
                yield Handled(call, value, _key(call))
            elif dotted in IN_ORDER:
                yield Handled(call, value)
        yield from _gotten(view, function, given[0].node)
    for attribute in captures("(attribute) @node", part).get("node", []):
        name, holder = (attribute.child_by_field_name(f) for f in ("attribute", "object"))
        if name is not None and holder is not None and text_of(name) == "__dict__":
            yield Handled(attribute, holder, _key(attribute))


def _gotten(view: FileView, function: Node, value: Node) -> Iterator[Handled]:
    """`attrgetter("name")(value)`."""
    inner = function.child_by_field_name("function") if function.type == "call" else None
    if inner is not None and any(dotted in GETTERS for dotted in _libraries(view, inner)):
        strings = [each for each in arguments_of_call(function) if each.node.type == "string"]
        names = tuple(each.source[1:-1].partition(".")[0] for each in strings)
        yield from [Handled(function, value, names)] if names else []


def asked_of(method: str, literal: Node) -> Node | None:
    """The object whose method gives the mapping that is asked for a key; None for another."""
    mapping = mapping_of(literal)
    function = mapping.child_by_field_name("function") if mapping is not None else None
    name = function.child_by_field_name("attribute") if function is not None else None
    if function is None or name is None or text_of(name) != method:
        return None
    return function.child_by_field_name("object")


def remade(call: Node) -> Node | None:
    """The object of whose class a call makes another: `type(value)()` or `value.__class__()`."""
    function = call.child_by_field_name("function")
    node = unstarred(function) if function is not None else call
    name = node.child_by_field_name("attribute")
    if name is not None and text_of(name) == "__class__":
        return node.child_by_field_name("object")
    inner = node.child_by_field_name("function") if node.type == "call" else None
    given = arguments_of_call(node) if inner is not None and text_of(inner) == "type" else ()
    return given[0].node if len(given) == 1 else None


def _key(mapping: Node) -> tuple[str, ...]:
    key = key_asked(mapping)
    return (text_of(key)[1:-1],) if key is not None else ()


def _libraries(view: FileView, function: Node) -> list[str]:
    if function.type not in ("identifier", "attribute"):
        return []
    found = view.type_of(function)
    return sorted(
        atom.cls.dotted
        for atom in found
        if isinstance(atom, ClassObject) and isinstance(atom.cls, External)
    )
