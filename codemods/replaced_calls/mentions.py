"""Where a file looks a name up in a module or in a class by its text, or replaces it there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname

from tree_sitter import Node

from migrate.project import Project
from migrate.project.binding import arguments_of_call
from migrate.project.facts import BindingKind
from migrate.project.index import parse_expression
from migrate.project.types import ClassObject, ClassRef, Instance, ModuleObject, Type, is_unknown
from migrate.syntax import ancestors, captures, text_of, unstarred
from migrate.view import FileView

# What is looked up by a name: the file, and the name there, with the class in front for a method.
Name = tuple[str, str]

# What replaces things, or may be handed the name of what is to be replaced.
_PATCHING = re.compile(r"patch|setattr|replace|stub|spy|mock", re.IGNORECASE)
_READING = re.compile(r"(?:\w+\.)*(?:getattr|hasattr|import\w*|assert\w*|print|\w*log\w*)")
_DOTTED = re.compile(r"\w+(?:\.\w+)+")
_FAR = 10  # constants that are made of constants
_GROUPS = ("tuple_pattern", "list_pattern", "pattern_list")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that names something: as its value, or where something else may take its place."""

    node: Node
    name: Name
    replaces: bool


@dataclass(frozen=True)
class Mentions:
    """What a file has of a name, apart from imports."""

    view: FileView
    name: str

    def __iter__(self) -> Iterator[Mention]:
        """Every mention, attributes first."""
        yield from self._attributes()
        yield from self._keywords()
        yield from self._strings()

    def _attributes(self) -> Iterator[Mention]:
        """`case.send`, and `case.send = fake`."""
        for node in self.view.identifiers(self.name):
            attribute = node.parent
            holder = attribute.child_by_field_name("object") if attribute is not None else None
            if attribute is None or holder is None or holder == node:
                continue
            if holder.type in ("identifier", "attribute"):
                for key in self._names_in(self.view.type_of(holder)):
                    yield Mention(node, key, _is_bound(attribute))

    def _keywords(self) -> Iterator[Mention]:
        """`patch.multiple(case, send=fake)`."""
        for node in self.view.identifiers(self.name):
            call = _call_around(node)
            parent = node.parent
            if call is None or parent is None or parent.type != "keyword_argument":
                continue
            if parent.child_by_field_name("name") == node and _function(call).endswith("multiple"):
                first = next(iter(arguments_of_call(call)))
                yield from (Mention(node, key, True) for key in self._held(first.node))

    def _strings(self) -> Iterator[Mention]:
        """`"app.case.send"`, also in parts, and `"send"` behind its holder."""
        word = self.name.encode()
        for offset in self.view.text.occurrences(word):
            node = self.view.tree.root_node.descendant_for_byte_range(offset, offset + len(word))
            if node is None or node.parent is None or node.type != "string_content":
                continue
            content = text_of(node)
            if content == self.name and (holder := _before(node)) is not None:
                replaces = not _READING.fullmatch(_function(_call_around(node)))
                yield from (Mention(node, key, replaces) for key in self._held(holder))
            pair = node.parent.parent
            if content == self.name and pair is not None and pair.type == "pair":
                # As in a table for a module's `__getattr__`: `{"send": "app.case"}`.
                found = self._names_in(self._modules_in(pair))
                yield from (Mention(node, key, replaces=False) for key in found)
            if content.endswith(f".{self.name}"):
                yield from self._dotted(node)

    def _dotted(self, node: Node) -> Iterator[Mention]:
        """What a string with a dot in front of the name stands for."""
        function = _function(_call_around(node))
        dotted = self._text(_whole(node))
        if dotted is not None and not _DOTTED.fullmatch(dotted):
            return
        if dotted is None and not _PATCHING.search(function):
            return
        holder = dotted.removesuffix(f".{self.name}") if dotted is not None else None
        replaces = self._patches and not _READING.fullmatch(function)
        for key in self._names_in(self._mentioned if holder is None else self._find(holder)):
            yield Mention(node, key, replaces)

    # Holders

    def _held(self, holder: Node) -> Iterator[Name]:
        """What an argument has by the name: a module or class, its `__dict__`, or its name."""
        holder = unstarred(holder)
        if text_of(holder).endswith(".__dict__"):
            holder = holder.child_by_field_name("object") or holder
        type_ = self.view.type_of(holder)
        text = self._text(holder)
        if text is not None:
            type_ = self._find(text.removesuffix(".__dict__"))
        elif holder.type in ("call", "subscript") and not any(self._names_in(type_)):
            # Such as `sys.modules["app.case"]`.
            type_ = self._modules_in(holder)
        elif is_unknown(type_) and _PATCHING.search(_function(_call_around(holder))):
            type_ = self._mentioned
        return self._names_in(type_)

    def _names_in(self, holder: Type) -> Iterator[Name]:
        return names_in(self.view.project, holder, self.name)

    def _find(self, dotted: str) -> Type:
        return self.view.project.find(dotted, dirname(self.view.path))

    @cached_property
    def _mentioned(self) -> Type:
        """The modules of which the file has the names in strings: one of them may be meant."""
        return self._modules_in(self.view.tree.root_node)

    def _modules_in(self, node: Node) -> Type:
        strings = captures("(string_content) @text", node).get("text", [])
        texts = sorted({text_of(each) for each in strings})
        package = dirname(self.view.path).replace("/", ".")
        names = (f"{package}{text}" if text.startswith(".") else text for text in texts)
        found = (self._find(name) for name in names if _DOTTED.fullmatch(name))
        modules = (atom for type_ in found for atom in type_ if isinstance(atom, ModuleObject))
        own = {ModuleObject(self.view.path)} if "__name__" in text_of(node) else ()
        return frozenset({*modules, *own})

    @cached_property
    def _patches(self) -> bool:
        return _PATCHING.search(text_of(self.view.tree.root_node)) is not None

    # Texts

    def _text(self, node: Node) -> str | None:
        """The text that an expression has, as far as constants of the file say so."""
        expression = parse_expression(self.view.source(node))
        return self._value(expression, frozenset()) if expression is not None else None

    def _value(self, node: ast.expr, seen: frozenset[str]) -> str | None:
        match node:
            case ast.Constant(value=str() as text):
                return text
            case ast.JoinedStr(values=parts):
                return _joined([self._value(part, seen) for part in parts])
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self._value(value, seen)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined([self._value(left, seen), self._value(right, seen)])
            case ast.Name(id="__name__"):
                return self.view.path.removesuffix(".py").replace("/", ".")
            case ast.Name(id=name) if name not in seen and len(seen) < _FAR:
                names = self.view.project.index.namespace(self.view.path).names
                bindings = names.get(name, ())
                if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNED:
                    return None
                bound = parse_expression(bindings[0].value or "")
                return self._value(bound, seen | {name}) if bound is not None else None
        return None


