"""The rules that recipes have for calls that become others.

A rule that makes no sense raises ValueError, with a message for whoever wrote it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from keyword import iskeyword


@dataclass(frozen=True, slots=True)
class Given:
    """One argument of the new call: the value of an old parameter, or a constant's source."""

    keyword: str | None
    parameter: str | None
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class CallReplacement:
    """A call that becomes another.

    `function` is the old function, `to` the new one, by its class if it is a class method, or the
    name of another method of the same object. `arguments` are those of the new call, in order:
    `name` gives the value of that old parameter by position, `keyword=name` by keyword, and
    `keyword='text'` a constant. `drop` are old parameters whose values go. `parameters` are those
    of an old function that the project does not define, in order.
    """

    function: str
    to: str
    arguments: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what describes no call."""
        if "." not in self.function or not _is_dotted(self.function):
            raise ValueError(
                f"function: {self.function!r} is no dotted name, such as package.module.name"
            )
        if not _is_dotted(self.to):
            raise ValueError(f"to: {self.to!r} is neither a dotted name nor the name of a method")
        if self.function == self.to:
            raise ValueError(f"function and to are both {self.to!r}")
        for key, names in (("drop", self.drop), ("parameters", self.parameters)):
            for name in names:
                if not _is_name(name):
                    raise ValueError(f"{key}: {name!r} is no name of a parameter")
        _check_given([_given(text) for text in self.arguments])

    @property
    def given(self) -> tuple[Given, ...]:
        """The arguments of the new call."""
        return tuple(map(_given, self.arguments))

    @property
    def name(self) -> str:
        """The last part of the new function's name."""
        return self.to.rpartition(".")[2]

    @property
    def is_method(self) -> bool:
        """Whether the new function is another attribute of whatever the old one was read from."""
        return "." not in self.to


@dataclass(frozen=True, slots=True)
class Options:
    """The calls to replace; raises ValueError for two rules about one function."""

    replacements: tuple[CallReplacement, ...]

    def __post_init__(self) -> None:
        """Hold the rules against each other."""
        names = [each.function for each in self.replacements]
        for each in self.replacements:
            if names.count(each.function) > 1:
                raise ValueError(f"two rules replace {each.function}")
            if each.to in names:
                raise ValueError(f"one rule makes calls of {each.to}, and another replaces them")


def _given(text: str) -> Given:
    keyword, equals, value = (part.strip() for part in text.rpartition("="))
    if equals and not _is_name(keyword):
        raise ValueError(f"arguments: {keyword!r} is no keyword")
    if _is_name(value):
        return Given(keyword or None, value)
    try:
        ast.literal_eval(value)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(
            f"arguments: {value!r} is neither the name of a parameter nor a constant"
        ) from None
    return Given(keyword or None, None, value)


def _check_given(arguments: list[Given]) -> None:
    keywords = [each.keyword for each in arguments if each.keyword is not None]
    for name in keywords:
        if keywords.count(name) > 1:
            raise ValueError(f"arguments: {name!r} is given twice")
    after = False
    for each in arguments:
        if each.keyword is None and after:
            raise ValueError("arguments: those by position come before those by keyword")
        after = after or each.keyword is not None


def _is_dotted(text: str) -> bool:
    return all(map(_is_name, text.split(".")))


def _is_name(text: str) -> bool:
    return text.isidentifier() and not iskeyword(text)
