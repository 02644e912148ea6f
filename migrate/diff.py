"""Unified differences in git's form, of files with any line ending."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator

from migrate.text import DecodeError, SourceText

_UNPLAIN = re.compile(r'[\x00-\x1f\x7f"\\\ud800-\udfff]')
_ESCAPES = {0x22: '\\"', 0x5C: "\\\\", 0x0A: "\\n", 0x09: "\\t", 0x0D: "\\r"}
_NO_NEWLINE = "\\ No newline at end of file"


def unified(path: str, before: bytes, after: bytes) -> str:
    """The difference between two contents of a file; empty if they are the same.

    Lines end at line feeds, as for git; a carriage return before one stays part of its line.
    """
    if before == after:
        return ""
    old, new = _lines(before), _lines(after)
    names = (_quoted(f"a/{path}"), _quoted(f"b/{path}"))
    hunks = difflib.unified_diff(old, new, *names, lineterm="\n")
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


def _quoted(name: str) -> str:
    """A file name as git writes it: in quotes and escaped if a line could not hold it as it is."""
    data = os.fsencode(name) if _UNPLAIN.search(name) else b""
    if not data:
        return name
    return '"' + "".join(_ESCAPES.get(byte, _octal(byte)) for byte in data) + '"'


def _octal(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"


def _terminated(hunks: Iterator[str]) -> Iterator[str]:
    for line in hunks:
        yield line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}\n"
