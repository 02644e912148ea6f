"""Where a file hands out objects of the classes that move: to whoever calls it or looks inside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from tree_sitter import Node

from codemods.context_imports.traces import Made, Origin, origins
from codemods.context_imports.ways import put
from migrate.project.env import Env
from migrate.project.types import ClassObject, ClassRef, FunctionObject, Given, Instance, Type
from migrate.syntax import ancestors, captures, text_of, unstarred
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

    @property
    def are_any(self) -> bool:
        """Whether anything gets out."""
        return bool(self.free or self.holders)

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


def exits_of(
    view: FileView, pairs: Mapping[ClassRef, ClassRef], moving: Set[tuple[str, int]]
) -> Exits:
    """The exits of a file; `view` is of a project that traces the classes in `pairs`.

    `moving` are the functions that move, by file and offset.
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
    kept = list(_kept(view, pairs))
    marks = {mark for _, target in kept for mark in _marks(view, target)}
    for name_node, target in kept:
        holders |= _classes_around(target)
        if target.type == "attribute" or _classes_around(target):
            attributes.add(re.escape(text_of(name_node).encode()))
        else:
            functions.add(text_of(name_node).encode())
    for node in captures("(function_definition) @def", root).get("def", []):
        found = origins(_given(view, node), view, pairs)
        if not (_is_ours(view, found) or marks & found):
            continue
        is_fixture = "fixture" in _decorators(view, node)
        (free if is_fixture else functions).add(_name(node))
        holders |= _classes_around(node)
    # An attribute of the reader's own instance is another one.
    used = rb"(?<!\bself)\.(?:" + b"|".join(sorted(attributes)) + rb")\b"
    return Exits(
        frozenset(free),
        frozenset(functions),
        re.compile(used) if attributes else None,
        frozenset(_imported_from(view, pairs, moving)),
        frozenset(holders),
    )


def _kept(view: FileView, pairs: Mapping[ClassRef, ClassRef]) -> Iterator[tuple[Node, Node]]:
    """What keeps an object: an attribute, or a name of the module or of a class; its name first."""
    root = view.tree.root_node
    for target in captures("(assignment left: (_) @left)", root).get("left", []):
        value = target.parent.child_by_field_name("right") if target.parent else None
        name = target.child_by_field_name("attribute") if target.type == "attribute" else target
        if name is None or name.type != "identifier" or (name == target and _is_local(target)):
            continue
        node = target if name == target or value is None else value
        if _is_ours(view, origins(view.type_of(node), view, pairs)):
            yield name, target
    for container, value, _ in put(root):
        holder = unstarred(container)
        name = holder.child_by_field_name("attribute") if holder.type == "attribute" else holder
        if name is None or name.type != "identifier":
            continue
        if _is_ours(view, origins(view.type_of(value), view, pairs)):
            yield name, holder


def _marks(view: FileView, target: Node) -> set[Origin]:
    return {atom for atom in view.type_of(target) if isinstance(atom, Given)}


def _is_local(node: Node) -> bool:
    return any(above.type == "function_definition" for above in ancestors(node))


def _imported_from(
    view: FileView, pairs: Mapping[ClassRef, ClassRef], moving: Set[tuple[str, int]]
) -> Iterator[str]:
    """The names of the module that others may import for a class, one below it, or a function."""
    for name in view.project.index.namespace(view.path).names:
        for atom in view.project.infer(name, Env(view.path)):
            if isinstance(atom, FunctionObject) and (atom.path, atom.start) in moving:
                yield name
            elif isinstance(atom, ClassObject):
                made = origins(frozenset({Instance(atom.cls)}), view, pairs)
                if _is_ours(view, made):
                    yield name


def _given(view: FileView, function: Node) -> Type:
    """What a function gives to its caller, or a fixture to a test."""
    facts = view.project.index.function_facts(view.path, function.start_byte)
    if facts is not None and "fixture" in _decorators(view, function):
        return view.project.fixtures.value(view.path, function.start_byte, facts)
    return view.project.calls.returns(view.path, function.start_byte, None)


def _decorators(view: FileView, function: Node) -> frozenset[str]:
    facts = view.project.index.function_facts(view.path, function.start_byte)
    return facts.decorators_named if facts is not None else frozenset()


def _classes_around(node: Node) -> set[bytes]:
    return {_name(above) for above in ancestors(node) if above.type == "class_definition"}


def _name(definition: Node) -> bytes:
    name = definition.child_by_field_name("name")
    return text_of(name).encode() if name is not None else b""


def _is_ours(view: FileView, found: set[Origin]) -> bool:
    return any(isinstance(each, Made) and each.path == view.path for each in found)
