"""Strings and comments that name a legacy module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from codemods.context_imports.facts import Facts, Fate, new_name
from codemods.context_imports.options import EVERYTHING, Move
from migrate.model import Span
from migrate.syntax import span, text_of
from migrate.view import FileView

# Callees whose first argument is the dotted name of a thing to import, by the end of their name.
_CALLEES = (
    "patch",
    "import_module",
    "__import__",
    "find_spec",
    "monkeypatch.setattr",
    "monkeypatch.delattr",
    "importorskip",
)
_FIRST = frozenset({"target", "name", "modname"})
_REST = r"(?:\.[A-Za-z_]\w*)*"


@dataclass(frozen=True)
class DottedString:
    """A string that is a legacy module's dotted name, or that of something in it.

    `name` is that of the thing, `*` for the module; `after` is the literal that names the same in
    the new module. `is_known` tells whether the string is given to something that imports by it.
    """

    node: Node
    move: Move
    name: str
    fate: Fate
    after: str
    is_known: bool


def find_strings(view: FileView, facts: Facts) -> Iterator[DottedString | Span]:
    """Every dotted string, and the place of every other mention, in source order.

    Where the same text can be a part of several names, the move of the longest counts.
    """
    for move, where in _mentions(view, facts):
        node = view.tree.root_node.descendant_for_byte_range(where.start, where.end)
        if node is None or node.type not in ("string_content", "comment"):
            continue
        string = node.parent
        is_whole = node.type == "string_content" and span(node) == where
        if string is None or not is_whole:
            yield where
        elif (found := _dotted(view, facts, move, string)) is not None:
            yield found


def _mentions(view: FileView, facts: Facts) -> Iterator[tuple[Move, Span]]:
    """Each place that has a legacy module's full name, with what follows in the dotted name."""
    seen: set[int] = set()
    for move in facts.options.moves:
        pattern = rf"(?<![\w.]){re.escape(move.from_)}{_REST}(?!\w)"
        for match in re.finditer(pattern.encode(), view.text.utf8):
            if match.start() not in seen:
                seen.add(match.start())
                yield move, Span(match.start(), match.end())


def _dotted(view: FileView, facts: Facts, move: Move, string: Node) -> DottedString | None:
    """What becomes of a string; None if what it names stays."""
    source = view.source(string)
    content = source[source.index(move.from_) :].rstrip("\"'")
    name, _, members = content[len(move.from_) + 1 :].partition(".")
    if name:
        moves = [each for each in facts.options.moves if each.from_ == move.from_]
        fates = {at: facts.fate(each, name) for at, each in enumerate(moves)}
        at = next((at for at, fate in fates.items() if fate is not Fate.STAYS), None)
        if at is None:
            return None
        move, fate = moves[at], fates[at]
        after = ".".join(filter(None, (move.to, new_name(move, name), members)))
    else:
        fate = Fate.MISSING if facts.module(move.to) is None else Fate.MOVES
        after = move.to
    is_certain = bool(name) or EVERYTHING in move.names
    is_joined = string.parent is not None and string.parent.type == "concatenated_string"
    is_plain = source[0] in "\"'" and source[1] != source[0] and not is_joined
    return DottedString(
        string,
        move,
        name or EVERYTHING,
        fate,
        f"{source[-1]}{after}{source[-1]}",
        is_certain and is_plain and _is_known(string),
    )


def _is_known(string: Node) -> bool:
    """Whether the string is given to a known callee or to `sys.modules`, or is an annotation."""
    holder = string.parent
    if holder is None:
        return False
    if holder.type == "type":  # a quoted annotation
        return True
    if holder.type == "subscript":
        value = holder.child_by_field_name("value")
        return value is not None and text_of(value) == "sys.modules"
    if holder.type == "keyword_argument":
        name = holder.child_by_field_name("name")
        holder = holder.parent
        first = name is not None and text_of(name) in _FIRST
    else:
        given = [child for child in holder.named_children if child.type != "comment"]
        first = given[:1] == [string]
    call = holder.parent if holder is not None else None
    function = call.child_by_field_name("function") if call is not None else None
    if not first or function is None or holder is None or holder.type != "argument_list":
        return False
    called = text_of(function)
    return any(called == known or called.endswith(f".{known}") for known in _CALLEES)
