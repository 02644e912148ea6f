"""How values get from one place to another, apart from the parameters that calls name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from migrate.project.binding import Argument, Bound, bind
from migrate.project.facts import Function, ParameterKind
from migrate.syntax import captures, parts, text_of

_PUTTING = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "extend",
        "insert",
        "put",
        "put_nowait",
        "set",
        "setdefault",
        "update",
    }
)
_VARIABLE = (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)


def landings(
    function: Function, arguments: Sequence[Argument], *, skip_first: bool
) -> Iterator[tuple[str, Argument]]:
    """The parameters that arguments land on, or may, with those behind stars and for them."""
    bound = bind(function, arguments, skip_first=skip_first)
    yield from bound.parameters.items()
    taken = {id(argument) for argument in bound.parameters.values()}
    for argument in arguments:
        if id(argument) not in taken:
            for name in _open(function, bound, argument, skip_first=skip_first):
                yield name, argument


def _open(
    function: Function, bound: Bound, argument: Argument, *, skip_first: bool
) -> Iterator[str]:
    """The parameters that take what `bind` gives to none, or may take what a star brings."""
    for parameter in function.parameters[skip_first:]:
        if argument.starred:
            wanted = parameter.name not in bound.parameters
        elif argument.name is None:
            wanted = parameter.kind is ParameterKind.VAR_POSITIONAL
        else:
            wanted = parameter.kind is ParameterKind.VAR_KEYWORD
        if wanted:
            yield parameter.name


def relayed(arguments: Sequence[Argument], at: int) -> list[Argument]:
    """What a function gets that stands among the arguments of a call that runs it later.

    Those are what stands behind it, as for `partial`, `submit` and `map`, and for `Thread` what
    `args` and `kwargs` list.
    """
    if arguments[at].name is None:
        return list(arguments[at + 1 :])
    found: list[Argument] = []
    for argument in arguments:
        if argument.name == "args" and argument.node.type in ("tuple", "list"):
            found += [Argument(None, "", text_of(node), node) for node in parts(argument.node)]
        elif argument.name == "kwargs":
            found.append(Argument(None, "**", argument.source, argument.node))
    return found


def put(part: Node) -> Iterator[tuple[Node, Node, Node]]:
    """What is put into containers: the container, what is put in, and the place."""
    for target in captures("(assignment left: (subscript) @left)", part).get("left", []):
        container = target.child_by_field_name("value")
        value = target.parent.child_by_field_name("right") if target.parent else None
        if container is not None and value is not None:
            yield container, value, target
    for call in captures("(call function: (attribute)) @call", part).get("call", []):
        function = call.child_by_field_name("function") or call
        name, container = (function.child_by_field_name(f) for f in ("attribute", "object"))
        given = call.child_by_field_name("arguments")
        if name is None or container is None or given is None or text_of(name) not in _PUTTING:
            continue
        for node in parts(given):
            value = node.named_children[-1] if node.type == "keyword_argument" else node
            yield container, value, call
