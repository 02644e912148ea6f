"""What the survey of a project tells its steps, from one process to another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from codemods.context_imports.rules import Decision
from codemods.context_imports.travel.exits import Exits
from codemods.context_imports.travel.traces import Scan
from codemods.context_imports.usage.uses import Hindrance
from migrate.project.types import ClassRef, Given
from migrate.view import FileView

# A function by its file and offset.
FunctionRef = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Importer:
    """A file that imports something that moves: what that is, and what the file has itself.

    Whether the run `may_change` it is up to its paths. `methods` are by name and offset; `late`
    are the names that it looks up in a legacy module, by that module, only when its code runs.
    """

    path: str
    may_change: bool
    pairs: Mapping[ClassRef, ClassRef]
    functions: frozenset[FunctionRef]
    methods: tuple[tuple[str, int], ...]
    late: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Moving:
    """All importers of a project, and what moves: classes with those that take their places."""

    importers: Mapping[str, Importer] = field(default_factory=dict)

    @cached_property
    def pairs(self) -> dict[ClassRef, ClassRef]:
        """The class that takes the place of each one."""
        return {old: new for each in self.importers.values() for old, new in each.pairs.items()}

    @cached_property
    def functions(self) -> frozenset[FunctionRef]:
        """The functions that others take the place of."""
        return frozenset().union(*(each.functions for each in self.importers.values()))

    @property
    def differs(self) -> bool:
        """Whether anything moves that is another thing in its new module."""
        return bool(self.pairs or self.functions)

    @property
    def homes(self) -> set[str]:
        """The files of the classes."""
        return {cls.path for cls in self.pairs}


@dataclass(frozen=True, slots=True)
class Need:
    """A file moves only if another one does, and what to say where that does not."""

    path: str
    other: str
    hindrance: Hindrance


@dataclass(frozen=True, slots=True)
class Asked:
    """Places that functions may be handed to, and places from which objects may be read.

    `cls` is the class of the objects.
    """

    cls: ClassRef
    filled: tuple[Given, ...]
    read: tuple[Given, ...]

    def by_file(self) -> dict[str, Asked]:
        """The same for each file with such places."""
        filled, read = _by_file(self.filled), _by_file(self.read)
        return {
            path: Asked(self.cls, tuple(filled.get(path, ())), tuple(read.get(path, ())))
            for path in sorted({*filled, *read})
        }

    @property
    def any(self) -> bool:
        """Whether there is any place."""
        return bool(self.filled or self.read)


@dataclass(frozen=True, slots=True)
class Stand:
    """What one importer says by itself: its verdicts, and whether they let it move.

    `digest` is that of its content, `exits` is where it hands out objects, `scan` what it does with
    them.
    """

    digest: bytes
    decisions: tuple[Decision, ...] | None
    suits: bool
    exits: Exits | None = None
    scan: Scan = field(default_factory=Scan)
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Consumed:
    """What a file does with objects that it has from others, and where it hands them out again."""

    scan: Scan
    exits: Exits


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What the survey says about an importer: its verdicts, if asked for, and what is in the way.

    That is so of the content with this `digest`. Of a file that could not be read, `fault` tells
    why.
    """

    digest: bytes = b""
    decisions: tuple[Decision, ...] | None = None
    hindrances: tuple[Hindrance, ...] = ()
    fault: str | None = None


def digest_of(view: FileView) -> bytes:
    """What tells one content of a file from another."""
    return hashlib.sha256(view.text.utf8).digest()


def _by_file(places: Iterable[Given]) -> dict[str, list[Given]]:
    found: dict[str, list[Given]] = {}
    for each in places:
        found.setdefault(each.path, []).append(each)
    return found
