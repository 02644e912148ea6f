"""The cases of `fixtures/<codemod>/`: one file of a small project, and what becomes of it.

A case is a folder. `before.py` is the file as it is, `after.py` as the codemod leaves it, absent
where nothing changes. `findings.txt` starts with a comment that says in one sentence what the case
shows, followed by one line for each finding, in order of position: line, rule, status and, where
there is one, the reason; or by one line `failed`, the kind of failure and, where it is known, its
line. `options.toml` holds the codemod's options where they are not the defaults. The file stands
in the project of the folder `_project`, to which `project/` adds further files.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"
BASE_PROJECT = "_project"


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of `findings.txt`; `line` counts from 1."""

    line: int
    rule: str
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ExpectedFailure:
    """The line of `findings.txt` for a file that is left alone; `line` is None where unknown."""

    kind: str
    line: int | None


@dataclass(frozen=True)
class Case:
    """One folder. `project` has the other files, by their path with forward slashes."""

    name: str
    summary: str
    before: bytes
    after: bytes | None
    findings: tuple[Expected, ...]
    failure: ExpectedFailure | None
    options: Mapping[str, object]
    project: Mapping[str, bytes]


def load_cases(codemod: str) -> list[Case]:
    """Every case of a codemod, by name."""
    root = FIXTURES / codemod
    shared = read_tree(root / BASE_PROJECT)
    folders = sorted(path for path in root.iterdir() if path.name != BASE_PROJECT)
    return [_load(folder, shared) for folder in folders]


def read_tree(root: Path) -> dict[str, bytes]:
    """The content of each Python file below `root`, by its path relative to it."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.py"))
    }


def _load(folder: Path, shared: Mapping[str, bytes]) -> Case:
    first, *rest = (folder / "findings.txt").read_text(encoding="utf-8").splitlines()
    lines = [line.split() for line in rest if line and not line.startswith("#")]
    failures = [_failure(words) for words in lines if words[0] == "failed"]
    after, options = folder / "after.py", folder / "options.toml"
    return Case(
        name=folder.name,
        summary=first.removeprefix("#").strip(),
        before=(folder / "before.py").read_bytes(),
        after=after.read_bytes() if after.exists() else None,
        findings=tuple(_finding(words) for words in lines if words[0] != "failed"),
        failure=failures[0] if failures else None,
        options=tomllib.loads(options.read_text(encoding="utf-8")) if options.exists() else {},
        project={**shared, **read_tree(folder / "project")},
    )


def _finding(words: list[str]) -> Expected:
    line, rule, status, *reason = words
    return Expected(int(line), rule, status, reason[0] if reason else None)


def _failure(words: list[str]) -> ExpectedFailure:
    _, kind, *line = words
    return ExpectedFailure(kind, int(line[0]) if line else None)
