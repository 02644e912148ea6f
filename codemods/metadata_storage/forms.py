"""Forms that the rules recognise in keys, values and arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tree_sitter import Node

from codemods.metadata_storage.groups import (
    arguments_of,
    key_of,
)
from codemods.metadata_storage.proofs import (
    comment_problem,
    names_in,
)
from codemods.metadata_storage.sites import (
    Site,
)
from codemods.metadata_storage.targets import store_dumps
from codemods.metadata_storage.uses import (
    classify,
)
from migrate.project import types
from migrate.project.index import parse_expression
from migrate.project.types import ClassRef, Instance, builtin, without_none
from migrate.syntax import ancestors, descendants, parts, text_of


def unwrapped_value(site: Site, value: Node) -> tuple[Node, str | None]:
    """The object of `object.model_dump(...)` if the method dumps it the same; else the value."""
    function = value.child_by_field_name("function") if value.type == "call" else None
    name = function.child_by_field_name("attribute") if function is not None else None
    holder = function.child_by_field_name("object") if function is not None else None
    arguments = value.child_by_field_name("arguments") if function is not None else None
    if name is None or holder is None or arguments is None or text_of(name) != "model_dump":
        return value, None
    given = ["".join(text_of(child).split()) for child in arguments.named_children]
    plain = {text.replace('"', "'") for text in given}
    if not plain <= {"mode='json'", "exclude_none=True"} or len(plain) != len(given):
        return value, None
    if plain == {"exclude_none=True"} or not store_dumps(site):
        return value, None
    if not _dumps_as_expected(site, holder):
        return value, None
    if comment_problem(value, (holder,)) is not None:
        return value, None
    if "exclude_none=True" in plain:
        return holder, None
    note = (
        f"Stored through {site.options.store}: dates become JSON strings, and fields that are "
        "None are now left out."
    )
    return holder, note


def _dumps_as_expected(site: Site, holder: Node) -> bool:
    """Whether nothing is known against `holder.model_dump(mode='json', exclude_none=True)`."""
    for atom in without_none(site.view.type_of(holder)):
        if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef):
            own = site.view.project.method(atom.cls, "model_dump")
            names = {parameter.name for parameter in own.parameters} if own else {"mode"}
            flexible = own is None or any(p.kind == "var-keyword" for p in own.parameters)
            if not flexible and not {"mode", "exclude_none"} <= names:
                return False
    return True


def adds_number(site: Site) -> bool:
    """Whether the site is `ctx.metadata[K] += N` with a number literal N."""
    assignment = site.use.node.named_children[0] if site.use.node.named_children else None
    if assignment is None or assignment.type != "augmented_assignment" or not site.direct:
        return False
    operator = assignment.child_by_field_name("operator")
    amount = assignment.child_by_field_name("right")
    is_number = amount is not None and amount.type in ("integer", "float")
    return (
        operator is not None
        and text_of(operator) == "+="
        and is_number
        and key_of(site) is not None
    )


def increment_of(site: Site, value: Node) -> Node | None:
    """The N of `ctx.metadata.get(K, 0) + N`, for the same context and key; else None."""
    while value.type == "parenthesized_expression" and len(value.named_children) == 1:
        value = value.named_children[0]
    operator = value.child_by_field_name("operator")
    left, right = value.child_by_field_name("left"), value.child_by_field_name("right")
    if value.type != "binary_operator" or operator is None or text_of(operator) != "+":
        return None
    expected = f"{site.source(site.metadata)}.get({site.source(key_of(site))}, 0)"
    for counter, amount in ((left, right), (right, left)):
        if counter is not None and _is_same(site.source(counter), expected):
            return amount
    return None


def is_first(amount: Node) -> bool:
    """Whether the operand is the left one of its operator."""
    parent = amount.parent
    return parent is not None and parent.child_by_field_name("left") == amount


def is_number(site: Site, node: Node) -> bool:
    """Whether the source says that the value is a number."""
    numbers = builtin("int") | builtin("float")
    type_ = site.view.type_of(node)
    return bool(type_) and type_ <= numbers


def _is_same(source: str, other: str) -> bool:
    """Whether two sources are the same expression, however they are laid out."""
    first, second = parse_expression(source), parse_expression(other)
    if first is None or second is None:
        return source == other
    return ast.dump(first) == ast.dump(second)


def copied_from(site: Site, value: Node) -> Node | None:
    """The other context whose metadata an assigned value comes from; else None."""
    for attribute in metadata_attributes(site, value):
        holder = attribute.child_by_field_name("object")
        use = classify(attribute)
        whole = use.node == value or (use.call == value and use.method == "get")
        if holder is not None and whole and _is_other_context(site, holder):
            return holder
    if value.type != "identifier":
        return None
    for loop in ancestors(site.metadata):
        if loop.type in ("function_definition", "class_definition"):
            return None
        left, right = loop.child_by_field_name("left"), loop.child_by_field_name("right")
        if loop.type != "for_statement" or left is None or right is None:
            continue
        if text_of(value) in {text_of(n) for n in names_in(left)}:
            for attribute in metadata_attributes(site, right):
                holder = attribute.child_by_field_name("object")
                if holder is not None and _is_other_context(site, holder):
                    return holder
    return None


def metadata_attributes(site: Site, node: Node) -> Iterator[Node]:
    """Every `x.metadata` below a node, in source order."""
    for inner in descendants(node):
        name = inner.child_by_field_name("attribute") if inner.type == "attribute" else None
        if name is not None and text_of(name) == site.options.attribute:
            yield inner


def _is_other_context(site: Site, holder: Node) -> bool:
    if site.source(holder) == site.source(site.context) or text_of(holder) in ("self", "cls"):
        return False
    return site.facts.may_be_context(holder, without_none(site.view.type_of(holder)))


def metadata_of_other(site: Site, mapping: Node) -> bool:
    """Whether an expression is another context's metadata."""
    name = mapping.child_by_field_name("attribute") if mapping.type == "attribute" else None
    holder = mapping.child_by_field_name("object") if mapping.type == "attribute" else None
    is_metadata = name is not None and text_of(name) == site.options.attribute
    return is_metadata and holder is not None and _is_other_context(site, holder)


def update_mapping(site: Site) -> tuple[Node | None, str | None]:
    """The one mapping that `update` is given, or its keyword arguments as a display."""
    arguments = site.use.call.child_by_field_name("arguments") if site.use.call else None
    if arguments is None or arguments.type != "argument_list":
        return None, None
    given = parts(arguments)
    positional = arguments_of(site.use.call)
    if positional is not None:
        return (positional[0], None) if len(positional) == 1 else (None, None)
    if len(given) == 1 and given[0].type == "dictionary_splat":
        return None, f"{{{site.source(given[0])}}}"
    if not given or any(child.type != "keyword_argument" for child in given):
        return None, None
    items = []
    for child in given:
        name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
        items.append(f"{site.source(name)!r}: {site.source(value)}")
    return None, "{" + ", ".join(items) + "}"


def is_mapping(site: Site, node: Node) -> bool:
    """Whether the source says that the value is a mapping."""
    if node.type in ("dictionary", "dictionary_comprehension"):
        return True
    if node.type == "parenthesized_expression" and len(node.named_children) == 1:
        return is_mapping(site, node.named_children[0])
    return types.is_mapping(site.view.type_of(node))
