"""What the codemod tells its transformer about a call. Imports have the plans of moves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Value:
    """An argument of the new call: one of the old call's, counted from 0, or a constant."""

    argument: int | None
    keyword: str | None
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class Replace:
    """A call of another function, by its name, or by another attribute of the same object."""

    function: str
    is_attribute: bool
    values: tuple[Value, ...]
