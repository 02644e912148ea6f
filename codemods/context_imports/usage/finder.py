"""Looks through a file for uses of what moves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from codemods.context_imports.facts import Facts
from codemods.context_imports.usage.indirect import Indirect
from codemods.context_imports.usage.pairs import Pairs
from codemods.context_imports.usage.uses import (
    AttributeUse,
    ConstructorCall,
    FunctionCall,
    Kind,
    Override,
    Use,
    is_as_good,
    kind_of,
    signature,
)
from codemods.context_imports.values.origins import Origins
from migrate.project.facts import Function
from migrate.project.interface import Interface, Member
from migrate.project.types import (
    ClassObject,
    ClassRef,
    External,
    FunctionObject,
    Instance,
    is_unknown,
    without_none,
)
from migrate.syntax import captures, enclosing_scopes, text_of, unstarred
from migrate.view import FileView

_LOOKS_LIKE_CONTEXT = re.compile(r"(?:.*_)?(?:context|ctx)")
# What takes an object and the name of an attribute, by the end of its name.
BY_NAME = re.compile(
    r"(?:getattr|hasattr|setattr|delattr|object\.__(?:get|set|del)attr(?:ibute)?__"
    r"|(?:.*\.)?patch\.object|monkeypatch\.(?:set|del)attr)"
)
_WRITES = re.compile(r"(?:object\.__)?(?:set|del)attr(?:__)?")


@dataclass(frozen=True)
class Finder:
    """Looks for the uses of one file.

    `targets` are the new classes, calls of which may be written as if for the old ones. `guess`
    tells whether a value of unknown type is taken for one of the classes when it is called as
    contexts are: where no other class of the name is in sight.
    """

    view: FileView
    facts: Facts
    pairs: Mapping[ClassRef, ClassRef]
    functions: Mapping[FunctionObject, Function]
    targets: frozenset[ClassRef]
    guess: bool

    def uses(self) -> Iterator[Use]:
        """Every use that may need something of the target that it does not have."""
        if self.pairs or self.functions or self.targets:
            yield from self._calls()
        for name in sorted(self._names()):
            yield from self._attributes(name)
            yield from self._strings(name)
        yield from self._overrides()
        if self.pairs:
            yield from self._indirect.uses()

    @cached_property
    def _pairs(self) -> Pairs:
        return Pairs(self.view.project, self.pairs)

    @cached_property
    def _indirect(self) -> Indirect:
        lost = frozenset(self._names())
        return Indirect(
            self.view, self.facts, self._pairs, Origins(self.view), lost, self._is_guessed
        )

    def _is_guessed(self, value: Node) -> bool:
        """Whether a value of unknown type is taken for a context, by its name."""
        if not self.guess or not _looks_like_context(value) or self._is_annotated(value):
            return False
        return is_unknown(self.view.type_of(value))

    # Calls

    def _calls(self) -> Iterator[Use]:
        root = self.view.tree.root_node
        for call in captures("(call) @call", root).get("call", []):
            function = call.child_by_field_name("function")
            if function is None or function.type not in ("identifier", "attribute"):
                continue
            type_ = self.view.type_of(unstarred(function))
            for atom in type_:
                use = self._called(call, atom, is_certain=len(type_) == 1)
                if use is not None:
                    yield use
                    break

    def _called(self, call: Node, atom: object, *, is_certain: bool) -> Use | None:
        if isinstance(atom, FunctionObject) and atom in self.functions:
            old = self.view.project.index.function_facts(atom.path, atom.start)
            return FunctionCall(call, old, self.functions[atom]) if old is not None else None
        if isinstance(atom, FunctionObject):
            return self._called_on_target(call, atom)
        if not isinstance(atom, ClassObject) or not isinstance(atom.cls, ClassRef):
            return None
        if atom.cls in self.targets:
            return ConstructorCall(call, atom.cls, atom.cls, is_certain)
        old_class = self._pairs.old(atom.cls)
        if old_class is None:
            return None
        if atom.cls != old_class:
            theirs = self.facts.interface(atom.cls).constructor
            if theirs != self.facts.interface(old_class).constructor:
                return None
        return ConstructorCall(call, old_class, self.pairs[old_class], is_certain)

    def _called_on_target(self, call: Node, method: FunctionObject) -> Use | None:
        """The call of a method on the new class or an object of it."""
        function = call.child_by_field_name("function") or call
        name, holder = (function.child_by_field_name(f) for f in ("attribute", "object"))
        for atom in method.receiver or ():
            if not isinstance(atom, Instance | ClassObject) or name is None or holder is None:
                continue
            cls, on_class = atom.cls, isinstance(atom, ClassObject)
            if isinstance(cls, External) or cls not in self.targets:
                continue
            return AttributeUse(
                function, holder, text_of(name), Kind.CALL, cls, cls, True, True, on_class, call
            )
        return None

    # Attributes

    def _names(self) -> set[str]:
        """The members whose use is not as good with the new class as with the old one."""
        names: set[str] = set()
        for old, new in self.pairs.items():
            ours, theirs = self.facts.interface(old), self.facts.interface(new)
            names |= {
                name
                for name, member in ours.members.items()
                if not name.startswith("__") and not is_as_good(member, theirs.members.get(name))
            }
        return names

    def _attributes(self, name: str) -> Iterator[Use]:
        for node in self.view.identifiers(name):
            attribute = node.parent
            if attribute is None or attribute.type != "attribute":
                continue
            holder = attribute.child_by_field_name("object")
            if holder is None or attribute.child_by_field_name("attribute") != node:
                continue
            kind, call = kind_of(attribute)
            use = self._attribute(attribute, unstarred(holder), name, kind, call)
            if use is not None:
                yield use

    def _strings(self, name: str) -> Iterator[Use]:
        """`getattr(value, "name")` and its like."""
        for literal in self.view.strings(name):
            arguments = literal.parent
            call = arguments.parent if arguments is not None else None
            function = call.child_by_field_name("function") if call is not None else None
            if arguments is None or function is None or not BY_NAME.fullmatch(text_of(function)):
                continue
            given = [child for child in arguments.named_children if child.type != "comment"]
            if given[1:2] == [literal]:
                kind = Kind.WRITE if _WRITES.fullmatch(text_of(function)) else Kind.READ
                use = self._attribute(literal, given[0], name, kind, None)
                if use is not None:
                    yield use

    def _attribute(
        self, node: Node, holder: Node, name: str, kind: Kind, call: Node | None
    ) -> Use | None:
        type_ = without_none(self.view.type_of(holder))
        for atom in type_:
            if not isinstance(atom, Instance | ClassObject) or not isinstance(atom.cls, ClassRef):
                continue
            old = self._pairs.old(atom.cls)
            if old is None or not self._is_inherited(atom.cls, old, name):
                continue
            if is_as_good(*self._members(old, name), kind):
                continue
            return AttributeUse(
                node=node,
                holder=holder,
                name=name,
                kind=kind,
                old=old,
                new=self.pairs[old],
                is_known=True,
                is_certain=self._pairs.is_certain(type_),
                on_class=isinstance(atom, ClassObject),
                call=call,
            )
        mocked = self._indirect.stands_for(holder) if is_unknown(type_) else None
        if mocked is not None and self._members(mocked, name)[1] is None:
            new = self.pairs[mocked]
            return AttributeUse(node, holder, name, kind, mocked, new, True, False)
        if not self._is_guessed(holder):
            return None
        for old, new in self.pairs.items():
            ours, theirs = self._members(old, name)
            if ours is not None and theirs is None:
                return AttributeUse(node, holder, name, kind, old, new, False, False)
        return None

    def _is_annotated(self, name: Node) -> bool:
        """Whether an annotation says that a parameter is something else, whatever that is."""
        for scope in enclosing_scopes(name):
            namespace = self.view.project.local_namespace(self.view.path, scope)
            bindings = namespace.names.get(text_of(name), [])
            if bindings:
                words = {w for b in bindings for w in re.findall(r"\w+", b.annotation or "Any")}
                return not words & {"Any", "object", *(old.name for old in self.pairs)}
        return False

    def _members(self, old: ClassRef, name: str) -> tuple[Member | None, Member | None]:
        new = self.pairs[old]
        return (
            self.facts.interface(old).members.get(name),
            self.facts.interface(new).members.get(name),
        )

    def _is_inherited(self, cls: ClassRef, old: ClassRef, name: str) -> bool:
        """Whether a class has the member from the one that moves, not from one before it."""
        member = self.facts.interface(cls).members.get(name)
        return member is not None and member.owner in self.view.project.lineage(old).order

    # Classes below

    def _overrides(self) -> Iterator[Use]:
        found = captures("(class_definition) @class", self.view.tree.root_node).get("class", [])
        for node in found:
            cls = self.view.project.class_at(self.view.path, node)
            old = self._pairs.old(cls)
            if old is None or cls in self.pairs:
                continue
            ours, theirs = (self.facts.interface(c) for c in (old, self.pairs[old]))
            if self.facts.interface(cls).constructor != ours.constructor:
                yield Override(_name_node(node), "__init__", old, self.pairs[old])
            for name, bindings in self.view.project.class_facts(cls).members.items():
                if name.startswith("__") and name.endswith("__"):
                    continue
                if not _same_to_override(ours, theirs, name):
                    where = self._definition(bindings[-1].start) or node
                    yield Override(_name_node(where), name, old, self.pairs[old])

    def _definition(self, start: int) -> Node | None:
        return self.view.project.index.node(self.view.path, start, "function_definition")


def _same_to_override(old: Interface, new: Interface, name: str) -> bool:
    ours, theirs = old.members.get(name), new.members.get(name)
    if ours is None or theirs is None:
        return ours is theirs
    return ours.kind is theirs.kind and signature(ours) == signature(theirs)


def _name_node(definition: Node) -> Node:
    return definition.child_by_field_name("name") or definition


def _looks_like_context(expression: Node) -> bool:
    """Whether a name or attribute is called as contexts are."""
    name: Node | None = expression
    if expression.type == "attribute":
        name = expression.child_by_field_name("attribute")
    elif expression.type != "identifier":
        return False
    return name is not None and _LOOKS_LIKE_CONTEXT.fullmatch(text_of(name)) is not None
