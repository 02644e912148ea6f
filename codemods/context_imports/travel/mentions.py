"""Where else in a project a place may be filled or read, by the names in its files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from tree_sitter import Node

from migrate.project import Project
from migrate.project.tracing import RESULT
from migrate.project.types import Given
from migrate.syntax import ancestors, name_of, text_of

_DEFINITIONS = frozenset({"class_definition", "function_definition", "lambda"})
# What stands between a name and what is asked of one thing in it.
_INSIDE = rb"(?:\[[^\]\n]{0,80}\]|(?:\.\w{1,80})?\([^()\n]{0,80}\)){0,3}"
# What stands behind a value that is used as it is.
_WHOLE = re.compile(_INSIDE + rb"[ \t]*(?:[,)\]}:#\r\n]|(?:as|else|for|if|or)\b|$)")
_NAME = re.compile(rb"\b[A-Za-z_]\w*")


@dataclass(frozen=True)
class Mention:
    """Code that has one of the `plain` names, in files that have one of `holders` or are `home`.

    A name begins with a dot if it has to. With `words`, what has the name is handed on as it is, or
    one of these is asked of it or of what it is assigned to; of anything if it is not `is_named`,
    as for what `__enter__` gives.
    """

    home: str
    holders: frozenset[bytes]
    plain: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()
    is_named: bool = True

    @cached_property
    def names(self) -> re.Pattern[bytes]:
        """The pattern of the names, as whole words."""
        found = (
            (b"" if each.startswith(b".") else rb"\b") + re.escape(each) for each in self.plain
        )
        return re.compile(b"|".join(each + rb"\b" for each in found))

    def may_be_in(self, path: str, data: bytes) -> bool:
        """Whether a file may have such code."""
        is_near = path == self.home or any(each in data for each in self.holders)
        return is_near and self.is_in(data)

    def is_in(self, code: bytes) -> bool:
        """Whether a part of such a file is such code."""
        if self.names.search(code) is None:
            return False
        return not self.words or self._is_asked(code)

    def _is_asked(self, code: bytes) -> bool:
        asked = _asked(self.words)
        if not self.is_named:
            return asked.search(code) is not None
        found = list(self.names.finditer(code))
        if any(asked.match(code, e.end()) or _WHOLE.match(code, e.end()) for e in found):
            return True
        names = {name for each in found for name in _bound(code, each.start())}
        return any(asked.match(code, at) for name in names for at in _ends(code, name))


@lru_cache(maxsize=8)
def _asked(words: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """What asks for one of some words, behind an expression."""
    either = b"|".join(map(re.escape, words))
    return re.compile(_INSIDE + rb"(?:\.(?:%b)\b|, ?['\"](?:%b)['\"])" % (either, either))


def _ends(code: bytes, name: bytes) -> Iterator[int]:
    """The offsets behind a name, or behind a longer one that ends with it."""
    at = code.find(name)
    while at >= 0:
        yield at + len(name)
        at = code.find(name, at + 1)


def _bound(code: bytes, at: int) -> list[bytes]:
    """The names that a line may bind to something of what is behind a place in it."""
    line = code[code.rfind(b"\n", 0, at) + 1 : at]
    target, is_bound, _ = line.partition(b"=")
    loop = line.rpartition(b"for ")[2].rpartition(b" in ")[0]
    return _NAME.findall(target.partition(b":")[0] if is_bound else b"") + _NAME.findall(loop)


@dataclass(frozen=True)
class Mentions:
    """Several such mentions, looked for at once; those with words have the same."""

    those: tuple[Mention, ...]

    @cached_property
    def _by_name(self) -> dict[bytes, list[Mention]]:
        found: dict[bytes, list[Mention]] = {}
        for each in self.those:
            for name in each.plain:
                found.setdefault(name, []).append(each)
        return found

    @cached_property
    def _attributes(self) -> re.Pattern[bytes]:
        names = sorted(re.escape(name) for name in self._by_name if name.startswith(b"."))
        return re.compile(rb"(?:%b)\b" % (b"|".join(names) or rb"(?!)"))

    @cached_property
    def _others(self) -> list[bytes]:
        return [name for name in self._by_name if not name.startswith(b".")]

    def near(self, path: str, data: bytes) -> list[Mention]:
        """Those that may be in a file."""
        names = set(self._attributes.findall(data))
        names.update(name for name in self._others if name in data)
        found = {id(each): each for name in names for each in self._by_name[name]}
        return [each for each in found.values() if each.may_be_in(path, data)]


def filling(project: Project, given: Given) -> Mention | None:
    """Code that may hand something to a parameter, or put it into an attribute or a variable.

    None where that cannot be told by names, as for a lambda's parameter, and for an attribute that
    the class does not know of.
    """
    node = _definition(project, given)
    name = given.name.removesuffix(RESULT)
    if node is None:
        return _mention(given, [], [name])
    classes = _classes_around(node)
    if node.type == "class_definition":
        keeps = re.search(rf"(?m)\b{re.escape(name)}\s*(?::[^=\n]*)?(?:=[^=]|$)", text_of(node))
        names = [f".{name}", name_of(node)]
        return _mention(given, [name_of(node)], names) if keeps else None
    if node.type == "lambda" or node.start_byte != given.start:
        return None
    return _mention(given, classes, list(_callable(node, classes)))


def reading(project: Project, given: Given, words: Sequence[str]) -> Mention | None:
    """Code that may read an attribute or variable, or what a function gives.

    It hands that on, or asks it for one of the words. None for a parameter.
    """
    node = _definition(project, given)
    also = tuple(word.encode() for word in words)
    if node is None:
        return _mention(given, [], [given.name], also)
    if node.type == "class_definition" and "TypedDict" in text_of(node).partition(":")[0]:
        return replace(_mention(given, [], [name_of(node)], also), is_named=False)
    if node.type == "class_definition":
        return _mention(given, [name_of(node)], [f".{given.name}"], also)
    if given.name != RESULT or node.type == "lambda":
        return None
    classes = _classes_around(node)
    if name_of(node).startswith("__") and classes:
        return replace(_mention(given, classes, classes[:1], also), is_named=False)
    return _mention(given, classes, [name_of(node)], also)


def _definition(project: Project, given: Given) -> Node | None:
    """The definition that a place is in; None for the module."""
    tree = project.index.tree(given.path)
    node = tree.root_node if tree is not None else None
    node = node and node.descendant_for_byte_range(given.start, given.start + 1)
    while node is not None and not (node.is_named and node.type in _DEFINITIONS):
        node = node.parent
    return node


def _mention(
    given: Given, holders: list[str], names: list[str], words: tuple[bytes, ...] = ()
) -> Mention:
    stem = given.path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]
    found = frozenset(each.encode() for each in (stem, *holders))
    return Mention(given.path, found, tuple(name.encode() for name in names), words)


def _classes_around(node: Node) -> list[str]:
    return [name_of(each) for each in ancestors(node) if each.type == "class_definition"]


def _callable(function: Node, classes: list[str]) -> Iterator[str]:
    """What a call of the function names, or that of the one around it, which may return it."""
    for each in (function, *ancestors(function)):
        if each.type == "class_definition":
            break
        if each.type == "function_definition":
            called = [name_of(each)]
            if name_of(each) in ("__init__", "__call__", "__new__"):
                called = classes[:1]
            yield from called
