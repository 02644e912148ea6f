"""Cases in folders: one file of a small project, and what a codemod makes of it.

A case is a folder. `before.py` is the file as it is, `after.py` as the codemod leaves it, absent
where nothing changes. `findings.txt` starts with a comment that says in one sentence what the case
shows, followed by one line for each finding, in order of position: line, rule, status and, where
there is one, the reason; or by one line `failed`, the kind of failure and, where it matters, its
line. A comment `# at <path>` says where the file stands. `options.toml` holds the codemod's options
where they are not the defaults. The file stands in the project of the folder `_project` beside the
cases, to which the folder `project` of a case adds further files.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from migrate.model import FileResult, Status
from migrate.testing.checks import (
    LINE_LENGTH,
    PATH,
    Tested,
    examine,
    require_same_findings,
    require_same_text,
)

__tracebackhide__ = True  # as in `checks`

BASE_PROJECT = "_project"
FILES = frozenset({"before.py", "after.py", "findings.txt", "options.toml", "project"})


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of `findings.txt`; `line` counts from 1."""

    line: int
    rule: str
    status: str
    reason: str | None = None

    def __str__(self) -> str:
        """The line itself."""
        return " ".join(filter(None, (str(self.line), self.rule, self.status, self.reason)))


@dataclass(frozen=True, slots=True)
class ExpectedFailure:
    """The line of `findings.txt` for a file that is left alone; `line` is None where unknown."""

    kind: str
    line: int | None = None

    def __str__(self) -> str:
        """The line itself."""
        return " ".join(filter(None, ("failed", self.kind, str(self.line or ""))))


@dataclass(frozen=True)
class Case:
    """One folder. `project` has the other files, by their path with forward slashes."""

    name: str
    path: str
    summary: str
    before: bytes
    after: bytes | None
    findings: tuple[Expected, ...]
    failure: ExpectedFailure | None
    options: Mapping[str, object]
    project: Mapping[str, bytes]

    def __str__(self) -> str:
        """Its name, for `ids=str`."""
        return self.name


def load_cases(folder: str | Path, *, path: str = PATH) -> list[Case]:
    """Every case below `folder`, by name; the files stand at `path` where a case says nothing.

    Raises ValueError for a folder that holds no case, and for one that is not what a case is.
    """
    root = Path(folder)
    folders = sorted(
        each
        for each in (root.iterdir() if root.is_dir() else ())
        if each.is_dir() and each.name != BASE_PROJECT and not _is_hidden(each)
    )
    if not folders:
        raise ValueError(f"{root}: there is no case")
    shared = read_tree(root / BASE_PROJECT)
    return [_load(each, path, shared) for each in folders]


def check_case(codemod: Tested, case: Case, *, line_length: int = LINE_LENGTH) -> FileResult:
    """Hold that the codemod makes of the case what its files say; return what it makes.

    Raises AssertionError; the lines with `+` in its text are what `findings.txt` would need.
    """
    result = examine(codemod, case.before, case.options, case.path, case.project, line_length)
    expected = [str(each) for each in (case.failure, *case.findings) if each is not None]
    require_same_findings(expected, _found(result, case), result)
    after = case.before if case.after is None else case.after
    require_same_text(after, case.before, result)
    return result


def read_tree(root: Path) -> dict[str, bytes]:
    """The content of each Python file below `root`, by its path relative to it."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.py"))
    }


def _found(result: FileResult, case: Case) -> list[str]:
    """The lines of `findings.txt` that would be right."""
    lines = [str(Expected(f.start.line, f.rule, f.status.value, f.reason)) for f in result.findings]
    if result.failure is None:
        return lines
    line_matters = case.failure is None or case.failure.line is not None
    line = result.failure.line if line_matters else None
    return [str(ExpectedFailure(result.failure.kind.value, line)), *lines]


def _is_hidden(path: Path) -> bool:
    return path.name.startswith((".", "__"))


def _load(folder: Path, path: str, shared: Mapping[str, bytes]) -> Case:
    names = {each.name for each in folder.iterdir() if not _is_hidden(each)}
    for problem, wrong in (
        ("has nothing to do in a case", sorted(names - FILES)),
        ("is missing", sorted({"before.py", "findings.txt"} - names)),
    ):
        if wrong:
            raise ValueError(f"{folder / wrong[0]} {problem}")
    first, *rest = (folder / "findings.txt").read_text(encoding="utf-8").splitlines() or [""]
    if not first.startswith("#"):
        raise ValueError(f"{folder / 'findings.txt'}: its first line must be a comment")
    findings, failures = _outcome(folder / "findings.txt", rest)
    after, options = folder / "after.py", folder / "options.toml"
    return Case(
        name=folder.name,
        path=next((line[5:].strip() for line in rest if line.startswith("# at ")), path),
        summary=first.removeprefix("#").strip(),
        before=(folder / "before.py").read_bytes(),
        after=after.read_bytes() if after.exists() else None,
        findings=tuple(findings),
        failure=failures[0] if failures else None,
        options=tomllib.loads(options.read_text(encoding="utf-8")) if options.exists() else {},
        project={**shared, **read_tree(folder / "project")},
    )


def _outcome(file: Path, lines: list[str]) -> tuple[list[Expected], list[ExpectedFailure]]:
    """What the lines after the first say; raises ValueError for one that says nothing."""
    findings: list[Expected] = []
    failures: list[ExpectedFailure] = []
    for number, line in enumerate(lines, start=2):
        match line.split("#")[0].split():
            case []:
                continue
            case ["failed", kind]:
                failures.append(ExpectedFailure(kind))
            case ["failed", kind, at] if at.isdecimal():
                failures.append(ExpectedFailure(kind, int(at)))
            case [at, rule, status] if at.isdecimal() and status in set(Status):
                findings.append(Expected(int(at), rule, status))
            case [at, rule, status, reason] if at.isdecimal() and status in set(Status):
                findings.append(Expected(int(at), rule, status, reason))
            case _:
                raise ValueError(f"{file}:{number}: {line!r} is not `line rule status [reason]`")
    return findings, failures
