"""Remembering answers to questions that may lead back to themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")
_NO_CUT = 1 << 30
_GIVEN_UP = -1
# A question that leads further down than this, or to more questions, is given up.
_DEEPEST = 40
_MOST = 5_000
_MOST_ROUNDS = 8


@dataclass(slots=True)
class _Open:
    """A question that is being answered: what is assumed meanwhile, and whether that was asked."""

    depth: int
    assumed: Any
    used: bool = False


@dataclass(frozen=True, slots=True)
class Answer(Generic[_V]):
    """What was found out, and the files that were consulted for it."""

    value: _V
    files: frozenset[str]


class Memo:
    """The questions that are open, and how far down a cycle among them was cut."""

    def __init__(self, consulted: set[str]) -> None:
        """Start with no open question; whoever answers one adds the files to `consulted`."""
        self._consulted = consulted
        self._open: dict[object, _Open] = {}
        self._shallowest_cut = _NO_CUT
        self._asked = 0

    def gives_up(self, *, nested: bool) -> bool:
        """Whether the first open question has led too far, or is about what is `nested` too deeply.

        A cycle among many names has more paths than can be followed. What is found out below a
        question that is given up is not remembered, so that others lose nothing by it.
        """
        if len(self._open) <= _DEEPEST and self._asked <= _MOST and not nested:
            return False
        self._shallowest_cut = _GIVEN_UP
        return True

    def is_open(self, table: dict[_K, Answer[_V]], key: _K) -> bool:
        """Whether the question is being answered."""
        return (id(table), key) in self._open

    def once(
        self,
        table: dict[_K, Answer[_V]] | None,
        key: _K,
        compute: Callable[[], _V],
        least: _V,
        unknown: _V,
    ) -> _V:
        """`compute()`, remembered in `table`; for a question that needs itself, a fixed point.

        The question is taken to have the answer `least` while it is computed, then the one that
        came out, until both are the same (Kleene's iteration); `unknown` if that takes too long.
        What was computed on the assumption that a question still open has is not remembered.
        """
        if table is not None and key in table:
            known = table[key]
            self._consulted |= known.files
            return known.value
        mark = (id(table) if table is not None else 0, key)
        if mark in self._open:
            question = self._open[mark]
            question.used = True
            self._shallowest_cut = min(self._shallowest_cut, question.depth)
            assumed: _V = question.assumed
            return assumed
        question = self._open[mark] = _Open(len(self._open), least)
        for_others = frozenset(self._consulted) if question.depth else frozenset()
        self._consulted.clear()
        try:
            value = self._settled(question, compute, unknown)
        finally:
            del self._open[mark]
        if self._shallowest_cut >= question.depth and table is not None:
            table[key] = Answer(value, frozenset(self._consulted))
        self._consulted |= for_others
        if self._shallowest_cut >= question.depth or not self._open:
            self._shallowest_cut = _NO_CUT
        if not self._open:
            self._asked = 0
        return value

    def _settled(self, question: _Open, compute: Callable[[], _V], unknown: _V) -> _V:
        for _ in range(_MOST_ROUNDS):
            self._asked += 1
            question.used = False
            value = compute()
            if not question.used or value == question.assumed:
                return value
            question.assumed = value
        return unknown


class Derived(dict[_K, Answer[_V]]):
    """A table that takes over the answers of another one for which a file was not consulted."""

    def __init__(self, base: Mapping[_K, Answer[_V]], without: str) -> None:
        """Start empty, over `base`."""
        super().__init__()
        self._base = base
        self._without = without

    def __contains__(self, key: object) -> bool:
        """Whether there is an answer, be it an own one or one of the base that still holds."""
        if super().__contains__(key):
            return True
        known = self._base.get(key)  # type: ignore[arg-type]
        return known is not None and self._without not in known.files

    def __missing__(self, key: _K) -> Answer[_V]:
        """The base's answer."""
        return self._base[key]
