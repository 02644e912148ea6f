"""What becomes of errors where an event cannot be sent: who raises, who swallows, who catches."""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from tree_sitter import Node

from codemods.websocket_events.facts import Facts, Problem
from codemods.websocket_events.handlers import (
    CLAUSES,
    Handler,
    handlers_around,
    is_quiet,
    last_name,
)
from codemods.websocket_events.implementation import is_harmless
from codemods.websocket_events.options import PREFIXES, Event
from codemods.websocket_events.sites import Site
from migrate.project.facts import BindingKind
from migrate.project.types import ClassObject, ClassRef
from migrate.syntax import ancestors, own_nodes, parts, text_of

# What stops a coroutine from outside, and is commonly let through.
_CANCELLED = frozenset({"CancelledError", "GeneratorExit", "KeyboardInterrupt", "SystemExit"})
_BRIDGE = re.compile("bridge", re.IGNORECASE)
# How many methods of its own, each called by the one before, a method is followed through.
_FAR = 20


@dataclass(frozen=True, slots=True)
class Errors:
    """The errors of a method: those that it raises itself, and whether others come through.

    `raised` has the names of their classes: those that are raised where no bridge is set, and
    those that are raised for something else.
    """

    without_bridge: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    passed_on: bool = False

    @property
    def raised(self) -> tuple[str, ...]:
        """The names of all classes that the method raises itself."""
        return (*self.without_bridge, *self.otherwise)

    @property
    def any(self) -> bool:
        """Whether there can be an error."""
        return self.passed_on or bool(self.raised)

    def only(self, names: Collection[str]) -> Errors:
        """Those that the method raises itself under one of the names, and others."""
        return self.without([name for name in self.raised if name not in names])

    def without(self, names: Collection[str]) -> Errors:
        """Those that are not raised under one of the names, and others."""
        without_bridge, otherwise = (
            tuple(name for name in raised if name not in names)
            for raised in (self.without_bridge, self.otherwise)
        )
        return Errors(without_bridge, otherwise, self.passed_on)

    def and_those_of(self, other: Errors) -> Errors:
        """The errors of both."""
        return Errors(
            tuple(dict.fromkeys((*self.without_bridge, *other.without_bridge))),
            tuple(dict.fromkeys((*self.otherwise, *other.otherwise))),
            self.passed_on or other.passed_on,
        )


def adapter_errors(facts: Facts, cls: ClassRef, event: Event) -> Errors:
    """The errors of the method that emits an event for agents of a class."""
    found = Errors()
    for adapter in facts.adapters_of(cls):
        found = found.and_those_of(method_errors(facts, adapter, event.method))
    return found


def method_errors(facts: Facts, cls: ClassRef, name: str) -> Errors:
    """The errors of a method, by its source and that of the methods of the object that it calls.

    What it awaits of others, or calls on what the object has, may raise anything; other calls are
    not looked at. A method that is not known may raise anything, too.
    """
    return _method_errors(facts, cls, name, {}, _FAR)


def _method_errors(
    facts: Facts, cls: ClassRef, name: str, known: dict[str, Errors], far: int
) -> Errors:
    """As `method_errors`; what a method calls while it is being read adds nothing."""
    if name in known:
        return known[name]
    project = facts.view.project
    member = project.find_member(cls, name)
    node = function = None
    if member is not None and member[1].kind is BindingKind.FUNCTION:
        node = project.index.node(member[0].path, member[1].start, "function_definition")
        function = project.index.function_facts(member[0].path, member[1].start)
    if node is None or function is None or not function.parameters or far == 0:
        return Errors(passed_on=True)
    known[name] = found = Errors()
    for statement in own_nodes("raise_statement", node):
        found = found.and_those_of(_raised(statement))
    for call in own_nodes("call", node):
        own = _own_method(call, function.parameters[0].name)
        errors = Errors(passed_on=_may_raise(call, function.parameters[0].name))
        if own is not None and project.find_member(cls, own) is not None:
            errors = _method_errors(facts, cls, own, known, far - 1)
        found = found.and_those_of(_left_of(errors, call))
    known[name] = found
    return found


def _own_method(call: Node, receiver: str) -> str | None:
    """The method that a call is of, if it is one of the object itself."""
    function = call.child_by_field_name("function")
    holder = function.child_by_field_name("object") if function is not None else None
    if function is None or holder is None or text_of(holder) != receiver:
        return None
    return text_of(function.child_by_field_name("attribute") or function)


def _may_raise(call: Node, receiver: str) -> bool:
    """Whether a call is awaited, or of something that the object has, such as its bridge."""
    around = call.parent
    if around is not None and around.type == "await":
        return True
    root = call.child_by_field_name("function")
    while root is not None and root.type in ("attribute", "subscript"):
        root = root.child_by_field_name("object") or root.child_by_field_name("value")
    return root is not None and text_of(root) == receiver and not is_harmless(call)


def _raised(statement: Node) -> Errors:
    """What a `raise` lets out of its function."""
    around = list(ancestors(statement))
    if _is_again(statement):
        return Errors(passed_on=not any(each.type in CLAUSES for each in around))
    conditions = (
        each.child_by_field_name("condition")
        for each in around
        if each.type in ("if_statement", "elif_clause")
    )
    asks = any(each is not None and _BRIDGE.search(text_of(each)) for each in conditions)
    name = last_name(parts(statement)[0])
    return _left_of(Errors((name,)) if asks else Errors((), (name,)), statement)


