"""What annotations mean (PEP 484, 585, 593, 604), and what is inside containers."""

from __future__ import annotations

from migrate.project.types import (
    NONE,
    UNKNOWN,
    Atom,
    Awaitable,
    ClassObject,
    ClassRef,
    External,
    Instance,
    Type,
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
_MAPPINGS = frozenset({
    "dict", "Dict", "Mapping", "MutableMapping", "DefaultDict", "defaultdict", "OrderedDict",
})
# fmt: on
_TUPLES = frozenset({"tuple", "Tuple"})


def instantiate(type_: Type) -> Type:
    """The objects that an annotation allows, given what the annotation's expression names."""
    return union(*(_instantiate(atom) for atom in type_)) or UNKNOWN


def _instantiate(atom: Atom) -> Type:
    if {atom} == NONE:
        return NONE
    if not isinstance(atom, ClassObject):
        return UNKNOWN
    arguments = atom.arguments
    if isinstance(atom.cls, ClassRef):
        return frozenset({Instance(atom.cls, arguments)})
    name = atom.cls.name
    if name in _SAYS_NOTHING:
        return UNKNOWN
    if name == "Optional":
        return union(*arguments[:1], NONE)
    if name == "Union":
        return union(*arguments) or UNKNOWN
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


def is_self(atom: Atom) -> bool:
    """Whether this stands for `typing.Self` (PEP 673)."""
    return isinstance(atom, Instance) and atom.cls in _SELF


_SELF = (External("typing.Self"), External("typing_extensions.Self"))


def element_of(type_: Type) -> Type:
    """What iterating gives."""
    return union(*(_inside(atom, mapping=0) for atom in type_)) or UNKNOWN


def item_of(type_: Type) -> Type:
    """What `value[index]` gives."""
    return union(*(_inside(atom, mapping=1) for atom in type_)) or UNKNOWN


def _inside(atom: Atom, mapping: int) -> Type:
    """The type of an element; of a mapping, that of its keys (0) or its values (1)."""
    if not isinstance(atom, Instance) or not isinstance(atom.cls, External):
        return UNKNOWN
    name, arguments = atom.cls.name, atom.arguments
    if name in _SEQUENCES and arguments:
        return arguments[0]
    if name in _TUPLES and arguments:
        return union(*(a for a in arguments if not _is_ellipsis(a)))
    if name in _MAPPINGS and len(arguments) == 2:
        return arguments[mapping]
    return UNKNOWN


def _is_ellipsis(type_: Type) -> bool:
    return type_ == frozenset({Instance(External("builtins.ellipsis"))})


def container_method(holder: Type, name: str) -> Type | None:
    """What a method of a container gives where its parameters say so; None where they do not."""
    values = union(*(_inside(atom, mapping=1) for atom in holder))
    is_mapping = all(isinstance(a, Instance) and a.cls.name in _MAPPINGS for a in holder)
    if not holder or not is_mapping:
        return None
    match name:
        case "values":
            return frozenset({Instance(External("builtins.iterator"), (values,))})
        case "get":
            return union(values, NONE)
        case "copy":
            return holder
    return None
