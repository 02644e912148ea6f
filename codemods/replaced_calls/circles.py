"""Where a new call would lead back: into the new function itself, or into a circle of imports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from weakref import WeakKeyDictionary

from tree_sitter import Node

from codemods.renames.targets import Functions, Target
from migrate.project import Project
from migrate.project.facts import Imported
from migrate.project.index import Index
from migrate.project.types import ClassRef
from migrate.syntax import ancestors, captures, descendants, text_of
from migrate.view import FileView

_FUNCTIONS = "(function_definition) @function"
_TYPE_CHECKING = (b"if TYPE_CHECKING", b"if typing.TYPE_CHECKING")

_IMPORT = re.compile(rb"import\s(.*)")
_DOTTED = re.compile(rb"(?:\w+\.)+\w+")

_reached: WeakKeyDictionary[Index, dict[str, frozenset[str]]] = WeakKeyDictionary()


# Calls


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


# Imports


def imports_back(project: Project, module: str, path: str) -> bool:
    """Whether importing a module imports a file, directly or through others.

    What only functions import, and type checkers, is not imported with the module.
    """
    known = _reached.setdefault(project.index, {})
    if module not in known:
        known[module] = frozenset(_reach(project, module))
    return path in known[module]


def _reach(project: Project, module: str) -> set[str]:
    imported = partial(_imported, project)
    seen, pending = {module}, [module]
    while pending:
        found = set(imported(pending.pop())) - seen
        seen |= found
        pending += found
    return seen


def _imported(project: Project, path: str) -> Iterator[str]:
    """The files that are imported when a module is."""
    modules = project.index.modules
    for imported in _imports_of(project, path):
        target = project.index.import_target(imported, path)
        if target is None:
            continue
        yield target
        if imported.name is not None:
            inner = modules.submodule(target, imported.name)
            if inner is not None:
                yield inner


def _imports_of(project: Project, path: str) -> Iterator[Imported]:
    namespace = project.index.namespace(path)
    bindings = [*namespace.stars, *(b for found in namespace.names.values() for b in found)]
    text = project.index.text(path) if bindings else None
    data = text.utf8 if text is not None else b""
    for binding in bindings:
        if binding.imported is None or _is_for_types(data, binding.start):
            continue
        yield binding.imported
        # `import a.b` binds `a`, and imports both.
        statement = data[binding.start :].partition(b"\n")[0]
        if match := _IMPORT.match(statement):
            yield from (Imported(name.decode()) for name in _DOTTED.findall(match[1]))


def _is_for_types(data: bytes, start: int) -> bool:
    """Whether a statement at the top level stands below `if TYPE_CHECKING:`."""
    lines = data[:start].split(b"\n")
    indent = len(lines.pop())
    while indent and lines:
        line = lines.pop()
        text = line.lstrip()
        if text and not text.startswith(b"#") and len(line) - len(text) < indent:
            indent = len(line) - len(text)
            if text.startswith(_TYPE_CHECKING):
                return True
    return False
