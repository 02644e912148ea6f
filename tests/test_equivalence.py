"""What a rewritten method does is what it did: both versions are run and compared.

Hypothesis puts methods together from the forms of the specification and from code that could tell
a difference: keys, values and contexts that record that they are evaluated, that rebind names or
attributes, that suspend, and that fail. Where the codemod rewrites something, the method runs
before and after, on the base agent of the fixtures, and all that can be observed has to be the
same: the trace of effects, each with the metadata as it was then, what is yielded and collected,
the exception, and the metadata at the end. A model stands for its own dump throughout, since
storing the dump is what the migration is for.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any

from cases import BASE_PROJECT, FIXTURES, read_tree
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from migrate.engine import Engine
from migrate.model import FileResult, Status
from migrate.registry import codemods
from migrate.source import Memory

CODEMOD = codemods()["metadata-storage"]
PROJECT = read_tree(FIXTURES / CODEMOD.id / BASE_PROJECT)
PATH = "netra_backend/app/agents/case.py"
EXAMPLES = 600
DEEPEST = 8  # where lists that hold themselves are cut off

# The method under test stands in a class with everything that its code may use.
MODULE = """\
from netra_backend.app.agents.<module> import <base>
from netra_backend.app.<contexts> import UserExecutionContext
from world import Keys, Model, effect, fail, pause, renew

KEY = 'k'


def rename():
    global KEY
    KEY = effect('renamed')
    return KEY


class CaseAgent(<base>):
    def __init__(self, context: UserExecutionContext, spare: UserExecutionContext):
        self.context = context
        self.spare = spare
        self.key = 'own'
        self.seen = []

    @property
    def current(self) -> UserExecutionContext:
        effect('current')
        return self.context

    @property
    def fresh(self):
        self.key = effect(self.key + '+')
        return self.key

    def make(self) -> UserExecutionContext:
        self.swap()
        return self.context

    def swap(self):
        old: UserExecutionContext = self.context
        self.context = self.spare
        self.spare = old
        return effect('swap')

    def bump(self):
        self.key = effect(self.key + '!')
        return self.key

    def rank(self, item):
        self.key = effect(self.key + '?')
        return str(item)

    def drop(self, items):
        items.clear()
        return effect('drop')

    def two(self):
        for item in (1, 2):
            self.bump()
            yield item

    async def stream(self):
        for item in (1, 2):
            await pause()
            yield item

    <async>def run(self, context: UserExecutionContext, other: UserExecutionContext):
        key, flags, names, seen = 'key', ['f'], ['n', 'm'], self.seen
        amount: int = 3
        batch = {'p': 1, 'q': Model()}
        <body>
