"""One file in, one result out: whatever a codemod does and whatever the file is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import libcst as cst
import pytest
from toy import CallTransformer, Options, inspect, toy

from migrate.codemod import Codemod, Layout, Proposal
from migrate.engine import Engine
from migrate.model import FailureKind, FileResult, Position, Span, Status
from migrate.project.types import ClassRef, Instance
from migrate.source import Memory
from migrate.view import FileView


def process(
    content: bytes, codemod: Codemod | None = None, options: Options | None = None
) -> FileResult:
    """What the engine makes of a file `m.py`."""
    source = Memory({"m.py": content})
    return Engine(codemod or toy(), options or Options(), source, 88).process("m.py")


def failure_of(result: FileResult) -> tuple[FailureKind, str, int | None]:
    assert result.failure is not None
    return result.failure.kind, result.failure.message, result.failure.line


def test_sites_are_rewritten_and_reported() -> None:
    result = process(b"x = old(1)\n\nif x:\n    old( later )\n")
    assert result.after == b"x = repr(1)\n\nif x:\n    old( later )\n"
    first, second = result.findings
    assert (first.status, first.before, first.after) == (Status.REWRITE, "old(1)", "repr(1)")
    assert (first.start, first.end) == (Position(1, 5), Position(1, 11))
    assert (second.status, second.reason, second.after) == (Status.REVIEW, "later", None)
    assert result.failure is None


def test_a_file_without_a_needle_is_not_even_decoded() -> None:
    assert process(b"\xff\xff") == FileResult("m.py")


def test_a_file_with_a_needle_and_no_site_comes_out_empty() -> None:
    assert process(b"# old\n") == FileResult("m.py")


def test_findings_are_in_the_order_of_their_places_whatever_order_they_are_found_in() -> None:
    def backwards(view: FileView, options: Options) -> Iterator[Proposal]:
        return reversed(list(inspect(view, options)))

    result = process(b"old(1)\nold(old(2))\nold(3)\n", toy(inspect=backwards))
    assert [finding.before for finding in result.findings] == [
        "old(1)",
        "old(old(2))",
        "old(2)",
        "old(3)",
    ]


# Bad files


@pytest.mark.parametrize(
    ("content", "kind", "line"),
    [
        (b"x = 1\nold(\n", FailureKind.SYNTAX, 2),
        (b"old(1)\nx = = 2\n", FailureKind.SYNTAX, 2),
        (b"old(1)\nprint x\n", FailureKind.SYNTAX, 2),
        (b"old(1)\n\0\n", FailureKind.SYNTAX, 2),
        (b"x\nold('\xff')\n", FailureKind.DECODE, 2),
        (b"# coding: no-such\nold(1)\n", FailureKind.DECODE, 1),
    ],
)
def test_a_bad_file_fails_with_its_kind_and_line(
    content: bytes, kind: FailureKind, line: int
) -> None:
    result = process(content)
    assert (failure_of(result)[0], failure_of(result)[2]) == (kind, line)
    assert result.after is None
    assert result.findings == ()


def test_a_file_that_cannot_be_read_fails_with_the_reason() -> None:
    result = Engine(toy(), Options(), Memory({}), 88).process("gone.py")
    assert failure_of(result)[0] is FailureKind.READ


# Bad codemods


def broken(*_: object) -> Any:
    raise ZeroDivisionError("no luck")


@pytest.mark.parametrize(
    "part", ["inspect", "transformer", "may_match"], ids=lambda part: f"in {part}"
)
def test_an_exception_of_a_codemod_is_the_failure_of_one_file(part: str) -> None:
    source = Memory({"m.py": b"old(1)\n", "n.py": b"x\n"})
    engine = Engine(toy(**{part: broken}), Options(), source, 88)
    assert failure_of(engine.process("m.py")) == (
        FailureKind.CODEMOD,
        "toy failed: ZeroDivisionError: no luck",
        None,
    )
    assert engine.process("n.py") == FileResult("n.py")


def test_an_exception_in_the_second_pass_is_a_failure_too() -> None:
    def twice(view: FileView, options: Options) -> Iterator[Proposal]:
        if b"repr" in view.text.utf8:
            broken()
        return inspect(view, options)

    assert failure_of(process(b"old(1)\n", toy(inspect=twice)))[0] is FailureKind.CODEMOD


@pytest.mark.parametrize("where", [Span(0, 999), Span(5, 2)])
def test_a_site_that_is_nowhere_is_the_failure_of_one_file_or_refused(where: Span) -> None:
    def astray(view: FileView, options: Options) -> Iterator[Proposal]:
        yield Proposal("call", where, Status.REWRITE, "Astray.", plan="new")

    result = process(b"old(1)\nold(2)\n", toy(inspect=astray))
    assert result.after is None


def test_a_transformer_that_does_nothing_leaves_its_sites_for_review() -> None:
    class Idle(CallTransformer):
        def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
            return updated_node

    result = process(b"x = [old(1)]\n", toy(transformer=Idle))
    (finding,) = result.findings
    assert (finding.status, finding.reason) == (Status.REVIEW, "not-preserved")
    assert (result.after, result.failure) == (None, None)


# Proofs


def writing(code: str) -> Callable[[Mapping[Span, Any], Layout], cst.CSTTransformer]:
    """A transformer that puts an expression in the place of each site."""

    class Writer(CallTransformer):
        def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
            site = self.plan_of(original_node) is not None
            return cst.parse_expression(code) if site else updated_node

    return Writer


@pytest.mark.parametrize(
    ("code", "proof"),
    [
        ("new(old(1))", "second-pass"),
        ("new(unheard_of)", "names"),
        ("new('later', old('later'))", "site-count"),
        ("(yield)", "parses"),
    ],
)
def test_a_file_that_fails_a_proof_is_left_as_it_is_and_queued(code: str, proof: str) -> None:
    result = process(b"def new(x): pass\nx = old(2)\n", toy(transformer=writing(code)))
    kind, message, _ = failure_of(result)
    assert (kind, message.partition(":")[0]) == (FailureKind.SAFETY, proof)
    assert (result.after, result.edits) == (None, ())
    (finding,) = result.findings
    assert (finding.status, finding.reason) == (Status.REVIEW, "safety")
    assert (finding.after, finding.suggestion) == (None, code)


def test_a_character_that_the_encoding_does_not_have_fails_the_file() -> None:
    content = b"# coding: latin-1\ndef new(x): pass\nx = old(2)\n"
    result = process(content, toy(transformer=writing("new('\u20ac')")))
    assert failure_of(result)[1].startswith("encoding:")


def test_only_the_rewrites_of_a_failed_file_change_their_verdict() -> None:
    content = b"x = old(2)\nold(later)\n"
    result = process(content, toy(transformer=writing("new(unheard_of)")))
    assert [finding.reason for finding in result.findings] == ["safety", "later"]


# Several files


def test_files_with_the_same_content_get_the_same_findings_with_ids_of_their_own() -> None:
    files = dict.fromkeys(["a.py", "b.py", "c.py"], b"x = old(1)\n")
    engine = Engine(toy(), Options(), Memory(files), 88)
    results = [engine.process(path) for path in files]
    assert {result.after for result in results} == {b"x = repr(1)\n"}
    assert [result.path for result in results] == list(files)
    assert len({result.findings[0].id for result in results}) == 3


def test_bad_files_with_the_same_content_fail_alike() -> None:
    files = dict.fromkeys(["a.py", "b.py"], b"old(\n")
    engine = Engine(toy(), Options(), Memory(files), 88)
    assert engine.process("a.py").failure == engine.process("b.py").failure


def test_the_order_of_files_does_not_matter() -> None:
    files = {"a.py": b"old(1)\n", "b.py": b"old(\n", "c.py": b"old(1)\n", "d.py": b"old(3)\n"}
    forwards, backwards = (Engine(toy(), Options(), Memory(files), 88) for _ in range(2))
    there = {path: forwards.process(path) for path in files}
    back = {path: backwards.process(path) for path in reversed(files)}
    assert there == back


def test_the_same_file_gives_the_same_result_twice() -> None:
    engine = Engine(toy(), Options(), Memory({"m.py": b"class C: pass\nold(C())\n"}), 88)
    assert engine.process("m.py") == engine.process("m.py")


def test_two_files_of_the_same_content_are_two_modules() -> None:
    content = b"class C: pass\nc = C()\nold(c)\n"
    seen: list[ClassRef] = []

    def typed(view: FileView, options: Options) -> Iterator[Proposal]:
        (name, *_) = view.identifiers("c")
        for atom in view.type_of(name):
            assert isinstance(atom, Instance)
            assert isinstance(atom.cls, ClassRef)
            seen.append(atom.cls)
        return iter(())

    engine = Engine(toy(inspect=typed), Options(), Memory({"a.py": content, "b.py": content}), 88)
    engine.process("a.py")
    engine.process("b.py")
    assert [ref.path for ref in seen] == ["a.py", "b.py"]


# Codemods that rewrite a file as a whole or not at all


def test_one_site_that_is_suppressed_holds_back_the_others_of_an_atomic_codemod() -> None:
    content = b"old(1)\nold(2)  # migrate: ignore[toy]\n"
    assert process(content).after == b"repr(1)\nold(2)  # migrate: ignore[toy]\n"
    result = process(content, toy(atomic=True))
    assert result.after is None
    assert [finding.reason for finding in result.findings] == ["all-or-nothing", None]
    assert result.findings[1].status is Status.SUPPRESSED


def test_one_site_that_is_suppressed_holds_back_the_others_of_its_group_only() -> None:
    def grouped(view: FileView, options: Options) -> Iterator[Proposal]:
        for proposal in inspect(view, options):
            source = view.text.slice(proposal.span)
            yield replace(proposal, group="both" if "together" in source else None)

    content = b"old(1)\nold('together')\nold('together', 2)  # migrate: ignore[toy]\n"
    result = process(content, toy(inspect=grouped))
    assert result.after == content.replace(b"old(1)", b"repr(1)")
    reasons = [(finding.status, finding.reason) for finding in result.findings]
    assert reasons == [
        (Status.REWRITE, None),
        (Status.REVIEW, "all-or-nothing"),
        (Status.SUPPRESSED, None),
    ]


def test_one_site_that_cannot_be_written_holds_back_the_others_of_its_group() -> None:
    def grouped(view: FileView, options: Options) -> Iterator[Proposal]:
        for proposal in inspect(view, options):
            fails = "broken" in view.text.slice(proposal.span)
            yield replace(proposal, group=1, plan=None if fails else proposal.plan)

    result = process(b"old(1)\nold('broken')\n", toy(inspect=grouped))
    assert result.after is None
    assert [finding.reason for finding in result.findings] == ["all-or-nothing", "not-preserved"]
