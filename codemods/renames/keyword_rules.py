"""The rules of a parameter's new name. Their docstrings are what `explain` prints."""

from __future__ import annotations

from tree_sitter import Node

from codemods.renames import plans
from codemods.renames.options import KeywordRename
from codemods.renames.parameters import Problem
from migrate.codemod import Proposal, Rule
from migrate.model import Span, Status
from migrate.syntax import span, text_of


def call(rename: KeywordRename, argument: Node) -> Proposal:
    """`send(recipient=x)` becomes `send(to=x)`, where `send` is the function of the rule.

    The function is followed through imports, re-exports and aliases, a method by the type of its
    object, a constructor to the classes that inherit it.

    - `unknown-function`: nothing says what is called; it has the function's name, is made from the
      function, as in `wrapped = logged(send)`, or the file has the function as a value. A class
      in a variable, such as `cls`, may be one below with another constructor.
    - `both-given`: the call gives the new name, too.
    - `definition-stays`: the function does not take the new name, and its definition cannot be
      renamed here.
    - `unknown-base`: a base that is not known may define the method.
    - `takes-any-keyword`: the function takes all keywords by `**`; nothing says what it does with
      them.
    - `left-out`: the run leaves out the file with the definition, which has the old name.
    - `target-missing`: the project has the module, but no such function.
    - `other-function`: it only has the same name.
    """
    message = f"{rename.from_!r} of {rename.function} is {rename.to!r} now."
    plan = plans.Keyword(rename.to)
    return Proposal("call", span(argument), Status.REWRITE, message, plan=plan)


def unknown(rename: KeywordRename, argument: Node, function: str) -> Proposal:
    """A call of something that has the function's name."""
    message = f"Nothing says whether {function} is {rename.function}."
    return _review("call", argument, "unknown-function", message, _suggestion(rename, argument))


def both_given(rename: KeywordRename, argument: Node) -> Proposal:
    """A call with both names."""
    message = f"The call gives both {rename.from_!r} and {rename.to!r}: one of them has to go."
    return _review("call", argument, "both-given", message)


def not_yet(rename: KeywordRename, argument: Node, problem: Problem) -> Proposal:
    """A call that would be right once the definition is."""
    reason, why = problem
    message = f"The call cannot use {rename.to!r} yet: {why}."
    return _review("call", argument, reason, message, _suggestion(rename, argument))


def other(rename: KeywordRename, argument: Node) -> Proposal:
    """A call of another function."""
    message = f"This is another function than {rename.function}."
    return Proposal("call", span(argument), Status.SKIP, message, "other-function")


def passed_on(rename: KeywordRename, argument: Node) -> Proposal:
    """`partial(send, recipient=x)` and other calls that get the function and the keyword.

    So do those that get it in a mapping, as in `Thread(target=send, kwargs={"recipient": x})`.

    - `passed-on`: whether the keyword is for the function, a person has to say.
    """
    message = f"The call gets {rename.function} too, and may hand {rename.from_!r} on to it."
    return _review("passed-on", argument, "passed-on", message, _suggestion(rename, argument))


def expected(rename: KeywordRename, node: Node) -> Proposal:
    """`send.assert_called_with(recipient=x)`, and other tests of what a mock was called with.

    - `expected-call`: if a mock stands for the function, it is called by the new name.
    """
    message = f"If this expects a call of {rename.function}, {rename.from_!r} is {rename.to!r} now."
    return _review("expected", node, "expected-call", message, _suggestion(rename, node))


def mapping(rename: KeywordRename, splat: Node) -> Proposal:
    """`send(**options)`: the mapping may have the old name as a key.

    - `from-a-mapping`: nothing says which keys it has.
    """
    message = f"The mapping may have the key {rename.from_!r}, which has to be {rename.to!r} now."
    return _review("mapping", splat, "from-a-mapping", message)


def definition(rename: KeywordRename, name: Node) -> Proposal:
    """The parameter itself gets the new name, with its uses in the body.

    So do methods in the classes below that override it. A function that has the new name already
    is left as it is, and its calls are adapted.

    - `decorated`: a decorator that is not known may use the names of parameters.
    - `name-taken`: the function uses the new name for something else.
    - `protocol`: classes can have the method without deriving from this one.
    - `introspected`: the body looks at the names of its variables.
    - `rebound`: a nested function declares the name `nonlocal` or `global`, or it is imported.
    - `definition-stays`: another definition of the function has one of these problems.
    - `takes-any-keyword`: the function, or an overriding method, takes all keywords by `**`.
    - `no-parameter`: an overriding method does not have it.
    - `both-names`: the function takes both names for now.
    """
    message = f"{rename.from_!r} of {rename.function} is {rename.to!r} now."
    plan = plans.Identifier(rename.to)
    return Proposal("definition", span(name), Status.REWRITE, message, plan=plan)


def text(rename: KeywordRename, where: Span) -> Proposal:
    """The old name in the function's docstring is skipped.

    - `mentioned-in-text`: it is for people.
    """
    message = f"The docstring speaks of {rename.from_!r}, which is {rename.to!r} now."
    return Proposal("text", where, Status.SKIP, message, "mentioned-in-text")


def stays(rename: KeywordRename, name: Node, problem: Problem) -> Proposal:
    """A parameter that cannot be renamed without a person."""
    reason, why = problem
    message = f"The parameter cannot be renamed to {rename.to!r}: {why}."
    return _review("definition", name, reason, message, rename.to)


def kept(rename: KeywordRename, name: Node) -> Proposal:
    """A function that takes both names."""
    message = f"The function takes {rename.to!r}, too: this one can go once nothing gives it."
    return Proposal("definition", span(name), Status.SKIP, message, "both-names")


def override(rename: KeywordRename, name: Node, *, takes_any: bool) -> Proposal:
    """A method of a class below that does not have the parameter by name."""
    reason = "takes-any-keyword" if takes_any else "no-parameter"
    how = "takes it by **, if at all" if takes_any else "does not have it"
    message = f"This method overrides {rename.function}, and {how}: {text_of(name)}."
    return _review("definition", name, reason, message)


def _review(
    rule: str, node: Node, reason: str, message: str, suggestion: str | None = None
) -> Proposal:
    return Proposal(rule, span(node), Status.REVIEW, message, reason, suggestion)


def _suggestion(rename: KeywordRename, argument: Node) -> str:
    source = text_of(argument)
    if argument.type == "string":
        return source.replace(rename.from_, rename.to)
    return rename.to + source.removeprefix(rename.from_)


RULES = (
    Rule.of("call", call),
    Rule.of("definition", definition),
    Rule.of("mapping", mapping),
    Rule.of("passed-on", passed_on),
    Rule.of("expected", expected),
    Rule.of("text", text),
)
