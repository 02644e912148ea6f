"""The pages of `docs/`: those that are made are up to date, and links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from migrate.registry import codemods
from migrate.report.explanation import render_markdown

PROJECT = Path(__file__).resolve().parent.parent
DOCS = PROJECT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
BUILT_IN = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"][
    "entry-points"
]["migrate.codemods"]


def links(page: Path) -> list[str]:
    """Where the page's links lead, but for other sites; a part of a page is left out."""
    found = re.findall(r"\]\(([^)#]*)(?:#[^)]*)?\)", page.read_text("utf-8"))
    return [link for link in found if link and "://" not in link]


@pytest.mark.parametrize("codemod", BUILT_IN)
def test_the_page_of_a_built_in_codemod_is_what_it_says_of_itself(codemod: str) -> None:
    page = DOCS / "codemods" / f"{codemod}.md"
    how = f"migrate explain --format markdown --output docs/codemods/{codemod}.md {codemod}"
    there = page.read_text("utf-8") if page.exists() else ""
    assert there == render_markdown(codemods()[codemod]), f"run: {how}"


def test_no_page_is_left_of_a_codemod_that_is_gone() -> None:
    assert {page.stem for page in (DOCS / "codemods").iterdir()} == set(BUILT_IN)


def test_every_page_is_in_the_list_of_pages() -> None:
    assert set(links(DOCS / "README.md")) >= set(PAGES) - {"README.md"}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    folder = (DOCS / page).parent
    assert [link for link in links(DOCS / page) if not (folder / link).exists()] == []
