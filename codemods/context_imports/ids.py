"""Ids that the new class refuses, as far as they are written in the source."""

from __future__ import annotations

import re

from tree_sitter import Node

from codemods.context_imports.options import Options
from migrate.project.facts import BindingKind
from migrate.syntax import captures, enclosing_scopes, text_of
from migrate.view import FileView

_LONG = re.compile(r"uuid[14]\(\)\}")


def forbidden(view: FileView, options: Options, value: Node) -> str | None:
    """Why the new class refuses an id, or may; None if nothing says so.

    A name counts as the literal that is the only thing bound to it.
    """
    literal = _literal(view, value)
    if literal is None:
        return None
    start, certain, shortest = literal
    lower = start.lower()
    if certain and lower in options.forbidden_words:
        return f"{start!r} is an id that the new class refuses"
    for prefix in options.forbidden_prefixes:
        if lower.startswith(prefix) and shortest < options.prefix_limit:
            unless = "" if certain else f", unless it has {options.prefix_limit} characters"
            return f"the new class refuses an id that starts with {prefix!r}{unless}"
    return None


def _literal(view: FileView, value: Node) -> tuple[str, bool, int] | None:
    """How a string starts, whether that is all of it, and how long it is at least."""
    if value.type == "identifier":
        found = _bound_literal(view, value)
        return None if found is None else (found, True, len(found))
    if value.type != "string":
        return None
    source = text_of(value)
    holes = captures("(interpolation) @hole", value).get("hole", [])
    content = captures("(string_content) @content", value).get("content", [])
    fixed = "".join(text_of(node) for node in content)
    if not holes:
        return fixed, True, len(fixed)
    first = min(hole.start_byte for hole in holes)
    start = "".join(text_of(node) for node in content if node.start_byte < first)
    shortest = len(fixed) + 32 * len(_LONG.findall(source))
    return start, False, shortest


def _bound_literal(view: FileView, name: Node) -> str | None:
    """The one string literal that a name stands for."""
    for scope in enclosing_scopes(name):
        namespace = view.project.local_namespace(view.path, scope)
        bindings = namespace.names.get(text_of(name))
        if bindings is None:
            continue
        if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNED:
            return None
        match = re.fullmatch(r"([\"'])([^\"'\\{}]*)\1", bindings[0].value or "")
        return match.group(2) if match else None
    return None
