"""Where objects come from: which file names their class, which parameter or attribute held them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from inference import names, project_of, type_seen_in

from migrate.project import Project
from migrate.project.types import Awaitable, ClassObject, ClassRef, Given, Instance, Type

LIBRARY = {
    "old.py": """
        class Context:
            def child(self) -> "Context": ...
            @classmethod
            def make(cls) -> "Context": ...
        class Other: ...
        """,
    "whole.py": "import old\ndef make():\n    return old.Context()\n",
    "again.py": "from old import Context\n",
    "maker.py": """
        from old import Context
        def annotated() -> Context: ...
        async def awaited() -> Context: ...
        def inferred():
            return Context()
        def many() -> list[Context]: ...
        def given(context):
            return context
        """,
    "holder.py": """
        from old import Context
        class Base:
            def run(self, context: Context): ...
        class Holder(Base):
            context: Context
            count = 0
            def run(self, context): seen(context)
        """,
}

# A program, the files that name the class of what it sees, and what held it on the way.
SEEN = {
    "made by the class as this file imports it": (
        "from old import Context\nseen(Context())",
        {"m.py"},
        set(),
    ),
    "made by the class under the name of another module": (
        "import again\nseen(again.Context())",
        {"again.py"},
        set(),
    ),
    "made by a class method of it": (
        "from old import Context\nseen(Context.make())",
        {"m.py"},
        set(),
    ),
    "a result made by the class as an attribute of its module": (
        "from whole import make\nseen(make())",
        {"whole.py"},
        set(),
    ),
    "an object's child, of the same class as the object": (
        "from maker import annotated\nseen(annotated().child())",
        {"maker.py"},
        set(),
    ),
    "a result that another file annotates": (
        "from maker import annotated\nseen(annotated())",
        {"maker.py"},
        set(),
    ),
    "a result that is awaited": (
        "from maker import awaited\nasync def f():\n    seen(await awaited())",
        {"maker.py"},
        set(),
    ),
    "a result that nothing annotates": (
        "from maker import inferred\nseen(inferred())",
        {"maker.py"},
        set(),
    ),
    "an element of a list": ("from maker import many\nseen(many()[0])", {"maker.py"}, set()),
    "a parameter that is annotated": (
        "from old import Context\ndef f(context: Context): seen(context)",
        {"m.py"},
        {"context"},
    ),
    "a parameter of which nothing is known": ("def f(context): seen(context)", set(), {"context"}),
    "a variable that holds a parameter": (
        "def f(context):\n    held = context\n    seen(held)",
        set(),
        {"context"},
    ),
    "an attribute that is declared": (
        "from holder import Holder\ndef f(holder: Holder): seen(holder.context)",
        {"holder.py"},
        {"context"},
    ),
    "an object of a class that is not traced": (
        "from old import Other\nseen(Other())",
        set(),
        set(),
    ),
    "the receiver of a method": ("class A:\n    def f(self): seen(self)", set(), set()),
    "the parameter of a lambda": ("f = lambda context: seen(context)", set(), {"context"}),
    "what a parameter gives that is called": (
        "def f(factory): seen(factory())",
        set(),
        {"factory()"},
    ),
    "what a parameter gives that is called again and again": (
        "def f(factory): seen(factory()()())",
        set(),
        {"factory()"},
    ),
    "an attribute that holds a function": (
        "def g(): ...\nclass A:\n    def __init__(self): self.run = g\n"
        "    def f(self): seen(self.run)",
        set(),
        {"run"},
    ),
    "a method": (
        "class A:\n    def run(self): ...\n    def f(self): seen(self.run)",
        set(),
        set(),
    ),
}

# Programs that see what is bound in other functions, or given by methods that Python calls; without
# tracing nobody knows.
SHARED = {
    "a name that a function declares global": (
        "from old import Context\nkept = None\n"
        "def f():\n    global kept\n    kept = Context()\ndef g(): seen(kept)",
        {"m.py"},
        {"kept"},
    ),
    "a name that only functions bind": (
        "def f(context):\n    global kept\n    kept = context\ndef g(): seen(kept)",
        set(),
        {"context", "kept"},
    ),
    "a name in the function that declares it global": (
        "from old import Context\nkept = Context()\ndef f():\n    global kept\n    seen(kept)",
        {"m.py"},
        {"kept"},
    ),
    "a name that a function around has, too": (
        "from old import Context\nkept = None\ndef f(context):\n    kept = context\n"
        "    def g():\n        global kept\n        seen(kept)",
        set(),
        {"kept"},
    ),
    "a name that an inner function declares nonlocal": (
        "from old import Context\ndef f():\n    kept = None\n    def g():\n"
        "        nonlocal kept\n        kept = Context()\n    seen(kept)",
        {"m.py"},
        {"kept"},
    ),
    "a name in the inner function that declares it nonlocal": (
        "def f(context):\n    kept = context\n    def g():\n        nonlocal kept\n"
        "        seen(kept)",
        set(),
        {"context", "kept"},
    ),
    "a function's own name beside one that is declared global": (
        "from old import Context\ndef f():\n    global kept\n    kept = Context()\n"
        "def g():\n    kept = 1\n    seen(kept)",
        set(),
        set(),
    ),
    "a variable that is empty at first": ("kept = None\nseen(kept)", set(), {"kept"}),
    "a variable that has a value": ("kept = 1\nseen(kept)", set(), set()),
    "what a container of a class of its own gives": (
        "from old import Context\nclass A:\n    def __getitem__(self, key): return Context()\n"
        "seen(A()[1])",
        {"m.py"},
        set(),
    ),
    "an element of what a class of its own iterates over": (
        "from old import Context\nclass A:\n    def __iter__(self): return iter([Context()])\n"
        "for each in A(): seen(each)",
        {"m.py"},
        set(),
    ),
    "what an exception has that is caught": (
        "from old import Context\nclass E(Exception):\n"
        "    def __init__(self): self.context = Context()\n"
        "try: ...\nexcept (ValueError, E) as e: seen(e.context)",
        {"m.py"},
        {"context"},
    ),
    "a container with an annotation": ("kept: dict = {}\nseen(kept)", set(), {"kept"}),
    "a name that is annotated with another class": (
        "from maker import annotated\nkept: object = annotated()\nseen(kept)",
        {"maker.py"},
        set(),
    ),
    "a value that is cast": (
        "from typing import Any, cast\nfrom maker import annotated\nseen(cast(Any, annotated()))",
        {"maker.py"},
        set(),
    ),
    "what a function returns, beside what it says": (
        "from typing import Any\nfrom maker import annotated\ndef f() -> Any: return annotated()\n"
        "seen(f())",
        {"maker.py"},
        set(),
    ),
    "what an override gets in the place of another parameter": (
        "class A:\n    def f(self, first): ...\nclass B(A):\n    def f(self, other): seen(other)",
        set(),
        {"first", "other"},
    ),
    "what a constructor gets, which is not called as the one above": (
        "class A:\n    def __init__(self, first): ...\n"
        "class B(A):\n    def __init__(self, other): seen(other)",
        set(),
        {"other"},
    ),
    "a parameter that is said to be a plain value": ("def f(x: str): seen(x)", set(), set()),
    "a parameter that may be missing": ("def f(x: Optional['int']): seen(x)", set(), set()),
    "a parameter that may be an object": ("def f(x: str | A): seen(x)", set(), {"x"}),
    "an attribute that is said to be a plain value": (
        "class A:\n    x: int | None\ndef f(a: A): seen(a.x)",
        set(),
        set(),
    ),
    "what a decorator returns": (
        "def d(f):\n    def inner(x): return Context()\n    return inner\n"
        "from old import Context\n@d\ndef f(x): ...\nseen(f(1))",
        {"m.py"},
        set(),
    ),
    "what is kept under a key": (
        "class State(TypedDict):\n    x: object\ndef f(state: State): seen(state['x'])",
        set(),
        {"x", "state", "__getitem__()"},
    ),
}

# Programs that see a lambda or part of a function, of which nothing is known but by tracing.
FUNCTIONS = {
    "a lambda with a name": "make = lambda: Context()\nseen(make)",
    "a lambda that is one of several values": "make = other = lambda: Context()\nseen(other)",
    "a lambda in an attribute": (
        "class A:\n    def __init__(self): self.make = lambda: Context()\nseen(A().make)"
    ),
    "a lambda that a function returns": "def f(): return lambda: Context()\nseen(f())",
}


def vias(type_: Type) -> Iterator[str]:
    """The files by whose name for it each traced class in a type is known."""
    for atom in type_:
        match atom:
            case Awaitable(result=result):
                yield from vias(result)
            case (
                Instance(cls=ClassRef(via=via), arguments=arguments)
                | ClassObject(cls=ClassRef(via=via), arguments=arguments)
            ):
                yield from [via] if via else []
                yield from (each for argument in arguments for each in vias(argument))


def held(type_: Type) -> set[str]:
    """The parameters and attributes in a type, by their names."""
    return {atom.name for atom in type_ if isinstance(atom, Given)}


def projects(program: str) -> tuple[Project, Project]:
    """A project, and the same one that traces `old.Context`."""
    project = project_of({"m.py": program, **LIBRARY})
    traced = project.find_class("old.Context")
    assert traced is not None
    return project, project.traced(frozenset({traced}))


@pytest.mark.parametrize(("program", "files", "holders"), SEEN.values(), ids=list(SEEN))
def test_an_object_knows_who_names_its_class_and_what_held_it(
    program: str, files: set[str], holders: set[str]
) -> None:
    type_ = type_seen_in(projects(program)[1])
    assert set(vias(type_)) == files
    assert held(type_) == holders


@pytest.mark.parametrize("program", [each[0] for each in SEEN.values()], ids=list(SEEN))
def test_without_a_class_to_trace_nothing_is_marked_and_all_else_is_the_same(program: str) -> None:
    plain, traced = (type_seen_in(project) for project in projects(program))
    assert not [*vias(plain), *held(plain)]
    marks = frozenset(atom for atom in traced if isinstance(atom, Given))
    assert names(plain) - {"?"} == names(traced - marks) - {"?"}


@pytest.mark.parametrize(("program", "files", "holders"), SHARED.values(), ids=list(SHARED))
def test_what_only_tracing_follows(program: str, files: set[str], holders: set[str]) -> None:
    type_ = type_seen_in(projects(program)[1])
    assert set(vias(type_)) == files
    assert held(type_) == holders


@pytest.mark.parametrize("program", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_a_lambda_is_a_function_that_gives_what_it_is_made_of(program: str) -> None:
    plain, traced = projects(f"from old import Context\n{program}")
    assert "function" not in names(type_seen_in(plain))
    assert "function" in names(type_seen_in(traced))
    _, called = projects(f"from old import Context\n{program.replace('seen(', 'seen((')[:-1]})())")
    assert set(vias(type_seen_in(called))) == {"m.py"}


def test_a_partial_function_has_the_function_in_it() -> None:
    plain, traced = projects("from functools import partial\ndef f(a, b): ...\nseen(partial(f, 1))")
    assert names(type_seen_in(plain)) == {"?"}
    (partial,) = type_seen_in(traced)
    assert isinstance(partial, Instance)
    assert [names(argument) for argument in partial.arguments] == [{"function"}]


def test_a_parameter_that_overrides_another_is_given_what_that_one_is() -> None:
    _, traced = projects("")
    type_ = type_seen_in(traced, "holder.py")
    starts = {atom.start for atom in type_ if isinstance(atom, Given)}
    assert held(type_) == {"context"}
    assert len(starts) == 2
