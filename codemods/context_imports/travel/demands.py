"""What code asks of objects of the classes that move, where the new classes differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from codemods.context_imports.facts import Facts
from codemods.context_imports.judge import Judge
from codemods.context_imports.travel.traces import (
    CALL,
    FIELDS,
    Demand,
    Made,
    Origin,
    Place,
    origins,
)
from codemods.context_imports.usage.finder import BY_NAME
from codemods.context_imports.usage.uses import (
    AttributeUse,
    ConstructorCall,
    Kind,
    is_as_good,
    kind_of,
)
from codemods.context_imports.usage.wholes import Handled, asked_of, handled, remade
from migrate.model import Span, Status
from migrate.project.types import (
    Atom,
    ClassObject,
    ClassRef,
    Given,
    Instance,
    Type,
    without_none,
)
from migrate.syntax import ancestors, span, text_of, unstarred
from migrate.view import FileView


@dataclass(frozen=True)
class Demands:
    """Looks through one file; `of` gives the origins of an expression's value.

    `lost_keys` are the keys of the mappings that methods return, which only an old class has.
    """

    view: FileView
    facts: Facts
    pairs: Mapping[ClassRef, ClassRef]
    lost_keys: Sequence[tuple[str, str, ClassRef]]
    of: Callable[[Node], set[Origin]]
    place: Callable[[Node], Place]

    def of_parts(self, parts: Sequence[Node]) -> Iterator[Demand]:
        """Every demand in some parts of the file, but for calls of classes."""
        where = [span(part) for part in parts]
        for name in sorted(
            {name for old in self.pairs for name in differing(self.facts, old, self.pairs[old])}
        ):
            yield from self._demands(name, where)
        for part in parts:
            for use in handled(self.view, part):
                yield from self._handled(use)
            yield from self._keys(part)

    def _demands(self, name: str, within: Sequence[Span]) -> Iterator[Demand]:
        for node in self.view.identifiers(name):
            attribute = node.parent
            if attribute is None or attribute.type != "attribute":
                continue
            if not _is_in(node, within):
                continue
            holder = attribute.child_by_field_name("object")
            if holder is not None and attribute.child_by_field_name("attribute") == node:
                kind, call = kind_of(attribute)
                yield from self._demand(attribute, unstarred(holder), name, kind, call)
        for literal in self.view.strings(name):
            arguments = literal.parent
            function = arguments.parent if arguments is not None else None
            function = function.child_by_field_name("function") if function is not None else None
            if arguments is None or function is None or not BY_NAME.fullmatch(text_of(function)):
                continue
            given = [child for child in arguments.named_children if child.type != "comment"]
            if not _is_in(literal, within) or self._takes_either(literal, given, name):
                continue
            if given[1:2] == [literal]:
                kind = Kind.WRITE if text_of(function) in ("setattr", "delattr") else Kind.READ
                yield from self._demand(literal, given[0], name, kind, None)

    def _handled(self, use: Handled) -> Iterator[Demand]:
        """What uses the fields of an object without a word of them, or by a key."""
        for source in sorted(self.of(use.value), key=repr):
            for old, new in self.pairs.items():
                if isinstance(source, Made) and source.cls != old:
                    continue
                ours, theirs = self.facts.interface(old), self.facts.interface(new)
                lost = [n for n in use.names if n in ours.members and n not in theirs.members]
                if not use.names and ours.constructor != theirs.constructor:
                    lost = [FIELDS]
                for name in lost[:1]:
                    yield Demand(source, old, self.place(use.node), name, adapts=False)

    def _keys(self, part: Node) -> Iterator[Demand]:
        """Keys of the mapping that a method of the object returns."""
        for method, name, old in self.lost_keys:
            for literal in self.view.strings(name):
                holder = asked_of(method, literal) if _is_in(literal, [span(part)]) else None
                for source in sorted(self.of(holder), key=repr) if holder else ():
                    if isinstance(source, Given) or source.cls == old:
                        yield Demand(source, old, self.place(literal), name, adapts=False)

    def of_call(self, call: Node, called: Iterable[Atom]) -> Iterator[Demand]:
        """The call of a class that another file imports, or of one below, where the new differs."""
        for atom in called:
            if not isinstance(atom, ClassObject) or not isinstance(atom.cls, ClassRef):
                continue
            constructor = self.facts.interface(replace(atom.cls, via="")).constructor
            made = origins(frozenset({Instance(atom.cls)}), self.view, self.pairs)
            for source in sorted(made, key=repr):
                if not isinstance(source, Made) or source.path == self.view.path:
                    continue
                old = source.cls
                use = ConstructorCall(call, old, self.pairs[old])
                same = constructor == self.facts.interface(old).constructor
                if same and any(Judge(self.view, self.facts).decisions(use)):
                    yield Demand(source, old, self.place(call), CALL, adapts=False)
        holder = remade(call)
        for source in sorted(self.of(holder), key=repr) if holder is not None else ():
            for old, new in self.pairs.items():
                use = ConstructorCall(call, old, new)
                if isinstance(source, Made) and source.cls != old:
                    continue
                if any(Judge(self.view, self.facts).decisions(use)):
                    yield Demand(source, old, self.place(call), CALL, adapts=False)

    def _takes_either(self, literal: Node, given: list[Node], name: str) -> bool:
        """Whether code asks for the attribute if it is there, and for what the new class has."""
        options = self.facts.options
        new_name = options.attributes.get(name) or options.keywords.get(name)
        around = next((a for a in ancestors(literal) if a.type == "function_definition"), literal)
        words = set(re.findall(r"\w+", text_of(around)))
        return new_name in words and len(given) == 3 and "setattr" not in words

    def _demand(
        self, node: Node, holder: Node, name: str, kind: Kind, call: Node | None
    ) -> Iterator[Demand]:
        type_ = without_none(self.view.type_of(holder))
        direct = frozenset(atom for atom in type_ if isinstance(atom, Instance | Given))
        found = origins(_outer(direct), self.view, self.pairs)
        made = {each.cls for each in found if isinstance(each, Made)}
        for old, new in self.pairs.items():
            ours = self.facts.interface(old).members.get(name)
            theirs = self.facts.interface(new).members.get(name)
            if ours is None or is_as_good(ours, theirs, kind):
                continue
            is_known = old in made
            use = AttributeUse(node, holder, name, kind, old, new, is_known, is_known, call=call)
            decisions = list(Judge(self.view, self.facts).decisions(use))
            if not decisions:
                continue
            adapts = is_known and all(d.proposal.status is Status.REWRITE for d in decisions)
            for source in sorted(found, key=repr):
                if isinstance(source, Given) or source.cls == old:
                    place, differs = self.place(node), theirs is not None
                    instead = decisions[0].proposal.suggestion
                    yield Demand(source, old, place, name, adapts, differs, instead)


def differing(facts: Facts, old: ClassRef, new: ClassRef) -> list[str]:
    """The members of an old class that the new one lacks, or has otherwise."""
    theirs = facts.interface(new).members
    return [
        name
        for name, member in facts.interface(old).members.items()
        if not name.startswith("__") and not is_as_good(member, theirs.get(name))
    ]


def lost(facts: Facts, old: ClassRef, new: ClassRef) -> list[str]:
    """Those of them that are lost to code which only reads or calls them."""
    ours, theirs = facts.interface(old).members, facts.interface(new).members
    return [
        name
        for name in differing(facts, old, new)
        if not all(is_as_good(ours[name], theirs.get(name), k) for k in (Kind.READ, Kind.CALL))
    ]


def _is_in(node: Node, parts: Sequence[Span]) -> bool:
    return any(part.contains(span(node)) for part in parts)


def _outer(type_: Type) -> Type:
    """The type without what is inside containers."""
    return frozenset(Instance(a.cls) if isinstance(a, Instance) else a for a in type_)
