"""Answers that are remembered, and questions that need themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from migrate.project.memo import Answer, Derived, Memo

Set = frozenset[str]
NONE: Set = frozenset()
UNKNOWN: Set = frozenset({"?"})


class Equations:
    """Names that are defined by each other, and how often each definition was computed."""

    def __init__(self, **definitions: Callable[[Callable[[str], Set]], Set]) -> None:
        self.definitions = definitions
        self.memo = Memo(set())
        self.table: dict[str, Answer[Set]] = {}
        self.computed: list[str] = []

    def remembered(self) -> dict[str, Set]:
        return {name: answer.value for name, answer in self.table.items()}

    def solve(self, name: str) -> Set:
        def compute() -> Set:
            self.computed.append(name)
            return self.definitions[name](self.solve)

        return self.memo.once(self.table, name, compute, NONE, UNKNOWN)


def successor(values: Set) -> Set:
    """Every letter's next one, up to d."""
    return frozenset(chr(min(ord(value) + 1, ord("d"))) for value in values)


def test_an_answer_is_computed_once() -> None:
    equations = Equations(x=lambda _: frozenset("a"))
    assert equations.solve("x") == equations.solve("x") == {"a"}
    assert equations.computed == ["x"]


def test_without_a_table_nothing_is_remembered_but_circles_end() -> None:
    memo = Memo(set())
    count = []

    def compute() -> Set:
        count.append(1)
        return memo.once(None, "x", compute, NONE, UNKNOWN) | {"a"}

    assert memo.once(None, "x", compute, NONE, UNKNOWN) == {"a"}
    first = len(count)
    assert memo.once(None, "x", compute, NONE, UNKNOWN) == {"a"}
    assert len(count) == 2 * first


@pytest.mark.parametrize("first", ["x", "y", "z"])
def test_names_of_a_circle_have_all_alternatives_whichever_is_asked_for_first(first: str) -> None:
    equations = Equations(
        x=lambda of: of("y") | {"a"},
        y=lambda of: of("z") | of("x") | {"b"},
        z=lambda of: of("x") | {"c"},
    )
    equations.solve(first)
    for name in "xyz":
        assert equations.solve(name) == {"a", "b", "c"}


@pytest.mark.parametrize("first", ["x", "y"])
def test_what_grows_by_each_round_is_followed_to_its_end(first: str) -> None:
    equations = Equations(
        x=lambda of: successor(of("y")) | {"a"},
        y=lambda of: of("x"),
    )
    equations.solve(first)
    for name in "xy":
        assert equations.solve(name) == {"a", "b", "c", "d"}


def test_what_was_computed_below_an_open_question_is_not_remembered() -> None:
    equations = Equations(x=lambda of: of("y") | {"a"}, y=lambda of: of("x") | {"b"})
    equations.solve("x")
    assert list(equations.table) == ["x"]


def test_what_does_not_depend_on_the_circle_above_is_remembered() -> None:
    equations = Equations(x=lambda of: of("y") | of("x"), y=lambda _: frozenset("b"))
    assert equations.solve("x") == {"b"}
    assert equations.remembered() == {"x": {"b"}, "y": {"b"}}


def test_what_grows_for_ever_is_unknown() -> None:
    memo = Memo(set())
    table: dict[str, Answer[int]] = {}

    def grow() -> int:
        return memo.once(table, "x", grow, 0, -1) + 1

    assert memo.once(table, "x", grow, 0, -1) == -1


def test_an_exception_leaves_no_question_open() -> None:
    def fail(_: object) -> Set:
        raise ZeroDivisionError

    equations = Equations(x=lambda of: of("y"), y=fail)
    with pytest.raises(ZeroDivisionError):
        equations.solve("x")
    assert not equations.memo.is_open(equations.table, "x")
    equations.definitions["y"] = lambda _: frozenset("a")
    assert equations.solve("x") == {"a"}
    assert equations.remembered() == {"x": {"a"}, "y": {"a"}}


def test_a_question_is_open_only_while_it_is_answered() -> None:
    seen: list[bool] = []
    equations = Equations(x=lambda of: of("y"))

    def look(_: object) -> Set:
        seen.append(equations.memo.is_open(equations.table, "x"))
        return NONE

    equations.definitions["y"] = look
    equations.solve("x")
    assert seen == [True]
    assert not equations.memo.is_open(equations.table, "x")


def test_what_is_given_up_on_is_not_remembered_and_the_next_question_starts_afresh() -> None:
    memo = Memo(set())
    table: dict[int, Answer[Set]] = {}

    def chain(at: int) -> Set:
        if memo.gives_up(nested=False):
            return UNKNOWN
        following = (lambda: chain(at + 1)) if at < 100 else (lambda: frozenset("a"))
        return memo.once(table, at, following, NONE, UNKNOWN)

    assert chain(0) == UNKNOWN
    assert table == {}
    assert chain(95) == {"a"}
    assert sorted(table) == [95, 96, 97, 98, 99, 100]


def test_an_answer_names_the_files_that_it_and_what_it_needs_were_found_in() -> None:
    consulted: set[str] = set()
    memo = Memo(consulted)
    table: dict[str, Answer[Set]] = {}

    def ask(name: str, *needs: str) -> Set:
        def compute() -> Set:
            consulted.add(f"{name}.py")
            return frozenset(name).union(*(ask(need) for need in needs))

        return memo.once(table, name, compute, NONE, UNKNOWN)

    ask("a", "b")
    ask("c")
    ask("d", "a", "c")
    assert {name: answer.files for name, answer in table.items()} == {
        "a": {"a.py", "b.py"},
        "b": {"b.py"},
        "c": {"c.py"},
        "d": {"a.py", "b.py", "c.py", "d.py"},
    }


def test_a_derived_table_has_what_still_holds_and_keeps_its_own() -> None:
    base = {"kept": Answer(1, frozenset({"b"})), "gone": Answer(2, frozenset({"a", "b"}))}
    derived = Derived(base, "a")
    assert "kept" in derived
    assert derived["kept"].value == 1
    assert "gone" not in derived
    assert "never" not in derived
    derived["gone"] = Answer(3, frozenset({"a"}))
    assert derived["gone"].value == 3
    assert base["gone"].value == 2
