"""Bowler without its files, processes and prompts: queries that work on one text in memory."""

from __future__ import annotations

import difflib
import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Protocol

import bowler.tool
from bowler.tool import BowlerTool
from fissix import pygram
from fissix.pgen2 import token
from fissix.pgen2.parse import ParseError
from fissix.pytree import Node
from fissix.refactor import _detect_future_features

from migrate.adapters.bowler_needles import Words, needed_words
from migrate.adapters.bowler_script import CannotParseError, Queries
from migrate.adapters.contained import replaced


class Run(Protocol):
    """What the queries of a running script act on; `queries` are those executed so far."""

    queries: Queries

    def refactor(self, tool: BowlerTool, paths: Sequence[str]) -> None:
        """Take a query's compiled fixers in place of the files below `paths`."""


@contextmanager
def routed(run: Run) -> Iterator[None]:
    """Let every query that is executed meanwhile act on `run`, whoever executes it, and how."""

    def refactor(tool: BowlerTool, items: Sequence[str], *args: object, **options: object) -> None:
        run.refactor(tool, items)

    unused = SimpleNamespace(JoinableQueue=object, Queue=object, Semaphore=lambda value: value)
    with (
        replaced(BowlerTool, "refactor", refactor),
        # The tool makes queues and semaphores as soon as it is made; nothing here uses them.
        replaced(bowler.tool, "multiprocessing", unused),
    ):
        yield


class Survey:
    """A run on no file: which queries a script executes, and what they look for."""

    def __init__(self) -> None:
        """Start with no query seen."""
        self.queries: Queries = ()
        self.words: Words = frozenset()
        self.paths: set[tuple[str, ...]] = set()

    def refactor(self, tool: BowlerTool, paths: Sequence[str]) -> None:
        """Note the query."""
        self.queries += (_patterns(tool),)
        self.paths.add(tuple(paths))
        words = needed_words(_fixers(tool))
        self.words = None if words is None or self.words is None else self.words | words


class Conversion:
    """A run on the text of one file: each query works on what the one before it has left.

    `text` ends with a line feed. `error` is the first thing that went wrong, after which nothing is
    done any more.
    """

    def __init__(self, path: str, text: str, below: str | None = None) -> None:
        """Take the path, relative to the root and with `/`, and the text.

        Where `below` has the root's absolute path, queries act only on files below their own paths.
        """
        self.path = path
        self.text = text
        self.below = below
        self.queries: Queries = ()
        self.error: BaseException | None = None

    def refactor(self, tool: BowlerTool, paths: Sequence[str]) -> None:
        """Apply the query to the text; an error goes into `error`, as Bowler goes on as well."""
        self.queries += (_patterns(tool),)
        name = _name_below(paths, self.path)
        try:
            if self.error is None and self._is_meant(paths) and tool.filename_matcher(name):
                self.text = _refactored(tool, self.text, name)
        except (Exception, SystemExit) as error:
            self.error = error
            tool.exceptions.append(error)

    def _is_meant(self, paths: Sequence[str]) -> bool:
        if self.below is None:
            return True
        file = os.path.normcase(os.path.abspath(os.path.join(self.below, self.path)))
        folders = [os.path.normcase(os.path.abspath(path)) for path in paths]
        return any(file == each or file.startswith(os.path.join(each, "")) for each in folders)


def _fixers(tool: BowlerTool) -> list[Any]:
    return [*tool.pre_order, *tool.post_order]


def _patterns(tool: BowlerTool) -> tuple[str, ...]:
    return tuple(str(fixer.PATTERN) for fixer in _fixers(tool))


def _name_below(paths: Sequence[str], path: str) -> str:
    """The name by which Bowler would know a file, in the root folder and with the query's paths.

    Scripts test it with regular expressions. Where none of the paths leads to the file, it is the
    name for a query over the current folder.
    """
    for each in paths:
        folder = posixpath.normpath(each.replace(os.sep, "/"))
        if folder == ".":
            return posixpath.join(each.replace(os.sep, "/"), path)
        if path == folder or path.startswith(folder + "/"):
            return each.replace(os.sep, "/").rstrip("/") + path[len(folder) :]
    return posixpath.join(".", path)


