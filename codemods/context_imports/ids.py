"""Ids that the new class refuses, as far as they are written in the source."""

from __future__ import annotations

import re

from tree_sitter import Node

from codemods.context_imports.options import Options
from migrate.project.facts import BindingKind
from migrate.syntax import captures, enclosing_scopes, text_of
from migrate.view import FileView

# `{uuid.uuid4()}`, `{str(uuid.uuid4())[:8]}` and `{uuid.uuid4().hex[:8]}` in an f-string.
_UUID = re.compile(r"\buuid[14]\(\)\)?(\.hex)?(?:\[:(\d+)\])?\}$")


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
    holes = captures("(interpolation) @hole", value).get("hole", [])
    content = captures("(string_content) @content", value).get("content", [])
    fixed = "".join(text_of(node) for node in content)
    if not holes:
        return fixed, True, len(fixed)
    first = min(hole.start_byte for hole in holes)
    start = "".join(text_of(node) for node in content if node.start_byte < first)
    return start, False, len(fixed) + sum(_shortest(text_of(hole)) for hole in holes)


def _shortest(hole: str) -> int:
    """How many characters a replacement field of an f-string has at least."""
    uuid = _UUID.search(hole)
    if uuid is None:
        return 0
    length = 32 if uuid.group(1) else 36
    return min(length, int(uuid.group(2))) if uuid.group(2) else length


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
