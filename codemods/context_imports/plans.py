"""What the codemod tells its transformer about a site. The sources stay in the syntax."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a `from` import: its place in the statement as it was, and how to write it."""

    index: int
    name: str
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The names that one statement takes; `module` is None for the module as it is written."""

    module: str | None
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class FromImport:
    """A `from` import that becomes one statement for each part.

    `inline` is set where other statements stand on its line. `comment` goes to all statements but
    the last, which keeps the one that is there.
    """

    parts: tuple[Part, ...]
    inline: bool = False
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """An import of the target that takes more names, each as it is written: `a` or `a as b`."""

    names: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class ModuleImport:
    """An `import` statement; `modules` has the new module by the place of the old one."""

    modules: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Dotted:
    """An expression that becomes this dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that gets another name."""

    name: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """A call; `keywords` has, for each argument, its keyword to be, or None to leave it."""

    keywords: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A string literal, as it is to be written."""

    source: str


Plan = FromImport | Take | ModuleImport | Dotted | Attribute | Arguments | Literal
