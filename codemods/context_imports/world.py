"""Which files can move together: what their objects meet elsewhere, over the whole project.

A file that moves makes objects of the new class. They reach other code by calls, attributes and
returned values, and code that moves asks what it is given for the new class. So the move of one
file may need that of another, or be impossible. The most files that can move are those that remain
when each that cannot, or that needs one that cannot, is taken away.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from tree_sitter import Node

from codemods.context_imports.exits import Exits, exits_of
from codemods.context_imports.facts import Facts
from codemods.context_imports.failures import Failures
from codemods.context_imports.flow import Scanner
from codemods.context_imports.importers import imports
from codemods.context_imports.imports import find_imports
from codemods.context_imports.indirect import lost_keys
from codemods.context_imports.methods import Methods
from codemods.context_imports.needles import may_match
from codemods.context_imports.options import EVERYTHING, Move, Options
from codemods.context_imports.rules import Decision
from codemods.context_imports.strings import DottedString, find_strings
from codemods.context_imports.traces import Check, Demand, Made, Origin, Pass, Scan
from codemods.context_imports.uses import Hindrance
from migrate.model import Span, Status
from migrate.project import Project
from migrate.project.types import ClassRef
from migrate.syntax import first_error, span
from migrate.view import FileView

Decide = Callable[[FileView, Facts], Sequence[Decision]]
_IGNORE = b"migrate: ignore[context-imports"
_KEEPS = re.compile(rb"\bself\.\w+\s*(?::[^=\n]*)?=[^=]")


@dataclass(frozen=True, slots=True)
class _Need:
    """One file moves only if another one does, and what to say where it does not."""

    other: str
    hindrance: Hindrance


@dataclass
class World:
    """What can move in a project, found out once."""

    project: Project
    options: Options
    decide: Decide
    pairs: dict[ClassRef, ClassRef] = field(default_factory=dict)
    functions: set[tuple[str, int]] = field(default_factory=set)
    importers: list[str] = field(default_factory=list)
    decided: dict[str, Sequence[Decision]] = field(default_factory=dict)
    methods: Methods = field(init=False)
    _late: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    _hindrances: dict[str, list[Hindrance]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know no file yet."""
        self.methods = Methods(self.project)

    def hindrances(self, path: str) -> list[Hindrance]:
        """What keeps a file from moving that would move by its own uses; none if it moves."""
        return self._hindrances.get(path, [])

    def explore(self) -> None:
        """Find out; this reads every file of the project and parses those concerned."""
        self._survey()
        homes = {cls.path for cls in self.pairs}
        traced = self.project.traced(frozenset(self.pairs))
        graph = _Graph(self, traced)
        stuck: set[str] = set()
        exits: list[Exits] = []
        needs: dict[str, list[_Need]] = defaultdict(list)
        for path in self.importers:
            # All that is asked about a file is asked at once, while its tree is at hand.
            if not self._suits(path):
                stuck.add(path)
            elif self._differs and path not in homes and (view := _view(traced, path)) is not None:
                found = exits_of(view, self.pairs, self.functions)
                exits += [found] if found.free or found.holders else []
            if self._differs:
                graph.scan(path)
            self._patches(needs, path)
        for path in sorted(homes):
            graph.scan(path)
        for path in self._consumers(exits):
            graph.scan_some(path, exits)
        blocked: dict[str, list[Hindrance]] = defaultdict(list)
        for made in sorted(graph.made(), key=repr):
            graph.follow(made, needs, blocked)
        failures = Failures(
            traced, lambda path: _view(traced, path), self.pairs, frozenset(self.functions)
        )
        for path in self.importers if self._differs else ():
            self._catches(needs, failures, path)
        self._settle(stuck | homes, needs, blocked)

    @property
    def _differs(self) -> bool:
        """Whether anything moves that is another thing in its new module."""
        return bool(self.pairs or self.functions)

    # Which files

    def _survey(self) -> None:
        """Note the importers, and what moves."""
        for path in self.project.index.passing(lambda data: may_match(data, self.options)):
            self._imports(path)

    def _consumers(self, exits: Sequence[Exits]) -> list[str]:
        """The other files that may get an object from one that moves."""
        if not exits:
            return []
        matching = self.project.index.passing(lambda data: any(e.may_reach(data) for e in exits))
        return [path for path in matching if path not in self._late]

    def _imports(self, path: str) -> bool:
        """Whether the file imports something that moves; note what, if so."""
        view = _view(self.project, path)
        if view is None:
            return False
        facts = Facts(self.project, self.options, path)
        sites = list(find_imports(view, facts))
        moves = {id(move): move for site in sites for move in site.moves}
        strings = (s for s in find_strings(view, facts) if isinstance(s, DottedString))
        if not moves and not any(string.is_known for string in strings):
            return False
        for move in moves.values():
            self._note(facts, move)
        self.importers.append(path)
        self.methods.note(view)
        late = [site for site in sites if site.is_late]
        self._late[path] = {(t.move.from_, t.alias.name) for site in late for t in site.taken}
        self._late[path] |= {(m.from_, EVERYTHING) for site in sites for m in site.whole}
        return True

    def _note(self, facts: Facts, move: Move) -> None:
        for name in facts.moving_names(move):
            pair = facts.pair(move, name)
            function = facts.functions(move, name)
            if pair is not None and pair[0] != pair[1]:
                self.pairs[pair[0]] = pair[1]
            elif function is not None:
                self.functions.add((function[0].path, function[0].start))

    def _suits(self, path: str) -> bool:
        """Whether the run may move the file, and what it does with the class suits the new one."""
        changing = self.project.changing
        if changing is not None and path not in changing:
            return False
        view = _view(self.project, path)
        if view is None or _IGNORE in view.text.utf8:
            return False
        decisions = self.decide(view, Facts(self.project, self.options, path))
        self.decided[path] = decisions
        suits = all(each.proposal.status is not Status.REVIEW for each in decisions)
        return suits and _is_python(view)

    def _patches(self, needs: dict[str, list[_Need]], path: str) -> None:
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
            late = [o for o in self.importers if o != path and self._late[o] & looked_up]
            tested = [other for other in late if imports(self.project, path, other)]
            for other in tested or late:
                message = f"{other} looks {found.name} up in the old module, and stays."
                here = Hindrance("dotted-string", span(found.node), message)
                needs[path].append(_Need(other, here))
            for other in tested:
                message = f"{path} patches {found.name} in the old module, and stays."
                needs[other].append(_Need(path, Hindrance("dotted-string", None, message)))

    def _catches(self, needs: dict[str, list[_Need]], failures: Failures, path: str) -> None:
        """What one file raises and another catches has to be of the same class for both."""
        view = _view(failures.project, path)
        for each in failures.caught(view) if view is not None else ():
            for other in sorted(each.raised - {each.asked}):
                message = f"It catches the {each.cls.name} of {other}, which stays."
                where = each.place.span if each.place.path == each.asked else None
                caught = Hindrance("callee-not-compatible", where, message)
                needs[each.asked].append(_Need(other, caught))
                message = f"{each.place} catches its {each.cls.name}, and stays."
                raised = Hindrance("caller-not-compatible", None, message)
                needs[other].append(_Need(each.asked, raised))

    # What follows

    def _settle(
        self,
        stuck: set[str],
        needs: dict[str, list[_Need]],
        blocked: dict[str, list[Hindrance]],
    ) -> None:
        """Take away what cannot move until nothing changes any more."""
        stays = stuck | set(blocked)
        while True:
            more = {
                path
                for path in needs
                if path not in stays and any(need.other in stays for need in needs[path])
            }
            if not more:
                break
            stays |= more
        for path in sorted(stays - stuck):
            found = [*blocked.get(path, ())]
            found += [n.hindrance for n in needs.get(path, ()) if n.other in stays]
            by_line: dict[tuple[Span | None, str], Hindrance] = {}
            for each in found:
                by_line.setdefault((each.where, each.reason), each)
            self._hindrances[path] = list(by_line.values())


