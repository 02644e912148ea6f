"""The author's interface: what a codemod is.

A codemod is a value: an id, a version, its rules, its options, the byte needles that make a file
worth parsing, a function that finds and decides the sites of one file, and a LibCST transformer
that rewrites them. It sees one file at a time, with facts about the whole project on demand, and
it never reads or writes anything itself.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from migrate.errors import UsageError
from migrate.model import Span, Status

if TYPE_CHECKING:
    import libcst as cst

    from migrate.view import FileView


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
    transformer about this site.
    """

    rule: str
    span: Span
    status: Status
    message: str
    reason: str | None = None
    suggestion: str | None = None
    plan: Any = None


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


def _no_renames(options: Any) -> Renames:
    return Renames()


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
    compare` what the codemod makes up for.
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

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.doc.strip().partition("\n")[0]


def build_options(codemod: Codemod, table: Mapping[str, object], where: str) -> Any:
    """The codemod's options from a table of the configuration.

    `where` names the file and table for messages. Raises UsageError for an unknown key, a missing
    one or a value of the wrong type.
    """
    return _built(codemod.options, table, where, codemod.id)


def _built(cls: type[Any], table: Mapping[str, object], where: str, what: str) -> Any:
    """A dataclass from a table; `what` is the thing that it describes."""
    fields = {_key(field): field for field in dataclasses.fields(cls)}
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


def _key(field: dataclasses.Field[Any]) -> str:
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
