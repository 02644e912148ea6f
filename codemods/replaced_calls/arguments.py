"""From the arguments of an old call to those of a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from tree_sitter import Node

from codemods.replaced_calls import plans
from codemods.replaced_calls.options import CallReplacement
from migrate.project.binding import Argument, arguments_of_call, bind
from migrate.project.facts import Function, Parameter, ParameterKind
from migrate.syntax import ancestors, descendants, text_of

Problem = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Mapped:
    """The new call's arguments, and why they cannot be given like that.

    `source` is how they are written, if that is worth suggesting.
    """

    values: tuple[plans.Value, ...] = ()
    problem: Problem | None = None
    source: str | None = None


class _Weight(IntEnum):
    """What the moment at which an expression is evaluated can matter for."""

    NOTHING = 0
    ITSELF = 1
    OTHERS = 2
    NAMES = 3  # even for names, as it binds one


def signature_of(names: Sequence[str]) -> Function:
    """A function that takes parameters of these names, in this order."""
    kind = ParameterKind.POSITIONAL_OR_KEYWORD
    parameters = tuple(Parameter(name, kind, default="...") for name in names)
    return Function("", parameters, None, (), False)


def map_arguments(
    call: Node, rule: CallReplacement, old: Function | None, new: Function | None
) -> Mapped:
    """What the new call is given; the functions are without the parameters that receivers take.

    Without `old`, only keywords say what an argument is for; without `new`, whether the new call
    fits is not asked.
    """
    arguments = arguments_of_call(call)
    if any(argument.starred for argument in arguments):
        return Mapped(problem=("spread", "it spreads a sequence or a mapping"))
    if (wrong := _unknown_parameter(rule, old)) is not None:
        return Mapped(problem=("unmapped-argument", f"{rule.function} has no parameter {wrong!r}"))
    given = _by_parameter(arguments, rule, old)
    if isinstance(given, str):
        return Mapped(problem=("unmapped-argument", given))
    known = {each.parameter for each in rule.given} | set(rule.drop)
    unmapped = [name for name in given if name not in known]
    if unmapped:
        why = f"the rule does not say what becomes of {', '.join(map(repr, unmapped))}"
        return Mapped(problem=("unmapped-argument", why))
    values = _values(rule, given)
    if values is None:
        why = "an argument by position is left out, and there are others behind it"
        return Mapped(problem=("missing-argument", why))
    source = ", ".join(_written(value, arguments) for value in values)
    problem = _order(values, arguments) or _fit(values, call, new)
    if problem is None and (differs := _defaults(rule, given, old, new)) is not None:
        return Mapped(values, differs)
    problem = problem or _in_text(call, values)
    if problem is None and any(node.type == "comment" for node in descendants(call)):
        problem = "comment-inside", "a comment inside it would have to move"
    return Mapped(values, problem, source)


def _unknown_parameter(rule: CallReplacement, old: Function | None) -> str | None:
    """A parameter that the rule speaks of and the old function does not have."""
    parameters = old.parameters if old is not None else ()
    if old is None or any(each.kind is ParameterKind.VAR_KEYWORD for each in parameters):
        return None
    names = {each.name for each in parameters}
    wanted = (*(each.parameter for each in rule.given), *rule.drop)
    return next((name for name in wanted if name is not None and name not in names), None)


def _by_parameter(
    arguments: Sequence[Argument], rule: CallReplacement, old: Function | None
) -> dict[str, int] | str:
    """The place of each argument by its parameter; a sentence where that cannot be told."""
    if old is None and rule.parameters:
        old = signature_of(rule.parameters)
    if old is None:
        if any(argument.name is None for argument in arguments):
            return "nothing says which parameter an argument by position is for"
        return {argument.name or "": at for at, argument in enumerate(arguments)}
    bound = bind(old, arguments, skip_first=False)
    if bound.surplus or bound.unknown:
        return "it is called with what the function does not take"
    places = {id(argument): at for at, argument in enumerate(arguments)}
    found = {name: places[id(argument)] for name, argument in bound.parameters.items()}
    # What a `*args` or `**kwargs` of the function takes has no parameter of its own.
    rest = {at: argument for at, argument in enumerate(arguments) if at not in found.values()}
    if any(argument.name is None for argument in rest.values()):
        return "a `*` parameter takes some of the arguments"
    return found | {argument.name or "": at for at, argument in rest.items()}


def _values(rule: CallReplacement, given: dict[str, int]) -> tuple[plans.Value, ...] | None:
    """The new arguments; None if one by position is missing in front of others."""
    values: list[plans.Value] = []
    missing = False
    for each in rule.given:
        if each.parameter is not None and each.parameter not in given:
            missing = missing or each.keyword is None
            continue
        if each.keyword is None and missing:
            return None
        at = given[each.parameter] if each.parameter is not None else None
        values.append(plans.Value(at, each.keyword, each.constant))
    return tuple(values)


def _order(values: Sequence[plans.Value], arguments: Sequence[Argument]) -> Problem | None:
    """Whether values are evaluated in another order, or not at all, where that can matter."""
    places = [value.argument for value in values if value.argument is not None]
    weights = [_weight(argument.node) for argument in arguments]
    for at, weight in enumerate(weights):
        if weight >= _Weight.OTHERS and at not in places:
            return "side-effect", f"{arguments[at].source} would no longer be evaluated"
        if weight >= _Weight.OTHERS and places.count(at) > 1:
            return "side-effect", f"{arguments[at].source} would be evaluated more than once"
    for index, first in enumerate(places):
        for second in places[index + 1 :]:
            if second < first and weights[first] + weights[second] > _Weight.OTHERS:
                return "evaluation-order", "its arguments would be evaluated in another order"
    return None


def _weight(node: Node) -> _Weight:
    types = {each.type for each in descendants(node)}
    if "named_expression" in types:
        return _Weight.NAMES
    if types & {"call", "await", "yield"}:
        return _Weight.OTHERS
    if node.type in ("identifier", "integer", "float", "true", "false", "none"):
        return _Weight.NOTHING
    is_text = node.type == "string" and "interpolation" not in types
    return _Weight.NOTHING if is_text else _Weight.ITSELF


def _defaults(
    rule: CallReplacement, given: Mapping[str, int], old: Function | None, new: Function | None
) -> Problem | None:
    """Whether the functions differ in what nobody gives, or in whether they are awaited."""
    if old is None or new is None:
        return None
    if old.asynchronous != new.asynchronous:
        return "does-not-fit", "only one of the two functions is to be awaited"
    before = {parameter.name: parameter.default for parameter in old.parameters}
    after = {parameter.name: parameter.default for parameter in new.parameters}
    names = [parameter.name for parameter in new.parameters]
    for at, each in enumerate(rule.given):
        if each.parameter is None or each.parameter in given:
            continue
        name = each.keyword or (names[at] if at < len(names) else "")
        was, is_now = before.get(each.parameter), after.get(name)
        if was != is_now and is_now is not None:
            return "default-differs", f"{name} is {is_now} where nothing is given, and was {was}"
    return None


def _fit(values: Sequence[plans.Value], call: Node, new: Function | None) -> Problem | None:
    """Whether the new function takes the call."""
    if new is None:
        return None
    written = [Argument(value.keyword, "", "", call) for value in values]
    bound = bind(new, written, skip_first=False)
    if bound.unknown or bound.surplus:
        return "does-not-fit", "the new function does not take all that it would be given"
    if bound.missing:
        return "does-not-fit", f"the new function needs {', '.join(bound.missing)}, too"
    return None


def _in_text(call: Node, values: Sequence[plans.Value]) -> Problem | None:
    """Whether an f-string around a call shows its source, or cannot have the new one's quotes.

    Before Python 3.12, its quotes and backslashes must not be in an expression (PEP 701).
    """
    constants = "".join(value.constant or "" for value in values)
    for around in ancestors(call):
        if around.type == "interpolation" and any(each.type == "=" for each in around.children):
            return "in-text", "an f-string around it shows how it is written"
        if around.type == "string" and (
            set(text_of(around.children[0])[-1] + "\\") & set(constants)
        ):
            return "in-text", "an f-string around it has the quotes of what it would be given"
    return None


def _written(value: plans.Value, arguments: Sequence[Argument]) -> str:
    source = value.constant if value.argument is None else arguments[value.argument].source
    return f"{value.keyword}={source}" if value.keyword else source or ""
