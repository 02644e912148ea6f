"""Codemods that convert whole files: each run of changed lines is a finding, proven as one."""

from __future__ import annotations

import codecs
from typing import Any

import pytest

from migrate.codemod import Converted, FileCodemod, FileContext, Note, Policy
from migrate.engine import Engine
from migrate.model import FailureKind, FileResult, Position, Status
from migrate.source import Memory


def process(content: bytes, convert: Any, **changes: Any) -> FileResult:
    """What a codemod with this function makes of a file `pkg/m.py`."""
    codemod = FileCodemod(id="whole", version=1, doc="Converts.", convert=convert, **changes)
    engine = Engine(codemod, codemod.options(), Memory({"pkg/m.py": content}), 88, root="/repo")
    return engine.process("pkg/m.py")


def replacing(old: bytes, new: bytes) -> Any:
    return lambda data, file: Converted(data.replace(old, new))


def statuses(result: FileResult) -> list[tuple[str, Status, str | None]]:
    return [(finding.rule, finding.status, finding.reason) for finding in result.findings]


LEFT = ("change", Status.REVIEW, "safety")
DONE = ("change", Status.REWRITE, None)


# Changes


def test_each_run_of_changed_lines_is_a_finding() -> None:
    before = b"a = old\nb = old\n\nc = 3\nd = (\n    old)\n"
    result = process(before, replacing(b"old", b"int"))
    assert result.after == before.replace(b"old", b"int")
    assert statuses(result) == [DONE, DONE]
    first, second = result.findings
    assert (first.before, first.after) == ("a = old\nb = old", "a = int\nb = int")
    assert (first.start, first.end) == (Position(1, 1), Position(2, 8))
    assert (second.start, second.before) == (Position(6, 1), "    old)")


def test_a_file_that_stays_as_it_is_has_no_finding() -> None:
    assert process(b"x = 1\n", lambda data, file: Converted(data)) == FileResult("pkg/m.py")
    assert process(b"x = 1\n", lambda data, file: Converted()) == FileResult("pkg/m.py")


def test_lines_that_come_and_go_are_changes_too() -> None:
    result = process(b"a = 1\nb = 2\n", lambda data, file: Converted(b"import os\nb = 2\nc = 3\n"))
    assert result.after == b"import os\nb = 2\nc = 3\n"
    assert [(f.before, f.after) for f in result.findings] == [
        ("a = 1", "import os"),
        ("", "c = 3\n"),
    ]


def test_a_codemod_is_told_where_the_file_is() -> None:
    seen: list[FileContext] = []

    def convert(data: bytes, file: FileContext) -> Converted:
        seen.append(file)
        return Converted()

    process(b"x = 1\n", convert)
    assert [(file.path, file.root) for file in seen] == [("pkg/m.py", "/repo")]


def test_a_codemod_with_needles_sees_no_file_without_one() -> None:
    assert process(b"new\xff", replacing(b"a", b"b"), needles=(b"old",)) == FileResult("pkg/m.py")
    seen = process(b"x = old\n", replacing(b"old", b"int"), needles=(b"no", b"old"))
    assert statuses(seen) == [DONE]


def test_ids_stay_when_other_lines_come_in_front() -> None:
    first = process(b"a = old\nb = 1\na = old\n", replacing(b"old", b"int"))
    moved = process(b"#\n\na = old\nb = 1\na = old\n", replacing(b"old", b"int"))
    assert [f.id for f in first.findings] == [f.id for f in moved.findings]
    assert len({f.id for f in first.findings}) == 2


def test_a_needle_is_found_in_whatever_encoding() -> None:
    before = "# coding: latin-1\nx = 'é'\n".encode("latin-1")
    result = process(before, replacing(b"x", b"y"), needles=("é".encode(),), names=Policy.OFF)
    assert result.after == before.replace(b"x", b"y")
    assert process(before, replacing(b"x", b"y"), needles=("è".encode(),)) == FileResult("pkg/m.py")
    assert process(b"x\xff", replacing(b"x", b"y"), needles=("é".encode(),)).failure is None


def test_a_comment_is_no_needle() -> None:
    before = b"x = old  # migrate: ignore[whole]\n"
    result = process(before, replacing(b"old", b"int"), needles=(b"new",))
    assert (result.after, statuses(result)) == (
        None,
        [("ignore", Status.REVIEW, "unused-ignore")],
    )


# Notes and refusals


def test_a_note_becomes_a_finding_at_its_line() -> None:
    notes = (Note("Look here.", line=2), Note("Nothing to do.", "generated", status=Status.SKIP))
    result = process(b"x = 1\ny = 2\n", lambda data, file: Converted(notes=notes))
    assert statuses(result) == [
        ("file", Status.SKIP, "generated"),
        ("file", Status.REVIEW, "warning"),
    ]
    assert (result.findings[1].before, result.findings[1].start) == ("y = 2", Position(2, 1))


def test_a_line_that_is_not_there_does_no_harm() -> None:
    result = process(b"x = 1\n", lambda data, file: Converted(notes=(Note("Far.", line=99),)))
    assert result.findings[0].start == Position(1, 1)


def test_a_refused_file_is_left_alone_and_queued() -> None:
    result = process(b"x = 1\n", lambda data, file: Converted.refused("too-new", "Cannot.", 1))
    assert (result.after, statuses(result)) == (None, [("change", Status.REVIEW, "too-new")])


# Ignore comments


def test_a_suppressed_change_holds_back_all_others() -> None:
    before = b"a = old  # migrate: ignore[whole]\nb = 1\nc = old\n"
    result = process(before, replacing(b"old", b"int"))
    assert result.after is None
    assert statuses(result) == [
        ("change", Status.SUPPRESSED, None),
        ("change", Status.REVIEW, "all-or-nothing"),
    ]
    assert result.findings[1].suggestion == "c = int"


