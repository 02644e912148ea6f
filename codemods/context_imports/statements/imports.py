"""The import statements that bring something from a legacy module, in each form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from codemods.context_imports import plans
from codemods.context_imports.facts import Facts, Fate, new_name, spelled
from codemods.context_imports.options import Move
from migrate.project.facts import Imported
from migrate.syntax import ancestors, captures, text_of
from migrate.view import FileView

_STATEMENTS = "[(import_statement) (import_from_statement)] @import"


@dataclass(frozen=True, slots=True)
class Alias:
    """One name of an import statement: its place, the name, and what it is bound to."""

    index: int
    node: Node
    name: str
    asname: str | None

    @property
    def bound(self) -> str:
        """The name that the statement binds."""
        return self.asname or self.name


@dataclass(frozen=True, slots=True)
class Taken:
    """A name that an import brings from a legacy module, and what becomes of it."""

    alias: Alias
    move: Move
    fate: Fate


@dataclass(frozen=True)
class ImportSite:
    """A statement that imports from a legacy module.

    `module` is how the statement names the module, without leading dots. `taken` has the names
    that move or should; `modules` the legacy modules that it binds as objects.
    """

    node: Node
    imported: Imported
    star: Move | None = None
    taken: tuple[Taken, ...] = ()
    modules: tuple[Taken, ...] = ()
    aliases: tuple[Alias, ...] = field(default=(), repr=False)

    @property
    def is_relative(self) -> bool:
        """Whether the statement names the module relative to its package."""
        return self.imported.level > 0

    @property
    def rule(self) -> str:
        """The rule that the form falls under, apart from re-exports."""
        if self.star is not None:
            return "star"
        if self.modules:
            return "module"
        return "relative" if self.is_relative else "from"

    @property
    def missing(self) -> list[Taken]:
        """The names that the new module does not have."""
        return [each for each in self.taken if each.fate is Fate.MISSING]

    @property
    def whole(self) -> list[Move]:
        """The moves from modules of which the file may use any name."""
        return [taken.move for taken in self.modules] + ([self.star] if self.star else [])

    @property
    def moves(self) -> list[Move]:
        """The moves of what it brings in."""
        return [taken.move for taken in self.taken] + self.whole

    @property
    def is_late(self) -> bool:
        """Whether the import is done when a function runs."""
        return any(node.type == "function_definition" for node in ancestors(self.node))

    def target(self, move: Move) -> str:
        """The new module, as this file names modules."""
        return move.to if self.is_relative else spelled(move, self.imported.module)

    def module_target(self, taken: Taken) -> str:
        """The new module in place of one that the statement binds."""
        name = taken.alias.name
        if self.node.type == "import_from_statement":
            name = f"{self.imported.module}.{name}"
        return taken.move.to if self.is_relative else spelled(taken.move, name)

    def module_parts(self) -> tuple[plans.Part, ...]:
        """The statements that `from package import old` becomes."""
        parts: dict[str | None, list[plans.Name]] = {}
        for taken in self.modules:
            target = self.module_target(taken)
            parts.setdefault(target.rpartition(".")[0], []).append(_under(taken, target))
        return self._with_rest(parts)

    def parts(self) -> tuple[plans.Part, ...]:
        """The statements that it becomes: those with moved names, then what stays."""
        parts: dict[str | None, list[plans.Name]] = {}
        for each in self.taken:
            if each.fate is Fate.MOVES:
                parts.setdefault(self.target(each.move), []).append(_moved(each))
        return self._with_rest(parts)

    def _with_rest(self, parts: dict[str | None, list[plans.Name]]) -> tuple[plans.Part, ...]:
        done = {name.index for names in parts.values() for name in names}
        rest = [plans.Name(a.index, a.name, a.asname) for a in self.aliases if a.index not in done]
        moved = [plans.Part(module, tuple(names)) for module, names in parts.items()]
        return (*moved, plans.Part(None, tuple(rest))) if rest else tuple(moved)


def _under(taken: Taken, target: str) -> plans.Name:
    """A module as a name of its package, bound to what the file calls it."""
    alias, new = taken.alias, target.rpartition(".")[2]
    return plans.Name(alias.index, new, alias.asname or (None if new == alias.name else alias.name))


def _moved(each: Taken) -> plans.Name:
    """The name as the new module has it, bound to what the file calls it."""
    alias, new = each.alias, new_name(each.move, each.alias.name)
    return plans.Name(alias.index, new, alias.asname or (None if new == alias.name else alias.name))


def find_imports(view: FileView, facts: Facts) -> Iterator[ImportSite]:
    """Every statement of a file that imports from a legacy module, in source order."""
    found = captures(_STATEMENTS, view.tree.root_node).get("import", [])
    for node in sorted(found, key=lambda each: each.start_byte):
        site = _plain(node, facts) if node.type == "import_statement" else _from(node, facts)
        if site is not None:
            yield site


def _plain(node: Node, facts: Facts) -> ImportSite | None:
    """`import old`, among others."""
    aliases = aliases_of(node)
    taken = tuple(
        Taken(alias, moves[0], Fate.MOVES)
        for alias in aliases
        if (moves := facts.moves_from(Imported(alias.name)))
    )
    if not taken:
        return None
    return ImportSite(node, Imported(taken[0].alias.name), modules=taken, aliases=aliases)


def _from(node: Node, facts: Facts) -> ImportSite | None:
    """`from old import a`, `from old import *` and `from package import old`."""
    imported = module_of(node)
    aliases = aliases_of(node)
    moves = facts.moves_from(imported)
    if any(child.type == "wildcard_import" for child in node.named_children):
        return ImportSite(node, imported, star=moves[0]) if moves else None
    if not moves:
        modules = tuple(
            Taken(alias, found[0], Fate.MOVES)
            for alias in aliases
            if (found := facts.submodule_moves(imported, alias.name))
        )
        return ImportSite(node, imported, modules=modules, aliases=aliases) if modules else None
    taken = tuple(
        Taken(alias, move, fate)
        for alias in aliases
        for move in moves
        if (fate := facts.fate(move, alias.name)) is not Fate.STAYS
    )
    return ImportSite(node, imported, taken=taken, aliases=aliases) if taken else None


def module_of(node: Node) -> Imported:
    """The module of a `from` import, with the number of its leading dots as `level`."""
    module = node.child_by_field_name("module_name")
    dotted = "".join(text_of(module).split()) if module is not None else "__future__"
    name = dotted.lstrip(".")
    return Imported(name, None, len(dotted) - len(name))


def aliases_of(node: Node) -> tuple[Alias, ...]:
    """The names of an import statement, in order."""
    found = []
    for index, child in enumerate(node.children_by_field_name("name")):
        alias = child.child_by_field_name("alias")
        name = child.child_by_field_name("name") if alias is not None else child
        dotted = "".join(text_of(name).split()) if name is not None else ""
        found.append(Alias(index, child, dotted, text_of(alias) if alias is not None else None))
    return tuple(found)


def is_reexport(view: FileView, site: ImportSite) -> bool:
    """Whether other modules are meant to import the names from this one."""
    if any(
        node.type in ("function_definition", "class_definition") for node in ancestors(site.node)
    ):
        return False
    if view.path.rpartition("/")[2] == "__init__.py":
        return True
    listed = _listed(view)
    return any(each.alias.bound in listed for each in (*site.taken, *site.modules))


def _listed(view: FileView) -> frozenset[str]:
    """The names in the file's `__all__`, as far as they are written there as strings."""
    names: set[str] = set()
    for node in view.identifiers("__all__"):
        statement = next((n for n in ancestors(node) if n.type == "expression_statement"), None)
        if statement is not None:
            found = captures("(string_content) @name", statement).get("name", [])
            names.update(text_of(each) for each in found)
    return frozenset(names)
