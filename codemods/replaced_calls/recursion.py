"""Where a new call would lead back into the function that it calls."""

from __future__ import annotations

from tree_sitter import Node

from codemods.renames.targets import Functions, Target
from migrate.project.types import ClassRef
from migrate.syntax import ancestors, captures, descendants, text_of
from migrate.view import FileView

_FUNCTIONS = "(function_definition) @function"


def is_run_by_function(view: FileView, call: Node, new: Target) -> bool:
    """Whether a call is part of the function that would be called, as far as this file says."""
    if isinstance(new, ClassRef):
        node = view.project.index.node(new.path, new.start, "class_definition")
        starts = [node] if node is not None and new.path == view.path else []
    elif isinstance(new, Functions):
        here = {start for path, start in new.places if path == view.path}
        starts = [node for node in _functions(view) if node.start_byte in here]
    else:
        return False
    return _runs(view, starts, call)


def is_run_by_method(view: FileView, call: Node, name: str, owner: ClassRef) -> bool:
    """The same for the method `name` of a class, of those below it and of those above it."""
    project = view.project

    def is_meant(node: Node) -> bool:
        if _name(node) != name or (cls := project.owner(view.path, node)) is None:
            return False
        return owner in project.lineage(cls).order or cls in project.lineage(owner).order

    return _runs(view, [node for node in _functions(view) if is_meant(node)], call)


def _runs(view: FileView, starts: list[Node], call: Node) -> bool:
    """Whether a call stands in one of the definitions, or in a function whose name they use."""
    around = set(ancestors(call))
    others = {node: _name(node) for node in _functions(view)} if starts else {}
    seen, pending = set(starts), starts
    while pending:
        node = pending.pop()
        if node in around:
            return True
        body = node.child_by_field_name("body") or node
        used = {text_of(each) for each in descendants(body) if each.type == "identifier"}
        found = {other for other, name in others.items() if name in used} - seen
        seen |= found
        pending += found
    return False


def _functions(view: FileView) -> list[Node]:
    return captures(_FUNCTIONS, view.tree.root_node).get("function", [])


def _name(node: Node) -> str:
    name = node.child_by_field_name("name")
    return text_of(name) if name is not None else ""
