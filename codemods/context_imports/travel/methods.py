"""Which methods a call may run of whose receiver nothing is known: those of its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from codemods.context_imports.statements.importers import Reached, reached_by
from migrate.project import Project
from migrate.project.types import FunctionObject
from migrate.syntax import captures, text_of
from migrate.view import FileView

_METHODS = """(class_definition body: (block [
  (function_definition) @method
  (decorated_definition definition: (function_definition) @method)
]))"""


def methods_of(view: FileView) -> Iterator[tuple[str, int]]:
    """The methods of a file by name and offset, without those that every class has."""
    for method in captures(_METHODS, view.tree.root_node).get("method", []):
        name = method.child_by_field_name("name")
        if name is not None and not text_of(name).startswith("__"):
            yield text_of(name), method.start_byte


@dataclass
class Methods:
    """The methods of some files; `methods` has those of each, by name and offset."""

    project: Project
    methods: Mapping[str, Iterable[tuple[str, int]]]
    _reached: dict[str, Reached | None] = field(default_factory=dict)

    @cached_property
    def _named(self) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = {}
        for path, methods in self.methods.items():
            for name, start in methods:
                found.setdefault(name, []).append((path, start))
        return found

    def called(self, path: str, name: str) -> list[FunctionObject]:
        """The methods of a name in the files that a file imports, and in that file."""
        return [
            FunctionObject(other, start, frozenset())
            for other, start in self._named.get(name, ())
            if other == path or self._reaches(path, other)
        ]

    def _reaches(self, path: str, other: str) -> bool:
        if path not in self._reached:
            self._reached[path] = reached_by(self.project, path)
        found = self._reached[path]
        return found is not None and found.have(other)
