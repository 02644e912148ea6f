"""What a file does with a legacy module that it has as an object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from codemods.context_imports.facts import Facts, Fate, new_name
from codemods.context_imports.options import Move
from codemods.context_imports.statements.imports import ImportSite, Taken
from migrate.syntax import ancestors, text_of
from migrate.view import FileView

_IMPORTS = frozenset({"import_statement", "import_from_statement"})


@dataclass(frozen=True)
class ModuleUse:
    """One use of a module object: `module.name`, or something else, for which `name` is None."""

    node: Node
    move: Move
    name: str | None

    @property
    def new_name(self) -> str | None:
        """What the new module calls it."""
        return None if self.name is None else new_name(self.move, self.name)


def uses_of(view: FileView, facts: Facts, site: ImportSite, taken: Taken) -> list[ModuleUse]:
    """Every use in the file of a module that an import binds, in source order."""
    alias = taken.alias
    if site.node.type == "import_statement" and alias.asname is None:
        return list(_dotted_uses(view, facts, taken))
    return list(_bound_uses(view, facts, taken))


def _bound_uses(view: FileView, facts: Facts, taken: Taken) -> Iterator[ModuleUse]:
    """The uses of the name that the module is bound to."""
    for node in _loaded(view, taken.alias.bound):
        type_ = view.type_of(node)
        if facts.may_be_module(type_):
            yield _use(facts, taken.move, node, certain=facts.is_module(type_))


def _dotted_uses(view: FileView, facts: Facts, taken: Taken) -> Iterator[ModuleUse]:
    """The uses of `a` after `import a.b.c`, which have to be of `a.b.c`.

    The package of the new module gets bound in its place, for which its name has to be free.
    """
    parts = taken.alias.name.split(".")
    package = taken.move.to.partition(".")[0]
    if package != taken.move.from_.partition(".")[0]:
        yield from (ModuleUse(node, taken.move, None) for node in _loaded(view, package))
    for first in _loaded(view, parts[0]):
        node = first
        for part in parts[1:]:
            parent = node.parent
            name = parent.child_by_field_name("attribute") if parent is not None else None
            if parent is None or parent.type != "attribute" or text_of(name or node) != part:
                yield ModuleUse(first, taken.move, None)
                break
            node = parent
        else:
            yield _use(facts, taken.move, node, certain=facts.is_module(view.type_of(node)))


def _loaded(view: FileView, name: str) -> Iterator[Node]:
    """Where a name is used as a variable: no attribute, no keyword, no import."""
    for node in view.identifiers(name):
        parent = node.parent
        if parent is None or any(above.type in _IMPORTS for above in ancestors(node)):
            continue
        if parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
            continue
        if parent.type == "keyword_argument" and parent.child_by_field_name("name") == node:
            continue
        yield node


def _use(facts: Facts, move: Move, module: Node, *, certain: bool) -> ModuleUse:
    attribute = module.parent
    if not certain or attribute is None or attribute.type != "attribute":
        return ModuleUse(module, move, None)
    name = text_of(attribute.child_by_field_name("attribute") or module)
    moves = [each for each in facts.options.moves if each.from_ == move.from_]
    for each in moves:
        if facts.fate(each, name) is Fate.MOVES:
            return ModuleUse(attribute, each, name)
    return ModuleUse(attribute, move, None)
