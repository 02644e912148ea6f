"""The rules: each turns a site into a verdict. Their docstrings are what `explain` prints."""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from codemods.websocket_events import plans
from codemods.websocket_events.competing import Emitter
from codemods.websocket_events.definitions import Definition, Use, places
from codemods.websocket_events.facts import Problem
from codemods.websocket_events.guards import Guard, guard_problem
from codemods.websocket_events.helpers import takes_event
from codemods.websocket_events.options import CRITICAL
from codemods.websocket_events.payload import comment_problem, runs_code, short
from codemods.websocket_events.sites import Kind, Site
from codemods.websocket_events.suggestions import with_adapter
from codemods.websocket_events.verdicts import (
    Verdict,
    catching_note,
    changes_note,
    helper_verdict,
    sender_verdict,
)
from migrate.codemod import Proposal, Rule
from migrate.model import Span, Status
from migrate.project.facts import function_of
from migrate.syntax import span, text_of


def helper_call(site: Site) -> Proposal:
    """`await self._emit_websocket_event(ctx, "event", {...})` becomes a call of the adapter.

    Proven where the class is below the base agent and has its adapter, the helper does nothing
    but hand the payload on, the event is a literal of the table, and the payload a dictionary
    display with literal keys, each of which is a parameter of the adapter's method or supplied by
    the adapter itself. What the adapter supplies is left out, unless working it out could do
    something (`payload-side-effect`) or it may not be the agent's own name or run
    (`other-than-supplied`). The adapter sends to the agent's own run: a call for another context,
    such as that of a child, stays (`other-recipient`).

    The helper swallowed errors, and a method of the adapter may raise one, such as RuntimeError if
    no bridge is set; which do, is read from its source. Where that would run a handler that was
    written for something else, the call stays (`error-caught`): an `except RuntimeError`, or one
    of everything around nothing but events, or after which the function goes on. One of everything
    around more, after which the function is over, is taken for one of whatever goes wrong.
    """
    return _proposal(site, helper_verdict(site))


def manager_call(site: Site, sites: Sequence[Site], guards: Sequence[Guard]) -> Proposal:
    """`await x.websocket_manager.send_<event>(...)` becomes a call of the adapter.

    So do `notify_<event>` and `emit_<event>`. A manager is found, too, in what it is put in, and
    where it is asked for by its name, but then the call is for review (`unsupported-form`).

    Proven where the class is below the base agent and the manager's method is known, from its
    class or from the option `signatures`, so that each argument is a parameter of the adapter's
    method or supplied by the adapter itself. What a call leaves out must have no other default
    there (`default-differs`). The method may do nothing but send and log (`sender-does-more`),
    unless the option has it. A handler that was there for errors of sending, which the adapter
    swallows, is for a person (`error-caught`).
    """
    return _proposal(site, sender_verdict(site, guard_problem(site, sites, guards)))


def emitter_call(site: Site, sites: Sequence[Site]) -> Proposal:
    """`await user_emitter.notify_<event>(...)` becomes a call of the adapter.

    Found and proven as `manager-call` is. The option `emitters` names the variables and attributes.
    A condition on the emitter is not taken away (`other-guard`).
    """
    return _proposal(site, sender_verdict(site, guard_problem(site, sites, ())))


def manager_guard(guard: Guard, sites: Sequence[Site], guards: Sequence[Guard]) -> Proposal:
    """`if hasattr(x, 'websocket_manager') and x.websocket_manager:` around calls goes with them.

    The `if` and all that is in it are one site. If one of its calls is not proven, the guard and
    the calls stay together, with the reason of the first; so they do if what is sent is worked out
    by something that did not run without a manager (`payload-side-effect`).
    """
    verdicts = [sender_verdict(s, guard_problem(s, sites, guards)) for s in guard.sites]
    problem = next((v.problem for v in verdicts if v.problem is not None), None)
    if problem is None:
        kept = [
            value for site, v in zip(guard.sites, verdicts, strict=True) for value in _kept(site, v)
        ]
        problem = comment_problem(guard.node, kept) or _unguarded_problem(guard.sites[0], kept)
    if problem is not None:
        written = [v.suggestion for v in verdicts if v.suggestion is not None]
        suggestion = "\n".join(written) if len(written) == len(verdicts) else None
        suggestion = _suggested(guard.sites[0], problem, suggestion)
        return _unproven("manager-guard", span(guard.node), problem, suggestion)
    calls = tuple(v.plan for v in verdicts if v.plan is not None)
    message = (
        f"{verdicts[0].message} The condition goes: before, no manager meant no event. Now,"
        f" {changes_note(guard.sites)}"
    )
    return Proposal(
        "manager-guard", span(guard.node), Status.REWRITE, message, plan=plans.Unguard(calls)
    )


