"""The command line as users run it: real processes on a small real project."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_process import CHECKOUT, Migrate, environment, git

# One site that is rewritten, one for review, one that is skipped, and a file that does not parse.
PROJECT = {
    "migrate.toml": """\
[metadata-storage]
agent = "app.base.BaseAgent"
contexts = ["app.context.UserExecutionContext"]
""",
    "app/__init__.py": "",
    "app/base.py": """\
class BaseAgent:
    def store_metadata_result(self, context, key, value, ensure_serializable=True):
        context.metadata[key] = value

    def store_metadata_batch(self, context, data, ensure_serializable=True):
        context.metadata.update(data)

    def get_metadata_value(self, context, key, default=None):
        return context.metadata.get(key, default)
""",
    "app/context.py": """\
class UserExecutionContext:
    def __init__(self):
        self.metadata = {}
""",
    "app/triage.py": """\
from app.base import BaseAgent
from app.context import UserExecutionContext


class Triage(BaseAgent):
    def run(self, context: UserExecutionContext):
        context.metadata["result"] = "füße"
""",
    "app/helper.py": """\
from app.context import UserExecutionContext


def note(context: UserExecutionContext):
    context.metadata["note"] = 1
""",
    "app/broken.py": "def broken(context:\n    context.metadata['x'] = 1\n",
}


@pytest.fixture
def migrate(tmp_path: Path) -> Migrate:
    """Runs `python -m migrate` and gives the finished process, with text in UTF-8."""

    def run(
        *arguments: str, cwd: Path = tmp_path, **changes: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "migrate", *arguments],
            cwd=cwd,
            env=environment(changes),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The project as a plain folder."""
    root = tmp_path / "project"
    for name, text in PROJECT.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


@pytest.fixture
def project(folder: Path) -> Path:
    """The project as a git repository with one commit."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "A Tester")
    git(folder, "config", "user.email", "tester@example.com")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "start")
    return folder


@pytest.fixture(name="git")
def git_fixture() -> Callable[..., str]:
    return git


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[[str], str]:
    """Installs a module as a third-party codemod; gives the PYTHONPATH that makes it known."""

    def install(source: str) -> str:
        site = tmp_path / "site"
        info = site / "third_party-1.dist-info"
        info.mkdir(parents=True)
        (site / "third_party.py").write_text(source, encoding="utf-8")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third-party\nVersion: 1\n")
        (info / "entry_points.txt").write_text("[migrate.codemods]\nthird = third_party:CODEMOD\n")
        return os.pathsep.join([str(site), str(CHECKOUT)])

    return install
