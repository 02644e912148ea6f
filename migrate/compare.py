"""Two classes side by side: what is the same, what is not, and what a migration makes up for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from migrate.codemod import Renames
from migrate.project.facts import Function, Parameter, ParameterKind
from migrate.project.interface import Interface, Member, MemberKind


class Verdict(StrEnum):
    """How one thing of the old class stands in the new one."""

    SAME = "same"
    COVERED = "covered"
    ONLY_NEW = "only new"
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison. `old` and `new` are as a reader would write them, or None.

    `note` says what covers a difference, or what stays incompatible.
    """

    section: str
    name: str
    old: str | None
    new: str | None
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two classes."""

    dotted: str
    path: str
    traits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both classes, and all that they have, section by section."""

    old: Side
    new: Side
    rows: tuple[Row, ...]


_SECTIONS = {
    MemberKind.FIELD: "fields",
    MemberKind.ATTRIBUTE: "attributes",
    MemberKind.PROPERTY: "properties",
    MemberKind.CLASS_METHOD: "class methods",
    MemberKind.STATIC_METHOD: "static methods",
    MemberKind.METHOD: "methods",
    MemberKind.CLASS: "classes",
}


def compare(
    old: Interface, new: Interface, dotted: tuple[str, str], renames: Renames
) -> Comparison:
    """Hold one class against another; `dotted` are their names as the user gave them.

    Names that start with an underscore are nobody's interface and are left out.
    """
    rows = [*_constructor_rows(old, new, renames.keywords)]
    for section in dict.fromkeys(_SECTIONS.values()):
        rows += _member_rows(section, old, new, renames)
    return Comparison(_side(old, dotted[0]), _side(new, dotted[1]), tuple(rows))


def _side(interface: Interface, dotted: str) -> Side:
    traits = {
        "dataclass": interface.is_dataclass,
        "frozen": interface.frozen,
        "slots": interface.slots,
        "with bases that are not in this repository": not interface.complete,
    }
    return Side(dotted, interface.cls.path, tuple(name for name, has in traits.items() if has))


def _constructor_rows(old: Interface, new: Interface, keywords: Mapping[str, str]) -> Iterator[Row]:
    if old.constructor is None or new.constructor is None:
        return
    yield from _parameter_rows("constructor", old.constructor, new.constructor, keywords)


def _parameter_rows(
    section: str, old: Function, new: Function, keywords: Mapping[str, str]
) -> Iterator[Row]:
    """Each parameter of a function against the one that takes its arguments in another."""
    places = {parameter.name: at for at, parameter in enumerate(new.parameters)}
    taken: set[str] = set()
    for at, parameter in enumerate(old.parameters):
        name = parameter.name if parameter.name in places else keywords.get(parameter.name, "")
        if name not in places:
            note = f"the new class takes no {parameter.name}"
            shown = _shown(parameter, at)
            yield Row(section, parameter.name, shown, None, Verdict.INCOMPATIBLE, note)
            continue
        taken.add(name)
        target = new.parameters[places[name]]
        verdict, note = _parameter_verdict(parameter, target, at, places[name])
        yield Row(
            section,
            parameter.name,
            _shown(parameter, at),
            _shown(target, places[name]),
            verdict,
            note,
        )
    for name, at in places.items():
        if name not in taken:
            parameter = new.parameters[at]
            needed = _is_required(parameter)
            verdict = Verdict.INCOMPATIBLE if needed else Verdict.ONLY_NEW
            note = "a call has to give it" if needed else ""
            yield Row(section, name, None, _shown(parameter, at), verdict, note)


def _parameter_verdict(
    old: Parameter, new: Parameter, old_at: int, new_at: int
) -> tuple[Verdict, str]:
    notes: list[str] = []
    if _is_required(new) and not _is_required(old):
        return Verdict.INCOMPATIBLE, "required now"
    if old.name != new.name:
        notes.append(f"keyword: {old.name}= becomes {new.name}=")
    if old_at != new_at or new.kind is ParameterKind.KEYWORD_ONLY is not old.kind:
        notes.append("positional: passed by keyword")
    return (Verdict.COVERED, "; ".join(notes)) if notes else (Verdict.SAME, "")


