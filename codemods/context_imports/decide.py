"""All sites of a file, and what becomes of it as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from codemods.context_imports import rules
from codemods.context_imports.facts import Facts, Fate
from codemods.context_imports.options import Move, Options
from codemods.context_imports.rules import Decision
from codemods.context_imports.statements.importers import is_imported
from codemods.context_imports.statements.imports import ImportSite, aliases_of, find_imports
from codemods.context_imports.travel.moving import Surveyed, digest_of
from codemods.context_imports.verdicts import places, verdicts
from migrate.codemod import Proposal
from migrate.model import Span, Status
from migrate.syntax import captures, span, text_of
from migrate.view import FileView

_DEFINITIONS = "[(class_definition name: (_) @name) (function_definition name: (_) @name)]"


def inspect(view: FileView, options: Options) -> Iterator[Proposal]:
    """Every site of a file, decided: it is rewritten as a whole or not at all.

    Raises RuntimeError for a file that the survey could not read.
    """
    facts = Facts(view.project, options, view.path)
    if view.path in facts.legacy:
        sites = list(find_imports(view, facts))
        return (decision.proposal for decision in _legacy(view, facts, sites))
    targets = {facts.module(move.to) for move in options.moves}
    if view.path in targets:
        return (rules.target(site).proposal for site in find_imports(view, facts))
    decisions = _decisions(view, facts)
    return iter(_all_or_nothing(decisions, _lines(view, decisions)))


def _decisions(view: FileView, facts: Facts) -> list[Decision]:
    """The verdicts on the sites, and what stands in the way elsewhere where a file would move."""
    surveyed = view.surveyed
    if not isinstance(surveyed, Surveyed):
        return verdicts(view, facts)
    if surveyed.fault is not None:
        raise RuntimeError(surveyed.fault)
    if surveyed.digest != digest_of(view):
        return verdicts(view, facts)  # this is what the file became
    decisions = list(surveyed.decisions or ())
    statuses = {each.proposal.status for each in decisions}
    if Status.REWRITE not in statuses or Status.REVIEW in statuses:
        return decisions
    first = next(d.proposal.span for d in decisions if d.proposal.status is Status.REWRITE)
    return decisions + [rules.elsewhere(e.where or first, e) for e in surveyed.hindrances]


def _legacy(view: FileView, facts: Facts, sites: Sequence[ImportSite]) -> Iterator[Decision]:
    """What moves from the file, and its own imports from another legacy module."""
    unused = not is_imported(view.project, view.path)
    moves = facts.legacy[view.path]
    for name in captures(_DEFINITIONS, view.tree.root_node).get("name", []):
        definition = name.parent
        while definition is not None and definition.type in (
            "class_definition",
            "function_definition",
            "decorated_definition",
        ):
            definition = definition.parent
        is_global = definition is not None and definition.type == "module"
        if is_global and any(facts.fate(move, text_of(name)) is Fate.MOVES for move in moves):
            yield rules.unused(span(name)) if unused else rules.legacy("legacy", span(name))
            unused = False
    for where in _passed_on(view, facts, moves):
        yield rules.unused(where) if unused else rules.legacy("legacy", where)
        unused = False
    for site in sites:
        yield rules.legacy(site.rule, span(site.node))


def _passed_on(view: FileView, facts: Facts, moves: Sequence[Move]) -> list[Span]:
    """The imports of an old module that has names from the new one, for those who still ask it."""
    names = {name for move in moves for name in facts.moving_names(move)}
    found = captures("(module (import_from_statement) @import)", view.tree.root_node)
    return [
        span(node)
        for node in found.get("import", [])
        if any((alias.bound or alias.name) in names for alias in aliases_of(node))
    ]


# The file as a whole


def _all_or_nothing(decisions: Sequence[Decision], lines: str) -> list[Proposal]:
    """The proposals of a file: nothing is rewritten if something is left for review.

    `lines` are those where something is.
    """
    if all(each.proposal.status is not Status.REVIEW for each in decisions):
        return [each.proposal for each in decisions]
    others = f"It moves once the rest of the file can: see {lines}."
    return [
        _held(each, others)
        for each in decisions
        if not (each.silent and each.proposal.status is Status.REWRITE)
    ]


def _held(decision: Decision, others: str) -> Proposal:
    """What would be rewritten, in a file that stays."""
    proposal = decision.proposal
    if proposal.status is not Status.REWRITE:
        return proposal
    reason, message = decision.held or ("incompatible-uses", "")
    return replace(
        proposal,
        status=Status.REVIEW,
        reason=reason,
        message=f"{message} {others}".strip(),
        suggestion=decision.suggestion,
        plan=None,
    )


def _lines(view: FileView, decisions: Iterable[Decision]) -> str:
    """Where something stands in the way of the rest of the file."""
    return places(view, [d.proposal.span for d in decisions if d.proposal.status is Status.REVIEW])
