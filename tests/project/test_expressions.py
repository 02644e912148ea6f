"""Types of expressions, and that every question about them ends."""

from __future__ import annotations

import itertools

import pytest
from inference import UNKNOWN, inferred, project_of, seen

PRELUDE = """
class A: ...
class B: ...
class Box:
    def __class_getitem__(cls, key): ...
def f() -> A: ...
"""

EXPRESSIONS = {
    "A": {"class A"},
    "f": {"function"},
    "None": {"builtins.None"},
    "1": {"builtins.int"},
    "'x' 'y'": {"builtins.str"},
    "f'{x}'": {"builtins.str"},
    "b''": {"builtins.bytes"},
    "...": {"builtins.ellipsis"},
    "A() or B()": {"A", "B"},
    "None or B()": {"B"},
    "A() and B()": {"A", "B"},
    "A() if x else B()": {"A", "B"},
    "(x := A())": {"A"},
    "(A())": {"A"},
    "[A()]": {"builtins.list"},
    "[A()][0]": {"A", UNKNOWN},
    "{'x': A()}['x']": {"A", UNKNOWN},
    "{**x}['x']": {UNKNOWN},
    "[A() for x in y][0]": {"A", UNKNOWN},
    "{x: A() for x in y}['x']": {"A", UNKNOWN},
    "[b for b in y][0]": {UNKNOWN},
    "(A(), B())": {"builtins.tuple"},
    "(A(), B())[0]": {"A", "B"},
    "(A(), *x)[0]": {"A", UNKNOWN},
    "{A()}": {"builtins.set"},
    "[x for x in y]": {"builtins.list"},
    "{x: x for x in y}": {"builtins.dict"},
    "(x for x in y)": {"builtins.iterator"},
    "Box[A]": {UNKNOWN},
    "A + B": {UNKNOWN},
    "A() | B()": {UNKNOWN},
    "not A()": {UNKNOWN},
    "A() == B()": {UNKNOWN},
    "lambda: A()": {UNKNOWN},
    "A().x": {UNKNOWN},
    "no such": {UNKNOWN},
    "x\0": {UNKNOWN},
    "class": {UNKNOWN},
}


@pytest.mark.parametrize(("source", "expected"), EXPRESSIONS.items(), ids=list(EXPRESSIONS))
def test_an_expression_is(source: str, expected: set[str]) -> None:
    assert inferred(project_of({"m.py": PRELUDE}), source) == expected


LOOPS = {
    "for x in (A(), B()): seen(x)": {"A", "B"},
    "for x in [A()]: seen(x)": {"A"},
    "for x in [A(), *y]: seen(x)": {"A", UNKNOWN},
    "for x, y in [A()]: seen(x)": {UNKNOWN},
    "for x, y in [(A(), B())]: seen(y)": {"B"},
    "for (x, y), z in [((A(), B()), 1)]: seen(y)": {"B"},
    "for (x, y), z in [((A(), B()), 1)]: seen(x)": {"A"},
    "for (x, y), z in [(unheard_of(), 1)]: seen(x)": {UNKNOWN},
    "for x, *y in [(A(), B())]: seen(x)": {"A", "B"},
    "for *y, x in [(A(), B())]: seen(x)": {"A", "B"},
    "for x, *y in [(A(), B())]: seen(y)": {"builtins.list"},
    "for x, *y in [(A(), B())]: seen(y[0])": {"A", "B", UNKNOWN},
    "for x, (*y, z) in [(1, (A(), B()))]: seen(y[0])": {"A", "B", UNKNOWN},
    "for x, y in enumerate([A()]): seen(y)": {"A"},
    "for x, y in zip([A()], [B()]): seen(y)": {"B"},
    "for x, y in zip(*z): seen(y)": {UNKNOWN},
    "for x, y in {'k': A()}.items(): seen(y)": {"A", UNKNOWN},
    "for x in A(): seen(x)": {UNKNOWN},
    "for x in ((A(),),):\n    for y in x: seen(y)": {"A"},
    "y = [A()]\nfor x in y: seen(x)": {"A", UNKNOWN},
}


@pytest.mark.parametrize(("program", "expected"), LOOPS.items(), ids=list(LOOPS))
def test_a_loop_variable_is(program: str, expected: set[str]) -> None:
    assert seen(PRELUDE + program) == expected


@pytest.mark.parametrize("program", ["x = x or y", "x = x", "x = y\ny = x", "x = x.y", "x = (x,)"])
def test_what_is_only_made_of_itself_is_unknown_or_a_container(program: str) -> None:
    assert inferred(project_of({"m.py": program}), "x") <= {UNKNOWN, "builtins.tuple"}


CYCLE = """
    class A: ...
    class B: ...
    class C: ...
    x = y or A()
    y = z or B()
    z = x or C()
"""


@pytest.mark.parametrize("order", list(itertools.permutations("xyz")))
def test_names_of_a_cycle_have_all_its_alternatives_in_any_order(order: tuple[str, ...]) -> None:
    project = project_of({"m.py": CYCLE})
    for name in order:
        assert inferred(project, name) == {"A", "B", "C"}


@pytest.mark.parametrize("link", ["{}", "{}.next", "({},)", "{}[0]", "f({})"])
@pytest.mark.parametrize("many", [3, 9, 40])
def test_names_that_all_need_each_other_end(many: int, link: str) -> None:
    each = [f"n{at}" for at in range(many)]
    lines = [f"{name} = {' or '.join(link.format(n) for n in each)}" for name in each]
    head = "class A:\n    next: 'A'\ndef f(x) -> A: ...\nn0 = A()\n"
    found = inferred(project_of({"m.py": head + "\n".join(lines)}), "n0")
    assert found & {"A", UNKNOWN}


@pytest.mark.parametrize("length", [10, 1_000])
def test_chains_of_any_length_end(length: int) -> None:
    lines = [f"n{at + 1} = n{at}" for at in range(length)]
    found = inferred(project_of({"m.py": "\n".join(["n0 = 1", *lines])}), f"n{length}")
    assert found == ({"builtins.int"} if length == 10 else {UNKNOWN})


def test_giving_up_on_one_question_takes_nothing_from_another() -> None:
    lines = [f"n{at + 1} = n{at}" for at in range(100)]
    project = project_of({"m.py": "\n".join(["n0 = 1", *lines])})
    assert inferred(project, "n100") == {UNKNOWN}
    assert inferred(project, "n10") == {"builtins.int"}


@pytest.mark.parametrize("depth", [50, 500, 5_000])
def test_expressions_of_any_depth_end(depth: int) -> None:
    sources = ["(" * depth + "1" + ")" * depth, "x" + ".y" * depth, "x" + "[0]" * depth]
    for source in [*sources, " or ".join(["1"] * depth), "-" * depth + "1"]:
        assert inferred(project_of({"m.py": "x = 1\n"}), source) <= {UNKNOWN, "builtins.int"}
