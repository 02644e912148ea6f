"""Whether anything imports a module any more."""

from __future__ import annotations

from tree_sitter import Node

from migrate.project import Project
from migrate.project.facts import Binding, Imported
from migrate.project.namespaces import namespace_of
from migrate.syntax import SCOPES, descendants


def is_imported(project: Project, module: str) -> bool:
    """Whether any file of the project but the module itself imports it, in whatever form."""
    stem = module.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]
    return any(
        imports(project, path, module)
        for path in project.index.passing(lambda data: stem.encode() in data)
        if path != module
    )


def imports(project: Project, path: str, module: str) -> bool:
    """Whether a file imports a module, or anything in it, at whatever level."""
    tree = project.index.tree(path)
    if tree is None:
        return True  # it cannot be read, so nothing can be said
    return any(
        _leads_to(project, path, imported, module)
        for scope in _scopes(tree.root_node)
        for imported in _imported(scope)
    )


def _scopes(root: Node) -> list[Node]:
    return [node for node in descendants(root) if node.type in SCOPES]


def _imported(scope: Node) -> list[Imported]:
    namespace = namespace_of(scope)
    bindings: list[Binding] = [*namespace.stars]
    for found in namespace.names.values():
        bindings += found
    return [binding.imported for binding in bindings if binding.imported is not None]


def _leads_to(project: Project, path: str, imported: Imported, module: str) -> bool:
    """Whether the import is of the module, of something in it, or of a package that leads to it."""
    target = project.index.import_target(imported, path)
    if target is None:
        return False
    if target == module:
        return True
    if imported.name is not None:
        return project.index.modules.submodule(target, imported.name) == module
    # `import a.b.c` binds `a`: what is behind it is not told apart here.
    return module.startswith(f"{target.removesuffix('/__init__.py')}/")
