"""Trees: ranges, scopes, and the pieces that can be parsed alone."""

from __future__ import annotations

import ast

import pytest
from tree_sitter import Node, Tree

from migrate.model import Span
from migrate.syntax import (
    Shape,
    ancestors,
    captures,
    depth,
    descendants,
    enclosing_scopes,
    first_error,
    fragment,
    identifier_at,
    node_at,
    parse,
    shape_of,
    span,
    text_of,
    unstarred,
)
from migrate.text import SourceText


def tree_of(source: str) -> Tree:
    return parse(SourceText.decode(source.encode()))


def named(tree: Tree, name: str) -> Node:
    """The first identifier of this name."""
    nodes = captures("(identifier) @name", tree.root_node)["name"]
    return next(node for node in nodes if text_of(node) == name)


def scopes_at(source: str) -> list[str]:
    """The scopes around the first `here`, each by its name or its type."""
    scopes = enclosing_scopes(named(tree_of(source), "here"))
    return [
        text_of(name) if (name := scope.child_by_field_name("name")) is not None else scope.type
        for scope in scopes
    ]


SCOPES = {
    "here": ["module"],
    "def f(): here": ["f", "module"],
    "def f():\n  def g(): here": ["g", "f", "module"],
    "class C: here": ["C", "module"],
    "class C:\n  def f(self): here": ["f", "module"],
    "class C:\n  class D: here": ["D", "module"],
    "class C(here): pass": ["module"],
    "class C:\n  class D(here): pass": ["C", "module"],
    "@here\ndef f(): pass": ["module"],
    "class C:\n  @here\n  def f(): pass": ["C", "module"],
    "def f(x=here): pass": ["module"],
    "def f(x: here): pass": ["module"],
    "def f() -> here: pass": ["module"],
    "class C:\n  def f(x: here): pass": ["C", "module"],
    "def f():\n  def g(x=here): pass": ["f", "module"],
    "lambda: here": ["lambda", "module"],
    "lambda x=here: x": ["module"],
    "class C:\n  f = lambda: here": ["lambda", "module"],
    "[here for x in y]": ["list_comprehension", "module"],
    "[x for x in here]": ["module"],
    "[x for x in y for z in here]": ["list_comprehension", "module"],
    "[x for x in y if here]": ["list_comprehension", "module"],
    "{x: here for x in y}": ["dictionary_comprehension", "module"],
    "{here for x in y}": ["set_comprehension", "module"],
    "f(here for x in y)": ["generator_expression", "module"],
    "class C:\n  x = [y for y in here]": ["C", "module"],
    "class C:\n  x = [here for y in z]": ["list_comprehension", "module"],
    "[x for x in [here for y in z]]": ["list_comprehension", "module"],
    "def f():\n  return [lambda: here for x in y]": [
        "lambda",
        "list_comprehension",
        "f",
        "module",
    ],
    "if x:\n  for y in z:\n    with w:\n      here": ["module"],
}


@pytest.mark.parametrize(("source", "expected"), SCOPES.items(), ids=list(SCOPES))
def test_a_name_is_looked_up_in_the_scopes_of_python(source: str, expected: list[str]) -> None:
    assert scopes_at(source) == expected


FRAGMENTS = {
    "x = [here, y]": "x = [here, y]",
    "x; y = here; z": "y = here",
    "return here": "return here",
    "if here: pass": "here",
    "if x: y(here)": "y(here)",
    "if x: pass\nelif y and here: pass": "y and here",
    "while (here): pass": "(here)",
    "for x in y(here): pass": "y(here)",
    "for x[here] in y: pass": "x[here]",
    "with here as x, y: pass": "here",
    "with x(here): pass": "x(here)",
    "try: pass\nexcept (x, here): pass": "(x, here)",
    "try: pass\nexcept here as x: pass": "here",
    "@x(here)\ndef f(): pass": "x(here)",
    "def f(x=[here]): pass": "[here]",
    "def f(x: a[here] = 1): pass": "a[here]",
    "def f() -> x[here]: pass": "x[here]",
    "class C(x, y=here): pass": "(x, y=here)",
    "match [x, here]:\n  case 1: pass": "[x, here]",
    "match x:\n  case y if not here: pass": "not here",
    "lambda: here": "lambda: here",
    "del x[here]": "del x[here]",
    "type X = here": "type X = here",
}


@pytest.mark.parametrize(("source", "expected"), FRAGMENTS.items(), ids=list(FRAGMENTS))
def test_a_fragment_is_the_largest_piece_that_can_be_parsed_alone(
    source: str, expected: str
) -> None:
    assert text_of(fragment(named(tree_of(source), "here"))) == expected


