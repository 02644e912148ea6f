"""Attributes of classes, objects and modules, those assigned to `self` included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from migrate.project.calls import PROPERTIES
from migrate.project.env import Env
from migrate.project.facts import (
    Binding,
    BindingKind,
)
from migrate.project.memo import Answer
from migrate.project.types import (
    NOTHING,
    UNKNOWN,
    Atom,
    ClassObject,
    ClassRef,
    External,
    Given,
    Instance,
    ModuleObject,
    Type,
    is_unknown,
    union,
)
from migrate.syntax import ancestors, identifier_at, text_of, unstarred
from migrate.text import whole_words

if TYPE_CHECKING:
    from migrate.project.infer import Project


# What binds its left side; an operator has one, too.
_BINDING = frozenset({"assignment", "augmented_assignment", "for_statement", "for_in_clause"})
_PATTERNS = frozenset(
    {
        "as_pattern_target",
        "list_pattern",
        "list_splat_pattern",
        "pattern_list",
        "tuple_pattern",
    }
)


class Members:
    """What reading an attribute of a value gives."""

    def __init__(self, project: Project) -> None:
        """Answer for one project; nothing is read yet."""
        self._project = project
        self.attributes: dict[tuple[ClassRef, str], Answer[Type]] = {}

    def attribute(self, type_: Type, name: str) -> Type:
        """The type of `value.name` for a value of a type."""
        return union(*(self._atom_attribute(frozenset({atom}), name) for atom in type_))

    def _atom_attribute(self, single: Type, name: str) -> Type:
        (atom,) = single
        match atom:
            case ModuleObject(path=path):
                return self._project.names.module_attribute(path, name)
            case Instance(cls=External(dotted="builtins.super"), arguments=(below, receiver)):
                return self._above(below, name, receiver)
            case ClassObject(cls=External(dotted=dotted)):
                return frozenset({ClassObject(External(f"{dotted}.{name}"))})
            case ClassObject(cls=ClassRef() as ref) | Instance(cls=ClassRef() as ref):
                found = self.member(ref, name, single)
                return self._project.tracing.attribute(found, ref, name)
            case Given():
                return self._project.tracing.member(atom, name)
        return UNKNOWN

    def _above(self, below: Type, name: str, receiver: Type) -> Type:
        """What `super()` finds above a class; one below it may put others between."""
        found = [UNKNOWN]
        for atom in below:
            if not isinstance(atom, ClassObject) or not isinstance(atom.cls, ClassRef):
                continue
            for cls in self._project.hierarchy.lineage(atom.cls).order[1:]:
                bindings = self._project.index.class_facts(cls).members.get(name, ())
                found += [self._member(cls, binding, name, receiver) for binding in bindings]
                if bindings:
                    break
        return union(*found)

    def member(self, ref: ClassRef, name: str, receiver: Type) -> Type:
        """What reading attribute `name` gives on an object of a class, or on the class."""
        lineage = self._project.hierarchy.lineage(ref)
        for cls in lineage.order:
            bindings = self._project.index.class_facts(cls).members.get(name)
            if not bindings:
                continue
            found = union(*(self._member(cls, b, name, receiver) for b in bindings))
            if not any(b.annotation or self._is_property(cls, b) for b in bindings):
                found = union(found, self.instance_attribute(ref, name))
            certain = self._project.hierarchy.is_certain(ref, cls)
            return found if certain else union(found, UNKNOWN)
        found = self.instance_attribute(ref, name)
        is_open = self._project.memo.is_open(self.attributes, (ref, name))
        return found if found or is_open else UNKNOWN

    def _is_property(self, cls: ClassRef, binding: Binding) -> bool:
        if binding.kind is not BindingKind.FUNCTION:
            return False
        facts = self._project.index.function_facts(cls.path, binding.start)
        return facts is not None and bool(facts.decorators_named & PROPERTIES)

    def _member(self, cls: ClassRef, binding: Binding, name: str, receiver: Type) -> Type:
        node = self._project.index.node(cls.path, cls.start, "class_definition")
        if node is None:
            return UNKNOWN
        if binding.kind is not BindingKind.FUNCTION:
            if self._project.hierarchy.is_enumeration(cls) and binding.kind is BindingKind.ASSIGNED:
                return UNKNOWN
            outer = self._project.env_at(cls.path, node)
            env = Env(cls.path, (node, *outer.scopes))
            value = self._project.names.binding(binding, name, env)
            return UNKNOWN if any(self._is_descriptor(atom) for atom in value) else value
        if self._is_property(cls, binding):
            on_class = any(isinstance(atom, ClassObject) for atom in receiver)
            returned = self._project.calls.returns(cls.path, binding.start, receiver)
            return UNKNOWN if on_class else returned
        facts = self._project.index.function_facts(cls.path, binding.start)
        if facts is not None and facts.decorators_named & {"setter", "deleter"}:
            return NOTHING
        return self._project.calls.function(cls.path, binding.start, receiver)

    def _is_descriptor(self, atom: Atom) -> bool:
        """Whether reading the value from a class or object calls its `__get__`."""
        if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassRef):
            return False
        return self._project.hierarchy.find_member(atom.cls, "__get__") is not None

    def instance_attribute(self, ref: ClassRef, name: str) -> Type:
        """The union of all that the class and its bases assign to `self.name`; maybe nothing."""
        return self._project.memo.once(
            self.attributes,
            (ref, name),
            lambda: union(
                *(self._assigned(cls, name) for cls in self._project.hierarchy.lineage(ref).order)
            ),
            NOTHING,
            UNKNOWN,
        )

    def _assigned(self, cls: ClassRef, name: str) -> Type:
        tree = self._project.index.tree(cls.path)
        body = self._project.index.node(cls.path, cls.start, "class_definition")
        if tree is None or body is None:
            return NOTHING
        types: list[Type] = []
        word = name.encode()
        for offset in whole_words(body.text or b"", word):
            node = identifier_at(tree, body.start_byte + offset, len(word))
            if node is not None:
                types.append(self._attribute_target(cls, node))
        return union(*types)

    def _attribute_target(self, cls: ClassRef, name: Node) -> Type:
        """What is assigned where `name` is the attribute in an assignment to `self.name`."""
        attribute = name.parent
        if attribute is None or attribute.type != "attribute" or attribute.parent is None:
            return NOTHING
        holder = attribute.child_by_field_name("object")
        holder = unstarred(holder) if holder is not None else None
        assignment = attribute.parent
        env = self._project.env_at(cls.path, attribute)
        if holder is None or holder.type != "identifier" or name == holder:
            return NOTHING
        is_plain = assignment.type == "assignment"
        is_target = (
            assignment.type in _BINDING and assignment.child_by_field_name("left") == attribute
        )
        if not is_target and not _is_pattern(assignment):
            return NOTHING
        held = self._project.names.name(text_of(holder), env)
        by_convention = is_unknown(held) and text_of(holder) == "self"
        if not (held & {Instance(cls), ClassObject(cls)} or by_convention):
            return NOTHING
        if not is_plain:
            return UNKNOWN  # a loop, a pattern, an augmented assignment
        annotation = assignment.child_by_field_name("type")
        if annotation is not None:
            return self._project.expressions.annotation(text_of(annotation), env)
        value = assignment.child_by_field_name("right")
        while value is not None and value.type == "assignment":
            value = value.child_by_field_name("right")
        if value is None:
            return NOTHING
        function = self._project.tracing.function(cls.path, value)
        return union(self._project.expressions.infer(text_of(value), env), function)


def _is_pattern(node: Node) -> bool:
    """Whether what stands directly in the node is a target; a display is one behind `as`."""
    if node.type in ("list", "tuple"):
        return any(ancestor.type == "as_pattern_target" for ancestor in ancestors(node))
    return node.type in _PATTERNS
