"""What an expression's value can be, as far as the source says.

A type is the set of its alternatives. `UNKNOWN` among them means that the source does not say;
unknown is never taken for yes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A class of the project: the file and the offset of its definition identify it.

    `via` is the file that names the class, where a project traces it; see `Tracing`.
    """

    path: str
    start: int
    name: str
    via: str = ""


@dataclass(frozen=True, slots=True)
class External:
    """Something that the project does not define, by its dotted name."""

    dotted: str

    @property
    def name(self) -> str:
        """The last part of the dotted name."""
        return self.dotted.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class; `arguments` are those of a generic, as in `list[X]`."""

    cls: ClassRef | External
    arguments: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassObject:
    """A class itself, not an object of it."""

    cls: ClassRef | External
    arguments: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionObject:
    """A function of the project; `receiver` is what a bound method was read from."""

    path: str
    start: int
    receiver: Type | None = None


@dataclass(frozen=True, slots=True)
class ModuleObject:
    """A module of the project: its file, or the folder of a namespace package."""

    path: str


@dataclass(frozen=True, slots=True)
class Awaitable:
    """What awaiting gives `result`."""

    result: Type


@dataclass(frozen=True, slots=True)
class Given:
    """Whatever is handed to a parameter or put into an attribute, where a project traces values.

    `start` is the offset of the function or class, `name` that of its parameter or attribute.
    """

    path: str
    start: int
    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known."""


Atom = Instance | ClassObject | FunctionObject | ModuleObject | Awaitable | Given | Unknown
Type = frozenset[Atom]

UNKNOWN: Type = frozenset({Unknown()})
NOTHING: Type = frozenset()


def builtin(name: str, *arguments: Type) -> Type:
    """An object of a built-in class."""
    return frozenset({Instance(External(f"builtins.{name}"), arguments)})


NONE: Type = builtin("None")


def union(*types: Type) -> Type:
    """All alternatives of all types."""
    return frozenset().union(*types)


def ordered(type_: Type) -> list[Atom]:
    """The alternatives of a type in an order that is the same in every run."""
    return sorted(type_, key=_key)


def _key(atom: Atom) -> str:
    """An atom in words, with those in it in order: that of a set is another in every run."""
    match atom:
        case Instance(cls=cls, arguments=parts) | ClassObject(cls=cls, arguments=parts):
            inner = [list(map(_key, ordered(each))) for each in parts]
            return f"{type(atom).__name__} {cls} {inner}"
        case FunctionObject(path=path, start=start, receiver=receiver):
            bound = None if receiver is None else list(map(_key, ordered(receiver)))
            return f"FunctionObject {path} {start:09} {bound}"
        case Awaitable(result=result):
            return f"Awaitable {list(map(_key, ordered(result)))}"
    return repr(atom)


def within(type_: Type) -> Iterator[Atom]:
    """The alternatives of a type, and those of what is in containers."""
    pending = list(type_)
    while pending:
        atom = pending.pop()
        yield atom
        if isinstance(atom, Instance):
            pending += [inner for argument in atom.arguments for inner in argument]


def without_none(type_: Type) -> Type:
    """The alternatives that have attributes of their own."""
    return type_ - NONE


def is_unknown(type_: Type) -> bool:
    """Whether the source leaves it open what the value is."""
    return not type_ or any(isinstance(atom, Unknown) for atom in type_)


# The names of mappings in `builtins`, `collections`, `collections.abc` and `typing`.
MAPPINGS = frozenset(
    ["dict", "Dict", "Mapping", "MutableMapping", "DefaultDict", "defaultdict", "OrderedDict"]
)


def is_mapping(type_: Type) -> bool:
    """Whether each alternative is a mapping of the standard library."""
    return bool(type_) and all(
        isinstance(atom, Instance) and isinstance(atom.cls, External) and atom.cls.name in MAPPINGS
        for atom in type_
    )
