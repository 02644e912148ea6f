"""Where the managers and emitters of a name are: what is called so, and what that is put in."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from codemods.websocket_events.facts import Facts
from codemods.websocket_events.payload import literal_of
from migrate.syntax import FUNCTIONS, SCOPES, ancestors, parts, text_of

_CHOICES = frozenset({"boolean_operator", "conditional_expression", "parenthesized_expression"})
_SEVERAL = frozenset({"expression_list", "tuple"})
_CLASSES = frozenset({"class_definition"})


def holders_called(facts: Facts, name: str) -> Iterator[Node]:
    """What is called `name`, by a variable, an attribute or a string, and what it is put in."""
    view = facts.view
    seen: set[int] = set()
    for word in (*view.identifiers(name), *view.strings(name)):
        parent = word.parent
        holder: Node | None = word
        if word.type != "identifier":
            holder = _asked_for(word)
        elif parent is not None and word == parent.child_by_field_name("attribute"):
            holder = parent
        if holder is None:
            continue
        yield holder
        chosen = _chosen(holder)
        if chosen != holder:
            yield chosen
        for target in _put_in(chosen):
            for use in _uses(facts, target):
                if text_of(use).rpartition(".")[2] != name and use.start_byte not in seen:
                    seen.add(use.start_byte)
                    yield use


def _chosen(value: Node) -> Node:
    """The expression that gives a value as it is, or where there is no other."""
    while (around := value.parent) is not None and (
        around.type in _CHOICES
        or (around.type == "call" and around.child_by_field_name("function") == value)
    ):
        value = around
    return value


def _put_in(value: Node) -> Iterator[Node]:
    """The variables and attributes that take a value."""
    around = value.parent
    if around is not None and around.type == "as_pattern":
        alias = around.child_by_field_name("alias")
        yield from alias.named_children[:1] if alias is not None else ()
    if around is not None and around.type == "named_expression":
        target = around.child_by_field_name("name")
        if target is not None and target != value:
            yield target
    at = None
    if around is not None and around.type in _SEVERAL:
        at, value, around = parts(around).index(value), around, around.parent
    while (
        around is not None
        and around.type == "assignment"
        and around.child_by_field_name("right") == value
    ):
        target = around.child_by_field_name("left")
        if target is not None and at is not None:
            target = dict(enumerate(parts(target))).get(at)
        if target is not None:
            yield target
        value, around = around, around.parent


def _uses(facts: Facts, target: Node) -> Iterator[Node]:
    """Where a variable is used in its function, or an attribute of an instance in its class."""
    if target.type == "identifier":
        scope = _around(target, FUNCTIONS)
        for use in facts.view.identifiers(text_of(target)):
            if _around(use, FUNCTIONS) is None if scope is None else scope in list(ancestors(use)):
                yield use
    receiver = facts.view.receiver(target)
    if receiver is None or target.type != "attribute":
        return
    holder, name = (target.child_by_field_name(field) for field in ("object", "attribute"))
    if holder is None or name is None or text_of(holder) != receiver.name:
        return
    scope = _around(target, _CLASSES)
    for use in facts.view.identifiers(text_of(name)):
        owner = holder_of(use)
        if owner is not None and text_of(owner) == receiver.name and scope in list(ancestors(use)):
            yield use.parent or use


def _around(node: Node, kinds: frozenset[str]) -> Node | None:
    return next((each for each in ancestors(node) if each.type in kinds), None)


def _asked_for(string: Node) -> Node | None:
    """The call or item that a string names something for: `getattr(x, "name")`, `x["name"]`."""
    around = string.parent
    if around is None or around.type == "subscript":
        return around
    return around.parent if around.type == "argument_list" else None


def getattr_of(string: Node) -> Node | None:
    """The call `getattr(x, "name")` that a string is the name of."""
    arguments = string.parent
    call = arguments.parent if arguments is not None else None
    function = call.child_by_field_name("function") if call is not None else None
    if call is None or function is None or text_of(function) != "getattr":
        return None
    return call if arguments_of_call(call)[1:2] == [string] else None


def arguments_of_call(call: Node) -> list[Node]:
    """What a call is given; a generator stands in the parentheses of the call itself."""
    given = call.child_by_field_name("arguments")
    if given is not None and given.type == "generator_expression":
        return [given]
    return parts(given) if given is not None else []


def call_of(name: Node) -> Node | None:
    """The call of the method that a name is, `object.name(...)`."""
    attribute = name.parent
    call = attribute.parent if attribute is not None else None
    if attribute is None or call is None or attribute.type != "attribute" or call.type != "call":
        return None
    is_method = attribute.child_by_field_name("attribute") == name
    return call if is_method and call.child_by_field_name("function") == attribute else None


def holder_of(name: Node) -> Node | None:
    """The `object` of which a name is looked up, in `object.name`."""
    return name.parent.child_by_field_name("object") if name.parent is not None else None


def looked_up(holder: Node) -> tuple[Node | None, str]:
    """The attribute that is taken of an object, `object.name` or by `getattr`, and its name."""
    around = holder.parent
    if around is not None and around.type == "attribute":
        return around, text_of(around.child_by_field_name("attribute") or around)
    call = around.parent if around is not None else None
    if call is None or call.type != "call" or arguments_of_call(call)[:1] != [holder]:
        return None, ""
    asked = arguments_of_call(call)[1:2]
    is_asked = bool(asked) and getattr_of(asked[0]) == call
    return (call, literal_of(asked[0]) or "") if is_asked else (None, "")


def class_around(word: Node) -> Node | None:
    """The class in whose body a name stands by itself, as a value; None if it stands elsewhere."""
    around = word.parent
    if around is None or around.type in ("attribute", "function_definition", "keyword_argument"):
        return None
    if around.child_by_field_name("left") == word:
        return None
    scope = next((each for each in ancestors(word) if each.type in SCOPES), None)
    return scope if scope is not None and scope.type == "class_definition" else None
