"""Local names for the metadata: whether they are written through, or leave the function."""

from __future__ import annotations

from tree_sitter import Node

from codemods.metadata_storage.sites import (
    Site,
    enclosing_function,
)
from codemods.metadata_storage.uses import (
    READING_METHODS,
    Kind,
    classify,
    identifiers_in,
)
from migrate.syntax import enclosing_scopes, text_of


def escape_of(site: Site) -> str | None:
    """How a local name for the dictionary is written through or leaves; None if it does not."""
    name = _alias_name(site.use.node)
    if name is None:
        return "The dictionary gets another name."
    scope = enclosing_scopes(site.metadata)[0]
    if scope.type == "class_definition":
        return f"{text_of(name)} is an attribute, which others may write through."
    if text_of(name) in site.view.project.local_namespace(site.view.path, scope).declared:
        return f"{text_of(name)} is a name of another scope, which others may write through."
    for node in identifiers_in(enclosing_function(site.metadata), text_of(name)):
        if node == name or _is_binding(node):
            continue
        use = classify(node)
        kind = use.kind
        line = site.view.text.position(node.start_byte).line
        if kind is Kind.METHOD and use.method not in READING_METHODS:
            return f"{text_of(name)} is changed in line {line}."
        if kind in (Kind.LEAVES, Kind.ALIAS):
            return f"{text_of(name)} is passed on in line {line}."
        if kind not in (Kind.READ, Kind.READ_ITEM, Kind.METHOD, Kind.REPLACE):
            return f"{text_of(name)} is changed in line {line}."
    return None


def _is_binding(node: Node) -> bool:
    """Whether the identifier is a parameter or another binding, not a use."""
    parent = node.parent
    if parent is None:
        return False
    return parent.type in ("parameters", "lambda_parameters", "global_statement") or (
        parent.type in ("typed_parameter", "default_parameter", "named_expression")
        and parent.named_children[0] == node
    )


def _alias_name(node: Node) -> Node | None:
    target = node.named_children[0] if node.type == "expression_statement" else node
    name = target.child_by_field_name("left") or target.child_by_field_name("name")
    return name if name is not None and name.type == "identifier" else None
