"""LibCST's commands with less work and the same result.

Two things take about half of a command's time and change nothing. About each node and each
attribute, a visitor looks up a method by its name and calls it, and most often that is one of
LibCST's own, which does nothing. And a command copies the tree that it is given, in case a node is
in it twice. The parser never makes such a tree, which is what LibCST has `unsafe_skip_copy` for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from migrate.adapters.contained import replaced

if TYPE_CHECKING:
    from libcst import Module
    from libcst.metadata import MetadataWrapper

_Method = Callable[..., Any]


@contextmanager
def shortcuts(module: Module) -> Iterator[None]:
    """Have commands leave out, for a while, what makes no difference.

    `module` is a tree as it came from the parser. It is not copied, so a command that changes
    nodes in place, which it must not, changes this tree. What a class of visitors has is looked up
    once in that while.
    """
    from libcst.codemod import _codemod

    _VISITS.clear()
    _LEAVES.clear()
    with ExitStack() as stack:
        if hasattr(_codemod, "MetadataWrapper"):
            wrapped = _wrapped_without_copy(module, _codemod.MetadataWrapper)
            stack.enter_context(replaced(_codemod, "MetadataWrapper", wrapped))
        for visitor, methods in _silent_methods():
            for method in methods:
                stack.enter_context(replaced(visitor, method.__name__, method))
        yield


def _wrapped_without_copy(
    module: Module, wrapper: type[MetadataWrapper]
) -> Callable[..., MetadataWrapper]:
    def wrapped(tree: Module, *arguments: Any, **options: Any) -> MetadataWrapper:
        if tree is module and not arguments:
            options.setdefault("unsafe_skip_copy", True)
        return wrapper(tree, *arguments, **options)

    return wrapped


# Visits that nobody listens to


class _Names(dict[Any, str]):
    """The names of those methods of a class of visitors that are LibCST's own and do nothing.

    Keys are types of nodes, or such a type and the name of an attribute. The name is empty where
    the class has a method of its own, or may have.
    """

    def __init__(self, prefix: str, visitor: type) -> None:
        """`prefix` is how the methods' names begin: `visit` or `leave`."""
        self._prefix = prefix
        self._own = _own(visitor)
        self._is_dynamic = bool(self._own & {"__getattr__", "__getattribute__"})

    def __missing__(self, key: Any) -> str:
        node, *attribute = key if isinstance(key, tuple) else (key,)
        name = "_".join((self._prefix, node.__name__, *attribute))
        self[key] = "" if self._is_dynamic or name in self._own else name
        return self[key]


def _own(visitor: type) -> frozenset[str]:
    """What a class of visitors has that LibCST's base of them all has not."""
    from libcst import CSTTransformer, CSTVisitor

    base = CSTTransformer if issubclass(visitor, CSTTransformer) else CSTVisitor
    others = (vars(each) for each in visitor.__mro__ if each not in base.__mro__)
    return frozenset().union(*others)


class _Classes(dict[type, _Names]):
    """The same for all classes of visitors."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __missing__(self, visitor: type) -> _Names:
        self[visitor] = _Names(self._prefix, visitor)
        return self[visitor]


_VISITS, _LEAVES = _Classes("visit"), _Classes("leave")


@cache
def _silent_methods() -> list[tuple[type, list[_Method]]]:
    """The methods of LibCST's visitors that look for others, made to skip those that do nothing."""
    from libcst import CSTTransformer, CSTVisitor
    from libcst.matchers import MatcherDecoratableTransformer, MatcherDecoratableVisitor

    result: list[tuple[type, list[_Method]]] = []
    for visitor in (CSTTransformer, CSTVisitor):
        result.append((visitor, [_on_visit(visitor), _on_leave(visitor), *_on_attributes(visitor)]))
    for visitor in (MatcherDecoratableTransformer, MatcherDecoratableVisitor):
        if _is_known(visitor):
            methods = [_on_matched_visit(visitor), _on_matched_leave(visitor)]
            result.append((visitor, [*methods, *_on_attributes(visitor)]))
    return result


def _is_known(visitor: type) -> bool:
    """Whether this LibCST's visitors have what tells if they have matchers."""
    one = visitor()
    names = ("_matchers", "_extra_visit_funcs", "_extra_leave_funcs")
    return all(hasattr(one, name) for name in names)


def _on_visit(visitor: Any) -> _Method:
    original = visitor.on_visit

    def on_visit(self: Any, node: object) -> Any:
        name = _VISITS[type(self)][type(node)]
        if name and name not in self.__dict__:
            return True
        return original(self, node)

    return on_visit


def _on_leave(visitor: Any) -> _Method:
    original = visitor.on_leave

    def on_leave(self: Any, node: object, *updated: object) -> Any:
        name = _LEAVES[type(self)][type(node)]
        if name and name not in self.__dict__:
            return updated[0] if updated else None
        return original(self, node, *updated)

    return on_leave


def _on_attributes(visitor: Any) -> list[_Method]:
    on_visit, on_leave = visitor.on_visit_attribute, visitor.on_leave_attribute

    def on_visit_attribute(self: Any, node: object, attribute: str) -> None:
        name = _VISITS[type(self)][type(node), attribute]
        if not name or name in self.__dict__:
            on_visit(self, node, attribute)

    def on_leave_attribute(self: Any, node: object, attribute: str) -> None:
        name = _LEAVES[type(self)][type(node), attribute]
        if not name or name in self.__dict__:
            on_leave(self, node, attribute)

    return [on_visit_attribute, on_leave_attribute]


def _on_matched_visit(visitor: Any) -> _Method:
    original, plain = visitor.on_visit, _on_visit(visitor)

    def on_visit(self: Any, node: object) -> Any:
        has_matchers = self._matchers or self._extra_visit_funcs
        return (original if has_matchers else plain)(self, node)

    return on_visit


def _on_matched_leave(visitor: Any) -> _Method:
    original, plain = visitor.on_leave, _on_leave(visitor)

    def on_leave(self: Any, node: object, *updated: object) -> Any:
        has_matchers = self._matchers or self._extra_leave_funcs
        return (original if has_matchers else plain)(self, node, *updated)

    return on_leave
