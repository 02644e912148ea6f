"""Type inference over source: names, attributes, calls, and the class hierarchy.

It follows what Python does with names (PEP 227, PEP 3134 scopes; C3 linearisation, PEP 253) and
what annotations say (PEP 484, 585, 604). What it cannot follow is unknown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from tree_sitter import Node

from migrate.project.annotations import (
    container_method,
    element_of,
    instantiate,
    is_self,
    item_of,
)
from migrate.project.facts import (
    Binding,
    BindingKind,
    Class,
    Function,
    Imported,
    Namespace,
    namespace_of,
)
from migrate.project.index import BUILTIN_NAMES, Files, Index, parse_expression
from migrate.project.types import (
    NONE,
    NOTHING,
    UNKNOWN,
    Atom,
    Awaitable,
    ClassObject,
    ClassRef,
    External,
    FunctionObject,
    Instance,
    ModuleObject,
    Type,
    builtin,
    mentions,
    union,
    without_none,
)
from migrate.syntax import captures, enclosing_scopes, identifier_at, text_of

_K = TypeVar("_K")
_V = TypeVar("_V")
_DEEPEST = 40
_NO_CUT = 1 << 30
_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty"})
_CONTEXT_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
# Decorators that leave what a call returns as it is annotated.
_TRANSPARENT = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "override", "overload", "final"}
)
_BUILTIN_CLASSES = frozenset(
    {"dict", "list", "set", "frozenset", "tuple", "str", "bytes", "int", "float", "bool"}
)
_SAME_AS_ARGUMENT = frozenset({"copy.copy", "copy.deepcopy", "dataclasses.replace"})


@dataclass(frozen=True, slots=True)
class Env:
    """Where an expression stands: a file, and the scopes around it below the module's."""

    path: str
    scopes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """A class and its bases in the order that Python searches them.

    `complete` tells whether every base is a class of the project or one that adds nothing.
    """

    order: tuple[ClassRef, ...]
    complete: bool


