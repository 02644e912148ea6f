"""What a person could write in the place of a call that is not rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tree_sitter import Node

from codemods.websocket_events.options import Event, Options
from codemods.websocket_events.payload import Value, arguments_of, literal_of
from codemods.websocket_events.sites import Kind, Site
from migrate.syntax import parts, text_of

_NAMES_OF_A_CLASS = ("__class__.__name__", "type(self).__name__", "self.name")


def call_source(site: Site, event: Event, values: Sequence[Value]) -> str:
    """The call of the adapter with what the old call sends.

    What has no parameter of its own goes into the one that takes anything, where there is one.
    """
    found = arguments_of(values, event, site.options)
    sources = {name: _source(site, value.node) for name, value in found.given.items()}
    extra = [value for value in (*found.unmapped, *found.repeated) if value.name]
    if extra and event.rest:
        items = [f'"{value.name}": {_source(site, value.node)}' for value in extra]
        start = [f"**{sources[event.rest]}"] if event.rest in sources else []
        sources[event.rest] = "{" + ", ".join([*start, *items]) + "}"
    sources.update(dict.fromkeys(found.missing, "..."))
    return _call(site, event, sources)


def unpacked_source(site: Site, event: Event, payload: Node) -> str:
    """The call of the adapter with the items of a payload that is in a variable."""
    name = site.view.source(payload)
    if payload.type != "identifier":
        return _call(site, event, dict.fromkeys(event.required, "..."))
    sources = {each: f'{name}["{each}"]' for each in event.required}
    sources |= {each: f'{name}.get("{each}")' for each in event.optional}
    return _call(site, event, sources)


def _call(site: Site, event: Event, sources: dict[str, str]) -> str:
    written: list[str] = []
    gap = False
    for parameter in event.parameters:
        if parameter in sources:
            written.append(f"{parameter}={sources[parameter]}" if gap else sources[parameter])
        gap = gap or parameter not in sources
    return f"await {_adapter(site)}.{event.method}({', '.join(written)})"


def _adapter(site: Site) -> str:
    """The adapter of the object that the code runs for, or whose helper it calls."""
    name = site.options.receiver
    if site.kind is Kind.HELPER and site.holder.type in ("identifier", "attribute"):
        return f"{site.view.source(site.holder)}.{name}"
    return f"{site.receiver.name}.{name}" if site.receiver is not None else name.strip("_")


def with_adapter(site: Site, call: str) -> str:
    """The call, and where a class that is no agent gets the adapter from."""
    options = site.options
    module, _, adapter = options.adapter.rpartition(".")
    if site.receiver is None:
        whose, how = "the agent", f"Take it as a parameter, {options.receiver.strip('_')}"
    else:
        whose = f"the agent that {site.receiver.owner.name} works for"
        how = f"Take it in __init__ as {site.receiver.name}.{options.receiver}"
    return (
        f"# {adapter} (from {module}):\n"
        f"# {whose} has one, agent.{options.receiver}.\n"
        f"# {how}; then write here:\n"
        f"{call}"
    )


def named_values(site: Site, names: Sequence[str]) -> list[Value]:
    """What a method with these parameters is given."""
    values: list[Value] = []
    for at, argument in enumerate(site.arguments):
        name = names[at] if at < len(names) else ""
        value: Node | None = argument
        if argument.type == "keyword_argument":
            name = text_of(argument.child_by_field_name("name") or argument)
            value = argument.child_by_field_name("value")
        values.append(Value(name, value or argument, at))
    return values


def guessed_values(site: Site, event: Event) -> list[Value]:
    """What a method is given whose parameters are not known, by the names of the expressions.

    One whose name says nothing takes the next parameter of the event that is free.
    """
    options = site.options
    known = {*options.supplied, *options.recipients}
    values = named_values(site, [_called(argument) for argument in site.arguments])
    values = [value for value in values if value.name not in known]
    taken = {event.parameter(value.name) for value in values}
    free = (name for name in event.parameters if name not in taken)
    return [
        value
        if event.parameter(value.name) is not None
        else replace(value, name=next(free, value.name))
        for value in values
    ]


def nearest_event(name: str, options: Options) -> Event | None:
    """The event of the table whose name is in another name, the longest of them."""
    named = [event for event in options.events if event.event in name]
    return max(named, key=lambda event: len(event.event), default=None)


def _called(argument: Node) -> str:
    """What an expression is called by its source: the last of its names, or nothing."""
    source = text_of(argument)
    if source.endswith(_NAMES_OF_A_CLASS):
        return "agent_name"
    if argument.type == "call":
        arguments = argument.child_by_field_name("arguments")
        given = parts(arguments) if arguments is not None else []
        function = argument.child_by_field_name("function")
        is_getattr = function is not None and text_of(function) == "getattr"
        return (literal_of(given[1]) or "") if is_getattr and len(given) > 1 else ""
    if argument.type == "attribute":
        return text_of(argument.child_by_field_name("attribute") or argument)
    return source if argument.type == "identifier" else ""


def _source(site: Site, node: Node) -> str:
    """A value's source, its continued lines moved to the left with its statement."""
    text = site.view.text
    start = text.line_start(site.node.start_byte)
    column = site.node.start_byte - start
    first, *others = site.view.source(node).replace("\r\n", "\n").split("\n")
    moved = (line[min(column, len(line) - len(line.lstrip())) :] for line in others)
    return "\n".join([first, *moved])
