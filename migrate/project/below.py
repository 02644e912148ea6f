"""The classes below a class, wherever in the project they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.project.types import ClassRef
from migrate.syntax import captures

if TYPE_CHECKING:
    from migrate.project.infer import Project

_Question = tuple[ClassRef, re.Pattern[bytes]]


class Below:
    """Who derives from a class: a question to all files, to be asked rarely."""

    def __init__(self, project: Project) -> None:
        """Answer for one project; nothing is read yet."""
        self._project = project
        self._known: dict[_Question, dict[str, tuple[ClassRef, ...]]] = {}

    def replacing(self, path: str, project: Project) -> Below:
        """The same for a project in which one file is about to change, but for classes' bases."""
        other = Below(project)
        other._known = {
            question: {p: classes for p, classes in files.items() if p != path}
            for question, files in self._known.items()
        }
        return other

    def classes(self, ref: ClassRef, pattern: re.Pattern[bytes]) -> tuple[ClassRef, ...]:
        """The classes below `ref` in whose source the pattern is found, by file and place."""
        files = self._known.setdefault((ref, pattern), {})
        for path in self._project.index.matching(pattern):
            if path not in files:
                files[path] = tuple(self._in_file(ref, pattern, path))
        return tuple(cls for path in sorted(files) for cls in files[path])

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
