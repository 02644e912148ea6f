"""A recipe's own tests, run in memory."""

from __future__ import annotations

from dataclasses import dataclass

from migrate.diff import unified
from migrate.engine import Engine
from migrate.model import Failure, Finding
from migrate.recipe import Recipe, RecipeTest
from migrate.source import Memory

_LINE_LENGTH = 88


@dataclass(frozen=True)
class Trial:
    """What became of one test.

    `actual` is the file as the recipe leaves it, `difference` a unified diff from what the test
    expects to that; both are the test's own where it passed. `findings` are those of all steps.
    """

    test: RecipeTest
    actual: str
    difference: str
    findings: tuple[Finding, ...]
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether the file comes out as expected, and nothing failed on the way."""
        return not self.difference and not self.failures


def run_tests(recipe: Recipe) -> list[Trial]:
    """Run each test of a recipe as a run would, with all safety proofs, in order."""
    return [_run(recipe, test) for test in recipe.tests]


def _run(recipe: Recipe, test: RecipeTest) -> Trial:
    before = test.before.encode()
    contents = {path: text.encode() for path, text in test.project.items()}
    contents[test.path] = before
    findings: list[Finding] = []
    failures: list[Failure] = []
    for step in recipe.steps.values():
        source = Memory(dict(contents))
        result = Engine(step.codemod, step.options, source, _LINE_LENGTH).process(test.path)
        findings += result.findings
        if result.failure is not None:
            failures.append(result.failure)
        if result.after is not None:
            contents[test.path] = result.after
    after = contents[test.path]
    expected = before if test.after is None else test.after.encode()
    return Trial(
        test=test,
        actual=after.decode("utf-8", "backslashreplace"),
        difference=unified(test.path, expected, after),
        findings=tuple(findings),
        failures=tuple(failures),
    )
