"""What annotations mean (PEP 484, 585, 593, 604), and what is inside containers."""

from __future__ import annotations

import re
from functools import lru_cache

from migrate.project.index import BUILTIN_NAMES
from migrate.project.types import (
    MAPPINGS,
    NONE,
    UNKNOWN,
    Atom,
    Awaitable,
    ClassObject,
    ClassRef,
    External,
    Given,
    Instance,
    Type,
    builtin,
    union,
)

_SAYS_NOTHING = frozenset({"Any", "object", "TypeVar", "ParamSpec"})
_TRANSPARENT = frozenset({"Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly"})
# fmt: off
_SEQUENCES = frozenset({
    "list", "set", "frozenset", "range", "deque", "iterator", "List", "Set", "FrozenSet", "Deque",
    "Sequence", "MutableSequence", "Iterable", "Iterator", "Collection", "Generator",
    "AsyncIterable", "AsyncIterator", "AsyncGenerator", "AbstractSet", "KeysView", "ValuesView",
})
# fmt: on
_PLAIN = frozenset({"bool", "bytes", "complex", "float", "int", "str"})
_CHOICES = frozenset({"None", "Optional", "Union"})
_WORD = re.compile(r"[\w.]+")
_TUPLES = frozenset({"tuple", "Tuple"})
_INDEXED_LIKE_LISTS = frozenset({"list", "List", "Sequence", "MutableSequence"})
_HOMES = frozenset(
    {"asyncio", "builtins", "collections", "collections.abc", "typing", "typing_extensions"}
)


@lru_cache(maxsize=4096)
def is_plain(annotation: str | None) -> bool:
    """Whether an annotation allows plain values only, such as numbers and strings, by its words."""
    words = {word.rpartition(".")[2] for word in _WORD.findall(annotation or "")}
    return bool(words & _PLAIN) and words <= _PLAIN | _CHOICES


def standard_name(cls: ClassRef | External) -> str:
    """The name of a class that annotations give a meaning of its own; empty for any other."""
    if isinstance(cls, ClassRef):
        return ""
    module, _, name = cls.dotted.rpartition(".")
    return name if module in _HOMES else ""


def instantiate(type_: Type) -> Type:
    """The objects that an annotation allows, given what the annotation's expression names."""
    return union(*(_instantiate(atom) for atom in type_))


def _instantiate(atom: Atom) -> Type:
    if {atom} == NONE:
        return NONE
    if not isinstance(atom, ClassObject):
        return UNKNOWN
    arguments = atom.arguments
    if isinstance(atom.cls, ClassRef):
        return frozenset({Instance(atom.cls, arguments)})
    if atom.cls.name in _SAYS_NOTHING or _is_no_class(atom.cls):
        return UNKNOWN
    name = standard_name(atom.cls)
    if name == "Optional":
        return union(*(arguments[:1] or [UNKNOWN]), NONE)
    if name == "Union":
        return union(*arguments) if arguments else UNKNOWN
    if name in _TRANSPARENT:
        return arguments[0] if arguments else UNKNOWN
    if name in ("Type", "type") and arguments:
        return frozenset(
            ClassObject(inner.cls) if isinstance(inner, Instance) else inner
            for inner in arguments[0]
        )
    if name == "Coroutine":
        return frozenset({Awaitable(arguments[2] if len(arguments) == 3 else UNKNOWN)})
    if name in ("Awaitable", "Future", "Task"):
        return frozenset({Awaitable(arguments[0] if arguments else UNKNOWN)})
    return frozenset({Instance(atom.cls, arguments)})


def _is_no_class(cls: External) -> bool:
    """Whether it is a built-in function, such as the `any` that is meant to be `Any`."""
    module, _, name = cls.dotted.rpartition(".")
    return module == "builtins" and not isinstance(BUILTIN_NAMES.get(name), type)


def with_self(type_: Type, receiver: Type) -> Type:
    """A type with `receiver`'s class wherever the annotation says `Self` (PEP 673)."""
    return union(*(_with_self(atom, receiver) for atom in type_))


def _with_self(atom: Atom, receiver: Type) -> Type:
    match atom:
        case Awaitable(result=result):
            return frozenset({Awaitable(with_self(result, receiver))})
        case Instance(cls=External() as cls) if standard_name(cls) == "Self":
            return frozenset(
                Instance(each.cls) if isinstance(each, ClassObject) else each for each in receiver
            )
        case Instance(cls=cls, arguments=arguments) if arguments:
            inner = tuple(with_self(argument, receiver) for argument in arguments)
            return frozenset({Instance(cls, inner)})
    return frozenset({atom})


def element_of(type_: Type) -> Type:
    """What iterating gives."""
    return union(*(_inside(atom, mapping=0) for atom in type_))


def item_of(type_: Type) -> Type:
    """What `value[index]` gives."""
    return union(*(_inside(atom, mapping=1) for atom in type_))


def part_of(type_: Type, index: int, size: int) -> Type:
    """What the name at `index` gets where a value is unpacked into `size` names."""
    return union(*(_part_of(atom, index, size) for atom in type_))


def _part_of(atom: Atom, index: int, size: int) -> Type:
    if isinstance(atom, Instance) and standard_name(atom.cls) in _TUPLES:
        items = atom.arguments
        if len(items) == size and not any(map(_is_ellipsis, items)):
            return items[index]
    return element_of(frozenset({atom}))


def slice_of(atom: Atom) -> Type:
    """What `value[start:stop]` gives."""
    is_list = isinstance(atom, Instance) and standard_name(atom.cls) in _INDEXED_LIKE_LISTS
    return frozenset({atom}) if is_list else UNKNOWN


def _inside(atom: Atom, mapping: int) -> Type:
    """The type of an element; of a mapping, that of its keys (0) or its values (1)."""
    if isinstance(atom, Given):
        return frozenset({atom})
    if not isinstance(atom, Instance):
        return UNKNOWN
    name, arguments = standard_name(atom.cls), atom.arguments
    if name in _SEQUENCES and arguments:
        return arguments[0]
    if name in _TUPLES and arguments:
        return union(*(a for a in arguments if not _is_ellipsis(a)))
    if name in MAPPINGS and len(arguments) == 2:
        return arguments[mapping]
    return UNKNOWN


def _is_ellipsis(type_: Type) -> bool:
    return type_ == frozenset({Instance(External("builtins.ellipsis"))})


def container_method(holder: Type, name: str) -> Type | None:
    """What a method of a container gives where its parameters say so; None where they do not.

    Of `get` that is what it finds, without the default.
    """
    values = union(*(_inside(atom, mapping=1) for atom in holder))
    is_mapping = all(isinstance(a, Instance) and standard_name(a.cls) in MAPPINGS for a in holder)
    if not holder or not is_mapping:
        return None
    match name:
        case "values":
            return builtin("iterator", values)
        case "items":
            pair = builtin("tuple", element_of(holder), values)
            return builtin("iterator", pair)
        case "get":
            return values
        case "copy":
            return holder
    return None
