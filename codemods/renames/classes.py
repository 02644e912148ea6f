"""The classes that an attribute belongs to: the one that a rule names, and those below it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial

from tree_sitter import Node

from codemods.renames.bases import either_base, is_protocol, outside_bases, unknown_base
from codemods.renames.naming import is_told_its_name, reader_of_names
from codemods.renames.parameters import Problem, State
from codemods.renames.targets import Outside, Target, definitions_of, is_left_out
from migrate.project import Project
from migrate.project.facts import BindingKind
from migrate.project.interface import Interface, interface_of
from migrate.project.types import (
    Atom,
    ClassObject,
    ClassRef,
    External,
    Instance,
    Type,
    Unknown,
    without_none,
)
from migrate.syntax import text_of, unstarred
from migrate.view import FileView

# Decorators that do nothing with the name of a method.
_HARMLESS_ON_METHODS = frozenset(
    {
        "abstractmethod",
        "asynccontextmanager",
        "cache",
        "cached_property",
        "classmethod",
        "contextmanager",
        "deleter",
        "final",
        "getter",
        "lru_cache",
        "overload",
        "override",
        "property",
        "setter",
        "staticmethod",
    }
)
_HARMLESS_ON_CLASSES = frozenset({"dataclass", "final", "runtime_checkable", "total_ordering"})


# A class statement that has several bases, more or less.
_SEVERAL_BASES = re.compile(rb"\bclass\s+\w+\s*\([^:]*,")


class Belongs(StrEnum):
    """Whether a value is of the class."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True)
