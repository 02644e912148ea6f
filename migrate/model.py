"""The values that every other module passes on. Frozen, standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of byte offsets in a file's UTF-8 text (byte-order mark excluded)."""

    start: int
    end: int

    def contains(self, other: Span) -> bool:
        """Whether `other` lies inside this span; a span contains itself."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file for a person: line and column, both from 1, columns in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A regular file of a commit: its mode, `100644` or `100755`, and its blob's id in hex."""

    mode: str
    blob: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `replacement`, which is UTF-8."""

    span: Span
    replacement: bytes


class Status(StrEnum):
    """What becomes of a site."""

    REWRITE = "rewrite"
    REVIEW = "review"
    SKIP = "skip"
    SUPPRESSED = "suppressed"


class Outcome(StrEnum):
    """What becomes of a file.

    `partial` is a file with rewrites that also has sites left for review.
    """

    REWRITTEN = "rewritten"
    PARTIAL = "partial"
    REVIEW = "review"
    SKIPPED = "skipped"
    FAILED = "failed"


class FailureKind(StrEnum):
    """Why a file was left as it was although it may have sites."""

    SYNTAX = "syntax-error"
    DECODE = "decode-error"
    READ = "read-error"
    CODEMOD = "codemod-error"
    SAFETY = "safety"


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be migrated, and why; `line` counts from 1 where it is known."""

    kind: FailureKind
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One decided site, as the report shows it.

    `id` is stable under edits elsewhere in the file. `before` is the source of the site's
    statement or expression; `after` its replacement, for a rewrite; `suggestion` what a person
    could write, for a review. `notice` is the same for several findings, and to be read once.
    """

    id: str
    codemod: str
    rule: str
    status: Status
    reason: str | None
    message: str
    start: Position
    end: Position
    before: str
    after: str | None = None
    suggestion: str | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """What one codemod makes of one file.

    `after` is the new content and `before` the one that the codemod saw, both None where nothing
    changes; `edits` say where, in the UTF-8 text of `before`.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None
    before: bytes | None = None
    after: bytes | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals of one codemod; `sites` is the sum of the four statuses."""

    files: int = 0
    sites: int = 0
    rewrite: int = 0
    review: int = 0
    skip: int = 0
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class CodemodSummary:
    """One codemod of a run and its totals."""

    id: str
    version: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of the report: every finding of every codemod, and the whole difference."""

    path: str
    outcome: Outcome
    failure: Failure | None
    diff: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """One commit to be: one codemod's changes to some files. `number` counts from 1 over the run.

    `commit` is the commit's id once it is made.
    """

    number: int
    codemod: str
    title: str
    paths: tuple[str, ...]
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class BatchContent:
    """A batch with all that its commit needs: the full message and each path's new content."""

    batch: Batch
    message: str
    contents: Mapping[str, bytes]


class Mode(StrEnum):
    """A preview, or commits on a branch."""

    DRY_RUN = "dry-run"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run, ready for any renderer.

    `base` and `branch` are None outside a git repository; `branch` also in a dry run.
    `scanned` is the number of files looked at, `already` that of the batches which the branch had
    before this run.
    """

    mode: Mode
    base: str | None
    branch: str | None
    codemods: tuple[CodemodSummary, ...]
    files: tuple[FileReport, ...]
    batches: tuple[Batch, ...]
    scanned: int = 0
    already: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of a run, from the repository's files and the command line.

    Globs are in gitignore syntax, relative to the root. `codemods` empty means all that are
    installed. `options` has one table of raw, already checked values for each codemod id.
    `line_length` is the repository's own ruff or black setting; `where` names the configuration
    file and table for messages.
    """

    codemods: tuple[str, ...] = ()
    include: tuple[str, ...] = ("*.py",)
    exclude: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    batch_size: int = 20
    line_length: int = 88
    where: str = field(default="the configuration", compare=False)
    options: Mapping[str, Mapping[str, object]] = field(
        default_factory=lambda: MappingProxyType({})
    )
