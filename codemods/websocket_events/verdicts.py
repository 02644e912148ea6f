"""What becomes of one call, and why: the conditions that the rules have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node

from codemods.websocket_events import plans
from codemods.websocket_events.errors import (
    Errors,
    adapter_errors,
    caught_at,
    caught_problem,
    errors_note,
    method_errors,
)
from codemods.websocket_events.facts import Problem
from codemods.websocket_events.helpers import (
    Helper,
    fits_helper,
    helper_of,
    helper_problem,
    swallows_errors,
    takes_event,
)
from codemods.websocket_events.options import Event
from codemods.websocket_events.payload import (
    Value,
    arguments_of,
    arguments_problem,
    comment_problem,
    dictionary_values,
    dropped_problem,
    literal_of,
    short,
)
from codemods.websocket_events.recipients import recipient_problem, supplied_problem
from codemods.websocket_events.senders import (
    default_problem,
    filled_in,
    plain_arguments,
    sender_problem,
    signature_of,
)
from codemods.websocket_events.sites import Kind, Site
from codemods.websocket_events.suggestions import (
    call_source,
    guessed_values,
    named_values,
    nearest_event,
    unpacked_source,
)
from migrate.project.types import ClassObject, ClassRef, Instance, without_none
from migrate.syntax import text_of


@dataclass(frozen=True)
class Verdict:
    """What becomes of one call: the problem and the suggestion, or the plan and the message."""

    problem: Problem | None
    suggestion: str | None = None
    plan: plans.Emit | None = None
    message: str = ""


def helper_verdict(site: Site) -> Verdict:
    """What becomes of a call of a helper."""
    problem = _implementation_problem(site)
    if problem is not None:
        return Verdict(problem)
    helper, is_own = _definition(site)
    if helper is None and _names_class(site):
        why = f"This calls {site.name} through a class, with the instance as an argument."
        return Verdict(("unsupported-form", why))
    if not (helper.is_for_agents if helper is not None else fits_helper(site.arguments)):
        return Verdict(
            ("other-helper", f"This {site.name} takes no context: it is another method.")
        )
    event, values, problem = _helper_arguments(site, helper)
    problem = _agent_problem(site, is_own) or problem
    if problem is None and site.receiver is not None:
        problem = helper_problem(site.facts, site.receiver.owner, site.name, helper)
    suggestion = None
    if event is not None:
        suggestion = call_source(site, event, values, {})
        payload = _payload(site, helper)
        if problem is not None and problem[0] == "payload-not-literal":
            suggestion = unpacked_source(site, event, payload) if payload is not None else None
    return _verdict(site, problem, event, values, suggestion, _context_of(site, helper))


def _definition(site: Site) -> tuple[Helper | None, bool]:
    """The helper that the call finds, and whether it is called on the code's own instance."""
    if site.on_self and site.receiver is not None:
        return helper_of(site.facts, site.receiver.owner, site.name), True
    for atom in without_none(site.view.type_of(site.holder)):
        if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef):
            return helper_of(site.facts, atom.cls, site.name), False
    return None, False


def _names_class(site: Site) -> bool:
    """Whether the helper is looked up on a class, and the instance is given to it."""
    given = [text_of(argument) for argument in site.arguments[:1]]
    if site.receiver is not None and given == [site.receiver.name]:
        return True
    for atom in without_none(site.view.type_of(site.holder)):
        if isinstance(atom, ClassObject) and isinstance(atom.cls, ClassRef):
            helper = helper_of(site.facts, atom.cls, site.name)
            if helper is not None and helper.is_for_agents:
                return True
    return False


def _bound(site: Site, helper: Helper | None) -> dict[str, tuple[int, Node]] | None:
    """The call's arguments by `context`, `event` and `payload`; None where that is not plain."""
    names = helper.names if helper is not None else ("context", "event", "payload")
    roles = dict(zip(names, ("context", "event", "payload"), strict=False))
    bound: dict[str, tuple[int, Node]] = {}
    for at, argument in enumerate(site.arguments):
        name = names[at] if at < len(names) else ""
        value = argument
        if argument.type == "keyword_argument":
            name = text_of(argument.child_by_field_name("name") or argument)
            value = argument.child_by_field_name("value") or argument
        if argument.type in ("list_splat", "dictionary_splat") or name not in roles:
            return None
        bound[roles[name]] = (at, value)
    return bound


