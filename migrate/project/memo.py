"""Remembering answers to questions that may lead back to themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")
_NO_CUT = 1 << 30


class Memo:
    """The questions that are open, and how far down a cycle among them was cut."""

    def __init__(self) -> None:
        """Start with no open question."""
        self._open: dict[object, int] = {}
        self._shallowest_cut = _NO_CUT

    @property
    def depth(self) -> int:
        """How many questions are open."""
        return len(self._open)

    def once(self, table: dict[_K, _V] | None, key: _K, compute: Callable[[], _V], cycle: _V) -> _V:
        """`compute()`, remembered in `table`; `cycle` for a question that needs its own answer.

        What was computed below a cycle that is still open lacks the open question's other
        alternatives, and is not remembered.
        """
        if table is not None and key in table:
            return table[key]
        mark = (id(table) if table is not None else 0, key)
        if mark in self._open:
            self._shallowest_cut = min(self._shallowest_cut, self._open[mark])
            return cycle
        depth = self._open[mark] = len(self._open)
        try:
            value = compute()
        finally:
            del self._open[mark]
        if self._shallowest_cut >= depth:
            self._shallowest_cut = _NO_CUT
            if table is not None:
                table[key] = value
        return value


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
