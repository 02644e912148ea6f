"""`migrate new`: a codemod to start from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from migrate import registry
from migrate.cli import console
from migrate.errors import UsageError
from migrate.report.terminal import escape, quoted


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The id that it gets, such as rename-connect.")
    ],
    parent: Annotated[
        Path,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="Where its folder is made; by default in the current folder.",
            show_default=False,
        ),
    ] = Path(),
) -> None:
    """Write a new codemod: a project with its cases and its test, which pass."""
    from migrate import scaffold  # package metadata and resources: slow to import for --help

    if not os.path.isdir(parent):
        raise UsageError(f"--dir: there is no folder {parent}")
    if name in registry.codemods():
        raise UsageError(f"a codemod {name!r} is installed already")
    folder = str(scaffold.create(name, parent))
    module = scaffold.module_of(name)
    console.write(
        f"Created {escape(folder)}: the codemod in {module}.py, its cases and its test in tests.\n"
        "\n"
        "Install it and run its test:\n"
        f"  cd {quoted(folder)}\n"
        '  python -m pip install --editable ".[test]"\n'
        "  python -m pytest\n"
        "Try it on a repository:\n"
        f"  migrate --dry-run -c {name} -C REPOSITORY\n"
    )