class Family:
    """The class of a rule, and what becomes of an attribute of it.

    `dotted` is how the rule names the class.
    """

    view: FileView
    dotted: str
    old: str
    new: str
    target: Target
    _interfaces: dict[ClassRef, Interface] = field(default_factory=dict, repr=False)
    _problems: dict[ClassRef, Problem | None] = field(default_factory=dict, repr=False)
    _derived: dict[ClassRef, bool] = field(default_factory=dict, repr=False)

    @property
    def project(self) -> Project:
        """The project of the file."""
        return self.view.project

    def interface(self, cls: ClassRef) -> Interface:
        """How a class is used."""
        if cls not in self._interfaces:
            self._interfaces[cls] = interface_of(self.project, cls)
        return self._interfaces[cls]

    def has(self, cls: ClassRef) -> bool:
        """Whether a class is the target or below it."""
        if not isinstance(self.target, Outside):
            return self.target in self.project.lineage(cls).order
        if cls not in self._derived:
            self._derived[cls] = self.dotted in self._outside(cls)
        return self._derived[cls]

    def _outside(self, cls: ClassRef) -> list[str]:
        """The classes outside the project from which a class derives."""
        order = self.project.lineage(cls).order
        return [base for above in order for base in outside_bases(self.project, above)]

    # Values

    def belongs(self, expression: Node) -> tuple[Belongs, tuple[ClassRef, ...]]:
        """Whether an expression's value is of the class, and of which classes of the family."""
        expression = unstarred(expression)
        if text_of(expression) == "super()":
            return self._by_super(expression)
        type_ = without_none(self.view.type_of(expression))
        return self._belongs(type_)

    def belongs_by_name(self, dotted: str) -> tuple[Belongs, tuple[ClassRef, ...]]:
        """The same for what an absolute dotted name stands for, as in a string."""
        type_ = self.project.find(dotted, self.view.path.rpartition("/")[0])
        return self._belongs(type_) if type_ else (Belongs.NO, ())

    def _belongs(self, type_: Type) -> tuple[Belongs, tuple[ClassRef, ...]]:
        found = {self._atom(atom) for atom in type_}
        classes = tuple(
            atom.cls
            for atom in type_
            if isinstance(atom, Instance | ClassObject)
            and isinstance(atom.cls, ClassRef)
            and self.has(atom.cls)
        )
        if found == {Belongs.YES}:
            return Belongs.YES, classes
        if Belongs.YES in found or Belongs.MAYBE in found or not type_:
            return Belongs.MAYBE, classes
        return Belongs.NO, ()

    def _atom(self, atom: Atom) -> Belongs:
        match atom:
            case Instance(cls=ClassRef() as cls) | ClassObject(cls=ClassRef() as cls):
                return self._class(cls)
            case Instance(cls=External(dotted=dotted)) | ClassObject(cls=External(dotted=dotted)):
                return self._named(dotted)
            case Unknown():
                return Belongs.MAYBE
        return Belongs.NO

    def _class(self, cls: ClassRef) -> Belongs:
        if isinstance(self.target, Outside):
            return Belongs.YES if self.has(cls) else self._beside_outside(cls)
        if not isinstance(self.target, ClassRef):
            return Belongs.MAYBE if cls.name == self.dotted.rpartition(".")[2] else Belongs.NO
        if self.has(cls):
            if self._is_hidden(cls, self.target):
                return Belongs.MAYBE
            certain = self.project.hierarchy.is_certain(cls, self.target)
            return Belongs.YES if certain else Belongs.MAYBE
        above = cls in self.project.lineage(self.target).order
        return Belongs.MAYBE if above or cls in self._beside else Belongs.NO

    @cached_property
    def _beside(self) -> frozenset[ClassRef]:
        """The classes that a class below has as bases, too: its objects are also of these."""
        if not isinstance(self.target, ClassRef):
            return frozenset()
        below = self.project.below.classes(self.target, _SEVERAL_BASES)
        found = {above for cls in below for above in self.project.lineage(cls).order}
        return frozenset(above for above in found if self.old not in self._defined_by(above))

    def _defined_by(self, cls: ClassRef) -> Collection[str]:
        return self.interface(cls).members

    def _is_hidden(self, cls: ClassRef, target: ClassRef) -> bool:
        """Whether a class that is no part of the family stands in front with the old name."""
        order = self.project.lineage(cls).order
        ahead = (each for each in order[: order.index(target)] if not self.has(each))
        return any(self._is_own(each, self.old) for each in ahead)

    def _named(self, dotted: str) -> Belongs:
        """Whether a class outside the project is the target: its package may have it twice."""
        if not isinstance(self.target, Outside):
            return Belongs.NO
        if dotted == self.dotted:
            return Belongs.YES
        ends = [(name.partition(".")[0], name.rpartition(".")[2]) for name in (dotted, self.dotted)]
        return Belongs.MAYBE if ends[0] == ends[1] else Belongs.NO

    def _beside_outside(self, cls: ClassRef) -> Belongs:
        """Whether objects of a class may be below the target, though it does not derive from it."""
        if self.old in self._defined_by(cls):
            return Belongs.NO
        below = self.project.below.classes(cls, _SEVERAL_BASES)
        is_alike = any(self._named(base) is Belongs.MAYBE for base in self._outside(cls))
        return Belongs.MAYBE if is_alike or any(map(self.has, below)) else Belongs.NO

    def _outside_problem(self, cls: ClassRef) -> Problem | None:
        """What stands in the way in a class below the target: only what adds none just has it."""
        order = self.project.lineage(cls).order
        below = self.project.below.classes(cls, definitions_of(self.old, self.new))
        joined = self.project.below.classes(cls, _SEVERAL_BASES)
        for each in (*order, *below, *joined):
            names = {*self.interface(each).members, *self._bound_by(each)}
            if self.old in names or self._has_slot(each):
                return "overrides", f"{each.name} has {self.old!r} itself"
            if self.new in names:
                return "name-taken", f"{each.name} has {self.new!r} already"
            if is_either := either_base(self.project, each):
                return "unknown-base", f"{each.name} has one of several bases by {is_either}"
        others = (
            unknown_base(self.project, cls, name, known=(self.dotted,))
            for name in (self.old, self.new)
        )
        return next((problem for problem in others if problem is not None), None)

    def _bound_by(self, cls: ClassRef) -> Collection[str]:
        """All names that a class body binds, if only for a while, as a loop does."""
        node = self.project.index.node(cls.path, cls.start, "class_definition")
        return self.project.local_namespace(cls.path, node).names if node is not None else ()

    def _has_slot(self, cls: ClassRef) -> bool:
        found = self.project.class_facts(cls).members.get("__slots__", ())
        return any(re.search(rf"[\"']{self.old}[\"']", each.value or "") for each in found)

    def _by_super(self, expression: Node) -> tuple[Belongs, tuple[ClassRef, ...]]:
        receiver = self.view.receiver(expression)
        if receiver is None:
            return Belongs.MAYBE, ()
        if not self.has(receiver.owner):
            return Belongs.NO, ()
        return Belongs.YES, (receiver.owner,)

    # The attribute

    def state(self) -> State:
        """Which of the two names the class has."""
        if not isinstance(self.target, ClassRef):
            return State.NEW if isinstance(self.target, Outside) else State.NEITHER
        members = self.interface(self.target).members
        if self.old in members:
            both = all(self._is_own(self.target, name) for name in (self.old, self.new))
            return State.BOTH if both else State.OLD
        return State.NEW if self.new in members else State.NEITHER

    def problem(self, cls: ClassRef) -> Problem | None:
        """Why the attribute cannot be renamed for objects of a class of the family."""
        if cls not in self._problems:
            self._problems[cls] = self._problem_of(cls)
        return self._problems[cls]

    @cached_property
    def target_problem(self) -> Problem | None:
        """Why the attribute cannot be renamed at all.

        An object that is known as one of the class may be of any class below it, and they have to
        follow where the definition gets the new name.
        """
        if isinstance(self.target, Outside):
            return None
        if not isinstance(self.target, ClassRef):
            return "target-missing", f"there is no class {self.dotted} in the project"
        problem = self.problem(self.target)
        if problem is not None or self.state() is not State.OLD:
            return problem
        if is_left_out(self.project, self.target.path):
            return "left-out", f"{self.target.path}, which this run leaves out, defines it"
        pattern = definitions_of(self.old, self.new)
        key = (self.target, self.old, self.new)
        for cls in self.project.below.classes(self.target, pattern):
            below = self.project.below.remember(key, cls, partial(self._problem_below, cls))
            if below is not None:
                return below[0], f"{below[1]}, in {cls.path}"
        return None

    def _problem_of(self, cls: ClassRef) -> Problem | None:
        if isinstance(self.target, Outside):
            return self._outside_problem(cls)
        if not isinstance(self.target, ClassRef):
            return None
        order = self.project.lineage(cls).order
        beside = set(order) - set(self.project.lineage(self.target).order)
        found = [self._problem_below(each) for each in order if each in beside]
        found.append(self._problem_of_target(self.target))
        return next((problem for problem in found if problem is not None), None)

    def _problem_of_target(self, target: ClassRef) -> Problem | None:
        """What stands in the way in the class itself."""
        interface = self.interface(target)
        match self.state():
            case State.NEITHER if not interface.complete:
                return "unknown-base", f"{target.name} may have it from a base that is not known"
            case State.NEITHER:
                return "target-missing", f"{target.name} has neither {self.old!r} nor {self.new!r}"
            case State.OLD if (owner := interface.members[self.old].owner) != target:
                return "inherited", f"{target.name} has it from {owner.name}: name that class"
            case State.OLD if self.new in interface.members:
                owner = interface.members[self.new].owner
                return "name-taken", f"{owner.name} has {self.new!r} already"
            case State.OLD:
                return self._above(target) or self._definition_problem(target)
        return None

    def _problem_below(self, cls: ClassRef) -> Problem | None:
        """What stands in the way in a class below, or beside, that may define either name."""
        members = self.interface(cls).members
        own = {name for name in (self.old, self.new) if self._is_own(cls, name)}
        if (self.state() is State.OLD and self.new in own) or own == {self.old, self.new}:
            return "name-taken", f"{members[self.new].owner.name} has {self.new!r} already"
        if self.old not in own:
            return None
        if self.state() is State.OLD and is_left_out(self.project, cls.path):
            return "left-out", f"this run leaves out {cls.name}, which has it, too"
        return self._definition_problem(cls)

    def _is_own(self, cls: ClassRef, name: str) -> bool:
        member = self.interface(cls).members.get(name)
        return member is not None and member.owner == cls

    def _above(self, cls: ClassRef) -> Problem | None:
        """Whether a base defines the attribute too, or may do so."""
        for above in self.project.lineage(cls).order[1:]:
            if self.old in self.interface(above).members:
                return "inherited", f"{above.name} has it, too: name that class"
        return unknown_base(self.project, cls, self.old)

    def _definition_problem(self, cls: ClassRef) -> Problem | None:
        """What around a definition may depend on its name."""
        facts = self.project.class_facts(cls)
        decorators = {d.partition("(")[0].rpartition(".")[2] for d in facts.decorators}
        if unknown := sorted(decorators - _HARMLESS_ON_CLASSES):
            return "decorated", f"@{unknown[0]} may use the names that {cls.name} defines"
        if self.project.hierarchy.is_enumeration(cls):
            return "name-as-data", f"{cls.name} is an enumeration, whose members have names as data"
        if any(base.rpartition(".")[2] == "NamedTuple" for base in facts.bases):
            return "name-as-data", f"{cls.name} is a named tuple, which is made from names"
        if is_protocol(self.project, cls):
            return "protocol", f"classes can follow {cls.name} without deriving from it"
        if self.old in facts.members and (who := reader_of_names(self.project, cls)):
            return "name-as-data", f"{who} may use the names that {cls.name} defines"
        for binding in facts.members.get(self.old, ()):
            if binding.kind is not BindingKind.FUNCTION:
                if is_told_its_name(self.project, cls, binding):
                    return "name-as-data", f"{binding.value} may use the name that it is given"
                continue
            function = self.project.index.function_facts(cls.path, binding.start)
            named = function.decorators_named if function is not None else frozenset()
            if unknown := sorted(named - _HARMLESS_ON_METHODS):
                return "decorated", f"@{unknown[0]} may use the name of the method"
        return None
