"""Order of evaluation: which expressions may be moved past which.

Python evaluates the value of `d[k] = v` before `d` and `k`; a call evaluates its arguments from
left to right. Moving `k` before `v` is unobservable if `k` runs no code of its own and `v` cannot
change what `k` means.
"""

from __future__ import annotations

from tree_sitter import Node

from migrate.project.facts import BindingKind
from migrate.project.types import ClassObject, External, Instance, ModuleObject
from migrate.syntax import COMPREHENSIONS, descendants, enclosing_scopes, text_of
from migrate.view import FileView

_ALWAYS = frozenset({"await", "yield", "named_expression"})
# Built-in functions that call nothing but their arguments' own conversions.
_HARMLESS = frozenset(
    [
        "abs",
        "bool",
        "bytes",
        "dict",
        "float",
        "frozenset",
        "int",
        "isinstance",
        "len",
        "list",
        "max",
        "min",
        "repr",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
        "type",
    ]
)
_IMMUTABLE = frozenset({"str", "int", "float", "bool", "bytes", "None"})
_PLAIN = frozenset({"string", "integer", "float", "true", "false", "none", "ellipsis"})
_DISPLAYS = frozenset(
    {
        "attribute",
        "dictionary",
        "escape_sequence",
        "format_specifier",
        "identifier",
        "interpolation",
        "list",
        "pair",
        "set",
        "string_content",
        "string_end",
        "string_start",
        "type_conversion",
    }
)
_OPERATORS = frozenset(
    {
        "binary_operator",
        "concatenated_string",
        "conditional_expression",
        "comparison_operator",
        "not_operator",
        "boolean_operator",
        "parenthesized_expression",
        "tuple",
        "unary_operator",
    }
)


def runs_code(view: FileView, expression: Node | None) -> bool:
    """Whether evaluating the expression may run code with effects: calls, awaits, yields."""
    if expression is None:
        return False
    stack = [expression]
    while stack:
        node = stack.pop()
        if node.type in _ALWAYS or (node.type == "call" and not _is_harmless(view, node)):
            return True
        if node.type != "lambda":
            stack.extend(node.named_children)
    return False


def _is_harmless(view: FileView, call: Node) -> bool:
    function = call.child_by_field_name("function")
    if function is None or function.type != "identifier" or text_of(function) not in _HARMLESS:
        return False
    builtin = ClassObject(External(f"builtins.{text_of(function)}"))
    return view.type_of(function) == frozenset({builtin})


def looks_nothing_up(expression: Node) -> bool:
    """Whether the expression is built from names, attributes and literals alone.

    What another dictionary or list holds does not matter to such an expression.
    """
    plain = _PLAIN | _OPERATORS | _DISPLAYS
    return all(node.type in plain for node in descendants(expression))


def binds(expression: Node | None) -> frozenset[str]:
    """The names that evaluating the expression rebinds."""
    if expression is None:
        return frozenset()
    return frozenset(
        text_of(node.named_children[0])
        for node in descendants(expression)
        if node.type == "named_expression"
    )


def is_stable(view: FileView, expression: Node) -> bool:
    """Whether code that runs meanwhile cannot change what the expression evaluates to."""
    stack = [expression]
    while stack:
        node = stack.pop()
        if node.type == "identifier":
            if not _is_stable_name(view, node):
                return False
        elif node.type == "attribute":
            if not _is_constant_attribute(view, node):
                return False
        elif node.type == "interpolation":
            if not all(_is_immutable(view, child) for child in _expressions(node)):
                return False
            stack.extend(_expressions(node))
        elif node.type == "string":
            stack.extend(child for child in node.named_children if child.type == "interpolation")
        elif node.type in _OPERATORS:
            stack.extend(node.named_children)
        elif node.type not in _PLAIN and node.type != "comment":
            return False
    return True


def _expressions(interpolation: Node) -> list[Node]:
    return [
        child
        for child in interpolation.named_children
        if child.type not in ("type_conversion", "format_specifier")
    ]


def _is_stable_name(view: FileView, name: Node) -> bool:
    """A name that only its own scope binds: a local one, or a module's that is bound once.

    An outer function goes on while an inner one waits, so of its names only a parameter that is
    never rebound is settled.
    """
    word = text_of(name)
    own = True
    for scope in enclosing_scopes(name)[:-1]:
        namespace = view.project.local_namespace(view.path, scope)
        if word in namespace.declared:
            return False
        if word in namespace.names:
            kinds = {binding.kind for binding in namespace.names[word]}
            settled = own or kinds == {BindingKind.PARAMETER}
            return settled and not _declared_inside(scope, word)
        own = own and scope.type in COMPREHENSIONS
    namespace = view.project.index.namespace(view.path)
    bindings = namespace.names.get(word, [])
    return len(bindings) == 1 and word not in namespace.declared


def _declared_inside(scope: Node, word: str) -> bool:
    if b"nonlocal" not in (scope.text or b""):
        return False
    return any(
        text_of(child) == word
        for node in descendants(scope)
        if node.type == "nonlocal_statement"
        for child in node.named_children
    )


def _is_constant_attribute(view: FileView, attribute: Node) -> bool:
    """An attribute of a class or module, through constant attributes only, as of an enum."""
    holder = attribute.child_by_field_name("object")
    if holder is None or holder.type not in ("identifier", "attribute"):
        return False
    if holder.type == "attribute" and text_of(attribute).endswith(".value"):
        return _is_constant_attribute(view, holder)
    type_ = view.type_of(holder)
    return bool(type_) and all(isinstance(atom, ClassObject | ModuleObject) for atom in type_)


def _is_immutable(view: FileView, expression: Node) -> bool:
    type_ = view.type_of(expression)
    return bool(type_) and all(
        isinstance(atom, Instance)
        and isinstance(atom.cls, External)
        and atom.cls.dotted.startswith("builtins.")
        and atom.cls.name in _IMMUTABLE
        for atom in type_
    )
