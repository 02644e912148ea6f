"""What each kind of codemod does with one parsed file: find its sites, and carry out rewrites.

The engine knows the steps, and no kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from migrate.codemod import (
    CHANGE,
    FILE,
    AnyCodemod,
    Codemod,
    Each,
    FileCodemod,
    FileContext,
    Note,
    Policy,
    Proposal,
)
from migrate.diff import hunks
from migrate.guests import guest, restored
from migrate.model import Edit, Span, Status
from migrate.safety import ProofError
from migrate.text import DecodeError, SourceText
from migrate.view import FileView


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What the rewrites of a file come to.

    `after` is the new source of each site that is rewritten, `refused` says of the others why
    they are not; `edits` are in order.
    """

    edits: tuple[Edit, ...] = ()
    after: Mapping[Span, str] = field(default_factory=dict)
    refused: Mapping[Span, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pass:
    """What the codemod saw, and what it found there."""

    view: FileView
    proposals: Sequence[Proposal]


class Steps(Protocol):
    """One codemod with its options.

    With `atomic`, a file is rewritten as a whole or not at all. With `python_only`, `inspect` is
    not called for what tree-sitter takes and Python does not. `second_pass` and `names` say what
    becomes of a file that fails these proofs.
    """

    atomic: bool
    python_only: bool
    second_pass: Policy
    names: Policy

    def concerns(self, data: bytes) -> bool:
        """Whether a file with these bytes may have a site."""

    def survey(self, files: Sequence[str], each: Each) -> Mapping[str, Any]:
        """What is found out before any of the files is inspected, by their paths."""

    def inspect(self, view: FileView) -> Iterable[Proposal]:
        """Every site of the file, decided, in any order."""

    def rewrite(self, view: FileView, plans: Mapping[Span, Any]) -> Rewritten:
        """Carry out the rewrites that `inspect` proposed, each with its plan."""

    def prove_again(self, first: Pass, again: Pass) -> None:
        """Hold a second pass against the first; raises ProofError."""


def steps_of(codemod: AnyCodemod, options: Any, line_length: int, root: str) -> Steps:
    """The steps of a codemod; `root` is the absolute path of the repository, or empty."""
    if isinstance(codemod, FileCodemod):
        return _FileSteps(codemod, options, root)
    return _SiteSteps(codemod, options, line_length)


class _SiteSteps:
    """A codemod that finds sites by itself and rewrites them with a LibCST transformer."""

    # It sees single statements, and most files with a needle have none for it.
    python_only = False
    second_pass = Policy.STRICT
    names = Policy.STRICT

    def __init__(self, codemod: Codemod, options: Any, line_length: int) -> None:
        self.atomic = codemod.atomic
        self._codemod = codemod
        self._options = options
        self._line_length = line_length
        self._needles = codemod.needles(options)

    def concerns(self, data: bytes) -> bool:
        found = any(needle in data for needle in self._needles)
        return found and self._codemod.may_match(data, self._options)

    def survey(self, files: Sequence[str], each: Each) -> Mapping[str, Any]:
        survey = self._codemod.survey
        return survey(files, self._options, each) if survey is not None else {}

    def inspect(self, view: FileView) -> Iterable[Proposal]:
        return self._codemod.inspect(view, self._options)

    def rewrite(self, view: FileView, plans: Mapping[Span, Any]) -> Rewritten:
        from migrate.rewrite import rewrite

        done, refused = rewrite(
            view.text, view.tree, plans, self._codemod.transformer, self._line_length
        )
        after = {span: source for each in done for span, source in each.after.items()}
        edits = sorted((edit for each in done for edit in each.edits), key=lambda e: e.span)
        return Rewritten(tuple(edits), after, refused)

    def prove_again(self, first: Pass, again: Pass) -> None:
        """Nothing more is rewritten, just the rewritten sites are gone, and promises are kept."""
        if any(proposal.status is Status.REWRITE for proposal in again.proposals):
            raise ProofError("second-pass", "the codemod would change its own result")
        rewritten = sum(proposal.status is Status.REWRITE for proposal in first.proposals)
        gone = len(first.proposals) - len(again.proposals)
        if gone != rewritten:
            raise ProofError("site-count", f"{rewritten} rewritten, but {gone} gone")
        for violation in self._codemod.verify(first.view, again.view, self._options):
            raise ProofError(violation.promise, violation.message)


class _FileSteps:
    """A codemod that converts whole files: each run of lines that differs is a site."""

    atomic = True
    # Nesting that Python refuses can overflow the stack of another parser, and end the process.
    python_only = True

    def __init__(self, codemod: FileCodemod, options: Any, root: str) -> None:
        self.second_pass = codemod.second_pass
        self.names = codemod.names
        self._codemod = codemod
        self._options = options
        self._root = root

    def concerns(self, data: bytes) -> bool:
        needles = self._codemod.needles
        if not needles or any(needle in data for needle in needles):
            return True
        return not all(map(bytes.isascii, needles)) and self._has_needle(data)

    def _has_needle(self, data: bytes) -> bool:
        """Whether a file has a needle in an encoding of its own."""
        try:
            text = SourceText.decode(data)
        except DecodeError:
            return False
        return any(needle in text.utf8 for needle in self._codemod.needles)

    def survey(self, files: Sequence[str], each: Each) -> Mapping[str, Any]:
        return {}

    def inspect(self, view: FileView) -> Iterable[Proposal]:
        before = view.text.encode(view.text.utf8)
        if not self.concerns(before):
            return []  # it has a comment about the codemod, but nothing to convert
        with guest(), restored():
            converted = self._codemod.convert(
                before, FileContext(view.path, self._root, self._options)
            )
        notes = [_noted(note, view.text) for note in converted.notes]
        if converted.refusal is not None:
            return [*notes, _noted(converted.refusal, view.text, CHANGE.id)]
        if converted.after is None or converted.after == before:
            return notes
        after = _decoded(converted.after, view.text)
        return [*notes, *(_changed(edit) for edit in hunks(view.text.utf8, after))]

    def rewrite(self, view: FileView, plans: Mapping[Span, Any]) -> Rewritten:
        edits = tuple(plans[span] for span in sorted(plans))
        return Rewritten(edits, {edit.span: edit.replacement.decode() for edit in edits})

    def prove_again(self, first: Pass, again: Pass) -> None:
        """Nothing more is changed, and the result is still something that it can work on."""
        changed = [proposal for proposal in again.proposals if proposal.rule == CHANGE.id]
        if changed:
            why = "the codemod would change its own result"
            refused = [p.message for p in changed if p.reason is not None]
            raise ProofError("second-pass", refused[0] if refused else why)


def _decoded(after: bytes, before: SourceText) -> bytes:
    """A converted file as UTF-8; raises ProofError if it is no longer in its encoding."""
    try:
        text = SourceText.decode(after)
    except DecodeError as error:
        raise ProofError("encoding", str(error)) from None
    if (text.encoding, text.bom) != (before.encoding, before.bom):
        old, new = (_encoding(each) for each in (before, text))
        raise ProofError("encoding", f"was {old}, would be {new}")
    return text.utf8


def _encoding(text: SourceText) -> str:
    return f"{text.encoding} with a byte-order mark" if text.bom else text.encoding


def _changed(edit: Edit) -> Proposal:
    message = "The codemod changes these lines."
    return Proposal(CHANGE.id, edit.span, Status.REWRITE, message, plan=edit)


def _noted(note: Note, text: SourceText, rule: str = FILE.id) -> Proposal:
    """A note at its line; at the start of the file where it has none, or one that is not there."""
    span = Span(0, 0)
    if note.line is not None:
        span = text.line_span(note.line - 1)
    return Proposal(rule, span, note.status, note.message, note.reason, note.suggestion)
