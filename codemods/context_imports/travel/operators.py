"""Operators that run a method of what stands on one side, with what stands on the other."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrate.syntax import captures, text_of

# The Python Language Reference, 3.3.8 and 3.3.1.
_BINARY = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "@": "matmul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "<<": "lshift",
    ">>": "rshift",
    "&": "and",
    "^": "xor",
    "|": "or",
}
_COMPARISONS = {
    "==": ("eq", "eq"),
    "!=": ("ne", "ne"),
    "<": ("lt", "gt"),
    "<=": ("le", "ge"),
    ">": ("gt", "lt"),
    ">=": ("ge", "le"),
}
_OPERATIONS = "[(binary_operator) (augmented_assignment)] @operation"


def operations(part: Node) -> Iterator[tuple[Node, str, Node]]:
    """What may run: an object, the method's name and what it is given."""
    for operation in captures(_OPERATIONS, part).get("operation", []):
        left, sign, right = (
            operation.child_by_field_name(field) for field in ("left", "operator", "right")
        )
        if left is None or sign is None or right is None:
            continue
        name = _BINARY.get(text_of(sign).removesuffix("="))
        if name is not None:
            yield left, f"__{name}__", right
            yield right, f"__r{name}__", left
            if operation.type == "augmented_assignment":
                yield left, f"__i{name}__", right
    for comparison in captures("(comparison_operator) @found", part).get("found", []):
        yield from _compared(comparison)
    for subscript in captures("(subscript) @found", part).get("found", []):
        holder = subscript.child_by_field_name("value")
        for key in subscript.children_by_field_name("subscript"):
            for name in ("__getitem__", "__setitem__", "__delitem__"):
                if holder is not None:
                    yield holder, name, key


def _compared(comparison: Node) -> Iterator[tuple[Node, str, Node]]:
    operands = [child for child in comparison.named_children if child.type != "comment"]
    signs = [text_of(sign) for sign in comparison.children_by_field_name("operators")]
    for left, sign, right in zip(operands, signs, operands[1:], strict=False):
        if sign in ("in", "not in"):
            yield right, "__contains__", left
        elif sign in _COMPARISONS:
            ours, theirs = _COMPARISONS[sign]
            yield left, f"__{ours}__", right
            yield right, f"__{theirs}__", left
