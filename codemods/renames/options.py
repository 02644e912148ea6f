"""The rules that recipes have for renames, and the options of the codemods that carry them out.

A rule that makes no sense raises ValueError, with a message for whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """The parameters to rename; raises ValueError for rules that contradict each other."""

    renames: tuple[KeywordRename, ...]

    def __post_init__(self) -> None:
        """Hold the rules against each other."""
        _check_together([(each.function, each.from_, each.to) for each in self.renames])


@dataclass(frozen=True, slots=True)
class AttributeOptions:
    """The attributes to rename; raises ValueError for rules that contradict each other."""

    renames: tuple[AttributeRename, ...]

    def __post_init__(self) -> None:
        """Hold the rules against each other."""
        _check_together([(each.class_, each.from_, each.to) for each in self.renames])


def _check_together(renames: Sequence[tuple[str, str, str]]) -> None:
    """Refuse a name with two rules, and one that a rule gives and another takes away."""
    old, new = [(what, name) for what, name, _ in renames], {(what, to) for what, _, to in renames}
    for what, name in old:
        if old.count((what, name)) > 1:
            raise ValueError(f"two rules rename {name!r} of {what}")
        if (what, name) in new:
            raise ValueError(
                f"{name!r} of {what} is the new name of one rule and the old name of another;"
                " one run cannot do both"
            )


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
