"""The bundled application's imports are moved for real, and its own tests pass before and after.

What stands in `app/sessions` and in the tests is marked site by site. The agents are queued as a
whole, since all of them use `metadata`, which the new class does not have.
"""

from __future__ import annotations

import compileall
import re
import shutil
import sys
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

CODEMOD = "context-imports"
OTHER = "metadata-storage"
SESSIONS = "netra_backend/app/sessions"
NEW = "netra_backend.app.services.user_execution_context"
OLD = re.compile(
    r"netra_backend\.app\.agents\.supervisor\.(user_execution_context|execution_factory)"
)
RUFF = (sys.executable, "-m", "ruff")


@dataclass(frozen=True)
class Moved:
    """The application's repository after `--apply --switch`, and what was seen before."""

    repo: Path
    original: Path
    tests_before: str
    report: dict[str, Any]


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Moved:
    repo = make_app(tmp_path_factory.mktemp("app"))
    original = tmp_path_factory.mktemp("original") / "netra_app"
    shutil.copytree(repo, original, ignore=shutil.ignore_patterns(".git"))
    tests_before = app_tests(repo)
    report = migrate(repo, "--apply", "--switch", "-c", CODEMOD)
    return Moved(repo, original, tests_before, report)


def files(tree: Path) -> dict[str, str]:
    return {
        path.relative_to(tree).as_posix(): path.read_text(encoding="utf-8")
        for path in tree.rglob("*.py")
    }


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {file["path"]: file["outcome"] for file in report["files"]}


def lint(tree: Path) -> list[str]:
    """What ruff finds, without line numbers: a statement may move."""
    command = (*RUFF, "check", "--isolated", "--no-cache", "--select", "E9,F401,F811,F821")
    done = execute(tree, *command, "--output-format", "concise", ".")
    assert done.returncode in (0, 1), done.stderr
    return sorted(re.sub(r":\d+:\d+:", ":", line) for line in done.stdout.splitlines())


def test_the_report_holds_exactly_the_sites_that_the_application_marks(moved: Moved) -> None:
    marked = marked_sites(APP, CODEMOD)
    paths = {site.partition(":")[0] for site in marked}
    assert [site for site in reported_sites(moved.report) if site.partition(":")[0] in paths] == (
        marked
    )
    rules = {site.split()[1] for site in marked if site.endswith(" rewrite")}
    assert rules >= {"from", "relative", "reexport", "module", "merge", "string"}
    assert rules >= {"keyword", "positional", "attribute", "child"}
    reasons = {site.split()[3] for site in marked if " review " in site}
    assert reasons >= {"forbidden-id", "missing-argument", "missing-attribute", "module-object"}
    assert reasons >= {"dotted-string", "overridden-member", "star-import"}


def test_other_files_are_queued_for_what_the_new_class_lacks(moved: Moved) -> None:
    marked = {site.partition(":")[0] for site in marked_sites(APP, CODEMOD)}
    others = [file for file in moved.report["files"] if file["path"] not in marked]
    assert others
    for file in others:
        assert file["outcome"] in ("review", "skipped"), file["path"]
        reasons = {finding["reason"] for finding in file["findings"]}
        assert reasons & {"missing-attribute", "missing-argument", "legacy-module"}, file["path"]


def test_the_applications_tests_pass_before_and_after(moved: Moved) -> None:
    assert app_tests(moved.repo) == moved.tests_before


def test_a_file_is_moved_as_a_whole_or_left_alone(moved: Moved) -> None:
    before, after = files(moved.original), files(moved.repo)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {p for p, outcome in outcomes(moved.report).items() if outcome == "rewritten"}
    assert set(before) == set(after)
    mentions = {path for path in changed if OLD.search(after[path])}
    # One keeps a name that stays; the other has it in a docstring.
    assert mentions == {
        f"{SESSIONS}/audits.py",
        f"{SESSIONS}/leases.py",
    }


def test_no_comment_is_lost(moved: Moved) -> None:
    assert marks(moved.repo) == marks(moved.original)


def test_everything_compiles(moved: Moved, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(moved.repo, copy, ignore=shutil.ignore_patterns(".git"))
    assert compileall.compile_dir(copy, quiet=2)


def test_ruff_finds_nothing_that_was_not_there_before(moved: Moved) -> None:
    if execute(moved.repo, *RUFF, "--version").returncode:
        pytest.skip("ruff is not installed for this interpreter")
    assert lint(moved.repo) == lint(moved.original)


def test_moving_again_adds_no_commit_and_finds_nothing_to_rewrite(moved: Moved) -> None:
    commits = git(moved.repo, "rev-list", "--all")
    migrate(moved.repo, "--apply", "-c", CODEMOD)
    assert git(moved.repo, "rev-list", "--all") == commits
    again = migrate(moved.repo, "--dry-run", "-c", CODEMOD)
    assert [site for site in reported_sites(again) if site.endswith(" rewrite")] == []
    assert git(moved.repo, "status", "--porcelain") == ""


def test_both_codemods_compose_in_either_order(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The order is all the same, also where one hides from the other what holds a file back.

    `metadata-storage` leaves no `metadata` in some agents, but hands their contexts to methods of
    the base agent that use it.
    """
    trees, passed = [], []
    for order in ((OTHER, CODEMOD), (CODEMOD, OTHER)):
        repo = make_app(tmp_path_factory.mktemp(order[0]))
        migrate(repo, "--apply", "--switch", "-c", order[0], "-c", order[1])
        passed.append(app_tests(repo))
        trees.append(files(repo))
    assert passed[0] == passed[1]
    assert trees[0] == trees[1]


@pytest.mark.parametrize(
    ("module", "caught", "how"),
    [
        ("opening", "a_session_has_its_ids_and_its_database_in_their_places", "'main' != 'req"),
        ("desks", "a_desk_swaps_neither_request_nor_thread", "on request-1' =="),
        ("leases", "a_lease_swaps_neither_request_nor_thread_nor_run", "multiple values"),
        ("notes", "a_note_is_not_lost", "None == 'call back'"),
        ("trials", "a_trial_runs_under_its_own_id", "InvalidContextError"),
        ("guests", "a_guest_runs_under_the_guests_id", "InvalidContextError"),
        ("tenants", "a_tenants_operation_carries_the_tenant", "additional_metadata"),
    ],
)
def test_the_applications_tests_catch_a_move_of_the_import_alone(
    tmp_path: Path, module: str, caught: str, how: str
) -> None:
    repo = make_app(tmp_path)
    path = repo / SESSIONS / f"{module}.py"
    moved_alone = OLD.sub(NEW, path.read_text(encoding="utf-8"))
    # `leases` takes a name from the old module that stays there.
    moved_alone = moved_alone.replace("    ExecutionEngineFactory,\n", "").replace(
        ": ExecutionEngineFactory", ": object"
    )
    path.write_text(moved_alone, encoding="utf-8")
    done = execute(repo, *APP_TESTS, "tests/test_sessions.py")
    assert done.returncode == 1, done.stdout
    assert f"FAILED tests/test_sessions.py::test_{caught}" in done.stdout
    assert how in done.stdout
