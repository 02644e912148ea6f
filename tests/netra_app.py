"""The bundled application as a repository of its own, and what its marks expect of a report.

Every site of the application carries a comment `# site: <rule> <status> [<reason>]`, on the
site's first line or on a line of its own above it; `;` separates several sites of one line. The
rule is one of `metadata-storage`, or it has its codemod in front: `context-imports.from`.
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
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
APP = PROJECT / "fixtures" / "netra_app"
SITE = re.compile(r"# site: (?P<sites>.+)$")
UNNAMED = "metadata-storage"
APP_TESTS = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no")


def make_app(folder: Path) -> Path:
    """A repository in `folder` that holds the application, committed on `main`."""
    repo = folder / "netra_app"
    shutil.copytree(APP, repo, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    git(repo, "init", "--quiet", "--initial-branch=main")
    git(repo, "config", "user.name", "A Person")
    git(repo, "config", "user.email", "person@example.org")
    git(repo, "config", "core.autocrlf", "false")
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message=The application")
    return repo


def execute(cwd: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command with its own settings only, and without cache files."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "GIT_", "COV_"))
    }
    environment |= {"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False
    )


def run(cwd: Path, *command: str) -> str:
    """The standard output of a command that must succeed."""
    done = execute(cwd, *command)
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
    output = run(repo, *APP_TESTS)
    passed = re.search(r"^\d+ passed", output, re.MULTILINE)
    assert passed, output
    return passed.group()


def marks(app: Path) -> Counter[str]:
    """How often each mark stands in the application."""
    return Counter(
        match["sites"]
        for path in app.rglob("*.py")
        for match in map(SITE.search, path.read_text(encoding="utf-8").splitlines())
        if match
    )


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


def marked_sites(app: Path, codemod: str) -> list[str]:
    """What the marks expect of a codemod, each as `path:line: rule status [reason]`."""
    return sorted(
        f"{path.relative_to(app).as_posix()}:{line}: {site.rpartition('.')[2].strip()}"
        for path in app.rglob("*.py")
        for line, mark in marked_lines(path.read_text(encoding="utf-8"))
        for site in mark.split(";")
        if (site.rpartition(".")[0].strip() or UNNAMED) == codemod
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
