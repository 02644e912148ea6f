"""An import of the new module in the same block takes the names that move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from codemods.context_imports import plans
from codemods.context_imports.facts import Facts
from codemods.context_imports.statements.imports import ImportSite, aliases_of, module_of
from migrate.model import Span
from migrate.project.facts import Imported
from migrate.syntax import span
from migrate.view import FileView

_IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})


@dataclass(frozen=True)
class Merges:
    """Which statement takes which names.

    `taken` has the names that each import of the new module takes; `left` the parts that remain
    of each legacy import that gives up names, by the start of the statement.
    """

    taken: dict[Node, list[tuple[str, str | None]]] = field(default_factory=dict)
    left: dict[int, tuple[plans.Part, ...]] = field(default_factory=dict)


def merges_of(view: FileView, facts: Facts, sites: Sequence[ImportSite]) -> Merges:
    """What the imports of a file's new modules take over."""
    merges = Merges()
    for site in sites:
        parts = site.parts()
        left = tuple(part for part in parts if not _takes(view, facts, site, part, merges))
        if left != parts:
            merges.left[site.node.start_byte] = left
    return merges


def _takes(
    view: FileView, facts: Facts, site: ImportSite, part: plans.Part, merges: Merges
) -> bool:
    """Whether another import of the part's module takes its names, which is then noted."""
    if part.module is None or not _is_alone(view, site.node):
        return False
    target = facts.project.index.import_target(Imported(part.module), view.path)
    wanted = [(each.name, each.bound) for each in part.names]
    for node in _neighbours(site.node):
        if node.type != "import_from_statement" or target is None:
            continue
        if facts.project.index.import_target(module_of(node), view.path) != target:
            continue
        if any(child.type == "wildcard_import" for child in node.named_children):
            continue
        known = {(alias.name, alias.asname) for alias in aliases_of(node)}
        known |= set(merges.taken.get(node, ()))
        new = [pair for pair in wanted if pair not in known]
        if _clash(site.node, node, _bound_names(wanted), _bound_names(new)):
            continue
        if new:
            merges.taken.setdefault(node, []).extend(new)
        return True
    return False


def _is_alone(view: FileView, node: Node) -> bool:
    """Whether nothing else stands on the statement's lines, so that it can go."""
    start, end = view.text.line_start(node.start_byte), view.text.line_end(node.end_byte)
    around = view.text.utf8[start : node.start_byte] + view.text.utf8[node.end_byte : end]
    return not around.strip()


def _neighbours(node: Node) -> list[Node]:
    """The imports of the same block that only other imports separate from this one."""
    found: list[Node] = []
    for step in ("prev_named_sibling", "next_named_sibling"):
        other = getattr(node, step)
        while other is not None and (other.type in _IMPORTS or other.type == "comment"):
            if other.type != "comment":
                found.append(other)
            other = getattr(other, step)
    return found


def _bound_names(pairs: Sequence[tuple[str, str | None]]) -> set[str]:
    return {asname or name for name, asname in pairs}


def _clash(node: Node, taker: Node, wanted: set[str], new: set[str]) -> bool:
    """Whether another import binds one of the names: one in between, or the taker a new one."""
    first, last = sorted((node, taker), key=lambda each: each.start_byte)
    between: Node | None = first
    while between is not None and between.start_byte <= last.start_byte:
        if between != node and between.type in _IMPORTS:
            bound = {alias.bound.partition(".")[0] for alias in aliases_of(between)}
            if bound & (new if between == taker else wanted):
                return True
        between = between.next_named_sibling
    return False


def plan_of(view: FileView, site: ImportSite, parts: tuple[plans.Part, ...]) -> plans.FromImport:
    """The plan for a `from` import that keeps or moves these names."""
    where = span(site.node)
    before = view.text.utf8[view.text.line_start(where.start) : where.start]
    behind = view.text.slice(Span(where.end, view.text.line_end(where.end)))
    is_comment = behind.strip().startswith("#")
    inline = bool(before.strip()) or (bool(behind.strip()) and not is_comment)
    return plans.FromImport(parts, inline, behind.strip() if is_comment else None)
