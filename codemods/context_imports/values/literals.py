"""Small questions about literal syntax: what is assigned, what is parametrized."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from tree_sitter import Node

from migrate.project.index import parse_expression
from migrate.syntax import captures, text_of

# Expressions that are nested more deeply than this are not looked through.
_MOST_NESTED = 100


@lru_cache(maxsize=8192)
def parsed(source: str) -> ast.expr | None:
    """A source as an expression; None if it is none, or nested too deeply to be looked through."""
    value = parse_expression(source)
    level: list[ast.AST] = [value] if value is not None else []
    for _ in range(_MOST_NESTED):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return value
    return None


def assigned_to_self(body: Node, name: str) -> Iterator[Node]:
    """The targets `self.name` in a class."""
    for target in captures("(attribute) @target", body).get("target", []):
        holder, attribute = (target.child_by_field_name(f) for f in ("object", "attribute"))
        if holder is None or attribute is None or text_of(attribute) != name:
            continue
        if text_of(holder) in ("self", "cls"):
            yield target


def parametrized_names(call: ast.Call) -> list[str]:
    """The names that `pytest.mark.parametrize(...)` gives values to."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "parametrize":
        return []
    match call.args[:1]:
        case [ast.Constant(value=str(names))]:
            return [name.strip() for name in names.split(",") if name.strip()]
        case [ast.Tuple(elts=items)] | [ast.List(elts=items)]:
            return [str(i.value) if isinstance(i, ast.Constant) else "" for i in items]
    return []


def is_parameter_set(call: ast.Call) -> bool:
    """Whether a call is `pytest.param(...)`."""
    return ast.unparse(call.func) in ("pytest.param", "param")
