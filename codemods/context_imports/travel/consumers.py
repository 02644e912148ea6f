"""Which files may get objects of the classes that move from others, and by which of their parts.

A file that gets one may pass it on: by a name that it imports and others import from it, by a
function that returns it, by an attribute. Then its own readers are looked for as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from tree_sitter import Node

from codemods.context_imports.travel.exits import Exits, Sources, exits_of, is_test
from codemods.context_imports.travel.words import Words
from migrate.model import Span
from migrate.syntax import span
from migrate.view import FileView

_KEEPS = re.compile(rb"\bself\.\w+\s*(?::[^=\n]*)?=[^=]")
_Words = frozenset[bytes]
_NONE: _Words = frozenset()
_Concerns = Callable[[Node], bool]


@dataclass(frozen=True, slots=True)
class Lead:
    """A file to look through: it may get an object by the exits in `near`.

    What is behind those in `further` others may import from it. It is scanned for the first, but
    for what is `read` already. `told` is what in the file says so.
    """

    path: str
    near: tuple[Exits, ...]
    further: tuple[Exits, ...]
    told: frozenset[tuple[bytes, ...]]
    read: tuple[Span, ...] = ()


def lead(path: str, data: bytes, exits: Sequence[Exits]) -> Lead | None:
    """What a file may have by some exits of others, by its bytes; None for nothing."""
    words = Words(data)
    near = tuple(each for each in exits if each.may_reach(path, words))
    others = exits if not is_test(path) else ()
    further = tuple(each for each in others if each.may_be_passed_on(path, words))
    if not (near or further):
        return None
    told = {told for each in near for told in each.used(words)}
    told |= {(b"class", name) for each in near for name in each.classes if words.have(name)}
    told |= {(b"import", name) for each in further for name in each.offered if words.have(name)}
    told |= {(whole,) for each in further for whole in words.imports & each.wholly}
    return Lead(path, near, further, frozenset(told))


def passed_on(view: FileView, lead: Lead, sources: Sources) -> Exits:
    """Where a file hands out what it has from others; it may get that itself by what it defines."""
    own = Exits(view.path)
    while True:
        concerns = _passing(lead.further, _reading(view, lead.near, own))
        known = replace(sources, exits={**sources.exits, view.path: own})
        found = own | exits_of(view, known, list(parts_of(view.tree.root_node, concerns)))
        if found == own:
            return own
        own = found


def parts_to_scan(view: FileView, lead: Lead, own: Exits) -> list[Node]:
    """The parts of a file that may get an object, and were not read yet."""
    found = parts_of(view.tree.root_node, _reading(view, lead.near, own))
    return [part for part in found if not any(each.contains(span(part)) for each in lead.read)]


def _reading(view: FileView, near: Sequence[Exits], own: Exits) -> _Concerns:
    """Which parts of a file may get an object from others, or by the file's own exits."""
    all_ = reduce(or_, near, Exits(view.path))
    local = frozenset(_local(view, all_.classes | all_.functions)) | own.classes

    def concerns(part: Node) -> bool:
        words = Words(part.text or b"")
        if any(all_.used(words)) or any(own.used(words)) or any(map(words.have, local)):
            return True
        return any(words.use(name) for name in all_.classes) or (
            words.have(b"import") and any(map(words.have, all_.classes))
        )

    return concerns


def _passing(further: Sequence[Exits], may_get: _Concerns) -> _Concerns:
    """Which parts of a file may import what others import from it, or make it of something."""
    names = _NONE.union(*(each.offered for each in further))
    wholly = _NONE.union(*(each.wholly for each in further))

    def concerns(part: Node) -> bool:
        text = part.text or b""
        if any(name in text for name in names) or may_get(part):
            return True
        return b"import" in text and not Words(text).imports.isdisjoint(wholly)

    return concerns


def _local(view: FileView, names: _Words) -> Iterator[bytes]:
    """What a file calls the names that it imports, or may by a star."""
    namespace = view.project.index.namespace(view.path)
    for name, bindings in namespace.names.items():
        sources = [each.imported.name or "" for each in bindings if each.imported is not None]
        if any(source.encode() in names for source in sources):
            yield name.encode()
    if namespace.stars:
        yield from names - {name.encode() for name in namespace.names}


def parts_of(block: Node, concerns: _Concerns) -> Iterator[Node]:
    """The statements of a block that are of concern; of a class, its methods.

    A class that assigns to attributes, in its body or in methods, is taken as a whole: others may
    read them. So is one with a base that is of concern.
    """
    for part in filter(concerns, block.named_children):
        definition = part.child_by_field_name("definition") or part
        body = definition.child_by_field_name("body")
        if definition.type != "class_definition" or body is None:
            yield part
            continue
        methods = list(parts_of(body, concerns))
        keeps = any(_assigns(each) or _KEEPS.search(each.text or b"") for each in methods)
        bases = definition.child_by_field_name("superclasses")
        keeps = keeps or (bases is not None and concerns(bases))
        yield from [part] if keeps else methods


def _assigns(statement: Node) -> bool:
    return [child.type for child in statement.named_children] == ["assignment"]
