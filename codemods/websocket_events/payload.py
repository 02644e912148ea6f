"""From what an old call sends to the arguments of the adapter's method."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from codemods.websocket_events.facts import Problem
from codemods.websocket_events.options import Event, Options
from migrate.project.types import ClassObject, External
from migrate.syntax import descendants, parts, text_of
from migrate.view import FileView

_CLOCKS_AND_IDS = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.date.today",
        "time.time",
        "time.time_ns",
        "time.monotonic",
        "time.perf_counter",
        "uuid.uuid1",
        "uuid.uuid4",
    }
)
_HARMLESS = _CLOCKS_AND_IDS | frozenset(
    {
        "builtins.str",
        "builtins.type",
        "builtins.getattr",
        "builtins.int",
        "builtins.round",
    }
)
# Of a moment or an id that some other expression gives.
_OF_CLOCKS = frozenset({"isoformat", "timestamp", "strftime"})
_CODE = frozenset(
    {
        "await",
        "dictionary_comprehension",
        "dictionary_splat",
        "generator_expression",
        "lambda",
        "list_comprehension",
        "list_splat",
        "named_expression",
        "set_comprehension",
        "yield",
    }
)


@dataclass(frozen=True, slots=True)
class Value:
    """One thing that is sent, under the name that it has there.

    It is the old call's argument number `argument`, or number `item` of the dictionary that is
    this argument, both from 0.
    """

    name: str
    node: Node
    argument: int
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Arguments:
    """What becomes of each value: by parameter, in source order, and those that have none."""

    given: dict[str, Value]
    supplied: tuple[Value, ...]
    unmapped: tuple[Value, ...]
    repeated: tuple[Value, ...]
    missing: tuple[str, ...]

    def ordered(self, event: Event) -> list[tuple[str | None, Value]]:
        """The new call's arguments, with keywords where they are needed.

        They are evaluated in the order in which they were: where that is not the order of the
        parameters, all of them are keywords.
        """
        in_place = [name for name in event.parameters if name in self.given]
        if list(self.given) != in_place:
            return [(name, value) for name, value in self.given.items()]
        ahead = 0
        while ahead < len(in_place) and in_place[ahead] == event.parameters[ahead]:
            ahead += 1
        return [
            (None if at < ahead else name, self.given[name]) for at, name in enumerate(in_place)
        ]


def arguments_of(values: Sequence[Value], event: Event, options: Options) -> Arguments:
    """Where each of the values, in source order, goes."""
    given: dict[str, Value] = {}
    supplied, unmapped, repeated = [], [], []
    for value in values:
        parameter = event.parameter(value.name)
        if parameter is not None and parameter in given:
            repeated.append(value)
        elif parameter is not None:
            given[parameter] = value
        elif value.name in options.supplied:
            supplied.append(value)
        else:
            unmapped.append(value)
    missing = tuple(name for name in event.required if name not in given)
    return Arguments(given, tuple(supplied), tuple(unmapped), tuple(repeated), missing)


def arguments_problem(found: Arguments, event: Event) -> Problem | None:
    """Why these values do not make a call of the adapter that sends the same."""
    if found.unmapped:
        names = _listed(value.name for value in found.unmapped)
        return (
            "payload-key-unmapped",
            f"{event.method} has no parameter for {names}.",
        )
    if found.repeated:
        names = _listed(value.name for value in found.repeated)
        return (
            "payload-key-repeated",
            f"{names} would be a second value for a parameter of {event.method}.",
        )
    if found.missing:
        return (
            "missing-parameter",
            f"{event.method} needs {_listed(found.missing)}, which is not sent here.",
        )
    return None


def dictionary_values(display: Node, argument: int) -> list[Value] | Problem:
    """The items of a dictionary display with literal keys, or why it is none."""
    if display.type != "dictionary":
        return "payload-not-literal", "The payload is no dictionary display here."
    values: list[Value] = []
    for at, item in enumerate(parts(display)):
        key = item.child_by_field_name("key") if item.type == "pair" else None
        value = item.child_by_field_name("value") if key is not None else None
        name = literal_of(key)
        if value is None or name is None:
            return (
                "payload-not-literal",
                f"What {' '.join(text_of(item).split())[:60]} adds to the payload is not known.",
            )
        values.append(Value(name, value, argument, at))
    return values


def literal_of(node: Node | None) -> str | None:
    """The value of a plain string literal; None for anything else."""
    if node is None or node.type != "string" or text_of(node)[:1] not in ("'", '"'):
        return None
    kinds = [child.type for child in node.named_children]
    if kinds != ["string_start", "string_content", "string_end"]:
        return None
    content = node.named_children[1]
    return None if content.named_children else text_of(content)


def runs_code(view: FileView, expression: Node) -> bool:
    """Whether leaving the expression out could be noticed: it does more than tell time or an id.

    Reading names, attributes and items counts as harmless.
    """
    stack = [expression]
    while stack:
        node = stack.pop()
        if node.type in _CODE or (node.type == "call" and not _is_harmless(view, node)):
            return True
        stack.extend(node.named_children)
    return False


def _is_harmless(view: FileView, call: Node) -> bool:
    function = call.child_by_field_name("function")
    if function is None:
        return False
    if function.type == "attribute":
        name = text_of(function.child_by_field_name("attribute") or function)
        if name in _OF_CLOCKS:
            return True
    return _is_one_of(view, function, _HARMLESS)


def is_clock_or_id(view: FileView, call: Node) -> bool:
    """Whether a call tells the time or makes an id."""
    function = call.child_by_field_name("function")
    return function is not None and _is_one_of(view, function, _CLOCKS_AND_IDS)


def _is_one_of(view: FileView, function: Node, dotted: frozenset[str]) -> bool:
    type_ = view.type_of(function)
    return bool(type_) and all(
        isinstance(atom, ClassObject)
        and isinstance(atom.cls, External)
        and atom.cls.dotted in dotted
        for atom in type_
    )


def dropped_problem(view: FileView, dropped: Iterable[Node]) -> Problem | None:
    """Whether it could be noticed that these expressions are left out."""
    for node in dropped:
        if runs_code(view, node):
            return (
                "payload-side-effect",
                f"{short(view, node)} is left out, and may do more than give a value.",
            )
    return None


def comment_problem(node: Node, kept: Sequence[Node]) -> Problem | None:
    """Comments inside a site that none of the values that stay would carry along."""
    for inner in descendants(node):
        if inner.type == "comment" and not any(
            value.start_byte <= inner.start_byte and inner.end_byte <= value.end_byte
            for value in kept
        ):
            return "unsupported-form", "A comment in the middle of it would be lost."
    return None


def _listed(names: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(names)


def short(view: FileView, node: Node) -> str:
    """The node's source on one line, of at most 60 characters."""
    flat = " ".join(view.source(node).split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
