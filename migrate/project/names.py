"""What names mean: scopes, imports, parameters and assignments (PEP 227, PEP 572)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrate.project.annotations import element_of, part_of
from migrate.project.env import Env
from migrate.project.facts import (
    ANY,
    REST,
    Binding,
    BindingKind,
    Function,
    Imported,
    Namespace,
)
from migrate.project.index import BUILTIN_NAMES
from migrate.project.memo import Answer
from migrate.project.namespaces import namespace_of
from migrate.project.types import (
    NOTHING,
    UNKNOWN,
    ClassObject,
    ClassRef,
    External,
    Instance,
    ModuleObject,
    Type,
    builtin,
    union,
)
from migrate.syntax import captures, text_of

if TYPE_CHECKING:
    from migrate.project.infer import Project


_NO_RECEIVER = frozenset({"staticmethod", "abstractstaticmethod"})
_CLASS_METHODS = frozenset({"classmethod", "abstractclassmethod"})
_INSTANCE_METHODS = frozenset(
    {
        "abstractmethod",
        "cached_property",
        "deleter",
        "final",
        "getter",
        "overload",
        "override",
        "property",
        "setter",
    }
)
_IMPLICIT_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


class Names:
    """What names mean, by the scopes that they are looked up in."""

    def __init__(self, project: Project) -> None:
        """Answer for one project; nothing is read yet."""
        self._project = project
        self.locals: dict[tuple[str, int, int], Namespace] = {}
        self.module_names: dict[tuple[str, str], Answer[Type]] = {}

    def name(self, name: str, env: Env) -> Type:
        """What a name can be bound to, wherever in its scope it is bound."""
        if name in env.hidden:
            return UNKNOWN
        for depth, scope in enumerate(env.scopes):
            namespace = self.local_namespace(env.path, scope)
            here = Env(env.path, env.scopes[depth:], env.hidden)
            if name in namespace.declared:
                return self._project.tracing.declared(name, here)
            if name in namespace.names:
                if _rebound_by_nested(scope, name):
                    return self._project.tracing.rebound(name, here)
                found = union(*(self.binding(b, name, here) for b in namespace.names[name]))
                around = Env(env.path, env.scopes[depth + 1 :], env.hidden)
                if scope.type == "class_definition" and self._is_bound(name, around):
                    # Until the class binds it, a name in its body means what it does around it.
                    return union(found, self.name(name, around))
                return found
        return self.module_name(env.path, name)

    def _is_bound(self, name: str, env: Env) -> bool:
        namespaces = [self.local_namespace(env.path, scope) for scope in env.scopes]
        module = self._project.index.namespace(env.path)
        return (
            any(name in each.names or name in each.declared for each in [*namespaces, module])
            or bool(module.stars)
            or name in BUILTIN_NAMES
        )

    def local_namespace(self, path: str, scope: Node) -> Namespace:
        """What a scope of a file binds."""
        key = (path, scope.start_byte, scope.end_byte)
        found = self.locals.get(key)
        if found is None:
            found = self.locals[key] = namespace_of(scope)
        return found

    def module_name(self, path: str, name: str) -> Type:
        """What a name means at the top level of a module, built-in names included."""
        key = (path, name)
        return self._project.memo.once(
            self.module_names, key, lambda: self._module_name(path, name), NOTHING, UNKNOWN
        )

    def _module_name(self, path: str, name: str) -> Type:
        namespace = self._project.index.namespace(path)
        if name in namespace.declared:
            return self._project.tracing.rebound(name, Env(path))
        bindings = namespace.names.get(name, [])
        first = min((binding.start for binding in bindings), default=-1)
        found = [self.binding(binding, name, Env(path)) for binding in bindings]
        for star in namespace.stars:
            brought = self._starred(star, name, path)
            # What nobody knows to be brought in before the first definition, that one replaces.
            found += [brought] if brought != UNKNOWN or star.start > first else []
        if bindings or any(found):
            return union(*found, self._project.tracing.variable(path, name, namespace))
        if name in BUILTIN_NAMES:
            return frozenset({ClassObject(External(f"builtins.{name}"))})
        return UNKNOWN

    def _starred(self, star: Binding, name: str, path: str) -> Type:
        """What a star import binds a name to: nothing if its module is known not to have it."""
        imported = star.imported
        target = self._project.index.import_target(imported, path) if imported else None
        if target is None:
            return UNKNOWN
        namespace = self._project.index.namespace(target)
        exported = namespace.names.get("__all__", [])
        listed = [f"{quote}{name}{quote}" for quote in "'\""]
        if exported:
            # A list that is built in steps may have any name.
            plain = len(exported) == 1 and exported[0].value is not None
            if plain and not any(word in (exported[0].value or "") for word in listed):
                return NOTHING
        elif name.startswith("_"):
            return NOTHING
        if name in namespace.names or namespace.stars:
            found = self.module_name(target, name)
            builtin = frozenset({ClassObject(External(f"builtins.{name}"))})
            return NOTHING if found == builtin and name not in namespace.names else found
        return NOTHING

    def binding(self, binding: Binding, name: str, env: Env) -> Type:
        """What one binding of a name binds it to; `env` starts with the scope that it is in."""
        key = (env.path, name, binding)
        return self._project.memo.once(
            None, key, lambda: self._bound(binding, name, env), NOTHING, UNKNOWN
        )

    def _bound(self, binding: Binding, name: str, env: Env) -> Type:
        match binding.kind:
            case BindingKind.PARAMETER:
                mark = self._project.tracing.parameter(env.path, env.scopes[0], name)
                return self._parameter(binding, name, env) | mark
            case BindingKind.ASSIGNED if binding.annotation is not None:
                mark = self._project.tracing.bound(env.path, binding, name)
                said = self._project.expressions.annotation(binding.annotation, env)
                value = partial(self._project.expressions.infer, binding.value, env)
                return self._project.tracing.said(said, value) | mark
            case BindingKind.ASSIGNED | BindingKind.ALIAS:
                mark = self._project.tracing.bound(env.path, binding, name)
                return self._project.expressions.infer(binding.value, env) | mark
            case BindingKind.UNPACKED:
                unpacked = self._project.expressions.infer(binding.value, env)
                return _unpacked(unpacked, binding)
            case BindingKind.LOOP | BindingKind.UNPACKED_LOOP:
                around = self._project.env_at(env.path, env.scopes[0]) if binding.outside else env
                element = self._project.expressions.element(binding.value, around)
                is_whole = binding.kind is BindingKind.LOOP
                return element if is_whole else _unpacked(element, binding)
            case BindingKind.WITH:
                return self._project.calls.entered(
                    self._project.expressions.infer(binding.value, env)
                )
            case BindingKind.CAUGHT:
                return self._project.tracing.caught(binding, env)
            case BindingKind.IMPORT if binding.imported is not None:
                return self._imported(binding.imported, env.path)
            case BindingKind.FUNCTION:
                return self._project.calls.function(env.path, binding.start)
            case BindingKind.CLASS:
                return frozenset({ClassObject(ClassRef(env.path, binding.start, name))})
            case BindingKind.OPAQUE if env.scopes and binding.start == env.scopes[0].start_byte:
                # `*args` and `**kwargs`
                return UNKNOWN | self._project.tracing.parameter(env.path, env.scopes[0], name)
        return UNKNOWN

    def _imported(self, imported: Imported, importer: str) -> Type:
        found = self._brought_in(imported, importer)
        return self._project.tracing.named(found, importer)

    def _brought_in(self, imported: Imported, importer: str) -> Type:
        target = self._project.index.import_target(imported, importer)
        if imported.name is None:
            if target is not None:
                return frozenset({ModuleObject(target)})
            return frozenset({ClassObject(External(imported.module))})
        if target is not None:
            return self.module_attribute(target, imported.name)
        prefix = "." * imported.level + imported.module
        return frozenset({ClassObject(External(f"{prefix}.{imported.name}"))})

    def module_attribute(self, module: str, name: str) -> Type:
        """What `module.name` is: something that the module binds, else a submodule of it."""
        found = UNKNOWN
        namespace = self._project.index.namespace(module)
        if name in namespace.names or namespace.stars:
            found = self.module_name(module, name)
        if found == UNKNOWN and name not in namespace.names:
            submodule = self._project.index.modules.submodule(module, name)
            if submodule is not None:
                return frozenset({ModuleObject(submodule)})
        return found

    def _parameter(self, binding: Binding, name: str, env: Env) -> Type:
        scope = env.scopes[0]
        if binding.annotation is not None:
            return self._project.expressions.annotation(
                binding.annotation, self._signature_env(env.path, scope)
            )
        if scope.type != "function_definition":
            return UNKNOWN
        owner = self._project.hierarchy.owner(env.path, scope)
        if owner is None:
            return self._project.fixtures.parameter(env.path, scope, name)
        facts = self._project.index.function_facts(env.path, scope.start_byte)
        names = [parameter.name for parameter in facts.parameters] if facts else []
        if facts is not None and not facts.decorators_named & _NO_RECEIVER and names[:1] == [name]:
            return self._receiver(owner, facts, name)
        found = self._overridden_parameter(owner, facts, name)
        if found == UNKNOWN:
            return self._project.fixtures.parameter(env.path, scope, name)
        return found

    def _receiver(self, owner: ClassRef, facts: Function, name: str) -> Type:
        """The type of a method's first parameter, by its decorators and by convention."""
        bindings = self._project.index.class_facts(owner).members.get(facts.name, ())
        if any(binding.kind is not BindingKind.FUNCTION for binding in bindings):
            return UNKNOWN  # wrapped after its definition
        if facts.decorators_named & _CLASS_METHODS or facts.name in _IMPLICIT_CLASS_METHODS:
            return frozenset({ClassObject(owner)})
        if facts.decorators_named <= _INSTANCE_METHODS or name == "self":
            return frozenset({Instance(owner)})
        return UNKNOWN

    def _overridden_parameter(self, owner: ClassRef, facts: Function | None, name: str) -> Type:
        """The type that a base class's method of the same name gives the parameter."""
        if facts is None:
            return UNKNOWN
        for base in self._project.hierarchy.lineage(owner).order[1:]:
            types: list[Type] = []
            for binding in self._project.index.class_facts(base).members.get(facts.name, ()):
                node = self._function_node(base.path, binding)
                above = node and self._project.index.function_facts(base.path, binding.start)
                for parameter in above.parameters if above else ():
                    if parameter.name == name and parameter.annotation is not None and node:
                        around = self._signature_env(base.path, node)
                        types.append(
                            self._project.expressions.annotation(parameter.annotation, around)
                        )
            if types:
                return union(*types)
        return UNKNOWN

    def _signature_env(self, path: str, function: Node) -> Env:
        """Where a function's annotations are evaluated: around it, with its type parameters."""
        return self._project.env_at(path, function.child_by_field_name("parameters") or function)

    def _function_node(self, path: str, binding: Binding) -> Node | None:
        if binding.kind is not BindingKind.FUNCTION:
            return None
        return self._project.index.node(path, binding.start, "function_definition")


def _unpacked(value: Type, binding: Binding) -> Type:
    """What a name in a pattern takes of a value."""
    for part in binding.parts:
        if part == REST:
            value = builtin("list", UNKNOWN | element_of(value))
        else:
            value = element_of(value) if part == ANY else part_of(value, *part)
    return value


def _rebound_by_nested(scope: Node, name: str) -> bool:
    """Whether a function inside the scope declares the name `nonlocal`."""
    if b"nonlocal" not in (scope.text or b""):
        return False
    found = captures("(nonlocal_statement (identifier) @name)", scope).get("name", [])
    return any(text_of(node) == name for node in found)
