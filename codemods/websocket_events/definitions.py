"""Definitions of helpers, and what in the repository still uses them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from codemods.websocket_events.facts import CLASS, Facts
from codemods.websocket_events.helpers import fits_helper
from codemods.websocket_events.holders import class_around
from codemods.websocket_events.payload import literal_of
from migrate.project.types import ClassObject, ClassRef, Instance, Type, is_unknown, without_none
from migrate.syntax import identifier_at, parts, text_of
from migrate.text import whole_words

_FILES_SHOWN = 8


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """A place that calls a helper or names it; `line` counts from 1."""

    path: str
    line: int


def places(uses: Sequence[Use]) -> str:
    """Uses for a person, file by file, the first few."""
    lines: dict[str, list[str]] = {}
    for use in uses:
        lines.setdefault(use.path, []).append(str(use.line))
    shown = [f"{path}:{','.join(lines[path])}" for path in list(lines)[:_FILES_SHOWN]]
    more = len(lines) - len(shown)
    return ", ".join(shown) + (f" and {more} more files" if more else "")


@dataclass(frozen=True)
class Definition:
    """The `def` of a helper in a class of the file; `word` is its name there."""

    name: str
    word: Node
    node: Node
    owner: ClassRef


def definitions(facts: Facts) -> Iterator[Definition]:
    """Every helper that the file defines as a method, in source order."""
    for name in facts.options.helpers:
        for word in facts.view.identifiers(name):
            node = word.parent
            if node is None or node.type != "function_definition":
                continue
            owner = facts.view.project.owner(facts.view.path, node)
            if owner is not None and node.child_by_field_name("name") == word:
                yield Definition(name, word, node, owner)


def uses_of(facts: Facts, found: Definition, gone: Collection[int]) -> list[Use]:
    """What may use a definition, by the types of what it is looked up on, in order.

    Calls of the same file that start at one of the offsets `gone` are not there any more. This
    looks through all files.
    """
    uses: set[Use] = set()
    index = facts.view.project.index
    for path in facts.files_with(found.name):
        tree = index.tree(path)
        if tree is None:
            continue
        for offset in whole_words(tree.root_node.text or b"", found.name.encode()):
            offset += tree.root_node.start_byte
            word = identifier_at(tree, offset, len(found.name))
            holder = _holder(tree.root_node, word, offset)
            if path == found.owner.path and word is not None and class_around(word) is not None:
                uses.add(Use(path, word.start_point.row + 1))
            if holder is None and _is_its_path(tree.root_node, offset, found):
                uses.add(Use(path, _row(tree.root_node, offset) + 1))
            if holder is None or (path == facts.view.path and offset in gone):
                continue
            type_ = facts.view.project.infer(
                text_of(holder), facts.view.project.env_at(path, holder)
            )
            type_ = without_none(type_)
            if is_unknown(type_) and not _may_fit(holder):
                continue
            if _may_be(facts, found, type_):
                uses.add(Use(path, holder.start_point.row + 1))
    return sorted(uses)


def _holder(root: Node, word: Node | None, offset: int) -> Node | None:
    """What a helper is looked up on: `x` of `x.helper`, or of a call with `x, "helper"`."""
    if word is not None:
        attribute = word.parent
        if attribute is None or attribute.type != "attribute":
            return None
        is_name = attribute.child_by_field_name("attribute") == word
        return attribute.child_by_field_name("object") if is_name else None
    content = root.descendant_for_byte_range(offset, offset + 1)
    literal = content.parent if content is not None else None
    arguments = literal.parent if literal is not None else None
    if arguments is None or arguments.type != "argument_list":
        return None
    given = parts(arguments)
    named = len(given) > 1 and given[1] == literal and literal_of(literal) is not None
    return given[0] if named else None


def _is_its_path(root: Node, offset: int, found: Definition) -> bool:
    """Whether a string is the name of the helper, or a path to it, as `patch` takes them."""
    content = root.descendant_for_byte_range(offset, offset + len(found.name))
    if content is None or content.type != "string_content":
        return False
    literal = content.parent
    if literal is None or (literal.parent and literal.parent.type == "expression_statement"):
        return False  # a docstring, and what is like one
    path = text_of(content)
    return path == found.name or f".{path}".endswith(f".{found.owner.name}.{found.name}")


def _row(root: Node, offset: int) -> int:
    node = root.descendant_for_byte_range(offset, offset)
    return node.start_point.row if node is not None else 0


def _may_fit(holder: Node) -> bool:
    """Whether what is looked up on something unknown is not called as another method would be."""
    attribute = holder.parent
    call = attribute.parent if attribute is not None and attribute.type == "attribute" else None
    arguments = call.child_by_field_name("arguments") if call is not None else None
    return arguments is None or fits_helper(parts(arguments))


def _may_be(facts: Facts, found: Definition, type_: Type) -> bool:
    """Whether an object of a type may have the helper from this definition."""
    if is_unknown(type_):
        return True
    project = facts.view.project
    for atom in type_:
        if isinstance(atom, Instance | ClassObject) and isinstance(atom.cls, ClassRef):
            member = project.find_member(atom.cls, found.name)
            if member is None and facts.may_have_any_base(atom.cls):
                return True
            if member is not None and member[0] == found.owner:
                return True
            # What is looked up on a class may be an object of one below it.
            if atom.cls in project.lineage(found.owner).order:
                return True
            if any(
                (other := project.find_member(below, found.name)) and other[0] == found.owner
                for below in project.below.classes(atom.cls, CLASS)
            ):
                return True
    return False
