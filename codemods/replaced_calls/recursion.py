"""Where a new call would lead back into the function that it calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from posixpath import basename

from tree_sitter import Node

from codemods.renames.targets import Functions, Target
from migrate.project import Project
from migrate.project.types import ClassRef
from migrate.syntax import ancestors, captures, descendants, name_of, text_of
from migrate.view import FileView

_FUNCTIONS = "(function_definition) @function"


def is_run_by_function(view: FileView, call: Node, new: Target) -> bool:
    """Whether a call is part of the function that would be called, or of one that it imports.

    That is as far as this file and that of the function say.
    """
    if isinstance(new, ClassRef):
        node = view.project.index.node(new.path, new.start, "class_definition")
        starts = [node] if node is not None and new.path == view.path else []
    elif isinstance(new, Functions):
        here = {start for path, start in new.places if path == view.path}
        starts = [node for node in _functions(view) if node.start_byte in here]
        names = {
            name
            for path, start in new.places
            if path != view.path
            for name in _taken_by(view.project, path, start, view.path)
        }
        starts += [node for node in _functions(view) if name_of(node) in names]
    else:
        return False
    return _runs(view, starts, call)


def _taken_by(project: Project, path: str, start: int, source: str) -> Iterator[str]:
    """The names that a function, with what it uses of its file, imports from another file."""
    stem = basename(source).removesuffix(".py")
    if stem != "__init__" and stem.encode() not in project.index.bytes_of(path):
        return
    function = project.index.node(path, start, "function_definition")
    tree = project.index.tree(path)
    if function is None or tree is None:
        return
    for node in _reached(captures(_FUNCTIONS, tree.root_node).get("function", []), [function]):
        names = {**project.index.namespace(path).names, **project.local_namespace(path, node).names}
        words = _used(node)
        for word in words:
            for binding in names.get(word, ()):
                imported = binding.imported
                if imported is None:
                    continue
                inner = ".".join(filter(None, (imported.module, imported.name)))
                module = replace(imported, module=inner, name=None)
                if project.index.import_target(module, path) == source:
                    yield from words
                elif project.index.import_target(imported, path) == source:
                    yield imported.name or ""


def is_run_by_method(view: FileView, call: Node, name: str, owner: ClassRef) -> bool:
    """The same for the method `name` of a class, of those below it and of those above it."""
    project = view.project

    def is_meant(node: Node) -> bool:
        if name_of(node) != name or (cls := project.owner(view.path, node)) is None:
            return False
        return owner in project.lineage(cls).order or cls in project.lineage(owner).order

    return _runs(view, [node for node in _functions(view) if is_meant(node)], call)


def _runs(view: FileView, starts: list[Node], call: Node) -> bool:
    """Whether a call stands in one of the definitions, or in a function whose name they use."""
    around = set(ancestors(call))
    return any(node in around for node in _reached(_functions(view), starts))


def _reached(functions: Sequence[Node], starts: Sequence[Node]) -> Iterator[Node]:
    """The definitions, and those of the functions whose names they use, in turn."""
    others = {node: name_of(node) for node in functions} if starts else {}
    seen, pending = set(starts), [*starts]
    while pending:
        node = pending.pop()
        yield node
        used = _used(node)
        found = {other for other, name in others.items() if name in used} - seen
        seen |= found
        pending += found


def _used(node: Node) -> set[str]:
    """The names that the body of a definition has."""
    body = node.child_by_field_name("body") or node
    return {text_of(each) for each in descendants(body) if each.type == "identifier"}


def _functions(view: FileView) -> list[Node]:
    return captures(_FUNCTIONS, view.tree.root_node).get("function", [])
