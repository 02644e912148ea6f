"""Attributes of objects, classes and modules."""

from __future__ import annotations

import pytest
from inference import UNKNOWN, inferred, project_of, seen

PRELUDE = """
from __future__ import annotations
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Optional
import abc
class A: ...
class B: ...
def make(): ...
"""

ATTRIBUTES = {
    "declared": ("    x: A\n", {"A"}),
    "declared and given a value of another class": ("    x: A = B()\n", {"A"}),
    "a class variable": ("    x: ClassVar[A] = A()\n", {"A"}),
    "a class variable without annotation": ("    x = A()\n", {"A"}),
    "a default that the instance replaces": (
        "    x = None\n    def __init__(self): self.x = A()\n",
        {"A", "builtins.None"},
    ),
    "assigned by several methods": (
        "    def f(self): self.x = A()\n    def g(self):\n        if self: self.x = B()\n",
        {"A", "B"},
    ),
    "assigned from an annotated parameter": ("    def f(self, a: A): self.x = a\n", {"A"}),
    "assigned with an annotation": (
        "    def f(self): self.x: Optional[A] = make()\n",
        {"A", "builtins.None"},
    ),
    "assigned in a chain": ("    def f(self): y = self.x = A()\n", {"A"}),
    "assigned by an inner function": ("    def f(self):\n        def g(): self.x = A()\n", {"A"}),
    "assigned under another name of the instance": ("    def f(me): me.x = A()\n", {"A"}),
    "assigned by a class method": (
        "    x = A()\n    @classmethod\n    def f(cls): cls.x = B()\n",
        {"A", "B"},
    ),
    "assigned to the class by its name": ("    x = A()\n    def f(self): C.x = B()\n", {"A", "B"}),
    "assigned to another object": ("    x = A()\n    def f(self, o: B): o.x = B()\n", {"A"}),
    "assigned by the self of a nested class": (
        "    x = A()\n    class D:\n        def f(self): self.x = B()\n",
        {"A"},
    ),
    "unpacked": ("    def f(self): self.x, y = make()\n", {UNKNOWN}),
    "augmented": ("    x = A()\n    def f(self): self.x += 1\n", {"A", UNKNOWN}),
    "looked at on the left of an operator": (
        "    x = A()\n    def f(self): return self.x and self.x + 1, self.x or self.x < 2\n",
        {"A"},
    ),
    "a loop variable": (
        "    x = A()\n    def f(self):\n        for self.x in y: pass\n",
        {"A", UNKNOWN},
    ),
    "bound by with": (
        "    x = A()\n    def f(self):\n        with y as self.x: pass\n",
        {"A", UNKNOWN},
    ),
    "a property": ("    @property\n    def x(self) -> A: ...\n", {"A"}),
    "a cached property": ("    @cached_property\n    def x(self) -> A: ...\n", {"A"}),
    "a property with a setter": (
        "    @property\n    def x(self) -> A: ...\n    @x.setter\n    def x(self, v): ...\n",
        {"A"},
    ),
    "a property without annotation": ("    @property\n    def x(self): ...\n", {UNKNOWN}),
    "an abstract property": (
        "    @property\n    @abc.abstractmethod\n    def x(self) -> A: ...\n",
        {"A"},
    ),
    "a method": ("    def x(self) -> A: ...\n", {"function"}),
    "a method that an attribute hides": (
        "    def x(self): ...\n    def f(self): self.x = A()\n",
        {"A", "function"},
    ),
    "a method below an unknown decorator": ("    @make\n    def x(self) -> A: ...\n", {UNKNOWN}),
    "a nested class": ("    class x: ...\n", {"class x"}),
    "a class": ("    x = A\n", {"class A"}),
    "an import": ("    from elsewhere import x\n", {"class elsewhere.x"}),
    "bound by unpacking in the body": ("    x, y = A(), B()\n", {"A"}),
    "missing": ("    pass\n", {UNKNOWN}),
    "inherited": ("    pass\n", {UNKNOWN}),
}


@pytest.mark.parametrize(("body", "expected"), ATTRIBUTES.values(), ids=list(ATTRIBUTES))
def test_an_attribute_of_an_object_is(body: str, expected: set[str]) -> None:
    assert seen(f"{PRELUDE}class C:\n{body}\ndef f(c: C): seen(c.x)\n") == expected


INHERITED = {
    "from a base": ("class C(P): ...", {"A"}),
    "from a base of a base": ("class Q(P): ...\nclass C(Q): ...", {"A"}),
    "overridden": ("class C(P):\n    x: B", {"B"}),
    "assigned by a method of the base": (
        "class Q:\n    def f(self): self.x = B()\nclass C(Q): ...",
        {"B"},
    ),
    "from the first of two bases": ("class Q:\n    x: B\nclass C(Q, P): ...", {"B"}),
    "behind an unknown base": ("class C(make(), P): ...", {"A", UNKNOWN}),
    "before an unknown base": ("class C(P, make()): ...", {"A"}),
}


@pytest.mark.parametrize(("program", "expected"), INHERITED.values(), ids=list(INHERITED))
def test_an_inherited_attribute_is(program: str, expected: set[str]) -> None:
    source = f"{PRELUDE}class P:\n    x: A\n{program}\ndef f(c: C): seen(c.x)\n"
    assert seen(source) == expected


def test_fields_of_a_dataclass_are_attributes() -> None:
    source = f"{PRELUDE}@dataclass\nclass C:\n    x: A = field(default_factory=A)\n"
    assert inferred(project_of({"m.py": source}), "C(1).x") == {"A"}


def test_a_property_of_the_class_is_not_its_value() -> None:
    source = f"{PRELUDE}class C:\n    @property\n    def x(self) -> A: ...\n"
    assert inferred(project_of({"m.py": source}), "C.x") == {UNKNOWN}


def test_attributes_of_one_class_do_not_depend_on_who_asks_first() -> None:
    source = """
        class A:
            def __init__(self, b: 'B'): self.x = b.x or A(b)
        class B:
            def __init__(self, a: A): self.x = a.x or B(a)
    """
    for questions in (("A(1).x", "B(1).x"), ("B(1).x", "A(1).x")):
        project = project_of({"m.py": source})
        assert [inferred(project, question) for question in questions] == [{"A", "B"}] * 2


def test_what_follows_itself_through_an_attribute_reaches_every_class() -> None:
    source = """
        class A: next: 'B'
        class B: next: 'C'
        class C: next: 'C'
        class Walker:
            def __init__(self): self.at = A()
            def step(self): self.at = self.at.next
    """
    assert inferred(project_of({"m.py": source}), "Walker().at") == {"A", "B", "C"}


def test_attributes_of_modules_and_of_what_is_outside_are_followed() -> None:
    files = {"m.py": "import lib, os.path\n", "lib.py": "class A: ...\nx = A()\n"}
    project = project_of(files)
    assert inferred(project, "lib.x") == {"A"}
    assert inferred(project, "lib.missing") == {UNKNOWN}
    assert inferred(project, "os.path.join") == {"class os.path.join"}
