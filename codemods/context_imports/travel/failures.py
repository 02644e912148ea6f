"""Exceptions that one file catches and another raises: both have to mean the same class.

A call raises what the functions behind it raise, as far as calls can be resolved: the exceptions of
the module whose class they construct or call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from codemods.context_imports.travel.traces import Made, Place, origins
from migrate.project import Project
from migrate.project.binding import arguments_of_call
from migrate.project.types import ClassObject, ClassRef, FunctionObject, Instance, Type
from migrate.syntax import captures, parts, span, text_of, unstarred
from migrate.view import FileView

_EXPECTING = frozenset({"raises", "assertRaises", "assertRaisesRegex", "suppress"})


@dataclass(frozen=True, slots=True)
class Caught:
    """An exception `cls`, as the file `asked` calls it, is caught where `raised` may come from."""

    cls: ClassRef
    asked: str
    place: Place
    raised: frozenset[str]


_Function = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Direct:
    """The old classes that a piece of code calls itself, and the other functions that it calls."""

    made: frozenset[Made]
    called: frozenset[_Function]


@dataclass(frozen=True)
class Failures:
    """What files catch and raise; `project` traces the classes in `pairs`, and `view` shows it.

    `functions` are those that move, by file and offset.
    """

    project: Project
    view: Callable[[str], FileView | None]
    pairs: Mapping[ClassRef, ClassRef]
    functions: frozenset[tuple[str, int]]
    _known: dict[_Function, _Direct] = field(default_factory=dict)

    def caught(self, view: FileView) -> Iterator[Caught]:
        """What a file catches of the exceptions that move, with the files that raise it there."""
        if not any(old.name.encode() in view.text.utf8 for old in self.pairs):
            return
        for classes, blocks in _handlers(view.tree.root_node):
            for cls in sorted(self._classes(view, classes), key=repr):
                made = self._raised(view, blocks)
                raised = frozenset(each.path for each in made if each.cls.path == cls.path)
                line = view.text.line_index(span(classes).start) + 1
                place = Place(view.path, span(classes), line)
                yield Caught(replace(cls, via=""), cls.via or view.path, place, raised)

    def _classes(self, view: FileView, expression: Node) -> set[ClassRef]:
        found: set[ClassRef] = set()
        for node in parts(expression) if expression.type == "tuple" else [expression]:
            for atom in view.type_of(node):
                match atom:
                    case ClassObject(cls=ClassRef() as cls) if replace(cls, via="") in self.pairs:
                        found.add(cls)
        return found

    def _raised(self, view: FileView, blocks: Sequence[Node]) -> set[Made]:
        """The old classes, as files call them, whose code runs in some blocks or behind them."""
        made: set[Made] = set()
        seen: set[_Function] = set()
        pending = [self._of_part(view, block) for block in blocks]
        while pending:
            direct = pending.pop()
            made |= direct.made
            pending += [self._of_function(each) for each in sorted(direct.called - seen)]
            seen |= direct.called
        return made

    def _of_part(self, view: FileView, part: Node) -> _Direct:
        calls = captures("(call function: (_) @function)", part).get("function", [])
        names = [part] if part.type in ("identifier", "attribute") else calls
        made: set[Made] = set()
        called: set[_Function] = set()
        for atom in (atom for name in names for atom in view.type_of(unstarred(name))):
            match atom:
                case ClassObject(cls=ClassRef() as cls):
                    own = self._made(frozenset({Instance(cls)}), view)
                    init = self.project.find_member(cls, "__init__") if not own else None
                    made |= own
                    called |= {(init[0].path, init[1].start)} if init is not None else set()
                case FunctionObject(path=path, start=start) if (path, start) in self.functions:
                    made |= {Made(view.path, old) for old in self.pairs if old.path == path}
                case FunctionObject(path=path, start=start, receiver=receiver):
                    # Of an object nothing here says which class it was made of.
                    on_class = (a for a in receiver or () if isinstance(a, ClassObject))
                    own = self._made(frozenset(Instance(each.cls) for each in on_class), view)
                    made |= own
                    called |= {(path, start)} if not own else set()
        return _Direct(frozenset(made), frozenset(called))

    def _made(self, type_: Type, view: FileView) -> set[Made]:
        return {e for e in origins(type_, view, self.pairs) if isinstance(e, Made)}

    def _of_function(self, function: _Function) -> _Direct:
        path, start = function
        if function not in self._known:
            node = self.project.index.node(path, start, "function_definition")
            is_home = any(old.path == path for old in self.pairs)
            view = self.view(path) if node is not None and not is_home else None
            found = self._of_part(view, node) if view is not None and node is not None else None
            self._known[function] = found or _Direct(frozenset(), frozenset())
        return self._known[function]


def _handlers(root: Node) -> Iterator[tuple[Node, Sequence[Node]]]:
    """The exceptions that a file catches or expects, and the code that may raise them."""
    for clause in captures("(except_clause) @clause", root).get("clause", []):
        classes = _plain(parts(clause)[0])
        body = clause.parent.child_by_field_name("body") if clause.parent else None
        if classes.type != "block" and body is not None:
            yield classes, [body]
    for call in captures("(call) @call", root).get("call", []):
        function = call.child_by_field_name("function")
        given = [each.node for each in arguments_of_call(call)]
        if function is None or text_of(function).rpartition(".")[2] not in _EXPECTING or not given:
            continue
        block = _block_of(call)
        if block is not None:
            yield from ((node, [block]) for node in given)
        elif len(given) > 1:
            yield given[0], [given[1]]


def _plain(node: Node) -> Node:
    """An exception without the name that `as` gives it."""
    return node.named_children[0] if node.type == "as_pattern" else node


def _block_of(call: Node) -> Node | None:
    """The block of the `with` statement whose manager a call makes."""
    node = call.parent
    while node is not None and node.type in ("as_pattern", "with_item", "with_clause"):
        node = node.parent
    return node.child_by_field_name("body") if node and node.type == "with_statement" else None
