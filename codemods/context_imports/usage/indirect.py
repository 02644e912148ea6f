"""Uses of a class and its objects through the standard library and other detours."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from codemods.context_imports.facts import Facts
from codemods.context_imports.usage.pairs import Pairs
from codemods.context_imports.usage.uses import (
    ConstructorCall,
    Form,
    Key,
    Kind,
    Named,
    Pattern,
    Use,
    Whole,
)
from codemods.context_imports.values.origins import Origins, Place
from migrate.project import Project
from migrate.project.binding import arguments_of_call
from migrate.project.env import Env
from migrate.project.interface import MemberKind
from migrate.project.types import ClassObject, ClassRef, External, Type, is_unknown, without_none
from migrate.syntax import ancestors, captures, descendants, parts, text_of, unstarred
from migrate.view import FileView

REPLACE = frozenset({"dataclasses.replace", "copy.replace"})
ALL_FIELDS = frozenset({"dataclasses.asdict", "builtins.vars"})
IN_ORDER = frozenset({"dataclasses.astuple", "dataclasses.fields"})
GETTERS = frozenset({"operator.attrgetter", "operator.methodcaller"})
_MOCKS = frozenset(
    {
        "AsyncMock",
        "MagicMock",
        "Mock",
        "NonCallableMagicMock",
        "NonCallableMock",
        "create_autospec",
    }
)
_SPECS = frozenset({"spec", "spec_set"})


@dataclass(frozen=True)
class Indirect:
    """Looks for the uses of one file that are no plain calls or attributes.

    `lost` are the members that the new classes lack or have otherwise; `guessed` tells whether an
    expression of unknown type is taken for an object of the class.
    """

    view: FileView
    facts: Facts
    pairs: Pairs
    origins: Origins
    lost: frozenset[str]
    guessed: Callable[[Node], bool]

    def uses(self) -> Iterator[Use]:
        """Every such use in the file."""
        root = self.view.tree.root_node
        for call in captures("(call) @call", root).get("call", []):
            yield from self._call(call)
        for node in self.view.identifiers("__dict__"):
            attribute = node.parent
            holder = attribute.child_by_field_name("object") if attribute is not None else None
            if attribute is not None and holder is not None and holder != node:
                yield from self._all_fields(attribute, holder)
        for pattern in captures("(class_pattern) @pattern", root).get("pattern", []):
            yield from self._pattern(pattern)
        yield from self._keys()

    # Calls

    def _call(self, call: Node) -> Iterator[Use]:
        function = call.child_by_field_name("function")
        if function is None:
            return
        function = unstarred(function)
        if function.type == "call":
            yield from self._of_type(call, function)
            return
        name = function.child_by_field_name("attribute")
        holder = function.child_by_field_name("object")
        if name is not None and holder is not None and text_of(name) == "__class__":
            yield from self._construction(call, self.view.type_of(holder), Form.CALL, 0)
        elif name is not None and holder is not None and text_of(name) == "__init__":
            yield from self._init(call, holder)
        else:
            type_ = self.view.type_of(function)
            if is_unknown(type_):
                yield from self._completed(call, function)
            for atom in type_:
                if isinstance(atom, ClassObject) and isinstance(atom.cls, External):
                    yield from self._library_call(call, atom.cls.dotted)

    def _library_call(self, call: Node, called: str) -> Iterator[Use]:
        arguments = arguments_of_call(call)
        first = arguments[0].node if arguments and arguments[0].name is None else None
        if called.rpartition(".")[2] in _MOCKS and "mock" in called:
            yield from self._mock(call)
        elif first is None or arguments[0].starred:
            return
        elif called == "functools.partial":
            old = self.pairs.old_of_class(self.view.type_of(first))
            if old is not None:
                new = self.pairs.new_of[old]
                yield ConstructorCall(call, old, new, True, Form.PARTIAL, 1)
        elif called in REPLACE:
            yield from self._construction(call, self.view.type_of(first), Form.REPLACE, 1)
            if self.guessed(first):
                yield from self._guessed_replace(call)
        elif called in ALL_FIELDS:
            yield from self._all_fields(call, first)
        elif called in IN_ORDER:
            yield from self._whole(call, first)
        elif called in GETTERS:
            yield from self._getter(call)

    def _completed(self, call: Node, function: Node) -> Iterator[ConstructorCall]:
        """A call of what `partial` made of the class."""
        if b"functools" not in self.view.text.utf8:
            return
        for origin in self.origins.of(function):
            match origin.value:
                case ast.Call(func=made, args=[cls, *given]) if self._is_partial(made, origin.env):
                    old = self.pairs.old_of_class(self.view.project.infer(cls, origin.env))
                    if old is not None:
                        new = self.pairs.new_of[old]
                        yield ConstructorCall(call, old, new, False, Form.PARTIAL, 0, len(given))
                        return

    def _is_partial(self, function: ast.expr, env: Env) -> bool:
        external = External("functools.partial")
        return ClassObject(external) in self.view.project.infer(function, env)

    def _construction(
        self, call: Node, type_: Type, form: Form, leading: int
    ) -> Iterator[ConstructorCall]:
        type_ = without_none(type_)
        old = self.pairs.old_of_object(type_)
        if old is not None:
            new, certain = self.pairs.new_of[old], self.pairs.is_certain(type_)
            yield ConstructorCall(call, old, new, certain, form, leading)

    def _of_type(self, call: Node, function: Node) -> Iterator[ConstructorCall]:
        """`type(value)(...)`."""
        inner = arguments_of_call(function)
        named = function.child_by_field_name("function")
        if named is not None and text_of(named) == "type" and len(inner) == 1:
            yield from self._construction(call, self.view.type_of(inner[0].node), Form.CALL, 0)

    def _init(self, call: Node, holder: Node) -> Iterator[ConstructorCall]:
        """`C.__init__(self, ...)` and `super().__init__(...)` in a class below."""
        around = next((n for n in ancestors(call) if n.type == "class_definition"), None)
        old = self.pairs.old_of_class(self.view.type_of(holder))
        leading = 1
        if text_of(holder).startswith("super(") and around is not None:
            order = self.view.project.lineage(
                self.view.project.class_at(self.view.path, around)
            ).order[1:]
            old = self.pairs.old(order[0]) if order else None
            leading = 0
        if old is not None:
            yield ConstructorCall(call, old, self.pairs.new_of[old], True, Form.CALL, leading)

    def _guessed_replace(self, call: Node) -> Iterator[Use]:
        """`replace(context, metadata=...)` on what seems to be a context."""
        for argument in arguments_of_call(call)[1:]:
            if argument.name is not None:
                yield from self._named(argument.node.parent or call, argument.name)

    def _named(self, node: Node, name: str, kind: Kind = Kind.WRITE) -> Iterator[Named]:
        """A member that is named somewhere, if a new class lacks it."""
        for old, new in self.pairs.new_of.items():
            ours, theirs = (self.facts.interface(cls).members for cls in (old, new))
            if name in ours and name not in theirs:
                yield Named(node, name, kind)
                return

    # All fields

    def _whole(self, node: Node, value: Node) -> Iterator[Whole]:
        type_ = without_none(self.view.type_of(value))
        old = self.pairs.old_of_object(type_) or self.pairs.old_of_class(type_)
        if old is not None:
            yield Whole(node, old, self.pairs.new_of[old])

    def _all_fields(self, mapping: Node, value: Node) -> Iterator[Use]:
        """A mapping of all fields, of which a key may be asked that both classes have."""
        key = key_asked(mapping)
        if key is None:
            yield from self._whole(mapping, value)
            return
        type_ = without_none(self.view.type_of(value))
        known = self.pairs.old_of_object(type_) is not None
        if known or (is_unknown(type_) and self.guessed(value)):
            yield from self._named(key, text_of(key)[1:-1], Kind.READ)

    def _keys(self) -> Iterator[Key]:
        """Keys that are asked of what a method returns, and that only the old class's has."""
        for method, function, name, _ in lost_keys(
            self.view.project, self.facts, self.pairs.new_of
        ):
            if method.encode() not in self.view.text.utf8:
                continue
            for literal in self.view.strings(name):
                mapping = mapping_of(literal)
                if mapping is not None and self._is_result(mapping, method, function):
                    yield Key(literal, method, name)

    def _is_result(self, mapping: Node, method: str, function: Place) -> bool:
        """Whether a value may be what a method of the old class returned."""
        called = mapping.child_by_field_name("function") if mapping.type == "call" else None
        holder = called.child_by_field_name("object") if called is not None else None
        name = called.child_by_field_name("attribute") if called is not None else None
        is_call = holder is not None and name is not None and text_of(name) == method
        if is_call and holder is not None and self.guessed(holder):
            return True
        found = self.origins.of(mapping)
        return any(entered.function == function for each in found for entered in each.calls)

    # Names in strings, mocks and patterns

    def _getter(self, call: Node) -> Iterator[Use]:
        for argument in arguments_of_call(call):
            if argument.node.type == "string":
                for name in argument.source[1:-1].split("."):
                    if name in self.lost:
                        yield from self._named(argument.node, name, Kind.READ)

    def _mock(self, call: Node) -> Iterator[Use]:
        """What a mock with the class as its specification is given by keyword."""
        arguments = arguments_of_call(call)
        specs = [a.node for a in arguments[:1] if a.name is None and not a.starred]
        specs += [a.node for a in arguments if a.name in _SPECS]
        if any(self.pairs.old_of_class(self.view.type_of(spec)) is not None for spec in specs):
            for argument in arguments:
                if argument.name in self.lost and argument.name is not None:
                    yield from self._named(argument.node.parent or call, argument.name)

    def stands_for(self, value: Node) -> ClassRef | None:
        """The old class that a value is a mock of, by its specification."""
        if b"spec" not in self.view.text.utf8:
            return None
        for origin in self.origins.of(value):
            match origin.value:
                case ast.Call(func=function, args=arguments, keywords=keywords):
                    called = ast.unparse(function).rpartition(".")[2]
                    specs = [k.value for k in keywords if k.arg in _SPECS] + arguments[:1]
                    types = (self.view.project.infer(spec, origin.env) for spec in specs)
                    olds = [old for type_ in types if (old := self.pairs.old_of_class(type_))]
                    if called in _MOCKS and olds:
                        return olds[0]
        return None

    def _pattern(self, pattern: Node) -> Iterator[Pattern]:
        cls, *given = parts(pattern)
        old = self.pairs.old_of_class(self.view.type_of(cls))
        if old is None:
            return
        inner = [parts(each)[0] if parts(each) else each for each in given]
        keywords = [parts(each) for each in inner if each.type == "keyword_pattern"]
        yield Pattern(
            pattern,
            old,
            self.pairs.new_of[old],
            tuple(
                g for g, each in zip(given, inner, strict=True) if each.type != "keyword_pattern"
            ),
            tuple((each[0], each[-1]) for each in keywords),
        )