@dataclass
class _Graph:
    """Who hands objects to whom, in the files that were scanned so far."""

    world: World
    traced: Project
    _scans: dict[tuple[str, int | None], Scan] = field(default_factory=dict)
    _passes: dict[Origin, list[Pass]] = field(default_factory=lambda: defaultdict(list))

    def scan(self, path: str, start: int | None = None) -> None:
        """Read a file, or one definition in it, once."""
        if (path, None) in self._scans or (path, start) in self._scans:
            return
        self._scans[path, start] = Scan()
        view = _view(self.traced, path)
        within = _definition(view, start) if view is not None else None
        if view is not None and within is not None:
            self._read(view, start, [within])

    def scan_some(self, path: str, exits: Sequence[Exits]) -> None:
        """Read those definitions of a file that may get an object from one that moves."""
        view = _view(self.traced, path)
        if view is None:
            return
        near = [each for each in exits if each.may_reach(view.text.utf8)]
        names = frozenset(name for each in near for name in each.classes)
        classes = {name.encode() for name in _got(view, names)}
        classes |= {f".{name}".encode() for name in names}

        def concerns(part: Node) -> bool:
            text = part.text or b""
            return any(name in text for name in classes) or any(e.names_any(text) for e in near)

        self._read(view, -1, list(_parts(view.tree.root_node, concerns)))

    def _read(self, view: FileView, start: int | None, parts: Sequence[Node]) -> None:
        facts = Facts(self.world.project, self.world.options, view.path)
        functions = frozenset(self.world.functions)
        keys, methods = self._lost_keys, self.world.methods
        scanner = Scanner(view, facts, self.world.pairs, functions, methods, keys)
        scan = scanner.scan(parts)
        self._scans[view.path, start] = scan
        for each in scan.passes:
            self._passes[each.source].append(each)

    @cached_property
    def _lost_keys(self) -> list[tuple[str, str, ClassRef]]:
        """The keys that methods of an old class return and those of the new one do not."""
        facts = Facts(self.world.project, self.world.options, "")
        found = lost_keys(self.world.project, facts, self.world.pairs)
        return [(method, key, old) for method, _, key, old in found]

    def made(self) -> set[Made]:
        """Every kind of object that a scanned file makes, or says that there is."""
        sources = [each.source for scan in self._scans.values() for each in _all(scan)]
        return {source for source in sources if isinstance(source, Made)}

    def reached(self, made: Made) -> dict[Origin, list[Pass]]:
        """Where objects get, each with the way there; the files on the way are scanned."""
        ways: dict[Origin, list[Pass]] = {made: []}
        pending: list[Origin] = [made]
        while pending:
            source = pending.pop(0)
            for each in sorted(self._passes.get(source, ()), key=repr):
                if each.to not in ways:
                    ways[each.to] = [*ways[source], each]
                    pending.append(each.to)
                    self.scan(each.to.path, each.to.start)
        return ways

    def follow(
        self,
        made: Made,
        needs: dict[str, list[_Need]],
        blocked: dict[str, list[Hindrance]],
    ) -> None:
        """What the move of the file that makes these objects would need, and what needs it."""
        ways = self.reached(made)
        for scan in list(self._scans.values()):
            for demand in scan.demands:
                if demand.old == made.cls and demand.source in ways:
                    self._demanded(made, demand, ways[demand.source], needs, blocked)
            for check in scan.checks:
                if check.source not in ways or check.asked == made.path:
                    continue
                what = f"{check.what} at {check.place} takes the old class"
                needs[made.path].append(
                    _Need(check.asked, _hindered(made, ways[check.source], what))
                )
                back = Hindrance(
                    "caller-not-compatible",
                    check.place.span if check.place.path == check.asked else None,
                    f"It gets objects that {made.path} makes, which stays with the old class.",
                )
                needs[check.asked].append(_Need(made.path, back))

    def _demanded(
        self,
        made: Made,
        demand: Demand,
        way: list[Pass],
        needs: dict[str, list[_Need]],
        blocked: dict[str, list[Hindrance]],
    ) -> None:
        if demand.place.path == made.path and (demand.adapts or not way):
            return  # a matter of the file itself
        hindrance = _hindered(made, way, str(demand))
        if not demand.adapts:
            blocked[made.path].append(hindrance)
            return
        needs[made.path].append(_Need(demand.place.path, hindrance))
        back = Hindrance(
            "caller-not-compatible",
            demand.place.span,
            f"It gets objects that {made.path} makes, which stays with the old class.",
        )
        needs[demand.place.path].append(_Need(made.path, back))


