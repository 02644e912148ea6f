"""Installed codemods are found by their entry points, built-in and third-party alike."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import migrate
from migrate.errors import UsageError
from migrate.registry import GROUP, codemods, recipe_kinds

Install = Callable[[str], None]
HEADER = "[migrate.codemods]\n"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """A function that installs a distribution with these entry points and a module `plugin_x`."""

    def add(entry_points: str) -> None:
        info = tmp_path / "plugin_x-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin-x\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(HEADER + entry_points)
        (tmp_path / "plugin_x.py").write_text(
            "import dataclasses\n"
            "from codemods.metadata_storage import CODEMOD as BUILT_IN\n"
            "CODEMOD = dataclasses.replace(BUILT_IN, id='another')\n"
            "NOTHING = 3\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        codemods.cache_clear()
        recipe_kinds.cache_clear()

    yield add
    sys.modules.pop("plugin_x", None)
    codemods.cache_clear()
    recipe_kinds.cache_clear()


def test_the_built_in_codemods_are_found_in_the_order_of_their_ids() -> None:
    found = codemods()
    assert "metadata-storage" in found
    assert list(found) == sorted(found)
    assert all(codemod.id == id for id, codemod in found.items())


def test_a_codemod_of_another_distribution_stands_beside_the_built_in_ones(
    install: Install,
) -> None:
    install("another = plugin_x:CODEMOD\n")
    assert next(iter(codemods())) == "another"
    assert "metadata-storage" in codemods()


@pytest.mark.parametrize("target", ["plugin_x:MISSING", "no_such_module:CODEMOD", "plugin_x:A.B"])
def test_an_entry_point_that_leads_nowhere_is_an_error_that_names_it(
    install: Install, target: str
) -> None:
    install(f"lost = {target}\n")
    with pytest.raises(UsageError, match=rf"cannot load codemod lost \({target}\)"):
        codemods()


def test_an_entry_point_that_is_no_codemod_is_an_error_that_names_it(install: Install) -> None:
    install("number = plugin_x:NOTHING\n")
    with pytest.raises(UsageError, match="plugin_x:NOTHING, named as codemod number"):
        codemods()


def test_no_part_of_the_engine_knows_a_built_in_codemod_by_name() -> None:
    """They come through the same entry points as anybody's."""
    built_in = [entry for entry in entry_points(group=GROUP) if entry.module.startswith("codemods")]
    assert len(built_in) >= 2
    names = {entry.name for entry in built_in} | {
        part for entry in built_in for part in entry.module.split(".")[1:]
    }
    package = Path(migrate.__file__).parent
    knowing = [
        (path.relative_to(package).as_posix(), name)
        for path in sorted(package.rglob("*.py"))
        for name in sorted(names)
        if name in path.read_text(encoding="utf-8")
    ]
    assert knowing == []


def test_a_kind_of_rule_of_another_distribution_stands_beside_the_built_in_ones(
    install: Install,
) -> None:
    install("[migrate.recipes]\nanother = codemods.renames:RENAME_KEYWORD\n")
    assert next(iter(recipe_kinds())) == "another"
    assert "rename-keyword" in recipe_kinds()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("plugin_x:MISSING", r"cannot load the recipe kind lost \(plugin_x:MISSING\)"),
        ("plugin_x:CODEMOD", "plugin_x:CODEMOD, named as recipe kind lost, is no RecipeKind"),
    ],
)
def test_a_kind_that_is_none_is_an_error_that_names_it(
    install: Install, target: str, message: str
) -> None:
    install(f"[migrate.recipes]\nlost = {target}\n")
    with pytest.raises(UsageError, match=message):
        recipe_kinds()
