"""Binding is what Python does when it calls, for every signature and every call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.project.binding import Argument, Bound, arguments_of_call, bind, counterparts
from migrate.project.facts import Function, Parameter, ParameterKind
from migrate.syntax import captures, parse
from migrate.text import SourceText


def arguments(source: str) -> tuple[Argument, ...]:
    tree = parse(SourceText(source.encode()))
    (call,) = captures("(call) @call", tree.root_node)["call"][:1]
    return arguments_of_call(call)


@st.composite
def functions(draw: st.DrawFn) -> Function:
    names = iter(draw(st.permutations("abcdefgh")))
    positional = draw(st.lists(st.booleans(), max_size=4))
    first_default = draw(st.integers(0, len(positional)))
    positional_only = draw(st.integers(0, len(positional)))
    parameters = [
        Parameter(
            next(names),
            ParameterKind.POSITIONAL_ONLY
            if at < positional_only
            else ParameterKind.POSITIONAL_OR_KEYWORD,
            default="0" if at >= first_default else None,
        )
        for at in range(len(positional))
    ]
    if draw(st.booleans()):
        parameters.append(Parameter("args", ParameterKind.VAR_POSITIONAL))
    for has_default in draw(st.lists(st.booleans(), max_size=3)):
        default = "0" if has_default else None
        parameters.append(Parameter(next(names), ParameterKind.KEYWORD_ONLY, default=default))
    if draw(st.booleans()):
        parameters.append(Parameter("kwargs", ParameterKind.VAR_KEYWORD))
    return Function("f", tuple(parameters), None, (), False)


def live(function: Function) -> Callable[..., dict[str, object]]:
    """A real function with this signature, which returns its arguments by parameter."""
    parts: list[str] = []
    kinds = [p.kind for p in function.parameters]
    for at, p in enumerate(function.parameters):
        stars = {ParameterKind.VAR_POSITIONAL: "*", ParameterKind.VAR_KEYWORD: "**"}
        if p.kind is ParameterKind.KEYWORD_ONLY and not {"*", "*args"} & set(parts):
            parts.append("*")
        default = "" if p.default is None else f"={p.default}"
        parts.append(stars.get(p.kind, "") + p.name + default)
        last = kinds[at + 1 : at + 2] != [ParameterKind.POSITIONAL_ONLY]
        if p.kind is ParameterKind.POSITIONAL_ONLY and last:
            parts.append("/")
    namespace: dict[str, object] = {}
    exec(f"def f({', '.join(parts)}): return locals()", namespace)
    made: Callable[..., dict[str, object]] = namespace["f"]  # type: ignore[assignment]
    return made


@settings(max_examples=400, deadline=None, derandomize=True)
@given(functions(), st.integers(0, 6), st.lists(st.sampled_from("abcdefghz"), unique=True))
def test_binds_as_python_does(function: Function, positional: int, keywords: list[str]) -> None:
    values = [f"v{at}" for at in range(positional)]
    by_name = {name: f"k_{name}" for name in keywords}
    source = ", ".join([*values, *(f"{name}={value}" for name, value in by_name.items())])
    bound = bind(function, arguments(f"f({source})\n"), skip_first=False)
    try:
        received = live(function)(*values, **by_name)
    except TypeError:
        assert not bound.fits
        return
    assert bound.fits
    given_names = {n: v for n, v in received.items() if isinstance(v, str)}
    assert {name: a.source for name, a in bound.parameters.items()} == given_names


def _holders(received: Mapping[str, object]) -> Iterator[tuple[object, str]]:
    """The arguments of a call, each with the parameter that got it, or has it inside."""
    for name, value in received.items():
        inside = value.values() if isinstance(value, dict) else value
        values = [value] if isinstance(inside, str | int) else inside
        yield from ((each, name) for each in values)  # type: ignore[attr-defined]


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(functions(), functions(), st.integers(0, 4), st.sets(st.sampled_from("abcdefgh")))
def test_counterparts_get_the_same_argument_of_any_call(
    function: Function, above: Function, positional: int, keywords: set[str]
) -> None:
    values = [f"v{at}" for at in range(positional)]
    by_name = {name: f"k_{name}" for name in sorted(keywords)}
    try:
        ours, theirs = (live(each)(*values, **by_name) for each in (function, above))
    except TypeError:
        return
    holders = dict(_holders(theirs))
    for argument, name in _holders(ours):
        if argument != 0:
            assert holders[argument] in counterparts(function, name, above)


def _function(**kinds: str) -> Function:
    parameters = tuple(Parameter(name, ParameterKind(kind)) for name, kind in kinds.items())
    return Function("f", parameters, None, (), False)


def test_what_no_call_gives_to_both_is_no_counterpart() -> None:
    plain = _function(a="positional-or-keyword", b="positional-or-keyword", c="keyword-only")
    other = _function(x="positional-only", b="keyword-only", c="keyword-only")
    assert counterparts(plain, "a", other) == {"x"}
    assert counterparts(plain, "b", other) == {"b"}
    assert counterparts(plain, "c", other) == {"c"}
    rest = _function(a="positional-only", args="var-positional", kwargs="var-keyword")
    assert counterparts(plain, "a", rest) == {"a", "kwargs"}
    assert counterparts(plain, "b", rest) == {"args", "kwargs"}
    assert counterparts(plain, "c", rest) == {"kwargs"}
    assert counterparts(rest, "args", plain) == {"b"}
    assert counterparts(rest, "a", plain) == {"a"}


def _bind(source: str) -> Bound:
    parameters = tuple(
        Parameter(name, ParameterKind.POSITIONAL_OR_KEYWORD) for name in ("self", "a", "b")
    )
    return bind(Function("m", parameters, None, (), False), arguments(source), skip_first=True)


def test_a_starred_argument_leaves_open_what_is_missing() -> None:
    bound = _bind("x.m(1, *rest)\n")
    assert bound.open
    assert bound.missing == ()
    assert {name: argument.source for name, argument in bound.parameters.items()} == {"a": "1"}


def test_what_follows_a_star_has_no_known_place() -> None:
    assert _bind("x.m(*rest, 1)\n").parameters == {}


def test_a_bare_generator_is_one_positional_argument() -> None:
    bound = _bind("x.m(i for i in y)\n")
    assert bound.parameters["a"].source == "(i for i in y)"
    assert bound.missing == ("b",)


def test_comments_are_no_arguments() -> None:
    assert _bind("x.m(  # first\n    1,\n    2,  # last\n)\n").fits
