"""Where a value can come from: the expressions that a name, a parameter or an attribute stands for.

This follows what one file says, and constants and helpers of other files that it names. It knows
no flow: whatever a name is bound to anywhere in its scope is one of its origins.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tree_sitter import Node

from codemods.context_imports.values.callers import Callers
from codemods.context_imports.values.literals import (
    assigned_to_self,
    is_parameter_set,
    parametrized_names,
    parsed,
)
from codemods.context_imports.values.unpacking import target_at, unpacking_of
from migrate.project.env import Env
from migrate.project.facts import Binding, BindingKind
from migrate.project.interface import interface_of
from migrate.project.types import (
    ClassObject,
    ClassRef,
    FunctionObject,
    Instance,
    ModuleObject,
    ordered,
)
from migrate.syntax import FUNCTIONS, ancestors, text_of
from migrate.view import FileView

# A value with more steps between it and its origins than this is given up, as is one that leads
# to more expressions: nothing is said about the rest of them.
_DEEPEST = 25
_MOST = 2_000

Place = tuple[str, int]

# Stands for a value that comes from where nothing is known of it.
ANYTHING = ast.Constant(...)


@dataclass(frozen=True, slots=True)
class Origin:
    """An expression that a value can come from, and the surroundings that it is evaluated in.

    `place` is the file and offset of the binding or argument that it stands in; None for the
    expression that was asked about. `trail` are the names on the way to it, which end a cycle.
    `calls` are the calls on the way into a function, the innermost first.
    """

    value: ast.expr
    env: Env
    place: Place | None = None
    trail: frozenset[tuple[str, int, str]] = frozenset()
    calls: tuple[Entered, ...] = ()

    def at(self, value: ast.expr) -> Origin:
        """Another expression in the same place."""
        return replace(self, value=value)


@dataclass(frozen=True, slots=True)
class Entered:
    """A function that is looked into for what a call of it gives: the call's arguments, by name.

    `function` is its file and offset.
    """

    function: Place
    arguments: Mapping[str, Origin]


class Origins:
    """The origins of values in one file."""

    def __init__(self, view: FileView) -> None:
        """Answer for one file; nothing is looked up yet."""
        self._view = view
        self._project = view.project
        self._callers = Callers(view)
        self._steps = 0

    def of(self, node: Node) -> list[Origin]:
        """Every expression that the value of one in the file can come from, itself at last."""
        self._steps = 0
        return [behind for value in self._itself(node) for behind in self.behind(value)]

    def mapped(self, node: Node, key: str) -> list[Origin]:
        """The origins of what a mapping, the value of an expression, has under a key."""
        self._steps = 0
        values = (value for mapping in self._itself(node) for value in self._item(mapping, key))
        return [behind for value in values for behind in self.behind(value)]

    def _itself(self, node: Node) -> Iterator[Origin]:
        value = parsed(self._view.source(node))
        if value is not None:
            yield Origin(value, self._project.env_at(self._view.path, node))

    def behind(self, origin: Origin) -> Iterator[Origin]:
        """The origins of an expression that is no name for something else: literals, calls."""
        pending = [origin]
        while pending and self._steps < _MOST:
            self._steps += 1
            current = pending.pop()
            match current.value:
                case ast.IfExp(body=one, orelse=other):
                    pending += (current.at(other), current.at(one))
                case ast.BoolOp(values=values):
                    pending += map(current.at, reversed(values))
                case ast.NamedExpr(value=value) | ast.Await(value=value):
                    pending.append(current.at(value))
                case ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call():
                    yield from self._followed(current)
                case _:
                    yield current

    def _followed(self, origin: Origin) -> Iterator[Origin]:
        """What a reference stands for; the reference itself where nothing says."""
        scope = origin.env.scopes[0].start_byte if origin.env.scopes else -1
        key = (origin.env.path, scope, ast.unparse(origin.value))
        if key in origin.trail or len(origin.trail) > _DEEPEST:
            return
        further = replace(origin, trail=origin.trail | {key})
        steps = list(self._step(further))
        if not steps:
            yield origin
        for step in steps:
            yield from self.behind(step)

    def _step(self, origin: Origin) -> Iterator[Origin]:
        match origin.value:
            case ast.Name(id=name):
                yield from self._name(name, origin)
            case ast.Attribute(value=ast.Name(id="request"), attr="param"):
                yield from self._request(origin)
            case ast.Attribute(value=value, attr=name):
                yield from self._attribute(value, name, origin)
            case ast.Subscript(value=value, slice=ast.Constant(value=key)):
                yield from self._item(origin.at(value), key)
            case ast.Call():
                yield from self._call(origin.value, origin)

    # Names

    def _name(self, name: str, origin: Origin) -> Iterator[Origin]:
        env = origin.env
        for depth, scope in enumerate(env.scopes):
            namespace = self._project.local_namespace(env.path, scope)
            if name in namespace.names and name not in namespace.declared:
                here = replace(origin, env=Env(env.path, env.scopes[depth:], env.hidden))
                for binding in namespace.names[name]:
                    yield from self._bound(binding, name, here)
                return
        yield from self._module_name(env.path, name, origin)

    def _module_name(self, path: str, name: str, origin: Origin) -> Iterator[Origin]:
        here = replace(origin, env=Env(path))
        for binding in self._project.index.namespace(path).names.get(name, ()):
            yield from self._bound(binding, name, here)

    def _bound(self, binding: Binding, name: str, origin: Origin) -> Iterator[Origin]:
        path = origin.env.path
        match binding.kind:
            case BindingKind.ASSIGNED:
                yield from self._source(binding.value, origin, (path, binding.start))
            case BindingKind.PARAMETER:
                yield from self._parameter(name, origin)
            case (
                BindingKind.LOOP
                | BindingKind.UNPACKED
                | BindingKind.UNPACKED_LOOP
                | BindingKind.OPAQUE
            ):
                yield from self._unpacked(binding, name, origin)
            case BindingKind.IMPORT if binding.imported is not None and binding.imported.name:
                target = self._project.index.import_target(binding.imported, path)
                if target is not None:
                    yield from self._module_name(target, binding.imported.name, origin)

    def _source(self, source: str | None, origin: Origin, place: Place) -> Iterator[Origin]:
        value = parsed(source) if source is not None else None
        if value is not None:
            yield replace(origin, value=value, place=place)

    def _node(self, node: Node, path: str, origin: Origin) -> Iterator[Origin]:
        """The expression that a node of a file is."""
        here = replace(origin, env=self._project.env_at(path, node))
        yield from self._source(text_of(node), here, (path, node.start_byte))

    def _unpacked(self, binding: Binding, name: str, origin: Origin) -> Iterator[Origin]:
        """What a loop or an unpacking assignment binds a name to."""
        tree = self._project.index.tree(origin.env.path)
        target = target_at(tree, binding.start, name) if tree is not None else None
        found = unpacking_of(target) if target is not None else None
        if found is None:
            return
        for value in self._node(found.value, origin.env.path, origin):
            if found.is_loop:
                yield from self._elements(value, found.indexes)
            else:
                yield from self._picked(value, found.indexes)

    # Parameters

    def _parameter(self, name: str, origin: Origin) -> Iterator[Origin]:
        """The default, what calls in the file give, and what pytest passes."""
        path, function = origin.env.path, origin.env.scopes[0]
        if function.type not in FUNCTIONS:
            return
        entered = [e for e in origin.calls if e.function == (path, function.start_byte)]
        if entered and name in entered[0].arguments:
            yield replace(entered[0].arguments[name], trail=origin.trail)
            return
        signature = function.child_by_field_name("parameters") or function
        defaults = list(self._callers.defaults(signature, name))
        for node in defaults:
            yield from self._node(node, path, origin)
        if entered and defaults:
            return
        if function.type == "lambda":
            return
        if path == self._view.path:
            for node in self._callers.arguments(function, name):
                yield from self._node(node, path, origin)
        passed = list(self._parametrized(name, origin))
        provider = self._project.fixtures.provider(path, function, name)
        if provider is not None:
            passed += self._results(*provider, origin)
        yield from passed or [origin.at(ANYTHING)]

    def _parametrized(self, name: str, origin: Origin) -> Iterator[Origin]:
        """The values of `@pytest.mark.parametrize("name, ...", values)`."""
        function = origin.env.scopes[0]
        classes = (n for n in ancestors(function) if n.type == "class_definition")
        for definition in (function, *classes):
            for call, origin_of_call in self._decorators(definition, origin):
                names = parametrized_names(call)
                if name in names and len(call.args) > 1:
                    indexes = (names.index(name),) if len(names) > 1 else ()
                    yield from self._elements(origin_of_call.at(call.args[1]), indexes)

    def _decorators(self, definition: Node, origin: Origin) -> Iterator[tuple[ast.Call, Origin]]:
        holder = definition.parent
        if holder is None or holder.type != "decorated_definition":
            return
        for decorator in holder.named_children:
            if decorator.type == "decorator" and decorator.named_children:
                node = decorator.named_children[0]
                for found in self._node(node, origin.env.path, origin):
                    if isinstance(found.value, ast.Call):
                        yield found.value, found

    def _request(self, origin: Origin) -> Iterator[Origin]:
        """`request.param` in a fixture with `params`."""
        for scope in origin.env.scopes[:1]:
            for call, origin_of_call in self._decorators(scope, origin):
                for keyword in call.keywords:
                    if keyword.arg == "params":
                        yield from self._elements(origin_of_call.at(keyword.value), ())

    # Attributes

    def _attribute(self, value: ast.expr, name: str, origin: Origin) -> Iterator[Origin]:
        made = [
            given
            for found in self.behind(origin.at(value))
            for given in self._constructed(found, name)
        ]
        if made:
            yield from made
            return
        for atom in ordered(self._project.infer(value, origin.env)):
            if isinstance(atom, ModuleObject):
                yield from self._module_name(atom.path, name, origin)
            elif isinstance(atom, Instance | ClassObject) and isinstance(atom.cls, ClassRef):
                for cls in self._project.lineage(atom.cls).order:
                    yield from self._member(cls, name, origin)

    def _constructed(self, made: Origin, name: str) -> Iterator[Origin]:
        """What an attribute of an object has from the call that constructs the object."""
        if not isinstance(made.value, ast.Call):
            return
        call = made.value
        classes = [
            atom.cls
            for atom in ordered(self._project.infer(call.func, made.env))
            if isinstance(atom, ClassObject) and isinstance(atom.cls, ClassRef)
        ]
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        for cls in classes[:1]:
            init = self._project.find_member(cls, "__init__")
            if init is not None:
                function = FunctionObject(init[0].path, init[1].start, frozenset({Instance(cls)}))
                entered = self._entered(call, function, made)
                inside = replace(made, calls=(*entered, *made.calls))
                for owner in self._project.lineage(cls).order:
                    yield from self._member(owner, name, inside)
                return
            constructor = interface_of(self._project, cls).constructor
            fields = [p.name for p in constructor.parameters] if constructor is not None else []
            if not any(isinstance(argument, ast.Starred) for argument in call.args):
                given.update(zip(fields, call.args, strict=False))
        if name in given:
            yield made.at(given[name])

    def _member(self, cls: ClassRef, name: str, origin: Origin) -> Iterator[Origin]:
        """What a class's body and its methods assign to an attribute."""
        body = self._project.index.node(cls.path, cls.start, "class_definition")
        if body is None:
            return
        around = self._project.env_at(cls.path, body)
        here = replace(origin, env=Env(cls.path, (body, *around.scopes)))
        for binding in self._project.class_facts(cls).members.get(name, ()):
            if binding.kind is BindingKind.ASSIGNED:
                yield from self._bound(binding, name, here)
            elif binding.kind is BindingKind.FUNCTION and self._is_property(cls, binding):
                yield from self._results(cls.path, binding.start, origin)
        for node in self._callers.fields(cls, name):
            yield from self._node(node, self._view.path, origin)
        for target in assigned_to_self(body, name):
            found = unpacking_of(target)
            if found is not None and not found.is_loop:
                for value in self._node(found.value, cls.path, origin):
                    yield from self._picked(value, found.indexes)

    def _is_property(self, cls: ClassRef, binding: Binding) -> bool:
        facts = self._project.index.function_facts(cls.path, binding.start)
        return facts is not None and "property" in facts.decorators_named

    # Calls and displays

    def _call(self, call: ast.Call, origin: Origin) -> Iterator[Origin]:
        match call:
            case ast.Call(func=ast.Name(id="str"), args=[value]):
                yield origin.at(value)
            case ast.Call(func=ast.Name(id="getattr"), args=[_, _, default]):
                yield from map(origin.at, (ANYTHING, default))
            case ast.Call(
                func=ast.Attribute(value=holder, attr="get" | "pop" | "setdefault"),
                args=[ast.Constant(value=key), *default],
            ):
                found = list(self._item(origin.at(holder), key))
                yield from found or [origin.at(ANYTHING)]
                yield from map(origin.at, default)
            case ast.Call(func=ast.Attribute(attr="getenv"), args=[_, default]):
                yield from map(origin.at, (ANYTHING, default))
            case _:
                for atom in ordered(self._project.infer(call.func, origin.env)):
                    if isinstance(atom, FunctionObject):
                        entered = self._entered(call, atom, origin)
                        inside = replace(origin, calls=(*entered, *origin.calls))
                        yield from self._results(atom.path, atom.start, inside)

    def _entered(
        self, call: ast.Call, function: FunctionObject, origin: Origin
    ) -> tuple[Entered, ...]:
        """What a call gives to a function's parameters; nothing if a star hides it."""
        facts = self._project.index.function_facts(function.path, function.start)
        starred = any(isinstance(argument, ast.Starred) for argument in call.args)
        if facts is None or starred or any(keyword.arg is None for keyword in call.keywords):
            return ()
        on_object = any(isinstance(atom, Instance) for atom in function.receiver or ())
        names = [parameter.name for parameter in facts.parameters]
        if on_object or "classmethod" in facts.decorators_named:
            names = names["staticmethod" not in facts.decorators_named :]
        given = dict(zip(names, map(origin.at, call.args), strict=False))
        given |= {keyword.arg or "": origin.at(keyword.value) for keyword in call.keywords}
        return (Entered((function.path, function.start), given),)

    def _results(self, path: str, start: int, origin: Origin) -> Iterator[Origin]:
        """What a function returns; for a generator, what it yields."""
        for node in self._project.fixtures.results(path, start):
            yield from self._node(node, path, origin)

    def _item(self, holder: Origin, key: object) -> Iterator[Origin]:
        """What a mapping or sequence has under a key that is written in the source."""
        for found in self.behind(holder):
            match found.value:
                case ast.Dict(keys=keys, values=values):
                    for each, value in zip(keys, values, strict=True):
                        if isinstance(each, ast.Constant) and each.value == key:
                            yield found.at(value)
                case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
                    yield from (found.at(each.value) for each in keywords if each.arg == key)
                case ast.Tuple() | ast.List() if isinstance(key, int):
                    yield from self._picked(found, (key,))

    def _picked(self, origin: Origin, indexes: tuple[int, ...]) -> Iterator[Origin]:
        """The part of a tuple or list that unpacking reaches by these positions."""
        if not indexes:
            yield origin
            return
        for found in self.behind(origin):
            value = found.value
            if isinstance(value, ast.Call) and is_parameter_set(value):
                value = ast.Tuple(value.args, ast.Load())
            if not isinstance(value, ast.Tuple | ast.List):
                continue
            items = value.elts
            before = items[: indexes[0] + 1] if indexes[0] >= 0 else items[indexes[0] :]
            if indexes[0] < len(items) and not any(isinstance(i, ast.Starred) for i in before):
                yield from self._picked(found.at(items[indexes[0]]), indexes[1:])

    def _elements(self, iterable: Origin, indexes: tuple[int, ...]) -> Iterator[Origin]:
        """What iterating gives, unpacked to the part at these positions."""
        for found in self.behind(iterable):
            match found.value:
                case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                    for item in items:
                        yield from self._parameter_set(found.at(item), indexes)
                case ast.ListComp(elt=item) | ast.SetComp(elt=item) | ast.GeneratorExp(elt=item):
                    yield from self._picked(found.at(item), indexes)
                case ast.Dict(keys=keys):
                    yield from (found.at(key) for key in keys if key is not None)
                case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
                    if indexes[:1] == (1,):
                        yield from self._elements(found.at(inner), indexes[1:])
                case ast.Call(func=ast.Name(id="zip"), args=arguments):
                    if indexes and 0 <= indexes[0] < len(arguments):
                        yield from self._elements(found.at(arguments[indexes[0]]), indexes[1:])
                case ast.Call(
                    func=ast.Name(id="sorted" | "list" | "tuple" | "set" | "reversed"),
                    args=[inner, *_],
                ):
                    yield from self._elements(found.at(inner), indexes)
                case ast.Call(func=ast.Attribute(value=holder, attr="items" | "values")):
                    if not indexes or indexes[0] == 1:
                        yield from self._values(found.at(holder), indexes[1:])

    def _parameter_set(self, item: Origin, indexes: tuple[int, ...]) -> Iterator[Origin]:
        """An element; `pytest.param(value, ...)` stands for its values."""
        if not indexes and isinstance(item.value, ast.Call) and is_parameter_set(item.value):
            yield from map(item.at, item.value.args[:1])
        else:
            yield from self._picked(item, indexes)

    def _values(self, mapping: Origin, indexes: tuple[int, ...]) -> Iterator[Origin]:
        for found in self.behind(mapping):
            if isinstance(found.value, ast.Dict):
                for value in found.value.values:
                    yield from self._picked(found.at(value), indexes)
