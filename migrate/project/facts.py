"""What a scope binds, read from its syntax: the raw facts that name resolution works on.

Facts are values without syntax nodes: a tree may be dropped, its facts stay.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

from migrate.syntax import text_of


class BindingKind(StrEnum):
    """How a name comes to be bound."""

    PARAMETER = "parameter"
    ASSIGNED = "assigned"
    LOOP = "loop"
    UNPACKED = "unpacked"
    UNPACKED_LOOP = "unpacked loop"
    WITH = "with"
    CAUGHT = "caught"
    IMPORT = "import"
    FUNCTION = "function"
    CLASS = "class"
    ALIAS = "alias"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import statement brings in.

    `name` is None for `import module`. `level` counts the dots of a relative import. For
    `import a.b.c` without `as`, the bound name is `a` and so is `module`.
    """

    module: str
    name: str | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Binding:
    """One place that binds a name.

    `annotation` and `value` are sources; what `value` means depends on the kind: the assigned
    expression, the iterable of a loop, the context manager of a `with`, the classes of an `except`.
    `start` is the offset of the binding node: the definition for a function or class. `outside` is
    True for a value that is evaluated in the scope around, as the first iterable of a comprehension
    is. What is unpacked has its `parts` from the outermost to the innermost: the place among all
    targets, from 0, and their number; `ANY` beside a starred target, and `REST` for that one.
    """

    kind: BindingKind
    start: int
    annotation: str | None = None
    value: str | None = None
    imported: Imported | None = None
    outside: bool = False
    parts: tuple[tuple[int, int], ...] = ()


ANY = (-1, 0)
REST = (-1, -1)


class ParameterKind(StrEnum):
    """How a parameter takes its argument, named as in `inspect.Parameter`."""

    POSITIONAL_ONLY = "positional-only"
    POSITIONAL_OR_KEYWORD = "positional-or-keyword"
    VAR_POSITIONAL = "var-positional"
    KEYWORD_ONLY = "keyword-only"
    VAR_KEYWORD = "var-keyword"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function; `annotation` and `default` are sources."""

    name: str
    kind: ParameterKind
    annotation: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function as its `def` says it is; `decorators` and `returns` are sources."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: str | None
    decorators: tuple[str, ...]
    asynchronous: bool

    @property
    def decorators_named(self) -> frozenset[str]:
        """The decorators by their last names: `setter` for `@value.setter`."""
        return frozenset(d.partition("(")[0].rpartition(".")[2] for d in self.decorators)

    def accepts(self, positional: int, *, bound: bool) -> bool:
        """Whether a call with this many positional arguments binds; `bound` adds the receiver."""
        given = positional + (1 if bound else 0)
        slots = [
            parameter
            for parameter in self.parameters
            if parameter.kind
            in (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
        ]
        required = sum(parameter.default is None for parameter in slots)
        kinds = {parameter.kind for parameter in self.parameters}
        missing_keyword = any(
            parameter.kind is ParameterKind.KEYWORD_ONLY and parameter.default is None
            for parameter in self.parameters
        )
        fits = given <= len(slots) or ParameterKind.VAR_POSITIONAL in kinds
        return required <= given and fits and not missing_keyword


@dataclass(frozen=True, slots=True)
class Class:
    """A class as its body says it is: sources of bases and decorators, and what it binds.

    `metaclass` is the source of the class's own one.
    """

    name: str
    bases: tuple[str, ...]
    decorators: tuple[str, ...]
    members: dict[str, tuple[Binding, ...]]
    metaclass: str | None = None


@dataclass(slots=True)
class Namespace:
    """What one scope binds, and what it declares to be another scope's."""

    names: dict[str, list[Binding]]
    stars: list[Binding]
    declared: set[str]

    def add(self, name: str, binding: Binding) -> None:
        """Record one more binding of a name, as Python normalises it (NFKC)."""
        if not name.isascii():
            name = unicodedata.normalize("NFKC", name)
        self.names.setdefault(name, []).append(binding)


def parameters_of(scope: Node) -> tuple[Parameter, ...]:
    """The parameters of a function or lambda; none for other scopes."""
    node = scope.child_by_field_name("parameters")
    if node is None:
        return ()
    found: list[Parameter] = []
    kind = ParameterKind.POSITIONAL_OR_KEYWORD
    for child in node.named_children:
        if child.type == "positional_separator":
            found = [
                Parameter(p.name, ParameterKind.POSITIONAL_ONLY, p.annotation, p.default)
                for p in found
            ]
        elif child.type == "keyword_separator":
            kind = ParameterKind.KEYWORD_ONLY
        elif (parameter := _parameter(child, kind)) is not None:
            found.append(parameter)
            if parameter.kind is ParameterKind.VAR_POSITIONAL:
                kind = ParameterKind.KEYWORD_ONLY
    return tuple(found)


def _parameter(node: Node, kind: ParameterKind) -> Parameter | None:
    annotation = node.child_by_field_name("type")
    default = node.child_by_field_name("value")
    name = node.child_by_field_name("name") or node
    if node.type == "typed_parameter":
        name = node.named_children[0]
    if name.type == "list_splat_pattern":
        kind, name = ParameterKind.VAR_POSITIONAL, name.named_children[0]
    elif name.type == "dictionary_splat_pattern":
        kind, name = ParameterKind.VAR_KEYWORD, name.named_children[0]
    if name.type != "identifier":
        return None
    return Parameter(text_of(name), kind, source_of(annotation), source_of(default))


def function_of(node: Node) -> Function:
    """The facts of a `function_definition`."""
    return Function(
        name=source_of(node.child_by_field_name("name")) or "",
        parameters=parameters_of(node),
        returns=source_of(node.child_by_field_name("return_type")),
        decorators=decorators_of(node),
        asynchronous=bool(node.children) and node.children[0].type == "async",
    )


def decorators_of(definition: Node) -> tuple[str, ...]:
    """The sources of the decorators of a definition, without the `@`."""
    parent = definition.parent
    if parent is None or parent.type != "decorated_definition":
        return ()
    return tuple(
        text_of(child.named_children[0])
        for child in parent.named_children
        if child.type == "decorator" and child.named_children
    )


def source_of(node: Node | None) -> str | None:
    """The node's source, if there is a node."""
    return None if node is None else text_of(node)
