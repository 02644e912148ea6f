"""The report for programs: one JSON object in the contract's shape and order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from migrate import __version__
from migrate.model import Batch, CodemodSummary, Failure, FileReport, Finding, Report

SCHEMA = "migrate-report/1"


def render(report: Report) -> str:
    """The whole report as JSON text in pure ASCII, which ends with a newline.

    A path that is not UTF-8 on disk holds its bytes as lone surrogates, which are escaped like
    every other character beyond ASCII and come back as they were in Python's `json.loads`.
    """
    return dump(
        {
            "schema": SCHEMA,
            "tool": {"name": "migrate", "version": __version__},
            "mode": report.mode,
            "repo": {"base": report.base, "branch": report.branch},
            "codemods": [_codemod(codemod) for codemod in report.codemods],
            "files": [_file(file) for file in report.files],
            "batches": [_batch(batch) for batch in report.batches],
        }
    )


def render_queue(files: Iterable[FileReport]) -> str:
    """The review queue as JSON: each file with its failure and the given findings."""
    return dump(
        {
            "schema": "migrate-queue/1",
            "files": [
                {
                    "path": file.path,
                    "failure": _failure(file.failure),
                    "findings": [_finding(finding) for finding in file.findings],
                }
                for file in files
            ],
        }
    )


def dump(value: dict[str, Any]) -> str:
    """`value` as JSON text in ASCII with a final newline; the order of the keys is kept."""
    return json.dumps(value, indent=2) + "\n"


def _codemod(codemod: CodemodSummary) -> dict[str, Any]:
    counts = codemod.counts
    return {
        "id": codemod.id,
        "version": codemod.version,
        "counts": {
            "files": counts.files,
            "sites": counts.sites,
            "rewrite": counts.rewrite,
            "review": counts.review,
            "skip": counts.skip,
            "suppressed": counts.suppressed,
        },
    }


def _file(file: FileReport) -> dict[str, Any]:
    return {
        "path": file.path,
        "outcome": file.outcome,
        "failure": _failure(file.failure),
        "diff": file.diff,
        "findings": [_finding(finding) for finding in file.findings],
    }


def _failure(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {"kind": failure.kind, "message": failure.message, "line": failure.line}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "codemod": finding.codemod,
        "rule": finding.rule,
        "status": finding.status,
        "reason": finding.reason,
        "message": finding.message,
        "start": asdict(finding.start),
        "end": asdict(finding.end),
        "before": finding.before,
        "after": finding.after,
        "suggestion": finding.suggestion,
    }


def _batch(batch: Batch) -> dict[str, Any]:
    return {
        "number": batch.number,
        "codemod": batch.codemod,
        "title": batch.title,
        "paths": list(batch.paths),
        "commit": batch.commit,
    }
