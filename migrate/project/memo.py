"""Remembering answers to questions that may lead back to themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

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


class Memo:
    """The questions that are open, and how far down a cycle among them was cut."""

    def __init__(self) -> None:
        """Start with no open question."""
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

    def is_open(self, table: dict[_K, _V], key: _K) -> bool:
        """Whether the question is being answered."""
        return (id(table), key) in self._open

    def once(
        self,
        table: dict[_K, _V] | None,
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
            return table[key]
        mark = (id(table) if table is not None else 0, key)
        if mark in self._open:
            question = self._open[mark]
            question.used = True
            self._shallowest_cut = min(self._shallowest_cut, question.depth)
            assumed: _V = question.assumed
            return assumed
        question = self._open[mark] = _Open(len(self._open), least)
        try:
            value = self._settled(question, compute, unknown)
        finally:
            del self._open[mark]
        if self._shallowest_cut >= question.depth and table is not None:
            table[key] = value
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


class Derived(dict[_K, _V]):
    """A table that takes over those entries of another one that still hold."""

    def __init__(self, base: Mapping[_K, _V], holds: Callable[[_K, _V], bool]) -> None:
        """Start empty, over `base`."""
        super().__init__()
        self._base = base
        self._holds = holds

    def __contains__(self, key: object) -> bool:
        """Whether there is an entry, be it an own one or one of the base that holds."""
        return super().__contains__(key) or (
            key in self._base and self._holds(key, self._base[key])  # type: ignore[arg-type, index]
        )

    def __missing__(self, key: _K) -> _V:
        """The base's entry."""
        return self._base[key]