class Project:
    """Facts across files, computed on demand and remembered."""

    def __init__(self, files: Files) -> None:
        """Read nothing yet."""
        self.index = Index(files)
        self._lineages: dict[ClassRef, Lineage] = {}
        self._locals: dict[tuple[str, int, int], Namespace] = {}
        self._returns: dict[tuple[str, int], Type] = {}
        self._attributes: dict[tuple[ClassRef, str], Type] = {}
        self._module_names: dict[tuple[str, str], Type] = {}
        self._active: dict[object, int] = {}
        self._shallowest_cut = _NO_CUT

    def replacing(self, path: str) -> Project:
        """The same project with all forgotten that depends on one file, which is about to change.

        The caller hands the file's new tree to `index.view`.
        """
        other = Project.__new__(Project)
        other.index = self.index.replacing(path)
        other._lineages = _Derived(
            self._lineages,
            lambda ref, lineage: all(cls.path != path for cls in lineage.order),
        )
        other._locals = {}
        other._returns = _Derived(self._returns, lambda key, type_: _elsewhere(path, key[0], type_))
        other._attributes = _Derived(
            self._attributes, lambda key, type_: _elsewhere(path, key[0].path, type_)
        )
        other._module_names = _Derived(
            self._module_names, lambda key, type_: _elsewhere(path, key[0], type_)
        )
        other._active = {}
        other._shallowest_cut = _NO_CUT
        return other

    # Names

    def env_at(self, path: str, node: Node) -> Env:
        """The surroundings of a node of a file."""
        return Env(path, tuple(enclosing_scopes(node)[:-1]))

    def find(self, dotted: str) -> Type:
        """What an absolute dotted name means in this project; empty if there is no such thing."""
        parts = dotted.split(".")
        for length in range(len(parts) - 1, 0, -1):
            module = self.index.modules.absolute(".".join(parts[:length]), "")
            if module is not None:
                type_: Type = frozenset({ModuleObject(module)})
                for part in parts[length:]:
                    type_ = self.attribute(type_, part)
                return NOTHING if type_ == UNKNOWN else type_
        return NOTHING

    def find_class(self, dotted: str) -> ClassRef | None:
        """The class of that name, through re-exports; None if the project has none."""
        for atom in self.find(dotted):
            if isinstance(atom, ClassObject) and isinstance(atom.cls, ClassRef):
                return atom.cls
        return None

    def name(self, name: str, env: Env) -> Type:
        """What a name can be bound to, wherever in its scope it is bound."""
        for depth, scope in enumerate(env.scopes):
            namespace = self.local_namespace(env.path, scope)
            if name in namespace.declared:
                return UNKNOWN
            if name in namespace.names:
                if _rebound_by_nested(scope, name):
                    return UNKNOWN
                here = Env(env.path, env.scopes[depth:])
                return union(*(self._binding(b, name, here) for b in namespace.names[name]))
        return self.module_name(env.path, name)

    def local_namespace(self, path: str, scope: Node) -> Namespace:
        """What a scope of a file binds."""
        key = (path, scope.start_byte, scope.end_byte)
        found = self._locals.get(key)
        if found is None:
            found = self._locals[key] = namespace_of(scope)
        return found

    def module_name(self, path: str, name: str) -> Type:
        """What a name means at the top level of a module, built-in names included."""
        key = (path, name)
        return self._once(self._module_names, key, lambda: self._module_name(path, name), NOTHING)

    def _module_name(self, path: str, name: str) -> Type:
        namespace = self.index.namespace(path)
        if name in namespace.declared:
            return UNKNOWN
        if name in namespace.names:
            return union(*(self._binding(b, name, Env(path)) for b in namespace.names[name]))
        for star in namespace.stars:
            target = self.index.import_target(star, path)
            if target is None:
                return UNKNOWN
            found = self.module_name(target, name) if not name.startswith("_") else UNKNOWN
            if found != UNKNOWN:
                return found
        if name in BUILTIN_NAMES:
            return frozenset({ClassObject(External(f"builtins.{name}"))})
        return UNKNOWN

    def _binding(self, binding: Binding, name: str, env: Env) -> Type:
        key = (env.path, name, binding)
        return self._once(None, key, lambda: self._bound(binding, name, env), NOTHING)

    def _bound(self, binding: Binding, name: str, env: Env) -> Type:
        match binding.kind:
            case BindingKind.PARAMETER:
                return self._parameter(binding, name, env)
            case BindingKind.ASSIGNED if binding.annotation is not None:
                return self.annotation(binding.annotation, env)
            case BindingKind.ASSIGNED | BindingKind.ALIAS:
                return self.infer(binding.value, env)
            case BindingKind.LOOP:
                return element_of(self.infer(binding.value, env))
            case BindingKind.WITH:
                return self._entered(self.infer(binding.value, env))
            case BindingKind.IMPORT if binding.imported is not None:
                return self._imported(binding.imported, env.path)
            case BindingKind.FUNCTION:
                return frozenset({FunctionObject(env.path, binding.start)})
            case BindingKind.CLASS:
                return frozenset({ClassObject(ClassRef(env.path, binding.start, name))})
        return UNKNOWN

    def _imported(self, imported: Imported, importer: str) -> Type:
        target = self.index.import_target(imported, importer)
        if imported.name is None:
            if target is not None:
                return frozenset({ModuleObject(target)})
            return frozenset({ClassObject(External(imported.module))})
        if target is not None:
            return self._module_attribute(target, imported.name)
        prefix = "." * imported.level + imported.module
        return frozenset({ClassObject(External(f"{prefix}.{imported.name}"))})

    def _module_attribute(self, module: str, name: str) -> Type:
        namespace = self.index.namespace(module)
        found = UNKNOWN
        if name in namespace.names or namespace.stars:
            found = self.module_name(module, name)
        if found == UNKNOWN and name not in namespace.names:
            submodule = self.index.modules.submodule(module, name)
            if submodule is not None:
                return frozenset({ModuleObject(submodule)})
        return found

    def _parameter(self, binding: Binding, name: str, env: Env) -> Type:
        scope = env.scopes[0]
        if binding.annotation is not None:
            return self.annotation(binding.annotation, self.env_at(env.path, scope))
        owner = self.owner(env.path, scope)
        if owner is None:
            return UNKNOWN
        facts = self.index.function_facts(env.path, scope.start_byte)
        names = [parameter.name for parameter in facts.parameters] if facts else []
        if facts is not None and names[:1] == [name] and "staticmethod" not in facts.decorators:
            if "classmethod" in facts.decorators or facts.name in _IMPLICIT_CLASS_METHODS:
                return frozenset({ClassObject(owner)})
            return frozenset({Instance(owner)})
        return self._overridden_parameter(owner, facts, name)

    def _overridden_parameter(self, owner: ClassRef, facts: Function | None, name: str) -> Type:
        """The type that a base class's method of the same name gives the parameter."""
        if facts is None:
            return UNKNOWN
        for base in self.lineage(owner).order[1:]:
            for binding in self.index.class_facts(base).members.get(facts.name, ()):
                node = self._function_node(base.path, binding)
                above = node and self.index.function_facts(base.path, binding.start)
                for parameter in above.parameters if above else ():
                    if parameter.name == name and parameter.annotation is not None and node:
                        return self.annotation(parameter.annotation, self.env_at(base.path, node))
        return UNKNOWN

    def _function_node(self, path: str, binding: Binding) -> Node | None:
        if binding.kind is not BindingKind.FUNCTION:
            return None
        return self.index.node(path, binding.start, "function_definition")

    # Expressions

    def annotation(self, source: str | ast.expr | None, env: Env) -> Type:
        """The type of the values that an annotation allows, quoted or not."""
        node = parse_expression(source) if isinstance(source, str) else source
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.annotation(node.value, env)
        return instantiate(self.infer(node, env))

    def infer(self, source: str | ast.expr | None, env: Env) -> Type:
        """The type of an expression's value."""
        node = parse_expression(source) if isinstance(source, str) else source
        if node is None or len(self._active) > _DEEPEST:
            return UNKNOWN
        match node:
            case ast.Name(id=name):
                return self.name(name, env)
            case ast.Attribute(value=value, attr=attribute):
                return self.attribute(self.infer(value, env), attribute)
            case ast.Call():
                return self._call(node, env)
            case ast.Await(value=value):
                return self._awaited(self.infer(value, env))
            case ast.NamedExpr(value=value):
                return self.infer(value, env)
            case ast.BoolOp(op=operator, values=values):
                return self._either(isinstance(operator, ast.Or), values, env)
            case ast.IfExp(body=body, orelse=orelse):
                return union(self.infer(body, env), self.infer(orelse, env))
            case ast.Subscript(value=value, slice=index):
                return self._subscript(self.infer(value, env), index, env)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._either_class(left, right, env)
            case ast.Constant(value=constant):
                return _constant(constant)
            case ast.JoinedStr():
                return builtin("str")
            case ast.List(elts=items) | ast.Set(elts=items) | ast.Tuple(elts=items):
                kind = type(node).__name__.lower()
                return builtin(kind, union(*(self.infer(item, env) for item in items)))
            case ast.Dict(keys=keys, values=values):
                types = [self.infer(key, env) if key else UNKNOWN for key in keys]
                return builtin(
                    "dict", union(*types), union(*(self.infer(value, env) for value in values))
                )
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                kinds = {ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict"}
                return builtin(kinds.get(type(node), "iterator"), UNKNOWN)
        return UNKNOWN

    def _either(self, is_or: bool, values: list[ast.expr], env: Env) -> Type:
        types = [self.infer(value, env) for value in values]
        if is_or:
            types = [*(without_none(type_) for type_ in types[:-1]), types[-1]]
        return union(*types)

    def _either_class(self, left: ast.expr, right: ast.expr, env: Env) -> Type:
        """`X | Y` between classes is a union (PEP 604); between values it is unknown."""
        if not all(self._is_type_form(side, env) for side in (left, right)):
            return UNKNOWN
        arguments = (self.annotation(left, env), self.annotation(right, env))
        return frozenset({ClassObject(External("typing.Union"), arguments)})

    def _is_type_form(self, node: ast.expr, env: Env) -> bool:
        if isinstance(node, ast.Constant):
            return node.value is None or isinstance(node.value, str)
        type_ = self.infer(node, env)
        return bool(type_) and all(isinstance(atom, ClassObject) for atom in type_)

    def _subscript(self, type_: Type, index: ast.expr, env: Env) -> Type:
        found: list[Type] = []
        for atom in type_:
            if isinstance(atom, ClassObject) and not atom.arguments:
                items = index.elts if isinstance(index, ast.Tuple) else [index]
                arguments = tuple(self._argument(atom, item, env) for item in items)
                found.append(frozenset({ClassObject(atom.cls, arguments)}))
            else:
                found.append(item_of(frozenset({atom})))
        return union(*found) or UNKNOWN

    def _argument(self, generic: ClassObject, node: ast.expr, env: Env) -> Type:
        """The type that a generic's argument in brackets stands for."""
        if isinstance(node, ast.Constant) and node.value is ...:
            return builtin("ellipsis")
        is_literal = isinstance(generic.cls, External) and generic.cls.name == "Literal"
        return UNKNOWN if is_literal else self.annotation(node, env)

    def attribute(self, type_: Type, name: str) -> Type:
        """The type of `value.name` for a value of a type."""
        return union(*(self._atom_attribute(frozenset({atom}), name) for atom in type_)) or UNKNOWN

    def _atom_attribute(self, single: Type, name: str) -> Type:
        (atom,) = single
        match atom:
            case ModuleObject(path=path):
                return self._module_attribute(path, name)
            case ClassObject(cls=External(dotted=dotted)):
                return frozenset({ClassObject(External(f"{dotted}.{name}"))})
            case ClassObject(cls=ClassRef() as ref) | Instance(cls=ClassRef() as ref):
                return self.member(ref, name, single)
        return UNKNOWN

    def member(self, ref: ClassRef, name: str, receiver: Type) -> Type:
        """What reading attribute `name` gives on an object of a class, or on the class."""
        lineage = self.lineage(ref)
        for cls in lineage.order:
            bindings = self.index.class_facts(cls).members.get(name)
            if bindings:
                found = union(*(self._member(cls, b, name, receiver) for b in bindings))
                plain = all(b.kind is BindingKind.ASSIGNED and not b.annotation for b in bindings)
                return union(found, self.instance_attribute(ref, name)) if plain else found
        return self.instance_attribute(ref, name) or UNKNOWN

    def _member(self, cls: ClassRef, binding: Binding, name: str, receiver: Type) -> Type:
        node = self.index.node(cls.path, cls.start, "class_definition")
        if node is None:
            return UNKNOWN
        if binding.kind is not BindingKind.FUNCTION:
            outer = self.env_at(cls.path, node)
            return self._binding(binding, name, Env(cls.path, (node, *outer.scopes)))
        facts = self.index.function_facts(cls.path, binding.start)
        decorators = facts.decorators if facts else ()
        if any(decorator.rpartition(".")[2] in _PROPERTIES for decorator in decorators):
            return self.returns(cls.path, binding.start, receiver)
        if any(decorator.endswith((".setter", ".deleter")) for decorator in decorators):
            return NOTHING
        return frozenset({FunctionObject(cls.path, binding.start, receiver)})

    def instance_attribute(self, ref: ClassRef, name: str) -> Type:
        """The union of all that the class and its bases assign to `self.name`; maybe nothing."""
        return self._once(
            self._attributes,
            (ref, name),
            lambda: union(*(self._assigned(cls, name) for cls in self.lineage(ref).order)),
            NOTHING,
        )

    def _assigned(self, cls: ClassRef, name: str) -> Type:
        tree = self.index.tree(cls.path)
        body = self.index.node(cls.path, cls.start, "class_definition")
        if tree is None or body is None:
            return NOTHING
        types: list[Type] = []
        for match in re.finditer(rb"\b%s\b" % re.escape(name.encode()), body.text or b""):
            start = body.start_byte + match.start()
            node = identifier_at(tree, start, len(name.encode()))
            if node is not None:
                types.append(self._attribute_target(cls, node))
        return union(*types)

    def _attribute_target(self, cls: ClassRef, name: Node) -> Type:
        """What is assigned where `name` is the attribute in an assignment to `self.name`."""
        attribute = name.parent
        if attribute is None or attribute.type != "attribute" or attribute.parent is None:
            return NOTHING
        holder = attribute.child_by_field_name("object")
        assignment = attribute.parent
        env = self.env_at(cls.path, attribute)
        if holder is None or holder.type != "identifier" or name == holder:
            return NOTHING
        if assignment.type in ("pattern_list", "tuple_pattern", "as_pattern_target"):
            return UNKNOWN
        if assignment.type != "assignment" or assignment.child_by_field_name("left") != attribute:
            return NOTHING
        if self.name(text_of(holder), env) != frozenset({Instance(cls)}):
            return NOTHING
        annotation = assignment.child_by_field_name("type")
        if annotation is not None:
            return self.annotation(text_of(annotation), env)
        value = assignment.child_by_field_name("right")
        while value is not None and value.type == "assignment":
            value = value.child_by_field_name("right")
        return self.infer(text_of(value), env) if value is not None else NOTHING

    def _call(self, call: ast.Call, env: Env) -> Type:
        if isinstance(call.func, ast.Attribute):
            holder = self.infer(call.func.value, env)
            contained = container_method(holder, call.func.attr)
            if contained is not None:
                return contained
        function = self.infer(call.func, env)
        return union(*(self._result(frozenset({atom}), call, env) for atom in function)) or UNKNOWN

    def _result(self, single: Type, call: ast.Call, env: Env) -> Type:
        (atom,) = single
        match atom:
            case FunctionObject(path=path, start=start, receiver=receiver):
                return self.returns(path, start, receiver)
            case ClassObject(cls=ClassRef() as ref):
                made_otherwise = self.find_member(ref, "__new__") is not None
                return UNKNOWN if made_otherwise else frozenset({Instance(ref)})
            case ClassObject(cls=External(dotted=dotted)):
                return self._external_result(dotted, call, env)
        return UNKNOWN

    def _external_result(self, dotted: str, call: ast.Call, env: Env) -> Type:
        module, _, name = dotted.rpartition(".")
        if module == "builtins" and name in _BUILTIN_CLASSES:
            return builtin(name, *(UNKNOWN for _ in range(2)))
        if dotted in _SAME_AS_ARGUMENT and call.args:
            return self.infer(call.args[0], env)
        if dotted in ("typing.cast", "typing_extensions.cast") and call.args:
            return self.annotation(call.args[0], env)
        return UNKNOWN

    def returns(self, path: str, start: int, receiver: Type | None) -> Type:
        """The type that a call of the function gives, by its annotation."""
        key = (path, start)
        found = self._once(self._returns, key, lambda: self._annotated_return(path, start), NOTHING)
        return frozenset(
            inner for atom in found for inner in _with_receiver(atom, receiver or UNKNOWN)
        )

    def _annotated_return(self, path: str, start: int) -> Type:
        node = self.index.node(path, start, "function_definition")
        facts = self.index.function_facts(path, start)
        if node is None or facts is None or facts.returns is None:
            return UNKNOWN
        type_ = self.annotation(facts.returns, self.env_at(path, node))
        for decorator in facts.decorators:
            name = decorator.rpartition(".")[2]
            if name in _CONTEXT_MANAGERS:
                return frozenset({Instance(External(f"contextlib.{name}"), (element_of(type_),))})
            if name not in _TRANSPARENT and name not in _PROPERTIES:
                return UNKNOWN
        is_generator = any(
            isinstance(atom, Instance) and atom.cls.name in _ASYNC_GENERATORS for atom in type_
        )
        return frozenset({Awaitable(type_)}) if facts.asynchronous and not is_generator else type_

    def _awaited(self, type_: Type) -> Type:
        return union(*(atom.result if isinstance(atom, Awaitable) else UNKNOWN for atom in type_))

    def _entered(self, manager: Type) -> Type:
        """What `with manager as name` binds."""
        found: list[Type] = []
        for atom in manager:
            if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef):
                enter = union(*(self.member(atom.cls, name, frozenset({atom})) for name in _ENTER))
                results = union(
                    *(
                        self.returns(function.path, function.start, function.receiver)
                        for function in enter
                        if isinstance(function, FunctionObject)
                    )
                )
                found.append(
                    union(
                        *(a.result if isinstance(a, Awaitable) else frozenset({a}) for a in results)
                    )
                )
            elif isinstance(atom, Instance) and atom.cls.name in _CONTEXT_MANAGERS:
                found.append(atom.arguments[0] if atom.arguments else UNKNOWN)
            else:
                found.append(UNKNOWN)
        return union(*found) or UNKNOWN

    # Classes

    def owner(self, path: str, scope: Node) -> ClassRef | None:
        """The class whose body directly holds this function, or None."""
        parent = scope.parent
        if scope.type != "function_definition" or parent is None:
            return None
        if parent.type == "decorated_definition":
            parent = parent.parent
        while parent is not None and parent.type in _CLASS_LEVEL:
            parent = parent.parent
        if parent is None or parent.type != "class_definition":
            return None
        return self.class_at(path, parent)

    def class_at(self, path: str, node: Node) -> ClassRef:
        """The class that a `class_definition` of a file defines."""
        name = node.child_by_field_name("name")
        return ClassRef(path, node.start_byte, text_of(name) if name is not None else "")

    def lineage(self, ref: ClassRef) -> Lineage:
        """The class's method resolution order, as far as the project defines it."""
        unfinished = Lineage((ref,), False)
        return self._once(self._lineages, ref, lambda: self._linearise(ref), unfinished)

    def _linearise(self, ref: ClassRef) -> Lineage:
        facts = self.index.class_facts(ref)
        node = self.index.node(ref.path, ref.start, "class_definition")
        env = self.env_at(ref.path, node) if node is not None else Env(ref.path)
        complete = node is not None
        bases: list[ClassRef] = []
        for source in facts.bases:
            match tuple(self.infer(source, env)):
                case (ClassObject(cls=ClassRef() as base),):
                    bases.append(base)
                case (ClassObject(cls=External(dotted=dotted)),):
                    complete = complete and dotted.rpartition(".")[2] in _ADD_NOTHING
                case _:
                    complete = False
        lineages = [self.lineage(base) for base in bases]
        complete = complete and all(lineage.complete for lineage in lineages)
        order = _merge([list(lineage.order) for lineage in lineages] + [list(bases)])
        if order is None:
            return Lineage((ref,), False)
        return Lineage((ref, *order), complete)

    def find_member(self, ref: ClassRef, name: str) -> tuple[ClassRef, Binding] | None:
        """The class that provides member `name`, and its last binding there."""
        for cls in self.lineage(ref).order:
            bindings = self.index.class_facts(cls).members.get(name)
            if bindings:
                return cls, bindings[-1]
        return None

    def method(self, ref: ClassRef, name: str) -> Function | None:
        """The signature of the method that `object.name` finds, or None."""
        found = self.find_member(ref, name)
        if found is None or found[1].kind is not BindingKind.FUNCTION:
            return None
        return self.index.function_facts(found[0].path, found[1].start)

    def class_facts(self, ref: ClassRef) -> Class:
        """What the class binds and derives from."""
        return self.index.class_facts(ref)

    def _once(
        self, table: dict[_K, _V] | None, key: _K, compute: Callable[[], _V], cycle: _V
    ) -> _V:
        """`compute()`, remembered in `table`; `cycle` for a question that needs its own answer.

        What was computed below a cycle that is still open lacks the open question's other
        alternatives, and is not remembered.
        """
        if table is not None and key in table:
            return table[key]
        mark = (id(table) if table is not None else 0, key)
        if mark in self._active:
            self._shallowest_cut = min(self._shallowest_cut, self._active[mark])
            return cycle
        depth = self._active[mark] = len(self._active)
        try:
            value = compute()
        finally:
            del self._active[mark]
        if self._shallowest_cut >= depth:
            self._shallowest_cut = _NO_CUT
            if table is not None:
                table[key] = value
        return value


