"""The codemod `metadata-storage` on every case of its fixtures."""

from __future__ import annotations

import codecs
import io
import tokenize
from collections import Counter

import pytest
from cases import PATH, Case, check_case, load_cases

from migrate.model import Status
from migrate.registry import codemods

CODEMOD = codemods()["metadata-storage"]
CASES = load_cases(CODEMOD.id)

RULES = {
    "assign",
    "update",
    "get",
    "append",
    "count",
    "copy",
    "replace",
    "remove",
    "mutate",
    "alias",
    "item",
    "read",
}
REASONS = {
    "foreign-context",
    "unknown-context",
    "no-receiver",
    "not-an-agent",
    "method-missing",
    "signature-differs",
    "implementation",
    "evaluation-order",
    "mapping-unknown",
    "unsupported-form",
    "raises-if-absent",
    "copies-between-contexts",
    "replaces-metadata",
    "removes-metadata",
    "aliased",
    "read-only",
    "unused-ignore",
}


def decoded(data: bytes) -> tuple[str, str, bytes]:
    """Text, encoding and byte-order mark of a Python file, line endings as they are (PEP 263)."""
    lines = iter(data.replace(b"\r", b"\n").splitlines(keepends=True))
    encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
    encoding = encoding.removesuffix("-sig")
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return data.removeprefix(mark).decode(encoding), encoding, mark


def compiles(data: bytes) -> bool:
    """Whether the running Python accepts the file, which may be newer or older than it."""
    try:
        compile(data, PATH, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def comments(data: bytes) -> Counter[str]:
    """Every comment of a file, with how often it occurs."""
    text = decoded(data)[0].replace("\r\n", "\n").replace("\r", "\n")
    tokens = tokenize.generate_tokens(io.StringIO(text, newline="\n").readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case_comes_out_as_its_files_say(case: Case) -> None:
    check_case(CODEMOD, case)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.after is not None and compiles(c.before)], ids=str
)
def test_expected_result_compiles_and_keeps_every_comment(case: Case) -> None:
    assert case.after is not None
    assert compiles(case.after)
    assert comments(case.after) == comments(case.before)


def test_every_rule_and_every_reason_has_a_case() -> None:
    findings = [finding for case in CASES for finding in case.findings]
    assert {rule.id for rule in CODEMOD.rules} >= RULES
    assert {finding.rule for finding in findings} == RULES | {"ignore"}
    assert {finding.reason for finding in findings} - {None} == REASONS
    assert {finding.status for finding in findings} == {status.value for status in Status}


def test_more_sites_and_cases_are_refused_than_rewritten() -> None:
    refused = sum(f.status != "rewrite" for case in CASES for f in case.findings)
    rewritten = sum(f.status == "rewrite" for case in CASES for f in case.findings)
    assert refused > rewritten
    assert sum(case.after is None for case in CASES) > sum(case.after is not None for case in CASES)


def test_every_case_says_what_it_shows() -> None:
    assert all(case.summary.endswith(".") for case in CASES)
