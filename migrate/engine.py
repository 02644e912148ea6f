"""One file in, one result out: decide, rewrite, splice, prove. Never raises."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from tree_sitter import Tree

from migrate import ignores, syntax
from migrate.codemod import FILE, AnyCodemod, Each, Policy, Proposal, Unanswered
from migrate.kinds import Pass, Rewritten, steps_of
from migrate.model import (
    Edit,
    Failure,
    FailureKind,
    FileResult,
    Finding,
    Span,
    Status,
)
from migrate.project import Project
from migrate.project.index import Files
from migrate.safety import Fault, ProofError, fault_of, prove, prove_names
from migrate.text import DecodeError, SourceText
from migrate.view import FileView

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

_NOT_PRESERVED = "not-preserved"
# Where an object is in memory, as Python shows objects that do not say more.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class _FailedError(Exception):
    """A file that has to be left as it is."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one pass over a file gives: every decided site, and what the rewrites come to."""

    proposals: tuple[Proposal, ...]
    edits: tuple[Edit, ...]
    after: Mapping[Span, str]


class Engine:
    """Runs one codemod over the files of one source, remembering facts between files.

    `surveyed` has what the codemod found out before, for the files that are processed next. If it
    is None, the codemod is asked to when it is first needed.
    """

    def __init__(
        self,
        codemod: AnyCodemod,
        options: Any,
        files: Files,
        line_length: int,
        known: Collection[str] = (),
        root: str = "",
        changing: frozenset[str] | None = None,
    ) -> None:
        """Take a codemod with its options, and where files are read from.

        Where `known` has the ids of all codemods, comments that ignore others are reported.
        `root` is the absolute path of the folder that paths are relative to, empty for none.
        `changing` are the files that the run may change; None for all.
        """
        self.known = known
        self.codemod = codemod
        self.files = files
        self.project = Project(files, changing)
        self._steps = steps_of(codemod, options, line_length, root)
        self.surveyed: Mapping[str, Any] | None = None
        self._last: tuple[bytes, SourceText, Tree] | None = None
        self._checked: SourceText | None = None

    def survey(self, each: Each) -> Mapping[str, Any]:
        """What the codemod finds out before it inspects files, by their paths; may raise."""
        return self._steps.survey(self.files.paths, each)

    def ask(
        self, ask: Callable[[Project, _Item], _Answer], items: Iterable[_Item]
    ) -> Iterator[_Answer | Unanswered]:
        """What `migrate.codemod.Each` says, in this process."""
        for item in items:
            answer: _Answer | Unanswered
            try:
                answer = ask(self.project, item)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                answer = Unanswered(_said(error))
            yield answer

    def process(self, path: str) -> FileResult:
        """What the codemod makes of the file; a failure is part of the result."""
        try:
            return self._process(path)
        except _FailedError as error:
            return FileResult(path, failure=error.failure)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a panic in LibCST's native parser is no Exception
            return FileResult(path, failure=codemod_failure(self.codemod, error))

    def _process(self, path: str) -> FileResult:
        data = self._read(path)
        if not self.concerns(data):
            return FileResult(path)
        if self.surveyed is None:
            self.surveyed = self.survey(self.ask)
        view = self._view(path, data)
        if self._steps.python_only:
            self._check_is_python(view.text)
        try:
            outcome = self._pass(view)
        except Exception:
            # tree-sitter takes more than Python: then this is no fault of the codemod.
            self._check_is_python(view.text)
            raise
        if outcome.proposals:
            self._check_is_python(view.text)
        if not outcome.edits:
            return FileResult(path, self._findings(view, outcome))
        try:
            after, doubts = self._proven(view, data, outcome)
        except _FailedError as error:
            if error.failure.kind is not FailureKind.SAFETY:
                raise
            left = tuple(map(_left_alone, self._findings(view, outcome)))
            return FileResult(path, left, failure=error.failure)
        outcome = replace(outcome, proposals=(*doubts, *outcome.proposals))
        findings = self._findings(view, outcome)
        return FileResult(path, findings, before=data, after=after, edits=outcome.edits)

    def concerns(self, data: bytes) -> bool:
        """Whether a file with these bytes may have a site, or a comment about one.

        In UTF-16, which is no Python but may be meant to be, no needle would be found.
        """
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return True
        return self._steps.concerns(data) or ignores.NEEDLE in data

    def _read(self, path: str) -> bytes:
        try:
            return self.files.read(path)
        except OSError as error:
            raise _FailedError(read_failure(error)) from None

    def _view(self, path: str, data: bytes) -> FileView:
        """The parsed file; fails for one that is no text or no Python.

        A file with the same content as the one before it, such as a backup, is not parsed again.
        """
        if self._last is None or self._last[0] != data:
            self._last = (data, *self._parsed(data))
        _, text, tree = self._last
        self.project.index.view(path, tree)
        surveyed = self.surveyed.get(path) if self.surveyed is not None else None
        return FileView(path, text, tree, self.project, surveyed)

    def _check_is_python(self, text: SourceText) -> None:
        """Fail for what tree-sitter took, but no Python does; once for the same content."""
        if self._checked is not text:
            fault = fault_of(text)
            if fault is not None:
                raise _FailedError(_not_python(fault))
            self._checked = text

    def _parsed(self, data: bytes) -> tuple[SourceText, Tree]:
        try:
            text = SourceText.decode(data)
        except DecodeError as error:
            raise _FailedError(Failure(FailureKind.DECODE, str(error), error.line)) from None
        if b"\0" in text.utf8:
            line: int | None = text.position(text.utf8.index(b"\0")).line
            raise _FailedError(Failure(FailureKind.SYNTAX, "it contains a NUL byte", line))
        tree = syntax.parse(text)
        error_node = syntax.first_error(tree)
        if error_node is not None:
            line = text.position(error_node.start_byte).line
            known = fault_of(text) or Fault(line, "this is too unusual for tree-sitter")
            raise _FailedError(_not_python(known))
        return text, tree

    def _pass(self, view: FileView) -> _Outcome:
        """Find and decide every site of a file, and rewrite those that are proven."""
        try:
            found = sorted(self._steps.inspect(view), key=_place)
        except ProofError as error:
            raise _unproven(error) from None
        return self._carried_out(view, found, self._with_ignores(view, found))

    def _carried_out(
        self, view: FileView, found: Sequence[Proposal], proposals: Sequence[Proposal]
    ) -> _Outcome:
        """The proposals with their rewrites made, apart from those that cannot be made.

        Where one of a group cannot, the others are held back, and the rest is made without them.
        """
        wanted = {p.span: self._group(p) for p in found if _is_rewrite(p)}
        while True:
            plans = {p.span: p.plan for p in proposals if _is_rewrite(p)}
            done = self._steps.rewrite(view, plans) if plans else Rewritten()
            made = plans.keys() - done.refused.keys()
            broken = {group for span, group in wanted.items() if span not in made} - {None}
            proposals = [
                _refused(p, done.refused[p.span]) if p.span in plans and p.span not in made else p
                for p in proposals
            ]
            held = {span for span in made if wanted[span] in broken}
            if not held:
                return _Outcome(tuple(proposals), done.edits, done.after)
            proposals = [_held_back(p, done.after) if p.span in held else p for p in proposals]

    def _group(self, proposal: Proposal) -> object:
        """The sites that are rewritten all or not at all: a whole file's, or what is said."""
        return "" if self._steps.atomic else proposal.group

    def _with_ignores(self, view: FileView, proposals: Sequence[Proposal]) -> list[Proposal]:
        """The proposals with the suppressed ones marked, and with the ignores that do nothing."""
        comments = (
            ignores.ignores_for(self.codemod.id, view.text, view.tree)
            if ignores.NEEDLE in view.text.utf8
            else []
        )
        result = list(proposals)
        for comment in comments:
            covered = [
                index
                for index, proposal in enumerate(result)
                if comment.covers(view.text, proposal.span)
            ]
            for index in covered:
                result[index] = _suppressed(result[index])
            if not covered:
                why = f"{self.codemod.id} finds no site on its line"
                result.append(_unused_ignore(comment.span, why))
        if self.known and ignores.NEEDLE in view.text.utf8:
            result += [
                _unused_ignore(span, f"there is no codemod {name!r}")
                for span, name in ignores.unknown_names(view.text, view.tree, self.known)
            ]
        return sorted(result, key=_place)

    def _proven(
        self, view: FileView, before: bytes, outcome: _Outcome
    ) -> tuple[bytes, list[Proposal]]:
        """The file's new bytes, after all proofs, and what is in doubt where that is no reason to
        leave it alone; fails with the name of the first proof that fails.
        """
        from migrate.rewrite import splice

        steps = self._steps
        doubts: list[Proposal] = []
        try:
            after = view.text.encode(splice(view.text.utf8, outcome.edits))
            for policy, proof in (
                (Policy.STRICT, lambda: prove(before, after, outcome.edits)),
                (steps.names, lambda: prove_names(before, after)),
                (steps.second_pass, lambda: self._prove_again(view, after, outcome)),
            ):
                if policy is not Policy.OFF:
                    doubts += _held(proof, policy)
        except ProofError as error:
            raise _unproven(error) from None
        except UnicodeEncodeError as error:
            raise _FailedError(Failure(FailureKind.SAFETY, f"encoding: {error}")) from None
        return after, doubts

    def _prove_again(self, view: FileView, after: bytes, outcome: _Outcome) -> None:
        """Hold a second pass of the codemod against the first."""
        project = self.project.replacing(view.path)
        try:
            text, tree = self._parsed(after)
            project.index.view(view.path, tree)
            result = FileView(view.path, text, tree, project, view.surveyed)
            again = self._pass(result)
        except _FailedError as error:
            raise ProofError("second-pass", error.failure.message, error.failure.line) from None
        self._steps.prove_again(Pass(view, outcome.proposals), Pass(result, again.proposals))

    def _findings(self, view: FileView, outcome: _Outcome) -> tuple[Finding, ...]:
        ordinals: Counter[tuple[str, str]] = Counter()
        findings: list[Finding] = []
        for proposal in outcome.proposals:
            before = view.text.slice(proposal.span)
            # What is about no text, such as a note about the whole file, is known by what it says.
            normal = " ".join((before or proposal.message).split())
            ordinal = ordinals[proposal.rule, normal]
            ordinals[proposal.rule, normal] += 1
            rewritten = proposal.status is Status.REWRITE
            findings.append(
                Finding(
                    id=_stable_id(
                        (view.path, self.codemod.id, proposal.rule, normal, str(ordinal))
                    ),
                    codemod=self.codemod.id,
                    rule=proposal.rule,
                    status=proposal.status,
                    reason=proposal.reason,
                    message=proposal.message,
                    start=view.text.position(proposal.span.start),
                    end=view.text.position(proposal.span.end),
                    before=before,
                    after=outcome.after[proposal.span] if rewritten else None,
                    suggestion=proposal.suggestion,
                    notice=proposal.notice,
                )
            )
        return tuple(findings)


