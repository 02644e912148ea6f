"""The verdicts on the sites of a file by what the file itself does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tree_sitter import Node

from codemods.context_imports import plans, rules
from codemods.context_imports.facts import Facts
from codemods.context_imports.judge import Judge
from codemods.context_imports.options import Move
from codemods.context_imports.rules import Decision
from codemods.context_imports.statements.imports import (
    ImportSite,
    aliases_of,
    find_imports,
    is_reexport,
    module_of,
)
from codemods.context_imports.statements.merges import Merges, merges_of, plan_of
from codemods.context_imports.statements.modules import uses_of
from codemods.context_imports.statements.strings import DottedString, find_strings
from codemods.context_imports.usage.finder import Finder
from codemods.context_imports.usage.pairs import Pairs
from migrate.codemod import RemoveStatement
from migrate.model import Span
from migrate.project.circles import imports_back, imports_directly, is_run
from migrate.project.facts import Function
from migrate.project.types import ClassRef, FunctionObject
from migrate.syntax import captures, span
from migrate.view import FileView


def verdicts(view: FileView, facts: Facts) -> list[Decision]:
    """The verdicts on all sites of a file that imports from a legacy module, or mentions one."""
    sites = list(find_imports(view, facts))
    return [*_imports(view, facts, sites), *_strings(view, facts), *_uses(view, facts, sites)]


def _strings(view: FileView, facts: Facts) -> Iterator[Decision]:
    for found in find_strings(view, facts):
        yield rules.string(found) if isinstance(found, DottedString) else rules.text(found)


# Imports


def _imports(view: FileView, facts: Facts, sites: Sequence[ImportSite]) -> Iterator[Decision]:
    merges = merges_of(view, facts, [site for site in sites if site.taken and not site.missing])
    for site in sites:
        if site.star is not None:
            yield rules.star(site)
        elif (move := _circle(view, facts, site)) is not None and not site.missing:
            yield rules.circular(_rule(view, site), site, move)
        elif site.modules:
            yield from _module(view, facts, site)
        else:
            yield _names(view, facts, site, merges)
    for node, names in merges.taken.items():
        yield rules.merge(node, tuple(names))


def _circle(view: FileView, facts: Facts, site: ImportSite) -> Move | None:
    """The move that would make the file import a module which imports the file; None for none.

    Where the two are in a circle already, it is no matter of the move.
    """
    if site.is_late or not is_run(view.text.utf8, site.node.start_byte):
        return None
    for move in site.moves:
        old, new = facts.module(move.from_), facts.module(move.to)
        if new is None or not imports_back(view.project, new, view.path):
            continue
        if old is not None and imports_back(view.project, old, new):
            continue
        if not imports_directly(view.project, view.path, new):
            return move
    return None


def _rule(view: FileView, site: ImportSite) -> str:
    """The rule that an import falls under."""
    return "reexport" if is_reexport(view, site) else site.rule


def _names(view: FileView, facts: Facts, site: ImportSite, merges: Merges) -> Decision:
    parts = merges.left.get(site.node.start_byte, site.parts())
    plan = plan_of(view, site, parts) if parts else None
    if is_reexport(view, site):
        return rules.reexport(site, plan, RemoveStatement())
    if site.is_relative:
        return rules.relative(site, plan, RemoveStatement())
    return rules.from_import(site, "from", plan, RemoveStatement())


def _module(view: FileView, facts: Facts, site: ImportSite) -> Iterator[Decision]:
    """An import of the module itself, and those of its uses that have to be written differently."""
    rule = _rule(view, site)
    uses = [(taken, use) for taken in site.modules for use in uses_of(view, facts, site, taken)]
    problems = [use for _, use in uses if use.name is None]
    where = places(view, [span(use.node) for use in problems])
    plan, suggestion = _module_plan(view, site)
    yield rules.module(site, rule, plan, suggestion, problems, where)
    for taken, use in uses:
        if use.name is None or use.new_name is None or problems:
            continue
        if site.node.type == "import_statement" and taken.alias.asname is None:
            name = f"{site.target(use.move)}.{use.new_name}"
            yield rules.module_use(view, use, plans.Dotted(name), name)
        elif use.new_name != use.name:
            after = f"{view.source(use.node).rpartition('.')[0]}.{use.new_name}"
            yield rules.module_use(view, use, plans.Attribute(use.new_name), after)


def _module_plan(view: FileView, site: ImportSite) -> tuple[plans.Plan, str]:
    """How the import of the new module is written, and that as a source."""
    modules = {taken.alias.index: site.module_target(taken) for taken in site.modules}
    if site.node.type == "import_statement":
        sources = [
            f"import {modules[t.alias.index]}" + (f" as {t.alias.asname}" if t.alias.asname else "")
            for t in site.modules
        ]
        return plans.ModuleImport(tuple(modules.items())), "\n".join(sources)
    parts = site.module_parts()
    return plan_of(view, site, parts), rules.written(parts)


# Uses


def _uses(view: FileView, facts: Facts, sites: Sequence[ImportSite]) -> Iterator[Decision]:
    """What has to change, or stands in the way, among the uses of what the file imports."""
    pairs: dict[ClassRef, ClassRef] = {}
    functions: dict[FunctionObject, Function] = {}
    for move, name in _moving(facts, sites):
        pair = facts.pair(move, name)
        function = facts.functions(move, name)
        if pair is not None and pair[0] != pair[1]:
            pairs[pair[0]] = pair[1]
        elif function is not None:
            functions[function[0]] = function[1]
            pairs |= _given(view, facts, move, function[0])
    guess = _only_legacy(view, facts, pairs)
    finder = Finder(view, facts, pairs, functions, _targets(facts, sites), guess)
    judge = Judge(view, facts)
    for use in finder.uses():
        yield from judge.decisions(use)


def _given(
    view: FileView, facts: Facts, move: Move, function: FunctionObject
) -> dict[ClassRef, ClassRef]:
    """The classes of which a function that moves gives objects, and what takes their place."""
    found = (facts.pair(move, name) for name in facts.moving_names(move))
    pairs = {old: new for old, new in filter(None, found) if old != new}
    returned = view.project.calls.returns(function.path, function.start, None)
    given = Pairs(view.project, pairs).olds_within(returned)
    return {old: new for old, new in pairs.items() if old in given}


def _moving(facts: Facts, sites: Sequence[ImportSite]) -> Iterator[tuple[Move, str]]:
    """The names that the file has from legacy modules and that should move."""
    for site in sites:
        for taken in site.taken:
            yield taken.move, taken.alias.name
        for move in site.whole:
            yield from ((move, name) for name in facts.moving_names(move))


def _targets(facts: Facts, sites: Sequence[ImportSite]) -> frozenset[ClassRef]:
    """The classes that take the place of any in the modules that the file imports from."""
    moves = [taken.move for site in sites for taken in site.taken]
    moves += [move for site in sites for move in site.whole]
    pairs = (facts.pair(move, name) for move in moves for name in facts.moving_names(move))
    return frozenset(pair[1] for pair in pairs if pair is not None)


def _only_legacy(view: FileView, facts: Facts, pairs: Iterable[ClassRef]) -> bool:
    """Whether every class that the file imports under the name of a moving one is that one."""
    names = {cls.name for cls in pairs}
    found = captures("(import_from_statement) @import", view.tree.root_node).get("import", [])
    return not any(_imports_other(facts, node, names) for node in found)


def _imports_other(facts: Facts, node: Node, names: set[str]) -> bool:
    imported = module_of(node)
    shared = names & {alias.name for alias in aliases_of(node)}
    return bool(shared) and not facts.moves_from(imported)


# For a person


def places(view: FileView, spans: Iterable[Span]) -> str:
    """The lines of some places, for a person."""
    lines = sorted({view.text.line_index(where.start) + 1 for where in spans})
    listed = ", ".join(map(str, lines))
    return f"line {listed}" if len(lines) == 1 else f"lines {listed}"
