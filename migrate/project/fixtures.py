"""Fixtures: what pytest passes for a parameter of a test, by the fixture of its name.

A fixture is looked for in the test's class, then in its module, then in the `conftest.py` of its
folder and of those above it, as pytest does. A module has the fixtures that it imports, too, and
those of what its `pytest_plugins` names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from posixpath import dirname
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrate.project.annotations import element_of
from migrate.project.facts import Binding, BindingKind, Function
from migrate.project.index import parse_expression
from migrate.project.memo import Answer
from migrate.project.types import NOTHING, UNKNOWN, Awaitable, Instance, Type, union
from migrate.syntax import own_nodes, text_of

if TYPE_CHECKING:
    from migrate.project.infer import Project

_GENERATORS = frozenset({"Generator", "Iterator", "AsyncGenerator", "AsyncIterator", "Iterable"})


class Fixtures:
    """The fixtures of a project."""

    def __init__(self, project: Project) -> None:
        """Answer for one project; nothing is read yet."""
        self._project = project
        self.provided: dict[tuple[str, int], Answer[Type]] = {}

    def parameter(self, path: str, function: Node, name: str) -> Type:
        """What pytest passes for a parameter of a test or fixture; unknown for other functions."""
        provider = self.provider(path, function, name)
        facts = self._project.index.function_facts(*provider) if provider is not None else None
        return UNKNOWN if provider is None or facts is None else self.value(*provider, facts)

    def provider(self, path: str, function: Node, name: str) -> tuple[str, int] | None:
        """The fixture, by file and offset, whose value pytest passes for a parameter; or None."""
        facts = self._project.index.function_facts(path, function.start_byte)
        if facts is None or not (facts.name.startswith("test") or _is_fixture(facts)):
            return None
        for where, binding in self._named(path, function, name):
            found = self._project.index.function_facts(where, binding.start)
            if binding.kind is not BindingKind.FUNCTION or found is None:
                return None
            # A fixture may ask for the one that it replaces: that is another of the name.
            if _is_fixture(found) and (where, binding.start) != (path, function.start_byte):
                return where, binding.start
        return None

    def results(self, path: str, start: int) -> list[Node]:
        """The expressions that a function of a file yields, else returns, in source order."""
        node = self._project.index.node(path, start, "function_definition")
        found = _results(node) if node is not None else []
        return [each.named_children[0] for each in found if len(each.named_children) == 1]

    def _named(self, path: str, function: Node, name: str) -> Iterator[tuple[str, Binding]]:
        """What has the name in each of the places that pytest looks in, the nearest first."""
        owner = self._project.hierarchy.owner(path, function)
        for cls in self._project.hierarchy.lineage(owner).order if owner is not None else ():
            for binding in self._project.index.class_facts(cls).members.get(name, ())[-1:]:
                yield cls.path, binding
        for where, binding in self._in_module(path, name, frozenset()):
            if binding.kind is BindingKind.FUNCTION:
                yield where, binding
        folder = dirname(path)
        while True:
            conftest = f"{folder}/conftest.py" if folder else "conftest.py"
            if conftest != path and self._project.index.modules.is_file(conftest):
                yield from self._in_module(conftest, name, frozenset())
            if not folder:
                return
            folder = dirname(folder)

    def _in_module(
        self, module: str, name: str, importers: frozenset[str]
    ) -> Iterator[tuple[str, Binding]]:
        """What has the name in a module, where it is defined; `importers` led to the module."""
        index = self._project.index
        if module in importers:
            return
        here = importers | {module}
        namespace = index.namespace(module)
        for binding in namespace.names.get(name, [])[-1:]:
            imported = binding.imported
            if imported is None or imported.name is None:
                yield module, binding
            elif (target := index.import_target(imported, module)) is not None:
                yield from self._in_module(target, imported.name, here)
            return
        stars = [star.imported for star in reversed(namespace.stars)]
        targets = [index.import_target(imported, module) for imported in stars if imported]
        targets += [index.modules.absolute(plugin, module) for plugin in self._plugins(module)]
        for target in targets:
            if target is not None:
                yield from self._in_module(target, name, here)

    def _plugins(self, module: str) -> list[str]:
        """The modules that `pytest_plugins` of a module names."""
        bindings = self._project.index.namespace(module).names.get("pytest_plugins", [])
        value = parse_expression(bindings[-1].value or "") if bindings else None
        constants = [value] if isinstance(value, ast.Constant) else getattr(value, "elts", [])
        return [
            each.value
            for each in constants
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]

    def value(self, path: str, start: int, facts: Function) -> Type:
        """What a fixture, the function that is defined there, hands to a test."""
        key = (path, start)
        return self._project.memo.once(
            self.provided, key, lambda: self._value(path, start, facts), NOTHING, UNKNOWN
        )

    def _value(self, path: str, start: int, facts: Function) -> Type:
        """What a fixture returns or yields, by its annotation, else by what it says there."""
        node = self._project.index.node(path, start, "function_definition")
        if node is None:
            return UNKNOWN
        if facts.returns is None:
            return union(*(self._handed_out(path, at) for at in _results(node))) or UNKNOWN
        found = self._project.calls.returns(path, start, None)
        if found == UNKNOWN:
            around = node.child_by_field_name("return_type") or node
            env = self._project.env_at(path, around)
            found = self._project.expressions.annotation(facts.returns, env)
        found = union(*(a.result if isinstance(a, Awaitable) else frozenset({a}) for a in found))
        return union(*(_yielded(frozenset({atom})) for atom in found))

    def _handed_out(self, path: str, statement: Node) -> Type:
        values = statement.named_children
        if len(values) != 1:
            return UNKNOWN
        env = self._project.env_at(path, values[0])
        return self._project.expressions.infer(text_of(values[0]), env)


def _yielded(single: Type) -> Type:
    (atom,) = single
    if isinstance(atom, Instance) and atom.cls.name in _GENERATORS:
        return element_of(single)
    return single


def _is_fixture(facts: Function) -> bool:
    return "fixture" in facts.decorators_named


def _results(function: Node) -> list[Node]:
    """The `yield` expressions of a function, else its `return` statements."""
    return own_nodes("yield", function) or own_nodes("return_statement", function)