def _not_python(fault: Fault) -> Failure:
    return Failure(FailureKind.SYNTAX, f"it does not parse: {fault.message}", fault.line)


def codemod_failure(codemod: AnyCodemod, error: BaseException) -> Failure:
    """The failure of a file on which a codemod raised."""
    return Failure(FailureKind.CODEMOD, f"{codemod.id} failed: {_said(error)}")


def _said(error: BaseException) -> str:
    """An error in words that are the same in every process."""
    return f"{type(error).__name__}: {_ADDRESS.sub('', str(error))}"


def read_failure(error: OSError) -> Failure:
    """The failure of a file that cannot be read."""
    return Failure(FailureKind.READ, f"cannot read it: {error.strerror or error}")


def _refused(proposal: Proposal, why: str) -> Proposal:
    """A rewrite that could not be carried out, for a person to make."""
    message = f"This could be rewritten, but {why}."
    return replace(
        proposal, status=Status.REVIEW, reason=_NOT_PRESERVED, message=message, plan=None
    )


def _is_rewrite(proposal: Proposal) -> bool:
    return proposal.status is Status.REWRITE


def _place(proposal: Proposal) -> tuple[int, int, str]:
    """By what findings are ordered: where they start, the outer before the inner."""
    return proposal.span.start, -proposal.span.end, proposal.rule


