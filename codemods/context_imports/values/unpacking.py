"""Unpacking: which part of which value a target takes."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node, Tree

from migrate.syntax import identifier_at, parts

PATTERNS = frozenset({"pattern_list", "tuple_pattern", "list_pattern"})
_LOOPS = frozenset({"for_statement", "for_in_clause"})


@dataclass(frozen=True, slots=True)
class Unpacking:
    """A value, and the positions that lead into it; with `is_loop` into each of its elements."""

    value: Node
    indexes: tuple[int, ...]
    is_loop: bool


def unpacking_of(target: Node) -> Unpacking | None:
    """What an assignment or a loop gives to a target; None behind a star, or for other targets."""
    indexes: list[int] = []
    node = target
    while (holder := node.parent) is not None and holder.type in PATTERNS:
        items = parts(holder)
        at = items.index(node)
        if any(item.type == "list_splat_pattern" for item in items[: at + 1]):
            return None
        indexes.insert(0, at)
        node = holder
    if holder is None or holder.child_by_field_name("left") != node:
        return None
    value = holder.child_by_field_name("right")
    while value is not None and value.type == "assignment":
        value = value.child_by_field_name("right")
    if value is None or holder.type not in (*_LOOPS, "assignment"):
        return None
    return Unpacking(value, tuple(indexes), holder.type in _LOOPS)


def target_at(tree: Tree, start: int, name: str) -> Node | None:
    """The target of that name in the binding that starts there: itself, or a loop's."""
    word = name.encode()
    node = identifier_at(tree, start, len(word))
    if node is not None:
        return node
    holder = tree.root_node.descendant_for_byte_range(start, start + 1)
    while holder is not None and holder.type not in _LOOPS:
        holder = holder.parent
    return holder.child_by_field_name("left") if holder is not None else None
