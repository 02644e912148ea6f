"""The model of a class is what Python makes of the class: held against `inspect` on live ones."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from types import ModuleType

import pytest

from migrate.project import Project
from migrate.project.interface import Interface, MemberKind, interface_of
from migrate.source import Memory

HEAD = (
    "from __future__ import annotations\n"
    "import dataclasses\n"
    "from dataclasses import KW_ONLY, InitVar, dataclass, field\n"
    "from functools import cached_property\n"
    "from typing import Any, ClassVar, Optional\n"
)


def interface(source: str, name: str = "C") -> Interface:
    project = Project(Memory({"pkg/mod.py": (HEAD + source).encode(), "pkg/__init__.py": b""}))
    cls = project.find_class(f"pkg.mod.{name}")
    assert cls is not None
    return interface_of(project, cls)


def live_class(source: str, monkeypatch: pytest.MonkeyPatch) -> type:
    """The class itself; `dataclasses` looks its module up by name."""
    module = ModuleType("live")
    monkeypatch.setitem(sys.modules, "live", module)
    exec(HEAD + source, vars(module))
    found: type = vars(module)["C"]
    return found


CONSTRUCTED = {
    "plain fields with and without default": """
@dataclass
class C:
    a: int
    b: str = 'x'
    c: list = field(default_factory=list)
""",
    "fields that are none": """
@dataclass
class C:
    a: int
    shared: ClassVar[int] = 3
    hidden: int = field(init=False, default=1)
    seed: InitVar[int] = 5
    untyped = 4
""",
    "keyword-only fields": """
@dataclass
class C:
    a: int = 1
    _: KW_ONLY
    b: int
    c: int = field(default=2, kw_only=False)
""",
    "a keyword-only dataclass": """
@dataclasses.dataclass(kw_only=True)
class C:
    b: int = 1
    a: int
""",
    "inherited fields, one of them again": """
@dataclass
class Base:
    a: int
    b: int = 1
@dataclass
class Middle(Base):
    c: int = 2
@dataclass
class C(Middle):
    b: int = 9
    d: int = 3
""",
    "an inherited dataclass constructor": """
@dataclass
class Base:
    a: int
class C(Base):
    extra: int = 1
""",
    "a hand-written constructor": """
class C:
    def __init__(self, a, /, b=1, *rest, c, d=None, **more): ...
""",
    "a hand-written constructor on a dataclass": """
@dataclass
class C:
    a: int
    def __init__(self, x): ...
""",
    "an inherited hand-written constructor": """
class Base:
    def __init__(self, x, y=1): ...
class C(Base): ...
""",
    "no constructor": """
class C:
    a = 1
""",
}


@pytest.mark.parametrize("source", CONSTRUCTED.values(), ids=CONSTRUCTED.keys())
def test_is_constructed_as_the_live_class_is(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    live = live_class(source, monkeypatch)
    constructor = interface(source).constructor
    assert constructor is not None
    ours = [(p.name, p.default is not None) for p in constructor.parameters]
    empty = inspect.Parameter.empty
    parameters = inspect.signature(live).parameters.values()
    assert ours == [(p.name, p.default is not empty) for p in parameters]
    kinds = [p.kind.value for p in constructor.parameters]
    described = [p.kind.description.replace(" or ", "-or-") for p in parameters]
    assert kinds == [d.replace("variadic ", "var-") for d in described]


def test_fields_are_those_of_the_live_dataclass(monkeypatch: pytest.MonkeyPatch) -> None:
    source = CONSTRUCTED["inherited fields, one of them again"]
    live = live_class(source, monkeypatch)
    members = interface(source).members.values()
    ours = [member.name for member in members if member.kind is MemberKind.FIELD]
    assert ours == [f.name for f in dataclasses.fields(live)]


@pytest.mark.parametrize(
    "source",
    [
        "@attrs.define\nclass C:\n    a: int\n",
        "class C(Unknown): ...\n",
        "class C:\n    def __new__(cls, a): ...\n",
        "@dataclass(init=False)\nclass C:\n    a: int\n",
    ],
    ids=["unknown-decorator", "unknown-base", "own-new", "no-init"],
)
def test_construction_that_the_source_does_not_tell_is_unknown(source: str) -> None:
    assert interface(source).constructor is None


def test_members_have_their_kinds() -> None:
    source = """
class C:
    attribute = 1
    def method(self): ...
    @classmethod
    def made(cls): ...
    @staticmethod
    def helper(): ...
    @property
    def read(self): return self._read
    @property
    def both(self): return self._both
    @both.setter
    def both(self, value): self._both = value
    @cached_property
    def cached(self): return {}
    class Inner: ...
    def __init__(self): self.assigned: int = 1
"""
    kinds = {name: (m.kind, m.writable) for name, m in interface(source).members.items()}
    assert kinds["attribute"] == (MemberKind.ATTRIBUTE, True)
    assert kinds["method"] == (MemberKind.METHOD, False)
    assert kinds["made"] == (MemberKind.CLASS_METHOD, False)
    assert kinds["helper"] == (MemberKind.STATIC_METHOD, False)
    assert kinds["read"] == (MemberKind.PROPERTY, False)
    assert kinds["both"] == (MemberKind.PROPERTY, True)
    assert kinds["Inner"] == (MemberKind.CLASS, False)
    assert kinds["assigned"] == (MemberKind.ATTRIBUTE, True)


def test_nothing_on_a_frozen_dataclass_can_be_assigned_to() -> None:
    found = interface("@dataclass(frozen=True)\nclass C:\n    a: int\n")
    assert found.frozen
    assert not found.members["a"].writable


@pytest.mark.parametrize(
    ("body", "anew"),
    [
        ("return self._stored", False),
        ("if self.x:\n            return self._a\n        return self._b", False),
        ("return {}", True),
        ("return dict(self._stored)", True),
        ("merged = {}\n        return merged", True),
        ("return self._stored or {}", True),
        ("return self._stored.copy()", True),
        ("yield 1", True),
    ],
)
def test_a_property_that_may_build_its_result_loses_what_is_written_into_it(
    body: str, anew: bool
) -> None:
    found = interface(f"class C:\n    @property\n    def p(self):\n        {body}\n")
    assert found.members["p"].new_each_time is anew


def test_inherited_members_are_members_and_the_nearest_definition_counts() -> None:
    source = """
class Base:
    def kept(self): ...
    def changed(self): ...
class C(Base):
    changed = 1
"""
    members = interface(source).members
    assert members["kept"].owner.name == "Base"
    assert members["changed"].kind is MemberKind.ATTRIBUTE


def test_a_base_from_elsewhere_makes_the_interface_incomplete() -> None:
    assert interface("class C: ...\n").complete
    assert not interface("import other\nclass C(other.Base): ...\n").complete