def _unproven(error: ProofError) -> _FailedError:
    return _FailedError(Failure(FailureKind.SAFETY, str(error), error.line))


def _held(proof: Callable[[], None], policy: Policy) -> Iterator[Proposal]:
    """Nothing if a proof holds. If not, a finding for review, or with a strict policy the error."""
    try:
        proof()
    except ProofError as error:
        if policy is Policy.STRICT:
            raise
        yield Proposal(
            rule=FILE.id,
            span=Span(0, 0),
            status=Status.REVIEW,
            reason=error.proof,
            message=f"The file is rewritten, but a proof failed: {error}.",
        )


def _held_back(proposal: Proposal, after: Mapping[Span, str]) -> Proposal:
    """A rewrite of a group that is rewritten as a whole or not at all, and cannot be as a whole."""
    return replace(
        proposal,
        status=Status.REVIEW,
        reason="all-or-nothing",
        message="Another site of this file cannot be rewritten, and they only work together.",
        suggestion=proposal.suggestion or after.get(proposal.span),
        plan=None,
    )


def _left_alone(finding: Finding) -> Finding:
    """A rewrite of a file that failed a proof."""
    if finding.status is not Status.REWRITE:
        return finding
    return replace(
        finding,
        status=Status.REVIEW,
        reason="safety",
        message="The rewritten file failed a safety proof, so all of it was left as it is.",
        suggestion=finding.after,
        after=None,
    )


def _suppressed(proposal: Proposal) -> Proposal:
    message = "A comment in the source says to leave this alone."
    return replace(proposal, status=Status.SUPPRESSED, message=message, plan=None)


def _unused_ignore(span: Span, why: str) -> Proposal:
    return Proposal(
        rule="ignore",
        span=span,
        status=Status.REVIEW,
        reason="unused-ignore",
        message=f"This comment suppresses nothing: {why}.",
        suggestion="Remove the comment.",
    )


def _stable_id(parts: Iterable[str]) -> str:
    """An id that edits elsewhere do not change: 16 hexadecimal digits of a SHA-256."""
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.sha256(text).hexdigest()[:16]
