"""What code does with a dictionary: the syntax around an expression, classified.

Nothing here knows about contexts or agents; the same classification serves `context.metadata`
and a local name that stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

from migrate.syntax import COMPREHENSIONS, ancestors, is_label, span, text_of


class Kind(StrEnum):
    """What happens to the dictionary, or to what is in it."""

    SET_ITEM = "set item"
    AUGMENT_ITEM = "augmented assignment to an item"
    DELETE_ITEM = "delete item"
    READ_ITEM = "read item"
    CHANGE_ITEM = "change inside an item"
    METHOD = "method call"
    REPLACE = "assignment"
    AUGMENT = "augmented assignment"
    DELETE = "delete"
    TARGET = "target of an unpacking"
    ALIAS = "another name"
    LEAVES = "passed on"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a dictionary.

    `node` is the statement or expression to report. `item` is the subscript for the item kinds,
    `call` the call and `method` the name for methods. `direct` is False where something stands
    between, as in `(metadata or {}).get(key)`.
    """

    kind: Kind
    node: Node
    item: Node | None = None
    call: Node | None = None
    method: str = ""
    direct: bool = True


READING_METHODS = frozenset(
    {"get", "items", "keys", "values", "copy", "__contains__", "__len__", "__iter__"}
)
REMOVING_METHODS = frozenset({"pop", "popitem", "clear", "__delitem__"})
_CHANGING_METHODS = frozenset(
    [
        "append",
        "extend",
        "insert",
        "remove",
        "sort",
        "reverse",
        "add",
        "discard",
        "update",
        "setdefault",
        "pop",
        "popitem",
        "clear",
        "appendleft",
        "extendleft",
        "popleft",
        "intersection_update",
        "difference_update",
        "write",
    ]
)
# Built-in functions that keep no reference to their argument.
_READING_FUNCTIONS = frozenset(
    [
        "all",
        "any",
        "bool",
        "dict",
        "enumerate",
        "filter",
        "frozenset",
        "hasattr",
        "id",
        "isinstance",
        "iter",
        "len",
        "list",
        "map",
        "max",
        "min",
        "print",
        "repr",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
        "type",
        "zip",
        "json.dumps",
        "copy.copy",
        "copy.deepcopy",
        "deepcopy",
    ]
)
# Methods, of whatever object, that do the same: copying, logging, formatting.
_READING_CALLS = frozenset(
    {"update", "format", "debug", "info", "warning", "error", "exception", "critical", "log"}
)
_STATEMENT = "expression_statement"
_TRANSPARENT = frozenset({"parenthesized_expression", "boolean_operator", "named_expression"})
_PATTERNS = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern"})
_DELETED_TOGETHER = frozenset({"expression_list", "tuple", "list", "parenthesized_expression"})
_KEEPING = frozenset(
    {
        "dictionary",
        "expression_list",
        "keyword_argument",
        "list",
        "pair",
        "return_statement",
        "set",
        "tuple",
        "yield",
        "lambda",
        "default_parameter",
        "typed_default_parameter",
    }
)


def classify(expression: Node) -> Use:
    """What is done with the value of an expression, where it stands."""
    node = without_parentheses(expression)
    parent = node.parent
    if parent is None:
        return Use(Kind.READ, node)
    if parent.type == "subscript" and parent.child_by_field_name("value") == node:
        return _item_use(parent)
    if parent.type == "attribute":
        return _attribute_use(parent)
    target = _target_use(node, parent)
    return target or _value_use(node)


def without_parentheses(node: Node) -> Node:
    """The widest expression that is this one in parentheses."""
    while node.parent is not None and node.parent.type == "parenthesized_expression":
        node = node.parent
    return node


def statement_of(node: Node) -> Node:
    """The expression statement that the node is all of; else the node itself."""
    parent = without_parentheses(node).parent
    alone = parent is not None and parent.named_child_count == 1
    return parent if parent is not None and alone and parent.type == _STATEMENT else node


def _target_use(node: Node, parent: Node) -> Use | None:
    """The use of a node that is a target; None if it is none."""
    if parent.type == "assignment" and parent.child_by_field_name("left") == node:
        return Use(Kind.REPLACE, _whole_assignment(parent))
    if parent.type == "augmented_assignment" and parent.child_by_field_name("left") == node:
        return Use(Kind.AUGMENT, statement_of(parent))
    holder: Node | None = parent
    while holder is not None and holder.type in _DELETED_TOGETHER:
        holder = holder.parent
    if holder is not None and holder.type == "delete_statement":
        return Use(Kind.DELETE, holder)
    if parent.type in _PATTERNS or parent.type == "as_pattern_target":
        return Use(Kind.TARGET, _holding_statement(node))
    is_loop = parent.type in ("for_statement", "for_in_clause")
    if is_loop and parent.child_by_field_name("left") == node:
        return Use(Kind.TARGET, node)
    return None


def _whole_assignment(assignment: Node) -> Node:
    """The statement of an assignment, which may be one of a chain."""
    while assignment.parent is not None and assignment.parent.type == "assignment":
        assignment = assignment.parent
    return statement_of(assignment)


def _holding_statement(node: Node) -> Node:
    return next((n for n in ancestors(node) if n.type.endswith("_statement")), node)


