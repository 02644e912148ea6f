"""What a person could write in the place of a call that is not rewritten."""

from __future__ import annotations

import contextlib
import io
import textwrap
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tree_sitter import Node

from codemods.websocket_events.helpers import enclosing_function
from codemods.websocket_events.implementation import OWN_CONTEXT
from codemods.websocket_events.options import Event, Options
from codemods.websocket_events.payload import Value, arguments_of, literal_of, short
from codemods.websocket_events.sites import Kind, Site
from migrate.project.types import NONE, is_mapping, is_unknown, without_none
from migrate.syntax import descendants, parts, text_of

# How many columns of a suggestion stand on one line; of a note fewer, since the report indents it.
_WIDTH = 88
_NARROW = 72
_PRIMARY = frozenset({"attribute", "call", "identifier", "parenthesized_expression", "subscript"})
_NO_MAPPINGS = frozenset(
    {"concatenated_string", "false", "float", "integer", "list", "string", "true", "tuple"}
)
# From Python 3.12 on, an f-string is several tokens.
_STRINGS = frozenset({tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)})
_FLAGS = frozenset({"false", "integer", "true"})
_NAMES_OF_A_CLASS = ("__class__.__name__", "type(self).__name__", "self.name")


def call_source(
    site: Site, event: Event, values: Sequence[Value], defaults: Mapping[str, str]
) -> str:
    """The call of the adapter with what the old call sends.

    `defaults` are what the old method sends for parameters that the call leaves out. What has no
    parameter of its own goes into the one that takes anything, where there is one; a comment says
    what has no place at all.
    """
    found = arguments_of(values, event, site.options)
    sources = {name: _source(site, value.node) for name, value in found.given.items()}
    sources |= {name: default for name, default in defaults.items() if name not in sources}
    extra = [value for value in (*found.unmapped, *found.repeated) if value.name]
    lost = "" if event.rest else ", ".join(dict.fromkeys(value.name for value in extra))
    notes = [f"# {event.method} has no parameter for {' '.join(lost.split())}."] if lost else []
    if extra and event.rest:
        items = [f"{_quoted(value.name)}: {_source(site, value.node)}" for value in extra]
        rest = found.given.get(event.rest)
        start = _items(site, event.rest, rest.node) if rest is not None else []
        if rest is not None and _may_be_mapping(site, rest.node):
            note = f"If {short(site.view, rest.node)} is a mapping, write its items in the place of"
            notes += [f"# {line}" for line in _wrapped(f"{note} {event.rest}.")]
        sources[event.rest] = _display([*start, *items])
    sources |= {name: "..." for name in found.missing if name not in sources}
    open_ = ", ".join(short(site.view, value.node) for value in found.unmapped if not value.name)
    notes += [f"# What {event.method} needs of this is not clear: {open_}"] if open_ else []
    return "\n".join([*notes, _call(site, event, sources)])


def _items(site: Site, name: str, value: Node) -> list[str]:
    """A value as items of a dictionary: its own, if its type says that it is a mapping."""
    source = _source(site, value)
    if value.type == "dictionary":
        return [_source(site, item) for item in parts(value)]
    if value.type == "none":
        return []
    type_ = site.view.type_of(value)
    if not is_mapping(without_none(type_)):
        return [f'"{name}": {source}']
    if value.type not in _PRIMARY:
        source = f"({source})"
    return [f"**({source} or {{}})" if type_ >= NONE else f"**{source}"]


def _may_be_mapping(site: Site, value: Node) -> bool:
    """Whether the source leaves it open if a value is a mapping."""
    return value.type not in (*_NO_MAPPINGS, "dictionary", "none") and is_unknown(
        site.view.type_of(value)
    )


def _quoted(name: str) -> str:
    """A key as a literal."""
    return repr(name) if '"' in name or not name.isprintable() else f'"{name}"'


def _display(items: Sequence[str]) -> str:
    """A dictionary display, with one item a line where it would be long."""
    flat = "{" + ", ".join(items) + "}"
    if len(flat) <= _WIDTH // 2:
        return flat
    lines = "\n".join(f"{item}," for item in items)
    return "{\n" + _indented(lines) + "\n}"


def _indented(source: str) -> str:
    """Lines of code one level deeper; those that are inside a string stay."""
    inside: set[int] = set()
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(f"(\n{source}\n)").readline):
            if token.type in _STRINGS:
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
    lines = source.split("\n")
    return "\n".join(
        line if at in inside or not line else f"    {line}" for at, line in enumerate(lines, 2)
    )


def unpacked_source(site: Site, event: Event, payload: Node) -> str:
    """The call of the adapter with the items of a payload that is in a variable."""
    name = site.view.source(payload)
    if payload.type != "identifier":
        return _call(site, event, dict.fromkeys(event.required, "..."))
    sources = {each: f'{name}["{each}"]' for each in event.required}
    sources |= {each: f'{name}.get("{each}")' for each in event.optional}
    return _call(site, event, sources)


def _call(site: Site, event: Event, sources: dict[str, str]) -> str:
    """The call, with one argument a line where it would be long."""
    written: list[str] = []
    gap = False
    for parameter in event.parameters:
        if parameter in sources:
            written.append(f"{parameter}={sources[parameter]}" if gap else sources[parameter])
        gap = gap or parameter not in sources
    called = f"{'await ' if _is_awaited(site) else ''}{_adapter(site)}.{event.method}"
    flat = f"{called}({', '.join(written)})"
    if len(flat.partition("\n")[0]) <= _WIDTH or not written:
        return flat
    lines = "\n".join(f"{argument}," for argument in written)
    return f"{called}(\n" + _indented(lines) + "\n)"


