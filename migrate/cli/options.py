"""The options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from migrate.errors import UsageError


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


Repo = Annotated[
    Path | None,
    typer.Option(
        "-C",
        "--repo",
        metavar="DIR",
        help="The repository; by default the one that holds the current folder.",
    ),
]
Codemods = Annotated[
    list[str] | None,
    typer.Option(
        "-c",
        "--codemod",
        metavar="ID",
        help="Run this codemod; repeatable. By default all that the configuration enables.",
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="GLOB", help="Leave these files out; repeatable."),
]
Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATHS", help="Files and folders; by default everything."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
Quiet = Annotated[
    int,
    typer.Option("-q", "--quiet", count=True, show_default=False, help="Only totals and failures."),
]
Verbose = Annotated[
    int,
    typer.Option("-v", "--verbose", count=True, show_default=False, help="Every list in full."),
]


def folder(repo: Path | None) -> Path:
    """The folder that a command works on; raises UsageError if there is none."""
    if repo is None:
        try:
            return Path.cwd()
        except OSError as error:
            raise UsageError(f"the current folder cannot be used: {error.strerror}") from error
    if not os.path.isdir(repo):
        raise UsageError(f"--repo: there is no folder {repo}")
    return repo


def selection(
    repo: Path | None, codemods: Sequence[str], exclude: Sequence[str], paths: Sequence[str]
) -> tuple[str, ...]:
    """The arguments that select the same work in another command."""
    arguments = [] if repo is None else ["-C", str(repo)]
    for codemod in codemods:
        arguments += ["-c", codemod]
    for glob in exclude:
        arguments += ["--exclude", glob]
    if any(path.startswith("-") for path in paths):
        arguments.append("--")
    return (*arguments, *paths)
