"""What scopes bind, against Python's own symbol tables; and signatures, against `inspect`."""

from __future__ import annotations

import inspect
import symtable
from collections.abc import Iterator

import pytest
from tree_sitter import Node

from migrate.project.facts import function_of, parameters_of
from migrate.project.namespaces import class_of, namespace_of
from migrate.syntax import descendants, parse, text_of
from migrate.text import SourceText

INNER = {"lambda", "listcomp", "setcomp", "dictcomp", "genexpr"}
SCOPES = {"function_definition", "class_definition"}

PROGRAMS = {
    "assignments": "a = b = c.d = e[f] = 1\n(g, [h, *i]), j.k = l\nm: int\nn: int = 1\no += 1\n",
    "imports": "import a, b.c, d.e as f\nfrom g import h, i as j\nfrom . import k\n",
    "imports in parentheses": "from a import (\n    b,  # c\n    d as e,\n)\n",
    "definitions": "@x\nasync def a(): pass\n@y\nclass b(z): pass\n",
    "conditions": "if w:\n    a = 1\nelif x:\n    b = 1\nelse:\n    c = 1\n",
    "loops": "for a, b in x:\n    c = 1\nelse:\n    d = 1\nwhile y:\n    e = 1\nelse:\n    f = 1\n",
    "exceptions": "try: a = 1\nexcept E as b: c = 1\nelse: d = 1\nfinally: e = 1\n",
    "exception groups": "try:\n    a = 1\nexcept* (E, F) as b:\n    c = 1\n",
    "managers": "with x as a, y as (b, c), z:\n    d = 1\n",
    "managers in parentheses": "with (x as a, y as b):\n    c = 1\n",
    "managers over lines": "with (\n    x as a,\n    y as [b, *c],\n):\n    d = 1\n",
    "one manager in parentheses": "with (x as a):\n    pass\n",
    "managers with targets": "with x as a.b, y as c[d]:\n    pass\n",
    "patterns": (
        "match s:\n"
        "    case [a, *b] | (a, *b): pass\n"
        "    case {'k': c, 'l': 1, **d}: pass\n"
        "    case C(e, f=g, h=D(i)) as j: pass\n"
        "    case x.y | -1 | None | 'z': pass\n"
        "    case (k): l = 1\n"
        "    case _: pass\n"
    ),
    "walruses": "if (a := x) and [b := y for z in w]: pass\nlambda: (c := 1)\n",
    "walruses in signatures": "def a(b=(c := 1), *, d: (e := 2)) -> (f := 3): pass\n",
    "walruses in comprehensions of comprehensions": "[[a := x for x in y] for y in z]\n",
    "one line": "a = 1; b = 2\nif x: c = 1; d = 2\n",
    "deletions": "del a, (b, [c]), d.e, f[g]\n",
    "comprehensions bind nothing outside": "[a for a in b]\n{c: d for c, d in e}\n",
    "global and nonlocal": "global a\na = 1\n",
    "names in strings and comments": "'a = 1'\n# b = 1\nf'{c!r}'\n",
}


def bound(scope: Node) -> set[str]:
    namespace = namespace_of(scope)
    return set(namespace.names) | namespace.declared


def tables(source: str) -> Iterator[tuple[str, set[str]]]:
    """The functions, classes and the module of a program, each with what it binds."""
    top = symtable.symtable(source, "m", "exec")
    stack, by_comprehensions = [top], set()
    while stack:
        table = stack.pop()
        stack += table.get_children()
        changed = [s for s in table.get_symbols() if s.is_assigned() or s.is_imported()]
        if table.get_name() in INNER:
            by_comprehensions |= {s.get_name() for s in changed if s.is_global()}
        elif table is not top:
            parameters = {s.get_name() for s in table.get_symbols() if s.is_parameter()}
            yield table.get_name(), parameters | {s.get_name() for s in changed}
    changed = [s for s in top.get_symbols() if s.is_assigned() or s.is_imported()]
    yield "top", by_comprehensions | {s.get_name() for s in changed}


def scopes(source: str) -> Iterator[tuple[str, set[str]]]:
    root = parse(SourceText.decode(source.encode())).root_node
    assert not root.has_error
    yield "top", bound(root)
    for node in descendants(root):
        if node.type in SCOPES:
            name = node.child_by_field_name("name")
            assert name is not None
            yield text_of(name), bound(node)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=list(PROGRAMS))
@pytest.mark.parametrize("indented", ["module", "function", "class"])
def test_a_scope_binds_what_python_says(program: str, indented: str) -> None:
    if indented != "module":
        head = "def scope():" if indented == "function" else "class scope:"
        program = f"{head}\n" + "".join(f"    {line}" for line in program.splitlines(True))
    try:
        expected = sorted(tables(program), key=str)
    except SyntaxError:
        pytest.skip("not allowed there")
    assert sorted(scopes(program), key=str) == expected


SIGNATURES = [
    "()",
    "(a)",
    "(a, /, b, *, c)",
    "(a, /, b=1, *args, c, d=2, **kwargs)",
    "(*, a: int, b: 'str' = '')",
    "(a: int, /, *args: int, **kwargs: str)",
    "(a=1, /, b=2)",
    "(\n    a,  # first\n    b,\n)",
]


@pytest.mark.parametrize("signature", SIGNATURES)
def test_parameters_are_those_that_python_sees(signature: str) -> None:
    namespace: dict[str, object] = {}
    exec(f"def f{signature}: pass", namespace)
    function = namespace["f"]
    assert callable(function)
    expected = [
        (p.name, p.kind.name.lower().replace("_", "-"), p.default is p.empty)
        for p in inspect.signature(function).parameters.values()
    ]
    root = parse(SourceText.decode(f"def f{signature}: pass\n".encode())).root_node
    found = parameters_of(root.named_children[0])
    assert [(p.name, p.kind.value, p.default is None) for p in found] == expected


def definition(source: str, kind: str) -> Node:
    root = parse(SourceText.decode(source.encode())).root_node
    return next(node for node in descendants(root) if node.type == kind)


def test_a_function_keeps_the_sources_of_what_its_header_says() -> None:
    source = "@a.b(1)\n@c\nasync def f(x: 'X' = y) -> dict[str, Z]: ...\n"
    facts = function_of(definition(source, "function_definition"))
    assert (facts.name, facts.decorators, facts.asynchronous) == ("f", ("a.b(1)", "c"), True)
    assert facts.returns == "dict[str, Z]"
    assert facts.decorators_named == {"b", "c"}
    assert [(p.annotation, p.default) for p in facts.parameters] == [("'X'", "y")]


def test_a_class_keeps_its_bases_apart_from_keywords() -> None:
    header = "@d\nclass C(A, B[T],  # why\n  *more, metaclass=M, flag=1):\n"
    source = f"{header}    x = 1\n    def x(): ...\n"
    facts = class_of(definition(source, "class_definition"))
    assert facts.bases == ("A", "B[T]", "*more")
    assert (facts.metaclass, facts.decorators) == ("M", ("d",))
    assert [binding.kind.value for binding in facts.members["x"]] == ["assigned", "function"]