def passed_on(kind: Kind, method: Node) -> Proposal:
    """A method that is handed on, and called where nobody sees with what."""
    how = "asked for by its name" if method.type == "call" else "handed on"
    message = f"{text_of(method)} is not called but {how} here."
    return Proposal(kind.value, span(method), Status.REVIEW, message, "unsupported-form")


def helper_definition(found: Definition, uses: Sequence[Use]) -> Proposal:
    """The definition of a helper, and what still uses it.

    Once nothing in the repository calls or names it any more, it is put up for review, to be
    deleted (`unused-helper`). Other files that call or name it, tests that replace it among them,
    are for review, too (`used-elsewhere`): they do not see what goes through the adapter. A helper
    that only its own file uses stays (`still-used`). A method of the same name that takes no
    context is another one (`other-helper`).
    """
    function = found.owner.name + "." + found.name
    elsewhere = [use for use in uses if use.path != found.owner.path]
    if not takes_event(function_of(found.node)):
        problem = ("other-helper", f"{function} takes no context: it is another method.")
    elif elsewhere:
        problem = (
            "used-elsewhere",
            f"{function} is called or named in {places(elsewhere)}. What is emitted through the"
            " adapter does not get there any more.",
        )
    elif uses:
        problem = ("still-used", f"{function} is still used, in {places(uses)}.")
    else:
        problem = ("unused-helper", f"Nothing uses {function} any more: it can be deleted.")
    return _unproven("helper-definition", span(found.word), problem, None)


def competing_adapters(emitters: Sequence[Emitter]) -> Proposal:
    """A module with several classes that have methods for the same critical events.

    Review (`several-adapters`): which of them is to stay, a person has to say. Classes count with
    methods for three of the five events or more, own or inherited; agents and protocols do not.
    """
    adapters = ", ".join(
        f"{text_of(emitter.word)} ({len(emitter.events)} of {len(CRITICAL)})"
        for emitter in emitters
    )
    message = (
        f"Several classes have methods for the same critical events: {adapters}. Keep one, and let"
        " what uses the others use that."
    )
    return Proposal(
        "competing-adapters",
        span(emitters[0].word),
        Status.REVIEW,
        message,
        "several-adapters",
    )


def _kept(site: Site, verdict: Verdict) -> list[Node]:
    """The values that a proven call keeps."""
    taken = verdict.plan.values if verdict.plan is not None else ()
    return [site.arguments[each.argument] for each in taken]


def _unguarded_problem(site: Site, kept: Sequence[Node]) -> Problem | None:
    """Whether a value that did not matter without a manager does something."""
    for value in kept:
        if runs_code(site.view, value):
            return (
                "payload-side-effect",
                f"{short(site.view, value)} is worked out only where there is a manager, and may do"
                " more than give a value.",
            )
    return None


def _proposal(site: Site, verdict: Verdict) -> Proposal:
    rule, where = site.kind.value, span(site.node)
    if verdict.problem is not None:
        suggestion = _suggested(site, verdict.problem, verdict.suggestion)
        return _unproven(rule, where, verdict.problem, suggestion)
    message = f"{verdict.message} {changes_note([site])}{catching_note(site)}"
    return Proposal(rule, where, Status.REWRITE, message, plan=verdict.plan)


def _suggested(site: Site, problem: Problem, calls: str | None) -> str | None:
    """The calls to write, with what has to be known or there first."""
    if not calls:
        return None
    if problem[0] in ("other-recipient", "other-than-supplied"):
        return f"# Only if that is the agent's own:\n{calls}"
    return with_adapter(site, calls) if problem[0] == "not-an-agent" else calls


def _unproven(rule: str, where: Span, problem: Problem, suggestion: str | None) -> Proposal:
    reason, message = problem
    if reason in _NO_BUSINESS:
        return Proposal(rule, where, Status.SKIP, message, reason)
    return Proposal(rule, where, Status.REVIEW, message, reason, suggestion)


_NO_BUSINESS = frozenset({"implementation", "other-helper", "other-message", "still-used"})


RULES = (
    Rule.of("helper-call", helper_call),
    Rule.of("manager-call", manager_call),
    Rule.of("manager-guard", manager_guard),
    Rule.of("emitter-call", emitter_call),
    Rule.of("helper-definition", helper_definition),
    Rule.of("competing-adapters", competing_adapters),
)
