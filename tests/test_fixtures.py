"""The codemod `metadata-storage` on every case of its fixtures."""

from __future__ import annotations

import codecs
import io
import tokenize
from collections import Counter

import pytest
from cases import Case, Expected, ExpectedFailure, load_cases

from migrate.codemod import build_options
from migrate.engine import Engine
from migrate.model import FileResult, Status
from migrate.registry import codemods
from migrate.source import Memory

PATH = "netra_backend/app/agents/case.py"
CODEMOD = codemods()["metadata-storage"]
CASES = load_cases(CODEMOD.id)
NAMES = [case.name for case in CASES]

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


def process(case: Case, content: bytes) -> FileResult:
    """What the engine makes of `content`, at the place of the case's file."""
    options = build_options(CODEMOD, case.options, "case")
    source = Memory({**case.project, PATH: content})
    return Engine(CODEMOD, options, source, line_length=88).process(PATH)


def found(result: FileResult) -> list[Expected]:
    """The findings of a result, in the form of `findings.txt`."""
    return [Expected(f.start.line, f.rule, f.status.value, f.reason) for f in result.findings]


def decoded(data: bytes) -> tuple[str, str, bytes]:
    """Text, encoding and byte-order mark of a Python file, line endings as they are (PEP 263)."""
    lines = iter(data.replace(b"\r", b"\n").splitlines(keepends=True))
    encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
    encoding = encoding.removesuffix("-sig")
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return data.removeprefix(mark).decode(encoding), encoding, mark


def spliced(data: bytes, result: FileResult) -> bytes:
    """`data` with the result's edits and nothing else."""
    text, encoding, mark = decoded(data)
    utf8, pieces, position = text.encode(), [], 0
    for edit in sorted(result.edits, key=lambda edit: edit.span):
        assert position <= edit.span.start <= edit.span.end <= len(utf8)
        pieces += [utf8[position : edit.span.start], edit.replacement]
        position = edit.span.end
    return mark + b"".join([*pieces, utf8[position:]]).decode().encode(encoding)


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


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_case_comes_out_as_its_files_say(case: Case) -> None:
    result = process(case, case.before)
    failure = result.failure and ExpectedFailure(
        result.failure.kind.value,
        result.failure.line if case.failure and case.failure.line else None,
    )
    assert failure == case.failure
    assert found(result) == list(case.findings)
    assert result.after == case.after


@pytest.mark.parametrize("case", [c for c in CASES if c.after is not None], ids=lambda c: c.name)
def test_second_pass_rewrites_nothing_and_still_finds_the_rest(case: Case) -> None:
    assert case.after is not None
    second = process(case, case.after)
    assert second.failure is None
    assert second.after is None
    rest = Counter((f.rule, f.status, f.reason) for f in case.findings if f.status != "rewrite")
    assert Counter((f.rule, f.status, f.reason) for f in found(second)) == rest


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_only_the_edits_change_the_bytes(case: Case) -> None:
    result = process(case, case.before)
    if result.after is None:
        assert result.edits == ()
    else:
        assert spliced(case.before, result) == result.after


@pytest.mark.parametrize("case", [c for c in CASES if c.findings], ids=lambda c: c.name)
def test_needles_let_no_file_with_a_site_pass(case: Case) -> None:
    options = build_options(CODEMOD, case.options, "case")
    assert any(needle in case.before for needle in CODEMOD.needles(options))
    assert CODEMOD.may_match(case.before, options)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.after is not None and compiles(c.before)], ids=lambda c: c.name
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
