"""Several classes of one module that emit the same events."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from codemods.websocket_events.facts import Facts
from codemods.websocket_events.options import CRITICAL, PREFIXES, Options
from migrate.project.facts import BindingKind
from migrate.project.types import ClassRef

# A class with methods for fewer of the critical events does something else as well.
_AT_LEAST = 3


@dataclass(frozen=True)
class Emitter:
    """A class with methods for events: its name in the source, and how many events it has."""

    word: Node
    events: tuple[str, ...]


def competing(facts: Facts) -> list[Emitter]:
    """The classes at the top of a module that have methods for critical events, own or inherited.

    Agents have such methods from their base, and a protocol only says what others have to have.
    None are returned where there are not several.
    """
    found: list[Emitter] = []
    path, project = facts.view.path, facts.view.project
    for name, bindings in project.index.namespace(path).names.items():
        for binding in bindings:
            if binding.kind is not BindingKind.CLASS:
                continue
            ref = ClassRef(path, binding.start, name)
            node = project.index.node(path, binding.start, "class_definition")
            word = node.child_by_field_name("name") if node is not None else None
            events = _events(facts, ref)
            if word is not None and len(events) >= _AT_LEAST and not _is_exempt(facts, ref):
                found.append(Emitter(word, events))
    return found if len(found) > 1 else []


def _events(facts: Facts, cls: ClassRef) -> tuple[str, ...]:
    """The critical events that a class has a method for."""
    find = facts.view.project.find_member
    return tuple(
        event
        for event in CRITICAL
        if any(find(cls, name) is not None for name in method_names(event, facts.options))
    )


def method_names(event: str, options: Options) -> tuple[str, ...]:
    """What classes that emit an event call their method for it."""
    known = options.event(event)
    own = (known.method,) if known is not None else ()
    return tuple(dict.fromkeys([*own, *(prefix + event for prefix in PREFIXES)]))


def needles(options: Options) -> tuple[str, ...]:
    """Words one of which every module with such a class contains.

    A class that has three of the five events has one of any three of them.
    """
    names = (name for event in CRITICAL[-_AT_LEAST:] for name in method_names(event, options))
    words = [f"{name}(" for name in names]
    return tuple(
        word for word in words if not any(other != word and other in word for other in words)
    )


def _is_exempt(facts: Facts, cls: ClassRef) -> bool:
    bases = facts.view.project.class_facts(cls).bases
    is_protocol = any(base.partition("[")[0].rpartition(".")[2] == "Protocol" for base in bases)
    return is_protocol or facts.is_agent(cls)
