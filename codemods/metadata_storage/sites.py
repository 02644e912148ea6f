"""Where a context's metadata is used, and what is known about each place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import dirname

from tree_sitter import Node

from codemods.metadata_storage.options import Options
from codemods.metadata_storage.uses import Kind, Use, classify, statement_of
from migrate.project import Project
from migrate.project.facts import BindingKind
from migrate.project.types import (
    Awaitable,
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
from migrate.syntax import ancestors, descendants, text_of, unstarred
from migrate.view import FileView, Receiver

_LOOKS_LIKE_CONTEXT = re.compile(r"(?:.*_)?(?:context|ctx)")
_FROM_OBJECT = {
    "object.__getattribute__": "getattr",
    "object.__setattr__": "setattr",
    "object.__delattr__": "delattr",
}
_OWN = frozenset({"self", "cls"})


@dataclass(frozen=True)
class Facts:
    """What the project says about the configured names, looked up once for each file.

    They are looked up as an import in `folder`, that of the file, would find them.
    """

    project: Project
    options: Options
    folder: str
    implementations: dict[ClassRef, frozenset[tuple[str, int]]] = field(default_factory=dict)

    @cached_property
    def agent(self) -> ClassRef | None:
        """The base agent's class."""
        return self.project.find_class(self.options.agent, self.folder)

    @cached_property
    def contexts(self) -> frozenset[ClassRef]:
        """The classes whose `metadata` is migrated."""
        names = self.options.contexts
        found = (self.project.find_class(dotted, self.folder) for dotted in names)
        return frozenset(ref for ref in found if ref is not None)

    def is_context(self, cls: ClassRef | External) -> bool:
        """Whether objects of the class are contexts."""
        if isinstance(cls, External):
            return cls.dotted in self.options.contexts
        return any(above in self.contexts for above in self.project.lineage(cls).order)

    def may_be_context(self, expression: Node, type_: Type) -> bool:
        """Whether an expression of this type may be a context, by its type or by its name."""
        known = any(isinstance(atom, Instance) and self.is_context(atom.cls) for atom in type_)
        return known or looks_like_context(expression)

    def is_agent(self, cls: ClassRef) -> bool:
        """Whether the class is the base agent or below it."""
        return self.agent is not None and self.agent in self.project.lineage(cls).order

    def implements(self, receiver: Receiver, path: str) -> bool:
        """Whether the code is part of a target method: migrating it there would recurse."""
        if receiver.method.name in self.options.methods:
            return True
        owner = receiver.owner
        if owner not in self.implementations:
            self.implementations[owner] = self._implementations(owner, path)
        return (path, receiver.start) in self.implementations[owner]

    def _implementations(self, owner: ClassRef, path: str) -> frozenset[tuple[str, int]]:
        """The target methods of a class, and all methods that they call on the instance.

        Those of classes below it count too, as far as they are in the same file.
        """
        lineages = [self.project.lineage(cls).order for cls in (owner, *self._classes(path))]
        classes = {cls for order in lineages if owner in order for cls in order}
        todo = list(self.options.methods)
        seen: set[tuple[str, int]] = set()
        names: set[str] = set()
        while todo:
            name = todo.pop()
            if name in names:
                continue
            names.add(name)
            for cls in classes:
                for binding in self.project.class_facts(cls).members.get(name, ()):
                    if binding.kind is BindingKind.FUNCTION:
                        seen.add((cls.path, binding.start))
                        todo += self._called(cls.path, binding.start)
        return frozenset(seen)

    def _classes(self, path: str) -> list[ClassRef]:
        """The classes at the top level of a file."""
        return [
            ClassRef(path, binding.start, name)
            for name, bindings in self.project.index.namespace(path).names.items()
            for binding in bindings
            if binding.kind is BindingKind.CLASS
        ]

    def _called(self, path: str, start: int) -> list[str]:
        node = self.project.index.node(path, start, "function_definition")
        facts = self.project.index.function_facts(path, start)
        if node is None or facts is None or not facts.parameters:
            return []
        receiver = facts.parameters[0].name
        return [
            text_of(name)
            for attribute in descendants(node)
            if attribute.type == "attribute"
            and (holder := attribute.child_by_field_name("object")) is not None
            and _is_own(holder, receiver)
            and (name := attribute.child_by_field_name("attribute")) is not None
        ]


def _is_own(holder: Node, receiver: str) -> bool:
    """Whether a method is looked up on the instance, on a class by its name, or on `super`."""
    source = text_of(holder)
    is_class = holder.type == "identifier" and source[:1].isupper()
    return source == receiver or source.startswith("super(") or is_class


