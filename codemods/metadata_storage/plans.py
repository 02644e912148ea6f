"""What the codemod tells its transformer about a site. The sources stay in the syntax."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Write a call of `method` on the name `receiver`."""

    receiver: str
    method: str


@dataclass(frozen=True, slots=True)
class Store(Plan):
    """`ctx.metadata[k] = v`; `unwrap` drops the `.model_dump(...)` around the value."""

    unwrap: bool = False


@dataclass(frozen=True, slots=True)
class Batch(Plan):
    """`ctx.metadata.update(m)`; `display` where keyword arguments become a dictionary."""

    display: bool = False


@dataclass(frozen=True, slots=True)
class Get(Plan):
    """`ctx.metadata.get(k)` or `.get(k, d)`."""


@dataclass(frozen=True, slots=True)
class AppendPair(Plan):
    """`if k not in ctx.metadata: ctx.metadata[k] = []`, then `ctx.metadata[k].append(v)`."""


@dataclass(frozen=True, slots=True)
class AppendDefault(Plan):
    """`ctx.metadata.setdefault(k, []).append(v)`."""


@dataclass(frozen=True, slots=True)
class Increment(Plan):
    """`ctx.metadata[k] = ctx.metadata.get(k, 0) + n`; `amount_first` for `n + ...`."""

    amount_first: bool = False


@dataclass(frozen=True, slots=True)
class Propagate(Plan):
    """`for k, v in source.metadata.items(): target.metadata[k] = v`."""
