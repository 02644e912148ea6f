"""`migrate review`: what a migration leaves for a person. Reads, and changes nothing."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

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
    Recipes,
    Repo,
    SecondPass,
    chosen,
    folder,
    key_values,
    selection,
)
from migrate.errors import UsageError
from migrate.model import FileReport, Report
from migrate.report import json, queue
from migrate.report.terminal import Ink, counted, escape


def list_queue(
    paths: Paths = None,
    repo: Repo = None,
    codemods: Codemods = None,
    recipes: Recipes = None,
    arguments: Arguments = None,
    needles: Needles = None,
    second_pass: SecondPass = None,
    bound_names: BoundNames = None,
    exclude: Exclude = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """List the files of the review queue, with how many sites wait there and why."""
    choice = chosen(codemods, arguments, needles, second_pass, bound_names, recipes)
    report = _report(repo, choice, exclude, tuple(paths or ()))
    files = queue.queue(report)
    if format is Format.JSON:
        console.write(json.render_queue(files))
        return
    if not files:
        console.write(f"Nothing for review: {counted(report.scanned, 'file')} looked at.\n")
        return
    waiting = [len(file.findings) for file in files if file.findings]
    failed = sum(file.failure is not None for file in files)
    lines = list(queue.listing(files, Ink(console.shows_color(sys.stdout))))
    total = (
        f"{counted(sum(waiting), 'site')} for review in {counted(len(waiting), 'file')},"
        f" {counted(failed, 'file')} failed."
    )
    command = " ".join(selection(repo, choice, exclude or (), ()))
    hint = f"One file in full: migrate review show {command}{' ' if command else ''}FILE"
    console.write("\n".join([*lines, "", total, escape(hint)]) + "\n")


def show_queue(
    name: Annotated[
        str, typer.Argument(metavar="FILE|FINDING-ID", help="A file or folder, or one finding.")
    ],
    repo: Repo = None,
    codemods: Codemods = None,
    recipes: Recipes = None,
    arguments: Arguments = None,
    needles: Needles = None,
    second_pass: SecondPass = None,
    bound_names: BoundNames = None,
    exclude: Exclude = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Show every entry of a file in the review queue, or one finding, in full."""
    choice = chosen(codemods, arguments, needles, second_pass, bound_names, recipes)
    if os.path.exists(folder(repo) / name):  # which spares looking at all other files
        files = queue.queue(_report(repo, choice, exclude, (name,)))
    else:
        files = _lookup(name, _report(repo, choice, exclude, ()))
    if format is Format.JSON:
        console.write(json.render_queue(files))
        return
    if not files:
        console.write(f"Nothing for review in {escape(name)}.\n")
        return
    ink, columns = Ink(console.shows_color(sys.stdout)), console.width(sys.stdout)
    blocks = ["\n".join(queue.details(file, columns, ink)) for file in files]
    console.write("\n\n".join(blocks) + "\n")


def _report(
    repo: Path | None,
    choice: Chosen,
    exclude: list[str] | None,
    paths: tuple[str, ...],
) -> Report:
    """A dry run, from which the queue is computed."""
    from migrate import pipeline  # LibCST and git: too slow to import for --help

    request = pipeline.Request(
        folder=folder(repo),
        paths=paths,
        codemods=choice.names,
        recipes=choice.recipes,
        arguments=key_values(choice.arguments),
        needles=choice.needles,
        second_pass=choice.second_pass,
        bound_names=choice.bound_names,
        exclude=tuple(exclude or ()),
    )
    with console.progress(0) as progress:
        return pipeline.run(request, progress)


def _lookup(name: str, report: Report) -> tuple[FileReport, ...]:
    """What the report calls `name`: a path of it, or a finding's id, of whatever status.

    Raises UsageError if it is neither.
    """
    path = name.replace("\\", "/").removeprefix("./")
    if any(file.path == path for file in report.files):
        return tuple(file for file in queue.queue(report) if file.path == path)
    for file in report.files:
        for finding in file.findings:
            if finding.id == name:
                return (replace(file, failure=None, findings=(finding,)),)
    raise UsageError(f"no file and no finding is called {name!r}; see `migrate review list`")