@dataclass(frozen=True)
class Site:
    """One use of a context's metadata.

    `metadata` is the expression for it, `context` the one for the context. `direct` is False for
    `getattr(context, "metadata")`, which no rule can rewrite.
    """

    view: FileView
    facts: Facts
    metadata: Node
    context: Node
    use: Use
    type_: Type
    direct: bool = True

    @property
    def options(self) -> Options:
        """The codemod's options."""
        return self.facts.options

    @cached_property
    def receiver(self) -> Receiver | None:
        """The instance that the code runs for."""
        return self.view.receiver(self.metadata)

    def source(self, node: Node | None) -> str:
        """A node's source; empty for none."""
        return "" if node is None else self.view.source(node)


def find_sites(view: FileView, options: Options) -> Iterator[Site]:
    """Every site of a file, in source order."""
    facts = Facts(view.project, options, dirname(view.path))
    for name in view.identifiers(options.attribute):
        attribute = name.parent
        if attribute is None or attribute.type != "attribute":
            continue
        context = attribute.child_by_field_name("object")
        if context is None or attribute.child_by_field_name("attribute") != name:
            continue
        site = _site(view, facts, attribute, unstarred(context), direct=True)
        if site is not None:
            yield site
    if b"attr" in view.text.utf8:
        for literal in view.strings(options.attribute):
            yield from _by_name(view, facts, literal)


def _site(
    view: FileView, facts: Facts, metadata: Node, context: Node, *, direct: bool
) -> Site | None:
    """The site, if the expression is or may be a context."""
    if context.type == "identifier" and text_of(context) in _OWN:
        return None
    type_ = without_none(view.type_of(context))
    if not facts.may_be_context(context, type_):
        return None
    return Site(view, facts, metadata, context, classify(metadata), type_, direct)


def _by_name(view: FileView, facts: Facts, literal: Node) -> Iterator[Site]:
    """`getattr(context, "metadata")`, and the same with `setattr` and `delattr`."""
    arguments = literal.parent
    call = arguments.parent if arguments is not None else None
    function = call.child_by_field_name("function") if call is not None else None
    if arguments is None or call is None or function is None or arguments.type != "argument_list":
        return
    name = _FROM_OBJECT.get(text_of(function), text_of(function))
    given = [child for child in arguments.named_children if child.type != "comment"]
    if name not in ("getattr", "setattr", "delattr") or given[1:2] != [literal]:
        return
    site = _site(view, facts, call, given[0], direct=False)
    if site is None:
        return
    if name != "getattr":
        use = Use(Kind.AUGMENT, statement_of(call), direct=False)
        site = Site(view, facts, call, given[0], use, site.type_, direct=False)
    yield site


def looks_like_context(expression: Node) -> bool:
    """Whether a name or attribute is called as contexts are."""
    name: Node | None = expression
    if expression.type == "attribute":
        name = expression.child_by_field_name("attribute")
    elif expression.type != "identifier":
        return False
    return name is not None and looks_like_context_name(text_of(name))


def looks_like_context_name(name: str) -> bool:
    """Whether contexts are called so: `context`, `ctx`, or ending in one of them."""
    return _LOOKS_LIKE_CONTEXT.fullmatch(name) is not None


def type_problem(site: Site) -> tuple[str, str] | None:
    """Why the context is not proven to be one: reason and message; None if it is."""
    foreign = [
        atom
        for atom in site.type_
        if not (isinstance(atom, Instance) and site.facts.is_context(atom.cls))
    ]
    if is_unknown(site.type_):
        return "unknown-context", f"Nothing says what type {site.source(site.context)} has."
    if foreign:
        names = ", ".join(sorted(_type_name(atom) for atom in foreign))
        return "foreign-context", f"{site.source(site.context)} is of type {names}."
    return None


def _type_name(atom: object) -> str:
    if isinstance(atom, Instance):
        if isinstance(atom.cls, ClassRef):
            return f"{atom.cls.name} ({atom.cls.path})"
        return atom.cls.dotted.removeprefix("builtins.")
    if isinstance(atom, ClassObject):
        return f"the class {atom.cls.name}, not an object of it"
    words = {FunctionObject: "a function", ModuleObject: "a module", Awaitable: "not awaited"}
    return words.get(type(atom), "unknown")


def enclosing_function(node: Node) -> Node:
    """The function around a node, or the module."""
    chain = list(ancestors(node))
    return next((n for n in chain if n.type == "function_definition"), chain[-1])
