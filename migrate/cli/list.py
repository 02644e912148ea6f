"""`migrate list`: codemods and their rules."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from migrate import registry
from migrate.cli import console
from migrate.cli.options import Format, FormatOption
from migrate.codemod import AnyCodemod
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
    """List the installed codemods and their rules, or those that are named."""
    references = [registry.Reference(name, arguments=None) for name in named or ()]
    codemods = [registry.load(reference).codemod for reference in references]
    codemods = codemods if named else list(registry.codemods().values())
    if format is Format.JSON:
        console.write(dump({"schema": "migrate-codemods/1", "codemods": [*map(_value, codemods)]}))
        return
    ink = Ink(console.shows_color(sys.stdout))
    blocks = ["\n".join(_lines(codemod, ink)) for codemod in codemods]
    console.write("\n\n".join(blocks) + "\n" if blocks else "No codemod is installed.\n")


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
