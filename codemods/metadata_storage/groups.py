"""Idioms of several statements that one call replaces."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from codemods.metadata_storage.sites import Site
from codemods.metadata_storage.uses import Kind, statement_of, without_parentheses
from migrate.model import Span
from migrate.syntax import parts, text_of


@dataclass(frozen=True)
class AppendGroup:
    """`if k not in ctx.metadata: ctx.metadata[k] = []`, then `ctx.metadata[k].append(v)`."""

    site: Site
    members: tuple[Site, ...]
    span: Span
    key: Node
    value: Node


@dataclass(frozen=True)
class CopyLoop:
    """`for k, v in source.metadata.items(): target.metadata[k] = v`, and nothing else."""

    source: Site
    target: Site
    loop: Node


def append_groups(sites: list[Site]) -> list[AppendGroup]:
    """The initialise-then-append idioms among the sites."""
    by_start = {site.metadata.start_byte: site for site in sites}
    found = (_append_group(site, by_start) for site in sites if site.use.kind is Kind.READ)
    return [group for group in found if group is not None]


def _append_group(test: Site, by_start: dict[int, Site]) -> AppendGroup | None:
    statement = _membership_test(test)
    body = statement.child_by_field_name("consequence") if statement is not None else None
    following = statement.next_named_sibling if statement is not None else None
    while following is not None and following.type == "comment":
        following = following.next_named_sibling
    if statement is None or body is None or following is None or _statements(statement) != 1:
        return None
    initial = [
        s for s in by_start.values() if body.start_byte <= s.metadata.start_byte < body.end_byte
    ]
    appended = [
        s
        for s in by_start.values()
        if following.start_byte <= s.metadata.start_byte < following.end_byte
        and s.use.kind is Kind.CHANGE_ITEM
        and s.use.node == following
    ]
    if len(initial) != 1 or len(appended) != 1:
        return None
    members = (test, initial[0], appended[0])
    key, value = key_of(appended[0]), _appended_value(appended[0])
    keys = {text_of(k) for k in (_tested_key(test), key_of(initial[0]), key) if k is not None}
    contexts = {text_of(site.context) for site in members}
    if key is None or value is None or len(keys) != 1 or len(contexts) != 1:
        return None
    if not _initialises(initial[0]) or _tested_key(test) is None:
        return None
    return AppendGroup(test, members, Span(statement.start_byte, following.end_byte), key, value)


def _membership_test(site: Site) -> Node | None:
    """The `if` whose whole condition is `k not in ctx.metadata`, without `elif` and `else`."""
    comparison = without_parentheses(site.metadata).parent
    if comparison is None or comparison.type != "comparison_operator":
        return None
    condition = without_parentheses(comparison)
    statement = condition.parent
    operators = [text_of(child) for child in comparison.children if not child.is_named]
    if statement is None or statement.type != "if_statement" or operators != ["not in"]:
        return None
    is_plain = statement.child_by_field_name("condition") == condition
    has_else = statement.child_by_field_name("alternative") is not None
    return statement if is_plain and not has_else else None


def _tested_key(site: Site) -> Node | None:
    comparison = without_parentheses(site.metadata).parent
    return comparison.named_children[0] if comparison is not None else None


def _statements(if_statement: Node) -> int:
    body = if_statement.child_by_field_name("consequence")
    children = body.named_children if body is not None else []
    return sum(child.type != "comment" for child in children)


def key_of(site: Site) -> Node | None:
    """The single key of the item that a site uses; None for slices and several indices."""
    if site.use.item is None:
        return None
    keys = site.use.item.children_by_field_name("subscript")
    has_comma = any(child.type == "," for child in site.use.item.children)
    if len(keys) != 1 or has_comma or keys[0].type in ("slice", "list_splat"):
        return None
    return keys[0]


def assigned_value(site: Site) -> Node | None:
    """The value of a plain, single, unannotated assignment to the site; else None."""
    statement = site.use.node
    if statement.type != "expression_statement" or len(statement.named_children) != 1:
        return None
    assignment = statement.named_children[0]
    value = assignment.child_by_field_name("right")
    if assignment.type != "assignment" or assignment.child_by_field_name("type") is not None:
        return None
    return None if value is None or value.type == "assignment" else value


def _initialises(site: Site) -> bool:
    value = assigned_value(site) if site.use.kind is Kind.SET_ITEM else None
    return value is not None and "".join(text_of(value).split()) in ("[]", "list()")


def _appended_value(site: Site) -> Node | None:
    return only_argument(site.use.call) if site.use.method == "append" else None


def only_argument(call: Node | None) -> Node | None:
    """The argument of a call that has just one, and that a positional one; else None."""
    given = arguments_of(call)
    return given[0] if given is not None and len(given) == 1 else None


def arguments_of(call: Node | None) -> list[Node] | None:
    """The positional arguments of a call; None if it has others, or is no plain call."""
    arguments = call.child_by_field_name("arguments") if call is not None else None
    if arguments is None or arguments.type != "argument_list":
        return None
    given = parts(arguments)
    special = ("keyword_argument", "list_splat", "dictionary_splat")
    return None if any(child.type in special for child in given) else given


def copy_loops(sites: list[Site]) -> list[CopyLoop]:
    """The loops that copy one context's whole metadata to another's."""
    found: list[CopyLoop] = []
    for source in sites:
        loop = _items_loop(source)
        body = loop.child_by_field_name("body") if loop is not None else None
        if loop is None or body is None or loop.child_by_field_name("alternative") is not None:
            continue
        names = [text_of(n) for n in loop.child_by_field_name("left").named_children]  # type: ignore[union-attr]
        for target in sites:
            statement = target.use.node
            whole_body = [c for c in body.named_children if c.type != "comment"] == [statement]
            key, value = key_of(target), assigned_value(target)
            if not whole_body or target.use.kind is not Kind.SET_ITEM or key is None:
                continue
            if value is not None and [text_of(key), text_of(value)] == names:
                found.append(CopyLoop(source, target, loop))
    return found


def _items_loop(site: Site) -> Node | None:
    """The `for a, b in ctx.metadata.items()` around a site."""
    if site.use.kind is not Kind.METHOD or site.use.method != "items" or not site.use.direct:
        return None
    call = without_parentheses(site.use.node)
    loop = call.parent
    if loop is None or loop.type != "for_statement" or loop.child_by_field_name("right") != call:
        return None
    left = loop.child_by_field_name("left")
    if left is None or left.type not in ("pattern_list", "tuple_pattern"):
        return None
    names = [text_of(child) for child in left.named_children if child.type == "identifier"]
    plain = len(left.named_children) == 2 and len(set(names)) == 2
    return loop if plain and loop.children[0].type != "async" else None


def append_by_default(site: Site) -> tuple[Node, Node, Node] | None:
    """Statement, key and value of `ctx.metadata.setdefault(k, []).append(v)`; else None."""
    given = arguments_of(site.use.call)
    if site.use.method != "setdefault" or given is None or len(given) != 2 or not site.use.call:
        return None
    attribute = without_parentheses(site.use.call).parent
    call = attribute.parent if attribute is not None else None
    if attribute is None or call is None or attribute.type != "attribute" or call.type != "call":
        return None
    name = attribute.child_by_field_name("attribute")
    value, statement = only_argument(call), statement_of(call)
    is_append = name is not None and text_of(name) == "append" and statement != call
    empty = "".join(text_of(given[1]).split()) in ("[]", "list()")
    return (statement, given[0], value) if value is not None and is_append and empty else None
