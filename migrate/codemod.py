"""The author's interface: what a codemod is.

A codemod is a value. It sees one file at a time and never reads or writes anything itself. There
are two kinds. A `Codemod` finds and decides single sites, with facts about the whole project on
demand, and a LibCST transformer rewrites them. A `FileCodemod` turns a file's bytes into others,
as most tools do that exist already.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from migrate.errors import UsageError
from migrate.model import Span, Status

if TYPE_CHECKING:
    import libcst as cst

    from migrate.project import Project
    from migrate.view import FileView

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """One form that a codemod recognises. `doc` is what `migrate explain` prints."""

    id: str
    doc: str

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.doc.strip().partition("\n")[0]

    @classmethod
    def of(cls, id: str, documented: Callable[..., Any]) -> Rule:
        """The rule `id` that a function implements, with the function's docstring."""
        return cls(id, inspect.cleandoc(documented.__doc__ or ""))


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """A site and its verdict, as a codemod sees it.

    `span` is the site: the statement or expression that the report shows and, for a rewrite, the
    one that the transformer replaces. `plan` is whatever the codemod wants to tell its own
    transformer about this site. Where one site of a `group` cannot be rewritten, or is suppressed,
    the others of that group in the file are left for review, too; None is in no group. `notice` is
    what holds for several sites at once, such as all of a class: a person reads each notice once,
    so it says itself what it is about.
    """

    rule: str
    span: Span
    status: Status
    message: str
    reason: str | None = None
    suggestion: str | None = None
    plan: Any = None
    group: Hashable = None
    notice: str | None = None


