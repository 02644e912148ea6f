"""Verdicts as proposals, and the calls that they suggest."""

from __future__ import annotations

from tree_sitter import Node

from codemods.metadata_storage import plans
from codemods.metadata_storage.proofs import (
    Problem,
)
from codemods.metadata_storage.sites import (
    Site,
)
from migrate.codemod import Proposal
from migrate.model import Span, Status
from migrate.syntax import span


def receiver_name(site: Site) -> str:
    """The name of the instance that the code runs for; `agent` where there is none."""
    return site.receiver.name if site.receiver is not None else "agent"


def call_source(site: Site, method: str, *arguments: Node | str | None) -> str:
    """The source of the call that a person would write."""
    in_agent = site.receiver is not None and site.facts.is_agent(site.receiver.owner)
    receiver = receiver_name(site) if in_agent else "agent"
    sources = [a if isinstance(a, str) else site.source(a) for a in arguments]
    return f"{receiver}.{method}({', '.join([site.source(site.context), *sources])})"


def propagate_source(site: Site, source: Node, more: str = "") -> str:
    """The call that copies from one context to another, as a person would write it."""
    holder = source
    if source.type == "attribute" and site.source(source).endswith(f".{site.options.attribute}"):
        holder = source.child_by_field_name("object") or source
    in_agent = site.receiver is not None and site.facts.is_agent(site.receiver.owner)
    receiver = receiver_name(site) if in_agent else "agent"
    contexts = f"{site.source(holder)}, {site.source(site.context)}"
    return f"{receiver}.{site.options.propagate}({contexts}{more})"


def rewrite(rule: str, where: Span, plan: plans.Plan, message: str) -> Proposal:
    """A site that is proven."""
    return Proposal(rule, where, Status.REWRITE, message, plan=plan)


def review(site: Site, rule: str, node: Node, problem: Problem, suggestion: str | None) -> Proposal:
    """A site for a person; one that belongs to a target method is skipped."""
    return review_at(site, rule, span(node), problem, suggestion)


def review_at(
    site: Site, rule: str, where: Span, problem: Problem, suggestion: str | None
) -> Proposal:
    """The same for a range that is no node."""
    reason, message = problem
    if reason == "implementation":
        return Proposal(rule, where, Status.SKIP, message, reason)
    if reason == "foreign-context":
        suggestion = None  # whether the method is right for such an object, nobody knows
    if suggestion is not None:
        column = where.start - site.view.text.line_start(where.start)
        suggestion = _moved_left(suggestion, column)
    return Proposal(rule, where, Status.REVIEW, message, reason, suggestion)


def _moved_left(source: str, columns: int) -> str:
    """A source whose continued lines start so many columns further left, to be read on its own."""
    first, *others = source.split("\n")
    moved = (line[min(columns, len(line) - len(line.lstrip())) :] for line in others)
    return "\n".join([first, *moved])


def skip(rule: str, node: Node, problem: Problem) -> Proposal:
    """A site that is none of the codemod's business."""
    reason, message = problem
    return Proposal(rule, span(node), Status.SKIP, message, reason)