def key_asked(mapping: Node) -> Node | None:
    """The literal key in `mapping["key"]` and `mapping.get("key")`; None where there is none."""
    holder = mapping.parent
    if holder is not None and holder.type == "subscript":
        key = holder.child_by_field_name("subscript")
        if holder.child_by_field_name("value") == mapping and key is not None:
            return key if key.type == "string" else None
    name = holder.child_by_field_name("attribute") if holder is not None else None
    call = holder.parent if holder is not None else None
    if name is None or call is None or call.type != "call" or text_of(name) not in ("get", "pop"):
        return None
    arguments = arguments_of_call(call)
    return arguments[0].node if arguments and arguments[0].node.type == "string" else None


def mapping_of(key: Node) -> Node | None:
    """The mapping that a literal is asked for: by brackets, `get`, `pop` or `in`."""
    holder = key.parent
    if holder is None:
        return None
    if holder.type == "subscript":
        return holder.child_by_field_name("value")
    if holder.type == "comparison_operator":
        operators = {child.type for child in holder.children} & {"in", "not in"}
        return holder.named_children[-1] if operators and holder.named_children[0] == key else None
    function = holder.parent.child_by_field_name("function") if holder.parent else None
    name = function.child_by_field_name("attribute") if function is not None else None
    if function is None or name is None or text_of(name) not in ("get", "pop"):
        return None
    return function.child_by_field_name("object")


