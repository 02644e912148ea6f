"""Shortcuts leave out calls that do nothing, and none of those that do something."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partialmethod, wraps
from pathlib import Path
from types import FrameType
from typing import Any

import libcst as cst
import pytest
from libcst import matchers as m
from libcst.codemod import Codemod, CodemodContext

from migrate.adapters.shortcuts import shortcuts

SOURCE = Path(__file__).read_text(encoding="utf-8")
Events = list[object]


class OwnMethods(cst.CSTTransformer):
    def __init__(self, events: Events) -> None:
        super().__init__()
        self.events = events

    def visit_Call(self, node: cst.Call) -> bool:
        self.events.append(("visit", node.args))
        return len(node.args) < 2

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        self.events.append(("leave", original_node.value))
        return updated_node.with_changes(value=updated_node.value + "_")

    def leave_Expr(
        self, original_node: cst.Expr, updated_node: cst.Expr
    ) -> cst.Expr | cst.RemovalSentinel:
        return cst.RemoveFromParent()


class AttributeMethods(cst.CSTVisitor):
    def __init__(self, events: Events) -> None:
        super().__init__()
        self.events = events

    def visit_Call_args(self, node: cst.Call) -> None:
        self.events.append(("visit args", node.func))

    def leave_ClassDef_body(self, node: cst.ClassDef) -> None:
        self.events.append(("leave body", node.name.value))


class OfTheInstance(cst.CSTVisitor):
    """It decides for itself what to listen to, and from the first class on."""

    def __init__(self, events: Events) -> None:
        super().__init__()
        self.events = events
        self.visit_ClassDef = self.listen  # type: ignore[assignment, method-assign]

    def listen(self, node: cst.ClassDef) -> None:
        self.events.append(node.name.value)
        for name in ("visit_Name", "leave_Name", "visit_Call_args", "leave_Call_args"):
            setattr(self, name, self.events.append)


class Special(cst.Name):
    """A type of node that LibCST has no methods for."""


class MadeUp(cst.CSTVisitor):
    """Methods that no base has are made up on demand."""

    def __init__(self, events: Events) -> None:
        super().__init__()
        self.events = events

    def __getattr__(self, name: str) -> Callable[[cst.CSTNode], None]:
        if name.startswith(("visit_", "leave_")):
            return lambda node: self.events.append((name, type(node)))
        raise AttributeError(name)


class LookedUp(OwnMethods):
    def __getattribute__(self, name: str) -> Any:
        if name == "leave_Integer":
            return lambda original, updated: updated.with_changes(value="1")
        return super().__getattribute__(name)


class Overriding(OwnMethods):
    def on_visit(self, node: cst.CSTNode) -> bool:
        self.events.append(type(node))
        return super().on_visit(node)

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        self.events.append(type(updated_node))
        return super().on_leave(original_node, updated_node)


class Mixin:
    events: Events

    def visit_Attribute(self, node: cst.Attribute) -> None:
        self.events.append(node.attr.value)


class OtherMethods(Mixin, OwnMethods):
    """Methods that are no plain functions, and one with the mark of those that do nothing."""

    visit_Arg = partialmethod(lambda self, kind, node: self.events.append((kind, node)), "arg")
    visit_List = staticmethod(lambda node: node)

    @property
    def leave_Dict(self) -> Any:
        return lambda original, updated: updated.with_changes(lbrace=cst.LeftCurlyBrace())

    @wraps(cst.CSTTransformer.visit_Comment)
    def visit_Comment(self, node: cst.Comment) -> None:
        self.events.append(node.value)


class Matching(m.MatcherDecoratableTransformer):
    def __init__(self, events: Events) -> None:
        super().__init__()
        self.events = events

    @m.call_if_inside(m.ClassDef(name=m.Name("Matching")))
    def visit_Name(self, node: cst.Name) -> None:
        self.events.append(node.value)

    @m.leave(m.Integer())
    def doubled(self, original_node: cst.Integer, updated_node: cst.Integer) -> cst.Integer:
        return updated_node.with_changes(value=str(2 * int(updated_node.value)))


class OneMatcher(m.MatcherDecoratableVisitor):
    def __init__(self, events: Events) -> None:
        super().__init__()
        self.events = events

    @m.visit(m.Name("self"))
    def found(self, node: cst.Name) -> None:
        self.events.append(node)


class NoMatcher(m.MatcherDecoratableTransformer):
    def __init__(self, events: Events) -> None:
        super().__init__()
        self.events = events

    def visit_Param(self, node: cst.Param) -> None:
        self.events.append(node.name.value)

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        return updated_node.with_changes(annotation=None)


@pytest.mark.parametrize(
    "visitor",
    [
        OwnMethods,
        AttributeMethods,
        OfTheInstance,
        MadeUp,
        LookedUp,
        Overriding,
        OtherMethods,
        Matching,
        OneMatcher,
        NoMatcher,
    ],
)
def test_a_visitor_hears_and_changes_the_same(visitor: Callable[[Events], Any]) -> None:
    module = cst.parse_module(SOURCE)
    special = cst.SimpleStatementLine([cst.Expr(Special("special"))])
    module = module.with_changes(body=[*module.body, special])
    plain: Events = []
    expected = module.visit(visitor(plain))
    heard: Events = []
    with shortcuts(module):
        result = module.visit(visitor(heard))
    assert plain
    assert heard == plain
    assert isinstance(result, cst.Module)
    assert isinstance(expected, cst.Module)
    assert result.code == expected.code


def test_a_method_that_a_class_gets_later_is_called() -> None:
    class Later(cst.CSTVisitor):
        pass

    module = cst.parse_module("name = 1\n")
    heard: Events = []
    with shortcuts(module):
        module.visit(Later())
    Later.visit_Name = lambda self, node: heard.append(node.value)  # type: ignore[method-assign]
    with shortcuts(module):
        module.visit(Later())
    assert heard == ["name"]


def test_methods_of_libcst_that_do_nothing_are_not_called() -> None:
    def called() -> int:
        calls = 0

        def count(frame: FrameType, event: str, argument: object) -> None:
            nonlocal calls
            ours = frame.f_code.co_name in ("visit_Name", "leave_Name", "visit_Call_args")
            calls += event == "call" and ours

        visitor = NoMatcher([])
        sys.setprofile(count)
        try:
            module.visit(visitor)
        finally:
            sys.setprofile(None)
        return calls

    module = cst.parse_module(SOURCE)
    assert called() > 0
    with shortcuts(module):
        assert called() == 0


def test_libcst_is_as_it_was_afterwards() -> None:
    classes = (
        cst.CSTTransformer,
        cst.CSTVisitor,
        m.MatcherDecoratableTransformer,
        m.MatcherDecoratableVisitor,
    )
    before = [dict(vars(each)) for each in classes]
    stack = ExitStack()
    stack.enter_context(shortcuts(cst.parse_module("")))
    assert all(dict(vars(each)) != old for each, old in zip(classes, before, strict=True))
    stack.__exit__(LookupError, LookupError(), None)
    assert [dict(vars(each)) for each in classes] == before


class Seen(Codemod):
    """Keeps the trees that it is given."""

    def __init__(self, context: CodemodContext) -> None:
        super().__init__(context)
        self.seen: list[cst.Module] = []

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        self.seen.append(tree)
        return tree


def test_a_tree_from_the_parser_is_not_copied_and_any_other_is() -> None:
    parsed, other = cst.parse_module("a = 1\n"), cst.parse_module("b = 2\n")
    command = Seen(CodemodContext())
    with shortcuts(parsed):
        command.transform_module(parsed)
        command.transform_module(other)
    assert command.seen[0] is parsed
    assert command.seen[1] is not other
    assert command.seen[1].deep_equals(other)


def test_no_node_is_twice_in_a_tree_from_the_parser() -> None:
    seen: set[int] = set()
    pending: list[cst.CSTNode] = [module := cst.parse_module(SOURCE)]
    while pending:
        node = pending.pop()
        assert id(node) not in seen
        seen.add(id(node))
        pending += node.children
    assert module.code == SOURCE
