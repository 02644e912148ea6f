"""What a scope binds, read from its syntax."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tree_sitter import Node

from migrate.project.facts import (
    ANY,
    REST,
    Binding,
    BindingKind,
    Class,
    Imported,
    Namespace,
    ParameterKind,
    decorators_of,
    parameters_of,
    source_of,
)
from migrate.project.patterns import captured
from migrate.syntax import COMPREHENSIONS, captures, descendants, enclosing_scopes, text_of


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


def class_of(node: Node) -> Class:
    """The facts of a `class_definition`."""
    arguments = node.child_by_field_name("superclasses")
    given = arguments.named_children if arguments is not None else []
    bases = [text_of(child) for child in given if child.type not in ("keyword_argument", "comment")]
    keywords = {
        source_of(child.child_by_field_name("name")): source_of(child.child_by_field_name("value"))
        for child in given
        if child.type == "keyword_argument"
    }
    members = {name: tuple(found) for name, found in namespace_of(node).names.items()}
    name = source_of(node.child_by_field_name("name")) or ""
    return Class(name, tuple(bases), decorators_of(node), members, keywords.get("metaclass"))


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
    """Bind what `as` names: an exception that is caught, or anything."""
    alias = node.child_by_field_name("alias")
    if node.parent is None or node.parent.type != "except_clause" or alias is None:
        _bind_opaque(alias, namespace)
        return
    classes = text_of(node.named_children[0])
    namespace.add(text_of(alias), Binding(BindingKind.CAUGHT, alias.start_byte, value=classes))


def _bind_definition(node: Node, namespace: Namespace) -> None:
    kind = BindingKind.CLASS if node.type == "class_definition" else BindingKind.FUNCTION
    name = source_of(node.child_by_field_name("name")) or ""
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
    annotation = source_of(node.child_by_field_name("type"))
    targets = []
    value: Node | None = node
    while value is not None and value.type == "assignment":
        targets.append(value.child_by_field_name("left"))
        value = value.child_by_field_name("right")
    for target in targets:
        if target is not None and target.type == "identifier":
            binding = Binding(BindingKind.ASSIGNED, node.start_byte, annotation, source_of(value))
            namespace.add(text_of(target), binding)
        else:
            _bind_unpacked(
                target,
                Binding(BindingKind.UNPACKED, node.start_byte, value=source_of(value)),
                namespace,
            )


def _bind_unpacked(pattern: Node | None, binding: Binding, namespace: Namespace) -> None:
    """Bind the names of a pattern to the parts of a value; attributes and items bind no name."""
    pending = [(pattern, binding.parts)] if pattern is not None else []
    while pending:
        node, parts = pending.pop()
        if node.type == "identifier":
            namespace.add(text_of(node), replace(binding, start=node.start_byte, parts=parts))
        elif node.type == "list_splat_pattern":
            pending += [(each, (*parts[:-1], REST)) for each in node.named_children]
        elif node.type in _PATTERNS:
            pending += reversed([(each, (*parts, part)) for each, part in _parts_of(node)])


def _parts_of(pattern: Node) -> Iterator[tuple[Node, tuple[int, int]]]:
    """What stands in a pattern, with the part of the value that it takes."""
    targets = [each for each in pattern.named_children if each.type != "comment"]
    is_open = any(each.type == "list_splat_pattern" for each in targets)
    for at, target in enumerate(targets):
        yield target, ANY if is_open else (at, len(targets))


_PATTERNS = frozenset({"pattern_list", "tuple_pattern", "list_pattern"})


def _bind_loop(node: Node, namespace: Namespace, *, outside: bool = False) -> None:
    target = node.child_by_field_name("left")
    iterable = source_of(node.child_by_field_name("right"))
    binding = Binding(BindingKind.LOOP, node.start_byte, value=iterable, outside=outside)
    if target is not None and target.type == "identifier":
        namespace.add(text_of(target), binding)
    else:
        _bind_unpacked(target, replace(binding, kind=BindingKind.UNPACKED_LOOP), namespace)


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


def _bind_case(clause: Node, namespace: Namespace) -> None:
    for name, value in captured(clause):
        kind = BindingKind.OPAQUE if value is None else BindingKind.ASSIGNED
        namespace.add(text_of(name), Binding(kind, name.start_byte, value=value))


def _bind_opaque(pattern: Node | None, namespace: Namespace) -> None:
    """Bind every name in a pattern to something unknown. Attributes and items bind no name."""
    stack = [pattern] if pattern is not None else []
    while stack:
        node = stack.pop()
        if node.type == "identifier":
            namespace.add(text_of(node), Binding(BindingKind.OPAQUE, node.start_byte))
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
        name = source_of(target) or ""
        bound = source_of(alias) or name
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
        binding = Binding(BindingKind.ASSIGNED, walrus.start_byte, value=source_of(value))
        if scopes[0] != scope:
            binding = Binding(BindingKind.OPAQUE, walrus.start_byte)
        namespace.add(source_of(name) or "", binding)


_BINDERS: dict[str, Callable[[Node, Namespace], None]] = {
    "delete_statement": _delete,
    "expression_statement": _bind_expression,
    "for_statement": _bind_loop,
    "with_item": _bind_with,
    "as_pattern": _bind_alias,
    "case_clause": _bind_case,
    "import_statement": _bind_import,
    "import_from_statement": _bind_import,
    "function_definition": _bind_definition,
    "class_definition": _bind_definition,
    "type_alias_statement": _bind_type_alias,
    "global_statement": _declare,
    "nonlocal_statement": _declare,
}
