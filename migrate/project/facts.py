"""What a scope binds, read from its syntax: the raw facts that name resolution works on.

Facts are values without syntax nodes: a tree may be dropped, its facts stay.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

from migrate.syntax import COMPREHENSIONS, captures, descendants, enclosing_scopes, text_of


class BindingKind(StrEnum):
    """How a name comes to be bound."""

    PARAMETER = "parameter"
    ASSIGNED = "assigned"
    LOOP = "loop"
    WITH = "with"
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
    expression, the iterable of a loop, the context manager of a `with`. `start` is the offset of
    the binding node: the definition for a function or class. `outside` is True for a value that is
    evaluated in the scope around, as the first iterable of a comprehension is.
    """

    kind: BindingKind
    start: int
    annotation: str | None = None
    value: str | None = None
    imported: Imported | None = None
    outside: bool = False


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


def namespace_of(scope: Node) -> Namespace:
    """What a module, class, function, lambda or comprehension binds, in source order."""
    namespace = Namespace({}, [], set())
    if scope.type in COMPREHENSIONS:
        clauses = [node for node in scope.named_children if node.type == "for_in_clause"]
        for clause in clauses:
            _bind_loop(clause, namespace, outside=clause == clauses[0])
        return namespace
    for parameter in parameters_of(scope):
        binding = Binding(BindingKind.PARAMETER, scope.start_byte, parameter.annotation)
        if parameter.kind in (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD):
            binding = Binding(BindingKind.OPAQUE, scope.start_byte)
        namespace.add(parameter.name, binding)
    body = scope if scope.type == "module" else scope.child_by_field_name("body")
    if body is not None and scope.type != "lambda":
        for statement in _statements(body):
            _bind_statement(statement, namespace)
    _bind_walruses(scope, namespace)
    return namespace


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
    return Parameter(text_of(name), kind, _source(annotation), _source(default))


def function_of(node: Node) -> Function:
    """The facts of a `function_definition`."""
    return Function(
        name=_source(node.child_by_field_name("name")) or "",
        parameters=parameters_of(node),
        returns=_source(node.child_by_field_name("return_type")),
        decorators=_decorators(node),
        asynchronous=bool(node.children) and node.children[0].type == "async",
    )


def class_of(node: Node) -> Class:
    """The facts of a `class_definition`."""
    arguments = node.child_by_field_name("superclasses")
    given = arguments.named_children if arguments is not None else []
    bases = [text_of(child) for child in given if child.type not in ("keyword_argument", "comment")]
    keywords = {
        _source(child.child_by_field_name("name")): _source(child.child_by_field_name("value"))
        for child in given
        if child.type == "keyword_argument"
    }
    members = {name: tuple(found) for name, found in namespace_of(node).names.items()}
    name = _source(node.child_by_field_name("name")) or ""
    return Class(name, tuple(bases), _decorators(node), members, keywords.get("metaclass"))


def _decorators(definition: Node) -> tuple[str, ...]:
    parent = definition.parent
    if parent is None or parent.type != "decorated_definition":
        return ()
    return tuple(
        text_of(child.named_children[0])
        for child in parent.named_children
        if child.type == "decorator" and child.named_children
    )


def _source(node: Node | None) -> str | None:
    return None if node is None else text_of(node)


def _statements(block: Node) -> Iterator[Node]:
    """Every statement below a block in source order, other scopes' bodies left out."""
    stack = [block]
    while stack:
        node = stack.pop()
        if node is not block and node.type not in _CONTAINERS:
            yield node
        if node is block or node.type in _CONTAINERS or node.type in _COMPOUND:
            stack.extend(reversed(node.named_children))


_CONTAINERS = frozenset(
    {
        "block",
        "else_clause",
        "elif_clause",
        "finally_clause",
        "with_clause",
        "decorated_definition",
    }
)
_COMPOUND = frozenset(
    {
        "if_statement",
        "for_statement",
        "while_statement",
        "try_statement",
        "with_statement",
        "match_statement",
        "except_clause",
        "except_group_clause",
        "case_clause",
    }
)


def _bind_statement(node: Node, namespace: Namespace) -> None:
    """Record what one statement, clause or `with` item binds by itself."""
    bind = _BINDERS.get(node.type)
    if bind is not None:
        bind(node, namespace)


def _bind_expression(node: Node, namespace: Namespace) -> None:
    for child in node.named_children:
        _bind_assignment(child, namespace)


def _bind_alias(node: Node, namespace: Namespace) -> None:
    _bind_opaque(node.child_by_field_name("alias"), namespace)


def _bind_definition(node: Node, namespace: Namespace) -> None:
    kind = BindingKind.CLASS if node.type == "class_definition" else BindingKind.FUNCTION
    name = _source(node.child_by_field_name("name")) or ""
    namespace.add(name, Binding(kind, node.start_byte))


def _delete(node: Node, namespace: Namespace) -> None:
    """What is deleted is bound no more: as good as bound to something unknown."""
    for child in node.named_children:
        _bind_opaque(child, namespace)


def _declare(node: Node, namespace: Namespace) -> None:
    namespace.declared.update(text_of(child) for child in node.named_children)


