"""From results to the report: one entry a file, over all codemods of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from migrate.diff import unified
from migrate.model import (
    CodemodSummary,
    Counts,
    Edit,
    FileReport,
    FileResult,
    Finding,
    Outcome,
    Status,
)
from migrate.plan import Stage
from migrate.text import SourceText


def summarise(stage: Stage) -> CodemodSummary:
    """One codemod's totals; files are those with a finding."""
    statuses = [finding.status for result in stage.results for finding in result.findings]
    counts = Counts(
        files=sum(bool(result.findings) for result in stage.results),
        sites=len(statuses),
        rewrite=statuses.count(Status.REWRITE),
        review=statuses.count(Status.REVIEW),
        skip=statuses.count(Status.SKIP),
        suppressed=statuses.count(Status.SUPPRESSED),
    )
    return CodemodSummary(stage.codemod, stage.version, counts)


def report_files(stages: Sequence[Stage]) -> tuple[FileReport, ...]:
    """Every file with a finding or a failure, by path.

    All positions in the report are places in the file as the first codemod saw it, also for
    codemods that saw what an earlier one made of it.
    """
    by_path: dict[str, list[FileResult]] = defaultdict(list)
    for stage in stages:
        for result in stage.results:
            by_path[result.path].append(result)
    return tuple(_report_file(path, by_path[path]) for path in sorted(by_path))


def _report_file(path: str, results: Sequence[FileResult]) -> FileReport:
    findings: list[Finding] = []
    contents: list[bytes] = []
    passes: list[tuple[SourceText, SourceText, tuple[Edit, ...]]] = []
    for result in results:
        findings += [_placed(finding, passes) for finding in result.findings]
        if result.before is not None and result.after is not None:
            seen, made = SourceText.decode(result.before), SourceText.decode(result.after)
            passes.append((seen, made, result.edits))
            contents += [result.before, result.after]
    failure = next((result.failure for result in results if result.failure), None)
    statuses = {finding.status for finding in findings}
    return FileReport(
        path=path,
        outcome=_outcome(statuses, failed=failure is not None),
        failure=failure,
        diff=unified(path, contents[0], contents[-1]) if contents else "",
        findings=tuple(findings),
    )


def _outcome(statuses: Iterable[Status], *, failed: bool) -> Outcome:
    found = set(statuses)
    if failed:
        return Outcome.FAILED
    if Status.REWRITE in found:
        return Outcome.PARTIAL if Status.REVIEW in found else Outcome.REWRITTEN
    return Outcome.REVIEW if Status.REVIEW in found else Outcome.SKIPPED


def _placed(
    finding: Finding, passes: Sequence[tuple[SourceText, SourceText, tuple[Edit, ...]]]
) -> Finding:
    """The finding at its place in the file as it was before all passes."""
    start, end = finding.start, finding.end
    for seen, made, edits in reversed(passes):
        start = seen.position(_back(made.offset(start), edits))
        end = seen.position(_back(made.offset(end), edits))
    return replace(finding, start=start, end=end)


def _back(offset: int, edits: Sequence[Edit]) -> int:
    """Where an offset behind the edits was before them; inside one, where that one starts."""
    shift = 0
    for edit in edits:
        start = edit.span.start + shift
        if offset < start:
            break
        if offset < start + len(edit.replacement):
            return edit.span.start
        shift += len(edit.replacement) - (edit.span.end - edit.span.start)
    return offset - shift
