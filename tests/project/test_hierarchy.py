"""The order in which Python searches classes, against Python itself."""

from __future__ import annotations

import itertools
import random

import pytest
from inference import project_of

from migrate.project import Project


def order_of(project: Project, name: str) -> list[str]:
    ref = project.find_class(name)
    assert ref is not None
    return [cls.name for cls in project.lineage(ref).order]


def complete(project: Project, name: str) -> bool:
    ref = project.find_class(name)
    assert ref is not None
    return project.lineage(ref).complete


@pytest.mark.parametrize("seed", range(40))
def test_the_order_is_that_of_python(seed: int) -> None:
    chance = random.Random(seed)
    lines: list[str] = []
    namespace: dict[str, type] = {}
    for at in range(8):
        bases = chance.sample([f"C{n}" for n in range(at)], min(at, chance.randrange(4)))
        line = f"class C{at}({', '.join(bases)}): pass"
        try:
            exec(line, namespace)
        except TypeError:  # no consistent order: as if the class had no base
            line = f"class C{at}: pass"
            exec(line, namespace)
        lines.append(line)
    project = project_of({"m.py": "\n".join(lines)})
    for at in range(8):
        expected = [cls.__name__ for cls in namespace[f"C{at}"].__mro__[:-1]]
        assert order_of(project, f"m.C{at}") == expected
        assert complete(project, f"m.C{at}")


def test_bases_without_a_consistent_order_count_for_nothing() -> None:
    source = "class A: ...\nclass B(A): ...\nclass C(A, B): ...\nclass D(C): ...\n"
    project = project_of({"m.py": source})
    assert order_of(project, "m.C") == ["C"]
    assert not complete(project, "m.C")
    assert not complete(project, "m.D")


def test_classes_that_inherit_from_each_other_end() -> None:
    project = project_of({"m.py": "class A(B): ...\nclass B(A): ...\nclass C(C): ...\n"})
    for name in ("m.A", "m.B", "m.C"):
        assert not complete(project, name)


def test_a_circle_gives_the_same_answer_whoever_asks_first() -> None:
    source = "class A(B): ...\nclass B(C, X): ...\nclass C(A): ...\nclass X: ...\n"
    answers = set()
    for names in itertools.permutations(["m.A", "m.B", "m.C"]):
        project = project_of({"m.py": source})
        answers.add(tuple(sorted((name, complete(project, name)) for name in names)))
    assert answers == {(("m.A", False), ("m.B", False), ("m.C", False))}


@pytest.mark.parametrize("base", ["object", "ABC", "Generic[T]", "Protocol", "metaclass=ABCMeta"])
def test_bases_that_add_nothing_leave_a_class_complete(base: str) -> None:
    imports = "from abc import ABC, ABCMeta\nfrom typing import Generic, Protocol\n"
    assert complete(project_of({"m.py": f"{imports}class A({base}): ...\n"}), "m.A")


@pytest.mark.parametrize(
    "base", ["Missing", "make()", "*bases", "lib.Thing", "dict", "A if x else B"]
)
def test_a_base_that_cannot_be_read_leaves_a_class_incomplete(base: str) -> None:
    source = f"import lib\nclass A: ...\nclass B: ...\nclass C({base}): ...\n"
    assert not complete(project_of({"m.py": source}), "m.C")


def test_a_known_base_stays_one_beside_an_unknown_one() -> None:
    project = project_of({"m.py": "class A: ...\nclass B(make(), A): ...\nclass C(B): ...\n"})
    assert order_of(project, "m.C") == ["C", "B", "A"]


@pytest.mark.parametrize(
    ("bases", "certain"),
    [("A", True), ("A, make()", True), ("make(), A", False), ("lib.Mixin, A", False)],
)
def test_only_an_unknown_base_in_front_can_take_the_place_of_a_member(
    bases: str, certain: bool
) -> None:
    project = project_of({"m.py": f"import lib\nclass A: ...\nclass C({bases}): ...\n"})
    cls, owner = project.find_class("m.C"), project.find_class("m.A")
    assert cls is not None
    assert owner is not None
    assert project.hierarchy.is_certain(cls, owner) is certain


def test_the_nearest_definition_of_a_method_counts_and_its_last_one() -> None:
    source = """
        class A:
            def f(self, a): ...
            def g(self, a): ...
        class B(A):
            def f(self): ...
            def f(self, x, y): ...
            g = None
    """
    project = project_of({"m.py": source})
    ref = project.find_class("m.B")
    assert ref is not None
    method = project.method(ref, "f")
    assert method is not None
    assert [parameter.name for parameter in method.parameters] == ["self", "x", "y"]
    assert project.method(ref, "g") is None
    assert project.method(ref, "missing") is None


def test_a_function_in_a_condition_of_a_class_body_is_a_method() -> None:
    source = "class A:\n    if x:\n        def f(self): ...\n    else:\n        def g(self): ...\n"
    project = project_of({"m.py": source})
    ref = project.find_class("m.A")
    assert ref is not None
    assert project.method(ref, "f") is not None
    assert project.method(ref, "g") is not None


def test_a_class_that_is_defined_twice_has_no_one_definition() -> None:
    source = "if x:\n    class A: ...\nelse:\n    class A: ...\n"
    assert project_of({"m.py": source}).find_class("m.A") is None


def test_a_class_is_found_through_re_exports_but_nothing_else_is_one() -> None:
    files = {"p/__init__.py": "from .m import A as Z\n", "p/m.py": "class A: ...\nx = A()\n"}
    project = project_of(files)
    assert project.find_class("p.Z") == project.find_class("p.m.A") is not None
    assert project.find_class("p.m.x") is None
    assert project.find_class("p.m.B") is None
    assert project.find_class("nowhere.A") is None
