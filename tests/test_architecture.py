"""The layers of the project: a table, and tests that hold every import in the source against it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Room:
    """What the modules of a room may import besides each other and the standard library.

    `knows` are other rooms, without their `migrate.`; `packages` those of other distributions;
    `for_types` are rooms or packages that only a type checker may see.
    """

    knows: str = ""
    packages: str = ""
    for_types: str = ""


# A room knows rooms above it and none below, so imports run one way.
LAYERS = {
    "migrate": Room(),
    "migrate.errors": Room(),
    "migrate.model": Room(),
    # One file, from bytes to syntax.
    "migrate.text": Room("model"),
    "migrate.diff": Room("model text"),
    "migrate.syntax": Room("model text", "tree_sitter tree_sitter_python"),
    # Facts across files, and the author's interface.
    "migrate.project*": Room("text syntax", "tree_sitter"),
    "migrate.view": Room("model text syntax project*", "tree_sitter"),
    "migrate.codemod": Room("errors model", for_types="project* view libcst"),
    "migrate.rewrite": Room("model text syntax codemod", "tree_sitter libcst"),
    "codemods*": Room(
        "model text syntax project* view codemod rewrite", "tree_sitter libcst", "libcst"
    ),
    # One codemod on one file.
    "migrate.ignores": Room("model text", "tree_sitter"),
    "migrate.safety": Room("model text syntax rewrite", "tree_sitter"),
    "migrate.guests": Room(),
    "migrate.kinds": Room("guests model text diff view codemod rewrite safety"),
    "migrate.engine": Room(
        "model text syntax project* view codemod rewrite ignores safety kinds", "tree_sitter"
    ),
    # Many files, still without side effects.
    "migrate.plan": Room("model", "pathspec"),
    "migrate.summary": Room("model text diff plan"),
    "migrate.compare": Room("codemod project*"),
    "migrate.adapters*": Room("errors guests model text diff codemod", "libcst bowler fissix"),
    "migrate.toml": Room("errors"),
    "migrate.recipe": Room("errors codemod toml"),
    "migrate.registry": Room("errors guests codemod adapters* recipe"),
    # Side effects, each in a room that knows no other such room. `gitobjects` has the formats of
    # git's objects and touches nothing.
    "migrate.gitobjects": Room(),
    "migrate.repository": Room("errors model gitobjects", "git filelock", "filelock"),
    "migrate.source": Room("errors model"),
    "migrate.discovery": Room("errors model", "pathspec"),
    "migrate.config": Room("errors model toml"),
    "migrate.workers": Room(),
    "migrate.searchpath": Room(),
    "migrate.trial": Room("model diff engine recipe source"),
    # All of it together, and what a person sees.
    "migrate.stages": Room("model project* codemod registry engine plan source workers"),
    # For the tests of authors: the engine, on sources in memory.
    "migrate.testing*": Room("model text codemod rewrite adapters* registry engine source"),
    "migrate.scaffold": Room("errors"),
    "migrate.pipeline": Room(
        "errors model project* codemod plan summary compare registry stages"
        " repository source discovery config workers"
    ),
    "migrate.report*": Room("migrate model compare codemod trial"),
    "migrate.cli*": Room(
        "migrate searchpath errors model codemod registry recipe trial scaffold pipeline report*",
        "typer",
    ),
    "migrate.__main__": Room("searchpath cli*"),
}

# What is slow to import, or needs something that may not be there, such as git, and the only
# modules that import it when they are imported themselves. Functions import it where it is used.
EAGER_IMPORTERS = {
    "libcst": ("migrate.rewrite", "codemods.*.transformer"),
    "migrate.rewrite": ("codemods.*.transformer", "migrate.testing.checks"),
    "codemods.*.transformer": ("codemods.*.transformer",),
    "bowler": ("migrate.adapters.bowler_*",),
    "fissix": ("migrate.adapters.bowler_*",),
    "migrate.adapters.bowler_run": (),
    "migrate.adapters.bowler_tool": ("migrate.adapters.bowler_run",),
    "migrate.adapters.bowler_needles": ("migrate.adapters.bowler_tool",),
    "git": (),
    "filelock": (),
    "migrate.pipeline": (),
    "migrate.scaffold": (),
}

# A module should fit in the head. These are known to be longer, and may hardly grow.
MOST_LINES = 450
LONGER = {"migrate.repository": 520}


@dataclass(frozen=True)
class Import:
    """One imported module of this project, or top-level package of another distribution.

    `eager` is whether importing the importer imports it; it is neither if it is `for_types`.
    """

    importer: str
    line: int
    target: str
    eager: bool
    for_types: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    name_of(path): path
    for package in ("migrate", "codemods")
    for path in sorted((PROJECT / package).rglob("*.py"))
}


def imports_of(module: str) -> Iterator[Import]:
    """Every import of a module outside the standard library, wherever it stands."""
    tree = ast.parse(MODULES[module].read_bytes())
    pending: list[tuple[ast.AST, bool, bool]] = [(tree, True, False)]
    while pending:
        node, eager, for_types = pending.pop()
        for target in targets(node, module):
            if target.partition(".")[0] not in sys.stdlib_module_names:
                yield Import(module, getattr(node, "lineno", 0), target, eager, for_types)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            eager = False
        hidden = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for field, value in ast.iter_fields(node):
            inner = for_types or (hidden and field == "body")
            children = value if isinstance(value, list) else [value]
            pending += [
                (child, eager and not inner, inner)
                for child in children
                if isinstance(child, ast.AST)
            ]


def targets(node: ast.AST, module: str) -> Iterator[str]:
    """What an import statement imports: our own modules in full, others' by their first name."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{module}:{node.lineno}: imports are absolute in this project"
        # `from migrate import syntax` imports a module, `from migrate import __version__` a name.
        names = [
            submodule if (submodule := f"{node.module}.{alias.name}") in MODULES else node.module
            for alias in node.names
            if node.module is not None
        ]
    else:
        return
    yield from {name if name in MODULES else name.partition(".")[0] for name in names}


