"""The bundled application's events go through the adapter, and its users see the same.

Its own tests have a client that records what reaches a user; they pass before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from netra_app import (
    APP,
    APP_TESTS,
    app_tests,
    execute,
    git,
    make_app,
    marked_sites,
    marks,
    migrate,
    reported_sites,
)

CODEMOD = "websocket-events"
AGENTS = "netra_backend/app/agents"


@dataclass(frozen=True)
class Emitting:
    """The application's repository after `--apply --switch`, and what was seen before."""

    repo: Path
    tests_before: str
    report: dict[str, Any]


@pytest.fixture(scope="module")
def emitting(tmp_path_factory: pytest.TempPathFactory) -> Emitting:
    repo = make_app(tmp_path_factory.mktemp("app"))
    tests_before = app_tests(repo)
    return Emitting(repo, tests_before, migrate(repo, "--apply", "--switch", "-c", CODEMOD))


def test_the_report_holds_exactly_the_sites_that_the_application_marks(emitting: Emitting) -> None:
    expected = marked_sites(APP, CODEMOD)
    assert {site.split()[1] for site in expected} == {
        "helper-call",
        "helper-definition",
        "manager-guard",
        "manager-call",
        "emitter-call",
        "competing-adapters",
    }
    assert reported_sites(emitting.report) == expected


def test_users_see_the_same_events_before_and_after(emitting: Emitting) -> None:
    assert app_tests(emitting.repo) == emitting.tests_before


def test_sites_that_stay_are_found_again_and_none_is_left_to_rewrite(emitting: Emitting) -> None:
    staying = [s for s in marked_sites(emitting.repo, CODEMOD) if not s.endswith(" rewrite")]
    assert reported_sites(migrate(emitting.repo, "--dry-run", "-c", CODEMOD)) == staying
    assert marks(emitting.repo) == marks(APP)


def tree_after(folder: Path, *codemods: str) -> str:
    """The tree that the application becomes, with one statement where two codemods meet."""
    repo = make_app(folder)
    path = repo / AGENTS / "data" / "unified_data_agent.py"
    source = path.read_text(encoding="utf-8")
    thought = 'f"Reading {days} days of usage"'
    assert thought in source
    read = 'context.metadata.get("thought", "Reading")'
    path.write_text(source.replace(thought, read), encoding="utf-8")
    git(repo, "commit", "--quiet", "--all", "--message=Meet")
    migrate(repo, "--apply", "--switch", *(word for id in codemods for word in ("-c", id)))
    met = 'emit_thinking(self.get_metadata_value(context, "thought", "Reading"))'
    is_met = met in "".join(path.read_text(encoding="utf-8").split("\n            "))
    assert is_met == ("metadata-storage" in codemods)
    return git(repo, "rev-parse", "HEAD^{tree}")


@pytest.mark.parametrize("other", ["metadata-storage", "context-imports"])
def test_codemods_compose_in_either_order(tmp_path: Path, other: str) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert tree_after(first, CODEMOD, other) == tree_after(second, other, CODEMOD)


@pytest.mark.parametrize(
    ("path", "old", "new", "caught"),
    [
        (
            "data/unified_data_agent.py",
            'emit_tool_executing("data_fetch"',
            'emit_tool_completed("data_fetch"',
            "data_agent",
        ),
        ("health_sub_agent.py", '"seconds": 2', '"seconds": 3', "health_agent"),
    ],
)
def test_the_applications_tests_catch_another_event_and_another_payload(
    emitting: Emitting, tmp_path: Path, path: str, old: str, new: str, caught: str
) -> None:
    repo = make_app(tmp_path)
    migrate(repo, "--apply", "--switch", "-c", CODEMOD)
    changed = repo / AGENTS / path
    source = changed.read_text(encoding="utf-8")
    assert old in source
    changed.write_text(source.replace(old, new), encoding="utf-8")
    done = execute(repo, *APP_TESTS, "tests/test_user_events.py")
    assert done.returncode == 1, done.stdout
    assert f"FAILED tests/test_user_events.py::test_a_user_follows_the_{caught}" in done.stdout
