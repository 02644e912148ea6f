"""Binding a call's arguments to a function's parameters, as Python does it.

The rules are those of the language reference, "Calls" (section 6.3.4).
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from migrate.project.facts import Function, Parameter, ParameterKind
from migrate.syntax import parts, span, text_of

_BY_POSITION = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
_BY_NAME = (ParameterKind.POSITIONAL_OR_KEYWORD, ParameterKind.KEYWORD_ONLY)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call: positional, `name=...`, or starred with `*` or `**`."""

    name: str | None
    starred: str
    source: str
    node: Node


@dataclass(frozen=True, slots=True)
class Bound:
    """What binding gives.

    `parameters` has the argument of each parameter that gets one; those that a `*args` or
    `**kwargs` parameter takes are left out. `unknown` are keywords without a parameter, or whose
    parameter has an argument already; `surplus` is the number of positional arguments too many;
    `missing` are required parameters without an argument. With a `*` or `**` argument the call
    is `open`: what it brings cannot be told, and nothing is missing.
    """

    parameters: Mapping[str, Argument]
    unknown: tuple[str, ...] = ()
    surplus: int = 0
    missing: tuple[str, ...] = ()
    open: bool = False

    @property
    def fits(self) -> bool:
        """Whether the call binds; only of a call that is not open this is certain."""
        return not (self.unknown or self.surplus or self.missing)


def bind(function: Function, arguments: Sequence[Argument], *, skip_first: bool) -> Bound:
    """Bind a call's arguments; `skip_first` leaves out the parameter that the receiver takes."""
    parameters = function.parameters[1:] if skip_first else function.parameters
    by_name = {p.name: p for p in parameters if p.kind in _BY_NAME}
    takes_rest = {p.kind for p in parameters}
    is_open = any(argument.starred for argument in arguments)
    bound, surplus = _bind_positions(parameters, arguments)
    if ParameterKind.VAR_POSITIONAL in takes_rest:
        surplus = 0
    unknown: list[str] = []
    for argument in arguments:
        if argument.name is None:
            continue
        if argument.name in by_name and argument.name not in bound:
            bound[argument.name] = argument
        elif argument.name in by_name or ParameterKind.VAR_KEYWORD not in takes_rest:
            unknown.append(argument.name)
    missing = tuple(p.name for p in parameters if _is_required(p) and p.name not in bound)
    return Bound(bound, tuple(unknown), surplus, () if is_open else missing, is_open)


def counterparts(function: Function, name: str, above: Function) -> set[str]:
    """The parameters of `above` that get what a parameter gets, where both are called alike.

    As for a method and the one that it overrides, which may have other names for them. What is
    taken by `*args` or `**kwargs` counts.
    """
    at, parameter = next(e for e in enumerate(function.parameters) if e[1].name == name)
    ours, theirs = ({p.name for p in e.parameters if p.kind in _BY_NAME} for e in (function, above))
    return {
        other.name
        for other_at, other in enumerate(above.parameters)
        if _meet_by_position(parameter, at, other, other_at)
        or _meet_by_name(parameter, other, theirs)
        or _meet_by_name(other, parameter, ours)
    }


def _meet_by_position(one: Parameter, at: int, other: Parameter, other_at: int) -> bool:
    """Whether two parameters, each at its place, may take the same positional argument."""
    rest = ParameterKind.VAR_POSITIONAL
    if one.kind not in (*_BY_POSITION, rest) or other.kind not in (*_BY_POSITION, rest):
        return False
    first, last = min(at, other_at), max(at, other_at)
    return first == last or (one if at == first else other).kind == rest


def _meet_by_name(one: Parameter, other: Parameter, names: Container[str]) -> bool:
    """Whether one takes a keyword that another takes, whose function takes some by `names`."""
    if other.kind == ParameterKind.VAR_KEYWORD:
        return one.kind == other.kind or (one.kind in _BY_NAME and one.name not in names)
    return one.kind in _BY_NAME and other.kind in _BY_NAME and one.name == other.name


def _bind_positions(
    parameters: Sequence[Parameter], arguments: Sequence[Argument]
) -> tuple[dict[str, Argument], int]:
    """The parameters that positional arguments fill, up to a `*`, and how many are too many."""
    slots = [parameter.name for parameter in parameters if parameter.kind in _BY_POSITION]
    given: list[Argument] = []
    for argument in arguments:
        if argument.starred == "*":
            break
        if argument.name is None and not argument.starred:
            given.append(argument)
    return dict(zip(slots, given, strict=False)), max(0, len(given) - len(slots))


def _is_required(parameter: Parameter) -> bool:
    variable = (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)
    return parameter.default is None and parameter.kind not in variable


def arguments_of_call(call: Node) -> tuple[Argument, ...]:
    """The arguments of a `call` node, in source order."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None:
        return ()
    if arguments.type == "generator_expression":
        return (_argument(arguments),)
    return tuple(_argument(child) for child in parts(arguments))


def _argument(node: Node) -> Argument:
    name, starred, value = None, "", node
    if node.type == "keyword_argument":
        name = text_of(node.named_children[0])
        value = node.named_children[-1]
    elif node.type in ("list_splat", "dictionary_splat"):
        starred = "*" if node.type == "list_splat" else "**"
        value = node.named_children[0]
    text = text_of(value)[span(value).start - value.start_byte :]
    return Argument(name, starred, text, value)