def _helper_arguments(
    site: Site, helper: Helper | None
) -> tuple[Event | None, list[Value], Problem | None]:
    """The event and what is sent with it, or what is not known about them."""
    bound = _bound(site, helper)
    if bound is None or "event" not in bound:
        return None, [], ("payload-not-literal", "These arguments are not spelled out.")
    name = literal_of(bound["event"][1])
    if name is None:
        source = site.view.source(bound["event"][1])
        return None, [], ("event-not-literal", f"Which event this is depends on {source}.")
    event = site.options.event(name)
    if event is None:
        return None, [], ("event-unknown", f"The table of events has no {name}.")
    if "payload" not in bound:
        return event, [], _default_problem(site, helper)
    if bound["payload"][1].type == "none":
        return event, [], None
    values = dictionary_values(bound["payload"][1], bound["payload"][0])
    return (event, [], values) if isinstance(values, tuple) else (event, values, None)


def _default_problem(site: Site, helper: Helper | None) -> Problem | None:
    """Whether the helper itself has a payload for a call that gives none."""
    last = helper.function.parameters[3:] if helper is not None else ()
    if not last or last[0].default in (None, "None", "{}"):
        return None
    return "payload-not-literal", f"{site.name} sends {last[0].default} where a call gives nothing."


def _payload(site: Site, helper: Helper | None) -> Node | None:
    bound = _bound(site, helper) or {}
    return bound["payload"][1] if "payload" in bound else None


def _context_of(site: Site, helper: Helper | None) -> Node | None:
    """What the helper is given as the context, which the adapter is not."""
    bound = _bound(site, helper) or {}
    return bound["context"][1] if "context" in bound else None


def sender_verdict(site: Site, guarded: Problem | None) -> Verdict:
    """What becomes of a call of a manager or emitter; `guarded` is what is known against it."""
    problem = _implementation_problem(site)
    if problem is not None:
        return Verdict(problem)
    problem = _agent_problem(site, own=True)
    if not site.options.is_event_like(site.event_name):
        why = f"{site.name} is a general method that is given {site.named_event} here."
        return Verdict(("other-message" if problem is not None else "unsupported-form", why))
    if problem is not None and text_of(site.holder) in site.options.managers:
        return Verdict(("other-message", f"{problem[1]} This may be any message."))
    known = site.options.event(site.event_name)
    event = known or nearest_event(site.event_name, site.options)
    signature = signature_of(site)
    values = named_values(site, list(signature)) if signature is not None else []
    suggestion: str | None = None
    defaults: dict[str, str] = {}
    if event is not None:
        defaults = filled_in(site, event, signature or {}, values)
        sent = [value for value in values if value.name not in site.options.recipients]
        mapped = {event.parameter(name) or "": text for name, text in defaults.items()}
        suggestion = call_source(site, event, sent or guessed_values(site, event), mapped)
    named = (*site.options.managers, *site.options.emitters)
    if problem is None and text_of(site.holder).rpartition(".")[2].strip() not in named:
        why = f"It is sent through {short(site.view, site.holder)}, which would be left over."
        problem = ("unsupported-form", why)
    if known is None:
        unknown = f"The table of events has no {site.event_name}; the option events can add it."
        if problem is None:
            problem = ("event-unknown", unknown)
        elif event is None:
            problem = (problem[0], f"{problem[1]} {unknown}")
    if problem is None and (signature is None or not plain_arguments(site, signature)):
        problem = (
            "signature-unknown",
            f"What {text_of(site.holder)}.{site.name} makes of these arguments is not known; the"
            " option signatures can name its parameters.",
        )
    if problem is None and event is not None:
        problem = default_problem(site, event, defaults) or sender_problem(site)
    return _verdict(site, problem or guarded, event, values, suggestion, None)


# What all of them have in common


def _implementation_problem(site: Site) -> Problem | None:
    receiver = site.receiver
    if receiver is None:
        return None
    if receiver.method.name in site.options.helpers and takes_event(receiver.method):
        return "implementation", "This is a part of the helper itself."
    lineage = site.view.project.lineage(receiver.owner).order
    if site.facts.adapter is not None and site.facts.adapter in lineage:
        return "implementation", "This is a part of the adapter."
    return None


