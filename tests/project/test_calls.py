"""What calls, `await` and `with` give."""

from __future__ import annotations

import pytest
from inference import UNKNOWN, inferred, project_of, seen

PRELUDE = """
from __future__ import annotations
from collections.abc import AsyncIterator, Awaitable, Coroutine, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache, wraps
from typing import Any, Optional, Self, cast, overload
import copy, dataclasses
class A:
    def me(self) -> Self: ...
    def maybe(self) -> Self | None: ...
    def all(self) -> dict[str, list[Self]]: ...
    @classmethod
    def make(cls) -> Self: ...
    async def later(self) -> Self: ...
    @staticmethod
    def other() -> B: ...
    def __call__(self) -> B: ...
class Sub(A): ...
class B: ...
class New:
    def __new__(cls): ...
class SubNew(New): ...
class Meta(type):
    def __call__(cls, *a): ...
class Made(metaclass=Meta): ...
class Plain(metaclass=type): ...
class Odd(metaclass=unknown): ...
def f() -> A: ...
def nothing(): ...
def plain(x):
    def inner(): return B()
    if x: return A()
    return None
def passed(x): return x
def generator():
    yield 1
    return A()
def endless(): return endless()
async def plain_later(): return A()
class Methods:
    def make(self): return A()
    @property
    def made(self): return A()
    @cache
    def cached(self): return A()
def maybe() -> Optional[A]: ...
async def later() -> A: ...
async def stream() -> AsyncIterator[A]: ...
def pending() -> Awaitable[A]: ...
def coroutine() -> Coroutine[Any, Any, A]: ...
@cache
def decorated() -> A: ...
@overload
def two(x: int) -> A: ...
@overload
def two(x: str) -> B: ...
"""

CALLS = {
    "A()": {"A"},
    "Sub().me()": {"Sub"},
    "Sub().maybe()": {"Sub", "builtins.None"},
    "Sub().all()['x'][0]": {"Sub"},
    "Sub.make()": {"Sub"},
    "Sub().make()": {"Sub"},
    "Sub().later()": {"awaitable Sub"},
    "A.other()": {"B"},
    "A()()": {UNKNOWN},
    "New()": {UNKNOWN},
    "SubNew()": {UNKNOWN},
    "Made()": {UNKNOWN},
    "Plain()": {"Plain"},
    "Odd()": {UNKNOWN},
    "f()": {"A"},
    "f().me().me()": {"A"},
    "nothing()": {UNKNOWN},
    "plain(1)": {"A", "builtins.None"},
    "passed(A())": {UNKNOWN},
    "generator()": {"builtins.iterator"},
    "endless()": {UNKNOWN},
    "plain_later()": {"awaitable A"},
    "Methods().make()": {"A", UNKNOWN},
    "Methods().made": {"A", UNKNOWN},
    "Methods().cached()": {UNKNOWN},
    "maybe()": {"A", "builtins.None"},
    "later()": {"awaitable A"},
    "stream()": {"collections.abc.AsyncIterator"},
    "pending()": {"awaitable A"},
    "coroutine()": {"awaitable A"},
    "decorated()": {UNKNOWN},
    "two(1)": {"A", "B"},
    "(f if x else B)()": {"A", "B"},
    "cast(A, nothing())": {"A"},
    "cast('A | None', nothing())": {"A", "builtins.None"},
    "copy.copy(A())": {"A"},
    "copy.deepcopy(f())": {"A"},
    "dataclasses.replace(A(), x=1)": {"A"},
    "copy.copy(*A())": {UNKNOWN},
    "dict(a=1)": {"builtins.dict"},
    "dict(a=A())['a']": {"A", UNKNOWN},
    "len(x)": {UNKNOWN},
    "unheard_of()": {UNKNOWN},
    "super().me()": {UNKNOWN},
    "type(A())": {"class builtins.type"},
}


@pytest.mark.parametrize(("call", "expected"), CALLS.items(), ids=list(CALLS))
def test_a_call_gives(call: str, expected: set[str]) -> None:
    assert inferred(project_of({"m.py": PRELUDE}), call) == expected


ABOVE = """
class A: ...
class B: ...
class Base:
    def make(self) -> A: ...
class Sub(Base):
    def make(self) -> B: ...
    def plain(self): return seen(super().make())
    def named(self): return seen(super(Sub, self).make())
"""


@pytest.mark.parametrize("last", ["plain", "named"])
def test_super_calls_the_method_above_or_what_a_class_below_puts_between(last: str) -> None:
    lines = [line for line in ABOVE.splitlines() if "seen(" not in line or f"def {last}" in line]
    assert seen("\n".join(lines)) == {"A", UNKNOWN}


