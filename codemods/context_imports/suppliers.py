"""Who may hand a function to where it is called with an object, by the names in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from migrate.project import Project
from migrate.project.tracing import RESULT
from migrate.project.types import Given
from migrate.syntax import ancestors, text_of

_DEFINITIONS = frozenset({"class_definition", "function_definition", "lambda"})


@dataclass(frozen=True)
class Supplier:
    """Files that have one of `holders` and a name of the pattern, `home` without a holder."""

    home: str
    holders: frozenset[bytes]
    names: re.Pattern[bytes]

    def may_be(self, path: str, data: bytes) -> bool:
        """Whether a file may supply something."""
        is_near = path == self.home or any(each in data for each in self.holders)
        return is_near and self.names_any(data)

    def names_any(self, data: bytes) -> bool:
        """Whether a part of such a file may."""
        return self.names.search(data) is not None


def supplier(project: Project, given: Given) -> Supplier | None:
    """Who may hand something to a parameter or put it into an attribute or a name.

    None where that cannot be told by names, as for a lambda's parameter, and for an attribute that
    the class does not know of.
    """
    tree = project.index.tree(given.path)
    if tree is None:
        return None
    node: Node | None = tree.root_node.descendant_for_byte_range(given.start, given.start + 1)
    while node is not None and not (node.is_named and node.type in _DEFINITIONS):
        node = node.parent
    name = re.escape(given.name.removesuffix(RESULT))
    stem = given.path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]
    if node is None or node.start_byte != given.start:
        return _supplier(given, [stem], [rf"\b{name}\b"])
    if node.type == "lambda":
        return None
    if node.type == "class_definition":
        keeps = re.search(rf"(?m)\b{name}\s*(?::[^=\n]*)?(?:=[^=]|$)", text_of(node))
        names = [rf"\.{name}\b", rf"\b{_name(node)}\b"]
        return _supplier(given, [stem, _name(node)], names) if keeps else None
    classes = [_name(each) for each in ancestors(node) if each.type == "class_definition"]
    return _supplier(given, [stem, *classes], list(_callable(node, classes)))


def _supplier(given: Given, holders: list[str], names: list[str]) -> Supplier:
    pattern = re.compile("|".join(names).encode())
    return Supplier(given.path, frozenset(each.encode() for each in holders), pattern)


def _callable(function: Node, classes: list[str]) -> Iterator[str]:
    """What a call of the function names, or that of the one around it, which may return it."""
    for each in (function, *ancestors(function)):
        if each.type == "class_definition":
            break
        if each.type == "function_definition":
            called = [_name(each)]
            if _name(each) in ("__init__", "__call__", "__new__"):
                called = classes[:1]
            yield from (rf"\b{name}\b" for name in called)


def _name(definition: Node) -> str:
    name = definition.child_by_field_name("name")
    return text_of(name) if name is not None else ""