"""

# What the holes of the forms below are filled with. Contexts, keys, values; mappings; `a` are
# values that can stand anywhere; `p` and `q` run no code; `s` is a further statement.
CONTEXTS = ["context"] * 6 + ["other", "(context)", "self.context"]
KEYS = ["'a'"] * 4 + [
    "'b'",
    "key",
    "key",
    "KEY",
    "Keys.FIRST",
    "Keys.FIRST.value",
    "self.key",
    "f'{key}_x'",
    "f'{self.key}_x'",
    "'a b'",
    "names[0]",
    "len(flags)",
    "effect('key')",
    "self.bump()",
    "(key := 'w')",
    "('t', 1)",
    "str(amount)",
    "'ab'",
    "str(flags)",
    "-amount",
    "f'{flags}'",
    "f'{amount}'",
    "self.context.metadata['a']",
    "(key, self.key)",
    "Keys['FIRST']",
    "amount",
]
ANYWHERE = [
    "1",
    "2.5",
    "'text'",
    "None",
    "key",
    "flags",
    "amount",
    "self.key",
    "Model()",
    "Model().model_dump(mode='json', exclude_none=True)",
    "Model().model_dump(mode='json')",
    "Model().model_dump()",
    "Model().model_dump(mode='python')",
    "effect(Model()).model_dump(mode='json')",
    "effect('value')",
    "effect(key)",
    "self.bump()",
    "self.swap()",
    "self.drop(flags)",
    "rename()",
    "renew()",
    "fail()",
    "[effect(n) for n in names]",
    "{'x': effect(1), 'y': key}",
    "(key := effect('walrus'))",
    "(context := other)",
    "(lambda: effect('lambda'))()",
    "f'{effect(key)}'",
    "(n for n in names)",
    "effect(1) if flags else effect(2)",
    "flags and effect('and')",
    "not flags",
    "sorted(names)",
    "<c>.metadata.get(<k>)",
    "<c>.metadata.get(<k>, effect('default'))",
    "len(<c>.metadata)",
    "effect(<c>.metadata.get('a', 0))",
    "f'{<c>.metadata.get(\"a\")!r:>3}'",
    "super().__init__",
    "type(self)",
    "{**<c>.metadata}",
    "dict(a=<c>.metadata)",
    "[key, self.key]",
    "self.make()",
    "self.swap() or self.key",
    "[self.bump(), key, self.key]",
    "(lambda: self.key)()",
    "self.current.metadata.get('a')",
    "self.make().metadata.get(<k>)",
    "'z' if <c>.metadata.get('a') else key",
    "isinstance(key, str)",
    "self.key == 'own'",
    "b'bytes'",
    "...",
    "{self.bump(): self.bump()}",
    "effect(self.context)",
]
BARE = ["1, effect(2)", "*names, 3", "2,"]
AWAITED = [
    "await pause()",
    "effect(await pause())",
    "[await pause() for n in names]",
    "(await pause(), self.key)",
    "self.context if await pause() else key",
]
YIELDED = ["(yield 1)", "effect((yield 2))", "(yield key)"]
MAPPINGS = [
    "{}",
    "{'u': <a>, <k>: 2}",
    "{n: effect(n) for n in names}",
    "dict(u=1, w=effect(2))",
    "batch",
    "{**batch, 'z': effect(1)}",
    "(batch)",
    "u=effect(1), w=Model()",
    "**batch",
    "{'a': self.key, 'b': self.bump(), 'c': self.key}",
    "context.metadata",
    "other.metadata",
    "{n: renew() for n in names}",
    "{'z': (context := other)}",
    "dict(names=renew())",
    "dict(zip(names, self.two()))",
    "a=self.swap(), b=self.key",
    "{**self.context.metadata}",
    "{'l': [n for n in names], 'k': lambda: 1}",
]
# Keys that may be another one by the time that a value, which rebinds something, has run.
HELD = ["key", "KEY", "self.key", "f'{key}_x'", "f'{self.key}_x'", "Keys.FIRST", "'a'"]
REBINDING = [
    "renew()",
    "renew()",
    "rename()",
    "self.bump()",
    "self.swap()",
    "(key := effect('walrus'))",
    "(context := other)",
    "[(key := effect(n)) for n in names]",
]
PLAIN = ["1", "key", "names", "self.key", "'p'"]
QUIET = ['"a"', '"b"', "key"]

SIMPLE = ["<c>.metadata[<k>] = <v>"] * 4 + [
    "(<c>.metadata)[<k>] = <v>; seen.append(1)",
    "<c>.metadata.update(<m>)",
    "<c>.metadata.update(<m>)",
    "seen.append(<c>.metadata.get(<k>))",
    "seen.append(<c>.metadata.get(<k>, <a>))",
    "seen.append(f'{<c>.metadata.get(<q>)}')",
    "seen.extend([<c>.metadata.get(<k>) for n in names])",
    "seen.append((lambda: <c>.metadata.get(<q>))())",
    "<c>.metadata.setdefault(<k>, []).append(<a>)",
    "<c>.metadata[<k>].append(<a>)",
    "<c>.metadata[<k>] = <c>.metadata.get(<k>, 0) + amount",
    "<c>.metadata[<k>] = 2 + <c>.metadata.get(<k>, 0)",
    "<c>.metadata['n'] = <c>.metadata.get('n', 0) + 1",
    "<c>.metadata['n'] += 1",
    "<c>.metadata[<k>] = <c>.metadata[<k>]",
    "<c>.metadata.pop(<k>, None)",
    "del <c>.metadata[<k>]",
    "<c>.metadata['x'] = <c>.metadata['y'] = <a>",
    "<c>.metadata = {'replaced': <a>}",
    "key = <a>",
    "context = other",
    "context = context.create_child_context('s')",
    "self.key = <a>",
    "self.context = other",
    "flags.append(effect(3))",
    "names = ['x', effect('names')]",
    "seen.append(<a>)",
    "seen.append([x for x in <c>.metadata.get(<k>, names)])",
    "seen.append({n: <c>.metadata.get(n, <p>) for n in names if <c>.metadata.get(<q>)})",
    "seen.append(<c>.metadata.get(<k>, <a>) == <c>.metadata.get(<k>, <a>))",
    "key = <c>.metadata.get(<k>, <a>) or <a>",
    "assert <c>.metadata.get(<k>), <a>",
    "flags, names = names, flags",
    "other, context = context, other",
    "context: UserExecutionContext = <c>",
    "seen.append((lambda context=other: context.metadata.get(<q>))())",
    "seen.append([context.metadata.get('a') for context in (context, other)])",
    "self.context.metadata[self.key] = effect(1)",
    "seen.append(self.make().metadata.get(<k>, self.key))",
    "self.make().metadata.update(<m>)",
    "self.current.metadata['a'] = 1",
    "seen.append((c := context).metadata.get(<k>))",
    "return <c>.metadata.get(<k>)",
    "seen.append(<c>.metadata.get(<c>.metadata.get(<k>), <c>.metadata.get(<k>)))",
    "<c>.metadata[<c>.metadata.get(<q>)] = <v>",
    "<c>.metadata.get(<k>, []).append(<a>)",
    "<c>.metadata.get('l')[0] = <a>",
    "seen += [<c>.metadata.get(<k>)]",
    "<c>.metadata.update(<c>.metadata)",
    "<c>.metadata.setdefault('l', []).append(key)",
    "<c>.metadata['a'], key = <a>, 1",
    "key: str = <c>.metadata.get(<q>); <c>.metadata['q'] = key",
    "<c>.metadata[<h>] = <r>",
    "<c>.metadata[<h>] = <r>",
    "<c>.metadata.update({'r': <r>})",
    "seen.append(<c>.metadata.get('a', <r>))",
]
COMPOUND = [
    "if <a>:\n    <s>\nelse:\n    <s>",
    "if <k> not in <c>.metadata:\n    <c>.metadata[<k>] = []\n<c>.metadata[<k>].append(<a>)",
    "if 'l' not in <c>.metadata:\n    <c>.metadata['l'] = []\n<c>.metadata['l'].append(<a>)",
    "if key not in context.metadata: context.metadata[key] = []\n"
    "context.metadata[key].append(<p>); seen.append(key)",
    "for key in names:\n    <s>",
    "for context in (other, context):\n    <s>",
    "for i, j in context.metadata.items():\n    other.metadata[i] = j",
    "for i, j in context.metadata.items():\n    other.metadata[i] = j\nseen.append(i)",
    "for i, j in list(other.metadata.items()):\n    context.metadata[i] = j",
    "while len(seen) < 4:\n    seen.append(0)\n    <s>",
    "try:\n    <s>\nexcept Exception as error:\n    seen.append(type(error).__name__)\n"
    "finally:\n    <s>",
    "def inner():\n    context.metadata['inner'] = <p>\n    return context.metadata.get(<q>)\n"
    "seen.append(inner())\n<s>",
    "def inner():\n    nonlocal key\n    key = effect('inner')\n    return key\n"
    "<c>.metadata[key] = inner()",
    "def inner(context: UserExecutionContext, self=other):\n    context.metadata['inner'] = 1\n"
    "inner(other)",
    "class Inner:\n    got = context.metadata.get(<q>, <p>)\nseen.append(Inner.got)",
    "match <c>.metadata.get(<k>):\n    case None:\n        <s>\n    case found:\n        <s>",
    "held = <c>.metadata\n<s>\nseen.append(len(held))",
    "for k, v in self.context.metadata.items():\n    self.spare.metadata[k] = v",
    "if <q> not in <c>.metadata:\n    <c>.metadata[<q>] = list()\n<c>.metadata[<q>].append(<p>)",
    "def inner(c: UserExecutionContext = other, k=context.metadata.get('a')):\n"
    "    c.metadata['i'] = <p>\n    self.key = c.metadata.get(k)\ninner()\n<s>",
    "for self.key in names:\n    <s>",
    "def inner():\n    yield context.metadata.get(<q>)\n"
    "    context.metadata['g'] = <p>\n    yield <p>\nfor n in inner():\n    <s>",
    "if (found := <c>.metadata.get(<k>)) is not None:\n    <s>\n"
    "elif <c>.metadata.get(<q>, found):\n    <s>",
    "for n in <c>.metadata.get(<q>, names) or []:\n    <s>\nelse:\n    <s>",
    "def inner(n=0):\n    global KEY\n    KEY = effect('g')\n    return KEY\n"
    "context.metadata[KEY] = inner()",
    "def inner():\n    def deep():\n        nonlocal key\n"
    "        key = effect('deep')\n    deep()\n    return key\n"
    "context.metadata[key] = inner()\nother.metadata[key] = [inner() for n in names]",
    "def inner():\n    context.metadata[key] = self.later()\ndef later():\n"
    "    nonlocal key\n    key = effect('later')\nself.later = later\ninner()",
    "def inner():\n    nonlocal context\n    context = other\n"
    "    return effect('rebound')\ncontext.metadata['a'] = inner()\n"
    "context.metadata.update({'z': inner()})\n"
    "seen.append(context.metadata.get('a', inner()))",
    "later = [lambda: context.metadata.get('a'), lambda: context.metadata.update({'late': 1})]\n"
    "<s>\nfor each in later: seen.append(each())",
    "@(lambda f: f)\ndef inner(c=context.metadata.get(<q>)): return c\nseen.append(inner())",
    "if <a>: <c>.metadata['one'] = 1; <c>.metadata['two'] = effect(2)\n"
    "else: <c>.metadata.update(batch); seen.append(<c>.metadata.get('p'))",
    "try: <c>.metadata['a'] = fail()\nexcept LookupError: <c>.metadata['b'] = 1\n"
    "else: <c>.metadata['c'] = 1\nfinally: <c>.metadata['d'] = <c>.metadata.get('b')",
    "class Inner:\n    context = other\n    got = context.metadata.get(<q>)\n"
    "seen.append(Inner.got)",
    "class Inner:\n"
    "    def run(self, context: UserExecutionContext):\n"
    "        context.metadata['n'] = 1; return context.metadata.get('a')\n"
    "seen.append(Inner().run(other))",
    "for index, n in enumerate(names): <c>.metadata[f'{n}_{index}'] = effect(n)\n"
    "seen.append(index)",
]
SUSPENDED = [
    "async for n in self.stream():\n    <s>",
    "async for self.key in self.stream():\n    <s>",
    "seen.append([context.metadata.get('a') async for n in self.stream()])",
    "async def inner():\n    <c>.metadata['async'] = await pause()\n"
    "    return <c>.metadata.get(<q>)\nseen.append(await inner())",
]

HOLE = re.compile(r"<([a-z]+)>")
ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


@st.composite
def modules(draw: st.DrawFn) -> str:
    """A module whose agent has a method of a few statements, maybe a coroutine or a generator."""
    asynchronous, generator = draw(st.booleans()), draw(st.integers(0, 3)) == 0
    anywhere = ANYWHERE + AWAITED * 3 * asynchronous + YIELDED * 4 * generator
    compound = COMPOUND + SUSPENDED * 2 * asynchronous
    pools = {"c": CONTEXTS, "k": KEYS, "a": anywhere, "m": MAPPINGS, "p": PLAIN, "q": QUIET}
    pools |= {"h": HELD, "r": REBINDING + AWAITED * asynchronous + YIELDED * generator}
    pools["v"] = anywhere + BARE + (["yield", "yield 1, key"] if generator else [])

    def filled(form: str, depth: int) -> str:
        lines = []
        for line in form.splitlines():
            indent = line[: len(line) - len(line.lstrip())]
            text = HOLE.sub(lambda hole: choice(hole[1], depth), line.lstrip())
            lines += [indent + each for each in text.splitlines()]
        return "\n".join(lines)

    def choice(kind: str, depth: int) -> str:
        if kind == "s":
            return statement(depth + 1)
        return HOLE.sub(lambda hole: choice(hole[1], depth), draw(st.sampled_from(pools[kind])))

    def statement(depth: int) -> str:
        nested = depth < 2 and draw(st.integers(0, 2)) == 0
        return filled(draw(st.sampled_from(compound if nested else SIMPLE)), depth)

    statements = [statement(0) for _ in range(draw(st.integers(1, 4)))]
    base = draw(st.sampled_from(["extended_agent.ExtendedAgent"] * 3 + ["base_agent.BaseAgent"]))
    contexts = draw(st.sampled_from(["agents.supervisor", "models"]))
    values = {
        "module": base.partition(".")[0],
        "base": base.partition(".")[2],
        "contexts": f"{contexts}.user_execution_context",
        "async": "async " if asynchronous else "",
        "body": "\n".join(statements).replace("\n", "\n        "),
    }
    return HOLE.sub(lambda hole: values[hole[1]], MODULE)


# Running a module


class Keys(Enum):
    """Keys that are constants."""

    FIRST = "first"


class Model:
    """A value with `model_dump`; it looks like its dump, and like it has no hash."""

    __hash__ = None  # type: ignore[assignment]

    def model_dump(self, mode: str = "python", exclude_none: bool = False) -> dict[str, int]:
        return {"field": 1}

    def __repr__(self) -> str:
        return repr(self.model_dump())


class Suspension:
    """An awaitable that gives control back to the driver once."""

    def __await__(self) -> Generator[str, None, str]:
        yield "suspended"
        return "resumed"


@dataclass
class World:
    """What the code under test can reach, and the record of what it did."""

    contexts: list[Any] = field(default_factory=list)
    trace: list[object] = field(default_factory=list)
    modules: dict[str, SimpleNamespace] = field(default_factory=dict)

    def effect(self, value: Any) -> Any:
        """Record a value and the metadata as they are, and give the value back."""
        self.trace.append((self.normal(value), self.metadata()))
        return value

    def fail(self) -> None:
        self.effect("fail")
        raise LookupError

    async def pause(self) -> str:
        return await Suspension()

    def renew(self) -> Any:
        """Put other dictionaries in the place of the contexts', where they are not frozen."""
        for context in self.contexts:
            context.metadata = {"renewed": 1}
        return self.effect("renew")

    def metadata(self) -> list[object]:
        return [[self.normal(item) for item in c.metadata.items()] for c in self.contexts]

    def normal(self, value: object, depth: int = 0) -> object:
        """A value as something that can be compared between two runs; deep down only its type."""
        if any(value is context.metadata for context in self.contexts):
            return "metadata"
        match value:
            case str():
                return ADDRESS.sub("", value)
            case int() | float() | None | Enum():
                return value
            case Model():
                return self.normal(value.model_dump(), depth)
            case dict() if depth < DEEPEST:
                return [self.normal(item, depth + 1) for item in value.items()]
            case list() | tuple() if depth < DEEPEST:
                return [type(value).__name__, *(self.normal(each, depth + 1) for each in value)]
        if is_dataclass(value):
            return [context is value for context in self.contexts]
        return type(value).__name__

    def load(self, source: bytes, name: str) -> dict[str, Any]:
        """Run a module in a namespace of its own, with nothing but this world to import."""

        def find(module: str, *_: object) -> object:
            if module in self.modules:
                return self.modules[module]
            path = module.replace(".", "/") + ".py"
            if path in PROJECT:
                loaded = SimpleNamespace(**self.load(PROJECT[path], module))
                return self.modules.setdefault(module, loaded)
            return __import__(module, fromlist=["*"])

        namespace = {"__name__": name, "__builtins__": {**vars(builtins), "__import__": find}}
        exec(compile(source, name, "exec", dont_inherit=True), namespace)
        return namespace


