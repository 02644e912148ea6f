"""Where a value comes from that nothing says the type of: whether it is made from a function."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from migrate.project import Env
from migrate.project.facts import Binding, BindingKind
from migrate.project.index import parse_expression
from migrate.project.types import ClassObject, ClassRef, FunctionObject, Instance, ModuleObject
from migrate.project.types import Type as ValueType
from migrate.syntax import captures, text_of
from migrate.view import FileView

# How many values, each made from the one before, are followed to the function.
_FAR = 8
# Methods of containers that give what is in them.
_TAKING = frozenset({"get", "pop", "setdefault", "values"})
_ASSIGNED = "(assignment left: (attribute attribute: (identifier) @name) right: (_) @value)"

_Found = tuple[Binding, str, Env]


@dataclass(frozen=True)
class Origins:
    """Tells for values of one file whether they are made from something that `is_it` knows.

    `wrapped` is made from `send` in `wrapped = logged(send)`, in whatever file that stands. So is
    what imports it, a parameter that has it as its default, and what is taken from a container
    that `send` is put in. What functions return is not looked into.
    """

    view: FileView
    is_it: Callable[[ValueType], bool]
    _seen: set[tuple[str, str, int]] = field(default_factory=set)

    def has(self, value: Node) -> bool:
        """Whether the value of an expression is made from it."""
        self._seen.clear()
        source = parse_expression(text_of(value))
        env = self.view.project.env_at(self.view.path, value)
        return source is not None and self._holds(source, env, _FAR)

    def _holds(self, expression: ast.expr, env: Env, far: int) -> bool:
        for name in _handed(expression):
            if self.is_it(self.view.project.infer(name, env)):
                return True
            if any(self._bound(found, far) for found in self._bindings(name, env)):
                return True
        return False

    def _bound(self, found: _Found, far: int) -> bool:
        """Whether a binding binds a name to it, or to something that is made from it."""
        binding, name, env = found
        key = (env.path, name, binding.start)
        if far == 0 or key in self._seen:
            return False
        self._seen.add(key)
        if binding.kind is BindingKind.FUNCTION:  # a decorator may have made anything of it
            return self.is_it(frozenset({FunctionObject(env.path, binding.start)}))
        if binding.imported is not None:
            target = self.view.project.index.import_target(binding.imported, env.path)
            wanted = binding.imported.name
            if target is None or wanted is None:
                return False
            return any(self._bound(each, far - 1) for each in self._in_module(target, wanted))
        given = binding.value
        if binding.kind is BindingKind.PARAMETER:
            given, env = self._default(name, env), Env(env.path, env.scopes[1:], env.hidden)
        value = parse_expression(given or "")
        return value is not None and self._holds(value, env, far - 1)

    def _default(self, parameter: str, env: Env) -> str | None:
        """The source of a parameter's default, in the innermost scope; None if it has none."""
        function = self.view.project.index.function_facts(env.path, env.scopes[0].start_byte)
        found = function.parameters if function is not None else ()
        return next((each.default for each in found if each.name == parameter), None)

    def _bindings(self, node: ast.Name | ast.Attribute, env: Env) -> Iterator[_Found]:
        """What binds a name or an attribute, wherever that is."""
        project = self.view.project
        if isinstance(node, ast.Attribute):
            for atom in project.infer(node.value, env):
                if isinstance(atom, ModuleObject):
                    yield from self._in_module(atom.path, node.attr)
                elif isinstance(atom, ClassObject | Instance) and isinstance(atom.cls, ClassRef):
                    yield from self._in_class(atom.cls, node.attr)
            return
        for depth, scope in enumerate(env.scopes):
            bindings = project.local_namespace(env.path, scope).names.get(node.id)
            if bindings:
                here = Env(env.path, env.scopes[depth:], env.hidden)
                yield from ((binding, node.id, here) for binding in bindings)
                return
        yield from self._in_module(env.path, node.id)

    def _in_module(self, path: str, name: str) -> Iterator[_Found]:
        index = self.view.project.index
        namespace = index.namespace(path)
        yield from ((binding, name, Env(path)) for binding in namespace.names.get(name, ()))
        for star in namespace.stars:
            target = index.import_target(star.imported, path) if star.imported else None
            if target is not None:
                bindings = index.namespace(target).names.get(name, ())
                yield from ((binding, name, Env(target)) for binding in bindings)

    def _in_class(self, cls: ClassRef, name: str) -> Iterator[_Found]:
        """What binds an attribute in the body of a class, or on its objects."""
        project = self.view.project
        for above in project.lineage(cls).order:
            body = project.index.node(above.path, above.start, "class_definition")
            for binding in project.class_facts(above).members.get(name, ()):
                yield binding, name, Env(above.path)
            if body is None or name.encode() not in (body.text or b""):
                continue
            found = captures(_ASSIGNED, body)
            for word, value in zip(found.get("name", []), found.get("value", []), strict=True):
                if text_of(word) == name:
                    kind = BindingKind.ASSIGNED
                    binding = Binding(kind, value.start_byte, value=text_of(value))
                    yield binding, name, project.env_at(above.path, value)


def _handed(expression: ast.expr) -> Iterator[ast.Name | ast.Attribute]:
    """The names and attributes whose values may be, or be in, or be a part of what is made.

    What is called only gives its result, unless it is a lambda that hands on all keywords.
    """
    pending: list[ast.AST] = [expression]
    while pending:
        node = pending.pop()
        match node:
            case ast.Name() | ast.Attribute():
                yield node
            case ast.Call(func=ast.Attribute(value=holder, attr=method)) if method in _TAKING:
                pending += [holder, *node.args]
            case ast.Call(func=ast.Name() | ast.Attribute()):
                pending += [*node.args, *(keyword.value for keyword in node.keywords)]
            case ast.Lambda():
                calls = (each for each in ast.walk(node.body) if isinstance(each, ast.Call))
                pending += [
                    call.func for call in calls if any(k.arg is None for k in call.keywords)
                ]
            case ast.Subscript():
                pending.append(node.value)
            case _:
                pending += ast.iter_child_nodes(node)
