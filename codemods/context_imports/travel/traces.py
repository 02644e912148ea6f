"""Objects of the classes that move, on their way from one place to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from migrate.model import Span
from migrate.project.facts import Parameter
from migrate.project.tracing import RESULT
from migrate.project.types import Awaitable, ClassRef, External, Given, Instance, Type, within
from migrate.view import FileView

CALL = "()"
FIELDS = "*"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happens; `line` is for a person."""

    path: str
    span: Span
    line: int

    def __str__(self) -> str:
        """`path:line`, as in a message."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Made:
    """Objects of an old class as a file calls it: those that it makes, or says that there are."""

    path: str
    cls: ClassRef


@dataclass(frozen=True, slots=True)
class Code:
    """A function, a lambda or a constructor on its way to where it is called.

    `start` is that of its definition, or of a class for which nobody wrote a constructor;
    `parameters` are by name and kind, without one that a receiver takes. Of what is `begun` nobody
    knows which of them have their arguments already, as for `partial`.
    """

    path: str
    start: int
    parameters: tuple[Parameter, ...]
    begun: bool = False

    @property
    def result(self) -> Given:
        """What its call gives."""
        return Given(self.path, self.start, RESULT)


@dataclass(frozen=True, slots=True)
class Slot:
    """Whatever is handed to the code that gets to `of` and is called there.

    `at` is the position of the argument or its keyword; `*` or `**` for what a star brings.
    """

    of: Given
    at: int | str


@dataclass(frozen=True, slots=True)
class Object:
    """An object of a class that does not move, on its way to where its methods are called.

    `lineage` has the class and those above it, by file and offset; `methods` are by name.
    """

    lineage: tuple[tuple[str, int], ...]
    methods: tuple[tuple[str, Code], ...] = field(compare=False)


# Where objects come from, where they or functions do, and where either is handed to.
Origin = Made | Given
Source = Origin | Slot | Code | Object
Target = Given | Slot


@dataclass(frozen=True, slots=True)
class Pass:
    """An object is handed on, to a parameter or an attribute; `callee` is for a person."""

    source: Source
    to: Target
    place: Place
    callee: str


@dataclass(frozen=True, slots=True)
class Demand:
    """An attribute is used that the new class does not have, or has differently if it `differs`.

    For the class itself the name is `CALL`, for all fields at once `FIELDS`. The file writes it
    differently itself once it moves, if it `adapts`. `instead` is what a person could write.
    """

    source: Origin
    old: ClassRef
    place: Place
    name: str
    adapts: bool
    differs: bool = False
    instead: str | None = None

    def __str__(self) -> str:
        """What is wrong, for a person."""
        if self.name == CALL:
            return f"{self.place} calls the class as the new one cannot be called"
        if self.name == FIELDS:
            return f"{self.place} uses all its fields, of which the new class has others"
        missing = "has otherwise" if self.differs else "lacks"
        return f"{self.place} uses its {self.name}, which the new class {missing}"


@dataclass(frozen=True, slots=True)
class Check:
    """An object is asked whether it is of the class as the file `asked` calls it."""

    source: Origin
    asked: str
    place: Place
    what: str


@dataclass(frozen=True, slots=True)
class Method:
    """A method, by the names of its class and itself."""

    cls: str
    name: str


@dataclass(frozen=True)
class Scan:
    """All of it for some parts of a file, and the methods there, by offset.

    `hooks` are methods that are called there, and that only classes below may have, by the
    attribute that stands for them.
    """

    parts: tuple[Span, ...] = ()
    passes: tuple[Pass, ...] = ()
    demands: tuple[Demand, ...] = ()
    checks: tuple[Check, ...] = ()
    methods: tuple[tuple[int, Method], ...] = ()
    hooks: tuple[tuple[Given, Method], ...] = ()


def origins(type_: Type, view: FileView, pairs: Mapping[ClassRef, ClassRef]) -> set[Origin]:
    """Where the objects of a type come from, those in containers included."""
    found: set[Origin] = set()
    for atom in within(type_):
        match atom:
            case Given():
                found.add(atom)
            case Awaitable(result=result):
                found |= origins(result, view, pairs)
            case Instance(cls=cls):
                found |= _made(cls, view, pairs)
    return found


def _made(
    cls: ClassRef | External, view: FileView, pairs: Mapping[ClassRef, ClassRef]
) -> set[Origin]:
    if isinstance(cls, External):
        return set()
    order = [cls] if replace(cls, via="") in pairs else view.project.lineage(cls).order
    plain = ((each, replace(each, via="")) for each in order)
    return {Made(each.via or view.path, base) for each, base in plain if base in pairs}
