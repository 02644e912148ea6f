"""What is asked about single files by the survey, in whatever process."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property, partial

from tree_sitter import Node

from codemods.context_imports.facts import Facts
from codemods.context_imports.needles import may_match
from codemods.context_imports.options import EVERYTHING, Options
from codemods.context_imports.statements.importers import imports
from codemods.context_imports.statements.imports import find_imports
from codemods.context_imports.statements.strings import DottedString, find_strings
from codemods.context_imports.travel.consumers import Lead, lead, parts_of, parts_to_scan, passed_on
from codemods.context_imports.travel.demands import lost
from codemods.context_imports.travel.exits import Exits, Sources, exits_of
from codemods.context_imports.travel.failures import Failures
from codemods.context_imports.travel.flow import Scanner
from codemods.context_imports.travel.landings import Landings
from codemods.context_imports.travel.mentions import Mention, Mentions, filling, reading
from codemods.context_imports.travel.methods import Methods, methods_of
from codemods.context_imports.travel.moving import (
    Asked,
    Consumed,
    FunctionRef,
    Importer,
    Moving,
    Need,
    Stand,
    digest_of,
)
from codemods.context_imports.travel.overrides import any_defined, classes_with, methods_in
from codemods.context_imports.travel.traces import Method, Scan
from codemods.context_imports.usage.indirect import lost_keys
from codemods.context_imports.usage.uses import Hindrance, together
from codemods.context_imports.verdicts import verdicts
from migrate.model import Span, Status
from migrate.project import Project
from migrate.project.below import statements_in
from migrate.project.types import ClassRef
from migrate.syntax import first_error, span
from migrate.view import FileView

_IGNORE = b"migrate: ignore[context-imports"
_DEFINITIONS = frozenset({"class_definition", "function_definition", "lambda"})
_READER = "context-imports: reader"


def candidates(options: Options, project: Project, paths: Sequence[str]) -> list[str]:
    """Those of some files that may import something that moves."""
    return [path for path in paths if may_match(project.index.bytes_of(path), options)]


def importer(options: Options, project: Project, path: str) -> Importer | None:
    """What a file imports that moves; None if it neither does so nor names it for an import."""
    view = _view(project, path)
    if view is None:
        return None
    facts = Facts(project, options, path)
    sites = list(find_imports(view, facts))
    moves = {id(move): move for site in sites for move in site.moves}
    strings = (s for s in find_strings(view, facts) if isinstance(s, DottedString))
    if not moves and not any(string.is_known for string in strings):
        return None
    pairs: dict[ClassRef, ClassRef] = {}
    functions: set[FunctionRef] = set()
    for move in moves.values():
        for name in facts.moving_names(move):
            pair = facts.pair(move, name)
            function = facts.functions(move, name)
            if pair is not None and pair[0] != pair[1]:
                pairs[pair[0]] = pair[1]
            elif function is not None:
                functions.add((function[0].path, function[0].start))
    late_sites = [site for site in sites if site.is_late]
    late = {(taken.move.from_, taken.alias.name) for site in late_sites for taken in site.taken}
    late |= {(move.from_, EVERYTHING) for site in sites for move in site.whole}
    methods = tuple(methods_of(view))
    may_change = project.changing is None or path in project.changing
    return Importer(path, may_change, pairs, frozenset(functions), methods, frozenset(late))


def stand(options: Options, moving: Moving, project: Project, path: str) -> Stand:
    """What an importer says by itself."""
    return _reader(options, moving, project).stand(path)


def leads(exits: Sequence[Exits], project: Project, paths: Sequence[str]) -> list[Lead]:
    """Those of some files that may get an object by one of the exits, or pass it on."""
    found = (lead(path, project.index.bytes_of(path), exits) for path in paths)
    return [each for each in found if each is not None]


def consumed(
    options: Options,
    moving: Moving,
    makers: Set[str],
    exits: Mapping[str, Exits],
    project: Project,
    found: Lead,
) -> Consumed:
    """What those parts of a file do that may get an object from one of `makers`, which may move.

    `exits` are known of other files.
    """
    return _reader(options, moving, project).consumed(found, makers, exits)


def scans(
    options: Options, moving: Moving, project: Project, places: tuple[str, Sequence[int]]
) -> list[Scan]:
    """What the definitions of a file do that start at some offsets; without any, the file."""
    return _reader(options, moving, project).scans(*places)


def mentions(options: Options, moving: Moving, project: Project, asked: Asked) -> list[Mention]:
    """What code fills some places, and what reads others and uses what only the old classes have.

    Of the first there may be functions, of the second objects that move.
    """
    words = _reader(options, moving, project).lost(asked.cls)
    found = [filling(project, each) for each in asked.filled]
    found += [reading(project, each, words) for each in asked.read]
    return [each for each in found if each is not None]


def mentioning(those: Mentions, but: Set[str], project: Project, paths: Sequence[str]) -> list[str]:
    """Those of some files that may have such code."""
    return [path for path in paths if path not in but and _mentions(project, those, path)]


def mentioned(
    options: Options, moving: Moving, those: Mentions, project: Project, path: str
) -> Scan:
    """What such code in a file does with the objects."""
    return _reader(options, moving, project).mentioned(path, those)


def statements(
    project: Project, paths: Sequence[str]
) -> list[tuple[str, Sequence[tuple[bytes, bytes]]]]:
    """The class statements of some files that have any: words of the bases, and the classes."""
    found = ((path, sorted(statements_in(project.index.bytes_of(path)))) for path in paths)
    return [(path, those) for path, those in found if those]


def overriding(
    options: Options,
    moving: Moving,
    project: Project,
    sought: tuple[str, Sequence[Method], Sequence[Span]],
) -> Scan:
    """What those classes of a file do that define one of some methods, but for what was read."""
    return _reader(options, moving, project).overriding(*sought)


def _mentions(project: Project, those: Mentions, path: str) -> bool:
    return bool(those.near(path, project.index.bytes_of(path)))


def _reader(options: Options, moving: Moving, project: Project) -> _Reader:
    """One for each process, with what it has found out."""
    if _READER not in project.shared:
        project.shared[_READER] = _Reader(project, options, moving)
    found = project.shared[_READER]
    assert isinstance(found, _Reader)
    return found


@dataclass(frozen=True)
class _Reader:
    """Reads files of a project, once it is known what moves."""

    project: Project
    options: Options
    moving: Moving

    @cached_property
    def traced(self) -> Project:
        """The project that tells where objects of the classes come from."""
        return self.project.traced(frozenset(self.moving.pairs))

    @cached_property
    def methods(self) -> Methods:
        """The methods of all importers."""
        importers = self.moving.importers
        return Methods(self.project, {path: importers[path].methods for path in importers})

    def lost(self, old: ClassRef) -> list[str]:
        """The names that code asks an old class for and the new one lacks, or has otherwise."""
        facts = Facts(self.project, self.options, "")
        return sorted(lost(facts, old, self.moving.pairs[old]))

    @cached_property
    def landings(self) -> Landings:
        """What calls run."""
        facts = Facts(self.project, self.options, "")
        return Landings(self.traced, facts, self.moving.pairs)

    @cached_property
    def failures(self) -> Failures:
        """What files catch and raise."""
        pairs, functions = self.moving.pairs, self.moving.functions
        return Failures(self.traced, partial(_view, self.traced), pairs, functions)

    @cached_property
    def lost_keys(self) -> list[tuple[str, str, ClassRef]]:
        """The keys that methods of an old class return and those of the new one do not."""
        facts = Facts(self.project, self.options, "")
        found = lost_keys(self.project, facts, self.moving.pairs)
        return [(method, key, old) for method, _, key, old in found]

    # Importers

    def stand(self, path: str) -> Stand:
        """The verdicts on a file, and what its move would need."""
        changing = self.project.changing
        view = _view(self.project, path)
        if view is None or (changing is not None and path not in changing):
            decisions, suits = None, False
        else:
            decisions = tuple(verdicts(view, Facts(self.project, self.options, path)))
            suits = all(each.proposal.status is not Status.REVIEW for each in decisions)
            suits = suits and _IGNORE not in view.text.utf8 and _is_python(view)
        digest = digest_of(view) if view is not None else b""
        needs = [*self._patches(path)]
        if not self.moving.differs:
            return Stand(digest, decisions, suits, needs=tuple(needs))
        traced = _view(self.traced, path)
        exits: Exits | None = None
        scan = Scan()
        if traced is not None:
            scan = self._scan(traced, [traced.tree.root_node])
            needs += self._catches(traced)
            if suits and path not in self.moving.homes:
                alone = Sources(self.moving.pairs, self.moving.functions, {path}, {})
                exits = exits_of(traced, alone, [traced.tree.root_node])
        return Stand(digest, decisions, suits, exits, scan, tuple(needs))

    def _patches(self, path: str) -> Iterator[Need]:
        """A name has to be patched in the module where the code under test looks it up.

        That code imports the name when it runs; what was imported when its module was is not
        patched in either module. It is among what the patching file imports, or may be anywhere.
        """
        view = _view(self.project, path)
        facts = Facts(self.project, self.options, path)
        for found in find_strings(view, facts) if view is not None else ():
            if not isinstance(found, DottedString) or not found.is_known:
                continue
            looked_up = {(found.move.from_, found.name), (found.move.from_, EVERYTHING)}
            late = [
                each.path
                for each in self.moving.importers.values()
                if each.path != path and each.late & looked_up
            ]
            tested = [other for other in late if imports(self.project, path, other)]
            for other in tested or late:
                message = f"{other} looks {found.name} up in the old module, and stays."
                here = Hindrance("dotted-string", span(found.node), message, together(other))
                yield Need(path, other, here)
            for other in tested:
                message = f"{path} patches {found.name} in the old module, and stays."
                yield Need(other, path, Hindrance("dotted-string", None, message, together(path)))

    def _catches(self, view: FileView) -> Iterator[Need]:
        """What one file raises and another catches has to be of the same class for both."""
        for each in self.failures.caught(view):
            for other in sorted(each.raised - {each.asked}):
                message = f"It catches the {each.cls.name} of {other}, which stays."
                where = each.place.span if each.place.path == each.asked else None
                caught = Hindrance("callee-not-compatible", where, message, together(other))
                yield Need(each.asked, other, caught)
                message = f"{each.place} catches its {each.cls.name}, and stays."
                raised = Hindrance("caller-not-compatible", None, message, together(each.asked))
                yield Need(other, each.asked, raised)

    # Others

    def consumed(self, found: Lead, makers: Set[str], exits: Mapping[str, Exits]) -> Consumed:
        """The scan of the parts that may get an object by an exit, and what they pass on."""
        view = _view(self.traced, found.path)
        if view is None:
            return Consumed(_NOTHING, Exits(found.path))
        sources = Sources(self.moving.pairs, self.moving.functions, makers, exits)
        own = passed_on(view, found, sources)
        if found.path in self.moving.importers:
            return Consumed(Scan(), own)
        return Consumed(self._scan(view, parts_to_scan(view, found, own)), own)

    def mentioned(self, path: str, those: Mentions) -> Scan:
        """The scan of the statements that mention one of some places."""
        view = _view(self.traced, path)
        if view is None:
            return _NOTHING
        near = those.near(path, view.text.utf8)

        def concerns(part: Node) -> bool:
            return any(each.is_in(part.text or b"") for each in near)

        return self._scan(view, list(parts_of(view.tree.root_node, concerns)))

    def overriding(self, path: str, methods: Sequence[Method], read: Sequence[Span]) -> Scan:
        """The scan of the classes with one of the methods that were not read."""
        if not any_defined(self.project.index.bytes_of(path), methods):
            return Scan()
        view = _view(self.traced, path)
        if view is None:
            return _NOTHING
        found = classes_with(view.tree.root_node, frozenset(methods))
        new = [cls for cls in found if not any(part.contains(span(cls)) for part in read)]
        return self._scan(view, new) if new else Scan()

    def scans(self, path: str, starts: Sequence[int]) -> list[Scan]:
        """The scans of the definitions that start there, each once; without any, of the file."""
        view = _view(self.traced, path)
        if view is None:
            return [_NOTHING]
        found: dict[Span, Node] = {}
        for node in [_definition(view, start) for start in starts] or [view.tree.root_node]:
            found.setdefault(span(node), node)
        return [self._scan(view, [node]) for node in found.values()]

    def _scan(self, view: FileView, parts: Sequence[Node]) -> Scan:
        facts = Facts(self.project, self.options, view.path)
        pairs, functions = self.moving.pairs, self.moving.functions
        scanner = Scanner(
            view, facts, pairs, functions, self.methods, self.landings, self.lost_keys
        )
        return replace(scanner.scan(parts), methods=tuple(methods_in(parts)))


# A file that does not parse hands nothing on, wherever in it that would be.
_NOTHING = Scan(parts=(Span(0, 2**63),))


def _view(project: Project, path: str) -> FileView | None:
    """A file that is not the one being decided; None if it does not parse."""
    text, tree = project.index.text(path), project.index.tree(path)
    if text is None or tree is None or first_error(tree) is not None:
        return None
    return FileView(path, text, tree, project)


def _definition(view: FileView, start: int) -> Node:
    """The function, lambda or class that starts there; for a method, its class.

    What a method is given it may put into an attribute, for other methods to read. Where a name is
    bound otherwise, it is the whole file.
    """
    node = view.tree.root_node.descendant_for_byte_range(start, start + 1)
    while node is not None and not (node.is_named and node.type in _DEFINITIONS):
        node = node.parent
    if node is None or node.start_byte != start:
        return view.tree.root_node
    owner = view.project.owner(view.path, node)
    return _definition(view, owner.start) if owner is not None else node


def _is_python(view: FileView) -> bool:
    try:
        ast.parse(view.text.utf8)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
