"""Where values come from, for the objects of some classes.

A project that traces classes answers as any other does, and says more: an object of such a class
knows the file whose import or definition names the class, and what comes from a parameter or an
attribute is marked as such. Whether two places deal with the same object can then be read from
types.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrate.project.facts import Binding
from migrate.project.types import (
    NOTHING,
    UNKNOWN,
    Atom,
    Awaitable,
    ClassObject,
    ClassRef,
    External,
    FunctionObject,
    Given,
    Instance,
    Type,
    union,
)

if TYPE_CHECKING:
    from migrate.project.infer import Project


_CONTAINER = re.compile(
    r"[\[{]|(?:\w+\.)*"
    r"(?:dict|list|set|deque|defaultdict|OrderedDict|\w*Queue|ContextVar|Weak\w+)\s*[\[(]"
)
_TAKING = frozenset(
    {"copy", "get", "get_nowait", "items", "pop", "popitem", "popleft", "setdefault", "values"}
)


class Tracing:
    """Marks types by where their values come from; does nothing where no class is traced."""

    def __init__(self, project: Project, classes: frozenset[ClassRef] = frozenset()) -> None:
        """Answer for one project."""
        self._project = project
        self._classes = classes
        self._homes = frozenset(cls.path for cls in classes)

    def named(self, type_: Type, path: str) -> Type:
        """A type, with the traced classes in it marked as what `path` calls by their name.

        A class that is marked already stays so, and the file that defines it says nothing.
        """
        if not self._classes or path in self._homes:
            return type_
        return frozenset(self._named(atom, path) for atom in type_)

    def _named(self, atom: Atom, path: str) -> Atom:
        match atom:
            case Awaitable(result=result):
                return Awaitable(self.named(result, path))
            case Instance(cls=cls, arguments=arguments):
                return Instance(self._marked(cls, path), self._each(arguments, path))
            case ClassObject(cls=cls, arguments=arguments):
                return ClassObject(self._marked(cls, path), self._each(arguments, path))
        return atom

    def _each(self, types: tuple[Type, ...], path: str) -> tuple[Type, ...]:
        return tuple(self.named(type_, path) for type_ in types)

    def _marked(self, cls: ClassRef | External, path: str) -> ClassRef | External:
        return replace(cls, via=path) if isinstance(cls, ClassRef) and cls in self._classes else cls

    def through(self, type_: Type, receiver: Type) -> Type:
        """What a method gives that is called on an object: of the same class as the object is."""
        ways = {via for atom in receiver if (via := _way(atom))} if self._classes else set()
        return union(*(self.named(type_, via) for via in ways)) if ways else type_

    def parameter(self, path: str, scope: Node, name: str) -> Type:
        """The mark of what is handed to a parameter, and to those that it overrides.

        A method's receiver has none, nor has a lambda's parameter.
        """
        if not self._classes or scope.type != "function_definition":
            return NOTHING
        start = scope.start_byte
        facts = self._project.index.function_facts(path, start)
        owner = self._project.owner(path, scope)
        if facts is None or owner is None:
            return frozenset({Given(path, start, name)})
        names = [parameter.name for parameter in facts.parameters]
        if names[:1] == [name] and "staticmethod" not in facts.decorators_named:
            return NOTHING
        marks = {Given(path, start, name)}
        for base in self._project.lineage(owner).order[1:]:
            bindings = self._project.class_facts(base).members.get(facts.name, ())
            marks |= {Given(base.path, binding.start, name) for binding in bindings}
        return frozenset(marks)

    def attribute(self, found: Type, cls: ClassRef, name: str) -> Type:
        """The type of an attribute, with the mark of what is put into it from elsewhere."""
        is_data = not any(isinstance(atom, FunctionObject) for atom in found)
        if not self._classes or not is_data:
            return found
        lineage = self._project.lineage(cls).order
        return found | {Given(each.path, each.start, name) for each in lineage}

    def container(self, path: str, binding: Binding, name: str) -> Type:
        """The mark of what is put into a container that a name is bound to."""
        if not self._classes or _CONTAINER.match(binding.value or "") is None:
            return NOTHING
        return frozenset({Given(path, binding.start, name)})

    def taken(self, container: Type, method: str) -> Type:
        """What a method takes out of a container, by the mark of what is put in."""
        if not self._classes or method not in _TAKING:
            return NOTHING
        return frozenset(atom for atom in container if isinstance(atom, Given))

    def decorated(self, function: Type) -> Type:
        """A function that a decorator may have replaced: most run it all the same."""
        return UNKNOWN | function if self._classes else UNKNOWN


def _way(atom: Atom) -> str:
    if isinstance(atom, Instance | ClassObject) and isinstance(atom.cls, ClassRef):
        return atom.cls.via
    return ""
