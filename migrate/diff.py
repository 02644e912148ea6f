"""Unified differences in git's form, of files with any line ending."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, takewhile

from migrate.model import Edit, Span
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


def hunks(before: bytes, after: bytes) -> tuple[Edit, ...]:
    """The edits that make `after` of `before`, both UTF-8: one for each run of lines that differs.

    They are in order and have unchanged lines between them. A line ending at the end of both
    sides of an edit is left out of it.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, old))]
    same = _common(old, new)
    tail = _common(old[same:][::-1], new[same:][::-1])
    middle = difflib.SequenceMatcher(None, old[same : len(old) - tail], new[same : len(new) - tail])
    edits: list[Edit] = []
    for tag, i, j, k, m in middle.get_opcodes():
        if tag != "equal":
            span = Span(starts[same + i], starts[same + j])
            edits.append(_without_ending(before, span, b"".join(new[same + k : same + m])))
    return tuple(edits)


def _common(old: Sequence[bytes], new: Sequence[bytes]) -> int:
    """How many lines are the same at the start of both."""
    pairs = zip(old, new, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _without_ending(before: bytes, span: Span, replacement: bytes) -> Edit:
    old = before[span.start : span.end]
    for ending in (b"\r\n", b"\n", b"\r"):
        if old.endswith(ending) and replacement.endswith(ending):
            shorter = Span(span.start, span.end - len(ending))
            return Edit(shorter, replacement.removesuffix(ending))
    return Edit(span, replacement)


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
