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
from migrate.syntax import FUNCTIONS, ancestors, descendants, parts, text_of
from migrate.view import FileView, Receiver


class Kind(StrEnum):
    """The way in which an event is emitted; also the rule that decides about it."""

    HELPER = "helper-call"
    MANAGER = "manager-call"
    EMITTER = "emitter-call"


_CHOICES = frozenset({"boolean_operator", "conditional_expression", "parenthesized_expression"})
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


def handed_on(facts: Facts) -> Iterator[tuple[Kind, Node]]:
    """What could send an event but is not called here: it is handed on, and called elsewhere."""
    options, view = facts.options, facts.view
    for name in options.helpers:
        for word in view.identifiers(name):
            attribute = word.parent
            if attribute is not None and _is_own_helper(facts, word) and _is_value(attribute):
                yield Kind.HELPER, attribute
        for string in view.strings(name):
            asked = _getattr(string)
            if asked is not None and _is_own_helper(facts, string):
                yield Kind.HELPER, asked
    for kind, names in ((Kind.MANAGER, options.managers), (Kind.EMITTER, options.emitters)):
        for name in names:
            for holder in _holders(facts, name):
                method = holder.parent
                named = method.child_by_field_name("attribute") if method is not None else None
                if method is None or named is None or _called(named) is not None:
                    continue
                event = text_of(named).removeprefix(_PREFIXES[kind])
                if event != text_of(named) and options.event(event) and _is_value(method):
                    yield kind, method


def _is_own_helper(facts: Facts, word: Node) -> bool:
    """Whether a name or string asks the instance that the code runs for, for its helper."""
    receiver = facts.view.receiver(word)
    asked = _getattr(word)
    if receiver is None:
        return False
    holder = _holder(word) if asked is None else _arguments(asked)[0]
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
    return not is_function and around.child_by_field_name("left") != attribute


def _calls_on(facts: Facts, kind: Kind, name: str) -> Iterator[Site]:
    """The calls of `send_...` on a manager, or `notify_...` on an emitter, of that name."""
    for holder in _holders(facts, name):
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


def _holders(facts: Facts, name: str) -> Iterator[Node]:
    """What is called `name`: variables, attributes, and the variables that they are put in."""
    view = facts.view
    seen: set[int] = set()
    for word in (*view.identifiers(name), *view.strings(name)):
        holder: Node | None = word
        parent = word.parent
        if word.type != "identifier":
            holder = _getattr(word)
        elif parent is not None and word == parent.child_by_field_name("attribute"):
            holder = parent
        if holder is None:
            continue
        yield holder
        variable = _put_in(holder)
        if variable is not None and text_of(variable) != name:
            function = _function(variable)
            for use in view.identifiers(text_of(variable)):
                if _function(use) == function and use.start_byte not in seen:
                    seen.add(use.start_byte)
                    yield use


def _put_in(value: Node) -> Node | None:
    """The variable that takes a value, as it is or where there is no other."""
    while (around := value.parent) is not None and around.type in _CHOICES:
        value = around
    if around is None or around.type not in ("assignment", "named_expression"):
        return None
    target = around.child_by_field_name("left") or around.child_by_field_name("name")
    is_plain = target is not None and target.type == "identifier" and target != value
    return target if is_plain else None


def _function(node: Node) -> Node | None:
    return next((each for each in ancestors(node) if each.type in FUNCTIONS), None)


def _getattr(string: Node) -> Node | None:
    """The call `getattr(x, "name")` that a string is the name of."""
    arguments = string.parent
    call = arguments.parent if arguments is not None else None
    function = call.child_by_field_name("function") if call is not None else None
    if call is None or function is None or text_of(function) != "getattr":
        return None
    return call if _arguments(call)[1:2] == [string] else None


def _arguments(call: Node) -> list[Node]:
    given = call.child_by_field_name("arguments")
    return parts(given) if given is not None else []


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
