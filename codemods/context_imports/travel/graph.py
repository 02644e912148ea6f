"""Who hands objects of the classes that move to whom, over all files that were read for it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from codemods.context_imports.travel.moving import Asked, Need
from codemods.context_imports.travel.passes import Passes
from codemods.context_imports.travel.traces import (
    Check,
    Demand,
    Made,
    Method,
    Pass,
    Scan,
    Slot,
    Source,
)
from codemods.context_imports.usage.uses import Hindrance, together
from migrate.model import Span
from migrate.project.types import ClassRef, Given


@dataclass
class Graph:
    """What was read so far, and where it leads. `needs` and `blocked` are what it comes to."""

    needs: list[Need] = field(default_factory=list)
    blocked: dict[str, list[Hindrance]] = field(default_factory=lambda: defaultdict(list))
    _scans: list[Scan] = field(default_factory=list)
    _read: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    _filled: set[Given] = field(default_factory=set)
    _readable: dict[ClassRef, set[Given]] = field(default_factory=lambda: defaultdict(set))
    _methods: dict[tuple[str, int], Method] = field(default_factory=dict)
    _hooks: dict[Given, Method] = field(default_factory=dict)
    _overridden: set[Method] = field(default_factory=set)
    _asked: set[tuple[str, int]] = field(default_factory=set)
    _unreadable: dict[tuple[str, int], str] = field(default_factory=dict)
    _passes: Passes = field(default_factory=Passes)

    def add(self, path: str, *scans: Scan) -> None:
        """Note what parts of a file do with the objects."""
        for scan in scans:
            self._scans.append(scan)
            self._read[path] += scan.parts
            self._methods.update(((path, start), method) for start, method in scan.methods)
            self._hooks.update(scan.hooks)
            used = [demand.source for demand in scan.demands]
            self._passes.add(scan.passes, [*used, *(check.source for check in scan.checks)])

    def read(self, path: str) -> tuple[Span, ...]:
        """The parts of a file that were read."""
        return tuple(self._read.get(path, ()))

    def give_up(self, path: str, starts: Sequence[int], why: str) -> None:
        """Note that definitions cannot be read; `why` is what is said of the file."""
        self._unreadable.update(((path, start), why) for start in starts)

    def made(self) -> list[Made]:
        """Every kind of object that the files read so far make, or say that there is; in order."""
        sources = {each.source for scan in self._scans for each in _all(scan)}
        return sorted((each for each in sources if isinstance(each, Made)), key=repr)

    def unread(self, made: Sequence[Made]) -> dict[str, list[int]]:
        """The definitions that objects get to, by file, in order; each that is new, once."""
        found: dict[str, list[int]] = {}
        reached = self._reached(made)
        # Where a function gets that makes some, it may be called.
        reached |= self._reached(self._passes.carrying(reached))
        # Where one gets that keeps some, they may be read.
        keepers = {(each.path, each.start) for each in reached if isinstance(each, Given)}
        reached |= self._reached(self._passes.keeping(keepers))
        for path, start in sorted({(e.path, e.start) for e in reached if isinstance(e, Given)}):
            if not self._is_known(path, start):
                found.setdefault(path, []).append(start)
        self._asked |= {(path, start) for path, starts in found.items() for start in starts}
        return found

    def asked(self, cls: ClassRef, made: Sequence[Made]) -> Asked:
        """Where what is called with objects of a class may come from, and where they may be read.

        Each once, in order.
        """
        reached = self._reached(made)
        slots = (each for each in reached if isinstance(each, Slot))
        filled = self._passes.behind(each.of for each in slots) - self._filled
        read = {each for each in reached if isinstance(each, Given)} - self._readable[cls]
        self._filled |= filled
        self._readable[cls] |= read
        places = (tuple(sorted(each, key=repr)) for each in (filled, read))
        return Asked(cls, *places)

    def overridden(self, made: Sequence[Made]) -> list[Method]:
        """The methods that objects get to, which others may override; each once, in order."""
        ways = self._reached(made)
        called = {each.of for each in ways if isinstance(each, Slot)}
        reached = {(each.path, each.start) for each in ways if isinstance(each, Given)}
        found = {self._methods[each] for each in reached & self._methods.keys()}
        found |= {self._hooks[each] for each in called & self._hooks.keys()}
        found -= self._overridden
        self._overridden |= found
        return sorted(found, key=repr)

    def _is_known(self, path: str, start: int) -> bool:
        if (path, start) in self._asked:
            return True
        return any(part.start <= start < part.end for part in self._read.get(path, ()))

    def _reached(self, made: Sequence[Source]) -> dict[Source, Pass | None]:
        """Where objects get, each with the first step on the way there."""
        ways: dict[Source, Pass | None] = dict.fromkeys(made)
        pending: deque[Source] = deque(made)
        while pending:
            source = pending.popleft()
            for each in self._passes.after(source):
                if each.to not in ways:
                    ways[each.to] = ways[source] or each
                    pending.append(each.to)
        return ways

    def follow(self, made: Made) -> None:
        """Find out what the move of the file that makes these objects needs, and what needs it."""
        ways = self._reached([made])
        for to, first in ways.items():
            if isinstance(to, Given) and (to.path, to.start) in self._unreadable:
                why = self._unreadable[to.path, to.start]
                do = f"See that nothing in {to.path} needs the old class."
                self.blocked[made.path].append(_hindered(made, first, f"{to.path} {why}", do))
        demands = [d for s in self._scans for d in s.demands if d.old == made.cls]
        checks = [c for s in self._scans for c in s.checks if c.asked != made.path]
        # What an object is known to get to directly needs no way there.
        direct = {demand.place for demand in demands if demand.source == made}
        for demand in demands:
            if demand.source == made or (demand.source in ways and demand.place not in direct):
                self._demanded(made, demand, ways[demand.source])
        direct = {check.place for check in checks if check.source == made}
        for check in checks:
            if check.source == made or (check.source in ways and check.place not in direct):
                self._checked(made, check, ways[check.source])

    def _demanded(self, made: Made, demand: Demand, first: Pass | None) -> None:
        if demand.place.path == made.path and (demand.adapts or first is None):
            return  # a matter of the file itself
        if not demand.adapts:
            do = f"Make {demand.place} take objects of either class."
            if demand.instead is not None:
                do = f"Write {demand.instead} at {demand.place}, if all code agrees on that."
            self.blocked[made.path].append(_hindered(made, first, str(demand), do))
            return
        hindrance = _hindered(made, first, str(demand), together(demand.place.path))
        self.needs.append(Need(made.path, demand.place.path, hindrance))
        back = _given(made, demand.place.span)
        self.needs.append(Need(demand.place.path, made.path, back))

    def _checked(self, made: Made, check: Check, first: Pass | None) -> None:
        what = f"{check.what} at {check.place} takes the old class"
        hindrance = _hindered(made, first, what, together(check.asked))
        self.needs.append(Need(made.path, check.asked, hindrance))
        where = check.place.span if check.place.path == check.asked else None
        self.needs.append(Need(check.asked, made.path, _given(made, where)))


def _given(made: Made, where: Span | None) -> Hindrance:
    """Why code that gets the objects has to stay with the old class."""
    what = f"It gets objects that {made.path} makes, which stays with the old class."
    return Hindrance("caller-not-compatible", where, what, together(made.path))


def _hindered(made: Made, first: Pass | None, what: str, do: str) -> Hindrance:
    """Why objects that a file makes have to stay of the old class."""
    if first is None:
        return Hindrance("consumer-not-compatible", None, f"An object from here: {what}.", do)
    where = first.place.span if first.place.path == made.path else None
    verb = "handed to" if first.callee.endswith(")") else "put into"
    what = f"It is {verb} {first.callee}: {what}."
    return Hindrance("callee-not-compatible", where, what, do)


def _all(scan: Scan) -> Iterator[Pass | Demand | Check]:
    yield from scan.passes
    yield from scan.demands
    yield from scan.checks
