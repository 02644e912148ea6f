"""The options of `websocket-events`; the defaults are the names of the codebase it was made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_AGENTS = "netra_backend.app.agents"

# What a user must see of an agent's work: a class that emits one of these goes on to do so.
CRITICAL = (
    "agent_started",
    "agent_thinking",
    "tool_executing",
    "tool_completed",
    "agent_completed",
)

# What methods that emit an event are called by, in front of the event's name.
PREFIXES = ("emit_", "notify_", "send_")


@dataclass(frozen=True, slots=True)
class Event:
    """One event, and the adapter's method that emits it.

    `required` and `optional` are the method's parameters, in order. A payload's key becomes the
    parameter of the same name, or the one that `keys` has for it. `rest` is the parameter that
    takes a mapping of anything, to which a suggestion adds what has no parameter of its own.
    """

    event: str
    method: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The method's parameters, in order."""
        return self.required + self.optional

    def parameter(self, key: str) -> str | None:
        """The parameter that a payload's key becomes; None if there is none."""
        name = self.keys.get(key, key)
        return name if name in self.parameters else None


def _events() -> tuple[Event, ...]:
    tool = {"tool": "tool_name", "args": "parameters"}
    error = (
        ("error_message",),
        ("error_type", "error_details"),
        {"error": "error_message"},
        "error_details",
    )
    return (
        Event("agent_started", "emit_agent_started", optional=("message",)),
        Event(
            "agent_thinking",
            "emit_thinking",
            ("thought",),
            ("step_number",),
            {"reasoning": "thought"},
        ),
        Event(
            "tool_executing",
            "emit_tool_executing",
            ("tool_name",),
            ("parameters",),
            tool,
            "parameters",
        ),
        Event(
            "tool_completed",
            "emit_tool_completed",
            ("tool_name",),
            ("result",),
            {"tool": "tool_name"},
            "result",
        ),
        Event("agent_completed", "emit_agent_completed", optional=("result",), rest="result"),
        Event("progress", "emit_progress", ("content",), ("is_complete",)),
        Event("agent_error", "emit_error", *error),
        Event("error", "emit_error", *error),
    )


@dataclass(frozen=True, slots=True)
class Options:
    """Names of what emits events now, and of what is to emit them.

    `receiver` is the attribute of an agent that holds its adapter, an object of the class
    `adapter`. What is called one of `supplied` in a payload, the adapter adds itself; `recipients`
    are further names of what says to whom an event goes, which a suggestion leaves out.
    `signatures` has the parameters of methods of managers and emitters, separated by commas, for
    those whose class the source does not show.
    """

    agent: str = f"{_AGENTS}.base_agent.BaseAgent"
    adapter: str = f"{_AGENTS}.mixins.websocket_bridge_adapter.WebSocketBridgeAdapter"
    receiver: str = "_websocket_adapter"
    helpers: tuple[str, ...] = ("_emit_websocket_event",)
    managers: tuple[str, ...] = ("websocket_manager",)
    emitters: tuple[str, ...] = ("user_emitter",)
    supplied: tuple[str, ...] = ("agent_name", "run_id", "timestamp")
    recipients: tuple[str, ...] = ("user_id", "thread_id", "request_id", "connection_id")
    signatures: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = field(default_factory=_events)

    def event(self, name: str) -> Event | None:
        """The event of that name; None for one that the table does not have."""
        return next((event for event in self.events if event.event == name), None)

    def is_event_like(self, name: str) -> bool:
        """Whether something is called as events are, so that it is probably one."""
        kinds = {event.event.partition("_")[0] for event in self.events}
        return name.partition("_")[0] in kinds and not name.endswith("_event")
