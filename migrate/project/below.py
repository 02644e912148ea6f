"""The classes below a class, wherever in the project they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from migrate.project.types import ClassRef
from migrate.syntax import captures

if TYPE_CHECKING:
    from migrate.project.infer import Project

_T = TypeVar("_T")
_Question = tuple[ClassRef, re.Pattern[bytes]]

_CLASS = re.compile(rb"class[ \t]+(\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*\(")
_WORD = re.compile(rb"\w+")
# How far a list of bases is read, in bytes.
_BASES = 1_000


class Below:
    """Who derives from a class: a question to all files, to be asked rarely.

    The text of class statements, read once, says which files are worth a look.
    """

    def __init__(self, project: Project) -> None:
        """Answer for one project; nothing is read yet."""
        self._project = project
        self._statements: dict[bytes, set[tuple[bytes, str]]] | None = None
        self._changed: frozenset[str] = frozenset()
        self._known: dict[_Question, dict[str, tuple[ClassRef, ...]]] = {}
        self._remembered: dict[tuple[Hashable, ClassRef], Any] = {}

    def replacing(self, path: str, project: Project) -> Below:
        """The same for a project in which one file is about to change, but for classes' bases."""
        other = Below(project)
        other._statements = self._statements
        other._changed = self._changed | {path}
        other._known = {
            question: {p: classes for p, classes in files.items() if p != path}
            for question, files in self._known.items()
        }
        other._remembered = {k: v for k, v in self._remembered.items() if k[1].path != path}
        return other

    def classes(self, ref: ClassRef, pattern: re.Pattern[bytes]) -> tuple[ClassRef, ...]:
        """The classes below `ref` in whose source the pattern is found, by file and place."""
        files = self._known.setdefault((ref, pattern), {})
        matching = self._project.index.matching(pattern)
        for path in sorted(self._files_below(ref.name.encode()).intersection(matching)):
            if path not in files:
                files[path] = tuple(self._in_file(ref, pattern, path))
        return tuple(cls for path in sorted(files) for cls in files[path])

    def remember(self, key: Hashable, cls: ClassRef, compute: Callable[[], _T]) -> _T:
        """What was computed for a class under a key, until the class's file changes."""
        if (key, cls) not in self._remembered:
            self._remembered[key, cls] = compute()
        value: _T = self._remembered[key, cls]
        return value

    def _files_below(self, name: bytes) -> set[str]:
        """The files with a class that may be below one of that name, by the names of bases."""
        if self._statements is None:
            self._statements = {}
            for path in self._project.index.matching(_CLASS):
                for base, below in statements_in(self._project.index.bytes_of(path)):
                    self._statements.setdefault(base, set()).add((below, path))
        files, names, pending = set(self._changed), {name}, [name]
        while pending:
            for below, path in self._statements.get(pending.pop(), ()):
                files.add(path)
                if below not in names:
                    names.add(below)
                    pending.append(below)
        return files

    def _in_file(self, ref: ClassRef, pattern: re.Pattern[bytes], path: str) -> list[ClassRef]:
        tree = self._project.index.tree(path)
        if tree is None:
            return []
        found: list[ClassRef] = []
        for node in captures("(class_definition) @class", tree.root_node).get("class", []):
            if node.child_by_field_name("superclasses") is None:
                continue
            if pattern.search(node.text or b""):
                cls = self._project.class_at(path, node)
                if ref in self._project.lineage(cls).order[1:]:
                    found.append(cls)
        return sorted(found, key=lambda cls: cls.start)


def statements_in(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each word among the bases of each class of a source, with the class's name."""
    for match in _CLASS.finditer(data):
        listed = data[match.end() : match.end() + _BASES].partition(b"):")[0]
        for word in set(_WORD.findall(listed)):
            yield word, match.group(1)
            for other in _aliased(data, word):
                yield other, match.group(1)


def _aliased(data: bytes, word: bytes) -> Iterator[bytes]:
    """What a name of a file may be another name for: `Base as word`, `word = module.Base`."""
    at = data.find(b" as " + word)
    while at >= 0:
        words = _WORD.findall(data[max(0, at - 200) : at])
        if words:
            yield words[-1]
        at = data.find(b" as " + word, at + 1)
    at = data.find(b"\n" + word + b" = ")
    while at >= 0:
        start = at + len(word) + 4
        yield from _WORD.findall(data[start : start + 200].partition(b"\n")[0])
        at = data.find(b"\n" + word + b" = ", at + 1)
