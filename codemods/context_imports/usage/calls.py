"""A call that suits one function, held against another: what it takes to make it suit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from migrate.project.binding import Argument, bind
from migrate.project.facts import Function, Parameter, ParameterKind

Problem = tuple[str, str]
_BY_POSITION = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
_VARIABLE = (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Fit:
    """How a call has to be written for the new function.

    `keywords` has, for each argument, the keyword that it needs and does not have, or None;
    `problems` are the reasons, with a sentence each, why that is not enough. `given` has the
    arguments by the name of the new parameter, `mappings` those behind `**`, and `missing` the
    parameters that need an argument and get none.
    """

    keywords: tuple[str | None, ...]
    problems: tuple[Problem, ...] = ()
    given: Mapping[str, Argument] = field(default_factory=dict)
    mappings: tuple[Argument, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether the call has to be written differently."""
        return any(self.keywords)


def fit(
    old: Function,
    new: Function,
    arguments: Sequence[Argument],
    keywords: Mapping[str, str],
    *,
    skip_first: bool,
) -> Fit:
    """Hold a call of `old` against `new`; `keywords` has new names of some parameters.

    Each positional argument has to land on the parameter of the same name; from the first that
    would not, they are given by keyword.
    """
    before = old.parameters[1:] if skip_first else old.parameters
    after = new.parameters[1:] if skip_first else new.parameters
    return _Fitting(before, after, arguments, keywords).result(
        Function(new.name, tuple(after), None, (), False)
    )


class _Fitting:
    """One call on its way from one parameter list to another."""

    def __init__(
        self,
        before: Sequence[Parameter],
        after: Sequence[Parameter],
        arguments: Sequence[Argument],
        keywords: Mapping[str, str],
    ) -> None:
        self.arguments = arguments
        self.renamed = keywords
        self.old_slots = [p.name for p in before if p.kind in _BY_POSITION]
        self.new_slots = [p.name for p in after if p.kind in _BY_POSITION]
        self.old_names = {p.name for p in before if p.kind not in _VARIABLE}
        self.new_names = {p.name for p in after if p.kind not in _VARIABLE}
        self.takes_any = any(p.kind is ParameterKind.VAR_KEYWORD for p in after)
        self.problems: list[Problem] = []

    def result(self, new: Function) -> Fit:
        """The call as it has to be, or what is wrong with it."""
        keywords = [*self._positions(), *self._keywords()]
        ordered = tuple(keyword for _, keyword in sorted(keywords, key=lambda pair: pair[0]))
        written = [
            Argument(keyword or argument.name, argument.starred, argument.source, argument.node)
            for argument, keyword in zip(self.arguments, ordered, strict=True)
        ]
        bound = bind(new, written, skip_first=False)
        if not self.problems:
            if bound.unknown:
                self._fault("unknown-argument", f"it is given {_list(bound.unknown)} twice")
            if bound.surplus:
                self._fault("unknown-argument", f"it takes {bound.surplus} arguments fewer")
        if bound.missing:
            self._fault("missing-argument", f"it needs {_list(bound.missing)}, too")
        mappings = tuple(argument for argument in self.arguments if argument.starred == "**")
        return Fit(ordered, tuple(self.problems), bound.parameters, mappings, bound.missing)

    def _fault(self, reason: str, message: str) -> None:
        self.problems.append((reason, message))

    def _new_name(self, old: str) -> str | None:
        """The new function's parameter that means what this one meant."""
        if old in self.new_names:
            return old
        name = self.renamed.get(old)
        return name if name in self.new_names else None

    def _positions(self) -> list[tuple[int, str | None]]:
        """The keyword of each positional argument and of what a star spreads."""
        found: list[tuple[int, str | None]] = []
        in_order = True
        slot = 0
        for at, argument in enumerate(self.arguments):
            if argument.name is not None or argument.starred == "**":
                continue
            if argument.starred:
                self._check_spread(slot)
                found.append((at, None))
                continue
            old = self.old_slots[slot] if slot < len(self.old_slots) else None
            name = self._new_name(old) if old is not None else None
            here = self.new_slots[slot] if slot < len(self.new_slots) else None
            if old is None:
                name = here
            if name is None and old is not None:
                self._fault("unknown-argument", f"it takes no {old}")
            in_order = in_order and name == here and old in (name, None)
            found.append((at, None if in_order else name))
            slot += 1
        return found

    def _check_spread(self, slot: int) -> None:
        """What a star brings lands on the same parameters only if all of them are in order."""
        rest = self.old_slots[slot:]
        if rest != self.new_slots[slot : slot + len(rest)]:
            self._fault("positional-order", "what the star spreads would land elsewhere")

    def _keywords(self) -> list[tuple[int, str | None]]:
        found: list[tuple[int, str | None]] = []
        for at, argument in enumerate(self.arguments):
            if argument.starred == "**":
                self._check_mapping(argument)
                found.append((at, None))
            elif argument.name is not None:
                found.append((at, self._keyword(argument.name)))
        return found

    def _keyword(self, given: str) -> str | None:
        if given in self.new_names or self.takes_any:
            return None
        name = self._new_name(given)
        if name is None:
            self._fault("unknown-argument", f"it takes no {given}")
        return name

    def _check_mapping(self, argument: Argument) -> None:
        lost = sorted(self.old_names - self.new_names)
        if lost and not self.takes_any:
            message = f"nothing says whether {argument.source} has {_list(lost, 'or')}"
            self._fault("unknown-argument", message)


def _list(names: Sequence[str], word: str = "and") -> str:
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last
