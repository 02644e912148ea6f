"""Inference against Python itself: what a program really sees is never ruled out."""

from __future__ import annotations

import pytest
from inference import UNKNOWN, inferred, project_of, seen

from migrate.syntax import parse
from migrate.text import SourceText

PRELUDE = """
from __future__ import annotations

class A:
    next: B

class B:
    next: C

class C:
    next: C
"""

PROGRAMS = {
    "a loop that follows links reaches every class": """
def f(x: A):
    n = x
    for _ in range(3):
        n = n.next
    seen(n)
a=A();a.next=B();a.next.next=C();a.next.next.next=C()
f(a)
""",
    "a choice inside a loop that follows links": """
def f(a: A):
    x = a
    for _ in range(3):
        x = (x or a).next
    seen(x)
a=A();a.next=B();a.next.next=C();a.next.next.next=C()
f(a)
""",
    "a slice is no element": """
def f(xs: list[A]): seen(xs[0:1])
f([A()])
""",
    "get with a default": """
def f(d: dict[str, A], b: B): seen(d.get("x", b))
f({},B())
""",
    "a list that grows": """
def f():
    xs=[A()]
    xs.append(B())
    for x in xs: y = x
    seen(y)
f()
""",
    "a dictionary that grows": """
def f():
    d={"a":A()}
    d["b"]=B()
    seen(d["b"])
f()
""",
    "a dictionary of another one": """
def f(o: dict[str, A]):
    d={**o,"b":B()}
    seen(d["a"])
f({"a":A()})
""",
    "a walrus in a comprehension takes the names of the comprehension": """
def f(x: A, bs: list[B]):
    z=[y := x for x in bs]
    seen(y)
f(A(),[B()])
""",
    "a walrus in a default binds outside": """
x = A()
def f():
    def g(p=(x := B())): pass
    seen(x)
f()
""",
    "global on the line of its function": """
ctx = A()
def f(): global ctx; ctx = B()
f()
def g(): seen(ctx)
g()
""",
    "a name before the class body binds it": """
v = A()
class K:
    w = v
    v = B()
seen(K.w)
""",
    "a member of an enumeration": """
import enum
class E(enum.Enum):
    a = A()
seen(E.a)
""",
    "a descriptor": """
class D:
    def __get__(self, o, t=None): return B()
class K:
    d = D()
def f(k: K): seen(k.d)
f(K())
""",
    "a property on its class": """
class K:
    @property
    def p(self) -> A: return A()
seen(K.p)
""",
    "a method that an attribute hides": """
class K:
    def __init__(self): self.m = A()
    def m(self) -> B: return B()
def f(k: K): seen(k.m)
f(K())
""",
    "a class attribute set by a class method": """
class K:
    x = A()
    @classmethod
    def setup(cls): cls.x = B()
K.setup()
def f(k: K): seen(k.x)
f(K())
""",
    "an augmented attribute": """
class N:
    def __iadd__(self, o): return B()
class K:
    def __init__(self):
        self.x = N()
        self.x += 1
def f(k: K): seen(k.x)
f(K())
""",
    "an attribute as loop variable": """
class K:
    def __init__(self):
        self.x = A()
        for self.x in [B()]: pass
def f(k: K): seen(k.x)
f(K())
""",
    "an attribute in a list pattern": """
class K:
    def __init__(self):
        self.x = A()
        [self.x, y] = B(), 1
def f(k: K): seen(k.x)
f(K())
""",
    "an attribute set in __new__": """
class K:
    x = A()
    def __new__(cls):
        self = super().__new__(cls)
        self.x = B()
        return self
def f(k: K): seen(k.x)
f(K())
""",
    "a metaclass that makes something else": """
class M(type):
    def __call__(cls): return B()
class K(metaclass=M): pass
seen(K())
""",
    "brackets that look something up": """
class K:
    def __class_getitem__(cls, k): return B
seen(K[int]())
""",
    "a decorator that makes something else": """
def deco(f): return f(None)
class K:
    @deco
    def m(self) -> A: return B()
def f(k: K): seen(k.m)
f(K())
""",
    "a decorator that passes the class": """
def validator(f): return classmethod(f)
class K:
    @validator
    def check(cls, v): seen(cls)
K().check(1)
""",
    "Optional without brackets": """
from typing import Optional
def f(x: Optional): seen(x)
f(A())
""",
    "Self inside a list": """
from typing import Self
class K:
    def all(self) -> list[Self]: return [self]
def f(k: K): seen(k.all()[0])
f(K())
""",
    "Self as an attribute": """
from typing import Self
class K:
    parent: Self
def f(k: K): seen(k.parent)
k=K(); k.parent=k
f(k)
""",
    "an alias that names itself": """
from typing import Union
J = Union["list[Union[A, J]]", None]
def f(x: J): seen(x[0])
f([[A()]])
""",
    "a tuple that holds itself": """
def f(a: A):
    x = (a,)
    for _ in range(2): x = (x, a)
    seen(x[0])
f(A())
""",
    "a class of the name of a container": """
class OrderedDict:
    def copy(self): return B()
def f(o: OrderedDict): seen(o.copy())
f(OrderedDict())
""",
    "a base that is made by a call comes first": """
def mk():
    class Z: v = B()
    return Z
class P: v = A()
class K(mk(), P): pass
def f(k: K): seen(k.v)
f(K())
""",
    "the name of an exception": """
e = A()
def f():
    try: raise ValueError
    except ValueError as e: seen(e)
f()
""",
    "the parameter of a lambda": """
x = A()
g = lambda x: seen(x)
g(B())
""",
    "a choice": """
def f(a: A, b: B = None):
    seen(b or a)
f(A())
""",
    "a static method has no receiver": """
class K:
    @staticmethod
    def m(x): seen(x)
K.m(A())
""",
    "a closure sees later assignments": """
def f():
    x = A()
    def g(): seen(x)
    x = B()
    g()
f()
""",
    "a nested function rebinds": """
def f():
    x = A()
    def g():
        nonlocal x
        x = B()
    g()
    seen(x)
f()
""",
    "a loop variable with the name of a built-in": """
def f(c=None):
    for list in [A()]: pass
    seen(list)
f()
""",
    "an __enter__ that is replaced": """
class K:
    def __enter__(self) -> A: return A()
    __enter__ = lambda self: B()
    def __exit__(self,*a): pass
def f(k: K):
    with k as y: seen(y)
f(K())
""",
    "an awaitable of the project": """
import asyncio
class K:
    def __await__(self):
        yield from ()
        return B()
async def f(k: K): seen(await k)
asyncio.run(f(K()))
""",
    "a getter replaces a property": """
class K:
    @property
    def p(self) -> A: return A()
    @p.getter
    def p(self) -> B: return B()
def f(k: K): seen(k.p)
f(K())
""",
    "a conditional definition in a class body": """
X = A
class K:
    if 0: X = B
    def f(self, x: X): seen(x)
K().f(A())
""",
    "a comprehension in a class body": """
v = A()
class K:
    v = B()
    w = [v for _ in (1,)][0]
    [seen(v) for _ in (1,)]
""",
    "a match pattern": """
def f(x: A):
    match [B()]:
        case [x]: pass
    seen(x)
f(A())
""",
    "a capture by a keyword": """
class K:
    def __init__(self, given: B):
        self.given = given
def f(subject: K, x: A):
    match subject:
        case K(given=A() | B() as x): seen(x)
f(K(B()), A())
""",
    "a capture from a sequence": """
def f(one: A, other: B):
    match one, other:
        case (*_, x): seen(x)
f(A(), B())
""",
    "a capture of the rest": """
def f(one: A, other: B):
    match one, other:
        case _, *x: seen(x[0])
f(A(), B())
""",
    "a capture by a key": """
def f(one: A, other: B):
    match {"k": one, "l": [other]}:
        case {"l": [x]}: seen(x)
f(A(), B())
""",
    "a capture of the subject": """
def f(one: A, other: B):
    match one if one else other:
        case A() as x: seen(x)
f(A(), B())
""",
    "captures of alternatives": """
def f(one: A, other: B):
    match [one, other]:
        case ([] as x) | [_, x]: seen(x)
f(A(), B())
""",
    "a loop variable hides a class": """
def f():
    for A in [B]: pass
    seen(A())
f()
""",
    "unpacking in a with statement": """
import contextlib
@contextlib.contextmanager
def cm():
    yield (A(), B())
x = B()
def f(x: B):
    with cm() as (x, y): seen(x)
f(x)
""",
    "with in parentheses": """
import contextlib
@contextlib.contextmanager
def cm():
    yield A()
def f(x: B):
    with (cm() as x, cm() as y): seen(x)
f(B())
""",
}


