"""Where an expression stands."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Env:
    """A file, and the scopes around an expression in it, innermost first, the module left out.

    `hidden` are the names of type parameters around it, which stand for anything (PEP 695).
    """

    path: str
    scopes: tuple[Node, ...] = ()
    hidden: frozenset[str] = frozenset()
