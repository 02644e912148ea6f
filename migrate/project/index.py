"""The project's modules, names and classes, each read when first asked for."""

from __future__ import annotations

import ast
import builtins
import contextlib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from keyword import iskeyword
from typing import Protocol

from tree_sitter import Node, Tree

from migrate.project.facts import (
    Class,
    Function,
    Imported,
    Namespace,
    function_of,
)
from migrate.project.namespaces import class_of, namespace_of
from migrate.project.paths import ModulePaths
from migrate.project.types import ClassRef
from migrate.syntax import captures, parse, text_of
from migrate.text import DecodeError, SourceText, whole_words

# Trees are big, facts small: a few trees stay for the modules that are being asked about.
_TREES_KEPT = 64


class Files(Protocol):
    """Where modules are read from."""

    @property
    def paths(self) -> Sequence[str]:
        """Every file, relative to the root."""
        ...

    def read(self, path: str) -> bytes:
        """The content of a file; raises OSError."""
        ...


class Index:
    """Trees and facts of the files of one source, remembered by path.

    `consulted` are the files that were asked about since somebody last cleared it.
    """

    def __init__(self, files: Files) -> None:
        """Read nothing yet."""
        self._files = files
        self._viewed: tuple[str, Tree] | None = None
        self._trees: OrderedDict[str, Tree | None] = OrderedDict()
        self._namespaces: dict[str, Namespace] = {}
        self._classes: dict[ClassRef, Class] = {}
        self._functions: dict[tuple[str, int], Function] = {}
        self._matching: dict[re.Pattern[bytes], tuple[str, ...]] = {}
        self.consulted: set[str] = set()

    @cached_property
    def modules(self) -> ModulePaths:
        """Where modules are."""
        return ModulePaths(self._files.paths)

    def replacing(self, path: str) -> Index:
        """An index of the same files that has forgotten all about one of them."""
        other = Index.__new__(Index)
        other._files = self._files
        other.modules = self.modules
        other._viewed = None
        other._trees = OrderedDict((p, tree) for p, tree in self._trees.items() if p != path)
        other._namespaces = {p: n for p, n in self._namespaces.items() if p != path}
        other._classes = {ref: c for ref, c in self._classes.items() if ref.path != path}
        # Whether the file matches is not known yet; to look into it for nothing does no harm.
        other._matching = {
            pattern: tuple(sorted({*paths, path})) for pattern, paths in self._matching.items()
        }
        other._functions = {key: f for key, f in self._functions.items() if key[0] != path}
        other.consulted = set()
        return other

    def tree(self, path: str) -> Tree | None:
        """The syntax tree of a file; None if it cannot be read or decoded."""
        self.consulted.add(path)
        if self._viewed is not None and self._viewed[0] == path:
            return self._viewed[1]
        if path in self._trees:
            self._trees.move_to_end(path)
            return self._trees[path]
        try:
            tree = parse(SourceText.decode(self._files.read(path)))
        except (OSError, DecodeError):
            tree = None
        self._trees[path] = tree
        if len(self._trees) > _TREES_KEPT:
            self._trees.popitem(last=False)
        return tree

    def containing(self, word: bytes) -> Iterator[str]:
        """Every Python file with these bytes in it. This reads all of them: ask rarely."""
        return self.passing(lambda data: word in data)

    def passing(self, test: Callable[[bytes], bool]) -> Iterator[str]:
        """Every Python file whose bytes pass a test. This reads all of them: ask rarely."""
        for path in self._files.paths:
            if path.endswith(".py"):
                with contextlib.suppress(OSError):
                    if test(self._files.read(path)):
                        yield path

    def matching(self, pattern: re.Pattern[bytes]) -> tuple[str, ...]:
        """Every Python file in which the pattern is found, remembered; at first this reads all."""
        if pattern not in self._matching:
            found = self.passing(lambda data: pattern.search(data) is not None)
            self._matching[pattern] = tuple(found)
        return self._matching[pattern]

    def bytes_of(self, path: str) -> bytes:
        """The content of a file; nothing for one that cannot be read."""
        try:
            return self._files.read(path)
        except OSError:
            return b""

    def text(self, path: str) -> SourceText | None:
        """The text of a file; None if it cannot be read or decoded."""
        try:
            return SourceText.decode(self._files.read(path))
        except (OSError, DecodeError):
            return None

    def view(self, path: str, tree: Tree) -> None:
        """Use this tree for a file, until another file is viewed."""
        self._viewed = (path, tree)

    def namespace(self, path: str) -> Namespace:
        """What a module binds at its top level; nothing for a namespace package."""
        self.consulted.add(path)
        found = self._namespaces.get(path)
        if found is None:
            tree = self.tree(path) if self.modules.is_file(path) else None
            found = namespace_of(tree.root_node) if tree else Namespace({}, [], set())
            if tree is not None:
                found.declared |= _declared_global(tree.root_node)
            self._namespaces[path] = found
        return found

    def node(self, path: str, start: int, kind: str) -> Node | None:
        """The definition of this kind that starts at this offset."""
        tree = self.tree(path)
        if tree is None:
            return None
        node = tree.root_node.descendant_for_byte_range(start, start + 1)
        while node is not None and not (node.is_named and node.type == kind):
            node = node.parent  # a keyword may have the type of the node that it begins
        return node if node is not None and node.start_byte == start else None

    def class_facts(self, ref: ClassRef) -> Class:
        """What the class binds and derives from."""
        self.consulted.add(ref.path)
        found = self._classes.get(ref)
        if found is None:
            node = self.node(ref.path, ref.start, "class_definition")
            found = class_of(node) if node is not None else Class(ref.name, (), (), {})
            self._classes[ref] = found
        return found

    def function_facts(self, path: str, start: int) -> Function | None:
        """The signature of the function that is defined there, or of the lambda."""
        self.consulted.add(path)
        found = self._functions.get((path, start))
        if found is None:
            node = self.node(path, start, "function_definition")
            node = node or self.node(path, start, "lambda")
            if node is None:
                return None
            found = self._functions[path, start] = function_of(node)
        return found

    def import_target(self, imported: Imported, importer: str) -> str | None:
        """The file or folder of the module that an import names; None if outside the project."""
        if imported.level:
            return self.modules.relative(imported.module, imported.level, importer)
        return self.modules.absolute(imported.module, importer)


def _declared_global(module: Node) -> set[str]:
    """The names of a module that some function of it may rebind."""
    text = module.text or b""
    if not any(_starts_statement(text, at) for at in whole_words(text, b"global")):
        return set()
    found = captures("(global_statement (identifier) @name)", module).get("name", [])
    return {text_of(node) for node in found}


BUILTIN_NAMES: Mapping[str, object] = vars(builtins)


def _starts_statement(text: bytes, offset: int) -> bool:
    """Whether nothing but white space, a colon or a semicolon is in front of it on its line."""
    before = text[text.rfind(b"\n", 0, offset) + 1 : offset].rstrip()
    return not before or before.endswith((b":", b";"))


@lru_cache(maxsize=8192)
def parse_expression(source: str) -> ast.expr | None:
    """A source as an expression; None if the running Python cannot read it as one.

    The result is shared and not to be changed.
    """
    if source.isidentifier() and not iskeyword(source):
        return ast.Name(source, ast.Load())
    try:
        return ast.parse(f"({source}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
