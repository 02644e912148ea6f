"""What has to be proven before a site may be rewritten, and the first thing that is not."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from codemods.metadata_storage.order import binds, is_inert, is_stable, runs_code
from codemods.metadata_storage.sites import (
    Site,
    type_problem,
)
from codemods.metadata_storage.targets import target_problem
from migrate.model import Span
from migrate.project.interface import interface_of
from migrate.project.types import ClassObject, ClassRef, External, Instance
from migrate.syntax import ancestors, descendants, span, text_of

Problem = tuple[str, str]


def problem_of(
    site: Site, method: str = "", names: tuple[str, ...] = (), given: int | None = None
) -> Problem | None:
    """The first condition of a rewrite that is not proven; None if all are.

    `names` are the parameters that the target method should have; a call gives `given` arguments
    besides the context, by default all of them.
    """
    if (problem := read_problem(site)) is not None:
        return problem
    assert site.receiver is not None
    if not method:
        return None
    return target_problem(site, site.receiver.owner, method, names, given)


def read_problem(site: Site) -> Problem | None:
    """The first of the three conditions that reads and writes have in common."""
    if implements(site):
        return "implementation", "This is the target method itself, or a part of it."
    if (problem := type_problem(site)) is not None:
        return problem
    if site.receiver is None:
        return "no-receiver", "There is no agent here to call a method on."
    if not site.facts.is_agent(site.receiver.owner):
        base = site.options.agent.rpartition(".")[2]
        return "not-an-agent", f"{site.receiver.owner.name} is not below {base}."
    return None


def implements(site: Site) -> bool:
    """Whether the site is in a target method, or in a method that one calls."""
    receiver = site.receiver
    return (
        receiver is not None
        and site.facts.is_agent(receiver.owner)
        and site.facts.implements(receiver, site.view.path)
    )


def order_problem(site: Site, key: Node, value: Node) -> Problem | None:
    """Whether evaluating the context and the key before the value could be observed."""
    view, parts = site.view, ((key, "key"), (site.context, "context"))
    for part, what in parts:
        if runs_code(part):
            return (
                "evaluation-order",
                f"The {what} runs code, which now happens after the value and would happen before.",
            )
    used = {text_of(name) for part, _ in parts for name in names_in(part)}
    if binds(value) & used:
        return "evaluation-order", "The value rebinds a name that the key or the context uses."
    if is_inert(view, value):
        return None
    for part, what in parts:
        if not is_stable(view, part):
            source = short(site.source(part))
            return (
                "evaluation-order",
                f"The value may run code that changes the {what}, {source}.",
            )
    return None


def names_in(node: Node) -> Iterator[Node]:
    """Every identifier below a node, in source order."""
    return (inner for inner in descendants(node) if inner.type == "identifier")


def late_lookup_problem(site: Site, arguments: Node | None) -> Problem | None:
    """Whether an argument that runs code could replace the dictionary before it is looked up."""
    if not runs_code(arguments) or all(
        isinstance(atom, Instance) and _is_frozen(site, atom.cls) for atom in site.type_
    ):
        return None
    return (
        "evaluation-order",
        "An argument runs code, which could put another dictionary in the place of this one.",
    )


def _is_frozen(site: Site, cls: ClassRef | External) -> bool:
    """Whether a class is a frozen dataclass, whose attributes cannot be assigned to."""
    if isinstance(cls, External):
        return False
    decorators = site.view.project.class_facts(cls).decorators
    return any(
        "dataclass" in decorator and "frozen=True" in decorator.replace(" ", "")
        for decorator in decorators
    )


def value_problem(site: Site, value: Node) -> Problem | None:
    """A class has an unbound model_dump, which the method would call and fail."""
    function = value.child_by_field_name("function") if value.type == "call" else None
    name = value.child_by_field_name("attribute") if value.type == "attribute" else function
    if name is not None and text_of(name) in ("type", "__class__"):
        return "unsupported-form", "The value is a class, not an object of one."
    if value.type not in ("identifier", "attribute"):
        return None
    if any(
        isinstance(atom, ClassObject) and _may_be_model(atom) for atom in site.view.type_of(value)
    ):
        return "unsupported-form", "The value is a class, not an object of one."
    return None


def _may_be_model(found: ClassObject) -> bool:
    """Whether a class, or what is imported from elsewhere and may be one, can have model_dump.

    What is imported counts as a class if it is written as classes are.
    """
    if isinstance(found.cls, ClassRef) or found.cls.dotted == "builtins.type":
        return True
    name = found.cls.name
    is_builtin = found.cls.dotted.startswith("builtins.")
    return not is_builtin and name[:1].isupper() and not name.isupper()


def lost_writes(site: Site) -> str:
    """A warning where writing to the attribute itself had no effect, for the end of a message."""
    project, attribute = site.view.project, site.options.attribute
    for atom in site.type_:
        if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef):
            member = interface_of(project, atom.cls).members.get(attribute)
            if member is not None and member.new_each_time:
                return (
                    f" {atom.cls.name}.{attribute} is made anew at each access: until now, what"
                    " was written here may have been lost."
                )
    return ""


def comment_problem(node: Node, kept: tuple[Node | None, ...]) -> Problem | None:
    """Comments inside the site that none of the parts that stay would carry along."""
    spans = [span(part) for part in kept if part is not None]
    for inner in descendants(node):
        if inner.type == "comment" and not any(each.contains(span(inner)) for each in spans):
            return "unsupported-form", "A comment in the middle of it would be lost."
    return None


def comments_between(node: Node, where: Span, value: Node) -> Problem | None:
    """Comments of a pair of statements that its one call would not carry along."""
    for inner in descendants(node):
        inside = inner.type == "comment" and where.contains(span(inner))
        if inside and not span(value).contains(span(inner)):
            return "unsupported-form", "A comment in the middle of it would be lost."
    return None


def prints_itself(node: Node) -> bool:
    """Whether it stands in an f-string's `{expression=}`."""
    return any(
        ancestor.type == "interpolation" and any(child.type == "=" for child in ancestor.children)
        for ancestor in ancestors(node)
    )


def short(source: str) -> str:
    """A source on one line, cut where it is long, for a message."""
    flat = " ".join(source.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