def real_names(program: str) -> set[str]:
    """The names of the classes of all values that the program hands to `seen`."""
    found: set[str] = set()

    def note(value: object) -> None:
        name = value.__name__ if isinstance(value, type) else type(value).__name__
        found.add(f"class {name}" if isinstance(value, type) else name)

    exec(compile(program, "m", "exec", dont_inherit=True), {"seen": note, "__name__": "m"})
    return found


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=list(PROGRAMS))
def test_no_type_is_ruled_out_that_the_program_really_sees(program: str) -> None:
    real = real_names(PRELUDE + program)
    assert real
    claimed = seen(PRELUDE + program)
    assert UNKNOWN in claimed or real <= {name.removeprefix("builtins.") for name in claimed}


FILES = {
    "m.py": "from p import X\nfrom a import C\ndef f() -> X: ...\nclass D(C): ...\n",
    "p.py": "from a import X\n",
    "a.py": (
        "class X: ...\nclass C:\n    def __init__(self): self.x = make()\ndef make() -> X: ...\n"
    ),
    "b.py": "class Y: ...\n",
}
QUESTIONS = ["f()", "X()", "D().x", "C().x"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("p.py", "from b import Y as X\n"),
        ("a.py", "class X: ...\nclass C:\n    x = 1\n"),
        ("a.py", "from b import Y as X\nclass C: ...\n"),
        ("m.py", "from b import Y as X\nfrom a import C\nclass D(C):\n    x = 'x'\n"),
    ],
)
def test_a_project_with_one_file_replaced_knows_what_a_new_one_would(path: str, text: str) -> None:
    before = project_of(FILES)
    old = [inferred(before, question) for question in QUESTIONS]
    replaced = before.replacing(path)
    replaced.index.view(path, parse(SourceText.decode(text.encode())))
    new = project_of({**FILES, path: text})
    for question in QUESTIONS:
        assert inferred(replaced, question) == inferred(new, question)
    assert [inferred(before, question) for question in QUESTIONS] == old