def _is_again(statement: Node) -> bool:
    """Whether it raises what was caught, or what a variable has."""
    given = parts(statement)
    return not given or (given[0].type == "identifier" and text_of(given[0]).islower())


def _left_of(errors: Errors, node: Node) -> Errors:
    """What is left of the errors at a node when it leaves the function."""
    again = Errors()
    for handler in handlers_around(node):
        names = handler.names
        if any(each.type == "raise_statement" and _is_again(each) for each in handler.inside):
            if handler.takes_all:
                break
            others = errors.passed_on and not names <= _CANCELLED
            again = again.and_those_of(replace(errors.only(names), passed_on=others))
        elif handler.takes_all:
            return again
        errors = errors.without(names)
    return errors.and_those_of(again)


# What a call of the adapter changes


def caught_problem(site: Site, errors: Errors, before: Errors) -> Problem | None:
    """Whether a handler around a call would be run in other cases than it was.

    `errors` are those of the adapter's method, `before` those of the old one. A handler of
    everything, around more than what emits, is for whatever goes wrong in the agent: if the
    function is over then, it ends the work as the error would without it.
    """
    for handler in handlers_around(site.node):
        only = _only_emits(site, handler.block)
        if handler.takes_all and not only and handler.ends_function:
            return None
        line = site.view.text.position(handler.clause.start_byte).line
        new = _new_in(site, handler, errors, before)
        if new and (handler.is_visible or not (only or _is_last(site.node, handler.block))):
            return (
                "error-caught",
                f"Line {line} would catch {new}, and what happens then may be meant for something"
                " else.",
            )
        if before.passed_on and not errors.passed_on and handler.is_visible:
            return (
                "error-caught",
                f"Line {line} may be there for what goes wrong in sending, which the adapter"
                " swallows.",
            )
        if handler.takes_all:
            return None
    return None


def _new_in(site: Site, handler: Handler, errors: Errors, before: Errors) -> str:
    """The errors that a handler did not get before, in words; nothing if there are none."""
    taken = [name for name in errors.raised if handler.takes_all or _takes(site, handler, name)]
    if taken:
        return f"the {' or '.join(dict.fromkeys(taken))} of the adapter"
    return "what the adapter lets through" if errors.passed_on and not before.any else ""


def caught_at(site: Site, errors: Errors) -> int | None:
    """The line of the handler that gets what the adapter's method raises, from 1."""
    for handler in handlers_around(site.node):
        if any(handler.takes_all or _takes(site, handler, name) for name in errors.raised):
            return site.view.text.position(handler.clause.start_byte).line
    return None


def _takes(site: Site, handler: Handler, name: str) -> bool:
    """Whether a handler of certain classes may catch an error of the class of that name."""
    raised = getattr(builtins, name, None)
    for node in handler.classes:
        caught = getattr(builtins, last_name(node), None)
        if isinstance(raised, type) and isinstance(caught, type):
            if issubclass(raised, caught):
                return True
        elif not isinstance(raised, type) or not _is_class(site, node):
            return True
    return False


def _is_class(site: Site, node: Node) -> bool:
    """Whether it is one class that the source names, and so no base of a built-in one."""
    type_ = site.view.type_of(node)
    name = last_name(node)
    return bool(type_) and not name.isupper() and all(isinstance(a, ClassObject) for a in type_)


def _only_emits(site: Site, block: Node) -> bool:
    """Whether nothing is done in a block but to emit events, and to log."""
    return all(_emits(site, statement) for statement in parts(block))


def _emits(site: Site, statement: Node) -> bool:
    if statement.type in ("if_statement", "else_clause", "elif_clause"):
        inner = [each for each in parts(statement) if each.type.endswith(("block", "_clause"))]
        return all(_emits(site, each) for each in inner)
    if statement.type == "block":
        return _only_emits(site, statement)
    if is_quiet(statement):
        return True
    inner = parts(statement)
    if statement.type != "expression_statement" or len(inner) != 1:
        return False
    call = parts(inner[0])[0] if inner[0].type == "await" else inner[0]
    name = last_name(call) if call.type == "call" else ""
    return name in site.options.helpers or name.startswith(PREFIXES)


def _is_last(node: Node, block: Node) -> bool:
    """Whether nothing in a block comes after a node."""
    return parts(block)[-1].end_byte == node.end_byte


# In words


def errors_note(swallowed: bool, errors: Mapping[str, Errors]) -> str:
    """What changes where something goes wrong, by the methods of the adapter that are called.

    `swallowed` says whether the old helper let no error through.
    """
    alike: dict[str, list[str]] = {}
    for method, found in errors.items():
        alike.setdefault(_said(found), []).append(method)
    said = "; ".join(
        f"{methods[0] if len(methods) == 1 else 'each of ' + ', '.join(methods)} {what}"
        for what, methods in alike.items()
    )
    if swallowed:
        return f"The helper swallowed errors; {said}."
    return f"{said}." if not said.startswith("each") else f"E{said[1:]}."


def _said(errors: Errors) -> str:
    """What a method does with errors."""
    said = []
    if errors.without_bridge:
        said.append(f"raises {' or '.join(errors.without_bridge)} if no bridge is set")
    if errors.otherwise:
        said.append(f"may raise {' or '.join(errors.otherwise)}")
    if errors.passed_on:
        said.append("passes other errors on" if said else "passes errors on")
    elif said:
        said.append("swallows other errors")
    return " and ".join(said) or "raises nothing"
