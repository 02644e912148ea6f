"""The bases of a class that are no classes of the project."""

from __future__ import annotations

import builtins
from collections.abc import Collection

from codemods.renames.parameters import Problem
from migrate.project import Project
from migrate.project.types import ClassObject, ClassRef, External

# Bases that add no public member.
_PLAIN = frozenset({"abc.ABC", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol"})


def outside_bases(project: Project, cls: ClassRef) -> list[str]:
    """Their dotted names; an empty one for what nothing says."""
    node = project.index.node(cls.path, cls.start, "class_definition")
    if node is None:
        return [""]
    env = project.env_at(cls.path, node)
    found: list[str] = []
    for source in project.class_facts(cls).bases:
        for atom in project.infer(source, env):
            if isinstance(atom, ClassObject) and isinstance(atom.cls, External):
                found.append(atom.cls.dotted)
            elif not isinstance(atom, ClassObject):
                found.append("")
    return found


def either_base(project: Project, cls: ClassRef) -> str | None:
    """The name of a base that is a class of the project or something else; None without any."""
    node = project.index.node(cls.path, cls.start, "class_definition")
    if node is None:
        return None
    env = project.env_at(cls.path, node)
    for source in project.class_facts(cls).bases:
        type_ = project.infer(source, env)
        own = (isinstance(a, ClassObject) and isinstance(a.cls, ClassRef) for a in type_)
        if len(type_) > 1 and any(own):
            return source
    return None


def unknown_base(
    project: Project, cls: ClassRef, name: str, known: Collection[str] = ()
) -> Problem | None:
    """Whether a base that cannot be read may define a member; those of Python itself can be.

    So can those that are `known`.
    """
    lineage = project.lineage(cls)
    if lineage.complete:
        return None
    for above in lineage.order:
        for base in outside_bases(project, above):
            if base in known or base in _PLAIN:
                continue
            module, _, last = base.rpartition(".")
            if module != "builtins" or hasattr(getattr(builtins, last, None), name):
                shown = base or "a base that is not known"
                return "unknown-base", f"{above.name} may have {name!r} from {shown}"
    return None


def is_protocol(project: Project, cls: ClassRef) -> bool:
    """Whether other classes can follow a class without deriving from it (PEP 544)."""
    return any(
        base.partition("[")[0].rpartition(".")[2] == "Protocol"
        for base in project.class_facts(cls).bases
    )
