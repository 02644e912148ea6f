"""Which events a class emits, in whatever way: the inventory before a rewrite and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from tree_sitter import Node

from codemods.websocket_events.options import CRITICAL, PREFIXES, Event, Options
from codemods.websocket_events.payload import literal_of
from migrate.codemod import Violation
from migrate.syntax import ancestors, captures, parts, text_of
from migrate.view import FileView

Inventory = Mapping[str, Counter[str]]


def inventory(view: FileView, options: Options) -> Inventory:
    """How often each class of a file emits which event of the table, by the calls in its body.

    A class is named by the classes and functions around it, too.
    """
    found: dict[str, Counter[str]] = {}
    for call in captures("(call) @call", view.tree.root_node).get("call", []):
        event = _emitted(call, options)
        owner = owner_of(call)
        if event is not None and owner:
            found.setdefault(owner, Counter())[event] += 1
    return found


def notice_of(found: Inventory, owner: str, what_changes: str) -> str | None:
    """What a person should know about a class: what changes for it, and what it emits.

    None where nothing changes and it emits none of the critical events.
    """
    own = found.get(owner, Counter())
    emitted = [event for event in CRITICAL if own[event]]
    others = [event for event in CRITICAL if not own[event]]
    if not emitted and not what_changes:
        return None
    if not emitted:
        events = "it emits none of the five critical events here, neither before nor after."
    elif not others:
        events = "it emits all of the five critical events, before and after."
    else:
        events = (
            f"of the five critical events it emits {', '.join(emitted)}, before and after, and not"
            f" {', '.join(others)}."
        )
    if what_changes:
        return f"{owner}: {what_changes} {events[:1].upper()}{events[1:]}"
    return f"{owner}: {events}"


def lost_events(before: FileView, after: FileView, options: Options) -> Iterator[Violation]:
    """Each event of a class that a rewrite has fewer calls for than there were."""
    new = inventory(after, options)
    for owner, events in inventory(before, options).items():
        for event, times in events.items():
            left = new.get(owner, Counter())[event]
            if left < times:
                yield Violation(
                    "event-lost", f"{owner} emitted {event} in {times} places, and now in {left}"
                )


def _emitted(call: Node, options: Options) -> str | None:
    """The event that a call emits, in one of the old ways or in the new one."""
    function = call.child_by_field_name("function")
    if function is None or function.type != "attribute":
        return None
    name = text_of(function.child_by_field_name("attribute") or function)
    for event in options.events:
        if name == event.method or name in (prefix + event.event for prefix in PREFIXES):
            return _main_name(event, options)
    if name in options.helpers:
        arguments = call.child_by_field_name("arguments")
        given = parts(arguments) if arguments is not None else []
        literals = (literal_of(each.child_by_field_name("value") or each) for each in given)
        named = (options.event(literal) for literal in literals if literal is not None)
        known = next((event for event in named if event is not None), None)
        if known is not None:
            return _main_name(known, options)
    return None


def _main_name(event: Event, options: Options) -> str:
    """The first name of an event: `error` and `agent_error` are emitted by one method."""
    return next(each.event for each in options.events if each.method == event.method)


def owner_of(node: Node) -> str:
    """The definitions around a node, outermost first, up to its innermost class."""
    names: list[str] = []
    for ancestor in ancestors(node):
        is_class = ancestor.type == "class_definition"
        if is_class or (names and ancestor.type == "function_definition"):
            names.append(text_of(ancestor.child_by_field_name("name") or ancestor))
    return ".".join(reversed(names))
