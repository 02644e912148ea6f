"""The sites of an attribute's new name: uses, definitions, keywords and strings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from tree_sitter import Node

from codemods.context_imports.usage.uses import Kind, kind_of
from codemods.renames import attribute_rules as rules
from codemods.renames import lookups, plans
from codemods.renames.classes import Belongs, Family
from codemods.renames.functions import instance_of
from codemods.renames.options import AttributeOptions, AttributeRename
from codemods.renames.parameters import Problem, State, is_parameter, shows_its_source
from codemods.renames.proposals import surest
from codemods.renames.targets import find_target
from migrate.codemod import Proposal
from migrate.model import Span
from migrate.project.types import Atom, ClassObject, ClassRef, External, Type, is_unknown
from migrate.syntax import (
    FUNCTIONS,
    ancestors,
    captures,
    enclosing_scopes,
    parts,
    span,
    text_of,
    unstarred,
)
from migrate.view import FileView

# Methods that are called with the names of attributes.
_BY_NAME = frozenset({"__delattr__", "__getattr__", "__getattribute__", "__setattr__"})
_NOT_POSITIONAL = ("keyword_argument", "dictionary_splat", "list_splat")
_NAME_LISTS = frozenset({"__slots__", "__match_args__"})


def inspect(view: FileView, options: AttributeOptions) -> Iterator[Proposal]:
    """Every site of a file for each rename; where two renames see the same, the surer one."""
    return surest(p for rename in options.renames for p in _Renaming(view, rename).proposals())


def needles(options: AttributeOptions) -> tuple[bytes, ...]:
    """The old names, and those of the classes."""
    names = (name for r in options.renames for name in (r.from_, r.class_.rpartition(".")[2]))
    return tuple(dict.fromkeys(name.encode() for name in names))


def may_match(data: bytes, options: AttributeOptions) -> bool:
    """Whether a file has an attribute's name, or may construct an object from a mapping."""
    return any(
        rename.from_.encode() in data
        or (b"**" in data and rename.class_.rpartition(".")[2].encode() in data)
        for rename in options.renames
    )


