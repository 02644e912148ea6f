"""The project: one face for the questions that cross files.

It follows what Python does with names and classes (PEP 227, PEP 253) and what annotations say (PEP
484, 585, 604). What it cannot follow is unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable
from typing import Any

from tree_sitter import Node

from migrate.project.below import Below
from migrate.project.calls import Calls
from migrate.project.env import Env
from migrate.project.expressions import Expressions
from migrate.project.facts import Binding, Class, Function, Namespace
from migrate.project.fixtures import Fixtures
from migrate.project.hierarchy import Hierarchy, Lineage
from migrate.project.index import Files, Index
from migrate.project.library import Library
from migrate.project.members import Members
from migrate.project.memo import Derived, Memo
from migrate.project.names import Names
from migrate.project.tracing import Tracing
from migrate.project.types import (
    NOTHING,
    UNKNOWN,
    ClassObject,
    ClassRef,
    ModuleObject,
    Type,
)
from migrate.syntax import enclosing_scopes, type_parameters_around


class Project:
    """Facts across files, computed on demand and remembered.

    Its parts answer one kind of question each, and ask each other through the project. `shared` is
    for what a codemod finds out about the project as a whole, by a key of its own.
    """

    changing: frozenset[str] | None = None

    def __init__(self, files: Files, changing: frozenset[str] | None = None) -> None:
        """Read nothing yet. `changing` are the files that the run may change; None for all."""
        self.changing = changing
        self._set_up(Index(files))

    def _set_up(self, index: Index, traced: frozenset[ClassRef] = frozenset()) -> None:
        self.index = index
        self.shared: dict[Hashable, Any] = {}
        self.tracing = Tracing(self, traced)
        self.memo = Memo(index.consulted)
        self._named: dict[tuple[str, str], ClassRef | None] = {}
        self.names = Names(self)
        self.expressions = Expressions(self)
        self.members = Members(self)
        self.calls = Calls(self)
        self.library = Library(self)
        self.hierarchy = Hierarchy(self)
        self.fixtures = Fixtures(self)
        self.below = Below(self)

    def replacing(self, path: str) -> Project:
        """The same project with all forgotten that depends on one file, which is about to change.

        The caller hands the file's new tree to `index.view`.
        """
        other = Project.__new__(Project)
        other.changing = self.changing
        other._set_up(self.index.replacing(path))
        other.below = self.below.replacing(path, other)
        other.hierarchy.lineages = Derived(self.hierarchy.lineages, path)
        other.calls.returned = Derived(self.calls.returned, path)
        other.members.attributes = Derived(self.members.attributes, path)
        other.names.module_names = Derived(self.names.module_names, path)
        return other

    def traced(self, classes: frozenset[ClassRef]) -> Project:
        """The same project, with answers that tell where objects of these classes come from."""
        other = Project.__new__(Project)
        other._set_up(self.index, classes)
        return other

    def env_at(self, path: str, node: Node) -> Env:
        """The surroundings of a node of a file."""
        return Env(path, tuple(enclosing_scopes(node)[:-1]), type_parameters_around(node))

    def find(self, dotted: str, folder: str = "") -> Type:
        """What an absolute dotted name means in this project; empty if there is no such thing.

        It is looked for below the root, `folder` and those around it, then wherever it is unique.
        """
        importer = f"{folder}/_" if folder else "_"
        parts = dotted.split(".")
        for length in range(len(parts) - 1, 0, -1):
            name = ".".join(parts[:length])
            modules = self.index.modules
            module = modules.absolute(name, importer) or modules.anywhere(name)
            if module is not None:
                type_: Type = frozenset({ModuleObject(module)})
                for part in parts[length:]:
                    type_ = self.members.attribute(type_, part)
                return NOTHING if type_ == UNKNOWN else type_
        return NOTHING

    def find_class(self, dotted: str, folder: str = "") -> ClassRef | None:
        """The class of that name, through re-exports, looked for as `find` does; or None."""
        key = (dotted, folder)
        if key not in self._named:
            self._named[key] = self._only_class(dotted, folder)
        return self._named[key]

    def _only_class(self, dotted: str, folder: str) -> ClassRef | None:
        classes = {
            atom.cls
            for atom in self.find(dotted, folder)
            if isinstance(atom, ClassObject) and isinstance(atom.cls, ClassRef)
        }
        return classes.pop() if len(classes) == 1 else None

    def infer(self, source: str | ast.expr | None, env: Env) -> Type:
        """What the value of an expression can be, wherever in its scope it is evaluated."""
        return self.expressions.infer(source, env) or UNKNOWN

    def annotation(self, source: str | ast.expr | None, env: Env) -> Type:
        """The type of the values that an annotation allows, quoted or not."""
        return self.expressions.annotation(source, env) or UNKNOWN

    def local_namespace(self, path: str, scope: Node) -> Namespace:
        """What a scope of a file binds."""
        return self.names.local_namespace(path, scope)

    def owner(self, path: str, scope: Node) -> ClassRef | None:
        """The class whose body directly holds this function, or None."""
        return self.hierarchy.owner(path, scope)

    def class_at(self, path: str, node: Node) -> ClassRef:
        """The class that a `class_definition` of a file defines."""
        return self.hierarchy.class_at(path, node)

    def class_facts(self, ref: ClassRef) -> Class:
        """What the class binds and derives from."""
        return self.index.class_facts(ref)

    def lineage(self, ref: ClassRef) -> Lineage:
        """The class's method resolution order, as far as the project defines it."""
        return self.hierarchy.lineage(ref)

    def find_member(self, ref: ClassRef, name: str) -> tuple[ClassRef, Binding] | None:
        """The class that provides member `name`, and its last binding there."""
        return self.hierarchy.find_member(ref, name)

    def method(self, ref: ClassRef, name: str) -> Function | None:
        """The signature of the method that `object.name` finds, or None."""
        return self.hierarchy.method(ref, name)
