"""What functions of the standard library give that run others, or hand on what they are given.

Sources: the pages of `asyncio`, of the built-in functions and of `itertools` in the library
reference; for what `gather` gives, its types in typeshed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.project.annotations import item_of
from migrate.project.env import Env
from migrate.project.types import (
    NOTHING,
    UNKNOWN,
    Awaitable,
    Type,
    builtin,
    union,
)

if TYPE_CHECKING:
    from migrate.project.infer import Project

# By what they give of their first argument.
_TASKS = frozenset(
    {"create_task", "ensure_future", "run_coroutine_threadsafe", "shield", "wait_for"}
)
_RUNNING = frozenset({"run", "run_until_complete"})
_IN_THREADS = {"to_thread": 0, "submit": 0, "run_in_executor": 1}
_COLLECTIONS = frozenset({"frozenset", "list", "set", "tuple"})
_CHOOSING = frozenset({"max", "min", "next"})
# What executors, loops and groups of tasks have that nobody says to be one.
_METHODS = frozenset({"create_task", "map", "run_in_executor", "run_until_complete", "submit"})


class Library:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        """Read nothing yet."""
        self._project = project

    def result(self, dotted: str, call: ast.Call, env: Env) -> Type:
        """What a call of a function gives, by its dotted name; unknown for any other function."""
        module, _, name = dotted.rpartition(".")
        if module == "asyncio":
            return self._asyncio(name, call, env)
        if module == "builtins":
            return self._builtin(name, call, env)
        return UNKNOWN

    def method(self, name: str, call: ast.Call, env: Env) -> Type:
        """What a method gives, by its name, of an object of which nothing is known."""
        if name not in _METHODS:
            return UNKNOWN
        return self._builtin(name, call, env) if name == "map" else self._asyncio(name, call, env)

    def _asyncio(self, name: str, call: ast.Call, env: Env) -> Type:
        if name in _TASKS and call.args:
            return _task(self._awaited(call.args[0], env))
        if name in _RUNNING and call.args:
            return self._awaited(call.args[0], env)
        if name == "gather":
            return self._gathered(call, env)
        at = _IN_THREADS.get(name)
        if at is not None and len(call.args) > at:
            return _task(self._called(call.args[at], env))
        return UNKNOWN

    def _gathered(self, call: ast.Call, env: Env) -> Type:
        """The results in their order, or all of them where nobody knows how many there are."""
        raised = UNKNOWN if call.keywords else frozenset()
        if not any(isinstance(each, ast.Starred) for each in call.args):
            results = (union(self._awaited(each, env), raised) for each in call.args)
            return _task(builtin("tuple", *results))
        found = [raised]
        for each in call.args:
            if isinstance(each, ast.Starred):
                inner = self._project.expressions.element(each.value, env)
                found.append(self._project.calls.awaited(inner))
            else:
                found.append(self._awaited(each, env))
        return _task(builtin("list", union(*found)))

    def _builtin(self, name: str, call: ast.Call, env: Env) -> Type:
        if not call.args or any(isinstance(each, ast.Starred) for each in call.args):
            return UNKNOWN
        element = self._project.expressions.element(call.args[0], env)
        if name == "sorted":
            return builtin("list", UNKNOWN | element)
        if name in ("iter", "reversed"):
            return builtin("iterator", element)
        if name in _CHOOSING and (len(call.args) == 1 or name == "next"):
            others = (self._project.expressions.infer(each, env) for each in call.args[1:])
            return union(element, *others)
        if name == "map":
            return builtin("iterator", self._called(call.args[0], env))
        if name == "filter" and len(call.args) == 2:
            return builtin("iterator", self._project.expressions.element(call.args[1], env))
        return UNKNOWN

    def collected(self, name: str, call: ast.Call, env: Env) -> Type:
        """What a call of a built-in class gives, with what is in it."""
        if name == "dict":
            given = [self._project.expressions.infer(each.value, env) for each in call.keywords]
            given += [item_of(self._project.expressions.infer(a, env)) for a in call.args[:1]]
            return builtin("dict", UNKNOWN, union(UNKNOWN, *given))
        if name not in _COLLECTIONS or len(call.args) != 1 or isinstance(call.args[0], ast.Starred):
            return builtin(name, UNKNOWN, UNKNOWN)
        element = UNKNOWN | self._project.expressions.element(call.args[0], env)
        if name == "tuple":
            return builtin("tuple", element, builtin("ellipsis"))
        return builtin(name, element)

    def awaited(self, holder: Type, method: str) -> Type:
        """What a method of a future gives that waits for its result; nothing for any other."""
        results = (atom.result for atom in holder if isinstance(atom, Awaitable))
        return union(*results) if method == "result" else NOTHING

    def _awaited(self, node: ast.expr, env: Env) -> Type:
        return self._project.calls.awaited(self._project.expressions.infer(node, env))

    def _called(self, node: ast.expr, env: Env) -> Type:
        """What a call of a value gives, with whatever arguments."""
        return self._project.calls.result(self._project.expressions.infer(node, env))


def _task(result: Type) -> Type:
    return frozenset({Awaitable(result)})
