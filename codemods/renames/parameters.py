"""The definition of a function whose parameter gets another name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

from migrate.model import Span
from migrate.project import Project
from migrate.project.facts import Function, ParameterKind
from migrate.project.namespaces import namespace_of
from migrate.syntax import (
    captures,
    descendants,
    enclosing_scopes,
    is_label,
    parts,
    text_of,
)
from migrate.text import whole_words

_BY_NAME = (ParameterKind.POSITIONAL_OR_KEYWORD, ParameterKind.KEYWORD_ONLY)
# Decorators that do nothing with the names of parameters.
_HARMLESS = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "override", "overload", "final"}
)
# What looks at the names of a function's variables.
_INTROSPECTION = frozenset({"locals", "vars", "dir", "eval", "exec", "currentframe", "_getframe"})
_CALLED = """
    (call function: (identifier) @name)
    ((call function: (attribute attribute: (identifier) @name))
        (#any-of? @name "currentframe" "_getframe"))
"""

_IMPORTS = frozenset({"aliased_import", "import_from_statement", "import_statement"})
_PARAMETERS = frozenset(
    {
        "default_parameter",
        "dictionary_splat_pattern",
        "list_splat_pattern",
        "typed_default_parameter",
        "typed_parameter",
    }
)


class State(StrEnum):
    """Which of the two names a function has a parameter of."""

    OLD = "old"
    NEW = "new"
    BOTH = "both"
    ANY = "any"
    NEITHER = "neither"


Problem = tuple[str, str]


@dataclass(frozen=True)
class Definition:
    """One definition of the function; `problem` is why its parameter cannot be renamed."""

    path: str
    node: Node
    facts: Function
    state: State
    problem: Problem | None = None


def definition_at(project: Project, path: str, start: int, old: str, new: str) -> Definition | None:
    """The function that is defined there; None if the file is no longer there to be read."""
    node = project.index.node(path, start, "function_definition")
    facts = project.index.function_facts(path, start)
    if node is None or facts is None:
        return None
    state = state_of(facts, old, new)
    problem = _problem(node, facts, old, new) if state is State.OLD else None
    return Definition(path, node, facts, state, problem)


def state_of(facts: Function, old: str, new: str) -> State:
    """Which of the two names a signature has."""
    names = {parameter.name for parameter in facts.parameters if parameter.kind in _BY_NAME}
    if old in names:
        return State.BOTH if new in names else State.OLD
    if new in names:
        return State.NEW
    takes_any = any(p.kind is ParameterKind.VAR_KEYWORD for p in facts.parameters)
    return State.ANY if takes_any else State.NEITHER


def parameter_of(definition: Definition, name: str) -> Node:
    """The parameter of that name, as an identifier; the function's own name if there is none."""
    parameters = definition.node.child_by_field_name("parameters")
    for child in parameters.named_children if parameters is not None else ():
        inner = child.child_by_field_name("name") or child
        if inner.type == "typed_parameter":
            inner = inner.named_children[0]
        if inner.type == "identifier" and text_of(inner) == name:
            return inner
    return definition.node.child_by_field_name("name") or definition.node


def uses_of(definition: Definition, name: str) -> Iterator[Node]:
    """Every place in the function's body that means the parameter, in source order."""
    for node in _identifiers(definition.node, name):
        if not _is_label(node) and _means_parameter(node, definition.node, name):
            yield node


def is_imported(node: Node) -> bool:
    """Whether an identifier is the name of something that an import brings in."""
    above = node.parent.parent if node.parent is not None else None
    return above is not None and above.type in _IMPORTS


def _is_label(node: Node) -> bool:
    """Whether an identifier only labels something: an attribute, an argument, part of a pattern."""
    parent = node.parent
    is_pattern = parent is not None and parent.type == "keyword_pattern"
    return is_label(node) or (
        is_pattern and parent is not None and parent.named_children[0] == node
    )


def is_parameter(node: Node) -> bool:
    """Whether an identifier is a parameter, of whatever function; its default value is none."""
    child, parent = node, node.parent
    while parent is not None and parent.type in _PARAMETERS:
        if child not in (parent.child_by_field_name("name"), parent.named_children[0]):
            return False
        child, parent = parent, parent.parent
    return parent is not None and parent.type in ("parameters", "lambda_parameters")


def shows_its_source(node: Node) -> bool:
    """Whether an expression stands in the `{expression=}` of an f-string, which prints it."""
    above: Node | None = node
    while above is not None and above.type != "interpolation":
        above = above.parent
    return above is not None and any(child.type == "=" for child in above.children)


def mentions_in(definition: Definition, name: str) -> Iterator[Span]:
    """Where the function's docstring has the word, in order."""
    body = definition.node.child_by_field_name("body")
    first = parts(body)[:1] if body is not None else []
    is_expression = bool(first) and first[0].type == "expression_statement"
    literal = first[0].named_children[:1] if is_expression else []
    if not literal or literal[0].type != "string":
        return
    text = literal[0].text or b""
    for offset in whole_words(text, name.encode()):
        start = literal[0].start_byte + offset
        yield Span(start, start + len(name.encode()))


def _problem(node: Node, facts: Function, old: str, new: str) -> Problem | None:
    """Why a parameter cannot be renamed, with a sentence; None if it can."""
    if unknown := sorted(facts.decorators_named - _HARMLESS):
        return "decorated", f"@{unknown[0]} may use the names of the parameters"
    if any(parameter.kind is ParameterKind.VAR_KEYWORD for parameter in facts.parameters):
        return "takes-any-keyword", f"a call of {facts.name} may give {new} already, by its **"
    if any(not _is_label(each) for each in _identifiers(node, new)):
        return "name-taken", f"{facts.name} uses the name {new} already"
    body = node.child_by_field_name("body") or node
    calls = captures(_CALLED, body).get("name", [])
    if looked := sorted({text_of(each) for each in calls} & _INTROSPECTION):
        return "introspected", f"{facts.name} calls {looked[0]}(), which sees the names"
    declared = captures("[(nonlocal_statement (identifier) @name)]", body).get("name", [])
    declared += captures("[(global_statement (identifier) @name)]", body).get("name", [])
    if any(text_of(each) == old for each in declared):
        return "rebound", f"a function inside {facts.name} rebinds {old}"
    if any(is_imported(each) for each in _identifiers(body, old)):
        return "rebound", f"{facts.name} imports {old}"
    if any(shows_its_source(each) for each in _identifiers(node, old)):
        return "introspected", f"an f-string in {facts.name} shows the name {old}"
    return None


def _identifiers(node: Node, name: str) -> Sequence[Node]:
    if name.encode() not in (node.text or b""):
        return ()
    return [n for n in descendants(node) if n.type == "identifier" and text_of(n) == name]


def _means_parameter(node: Node, function: Node, name: str) -> bool:
    """Whether a name in the body is looked up in the function, and nowhere inside it."""
    if is_parameter(node):
        return False
    for scope in enclosing_scopes(node):
        if scope == function:
            return True
        if scope.type == "module" or scope.start_byte < function.start_byte:
            return False
        if _binds(scope, name):
            return False
    return False


def _binds(scope: Node, name: str) -> bool:
    return name in namespace_of(scope).names
