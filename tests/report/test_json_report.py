"""The report for programs: the contract's shape, whatever the values hold."""

from __future__ import annotations

import json

import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st

from migrate import __version__
from migrate.model import FailureKind, Report, Status
from migrate.report.json import render, render_queue

TEXT = st.text(st.characters(codec=None))


def test_the_whole_report_has_the_contracts_shape_and_order() -> None:
    report = samples.report(
        samples.rewritten("a.py"),
        samples.file("b.py", samples.finding(suggestion="s")),
        samples.failed("c.py", FailureKind.SYNTAX, "bad", 3),
        samples.failed("d.py", FailureKind.READ, "gone"),
    )
    text = render(report)
    assert text.endswith("}\n")
    # Comparing the text compares the order of the keys, too.
    expected = {
        "schema": "migrate-report/1",
        "tool": {"name": "migrate", "version": __version__},
        "mode": "dry-run",
        "repo": {"base": report.base, "branch": None},
        "codemods": [
            {
                "id": "metadata-storage",
                "version": 1,
                "counts": {
                    "files": 4,
                    "sites": 2,
                    "rewrite": 1,
                    "review": 1,
                    "skip": 0,
                    "suppressed": 0,
                },
            }
        ],
        "files": [
            {
                "path": "a.py",
                "outcome": "rewritten",
                "failure": None,
                "diff": report.files[0].diff,
                "findings": [
                    {
                        "id": "f0000002",
                        "codemod": "metadata-storage",
                        "rule": "assign",
                        "status": "rewrite",
                        "reason": None,
                        "message": report.files[0].findings[0].message,
                        "start": {"line": 2, "column": 9},
                        "end": {"line": 2, "column": 40},
                        "before": "ctx.metadata['k'] = value",
                        "after": "self.store_metadata_result(context, 'k', 1)",
                        "suggestion": None,
                    }
                ],
            },
            {
                "path": "b.py",
                "outcome": "review",
                "failure": None,
                "diff": "",
                "findings": [
                    {
                        "id": "f0000007",
                        "codemod": "metadata-storage",
                        "rule": "assign",
                        "status": "review",
                        "reason": "not-an-agent",
                        "message": report.files[1].findings[0].message,
                        "start": {"line": 7, "column": 9},
                        "end": {"line": 7, "column": 40},
                        "before": "ctx.metadata['k'] = value",
                        "after": None,
                        "suggestion": "s",
                    }
                ],
            },
            {
                "path": "c.py",
                "outcome": "failed",
                "failure": {"kind": "syntax-error", "message": "bad", "line": 3},
                "diff": "",
                "findings": [],
            },
            {
                "path": "d.py",
                "outcome": "failed",
                "failure": {"kind": "read-error", "message": "gone", "line": None},
                "diff": "",
                "findings": [],
            },
        ],
        "batches": [
            {
                "number": 1,
                "codemod": "metadata-storage",
                "title": report.batches[0].title,
                "paths": ["a.py"],
                "commit": None,
            }
        ],
    }
    assert text == json.dumps(expected, indent=2) + "\n"


def test_a_report_of_an_applied_run_names_branch_and_commits() -> None:
    value = json.loads(render(samples.applied(samples.report(samples.rewritten("a.py")))))
    assert value["mode"] == "apply"
    assert value["repo"]["branch"] == "migrate/ef1c07f9d"
    assert value["batches"][0]["commit"] == "a" * 40


def test_outside_a_repository_base_and_branch_are_null() -> None:
    value = json.loads(render(samples.report(base=None)))
    assert value["repo"] == {"base": None, "branch": None}
    assert value["files"] == []
    assert value["batches"] == []


@given(TEXT, TEXT)
def test_any_path_and_source_comes_back_as_it_was(path: str, source: str) -> None:
    report: Report = samples.report(samples.file(path, samples.finding(before=source)))
    text = render(report)
    assert text.isascii()
    assert not any(char < " " and char != "\n" for char in text)
    value = json.loads(text)
    assert value["files"][0]["path"] == path
    assert value["files"][0]["findings"][0]["before"] == source


def test_the_queue_holds_whole_findings_in_order() -> None:
    finding = samples.finding(3, Status.REVIEW)
    value = json.loads(
        render_queue(
            [samples.file("a.py", finding), samples.failed("b.py", FailureKind.SAFETY, "m")]
        )
    )
    assert value["schema"] == "migrate-queue/1"
    assert [file["path"] for file in value["files"]] == ["a.py", "b.py"]
    assert value["files"][0]["findings"][0]["id"] == finding.id
    assert value["files"][1]["failure"]["kind"] == "safety"
