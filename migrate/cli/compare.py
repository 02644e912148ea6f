"""`migrate compare`: the interfaces of two classes side by side."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from migrate.cli import console
from migrate.cli.options import Format, FormatOption, Repo, folder


def compare(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A class, as package.module.Class.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The class to hold it against.")],
    repo: Repo = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Show the interfaces of two classes of the repository side by side.

    What both have alike, what only one has, what a codemod's adaptation makes up for, and what
    stays incompatible. The classes are read, never imported.
    """
    from migrate import pipeline  # tree-sitter and git: too slow to import for --help
    from migrate.report import comparison as report

    comparison = pipeline.compare_classes(folder(repo), old, new)
    if format is Format.JSON:
        console.write(report.render_json(comparison))
        return
    color, width = console.shows_color(sys.stdout), console.width(sys.stdout)
    console.write(report.render_text(comparison, color=color, width=width))
