"""What tests say of the calls that a mock has seen: `send.assert_called_with(recipient=1)`."""

from __future__ import annotations

from tree_sitter import Node

from migrate.syntax import ancestors, text_of
from migrate.view import FileView

# Names of calls that take the arguments of another call (`unittest.mock`).
_EXPECTATIONS = frozenset(
    {
        "assert_any_await",
        "assert_any_call",
        "assert_awaited_once_with",
        "assert_awaited_with",
        "assert_called_once_with",
        "assert_called_with",
        "call",
    }
)
_SEEN = ("call_args", "await_args", "mock_calls", "method_calls")


def is_expectation(view: FileView, function: Node, name: str) -> bool:
    """Whether a call of `function` may say how a mock of the function `name` was called."""
    last = function.child_by_field_name("attribute") or function
    if last.type != "identifier" or text_of(last) not in _EXPECTATIONS:
        return False
    holder = function.child_by_field_name("object")
    if holder is not None and name in text_of(holder):
        return True
    return any(True for _ in view.text.occurrences(name.encode()))


def is_seen_keyword(string: Node) -> bool:
    """Whether a string is the key of what a mock was called with: `send.call_args[1]["to"]`."""
    holder = string.parent
    if holder is None or holder.type != "subscript":
        return False
    value = holder.child_by_field_name("value")
    around = (each for each in ancestors(string) if each.type == "subscript")
    return value is not None and any(seen in text_of(each) for each in around for seen in _SEEN)
