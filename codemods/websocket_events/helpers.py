"""A class's own helper that emits events: what its definition says that it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node

from codemods.websocket_events.facts import CLASS, HARMLESS_DECORATORS, Facts, Problem
from codemods.websocket_events.implementation import what_it_does_more
from migrate.project.facts import BindingKind, Function, ParameterKind
from migrate.project.types import ClassRef
from migrate.syntax import FUNCTIONS, ancestors, descendants, text_of

CONTEXT = re.compile(r"(?:.*_)?(?:context|ctx)")
_CAUGHT = frozenset({"BaseException", "Exception", "RuntimeError"})


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
    return CONTEXT.fullmatch(own[0].name) is not None


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
    if not helper.function.decorators_named <= HARMLESS_DECORATORS:
        return "helper-unknown", f"{helper.owner.name}.{name} is decorated."
    node = _definition(facts, helper)
    more = what_it_does_more(node, helper.function, facts.options) if node is not None else ""
    if more is not None:
        return "helper-does-more", f"{helper.owner.name}.{name} does more than emit: {more}."
    for below in project.below.classes(cls, CLASS):
        other = project.find_member(below, name)
        if other is not None and other[0] != helper.owner:
            owner = other[0].name
            whose = f"a {name} of its own" if other[0] == below else f"the {name} of {owner}"
            return (
                "helper-overridden",
                f"{below.name} ({below.path}) is below {cls.name} and has {whose}, which a call"
                " of the adapter would pass by.",
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


def enclosing_function(node: Node) -> Node | None:
    """The function around a node."""
    return next((ancestor for ancestor in ancestors(node) if ancestor.type in FUNCTIONS), None)
