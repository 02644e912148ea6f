"""The sites of a parameter's new name: calls that give it by keyword, and its definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from tree_sitter import Node

from codemods.renames import keyword_rules as rules
from codemods.renames.bases import is_protocol, unknown_base
from codemods.renames.functions import Match, Matcher
from codemods.renames.mocks import is_expectation, is_seen_keyword
from codemods.renames.options import KeywordOptions, KeywordRename
from codemods.renames.origins import Origins
from codemods.renames.parameters import (
    Definition,
    Problem,
    State,
    definition_at,
    mentions_in,
    parameter_of,
    uses_of,
)
from codemods.renames.proposals import surest
from codemods.renames.targets import (
    Functions,
    Missing,
    Outside,
    definitions_of,
    find_target,
    is_left_out,
)
from migrate.codemod import Proposal
from migrate.project.binding import arguments_of_call
from migrate.project.interface import interface_of
from migrate.project.types import ClassRef, is_unknown
from migrate.syntax import ancestors, captures, is_label, unstarred
from migrate.text import whole_words
from migrate.view import FileView

# Where the name of a function stands that is no use of it.
_NO_VALUES = frozenset(
    {"aliased_import", "dotted_name", "function_definition", "import_from_statement"}
)


def inspect(view: FileView, options: KeywordOptions) -> Iterator[Proposal]:
    """Every site of a file for each rename; where two renames see the same, the surer one."""
    return surest(p for rename in options.renames for p in _Renaming(view, rename).proposals())


def may_match(data: bytes, options: KeywordOptions) -> bool:
    """Whether a file has a keyword of that name, or hands the function a mapping."""
    return any(_may_match(data, rename) for rename in options.renames)


def _may_match(data: bytes, rename: KeywordRename) -> bool:
    if any(True for _ in whole_words(data, rename.from_.encode())):
        return True
    name = rename.function.rpartition(".")[2].encode()
    return b"**" in data and any(True for _ in whole_words(data, name))


class _Renaming:
    """One rename in one file."""

    def __init__(self, view: FileView, rename: KeywordRename) -> None:
        self.view = view
        self.rename = rename
        self.target = find_target(view.project, rename.function, view.path)
        self.matcher = Matcher(view, rename.function, self.target)
        self.origins = Origins(view, self.matcher.holds)

    def proposals(self) -> Iterator[Proposal]:
        yield from self._definitions()
        yield from self._keywords()
        yield from self._mappings()
        yield from self._strings()

    # The definition

    def _definitions(self) -> Iterator[Proposal]:
        for definition in self._here():
            yield from self._definition(definition)

    def _here(self) -> Iterator[Definition]:
        """The definitions of the function in this file, those in classes below included."""
        starts = {start for path, start in self.matcher.places if path == self.view.path}
        if isinstance(self.target, Functions) and self.target.owner is not None:
            for name in self.view.identifiers(self.target.name):
                node = name.parent
                if node is not None and node.type == "function_definition":
                    start = node.start_byte
                    if self.matcher.overrides(self.view.path, start):
                        starts.add(start)
        for start in sorted(starts):
            if (found := self._defined(self.view.path, start)) is not None:
                yield found

    def _defined(self, path: str, start: int) -> Definition | None:
        return definition_at(self.view.project, path, start, self.rename.from_, self.rename.to)

    def _definition(self, found: Definition) -> Iterator[Proposal]:
        where = parameter_of(found, self.rename.from_)
        for mention in mentions_in(found, self.rename.from_):
            yield rules.text(self.rename, mention)
        if found.state is State.BOTH:
            yield rules.kept(self.rename, where)
        elif found.state is State.OLD:
            problem = found.problem or self.problem
            if problem is not None:
                yield rules.stays(self.rename, where, problem)
            else:
                for node in (where, *uses_of(found, self.rename.from_)):
                    yield replace(rules.definition(self.rename, node), group=self.rename)
        elif found.state in (State.ANY, State.NEITHER) and found.node.start_byte not in {
            start for _, start in self.matcher.places
        }:
            yield rules.override(self.rename, where, takes_any=found.state is State.ANY)

    @cached_property
    def problem(self) -> Problem | None:
        """Why calls must not use the new name, whoever makes them; None if they may."""
        if isinstance(self.target, Outside):
            return None
        if isinstance(self.target, Missing):
            return "target-missing", f"there is no {self.rename.function} in the project"
        if isinstance(self.target, ClassRef) and not self.matcher.places:
            return self._constructor_problem(self.target)
        found = [self._defined(path, start) for path, start in self.matcher.places]
        for definition in found:
            if definition is None:
                return "target-missing", f"the source of {self.rename.function} cannot be read"
            if definition.problem is not None:
                return "definition-stays", definition.problem[1]
            if definition.state is State.ANY:
                return "takes-any-keyword", f"{definition.facts.name} takes any keyword by **"
            if definition.state is State.NEITHER:
                what = f"{definition.facts.name} has no parameter {self.rename.to}"
                return "definition-stays", f"{what}, nor {self.rename.from_}"
        old = [each for each in found if each is not None and each.state is State.OLD]
        for each in old:
            if is_left_out(self.view.project, each.path):
                return "left-out", f"{each.path}, which this run leaves out, defines it"
        if old:
            return self._problem_around() or self._problem_above() or self._problem_below()
        return None

    def _problem_around(self) -> Problem | None:
        """Whether something else than calls of the definition depends on the name."""
        project = self.view.project
        if isinstance(self.target, Functions) and self.target.owner is not None:
            owner = self.target.owner
            if is_protocol(project, owner):
                return "protocol", f"classes can follow {owner.name} without deriving from it"
        if not isinstance(self.target, ClassRef):
            return None
        if project.hierarchy.metaclass_may_have(self.target, "__call__"):
            return "definition-stays", f"the metaclass of {self.target.name} gets it, too"
        for cls in project.lineage(self.target).order:
            for binding in project.class_facts(cls).members.get("__new__", ()):
                if self._has_word(cls.path, binding.start):
                    return "definition-stays", f"{cls.name}.__new__ gets it, too"
        return None

    def _has_word(self, path: str, start: int) -> bool:
        """Whether the source of a function has the old name; yes for what is no function."""
        node = self.view.project.index.node(path, start, "function_definition")
        word = self.rename.from_.encode()
        return node is None or any(True for _ in whole_words(node.text or b"", word))

    def _problem_above(self) -> Problem | None:
        """Whether the target takes the place of a method of a base, which has to change first."""
        if not isinstance(self.target, Functions) or self.target.owner is None:
            return None
        project, name = self.view.project, self.target.name
        for above in project.lineage(self.target.owner).order[1:]:
            if name in project.class_facts(above).members:
                why = f"it overrides {above.name}.{name}: name that method"
                return "definition-stays", why
        return unknown_base(project, self.target.owner, name)

    def _problem_below(self) -> Problem | None:
        """Why a method that overrides the target, wherever it is, cannot follow."""
        if not isinstance(self.target, Functions) or self.target.owner is None:
            return None
        project, name = self.view.project, self.target.name
        for cls in project.below.classes(self.target.owner, definitions_of(name)):
            for binding in project.class_facts(cls).members.get(name, ()):
                found = self._defined(cls.path, binding.start)
                where = f"{cls.name}.{name}, which overrides it in {cls.path}"
                if found is None or found.state is State.ANY:
                    return "definition-stays", f"{where}, may take it in another way"
                if found.problem is not None:
                    return "definition-stays", f"{found.problem[1]}, in {cls.path}"
                if found.state is State.OLD and is_left_out(project, cls.path):
                    return "left-out", f"this run leaves out {where}"
        return None

    def _constructor_problem(self, cls: ClassRef) -> Problem | None:
        """The same for a class without an `__init__` of its own, such as a dataclass."""
        interface = interface_of(self.view.project, cls)
        if interface.constructor is None:
            return "definition-stays", f"nothing says what {cls.name} is constructed from"
        names = {parameter.name for parameter in interface.constructor.parameters}
        if self.rename.to in names:
            return None
        if interface.is_dataclass and self.rename.from_ in names:
            hint = "a rule of the kind rename-attribute renames it with its uses"
            return "definition-stays", f"{self.rename.from_} is a field of {cls.name}; {hint}"
        return "definition-stays", f"{cls.name} has no constructor of its own that takes it"

    # Calls

    @cached_property
    def _group(self) -> KeywordRename | None:
        """What calls in this file are rewritten with: the definition, where that is here."""
        return self.rename if any(True for _ in self._here()) else None

    def _keywords(self) -> Iterator[Proposal]:
        for node in self.view.identifiers(self.rename.from_):
            argument = node.parent
            if argument is None or argument.type != "keyword_argument":
                continue
            if argument.child_by_field_name("name") != node or argument.parent is None:
                continue
            call = argument.parent.parent
            function = call.child_by_field_name("function") if call is not None else None
            if call is not None and call.type == "call" and function is not None:
                yield from self._keyword(argument, call, function)

    def _keyword(self, argument: Node, call: Node, function: Node) -> Iterator[Proposal]:
        match self.matcher.match(function):
            case Match.YES:
                yield self._given(argument, call, function)
            case Match.MAYBE if isinstance(self.target, Missing) and self.problem is not None:
                yield rules.not_yet(self.rename, argument, self.problem)
            case Match.MAYBE:
                yield rules.unknown(self.rename, argument, self.view.source(unstarred(function)))
            case Match.NO if self._is_passed_on(call):
                yield rules.passed_on(self.rename, argument)
            case Match.NO if is_expectation(self.view, function, self.matcher.name):
                yield rules.expected(self.rename, argument)
            case Match.NO if self._may_be_handed_on(function):
                yield rules.unknown(self.rename, argument, self.view.source(unstarred(function)))
            case Match.NO if self.matcher.is_called_alike(function):
                yield rules.other(self.rename, argument)

    def _given(self, argument: Node, call: Node, function: Node) -> Proposal:
        names = {each.name for each in arguments_of_call(call)}
        problem = self.problem or self._override_problem(function)
        if self.rename.to in names:
            return rules.both_given(self.rename, argument)
        if problem is not None:
            return rules.not_yet(self.rename, argument, problem)
        return replace(rules.call(self.rename, argument), group=self._group)

    def _override_problem(self, function: Node) -> Problem | None:
        """Why the method of a class below, which the call runs, does not take the new name."""
        for atom in self.view.type_of(unstarred(function)):
            path, start = getattr(atom, "path", ""), getattr(atom, "start", -1)
            if (path, start) in self.matcher.places or start < 0:
                continue
            found = self._defined(path, start)
            if found is not None and found.problem is not None:
                return "definition-stays", found.problem[1]
            if found is not None and found.state in (State.ANY, State.NEITHER):
                why = f"the method of the class below has no parameter {self.rename.to!r}"
                return "definition-stays", why
        return None

    def _is_passed_on(self, call: Node) -> bool:
        """Whether the function is an argument of the call, as in `partial(function, old=1)`."""
        values = [each.node for each in arguments_of_call(call)]
        return any(
            value.type in ("identifier", "attribute") and self.matcher.match(value) is not Match.NO
            for value in values
        )

    def _may_be_handed_on(self, function: Node) -> bool:
        """Whether nothing says what is called, and it may be, or be made from, the function."""
        is_open = self._has_value and is_unknown(self.view.type_of(unstarred(function)))
        return is_open or self._is_made_from(function)

    def _is_made_from(self, function: Node) -> bool:
        """Whether nothing says what is called but that it is made from the function."""
        function = unstarred(function)
        return is_unknown(self.view.type_of(function)) and self.origins.has(function)

    @cached_property
    def _has_value(self) -> bool:
        """Whether the file uses the function other than by calling it."""
        if isinstance(self.target, ClassRef):  # classes are values all the time
            return False
        for node in self.view.identifiers(self.matcher.name):
            parent = node.parent
            is_attribute = parent is not None and parent.child_by_field_name("attribute") == node
            value = parent if parent is not None and is_attribute else node
            around = value.parent
            if around is None or around.type in _NO_VALUES or is_label(value):
                continue
            is_called = around.type == "call" and around.child_by_field_name("function") == value
            if not is_called and self.matcher.match(value) is Match.YES:
                return True
        return False

    def _mappings(self) -> Iterator[Proposal]:
        """Calls of the function whose keywords come from a mapping."""
        found = captures("(dictionary_splat) @splat", self.view.tree.root_node).get("splat", [])
        for splat in sorted(found, key=lambda node: node.start_byte):
            call = splat.parent.parent if splat.parent is not None else None
            function = call.child_by_field_name("function") if call is not None else None
            if call is None or call.type != "call" or function is None:
                continue
            given = {each.name for each in arguments_of_call(call)}
            if given & {self.rename.from_, self.rename.to}:
                continue
            if self.matcher.match(function) is Match.YES or self._is_made_from(function):
                yield rules.mapping(self.rename, splat)

    def _strings(self) -> Iterator[Proposal]:
        """The old name in a mapping that is handed on with the function."""
        for string in self.view.strings(self.rename.from_):
            calls = (above for above in ancestors(string) if above.type == "call")
            if any(self._is_passed_on(call) for call in calls):
                yield rules.passed_on(self.rename, string)
            elif is_seen_keyword(string) and self._is_named():
                yield rules.expected(self.rename, string)

    def _is_named(self) -> bool:
        return any(True for _ in self.view.text.occurrences(self.matcher.name.encode()))


def needles(options: KeywordOptions) -> tuple[bytes, ...]:
    """The old names, and those of the functions."""
    names: Iterable[str] = (
        name for r in options.renames for name in (r.from_, r.function.rpartition(".")[2])
    )
    return tuple(dict.fromkeys(name.encode() for name in names))
