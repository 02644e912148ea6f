"""Which rule a site falls under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from codemods.websocket_events.competing import competing
from codemods.websocket_events.definitions import definitions, uses_of
from codemods.websocket_events.events import inventory, notice_of, owner_of
from codemods.websocket_events.facts import Facts
from codemods.websocket_events.guards import guards_of
from codemods.websocket_events.options import Options
from codemods.websocket_events.rules import (
    competing_adapters,
    emitter_call,
    helper_call,
    helper_definition,
    manager_call,
    manager_guard,
    passed_on,
)
from codemods.websocket_events.sites import Kind, Site, find_sites, handed_on
from codemods.websocket_events.verdicts import changes_note
from migrate.codemod import Proposal
from migrate.model import Status
from migrate.syntax import span
from migrate.view import FileView


def inspect(view: FileView, options: Options) -> Iterator[Proposal]:
    """Every place of a file that emits an event in an old way, decided."""
    facts = Facts(view, options)
    sites = sorted(find_sites(facts), key=lambda site: span(site.node))
    decided = list(_calls(sites))
    yield from _with_notices(facts, decided)
    yield from (passed_on(kind, method) for kind, method in handed_on(facts))
    # A comment can suppress any rewrite of the file, and then the call stays.
    certain = b"migrate: ignore" not in view.text.utf8
    rewritten = {p.span.start for _, p in decided if certain and p.status is Status.REWRITE}
    gone = {_name_offset(site) for site in sites if span(site.node).start in rewritten}
    for found in definitions(facts):
        yield helper_definition(found, uses_of(facts, found, gone))
    emitters = competing(facts)
    if emitters:
        yield competing_adapters(emitters)


def _calls(sites: Sequence[Site]) -> Iterator[tuple[Sequence[Site], Proposal]]:
    """Each call, or all calls in a guard, with the verdict."""
    guards = guards_of(sites)
    guarded = {id(site) for guard in guards for site in guard.sites}
    for guard in guards:
        yield guard.sites, manager_guard(guard, sites, guards)
    for site in sites:
        if id(site) in guarded:
            continue
        match site.kind:
            case Kind.HELPER:
                yield [site], helper_call(site)
            case Kind.MANAGER:
                yield [site], manager_call(site, sites, guards)
            case Kind.EMITTER:
                yield [site], emitter_call(site, sites)


def _with_notices(
    facts: Facts, decided: Sequence[tuple[Sequence[Site], Proposal]]
) -> Iterator[Proposal]:
    """The verdicts; those in an agent say what becomes of its errors and events."""
    changed: dict[str, list[Site]] = {}
    for inside, proposal in decided:
        if proposal.status is Status.REWRITE:
            changed.setdefault(owner_of(inside[0].call), []).extend(inside)
    events = inventory(facts.view, facts.options) if decided else {}
    for (site, *_), proposal in decided:
        if site.receiver is None or not facts.is_agent(site.receiver.owner):
            yield proposal
        else:
            owner = owner_of(site.call)
            changes = changes_note(changed[owner]) if owner in changed else ""
            notice = notice_of(events, owner, changes)
            yield replace(proposal, notice=notice)


def _name_offset(site: Site) -> int:
    """Where the name of the method that is called starts."""
    function = site.call.child_by_field_name("function")
    name = function.child_by_field_name("attribute") if function is not None else None
    return name.start_byte if name is not None else site.call.start_byte
