"""The cases of `fixtures/<codemod>/`, in the form that `migrate.testing` has for every author."""

from __future__ import annotations

from pathlib import Path

from migrate import testing
from migrate.testing import Case, Expected, check_case
from migrate.testing.cases import BASE_PROJECT, read_tree

__all__ = [
    "BASE_PROJECT",
    "FIXTURES",
    "PATH",
    "Case",
    "Expected",
    "check_case",
    "load_cases",
    "read_tree",
]
FIXTURES = Path(__file__).parent.parent / "fixtures"
# Where a case's file stands if the case does not say so.
PATH = "netra_backend/app/agents/case.py"


def load_cases(codemod: str) -> list[Case]:
    """Every case of a built-in codemod, by name."""
    return testing.load_cases(FIXTURES / codemod, path=PATH)
