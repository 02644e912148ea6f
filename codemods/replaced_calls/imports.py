"""What a file has to import for the calls that it gets."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from tree_sitter import Node

from codemods.context_imports import plans
from codemods.context_imports.imports import Alias, ImportSite, aliases_of, module_of
from codemods.context_imports.merges import plan_of
from codemods.renames.targets import Functions, Outside, Target
from migrate.project import Project
from migrate.project.types import ClassObject, ClassRef, External, FunctionObject, Type
from migrate.syntax import ancestors, captures, is_label
from migrate.view import FileView

_IMPORTS = frozenset({"import_statement", "import_from_statement"})


@dataclass(frozen=True)
class Import:
    """The statement by which a file has an old function, and the name in it."""

    node: Node
    alias: Alias


@dataclass(frozen=True)
class Need:
    """A new name for a file: what is imported, beside or instead of which old one."""

    at: Import
    module: str
    name: str
    instead: bool


@dataclass(frozen=True)
class NewName:
    """How a file calls a new function: `written`, whose first part is `imported` from `module`."""

    module: str
    imported: str
    written: str

    @property
    def dotted(self) -> str:
        """The full name of what is imported."""
        return f"{self.module}.{self.imported}"


def new_name(project: Project, dotted: str, path: str) -> NewName:
    """How the file `path` would call a function: with its class, if it is a method of one."""
    parts = dotted.split(".")
    modules = project.index.modules
    for length in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:length])
        if modules.absolute(module, path) or modules.anywhere(module):
            return NewName(module, parts[length], ".".join(parts[length:]))
    return NewName(".".join(parts[:-1]), parts[-1], parts[-1])


def is_bound_to(view: FileView, name: str, dotted: str, target: Target) -> bool | None:
    """Whether a name of the file is what it should be; None if the file does not use the name."""
    if not any(not is_label(node) for node in view.identifiers(name)):
        return None
    bindings = view.project.index.namespace(view.path).names.get(name, ())
    found = view.project.names.module_name(view.path, name)
    return len(bindings) == 1 and _is(found, dotted, target)


def is_rebound(view: FileView, name: str, node: Node) -> bool:
    """Whether a scope around a node has a name for something of its own."""
    env = view.project.env_at(view.path, node)
    namespaces = (view.project.local_namespace(view.path, scope) for scope in env.scopes)
    return any(name in each.names or name in each.declared for each in namespaces)


def _is(type_: Type, dotted: str, target: Target) -> bool:
    match target:
        case Functions(places=places):
            return bool(type_) and all(
                isinstance(a, FunctionObject) and (a.path, a.start) in places for a in type_
            )
        case ClassRef():
            return type_ == {ClassObject(target)}
        case Outside():
            return type_ == {ClassObject(External(dotted))}
    return False


def import_of(view: FileView, bound: str) -> Import | None:
    """The one statement at the top of a file that imports a name, if it stands there alone."""
    bindings = view.project.index.namespace(view.path).names.get(bound, [])
    if len(bindings) != 1:
        return None
    found = captures("(import_from_statement) @import", view.tree.root_node).get("import", [])
    for node in found:
        if node.start_byte != bindings[0].start or node.parent != view.tree.root_node:
            continue
        for alias in aliases_of(node):
            if alias.bound == bound:
                return Import(node, alias)
    return None


def is_used_elsewhere(view: FileView, bound: str, replaced: Collection[int]) -> bool:
    """Whether a name is used other than at some offsets, or may be imported from this file."""
    if view.path.rpartition("/")[2] == "__init__.py" or any(True for _ in view.strings(bound)):
        return True
    return any(
        node.start_byte not in replaced
        for node in view.identifiers(bound)
        if not is_label(node) and not any(above.type in _IMPORTS for above in ancestors(node))
    )


def plans_of(view: FileView, needs: Collection[Need]) -> Iterator[tuple[Node, plans.FromImport]]:
    """What becomes of each statement that some needs are about."""
    by_start: dict[int, list[Need]] = {}
    for need in needs:
        by_start.setdefault(need.at.node.start_byte, []).append(need)
    for start in sorted(by_start):
        group = by_start[start]
        node = group[0].at.node
        aliases = aliases_of(node)
        parts: dict[str, dict[str, plans.Name]] = {}
        for need in group:
            # An alias of the old name is none of the new one.
            new = plans.Name(need.at.alias.index, need.name)
            parts.setdefault(need.module, {}).setdefault(need.name, new)
        gone = {need.at.alias.index for need in group if need.instead}
        rest = tuple(plans.Name(a.index, a.name, a.asname) for a in aliases if a.index not in gone)
        made = [plans.Part(module, tuple(names.values())) for module, names in parts.items()]
        if rest:
            made.append(plans.Part(None, rest))
        plan = plan_of(view, ImportSite(node, module_of(node)), tuple(made))
        # A comment behind the old names says nothing of the new ones.
        yield node, replace(plan, comment=None)
