"""From module names to files."""

from __future__ import annotations

import pytest

from migrate.project.paths import ModulePaths


@pytest.mark.parametrize(
    ("paths", "importer", "found"),
    [
        (["a/b.py"], "x.py", "a/b.py"),
        (["a/b/__init__.py"], "x.py", "a/b/__init__.py"),
        (["a/b/__init__.py", "a/b.py"], "x.py", "a/b/__init__.py"),
        (["a/b/c.py"], "x.py", "a/b"),
        (["src/a/b.py"], "x.py", "src/a/b.py"),
        (["src/a/b.py"], "tests/x.py", "src/a/b.py"),
        (["a/b.py", "src/a/b.py"], "src/x.py", "a/b.py"),
        (["tools/a/b.py"], "tools/x.py", "tools/a/b.py"),
        (["s/tools/a/b.py"], "s/tools/deep/x.py", "s/tools/a/b.py"),
        (["p/__init__.py", "p/a/b.py"], "p/x.py", None),
        (["other/a/b.py"], "tools/x.py", None),
        (["a/b.pyi", "a/b.txt"], "x.py", None),
        ([], "x.py", None),
    ],
)
def test_an_absolute_import_is_looked_for_where_python_would(
    paths: list[str], importer: str, found: str | None
) -> None:
    assert ModulePaths(paths).absolute("a.b", importer) == found


@pytest.mark.parametrize(
    ("module", "level", "found"),
    [
        ("c", 1, "a/b/c.py"),
        ("", 1, "a/b/__init__.py"),
        ("", 2, "a"),
        ("b.c", 2, "a/b/c.py"),
        ("b", 2, "a/b/__init__.py"),
        ("top", 3, "top.py"),
        ("top", 4, None),
        ("missing", 1, None),
    ],
)
def test_a_relative_import_counts_from_the_importer(
    module: str, level: int, found: str | None
) -> None:
    modules = ModulePaths(["a/b/__init__.py", "a/b/c.py", "top.py"])
    assert modules.relative(module, level, "a/b/m.py") == found


def test_a_package_is_its_own_folder_for_relative_imports() -> None:
    modules = ModulePaths(["a/__init__.py", "a/b.py"])
    assert modules.relative("b", 1, "a/__init__.py") == "a/b.py"


def test_submodules_are_those_of_packages_with_and_without_a_file() -> None:
    modules = ModulePaths(["a/__init__.py", "a/b.py", "n/c.py", "top.py"])
    assert modules.submodule("a/__init__.py", "b") == "a/b.py"
    assert modules.submodule("n", "c") == "n/c.py"
    assert modules.submodule("a/__init__.py", "c") is None
    assert modules.submodule("top.py", "b") is None


def test_a_configured_module_is_found_in_any_folder_if_there_is_only_one() -> None:
    modules = ModulePaths(["x/app/m.py", "y/app/n.py", "z/app/n.py", "q/__init__.py", "q/app/o.py"])
    assert modules.anywhere("app.m") == "x/app/m.py"
    assert modules.anywhere("app.n") is None
    assert modules.anywhere("app.o") is None
    assert modules.anywhere("app.missing") is None
