"""What a dotted name of a rule stands for: something of the project, or of the world outside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from posixpath import dirname

from migrate.project import Project
from migrate.project.facts import Binding, BindingKind
from migrate.project.types import ClassObject, ClassRef, FunctionObject, ModuleObject, Type


@dataclass(frozen=True)
class Functions:
    """The definitions of one function or method, by file and offset; overloads are several.

    `owner` is the class of a method.
    """

    name: str
    places: tuple[tuple[str, int], ...]
    owner: ClassRef | None = None


@dataclass(frozen=True)
class Outside:
    """Something whose module the project does not have; what a rule says of it is believed."""

    dotted: str


@dataclass(frozen=True)
class Missing:
    """Something that the project should have, by its module, and does not."""

    dotted: str


Target = ClassRef | Functions | Outside | Missing


def find_target(project: Project, dotted: str, path: str) -> Target:
    """What a dotted name stands for, as an import in the file `path` would find it."""
    found = project.find(dotted, dirname(path))
    classes = {a.cls for a in found if isinstance(a, ClassObject) and isinstance(a.cls, ClassRef)}
    if len(classes) == len(found) == 1:
        return classes.pop()
    for atom in found:
        if isinstance(atom, FunctionObject):
            return _with_overloads(project, atom)
    holder, _, name = dotted.rpartition(".")
    # A decorated function means nothing that can be told, but it has a definition.
    for atom in _holder(project, holder, dirname(path)):
        if isinstance(atom, ModuleObject):
            bindings = project.index.namespace(atom.path).names.get(name, [])
            if functions := _functions(name, atom.path, bindings, None):
                return functions
        if isinstance(atom, ClassObject) and isinstance(atom.cls, ClassRef):
            method = _method(project, atom.cls, name)
            if method is not None:
                return method
    return Missing(dotted) if _is_ours(project, dotted, path) else Outside(dotted)


def _with_overloads(project: Project, found: FunctionObject) -> Target:
    """All definitions of a function that one was found of."""
    facts = project.index.function_facts(found.path, found.start)
    name = facts.name if facts is not None else ""
    for atom in found.receiver or ():
        if isinstance(atom, ClassObject) and isinstance(atom.cls, ClassRef):
            method = _method(project, atom.cls, name)
            if method is not None:
                return method
    bindings = project.index.namespace(found.path).names.get(name, [])
    functions = _functions(name, found.path, bindings, None)
    return functions or Functions(name, ((found.path, found.start),))


def _method(project: Project, cls: ClassRef, name: str) -> Functions | None:
    found = project.find_member(cls, name)
    if found is None:
        return None
    owner, _ = found
    return _functions(name, owner.path, project.class_facts(owner).members[name], owner)


def _functions(
    name: str, path: str, bindings: list[Binding] | tuple[Binding, ...], owner: ClassRef | None
) -> Functions | None:
    places = tuple((path, b.start) for b in bindings if b.kind is BindingKind.FUNCTION)
    return Functions(name, places, owner) if places else None


def _holder(project: Project, dotted: str, folder: str) -> Type:
    """What the part in front of the last name stands for."""
    if "." in dotted:
        return project.find(dotted, folder)
    module = project.index.modules.absolute(dotted, f"{folder}/_" if folder else "_")
    return frozenset({ModuleObject(module)}) if module is not None else frozenset()


def _is_ours(project: Project, dotted: str, path: str) -> bool:
    """Whether the project has the module that a dotted name starts with."""
    modules = project.index.modules
    first, *rest = dotted.split(".")[:-1]
    if modules.absolute(first, path) is not None:
        return True
    return any(
        modules.anywhere(".".join([first, *rest[:length]])) is not None
        for length in range(1, len(rest) + 1)
    )


def is_left_out(project: Project, path: str) -> bool:
    """Whether a run does not change a file, since its paths or the configuration leave it out."""
    return project.changing is not None and path not in project.changing


@cache
def definitions_of(*names: str) -> re.Pattern[bytes]:
    """What finds every place that may define one of the names in a class."""
    either = b"(?:" + b"|".join(re.escape(name.encode()) for name in names) + b")"
    return re.compile(rb"\bdef\s+" + either + rb"\b|\b" + either + rb"\s*(?::|=(?!=)|,)")
