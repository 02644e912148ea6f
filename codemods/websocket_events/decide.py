"""Which rule a site falls under."""

from __future__ import annotations

from collections.abc import Iterator

from codemods.websocket_events.facts import Facts
from codemods.websocket_events.guards import guards_of
from codemods.websocket_events.options import Options
from codemods.websocket_events.rules import emitter_call, helper_call, manager_call, manager_guard
from codemods.websocket_events.sites import Kind, find_sites
from migrate.codemod import Proposal
from migrate.syntax import span
from migrate.view import FileView


def inspect(view: FileView, options: Options) -> Iterator[Proposal]:
    """Every place of a file that emits an event in an old way, decided."""
    facts = Facts(view, options)
    sites = sorted(find_sites(facts), key=lambda site: span(site.node))
    guards = guards_of(sites)
    guarded = {id(site) for guard in guards for site in guard.sites}
    for guard in guards:
        yield manager_guard(guard, sites, guards)
    for site in sites:
        if id(site) in guarded:
            continue
        match site.kind:
            case Kind.HELPER:
                yield helper_call(site)
            case Kind.MANAGER:
                yield manager_call(site, sites, guards)
            case Kind.EMITTER:
                yield emitter_call(site)
