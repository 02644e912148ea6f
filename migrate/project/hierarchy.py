"""The class hierarchy: owners of methods, method resolution order, members."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrate.project.env import Env
from migrate.project.facts import (
    Binding,
    BindingKind,
    Function,
)
from migrate.project.memo import Answer
from migrate.project.types import (
    ClassObject,
    ClassRef,
    External,
)
from migrate.syntax import name_of

if TYPE_CHECKING:
    from migrate.project.infer import Project


_CLASS_LEVEL = frozenset({"block", "if_statement", "else_clause", "elif_clause", "try_statement"})
_ENUMERATIONS = frozenset({"Enum", "Flag", "IntEnum", "IntFlag", "ReprEnum", "StrEnum"})
_ADD_NOTHING = frozenset({"object", "ABC", "Generic", "Protocol", "Enum", "NamedTuple"})


@dataclass(frozen=True, slots=True)
class Lineage:
    """A class and its bases in the order that Python searches them.

    `complete` tells whether every base is a class of the project or one that adds nothing. The
    first `certain` classes stand in front of every base that cannot be read.
    """

    order: tuple[ClassRef, ...]
    complete: bool
    certain: int = 1


class Hierarchy:
    """Classes, their bases, and where their members come from."""

    def __init__(self, project: Project) -> None:
        """Answer for one project; nothing is read yet."""
        self._project = project
        self.lineages: dict[ClassRef, Answer[Lineage]] = {}

    def owner(self, path: str, scope: Node) -> ClassRef | None:
        """The class whose body directly holds this function, or None."""
        parent = scope.parent
        if scope.type != "function_definition" or parent is None:
            return None
        if parent.type == "decorated_definition":
            parent = parent.parent
        while parent is not None and parent.type in _CLASS_LEVEL:
            parent = parent.parent
        if parent is None or parent.type != "class_definition":
            return None
        return self.class_at(path, parent)

    def class_at(self, path: str, node: Node) -> ClassRef:
        """The class that a `class_definition` of a file defines."""
        return ClassRef(path, node.start_byte, name_of(node))

    def lineage(self, ref: ClassRef) -> Lineage:
        """The class's method resolution order, as far as the project defines it."""
        unfinished = Lineage((ref,), False)
        return self._project.memo.once(
            self.lineages, ref, lambda: self._linearise(ref), unfinished, unfinished
        )

    def _linearise(self, ref: ClassRef) -> Lineage:
        facts = self._project.index.class_facts(ref)
        node = self._project.index.node(ref.path, ref.start, "class_definition")
        env = self._project.env_at(ref.path, node) if node is not None else Env(ref.path)
        complete = node is not None
        bases: list[ClassRef] = []
        first_is_known = False
        for source in facts.bases:
            match tuple(self._project.expressions.infer(source, env)):
                case (ClassObject(cls=ClassRef() as base),):
                    first_is_known = first_is_known or complete
                    bases.append(base)
                case (ClassObject(cls=External() as outside),):
                    complete = complete and outside.name in _ADD_NOTHING
                case _:
                    complete = False
        lineages = [self.lineage(base) for base in bases]
        complete = complete and all(lineage.complete for lineage in lineages)
        order = _merge([list(lineage.order) for lineage in lineages] + [list(bases)])
        if order is None:
            return Lineage((ref,), False)
        certain = 1
        if complete:
            certain = 1 + len(order)
        elif first_is_known:
            ahead = lineages[0].order[: lineages[0].certain]
            certain += sum(
                1
                for _ in takewhile(lambda pair: pair[0] == pair[1], zip(ahead, order, strict=False))
            )
        return Lineage((ref, *order), complete, certain)

    def is_enumeration(self, ref: ClassRef) -> bool:
        """Whether the class is an enumeration, whose attributes are its members (PEP 435)."""
        bases = (b for cls in self.lineage(ref).order for b in self._project.class_facts(cls).bases)
        return any(base.rpartition(".")[2] in _ENUMERATIONS for base in bases)

    def metaclass_may_have(self, ref: ClassRef, name: str) -> bool:
        """Whether a metaclass of the project, or an unknown one, may define a member."""
        for cls in self.lineage(ref).order:
            source = self._project.class_facts(cls).metaclass
            node = self._project.index.node(cls.path, cls.start, "class_definition")
            if source is None or node is None:
                continue
            env = self._project.env_at(cls.path, node)
            for atom in self._project.expressions.infer(source, env):
                if not isinstance(atom, ClassObject):
                    return True
                if isinstance(atom.cls, ClassRef) and self.find_member(atom.cls, name):
                    return True
        return False

    def find_member(self, ref: ClassRef, name: str) -> tuple[ClassRef, Binding] | None:
        """The class that provides member `name`, and its last binding there."""
        for cls in self.lineage(ref).order:
            bindings = self._project.index.class_facts(cls).members.get(name)
            if bindings:
                return cls, bindings[-1]
        return None

    def is_certain(self, ref: ClassRef, owner: ClassRef) -> bool:
        """Whether no base that cannot be read stands in front of `owner`, one of the bases."""
        lineage = self.lineage(ref)
        return owner in lineage.order[: lineage.certain]

    def method(self, ref: ClassRef, name: str) -> Function | None:
        """The signature of the method that `object.name` finds, or None."""
        found = self.find_member(ref, name)
        if found is None or found[1].kind is not BindingKind.FUNCTION:
            return None
        return self._project.index.function_facts(found[0].path, found[1].start)


def _merge(sequences: list[list[ClassRef]]) -> tuple[ClassRef, ...] | None:
    """The C3 merge of linearisations; None where the bases allow no consistent order."""
    merged: list[ClassRef] = []
    while sequences := [sequence for sequence in sequences if sequence]:
        heads = (sequence[0] for sequence in sequences)
        head = next((h for h in heads if not any(h in s[1:] for s in sequences)), None)
        if head is None:
            return None
        merged.append(head)
        sequences = [s[1:] if s[0] == head else s for s in sequences]
    return tuple(merged)