def _hindered(made: Made, way: Sequence[Pass], what: str) -> Hindrance:
    """Why objects that a file makes have to stay of the old class."""
    if not way:
        return Hindrance("consumer-not-compatible", None, f"An object from here: {what}.")
    first = way[0]
    where = first.place.span if first.place.path == made.path else None
    verb = "handed to" if first.callee.endswith(")") else "put into"
    return Hindrance("callee-not-compatible", where, f"It is {verb} {first.callee}: {what}.")


def _all(scan: Scan) -> Iterator[Pass | Demand | Check]:
    yield from scan.passes
    yield from scan.demands
    yield from scan.checks


def _got(view: FileView, names: Set[str]) -> Iterator[str]:
    """What a file calls the names that it imports, or may by a star."""
    namespace = view.project.index.namespace(view.path)
    for name, bindings in namespace.names.items():
        if any(binding.imported and binding.imported.name in names for binding in bindings):
            yield name
    if namespace.stars:
        yield from names - namespace.names.keys()


def _view(project: Project, path: str) -> FileView | None:
    """A file that is not the one being decided; None if it does not parse."""
    text, tree = project.index.text(path), project.index.tree(path)
    if text is None or tree is None or first_error(tree) is not None:
        return None
    return FileView(path, text, tree, project)


def _definition(view: FileView, start: int | None) -> Node | None:
    """The function or class that starts there, or the whole file; for a method, its class.

    What a method is given it may put into an attribute, for other methods to read.
    """
    if start is None:
        return view.tree.root_node
    node = view.tree.root_node.descendant_for_byte_range(start, start + 1)
    while node is not None and node.type not in ("function_definition", "class_definition"):
        node = node.parent
    if node is None or node.start_byte != start:
        return view.tree.root_node  # a name that is bound there
    owner = view.project.owner(view.path, node)
    return _definition(view, owner.start) if owner is not None else node


def _parts(block: Node, concerns: Callable[[Node], bool]) -> Iterator[Node]:
    """The statements of a block that are of concern; of a class, its methods.

    A class whose methods assign to attributes is taken as a whole: others may read them. So is one
    with a base that is of concern.
    """
    for part in filter(concerns, block.named_children):
        definition = part.child_by_field_name("definition") or part
        body = definition.child_by_field_name("body")
        if definition.type != "class_definition" or body is None:
            yield part
            continue
        methods = list(_parts(body, concerns))
        keeps = any(_KEEPS.search(method.text or b"") for method in methods)
        bases = definition.child_by_field_name("superclasses")
        keeps = keeps or (bases is not None and concerns(bases))
        yield from [part] if keeps else methods


def _is_python(view: FileView) -> bool:
    try:
        ast.parse(view.text.utf8)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