@pytest.mark.parametrize("source", [s for s in FRAGMENTS if not s.startswith(("class", "type"))])
def test_python_parses_a_fragment_as_what_its_shape_says(source: str) -> None:
    tree = tree_of(source)
    piece = fragment(named(tree, "here"))
    shape = shape_of(tree, span(piece))
    assert shape is not Shape.BLOCK
    if shape is Shape.EXPRESSION:
        ast.parse(f"({text_of(piece)})", mode="eval")
    else:
        assert len(ast.parse(text_of(piece)).body) == 1


@pytest.mark.parametrize(
    ("source", "piece", "shape"),
    [
        ("x = f(y)", "f(y)", Shape.EXPRESSION),
        ("x = f(y)", "x = f(y)", Shape.SIMPLE_STATEMENT),
        ("if x:\n  y()", "y()", Shape.SIMPLE_STATEMENT),
        ("f(y)\n", "f(y)", Shape.SIMPLE_STATEMENT),
        ("if x:\n  y()", "if x:\n  y()", Shape.BLOCK),
        ("if x:\n  y()\n  z()\n", "y()\n  z()", Shape.BLOCK),
        ("x()\ny()\nz()\n", "x()\ny()", Shape.BLOCK),
    ],
)
def test_a_piece_of_source_is_an_expression_a_statement_or_more(
    source: str, piece: str, shape: Shape
) -> None:
    start = source.index(piece)
    assert shape_of(tree_of(source), Span(start, start + len(piece))) is shape


def test_the_star_of_an_argument_is_no_part_of_a_call() -> None:
    tree = tree_of("print(*a.b(c))\n")
    for node in descendants(tree.root_node):
        if node.type in ("call", "attribute") and "a.b" in text_of(node) and node != tree.root_node:
            source = tree.root_node.text or b""
            where = span(node)
            assert not source[where.start : where.end].startswith(b"*")
    assert text_of(unstarred(named(tree, "a"))) == "a"


def test_a_range_that_is_filled_gives_the_largest_node_and_any_other_the_smallest() -> None:
    tree = tree_of("f(x)\n")
    assert node_at(tree, Span(0, 4)).type == "expression_statement"
    assert node_at(tree, Span(2, 3)).type == "identifier"
    assert text_of(node_at(tree, Span(1, 3))) == "(x)"


@pytest.mark.parametrize(
    ("source", "found"),
    [("name", True), ("'name'", False), ("# name", False), ("x.name", True), ("f'{name}'", True)],
)
def test_an_identifier_is_found_in_code_alone(source: str, found: bool) -> None:
    tree = tree_of(source)
    assert (identifier_at(tree, source.index("name"), 4) is not None) is found


def test_a_part_of_an_identifier_is_none() -> None:
    assert identifier_at(tree_of("names"), 0, 4) is None


@pytest.mark.parametrize(
    ("source", "row"), [("x = 1\ny = = 2\n", 1), ("def f(:\n  pass\n", 0), ("x\n\nif y\n  z\n", 2)]
)
def test_the_first_error_is_found_on_its_line(source: str, row: int) -> None:
    error = first_error(tree_of(source))
    assert error is not None
    assert error.start_point.row == row


@pytest.mark.parametrize(
    "source",
    [
        "",
        "\n",
        "type X[T] = list[T]\n",
        "try: x\nexcept* E: y\n",
        "f'{x!r:>{y}} {'a'}'\n",
        "match x:\n  case {**y}: pass\n",
        "async def f[T](x: T): await x\n",
        "print(x)\n",
    ],
)
def test_python_of_any_version_has_no_error(source: str) -> None:
    assert first_error(tree_of(source)) is None


@pytest.mark.parametrize("levels", [10, 3_000])
def test_walks_end_however_deep_the_nesting(levels: int) -> None:
    root = tree_of("(" * levels + "here" + ")" * levels).root_node
    nodes = list(descendants(root))
    assert depth(root) > levels
    assert len(list(ancestors(nodes[-1]))) > levels
    assert [scope.type for scope in enclosing_scopes(nodes[-1])] == ["module"]


def test_what_libcst_nests_counts_as_nested() -> None:
    conditions = "if a: pass\n" + "elif b: pass\n" * 50
    assert depth(tree_of(conditions).root_node) > 50


def test_descendants_come_in_the_order_of_the_source() -> None:
    nodes = descendants(tree_of("a = b(c, d)[e]\nf\n").root_node)
    assert "".join(text_of(node) for node in nodes if node.type == "identifier") == "abcdef"


def test_lone_carriage_returns_are_line_ends_at_the_same_offsets() -> None:
    tree = tree_of("# comment\rx = here\r")
    assert named(tree, "here").start_byte == 14


def test_captures_are_in_source_order_the_outer_first() -> None:
    root = parse(SourceText(b"f(g(h()))\n" * 300)).root_node
    spans = [(node.start_byte, -node.end_byte) for node in captures("(call) @call", root)["call"]]
    assert len(spans) == 900
    assert spans == sorted(spans)
