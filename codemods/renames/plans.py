"""What the renames tell their transformer about a site."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name on its own, such as a parameter, that gets another name."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that gets another name."""

    name: str


@dataclass(frozen=True, slots=True)
class Keyword:
    """An argument whose keyword gets another name."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A string literal, as it is to be written."""

    source: str


Plan = Identifier | Attribute | Keyword | Literal
