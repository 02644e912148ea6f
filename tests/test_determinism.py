"""The same input gives the same bytes, however and wherever the run is made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from gitrepo import git, isolate_git
from tool import CHECKOUT, committed, migrate

APP = CHECKOUT / "fixtures" / "netra_app"
COPIES = 4
DATE = "2025-09-17T12:00:00Z"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled application with its agents several times over, in a repository."""
    root = tmp_path_factory.mktemp("determinism") / "app"
    shutil.copytree(APP, root, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    agents = root / "netra_backend" / "app" / "agents"
    originals = sorted(path for path in agents.rglob("*.py") if path.name != "__init__.py")
    for number in range(COPIES):
        for path in originals:
            # Copies with other bytes are analysed each on its own.
            data = path.read_bytes() + b"\n# copy %d\n" % number
            path.with_name(f"{path.stem}_{number}.py").write_bytes(data)
    assert len(list(root.rglob("*.py"))) > 60
    with pytest.MonkeyPatch.context() as patch:
        isolate_git(patch, root)
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
            patch.setenv(name, DATE)
        git(root, "init", "-q", "-b", "main")
        git(root, "config", "core.autocrlf", "false")
        git(root, "config", "user.name", "A Tester")
        git(root, "config", "user.email", "tester@example.com")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "start")
    return root


@pytest.fixture(scope="module")
def expected(project: Path) -> str:
    return preview(project, ["-j", "1"])


def preview(project: Path, arguments: Sequence[str] = (), **changes: str) -> str:
    result = migrate(project, "--dry-run", "--format", "json", *arguments, **changes)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_the_report_has_all_kinds_of_findings(expected: str) -> None:
    for status in ("rewrite", "review", "skip"):
        assert expected.count(f'"status": "{status}"') > COPIES


@pytest.mark.parametrize("jobs", ["2", "5"])
def test_the_number_of_workers_does_not_matter(project: Path, expected: str, jobs: str) -> None:
    assert preview(project, ["-j", jobs]) == expected


@pytest.mark.parametrize("seed", ["0", "1", "4294967295"])
def test_the_order_of_hashes_does_not_matter(project: Path, expected: str, seed: str) -> None:
    assert preview(project, ["-j", "2"], PYTHONHASHSEED=seed) == expected


def test_a_clone_elsewhere_gives_the_same(project: Path, expected: str, tmp_path: Path) -> None:
    clone = tmp_path / "else where" / "clone"
    git(tmp_path, "-c", "core.autocrlf=false", "clone", "-q", str(project), str(clone))
    assert preview(clone) == expected
    assert preview(clone / "netra_backend", ["-C", os.pardir]) == expected


def test_the_order_in_which_folders_list_their_files_does_not_matter(
    project: Path, expected: str, tmp_path: Path
) -> None:
    backwards = tmp_path / "backwards"
    for path in sorted(project.rglob("*"), reverse=True):
        if path.is_file() and ".git" not in path.parts:
            target = backwards / path.relative_to(project)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    assert preview(backwards) == expected.replace(f'"{git(project, "rev-parse", "HEAD")}"', "null")


def test_commits_made_at_the_same_time_have_the_same_ids(project: Path) -> None:
    dates = {"GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE}
    tips = []
    for jobs in ("1", "3"):
        arguments = ("--apply", "--branch", f"jobs-{jobs}", "--batch-size", "7", "-j", jobs)
        assert migrate(project, *arguments, **dates).returncode == 0
        tips.append(git(project, "rev-parse", f"jobs-{jobs}"))
    assert tips[0] == tips[1]
    changed = git(project, "diff", "--name-only", "HEAD", tips[0]).split()
    assert len(changed) > 7
    assert all(committed(project, path, tips[0]) for path in changed)
