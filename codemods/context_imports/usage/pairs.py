"""The classes that move, each with the one that takes its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from migrate.project import Project
from migrate.project.types import Awaitable, ClassObject, ClassRef, External, Instance, Type, within


@dataclass(frozen=True)
class Pairs:
    """The new class for each old one, asked by what a value can be."""

    project: Project
    new_of: Mapping[ClassRef, ClassRef]

    def old(self, cls: ClassRef) -> ClassRef | None:
        """The class that moves among a class and those above it."""
        if cls in self.new_of:
            return cls
        order = self.project.lineage(cls).order
        return next((above for above in order if above in self.new_of), None)

    def old_of_object(self, type_: Type) -> ClassRef | None:
        """The old class of which a value can be an object."""
        classes = (atom.cls for atom in type_ if isinstance(atom, Instance))
        return self._first(classes)

    def olds_within(self, type_: Type) -> set[ClassRef]:
        """The old classes of which a value can be an object, or hold some."""
        found: set[ClassRef] = set()
        for atom in within(type_):
            if isinstance(atom, Awaitable):
                found |= self.olds_within(atom.result)
            elif isinstance(atom, Instance):
                old = self.old(atom.cls) if isinstance(atom.cls, ClassRef) else None
                found |= {old} if old is not None else set()
        return found

    def old_of_class(self, type_: Type) -> ClassRef | None:
        """The old class that a value can be, or be below."""
        classes = (atom.cls for atom in type_ if isinstance(atom, ClassObject))
        return self._first(classes)

    def _first(self, classes: Iterable[ClassRef | External]) -> ClassRef | None:
        known = (self.old(cls) for cls in classes if isinstance(cls, ClassRef))
        return next((old for old in known if old is not None), None)

    def is_certain(self, type_: Type) -> bool:
        """Whether a value can only be of classes that move, or of those that they become."""
        return all(isinstance(a, Instance | ClassObject) and self._is_ours(a.cls) for a in type_)

    def _is_ours(self, cls: ClassRef | External) -> bool:
        if isinstance(cls, External):
            return False
        return cls in self.new_of.values() or self.old(cls) is not None
