"""Where events are emitted in an old way: calls of helpers, managers and emitters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from tree_sitter import Node

from codemods.websocket_events.facts import Facts
from codemods.websocket_events.helpers import helper_of
from codemods.websocket_events.holders import (
    arguments_of_call,
    call_of,
    class_around,
    getattr_of,
    holder_of,
    holders_called,
    looked_up,
)
from codemods.websocket_events.options import PREFIXES, Options
from codemods.websocket_events.payload import literal_of
from migrate.syntax import descendants, parts, text_of
from migrate.view import FileView, Receiver


class Kind(StrEnum):
    """The way in which an event is emitted; also the rule that decides about it."""

    HELPER = "helper-call"
    MANAGER = "manager-call"
    EMITTER = "emitter-call"


@dataclass(frozen=True)
class Site:
    """One call that emits an event.

    `name` is the method that is called, `holder` the expression that it is called on. `call` is
    the call itself, `node` with its `await` if it has one.
    """

    facts: Facts
    kind: Kind
    name: str
    holder: Node
    call: Node

    @property
    def view(self) -> FileView:
        """The file."""
        return self.facts.view

    @property
    def options(self) -> Options:
        """The codemod's options."""
        return self.facts.options

    @property
    def node(self) -> Node:
        """The call, with its `await`."""
        parent = self.call.parent
        return parent if parent is not None and parent.type == "await" else self.call

    @property
    def is_statement(self) -> bool:
        """Whether it is awaited and nothing is done with what it gives."""
        parent = self.node.parent
        return (
            self.node.type == "await"
            and parent is not None
            and parent.type == "expression_statement"
            and parts(parent) == [self.node]
        )

    @cached_property
    def receiver(self) -> Receiver | None:
        """The instance that the code runs for."""
        return self.view.receiver(self.call)

    @property
    def on_self(self) -> bool:
        """Whether it is called on the instance that the code runs for."""
        return (
            self.receiver is not None
            and self.holder.type == "identifier"
            and text_of(self.holder) == self.receiver.name
        )

    @property
    def arguments(self) -> list[Node]:
        """The call's arguments."""
        return arguments_of_call(self.call)

    @property
    def event_name(self) -> str:
        """The event that the name of a manager's or emitter's method says."""
        return _event_of(self.name) or self.name

    @property
    def named_event(self) -> str | None:
        """The first event of the table that stands as a literal in the call's arguments."""
        given = self.call.child_by_field_name("arguments")
        literals = map(literal_of, descendants(given)) if given is not None else ()
        return next((each for each in literals if each and self.options.event(each)), None)


def find_sites(facts: Facts) -> Iterator[Site]:
    """Every call of a file that may emit an event, in no certain order."""
    options = facts.options
    for helper in options.helpers:
        for word in facts.view.identifiers(helper):
            call, holder = call_of(word), holder_of(word)
            if call is not None and holder is not None:
                yield Site(facts, Kind.HELPER, helper, holder, call)
    for manager in options.managers:
        yield from _calls_on(facts, Kind.MANAGER, manager)
    for emitter in options.emitters:
        yield from _calls_on(facts, Kind.EMITTER, emitter)


def handed_on(facts: Facts) -> Iterator[tuple[Kind, Node]]:
    """What could send an event but is not called here: it is handed on, and called elsewhere."""
    options, view = facts.options, facts.view
    for name in options.helpers:
        for word in view.identifiers(name):
            attribute = word.parent
            if attribute is not None and _is_own_helper(facts, word) and _is_value(attribute):
                yield Kind.HELPER, attribute
            owner = class_around(word)
            if owner is not None:
                helper = helper_of(facts, view.project.class_at(view.path, owner), name)
                if helper is not None and helper.is_for_agents:
                    yield Kind.HELPER, word
        for string in view.strings(name):
            asked = getattr_of(string)
            if asked is not None and _is_own_helper(facts, string):
                yield Kind.HELPER, asked
    for kind, names in ((Kind.MANAGER, options.managers), (Kind.EMITTER, options.emitters)):
        for name in names:
            for holder in holders_called(facts, name):
                method, named = looked_up(holder)
                if method is not None and options.event(_event_of(named)) and _is_value(method):
                    yield kind, method


def _event_of(method: str) -> str:
    """The event that a method's name says; nothing if it says none."""
    prefix = next((prefix for prefix in PREFIXES if method.startswith(prefix)), None)
    return method.removeprefix(prefix) if prefix is not None else ""


def _is_own_helper(facts: Facts, word: Node) -> bool:
    """Whether a name or string asks the instance that the code runs for, for its helper."""
    receiver = facts.view.receiver(word)
    asked = getattr_of(word)
    if receiver is None:
        return False
    holder = holder_of(word) if asked is None else arguments_of_call(asked)[0]
    name = text_of(word).strip("\"'")
    helper = helper_of(facts, receiver.owner, name)
    is_own = holder is not None and text_of(holder) == receiver.name
    return is_own and helper is not None and helper.is_for_agents


def _is_value(attribute: Node) -> bool:
    """Whether something is done with an attribute, other than to call it or what it has."""
    around = attribute.parent
    if around is None or around.type == "attribute":
        return False
    is_function = around.child_by_field_name("function") == attribute
    is_called = is_function and attribute.type == "attribute"
    return not is_called and around.child_by_field_name("left") != attribute


def _calls_on(facts: Facts, kind: Kind, name: str) -> Iterator[Site]:
    """The calls of methods for events on managers or emitters of that name."""
    for holder in holders_called(facts, name):
        method = holder.parent
        if method is None or method.type != "attribute":
            continue
        attribute = method.child_by_field_name("attribute")
        if attribute is None or method.child_by_field_name("object") != holder:
            continue
        called = text_of(attribute)
        call = call_of(attribute)
        if call is None or not _event_of(called):
            continue
        site = Site(facts, kind, called, holder, call)
        if facts.options.is_event_like(site.event_name) or site.named_event is not None:
            yield site
