"""The options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from migrate.codemod import Policy
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
        help="Run this codemod: an id, package.module:NAME or path/to/file.py:NAME; repeatable."
        " By default all that the configuration enables.",
    ),
]
Recipes = Annotated[
    list[str] | None,
    typer.Option(
        "--recipe",
        metavar="FILE",
        help="Run the rules of a recipe, a .toml file, after the codemods of -c; repeatable.",
    ),
]
Arguments = Annotated[
    list[str] | None,
    typer.Option(
        "--codemod-arg",
        metavar="KEY=VALUE",
        help="An argument of the codemod that -c names; repeatable.",
    ),
]
Needles = Annotated[
    list[str] | None,
    typer.Option(
        "--needle",
        metavar="TEXT",
        help="Only convert files that contain one of these texts; repeatable.",
    ),
]
SecondPass = Annotated[
    Policy | None,
    typer.Option(
        "--second-pass",
        help="For a file that the codemod would change again: leave it alone, rewrite it with a"
        " finding for review, or do not check; by default what the codemod says.",
        show_default=False,
    ),
]
BoundNames = Annotated[
    Policy | None,
    typer.Option(
        "--names",
        help="For a file in which a name would no longer be bound: leave it alone, rewrite it with"
        " a finding for review, or do not check; by default what the codemod says.",
        show_default=False,
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


@dataclass(frozen=True)
class Chosen:
    """The codemods that a command is to run, as its options say."""

    names: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    needles: tuple[str, ...] = ()
    second_pass: Policy | None = None
    bound_names: Policy | None = None
    recipes: tuple[str, ...] = ()

    @property
    def options(self) -> list[str]:
        """The same options again, for another command."""
        options: list[str] = []
        for option, values in (
            ("-c", self.names),
            ("--recipe", self.recipes),
            ("--codemod-arg", self.arguments),
            ("--needle", self.needles),
            ("--second-pass", (self.second_pass,) if self.second_pass else ()),
            ("--names", (self.bound_names,) if self.bound_names else ()),
        ):
            for value in values:
                options += [option, str(value)]
        return options


def chosen(
    names: list[str] | None,
    arguments: list[str] | None,
    needles: list[str] | None,
    second_pass: Policy | None,
    bound_names: Policy | None,
    recipes: list[str] | None,
) -> Chosen:
    """The values of the options that choose codemods."""
    return Chosen(
        tuple(names or ()),
        tuple(arguments or ()),
        tuple(needles or ()),
        second_pass,
        bound_names,
        tuple(recipes or ()),
    )


def selection(
    repo: Path | None, codemods: Chosen, exclude: Sequence[str], paths: Sequence[str]
) -> tuple[str, ...]:
    """The arguments that select the same work in another command."""
    arguments = [] if repo is None else ["-C", str(repo)]
    arguments += codemods.options
    for glob in exclude:
        arguments += ["--exclude", glob]
    if any(path.startswith("-") for path in paths):
        arguments.append("--")
    return (*arguments, *paths)


def key_values(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """`key=value` arguments in two; raises UsageError for one that is not of this form."""
    pairs = [text.partition("=") for text in texts]
    for key, equals, _ in pairs:
        if not (key and equals):
            raise UsageError(f"--codemod-arg takes KEY=VALUE, not {key!r}")
    return tuple((key, value) for key, _, value in pairs)
