"""What a file has to import for the calls that it gets."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from codemods.context_imports import plans
from codemods.context_imports.statements.imports import Alias, ImportSite, aliases_of, module_of
from codemods.context_imports.statements.merges import plan_of
from codemods.renames.targets import Functions, Outside, Target
from migrate.codemod import RemoveStatement
from migrate.project import Project
from migrate.project.facts import Binding
from migrate.project.index import parse_expression
from migrate.project.types import ClassObject, ClassRef, External, FunctionObject, Type
from migrate.syntax import ancestors, captures, enclosing_scopes, is_label, text_of
from migrate.view import FileView

_IMPORTS = frozenset({"import_statement", "import_from_statement"})
_DEFINITIONS = frozenset({"function_definition", "class_definition"})


@dataclass(frozen=True)
class Import:
    """The statement by which a scope has an old function, and the name in it.

    `scope` is the module or a function.
    """

    node: Node
    alias: Alias
    scope: Node

    @property
    def is_late(self) -> bool:
        """Whether it is run by a function."""
        return self.scope.type != "module"


@dataclass(frozen=True)
class Need:
    """What becomes of an import: `name` is imported beside or `instead` of an old name.

    Where the name is there already, it is None.
    """

    at: Import
    module: str
    name: str | None
    instead: bool


@dataclass(frozen=True)
class NewName:
    """How a file calls a new function: `written`, whose first part is `imported` from `module`."""

    module: str
    imported: str
    written: str

    @property
    def dotted(self) -> str:
        """The full name of what is imported."""
        return f"{self.module}.{self.imported}"


def new_name(project: Project, dotted: str, path: str) -> NewName:
    """How the file `path` would call a function: with its class, if it is a method of one."""
    parts = dotted.split(".")
    modules = project.index.modules
    for length in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:length])
        if modules.absolute(module, path) or modules.anywhere(module):
            return NewName(module, parts[length], ".".join(parts[length:]))
    return NewName(".".join(parts[:-1]), parts[-1], parts[-1])


def is_bound_to(view: FileView, name: str, dotted: str, target: Target, scope: Node) -> bool | None:
    """Whether a name is in a scope what it should be; None if nothing in the scope has that name.

    A function may have the name from the module.
    """
    namespace = view.project.index.namespace(view.path)
    if scope.type != "module":
        local = view.project.local_namespace(view.path, scope)
        namespace = local if name in local.names else namespace
    bindings = namespace.names.get(name, ())
    if not bindings and not any(_is_in(node, scope) for node in _uses(view, name)):
        return None
    found = view.project.infer(name, view.project.env_at(view.path, _inside(scope)))
    return len(bindings) == 1 and _is(found, dotted, target)


def _inside(scope: Node) -> Node:
    """A node that a scope is the innermost one of."""
    body = scope.child_by_field_name("body")
    return body.named_children[0] if body is not None else scope.named_children[0]


def _uses(view: FileView, name: str) -> Iterator[Node]:
    """Where a name is used or bound, imports left out."""
    for node in view.identifiers(name):
        if not is_label(node) and not any(above.type in _IMPORTS for above in ancestors(node)):
            yield node


def _is_in(node: Node, scope: Node) -> bool:
    return scope.start_byte <= node.start_byte < scope.end_byte


def is_rebound(view: FileView, name: str, node: Node, scope: Node) -> bool:
    """Whether a scope around a node, but inside of another one, has a name of its own."""
    env = view.project.env_at(view.path, node)
    inner = (each for each in env.scopes if each != scope and _is_in(each, scope))
    namespaces = (view.project.local_namespace(view.path, each) for each in inner)
    return any(name in each.names or name in each.declared for each in namespaces)


def is_bound_before(view: FileView, name: str, scope: Node, first: Node) -> bool:
    """Whether a name that a scope, or else the module, binds once has its value in a call.

    `first` is the name that the call has now.

    Not if it is bound under a condition, or further down, unless the old function is so, too. A
    definition of this file may be further down than a function that calls it.
    """
    local = view.project.local_namespace(view.path, scope) if scope.type != "module" else None
    if local is None or name not in local.names:
        scope, local = view.tree.root_node, view.project.index.namespace(view.path)
    start = local.names[name][0].start
    statement = _statement_at(view, start)
    _, old = _bindings(view, first)
    after = _statement_at(view, old[0].start) if len(old) == 1 and start <= old[0].start else None
    if after is not None and after.parent == statement.parent:
        return True
    if statement.parent != (scope.child_by_field_name("body") or scope):
        return False
    definition = statement.child_by_field_name("definition") or statement
    is_defined = definition.start_byte == start and definition.type in _DEFINITIONS
    return start < first.start_byte or (is_defined and _is_run_later(first, scope))


def _statement_at(view: FileView, start: int) -> Node:
    """The statement that starts at an offset, or is around it."""
    node = view.tree.root_node.descendant_for_byte_range(start, start + 1) or view.tree.root_node
    for above in ancestors(node):
        if above.type in ("module", "block"):
            break
        node = above
    return node


def _is_run_later(node: Node, scope: Node) -> bool:
    """Whether a function inside of a scope evaluates a node, and not the scope itself."""
    within = (each for each in enclosing_scopes(node) if each != scope and _is_in(each, scope))
    return any(each.type in ("function_definition", "lambda") for each in within)


def _is(type_: Type, dotted: str, target: Target) -> bool:
    match target:
        case Functions(places=places):
            return bool(type_) and all(
                isinstance(a, FunctionObject) and (a.path, a.start) in places for a in type_
            )
        case ClassRef():
            return type_ == {ClassObject(target)}
        case Outside():
            return type_ == {ClassObject(External(dotted))}
    return False


def import_of(view: FileView, name: Node) -> Import | None:
    """The one statement that imports a name, at the top of a file or of a function, if it is one.

    In a function, it may only be what the function itself does, unconditionally.
    """
    scope, bindings = _bindings(view, name)
    if len(bindings) != 1 or scope.type not in ("module", "function_definition"):
        return None
    body = scope.child_by_field_name("body") or scope
    found = captures("(import_from_statement) @import", body).get("import", [])
    for node in found:
        if node.start_byte != bindings[0].start or node.parent != body:
            continue
        for alias in aliases_of(node):
            if alias.bound == text_of(name):
                return Import(node, alias, scope)
    return None


def _bindings(view: FileView, name: Node) -> tuple[Node, Sequence[Binding]]:
    """The scope that a name is looked up in, and what binds it there."""
    text = text_of(name)
    for scope in view.project.env_at(view.path, name).scopes:
        namespace = view.project.local_namespace(view.path, scope)
        if text in namespace.declared:
            return scope, ()
        if text in namespace.names:
            return scope, namespace.names[text]
    return view.tree.root_node, view.project.index.namespace(view.path).names.get(text, ())


def is_used_elsewhere(view: FileView, at: Import, replaced: Collection[int]) -> bool:
    """Whether an import is used other than at some offsets, or may be from elsewhere."""
    bound = at.alias.bound or ""
    if not at.is_late:
        is_package = view.path.rpartition("/")[2] == "__init__.py"
        if is_package or _is_in_texts(view, bound):
            return True
    uses = (node for node in _uses(view, bound) if node.start_byte not in replaced)
    return any(_may_be_from(view, node, at.scope) for node in uses)


def _is_in_texts(view: FileView, name: str) -> bool:
    """Whether a string or a comment has a name as code: annotations, `__all__`, and doctests."""
    for offset in view.text.occurrences(name.encode()):
        node = view.tree.root_node.descendant_for_byte_range(offset, offset + len(name.encode()))
        if node is None:
            continue
        text = text_of(node)
        if node.type == "comment":
            is_code = re.match(rf"#\s*type:.*\b{name}\b", text) is not None
        elif node.type == "string_content":
            is_doctest = re.search(rf"^\s*(>>>|\.\.\.) .*\b{name}\b", text, re.MULTILINE)
            is_code = is_doctest is not None or _has_name(text, name)
        else:
            is_code = False
        if is_code:
            return True
    return False


def _has_name(text: str, name: str) -> bool:
    expression = parse_expression(text.strip())
    return expression is not None and any(
        isinstance(each, ast.Name) and each.id == name for each in ast.walk(expression)
    )


def _may_be_from(view: FileView, name: Node, scope: Node) -> bool:
    """Whether a name may be looked up in a scope.

    A class body that binds a name has it from around until then; see 4.2.2 of the language
    reference.
    """
    text = text_of(name)
    for each in view.project.env_at(view.path, name).scopes:
        namespace = view.project.local_namespace(view.path, each)
        if each == scope or text in namespace.declared:
            return True
        if text in namespace.names and each.type != "class_definition":
            return False
    return scope.type == "module"


Plan = plans.FromImport | RemoveStatement


def plans_of(view: FileView, needs: Collection[Need]) -> Iterator[tuple[Node, Plan]]:
    """What becomes of each statement that some needs are about."""
    by_start: dict[int, list[Need]] = {}
    for need in needs:
        by_start.setdefault(need.at.node.start_byte, []).append(need)
    for start in sorted(by_start):
        group = by_start[start]
        node = group[0].at.node
        aliases = aliases_of(node)
        parts: dict[str, dict[str, plans.Name]] = {}
        for need in group:
            if need.name is None:
                continue
            # An alias of the old name is none of the new one.
            new = plans.Name(need.at.alias.index, need.name)
            parts.setdefault(need.module, {}).setdefault(need.name, new)
        gone = {need.at.alias.index for need in group if need.instead}
        rest = tuple(plans.Name(a.index, a.name, a.asname) for a in aliases if a.index not in gone)
        made = [plans.Part(module, tuple(names.values())) for module, names in parts.items()]
        if rest:
            made.append(plans.Part(None, rest))
        if not made:
            yield node, RemoveStatement()
            continue
        plan = plan_of(view, ImportSite(node, module_of(node)), tuple(made))
        # A comment behind the old names says nothing of the new ones.
        yield node, replace(plan, comment=None)