def _bind_assignment(node: Node, namespace: Namespace) -> None:
    if node.type == "augmented_assignment":
        _bind_opaque(node.child_by_field_name("left"), namespace)
        return
    if node.type != "assignment":
        return
    annotation = _source(node.child_by_field_name("type"))
    targets = []
    value: Node | None = node
    while value is not None and value.type == "assignment":
        targets.append(value.child_by_field_name("left"))
        value = value.child_by_field_name("right")
    for target in targets:
        if target is not None and target.type == "identifier":
            binding = Binding(BindingKind.ASSIGNED, node.start_byte, annotation, _source(value))
            namespace.add(text_of(target), binding)
        else:
            _bind_opaque(target, namespace)


def _bind_loop(node: Node, namespace: Namespace, *, outside: bool = False) -> None:
    target = node.child_by_field_name("left")
    if target is not None and target.type == "identifier":
        iterable = _source(node.child_by_field_name("right"))
        binding = Binding(BindingKind.LOOP, node.start_byte, value=iterable, outside=outside)
        namespace.add(text_of(target), binding)
    else:
        _bind_opaque(target, namespace)


def _bind_with(item: Node, namespace: Namespace) -> None:
    value = item.child_by_field_name("value")
    if value is not None and value.type in ("parenthesized_expression", "tuple"):
        for inner in descendants(value):
            if inner.type == "as_pattern":
                _bind_alias(inner, namespace)
    if value is None or value.type != "as_pattern":
        return
    alias = value.child_by_field_name("alias")
    target = alias.named_children[0] if alias is not None and alias.named_children else None
    if target is not None and target.type == "identifier":
        manager = text_of(value.named_children[0])
        binding = Binding(BindingKind.WITH, item.start_byte, value=manager)
        namespace.add(text_of(target), binding)
    else:
        _bind_opaque(target, namespace)


def _bind_opaque(pattern: Node | None, namespace: Namespace) -> None:
    """Bind every name in a pattern to something unknown. Attributes and items bind no name."""
    stack = [pattern] if pattern is not None else []
    while stack:
        node = stack.pop()
        if node.type == "identifier":
            namespace.add(text_of(node), Binding(BindingKind.OPAQUE, node.start_byte))
        elif node.type in ("class_pattern", "keyword_pattern"):
            stack.extend(node.named_children[1:])
        elif node.type == "dotted_name" and len(node.named_children) > 1:
            continue
        elif node.type not in ("attribute", "subscript", "call"):
            stack.extend(node.named_children)


def _bind_import(node: Node, namespace: Namespace) -> None:
    module_node = node.child_by_field_name("module_name")
    module, level = "", 0
    if module_node is not None:
        dotted = text_of(module_node).replace(" ", "")
        module = dotted.lstrip(".")
        level = len(dotted) - len(module)
    if any(child.type == "wildcard_import" for child in node.named_children):
        star = Imported(module, None, level)
        namespace.stars.append(Binding(BindingKind.IMPORT, node.start_byte, imported=star))
        return
    for child in node.children_by_field_name("name"):
        alias = child.child_by_field_name("alias")
        target = child.child_by_field_name("name") if alias is not None else child
        name = _source(target) or ""
        bound = _source(alias) or name
        if module_node is not None:
            imported = Imported(module, name, level)
        elif alias is not None:
            imported = Imported(name)
        else:
            bound = name.partition(".")[0]
            imported = Imported(bound)
        namespace.add(bound, Binding(BindingKind.IMPORT, node.start_byte, imported=imported))


def _bind_type_alias(node: Node, namespace: Namespace) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and right is not None:
        name = text_of(left).partition("[")[0].strip()
        binding = Binding(BindingKind.ALIAS, node.start_byte, value=text_of(right))
        namespace.add(name, binding)


def _bind_walruses(scope: Node, namespace: Namespace) -> None:
    """Record `name := value` anywhere in the scope, comprehensions in it included (PEP 572).

    A comprehension binds the name in the scope around it, to a value of its own names.
    """
    if b":=" not in (scope.text or b""):
        return
    for walrus in captures("(named_expression) @walrus", scope).get("walrus", []):
        scopes = enclosing_scopes(walrus)
        if next(node for node in scopes if node.type not in COMPREHENSIONS) != scope:
            continue
        name, value = walrus.child_by_field_name("name"), walrus.child_by_field_name("value")
        binding = Binding(BindingKind.ASSIGNED, walrus.start_byte, value=_source(value))
        if scopes[0] != scope:
            binding = Binding(BindingKind.OPAQUE, walrus.start_byte)
        namespace.add(_source(name) or "", binding)


_BINDERS: dict[str, Callable[[Node, Namespace], None]] = {
    "delete_statement": _delete,
    "expression_statement": _bind_expression,
    "for_statement": _bind_loop,
    "with_item": _bind_with,
    "as_pattern": _bind_alias,
    "case_pattern": _bind_opaque,
    "import_statement": _bind_import,
    "import_from_statement": _bind_import,
    "function_definition": _bind_definition,
    "class_definition": _bind_definition,
    "type_alias_statement": _bind_type_alias,
    "global_statement": _declare,
    "nonlocal_statement": _declare,
}
