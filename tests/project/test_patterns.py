"""What the patterns of a `match` statement bind, and to what of its subject."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest

from migrate import syntax
from migrate.project.patterns import captured
from migrate.text import SourceText

CAPTURES: Mapping[str, dict[str, str | None]] = {
    "case a": {"a": "s"},
    "case _": {},
    "case (a)": {"a": "s"},
    "case (a,)": {"a": "(s)[0]"},
    "case a,": {"a": "(s)[0]"},
    "case a, b": {"a": "(s)[0]", "b": "(s)[1]"},
    "case [a, _, (b, c)]": {"a": "(s)[0]", "b": "((s)[2])[0]", "c": "((s)[2])[1]"},
    "case [a, *b, c, d]": {"a": "(s)[0]", "b": "list((s))", "c": "(s)[-2]", "d": "(s)[-1]"},
    "case *_, a": {"a": "(s)[-1]"},
    "case {'k': a, 1: [b], m.X: c, **d}": {
        "a": "(s)['k']",
        "b": "((s)[1])[0]",
        "c": "(s)[m.X]",
        "d": None,
    },
    "case m.C(a, b=c, d=[e], f=1)": {"a": None, "c": "(s).b", "e": "((s).d)[0]"},
    "case C(a=C() as b, c=[d] | (1 as d)) as e": {
        "b": "(s).a",
        "d": "((s).c)[0]",
        "e": "s",
    },
    "case C(C(a=b) as c)": {"b": None, "c": None},
    "case 1 | -1 | 'x' 'y' | None | m.X | 1+2j": {},
    "case [a] if a": {"a": "(s)[0]"},
    "case [a,  # first\n  # second\n  b]": {"a": "(s)[0]", "b": "(s)[1]"},
    "case [] | () | {} | C()": {},
}


def captures_of(source: str) -> dict[str, str | None]:
    """The captures of the first clause, which have to be those that Python sees."""
    text = SourceText.decode(source.encode())
    (clause,) = syntax.captures("(case_clause) @case", syntax.parse(text).root_node)["case"]
    found: dict[str, str | None] = {}
    for name, value in captured(clause):
        found.setdefault(syntax.text_of(name), value)
    names = {
        getattr(node, "name", None) or getattr(node, "rest", None)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.MatchAs | ast.MatchStar | ast.MatchMapping)
    }
    assert found.keys() == names - {None}
    for value in found.values():
        ast.parse(value or "None", mode="eval")
    return found


@pytest.mark.parametrize("case", CAPTURES)
def test_a_name_takes_a_part_of_the_subject(case: str) -> None:
    source = f"match s:\n  {case}: pass\n"
    assert captures_of(source) == CAPTURES[case]


@pytest.mark.parametrize(
    ("subject", "whole"), [("f(x)", "f(x)"), ("a, b", "a, b,"), ("a,", "a,"), ("(a, b)", "(a, b)")]
)
def test_several_subjects_are_a_tuple(subject: str, whole: str) -> None:
    found = captures_of(f"match {subject}:\n    case [one] | one: pass\n")
    assert found == {"one": f"({whole})[0]"}
    assert captures_of(f"match {subject}:\n    case one: pass\n") == {"one": whole}
