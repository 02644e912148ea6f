"""What the README shows is what happens: its commands are run, and its settings are loaded."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from documents import blocks, commands, fits, require_fit
from gitrepo import git, isolate_git, make_repository

from migrate import config
from migrate.codemod import build_options
from migrate.registry import codemods

PROJECT = Path(__file__).resolve().parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def run(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    start = [sys.executable, "-m", "migrate"] if program == "migrate" else [program]
    done = subprocess.run(
        [*start, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), command
    return done.stdout


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the application at its place and this project's own settings."""
    isolate_git(monkeypatch, tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.setenv("PYTHONUTF8", "1")
    repo = tmp_path / "clone"
    shutil.copytree(
        PROJECT / "fixtures" / "netra_app",
        repo / "fixtures" / "netra_app",
        ignore=shutil.ignore_patterns("__pycache__", ".*"),
    )
    for name in ("migrate.toml", "pyproject.toml", ".gitattributes"):
        shutil.copy(PROJECT / name, repo)
    make_repository(repo)
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message=start")
    return repo


def test_the_commands_print_what_the_readme_shows(clone: Path) -> None:
    shown = [each for block in blocks(README, "console") for each in commands(block)]
    assert len(shown) >= 5
    for command, output in shown:
        require_fit(command, output, run(command, clone))
    assert git(clone, "status", "--porcelain") == ""


def test_left_out_lines_are_all_that_may_differ() -> None:
    assert fits("a\n...\nd\n", "a\nb\nc\nd\n")
    assert fits("commit 0123456ab\n", "commit fedcba987\n")
    assert fits("2 passed in 0.10s\n", "2 passed in 12.34s\n")
    assert not fits("a\n...\nd\n", "a\nb\n")
    assert not fits("a\nd\n", "a\nb\nd\n")
    assert not fits("...\n2 sites\n", "12 sites\n")


def test_the_first_block_has_the_two_set_up_commands(clone: Path) -> None:
    preview, tests = blocks(README, "sh")[0].splitlines()
    install, _, job = preview.partition(" && ")
    assert install == "python -m pip install --quiet --editable ."
    assert "For review" in run(job, clone)
    install, _, job = tests.partition(" && ")
    assert install == 'python -m pip install --quiet --editable ".[test]"'
    assert job.startswith("python -m pytest")


def test_the_settings_are_taken(tmp_path: Path) -> None:
    (table,) = (block for block in blocks(README, "toml") if block.startswith("[tool.migrate]"))
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    settings = config.load(tmp_path, codemods())
    for id, options in settings.options.items():
        build_options(codemods()[id], options, id)
    shown = tomllib.loads(table)["tool"]["migrate"]
    assert settings.batch_size == shown["batch-size"]
    assert settings.codemods == tuple(shown["codemods"])


def test_the_options_of_run_are_those_that_there_are() -> None:
    (table,) = re.findall(r"^\| option of `run`.*?(?=\n\n)", README, re.MULTILINE | re.DOTALL)
    here = subprocess.run(
        [sys.executable, "-m", "migrate", "run", "--help"],
        cwd=PROJECT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    names = re.findall(r"^ +(?:-\w, )?(--[\w-]+)(?: / (--[\w-]+))?", here.stdout, re.MULTILINE)
    existing = {name for pair in names for name in pair if name} - {"--help"}
    assert set(re.findall(r"--[a-z][\w-]*", table)) == existing


def test_every_path_that_is_named_exists() -> None:
    outside = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    paths = re.findall(
        r"`((?:\.ci|migrate|tests|fixtures|benchmarks)/[\w./-]*)`|\]\(([\w./-]+)\)", outside
    )
    named = {path for pair in paths for path in pair if path} - {"migrate/"}
    assert named
    assert [path for path in sorted(named) if not (PROJECT / path).exists()] == []