class RemoveStatement:
    """The plan for a statement that goes, with its lines; no transformer sees it.

    Where it is all that its block holds, `pass` takes its place.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """How a transformer lays out what it writes.

    `indents` has, for each site, the white space in front of the line that it starts on; `unit`
    is one more level, `newline` the file's line ending. The sites in `exploded` get one argument
    a line.
    """

    indents: Mapping[Span, str]
    unit: str
    newline: str
    exploded: frozenset[Span] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Renames:
    """Names that a codemod knows how to replace: keywords of calls, and attributes."""

    keywords: Mapping[str, str] = dataclasses.field(default_factory=dict)
    attributes: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Violation:
    """A promise of a codemod that a rewritten file does not keep: its name, and what was seen."""

    promise: str
    message: str


@dataclasses.dataclass(frozen=True, slots=True)
class Unanswered:
    """What there is instead of an answer: the question raised, or its process died."""

    message: str


class Each(Protocol):
    """Asks the same of many items, in as many processes as the run may use."""

    def __call__(
        self, ask: Callable[[Project, _Item], _Answer], items: Sequence[_Item]
    ) -> Iterator[_Answer | Unanswered]:
        """`ask(project, item)` for each item, in order.

        `ask`, the items and the answers must be picklable: `ask` is a function of a module, or a
        `functools.partial` of one. What it puts into `project.shared` is there for the next item
        that the same process is asked about.
        """


def _no_renames(options: Any) -> Renames:
    return Renames()


def _no_violations(before: FileView, after: FileView, options: Any) -> Iterable[Violation]:
    return ()


def _always(data: bytes, options: Any) -> bool:
    return True


@dataclasses.dataclass(frozen=True)
class Codemod:
    """A codemod, ready to be run; the value that an entry point of `migrate.codemods` names.

    `options` is a frozen dataclass whose fields have defaults and are strings, integers, booleans,
    tuples of strings, mappings of strings, or non-empty tuples of a dataclass of such fields, whose
    strings may do without a default. `needles(options)` gives byte strings, one of which every
    file with a site contains; `may_match(data, options)` can refuse more files, from their bytes
    alone.
    `inspect(view, options)` yields every site of a file, decided, in any order.
    `transformer(plans, layout)` builds the LibCST transformer for the sites of one statement;
    `plans` has, for each site to rewrite, its span in the parsed fragment and its `plan`. A
    statement may become several. With `atomic`, a file is rewritten as a whole or not at all: if
    one of its rewrites cannot be made, or is suppressed, the others are left for review.
    With `preview`, it runs only where the command line or the configuration names it: what it
    rewrites is not proven well enough for everyone yet. `renames(options)` tells `migrate
    compare` what the codemod makes up for. `verify(before, after, options)` holds a rewritten file
    against what the codemod promises besides the proofs that every file must pass.
    `survey(files, options, each)` finds out what no single file can tell, once, before any file is
    inspected: `files` are all of the project, and what it returns for a file must be picklable; the
    file's `view.surveyed` has it, None where there is nothing. In the second pass over a rewritten
    file it is what was found out about the file as it was.
    """

    id: str
    version: int
    doc: str
    rules: tuple[Rule, ...]
    options: type[Any]
    needles: Callable[[Any], tuple[bytes, ...]]
    inspect: Callable[[FileView, Any], Iterable[Proposal]]
    transformer: Callable[[Mapping[Span, Any], Layout], cst.CSTTransformer]
    may_match: Callable[[bytes, Any], bool] = _always
    priority: tuple[str, ...] = ()
    atomic: bool = False
    preview: bool = False
    renames: Callable[[Any], Renames] = _no_renames
    verify: Callable[[FileView, FileView, Any], Iterable[Violation]] = _no_violations
    survey: Callable[[Sequence[str], Any, Each], Mapping[str, Any]] | None = None

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.doc.strip().partition("\n")[0]


# Whole files


class Policy(StrEnum):
    """What becomes of a file whose result fails a proof: it is left alone and queued (`strict`),
    rewritten with a finding for review (`warn`), or the proof is not asked for (`off`).
    """

    STRICT = "strict"
    WARN = "warn"
    OFF = "off"


@dataclasses.dataclass(frozen=True)
class NoOptions:
    """Nothing to configure."""


@dataclasses.dataclass(frozen=True, slots=True)
class FileContext:
    """What a whole-file codemod is told about a file, besides its bytes.

    `path` is relative to the root of the repository, with `/`. `root` is that folder's absolute
    path, to be used in names only: the file there may have other content, or be gone. It is empty
    where the file is in no folder. `options` are the codemod's.
    """

    path: str
    root: str = ""
    options: Any = None


@dataclasses.dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know about a file; it becomes a finding.

    `reason` is a short slug, `message` a sentence, `line` counts from 1 where it is known, and
    `suggestion` is what a person could write.
    """

    message: str
    reason: str = "warning"
    line: int | None = None
    status: Status = Status.REVIEW
    suggestion: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Converted:
    """What a whole-file codemod makes of one file.

    `after` has the new bytes; None, or the bytes as they were, is no change. `notes` become
    findings. A `refusal` says why the codemod leaves the file alone although it may have something
    to do there: the file goes to the review queue, and `after` must be None.
    """

    after: bytes | None = None
    notes: tuple[Note, ...] = ()
    refusal: Note | None = None

    @classmethod
    def refused(cls, reason: str, message: str, line: int | None = None) -> Converted:
        """A file that is left alone, for a person to look at."""
        return cls(refusal=Note(message, reason, line))


CHANGE = Rule("change", "A run of lines that the codemod changes.")
FILE = Rule("file", "What the codemod has to say about a file, or why it leaves it alone.")


@dataclasses.dataclass(frozen=True)
class FileCodemod:
    """A codemod that turns a file's bytes into others, ready to be run.

    `convert(data, file)` gets the bytes of one file as they are on disk. Only Python in an
    encoding that Python knows gets there. An exception costs that file only. Every run of lines
    that differs becomes a finding of the rule `change`; where one of them is suppressed by a
    comment, the file is left alone, since part of a result is not what the codemod made.
    `needles` are byte strings, in UTF-8, one of which a file contains that is worth converting;
    without any, all files are. `second_pass` says what becomes of a file which the codemod would
    change again, `names` of one where a name is no longer bound that was. `options` is a dataclass
    as for `Codemod`, and so are `preview`, `priority` and `renames`.
    """

    id: str
    version: int
    doc: str
    convert: Callable[[bytes, FileContext], Converted]
    needles: tuple[bytes, ...] = ()
    second_pass: Policy = Policy.STRICT
    names: Policy = Policy.STRICT
    rules: tuple[Rule, ...] = (CHANGE, FILE)
    options: type[Any] = NoOptions
    priority: tuple[str, ...] = ()
    preview: bool = False
    renames: Callable[[Any], Renames] = _no_renames

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.doc.strip().partition("\n")[0]


AnyCodemod = Codemod | FileCodemod


# Options


