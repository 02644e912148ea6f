"""Concrete syntax: tree-sitter trees of Python files, with exact byte ranges.

tree-sitter parses about 15 MB a second, keeps going after errors, and knows newer syntax than the
running interpreter. Walks are loops, never recursion: the input may be nested thousands deep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from migrate.model import Span
from migrate.text import SourceText

SCOPES = frozenset(
    {
        "module",
        "class_definition",
        "function_definition",
        "lambda",
        "list_comprehension",
        "set_comprehension",
        "dictionary_comprehension",
        "generator_expression",
    }
)
COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
_PRIMARIES = frozenset({"attribute", "call", "subscript"})
FUNCTIONS = frozenset({"function_definition", "lambda"})
_LANGUAGE = Language(tree_sitter_python.language())
_PARSER = Parser(_LANGUAGE)


def parse(text: SourceText) -> Tree:
    """The syntax tree of a text; always one, with error nodes where the text is no Python."""
    return _PARSER.parse(text.parsable)


@lru_cache(maxsize=64)
def _query(source: str) -> Query:
    return Query(_LANGUAGE, source)


def captures(source: str, node: Node) -> dict[str, list[Node]]:
    """The nodes below `node` that a tree-sitter query captures, by capture name, in source order.

    tree-sitter's own order is that of their places in memory, another one in every run.
    """
    found = QueryCursor(_query(source)).captures(node)
    return {name: sorted(nodes, key=_place) for name, nodes in found.items()}


def _place(node: Node) -> tuple[int, int]:
    """By what nodes are ordered: where they start, the outer before the inner."""
    return node.start_byte, -node.end_byte


def span(node: Node) -> Span:
    """The node's byte range.

    tree-sitter reads some `*a.b()` as `(*a).b()`; the star belongs to what is around the node.
    """
    inner = node
    while inner.type in _PRIMARIES and inner.children:
        inner = inner.children[0]
    starred = inner.type == "list_splat" and inner != node
    start = inner.named_children[0].start_byte if starred else node.start_byte
    return Span(start, node.end_byte)


def unstarred(node: Node) -> Node:
    """The expression under the star that tree-sitter takes for a part of it; see `span`."""
    return node.named_children[0] if node.type == "list_splat" else node


def text_of(node: Node) -> str:
    """The node's source."""
    return (node.text or b"").decode()


def name_of(definition: Node) -> str:
    """The name of a class or function; empty for what has none."""
    name = definition.child_by_field_name("name")
    return text_of(name) if name is not None else ""


def ancestors(node: Node) -> Iterator[Node]:
    """The node's parent, its parent, and so on up to the module."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def descendants(node: Node) -> Iterator[Node]:
    """The node and every named node below it, in source order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.named_children))


def own_nodes(kind: str, function: Node) -> list[Node]:
    """The nodes of this type in a function that are in no function inside it, in source order."""
    found = captures(f"({kind}) @found", function).get("found", [])
    own = [node for node in found if _function_around(node) == function]
    return sorted(own, key=lambda node: node.start_byte)


def _function_around(node: Node) -> Node | None:
    return next((each for each in ancestors(node) if each.type in FUNCTIONS), None)


# What tree-sitter puts side by side, LibCST nests: each elif in the one before, and so on.
_CHAINS = COMPREHENSIONS | {"if_statement", "concatenated_string", "dotted_name"}


def parts(node: Node) -> list[Node]:
    """The named children that mean something: no comments, no backslashes at a line's end."""
    return [c for c in node.named_children if c.type not in ("comment", "line_continuation")]


def depth(node: Node) -> int:
    """How many levels the node has as LibCST nests it, itself included."""
    deepest = 0
    stack = [(node, 1)]
    while stack:
        parent, level = stack.pop()
        deepest = max(deepest, level)
        before: Counter[str] = Counter()
        for child in parent.children:
            stack.append((child, level + 1 + before[child.type]))
            before[child.type] += parent.type in _CHAINS
    return deepest


def identifier_at(tree: Tree, offset: int, length: int) -> Node | None:
    """The identifier that fills this range, or None: a string, a comment, a part of either."""
    node = tree.root_node.descendant_for_byte_range(offset, offset + length)
    if node is not None and node.type == "identifier" and node.end_byte - node.start_byte == length:
        return node
    return None


