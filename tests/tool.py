"""The command line as a process, on a small project with sites and with codemods of the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent
CHECKOUT = TESTS.parent

AGENT = b"""\
from app.base import BaseAgent
from app.context import UserExecutionContext


class Agent(BaseAgent):
    def run(self, context: UserExecutionContext):
        context.metadata["result"] = 1
"""
SITE = b'        context.metadata["result"] = 1\n'
MIGRATED = AGENT.replace(SITE, b'        self.store_metadata_result(context, "result", 1)\n')

# One site to skip, in the base class itself; every copy of AGENT adds one to rewrite.
PROJECT: Mapping[str, bytes] = {
    "migrate.toml": b"""\
[metadata-storage]
agent = "app.base.BaseAgent"
contexts = ["app.context.UserExecutionContext"]
""",
    "app/__init__.py": b"",
    "app/base.py": b"""\
class BaseAgent:
    def store_metadata_result(self, context, key, value, ensure_serializable=True):
        context.metadata[key] = value
""",
    "app/context.py": b"""\
class UserExecutionContext:
    def __init__(self):
        self.metadata = {}
""",
}

BRANCH = "migrated"
APPLY = ("--apply", "--branch", BRANCH)


def agents(count: int) -> dict[str, bytes]:
    """The project with `count` files to rewrite, each with other bytes."""
    return dict(PROJECT) | {f"app/a{n:02}.py": AGENT + b"# %d\n" % n for n in range(count)}


def environment(**changes: str) -> dict[str, str]:
    """This process's environment for the tool and git, free of the settings of whoever tests."""
    hidden = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM", "PYTHONIOENCODING", "PYTHONUTF8")
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in hidden and not name.startswith("GIT_")
    }
    path = os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])
    env |= {"PYTHONPATH": path, "PYTHONUTF8": "1"}
    env |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    return env | changes


def command(*arguments: str) -> list[str]:
    """`migrate` with these arguments, run by the interpreter that runs the tests."""
    return [sys.executable, "-m", "migrate", *arguments]


def migrate(folder: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """The finished process of `migrate`, run in `folder`; its output is UTF-8."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(**changes),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def report(folder: Path, *arguments: str, code: int = 0, **changes: str) -> dict[str, Any]:
    """The JSON report of a run that must end with `code` and have nothing to say otherwise."""
    result = migrate(folder, *arguments, "--format", "json", **changes)
    assert (result.returncode, result.stderr) == (code, "")
    data = json.loads(result.stdout)
    assert isinstance(data, dict)
    return data


def refusal(folder: Path, *arguments: str, code: int = 3, **changes: str) -> str:
    """What a run says that must end with `code`: one error, nothing else, no traceback."""
    result = migrate(folder, *arguments, **changes)
    assert (result.returncode, result.stdout) == (code, ""), result.stderr
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr
    return result.stderr


def install_probes(folder: Path) -> dict[str, str]:
    """Install the codemods of `probes.py` as a third-party package; the environment that has it."""
    info = folder / "probes-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: probes\nVersion: 1\n")
    names = ("change", "crash", "fault", "linger", "nothing", "rename", "survey", "vanish")
    lines = [f"{name} = probes:{name.upper()}\n" for name in names]
    (info / "entry_points.txt").write_text("[migrate.codemods]\n" + "".join(lines))
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(TESTS), str(CHECKOUT)])}


def install_project(project: Path, site: Path) -> list[str]:
    """Install a project as `pip install --editable` does; the folders that Python has to search."""
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert table["dependencies"] == ["codemod-migrate"]
    info = site / f"{table['name']}-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {table['name']}\nVersion: 1\n")
    entries = table["entry-points"]["migrate.codemods"].items()
    lines = "".join(f"{name} = {value}\n" for name, value in entries)
    (info / "entry_points.txt").write_text("[migrate.codemods]\n" + lines)
    return [str(site), str(project)]


def committed(folder: Path, path: str, revision: str = BRANCH) -> bytes:
    """The file's bytes in a commit."""
    show = ["git", "cat-file", "blob", f"{revision}:{path}"]
    return subprocess.run(show, cwd=folder, capture_output=True, check=True).stdout
