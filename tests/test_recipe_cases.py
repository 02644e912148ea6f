"""The kinds of rules of recipes on every case of `fixtures/recipes/<kind>/`.

A case's rules are in its `options.toml`, or in the `recipe.toml` of the kind's `_project`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pytest
from cases import BASE_PROJECT, FIXTURES, Case, Expected

from migrate import recipe
from migrate.codemod import Codemod
from migrate.engine import Engine
from migrate.model import FileResult
from migrate.recipe import Step
from migrate.registry import codemods, recipe_kinds
from migrate.source import Memory
from migrate.testing import load_cases

RECIPES = FIXTURES / "recipes"
KINDS = sorted(folder.name for folder in RECIPES.iterdir())
# What the engine says of any codemod's sites.
OF_THE_ENGINE = {"all-or-nothing"}
# What depends on the files of a run, which a case does not have; see `test_recipe.py`.
OF_THE_RUN = {"left-out"}


@dataclass(frozen=True)
class KindCase:
    """A case, with the kind of rule that it is about."""

    kind: str
    case: Case

    def step(self) -> Step:
        """The codemod that the case's rules make up."""
        return recipe.parse(self.rules(), "recipe.toml", self.case.name, recipe_kinds()).steps[
            self.kind
        ]

    def rules(self) -> Mapping[str, object]:
        shared = RECIPES / self.kind / BASE_PROJECT / "recipe.toml"
        return self.case.options or tomllib.loads(shared.read_text(encoding="utf-8"))

    def process(self, content: bytes) -> FileResult:
        """What the engine makes of `content`, at the place of the case's file."""
        step = self.step()
        source = Memory({**self.case.project, self.case.path: content})
        return Engine(step.codemod, step.options, source, line_length=88).process(self.case.path)


CASES = [
    KindCase(kind, case)
    for kind in KINDS
    for case in load_cases(RECIPES / kind, path="app/case.py")
]
NAMES = [f"{each.kind}/{each.case.name}" for each in CASES]
CHANGED = [each for each in CASES if each.case.after is not None]


def found(result: FileResult) -> list[Expected]:
    """The findings of a result, in the form of `findings.txt`."""
    return [Expected(f.start.line, f.rule, f.status.value, f.reason) for f in result.findings]


@cache
def documented(kind: str) -> frozenset[str]:
    """The reasons that the documentation of a kind's rules lists."""
    docs = "\n".join(rule.doc for rule in recipe_kinds()[kind].codemod.rules)
    items = re.findall(r"^- (`[^:]*`):", docs, re.MULTILINE)
    return frozenset(name for item in items for name in re.findall(r"`([\w-]+)`", item))


@pytest.mark.parametrize("each", CASES, ids=NAMES)
def test_case_comes_out_as_its_files_say(each: KindCase) -> None:
    result = each.process(each.case.before)
    assert (result.failure, each.case.failure) == (None, None)
    assert found(result) == list(each.case.findings)
    assert result.after == each.case.after


@pytest.mark.parametrize("each", CHANGED, ids=lambda each: f"{each.kind}/{each.case.name}")
def test_second_pass_rewrites_nothing_and_still_finds_the_rest(each: KindCase) -> None:
    assert each.case.after is not None
    second = each.process(each.case.after)
    assert (second.failure, second.after) == (None, None)
    rest = Counter(f.rule for f in each.case.findings if f.status != "rewrite")
    assert Counter(f.rule for f in found(second)) == rest


@pytest.mark.parametrize("each", CHANGED, ids=lambda each: f"{each.kind}/{each.case.name}")
def test_expected_result_is_python(each: KindCase) -> None:
    assert each.case.after is not None
    ast.parse(each.case.after)


def own_kinds() -> list[str]:
    """The kinds whose sites no installed codemod finds; the reasons of others have cases there."""
    finders = [each.inspect for each in codemods().values() if isinstance(each, Codemod)]
    return [id for id, kind in recipe_kinds().items() if kind.codemod.inspect not in finders]


@pytest.mark.parametrize("kind", own_kinds())
def test_every_reason_that_is_documented_has_a_case(kind: str) -> None:
    findings = [f for each in CASES if each.kind == kind for f in each.case.findings]
    reasons = {f.reason for f in findings} - {None} - OF_THE_ENGINE
    assert reasons == documented(kind) - OF_THE_RUN
    rules = {rule.id for rule in recipe_kinds()[kind].codemod.rules}
    assert {f.rule for f in findings} == rules


@pytest.mark.parametrize("kind", KINDS)
def test_more_cases_stay_as_they_are_than_change(kind: str) -> None:
    cases = [each.case for each in CASES if each.kind == kind]
    changed = sum(case.after is not None for case in cases)
    assert len(cases) - changed > changed


def test_every_kind_has_cases_and_every_case_says_what_it_shows() -> None:
    assert set(KINDS) == set(recipe_kinds())
    assert all(each.case.summary.endswith(".") for each in CASES)
