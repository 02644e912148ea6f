"""Which verdict a use gets: compatible, adaptable, or for a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from codemods.context_imports import plans, rules
from codemods.context_imports.calls import Fit, fit
from codemods.context_imports.facts import Facts
from codemods.context_imports.ids import Ids
from codemods.context_imports.origins import Origins
from codemods.context_imports.rules import Decision
from codemods.context_imports.uses import (
    AttributeUse,
    ConstructorCall,
    FunctionCall,
    Kind,
    Override,
    Use,
    expected_to_raise,
)
from migrate.project.binding import Bound, arguments_of_call, bind
from migrate.project.facts import Function
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


class Judge:
    """Holds the uses of one file against the classes that take the old ones' place."""

    def __init__(self, view: FileView, facts: Facts) -> None:
        """Judge for one file."""
        self.view = view
        self.facts = facts
        self.options = facts.options
        self.ids = Ids(view, facts.options, Origins(view))

    def decisions(self, use: Use) -> Iterator[Decision]:
        """The findings on a use; none for one that is compatible as it is."""
        match use:
            case ConstructorCall(call=call, old=old, new=new):
                before, after = (self.facts.interface(c).constructor for c in (old, new))
                if before is not None and after is not None:
                    certain = use.is_certain
                    callee = Callee(
                        before, after, new.name, False, is_certain=certain, constructs=old
                    )
                    yield from self._call(call, callee)
            case FunctionCall(call=call, old=before, new=after):
                yield from self._call(call, Callee(before, after, before.name, False))
            case AttributeUse():
                yield from self._attribute(use)
            case Override():
                yield rules.override(use)

    # Calls

    def _call(self, call: Node, callee: Callee) -> Iterator[Decision]:
        old, new = callee.old, callee.new
        arguments = arguments_of_call(call)
        before = bind(old, arguments, skip_first=callee.skip_first)
        fitted = fit(old, new, arguments, self.options.keywords, skip_first=callee.skip_first)
        where = span(call)
        if callee.is_certain and not (before.fits or before.open):
            after = bind(new, arguments, skip_first=callee.skip_first)
            decision = self._failing(call, callee, fitted, before, after)
            if decision is not None:
                yield decision
            return
        suggestion = self._written(call, fitted) if fitted.changes else None
        if fitted.problems:
            others = any(reason != "missing-argument" for reason, _ in fitted.problems)
            yield rules.call(where, callee.name, fitted.problems, None if others else suggestion)
        elif fitted.changes and not callee.is_certain:
            problem = ("unknown-argument", "the object may be of another class")
            yield rules.call(where, callee.name, [problem], suggestion)
        elif fitted.changes:
            yield self._adaptation(call, callee, fitted, suggestion or "")
        if old is not new and not callee.is_method:
            yield from self._refused_ids(callee, fitted)

    def _failing(
        self, call: Node, callee: Callee, fitted: Fit, before: Bound, after: Bound
    ) -> Decision | None:
        """A call that Python refuses as it is: one that goes on failing is no obstacle."""
        works = after.fits or after.open
        expected = expected_to_raise(call)
        if expected is None and (works or not fitted.problems):
            if not fitted.changes:
                return None
            return self._adaptation(call, callee, fitted, self._written(call, fitted))
        same = (before.unknown, before.surplus, before.missing) == (
            (after.unknown, after.surplus, after.missing)
        )
        if expected is not None and (works or (expected.has_message and not same)):
            return rules.raises(span(call), callee.name)
        return rules.fails(span(call))

    def _refused_ids(self, callee: Callee, fitted: Fit) -> Iterator[Decision]:
        """The ids in a call that the new class refuses."""
        given = {name: argument.node for name, argument in fitted.given.items()}
        cls = callee.constructs or callee.cls
        problems = self.ids.problems(
            given,
            [argument.node for argument in fitted.mappings],
            self.facts.move_of(cls) if cls is not None else None,
            constructs=callee.constructs is not None,
        )
        for node, why in problems:
            yield rules.id(span(node), why)

    def _adaptation(self, call: Node, callee: Callee, fitted: Fit, suggestion: str) -> Decision:
        where = span(call)
        if callee.is_method:
            return rules.child(where, fitted, callee.name, suggestion)
        arguments = arguments_of_call(call)
        moved = zip(arguments, fitted.keywords, strict=True)
        if any(keyword is not None and argument.name is None for argument, keyword in moved):
            return rules.positional(where, fitted, callee.name, suggestion)
        return rules.keyword(where, "keyword", fitted, callee.name, suggestion)

    def _written(self, call: Node, fitted: Fit) -> str:
        """The call as it would be, on as many lines as its arguments need."""
        given = []
        for argument, keyword in zip(arguments_of_call(call), fitted.keywords, strict=True):
            name = keyword or argument.name
            given.append(
                f"{name}={argument.source}" if name else argument.starred + argument.source
            )
        function = call.child_by_field_name("function") or call
        return f"{self.view.source(unstarred(function))}({', '.join(given)})"

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
            yield rules.missing(use, span(use.node), self.view.source(use.holder), None)
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
        new_name = self.options.attributes.get(use.name)
        replacement = self.facts.interface(use.new).members.get(new_name or "")
        if new_name is None or replacement is None:
            return rules.missing(use, where, holder, None)
        is_string = use.node.type == "string"
        source = self.view.source(use.node)
        after = f"{source[0]}{new_name}{source[-1]}" if is_string else f"{holder}.{new_name}"
        plain = not is_string or len(source) == len(use.name) + 2
        writes = use.kind is Kind.WRITE and not replacement.writable
        if not (use.is_known and use.is_certain and plain) or writes:
            return rules.missing(use, where, holder, after)
        plan = plans.Literal(after) if is_string else plans.Attribute(new_name)
        return rules.attribute(use, where, plan, after)
