"""What learns the names that a class body binds: metaclasses, bases, and descriptors.

The language reference calls this customizing class creation (3.3.3).
"""

from __future__ import annotations

import ast
import sys

from tree_sitter import Node

from migrate.project import Project
from migrate.project.env import Env
from migrate.project.facts import Binding, BindingKind
from migrate.project.index import parse_expression
from migrate.project.types import Atom, ClassObject, ClassRef, External, Instance, is_unknown
from migrate.syntax import descendants, text_of

_HARMLESS_METACLASSES = frozenset({"ABCMeta", "type"})
# Descriptors that keep no name, or only for messages.
_HARMLESS_DESCRIPTORS = frozenset({"classmethod", "property", "staticmethod"})
_FIELD = frozenset({ClassObject(External("dataclasses.field"))})
_CREATORS = ("__prepare__", "__new__", "__init__")
# What `__init_subclass__` looks at names with.
_READERS = frozenset({"__annotations__", "__dict__", "dir", "getattr", "getmembers", "vars"})


def reader_of_names(project: Project, cls: ClassRef) -> str | None:
    """Who is told the names of all that a class defines when it is made; None if nobody."""
    for above in project.lineage(cls).order:
        source = project.class_facts(above).metaclass
        if source is not None and _reads_names(project, above, source):
            return f"the metaclass {source}"
    for above in project.lineage(cls).order[1:]:
        for binding in project.class_facts(above).members.get("__init_subclass__", ()):
            node = project.index.node(above.path, binding.start, "function_definition")
            if node is None or _READERS & _identifiers(node):
                return f"{above.name}.__init_subclass__"
    return None


def _reads_names(project: Project, cls: ClassRef, metaclass: str) -> bool:
    for atom in project.infer(metaclass, _env(project, cls)):
        match atom:
            case ClassObject(cls=External(dotted=dotted)):
                if dotted.rpartition(".")[2] not in _HARMLESS_METACLASSES:
                    return True
            case ClassObject(cls=ClassRef() as found):
                if any(project.find_member(found, name) for name in _CREATORS):
                    return True
            case _:
                return True
    return False


def is_told_its_name(project: Project, cls: ClassRef, binding: Binding) -> bool:
    """Whether what a class body assigns may be a descriptor that learns its name.

    What a call of unknown origin or of another project makes, may be: fields of models are. The
    `field` of a dataclass is replaced by its default before anything is told its name.
    """
    if binding.kind is not BindingKind.ASSIGNED or binding.value is None:
        return False
    return _learns(project, binding.value, _env(project, cls))


def _learns(project: Project, value: str, env: Env) -> bool:
    if value.partition("(")[0] in _HARMLESS_DESCRIPTORS:
        return False
    type_ = project.infer(value, env)
    if not is_unknown(type_):
        return any(_has_set_name(project, atom) for atom in type_)
    call = parse_expression(value)
    if isinstance(call, ast.Call) and project.infer(call.func, env) == _FIELD:
        defaults = (k.value for k in call.keywords if k.arg in ("default", None))
        return any(_learns(project, ast.unparse(default), env) for default in defaults)
    return "(" in value and call is not None


def _has_set_name(project: Project, atom: Atom) -> bool:
    match atom:
        case Instance(cls=ClassRef() as cls):
            return project.find_member(cls, "__set_name__") is not None
        case Instance(cls=External(dotted=dotted)):
            return dotted.partition(".")[0] not in sys.stdlib_module_names | {"builtins"}
    return False


def _env(project: Project, cls: ClassRef) -> Env:
    node = project.index.node(cls.path, cls.start, "class_definition")
    return project.env_at(cls.path, node) if node is not None else Env(cls.path)


def _identifiers(node: Node) -> set[str]:
    return {text_of(each) for each in descendants(node) if each.type == "identifier"}
