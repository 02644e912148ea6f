"""Which verdict a use gets: compatible, adaptable, or for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from codemods.context_imports import plans, rules
from codemods.context_imports.facts import Facts
from codemods.context_imports.rules import Decision
from codemods.context_imports.usage.calls import Fit, fit
from codemods.context_imports.usage.uses import (
    AttributeUse,
    ConstructorCall,
    Form,
    FunctionCall,
    Key,
    Kind,
    Named,
    Override,
    Pattern,
    Use,
    Whole,
    expected_to_raise,
)
from codemods.context_imports.values.ids import Ids
from codemods.context_imports.values.keys import Keys
from codemods.context_imports.values.origins import Origins
from migrate.project.binding import Argument, Bound, arguments_of_call, bind
from migrate.project.facts import Function, ParameterKind
from migrate.project.interface import Member, MemberKind
from migrate.project.types import ClassRef
from migrate.syntax import span, unstarred
from migrate.view import FileView


@dataclass(frozen=True, slots=True)
class Callee:
    """What a call runs, before and after; `name` is what a person calls it.

    With `skip_first` the receiver takes the first parameter; `is_method` is set for one that is
    called on an object, which need not be `is_certain` to be of the class. `constructs` is the old
    class where the call is of the class itself, else `cls` is the one whose method it is.
    """

    old: Function
    new: Function
    name: str
    skip_first: bool
    is_method: bool = False
    is_certain: bool = True
    constructs: ClassRef | None = None
    cls: ClassRef | None = None
    leading: int = 0
    is_partial: bool = False
    given: int | None = None


class Judge:
    """Holds the uses of one file against the classes that take the old ones' place."""

    def __init__(self, view: FileView, facts: Facts) -> None:
        """Judge for one file."""
        self.view = view
        self.facts = facts
        self.options = facts.options
        origins = Origins(view)
        self.ids = Ids(view, facts.options, origins)
        self.keys = Keys(view, facts.options, origins)

    def decisions(self, use: Use) -> Iterator[Decision]:
        """The findings on a use; none for one that is compatible as it is."""
        match use:
            case ConstructorCall():
                yield from self._construction(use)
            case FunctionCall(call=call, old=before, new=after):
                yield from self._call(call, Callee(before, after, before.name, False))
            case AttributeUse():
                yield from self._attribute(use)
            case Override():
                yield rules.override(use)
            case Whole(node=node):
                yield rules.whole(span(node))
            case Named():
                yield self._named(use)
            case Key():
                yield rules.key(use, self.options.keywords.get(use.name))
            case Pattern():
                yield from self._pattern(use)

    # Calls

    def _named(self, use: Named) -> Decision:
        """A member that is named for what may be an object of the class."""
        new_name, source = self.options.attributes.get(use.name), self.view.source(use.node)
        suggestion = source.replace(use.name, new_name, 1) if new_name is not None else None
        return rules.named(use, suggestion)

    def _construction(self, use: ConstructorCall) -> Iterator[Decision]:
        before, after = (self.facts.interface(c).constructor for c in (use.old, use.new))
        if before is None or after is None:
            return
        if use.form is Form.REPLACE:
            before, after = (_optional(f, ParameterKind.KEYWORD_ONLY) for f in (before, after))
        elif use.form is Form.PARTIAL:
            before, after = _optional(before), _optional(after)
        name = use.new.name if use.form is Form.CALL else f"{use.form} of {use.new.name}"
        callee = Callee(
            before,
            after,
            name,
            False,
            is_certain=use.is_certain,
            constructs=use.old,
            leading=use.leading,
            given=use.given,
            is_partial=use.form is Form.PARTIAL,
        )
        yield from self._call(use.call, callee)

    def _call(self, call: Node, callee: Callee) -> Iterator[Decision]:
        old, new = callee.old, callee.new
        if old == new and not callee.is_certain:
            return  # the move changes nothing for it
        before_it = [Argument(None, "", "...", call)] * (callee.given or 0)
        arguments = [*before_it, *arguments_of_call(call)[callee.leading :]]
        before = bind(old, arguments, skip_first=callee.skip_first)
        fitted = fit(old, new, arguments, self.options.keywords, skip_first=callee.skip_first)
        where = span(call)
        if callee.is_certain and not (before.fits or before.open):
            after = bind(new, arguments, skip_first=callee.skip_first)
            yield from self._failing(call, callee, fitted, before, after)
            return
        completes = callee.given is not None
        suggestion = None
        if (fitted.changes or fitted.missing) and not completes:
            suggestion = self._written(call, callee, fitted)
        if fitted.problems:
            others = any(reason != "missing-argument" for reason, _ in fitted.problems)
            yield rules.call(where, callee.name, fitted.problems, None if others else suggestion)
        elif fitted.changes and callee.is_partial and _moves_positions(arguments, fitted):
            problem = ("positional-order", "what is given by position would land elsewhere")
            yield rules.call(where, callee.name, [problem], suggestion)
        elif fitted.changes and completes:
            problem = ("unknown-argument", "it completes a partial call")
            yield rules.call(where, callee.name, [problem], None)
        elif fitted.changes and not callee.is_certain:
            problem = ("unknown-argument", "the object may be of another class")
            yield rules.call(where, callee.name, [problem], suggestion)
        elif fitted.changes:
            yield self._adaptation(call, callee, fitted, suggestion or "")
        if old is not new:
            yield from self._refused(callee, fitted)

    def _failing(
        self, call: Node, callee: Callee, fitted: Fit, before: Bound, after: Bound
    ) -> Iterator[Decision]:
        """A call that Python refuses as it is: it has to work, unless a test expects it to fail."""
        works = after.fits or after.open
        expected = expected_to_raise(call)
        if expected is not None:
            same = (before.unknown, before.surplus, before.missing) == (
                (after.unknown, after.surplus, after.missing)
            )
            if works or (expected.has_message and not same):
                yield rules.raises(span(call), callee.name)
            return
        written, problems = self._written(call, callee, fitted), fitted.problems
        if problems and callee.old is not callee.new:  # one of the new class is none that moves
            others = any(reason != "missing-argument" for reason, _ in problems)
            suggestion = None if others else written
            yield rules.call(span(call), callee.name, problems, suggestion, fails=not works)
        elif fitted.changes and not problems:
            yield self._adaptation(call, callee, fitted, written)

    def _refused(self, callee: Callee, fitted: Fit) -> Iterator[Decision]:
        """The ids in a call that the new class refuses, and the keys of dictionaries."""
        given = {name: argument.node for name, argument in fitted.given.items()}
        cls = callee.constructs or callee.cls
        move = self.facts.move_of(cls) if cls is not None else None
        for refused in self.keys.problems(given, move):
            yield rules.entry(span(refused.argument), refused.message)
        if callee.is_method:
            return
        mappings = [argument.node for argument in fitted.mappings]
        constructs = callee.constructs is not None
        for problem in self.ids.problems(given, mappings, move, constructs=constructs):
            yield rules.id(span(problem.argument), problem.message, problem.suggestion)

    def _adaptation(self, call: Node, callee: Callee, fitted: Fit, suggestion: str) -> Decision:
        where, leading = span(call), (None,) * callee.leading
        plan = plans.Arguments((*leading, *fitted.keywords))
        if callee.is_method:
            return rules.child(where, plan, callee.name, suggestion)
        if _moves_positions(arguments_of_call(call)[callee.leading :], fitted):
            return rules.positional(where, plan, callee.name, suggestion)
        return rules.keyword(where, "keyword", plan, callee.name, suggestion)

    def _written(self, call: Node, callee: Callee, fitted: Fit) -> str:
        """The call as it would be, on as many lines as its arguments need.

        `...` stands for what a person has to find.
        """
        given = []
        keywords = (*(None,) * callee.leading, *fitted.keywords)
        for argument, keyword in zip(arguments_of_call(call), keywords, strict=True):
            name = keyword or argument.name
            given.append(
                f"{name}={argument.source}" if name else argument.starred + argument.source
            )
        given += [f"{name}=..." for name in fitted.missing]
        function = call.child_by_field_name("function") or call
        return f"{self.view.source(unstarred(function))}({', '.join(given)})"

    def _pattern(self, use: Pattern) -> Iterator[Decision]:
        """The parts of a pattern that match other fields of the new class, or none."""
        ours, theirs = (self.facts.interface(cls) for cls in (use.old, use.new))
        before, after = (_matched(each.constructor) for each in (ours, theirs))
        count = len(use.positional)
        if before[:count] != after[:count]:
            named = [*zip(before, use.positional, strict=False)]
            written = ", ".join(
                f"{self.options.attributes.get(name, name)}={self.view.source(node)}"
                for name, node in named
            )
            yield rules.pattern(
                span(use.node),
                "positional-order",
                f"The new class matches {', '.join(after[:count])} by position.",
                f"{self.view.source(use.node.named_children[0])}({written})",
            )
        for name, value in use.keywords:
            label = self.view.source(name)
            if label in ours.members and label not in theirs.members:
                new = self.options.attributes.get(label)
                suggestion = f"{new}={self.view.source(value)}" if new else None
                message = f"The new class has no {label}."
                yield rules.pattern(span(name), "missing-attribute", message, suggestion)

    # Attributes

    def _attribute(self, use: AttributeUse) -> Iterator[Decision]:
        theirs = self.facts.interface(use.new).members.get(use.name)
        ours = self.facts.interface(use.old).members[use.name]
        if use.kind is Kind.CALL and use.call is not None and theirs is not None:
            yield from self._method(use, use.call, ours, theirs)
        elif theirs is None:
            yield self._missing(use)
        else:
            yield rules.write(use, span(use.node), None)

    def _method(
        self, use: AttributeUse, call: Node, old: Member, new: Member
    ) -> Iterator[Decision]:
        if old.function is None or new.function is None:
            yield rules.missing(use, span(use.node), self.view.source(use.holder))
            return
        on_object = old.kind is MemberKind.METHOD
        callee = Callee(
            old.function,
            new.function,
            use.name,
            skip_first=old.kind is MemberKind.CLASS_METHOD or (on_object and not use.on_class),
            is_method=on_object,
            is_certain=use.is_certain,
            cls=use.old,
        )
        yield from self._call(call, callee)

    def _missing(self, use: AttributeUse) -> Decision:
        """An attribute that the new class lacks, or calls differently."""
        where, holder = span(use.node), self.view.source(use.holder)
        theirs = self.facts.interface(use.new).members
        renamed = self.options.attributes.get(use.name)
        new_name = renamed or self.options.keywords.get(use.name, "")
        replacement = theirs.get(new_name)
        if replacement is None:
            return rules.missing(use, where, holder)
        is_string = use.node.type == "string"
        source = self.view.source(use.node)
        after = f"{source[0]}{new_name}{source[-1]}" if is_string else f"{holder}.{new_name}"
        plain = not is_string or len(source) == len(use.name) + 2
        writes = use.kind is Kind.WRITE and not replacement.writable
        if renamed is None:
            instead = None if writes else after
            return rules.missing(use, where, holder, instead, counterpart=new_name)
        if not (use.is_known and use.is_certain and plain) or writes:
            return rules.missing(use, where, holder, after)
        plan = plans.Literal(after) if is_string else plans.Attribute(new_name)
        return rules.attribute(use, where, plan, after)


def _optional(function: Function, kind: ParameterKind | None = None) -> Function:
    """The function with no argument required, for a call that gives some of them."""
    return replace(
        function,
        parameters=tuple(
            replace(parameter, kind=kind or parameter.kind, default=parameter.default or "...")
            for parameter in function.parameters
        ),
    )


def _moves_positions(arguments: Sequence[Argument], fitted: Fit) -> bool:
    """Whether arguments that are given by position get a keyword."""
    pairs = zip(arguments, fitted.keywords, strict=True)
    return any(keyword is not None and argument.name is None for argument, keyword in pairs)


def _matched(constructor: Function | None) -> list[str]:
    """What patterns match by position: the `__match_args__` that `dataclasses` makes."""
    parameters = constructor.parameters if constructor is not None else ()
    keyword_only = ParameterKind.KEYWORD_ONLY
    return [parameter.name for parameter in parameters if parameter.kind is not keyword_only]
