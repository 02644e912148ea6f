"""The recipes that the documentation shows are recipes, and their tests pass."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from cases import FIXTURES, read_tree
from tool import migrate

from migrate import recipe
from migrate.codemod import Codemod
from migrate.engine import Engine
from migrate.registry import codemods, recipe_kinds
from migrate.source import Memory
from migrate.trial import run_tests

PROJECT = Path(__file__).resolve().parent.parent
DOCS = PROJECT / "docs" / "recipes.md"
PAGES = [PROJECT / "README.md", DOCS]


def shown() -> list[tuple[str, str]]:
    """Every recipe of the pages, with the page's name."""
    return [
        (page.name, block)
        for page in PAGES
        for block in re.findall(
            r"^```toml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        )
        if "[[test]]" in block
    ]


@pytest.mark.parametrize(("page", "block"), shown())
def test_a_recipe_that_is_shown_passes_its_tests(page: str, block: str) -> None:
    kinds = recipe_kinds()
    found = recipe.parse(tomllib.loads(block), "mail.toml", page, kinds)
    trials = run_tests(found)
    assert trials
    assert [(t.test.name, t.difference, t.failures) for t in trials if not t.passed] == []


def test_the_recipe_that_moves_imports_does_what_the_codemod_does_but_for_refused_ids() -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```$", DOCS.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (block,) = (block for block in blocks if "[[move]]" in block)
    assert len(block.splitlines()) < 15
    step = recipe.parse(tomllib.loads(block), "contexts.toml", DOCS.name, recipe_kinds()).steps[
        "move"
    ]
    codemod = codemods()["context-imports"]
    assert isinstance(codemod, Codemod)
    source = Memory(read_tree(FIXTURES / "netra_app"))
    by_recipe = Engine(step.codemod, step.options, source, 88)
    by_codemod = Engine(codemod, codemod.options(), source, 88)
    same = 0
    for path in source.paths:
        ours, theirs = by_recipe.process(path), by_codemod.process(path)
        if theirs.after is None and any(f.reason == "forbidden-id" for f in theirs.findings):
            continue
        assert ours.after == theirs.after, path
        same += theirs.after is not None
    assert same >= 2


def test_a_test_that_fails_prints_what_the_page_shows(tmp_path: Path) -> None:
    page = DOCS.read_text(encoding="utf-8")
    (console,) = re.findall(r"^```console\n\$ (.*?)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    command, output = console
    block = next(block for name, block in shown() if name == DOCS.name)
    wrong = block.replace('send("hello", to=box.user)', 'send("hello", to=box.owner)')
    assert wrong != block
    (tmp_path / "mail.toml").write_text(wrong, encoding="utf-8")
    done = migrate(tmp_path, *command.split()[1:])
    assert (done.returncode, done.stdout) == (1, output)


def test_both_pages_show_a_recipe() -> None:
    assert {page for page, _ in shown()} == {page.name for page in PAGES}


def test_every_kind_of_rule_has_a_section() -> None:
    headings = re.findall(r"^## `(.*)`$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(recipe_kinds())
