"""Strings and keywords by which attributes of objects are looked up."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrate.syntax import parts, text_of, unstarred
from migrate.view import FileView

BUILTINS = frozenset({"getattr", "hasattr", "setattr", "delattr"})
_WRITERS = frozenset({"setattr", "delattr", "__setattr__", "__delattr__"})
# Callees that take an object and the name of an attribute, by the end of their dotted name.
_CALLEES = ("patch.object", "monkeypatch.setattr", "monkeypatch.delattr")
_METHODS = frozenset({"__getattribute__", "__setattr__", "__delattr__"})
# Callees that take the dotted name of an attribute, by the last part of their own.
_BY_PATH = frozenset({"patch", "setattr", "delattr"})
_GETTERS = frozenset({"attrgetter", "methodcaller"})
# Callees that take the names of an object's attributes as keywords.
_BY_KEYWORD = frozenset(
    {"AsyncMock", "MagicMock", "Mock", "NonCallableMock", "create_autospec", "multiple"}
)


def call_of(node: Node) -> tuple[Node, list[Node]] | None:
    """The function and the arguments of the call that a node is an argument of."""
    holder = node.parent
    call = holder.parent if holder is not None else None
    function = call.child_by_field_name("function") if call is not None else None
    if holder is None or function is None or holder.type != "argument_list":
        return None
    return function, parts(holder)


def holder_of(string: Node) -> tuple[Node, bool] | None:
    """The object of which a string names an attribute, as in `getattr(object, "name")`.

    Also whether the attribute is written there.
    """
    if (found := call_of(string)) is None:
        return None
    function, given = found
    called = text_of(function)
    last = called.rpartition(".")[2]
    by_object = called in BUILTINS or called.endswith(_CALLEES) or last in _METHODS
    if by_object and given[1:2] == [string]:
        return given[0], last in _WRITERS
    bound = function.child_by_field_name("object")
    if last in _METHODS and given[:1] == [string] and bound is not None:
        return bound, last in _WRITERS
    return None


def dictionary_owner(node: Node) -> Node | None:
    """The object whose attributes are the keys of `object.__dict__` or `vars(object)`."""
    node = unstarred(node)
    name = node.child_by_field_name("attribute")
    if name is not None and text_of(name) == "__dict__":
        return node.child_by_field_name("object")
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if function is None or arguments is None or text_of(function) != "vars":
        return None
    return next(iter(parts(arguments)), None)


def key_owner(string: Node) -> Node | None:
    """The object of whose attributes a string is the key: `vars(object)["name"]` and its like."""
    holder = string.parent
    if holder is None:
        return None
    if holder.type == "subscript":
        value = holder.child_by_field_name("value")
        return dictionary_owner(value) if value is not None else None
    if holder.type == "comparison_operator":
        owners = (dictionary_owner(each) for each in holder.named_children)
        return next((owner for owner in owners if owner is not None), None)
    found = call_of(string)
    of_method = found[0].child_by_field_name("object") if found is not None else None
    return dictionary_owner(of_method) if of_method is not None else None


def is_getter(string: Node) -> bool:
    """Whether a string is given to something that makes a function of an attribute's name."""
    found = call_of(string)
    return found is not None and text_of(found[0]).rpartition(".")[2] in _GETTERS


def is_path(string: Node) -> bool:
    """Whether a string is given to what replaces the thing that it is the dotted name of."""
    found = call_of(string)
    return (
        found is not None
        and found[1][:1] == [string]
        and text_of(found[0]).rpartition(".")[2] in _BY_PATH
    )


def specified_by(argument: Node) -> list[Node]:
    """What stands for the object whose attributes some keywords name: `Mock(object, name=1)`."""
    found = call_of(argument)
    if found is None or text_of(found[0]).rpartition(".")[2] not in _BY_KEYWORD:
        return []
    values = (each.child_by_field_name("value") or each for each in found[1] if each != argument)
    return [each for each in values if each.type in ("identifier", "attribute", "string")]


def dotted_strings(view: FileView, name: str) -> Iterator[tuple[Node, str]]:
    """Every string literal of several names with dots between them, one of which is `name`."""
    seen: set[int] = set()
    for offset in view.text.occurrences(name.encode()):
        content = view.tree.root_node.descendant_for_byte_range(offset, offset + len(name))
        if content is None or content.type != "string_content" or content.parent is None:
            continue
        value = text_of(content)
        names = value.split(".")
        if content.start_byte in seen or len(names) < 2 or name not in names:
            continue
        if all(map(str.isidentifier, names)):
            seen.add(content.start_byte)
            yield content.parent, value