def observe(source: bytes) -> dict[str, object]:
    """Run the method of a module in a new world, and tell all that could be seen of it."""
    world = World()
    own: dict[str, object] = {"Keys": Keys, "Model": Model}
    own |= {f.__name__: f for f in (world.effect, world.fail, world.pause, world.renew)}
    world.modules["world"] = SimpleNamespace(**own)
    module = world.load(source, "case")
    world.contexts = [new_context(module["UserExecutionContext"], name) for name in "abc"]
    context, other, spare = world.contexts
    agent = module["CaseAgent"](context, spare)
    raised = None
    try:
        for step in steps(agent.run(context, other)):
            world.effect(step)
            agent.key = "disturbed"  # what others do while the method waits
            agent.context, agent.spare = agent.spare, agent.context
    except Exception as error:
        raised = type(error).__name__
    return {
        "trace": world.trace,
        "raised": raised,
        "seen": world.normal(agent.seen),
        "key": world.normal(agent.key),
        "context": world.normal(agent.context),
        "metadata": world.metadata(),
    }


def new_context(cls: Callable[..., Any], name: str) -> Any:
    """A context with something in its metadata."""
    texts = [f.name for f in fields(cls) if f.name != "metadata"]  # type: ignore[arg-type]
    metadata: dict[str, object] = {"a": name, "n": 1, "l": [name]}
    return cls(**dict.fromkeys(texts, name), metadata=metadata)


def steps(running: Any) -> Generator[object, None, None]:
    """Every value that a generator yields, and every suspension of a coroutine."""
    if hasattr(running, "__anext__"):
        while True:
            try:
                yield (yield from running.__anext__().__await__())
            except StopAsyncIteration:
                return
    if hasattr(running, "__await__"):
        running = running.__await__()
    if running is not None:
        yield from running


def is_python(source: bytes) -> bool:
    """Whether the parts go together: an asynchronous generator, for one, returns no value."""
    try:
        compile(source, PATH, "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def migrated(source: bytes) -> FileResult:
    """What the codemod makes of a module."""
    engine = Engine(CODEMOD, CODEMOD.options(), Memory({**PROJECT, PATH: source}), line_length=88)
    return engine.process(PATH)


def test_rewritten_methods_do_what_they_did() -> None:
    rewritten: set[str] = set()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(modules())
    def check(module: str) -> None:
        source = module.encode()
        assume(is_python(source))
        result = migrated(source)
        assert result.failure is None
        if result.after is not None:
            rewritten.update(f.rule for f in result.findings if f.status is Status.REWRITE)
            assert observe(result.after) == observe(source)

    check()
    assert rewritten >= {"assign", "update", "get", "append", "count", "copy"}
