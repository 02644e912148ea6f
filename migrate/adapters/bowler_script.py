"""What is known of a Bowler script. Bowler itself is not imported here."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum

# Of each query that a script executes: the patterns of its selectors.
Queries = tuple[tuple[str, ...], ...]


class Entry(Enum):
    """How a script gets to execute its queries."""

    BOWLER = "as `bowler run` does: imported, then its main() is called if it has one"
    PYTHON = "as `python` does: it is the main program"
    NAMED = "a query of its own, or a function that gives or executes one, is named"


@dataclass(frozen=True)
class Script:
    """A script that has been looked at once, ready to be run on any number of files.

    `package` is the one that it belongs to, if any, `arguments` are its command line. With the
    entry NAMED, `name` is what to execute. `queries` are those that it executes, `words` those of
    which a file contains one that they may change; None is any file. `scattered` is whether they
    name different paths: then each is for the files below its own, else for all files.
    """

    path: str
    source: bytes
    package: str = ""
    arguments: tuple[str, ...] = ()
    entry: Entry = Entry.BOWLER
    name: str = ""
    queries: Queries = ()
    words: frozenset[str] | None = None
    scattered: bool = False


class CannotParseError(Exception):
    """A text that fissix cannot parse, or not print as it was; `line` counts from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        """Keep the message and the line."""
        super().__init__(message)
        self.line = line


def is_script(source: bytes) -> bool:
    """Whether this is the source of a Bowler script: a module that imports Bowler, anywhere."""
    if b"bowler" not in source:
        return False
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    modules: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules.append(node.module or "")
    return any(module.partition(".")[0] == "bowler" for module in modules)
