"""Methods that can run where one of a class above is called: those that override it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from tree_sitter import Node

from codemods.context_imports.travel.traces import Method
from migrate.syntax import ancestors, captures, name_of

# What makes an object is called by the name of its own class.
_OWN = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__"})


@dataclass
class Families:
    """Who may be below whom in a project, by the names in class statements."""

    _below: dict[bytes, set[tuple[bytes, str]]] = field(default_factory=lambda: defaultdict(set))

    def note(self, found: Iterable[tuple[str, Sequence[tuple[bytes, bytes]]]]) -> None:
        """Add the class statements of files: a word of the bases, and the class."""
        for path, statements in found:
            for base, name in statements:
                self._below[base].add((name, path))

    def below(self, name: str) -> set[tuple[str, str]]:
        """The classes that may be below one of a name, each by its file and name."""
        found: set[tuple[bytes, str]] = set()
        pending = [name.encode()]
        while pending:
            more = self._below.get(pending.pop(), set()) - found
            found |= more
            pending += [below for below, _ in more]
        return {(path, below.decode()) for below, path in found}

    def overriding(self, methods: Iterable[Method]) -> dict[str, list[Method]]:
        """What to look for in which files, in order: methods of classes below."""
        found: dict[str, set[Method]] = defaultdict(set)
        below: dict[str, set[tuple[str, str]]] = {}
        for method in methods:
            if method.cls not in below:
                below[method.cls] = self.below(method.cls)
            for path, name in below[method.cls]:
                found[path].add(Method(name, method.name))
        return {path: sorted(found[path], key=repr) for path in sorted(found)}


def methods_in(parts: Sequence[Node]) -> Iterator[tuple[int, Method]]:
    """The methods in some parts of a file, by where they start."""
    for part in parts:
        for function in captures("(function_definition) @def", part).get("def", []):
            cls, name = _class_of(function), name_of(function)
            if cls is not None and name not in _OWN:
                yield function.start_byte, Method(name_of(cls), name)


def any_defined(data: bytes, methods: Iterable[Method]) -> bool:
    """Whether a file may define one of some methods, by its bytes."""
    return any(
        b"class " + each.cls.encode() in data and b"def " + each.name.encode() in data
        for each in methods
    )


def classes_with(root: Node, methods: Set[Method]) -> Iterator[Node]:
    """The classes of a file that define one of some methods."""
    names = {each.cls for each in methods}
    for cls in captures("(class_definition) @class", root).get("class", []):
        if name_of(cls) in names and any(method in methods for _, method in methods_in([cls])):
            yield cls


def _class_of(function: Node) -> Node | None:
    """The class whose body a function is a statement of."""
    around = (each for each in ancestors(function) if each.type != "decorated_definition")
    block = next(around, None)
    cls = block.parent if block is not None and block.type == "block" else None
    return cls if cls is not None and cls.type == "class_definition" else None
