"""Who hands what to whom, in the files that were read so far.

Functions are handed on as objects are. Where one gets that is called there, the arguments land on
its parameters, and what it returns comes out (0-CFA: Shivers, "Control flow analysis in Scheme",
1988). Objects of classes that do not move are handed on likewise: where one gets, its methods are
what is called by their names, and its attributes have what was put into them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from codemods.context_imports.travel.landings import slot_of
from codemods.context_imports.travel.traces import Code, Object, Pass, Place, Slot, Source, Target
from migrate.model import Span
from migrate.project.tracing import RESULT
from migrate.project.types import Given

_Carried = TypeVar("_Carried", Code, Object)

_NOWHERE = Place("", Span(0, 0), 0)


@dataclass
class Passes:
    """All passes, and those that follow from them."""

    _from: dict[Source, set[Pass]] = field(default_factory=lambda: defaultdict(set))
    _sorted: dict[Source, list[Pass]] = field(default_factory=dict)
    _into: dict[Source, set[Source]] = field(default_factory=lambda: defaultdict(set))
    _codes: dict[Source, set[Code]] = field(default_factory=lambda: defaultdict(set))
    _objects: dict[Source, set[Object]] = field(default_factory=lambda: defaultdict(set))
    _members: dict[Given, set[str]] = field(default_factory=lambda: defaultdict(set))
    _slots: dict[Given, set[Slot]] = field(default_factory=lambda: defaultdict(set))
    _results: set[Given] = field(default_factory=set)

    def after(self, source: Source) -> Sequence[Pass]:
        """Where an object is handed on to from somewhere, always in the same order."""
        found = self._from.get(source)
        if not found:
            return ()
        if len(self._sorted.get(source, ())) != len(found):
            self._sorted[source] = sorted(found, key=repr)
        return self._sorted[source]

    def carrying(self, results: Container[Source]) -> list[Code]:
        """The functions on their way somewhere whose result is among some, in order."""
        carried = set().union(*self._codes.values())
        return sorted((code for code in carried if code.result in results), key=repr)

    def keeping(self, reached: Container[tuple[str, int]]) -> list[Object]:
        """The objects on their way somewhere whose class keeps something in an attribute."""
        carried = set().union(*self._objects.values())
        return sorted((o for o in carried if any(e in reached for e in o.lineage)), key=repr)

    def behind(self, places: Iterable[Given]) -> set[Given]:
        """Some places, and all from which something is handed on to them."""
        found: set[Given] = set()
        pending: list[Source] = list(places)
        while pending:
            each = pending.pop()
            if isinstance(each, Given) and each not in found:
                found.add(each)
                pending += self._into[each]
        return found

    def add(self, passes: Iterable[Pass], used: Iterable[Source]) -> None:
        """Add passes, and those that follow from them; `used` are origins that are of interest."""
        pending = list(passes)
        for origin in used:
            pending += [*self._given_back(origin), *self._asked(origin)]
        while pending:
            each = pending.pop()
            if each in self._from[each.source]:
                continue
            self._from[each.source].add(each)
            self._into[each.to].add(each.source)
            pending += [*self._given_back(each.source), *self._asked(each.source)]
            if isinstance(each.to, Slot):
                pending += self._called(each.to)
                pending += self._asked(each.to.of)
            for code in _at(each.source, Code, self._codes):
                for place in self._spread(code, each.to, self._codes):
                    pending += self._callable(code, place)
            for one in _at(each.source, Object, self._objects):
                for place in self._spread(one, each.to, self._objects):
                    pending += self._readable(one, place)

    def _given_back(self, result: Source) -> Iterator[Pass]:
        """What the functions give that are called where this is their result."""
        if not isinstance(result, Given) or not result.name.endswith(RESULT):
            return
        if result not in self._results:
            self._results.add(result)
            for code in self._codes[_called_for(result)]:
                yield _following(code.result, result)

    def _asked(self, place: Source) -> Iterator[Pass]:
        """What is asked of the objects that get to a place, by a name behind a dot."""
        if not isinstance(place, Given) or "." not in place.name:
            return
        name = place.name.removesuffix(RESULT)
        holder, _, member = name.rpartition(".")
        base = replace(place, name=holder)
        if member not in self._members[base]:
            self._members[base].add(member)
            yield from self._asked(base)
            for one in self._objects[base]:
                yield from _part(one, base, member)

    def _called(self, slot: Slot) -> Iterator[Pass]:
        """Where an argument lands by the functions that are called with it."""
        if slot not in self._slots[slot.of]:
            self._slots[slot.of].add(slot)
            for code in self._codes[slot.of]:
                yield from (_following(slot, to) for to in slot_of(code, slot.at))

    def _spread(
        self, carried: _Carried, place: Target, known: dict[Source, set[_Carried]]
    ) -> list[Target]:
        """Where something gets that it was not before, when it gets to a place; notes that."""
        new: list[Target] = []
        pending = [place]
        while pending:
            to = pending.pop()
            if carried not in known[to]:
                known[to].add(carried)
                new.append(to)
                pending += [each.to for each in self._from[to]]
        return new

    def _callable(self, code: Code, place: Target) -> Iterator[Pass]:
        """What follows when a function is where something is called."""
        if isinstance(place, Slot):
            return
        for slot in self._slots[place]:
            yield from (_following(slot, parameter) for parameter in slot_of(code, slot.at))
        result = replace(place, name=f"{place.name}{RESULT}")
        if result in self._results:
            yield _following(code.result, result)

    def _readable(self, one: Object, place: Target) -> Iterator[Pass]:
        """What follows when an object is where something is asked by names behind a dot."""
        if isinstance(place, Given):
            for member in sorted(self._members[place]):
                yield from _part(one, place, member)


def _at(
    source: Source, kind: type[_Carried], known: Mapping[Source, set[_Carried]]
) -> list[_Carried]:
    """What of a kind a source is, or what gets there."""
    return [source] if isinstance(source, kind) else list(known.get(source, ()))


def _part(one: Object, place: Given, member: str) -> Iterator[Pass]:
    """What an object has under a name is what is asked for by that name where it is."""
    to = replace(place, name=f"{place.name}.{member}")
    for name, code in one.methods:
        if name == member:
            yield _following(code, to)
    for path, start in one.lineage:
        yield _following(Given(path, start, member), to)


def _following(source: Source, to: Target) -> Pass:
    """A pass that no place says; it never is the first that an object takes."""
    return Pass(source, to, _NOWHERE, "")


def _called_for(result: Given) -> Given:
    """Where the functions are kept whose result this is."""
    return replace(result, name=result.name.removesuffix(RESULT))
