"""The review queue for a person: every site left for review and every file that failed."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from migrate.model import Failure, FileReport, Finding, Report, Status
from migrate.report.terminal import Ink, escape, escape_source

_INDENT = " " * 10
_SOURCE_LINES = 3


def queue(report: Report) -> tuple[FileReport, ...]:
    """The files of the review queue in the report's order, each with its open findings only."""
    files = (
        replace(file, findings=tuple(f for f in file.findings if f.status is Status.REVIEW))
        for file in report.files
    )
    return tuple(file for file in files if file.findings or file.failure)


def reasons(findings: Iterable[Finding]) -> str:
    """How many findings have which reason, the most frequent first: `7 aliased, 2 no-receiver`."""
    counts = Counter(finding.reason or "no reason given" for finding in findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {escape(reason)}" for reason, count in ordered)


def failure_text(path: str, failure: Failure) -> str:
    """Where and why a file failed, on one line: `pkg/mod.py:12: syntax-error: ...`."""
    line = "" if failure.line is None else f":{failure.line}"
    return f"{escape(path)}{line}: {failure.kind}: {escape(failure.message)}"


def place(path: str, finding: Finding) -> str:
    """Where a finding starts, as editors understand it: `pkg/mod.py:12:5`."""
    return f"{escape(path)}:{finding.start.line}:{finding.start.column}"


def verdict(finding: Finding, ink: Ink) -> str:
    """The rule, as `migrate explain` takes it, and the reason: `codemod.rule: reason`."""
    rule = escape(f"{finding.codemod}.{finding.rule}")
    return f"{rule}: {ink('yellow', escape(finding.reason or finding.status))}"


def listing(files: Sequence[FileReport], ink: Ink) -> Iterator[str]:
    """One line for each file of the queue: how many sites wait there, and why."""
    digits = max((len(f"{len(file.findings):,}") for file in files), default=1)
    for file in files:
        if file.failure:
            yield ink("red", f"{'failed':>{max(digits, 6)}}  ") + failure_text(
                file.path, file.failure
            )
        if file.findings:
            count = ink("yellow", f"{len(file.findings):>{max(digits, 6)},}")
            yield f"{count}  {escape(file.path)}  {ink('dim', reasons(file.findings))}"


def alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings that read the same but for their place, together where the first one stands."""
    groups: dict[tuple[str | None, ...], list[Finding]] = {}
    for each in findings:
        key = (each.codemod, each.rule, each.reason, each.before, each.message, each.suggestion)
        groups.setdefault(key, []).append(each)
    return list(groups.values())


def entries(file: FileReport, width: int, ink: Ink) -> Iterator[str]:
    """A file of the queue with a short entry for each kind of site, `width` columns wide."""
    yield ink("bold", escape(file.path))
    for finding, *others in alike(file.findings):
        yield f"{_position(finding):>8}  {verdict(finding, ink)}"
        lines = _site(finding, finding.before)
        # In the place of the line that counts them, a single line fits as well.
        shown = lines if len(lines) == _SOURCE_LINES + 1 else lines[:_SOURCE_LINES]
        for line in shown:
            yield _INDENT + ink("dim", _clipped(f"| {line}", width - len(_INDENT)))
        if len(lines) > len(shown):
            yield _INDENT + ink("dim", f"| ... {len(lines) - len(shown)} more lines")
        yield from _advice(finding, width, ink)
        if others:
            yield from _wrapped(f"also at {', '.join(map(_position, others))}", width)


def details(file: FileReport, width: int, ink: Ink) -> Iterator[str]:
    """A file of the queue with all that is known of each site; source is not cut."""
    if file.failure:
        yield ink("red", failure_text(file.path, file.failure))
    for number, finding in enumerate(file.findings):
        if number or file.failure:
            yield ""
        yield f"{ink('bold', place(file.path, finding))}  {ink('dim', escape(finding.id))}"
        yield f"{_INDENT}{verdict(finding, ink)}"
        for line in _site(finding, finding.before):
            yield _INDENT + ink("dim", f"| {line}")
        yield from _advice(finding, width, ink)
        if finding.after is not None:
            yield f"{_INDENT}becomes:"
            for line in _site(finding, finding.after):
                yield f"{_INDENT}| {line}"


def _advice(finding: Finding, width: int, ink: Ink) -> Iterator[str]:
    """The message, wrapped, and the suggestion, which stays as it is so that it can be copied."""
    yield from _wrapped(escape(finding.message), width)
    if finding.suggestion is None:
        return
    lines = _source(finding.suggestion)
    if len(lines) == 1:
        yield f"{_INDENT}suggestion: {ink('green', lines[0])}"
        return
    yield f"{_INDENT}suggestion:"
    for line in lines:
        yield f"{_INDENT}| {ink('green', line)}"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _position(finding: Finding) -> str:
    return f"{finding.start.line}:{finding.start.column}"


def _site(finding: Finding, text: str) -> list[str]:
    """The lines of a site's source, all moved to the left by the columns in front of it."""
    first, *others = _source(text)
    column = finding.start.column - 1
    return [first, *(line[min(column, len(line) - len(line.lstrip())) :] for line in others)]


def _source(text: str) -> list[str]:
    """The lines of a piece of source, escaped; the kind of line ending does not matter here."""
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    return [escape_source(line) for line in lines]


def _clipped(line: str, width: int) -> str:
    return line if len(line) <= max(width, 40) else f"{line[: max(width, 40) - 3]}..."
