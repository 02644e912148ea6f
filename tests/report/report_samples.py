"""Reports made by hand."""

from __future__ import annotations

import difflib
from dataclasses import replace

from migrate.model import (
    Batch,
    CodemodSummary,
    Counts,
    Failure,
    FailureKind,
    FileReport,
    Finding,
    Mode,
    Outcome,
    Position,
    Report,
    Status,
)

CODEMOD = "metadata-storage"


def finding(
    line: int = 7,
    status: Status = Status.REVIEW,
    rule: str = "assign",
    reason: str | None = "not-an-agent",
    **changes: object,
) -> Finding:
    result = Finding(
        id=f"f{line:07}",
        codemod=CODEMOD,
        rule=rule,
        status=status,
        reason=None if status is Status.REWRITE else reason,
        message="`Runner` is not below `BaseAgent`, so there is no method to call.",
        start=Position(line, 9),
        end=Position(line, 40),
        before="ctx.metadata['k'] = value",
    )
    return replace(result, **changes)  # type: ignore[arg-type]


def file(path: str, *findings: Finding, old: str = "", new: str = "") -> FileReport:
    diff = "".join(
        difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"a/{path}", f"b/{path}")
    )
    statuses = {item.status for item in findings}
    if Status.REWRITE in statuses:
        outcome = Outcome.PARTIAL if Status.REVIEW in statuses else Outcome.REWRITTEN
    else:
        outcome = Outcome.REVIEW if Status.REVIEW in statuses else Outcome.SKIPPED
    return FileReport(path, outcome, None, diff, findings)


def failed(path: str, kind: FailureKind, message: str, line: int | None = None) -> FileReport:
    return FileReport(path, Outcome.FAILED, Failure(kind, message, line), "", ())


def rewritten(path: str, *others: Finding) -> FileReport:
    old = "def run(self, context):\n    context.metadata['k'] = 1\n    return 1\n"
    new = old.replace("context.metadata['k'] = 1", "self.store_metadata_result(context, 'k', 1)")
    after = "self.store_metadata_result(context, 'k', 1)"
    return file(path, finding(2, Status.REWRITE, after=after), *others, old=old, new=new)


def report(*files: FileReport, **changes: object) -> Report:
    found = [item.status for each in files for item in each.findings]
    counts = Counts(
        len(files),
        len(found),
        found.count(Status.REWRITE),
        found.count(Status.REVIEW),
        found.count(Status.SKIP),
        found.count(Status.SUPPRESSED),
    )
    paths = tuple(each.path for each in files if each.diff)
    title = f"migrate({CODEMOD}): store metadata through the agent in {len(paths)} files"
    result = Report(
        mode=Mode.DRY_RUN,
        base="ef1c07f9d" + "0" * 31,
        branch=None,
        codemods=(CodemodSummary(CODEMOD, 1, counts),),
        files=files,
        batches=(Batch(1, CODEMOD, title, paths),) if paths else (),
        scanned=6133,
    )
    return replace(result, **changes)  # type: ignore[arg-type]


def applied(done: Report, commit: str = "a" * 40) -> Report:
    return replace(
        done,
        mode=Mode.APPLY,
        branch="migrate/ef1c07f9d",
        batches=tuple(replace(batch, commit=commit) for batch in done.batches),
    )


def typical() -> Report:
    return report(
        rewritten("app/agents/base.py"),
        rewritten(
            "app/agents/triage/agent.py",
            finding(40, suggestion="agent.store_metadata_result(ctx, 'k', value)"),
            finding(52, rule="read", status=Status.SKIP, reason="read-only"),
        ),
        file(
            "app/core/runner.py",
            finding(7),
            finding(
                12,
                rule="append",
                reason="method-missing",
                message="`BaseAgent` has no `append_metadata_list` yet; with it, these two "
                "statements would become one call.",
                before="if 'errors' not in ctx.metadata:\n            ctx.metadata['errors'] = []\n"
                "        ctx.metadata['errors'].append(error)\n        x = 1\n        y = 2",
                suggestion="self.append_metadata_list(\n    ctx, 'errors', error\n)",
            ),
        ),
        file("app/core/state.py", finding(3, Status.SUPPRESSED, reason=None)),
        failed("app/broken.py", FailureKind.SYNTAX, "expected ':'", 12),
    )
