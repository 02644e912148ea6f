"""A class's own helper that emits events: what its definition says that it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node

from codemods.websocket_events.facts import Facts, Problem
from migrate.project.facts import BindingKind, Function, ParameterKind
from migrate.project.types import ClassRef
from migrate.syntax import FUNCTIONS, ancestors, descendants, text_of

_CONTEXT = re.compile(r"(?:.*_)?(?:context|ctx)")
_SENDS = ("send", "emit", "notify", "publish", "broadcast")
_LOGGERS = re.compile(r"_*(?:log|logger|logging)")
_LOOKS = frozenset({"hasattr", "getattr", "isinstance", "callable", "str", "repr", "len", "type"})
_CAUGHT = frozenset({"BaseException", "Exception", "RuntimeError"})
_SENDER = re.compile(r"websocket|manager|emitter|bridge|adapter|sender|connection")
_DOES_MORE = frozenset(
    {
        "augmented_assignment",
        "class_definition",
        "delete_statement",
        "for_statement",
        "function_definition",
        "global_statement",
        "lambda",
        "named_expression",
        "nonlocal_statement",
        "raise_statement",
        "while_statement",
        "with_statement",
        "yield",
    }
)


@dataclass(frozen=True, slots=True)
class Helper:
    """The definition that a call of a helper finds: its class, place and signature."""

    owner: ClassRef
    start: int
    function: Function

    @property
    def is_for_agents(self) -> bool:
        """Whether it takes a context, an event and a payload, in this order."""
        return takes_event(self.function)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of a call."""
        return tuple(parameter.name for parameter in self.function.parameters[1:])


def helper_of(facts: Facts, cls: ClassRef, name: str) -> Helper | None:
    """The helper that objects of a class have; None where its definition is not known."""
    project = facts.view.project
    found = project.find_member(cls, name)
    if found is None or found[1].kind is not BindingKind.FUNCTION:
        return None
    owner, binding = found
    function = project.index.function_facts(owner.path, binding.start)
    return Helper(owner, binding.start, function) if function is not None else None


def takes_event(function: Function) -> bool:
    """Whether a method takes a context, an event and a payload, in this order."""
    own = function.parameters[1:]
    if not 2 <= len(own) <= 3 or any(
        p.kind is not ParameterKind.POSITIONAL_OR_KEYWORD for p in own
    ):
        return False
    return _CONTEXT.fullmatch(own[0].name) is not None


def fits_helper(arguments: Sequence[Node]) -> bool:
    """Whether these may be a context, an event and a payload; for a helper that is not known."""
    given = [argument.child_by_field_name("value") or argument for argument in arguments]
    if len(given) < 2 or given[0].type == "string":
        return False
    return len(given) == 3 or given[1].type == "string"


def helper_problem(facts: Facts, cls: ClassRef, name: str, helper: Helper | None) -> Problem | None:
    """Why calls of the helper on objects of a class are not known to only emit an event."""
    project = facts.view.project
    if helper is None or not project.hierarchy.is_certain(cls, helper.owner):
        return "helper-unknown", f"What {name} of {cls.name} does is not known."
    several = len(project.class_facts(helper.owner).members[name]) > 1
    if several or project.members.instance_attribute(cls, name):
        return "helper-unknown", f"{cls.name} has more than one {name}."
    more = _what_it_does_more(facts, helper)
    if more is not None:
        return "helper-does-more", f"{helper.owner.name}.{name} does more than emit: {more}."
    below = [other for other in facts.classes_defining(name) if other != helper.owner]
    for other in below:
        order = project.lineage(other).order
        if cls in order and helper.owner in order:
            return (
                "helper-overridden",
                f"{other.name} ({other.path}) is below {cls.name} and has a {name} of its own,"
                " which a call of the adapter would pass by.",
            )
    return None


def swallows_errors(facts: Facts, helper: Helper) -> bool:
    """Whether the helper goes on where something cannot be sent."""
    node = _definition(facts, helper)
    return node is not None and any(
        clause.type == "except_clause" and _catches(clause) for clause in descendants(node)
    )


def _catches(clause: Node) -> bool:
    """Whether a clause catches what the adapter raises."""
    caught = re.findall(r"\w+", text_of(clause).partition(":")[0])
    return caught == ["except"] or bool(_CAUGHT & set(caught))


