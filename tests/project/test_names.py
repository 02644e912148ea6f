"""Names lead through imports, scopes and conditions to everything that they can mean."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from inference import UNKNOWN, inferred, names, project_of, seen, seen_in

from migrate.project import Env

A = "class A: ...\n"
B = "class B: ...\n"


IMPORTS = {
    "absolute": ("from lib.a import A\nseen(A())", {"A"}),
    "under another name": ("from lib.a import A as Z\nseen(Z())", {"A"}),
    "several in parentheses": ("from lib.a import (X as Y, A,)\nseen(A())", {"A"}),
    "module": ("import lib.a\nseen(lib.a.A())", {"A"}),
    "module under another name": ("import lib.a as m\nseen(m.A())", {"A"}),
    "module of a package": ("from lib import a\nseen(a.A())", {"A"}),
    "deep module": ("import lib.deep.er.b\nseen(lib.deep.er.b.B())", {"B"}),
    "re-exported": ("from lib import A\nseen(A())", {"A"}),
    "re-exported twice under another name": ("from lib.again import Twice\nseen(Twice())", {"A"}),
    "by a star": ("from lib.a import *\nseen(A())", {"A"}),
    "by a star of a star": ("from lib.stars import *\nseen(A())", {"A"}),
    "private by a star": ("from lib.a import *\nseen(_Private())", {UNKNOWN}),
    "private by a star with __all__": ("from lib.listed import *\nseen(_Listed())", {"_Listed"}),
    "in a function": ("def f():\n    from lib.a import A\n    seen(A())", {"A"}),
    "for type checking": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib.a import A\n"
        "def f(x: 'A'): seen(x)",
        {"A"},
    ),
    "from outside": ("from elsewhere import E\ndef f(x: E): seen(x)", {"elsewhere.E"}),
    "a name that the module has not": ("from lib.a import Missing\nseen(Missing())", {UNKNOWN}),
    "of a name that a function may rebind": ("from lib.rebound import X\nseen(X())", {UNKNOWN}),
}
LIBRARY = {
    "lib/__init__.py": "from .a import A\n",
    "lib/a.py": A + "class _Private: ...\n",
    "lib/again.py": "from lib import A as Once\nTwice = Once\n",
    "lib/stars.py": "from .a import *\n",
    "lib/listed.py": "__all__ = ['_Listed']\nclass _Listed: ...\n",
    "lib/rebound.py": "class X: ...\ndef f():\n    global X\n    X = 1\n",
    "lib/deep/er/b.py": B,
}


@pytest.mark.parametrize(("program", "expected"), IMPORTS.values(), ids=list(IMPORTS))
def test_an_import_leads_to_what_it_brings_in(program: str, expected: set[str]) -> None:
    assert seen(program, LIBRARY) == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("from .a import A", {"A"}),
        ("from . import a; A = a.A", {"A"}),
        ("from .. import a; A = a.A", {"B"}),
        ("from ..a import B as A", {"B"}),
        ("from ...a import A", {"...a.A"}),
    ],
)
def test_dots_count_folders_and_lead_nowhere_outside(statement: str, expected: set[str]) -> None:
    files = {"p/a.py": "class B: ...\nA = B\n", "p/q/a.py": A}
    importer = f"{statement}\ndef f(x: A): seen(x)\n"
    assert seen_in(project_of({**files, "p/q/m.py": importer}), "p/q/m.py") == expected


ALTERNATIVES = {
    "a fallback": "try:\n    from lib import A as X\nexcept ImportError:\n    X = B\n",
    "a condition": "if cond:\n    X = A\nelse:\n    X = B\n",
    "a conditional class": "class X(A): ...\nif cond:\n    class X(B): ...\n",
    "a loop": "for X in (A, B): pass\n",
    "a rebound import": "from lib import A as X\nfrom other import B as X\n",
    "a star after a definition": "X = A\nfrom stars import *\n",
    "a definition after a star, under a condition": "from stars import *\nif cond: X = A\n",
    "two stars": "from more import *\nfrom stars import *\n",
    "a match": "match cond:\n    case 1: X = A\n    case _: X = B\n",
    "a with": "with cond:\n    X = A\nX = B\n",
    "an else of a while": "while cond:\n    X = A\nelse:\n    X = B\n",
    "a finally": "try:\n    X = A\nfinally:\n    X = B\n",
}
OTHERS = {
    "lib.py": A,
    "other.py": B,
    "stars.py": "from other import B as X\n",
    "more.py": "from lib import A as X\n",
}


@pytest.mark.parametrize("statements", ALTERNATIVES.values(), ids=list(ALTERNATIVES))
def test_every_alternative_is_reported(statements: str) -> None:
    head = "from lib import A\nfrom other import B\n"
    found = project_of({**OTHERS, "m.py": head + statements}).infer("X()", Env("m.py"))
    assert len(found) == 2
    assert names(found) <= {"A", "B", "X"}


UNKNOWNS = {
    "an unresolved star after the definition": "X = A()\nfrom elsewhere import *\n",
    "an unresolved star and nothing else": "from elsewhere import *\n",
    "an unpacking of patterns in a call": "(X, y), z = elsewhere(), 2\n",
    "an unpacking of a call": "X, y = elsewhere()\n",
    "an augmented assignment": "X = A()\nX += 1\n",
    "a deletion": "X = A()\ndel X\n",
    "an exception": "X = A()\ntry: pass\nexcept E as X: pass\n",
    "a pattern": "X = A()\nmatch y:\n    case {'k': X}: pass\n",
    "a captured rest of keys": "X = A()\nmatch y:\n    case {1: z, **X}: pass\n",
    "a positional argument of a class": "X = A()\nmatch y:\n    case E(X): pass\n",
    "a global statement": "X = A()\ndef f():\n    if y: global X; X = 1\n",
    "a star and keywords": "def f(*X, **Y): pass\n",
    "nothing": "",
}


@pytest.mark.parametrize("statements", UNKNOWNS.values(), ids=list(UNKNOWNS))
def test_what_the_source_does_not_say_is_unknown(statements: str) -> None:
    assert UNKNOWN in inferred(project_of({"m.py": A + statements}), "X")


SCOPES: Mapping[str, tuple[str, set[str]]] = {
    "a parameter hides a name": ("x = A()\ndef f(x: B): seen(x)", {"B"}),
    "a later assignment hides it, too": ("x = A()\ndef f():\n    seen(x)\n    x = B()", {"B"}),
    "a class body is not around its methods": (
        "x = A()\nclass C:\n    x = B()\n    def f(self): seen(x)",
        {"A"},
    ),
    "a class body is around its annotations": (
        "class C:\n    X = B\n    def f(self, x: X): seen(x)",
        {"B"},
    ),
    "a function is around its inner ones": (
        "x = A()\ndef f():\n    x = B()\n    def g(): seen(x)",
        {"B"},
    ),
    "defaults are evaluated outside": (
        "x = A()\ndef f(x=B(), y=seen(x)): pass",
        {"A"},
    ),
    "a comprehension has names of its own": (
        "def f(x: A, y: list[B]): return [seen(x) for x in y]",
        {"B"},
    ),
    "its first iterable is evaluated outside": (
        "def f(x: list[A]): return [seen(x) for x in x]",
        {"A"},
    ),
    "a walrus binds outside the comprehension": (
        "def f(y: list[A]):\n    [z := 1 for x in y]\n    seen(z)",
        {UNKNOWN},
    ),
    "a walrus binds where it stands": ("def f():\n    if x := A(): seen(x)", {"A"}),
    "a lambda has parameters of its own": ("x = A()\nf = lambda x: seen(x)", {UNKNOWN}),
    "nonlocal rebinds the outer name": (
        "def f():\n    x = A()\n    def g():\n        nonlocal x\n        x = 1\n    seen(x)",
        {UNKNOWN},
    ),
    "a nested class has its own self": (
        "class C:\n    class D:\n        def f(self): seen(self)",
        {"D"},
    ),
}


@pytest.mark.parametrize(("program", "expected"), SCOPES.values(), ids=list(SCOPES))
def test_a_name_means_what_its_scope_says(program: str, expected: set[str]) -> None:
    assert seen(A + B + program) == expected


PARAMETERS = {
    "the instance": ("def f(self): seen(self)", {"C"}),
    "the instance under any name": ("def f(this, other): seen(this)", {"C"}),
    "the class": ("@classmethod\n    def f(cls): seen(cls)", {"class C"}),
    "the class of __new__": ("def __new__(cls): seen(cls)", {"class C"}),
    "nothing in a static method": ("@staticmethod\n    def f(x): seen(x)", {UNKNOWN}),
    "nothing below an unknown decorator": ("@odd\n    def f(x): seen(x)", {UNKNOWN}),
    "self below an unknown decorator": ("@odd\n    def f(self): seen(self)", {"C"}),
    "nothing in a method that is wrapped below": (
        "def f(x): seen(x)\n    f = staticmethod(f)",
        {UNKNOWN},
    ),
    "the annotation of the overridden method": ("def act(self, it): seen(it)", {"A"}),
    "its own annotation before that": ("def act(self, it: B): seen(it)", {"B"}),
    "nothing without any annotation": ("def act(self, other): seen(other)", {UNKNOWN}),
}


@pytest.mark.parametrize(("method", "expected"), PARAMETERS.values(), ids=list(PARAMETERS))
def test_a_parameter_of_a_method_is(method: str, expected: set[str]) -> None:
    base = "class Base:\n    def act(self, it: A): ...\nclass Middle(Base): ...\n"
    assert seen(f"{A}{B}{base}class C(Middle):\n    {method}\n") == expected


def test_a_parameter_that_is_assigned_to_can_be_both() -> None:
    assert seen(A + B + "def f(x: A):\n    if x: x = B()\n    seen(x)") == {"A", "B"}


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("from a import X\n", {UNKNOWN}),
        ("from a import *\n", {UNKNOWN}),
    ],
)
def test_re_exports_that_go_in_a_circle_end(program: str, expected: set[str]) -> None:
    files = {"a.py": "from b import *\nfrom b import X\n", "b.py": "from a import *\n"}
    assert inferred(project_of({**files, "m.py": program}), "X") == expected


def test_a_circle_of_re_exports_loses_no_alternative() -> None:
    files = {
        "a.py": "from b import X\nif c: from lib import A as X\n",
        "b.py": "from a import X\nif c: from other import B as X\n",
        "m.py": "from a import X\n",
    }
    for first in ("a.py", "b.py", "m.py"):
        project = project_of({**OTHERS, **files})
        inferred(project, "X", first)
        for path in ("a.py", "b.py", "m.py"):
            assert inferred(project, "X()", path) == {"A", "B"}


def test_names_are_compared_as_python_normalises_them() -> None:
    assert "A" in names(project_of({"m.py": A + "\ufb01 = A()\n"}).infer("fi", Env("m.py")))
