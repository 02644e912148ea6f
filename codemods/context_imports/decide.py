"""All sites of a file, and what becomes of it as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from tree_sitter import Node

from codemods.context_imports import plans, rules
from codemods.context_imports.facts import Facts, Fate
from codemods.context_imports.finder import Finder
from codemods.context_imports.importers import is_imported
from codemods.context_imports.imports import (
    ImportSite,
    aliases_of,
    find_imports,
    is_reexport,
    module_of,
)
from codemods.context_imports.judge import Judge
from codemods.context_imports.merges import Merges, merges_of, plan_of
from codemods.context_imports.modules import uses_of
from codemods.context_imports.options import Move, Options
from codemods.context_imports.rules import Decision
from codemods.context_imports.strings import DottedString, find_strings
from codemods.context_imports.traces import Made, origins
from codemods.context_imports.world import World
from migrate.codemod import Proposal, RemoveStatement
from migrate.model import Span, Status
from migrate.project.circles import imports_back, imports_directly, is_run
from migrate.project.facts import Function
from migrate.project.types import ClassRef, FunctionObject
from migrate.syntax import captures, span, text_of
from migrate.view import FileView

_IMPORTS = frozenset({"from", "relative", "reexport", "module"})
_DEFINITIONS = "[(class_definition name: (_) @name) (function_definition name: (_) @name)]"


_WORLD = "context-imports: what can move"


def inspect(view: FileView, options: Options) -> Iterator[Proposal]:
    """Every site of a file, decided: it is rewritten as a whole or not at all."""
    facts = Facts(view.project, options, view.path)
    sites = list(find_imports(view, facts))
    if view.path in facts.legacy:
        return (decision.proposal for decision in _legacy(view, facts, sites))
    targets = {facts.module(move.to) for move in options.moves}
    if view.path in targets:
        return (rules.target(site).proposal for site in sites)
    decisions = list(_known(view) or _local(view, facts, sites))
    decisions += _hindered(view, options, decisions)
    failing = [decision.proposal.span for decision in decisions if decision.fails]
    where = _places(view, failing) if failing else None
    return iter(_all_or_nothing(decisions, _lines(view, decisions), where))


def _known(view: FileView) -> Sequence[Decision]:
    """The verdicts on a file by what it does itself, where they were found out already."""
    world = view.project.shared.get(_WORLD)
    return world.decided.get(view.path, ()) if world is not None else ()


def _local(view: FileView, facts: Facts, sites: Sequence[ImportSite]) -> list[Decision]:
    """The verdicts on a file by what it does itself."""
    return [
        *_imports(view, facts, sites),
        *_strings(view, facts),
        *_uses(view, facts, sites),
    ]


def _hindered(
    view: FileView, options: Options, decisions: Sequence[Decision]
) -> Iterator[Decision]:
    """What stands in the way elsewhere, where the file itself would move."""
    statuses = {each.proposal.status for each in decisions}
    if Status.REWRITE not in statuses or Status.REVIEW in statuses:
        return
    world = view.project.shared.get(_WORLD)
    if world is None:
        world = World(view.project, options, lambda v, f: _local(v, f, list(find_imports(v, f))))
        world.explore()
        view.project.shared[_WORLD] = world
    first = next(d.proposal.span for d in decisions if d.proposal.status is Status.REWRITE)
    for each in world.hindrances(view.path):
        yield rules.elsewhere(each.where or first, each)


def _legacy(view: FileView, facts: Facts, sites: Sequence[ImportSite]) -> Iterator[Decision]:
    """What moves from the file, and its own imports from another legacy module."""
    unused = not is_imported(view.project, view.path)
    moves = facts.legacy[view.path]
    for name in captures(_DEFINITIONS, view.tree.root_node).get("name", []):
        definition = name.parent
        while definition is not None and definition.type in (
            "class_definition",
            "function_definition",
            "decorated_definition",
        ):
            definition = definition.parent
        is_global = definition is not None and definition.type == "module"
        if is_global and any(facts.fate(move, text_of(name)) is Fate.MOVES for move in moves):
            yield rules.unused(span(name)) if unused else rules.legacy("legacy", span(name))
            unused = False
    for where in _passed_on(view, facts, moves):
        yield rules.unused(where) if unused else rules.legacy("legacy", where)
        unused = False
    for site in sites:
        yield rules.legacy(site.rule, span(site.node))


def _passed_on(view: FileView, facts: Facts, moves: Sequence[Move]) -> list[Span]:
    """The imports of an old module that has names from the new one, for those who still ask it."""
    names = {name for move in moves for name in facts.moving_names(move)}
    found = captures("(module (import_from_statement) @import)", view.tree.root_node)
    return [
        span(node)
        for node in found.get("import", [])
        if any((alias.bound or alias.name) in names for alias in aliases_of(node))
    ]


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
    where = _places(view, [span(use.node) for use in problems])
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
    given = {each.cls for each in origins(returned, view, pairs) if isinstance(each, Made)}
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


# The file as a whole


def _all_or_nothing(
    decisions: Sequence[Decision], lines: str, failing_lines: str | None
) -> list[Proposal]:
    """The proposals of a file: nothing is rewritten if something is left for review.

    `lines` are those where something is, `failing_lines` those of calls that fail as before.
    """
    sites = [each for each in decisions if not each.fails]
    if failing_lines is not None:
        sites = [_with_failing(each, failing_lines) for each in sites]
    if all(each.proposal.status is not Status.REVIEW for each in sites):
        return [each.proposal for each in sites]
    others = f"It moves once the rest of the file can: see {lines}."
    return [
        _held(each, others)
        for each in sites
        if not (each.silent and each.proposal.status is Status.REWRITE)
    ]


def _with_failing(decision: Decision, lines: str) -> Decision:
    """The finding on an import, with the calls that neither class takes."""
    if decision.proposal.rule not in _IMPORTS:
        return decision
    note = f"It is called in a way that neither class takes, and fails as before: see {lines}."
    message = f"{decision.proposal.message} {note}"
    held = decision.held or ("incompatible-uses", note)
    return replace(decision, proposal=replace(decision.proposal, message=message), held=held)


def _held(decision: Decision, others: str) -> Proposal:
    """What would be rewritten, in a file that stays."""
    proposal = decision.proposal
    if proposal.status is not Status.REWRITE:
        return proposal
    reason, message = decision.held or ("incompatible-uses", "")
    return replace(
        proposal,
        status=Status.REVIEW,
        reason=reason,
        message=f"{message} {others}".strip(),
        suggestion=decision.suggestion,
        plan=None,
    )


def _lines(view: FileView, decisions: Iterable[Decision]) -> str:
    """Where something stands in the way of the rest of the file."""
    return _places(view, [d.proposal.span for d in decisions if d.proposal.status is Status.REVIEW])


def _places(view: FileView, spans: Iterable[Span]) -> str:
    """The lines of some places, for a person."""
    lines = sorted({view.text.line_index(where.start) + 1 for where in spans})
    listed = ", ".join(map(str, lines))
    return f"line {listed}" if len(lines) == 1 else f"lines {listed}"
