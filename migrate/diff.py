"""Unified differences in git's form, of files with any line ending."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from migrate.text import DecodeError, SourceText

_NO_NEWLINE = "\\ No newline at end of file"


def unified(path: str, before: bytes, after: bytes) -> str:
    """The difference between two contents of a file; empty if they are the same.

    Lines end at line feeds, as for git; a carriage return before one stays part of its line.
    """
    if before == after:
        return ""
    old, new = _lines(before), _lines(after)
    hunks = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm="\n")
    return "".join(_terminated(hunks))


def _lines(data: bytes) -> list[str]:
    try:
        text = SourceText.decode(data)
        decoded = ("\ufeff" if text.bom else "") + text.utf8.decode()
    except DecodeError:
        decoded = data.decode("utf-8", "backslashreplace")
    lines = [f"{line}\n" for line in decoded.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _terminated(hunks: Iterator[str]) -> Iterator[str]:
    for line in hunks:
        yield line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}\n"
