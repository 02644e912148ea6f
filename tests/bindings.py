"""What each argument of a call means, by Python's own binding: a check of moved code.

It knows nothing of the codemod. Stand-ins of a class are made from its source, with all bodies,
annotations and values left out, and `inspect.Signature.bind` says where the arguments land.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_KEPT = ("classmethod", "staticmethod", "property")


@dataclass(frozen=True)
class Moved:
    """One call before and after: the line, and what each argument is given to on either side."""

    line: int
    before: Mapping[str, str]
    after: Mapping[str, str]


def stand_in(source: str, name: str) -> type[Any]:
    """A class with the fields and signatures of the class of that name, and nothing else."""
    (found,) = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and node.name == name
    )
    found.bases, found.body = [], [made for node in found.body if (made := _bare(node))]
    found.decorator_list = [
        ast.Name("dataclass", ast.Load())
        for decorator in found.decorator_list
        if "dataclass" in ast.unparse(decorator)
    ]
    module = ast.fix_missing_locations(ast.Module([found], []))
    namespace: dict[str, Any] = {"dataclass": dataclass}
    exec(compile(module, f"<stand-in of {name}>", "exec"), namespace)
    result: type[Any] = namespace[name]
    return result


def _bare(node: ast.stmt) -> ast.stmt | None:
    """A field or method without anything that would have to be imported."""
    if isinstance(node, ast.AnnAssign):
        node.annotation = ast.Constant("object")
        node.value = ast.Constant(None) if node.value is not None else None
        return node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.body, node.returns = [ast.Pass()], None
        node.decorator_list = [d for d in node.decorator_list if ast.unparse(d) in _KEPT]
        arguments = node.args
        for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            each.annotation = None
        arguments.defaults = [ast.Constant(None) for _ in arguments.defaults]
        arguments.kw_defaults = [value and ast.Constant(None) for value in arguments.kw_defaults]
        return node
    return None


def moved_calls(
    before: str,
    after: str,
    old: type[Any],
    new: type[Any],
    new_module: str,
    attributes: Mapping[str, str],
) -> Iterator[Moved]:
    """Every call of the old class, and of whatever is called like a method of it, on both sides.

    Raises TypeError for one that does not bind to the new signature. Calls with stars, and those
    that do not bind to the old signature, say nothing and are left out.
    """
    names = _names_of_class(before, old.__name__, new_module)
    for call, moved in zip(_calls(before), _calls(after), strict=True):
        starred = any(isinstance(argument, ast.Starred) for argument in call.args)
        if starred or any(keyword.arg is None for keyword in call.keywords):
            continue
        signatures = [_signature(cls, call, names) for cls in (old, new)]
        if signatures[0] is None:
            continue
        try:
            given = _bound(signatures[0], call, attributes)
        except TypeError:
            continue
        assert signatures[1] is not None, f"line {call.lineno}: there is no such method"
        yield Moved(call.lineno, given, _bound(signatures[1], moved, {}))


def _calls(source: str) -> list[ast.Call]:
    """The calls of a file, each before those inside it, so that a keyword changes nothing."""
    found: list[ast.Call] = []
    pending: list[ast.AST] = [ast.parse(source)]
    while pending:
        node = pending.pop()
        found += [node] if isinstance(node, ast.Call) else []
        pending.extend(reversed(list(ast.iter_child_nodes(node))))
    return found


def _names_of_class(source: str, name: str, new_module: str) -> set[str]:
    """What a file calls the old class that it imports."""
    return {
        alias.asname or name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module != new_module
        for alias in node.names
        if alias.name == name
    }


def _signature(cls: type[Any], call: ast.Call, names: set[str]) -> inspect.Signature | None:
    """The signature that a call has to suit, if it is one of the class."""
    function = call.func
    if isinstance(function, ast.Name):
        return inspect.signature(cls) if function.id in names else None
    if not isinstance(function, ast.Attribute) or function.attr.startswith("__"):
        return None
    if function.attr == cls.__name__:
        return inspect.signature(cls)
    found = inspect.getattr_static(cls, function.attr, None)
    if isinstance(found, classmethod | staticmethod):
        return inspect.signature(getattr(cls, function.attr))
    if not inspect.isfunction(found):
        return None
    signature = inspect.signature(found)
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def _bound(
    signature: inspect.Signature, call: ast.Call, attributes: Mapping[str, str]
) -> dict[str, str]:
    """The source of what each parameter gets; nested calls count as one another."""
    arguments = [_source(each, attributes) for each in call.args]
    keywords = {k.arg: _source(k.value, attributes) for k in call.keywords if k.arg is not None}
    return dict(signature.bind(*arguments, **keywords).arguments)


class _Nested(ast.NodeTransformer):
    def __init__(self, attributes: Mapping[str, str]) -> None:
        self.attributes = attributes

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return ast.Name("call", ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name = self.attributes.get(node.attr, node.attr)
        return ast.Attribute(self.visit(node.value), name, node.ctx)


def _source(value: ast.expr, attributes: Mapping[str, str]) -> str:
    copied = ast.parse(ast.unparse(value), mode="eval").body
    return ast.unparse(_Nested(attributes).visit(copied))
