"""The model of a class: how it is constructed, and what its objects have.

It is read from the class's source and that of its bases. A dataclass is constructed from its
fields in order, as `dataclasses` documents it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

from migrate.project.facts import Binding, BindingKind, Function, Parameter, ParameterKind
from migrate.project.index import parse_expression
from migrate.project.infer import Project
from migrate.project.types import ClassRef
from migrate.syntax import captures, descendants, text_of

_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty"})


class MemberKind(StrEnum):
    """What a member of a class is."""

    FIELD = "field"
    PROPERTY = "property"
    METHOD = "method"
    CLASS_METHOD = "class method"
    STATIC_METHOD = "static method"
    ATTRIBUTE = "attribute"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a class, own or inherited.

    `function` is the method, or a property's getter. `writable` tells whether an object's
    attribute can be assigned to. `new_each_time` is a property that does not hand out a stored
    object, as far as its source shows: what is written into such an object is lost.
    """

    name: str
    kind: MemberKind
    owner: ClassRef
    function: Function | None = None
    annotation: str | None = None
    default: str | None = None
    writable: bool = False
    new_each_time: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """A class as its users see it.

    `constructor` has the parameters that a call of the class takes; it is None where the source
    does not say. `members` are in the order of their first definition, bases first. `complete`
    tells whether every base is known.
    """

    cls: ClassRef
    is_dataclass: bool
    frozen: bool
    slots: bool
    constructor: Function | None
    members: Mapping[str, Member]
    complete: bool


def interface_of(project: Project, cls: ClassRef) -> Interface:
    """The interface of a class of the project."""
    lineage = project.lineage(cls)
    members: dict[str, Member] = {}
    for owner in reversed(lineage.order):
        members.update(_own_members(project, owner))
    options = _dataclass_options(project, cls)
    return Interface(
        cls=cls,
        is_dataclass=options is not None,
        frozen=bool(options and options.get("frozen")),
        slots=bool(options and options.get("slots")) or "__slots__" in members,
        constructor=_constructor(project, cls),
        members={name: member for name, member in members.items() if name != "__slots__"},
        complete=lineage.complete,
    )


# Members


def _own_members(project: Project, cls: ClassRef) -> Iterator[tuple[str, Member]]:
    """What the class itself binds, then what its methods assign to the instance."""
    options = _dataclass_options(project, cls)
    frozen = bool(options and options.get("frozen"))
    bound = project.class_facts(cls).members
    for name, bindings in bound.items():
        member = _bound_member(project, cls, name, bindings, options is not None, frozen)
        if member is not None:
            yield name, member
    for name, annotation in _assigned_to_instance(project, cls):
        if name not in bound:
            kind = MemberKind.ATTRIBUTE
            yield name, Member(name, kind, cls, annotation=annotation, writable=not frozen)


def _bound_member(
    project: Project,
    cls: ClassRef,
    name: str,
    bindings: tuple[Binding, ...],
    is_dataclass: bool,
    frozen: bool,
) -> Member | None:
    last = bindings[-1]
    if last.kind is BindingKind.FUNCTION:
        return _function_member(project, cls, name, bindings, frozen)
    if last.kind is BindingKind.CLASS:
        return Member(name, MemberKind.CLASS, cls)
    if last.kind is BindingKind.ASSIGNED:
        is_field = is_dataclass and last.annotation is not None and not _is_class_var(last)
        kind = MemberKind.FIELD if is_field else MemberKind.ATTRIBUTE
        return Member(
            name,
            kind,
            cls,
            annotation=last.annotation,
            default=last.value,
            writable=not frozen,
        )
    return None


def _function_member(
    project: Project, cls: ClassRef, name: str, bindings: tuple[Binding, ...], frozen: bool
) -> Member | None:
    functions = [project.index.function_facts(cls.path, binding.start) for binding in bindings]
    decorators = [f.decorators_named if f is not None else frozenset() for f in functions]
    getter = next((at for at, names in enumerate(decorators) if names & _PROPERTIES), None)
    if getter is not None:
        function = functions[getter]
        return Member(
            name,
            MemberKind.PROPERTY,
            cls,
            function=function,
            annotation=function.returns if function is not None else None,
            writable=any("setter" in names for names in decorators) and not frozen,
            new_each_time=_makes_anew(project, cls, bindings[getter].start),
        )
    names = decorators[-1]
    kind = MemberKind.METHOD
    if "classmethod" in names or name in ("__new__", "__init_subclass__", "__class_getitem__"):
        kind = MemberKind.CLASS_METHOD
    elif "staticmethod" in names:
        kind = MemberKind.STATIC_METHOD
    return Member(name, kind, cls, function=functions[-1])


def _is_class_var(binding: Binding) -> bool:
    return "ClassVar" in (binding.annotation or "")