def _item_use(subscript: Node) -> Use:
    node = without_parentheses(subscript)
    parent = node.parent
    if parent is None:
        return Use(Kind.READ_ITEM, subscript, item=subscript)
    target = _target_use(node, parent)
    if target is not None:
        kinds = {
            Kind.REPLACE: Kind.SET_ITEM,
            Kind.AUGMENT: Kind.AUGMENT_ITEM,
            Kind.DELETE: Kind.DELETE_ITEM,
        }
        return Use(kinds.get(target.kind, target.kind), target.node, item=subscript)
    if parent.type == "subscript" and parent.child_by_field_name("value") == node:
        deeper = _item_use(parent)
        changes = deeper.kind is not Kind.READ_ITEM
        return Use(
            Kind.CHANGE_ITEM if changes else Kind.READ_ITEM,
            deeper.node if changes else subscript,
            item=subscript,
        )
    if parent.type == "attribute":
        return _item_attribute_use(subscript, parent)
    return Use(Kind.READ_ITEM, subscript, item=subscript)


def _item_attribute_use(subscript: Node, attribute: Node) -> Use:
    """`d[k].name`: reading it, calling a method that may change the item, or assigning to it."""
    name = _attribute_name(attribute)
    outer = without_parentheses(attribute)
    parent = outer.parent
    if parent is not None and parent.type == "call" and name in _CHANGING_METHODS:
        node = statement_of(parent)
        return Use(Kind.CHANGE_ITEM, node, item=subscript, call=parent, method=name)
    if parent is not None and (target := _target_use(outer, parent)) is not None:
        return Use(Kind.CHANGE_ITEM, target.node, item=subscript)
    return Use(Kind.READ_ITEM, subscript, item=subscript)


def _attribute_use(attribute: Node) -> Use:
    """`d.name`: a method call, or something done to an attribute of a foreign kind of object."""
    name = _attribute_name(attribute)
    outer = without_parentheses(attribute)
    parent = outer.parent
    if parent is not None and parent.child_by_field_name("function") == outer:
        return Use(Kind.METHOD, parent, call=parent, method=name)
    if parent is not None and (target := _target_use(outer, parent)) is not None:
        return Use(Kind.CHANGE_ITEM, target.node)
    is_method = name in READING_METHODS | REMOVING_METHODS | _CHANGING_METHODS
    return Use(Kind.LEAVES if is_method else Kind.READ, attribute)


def _attribute_name(attribute: Node) -> str:
    name = attribute.child_by_field_name("attribute")
    return text_of(name) if name is not None else ""


def _value_use(expression: Node) -> Use:
    """The use of a value: where it goes through operators that may give it back as it is."""
    if span(expression).start != expression.start_byte:
        return Use(Kind.READ, expression)  # under a star, which takes it apart
    node, direct = expression, True
    while (parent := node.parent) is not None and _gives_back(parent, node):
        direct = direct and parent.type == "parenthesized_expression"
        if parent.type == "named_expression":
            return Use(Kind.ALIAS, parent, direct=False)
        node = parent
    if parent is None:
        return Use(Kind.READ, expression)
    if not direct and parent.type in ("subscript", "attribute"):
        inner = classify(node)
        return Use(inner.kind, inner.node, inner.item, inner.call, inner.method, direct=False)
    if parent.type == "assignment":
        return _assigned(parent)
    if parent.type == "argument_list" and _is_read_by_call(parent):
        return Use(Kind.READ, expression)
    is_element = parent.type in COMPREHENSIONS and parent.child_by_field_name("body") == node
    if parent.type in ("argument_list", "match_statement") or parent.type in _KEEPING or is_element:
        return Use(Kind.LEAVES, expression)
    return Use(Kind.READ, expression)


def _gives_back(parent: Node, node: Node) -> bool:
    """Whether the value of `parent` can be that of `node`: not where it is only tested."""
    operator = parent.child_by_field_name("operator")
    if operator is not None and text_of(operator) == "and":
        return parent.child_by_field_name("right") == node
    if parent.type == "conditional_expression":
        return parent.named_children[1] != node
    return parent.type in _TRANSPARENT


def _assigned(assignment: Node) -> Use:
    target = assignment.child_by_field_name("left")
    node = _whole_assignment(assignment)
    chained = assignment.parent is not None and assignment.parent.type == "assignment"
    if target is not None and target.type == "identifier" and not chained:
        return Use(Kind.ALIAS, node)
    return Use(Kind.LEAVES, node)


def _is_read_by_call(arguments: Node) -> bool:
    """Whether a call keeps nothing of its positional arguments but what is in them."""
    call = arguments.parent
    function = call.child_by_field_name("function") if call is not None else None
    if function is None:
        return False
    name = _attribute_name(function) if function.type == "attribute" else ""
    if name in _READING_CALLS or name.startswith("assert"):
        return True
    return text_of(function) in _READING_FUNCTIONS


def identifiers_in(scope: Node, name: str) -> Iterator[Node]:
    """Every plain use of a name below a node: no attribute, no keyword of an argument."""
    stack = [scope]
    while stack:
        node = stack.pop()
        if node.type == "identifier" and text_of(node) == name and not is_label(node):
            yield node
        stack.extend(reversed(node.named_children))