def _refactored(tool: BowlerTool, text: str, name: str) -> str:
    """The text after a query, with the hunks left out that the query's processors refuse."""
    tree = _parsed(tool, text)
    tool.refactor_tree(tree, name)
    after = str(tree)
    if after.splitlines() == text.splitlines():
        return text
    # This also parses the result, and fails if that is no Python to fissix.
    hunks = tool.processed_file(after, name, text)
    return _with_hunks(text, after, [tool.hunk_processor(name, hunk) for hunk in hunks])


def _with_hunks(before: str, after: str, accepted: Sequence[object]) -> str:
    """`before` with those hunks of the unified difference that are not refused with False."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    # A unified difference has one hunk for each group of this very matcher.
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines())
    pieces: list[str] = []
    done = 0
    for group, answer in zip(matcher.get_grouped_opcodes(), accepted, strict=True):
        if answer is False:
            continue
        for tag, start, end, new_start, new_end in group:
            if tag != "equal":
                pieces += [*old[done:start], *new[new_start:new_end]]
                done = end
    return "".join([*pieces, *old[done:]])


def _parsed(tool: BowlerTool, text: str) -> Node:
    """The tree of a text, with the tool's own grammar, else with the newest that fissix has.

    The tool's own takes `exec` for a keyword, and `print` too for a query with `python_version=2`.
    Raises CannotParseError. Leaves the tool with the grammar that has worked.
    """
    features = _features(text)
    own = tool.grammar
    if "print_function" in features:
        own = pygram.python_grammar_no_print_statement
    try:
        tree = _parsed_with(tool, own, text)
    except CannotParseError as error:
        try:
            tree = _parsed_with(tool, pygram.python_grammar_no_print_and_exec_statement, text)
        except CannotParseError:
            raise error from None
    tree.future_features = features
    _check_print(tree, text)
    _check_strings(tree)
    return tree


def _check_print(tree: Node, text: str) -> None:
    try:
        faithful = str(tree) == text
    except RecursionError:
        raise CannotParseError("it is nested too deeply") from None
    if not faithful:
        raise CannotParseError("the parsed file does not print as it was")


def _check_strings(tree: Node) -> None:
    """Raise CannotParseError if an f-string goes on where fissix ends it (PEP 701).

    Then what comes behind that quote is taken for code, and may even parse.
    """
    for leaf in tree.leaves():
        if leaf.type == token.STRING and "{" in leaf.value and _is_open(leaf.value):
            raise CannotParseError("an f-string has its own quotes inside", leaf.lineno)


def _is_open(literal: str) -> bool:
    """Whether a replacement field of an f-string is not closed; in doubt, yes."""
    prefix, quote, body = re.split("(\"\"\"|'''|\"|')", literal, maxsplit=1)
    if "f" not in prefix.lower():
        return False
    depth = at = 0
    body = body[: -len(quote)]
    while at < len(body):
        character = body[at]
        if depth == 0 and body[at : at + 2] in ("{{", "}}"):
            at += 1
        elif character in "{}":
            depth += 1 if character == "{" else -1
        elif depth and character in "\"'":
            at = body.find(character, at + 1)
            if at < 0:
                return True
        at += 1
    return depth != 0


def _parsed_with(tool: BowlerTool, grammar: Any, text: str) -> Node:
    tool.driver.grammar = grammar
    try:
        return tool.driver.parse_string(text)
    except Exception as error:  # what tokenizer and parser raise has no base class in common
        raise CannotParseError(_reason(error), _line_of(error)) from None


def _features(text: str) -> frozenset[str]:
    try:
        return frozenset(_detect_future_features(text))
    except Exception:  # a text that has no tokens has no tree either, which is said there
        return frozenset()


def _reason(error: Exception) -> str:
    """Why fissix has stopped, without its numbers."""
    if isinstance(error, ParseError) and error.value.strip():
        return f"it stops at {error.value!r}"
    return str(error.args[0]) if error.args else type(error).__name__


def _line_of(error: Exception) -> int | None:
    """Where fissix says that it stopped."""
    if isinstance(error, SyntaxError):
        return error.lineno
    place = getattr(error, "context", (None, error.args[-1] if error.args else None))[1]
    return place[0] if isinstance(place, tuple) else None
