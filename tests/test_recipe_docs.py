"""The recipes that the documentation shows are recipes, and their tests pass."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from migrate import recipe
from migrate.registry import recipe_kinds
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


def test_both_pages_show_a_recipe() -> None:
    assert {page for page, _ in shown()} == {page.name for page in PAGES}


def test_every_kind_of_rule_has_a_section() -> None:
    headings = re.findall(r"^## `(.*)`$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(recipe_kinds())
