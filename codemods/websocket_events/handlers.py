"""What catches errors of a piece of code in its function, and what is done then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from codemods.websocket_events.implementation import is_harmless
from migrate.syntax import FUNCTIONS, ancestors, descendants, parts, text_of

CLAUSES = frozenset({"except_clause", "except_group_clause"})
_ALL = frozenset({"BaseException", "Exception"})
_LOOPS = frozenset({"for_statement", "while_statement"})
_NOTHING = frozenset({"ellipsis", "string"})


@dataclass(frozen=True)
class Handler:
    """What catches errors of a block: a clause of a `try`, or a `with suppress(...)`."""

    clause: Node
    classes: Sequence[Node]
    takes_all: bool
    block: Node
    handling: Node | None

    @property
    def names(self) -> frozenset[str]:
        """The names of the classes that it catches."""
        return frozenset(map(last_name, self.classes))

    @property
    def inside(self) -> Iterator[Node]:
        """Everything that is done with an error."""
        return descendants(self.handling) if self.handling is not None else iter(())

    @property
    def is_visible(self) -> bool:
        """Whether more is done with an error than to log it."""
        done = parts(self.handling) if self.handling is not None else []
        return not all(map(is_quiet, done))

    @property
    def ends_function(self) -> bool:
        """Whether nothing more is done in the function after an error is handled."""
        done = parts(self.handling) if self.handling is not None else []
        if done and done[-1].type in ("raise_statement", "return_statement"):
            return True
        inner = self.block.parent
        for around in ancestors(self.block):
            if around.type in FUNCTIONS:
                return True
            goes_on = around.type == "try_statement" and any(
                each.type == "else_clause" and inner != self.block.parent for each in parts(around)
            )
            if around.type in _LOOPS or goes_on:
                return False
            if around.type == "block" and inner is not None and parts(around)[-1] != inner:
                return False
            inner = around
        return False


def handlers_around(node: Node) -> Iterator[Handler]:
    """What catches errors at a node in its function, innermost first."""
    below = node
    for around in ancestors(node):
        if around.type in FUNCTIONS:
            return
        block = around.child_by_field_name("body")
        if block is not None and block == below:
            if around.type == "try_statement":
                yield from _clauses(around, block)
            elif around.type == "with_statement":
                yield from _suppressing(around, block)
        below = around


def _clauses(statement: Node, block: Node) -> Iterator[Handler]:
    for clause in statement.named_children:
        if clause.type not in CLAUSES:
            continue
        *head, handling = parts(clause)
        classes = [each for value in head for each in _listed(value)]
        takes_all = not classes or bool(_ALL & set(map(last_name, classes)))
        yield Handler(clause, classes, takes_all, block, handling)


def _suppressing(statement: Node, block: Node) -> Iterator[Handler]:
    for item in descendants(statement.named_children[0]):
        function = item.child_by_field_name("function") if item.type == "call" else None
        arguments = item.child_by_field_name("arguments") if function is not None else None
        if function is not None and arguments is not None and last_name(function) == "suppress":
            classes = parts(arguments)
            takes_all = bool(_ALL & set(map(last_name, classes)))
            yield Handler(item, classes, takes_all, block, None)


def _listed(value: Node) -> list[Node]:
    """The classes that a clause names: `A`, `(A, B)`, and either of them with `as error`."""
    if value.type == "as_pattern":
        return _listed(parts(value)[0])
    if value.type in ("tuple", "parenthesized_expression"):
        return [inner for each in parts(value) for inner in _listed(each)]
    return [value]


def is_quiet(statement: Node) -> bool:
    """Whether a statement does nothing, or logs."""
    if statement.type == "pass_statement":
        return True
    inner = parts(statement)
    if statement.type != "expression_statement" or len(inner) != 1:
        return False
    if inner[0].type in _NOTHING:
        return True
    calls = [each for each in descendants(inner[0]) if each.type in ("call", "await", "yield")]
    return inner[0].type == "call" and all(c.type == "call" and is_harmless(c) for c in calls)


def last_name(node: Node) -> str:
    """`c` of `c`, `b.c` and of a call of these."""
    function = node.child_by_field_name("function") if node.type == "call" else None
    return text_of(function or node).rpartition(".")[2].strip()