def names_in(project: Project, holder: Type, name: str) -> Iterator[Name]:
    """What an attribute of a module is called, or of a class and of those above it."""
    for atom in holder:
        match atom:
            case ModuleObject(path=path):
                yield path, name
            case ClassObject(cls=ClassRef() as cls) | Instance(cls=ClassRef() as cls):
                for above in project.lineage(cls).order:
                    yield above.path, f"{above.name}.{name}"


def _joined(parts: list[str | None]) -> str | None:
    known = [part for part in parts if part is not None]
    return "".join(known) if len(known) == len(parts) else None


def _whole(node: Node) -> Node:
    """The expression that a string is part of: `PATH + ".send"`, and strings side by side."""
    around = ("string", "concatenated_string", "binary_operator")
    whole = node
    while whole.parent is not None and whole.parent.type in around:
        whole = whole.parent
    return whole


def _call_around(node: Node) -> Node | None:
    return next((each for each in ancestors(node) if each.type == "call"), None)


def _function(call: Node | None) -> str:
    function = call.child_by_field_name("function") if call is not None else None
    return text_of(function) if function is not None else ""


def _before(node: Node) -> Node | None:
    """The first argument of the call around a string, if the string is in another one."""
    call = _call_around(node)
    if call is None:
        return None
    arguments = [argument.node for argument in arguments_of_call(call)]
    behind = any(each.start_byte <= node.start_byte < each.end_byte for each in arguments[1:])
    return arguments[0] if behind else None


def _is_bound(attribute: Node) -> bool:
    """Whether an attribute is assigned or deleted."""
    node = attribute
    while node.parent is not None and node.parent.type in _GROUPS:
        node = node.parent
    parent = node.parent
    if parent is None:
        return False
    return parent.type == "delete_statement" or parent.child_by_field_name("left") == node
