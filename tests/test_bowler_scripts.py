"""The scripts of `fixtures/bowler/`: unchanged, the same result under Bowler and under us.

`<name>/<name>.py` is the script, `before` what it runs on, `after` what Bowler makes of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cases import FIXTURES
from gitrepo import git, make_repository
from tool import BRANCH, environment, migrate, refusal, report

SCRIPTS = sorted((FIXTURES / "bowler").iterdir())
RENAME = FIXTURES / "bowler" / "rename_function" / "rename_function.py"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, git's own left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


def script_of(case: Path) -> str:
    return str(case / f"{case.name}.py")


@pytest.mark.parametrize("case", SCRIPTS, ids=lambda case: case.name)
def test_bowler_gives_the_expected_result(case: Path, tmp_path: Path) -> None:
    shutil.copytree(case / "before", tmp_path / "copy")
    bowler = [sys.executable, "-m", "bowler", "run", script_of(case)]
    done = subprocess.run(
        bowler, cwd=tmp_path / "copy", env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert tree(tmp_path / "copy") == tree(case / "after") != tree(case / "before")


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("case", SCRIPTS, ids=lambda case: case.name)
def test_a_committed_branch_has_the_same_result(case: Path, jobs: str, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository", tree(case / "before"))
    options = ["--apply", "--branch", BRANCH, "--switch", "-j", jobs, "-c", script_of(case)]
    done = migrate(repository, *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert tree(repository) == tree(case / "after")
    assert git(repository, "status", "--porcelain") == ""


def test_a_dry_run_asks_nothing_writes_nothing_and_prints_only_the_report(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(FIXTURES / "bowler" / "custom_modifier" / "before", folder)
    before = tree(folder)
    script = str(FIXTURES / "bowler" / "custom_modifier" / "custom_modifier.py")
    first = report(folder, "-c", script, "-j", "1")
    assert first == report(folder, "-c", script, "-j", "2")
    assert [file["path"] for file in first["files"]] == ["tests/test_cart.py"]
    assert tree(folder) == before


def test_a_file_that_bowler_cannot_parse_is_in_the_queue(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text("match x:\n    case 1:\n        price_of(x)\n")
    (tmp_path / "other.py").write_text("match x:\n    case 1:\n        pass\n")
    (file,) = report(tmp_path, "-c", str(RENAME))["files"]
    assert (file["path"], file["outcome"]) == ("new.py", "review")
    assert [finding["reason"] for finding in file["findings"]] == ["bowler-cannot-parse"]


def test_a_query_in_a_file_or_an_installed_module_can_be_named(tmp_path: Path) -> None:
    package = tmp_path / "site" / "refactorings"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "names.py").write_text("OLD = 'fetch'\n")
    (package / "queries.py").write_text(
        "from bowler import Query\nfrom .names import OLD\n"
        "rename = Query().select_function(OLD).rename('load')\nother = Query().select_root()\n"
    )
    project = tmp_path / "project"
    project.mkdir()
    (project / "m.py").write_text("def fetch(): pass\n")
    path = os.pathsep.join([str(tmp_path / "site"), environment()["PYTHONPATH"]])
    (file,) = report(project, "-c", "refactorings.queries:rename", PYTHONPATH=path)["files"]
    assert [finding["after"] for finding in file["findings"]] == ["def load(): pass"]
    (package / "names.py").write_text("")
    (package / "queries.py").write_text(RENAME.read_text() + "other = Query()\n")
    said = refusal(project, "-c", str(package / "queries.py") + ":another", code=2, PYTHONPATH=path)
    assert "it has no Bowler query another" in said


def test_arguments_of_a_script_come_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def fetch(): pass\n")
    script = tmp_path / "tools" / "rename.txt.py"
    script.parent.mkdir()
    script.write_text(
        "import sys\nfrom bowler import Query\n"
        "Query(sys.argv[1]).select_function(sys.argv[2]).rename('load').idiff()\n"
    )
    said = refusal(tmp_path, "-c", str(script), "m.py", code=2)
    assert "rename.txt.py, line 3: IndexError: list index out of range" in said
    arguments = ["--codemod-arg", "argv=src", "--codemod-arg", "argv=fetch"]
    (file,) = report(tmp_path, "-c", str(script), *arguments, "m.py")["files"]
    assert [finding["after"] for finding in file["findings"]] == ["def load(): pass"]


def test_nothing_is_left_in_the_home_of_the_user(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "m.py").write_text("def price_of(): pass\n")
    folders = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "USERPROFILE"), str(home))
    assert len(report(tmp_path, "-c", str(RENAME), "m.py", **folders)["files"]) == 1
    assert list(home.iterdir()) == []
