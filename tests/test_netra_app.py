"""The bundled application is migrated for real, and its own tests pass before and after.

The application itself says what the report must hold, before the migration and after it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from netra_app import APP, app_tests, git, make_app, marked_sites, marks, migrate, reported_sites

CODEMOD = "metadata-storage"
LINE_LENGTH = 88


@dataclass(frozen=True)
class Migration:
    """The application's repository after `--apply --switch`, and all that was seen on the way."""

    repo: Path
    original: Path
    tests_before: str
    preview: dict[str, Any]
    applied: dict[str, Any]


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    repo = make_app(tmp_path_factory.mktemp("app"))
    original = tmp_path_factory.mktemp("original") / "netra_app"
    shutil.copytree(repo, original, ignore=shutil.ignore_patterns(".git"))
    tests_before = app_tests(repo)
    preview = migrate(repo, "--dry-run")
    applied = migrate(repo, "--apply", "--switch")
    return Migration(repo, original, tests_before, preview, applied)


def long_lines(app: Path) -> dict[str, int]:
    return {
        path.relative_to(app).as_posix(): sum(
            len(line) > LINE_LENGTH for line in path.read_text(encoding="utf-8").splitlines()
        )
        for path in app.rglob("*.py")
    }


def test_preview_finds_exactly_the_sites_that_the_application_marks(migration: Migration) -> None:
    expected = marked_sites(APP, CODEMOD)
    assert {site.split()[1] for site in expected} >= {"assign", "update", "get", "append", "copy"}
    assert reported_sites(migration.preview) == expected
    assert [file["path"] for file in migration.preview["files"] if file["failure"]] == []


def test_applying_does_what_the_preview_showed(migration: Migration) -> None:
    assert reported_sites(migration.applied) == reported_sites(migration.preview)
    changed = git(migration.repo, "diff", "--name-only", "main", "HEAD").splitlines()
    assert changed == [file["path"] for file in migration.preview["files"] if file["diff"]]
    commits = git(migration.repo, "rev-list", "--reverse", "main..HEAD").splitlines()
    assert commits == [batch["commit"] for batch in migration.applied["batches"]]
    assert commits


def test_the_applications_tests_pass_before_and_after(migration: Migration) -> None:
    assert app_tests(migration.repo) == migration.tests_before


def test_sites_that_stay_are_found_again_and_none_is_left_to_rewrite(migration: Migration) -> None:
    marked = marked_sites(migration.repo, CODEMOD)
    staying = [site for site in marked if not site.endswith(" rewrite")]
    assert reported_sites(migrate(migration.repo, "--dry-run")) == staying


def test_no_comment_is_lost_and_no_line_becomes_too_long(migration: Migration) -> None:
    assert marks(migration.repo) == marks(migration.original)
    before = long_lines(migration.original)
    longer = {p: n for p, n in long_lines(migration.repo).items() if n > before.get(p, 0)}
    assert longer == {}


def test_migrating_again_adds_no_commit_on_either_branch(migration: Migration) -> None:
    commits = git(migration.repo, "rev-list", "--all")
    branch = git(migration.repo, "symbolic-ref", "--short", "HEAD")
    migrate(migration.repo, "--apply")
    assert git(migration.repo, "rev-list", "--all") == commits
    git(migration.repo, "switch", "--quiet", "main")
    try:
        migrate(migration.repo, "--apply")
        assert git(migration.repo, "rev-list", "--all") == commits
    finally:
        git(migration.repo, "switch", "--quiet", branch)


def test_the_repository_is_sound_and_clean(migration: Migration) -> None:
    assert git(migration.repo, "fsck", "--strict", "--no-dangling") == ""
    assert git(migration.repo, "status", "--porcelain") == ""
