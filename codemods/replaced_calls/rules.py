"""The rules of replaced calls. Their docstrings are what `explain` prints."""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from codemods.replaced_calls.arguments import Problem
from codemods.replaced_calls.options import CallReplacement
from migrate.codemod import Proposal, Rule
from migrate.model import Status
from migrate.syntax import span


def call(rule: CallReplacement, node: Node, plan: object) -> Proposal:
    """`send("hi", user)` becomes `deliver(user, text="hi")`, as the rule says.

    The function is followed as for `rename-keyword`. The values stay as they are written.

    - `unknown-function`: nothing says what is called; it has the function's name.
    - `unmapped-argument`: the rule does not say what becomes of an argument, or nothing says
      which parameter it is for.
    - `missing-argument`: an argument by position is left out in front of others.
    - `does-not-fit`: the new function does not take the new call, or only one is to be awaited.
    - `default-differs`: what the call does not give has another default in the new function.
    - `spread`: a sequence or mapping is spread, of which nothing says what it has.
    - `evaluation-order`, `side-effect`: values would be evaluated in another order, or not once.
    - `comment-inside`: a comment in the call would have to move.
    - `in-text`: an f-string shows how the call is written, or has the new call's quotes.
    - `name-taken`: the file has the new function's name for something else.
    - `calls-itself`: the new function runs this code, and would run itself again and again.
    - `overridden`: a class below has its own old method, which calls of the new one pass by.
    - `patched`: some code replaces the function for this call, as with `patch`, or could.
    - `not-imported`: nothing says where the file is to import the new function.
    - `circular-import`: the module of the new function imports this file.
    - `target-missing`: the project has no such function, or the object no such method.
    - `other-function`: it only has the same name, or is a class below the one of the rule.
    """
    message = f"{rule.function} is replaced by {rule.to}."
    return Proposal("call", span(node), Status.REWRITE, message, plan=plan)


def cannot(rule: CallReplacement, node: Node, problem: Problem, after: str | None) -> Proposal:
    """A call that cannot be replaced without a person."""
    reason, why = problem
    message = f"The call cannot become one of {rule.to}: {why}."
    return Proposal("call", span(node), Status.REVIEW, message, reason, after)


def unknown(rule: CallReplacement, node: Node, function: str, after: str | None) -> Proposal:
    """A call of something that has the function's name."""
    message = f"Nothing says whether {function} is {rule.function}."
    return Proposal("call", span(node), Status.REVIEW, message, "unknown-function", after)


def other(rule: CallReplacement, node: Node) -> Proposal:
    """A call of another function."""
    message = f"This is another function than {rule.function}."
    return Proposal("call", span(node), Status.SKIP, message, "other-function")


def reference(rule: CallReplacement, node: Node) -> Proposal:
    """The function as a value, as in `partial(send, "hi")` and `callback=send`.

    - `passed-on`: whoever gets it may call it as the old function is called.
    - `expected-call`: if a mock stands for the object, it is called by the new name.
    """
    message = f"{rule.function} is handed on: whatever calls it has to change, too."
    return Proposal("reference", span(node), Status.REVIEW, message, "passed-on")


def expected(rule: CallReplacement, node: Node) -> Proposal:
    """What a mock is to do, or has seen: `mailer.send.assert_called_once()`."""
    message = f"If this is of a mock for {rule.function}, the calls are of {rule.to!r} now."
    return Proposal("reference", span(node), Status.REVIEW, message, "expected-call")


def needed(node: Node, plan: object, names: Sequence[str]) -> Proposal:
    """`from app.mail import send` becomes `from app.post import deliver`.

    So it does in a function. Where the old function is still used, it is imported beside the new
    one.
    """
    message = f"The new calls need {', '.join(names)}." if names else "No call needs it any more."
    return Proposal("import", span(node), Status.REWRITE, message, plan=plan)


RULES = (
    Rule.of("call", call),
    Rule.of("import", needed),
    Rule.of("reference", reference),
)