class _Derived(dict[_K, _V]):
    """A table that takes over those entries of another one that still hold."""

    def __init__(self, base: Mapping[_K, _V], holds: Callable[[_K, _V], bool]) -> None:
        super().__init__()
        self._base = base
        self._holds = holds

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (
            key in self._base and self._holds(key, self._base[key])  # type: ignore[arg-type, index]
        )

    def __missing__(self, key: _K) -> _V:
        return self._base[key]


def _elsewhere(path: str, about: str, type_: Type) -> bool:
    """Whether a fact neither is about a file nor leads into it."""
    return about != path and not any(mentions(atom, path) for atom in type_)


def _with_receiver(atom: Atom, receiver: Type) -> Type:
    """`atom`, or the receiver's own class where the annotation says `Self`."""
    if isinstance(atom, Awaitable):
        inner = (_with_receiver(each, receiver) for each in atom.result)
        return frozenset({Awaitable(union(*inner))})
    if not is_self(atom):
        return frozenset({atom})
    return frozenset(
        Instance(each.cls) if isinstance(each, ClassObject) else each for each in receiver
    )


def _constant(value: object) -> Type:
    if value is ...:
        return builtin("ellipsis")
    return NONE if value is None else builtin(type(value).__name__)


def _rebound_by_nested(scope: Node, name: str) -> bool:
    """Whether a function inside the scope declares the name `nonlocal`."""
    if b"nonlocal" not in (scope.text or b""):
        return False
    found = captures("(nonlocal_statement (identifier) @name)", scope).get("name", [])
    return any(text_of(node) == name for node in found)


def _merge(sequences: list[list[ClassRef]]) -> tuple[ClassRef, ...] | None:
    """The C3 merge of linearisations; None where the bases allow no consistent order."""
    merged: list[ClassRef] = []
    while sequences := [sequence for sequence in sequences if sequence]:
        heads = (sequence[0] for sequence in sequences)
        head = next((h for h in heads if not any(h in s[1:] for s in sequences)), None)
        if head is None:
            return None
        merged.append(head)
        sequences = [s[1:] if s[0] == head else s for s in sequences]
    return tuple(merged)


_IMPLICIT_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_ASYNC_GENERATORS = frozenset({"AsyncIterator", "AsyncGenerator", "AsyncIterable"})
_ENTER = ("__enter__", "__aenter__")
_CLASS_LEVEL = frozenset({"block", "if_statement", "else_clause", "elif_clause", "try_statement"})
# Bases outside the project that have no methods which a migration could call by mistake.
_ADD_NOTHING = frozenset({"object", "ABC", "Generic", "Protocol", "Enum", "NamedTuple"})
