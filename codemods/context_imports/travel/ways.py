"""How values get from one place to another, apart from the parameters that calls name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from migrate.project.binding import Argument, Bound, bind
from migrate.project.facts import Function, Parameter, ParameterKind
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
# What runs its argument with those behind it, whatever it is a method of.
_RUNNERS = frozenset(
    {
        "Process",
        "Thread",
        "Timer",
        "add_task",
        "apply",
        "apply_async",
        "call_at",
        "call_later",
        "call_soon",
        "call_soon_threadsafe",
        "filter",
        "map",
        "max",
        "min",
        "partial",
        "reduce",
        "run_in_executor",
        "run_sync",
        "sort",
        "sorted",
        "start_soon",
        "starmap",
        "submit",
        "to_thread",
    }
)
_DISPLAYS = frozenset({"dictionary", "list", "set", "tuple"})
_BY_POSITION = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
_NOT_BY_NAME = (ParameterKind.POSITIONAL_ONLY, ParameterKind.VAR_POSITIONAL)


def landings(
    parameters: Sequence[Parameter], arguments: Sequence[Argument]
) -> Iterator[tuple[str, Argument]]:
    """The parameters that arguments land on, or may, with those behind stars and for them."""
    function = Function("", tuple(parameters), None, (), False)
    bound = bind(function, arguments, skip_first=False)
    yield from bound.parameters.items()
    taken = {id(argument) for argument in bound.parameters.values()}
    for argument in arguments:
        if id(argument) not in taken:
            for name in _open(parameters, bound, argument):
                yield name, argument


def _open(parameters: Sequence[Parameter], bound: Bound, argument: Argument) -> Iterator[str]:
    """The parameters that take what `bind` gives to none, or may take what a star brings."""
    for parameter in parameters:
        if argument.starred:
            wanted = parameter.name not in bound.parameters
        elif argument.name is None:
            wanted = parameter.kind is ParameterKind.VAR_POSITIONAL
        else:
            wanted = parameter.kind is ParameterKind.VAR_KEYWORD
        if wanted:
            yield parameter.name


def taking(parameters: Sequence[Parameter], at: int | str) -> list[str]:
    """The parameters that take what stands in one place of a call, or may: see `Slot`."""
    positional = [each for each in parameters if each.kind in _BY_POSITION]
    if at == "*":
        return [p.name for p in (*positional, *_of(parameters, ParameterKind.VAR_POSITIONAL))]
    if at == "**":
        return [p.name for p in parameters if p.kind not in _NOT_BY_NAME]
    if isinstance(at, int):
        rest = _of(parameters, ParameterKind.VAR_POSITIONAL)
        return [p.name for p in positional[at : at + 1] or rest]
    named = [p.name for p in parameters if p.name == at and p.kind not in _NOT_BY_NAME]
    return named or [p.name for p in _of(parameters, ParameterKind.VAR_KEYWORD)]


def _of(parameters: Sequence[Parameter], kind: ParameterKind) -> list[Parameter]:
    return [each for each in parameters if each.kind is kind]


def relayed(arguments: Sequence[Argument], at: int) -> list[Argument]:
    """What a function gets that stands among the arguments of a call that runs it later.

    Those are what stands behind it, as for `partial`, `submit` and `map`; for `key`, what stands in
    front of it, as for `sorted`; and for `Thread` what `args` and `kwargs` list.
    """
    if arguments[at].name is None:
        return list(arguments[at + 1 :])
    if arguments[at].name == "key":
        return [argument for argument in arguments if argument.name is None]
    found: list[Argument] = []
    for argument in arguments:
        if argument.name == "args" and argument.node.type in ("tuple", "list"):
            found += [Argument(None, "", text_of(node), node) for node in parts(argument.node)]
        elif argument.name == "kwargs":
            found.append(Argument(None, "**", argument.source, argument.node))
    return found


def runs_later(name: str) -> bool:
    """Whether a function of this name is known to call what it is handed first or so."""
    return name in _RUNNERS


def assigned(target: Node) -> Node | None:
    """The value that an assignment gives to a target, the last of several `=`."""
    value = target.parent.child_by_field_name("right") if target.parent else None
    while value is not None and value.type == "assignment":
        value = value.child_by_field_name("right")
    return value


def put(part: Node) -> Iterator[tuple[Node, Node, Node]]:
    """What is put into containers: the container, what is put in, and the place."""
    for target in captures("(assignment left: (subscript) @left)", part).get("left", []):
        container, value = target.child_by_field_name("value"), assigned(target)
        if container is not None and value is not None:
            yield container, value, target
    for target in captures("(assignment left: (identifier) @left)", part).get("left", []):
        value = assigned(target)
        if value is not None and value.type in _DISPLAYS:
            yield target, value, target
    for each in captures("(augmented_assignment) @each", part).get("each", []):
        container, value = (each.child_by_field_name(side) for side in ("left", "right"))
        if container is not None and value is not None:
            yield container, value, each
    for call in captures("(call function: (attribute)) @call", part).get("call", []):
        function = call.child_by_field_name("function") or call
        name, container = (function.child_by_field_name(f) for f in ("attribute", "object"))
        given = call.child_by_field_name("arguments")
        if name is None or container is None or given is None or text_of(name) not in _PUTTING:
            continue
        for node in parts(given):
            value = node.named_children[-1] if node.type == "keyword_argument" else node
            yield container, value, call