def test_super_outside_a_class_gives_nothing_that_is_known() -> None:
    assert seen("def f(self): return seen(super().make())") == {UNKNOWN}


def test_getattr_gives_the_attribute_or_the_default_or_what_else_there_is() -> None:
    program = """
    class A: ...
    class B: ...
    class C:
        def __init__(self) -> None:
            self.a = A()
    seen(getattr(C(), "a", B()))
    """
    assert seen(program) == {"A", "B", UNKNOWN}


def test_generator_gives_what_it_yields_and_a_context_manager_what_it_enters() -> None:
    program = """
    from contextlib import contextmanager
    class A: ...
    def one():
        yield A()
    def all_of_them():
        yield from one()
    @contextmanager
    def scope():
        yield A()
    def f():
        for each in all_of_them():
            with scope() as other:
                seen((each, other)[x])
    """
    assert seen(program) == {"A", UNKNOWN}


AWAITED = {
    "await later()": {"A"},
    "await A().later()": {"A"},
    "await pending()": {"A"},
    "await coroutine()": {"A"},
    "await f()": {UNKNOWN},
    "await nothing()": {UNKNOWN},
}


@pytest.mark.parametrize(("source", "expected"), AWAITED.items(), ids=list(AWAITED))
def test_awaiting_gives(source: str, expected: set[str]) -> None:
    program = f"{PRELUDE}async def g():\n    x = {source}\n    seen(x)\n"
    assert seen(program) == expected


@pytest.mark.parametrize("length", [10, 50, 2_000])
def test_a_chain_of_calls_takes_no_time_that_doubles_with_each(length: int) -> None:
    found = inferred(project_of({"m.py": PRELUDE}), "A()" + ".me()" * length)
    assert found in ({"A"}, {UNKNOWN})
    assert length > 10 or found == {"A"}


@pytest.mark.parametrize("length", [10, 50, 500])
def test_neither_does_a_union_of_many_classes(length: int) -> None:
    program = f"{PRELUDE}def g(x: {' | '.join(['A', 'B'] * length)}): seen(x)\n"
    found = seen(program)
    assert found in ({"A", "B"}, {UNKNOWN})
    assert length > 10 or found == {"A", "B"}


MANAGERS = {
    "a method": ("class M:\n    def __enter__(self) -> A: ...\n", "with M() as x", {"A"}),
    "a method that gives Self": (
        "class M:\n    def __enter__(self) -> Self: ...\n",
        "with M() as x",
        {"M"},
    ),
    "an inherited method": (
        "class P:\n    def __enter__(self) -> Self: ...\nclass M(P): ...\n",
        "with M() as x",
        {"M"},
    ),
    "an asynchronous method": (
        "class M:\n    async def __aenter__(self) -> A: ...\n",
        "async with M() as x",
        {"A"},
    ),
    "a method without annotation": (
        "class M:\n    def __enter__(self): ...\n",
        "with M() as x",
        {UNKNOWN},
    ),
    "no method": ("class M: ...\n", "with M() as x", {UNKNOWN}),
    "a generator": (
        "@contextmanager\ndef m() -> Iterator[A]: ...\n",
        "with m() as x",
        {"A"},
    ),
    "a generator with all its arguments": (
        "@contextmanager\ndef m() -> Generator[A, None, None]: ...\n",
        "with m() as x",
        {"A"},
    ),
    "an asynchronous generator": (
        "@asynccontextmanager\nasync def m() -> AsyncIterator[A]: ...\n",
        "async with m() as x",
        {"A"},
    ),
    "a method that is a generator": (
        "class M:\n    @contextmanager\n    def m(self) -> Iterator[Self]: ...\n",
        "with M().m() as x",
        {"M"},
    ),
    "a plain function": ("def m() -> Iterator[A]: ...\n", "with m() as x", {UNKNOWN}),
    "one of several": (
        "class M:\n    def __enter__(self) -> A: ...\n",
        "with open(y) as z, M() as x",
        {"A"},
    ),
}


@pytest.mark.parametrize(
    ("definition", "header", "expected"), MANAGERS.values(), ids=list(MANAGERS)
)
def test_entering_a_context_manager_gives(definition: str, header: str, expected: set[str]) -> None:
    body = f"async def g():\n    {header}:\n        seen(x)\n"
    assert seen(f"{PRELUDE}{definition}{body}") == expected


def test_functions_whose_annotations_need_each_other_end() -> None:
    program = "def f() -> g: ...\ndef g() -> f(): ...\nx = f()\ny = x or g()\n"
    assert UNKNOWN in inferred(project_of({"m.py": program}), "y")
