"""The bundled application is migrated for real, and its own tests pass before and after.

Every site of the application carries a comment `# site: <rule> <status> [<reason>]`, on the
site's first line or on a line of its own above it; `;` separates several sites of one line. So
the application itself says what the report must hold, before the migration and after it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent
APP = PROJECT / "fixtures" / "netra_app"
LINE_LENGTH = 88
SITE = re.compile(r"# site: (?P<sites>.+)$")


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
    repo = tmp_path_factory.mktemp("app") / "netra_app"
    shutil.copytree(APP, repo, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    git(repo, "init", "--quiet", "--initial-branch=main")
    git(repo, "config", "user.name", "A Person")
    git(repo, "config", "user.email", "person@example.org")
    git(repo, "config", "core.autocrlf", "false")
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message=The application")
    original = tmp_path_factory.mktemp("original") / "netra_app"
    shutil.copytree(repo, original, ignore=shutil.ignore_patterns(".git"))
    tests_before = app_tests(repo)
    preview = migrate(repo, "--dry-run")
    applied = migrate(repo, "--apply", "--switch")
    return Migration(repo, original, tests_before, preview, applied)


def run(cwd: Path, *command: str) -> str:
    """The standard output of a command that must succeed; its own settings only, no cache files."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "GIT_", "COV_"))
    }
    environment |= {"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, f"{command} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def git(repo: Path, *arguments: str) -> str:
    return run(repo, "git", *arguments).strip()


def migrate(repo: Path, *arguments: str) -> dict[str, Any]:
    """The JSON report of a run."""
    report = json.loads(run(repo, sys.executable, "-m", "migrate", *arguments, "--format", "json"))
    assert isinstance(report, dict)
    return report


def app_tests(repo: Path) -> str:
    """How many of the application's tests passed, as pytest says it; all of them have to."""
    output = run(repo, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    passed = re.search(r"^\d+ passed", output, re.MULTILINE)
    assert passed, output
    return passed.group()


def marked_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with sites, from 1, and its mark."""
    mark_above = None
    for number, line in enumerate(text.splitlines(), start=1):
        match = SITE.search(line)
        mark = match["sites"] if match else mark_above
        mark_above = None
        if not mark:
            continue
        if line.lstrip().startswith("#"):
            mark_above = mark
        else:
            yield number, mark


def marked_sites(app: Path) -> list[str]:
    """What the marks expect the report to hold, each as `path:line: rule status [reason]`."""
    return sorted(
        f"{path.relative_to(app).as_posix()}:{line}: {site.strip()}"
        for path in app.rglob("*.py")
        for line, mark in marked_lines(path.read_text(encoding="utf-8"))
        for site in mark.split(";")
    )


def reported_sites(report: dict[str, Any]) -> list[str]:
    """What the report holds, in the same form; a suppressed site's reason is its author's."""
    return sorted(
        f"{file['path']}:{finding['start']['line']}: "
        + " ".join(
            (finding["rule"], finding["status"])
            + ((finding["reason"],) if finding["status"] in ("review", "skip") else ())
        )
        for file in report["files"]
        for finding in file["findings"]
    )


def long_lines(app: Path) -> dict[str, int]:
    return {
        path.relative_to(app).as_posix(): sum(
            len(line) > LINE_LENGTH for line in path.read_text(encoding="utf-8").splitlines()
        )
        for path in app.rglob("*.py")
    }


def marks(app: Path) -> Counter[str]:
    return Counter(
        match["sites"]
        for path in app.rglob("*.py")
        for match in map(SITE.search, path.read_text(encoding="utf-8").splitlines())
        if match
    )


def test_preview_finds_exactly_the_sites_that_the_application_marks(migration: Migration) -> None:
    expected = marked_sites(APP)
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
    staying = [site for site in marked_sites(migration.repo) if not site.endswith(" rewrite")]
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
