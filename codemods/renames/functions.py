"""Which calls are of a function, as far as the source says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from tree_sitter import Node

from codemods.renames.targets import Functions, Outside, Target
from migrate.project.facts import Binding, BindingKind, Namespace
from migrate.project.types import (
    UNKNOWN,
    Atom,
    ClassObject,
    ClassRef,
    External,
    FunctionObject,
    Instance,
    ModuleObject,
    Type,
    is_unknown,
    without_none,
)
from migrate.syntax import parts, text_of, unstarred
from migrate.view import FileView

_CLASS = re.compile(rb"\bclass\b")
# What binds a name to one class.
_NAMING = (BindingKind.CLASS, BindingKind.IMPORT)
# How many names, each given to the next, are followed.
_FAR = 5


class Match(StrEnum):
    """Whether a call is one of the function."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


def instance_of(function: Node) -> Node | None:
    """The `x` of `type(x)` and `x.__class__`; None for anything else."""
    name = function.child_by_field_name("attribute")
    if name is not None and text_of(name) == "__class__":
        return function.child_by_field_name("object")
    called = function.child_by_field_name("function")
    arguments = function.child_by_field_name("arguments")
    if called is None or arguments is None or text_of(called) != "type":
        return None
    given = parts(arguments)
    return given[0] if len(given) == 1 else None


def names_class(view: FileView, function: Node) -> bool:
    """Whether an expression is the name of a class, and not something that holds one."""
    if function.type == "attribute":
        holder = function.child_by_field_name("object")
        name = function.child_by_field_name("attribute")
        if holder is None or name is None:
            return False
        return all(
            isinstance(atom, ModuleObject)
            or (
                isinstance(atom, ClassObject | Instance)
                and isinstance(atom.cls, ClassRef)
                and _is_defined(view.project.find_member(atom.cls, text_of(name)))
            )
            for atom in view.type_of(unstarred(holder))
        )
    env = view.project.env_at(view.path, function)
    spaces = [view.project.local_namespace(view.path, scope) for scope in env.scopes]
    spaces.append(view.project.index.namespace(view.path))
    return _is_naming(text_of(function), spaces, _FAR)


def _is_naming(name: str, spaces: Sequence[Namespace], far: int) -> bool:
    """Whether all that binds a name in the innermost namespace that has it names a class."""
    bindings = next((space.names[name] for space in spaces if name in space.names), [])
    return all(
        binding.kind in _NAMING
        or (
            binding.kind in (BindingKind.ASSIGNED, BindingKind.ALIAS)
            and (binding.value or "").isidentifier()
            and far > 0
            and _is_naming(binding.value or "", spaces, far - 1)
        )
        for binding in bindings
    )


def _is_defined(found: tuple[ClassRef, Binding] | None) -> bool:
    return found is not None and found[1].kind is BindingKind.CLASS