def lost_keys(
    project: Project, facts: Facts, new_of: Mapping[ClassRef, ClassRef]
) -> Iterator[tuple[str, Place, str, ClassRef]]:
    """Of methods that return a mapping in both classes, the keys that only the old one has.

    Each with the method's name and place, and the old class.
    """
    for old, new in new_of.items():
        for name, member in facts.interface(old).members.items():
            if member.kind is not MemberKind.METHOD:
                continue
            ours, theirs = (_returned_keys(project, cls, name) for cls in (old, new))
            found = project.find_member(old, name)
            if ours is not None and theirs is not None and found is not None:
                place = (found[0].path, found[1].start)
                yield from ((name, place, key, old) for key in sorted(ours - theirs))


def _returned_keys(project: Project, cls: ClassRef, method: str) -> set[str] | None:
    """The keys of the mapping that a method writes out and returns; None if it does not."""
    member = project.find_member(cls, method)
    if member is None:
        return None
    owner, binding = member
    node = project.index.node(owner.path, binding.start, "function_definition")
    found = [n for n in descendants(node) if n.type == "return_statement"] if node else []
    values = [statement.named_children[0] for statement in found if statement.named_children]
    if not values or any(value.type != "dictionary" for value in values):
        return None
    pairs = [pair for value in values for pair in parts(value) if pair.type == "pair"]
    keys = [pair.child_by_field_name("key") for pair in pairs]
    return {text_of(key)[1:-1] for key in keys if key is not None and key.type == "string"}
