"""What annotations allow."""

from __future__ import annotations

import pytest
from inference import UNKNOWN, inferred, project_of, seen

PRELUDE = """
import asyncio
import typing
import typing as t
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Awaitable, Dict, Final, Generic, List, Literal, NewType
from typing import Optional, Self, Tuple, Type, TypeAlias, TypeVar, Union
from elsewhere import Dict as OtherDict, Task
T = TypeVar("T")
class A: ...
class B: ...
class Box(Generic[T]): ...
class Mine:
    def copy(self): ...
Id = NewType("Id", str)
Alias = Union[A, "B"]
Explicit: TypeAlias = A
Tree = Union[A, "list[Tree]"]
def callback(): ...
"""

NONE = "builtins.None"
ANNOTATIONS = {
    "A": {"A"},
    "'A'": {"A"},
    '"""A"""': {"A"},
    "Optional[A]": {"A", NONE},
    "Optional['A']": {"A", NONE},
    "'Optional[A]'": {"A", NONE},
    "typing.Optional[A]": {"A", NONE},
    "t.Union[A, B, None]": {"A", "B", NONE},
    "A | B": {"A", "B"},
    "A | None": {"A", NONE},
    "None | 'A'": {"A", NONE},
    "'A | B' ": {"A", "B"},
    "Union['A', Optional['B']]": {"A", "B", NONE},
    "Annotated[A, 'note', B]": {"A"},
    "Annotated[Optional['A'], 1]": {"A", NONE},
    "Final[A]": {"A"},
    "Alias": {"A", "B"},
    "Optional[Alias]": {"A", "B", NONE},
    "Tree": {UNKNOWN},
    "Box[A]": {"Box"},
    "list[A]": {"builtins.list"},
    "Type[A]": {"class A"},
    "type[A]": {"class A"},
    "type[A] | B": {"class A", "B"},
    "type": {"builtins.type"},
    "Awaitable[A]": {"awaitable A"},
    "asyncio.Task[A]": {"awaitable A"},
    "Task[A]": {"elsewhere.Task"},
    "elsewhere.Thing": {UNKNOWN},
    "Any": {UNKNOWN},
    "any": {UNKNOWN},
    "callable": {UNKNOWN},
    "object": {UNKNOWN},
    "T": {UNKNOWN},
    "Optional[T]": {UNKNOWN, NONE},
    "Optional": {UNKNOWN, NONE},
    "Union": {UNKNOWN},
    "Id": {UNKNOWN},
    "Self": {UNKNOWN},
    "list[Self]": {"builtins.list"},
    "Explicit": {UNKNOWN},
    "callback": {UNKNOWN},
    "1": {UNKNOWN},
    "missing": {UNKNOWN},
    "A if x else B": {"A", "B"},
    "'not python ('": {UNKNOWN},
    "A()": {UNKNOWN},
}


@pytest.mark.parametrize(("annotation", "expected"), ANNOTATIONS.items(), ids=list(ANNOTATIONS))
def test_an_annotation_allows(annotation: str, expected: set[str]) -> None:
    assert seen(f"{PRELUDE}def f(x: {annotation}): seen(x)\n") == expected


ELEMENTS = {
    ("list[A]", "x[0]"): {"A"},
    ("list[A]", "x[0:1]"): {"builtins.list"},
    ("list[A]", "x[0:1][0]"): {"A"},
    ("Tuple[A, B]", "x[0]"): {"A", "B"},
    ("tuple[A, ...]", "x[0]"): {"A"},
    ("tuple[A, B]", "x[:1]"): {UNKNOWN},
    ("tuple[()]", "x[0]"): {UNKNOWN},
    ("dict[str, A]", "x['k']"): {"A"},
    ("Dict[str, Optional[A]]", "x['k']"): {"A", NONE},
    ("Mapping[str, A]", "x.get('k')"): {"A", NONE},
    ("dict[str, A]", "x.get('k', B())"): {"A", "B"},
    ("dict[str, A]", "x.get(*y)"): {"A", UNKNOWN},
    ("dict[str, A]", "x.copy()['k']"): {"A"},
    ("dict[str, A]", "x.pop('k')"): {UNKNOWN},
    ("dict", "x['k']"): {UNKNOWN},
    ("OtherDict[str, A]", "x['k']"): {UNKNOWN},
    ("Mine", "x.copy()"): {UNKNOWN},
    ("Optional[dict[str, A]]", "x['k']"): {"A", UNKNOWN},
    ("dict[str, list[A]]", "x['k'][0]"): {"A"},
    ("List['A']", "x[0]"): {"A"},
    ("str", "x[0]"): {UNKNOWN},
    ("Literal[A]", "x[0]"): {UNKNOWN},
}


@pytest.mark.parametrize(
    ("given", "expected"), ELEMENTS.items(), ids=[f"{a}: {e}" for a, e in ELEMENTS]
)
def test_an_element_is(given: tuple[str, str], expected: set[str]) -> None:
    annotation, expression = given
    assert seen(f"{PRELUDE}def f(x: {annotation}, y): seen({expression})\n") == expected


LOOPS = {
    "list[A]": {"A"},
    "Iterable[A]": {"A"},
    "dict[A, B]": {"A"},
    "Tuple[A, B]": {"A", "B"},
    "Iterator[Optional[A]]": {"A", NONE},
    "list[A] | tuple[B, ...]": {"A", "B"},
    "A": {UNKNOWN},
    "list": {UNKNOWN},
}


@pytest.mark.parametrize(("annotation", "expected"), LOOPS.items(), ids=list(LOOPS))
def test_a_loop_over_an_annotated_collection_gives(annotation: str, expected: set[str]) -> None:
    assert seen(f"{PRELUDE}def f(x: {annotation}):\n    for y in x: seen(y)\n") == expected


def test_a_loop_over_the_values_of_a_dictionary_gives_them() -> None:
    program = f"{PRELUDE}def f(x: dict[str, A]):\n    for y in x.values(): seen(y)\n"
    assert seen(program) == {"A"}


def test_an_asynchronous_loop_gives_what_the_iterator_does() -> None:
    program = "class A: ...\nfrom typing import AsyncIterator\nasync def f(x: AsyncIterator[A]):\n"
    assert seen(program + "    async for y in x: seen(y)\n") == {"A"}


def test_type_parameters_stand_for_anything_even_if_a_class_is_called_so() -> None:
    program = "class T: ...\nclass C[T]:\n    def f[U](self, x: T, y: U): seen(x)\n"
    assert seen(program) == {UNKNOWN}


def test_a_type_statement_is_an_alias() -> None:
    project = project_of({"m.py": "class A: ...\ntype X = A | None\ndef f() -> X: ...\n"})
    assert inferred(project, "f()") == {"A", NONE}
