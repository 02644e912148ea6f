"""What the patterns of a `match` statement bind: parts of its subject (PEP 634)."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrate.syntax import parts, text_of


def captured(clause: Node) -> Iterator[tuple[Node, str | None]]:
    """The names that a `case_clause` binds, each with an expression for what it takes.

    None where there is no such expression, as for a positional argument of a class.
    """
    statement = clause.parent.parent if clause.parent is not None else None
    subject = (
        _listed(statement.children_by_field_name("subject")) if statement is not None else None
    )
    patterns = [child for child in clause.named_children if child.type == "case_pattern"]
    is_sequence = len(patterns) > 1 or any(child.type == "," for child in clause.children)
    pending = list(_elements(patterns, subject)) if is_sequence else [(patterns[0], subject)]
    while pending:
        pattern, value = pending.pop(0)
        if pattern.type == "identifier":
            yield pattern, value
        else:
            pending[:0] = _inside(pattern, value)


def _inside(pattern: Node, value: str | None) -> Iterator[tuple[Node, str | None]]:
    """The names and the patterns of which one is made, each with what it takes."""
    inner = parts(pattern)
    match pattern.type:
        case "case_pattern" | "as_pattern" | "union_pattern":
            yield from ((each, value) for each in inner)
        case "dotted_name" if len(inner) == 1 and text_of(pattern) != "_":
            yield inner[0], value
        case "tuple_pattern" if len(inner) == 1 and "," not in map(text_of, pattern.children):
            yield inner[0], value
        case "list_pattern" | "tuple_pattern":
            yield from _elements(inner, value)
        case "splat_pattern":
            yield from ((each, value) for each in inner if text_of(each) != "_")
        case "dict_pattern":
            keys = map(text_of, pattern.children_by_field_name("key"))
            values = pattern.children_by_field_name("value")
            for key, each in zip(keys, values, strict=False):
                yield each, _of(value, f"[{key}]")
            yield from ((each, None) for each in inner if each.type == "splat_pattern")
        case "class_pattern":
            for each in inner[1:]:
                keyword, *aliases = _unaliased(each)
                if keyword.type == "keyword_pattern":
                    name, *given = parts(keyword)
                    taken = _of(value, f".{text_of(name)}")
                    yield from ((one, taken) for one in (*given, *aliases))
                else:
                    yield each, None


def _unaliased(argument: Node) -> list[Node]:
    """An argument of a class without what is around it, and the names that `as` gives it."""
    inner = parts(argument)
    if argument.type == "case_pattern" and len(inner) == 1:
        return _unaliased(inner[0])
    if argument.type == "as_pattern":
        return [*_unaliased(inner[0]), *inner[1:]]
    return [argument]


def _elements(patterns: list[Node], value: str | None) -> Iterator[tuple[Node, str | None]]:
    """The patterns of a sequence, each with its element."""
    stars = [at for at, each in enumerate(patterns) if _is_star(each)]
    for at, each in enumerate(patterns):
        if at in stars:
            yield each, f"list(({value}))" if value is not None else None
        else:
            yield each, _of(value, f"[{at - len(patterns) if stars and at > stars[0] else at}]")


def _is_star(pattern: Node) -> bool:
    return any(child.type == "splat_pattern" for child in parts(pattern))


def _of(value: str | None, part: str) -> str | None:
    return f"({value}){part}" if value is not None else None


def _listed(subjects: list[Node]) -> str:
    """The source of a subject, which is a tuple if it is several."""
    last = subjects[-1].next_sibling
    is_tuple = len(subjects) > 1 or (last is not None and last.type == ",")
    return ", ".join(map(text_of, subjects)) + "," * is_tuple