@dataclass(frozen=True)
class Matcher:
    """Tells for the calls of one file whether they are of the target.

    `dotted` is how the rule names the target.
    """

    view: FileView
    dotted: str
    target: Target

    @property
    def name(self) -> str:
        """The last part of the target's name."""
        return self.dotted.rpartition(".")[2]

    def is_called_alike(self, function: Node) -> bool:
        """Whether an expression ends with the target's name, or with that of constructors."""
        last = function.child_by_field_name("attribute") or function
        if last.type != "identifier":
            return False
        is_init = isinstance(self.target, ClassRef) and text_of(last) == "__init__"
        return is_init or text_of(last) == self.name

    def match(self, function: Node) -> Match:
        """Whether calling the value of an expression calls the target."""
        function = unstarred(function)
        if function.type == "attribute":
            by_super = self._through_super(function)
            if by_super is not None:
                return by_super
            if isinstance(self.target, Outside) and self._is_method_outside(function):
                return Match.YES
        if (instance := instance_of(function)) is not None:
            return self._class_of(instance)
        type_ = self._type(function)
        named = isinstance(self.target, ClassRef) and names_class(self.view, function)
        found = {self._atom(atom, named=named) for atom in type_}
        if found == {Match.YES}:
            return Match.YES
        if Match.YES in found or Match.MAYBE in found:
            return Match.MAYBE
        alike = is_unknown(type_) and self.is_called_alike(function)
        return Match.MAYBE if alike else Match.NO

    def holds(self, type_: Type) -> bool:
        """Whether a value may be the target."""
        return any(self._atom(atom, named=True) is not Match.NO for atom in type_)

    def _type(self, function: Node) -> Type:
        """What is called; what `None` lacks is no alternative."""
        holder = function.child_by_field_name("object")
        name = function.child_by_field_name("attribute")
        if holder is None or name is None:
            return self.view.type_of(function)
        held = without_none(self.view.type_of(unstarred(holder)))
        return self.view.project.members.attribute(held, text_of(name)) or UNKNOWN

    def _class_of(self, instance: Node) -> Match:
        """Whether the class of an instance, which may be any below the one known, is called."""
        if not isinstance(self.target, ClassRef):
            return Match.NO
        type_ = self.view.type_of(unstarred(instance))
        if is_unknown(type_):
            return Match.MAYBE
        found = {
            self._one_of(atom.cls)
            if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef)
            else Match.NO
            for atom in type_
        }
        return found.pop() if len(found) == 1 else Match.MAYBE

    def _one_of(self, cls: ClassRef) -> Match:
        """Whether calling a class that is this one, or any below it, runs the constructor."""
        if not isinstance(self.target, ClassRef):
            return Match.NO
        below = self.view.project.below
        classes = {cls, *below.classes(cls, _CLASS)}
        if not classes & {self.target, *below.classes(self.target, _CLASS)}:
            return Match.NO
        found = {self._constructor(each) for each in classes}
        return found.pop() if len(found) == 1 else Match.MAYBE

    def _atom(self, atom: Atom, *, named: bool) -> Match:
        """Whether calling a value is; `named` says that a class is the one that the source names.

        Otherwise, it may be any below it.
        """
        match atom:
            case FunctionObject(path=path, start=start):
                return self._function(path, start)
            case ClassObject(cls=ClassRef() as cls):
                return self._constructor(cls) if named else self._one_of(cls)
            case ClassObject(cls=External(dotted=dotted)) if isinstance(self.target, Outside):
                return Match.YES if dotted == self.dotted else Match.NO
            case Instance(cls=ClassRef() as cls) if self.name == "__call__":
                return self._called(cls)
        return Match.NO

    def _called(self, cls: ClassRef) -> Match:
        """Whether calling an object runs the target, which is a `__call__`."""
        project = self.view.project
        found = project.find_member(cls, "__call__")
        if found is None or found[1].kind is not BindingKind.FUNCTION:
            return Match.NO
        match = self._function(found[0].path, found[1].start)
        certain = project.hierarchy.is_certain(cls, found[0])
        return match if certain or match is Match.NO else Match.MAYBE

    def _function(self, path: str, start: int) -> Match:
        is_target = (path, start) in self.places or self.overrides(path, start)
        return Match.YES if is_target else Match.NO

    @cached_property
    def places(self) -> tuple[tuple[str, int], ...]:
        """Where the target is defined; for a class, its own `__init__`."""
        if isinstance(self.target, Functions):
            return self.target.places
        if not isinstance(self.target, ClassRef):
            return ()
        members = self.view.project.class_facts(self.target).members
        found = members.get("__init__", ())
        return tuple((self.target.path, b.start) for b in found if b.kind is BindingKind.FUNCTION)

    def overrides(self, path: str, start: int) -> bool:
        """Whether a function is a method that takes the target's place in a class below."""
        if not isinstance(self.target, Functions) or self.target.owner is None:
            return False
        project = self.view.project
        node = project.index.node(path, start, "function_definition")
        name = node.child_by_field_name("name") if node is not None else None
        if node is None or name is None or text_of(name) != self.target.name:
            return False
        cls = project.owner(path, node)
        return cls is not None and self.target.owner in project.lineage(cls).order[1:]

    def _constructor(self, cls: ClassRef) -> Match:
        """Whether calling a class runs the target's constructor."""
        if not isinstance(self.target, ClassRef):
            return Match.NO
        project = self.view.project
        lineage = project.lineage(cls)
        if self.target not in lineage.order:
            return Match.NO
        for above in lineage.order[: lineage.order.index(self.target)]:
            facts = project.class_facts(above)
            if "__init__" in facts.members:
                return Match.NO
            if "__new__" in facts.members or facts.decorators:
                return Match.MAYBE
        if cls != self.target and project.hierarchy.metaclass_may_have(cls, "__call__"):
            return Match.MAYBE
        return Match.YES if project.hierarchy.is_certain(cls, self.target) else Match.MAYBE

    # What inference leaves out

    def _through_super(self, function: Node) -> Match | None:
        """What `super().method` finds; None for anything else."""
        holder = function.child_by_field_name("object")
        name = function.child_by_field_name("attribute")
        if holder is None or name is None or text_of(holder) != "super()":
            return None
        receiver = self.view.receiver(function)
        if receiver is None:
            return Match.MAYBE if self.is_called_alike(function) else Match.NO
        project, wanted = self.view.project, text_of(name)
        lineage = project.lineage(receiver.owner)
        if isinstance(self.target, ClassRef) and wanted != "__init__":
            return Match.NO
        for above in lineage.order[1:]:
            if isinstance(self.target, ClassRef) and above == self.target:
                certain = above in lineage.order[: lineage.certain]
                return Match.YES if certain else Match.MAYBE
            bindings = project.class_facts(above).members.get(wanted, ())
            if not bindings:
                continue
            functions = [b for b in bindings if b.kind is BindingKind.FUNCTION]
            if len(functions) != len(bindings):
                return Match.MAYBE if self.is_called_alike(function) else Match.NO
            if above not in lineage.order[: lineage.certain]:
                return Match.MAYBE if self.is_called_alike(function) else Match.NO
            return self._function(above.path, functions[-1].start)
        return Match.MAYBE if self.is_called_alike(function) else Match.NO

    def _is_method_outside(self, function: Node) -> bool:
        """Whether an attribute is the method of an object whose class is outside the project."""
        holder = function.child_by_field_name("object")
        name = function.child_by_field_name("attribute")
        cls = self.dotted.rpartition(".")[0]
        if holder is None or name is None or text_of(name) != self.name:
            return False
        type_: Type = without_none(self.view.type_of(unstarred(holder)))
        return bool(type_) and all(
            isinstance(atom, Instance) and atom.cls == External(cls) for atom in type_
        )
