"""`migrate new` writes a codemod whose test passes, that runs, and that overwrites nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from gitrepo import needs_modes, write
from tool import CHECKOUT, environment, install_project, migrate, refusal

PROJECT = {
    "repo/app/net.py": b"def connect(name, timeout_seconds=1): ...\n",
    "repo/app/main.py": b"from app.net import connect\n\nconnect('db', timeout=3)\n",
}


def new(folder: Path, name: str, *arguments: str) -> Path:
    done = migrate(folder, "new", name, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / name


def python(folder: Path, *arguments: str) -> str:
    """What Python prints, run in `folder`; it must be content."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def statuses(output: str) -> dict[str, list[str]]:
    files = json.loads(output)["files"]
    return {file["path"]: [finding["status"] for finding in file["findings"]] for file in files}


def test_the_test_of_a_new_codemod_passes(tmp_path: Path) -> None:
    project = new(tmp_path, "rename-connect2")
    assert os.listdir(tmp_path) == ["rename-connect2"]
    done = python(project, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "5 passed" in done


def test_the_test_of_a_new_codemod_fails_without_its_rewrite(tmp_path: Path) -> None:
    project = new(tmp_path, "renamer")
    module = project / "renamer.py"
    module.write_text(module.read_text("utf-8").replace("args=arguments", "args=()"), "utf-8")
    with pytest.raises(AssertionError, match="2 failed, 3 passed"):
        python(project, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_nothing_of_the_template_s_own_name_is_left(tmp_path: Path) -> None:
    project = new(tmp_path, "renamer")
    files = [path for path in project.rglob("*") if path.is_file()]
    assert {"renamer.py", "test_renamer.py", ".gitignore", "README.md"} <= {f.name for f in files}
    assert [path for path in files if "example" in path.name] == []
    assert [path for path in files if b"example" in path.read_bytes()] == []


def test_a_new_codemod_is_in_order_for_ruff(tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    project = new(tmp_path, "renamer")
    settings = ["--no-cache", "--config", str(CHECKOUT / "pyproject.toml"), "."]
    python(project, "-m", "ruff", "check", *settings)
    python(project, "-m", "ruff", "format", "--check", *settings)


def test_a_new_codemod_runs_from_its_file(tmp_path: Path) -> None:
    project = new(tmp_path, "rename-connect")
    write(tmp_path, PROJECT)
    codemod = f"{project.name}/rename_connect.py:CODEMOD"
    done = migrate(tmp_path, "run", "-c", codemod, "-C", "repo", "--diff")
    assert done.returncode == 0, done.stderr
    assert "-connect('db', timeout=3)\n+connect('db', timeout_seconds=3)\n" in done.stdout


def test_a_new_codemod_runs_by_its_id_once_it_is_installed(tmp_path: Path) -> None:
    paths = install_project(new(tmp_path, "rename-connect"), tmp_path / "site")
    env = {"PYTHONPATH": os.pathsep.join([*paths, str(CHECKOUT)])}
    write(tmp_path, PROJECT)
    assert "\nrename-connect (version 1): From a keyword" in migrate(tmp_path, "list", **env).stdout
    run = ("run", "-c", "rename-connect", "-C", "repo", "--format", "json")
    assert statuses(migrate(tmp_path, *run, **env).stdout) == {"app/main.py": ["rewrite"]}


def test_the_folder_may_be_made_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "else where").mkdir()
    done = migrate(tmp_path, "new", "renamer", "--dir", "else where")
    assert done.returncode == 0
    assert (tmp_path / "else where" / "renamer" / "renamer.py").is_file()
    assert f"cd '{Path('else where', 'renamer')}'" in done.stdout.replace('"', "'")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("My-Codemod", "cannot be the id"),
        ("my_codemod", "cannot be the id"),
        ("2to3", "cannot be the id"),
        ("my--codemod", "cannot be the id"),
        ("-x", "No such option"),
        ("codemod-", "cannot be the id"),
        ("../codemod", "cannot be the id"),
        ("mon-café", "cannot be the id"),
        ("new\n", "cannot be the id"),
        ("", "cannot be the id"),
        ("import", "a word of Python"),
        ("match", "a word of Python"),
        ("string", "a module 'string' already"),
        ("libcst", "a module 'libcst' already"),
        ("migrate", "a module 'migrate' already"),
        ("metadata-storage", "is installed already"),
    ],
)
def test_a_name_that_would_not_work_is_refused(tmp_path: Path, name: str, why: str) -> None:
    assert why in refusal(tmp_path, "new", name, code=2)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("taken", ["a folder", "an empty folder", "a file", "a link to nowhere"])
def test_nothing_is_overwritten(tmp_path: Path, taken: str) -> None:
    target = tmp_path / "renamer"
    match taken:
        case "a folder":
            write(tmp_path, {"renamer/renamer.py": b"mine\n"})
        case "an empty folder":
            target.mkdir()
        case "a file":
            target.write_bytes(b"mine\n")
        case _:
            target.symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    assert "renamer exists already: nothing is overwritten" in refusal(
        tmp_path, "new", "renamer", code=2
    )
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    message = refusal(tmp_path, "new", "renamer", "--dir", "nowhere", code=2)
    assert message == "error: --dir: there is no folder nowhere\n"


@needs_modes
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    message = refusal(tmp_path, "new", "renamer", "--dir", "closed", code=2)
    assert message.startswith("error: cannot write")
    assert "Permission denied" in message