def is_label(node: Node) -> bool:
    """Whether an identifier only labels something: an attribute, or an argument's keyword."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "attribute":
        return node == parent.child_by_field_name("attribute")
    return parent.type == "keyword_argument" and node == parent.child_by_field_name("name")


def first_error(tree: Tree) -> Node | None:
    """The first node, in source order, that is an error or is missing; None for a clean tree."""
    node = tree.root_node
    if not node.has_error:
        return None
    while True:
        if node.is_error or node.is_missing:
            return node
        inner = next((child for child in node.children if child.has_error), None)
        if inner is None:
            return node
        node = inner


def enclosing_scopes(node: Node) -> list[Node]:
    """The scopes that a name at `node` is looked up in, innermost first, by Python's rules.

    Decorators, annotations, default values and base classes belong to the scope around their
    definition, and so does the first iterable of a comprehension. A class body counts only for
    what stands directly in it. The module is always the last.
    """
    scopes: list[Node] = []
    chain = [node, *ancestors(node)]
    for index in range(1, len(chain)):
        scope = chain[index]
        if scope.type not in SCOPES or not _evaluated_inside(scope, chain[:index]):
            continue
        if scope.type != "class_definition" or not scopes:
            scopes.append(scope)
    if not scopes or scopes[-1].type != "module":
        scopes.append(chain[-1])
    return scopes


def type_parameters_around(node: Node) -> frozenset[str]:
    """The names of the type parameters of the definitions that the node is in (PEP 695)."""
    found: set[str] = set()
    for definition in ancestors(node):
        if definition.type in ("class_definition", "function_definition"):
            parameters = definition.child_by_field_name("type_parameters")
            if parameters is not None:
                words = (inner for inner in descendants(parameters) if inner.type == "identifier")
                found.update(text_of(word) for word in words)
    return frozenset(found)


def _evaluated_inside(scope: Node, below: list[Node]) -> bool:
    """Whether the innermost of `below`, a chain up to a child of `scope`, is evaluated in it."""
    child = below[-1]
    if scope.type in FUNCTIONS or scope.type == "class_definition":
        return child == scope.child_by_field_name("body")
    if scope.type in COMPREHENSIONS and child.type == "for_in_clause":
        clauses = [part for part in scope.named_children if part.type == "for_in_clause"]
        in_iterable = len(below) > 1 and below[-2] == child.child_by_field_name("right")
        return child != clauses[0] or not in_iterable
    return True


_SIMPLE = frozenset(
    {
        "assert_statement",
        "delete_statement",
        "exec_statement",
        "expression_statement",
        "import_from_statement",
        "import_statement",
        "print_statement",
        "raise_statement",
        "return_statement",
        "type_alias_statement",
    }
)
# What holds a compound statement's header expressions.
_HEADERS = frozenset(
    {
        "as_pattern",
        "case_clause",
        "class_definition",
        "decorator",
        "default_parameter",
        "elif_clause",
        "except_clause",
        "for_statement",
        "function_definition",
        "if_statement",
        "match_statement",
        "parameters",
        "typed_default_parameter",
        "typed_parameter",
        "while_statement",
        "with_item",
        "with_statement",
    }
)


def fragment(node: Node) -> Node:
    """The largest piece of syntax around `node` that can be parsed alone, up to its statement.

    That is the whole of a simple statement, and one header expression of a compound one.
    """
    chain = [node, *ancestors(node)]
    for index, candidate in enumerate(chain):
        if candidate.type in _SIMPLE:
            return candidate
        parent = chain[index + 1] if index + 1 < len(chain) else None
        if parent is None or parent.type in _HEADERS or parent.type in ("module", "block"):
            return candidate
        if parent.type == "if_clause" and chain[index + 2].type == "case_clause":
            return candidate
    return node


def node_at(tree: Tree, where: Span) -> Node:
    """The largest node that fills exactly this range, else the smallest that holds it."""
    node = tree.root_node.descendant_for_byte_range(where.start, where.end)
    if node is None:
        return tree.root_node
    while node.parent is not None and span(node.parent) == span(node):
        node = node.parent
    return node


class Shape(StrEnum):
    """What a piece of source is, which decides how it can be parsed alone."""

    EXPRESSION = "expression"
    SIMPLE_STATEMENT = "simple statement"
    BLOCK = "block"


def shape_of(tree: Tree, where: Span) -> Shape:
    """Whether a range is an expression, one simple statement, or compound or several ones."""
    node = node_at(tree, where)
    if span(node) != where:
        return Shape.BLOCK
    while node.type in ("module", "block") and node.named_child_count == 1:
        node = node.named_children[0]
    if node.type in _SIMPLE:
        return Shape.SIMPLE_STATEMENT
    holder = node.parent
    is_statement = node.type in ("module", "block") or (
        holder is not None and holder.type in ("module", "block")
    )
    return Shape.BLOCK if is_statement else Shape.EXPRESSION
