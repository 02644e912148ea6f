"""What the project says about agents and their adapter, looked up once for each file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname

from tree_sitter import Node

from codemods.websocket_events.options import Event, Options
from migrate.project.facts import BindingKind, Function, ParameterKind
from migrate.project.types import ClassObject, ClassRef, Instance, is_unknown
from migrate.syntax import FUNCTIONS, ancestors, captures, descendants, parts, text_of
from migrate.view import FileView

# The reason, and what a person reads.
Problem = tuple[str, str]
_CLASSES = "(class_definition) @class"
CLASS = re.compile(rb"\bclass\b")
HARMLESS_DECORATORS = frozenset({"abstractmethod", "final", "override"})
_MAKES_CONSTRUCTOR = re.compile(r"\b(?:dataclass|attrs?|define|mutable|frozen)\b")
_POSITIONAL = (ParameterKind.POSITIONAL_OR_KEYWORD,)
_VARIABLE = (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)


@dataclass(frozen=True)
class Facts:
    """The configured classes, as an import in the file would find them."""

    view: FileView
    options: Options

    @cached_property
    def agent(self) -> ClassRef | None:
        """The base agent's class."""
        return self.view.project.find_class(self.options.agent, dirname(self.view.path))

    @cached_property
    def adapter(self) -> ClassRef | None:
        """The adapter's class."""
        return self.view.project.find_class(self.options.adapter, dirname(self.view.path))

    def is_agent(self, cls: ClassRef) -> bool:
        """Whether a class is the base agent or below it."""
        return self.agent is not None and self.agent in self.view.project.lineage(cls).order

    def may_have_any_base(self, cls: ClassRef) -> bool:
        """Whether the source leaves it open what a class derives from."""
        project = self.view.project
        for each in project.lineage(cls).order:
            node = project.index.node(each.path, each.start, "class_definition")
            if node is None:
                return True
            env = project.env_at(each.path, node)
            bases = project.class_facts(each).bases
            if any(is_unknown(project.infer(base, env)) for base in bases):
                return True
        return False

    def adapter_problem(self, cls: ClassRef, event: Event) -> Problem | None:
        """Why the adapter of an agent is not known to emit an event as the table says."""
        receiver, name = self.options.receiver, self.options.adapter.rpartition(".")[2]
        if self.adapter is None:
            return "other-adapter", f"This repository has no class {self.options.adapter}."
        adapters = self.adapters_of(cls)
        if not adapters:
            return "other-adapter", f"{cls.name}.{receiver} may be something else than a {name}."
        for each in (cls, *self.view.project.below.classes(cls, CLASS)):
            skipping = self._without_construction(each)
            if skipping is not None:
                return (
                    "other-adapter",
                    f"{skipping.name} ({skipping.path}) may be constructed without the class above"
                    f" it, which gives {each.name} its {receiver}.",
                )
        for below in self._with_own_adapter:
            if cls in self.view.project.lineage(below).order and not self.adapters_of(below):
                return (
                    "other-adapter",
                    f"{below.name} ({below.path}) is below {cls.name}, and its {receiver} may be"
                    f" something else than a {name}.",
                )
        problems = (self._signature_problem(adapter, event) for adapter in adapters)
        return next((problem for problem in problems if problem is not None), None)

    def adapters_of(self, cls: ClassRef) -> list[ClassRef]:
        """The classes of what an agent has as its adapter; none if it may be something else."""
        project = self.view.project
        held = project.members.attribute(frozenset({Instance(cls)}), self.options.receiver)
        adapters = [
            atom.cls
            for atom in held
            if isinstance(atom, Instance)
            and isinstance(atom.cls, ClassRef)
            and self.adapter in project.lineage(atom.cls).order
        ]
        certain = self.agent is not None and project.hierarchy.is_certain(cls, self.agent)
        if not certain or len(adapters) != len(held):
            return []
        return [] if any(map(self._takes_away, project.lineage(cls).order)) else adapters

    def _takes_away(self, cls: ClassRef) -> bool:
        """Whether a class deletes its adapter somewhere, or sets it by its name."""
        node = self.view.project.index.node(cls.path, cls.start, "class_definition")
        word = re.escape(self.options.receiver)
        pattern = rf"""\bdel\s[^\n#]*\.{word}\b|\b(?:del|set)attr\([^()]*["']{word}["']"""
        return node is not None and re.search(pattern, text_of(node)) is not None

    def _without_construction(self, cls: ClassRef) -> ClassRef | None:
        """The class between an agent and its base that does not let the base construct it."""
        project = self.view.project
        for each in project.lineage(cls).order:
            if each == self.agent:
                return None
            facts = project.class_facts(each)
            if any(_MAKES_CONSTRUCTOR.search(decorator) for decorator in facts.decorators):
                return each
            for binding in facts.members.get("__init__", ()):
                node = project.index.node(each.path, binding.start, "function_definition")
                if node is None or not self._constructs(each, node):
                    return each
        return None

    def _constructs(self, cls: ClassRef, constructor: Node) -> bool:
        """Whether an `__init__` calls the one above it in any case, as a statement of its own."""
        body = constructor.child_by_field_name("body")
        for statement in parts(body) if body is not None else []:
            inner = parts(statement)
            if statement.type == "expression_statement" and inner[0].type == "call":
                function = inner[0].child_by_field_name("function")
                if function is not None and self._is_constructor_above(cls, function):
                    return True
            if any(node.type == "return_statement" for node in descendants(statement)):
                return False
        return False

    def _is_constructor_above(self, cls: ClassRef, function: Node) -> bool:
        """Whether it is `super().__init__`, or that of a named class that has the agent's."""
        above, name = (function.child_by_field_name(field) for field in ("object", "attribute"))
        if above is None or name is None or text_of(name) != "__init__":
            return False
        if above.type == "call":
            said = "".join(text_of(above).split())
            return said == "super()" or said.startswith(f"super({cls.name},")
        project = self.view.project
        type_ = project.infer(text_of(above), project.env_at(cls.path, above))
        return bool(type_) and all(
            isinstance(atom, ClassObject)
            and isinstance(atom.cls, ClassRef)
            and self.agent in project.lineage(atom.cls).order
            for atom in type_
        )

    @cached_property
    def _with_own_adapter(self) -> list[ClassRef]:
        """The classes of all files that may give themselves an adapter. This reads all files."""
        index, word = self.view.project.index, re.escape(self.options.receiver.encode())
        # Of what most uses are, an attribute of it, it is no target; the types say of the others.
        pattern = re.compile(word + rb"\s*(?:[,():\]]|=(?!=))")
        found: list[ClassRef] = []
        for path in index.matching(pattern):
            tree = index.tree(path)
            nodes = captures(_CLASSES, tree.root_node).get("class", []) if tree is not None else []
            found += [
                self.view.project.class_at(path, node)
                for node in nodes
                if pattern.search(node.text or b"")
            ]
        return found

    def adapter_default(self, event: Event, parameter: str) -> str | None:
        """The source of what a parameter of the adapter's method is if nothing is given."""
        project = self.view.project
        method = project.method(self.adapter, event.method) if self.adapter is not None else None
        found = method.parameters if method is not None else ()
        return next((each.default for each in found if each.name == parameter), None)

    def files_with(self, name: str) -> tuple[str, ...]:
        """Every file that has a name in it, as a word of its own. This reads all files, once."""
        pattern = re.compile(re.escape(name.encode()) + rb"\b")
        return self.view.project.index.matching(pattern)

    def _signature_problem(self, adapter: ClassRef, event: Event) -> Problem | None:
        """Whether the adapter's method takes what the table says, and is awaited."""
        project, method = self.view.project, event.method
        found = project.find_member(adapter, method)
        wanted = ", ".join([*event.required, *(f"{name}=..." for name in event.optional)])
        problem = (
            "signature-differs",
            f"{adapter.name} has no coroutine {method}({wanted}), which the event table names.",
        )
        if found is None or project.members.instance_attribute(adapter, method):
            return problem
        owner, _ = found
        if not project.hierarchy.is_certain(adapter, owner):
            return problem
        for binding in project.class_facts(owner).members[method]:
            function = None
            if binding.kind is BindingKind.FUNCTION:
                function = project.index.function_facts(owner.path, binding.start)
            if (
                function is None
                or not _takes(function, event)
                or self._yields(owner, binding.start)
            ):
                return problem
        return None

    def _yields(self, owner: ClassRef, start: int) -> bool:
        node = self.view.project.index.node(owner.path, start, "function_definition")
        if node is None or b"yield" not in (node.text or b""):
            return False
        return any(
            next((a for a in ancestors(found) if a.type in FUNCTIONS), None) == node
            for found in captures("(yield) @yield", node).get("yield", [])
        )


def _takes(function: Function, event: Event) -> bool:
    """Whether the parameters stand where the table has them, and nothing else must be given."""
    own = function.parameters[1:]
    if not function.asynchronous or not function.decorators_named <= HARMLESS_DECORATORS:
        return False
    names = event.parameters
    if tuple(p.name for p in own[: len(names)]) != names:
        return False
    if any(p.kind not in _POSITIONAL for p in own[: len(names)]):
        return False
    may_be_missing = own[len(event.required) :]
    return all(p.default is not None or p.kind in _VARIABLE for p in may_be_missing)
