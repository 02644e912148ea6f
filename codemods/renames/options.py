"""The rules that recipes have for renames, and the options of the codemods that carry them out.

A rule that makes no sense raises ValueError, with a message for whoever wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from keyword import iskeyword


@dataclass(frozen=True, slots=True)
class KeywordRename:
    """A parameter of a function, method or constructor that gets another name.

    `function` is `package.module.function`, `package.module.Class` for its constructor, or
    `package.module.Class.method`.
    """

    function: str
    from_: str
    to: str

    def __post_init__(self) -> None:
        """Refuse what is no rename of a parameter."""
        _check_dotted("function", self.function)
        _check_rename(self.from_, self.to)


@dataclass(frozen=True, slots=True)
class AttributeRename:
    """An attribute or method of a class that gets another name.

    `class` is `package.module.Class`.
    """

    class_: str
    from_: str
    to: str

    def __post_init__(self) -> None:
        """Refuse what is no rename of an attribute."""
        _check_dotted("class", self.class_)
        _check_rename(self.from_, self.to)
        for key, name in (("from", self.from_), ("to", self.to)):
            if name.startswith("__"):
                raise ValueError(f"{key}: {name!r} has a meaning of its own to Python")


@dataclass(frozen=True, slots=True)
class KeywordOptions:
    """The parameters to rename."""

    renames: tuple[KeywordRename, ...] = ()


@dataclass(frozen=True, slots=True)
class AttributeOptions:
    """The attributes to rename."""

    renames: tuple[AttributeRename, ...] = ()


def _check_dotted(key: str, dotted: str) -> None:
    parts = dotted.split(".")
    if len(parts) < 2 or not all(map(_is_name, parts)):
        raise ValueError(f"{key}: {dotted!r} is no dotted name, such as package.module.name")


def _check_rename(old: str, new: str) -> None:
    for key, name in (("from", old), ("to", new)):
        if not _is_name(name):
            raise ValueError(f"{key}: {name!r} is no name that Python could have")
    if old == new:
        raise ValueError(f"from and to are both {old!r}")


def _is_name(text: str) -> bool:
    return text.isidentifier() and not iskeyword(text)
