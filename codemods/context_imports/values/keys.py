"""Keys of dictionaries that the new class refuses, and the old one did not.

As for ids, what counts is what the source of the file says: displays and what they are made of,
calls of `dict`, copies, what is put into them under a name before they are given, and keys that
names stand for. What nobody knows of a dictionary passes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tree_sitter import Node

from codemods.context_imports.options import Move, Options
from codemods.context_imports.values.origins import Origin, Origins, Place
from codemods.context_imports.values.texts import said, texts_of
from migrate.project.binding import arguments_of_call
from migrate.syntax import FUNCTIONS, ancestors, captures, text_of, unstarred
from migrate.view import FileView

_LOOPS = frozenset({"for_statement", "while_statement"})
_COPIES = frozenset({"copy", "deepcopy", "dict"})
_CHANGES = """[
  (assignment left: (subscript)) @change
  (augmented_assignment left: [(identifier) (attribute)]) @change
  (call function: (attribute)) @change
]"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key that a dictionary has, or may; `place` is where that is written, if not in the call."""

    key: str
    is_certain: bool
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class RefusedKey:
    """An argument with a dictionary that is refused, and why."""

    argument: Node
    message: str


class Keys:
    """The keys of the dictionaries that the calls in one file give."""

    def __init__(self, view: FileView, options: Options, origins: Origins) -> None:
        """Judge the dictionaries of one file."""
        self._view = view
        self._options = options
        self._origins = origins

    def problems(self, given: Mapping[str, Node], move: Move | None) -> Iterator[RefusedKey]:
        """The arguments with a key that the new class refuses, or may.

        `given` has the arguments by the name of the new parameter, `move` what the old class
        refuses: a call that it refused already is no matter of the move.
        """
        if not self._options.forbidden_keys:
            return
        old = frozenset(move.forbidden_keys if move is not None else ())
        refused = frozenset(self._options.forbidden_keys) - old
        found = {
            name: list(self._entries(given[name]))
            for name in self._options.mappings
            if name in given
        }
        if any(e.key in old and e.is_certain for entries in found.values() for e in entries):
            return
        for name, entries in found.items():
            wrong = sorted((e for e in entries if e.key in refused), key=lambda e: not e.is_certain)
            if wrong:
                yield RefusedKey(given[name], self._sentence(name, wrong[0]))

    def _sentence(self, name: str, entry: Entry) -> str:
        where = f" ({said(entry.place, self._view)})" if entry.place is not None else ""
        verb = "has" if entry.is_certain else "may have"
        return (
            f"The dictionary {verb} the key {entry.key!r}{where},"
            f" which the new class refuses in {name}."
        )

    def _entries(self, node: Node) -> Iterator[Entry]:
        value = unstarred(node)
        found = self._origins.of(value)
        for origin in found:
            yield from self._of(origin, is_certain=len(found) == 1)
        yield from self._put_in(value)

    def _of(self, origin: Origin, *, is_certain: bool) -> Iterator[Entry]:
        """The keys of what one expression gives."""
        match origin.value:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if key is None:
                        yield from self._behind(origin.at(value), is_certain=is_certain)
                    else:
                        known = list(self._origins.behind(origin.at(key)))
                        yield from self._keys(known, origin.place, is_certain=is_certain)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                for side in (left, right):
                    yield from self._behind(origin.at(side), is_certain=is_certain)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) as call:
                if name not in _COPIES:
                    return
                copied = [*call.args, *(k.value for k in call.keywords if k.arg is None)]
                if isinstance(call.func, ast.Attribute) and not call.args:
                    copied = [call.func.value]
                for each in copied:
                    yield from self._behind(origin.at(each), is_certain=is_certain)
                for keyword in call.keywords:
                    if keyword.arg is not None:
                        yield Entry(keyword.arg, is_certain, origin.place)

    def _behind(self, origin: Origin, *, is_certain: bool) -> Iterator[Entry]:
        found = list(self._origins.behind(origin))
        for each in found:
            yield from self._of(each, is_certain=is_certain and len(found) == 1)

    def _keys(
        self, found: list[Origin], place: Place | None, *, is_certain: bool
    ) -> Iterator[Entry]:
        texts = texts_of(self._origins, found)
        for text in texts:
            if text.whole:
                yield Entry(text.start, is_certain and len(texts) == 1, place)

    def _put_in(self, name: Node) -> Iterator[Entry]:
        """The keys under which something is put into a dictionary before a call is given it."""
        if name.type not in ("identifier", "attribute"):
            return
        for change in _changes(name):
            place = (self._view.path, change.start_byte)
            left, right = (change.child_by_field_name(field) for field in ("left", "right"))
            if change.type == "augmented_assignment" and right is not None:
                yield from self._mapping(right, place)
            elif left is not None:
                key = left.child_by_field_name("subscript")
                found = self._origins.of(key) if key is not None else []
                yield from self._keys(found, place, is_certain=False)
            for argument in arguments_of_call(change) if change.type == "call" else ():
                if argument.name is not None:
                    yield Entry(argument.name, False, place)
                elif _method(change) == "update":
                    yield from self._mapping(argument.node, place)
                elif _method(change) == "setdefault":
                    yield from self._keys(self._origins.of(argument.node), place, is_certain=False)
                    break

    def _mapping(self, node: Node, place: Place) -> Iterator[Entry]:
        for origin in self._origins.of(unstarred(node)):
            for entry in self._of(origin, is_certain=False):
                yield replace(entry, place=entry.place or place)


def _changes(name: Node) -> Iterator[Node]:
    """Where something may be put into a dictionary before it is used under this name."""
    above = list(ancestors(name))
    scope = next((each for each in above if each.type in FUNCTIONS), above[-1])
    loops = [each for each in above if each.type in _LOOPS and each.start_byte > scope.start_byte]
    for change in captures(_CHANGES, scope).get("change", []):
        holder = _changed(change)
        is_before = change.start_byte < name.start_byte or any(
            loop.start_byte < change.start_byte < loop.end_byte for loop in loops
        )
        if is_before and holder is not None and text_of(holder) == text_of(name):
            yield change


def _changed(change: Node) -> Node | None:
    """The dictionary that an assignment or a call changes."""
    target = change.child_by_field_name("left") or change.child_by_field_name("function")
    if target is None or target.type == "identifier":
        return target if change.type == "augmented_assignment" else None
    return target.child_by_field_name("value" if target.type == "subscript" else "object")


def _method(call: Node) -> str:
    function = call.child_by_field_name("function")
    return text_of(function).rpartition(".")[2] if function is not None else ""
