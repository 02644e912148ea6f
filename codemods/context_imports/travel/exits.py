"""Where a file hands out objects of the classes that move: to whoever calls it or looks inside.

What it hands out may be its own, or come from the exits of another file: then it passes that on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

from tree_sitter import Node

from codemods.context_imports.travel.traces import Made, Origin, origins
from codemods.context_imports.travel.ways import put
from codemods.context_imports.travel.words import AROUND, NAME, PACKAGE, STAR, Words, name_of
from migrate.project.env import Env
from migrate.project.types import (
    Atom,
    ClassObject,
    ClassRef,
    FunctionObject,
    Given,
    Instance,
    ModuleObject,
    Type,
)
from migrate.syntax import ancestors, captures, span, text_of, unstarred
from migrate.view import FileView

_Names = frozenset[bytes]
_NONE: _Names = frozenset()


@dataclass(frozen=True)
class Exits:
    """How other files get an object from the one at `path`, as names that they have to contain.

    `free` are fixtures, which need no other name; functions, attributes and `classes`, which are
    imported from here, come with the module's name or that of one of `owners`: its classes, and
    what else it binds to something that has such functions or attributes.
    """

    path: str
    free: _Names = _NONE
    functions: _Names = _NONE
    attributes: _Names = _NONE
    classes: _Names = _NONE
    owners: _Names = _NONE

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.free or self.functions or self.attributes or self.classes)

    def __or__(self, other: Exits) -> Exits:
        """All exits of the file that are known from either."""
        return Exits(
            self.path,
            self.free | other.free,
            self.functions | other.functions,
            self.attributes | other.attributes,
            self.classes | other.classes,
            self.owners | other.owners,
        )

    @property
    def offered(self) -> _Names:
        """What others may import from the file."""
        return self.free | self.functions | self.classes | self.owners

    @cached_property
    def module(self) -> bytes:
        """What imports call the file."""
        return name_of(self.path)

    @cached_property
    def wholly(self) -> _Names:
        """What tells of an import of all in the file, or of the module itself as a name."""
        return frozenset({STAR + self.module, NAME + self.module})

    def may_reach(self, path: str, words: Words) -> bool:
        """Whether a file may get an object here, by what it imports and the names in it."""
        if path == self.path:
            return False
        if any(map(words.have, self.free)):
            return True
        if not self._is_imported(path, words) and self.owners.isdisjoint(words.imports):
            return False
        return any(self.used(words)) or any(map(words.have, self.classes))

    def may_be_passed_on(self, path: str, words: Words) -> bool:
        """Whether a file may import something here that others import from it."""
        if path == self.path or not self._is_imported(path, words):
            return False
        return any(map(words.have, self.offered)) or not words.imports.isdisjoint(self.wholly)

    def used(self, words: Words) -> Iterator[tuple[bytes, ...]]:
        """The fixtures, functions and attributes that a file uses, or a part of one."""
        yield from ((name,) for name in self.free | self.functions if words.have(name))
        yield from ((b".", name) for name in self.attributes if words.use(name))

    def _is_imported(self, path: str, words: Words) -> bool:
        package = self.path.removesuffix(PACKAGE)
        is_inside = package != self.path and path.startswith(f"{package}/")
        return self.module in words.imports or (is_inside and AROUND in words.imports)


@dataclass(frozen=True)
class Sources:
    """What may come out of a file: objects that some `files` make, and what it passes on.

    `pairs` and `functions`, by file and offset, are what moves; `exits` are known of other files.
    """

    pairs: Mapping[ClassRef, ClassRef]
    functions: Set[tuple[str, int]]
    files: Set[str]
    exits: Mapping[str, Exits]

    def have(self, type_: Type, view: FileView) -> bool:
        """Whether there are such objects among a value's, or in it."""
        found = origins(type_, view, self.pairs)
        return any(isinstance(each, Made) and each.path in self.files for each in found)

    def move(self, atom: Atom, view: FileView) -> bool:
        """Whether it is a class or function that moves, or a class below one."""
        match atom:
            case FunctionObject(path=path, start=start):
                return (path, start) in self.functions
            case ClassObject(cls=cls):
                return self.have(frozenset({Instance(cls)}), view)
        return False

    def behind(self, atom: Atom, view: FileView) -> Iterator[Exits]:
        """The exits of what owns some: an object of a class, the class, or a module."""
        match atom:
            case Instance(cls=ClassRef() as cls) | ClassObject(cls=ClassRef() as cls):
                for each in view.project.lineage(cls).order:
                    found = self.exits.get(each.path)
                    if found is not None and each.name.encode() in found.owners:
                        yield found
            case ModuleObject(path=path) if path in self.exits:
                yield self.exits[path]
            case FunctionObject(path=path, start=start) if path in self.exits:
                facts = view.project.index.function_facts(path, start)
                name = facts.name.encode() if facts is not None else b""
                if name in self.exits[path].owners:
                    yield self.exits[path]


