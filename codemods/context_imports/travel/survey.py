"""Which files can move together: what their objects meet elsewhere, over the whole project.

A file that moves makes objects of the new class. They reach other code by calls, attributes and
returned values, and code that moves asks what it is given for the new class. So the move of one
file may need that of another, or be impossible. The most files that can move are those that remain
when each that cannot, or that needs one that cannot, is taken away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from codemods.context_imports.options import Options
from codemods.context_imports.travel import reader
from codemods.context_imports.travel.exits import Exits, is_test
from codemods.context_imports.travel.graph import Graph
from codemods.context_imports.travel.mentions import Mention, Mentions
from codemods.context_imports.travel.moving import Asked, Moving, Need, Stand, Surveyed
from codemods.context_imports.travel.overrides import Families
from codemods.context_imports.travel.traces import Method
from codemods.context_imports.usage.uses import Hindrance
from codemods.surveys import found_in
from migrate.codemod import Each, Unanswered
from migrate.model import Span
from migrate.project import Project

_Answer = TypeVar("_Answer")


def survey(files: Sequence[str], options: Options, each: Each) -> dict[str, Surveyed]:
    """What is to be said of each file that imports from a legacy module, or names one."""
    asking = _Survey([path for path in files if path.endswith(".py")], options, each)
    moving = asking.moving()
    stands = asking.stands(moving)
    graph = asking.graph(moving, stands)
    stuck = {path for path in moving.importers if path not in stands or not stands[path].suits}
    needs = [*graph.needs, *(need for stand in stands.values() for need in stand.needs)]
    hindrances = _settled(stuck | moving.homes, needs, graph.blocked)
    found = {path: Surveyed(fault=why) for path, why in asking.faults.items()}
    for path, stand in stands.items():
        found[path] = Surveyed(stand.digest, stand.decisions, tuple(hindrances.get(path, ())))
    return found


@dataclass
class _Survey:
    """Asks for what is to be known of `files`; `faults` tells which importers cannot be read."""

    files: Sequence[str]
    options: Options
    each: Each
    faults: dict[str, str] = field(default_factory=dict)
    _families: Families | None = None

    def moving(self) -> Moving:
        """What moves, and who imports it."""
        candidates = found_in(self.files, partial(reader.candidates, self.options), self.each)
        found = self._ask(partial(reader.importer, self.options), candidates)
        return Moving({path: importer for path, importer in found if importer is not None})

    def stands(self, moving: Moving) -> dict[str, Stand]:
        """What each importer says by itself; those that stay anyway, only if any would move."""
        ask = partial(reader.stand, self.options, moving)
        importers = moving.importers.values()
        stands = dict(self._ask(ask, [each.path for each in importers if each.may_change]))
        if any(stand.suits for stand in stands.values()):
            stands |= self._ask(ask, [each.path for each in importers if not each.may_change])
        return {path: stands[path] for path in moving.importers if path in stands}

    def graph(self, moving: Moving, stands: Mapping[str, Stand]) -> Graph:
        """Where the objects get; empty if no file would move, or none makes any."""
        graph = Graph()
        if not moving.differs or not any(stand.suits for stand in stands.values()):
            return graph
        for path, stand in stands.items():
            graph.add(path, stand.scan)
        self._scan(graph, moving, {path: [] for path in sorted(moving.homes - stands.keys())})
        self._consumed(graph, moving, stands)
        made = graph.made()
        moved = [each for each in made if each.path in stands and stands[each.path].suits]
        classes = sorted({each.cls for each in moved}, key=repr)
        by_class = [(cls, [each for each in moved if each.cls == cls]) for cls in classes]
        origins = sorted({each.path for each in made})
        while True:
            if unread := graph.unread(made):
                self._scan(graph, moving, unread)
            elif asked := [a for cls, those in by_class if (a := graph.asked(cls, those)).any]:
                for places in asked:
                    self._mentioned(graph, moving, places, origins)
            elif methods := graph.overridden(moved):
                self._overridden(graph, moving, methods, origins)
            else:
                break
        for each in made:
            graph.follow(each)
        return graph

    def _consumed(self, graph: Graph, moving: Moving, stands: Mapping[str, Stand]) -> None:
        """Read the other files that may get an object from one that moves, from it or by others."""
        makers = frozenset(path for path, stand in stands.items() if stand.suits)
        known = {path: stand.exits for path, stand in stands.items() if stand.exits}
        origins, news = list(known), list(known.values())
        # What others have from a file of tests is nothing, and each importer is scanned already.
        paths = [p for p in self.files if not (p in moving.importers and is_test(p))]
        told: dict[str, set[tuple[bytes, ...]]] = defaultdict(set)
        while news:
            leads = [
                replace(each, read=graph.read(each.path))
                for each in found_in(paths, partial(reader.leads, news), self.each)
                if not each.told <= told[each.path]
            ]
            ask = partial(reader.consumed, self.options, moving, makers, dict(known))
            news = []
            for lead in leads:
                told[lead.path] |= lead.told
            for lead, found in zip(leads, self.each(ask, leads), strict=True):
                if isinstance(found, Unanswered):
                    _block(graph, origins, lead.path, found)
                    continue
                graph.add(lead.path, found.scan)
                before = known.get(lead.path, Exits(lead.path))
                if before | found.exits != before:
                    known[lead.path] = before | found.exits
                    news.append(known[lead.path])

    def _mentioned(
        self, graph: Graph, moving: Moving, asked: Asked, origins: Sequence[str]
    ) -> None:
        """Read what may hand functions to where an object is, or may read one, as names tell."""
        by_file = asked.by_file()
        ask_each = partial(reader.mentions, self.options, moving)
        mentions: list[Mention] = []
        for path, found in zip(by_file, self.each(ask_each, list(by_file.values())), strict=True):
            if isinstance(found, Unanswered):
                _block(graph, origins, path, found)
            else:
                mentions += found
        those, known = Mentions(tuple(mentions)), frozenset(moving.importers)
        ask_all = partial(reader.mentioning, those, known)
        paths = found_in(self.files if mentions else [], ask_all, self.each)
        ask = partial(reader.mentioned, self.options, moving, those)
        for path, scan in zip(paths, self.each(ask, paths), strict=True):
            if isinstance(scan, Unanswered):
                _block(graph, origins, path, scan)
            else:
                graph.add(path, scan)

    def _overridden(
        self, graph: Graph, moving: Moving, methods: Sequence[Method], origins: Sequence[str]
    ) -> None:
        """Read the classes below that override what objects get to, wherever they are."""
        if self._families is None:
            self._families = Families()
            self._families.note(found_in(self.files, reader.statements, self.each))
        found = self._families.overriding(methods)
        places = [
            (path, those, graph.read(path))
            for path, those in found.items()
            if path not in moving.importers
        ]
        ask = partial(reader.overriding, self.options, moving)
        for (path, *_), scan in zip(places, self.each(ask, places), strict=True):
            if isinstance(scan, Unanswered):
                _block(graph, origins, path, scan)
            else:
                graph.add(path, scan)

    def _scan(self, graph: Graph, moving: Moving, places: Mapping[str, Sequence[int]]) -> None:
        """Read some definitions of files; of some, all."""
        ask = partial(reader.scans, self.options, moving)
        answers = self.each(ask, list(places.items()))
        for (path, starts), scans in zip(places.items(), answers, strict=True):
            if isinstance(scans, Unanswered):
                graph.give_up(path, starts, _unread(scans))
            else:
                graph.add(path, *scans)

    def _ask(
        self, ask: Callable[[Project, str], _Answer], paths: Sequence[str]
    ) -> Iterator[tuple[str, _Answer]]:
        for path, answer in zip(paths, self.each(ask, paths), strict=True):
            if isinstance(answer, Unanswered):
                self.faults[path] = answer.message
            else:
                yield path, answer


def _block(graph: Graph, origins: Sequence[str], path: str, answer: Unanswered) -> None:
    """Keep the files from moving whose objects may get to one that cannot be analysed."""
    what = f"An object from here may get to {path}, which {_unread(answer)}."
    do = f"See that nothing in {path} needs the old class."
    for origin in origins:
        graph.blocked[origin].append(Hindrance("consumer-not-compatible", None, what, do))


def _unread(answer: Unanswered) -> str:
    return f"cannot be analysed ({answer.message})"


def _place(hindrance: Hindrance) -> tuple[Span, str, str]:
    """By what hindrances are ordered: where they are, and what is said."""
    return hindrance.where or Span(0, 0), hindrance.reason, hindrance.message


def _settled(
    stuck: Set[str], needs: Sequence[Need], blocked: Mapping[str, Sequence[Hindrance]]
) -> dict[str, list[Hindrance]]:
    """What keeps each file that would move, when all are taken away that cannot."""
    of_path: dict[str, list[Need]] = defaultdict(list)
    needed_by: dict[str, list[str]] = defaultdict(list)
    for need in needs:
        of_path[need.path].append(need)
        needed_by[need.other].append(need.path)
    stays = set(stuck) | set(blocked)
    pending = list(stays)
    while pending:
        more = set(needed_by.get(pending.pop(), ())) - stays
        stays |= more
        pending += more
    found: dict[str, list[Hindrance]] = {}
    for path in sorted(stays - stuck):
        those = [n.hindrance for n in of_path.get(path, ()) if n.other in stays]
        by_line: dict[tuple[Span | None, str], Hindrance] = {}
        for each in sorted((*blocked.get(path, ()), *those), key=_place):
            by_line.setdefault((each.where, each.reason), each)
        found[path] = list(by_line.values())
    return found
