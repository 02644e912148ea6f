"""What a codemod asks of a file: names, strings, types, and the instance that code runs for."""

from __future__ import annotations

import pytest

from migrate.project import Project
from migrate.project.types import UNKNOWN, ClassRef, Instance
from migrate.source import Memory
from migrate.syntax import captures, parse, text_of
from migrate.text import SourceText
from migrate.view import FileView, Receiver


def view_of(source: str) -> FileView:
    data = source.encode()
    text = SourceText.decode(data)
    return FileView("m.py", text, parse(text), Project(Memory({"m.py": data})))


def receiver_at(source: str) -> Receiver | None:
    view = view_of(source)
    return view.receiver(next(view.identifiers("here")))


def test_identifiers_are_found_in_code_alone_and_in_order() -> None:
    source = "x = name  # name\n'name'\nf'{name}'\nnames.name(name=1)\né_name\n"
    found = [node.start_byte for node in view_of(source).identifiers("name")]
    at = source.encode()
    assert found == [
        at.index(b"name"),
        at.index(b"{name}") + 1,
        at.index(b".name") + 1,
        at.index(b"(name") + 1,
    ]


def test_strings_are_those_that_are_exactly_the_value() -> None:
    equal = ["'name'", '"name"', "'''name'''", "f'name'", "b'name'"]
    others = ["'names'", "'a name'", "f'{name}'", "name", "''"]
    source = "\n".join([*equal, *others, "# 'name'"])
    assert [text_of(node) for node in view_of(source).strings("name")] == equal


METHODS = {
    "a method": "def f(self): here",
    "an asynchronous method": "async def f(self): here",
    "under any name": "def f(this): here",
    "positional only": "def f(self, /, x): here",
    "an inner function": "def f(self):\n    def g(): here",
    "a lambda": "def f(self): lambda: here",
    "a comprehension": "def f(self): [here for x in y]",
    "a property": "@property\n  def f(self): here",
    "a setter": "@f.setter\n  def f(self, v): here",
    "an abstract method": "@abc.abstractmethod\n  def f(self): here",
    "an unknown decorator and the usual name": "@odd(1)\n  def f(self): here",
    "annotated with its class": "def f(self: 'C'): here",
    "annotated with Self": "def f(self: Self): here",
}
NO_METHODS = {
    "a static method": "@staticmethod\n  def f(self): here",
    "a class method": "@classmethod\n  def f(self): here",
    "an unknown decorator and another name": "@odd\n  def f(x): here",
    "a validator": "@validator('x')\n  def f(cls, x): here",
    "no parameter": "def f(): here",
    "only keywords": "def f(*, self): here",
    "any number of parameters": "def f(*self): here",
    "the body of the class": "here",
    "a default": "def f(self, x=here): pass",
    "a decorator": "@here\n  def f(self): pass",
    "__new__": "def __new__(cls): here",
    "__init_subclass__": "def __init_subclass__(cls): here",
    "made static below": "def f(self): here\n  f = staticmethod(f)",
    "annotated with another class": "def f(self: Other): here",
    "assigned again": "def f(self):\n    self = x\n    here",
    "deleted": "def f(self):\n    del self\n    here",
    "deleted among others": "def f(self):\n    del (x, self)\n    here",
    "a loop variable": "def f(self):\n    for self in x: here",
    "caught": "def f(self):\n    try: x\n    except E as self: here",
    "shadowed by an inner function": "def f(self):\n    def g(self): here",
    "shadowed by a lambda": "def f(self): lambda self: here",
    "shadowed by a comprehension": "def f(self): [here for self in x]",
    "rebound by an inner function": (
        "def f(self):\n    def g():\n      nonlocal self\n      self = 1\n    here"
    ),
    "a walrus": "def f(self):\n    (self := x)\n    here",
}
HEAD = "from typing import Self\nclass Other: ...\nclass C:\n  "


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_code_runs_for_an_instance_in(method: str) -> None:
    receiver = receiver_at(HEAD + method)
    assert receiver is not None
    assert receiver.name in ("self", "this")
    assert receiver.owner.name == "C"
    assert receiver.method.name == "f"
    assert (HEAD + method)[receiver.start :].startswith(("def f", "async def f"))


@pytest.mark.parametrize("method", NO_METHODS.values(), ids=list(NO_METHODS))
def test_code_runs_for_no_known_instance_in(method: str) -> None:
    assert receiver_at(HEAD + method) is None


def test_a_function_outside_of_any_class_has_no_instance() -> None:
    assert receiver_at("def f(self): here") is None


def test_a_class_inside_a_method_has_instances_of_its_own() -> None:
    receiver = receiver_at("class C:\n  def f(self):\n    class D:\n      def g(me): here\n")
    assert receiver is not None
    assert (receiver.name, receiver.owner.name) == ("me", "D")


def test_a_type_depends_on_the_scope_that_the_expression_stands_in() -> None:
    source = "class A: ...\nclass B: ...\ndef f(x: A): x\ndef g(x: B): x\nx\n"
    view = view_of(source)
    statements = captures("(expression_statement (identifier) @use)", view.tree.root_node)["use"]
    in_order = sorted(statements, key=lambda node: node.start_byte)
    types = [view.type_of(node) for node in in_order]
    a, b = source.index("class A"), source.index("class B")
    assert types == [
        frozenset({Instance(ClassRef("m.py", a, "A"))}),
        frozenset({Instance(ClassRef("m.py", b, "B"))}),
        UNKNOWN,
    ]


def test_the_source_of_a_node_has_letters_beyond_ascii_and_no_star() -> None:
    view = view_of("x = 'é' + ü.y\nf(*a.b())\n")
    (name,) = view.identifiers("ü")
    assert view.source(name) == "ü"
    (name,) = view.identifiers("b")
    assert name.parent is not None
    assert view.source(name.parent) == "a.b"
