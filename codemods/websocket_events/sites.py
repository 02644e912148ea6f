"""Where events are emitted in an old way: calls of helpers, managers and emitters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from tree_sitter import Node

from codemods.websocket_events.facts import Facts
from codemods.websocket_events.helpers import helper_of
from codemods.websocket_events.options import Options
from codemods.websocket_events.payload import literal_of
from migrate.syntax import descendants, parts, text_of
from migrate.view import FileView, Receiver


class Kind(StrEnum):
    """The way in which an event is emitted; also the rule that decides about it."""

    HELPER = "helper-call"
    MANAGER = "manager-call"
    EMITTER = "emitter-call"


_PREFIXES = {Kind.MANAGER: "send_", Kind.EMITTER: "notify_"}


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
        given = self.call.child_by_field_name("arguments")
        return parts(given) if given is not None else []

    @property
    def event_name(self) -> str:
        """The event that the name of a manager's or emitter's method says."""
        return self.name.removeprefix(_PREFIXES.get(self.kind, ""))

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
            call, holder = _called(word), _holder(word)
            if call is not None and holder is not None:
                yield Site(facts, Kind.HELPER, helper, holder, call)
    for manager in options.managers:
        yield from _calls_on(facts, Kind.MANAGER, manager)
    for emitter in options.emitters:
        yield from _calls_on(facts, Kind.EMITTER, emitter)


def handed_on(facts: Facts) -> Iterator[Node]:
    """Every `self.helper` that is neither called nor assigned to, nor asked for anything."""
    for name in facts.options.helpers:
        for word in facts.view.identifiers(name):
            attribute, holder = word.parent, _holder(word)
            if attribute is None or holder is None or _called(word) is not None:
                continue
            receiver = facts.view.receiver(word)
            around = attribute.parent
            is_target = around is not None and around.child_by_field_name("left") == attribute
            if receiver is None or is_target or (around and around.type == "attribute"):
                continue
            helper = helper_of(facts, receiver.owner, name)
            is_own = text_of(holder) == receiver.name
            if is_own and helper is not None and helper.is_for_agents:
                yield attribute


def _calls_on(facts: Facts, kind: Kind, name: str) -> Iterator[Site]:
    """The calls of `send_...` on a manager, or `notify_...` on an emitter, of that name."""
    for word in facts.view.identifiers(name):
        holder: Node = word
        parent = word.parent
        if parent is not None and word == parent.child_by_field_name("attribute"):
            holder = parent
        method = holder.parent
        if method is None or method.type != "attribute":
            continue
        attribute = method.child_by_field_name("attribute")
        if attribute is None or method.child_by_field_name("object") != holder:
            continue
        called = text_of(attribute)
        call = _called(attribute)
        if call is None or not called.startswith(_PREFIXES[kind]):
            continue
        site = Site(facts, kind, called, holder, call)
        if facts.options.is_event_like(site.event_name) or site.named_event is not None:
            yield site


def _called(name: Node) -> Node | None:
    """The call of the method that a name is, `object.name(...)`."""
    attribute = name.parent
    call = attribute.parent if attribute is not None else None
    if attribute is None or call is None or attribute.type != "attribute" or call.type != "call":
        return None
    is_method = attribute.child_by_field_name("attribute") == name
    return call if is_method and call.child_by_field_name("function") == attribute else None


def _holder(name: Node) -> Node | None:
    return name.parent.child_by_field_name("object") if name.parent is not None else None
