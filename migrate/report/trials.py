"""What a recipe's tests came to, for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrate.report.diff import colored
from migrate.report.terminal import Ink, counted, escape
from migrate.trial import Trial


def render(recipe: str, trials: Sequence[Trial], ink: Ink) -> str:
    """A line for each test; for one that failed, the difference and every finding."""
    lines: list[str] = []
    for trial in trials:
        mark = ink("green", "passed") if trial.passed else ink("red", "FAILED")
        lines.append(f"{mark}  {escape(recipe)}: {escape(trial.test.name)}")
        if not trial.passed:
            lines += [f"        {line}".rstrip() for line in _details(trial, ink)]
    failed = sum(not trial.passed for trial in trials)
    lines.append(f"{counted(len(trials), 'test')}, {failed} failed.")
    return "\n".join(lines) + "\n"


def _details(trial: Trial, ink: Ink) -> Iterator[str]:
    for failure in trial.failures:
        yield f"{escape(trial.test.path)}: {failure.kind}: {escape(failure.message)}"
    if trial.difference:
        yield "expected (-) and actual (+):"
        yield from colored(trial.difference, ink)
    if not trial.findings:
        yield "No rule of the recipe sees anything in this file."
    for finding in trial.findings:
        where = f"{escape(trial.test.path)}:{finding.start.line}:{finding.start.column}"
        rule = escape(f"{finding.codemod}.{finding.rule}")
        verdict = finding.status if finding.reason is None else f"{finding.status} {finding.reason}"
        yield f"{where}: {rule}: {escape(verdict)}: {escape(finding.message)}"
