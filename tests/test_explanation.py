"""What a codemod says of itself: on a terminal, as JSON, and as a page."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from toy import toy

from migrate.codemod import AnyCodemod, Codemod, Converted, FileCodemod, Rule, build_options
from migrate.registry import codemods
from migrate.report.explanation import (
    render_json,
    render_markdown,
    render_rule_text,
    render_text,
)


@dataclass(frozen=True)
class Move:
    """What goes where; `from_` is a module."""

    from_: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Every:
    """One of each kind; `a_name` is the first."""

    a_name: str = 'with "quotes", \\ and \x00\n\x7f é'
    count: int = -3
    strict: bool = True
    short: tuple[str, ...] = ("a", "b, c")
    long: tuple[str, ...] = tuple(f"item {number}" for number in range(30))
    nothing: tuple[str, ...] = ()
    renames: Mapping[str, str] = field(default_factory=lambda: {"a": "b", "c.d é": "e"})
    empty: Mapping[str, str] = field(default_factory=dict)
    moves: tuple[Move, ...] = (Move("here", ("x",)), Move("there"))


@dataclass(frozen=True)
class Undocumented:
    number: int = 1


DOC = """Renames calls.

    old(1)

    old(2)

become

    new(1

and `this` stays.
"""
CODEMOD = toy(doc=DOC, options=Every, rules=(Rule("call", "A call.\n\n    f()\n"), Rule("x", "X.")))
FILE = FileCodemod("whole", 2, "All of it.", lambda data, file: Converted())


def table(page: str, id: str) -> Any:
    """The options that a page or text shows, as a configuration would have them."""
    (toml,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return tomllib.loads(toml)["tool"]["migrate"][id]


@pytest.mark.parametrize("codemod", [CODEMOD, *codemods().values()], ids=lambda c: c.id)
def test_the_options_of_a_page_are_the_defaults(codemod: AnyCodemod) -> None:
    shown = table(render_markdown(codemod), codemod.id)
    assert build_options(codemod, shown, "the page") == codemod.options()
    assert shown == json.loads(render_json(codemod))["options"]


def test_a_text_has_the_same_table_as_the_page() -> None:
    text = render_text(CODEMOD, color=False)
    _, _, shown = text.partition("Options and their defaults, in [tool.migrate.toy]\n")
    assert tomllib.loads(f"[tool.migrate.toy]\n{shown}")["tool"]["migrate"]["toy"] == table(
        render_markdown(CODEMOD), "toy"
    )
    assert max(map(len, shown.splitlines())) <= 102
    assert [line for line in text.splitlines() if line.endswith(" ")] == []


def test_a_page_fences_the_examples_of_docstrings() -> None:
    page = render_markdown(CODEMOD)
    assert page.startswith(
        "# toy\n\nRenames calls.\n\n```python\nold(1)\n\nold(2)\n```\n\nbecome\n\n"
        "```text\nnew(1\n```\n\nand `this` stays.\n\nVersion 1.\n\n## Rules\n\n"
    )
    assert "\n\n### call\n\nA call.\n\n```python\nf()\n```\n\n### x\n\nX.\n\n## Options\n" in page


def test_a_page_documents_options_by_their_keys() -> None:
    page = render_markdown(CODEMOD)
    assert "\n\nOne of each kind; `a-name` is the first.\n\n" in page
    assert "\n\nEach of `moves`: What goes where; `from` is a module.\n\n" in page


def test_options_without_a_docstring_have_no_text_and_no_options_no_section() -> None:
    assert "\n\n## Options\n\n```toml\n" in render_markdown(toy(options=Undocumented))
    assert "Options" not in render_markdown(FILE)
    assert "Options" not in render_text(FILE, color=False)


@pytest.mark.parametrize(
    ("codemod", "remarks"),
    [
        (toy(), []),
        (toy(preview=True), ["in preview"]),
        (toy(atomic=True), ["as a whole or not at all"]),
        (FILE, []),
    ],
)
def test_a_page_says_what_to_know_before_a_run(codemod: Codemod, remarks: list[str]) -> None:
    page = render_markdown(codemod)
    known = ("in preview", "as a whole or not at all")
    assert [remark for remark in known if remark in page] == remarks
    assert f"\n\nVersion {codemod.version}.\n" in page


def test_json_has_all_of_it() -> None:
    data = json.loads(render_json(CODEMOD))
    assert (data["schema"], data["id"], data["version"]) == ("migrate-codemod/1", "toy", 1)
    assert data["doc"] == DOC.strip()
    assert data["rules"] == [{"id": "call", "doc": "A call.\n\n    f()"}, {"id": "x", "doc": "X."}]


def test_a_rule_is_printed_in_full() -> None:
    text = render_rule_text(CODEMOD, CODEMOD.rules[0], color=False)
    assert text == "toy.call\n\nA call.\n\n    f()\n"
