"""`migrate test`: run the tests that recipes have inside."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from migrate import registry
from migrate.cli import console
from migrate.errors import UsageError
from migrate.report.terminal import Ink


def test_recipes(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Recipes, as TOML files.")],
) -> int:
    """Run the tests inside recipes, and show the difference where one fails.

    Each test has a file as it is before and after; without `after`, it must not change. The exit
    code is 1 if a test fails.
    """
    from migrate import trial  # the engine: too slow to import for --help
    from migrate.report import trials

    recipes = [registry.load_recipe(str(path), "") for path in files]
    for path, loaded in zip(files, recipes, strict=True):
        if not loaded.tests:
            raise UsageError(f"{path}: it has no test; write one as [[test]] with before and after")
    ink = Ink(console.shows_color(sys.stdout))
    failed = False
    for path, loaded in zip(files, recipes, strict=True):
        results = trial.run_tests(loaded)
        console.write(trials.render(str(path), results, ink))
        failed = failed or not all(result.passed for result in results)
    return int(failed)