def _is_required(parameter: Parameter) -> bool:
    variable = (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)
    return parameter.default is None and parameter.kind not in variable


def _shown(parameter: Parameter, at: int) -> str:
    return f"{at + 1}. {_written(parameter)}"


def _written(parameter: Parameter) -> str:
    stars = {ParameterKind.VAR_POSITIONAL: "*", ParameterKind.VAR_KEYWORD: "**"}
    name = stars.get(parameter.kind, "") + parameter.name
    return name if parameter.default is None else f"{name} = {' '.join(parameter.default.split())}"


def _member_rows(section: str, old: Interface, new: Interface, renames: Renames) -> Iterator[Row]:
    taken: set[str] = set()
    for member in _public(old.members.values(), section):
        name = member.name
        if name not in new.members:
            name = renames.attributes.get(name, name)
        target = new.members.get(name)
        if target is None:
            note = f"the new class has no {member.name}"
            yield Row(section, member.name, _signature(member), None, Verdict.INCOMPATIBLE, note)
            continue
        taken.add(name)
        verdict, note = _member_verdict(member, target, renames)
        yield Row(section, member.name, _signature(member), _signature(target), verdict, note)
    for member in _public(new.members.values(), section):
        known = member.name in taken or member.name in old.members
        if not known and member.name not in renames.attributes.values():
            yield Row(section, member.name, None, _signature(member), Verdict.ONLY_NEW)


def _public(members: Iterable[Member], section: str) -> Iterator[Member]:
    return (m for m in members if _SECTIONS[m.kind] == section and not m.name.startswith("_"))


def _member_verdict(old: Member, new: Member, renames: Renames) -> tuple[Verdict, str]:
    if _is_callable(old) != _is_callable(new):
        return Verdict.INCOMPATIBLE, f"{old.kind} there, {new.kind} here"
    if not _is_callable(old):
        return _attribute_verdict(old, new)
    if old.function is None or new.function is None:
        return Verdict.INCOMPATIBLE, "its parameters are not known"
    if old.function.asynchronous != new.function.asynchronous:
        return Verdict.INCOMPATIBLE, "only one of them has to be awaited"
    rows = list(_parameter_rows("", old.function, new.function, renames.keywords))
    bad = [f"{row.name}: {row.note}" for row in rows if row.verdict is Verdict.INCOMPATIBLE]
    if bad:
        return Verdict.INCOMPATIBLE, "; ".join(bad)
    covered = [f"{row.name}: {row.note}" for row in rows if row.verdict is Verdict.COVERED]
    return (Verdict.COVERED, "; ".join(covered)) if covered else (Verdict.SAME, "")


def _attribute_verdict(old: Member, new: Member) -> tuple[Verdict, str]:
    if old.writable and not new.writable:
        return Verdict.INCOMPATIBLE, "cannot be assigned to any more"
    if new.new_each_time and not old.new_each_time:
        return Verdict.INCOMPATIBLE, "a new object each time: what is written into it is lost"
    if old.name != new.name:
        return Verdict.COVERED, f"attribute: .{old.name} becomes .{new.name}"
    return Verdict.SAME, ""


def _is_callable(member: Member) -> bool:
    return member.kind in (
        MemberKind.METHOD,
        MemberKind.CLASS_METHOD,
        MemberKind.STATIC_METHOD,
        MemberKind.CLASS,
    )


def _signature(member: Member) -> str:
    """A member as a reader would write it; the receiver is left out."""
    if member.kind is MemberKind.CLASS or not _is_callable(member):
        return member.name
    parameters = member.function.parameters if member.function is not None else ()
    if member.kind is not MemberKind.STATIC_METHOD:
        parameters = parameters[1:]
    return f"{member.name}({', '.join(map(_written, parameters))})"
