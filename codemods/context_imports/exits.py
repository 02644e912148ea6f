"""Where a file hands out objects of the classes that move: to whoever calls it or looks inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tree_sitter import Node

from codemods.context_imports.flow import Made, Origin, origins
from migrate.project.types import ClassRef, Type
from migrate.syntax import ancestors, captures, text_of
from migrate.view import FileView


@dataclass(frozen=True, slots=True)
class Exits:
    """How other files get an object from one, as names that they would have to contain.

    `free` are fixtures, which need no other name; functions, attributes and `classes`, which are
    imported from here, come with one of `holders`: the module and its own classes.
    """

    free: frozenset[bytes]
    functions: frozenset[bytes]
    attributes: re.Pattern[bytes] | None
    classes: frozenset[str]
    holders: frozenset[bytes]

    def may_reach(self, data: bytes) -> bool:
        """Whether a file may get an object here, by the names in it."""
        if any(name in data for name in self.free):
            return True
        if not any(holder in data for holder in self.holders):
            return False
        return self.names_any(data) or any(name.encode() in data for name in self.classes)

    def names_any(self, data: bytes) -> bool:
        """Whether a part of such a file uses a function or attribute."""
        if any(name in data for name in (*self.free, *self.functions)):
            return True
        return self.attributes is not None and self.attributes.search(data) is not None


def exits_of(view: FileView, pairs: Mapping[ClassRef, ClassRef]) -> Exits:
    """The exits of a file; `view` is of a project that traces the classes in `pairs`.

    Nothing imports a file of tests. A fixture gets anywhere, as a `conftest.py` may import it.
    """
    name = view.path.rpartition("/")[2].removesuffix(".py")
    free: set[bytes] = set()
    functions: set[bytes] = set()
    attributes: set[bytes] = set()
    holders = {name.encode()}
    if name.startswith("test_"):
        return Exits(frozenset(), frozenset(), None, frozenset(), frozenset())
    root = view.tree.root_node
    for node in captures("(function_definition) @def", root).get("def", []):
        if not _is_ours(view, origins(_given(view, node), view, pairs)):
            continue
        is_fixture = "fixture" in _decorators(view, node)
        (free if is_fixture else functions).add(_name(node))
        holders |= _classes_around(node)
    for target in captures("(assignment left: (attribute) @left)", root).get("left", []):
        value = target.parent.child_by_field_name("right") if target.parent else None
        attribute = target.child_by_field_name("attribute")
        if value is None or attribute is None:
            continue
        if not _is_ours(view, origins(view.type_of(value), view, pairs)):
            continue
        attributes.add(re.escape(text_of(attribute).encode()))
        holders |= _classes_around(target)
    # An attribute of the reader's own instance is another one.
    used = rb"(?<!\bself)\.(?:" + b"|".join(sorted(attributes)) + rb")\b"
    return Exits(
        frozenset(free),
        frozenset(functions),
        re.compile(used) if attributes else None,
        frozenset(old.name for old in pairs if _binds(view, old)),
        frozenset(holders),
    )


def _given(view: FileView, function: Node) -> Type:
    """What a function gives to its caller, or a fixture to a test."""
    facts = view.project.index.function_facts(view.path, function.start_byte)
    if facts is not None and "fixture" in _decorators(view, function):
        return view.project.fixtures.value(view.path, function.start_byte, facts)
    return view.project.calls.returns(view.path, function.start_byte, None)


def _decorators(view: FileView, function: Node) -> frozenset[str]:
    facts = view.project.index.function_facts(view.path, function.start_byte)
    return facts.decorators_named if facts is not None else frozenset()


def _binds(view: FileView, old: ClassRef) -> bool:
    """Whether the module has the class, so that others may import it from here."""
    return old.name in view.project.index.namespace(view.path).names


def _classes_around(node: Node) -> set[bytes]:
    return {_name(above) for above in ancestors(node) if above.type == "class_definition"}


def _name(definition: Node) -> bytes:
    name = definition.child_by_field_name("name")
    return text_of(name).encode() if name is not None else b""


def _is_ours(view: FileView, found: set[Origin]) -> bool:
    return any(isinstance(each, Made) and each.path == view.path for each in found)
