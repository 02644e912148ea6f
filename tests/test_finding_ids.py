"""A finding's id is the same as long as its site is: reviews depend on it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tool import PROJECT

from codemods.metadata_storage import CODEMOD
from migrate.codemod import build_options
from migrate.engine import Engine
from migrate.model import Finding
from migrate.source import Memory

HEAD = """\
from app.base import BaseAgent
from app.context import UserExecutionContext


class Agent(BaseAgent):
    def run(self, context: UserExecutionContext, other_context):
        pass
"""
SITES = (
    'context.metadata["a"] = 1',
    'context.metadata["b"] = other_context',
    'other_context.metadata["a"] = 1',
    "context.metadata.clear()",
    'context.metadata["a"] += 1',
)
FILLERS = ("x = 1", "# a comment", "", "if other_context:\n            pass", "print('é')")
INDENT = " " * 8


def findings(lines: list[str], path: str = "app/agent.py") -> tuple[Finding, ...]:
    data = HEAD + "".join(f"{INDENT}{line}\n" for line in lines)
    table = {"agent": "app.base.BaseAgent", "contexts": ["app.context.UserExecutionContext"]}
    files = Memory({**PROJECT, path: data.encode()})
    result = Engine(CODEMOD, build_options(CODEMOD, table, ""), files, 88).process(path)
    assert result.failure is None
    return result.findings


def ids(lines: list[str], path: str = "app/agent.py") -> list[str]:
    return [each.id for each in findings(lines, path)]


@st.composite
def scattered(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Sites, and the same sites in the same order with other lines around them."""
    sites = draw(st.lists(st.sampled_from(SITES), min_size=1, max_size=6))
    around: list[str] = []
    for site in sites:
        around += draw(st.lists(st.sampled_from(FILLERS), max_size=3))
        around.append(site)
    return sites, around + draw(st.lists(st.sampled_from(FILLERS), max_size=2))


@settings(max_examples=50, deadline=None)
@given(scattered())
def test_lines_elsewhere_change_no_id(change: tuple[list[str], list[str]]) -> None:
    sites, around = change
    assert ids(around) == ids(sites)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(SITES), min_size=1, max_size=8))
def test_every_finding_of_a_file_has_an_id_of_its_own(sites: list[str]) -> None:
    found = ids(sites)
    assert len(set(found)) == len(found) >= len(sites)


def test_white_space_inside_a_site_changes_no_id() -> None:
    wide = ['context.metadata["a"]   =   (', "    1)", 'context.metadata["a"] = ( 1)']
    spread = ['context.metadata["a"] = (', "  1)", 'context.metadata["a"]  =  (  1)']
    assert ids(wide) == ids(spread)


def test_removing_one_of_several_equal_sites_keeps_the_ids_of_the_first() -> None:
    assert ids([SITES[0]] * 3)[:2] == ids([SITES[0]] * 2)


def test_adding_another_site_in_front_changes_no_id() -> None:
    assert ids([SITES[1], SITES[0]])[1:] == ids([SITES[0]])


def test_another_path_or_text_has_another_id() -> None:
    same = ids([SITES[0]])
    assert ids([SITES[0]], "app/other.py") != same
    assert ids([SITES[0].replace('"a"', '"b"')]) != same
