"""Differences for a person: coloured patches, and the graph of `git diff --stat`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrate.model import FileReport
from migrate.report.terminal import Ink, counted, escape, escape_source

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def patch(file: FileReport, ink: Ink) -> Iterator[str]:
    """The lines of a file's unified diff, escaped and coloured as git does."""
    yield ink("bold", f"--- a/{escape(file.path)}")
    yield ink("bold", f"+++ b/{escape(file.path)}")
    yield from colored(file.diff, ink)


def colored(diff: str, ink: Ink) -> Iterator[str]:
    """The hunks of a unified diff, escaped and coloured, without the names of the files."""
    body = _body(diff)
    # In a file with CRLF every line ends in "\r", which says nothing; a single one does.
    crlf = all(line.endswith("\r") for line in body if line[0] not in "@\\")
    for line in body:
        text = escape_source(line.removesuffix("\r") if crlf else line)
        style = _STYLES.get(line[0])
        yield ink(style, text) if style else text


def changes(diff: str) -> tuple[int, int]:
    """The number of added and of removed lines in a unified diff."""
    body = _body(diff)
    return sum(line[0] == "+" for line in body), sum(line[0] == "-" for line in body)


def stat(files: Sequence[FileReport], width: int, ink: Ink) -> Iterator[str]:
    """A line with a graph for each file, and the total; at most `width` columns where that fits."""
    rows = [(escape(file.path), *changes(file.diff)) for file in files]
    most = max((added + removed for _, added, removed in rows), default=0)
    digits = len(str(most))
    widest = max((len(path) for path, _, _ in rows), default=0)
    # Like git: the graph gets at least a third of the line, the path what is left.
    names = min(widest, max(width - 5 - digits - min(most, width // 3), 12))
    graph = max(width - 5 - digits - names, 2)
    for path, added, removed in rows:
        name = path if len(path) <= names else f"...{path[3 - names :]}"
        plus, minus = _scaled(added, removed, most, graph)
        signs = ink("green", "+" * plus) + ink("red", "-" * minus)
        yield f" {name:<{names}} | {added + removed:>{digits}} {signs}"
    added = sum(row[1] for row in rows)
    removed = sum(row[2] for row in rows)
    yield (
        f" {counted(len(rows), 'file')} changed,"
        f" {counted(added, 'insertion')}(+), {counted(removed, 'deletion')}(-)"
    )


def _body(diff: str) -> list[str]:
    """The lines from the first hunk on.

    Only a newline ends a line here: a form feed or U+2028 is part of the source.
    """
    lines = [line for line in diff.split("\n") if line]
    first = next((i for i, line in enumerate(lines) if line.startswith("@@")), len(lines))
    return lines[first:]


def _scaled(added: int, removed: int, most: int, graph: int) -> tuple[int, int]:
    """The number of signs of each kind; where they are scaled down, any change keeps a sign."""
    if most <= graph:
        return added, removed
    scale = graph / most
    minus = max(1, int(removed * scale)) if removed else 0
    plus = min(max(1, round(added * scale)), graph - minus) if added else 0
    return plus, minus
