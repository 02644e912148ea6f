"""What functions of the standard library give that run others, or hand on what they are given."""

from __future__ import annotations

import pytest
from inference import UNKNOWN, inferred, project_of, seen

PRELUDE = """
import asyncio
class A: ...
class B: ...
def make() -> A: ...
async def later() -> A: ...
async def other() -> B: ...
def many() -> list[A]: ...
def coroutines() -> list[Coroutine]: ...
def mapping() -> dict[str, A]: ...
"""

AWAITED = {
    "asyncio.create_task(later())": {"A"},
    "asyncio.ensure_future(later())": {"A"},
    "asyncio.shield(later())": {"A"},
    "asyncio.wait_for(later(), 5)": {"A"},
    "asyncio.wait_for(timeout=5, fut=later())": {UNKNOWN},
    "asyncio.to_thread(make)": {"A"},
    "asyncio.to_thread(A, 1)": {"A"},
    "asyncio.to_thread(unheard_of)": {UNKNOWN},
    "asyncio.to_thread()": {UNKNOWN},
    "asyncio.sleep(1, A())": {UNKNOWN},
}

CALLS = {
    "asyncio.run(later())": {"A"},
    "asyncio.run(make())": {UNKNOWN},
    "asyncio.create_task(later()).result()": {"A", UNKNOWN},
    "asyncio.create_task(later()).exception()": {UNKNOWN},
    "sorted(many())[0]": {"A", UNKNOWN},
    "list(many())[0]": {"A", UNKNOWN},
    "tuple(many())[0]": {"A", UNKNOWN},
    "list(*many())[0]": {UNKNOWN},
    "next(iter(many()))": {"A"},
    "next(iter(many()), None)": {"A", "builtins.None"},
    "next(iter(many()), B())": {"A", "B"},
    "next(reversed(many()))": {"A"},
    "next(map(make, x))": {"A"},
    "next(filter(None, many()))": {"A"},
    "max(many(), key=str)": {"A"},
    "min(A(), B())": {UNKNOWN},
    "min(*many())": {UNKNOWN},
    "dict(mapping())['a']": {"A", UNKNOWN},
    "dict(mapping(), b=B())['a']": {"A", "B", UNKNOWN},
    "executor.submit(make).result()": {UNKNOWN},
}

GATHERED = {
    "await asyncio.gather(later(), other())": ({"A"}, {"B"}),
    "await asyncio.gather(later(), other(), return_exceptions=True)": (
        {"A", UNKNOWN},
        {"B", UNKNOWN},
    ),
    "await asyncio.gather(later(), *[other()])": ({"A", "B"}, {"A", "B"}),
}

# Methods of which nobody knows whose they are.
METHODS = {
    "executor.submit(make).result()": {"A", UNKNOWN},
    "loop.run_until_complete(later())": {"A"},
    "next(pool.map(make, x))": {"A"},
    "executor.shutdown(make)": {UNKNOWN},
}


@pytest.mark.parametrize(("call", "expected"), AWAITED.items(), ids=list(AWAITED))
def test_awaiting_what_runs_something_else_gives(call: str, expected: set[str]) -> None:
    assert inferred(project_of({"m.py": PRELUDE}), f"await {call}") == expected


@pytest.mark.parametrize(("call", "expected"), CALLS.items(), ids=list(CALLS))
def test_a_call_gives(call: str, expected: set[str]) -> None:
    assert inferred(project_of({"m.py": PRELUDE}), call) == expected


@pytest.mark.parametrize(("call", "expected"), GATHERED.items(), ids=list(GATHERED))
def test_what_is_gathered_comes_in_the_same_order(
    call: str, expected: tuple[set[str], set[str]]
) -> None:
    program = f"{PRELUDE}async def f():\n    one, two = {call}\n    seen({{}})\n"
    found = [seen(program.format(name)) for name in ("one", "two")]
    assert tuple(found) == expected


@pytest.mark.parametrize(("call", "expected"), METHODS.items(), ids=list(METHODS))
def test_a_method_of_something_unknown_is_known_by_its_name_where_classes_are_traced(
    call: str, expected: set[str]
) -> None:
    project = project_of({"m.py": PRELUDE})
    traced = project.find_class("m.A")
    assert traced is not None
    assert inferred(project.traced(frozenset({traced})), call) == expected