def _definition(facts: Facts, helper: Helper) -> Node | None:
    return facts.view.project.index.node(helper.owner.path, helper.start, "function_definition")


def _what_it_does_more(facts: Facts, helper: Helper) -> str | None:
    """The first thing in the helper's body that is neither sending nor logging; None if all is.

    What is sent must be the payload as it came, and nothing beside it.
    """
    node = _definition(facts, helper)
    body = node.child_by_field_name("body") if node is not None else None
    if body is None or not helper.function.asynchronous:
        return "it is no coroutine"
    event, *payload = (parameter.name for parameter in helper.function.parameters[2:])
    sends = False
    for inner in descendants(body):
        if inner.type in _DOES_MORE or _assigns_elsewhere(inner, (event, *payload)):
            return _short(inner)
        condition = inner.child_by_field_name("condition")
        if condition is not None and not _asks_for_sender(condition, helper, body):
            return f"it depends on {_short(condition)}"
        if inner.type == "return_statement" and text_of(inner) not in ("return", "return None"):
            return _short(inner)
        if inner.type == "call":
            if not _is_harmless(inner):
                return _short(inner)
            sends = sends or (_sends(inner) and _hands_on(inner, event, payload))
        if inner.type in ("dictionary_splat", "list_splat"):
            return _short(inner)
    return None if sends else "nothing in it hands on event and payload"


def _assigns_elsewhere(node: Node, parameters: tuple[str, ...]) -> bool:
    left = node.child_by_field_name("left") if node.type == "assignment" else None
    if left is None:
        return False
    return left.type != "identifier" or text_of(left) in parameters


def _asks_for_sender(condition: Node, helper: Helper, body: Node) -> bool:
    """Whether a condition only asks if there is something to send with."""
    context = helper.names[0]
    local = {
        text_of(left)
        for inner in descendants(body)
        if inner.type == "assignment" and (left := inner.child_by_field_name("left")) is not None
    }
    for inner in descendants(condition):
        if inner.type in ("comparison_operator", "call"):
            word = text_of(inner)
            if inner.type == "call" and not word.startswith(("hasattr(", "getattr(")):
                return False
            if inner.type == "comparison_operator" and not word.endswith("None"):
                return False
        elif inner.type == "attribute":
            name = text_of(inner.child_by_field_name("attribute") or inner)
            if _SENDER.search(name) is None:
                return False
        elif inner.type == "identifier" and not _is_part(inner):
            receiver = helper.function.parameters[0].name
            known = {context, receiver, "hasattr", "getattr", *local}
            if text_of(inner) not in known:
                return False
    return True


def _is_part(word: Node) -> bool:
    """Whether an identifier is the name of an attribute."""
    parent = word.parent
    return (
        parent is not None
        and parent.type == "attribute"
        and parent.child_by_field_name("attribute") == word
    )


def _is_harmless(call: Node) -> bool:
    function = call.child_by_field_name("function")
    if function is None:
        return False
    if function.type == "identifier":
        return text_of(function) in _LOOKS or text_of(function).startswith(_SENDS)
    holder, name = (function.child_by_field_name(field) for field in ("object", "attribute"))
    if holder is None or name is None:
        return False
    is_log = _LOGGERS.fullmatch(text_of(holder).rpartition(".")[2]) is not None
    is_clock = text_of(name) in ("now", "utcnow", "time", "isoformat", "timestamp")
    return is_log or is_clock or _sends(call)


def _sends(call: Node) -> bool:
    function = call.child_by_field_name("function")
    name = text_of(function).rpartition(".")[2].lstrip("_") if function is not None else ""
    return name.startswith(_SENDS)


def _hands_on(call: Node, event: str, payload: list[str]) -> bool:
    """Whether event and payload are among what a call is given, the payload as it came."""
    arguments = call.child_by_field_name("arguments")
    names = [n for n in descendants(arguments) if n.type == "identifier"] if arguments else []
    plain = {
        text_of(n)
        for n in names
        if n.parent is not None
        and n.parent.type in ("argument_list", "keyword_argument", "pair", "dictionary")
    }
    return {event, *payload} <= plain


def enclosing_function(node: Node) -> Node | None:
    """The function around a node."""
    return next((ancestor for ancestor in ancestors(node) if ancestor.type in FUNCTIONS), None)


def _short(node: Node) -> str:
    flat = " ".join(text_of(node).split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
