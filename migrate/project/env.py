"""Where an expression stands."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Env:
    """A file, and the scopes around an expression in it, innermost first, the module left out."""

    path: str
    scopes: tuple[Node, ...] = ()