def _is_awaited(site: Site) -> bool:
    """Whether the call is awaited, or could be: what takes a coroutine, takes the adapter's."""
    if site.node.type == "await":
        return True
    function, around = enclosing_function(site.call), site.call.parent
    is_statement = around is not None and around.type == "expression_statement"
    return is_statement and function is not None and function.children[0].type == "async"


def _adapter(site: Site) -> str:
    """The adapter of the object that the code runs for, or whose helper it calls.

    An object that is no agent may work for several: what it emits for a context that it is given,
    goes through an adapter that it is given, too.
    """
    name = site.options.receiver
    if _is_given(site):
        return name.strip("_")
    if site.kind is Kind.HELPER and site.holder.type in ("identifier", "attribute"):
        return f"{''.join(site.view.source(site.holder).split())}.{name}"
    return f"{site.receiver.name}.{name}" if site.receiver is not None else name.strip("_")


def with_adapter(site: Site, call: str) -> str:
    """The call, and where a class that is no agent gets the adapter from."""
    options = site.options
    module, _, adapter = options.adapter.rpartition(".")
    whose = f"{site.receiver.owner.name}'s agent" if site.receiver else "the agent"
    how = f"Take it as a parameter, {options.receiver.strip('_')}"
    if _is_given(site):
        how += f", where {text_of(site.holder).rpartition('.')[0]} is one"
    elif site.receiver is not None:
        how = f"Take it in __init__ as {site.receiver.name}.{options.receiver}"
    notes = (
        f"{adapter} (from {module}):",
        f"{whose} has one, agent.{options.receiver}.",
        f"{how}; then write here:",
    )
    lines = [line for note in notes for line in _wrapped(note)]
    return "\n".join([*(f"# {line}" for line in lines), call])


def _wrapped(note: str) -> list[str]:
    return textwrap.wrap(note, _NARROW, break_long_words=False, break_on_hyphens=False)


def _is_given(site: Site) -> bool:
    """Whether it is sent with what a context of an object that is no agent has."""
    receiver, holder = site.receiver, site.holder
    whose = holder.child_by_field_name("object") if holder.type == "attribute" else None
    return (
        site.kind is not Kind.HELPER
        and receiver is not None
        and not site.facts.is_agent(receiver.owner)
        and whose is not None
        and whose.type == "identifier"
        and text_of(whose) != receiver.name
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
        elif argument.type.endswith("_splat"):
            name = ""
        values.append(Value(name, value or argument, at))
    return values


def guessed_values(site: Site, event: Event) -> list[Value]:
    """What a method is given whose parameters are not known, by the names of the expressions.

    One whose name says nothing takes the next parameter of the event that is free and fits, as
    long as there are not more of them. What has a name that is no parameter's can only be the first
    one, which says what the event is about, or the one that takes anything.
    """
    options = site.options
    known = {*options.supplied, *options.recipients}
    values = named_values(site, [_called(argument) for argument in site.arguments])
    values = [v for v in values if v.name not in known and not OWN_CONTEXT.fullmatch(v.name)]
    taken = {event.parameter(value.name) for value in values}
    free = [name for name in event.parameters if name not in taken]
    main = [name for name in free if name in (event.parameters[0], *event.required)]
    unnamed = [value.node.type for value in values if not value.name]
    is_clear = len(unnamed) <= len(free) and sum("string" in each for each in unnamed) <= len(main)
    guessed: list[Value] = []
    for value in values:
        named_otherwise = value.name and free and free[0] not in _unnamed(site, event, value)
        if event.parameter(value.name) is not None or not free or named_otherwise:
            guessed.append(value)
        else:
            fitting = (
                free if value.name else [name for name in free if _fits(site, event, name, value)]
            )
            is_known = bool(fitting) and (bool(value.name) or is_clear)
            guessed.append(replace(value, name=fitting[0]) if is_known else value)
            free = [name for name in free if name != guessed[-1].name]
    return guessed


def _fits(site: Site, event: Event, parameter: str, value: Value) -> bool:
    """Whether a value without a name may be meant for a parameter, by what it is."""
    kind = value.node.type
    if kind.endswith("_splat"):
        return False
    if parameter == event.rest:
        return kind not in _NO_MAPPINGS
    if parameter in (event.parameters[0], *event.required):
        return kind not in (*_FLAGS, "dictionary", "float", "list")
    is_flag = site.facts.adapter_default(event, parameter) in ("True", "False")
    return kind in (("true", "false") if is_flag else ("integer",))


def _unnamed(site: Site, event: Event, value: Value) -> Sequence[str]:
    """The parameters that a value with another name may go to."""
    if site.arguments[value.argument].type == "keyword_argument":
        return event.required[:1]
    return (event.parameters[0], event.rest)


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
    source = site.view.source(node).replace("\r\n", "\n")
    if node.type == "named_expression":
        source = f"({source})"
    if any(each.type == "string" and "\n" in text_of(each) for each in descendants(node)):
        return source
    first, *others = source.split("\n")
    moved = (line[min(column, len(line) - len(line.lstrip())) :] for line in others)
    return "\n".join([first, *moved])
