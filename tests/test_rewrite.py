"""LibCST on the smallest piece of source: what is cut out, laid out, and put back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import libcst as cst
import pytest
from toy import CallTransformer, calls

from migrate.codemod import Layout
from migrate.model import Edit, Span
from migrate.project import Project
from migrate.rewrite import SiteTransformer, Transformer, rewrite, splice
from migrate.source import Memory
from migrate.syntax import parse
from migrate.text import SourceText
from migrate.view import FileView


def view_of(source: str) -> FileView:
    text = SourceText.decode(source.encode())
    return FileView("m.py", text, parse(text), Project(Memory({"m.py": source.encode()})))


def rewritten(
    source: str, transformer: Transformer = CallTransformer, length: int = 88
) -> tuple[str, list[str]]:
    """The source with every `old(...)` as `new(...)`, and why sites were left as they are."""
    view = view_of(source)
    plans = dict.fromkeys(calls(view, "old"), "new")
    assert plans
    done, refused = rewrite(view.text, view.tree, plans, transformer, length)
    edits = [edit for each in done for edit in each.edits]
    assert {site for each in done for site in each.after} | set(refused) == set(plans)
    return splice(view.text.utf8, edits).decode(), list(refused.values())


FRAGMENTS = {
    "a simple statement": "old(1)\n",
    "the value of an assignment": "x: int = [y, *old(1)]\n",
    "one of several on a line": "x = 1; y = old(2); z = old(3)\n",
    "a deletion": "del x[old(1)]\n",
    "an assertion and a raise": "assert old(2), old(3)\nraise old(4) from x\n",
    "a return with a yield": "def f():\n    return (yield old(1))\n",
    "the test of an if": "if old(1):\n    pass\nelif old(2):\n    pass\n",
    "the test of a while": "while old(1): pass\n",
    "the iterable and the target of a for": "for x[old(1)] in old(2):\n    pass\n",
    "the items of a with": "with old(1) as x, old(2): pass\n",
    "the items of a with in parentheses": "with (\n    old(1) as x,\n    old(2),\n): pass\n",
    "what an except catches": "try:\n    pass\nexcept old(1) as e:\n    pass\n",
    "what an except* catches": "try:\n    pass\nexcept* old(1):\n    pass\n",
    "a decorator": "@old(1)\n@x.y(old(2))\nasync def f(): pass\n",
    "defaults": "def f(a=old(1), *, b: int = old(2)): pass\n",
    "annotations": "def f(a: old(1), *b: old(2)) -> old(3): pass\n",
    "the default of a lambda and its body": "x = lambda a=old(1): old(2)\n",
    "the bases of a class": "class C(old(1), metaclass=old(2)): pass\n",
    "the subject of a match": "match old(1):\n    case 1: pass\n",
    "the guard of a case": "match x:\n    case [a] if old(a): pass\n",
    "comprehensions": "x = [old(y) for y in old(1) if old(2)]\n",
    "an f-string": "x = f'{old(1)!r:>{old(2)}}'\n",
    "a body on the line of its header": "if x: old(1)\nelse: old(2)\n",
    "a slice and a subscript": "x[old(1):old(2), ...] = old(3)\n",
    "a walrus": "if (x := old(1)) and (y := old(2)): pass\n",
    "an await": "async def f():\n    await old(1)\n    async with old(2): pass\n",
    "the value of a type alias": "type X = old(1)\n",
    "the body of a class": "class C:\n    x = old(1)\n",
    "an augmented assignment": "x[old(1)] += old(2)\n",
    "a conditional and a starred argument": "f(*old(1), **old(2)) if old(3) else old(4)\n",
    "the last line without an end": "x = old(1)",
}


@pytest.mark.parametrize("source", FRAGMENTS.values(), ids=list(FRAGMENTS))
def test_every_place_of_an_expression_can_be_rewritten(source: str) -> None:
    assert rewritten(source) == (source.replace("old", "new"), [])


ODDITIES = {
    "CRLF": "if x:\r\n    old(1)\r\n    y = old(2)\r\n",
    "lone CR": "if x:\r    old(1)\r    y = old(2)\r",
    "tabs": "if x:\n\told(1)\n\tif y:\n\t\told(2)\n",
    "form feeds": "\x0cif x:\n\x0c    old(1)\n",
    "strange spaces": "x  =  y [ old(1) ]  ;\n",
    "comments around": "# a\nx = old(1)  # b\n# c\n",
    "a backslash": "x = y + \\\n  old(1)\n",
    "letters beyond ASCII": "'é' if 'ü' else old(1, 'ß')\n",
    "faults of LibCST elsewhere": "try:\n    old(1)\nexcept OSError :\n    old(2)\n",
    "errors of layout elsewhere": "if True :\n      old(1)\n\n  # odd\nelse :\n   old(2)\n",
}


@pytest.mark.parametrize("source", ODDITIES.values(), ids=list(ODDITIES))
def test_what_is_around_a_site_stays_byte_for_byte(source: str) -> None:
    assert rewritten(source) == (source.replace("old", "new"), [])


def test_sites_inside_sites_are_rewritten_from_the_inside_out() -> None:
    assert rewritten("x = old(old(1), [old(2)])\n") == ("x = new(new(1), [new(2)])\n", [])


def test_only_the_sites_of_a_statement_are_replaced() -> None:
    view = view_of("x = a( b ,old(1) ) + old(2)\n")
    plans = dict.fromkeys(calls(view, "old"), "new")
    (done,), refused = rewrite(view.text, view.tree, plans, CallTransformer, 88)
    assert done.edits == tuple(Edit(site, done.after[site].encode()) for site in plans)
    assert refused == {}


# Line length


def test_a_call_that_fits_stays_on_its_line() -> None:
    assert rewritten("x = old(1, 22)\n", length=14) == ("x = new(1, 22)\n", [])


def test_a_call_that_would_be_too_long_gets_one_argument_a_line() -> None:
    source = "if x:\n    old(1, 22)\n"
    exploded = "if x:\n    longer(\n        1,\n        22,\n    )\n"
    assert rewritten(source, named("longer"), length=16) == (exploded, [])


class _Named(CallTransformer):
    """Gives every call another name than the plan says."""

    def __init__(self, name: str, plans: Mapping[Span, Any], layout: Layout) -> None:
        super().__init__(dict.fromkeys(plans, name), layout)


def named(name: str) -> Callable[[Mapping[Span, Any], Layout], CallTransformer]:
    return lambda plans, layout: _Named(name, plans, layout)


def test_only_calls_that_have_to_are_broken() -> None:
    after, _ = rewritten("x = old(1) + old(22)\n", named("newer"), length=20)
    assert after == "x = newer(\n    1,\n) + newer(22)\n"


def test_the_indentation_and_line_ending_of_the_file_are_used() -> None:
    after, _ = rewritten("if x:\r\n\told(1, 22)\r\n", named("longer"), length=16)
    assert after == "if x:\r\n\tlonger(\r\n\t\t1,\r\n\t\t22,\r\n\t)\r\n"


def test_a_line_that_was_too_long_before_stays_one_line() -> None:
    assert rewritten("x = old(1, 22)\n", length=9) == ("x = new(1, 22)\n", [])


def test_a_break_that_makes_no_line_shorter_is_not_made() -> None:
    assert rewritten("old()\n", named("a_long_name"), length=5)[0] == "a_long_name()\n"


@pytest.mark.parametrize("pragma", ["# noqa", "# type: ignore", "# pylint: disable=x", "# nosec"])
def test_a_line_with_a_pragma_is_not_broken(pragma: str) -> None:
    after, _ = rewritten(f"old(1)  {pragma}\n", named("longer"), length=8 + len(pragma))
    assert after == f"longer(1)  {pragma}\n"


def test_nothing_is_broken_inside_an_f_string() -> None:
    after, _ = rewritten("x = f'{old(1)}'\n", named("longer"), length=15)
    assert after == "x = f'{longer(1)}'\n"


def test_continued_lines_of_an_argument_move_with_it() -> None:
    after, _ = rewritten("old([\n    1,\n], 2)\n", named("a_much_longer"), length=14)
    assert after == "a_much_longer(\n    [\n        1,\n    ],\n    2,\n)\n"


# Refusals


@pytest.mark.parametrize("depth", [200, 2000])
def test_what_is_nested_too_deeply_for_libcst_is_refused(depth: int) -> None:
    source = f"old({'(' * depth}1{')' * depth})\nold(2)\n"
    after, refused = rewritten(source)
    assert after == source.replace("old(2)", "new(2)")
    assert refused == ["it is nested too deeply for LibCST"]


def test_deep_nesting_beside_a_site_does_not_matter() -> None:
    source = f"x = {'(' * 500}1{')' * 500}, old(2)\n"
    assert rewritten(source) == (source.replace("old", "new"), [])


class _Meddler(CallTransformer):
    """Renames whatever else is called `meddle`."""

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return cst.Name("meddled") if updated_node.value == "meddle" else updated_node


def test_a_transformer_that_changes_more_than_its_sites_is_held_to_them() -> None:
    assert rewritten("x = [meddle, old(1)]\n", _Meddler) == ("x = [meddle, new(1)]\n", [])


class _Idle(SiteTransformer):
    """Changes nothing."""


class _Lazy(CallTransformer):
    """Leaves calls without an argument."""

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        return (
            super().leave_Call(original_node, updated_node) if updated_node.args else updated_node
        )


def test_a_transformer_that_leaves_its_site_is_refused() -> None:
    source = "x = [1, old(1)]\nold(2)\n"
    assert rewritten(source, _Idle) == (source, ["the transformer left a site as it was"] * 2)


def test_a_transformer_that_leaves_one_of_several_sites_is_refused_that_one_only() -> None:
    after, refused = rewritten("x = [old(1), old()]\n", _Lazy)
    assert after == "x = [new(1), old()]\n"
    assert len(refused) == 1


@pytest.mark.parametrize("source", ["old(old())\n", "x = [old(old())]\n"])
def test_a_transformer_that_leaves_the_inner_of_two_sites_is_refused_both(source: str) -> None:
    after, refused = rewritten(source, _Lazy)
    assert after == source
    assert refused == ["the transformer left a site as it was"] * 2


class _Destroyer(CallTransformer):
    """Puts a statement in front of the one that it is to change."""

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        return updated_node.with_changes(body=[cst.parse_statement("z\n")])


def test_a_transformer_that_leaves_the_wrapping_of_a_fragment_is_refused() -> None:
    source = "if old(1): pass\n"
    assert rewritten(source, _Destroyer)[0] == source


# Putting the bytes back


def test_edits_are_made_in_any_order_and_of_any_length() -> None:
    edits = [Edit(Span(4, 5), b""), Edit(Span(0, 1), b"xyz"), Edit(Span(2, 2), b"-")]
    assert splice(b"abcdef", edits) == b"xyzb-cdf"


def test_no_edit_changes_nothing() -> None:
    assert splice(b"abc", []) == b"abc"
