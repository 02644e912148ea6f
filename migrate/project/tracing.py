"""Where values come from, for the objects of some classes.

A project that traces classes answers as any other does, and says more: an object of such a class
knows the file whose import or definition names the class, and what comes from a parameter or an
attribute is marked as such. Whether two places deal with the same object can then be read from
types.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrate.project.annotations import element_of, instantiate, is_plain
from migrate.project.binding import counterparts
from migrate.project.env import Env
from migrate.project.facts import Binding, BindingKind, Namespace
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
from migrate.syntax import FUNCTIONS, captures, own_nodes, text_of

if TYPE_CHECKING:
    from migrate.project.infer import Project


# An attribute of an attribute of something is looked for, and no further.
_MOST_DOTS = 2
# Behind the name of what is called, for what it returns.
RESULT = "()"
_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__"})
_CONTAINER = re.compile(
    r"[\[{]|(?:\w+\.)*"
    r"(?:dict|list|set|deque|defaultdict|OrderedDict|\w*Queue|ContextVar|Weak\w+)\s*[\[(]"
)
# fmt: off
_TAKING = frozenset({
    "copy", "get", "get_nowait", "items", "pop", "popitem", "popleft", "result", "setdefault",
    "values",
})
# fmt: on


class Tracing:
    """Marks types by where their values come from; does nothing where no class is traced."""

    def __init__(self, project: Project, classes: frozenset[ClassRef] = frozenset()) -> None:
        """Answer for one project."""
        self._project = project
        self._classes = classes
        self._annotations: dict[Given, str | None] = {}
        self._homes = frozenset(cls.path for cls in classes)

    @property
    def is_on(self) -> bool:
        """Whether any class is traced."""
        return bool(self._classes)

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

        A method's receiver has none.
        """
        if not self._classes or scope.type not in FUNCTIONS:
            return NOTHING
        start = scope.start_byte
        facts = self._project.index.function_facts(path, start)
        owner = self._project.owner(path, scope)
        if self.is_plain(Given(path, start, name)):
            return NOTHING
        if facts is None or owner is None:
            return frozenset({Given(path, start, name)})
        names = [parameter.name for parameter in facts.parameters]
        if names[:1] == [name] and "staticmethod" not in facts.decorators_named:
            return NOTHING
        marks = {Given(path, start, name)}
        for base in self._project.lineage(owner).order[1:]:
            for binding in self._project.class_facts(base).members.get(facts.name, ()):
                above = self._project.index.function_facts(base.path, binding.start)
                same = counterparts(facts, name, above) if above is not None else {name}
                if facts.name in _CONSTRUCTORS:
                    same &= {name}  # seldom called alike, and if so by what both have in common
                marks |= {Given(base.path, binding.start, each) for each in same}
        return frozenset(marks)

    def attribute(self, found: Type, cls: ClassRef, name: str) -> Type:
        """The type of an attribute, with the mark of what is put into it from elsewhere."""
        if not self._classes or self._is_method(found, cls, name):
            return found
        lineage = self._project.lineage(cls).order
        marks = (Given(each.path, each.start, name) for each in lineage)
        return found | {mark for mark in marks if not self.is_plain(mark)}

    def is_open(self, type_: Type) -> bool:
        """Whether all that is known of a value is where it comes from; never without tracing."""
        return self.is_on and all(atom in UNKNOWN or isinstance(atom, Given) for atom in type_)

    def member(self, holder: Given, name: str) -> Type:
        """The mark of an attribute of something of which only is known where it comes from."""
        if holder.name.count(".") >= _MOST_DOTS or self.is_said(holder):
            return UNKNOWN
        return UNKNOWN | {replace(holder, name=f"{holder.name}.{name}")}

    def is_said(self, given: Given) -> bool:
        """Whether a class is said to be that of whatever gets to a place."""
        annotation = self._annotation(given)
        return annotation is not None and "Any" not in annotation and annotation != "object"

    def is_plain(self, given: Given) -> bool:
        """Whether what gets to a place is said to be a plain value, so no object of a class."""
        return is_plain(self._annotation(given))

    def _annotation(self, given: Given) -> str | None:
        """How the parameter of a function or the attribute of a class is annotated."""
        if given not in self._annotations:
            self._annotations[given] = self._looked_up(given)
        return self._annotations[given]

    def _looked_up(self, given: Given) -> str | None:
        function = self._project.index.function_facts(given.path, given.start)
        if function is not None:
            return next((p.annotation for p in function.parameters if p.name == given.name), None)
        node = self._project.index.node(given.path, given.start, "class_definition")
        if node is None:
            return None
        facts = self._project.class_facts(self._project.hierarchy.class_at(given.path, node))
        found = {binding.annotation for binding in facts.members.get(given.name, ())}
        return next(iter(found)) if len(found) == 1 else None

    def _is_method(self, found: Type, cls: ClassRef, name: str) -> bool:
        """Whether an attribute is what the class defines, and no function that it was given."""
        if not any(isinstance(atom, FunctionObject) for atom in found):
            return False
        member = self._project.find_member(cls, name)
        return member is not None and member[1].kind is BindingKind.FUNCTION

    def bound(self, path: str, binding: Binding, name: str) -> Type:
        """What else an assigned name is: the mark of a container's content, or a lambda."""
        value = binding.value or ""
        if not self._classes:
            return NOTHING
        if value.startswith("lambda"):
            tree = self._project.index.tree(path)
            found = tree and tree.root_node.descendant_for_byte_range(
                binding.start, binding.start + 1
            )
            while found and found.type not in ("assignment", "named_expression"):
                found = found.parent
            while found and found.type in ("assignment", "named_expression"):
                found = found.child_by_field_name("right") or found.child_by_field_name("value")
            return self.function(path, found)
        if _CONTAINER.match(value) is None:
            return NOTHING
        return frozenset({Given(path, binding.start, name)})

    def declared(self, name: str, env: Env) -> Type:
        """What a name is that the innermost scope declares to be that of another one."""
        if not self._classes:
            return UNKNOWN
        if _declares("global", env.scopes[0], name):
            return self._project.names.module_name(env.path, name)
        return self._project.names.name(name, Env(env.path, env.scopes[1:], env.hidden))

    def rebound(self, name: str, env: Env) -> Type:
        """What a name is that functions inside its scope may bind, too; the module has no scope."""
        if not self._classes:
            return UNKNOWN
        tree = self._project.index.tree(env.path)
        scope = env.scopes[0] if env.scopes else tree.root_node if tree is not None else None
        if scope is None:
            return UNKNOWN
        kind = "nonlocal" if env.scopes else "global"
        found = self._bindings(name, scope, env)
        for statement in captures(f"({kind}_statement) @statement", scope).get("statement", []):
            inner = self._project.env_at(env.path, statement)
            if inner.scopes and _declares(kind, inner.scopes[0], name):
                found |= self._bindings(name, inner.scopes[0], inner)
        mark = self.of_module(env.path, name)
        if env.scopes:
            mark = Given(env.path, scope.start_byte, name)
        return UNKNOWN | found | {mark}

    def _bindings(self, name: str, scope: Node, env: Env) -> Type:
        namespace = self._project.index.namespace(env.path)
        if scope.type != "module":
            namespace = self._project.names.local_namespace(env.path, scope)
        bindings = namespace.names.get(name, ())
        return union(*(self._project.names.binding(each, name, env) for each in bindings))

    def variable(self, path: str, name: str, namespace: Namespace) -> Type:
        """The mark of a module's variable, which others may set where it is empty at first."""
        bindings = namespace.names.get(name, ())
        if not self._classes or not any(_is_empty(each) for each in bindings):
            return NOTHING
        return frozenset({self.of_module(path, name)})

    def of_module(self, path: str, name: str) -> Given:
        """The mark of a module's variable."""
        bindings = self._project.index.namespace(path).names.get(name, ())
        return Given(path, min((each.start for each in bindings), default=0), name)

    def function(self, path: str, node: Node | None) -> Type:
        """The function that a lambda makes; nothing for any other expression."""
        if not self._classes or node is None or node.type != "lambda":
            return NOTHING
        return frozenset({FunctionObject(path, node.start_byte)})

    def returned(self, path: str, start: int) -> Type:
        """What a call of the lambda gives that starts there; unknown where there is none."""
        node = self._project.index.node(path, start, "lambda") if self._classes else None
        body = node.child_by_field_name("body") if node is not None else None
        if body is None:
            return UNKNOWN
        env = self._project.env_at(path, body)
        return self.function(path, body) or self._project.infer(text_of(body), env)

    def completed(self, dotted: str, function: Type) -> Type:
        """What `functools.partial` makes of a function."""
        if not self._classes or dotted != "functools.partial":
            return UNKNOWN
        return frozenset({Instance(External(dotted), (function,))})

    def said(self, annotated: Type, found: Callable[[], Type]) -> Type:
        """What an annotation says, and what the value is found to be: others may have made it."""
        return annotated | (found() - UNKNOWN) if self._classes else annotated

    def taken(self, container: Type, method: str) -> Type:
        """What a method takes out of a container, by the mark of what is put in."""
        if not self._classes or method not in _TAKING:
            return NOTHING
        return frozenset(atom for atom in container if isinstance(atom, Given))

    def result(self, function: Given) -> Type:
        """What a call of something gives of which only is known where it comes from."""
        name = function.name.removesuffix(RESULT) + RESULT
        return frozenset({replace(function, name=name)})

    def caught(self, binding: Binding, env: Env) -> Type:
        """The exceptions of the classes that an `except` names, one or several."""
        if not self._classes:
            return UNKNOWN
        classes = self._project.expressions.infer(binding.value, env)
        several = element_of(frozenset(a for a in classes if isinstance(a, Instance)))
        one = frozenset(atom for atom in classes if isinstance(atom, ClassObject))
        return instantiate(union(one, several)) or UNKNOWN

    def given_by(self, method: str, holder: Type) -> Type:
        """What an object of a class of the project gives by a method that Python calls.

        Of `__iter__` that is what is in the iterator.
        """
        if not self._classes:
            return NOTHING
        found: list[Type] = []
        for atom in holder:
            if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef):
                functions = self._project.members.attribute(frozenset({atom}), method)
                given = self._project.calls.result(functions)
                found.append(element_of(given) if method == "__iter__" else given)
        return union(*found)

    def decorated(self, function: FunctionObject) -> Type:
        """A function with decorators: most run it in the end, and what they return first."""
        if not self._classes:
            return UNKNOWN
        found: Type = UNKNOWN | {function}
        node = self._project.index.node(function.path, function.start, "function_definition")
        facts = self._project.index.function_facts(function.path, function.start)
        if node is None or facts is None:
            return found
        env = self._project.env_at(function.path, node)
        for decorator in facts.decorators:
            made = self._project.calls.result(self._project.infer(decorator, env))
            functions = (atom for atom in made if isinstance(atom, FunctionObject))
            found |= {replace(each, receiver=function.receiver) for each in functions}
        return found

    def keyed(self, holder: Type, key: object) -> Type:
        """The marks of what is put into objects under a key, as into a `TypedDict`."""
        if not self._classes or not isinstance(key, str):
            return NOTHING
        classes = (atom.cls for atom in holder if isinstance(atom, Instance))
        lineages = (self._project.lineage(c).order for c in classes if isinstance(c, ClassRef))
        return frozenset(Given(c.path, c.start, key) for order in lineages for c in order)


def _declares(kind: str, scope: Node, name: str) -> bool:
    """Whether a scope itself declares a name to be that of another one."""
    return any(
        text_of(child) == name
        for statement in own_nodes(f"{kind}_statement", scope)
        for child in statement.named_children
    )


def _is_empty(binding: Binding) -> bool:
    return binding.kind is BindingKind.ASSIGNED and binding.value in (None, "None")


def _way(atom: Atom) -> str:
    if isinstance(atom, Instance | ClassObject) and isinstance(atom.cls, ClassRef):
        return atom.cls.via
    return ""
