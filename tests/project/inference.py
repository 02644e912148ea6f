"""Small projects in memory, and questions about them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from migrate.project import Env, Project
from migrate.project.types import (
    Atom,
    Awaitable,
    ClassObject,
    External,
    FunctionObject,
    Instance,
    ModuleObject,
    Type,
)
from migrate.source import Memory
from migrate.syntax import descendants, text_of

UNKNOWN = "?"


def project_of(files: Mapping[str, str]) -> Project:
    """A project of these files, indented as it suits the test."""
    return Project(Memory({path: textwrap.dedent(text).encode() for path, text in files.items()}))


def names(type_: Type) -> set[str]:
    """The alternatives of a type by their names: `A` is an object of class A, `class A` itself."""
    return {name for atom in type_ for name in _names(atom)}


def _names(atom: Atom) -> Iterator[str]:
    match atom:
        case Instance(cls=cls):
            yield cls.dotted if isinstance(cls, External) else cls.name
        case ClassObject(cls=cls):
            yield f"class {cls.dotted if isinstance(cls, External) else cls.name}"
        case FunctionObject():
            yield "function"
        case ModuleObject(path=path):
            yield f"module {path}"
        case Awaitable(result=result):
            yield from (f"awaitable {name}" for name in names(result))
        case _:
            yield UNKNOWN


def inferred(project: Project, source: str, path: str = "m.py") -> set[str]:
    """What an expression at the top level of a module can be."""
    return names(project.infer(source, Env(path)))


def seen(program: str, files: Mapping[str, str] = MappingProxyType({})) -> set[str]:
    """What the argument of the first call of `seen` in a module `m` can be."""
    return seen_in(project_of({"m.py": program, **files}))


def seen_in(project: Project, path: str = "m.py") -> set[str]:
    """What the argument of the first call of `seen` in a file can be."""
    return names(type_seen_in(project, path))


def type_seen_in(project: Project, path: str = "m.py") -> Type:
    """The type of the argument of the first call of `seen` in a file."""
    tree = project.index.tree(path)
    assert tree is not None
    for node in descendants(tree.root_node):
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        if function is not None and arguments is not None and text_of(function) == "seen":
            argument = arguments.named_children[0]
            return project.infer(text_of(argument), project.env_at(path, argument))
    raise AssertionError("the program does not call seen()")
