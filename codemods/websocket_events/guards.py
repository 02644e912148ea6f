"""Conditions on a manager: which go with the calls that they guard, and which stay in the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from codemods.websocket_events.facts import Problem
from codemods.websocket_events.helpers import enclosing_function
from codemods.websocket_events.payload import literal_of
from codemods.websocket_events.sites import Kind, Site
from migrate.syntax import ancestors, parts, text_of


@dataclass(frozen=True)
class Guard:
    """An `if` that does nothing but calls of a manager's methods where there is a manager."""

    node: Node
    sites: tuple[Site, ...]


def guards_of(sites: Iterable[Site]) -> list[Guard]:
    """Every such `if`, with all that is in it."""
    found: dict[int, tuple[Node, list[Site]]] = {}
    for site in sites:
        guard = _guard_around(site)
        if guard is not None:
            found.setdefault(guard.start_byte, (guard, []))[1].append(site)
    return [
        Guard(node, tuple(inside))
        for node, inside in found.values()
        if len(_body(node)) == len(inside) and node.child_by_field_name("alternative") is None
    ]


def _guard_around(site: Site) -> Node | None:
    """The `if` whose body has the call as a statement, if it asks for the call's manager only."""
    if site.kind is not Kind.MANAGER or not site.is_statement:
        return None
    statement = site.node.parent
    block = statement.parent if statement is not None else None
    guard = block.parent if block is not None else None
    if guard is None or guard.type != "if_statement":
        return None
    if guard.child_by_field_name("consequence") != block:
        return None
    condition = guard.child_by_field_name("condition")
    return guard if _asks_for(condition, site.holder) else None


def _body(guard: Node) -> list[Node]:
    block = guard.child_by_field_name("consequence")
    return parts(block) if block is not None else []


def _asks_for(condition: Node | None, manager: Node) -> bool:
    """Whether it is `x.manager` for the manager, maybe behind `hasattr(x, 'manager') and`."""
    while condition is not None:
        inner = parts(condition)
        if condition.type == "parenthesized_expression" and len(inner) == 1:
            condition = inner[0]
        elif condition.type == "boolean_operator":
            left, operator = (condition.child_by_field_name(f) for f in ("left", "operator"))
            if left is None or operator is None or text_of(operator) != "and":
                return False
            if not _is_hasattr(left, manager):
                return False
            condition = condition.child_by_field_name("right")
        elif condition.type == "comparison_operator":
            words = [child.type for child in condition.children if not child.is_named]
            return words == ["is not"] and inner[1].type == "none" and _same(inner[0], manager)
        else:
            return _same(condition, manager)
    return False


def _is_hasattr(call: Node, manager: Node) -> bool:
    function, arguments = (call.child_by_field_name(f) for f in ("function", "arguments"))
    holder, name = (manager.child_by_field_name(f) for f in ("object", "attribute"))
    if function is None or arguments is None or holder is None or name is None:
        return False
    given = parts(arguments)
    return (
        text_of(function) == "hasattr"
        and len(given) == 2
        and _same(given[0], holder)
        and literal_of(given[1]) == text_of(name)
    )


def _same(one: Node, other: Node) -> bool:
    return "".join(text_of(one).split()) == "".join(text_of(other).split())


def guard_problem(site: Site, sites: Sequence[Site], guards: Sequence[Guard]) -> Problem | None:
    """Whether the call's function looks at the manager or emitter otherwise than a guard does.

    What depends on it there might also have to depend on the adapter.
    """
    function = enclosing_function(site.call)
    if function is None:
        return None
    name = text_of(site.holder).rpartition(".")[2].strip()
    view = site.view
    for word in (*view.identifiers(name), *view.strings(name)):
        if not (function.start_byte <= word.start_byte < function.end_byte):
            continue
        known = any(_within(word, each.holder) for each in sites)
        for guard in guards:
            condition = guard.node.child_by_field_name("condition")
            known = known or (condition is not None and _within(word, condition))
        if not known and not _is_parameter(word):
            line = view.text.position(word.start_byte).line
            return (
                "other-guard",
                f"Line {line} looks at {name} as well: what depends on it there may have to"
                " depend on the adapter.",
            )
    return None


def _within(word: Node, node: Node) -> bool:
    return node.start_byte <= word.start_byte and word.end_byte <= node.end_byte


def _is_parameter(word: Node) -> bool:
    return any(ancestor.type == "parameters" for ancestor in ancestors(word))