def test_a_suppressed_note_holds_back_nothing() -> None:
    before = b"a = 1  # migrate: ignore[whole]\nb = 1\nc = old\n"

    def convert(data: bytes, file: FileContext) -> Converted:
        return Converted(data.replace(b"old", b"int"), (Note("Hm.", line=1),))

    result = process(before, convert)
    assert statuses(result) == [("file", Status.SUPPRESSED, "warning"), DONE]
    assert result.after is not None


def test_a_comment_on_the_line_behind_a_change_is_not_about_it() -> None:
    before = b"del a\nb = 1  # migrate: ignore[whole]\n"
    result = process(before, replacing(b"del a\n", b""))
    assert [finding.reason for finding in result.findings] == [None, "unused-ignore"]


# Proofs


@pytest.mark.parametrize(
    ("before", "after", "proof"),
    [
        (b"x = 1\n", b"x = (\n", "parses"),
        (b"x = 1\n", b"return\n", "parses"),
        (b"import os\nos\n", b"os\n", "names"),
        (b"x = 1\r\n", b"x = 2\n", "line-endings"),
        (codecs.BOM_UTF8 + b"x = 1\n", b"x = 2\n", "encoding"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: utf-8\nx = 'é'\n".encode(), "encoding"),
        (b"x = 1\n", b"x = '\xff'\n", "encoding"),
    ],
)
def test_a_result_that_fails_a_proof_is_left_alone(before: bytes, after: bytes, proof: str) -> None:
    result = process(before, lambda data, file: Converted(after))
    assert result.after is None
    assert result.failure is not None
    assert result.failure.kind is FailureKind.SAFETY
    assert result.failure.message.startswith(f"{proof}: ")
    assert set(statuses(result)) <= {LEFT}


def grow(data: bytes, file: FileContext) -> Converted:
    return Converted(data + b"# more\n")


def test_a_result_that_would_be_changed_again_is_left_alone() -> None:
    result = process(b"x = 1\n", grow)
    assert (result.after, statuses(result)) == (None, [LEFT])
    assert result.failure is not None
    assert result.failure.message.startswith("second-pass: ")


def test_or_rewritten_with_a_finding() -> None:
    result = process(b"x = 1\n", grow, second_pass=Policy.WARN)
    assert result.after == b"x = 1\n# more\n"
    assert statuses(result) == [("file", Status.REVIEW, "second-pass"), DONE]


def test_or_not_looked_at_again() -> None:
    calls = []

    def convert(data: bytes, file: FileContext) -> Converted:
        calls.append(data)
        return grow(data, file)

    result = process(b"x = 1\n", convert, second_pass=Policy.OFF)
    assert (result.after, statuses(result)) == (b"x = 1\n# more\n", [DONE])
    assert len(calls) == 1


def test_a_result_that_the_codemod_refuses_fails_the_second_pass() -> None:
    def convert(data: bytes, file: FileContext) -> Converted:
        return Converted(b"x = 2\n") if b"1" in data else Converted.refused("odd", "Too odd.")

    result = process(b"x = 1\n", convert)
    assert result.failure is not None
    assert result.failure.message == "second-pass: Too odd."


def test_names_that_are_no_longer_bound_can_be_let_through_with_a_finding() -> None:
    result = process(b"import os\nos\n", lambda d, f: Converted(b"os\n"), names=Policy.WARN)
    assert result.after == b"os\n"
    assert statuses(result)[0] == ("file", Status.REVIEW, "names")


# Faults


class Panic(BaseException):
    """What a fault in Rust raises: no Exception."""


@pytest.mark.parametrize(
    "fault", [ValueError("bad"), RecursionError("deep"), SystemExit(3), Panic("broken")]
)
def test_an_exception_costs_that_file_only(fault: BaseException) -> None:
    def convert(data: bytes, file: FileContext) -> Converted:
        raise fault

    result = process(b"x = 1\n", convert)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.CODEMOD
    assert result.failure.message == f"whole failed: {type(fault).__name__}: {fault}"


def test_an_exception_on_what_is_no_python_is_a_fault_of_the_file() -> None:
    def convert(data: bytes, file: FileContext) -> Converted:
        raise ValueError("cannot parse it")

    result = process(b"print 'hello'\n", convert)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.SYNTAX


def test_what_is_no_python_is_never_converted() -> None:
    too_deep = b"x = " + b"[" * 300 + b"]" * 300 + b"\n"
    for content in (b"x = (\n", b"x = '\xff'\n", b"x = 1\0\n", b"print 'x'\n", too_deep):
        result = process(content, lambda data, file: pytest.fail("it got there"))
        assert result.failure is not None
        assert result.failure.kind in (FailureKind.SYNTAX, FailureKind.DECODE)


def test_a_message_is_the_same_in_every_process() -> None:
    def convert(data: bytes, file: FileContext) -> Converted:
        raise ValueError(f"cannot use {object()}")

    result = process(b"x = 1\n", convert)
    assert result.failure is not None
    assert result.failure.message == "whole failed: ValueError: cannot use <object object>"


def test_an_interrupt_is_none_of_its_faults() -> None:
    def convert(data: bytes, file: FileContext) -> Converted:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process(b"x = 1\n", convert)


def test_what_a_codemod_prints_is_no_part_of_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    def convert(data: bytes, file: FileContext) -> Converted:
        print("noise")
        return Converted()

    process(b"x = 1\n", convert)
    assert capsys.readouterr() == ("", "noise\n")
