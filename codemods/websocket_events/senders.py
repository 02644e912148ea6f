"""What the method of a manager or emitter takes, and what it sends where a call gives nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from tree_sitter import Node

from codemods.websocket_events.facts import CLASS, Problem
from codemods.websocket_events.implementation import Find, what_a_sender_does_more
from codemods.websocket_events.options import Event
from codemods.websocket_events.payload import Value
from codemods.websocket_events.sites import Site
from migrate.project.facts import Function
from migrate.project.types import ClassRef, Instance, without_none

# The parameters in order, each with the source of its default.
Signature = Mapping[str, str | None]


def signature_of(site: Site) -> Signature | None:
    """The parameters of the method that is called, from its class or the options.

    None where they are not known, or where classes below take others.
    """
    written = site.options.signatures.get(site.name)
    if written is not None:
        return dict.fromkeys(name.strip() for name in written.split(",") if name.strip())
    project = site.view.project
    found: list[Signature | None] = []
    for atom in without_none(site.view.type_of(site.holder)):
        if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassRef):
            return None
        classes = (atom.cls, *project.below.classes(atom.cls, CLASS))
        found += [_signature_in(site, cls) for cls in classes]
    first, *others = found or [None]
    return None if first is None or any(_differ(first, other) for other in others) else first


def sender_problem(site: Site) -> Problem | None:
    """Whether the method that is called does more than send, by its source.

    A method whose parameters the options name is taken at that word.
    """
    if site.name in site.options.signatures:
        return None
    project = site.view.project
    for atom in without_none(site.view.type_of(site.holder)):
        if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassRef):
            continue
        for cls in (atom.cls, *project.below.classes(atom.cls, CLASS)):
            more = what_a_sender_does_more(_finder(site, cls), site.name, site.options)
            if more is not None:
                return (
                    "sender-does-more",
                    f"{cls.name}.{site.name} is not known to send and do nothing else: {more}. If"
                    " that does not matter, the option signatures can name its parameters.",
                )
    return None


def _finder(site: Site, cls: ClassRef) -> Find:
    project = site.view.project

    def find(name: str) -> tuple[Node, Function] | None:
        member, function = project.find_member(cls, name), project.method(cls, name)
        if member is None or function is None or function.decorators:
            return None
        owner, binding = member
        if len(project.class_facts(owner).members[name]) > 1:
            return None
        if not project.hierarchy.is_certain(cls, owner):
            return None
        if project.members.instance_attribute(cls, name):
            return None
        node = project.index.node(owner.path, binding.start, "function_definition")
        return (node, function) if node is not None else None

    return find


def _signature_in(site: Site, cls: ClassRef) -> Signature | None:
    project = site.view.project
    function = project.method(cls, site.name)
    owner = project.find_member(cls, site.name)
    if function is None or owner is None or function.decorators or not function.asynchronous:
        return None
    if not project.hierarchy.is_certain(cls, owner[0]):
        return None
    if any(p.kind.startswith("var-") for p in function.parameters):
        return None
    return {parameter.name: parameter.default for parameter in function.parameters[1:]}


def _differ(one: Signature, other: Signature | None) -> bool:
    return other is None or list(one.items()) != list(other.items())


def plain_arguments(site: Site, names: Collection[str]) -> bool:
    """Whether it can be seen which argument goes to which of these parameters."""
    given = [argument for argument in site.arguments if argument.type != "keyword_argument"]
    spread = any(a.type in ("list_splat", "dictionary_splat") for a in given)
    bare = any(a.type in ("generator_expression", "named_expression") for a in given)
    return not spread and not bare and len(given) <= len(names)


def filled_in(
    site: Site, event: Event, signature: Signature, values: Iterable[Value]
) -> dict[str, str]:
    """What the method sends for parameters that a call leaves out, and the adapter does not."""
    given = {value.name for value in values}
    options, adapter = site.options, site.facts.adapter
    method = site.view.project.method(adapter, event.method) if adapter is not None else None
    own = {p.name: p.default for p in method.parameters} if method is not None else {}
    return {
        name: default
        for name, default in signature.items()
        if default is not None
        and name not in (*given, *options.supplied, *options.recipients)
        and default != own.get(event.parameter(name) or "", "None")
    }


def default_problem(site: Site, event: Event, defaults: Mapping[str, str]) -> Problem | None:
    """Why a call that leaves these to the method is not the same with the adapter."""
    listed = ", ".join(f"{name}={default}" for name, default in defaults.items())
    if not listed:
        return None
    return (
        "default-differs",
        f"{site.name} has {listed} where a call leaves it out, and {event.method} does not.",
    )
