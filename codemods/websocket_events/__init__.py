"""From five ways to emit an agent's events to one: the adapter of the base agent.

    await self._emit_websocket_event(
        context, "tool_executing", {"run_id": run, "tool_name": "fetch", "args": parameters}
    )
    if self.websocket_manager:
        await self.websocket_manager.send_agent_thinking(run, self.name, "Reading")

become

    await self._websocket_adapter.emit_tool_executing("fetch", parameters)
    await self._websocket_adapter.emit_thinking("Reading")

A call is rewritten where the source proves that it runs in an agent with that adapter, that what
it calls only emits the event, and that the adapter sends the same. Everything else is put up for
review, with the call to write instead and, in a class that is no agent, where to get the adapter.

The old helpers swallowed errors; the adapter's methods may raise, such as RuntimeError if no bridge
is set. The report says which do, by their source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from codemods.websocket_events import competing
from codemods.websocket_events.decide import inspect
from codemods.websocket_events.events import lost_events
from codemods.websocket_events.options import PREFIXES, Options
from codemods.websocket_events.rules import RULES
from migrate.codemod import Codemod, Layout
from migrate.model import Span
from migrate.text import whole_words

if TYPE_CHECKING:
    import libcst as cst


_METHOD = re.compile(rb"\bdef (?:emit|notify|send)_\w+\(")


def _needles(options: Options) -> tuple[bytes, ...]:
    names = (*options.helpers, *options.managers, *options.emitters, *competing.needles(options))
    return tuple(name.encode() for name in names)


def _may_match(data: bytes, options: Options) -> bool:
    """Whether a helper is named, a manager or emitter is told to send, or classes may compete."""
    if any(helper.encode() in data for helper in options.helpers):
        return True
    if len(_METHOD.findall(data)) >= 3 and data.count(b"class ") > 1:
        return True
    senders = [name for name in (*options.managers, *options.emitters) if name.encode() in data]
    # Through a variable or `getattr`, the name may stand anywhere.
    events = tuple(event.event for event in options.events)
    if senders and _sends(events).search(data) is not None:
        return True
    return any(
        _CALLED.match(data, at + len(name)) is not None
        for name in senders
        for at in whole_words(data, name.encode())
    )


@cache
def _sends(events: tuple[str, ...]) -> re.Pattern[bytes]:
    """A method that is called as those for events are, or a general one that is given an event."""
    kinds = sorted({event.partition("_")[0] for event in events})
    prefix, event, kind = (
        "|".join(map(re.escape, each)).encode() for each in (PREFIXES, events, kinds)
    )
    general = rb"\.(?:%b)\w+\s*\([^()]*[\"'](?:%b)[\"']" % (prefix, event)
    return re.compile(rb"\b(?:%b)(?:%b)|%b" % (prefix, kind, general))


_GAP = rb"(?:[\s\\]|#[^\r\n]*+)*+"  # possessive: a line of # signs is one comment
# What follows the name of an object whose method for an event is asked for.
_CALLED = re.compile(_GAP + rb"\." + _GAP + b"(?:" + "|".join(PREFIXES).encode() + b")")


def _transformer(plans: Mapping[Span, Any], layout: Layout) -> cst.CSTTransformer:
    from codemods.websocket_events.transformer import EventsTransformer

    return EventsTransformer(plans, layout)


CODEMOD = Codemod(
    id="websocket-events",
    version=1,
    doc=__doc__,
    rules=RULES,
    options=Options,
    needles=_needles,
    may_match=_may_match,
    inspect=inspect,
    transformer=_transformer,
    verify=lost_events,
    # It changes what happens where an event cannot be sent, which a team has to want.
    preview=True,
)