def exits_of(view: FileView, sources: Sources, parts: Sequence[Node]) -> Exits:
    """The exits in some parts of a file; `view` is of a project that traces the classes that move.

    Nothing imports a file of tests. A fixture gets anywhere, as a `conftest.py` may import it.
    """
    own = Exits(view.path)
    if is_test(view.path):
        return own
    kept = [pair for part in parts for pair in _kept(view, sources, part)]
    marks = {mark for _, target in kept for mark in _marks(view, target)}
    for name, target in kept:
        around, named = _classes_around(target), frozenset({text_of(name).encode()})
        if target.type == "attribute" or around:
            own |= Exits(view.path, attributes=named, owners=around)
        else:
            own |= Exits(view.path, functions=named)
    for node in _found(parts, "(function_definition) @found"):
        given = _given(view, node)
        if not (sources.have(given, view) or marks & origins(given, view, sources.pairs)):
            continue
        if "fixture" in _decorators(view, node):
            own |= Exits(view.path, free=_name(node), owners=_classes_around(node))
        else:
            own |= Exits(view.path, functions=_name(node), owners=_classes_around(node))
    known = replace(sources, exits={**sources.exits, view.path: own})
    for bound in _bound(view, known, parts):
        own |= _offered(view, known, bound)
    return own


def _offered(view: FileView, sources: Sources, name: str) -> Exits:
    """What others may do with a name of the module, which it may have from elsewhere."""
    path, named = view.path, frozenset({name.encode()})
    found = Exits(path)
    for atom in view.project.infer(name, Env(path)):
        if sources.move(atom, view):
            found |= Exits(path, classes=named)
        elif isinstance(atom, FunctionObject):
            found |= _function(view, sources, atom, named)
        elif sources.have(frozenset({atom}), view):
            found |= Exits(path, functions=named)
        for exits in sources.behind(atom, view):
            if exits.functions or exits.attributes:
                members = Exits(path, functions=exits.functions, attributes=exits.attributes)
                found |= replace(members, owners=named)
    return found


def _function(view: FileView, sources: Sources, function: FunctionObject, name: _Names) -> Exits:
    """What a function of another file is to this one's readers."""
    exits = sources.exits.get(function.path)
    facts = view.project.index.function_facts(function.path, function.start)
    if exits is not None and facts is not None:
        if facts.name.encode() in exits.free:
            return Exits(view.path, free=name)
        if facts.name.encode() in exits.functions:
            return Exits(view.path, functions=name)
    return Exits(view.path)


def _bound(view: FileView, sources: Sources, parts: Sequence[Node]) -> Iterator[str]:
    """The names that some parts of a file bind for all of it."""
    namespace = view.project.index.namespace(view.path)
    where = [span(part) for part in parts]
    for name, bindings in namespace.names.items():
        if any(part.start <= each.start < part.end for each in bindings for part in where):
            yield name
    if namespace.stars:
        starred = {name.decode() for each in sources.exits.values() for name in each.offered}
        yield from sorted(starred - namespace.names.keys())


def _kept(view: FileView, sources: Sources, part: Node) -> Iterator[tuple[Node, Node]]:
    """What keeps an object: an attribute, or a name of the module or of a class; its name first."""
    for target in _found([part], "(assignment left: (_) @found)"):
        value = target.parent.child_by_field_name("right") if target.parent else None
        name = target.child_by_field_name("attribute") if target.type == "attribute" else target
        if name is None or name.type != "identifier" or (name == target and _is_local(target)):
            continue
        node = target if name == target or value is None else value
        if sources.have(view.type_of(node), view):
            yield name, target
    for container, value, _ in put(part):
        holder = unstarred(container)
        name = holder.child_by_field_name("attribute") if holder.type == "attribute" else holder
        if name is None or name.type != "identifier":
            continue
        if sources.have(view.type_of(value), view):
            yield name, holder


def _marks(view: FileView, target: Node) -> set[Origin]:
    return {atom for atom in view.type_of(target) if isinstance(atom, Given)}


def _is_local(node: Node) -> bool:
    return any(above.type == "function_definition" for above in ancestors(node))


def _given(view: FileView, function: Node) -> Type:
    """What a function gives to its caller, or a fixture to a test."""
    facts = view.project.index.function_facts(view.path, function.start_byte)
    if facts is not None and "fixture" in _decorators(view, function):
        return view.project.fixtures.value(view.path, function.start_byte, facts)
    return view.project.calls.returns(view.path, function.start_byte, None)


def _decorators(view: FileView, function: Node) -> frozenset[str]:
    facts = view.project.index.function_facts(view.path, function.start_byte)
    return facts.decorators_named if facts is not None else frozenset()


def _found(parts: Sequence[Node], query: str) -> Iterator[Node]:
    for part in parts:
        yield from captures(query, part).get("found", [])


def _classes_around(node: Node) -> _Names:
    around = [_name(above) for above in ancestors(node) if above.type == "class_definition"]
    return _NONE.union(*around)


def _name(definition: Node) -> _Names:
    name = definition.child_by_field_name("name")
    return frozenset({text_of(name).encode()}) if name is not None else _NONE


def is_test(path: str) -> bool:
    """Whether it is a file of tests, which nothing imports."""
    return name_of(path).startswith(b"test_")