class _Renaming:
    """One rename in one file."""

    def __init__(self, view: FileView, rename: AttributeRename) -> None:
        self.view = view
        self.rename = rename
        target = find_target(view.project, rename.class_, view.path)
        self.family = Family(view, rename.class_, rename.from_, rename.to, target)
        self.state = self.family.state()

    def proposals(self) -> Iterator[Proposal]:
        group = self.rename if self._is_defined_here() else None
        for proposal in self._sites():
            yield replace(proposal, group=group)

    def _is_defined_here(self) -> bool:
        """Whether this file has the class: then its uses here change with it, or not at all."""
        target = self.family.target
        return isinstance(target, ClassRef) and target.path == self.view.path

    def _sites(self) -> Iterator[Proposal]:
        for node in self.view.identifiers(self.rename.from_):
            if (proposal := self._identifier(node)) is not None:
                yield proposal
        cls = self.rename.class_.rpartition(".")[2]
        names_class = any(True for _ in self.view.text.occurrences(cls.encode()))
        for string in self.view.strings(self.rename.from_):
            if (proposal := self._string(string)) is not None:
                yield proposal
            elif names_class:
                yield rules.text(self.rename, span(string))
        for string, value in lookups.dotted_strings(self.view, self.rename.from_):
            if (proposal := self._dotted(string, value)) is not None:
                yield proposal
        yield from self._mappings()

    def _identifier(self, node: Node) -> Proposal | None:
        parent = node.parent
        if parent is None:
            return None
        if parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
            holder = parent.child_by_field_name("object")
            return self._attribute(parent, holder) if holder is not None else None
        if parent.type == "keyword_argument" and parent.child_by_field_name("name") == node:
            return self._keyword(parent)
        if parent.type == "keyword_pattern" and parent.named_children[0] == node:
            return self._pattern(node)
        return self._defined(node)

    # Uses

    def _attribute(self, attribute: Node, holder: Node) -> Proposal | None:
        after = f"{self.view.source(unstarred(holder))}.{self.rename.to}"
        writes = kind_of(attribute)[0] is Kind.WRITE
        plan = plans.Attribute(self.rename.to)
        return self._use("attribute", attribute, holder, plan, after, writes=writes)

    def _use(
        self, rule: str, node: Node, holder: Node, plan: plans.Plan, after: str, *, writes: bool
    ) -> Proposal:
        belongs, classes = self.family.belongs(holder)
        if belongs is Belongs.NO:
            return rules.other(self.rename, rule, node)
        if belongs is Belongs.MAYBE:
            source = self.view.source(unstarred(holder))
            may_be = bool(classes)
            return rules.unknown(self.rename, rule, node, source, after, may_be=may_be)
        problem = self._problem(classes) or self._both(node, writes=writes)
        if problem is None and shows_its_source(node):
            problem = "shown", "the f-string prints the name with its value"
        if problem is not None:
            return rules.not_yet(self.rename, rule, node, problem, after)
        return rules.use(self.rename, rule, node, plan)

    def _problem(self, classes: tuple[ClassRef, ...]) -> Problem | None:
        found = [self.family.target_problem, *map(self.family.problem, classes)]
        return next((problem for problem in found if problem is not None), None)

    def _both(self, node: Node, *, writes: bool) -> Problem | None:
        """Why a use has to be looked at in a class that has both names for now."""
        if self.state is not State.BOTH:
            return None
        own = any(
            above.type == "class_definition"
            and self.family.has(self.view.project.class_at(self.view.path, above))
            for above in ancestors(node)
        )
        if own or writes:
            return (
                "both-names",
                f"the class has {self.rename.to!r}, too, and this may be its upkeep",
            )
        return None

    # Definitions

    def _defined(self, node: Node) -> Proposal | None:
        """A name that is bound, or read, directly in the body of a class of the family."""
        if not any(body.start <= node.start_byte < body.end for body in self._bodies):
            return None
        scope = enclosing_scopes(node)[0]
        if scope.type != "class_definition" or is_parameter(node):
            return None
        namespace = self.view.project.local_namespace(self.view.path, scope)
        cls = self.view.project.class_at(self.view.path, scope)
        if self.rename.from_ not in namespace.names or not self.family.has(cls):
            return None
        if self.state is State.BOTH:
            return rules.kept(self.rename, node)
        problem = self._problem((cls,))
        if problem is not None:
            return rules.stays(self.rename, node, problem)
        return rules.definition(self.rename, node)

    @cached_property
    def _bodies(self) -> list[Span]:
        """The classes of the family in this file: scopes are slow to tell in deep expressions."""
        found = captures("(class_definition) @class", self.view.tree.root_node).get("class", [])
        project, path = self.view.project, self.view.path
        return [span(node) for node in found if self.family.has(project.class_at(path, node))]

    # Keywords

    def _keyword(self, argument: Node) -> Proposal | None:
        call = argument.parent.parent if argument.parent is not None else None
        function = call.child_by_field_name("function") if call is not None else None
        if call is None or call.type != "call" or function is None:
            return None
        after = self.rename.to + text_of(argument).removeprefix(self.rename.from_)
        if self._is_by_keyword(argument, function):
            return rules.by_name(self.rename, argument, after)
        type_ = self.view.type_of(unstarred(function))
        if type_ == {ClassObject(External("dataclasses.replace"))}:
            return self._replaced(argument, call, after)
        classes = [
            atom.cls
            for atom in type_
            if isinstance(atom, ClassObject)
            and isinstance(atom.cls, ClassRef)
            and self.family.has(atom.cls)
        ]
        if not classes:
            may_be = self._may_construct(function, type_)
            return rules.constructor(self.rename, argument, after) if may_be else None
        if len(type_) > 1:
            return rules.constructor(self.rename, argument, after)
        return self._constructed(argument, classes[0], after)

    def _is_by_keyword(self, argument: Node, function: Node) -> bool:
        """Whether a keyword of some function is the name of an attribute of the family."""
        holder = function.child_by_field_name("object")
        owner = lookups.dictionary_owner(holder) if holder is not None else None
        if owner is not None:
            return self.family.belongs(owner)[0] is not Belongs.NO
        for each in lookups.specified_by(argument):
            if each.type == "string":
                belongs = self.family.belongs_by_name(text_of(each)[1:-1])
            else:
                belongs = self.family.belongs(each)
            if belongs[0] is Belongs.YES:
                return True
        return False

    def _mappings(self) -> Iterator[Proposal]:
        """`Context(**values)`, where the attribute is a field of the dataclass."""
        found = captures("(dictionary_splat) @splat", self.view.tree.root_node).get("splat", [])
        for splat in sorted(found, key=lambda node: node.start_byte):
            call = lookups.call_of(splat)
            if call is None:
                continue
            if {self.rename.from_, self.rename.to} & set(map(_keyword_of, call[1])):
                continue
            type_ = self.view.type_of(unstarred(call[0]))
            if type_ == {ClassObject(External("dataclasses.replace"))}:
                given = [each for each in call[1] if each.type not in _NOT_POSITIONAL][:1]
                fields = any(self.family.belongs(each)[0] is Belongs.YES for each in given)
            else:
                fields = any(self._has_field(atom) for atom in type_)
            if fields:
                yield rules.mapping(self.rename, splat)

    def _has_field(self, atom: Atom) -> bool:
        """Whether calling a value makes an object of the family from the fields of a dataclass."""
        if not isinstance(atom, ClassObject) or not isinstance(atom.cls, ClassRef):
            return False
        if not self.family.has(atom.cls) or not self.family.interface(atom.cls).is_dataclass:
            return False
        return "__init__" not in self.view.project.class_facts(atom.cls).members

    def _may_construct(self, function: Node, type_: Type) -> bool:
        """Whether a call may construct an object of the family, in a way that is not followed."""
        instance = instance_of(function)
        if instance is None and text_of(function) == "super().__init__":
            instance = function.child_by_field_name("object")
        if instance is not None:
            return self.family.belongs(instance)[0] is not Belongs.NO
        last = text_of(function.child_by_field_name("attribute") or function)
        return is_unknown(type_) and last == self.rename.class_.rpartition(".")[2]

    def _replaced(self, argument: Node, call: Node, after: str) -> Proposal | None:
        arguments = call.child_by_field_name("arguments")
        given = parts(arguments) if arguments is not None else []
        if not given or given[0].type == "keyword_argument":
            return None
        plan = plans.Keyword(self.rename.to)
        return self._use("keyword", argument, given[0], plan, after, writes=False)

    def _constructed(self, argument: Node, cls: ClassRef, after: str) -> Proposal:
        """A keyword in a call of a class of the family."""
        project = self.view.project
        for above in project.lineage(cls).order:
            if "__init__" in project.class_facts(above).members:
                return self._given_to_init(argument, above, after)
            if self.family.interface(above).is_dataclass:
                problem = self._problem((cls,))
                if problem is not None:
                    return rules.not_yet(self.rename, "keyword", argument, problem, after)
                return rules.keyword(self.rename, argument)
        return rules.constructor(self.rename, argument, after)

    def _given_to_init(self, argument: Node, cls: ClassRef, after: str) -> Proposal:
        """A keyword of a class with an `__init__`, which may hand it on to that of a dataclass."""
        function = self.view.project.method(cls, "__init__")
        names = [p.name for p in function.parameters] if function is not None else []
        if self.rename.from_ in names:
            return rules.parameter(self.rename, argument)
        return rules.constructor(self.rename, argument, after)

    def _pattern(self, node: Node) -> Proposal | None:
        above = next((a for a in ancestors(node) if a.type == "class_pattern"), None)
        if above is None or not above.named_children:
            return None
        belongs, _ = self.family.belongs(above.named_children[0])
        return None if belongs is Belongs.NO else rules.pattern(self.rename, node)

    # Strings

    def _string(self, string: Node) -> Proposal | None:
        """What becomes of a string that is the old name; None if it is mere text."""
        source = self.view.source(string)
        after = source.replace(self.rename.from_, self.rename.to)
        if (found := lookups.holder_of(string)) is not None:
            holder, writes = found
            return self._use("string", string, holder, plans.Literal(after), after, writes=writes)
        owner = lookups.key_owner(string)
        if owner is not None and self.family.belongs(owner)[0] is not Belongs.NO:
            return rules.by_name(self.rename, string, after)
        if lookups.is_getter(string) or self._is_computed_from(string):
            return rules.by_name(self.rename, string, after)
        return self._listed(string, after)

    def _dotted(self, string: Node, value: str) -> Proposal | None:
        """A string that is the attribute's dotted name, or a way to it for a getter."""
        holder, _, last = value.rpartition(".")
        source = self.view.source(string)
        if lookups.is_getter(string):
            names = (
                self.rename.to if name == self.rename.from_ else name for name in value.split(".")
            )
            return rules.by_name(self.rename, string, source.replace(value, ".".join(names)))
        if last != self.rename.from_:
            return None
        belongs, classes = self.family.belongs_by_name(holder)
        if belongs is Belongs.NO:
            return None
        after = source.replace(value, f"{holder}.{self.rename.to}")
        problem = self._problem(classes) or self._both(string, writes=True)
        if belongs is Belongs.MAYBE or not lookups.is_path(string):
            return rules.by_name(self.rename, string, after)
        if problem is not None:
            return rules.not_yet(self.rename, "string", string, problem, after)
        return rules.use(self.rename, "string", string, plans.Literal(after))

    def _is_computed_from(self, string: Node) -> bool:
        """Whether code of the family may look the string up: it has names that are computed.

        As the key of a mapping, the string is data.
        """
        holder = string.parent
        if holder is None or holder.type in ("pair", "subscript"):
            return False
        for function in (above for above in ancestors(string) if above.type in FUNCTIONS):
            name = function.child_by_field_name("name")
            owner = self.view.project.owner(self.view.path, function)
            if name is not None and text_of(name) in _BY_NAME and owner is not None:
                return self.family.has(owner)
        classes = (above for above in ancestors(string) if above.type == "class_definition")
        return any(
            self.family.has(self.view.project.class_at(self.view.path, cls)) and _looks_up(cls)
            for cls in classes
        )

    def _listed(self, string: Node, after: str) -> Proposal | None:
        """A string in `__slots__` or `__match_args__` of a class of the family."""
        assignment = next((a for a in ancestors(string) if a.type == "assignment"), None)
        left = assignment.child_by_field_name("left") if assignment is not None else None
        scope = enclosing_scopes(string)[0]
        if left is None or text_of(left) not in _NAME_LISTS or scope.type != "class_definition":
            return None
        cls = self.view.project.class_at(self.view.path, scope)
        if not self.family.has(cls):
            return None
        problem = self._problem((cls,)) or self._both(string, writes=True)
        if problem is not None:
            return rules.not_yet(self.rename, "string", string, problem, after)
        return rules.use(self.rename, "string", string, plans.Literal(after))


def _keyword_of(argument: Node) -> str:
    name = argument.child_by_field_name("name")
    return text_of(name) if name is not None and argument.type == "keyword_argument" else ""


def _looks_up(node: Node) -> bool:
    """Whether something in a class reads or writes an attribute whose name is not written out."""
    for call in captures("(call function: (identifier) @name)", node).get("name", []):
        arguments = call.parent.child_by_field_name("arguments") if call.parent else None
        given = parts(arguments) if arguments is not None else []
        if text_of(call) in lookups.BUILTINS and len(given) > 1 and given[1].type != "string":
            return True
    return False