IMPORTS = [found for module in MODULES for found in imports_of(module)]


def room_of(module: str) -> str | None:
    """The room of a module; None for a package of another distribution."""
    fitting = [room for room in LAYERS if fnmatchcase(module, room)]
    return max(fitting, key=len, default=None)


def rooms(names: str) -> list[str]:
    """The rooms, or packages, that a field of the table names."""
    return [f"migrate.{name}" if f"migrate.{name}" in LAYERS else name for name in names.split()]


def test_every_module_has_a_place_in_the_table() -> None:
    assert [module for module in MODULES if room_of(module) is None] == []


def test_every_room_of_the_table_exists() -> None:
    assert set(LAYERS) == {room_of(module) for module in MODULES}


def test_a_room_knows_only_rooms_above_it() -> None:
    order = list(LAYERS)
    for position, (name, room) in enumerate(LAYERS.items()):
        above = order[:position]
        assert [known for known in rooms(room.knows) if known not in above] == [], name


@pytest.mark.parametrize("room", LAYERS)
def test_a_room_imports_what_the_table_says(room: str) -> None:
    row = LAYERS[room]
    allowed = {room, *rooms(row.knows), *row.packages.split()}
    allowed_for_types = allowed | set(rooms(row.for_types))
    wrong = [
        str(found)
        for found in IMPORTS
        if room_of(found.importer) == room
        and (room_of(found.target) or found.target)
        not in (allowed_for_types if found.for_types else allowed)
    ]
    assert wrong == []


# Inside of `context-imports`: each line knows those above it.
CONTEXT_IMPORTS = (
    "options plans facts needles transformer",
    "statements* values*",
    "usage*",
    "rules",
    "judge",
    "verdicts",
    "travel*",
    "decide",
)


def place_of(module: str) -> int | None:
    """The line of CONTEXT_IMPORTS that a module is in; None for what brings all together."""
    inner = module.removeprefix("codemods.context_imports.")
    for number, line in enumerate(CONTEXT_IMPORTS):
        if any(fnmatchcase(inner, name) for name in line.split()):
            return number
    return None


def test_in_the_biggest_codemod_too_imports_run_one_way() -> None:
    wrong = [
        str(found)
        for found in IMPORTS
        if (here := place_of(found.importer)) is not None
        and (there := place_of(found.target)) is not None
        and there > here
    ]
    assert wrong == []
    modules = [m for m in MODULES if m.startswith("codemods.context_imports.")]
    assert [m for m in modules if place_of(m) is None] == ["codemods.context_imports.recipe"]


@pytest.mark.parametrize(("package", "importer"), [("git", "repository"), ("typer", "cli*")])
def test_a_package_stays_behind_one_room(package: str, importer: str) -> None:
    knowing = [name for name, room in LAYERS.items() if package in room.packages.split()]
    assert knowing == [f"migrate.{importer}"]


@pytest.mark.parametrize("target", EAGER_IMPORTERS)
def test_what_is_slow_to_import_is_imported_where_it_is_used(target: str) -> None:
    wrong = [
        str(found)
        for found in IMPORTS
        if found.eager
        and fnmatchcase(found.target, target)
        and not any(fnmatchcase(found.importer, allowed) for allowed in EAGER_IMPORTERS[target])
    ]
    assert wrong == []


def test_the_reader_of_imports_sees_every_kind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = tmp_path / "sample.py"
    source.write_text(
        "import os, git.cmd\n"
        "from migrate import __version__, syntax\n"
        "if TYPE_CHECKING:\n    import libcst as cst\nelse:\n    import typer\n"
        "class C:\n    import rich\n"
        "def f():\n    from migrate.model import Span\n"
    )
    monkeypatch.setitem(MODULES, "sample", source)
    found = {(each.target, each.eager, each.for_types) for each in imports_of("sample")}
    assert found == {
        ("git", True, False),
        ("migrate", True, False),
        ("migrate.syntax", True, False),
        ("libcst", False, True),
        ("typer", True, False),
        ("rich", True, False),
        ("migrate.model", False, False),
    }


def test_a_module_fits_in_the_head() -> None:
    lengths = {module: len(path.read_bytes().splitlines()) for module, path in MODULES.items()}
    too_long = {
        module: lines for module, lines in lengths.items() if lines > LONGER.get(module, MOST_LINES)
    }
    assert too_long == {}


SLOW = {"libcst", "tree_sitter", "git", "bowler", "fissix", "rich", "sqlite3", "multiprocessing"}


@pytest.mark.parametrize(
    ("argument", "needed"), [("--help", set()), ("--version", set()), ("list", {"tree_sitter"})]
)
def test_a_quick_command_does_not_load_what_is_slow(argument: str, needed: set[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "migrate", argument]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "migrate.cli.app" in modules
    assert {module.partition(".")[0] for module in modules} & SLOW == needed