def build_options(codemod: AnyCodemod, table: Mapping[str, object], where: str) -> Any:
    """The codemod's options from a table of the configuration.

    `where` names the file and table for messages. Raises UsageError for an unknown key, a missing
    one or a value of the wrong type.
    """
    return _built(codemod.options, table, where, codemod.id)


def argument_table(codemod: AnyCodemod, arguments: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Arguments of the command line as a table of options, in the types of their defaults.

    An argument of a list is given once for each of its items. Raises UsageError for a value that
    is none of the option's type; keys are not checked here.
    """
    defaults = {option_key(field): _default(field) for field in dataclasses.fields(codemod.options)}
    table: dict[str, Any] = {}
    for key, value in arguments:
        default = defaults.get(key)
        if isinstance(default, tuple):
            table[key] = [*table.get(key, []), value]
        else:
            table[key] = _typed(value, default, f"--codemod-arg {key}")
    return table


def _typed(value: str, default: object, where: str) -> object:
    if isinstance(default, bool):
        if value not in ("true", "false"):
            raise UsageError(f"{where} must be true or false, not {value!r}")
        return value == "true"
    if isinstance(default, int):
        try:
            return int(value)
        except ValueError:
            raise UsageError(f"{where} must be an integer, not {value!r}") from None
    return value


def _built(cls: type[Any], table: Mapping[str, object], where: str, what: str) -> Any:
    """A dataclass from a table; `what` is the thing that it describes."""
    fields = {option_key(field): field for field in dataclasses.fields(cls)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        field = fields.get(key)
        if field is None:
            known = ", ".join(sorted(fields))
            raise UsageError(f"{where}: unknown key {key!r}; {what} has: {known}")
        values[field.name] = _checked(value, _default(field), f"{where}: {key}")
    for key, field in fields.items():
        if _default(field) is _REQUIRED and key not in table:
            raise UsageError(f"{where}: the key {key!r} is missing")
    return cls(**values)


_REQUIRED = "a string that has to be given"


def option_key(field: dataclasses.Field[Any]) -> str:
    """A field's name in the configuration; `from_` is `from`, which Python cannot use."""
    return field.name.rstrip("_").replace("_", "-")


def _default(field: dataclasses.Field[Any]) -> object:
    """What a field has where nothing is configured; fields without a default are strings."""
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return _REQUIRED if field.default is dataclasses.MISSING else field.default


def _checked(value: object, default: object, where: str) -> object:
    """`value` in the type of `default`, lists as tuples; raises UsageError if it does not fit."""
    if isinstance(default, tuple) and default and dataclasses.is_dataclass(default[0]):
        return _checked_tables(value, type(default[0]), where)
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise UsageError(f"{where} must be a list of strings, not {value!r}")
    if isinstance(default, Mapping):
        if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            return dict(value)
        raise UsageError(f"{where} must be a table of strings, not {value!r}")
    if type(value) is not type(default):
        expected = {str: "a string", int: "an integer", bool: "true or false"}[type(default)]
        raise UsageError(f"{where} must be {expected}, not {value!r}")
    return value


def _checked_tables(value: object, cls: type[Any], where: str) -> tuple[Any, ...]:
    """A list of tables as the dataclass that each of them describes."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise UsageError(f"{where} must be a list of tables, not {value!r}")
    return tuple(
        _built(cls, item, f"{where}[{at}]", "it") for at, item in enumerate(value, start=1)
    )


# Recipes


@dataclasses.dataclass(frozen=True)
class RecipeKind:
    """A kind of rule for recipes; the value that an entry point of `migrate.recipes` names.

    Each table of the kind's name in a recipe becomes a `rule`, a frozen dataclass of the same
    shape as a codemod's options; it raises ValueError for values that make no rule. `options` makes
    the options of `codemod`, which carries the rules out, from all the rules of a recipe; it raises
    ValueError where they contradict each other. The codemod's documentation is the kind's.
    """

    rule: type[Any]
    options: Callable[[tuple[Any, ...]], Any]
    codemod: Codemod


def build_rule(kind: RecipeKind, table: Mapping[str, object], where: str) -> Any:
    """A rule from a table of a recipe; `where` names file and table for messages.

    Raises UsageError for an unknown key, a missing one, or a value that does not fit.
    """
    try:
        return _built(kind.rule, table, where, f"a rule of the kind {kind.codemod.id}")
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None
