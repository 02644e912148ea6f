"""`migrate run`, the default command: preview a migration, or commit it to a branch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli import console
from migrate.cli.options import (
    Arguments,
    BoundNames,
    Chosen,
    Codemods,
    Exclude,
    Format,
    FormatOption,
    Needles,
    Paths,
    Quiet,
    Recipes,
    Repo,
    SecondPass,
    Verbose,
    chosen,
    folder,
    key_values,
    selection,
)
from migrate.errors import UsageError
from migrate.model import FailureKind, Mode, Report
from migrate.report import json, text

if TYPE_CHECKING:
    from migrate import pipeline

# A file that failed for these was ready to be rewritten; other failures were never in reach.
_LEFT_OUT = (FailureKind.SAFETY, FailureKind.CODEMOD)


def run(
    paths: Paths = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Preview, and change nothing; the default.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Commit the rewrites, in batches, to a branch.")
    ] = False,
    repo: Repo = None,
    codemods: Codemods = None,
    recipes: Recipes = None,
    arguments: Arguments = None,
    needles: Needles = None,
    second_pass: SecondPass = None,
    bound_names: BoundNames = None,
    exclude: Exclude = None,
    branch: Annotated[
        str | None,
        typer.Option(
            "--branch",
            metavar="NAME",
            help="The branch; by default migrate/ and the start of the base commit's id.",
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            "--batch-size",
            metavar="N",
            min=1,
            help="Files a commit; by default the configuration's, or 20.",
        ),
    ] = None,
    switch: Annotated[
        bool, typer.Option("--switch", help="Check the branch out at the end.")
    ] = False,
    format: FormatOption = Format.TEXT,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="Write the report there; all of it or nothing."
        ),
    ] = None,
    diff: Annotated[
        bool | None,
        typer.Option(
            "--diff/--no-diff",
            help="Show the differences; by default on a terminal.",
            show_default=False,
        ),
    ] = None,
    stat: Annotated[
        bool, typer.Option("--stat", help="Show how much changes in which file.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            "-j",
            "--jobs",
            metavar="N",
            min=1,
            help="Worker processes; by default one for each processor.",
        ),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither read nor write a cache; there is none yet.")
    ] = False,
    quiet: Quiet = 0,
    verbose: Verbose = 0,
) -> int:
    """Preview a migration, or commit it to a branch.

    Finds every site of the enabled codemods, proves which can be rewritten, and puts the others
    in a review queue with the reason. Without --apply nothing is changed.
    """
    if dry_run and apply:
        raise UsageError("--dry-run and --apply exclude each other")
    if output is not None:
        console.check_writable(output)
    from migrate import pipeline  # LibCST and git: too slow to import for --help

    choice = chosen(codemods, arguments, needles, second_pass, bound_names, recipes)
    request = pipeline.Request(
        folder=folder(repo),
        paths=tuple(paths or ()),
        codemods=choice.names,
        recipes=choice.recipes,
        arguments=key_values(choice.arguments),
        needles=choice.needles,
        second_pass=choice.second_pass,
        bound_names=choice.bound_names,
        exclude=tuple(exclude or ()),
        mode=Mode.APPLY if apply else Mode.DRY_RUN,
        branch=branch,
        batch_size=batch_size,
        switch=switch,
        jobs=jobs,
    )
    with console.progress(verbose - quiet) as progress:
        report = pipeline.run(request, progress)
    if format is Format.JSON:
        result = json.render(report)
    else:
        view = _view(request, choice, repo, output, diff, stat, verbose - quiet)
        result = text.render(report, view)
    if output is None:
        console.write(result)
    else:
        console.save(output, result)
    return _exit_code(report)


def _view(
    request: pipeline.Request,
    choice: Chosen,
    repo: Path | None,
    output: Path | None,
    diff: bool | None,
    stat: bool,
    verbosity: int,
) -> text.View:
    stream = sys.stdout if output is None else None
    on_terminal = console.is_terminal(stream)
    return text.View(
        color=output is None and console.shows_color(stream),
        diff=on_terminal and not stat if diff is None else diff,
        stat=stat,
        width=console.width(stream),
        verbosity=verbosity,
        repo=None if repo is None else str(repo),
        arguments=selection(repo, choice, request.exclude, request.paths),
        apply_arguments=_apply_arguments(request),
    )


def _apply_arguments(request: pipeline.Request) -> tuple[str, ...]:
    """The options that matter for the commits alone."""
    arguments: list[str] = []
    if request.branch is not None:
        arguments += ["--branch", request.branch]
    if request.batch_size is not None:
        arguments += ["--batch-size", str(request.batch_size)]
    return (*arguments, "--switch") if request.switch else tuple(arguments)


def _exit_code(report: Report) -> int:
    """1 where an --apply left out files that were ready to be rewritten, else 0."""
    left_out = any(file.failure and file.failure.kind in _LEFT_OUT for file in report.files)
    return int(report.mode is Mode.APPLY and left_out)
