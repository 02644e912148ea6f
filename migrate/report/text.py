"""The report for a person: differences, the review queue, honest totals and what to do next."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrate.model import (
    Batch,
    CodemodSummary,
    FileReport,
    Finding,
    Mode,
    Outcome,
    Report,
    Status,
)
from migrate.report import diff, queue
from migrate.report.terminal import Ink, counted, escape, quoted

# A reader gets through this much; what is left out is counted, with the way to see it.
_ENTRIES_IN_FULL = 30
_LINES_OF_A_LIST = 20


@dataclass(frozen=True, slots=True)
class View:
    """What a reader wants to see.

    `width` is in columns. `verbosity` is below 0 for the totals alone, above 0 for every entry of
    every list. The commands to go on with are built from `repo`, the argument of `-C`, from
    `arguments`, which select the same work again, and from `apply_arguments`, which matter for
    the commits alone.
    """

    color: bool = False
    diff: bool = False
    stat: bool = False
    width: int = 80
    verbosity: int = 0
    repo: str | None = None
    arguments: tuple[str, ...] = ()
    apply_arguments: tuple[str, ...] = ()


def render(report: Report, view: View) -> str:
    """The report as text, which ends with a newline."""
    ink = Ink(view.color)
    sections = [_differences(report, view, ink)]
    if view.verbosity >= 0:
        sections += [
            _changed(report, view, ink),
            _notices(report, view, ink),
            _review(report, view, ink),
            _skipped(report, view, ink),
        ]
    sections += [_failed(report, ink), _summary(report, view, ink)]
    if view.verbosity >= 0:
        sections += [_commits(report, view, ink), _next(report, view, ink)]
    blocks = ("\n".join(lines) for lines in map(list, sections) if lines)
    return "\n\n".join(blocks) + "\n"


def _differences(report: Report, view: View, ink: Ink) -> Iterator[str]:
    changed = [file for file in report.files if file.diff]
    if view.stat and changed:
        yield from diff.stat(changed, view.width, ink)
        if view.diff:
            yield ""
    if view.diff:
        for file in changed:
            yield from diff.patch(file, ink)


def _changed(report: Report, view: View, ink: Ink) -> Iterator[str]:
    """The files with rewrites, where neither differences nor their graph name them."""
    if view.diff or view.stat:
        return
    verb = "would rewrite" if report.mode is Mode.DRY_RUN else "rewrote"
    lines = []
    for file in report.files:
        if file.diff:
            sites = sum(finding.status is Status.REWRITE for finding in file.findings)
            lines.append(f"{verb} {ink('bold', escape(file.path))} ({counted(sites, 'site')})")
    yield from _cut(lines, view, "files", "--stat or -v lists them all")


def _notices(report: Report, view: View, ink: Ink) -> Iterator[str]:
    """What holds for several sites at once, each once, in the order of the files."""
    found = dict.fromkeys(
        (file.path, finding.notice)
        for file in report.files
        for finding in file.findings
        if finding.notice is not None and finding.status in (Status.REWRITE, Status.REVIEW)
    )
    if not found:
        return
    yield ink("title", "Worth knowing before you merge")
    entries = [
        "\n".join(
            textwrap.wrap(
                escape(notice),
                max(view.width, 40),
                initial_indent="  ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
        for _, notice in found
    ]
    yield from _cut(entries, view, "notices", "-v shows them all")


def _review(report: Report, view: View, ink: Ink) -> Iterator[str]:
    files = [file for file in queue.queue(report) if file.findings]
    if not files:
        return
    # What a file's rewrites leave open is of interest to whoever reads the commits: it comes first.
    files.sort(key=lambda file: file.outcome is not Outcome.PARTIAL)
    sites = sum(len(file.findings) for file in files)
    yield ink("title", f"For review: {counted(sites, 'site')} in {counted(len(files), 'file')}")
    budget = sites if view.verbosity > 0 else _ENTRIES_IN_FULL
    full = 0
    for file in files:
        budget -= len(queue.alike(file.findings))
        if budget < 0:
            break
        full += 1
        yield ""
        yield from queue.entries(file, view.width, ink)
    rest = [_only_findings(file) for file in files[full:]]
    if not rest:
        return
    yield ""
    yield from _cut(
        list(queue.listing(rest, ink)),
        view,
        "files",
        f"`{_command('review list', view.arguments)}` lists them all",
    )
    yield (
        f"The last {counted(sum(len(file.findings) for file in rest), 'site')} are only counted:"
        " `migrate review show FILE` and -v show them."
    )


def _skipped(report: Report, view: View, ink: Ink) -> Iterator[str]:
    """Every site left alone, one a line; only for those who ask."""
    if view.verbosity <= 0:
        return
    lines = [
        f"{queue.place(file.path, finding)}: {queue.verdict(finding, ink)}"
        for file in report.files
        for finding in file.findings
        if finding.status in (Status.SKIP, Status.SUPPRESSED)
    ]
    if lines:
        yield ink("title", f"Left alone: {counted(len(lines), 'site')}")
        yield from lines


def _failed(report: Report, ink: Ink) -> Iterator[str]:
    failures = [
        ink("red", queue.failure_text(file.path, file.failure))
        for file in report.files
        if file.failure
    ]
    if failures:
        # All of them, however many: each is a file that nobody looked into.
        yield ink("title", f"Failed and left alone: {counted(len(failures), 'file')}")
        yield from failures


def _summary(report: Report, view: View, ink: Ink) -> Iterator[str]:
    if not report.files:
        yield f"Nothing to migrate: {counted(report.scanned, 'file')} looked at, no site found."
        return
    yield ink("title", "Summary")
    outcomes = Counter(file.outcome for file in report.files)
    partial, applied = outcomes[Outcome.PARTIAL], report.mode is Mode.APPLY
    note = f"{partial:,} of them with sites for review" if partial else ""
    rewritten = "rewritten" if applied else "to be rewritten"
    rows: list[tuple[str, int, str, str]] = [
        ("files looked at", report.scanned, "", "bold"),
        (f"  {rewritten}", outcomes[Outcome.REWRITTEN] + partial, note, "green"),
        ("  only for review", outcomes[Outcome.REVIEW], "", "yellow"),
        ("  only skipped", outcomes[Outcome.SKIPPED], "", "dim"),
        ("  failed", outcomes[Outcome.FAILED], "", "red"),
    ]
    for codemod in report.codemods:
        rows += _sites(codemod, rewritten, report.files)
    names = max(len(name) for name, *_ in rows)
    digits = max(len(f"{number:,}") for _, number, *_ in rows)
    for name, number, note, style in rows:
        figure = f"{number:>{digits},}"
        line = f"  {name:<{names}}  {ink(style, figure) if number else figure}"
        # The columns in front of the note are counted without colour.
        notes = _wrapped(note, view.width - names - digits - 7)
        yield line + (f"   {notes[0]}" if notes else "")
        for more in notes[1:]:
            yield " " * (names + digits + 7) + more


def _wrapped(note: str, width: int) -> list[str]:
    """The lines of a note, broken behind commas only: a number stays with its reason."""
    glued = note.replace(" ", "\xa0").replace(",\xa0", ", ")
    lines = textwrap.wrap(glued, max(width, 30), break_on_hyphens=False, break_long_words=False)
    return [line.replace("\xa0", " ") for line in lines]


def _sites(
    codemod: CodemodSummary, rewritten: str, files: tuple[FileReport, ...]
) -> Iterator[tuple[str, int, str, str]]:
    """The rows of one codemod: name, number, note and style of the number."""
    counts = codemod.counts
    found: dict[Status, list[Finding]] = {status: [] for status in Status}
    for file in files:
        for finding in file.findings:
            if finding.codemod == codemod.id:
                found[finding.status].append(finding)
    yield f"{escape(codemod.id)}: sites found", counts.sites, "", "bold"
    yield f"  {rewritten}", counts.rewrite, "", "green"
    yield "  for review", counts.review, queue.reasons(found[Status.REVIEW]), "yellow"
    yield "  skipped", counts.skip, queue.reasons(found[Status.SKIP]), "dim"
    yield "  suppressed", counts.suppressed, "", "dim"


def _commits(report: Report, view: View, ink: Ink) -> Iterator[str]:
    """The batches: as planned in a dry run, as committed otherwise."""
    if report.base is None:
        return
    if not report.batches:
        if report.mode is Mode.APPLY:
            yield "Nothing to commit: no site can be rewritten."
        return
    commits = counted(len(report.batches), "commit")
    branch = escape(report.branch or "")
    if report.mode is Mode.DRY_RUN:
        title = f"Planned: {commits} on a branch"
    elif report.already == len(report.batches):
        title = f"Nothing to add: branch {branch} is already complete ({commits})"
    elif report.already:
        title = f"Branch {branch}: {commits}, {report.already:,} of them from an earlier run"
    else:
        title = f"Branch {branch}: {commits}"
    yield ink("title", title)
    yield from _cut(
        [_commit(batch, ink) for batch in report.batches], view, "commits", "-v lists them all"
    )


def _commit(batch: Batch, ink: Ink) -> str:
    name = batch.commit[:9] if batch.commit else f"{batch.number:>3}"
    return f"  {ink('yellow', name)}  {escape(batch.title)}"


def _next(report: Report, view: View, ink: Ink) -> Iterator[str]:
    """The exact commands that go on from here."""
    steps: list[tuple[str, tuple[str, ...]]] = []
    if report.mode is Mode.APPLY and report.branch and report.batches:
        git = f"git -C {quoted(view.repo)}" if view.repo else "git"
        base, branch = (report.base or "")[:9], quoted(report.branch)
        commands: tuple[str, ...] = (
            f"{git} log --stat {base}..{branch}",
            f"{git} diff {base}...{branch}",
            f"{git} merge {branch}",
        )
        steps.append(("Read the commits, see the change as a whole, merge it:", commands))
    elif report.mode is Mode.DRY_RUN and report.batches and report.base:
        apply = _command("--apply", view.apply_arguments + view.arguments)
        steps.append(("Commit the rewrites to a branch:", (apply,)))
    elif report.mode is Mode.DRY_RUN and any(file.diff for file in report.files):
        steps.append(("To commit the rewrites, put this folder under git first.", ()))
    if queue.queue(report):
        steps.append(("See what is left for a person:", (_command("review list", view.arguments),)))
    for what, commands in steps:
        yield what
        yield from (f"  {ink('cyan', command)}" for command in commands)


def _command(name: str, arguments: tuple[str, ...]) -> str:
    return " ".join(["migrate", name, *map(quoted, arguments)])


def _only_findings(file: FileReport) -> FileReport:
    """The file without its failure, which has a section of its own."""
    return FileReport(file.path, file.outcome, None, file.diff, file.findings)


def _cut(lines: list[str], view: View, things: str, how: str) -> Iterable[str]:
    """The first of `lines`, and how many more `things` there are; all of them with -v."""
    if view.verbosity > 0 or len(lines) <= _LINES_OF_A_LIST + 1:
        return lines
    more = len(lines) - _LINES_OF_A_LIST
    return [*lines[:_LINES_OF_A_LIST], f"... and {more:,} more {things}: {how}"]
