"""One file as a codemod sees it: text, syntax tree, and the project around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tree_sitter import Node, Tree

from migrate import syntax
from migrate.model import Span
from migrate.project import Env, Project
from migrate.project.facts import BindingKind, Function
from migrate.project.types import ClassRef, Instance, Type
from migrate.text import SourceText


@dataclass(frozen=True)
class FileView:
    """A parsed file. Nodes are tree-sitter's; offsets count bytes of `text.utf8`.

    `surveyed` is what the codemod's survey found out about the file; None for nothing.
    """

    path: str
    text: SourceText
    tree: Tree
    project: Project
    surveyed: Any = None
    _types: dict[tuple[str, Span | None], Type] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _envs: dict[int, Env] = field(default_factory=dict, init=False, repr=False, compare=False)

    def identifiers(self, name: str) -> Iterator[Node]:
        """Every use of `name` as an identifier, in source order; strings and comments are not."""
        word = name.encode()
        for offset in self.text.occurrences(word):
            node = syntax.identifier_at(self.tree, offset, len(word))
            if node is not None:
                yield node

    def strings(self, value: str) -> Iterator[Node]:
        """Every string literal that is exactly `value`, in source order."""
        for offset in self.text.occurrences(value.encode()):
            node = self.tree.root_node.descendant_for_byte_range(offset, offset + len(value))
            if node is None or node.parent is None or node.type != "string_content":
                continue
            if syntax.text_of(node) == value:
                yield node.parent

    def source(self, node: Node) -> str:
        """The node's source."""
        return self.text.slice(syntax.span(node))

    def type_of(self, expression: Node) -> Type:
        """What the value of an expression can be, where it stands."""
        env = self._env(expression)
        source = self.source(expression)
        # Types do not depend on the flow: in one scope, the same source has the same type.
        key = (source, syntax.span(env.scopes[0]) if env.scopes else None)
        if key not in self._types:
            self._types[key] = self.project.infer(source, env)
        return self._types[key]

    def _env(self, expression: Node) -> Env:
        """The surroundings of an expression: those of its block, if no scope is in between."""
        block = expression.parent
        while block is not None and block.type != "block":
            if block.type in syntax.SCOPES:
                return self.project.env_at(self.path, expression)
            block = block.parent
        if block is None:
            return self.project.env_at(self.path, expression)
        if block.id not in self._envs:
            self._envs[block.id] = self.project.env_at(self.path, expression)
        return self._envs[block.id]

    def receiver(self, node: Node) -> Receiver | None:
        """The instance whose method the code at `node` runs in; None where there is none.

        A nested function, lambda or comprehension counts as long as the name still means the
        instance. Functions whose first parameter is not the instance do not.
        """
        scopes = syntax.enclosing_scopes(node)[:-1]
        for depth, scope in enumerate(scopes):
            owner = self.project.owner(self.path, scope)
            if owner is None:
                continue
            method = self.project.index.function_facts(self.path, scope.start_byte)
            if method is None or not self._takes_instance(owner, method):
                return None
            name = method.parameters[0].name
            rebound = any(
                name in self._bound(inner) for inner in scopes[:depth]
            ) or not self._bound_once(scope, name)
            return None if rebound else Receiver(name, owner, method, scope.start_byte)
        return None

    def _takes_instance(self, owner: ClassRef, method: Function) -> bool:
        """Whether the first parameter of a method of a class is the instance, by all that is said.

        A method may be wrapped after its definition, and a first parameter that is annotated with
        another class is that of a function which lacks its `@staticmethod`.
        """
        if not method.parameters or not _keeps_instance(method):
            return False
        bindings = self.project.class_facts(owner).members.get(method.name, ())
        if any(binding.kind is not BindingKind.FUNCTION for binding in bindings):
            return False
        if method.parameters[0].annotation is None:
            return True
        node = self.project.index.node(owner.path, owner.start, "class_definition")
        if node is None:
            return False
        env = self.project.env_at(owner.path, node)
        said = self.project.annotation(method.parameters[0].annotation, env)
        above = self.project.lineage(owner).order
        return any(not isinstance(atom, Instance) or atom.cls in above for atom in said)

    def _bound(self, scope: Node) -> frozenset[str]:
        namespace = self.project.local_namespace(self.path, scope)
        return frozenset(namespace.names) | frozenset(namespace.declared)

    def _bound_once(self, scope: Node, name: str) -> bool:
        """Whether only the parameter binds the name in this function and those inside it."""
        bindings = self.project.local_namespace(self.path, scope).names[name]
        only_parameter = [b.kind for b in bindings] == [BindingKind.PARAMETER]
        if b"nonlocal" not in (scope.text or b""):
            return only_parameter
        nested = syntax.captures("(nonlocal_statement (identifier) @name)", scope)
        return only_parameter and all(syntax.text_of(n) != name for n in nested.get("name", []))


@dataclass(frozen=True, slots=True)
class Receiver:
    """The instance that code runs for: its name there, its class, and the method it is in.

    `start` is the offset of the method's definition.
    """

    name: str
    owner: ClassRef
    method: Function
    start: int


_NO_INSTANCE = frozenset(
    {
        "staticmethod",
        "classmethod",
        "abstractclassmethod",
        "abstractstaticmethod",
        "validator",
        "root_validator",
        "field_validator",
    }
)
_KEEPS_INSTANCE = frozenset(
    {"property", "cached_property", "abstractmethod", "override", "final", "overload", "setter"}
)
_IMPLICITLY_NO_INSTANCE = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


def _keeps_instance(method: Function) -> bool:
    """Whether the method's first parameter is the instance.

    An unknown decorator could pass anything; the conventional name is taken as its word.
    """
    names = method.decorators_named
    if names & _NO_INSTANCE or method.name in _IMPLICITLY_NO_INSTANCE:
        return False
    positional = method.parameters[0].kind in ("positional-only", "positional-or-keyword")
    return positional and (names <= _KEEPS_INSTANCE or method.parameters[0].name == "self")
