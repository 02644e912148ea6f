"""Order of evaluation: which expressions may be moved past which.

Python evaluates the value of `d[k] = v` before `d` and `k`; a call evaluates its arguments from
left to right. Moving `k` before `v` is unobservable if `k` runs no code of its own and `v` cannot
change what `k` means.
"""

from __future__ import annotations

from tree_sitter import Node

from migrate.project import Project
from migrate.project.facts import BindingKind
from migrate.project.types import (
    ClassObject,
    ClassRef,
    External,
    Instance,
    ModuleObject,
    builtin,
)
from migrate.syntax import COMPREHENSIONS, descendants, enclosing_scopes, text_of
from migrate.view import FileView

_CODE = frozenset({"await", "call", "named_expression", "yield"})
# Built-in classes that make an empty object when they are called without arguments.
_EMPTY = frozenset({"dict", "frozenset", "list", "set", "tuple"})
_IMMUTABLE = frozenset({"str", "int", "float", "bool", "bytes", "None"})
_LITERALS = frozenset({"string", "integer", "float", "true", "false", "none", "ellipsis"})
_GROUPS = frozenset({"concatenated_string", "parenthesized_expression", "tuple"})
_DISPLAYS = _GROUPS | {"dictionary", "list", "pair", "set"}
_TRIVIA = frozenset({"comment", "line_continuation"})


def runs_code(expression: Node | None) -> bool:
    """Whether evaluating the expression runs code: calls, awaits, yields, and names it binds."""
    stack = [expression] if expression is not None else []
    while stack:
        node = stack.pop()
        if node.type in _CODE and not _makes_empty(node):
            return True
        if node.type != "lambda":
            stack.extend(node.named_children)
    return False


def _makes_empty(call: Node) -> bool:
    function, arguments = (call.child_by_field_name(f) for f in ("function", "arguments"))
    if function is None or arguments is None or arguments.named_children:
        return False
    return function.type == "identifier" and text_of(function) in _EMPTY


def is_inert(view: FileView, expression: Node) -> bool:
    """Whether evaluating the expression runs no code and looks into nothing that may change.

    That is one made of literals, names, displays, and attributes that are known to be plain.
    """
    stack = [expression]
    while stack:
        node = stack.pop()
        if node.type in ("string", "attribute"):
            is_plain = _is_plain_attribute if node.type == "attribute" else _prints_immutables
            if not is_plain(view, node):
                return False
        elif node.type in _DISPLAYS:
            stack.extend(node.named_children)
        elif node.type not in _LITERALS | _TRIVIA | {"identifier", "lambda"}:
            return False
    return True


def _prints_immutables(view: FileView, string: Node) -> bool:
    """Whether a string is no f-string, or one of values that print the same at any time."""
    holes = [child for child in string.named_children if child.type == "interpolation"]
    return all(_is_immutable(view, inner) for hole in holes for inner in _expressions(hole))


def _is_plain_attribute(view: FileView, attribute: Node) -> bool:
    """Whether reading the attribute is known to run no property and no `__getattr__`."""
    holder, name = (attribute.child_by_field_name(f) for f in ("object", "attribute"))
    if holder is None or name is None or not is_inert(view, holder):
        return False
    if _is_constant_attribute(view, attribute):
        return True
    type_ = view.type_of(holder)
    return bool(type_) and all(
        isinstance(atom, Instance)
        and isinstance(atom.cls, ClassRef)
        and _stores(view.project, atom.cls, text_of(name))
        for atom in type_
    )


def _stores(project: Project, cls: ClassRef, name: str) -> bool:
    if not project.lineage(cls).complete:
        return False
    hooks = ("__getattr__", "__getattribute__")
    if any(project.find_member(cls, hook) is not None for hook in hooks):
        return False
    found = project.find_member(cls, name)
    return found is None or found[1].kind is BindingKind.ASSIGNED


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
    """Whether code that runs meanwhile can neither change the value nor make it fail."""
    stack = [expression]
    while stack:
        node = stack.pop()
        if node.type == "identifier":
            if not _is_stable_name(view, node):
                return False
        elif node.type == "attribute":
            if not _is_constant_attribute(view, node):
                return False
        elif node.type == "string":
            if not _prints_immutables(view, node):
                return False
            holes = (child for child in node.named_children if child.type == "interpolation")
            stack.extend(inner for hole in holes for inner in _expressions(hole))
        elif node.type in _GROUPS or _joins_strings(view, node):
            stack.extend(node.named_children)
        elif node.type not in _LITERALS | _TRIVIA:
            return False
    return True


def _joins_strings(view: FileView, operation: Node) -> bool:
    """Whether `+` stands between strings, where it cannot fail."""
    if operation.type != "binary_operator":
        return False
    operator = operation.child_by_field_name("operator")
    sides = [operation.child_by_field_name(field) for field in ("left", "right")]
    return (operator is not None and text_of(operator) == "+") and all(
        side is not None and (view.type_of(side) == builtin("str") or _joins_strings(view, side))
        for side in sides
    )


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
