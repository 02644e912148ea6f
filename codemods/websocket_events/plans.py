"""What the codemod tells its transformer about a site. The values stay in the syntax."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taken:
    """A value that stays: the argument that it is, or the item of the dictionary that is one.

    `argument` and `item` count from 0; `keyword` is what the new call names it, if it does. The
    line that the value starts on is indented by `deeper` more columns than its statement.
    """

    argument: int
    item: int | None
    keyword: str | None
    deeper: int


@dataclass(frozen=True, slots=True)
class Emit:
    """Call `receiver.adapter.method` with the values, in the place of an awaited call."""

    receiver: str
    adapter: str
    method: str
    values: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class Unguard:
    """Put the awaited calls of a guard's body, one for each statement, in its place."""

    calls: tuple[Emit, ...]