def _assigned_to_instance(project: Project, cls: ClassRef) -> Iterator[tuple[str, str | None]]:
    """The attributes that methods of the class assign to their first parameter, in order."""
    body = project.index.node(cls.path, cls.start, "class_definition")
    if body is None:
        return
    seen: set[str] = set()
    found = captures("(assignment left: (attribute) @target)", body).get("target", [])
    for target in sorted(found, key=lambda node: node.start_byte):
        holder, name = (target.child_by_field_name(f) for f in ("object", "attribute"))
        if holder is None or name is None or text_of(holder) != "self" or text_of(name) in seen:
            continue
        seen.add(text_of(name))
        annotation = target.parent.child_by_field_name("type") if target.parent else None
        yield text_of(name), text_of(annotation) if annotation is not None else None


def _makes_anew(project: Project, cls: ClassRef, start: int) -> bool:
    """Whether a property's getter may return an object that is not stored anywhere.

    It stores what it returns only if each `return` is of a plain attribute, `self.name`.
    """
    node = project.index.node(cls.path, start, "function_definition")
    if node is None:
        return True
    returns = [inner for inner in descendants(node) if inner.type == "return_statement"]
    return not returns or not all(_returns_attribute(inner) for inner in returns)


def _returns_attribute(statement: Node) -> bool:
    values = statement.named_children
    if len(values) != 1 or values[0].type != "attribute":
        return False
    holder = values[0].child_by_field_name("object")
    return holder is not None and holder.type == "identifier"


# Construction


def _constructor(project: Project, cls: ClassRef) -> Function | None:
    """What a call of the class takes, without the receiver; None where nothing says."""
    lineage = project.lineage(cls)
    for owner in lineage.order:
        facts = project.class_facts(owner)
        options = _dataclass_options(project, owner)
        if "__init__" in facts.members:
            written = project.method(owner, "__init__")
            return _without_first(written) if written is not None else None
        if options is not None:
            return _made_by_dataclass(project, owner) if options.get("init", True) else None
        if facts.decorators:
            return None
    if not lineage.complete or project.find_member(cls, "__new__") is not None:
        return None
    return Function("__init__", (), None, (), False)


def _without_first(function: Function) -> Function:
    return Function(function.name, function.parameters[1:], None, (), False)


def _dataclass_options(project: Project, cls: ClassRef) -> dict[str, bool] | None:
    """The keyword arguments of the class's `@dataclass`; None if it is no dataclass."""
    for decorator in project.class_facts(cls).decorators:
        node = parse_expression(decorator)
        call = node if isinstance(node, ast.Call) else None
        function = call.func if call else node
        name = function.attr if isinstance(function, ast.Attribute) else None
        if isinstance(function, ast.Name):
            name = function.id
        if name == "dataclass":
            keywords = call.keywords if call else []
            return {
                keyword.arg: bool(keyword.value.value)
                for keyword in keywords
                if keyword.arg is not None and isinstance(keyword.value, ast.Constant)
            }
    return None


def _made_by_dataclass(project: Project, cls: ClassRef) -> Function:
    """The `__init__` that `dataclass` makes: the fields of all dataclass bases, in order.

    A field that is defined again keeps its place; keyword-only ones go to the end.
    """
    fields: dict[str, Parameter] = {}
    for owner in reversed(project.lineage(cls).order):
        options = _dataclass_options(project, owner)
        if options is None:
            continue
        keyword_only = options.get("kw_only", False)
        for name, bindings in project.class_facts(owner).members.items():
            last = bindings[-1]
            if last.kind is not BindingKind.ASSIGNED or last.annotation is None:
                continue
            if last.annotation.rpartition(".")[2] == "KW_ONLY":
                keyword_only = True
            elif not _is_class_var(last):
                parameter = _field_parameter(name, last, keyword_only)
                if parameter is None:
                    fields.pop(name, None)
                else:
                    fields[name] = parameter
    ordered = sorted(fields.values(), key=lambda p: p.kind is ParameterKind.KEYWORD_ONLY)
    return Function("__init__", tuple(ordered), None, (), False)


def _field_parameter(name: str, binding: Binding, keyword_only: bool) -> Parameter | None:
    """The parameter of a field; None for one with `init=False`."""
    default = binding.value
    node = parse_expression(binding.value) if binding.value is not None else None
    if isinstance(node, ast.Call) and _called(node) == "field":
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if _is_false(keywords.get("init")):
            return None
        given = keywords.get("default") or keywords.get("default_factory")
        default = ast.unparse(given) if given is not None else None
        chosen = keywords.get("kw_only")
        if isinstance(chosen, ast.Constant):
            keyword_only = bool(chosen.value)
    kind = ParameterKind.KEYWORD_ONLY if keyword_only else ParameterKind.POSITIONAL_OR_KEYWORD
    return Parameter(name, kind, binding.annotation, default)


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