def _agent_problem(site: Site, own: bool) -> Problem | None:
    """Whether there is an agent here, whose adapter can be called."""
    base = site.options.agent.rpartition(".")[2]
    if not own:
        return "no-receiver", "This calls the helper of another object, whose adapter is its own."
    if site.receiver is None:
        return "not-an-agent", f"There is no {base} here whose adapter could be called."
    if not site.facts.is_agent(site.receiver.owner):
        if site.facts.may_have_any_base(site.receiver.owner):
            why = f"Whether {site.receiver.owner.name} is below {base} is not known."
            return "not-an-agent", why
        return "not-an-agent", f"{site.receiver.owner.name} is not below {base}."
    return None


def _verdict(
    site: Site,
    problem: Problem | None,
    event: Event | None,
    values: Sequence[Value],
    suggestion: str | None,
    context: Node | None,
) -> Verdict:
    """What remains to be proven for every kind of call, and the plan where all is."""
    if problem is None and site.node.type != "await":
        problem = ("not-awaited", "The coroutine is not awaited here, and may run later or never.")
    if problem is None and not site.is_statement:
        problem = ("result-used", "Something is done with what this call gives.")
    if problem is None and event is not None and site.receiver is not None:
        problem = site.facts.adapter_problem(site.receiver.owner, event)
    found = arguments_of(values, event, site.options) if event is not None else None
    if problem is None and found is not None and event is not None:
        problem = arguments_problem(found, event)
    if problem is None and found is not None:
        dropped = site.holder if context is None else context
        problem = (
            dropped_problem(site.view, [dropped, *(v.node for v in found.supplied)])
            or recipient_problem(site, context)
            or supplied_problem(site, found.supplied)
        )
    if problem is None and event is not None and site.receiver is not None:
        errors = adapter_errors(site.facts, site.receiver.owner, event)
        problem = caught_problem(site, errors, _errors_before(site))
    if problem is None and found is not None:
        problem = comment_problem(site.call, [value.node for value in found.given.values()])
    if problem is not None or event is None or found is None or site.receiver is None:
        return Verdict(problem or ("event-unknown", ""), suggestion)
    taken = tuple(
        plans.Taken(value.argument, value.item, keyword, _deeper(site, value.node))
        for keyword, value in found.ordered(event)
    )
    plan = plans.Emit(site.receiver.name, site.options.receiver, event.method, taken)
    message = f"Emitted through {event.method}."
    if found.supplied:
        names = ", ".join(f"{v.name} ({short(site.view, v.node)})" for v in found.supplied)
        message += f" Left out, since the adapter sends its own: {names}."
    renamed = [f"{v.name} as {name}" for name, v in found.given.items() if v.name != name]
    if renamed:
        message += f" Passed under another name: {', '.join(renamed)}."
    return Verdict(None, suggestion, plan, message)


def _deeper(site: Site, value: Node) -> int:
    """How much more the line that a value starts on is indented than its statement."""
    text = site.view.text
    indents = []
    for offset in (value.start_byte, site.node.start_byte):
        line = text.utf8[text.line_start(offset) : text.line_end(offset)]
        indents.append(len(line) - len(line.lstrip(b" \t")))
    return max(0, indents[0] - indents[1])


def _errors_before(site: Site) -> Errors:
    """The errors of the old method that is called."""
    if site.kind is Kind.HELPER:
        helper, _ = _definition(site)
        is_silent = helper is not None and swallows_errors(site.facts, helper)
        return Errors(passed_on=not is_silent)
    found = Errors()
    for atom in without_none(site.view.type_of(site.holder)):
        if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassRef):
            return Errors(passed_on=True)
        found = found.and_those_of(method_errors(site.facts, atom.cls, site.name))
    return found


def changes_note(sites: Sequence[Site]) -> str:
    """What changes where something goes wrong, for calls that all become the adapter's."""
    errors: dict[str, Errors] = {}
    for site in sites:
        event, found = _event_and_errors(site)
        errors[event.method] = found
    helpers = [site for site in sites if site.kind is Kind.HELPER]
    return errors_note(any(not _errors_before(site).any for site in helpers), errors)


def catching_note(site: Site) -> str:
    """Where what the adapter's method raises is caught, for a call that becomes one of it."""
    line = caught_at(site, _event_and_errors(site)[1])
    return f" Line {line} would catch that." if line is not None else ""


def _event_and_errors(site: Site) -> tuple[Event, Errors]:
    """The event of a call that is proven, and the errors of the adapter's method for it."""
    event = site.options.event(site.event_name)
    if site.kind is Kind.HELPER:
        event = _helper_arguments(site, _definition(site)[0])[0]
    assert event is not None
    assert site.receiver is not None
    return event, adapter_errors(site.facts, site.receiver.owner, event)
