"""Two classes side by side, for a person and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from migrate.compare import Comparison, Row, Side, Verdict
from migrate.report.json import dump
from migrate.report.terminal import Ink, escape

_SIGNS = {
    Verdict.SAME: ("=", "dim"),
    Verdict.COVERED: ("~", "green"),
    Verdict.ONLY_NEW: ("+", "cyan"),
    Verdict.INCOMPATIBLE: ("!", "red"),
}
_INDENT = " " * 6


def render_json(comparison: Comparison) -> str:
    """The comparison as one JSON object with a fixed order of keys and rows."""
    return dump(
        {
            "schema": "migrate-compare/1",
            "old": _side(comparison.old),
            "new": _side(comparison.new),
            "rows": [
                {
                    "section": row.section,
                    "name": row.name,
                    "old": row.old,
                    "new": row.new,
                    "verdict": row.verdict,
                    "note": row.note or None,
                }
                for row in comparison.rows
            ],
        }
    )


def _side(side: Side) -> dict[str, Any]:
    return {"class": side.dotted, "path": side.path, "traits": list(side.traits)}


def render_text(comparison: Comparison, *, color: bool, width: int) -> str:
    """The comparison as text, at most `width` columns wide where names allow it."""
    return "\n".join(_lines(comparison, Ink(color), width)) + "\n"


def _lines(comparison: Comparison, ink: Ink, width: int) -> Iterator[str]:
    for label, side in (("old", comparison.old), ("new", comparison.new)):
        traits = f"  ({', '.join(side.traits)})" if side.traits else ""
        yield f"{label}  {ink('bold', escape(side.dotted))}{traits}"
        yield f"     {ink('dim', escape(side.path))}"
    for section, rows in groupby(comparison.rows, key=lambda row: row.section):
        yield ""
        yield ink("title", section.capitalize())
        yield from _section(list(rows), ink, width)
    yield ""
    yield _total(comparison.rows)


def _section(rows: Sequence[Row], ink: Ink, width: int) -> Iterator[str]:
    both = [row for row in rows if row.old and row.new and row.old != row.new]
    column = max((len(escape(row.old or "")) for row in both), default=0)
    for row in rows:
        sign, style = _SIGNS[row.verdict]
        old, new = escape(row.old or row.new or ""), escape(row.new or row.old or "")
        if old == new:
            yield f"  {ink(style, sign)} {old}"
        elif 6 + column + len(new) <= width:
            yield f"  {ink(style, sign)} {old:<{column}}  {new}"
        else:
            yield f"  {ink(style, sign)} {old}"
            yield f"{_INDENT}{new}"
        if row.note:
            yield f"{_INDENT}{ink(style, escape(row.note))}"


def _total(rows: Sequence[Row]) -> str:
    counts = Counter(row.verdict for row in rows)
    words = {
        Verdict.SAME: "the same (=)",
        Verdict.COVERED: "covered by an adaptation (~)",
        Verdict.ONLY_NEW: "only in the new class (+)",
        Verdict.INCOMPATIBLE: "incompatible (!)",
    }
    return ", ".join(f"{counts[verdict]} {text}" for verdict, text in words.items()) + "."
