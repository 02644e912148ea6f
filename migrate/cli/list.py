"""`migrate list`: codemods and their rules."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from migrate import registry
from migrate.cli import console
from migrate.cli.options import Format, FormatOption
from migrate.codemod import AnyCodemod, Codemod
from migrate.report.json import dump
from migrate.report.terminal import Ink

_Named = Annotated[
    list[str] | None,
    typer.Option(
        "-c",
        "--codemod",
        metavar="ID",
        help="List this one: an id, package.module:NAME or path/to/file.py:NAME; repeatable.",
    ),
]


def list_codemods(named: _Named = None, format: FormatOption = Format.TEXT) -> None:
    """List the installed codemods and kinds of rules for recipes, or codemods that are named."""
    references = [registry.Reference(name, arguments=None) for name in named or ()]
    codemods = [registry.load(reference).codemod for reference in references]
    codemods = codemods if named else list(registry.codemods().values())
    kinds = [] if named else [kind.codemod for kind in registry.recipe_kinds().values()]
    if format is Format.JSON:
        value = {
            "schema": "migrate-codemods/1",
            "codemods": [*map(_value, codemods)],
            "recipe_kinds": [{"id": kind.id, "summary": kind.summary} for kind in kinds],
        }
        console.write(dump(value))
        return
    ink = Ink(console.shows_color(sys.stdout))
    blocks = ["\n".join(_lines(codemod, ink)) for codemod in codemods]
    if kinds:
        blocks.append("\n".join(_kinds(kinds, ink)))
    console.write("\n\n".join(blocks) + "\n" if blocks else "No codemod is installed.\n")


def _kinds(kinds: Sequence[Codemod], ink: Ink) -> Iterator[str]:
    longest = max(len(kind.id) for kind in kinds)
    yield f"{ink('bold', 'Kinds of rules for recipes')}, for `migrate explain KIND`"
    yield from (f"  {kind.id:<{longest}}  {kind.summary}" for kind in kinds)


def _lines(codemod: AnyCodemod, ink: Ink) -> list[str]:
    longest = max((len(rule.id) for rule in codemod.rules), default=0)
    preview = ", preview: runs only where it is named" if codemod.preview else ""
    title = f"{ink('bold', codemod.id)} (version {codemod.version}{preview}): {codemod.summary}"
    return [title, *(f"  {rule.id:<{longest}}  {rule.summary}" for rule in codemod.rules)]


def _value(codemod: AnyCodemod) -> dict[str, object]:
    return {
        "id": codemod.id,
        "version": codemod.version,
        "preview": codemod.preview,
        "summary": codemod.summary,
        "rules": [{"id": rule.id, "summary": rule.summary} for rule in codemod.rules],
    }
