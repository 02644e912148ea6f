"""Whether anything imports a module any more."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from migrate.project import Project
from migrate.project.facts import Binding, Imported
from migrate.project.namespaces import namespace_of
from migrate.syntax import captures

# Where imports may stand, below a module.
_DEFINITIONS = "[(class_definition) (function_definition)] @scope"


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
    found = reached_by(project, path)
    return found is None or found.have(module)  # of what cannot be read, nothing can be said


@dataclass(frozen=True, slots=True)
class Reached:
    """The modules that a file imports or imports from: some, and all that are in some packages."""

    modules: frozenset[str]
    packages: tuple[str, ...]

    def have(self, module: str) -> bool:
        """Whether a module is among them."""
        return module in self.modules or module.startswith(self.packages)


def reached_by(project: Project, path: str) -> Reached | None:
    """What a file imports, at whatever level; None if it cannot be read."""
    tree = project.index.tree(path)
    if tree is None:
        return None
    modules: set[str] = set()
    packages: set[str] = set()
    found = {imported for scope in _scopes(tree.root_node) for imported in _imported(scope)}
    for imported in found:
        target = project.index.import_target(imported, path)
        if target is None:
            continue
        modules.add(target)
        if imported.name is None:
            # `import a.b.c` binds `a`: what is behind it is not told apart here.
            packages.add(f"{target.removesuffix('/__init__.py')}/")
        elif (submodule := project.index.modules.submodule(target, imported.name)) is not None:
            modules.add(submodule)
    return Reached(frozenset(modules), tuple(packages))


def _scopes(root: Node) -> list[Node]:
    return [root, *captures(_DEFINITIONS, root).get("scope", [])]


def _imported(scope: Node) -> list[Imported]:
    namespace = namespace_of(scope)
    bindings: list[Binding] = [*namespace.stars]
    for found in namespace.names.values():
        bindings += found
    return [binding.imported for binding in bindings if binding.imported is not None]
