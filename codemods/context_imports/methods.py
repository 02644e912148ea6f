"""Which methods a call may run of whose receiver nothing is known: those of its name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from codemods.context_imports.importers import Reached, reached_by
from migrate.project import Project
from migrate.project.types import FunctionObject
from migrate.syntax import captures, text_of
from migrate.view import FileView

_METHODS = """(class_definition body: (block [
  (function_definition) @method
  (decorated_definition definition: (function_definition) @method)
]))"""


@dataclass
class Methods:
    """The methods of the files that were noted, by name."""

    project: Project
    _named: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    _reached: dict[str, Reached | None] = field(default_factory=dict)

    def note(self, view: FileView) -> None:
        """Add the methods of a file, without those that every class has, such as `__init__`."""
        for method in captures(_METHODS, view.tree.root_node).get("method", []):
            name = method.child_by_field_name("name")
            if name is not None and not text_of(name).startswith("__"):
                self._named[text_of(name)].append((view.path, method.start_byte))

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
