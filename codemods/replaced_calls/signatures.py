"""What the old and the new function of a rule take, apart from receivers."""

from __future__ import annotations

from dataclasses import replace

from tree_sitter import Node

from codemods.renames.targets import Functions, Target
from migrate.project import Project
from migrate.project.facts import Function
from migrate.project.interface import interface_of
from migrate.project.types import ClassRef, FunctionObject, Instance, without_none
from migrate.syntax import text_of, unstarred
from migrate.view import FileView


def called_signature(view: FileView, function: Node, target: Target) -> Function | None:
    """What a call of the target, through this expression, takes; None where nothing says."""
    project = view.project
    if isinstance(target, ClassRef):
        return interface_of(project, target).constructor
    if not isinstance(target, Functions):
        return None
    path, start = target.places[-1]
    facts = project.index.function_facts(path, start)
    if facts is None or target.owner is None:
        return facts
    on_instance = not any(
        isinstance(atom, FunctionObject)
        and not any(isinstance(each, Instance) for each in atom.receiver or ())
        for atom in view.type_of(unstarred(function))
    )
    return _bound(facts, on_instance=on_instance)


def named_signature(project: Project, target: Target) -> Function | None:
    """What the function that a dotted name stands for takes; None where nothing says."""
    if isinstance(target, ClassRef):
        return interface_of(project, target).constructor
    if not isinstance(target, Functions):
        return None
    path, start = target.places[-1]
    facts = project.index.function_facts(path, start)
    return facts if facts is None or target.owner is None else _bound(facts, on_instance=False)


def attribute_signature(view: FileView, function: Node, name: str) -> Function | str | None:
    """What another method of the called one's object takes.

    None where nothing says what the object is; a sentence where it has no such method.
    """
    holder = function.child_by_field_name("object")
    if holder is None:
        return "it is not called as the attribute of an object"
    for atom in without_none(view.type_of(unstarred(holder))):
        if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef):
            facts = view.project.method(atom.cls, name)
            if facts is not None:
                return _bound(facts, on_instance=True)
            if view.project.lineage(atom.cls).complete:
                return f"{atom.cls.name} has no method {name!r}"
    if text_of(holder) == "super()":
        return "a call through super() may be of another class"
    return None


def _bound(facts: Function, *, on_instance: bool) -> Function:
    """A method without the parameter that its receiver takes."""
    decorators = facts.decorators_named
    takes_receiver = "classmethod" in decorators or (
        on_instance and "staticmethod" not in decorators
    )
    return replace(facts, parameters=facts.parameters[1:]) if takes_receiver else facts
