"""What a codemod finds out about the whole project before files are inspected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from cases import load_cases
from gitrepo import isolate_git, write
from probes import SURVEY
from tool import install_probes, report

from codemods.context_imports import CODEMOD
from migrate.codemod import Each, Unanswered
from migrate.engine import Engine
from migrate.model import FileResult
from migrate.source import Memory

PATH, PARTNER = "netra_backend/app/agents/case.py", "netra_backend/app/agents/other.py"


@pytest.fixture(autouse=True)
def _git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path)


def said(tmp_path: Path, files: dict[str, bytes], jobs: int) -> dict[str, str]:
    """What the codemod of the probes says about each file, or its failure."""
    write(tmp_path / "project", files)
    probes = install_probes(tmp_path / "site")
    result = report(tmp_path / "project", "-c", SURVEY.id, "-j", str(jobs), **probes)
    return {
        file["path"]: file["findings"][0]["message"]
        if file["findings"]
        else file["failure"]["message"]
        for file in result["files"]
    }


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_is_told_what_was_found_out_about_it(tmp_path: Path, jobs: int) -> None:
    files = {f"m{n:02}.py": b"x = 1\n" * n for n in range(1, 31)}
    assert said(tmp_path, files, jobs) == {
        f"m{n:02}.py": f"Surveyed: {n} of {sum(range(31))}." for n in range(1, 31)
    }


def test_a_question_that_raises_or_ends_its_process_costs_its_own_answer(tmp_path: Path) -> None:
    files = {f"m{n:02}.py": b"x = 1\n" for n in range(28)}
    files |= {"fault.py": b"# fault here\n", "crash.py": b"# crash here\n"}
    expected = dict.fromkeys(files, "Surveyed: 1 of 28.") | {
        "fault.py": "Surveyed: ValueError: no such luck.",
        "crash.py": "Surveyed: the process that worked on it died.",
    }
    assert said(tmp_path, files, 2) == expected


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_survey_that_raises_is_a_failure_of_each_file(tmp_path: Path, jobs: int) -> None:
    files = {f"m{n:02}.py": b"" for n in range(30)}
    message = "survey failed: ValueError: there is nothing to survey"
    assert said(tmp_path, files, jobs) == dict.fromkeys(files, message)


# Of `context-imports`


def without(engine: Engine, question: str, path: str) -> Each:
    """As the engine asks, but for one question about one file, which has no answer."""

    def each(ask: Any, items: Sequence[Any]) -> Iterator[Any]:
        for item, answer in zip(items, engine.ask(ask, items), strict=True):
            about = item[0] if isinstance(item, tuple) else getattr(item, "path", item)
            is_lost = (getattr(ask, "func", ask).__name__, about) == (question, path)
            yield Unanswered("MemoryError: ") if is_lost else answer

    return each


def result(name: str, question: str, path: str) -> FileResult:
    """The result of a case whose file moves, if a question about a file has no answer."""
    (case,) = (each for each in load_cases(CODEMOD.id) if each.name == name)
    engine = Engine(CODEMOD, CODEMOD.options(), Memory({**case.project, PATH: case.before}), 88)
    assert engine.process(PATH).after is not None
    engine.surveyed = engine.survey(without(engine, question, path))
    return engine.process(PATH)


@pytest.mark.parametrize("question", ["importer", "stand"])
def test_a_file_that_cannot_be_surveyed_is_a_failure(question: str) -> None:
    found = result("elsewhere-a-callee-suits-both", question, PATH)
    assert found.failure is not None
    assert found.failure.message == "context-imports failed: RuntimeError: MemoryError: "
    assert found.after is None


@pytest.mark.parametrize(
    ("name", "question", "reason"),
    [
        ("elsewhere-a-callee-asks-for-what-both-have", "scans", "callee-not-compatible"),
        ("elsewhere-a-consumer-suits-both", "consumed", "consumer-not-compatible"),
        (
            "elsewhere-a-callback-from-another-file-gets-it-and-suits-both",
            "mentioned",
            "consumer-not-compatible",
        ),
    ],
)
def test_a_file_stays_if_code_cannot_be_read_that_gets_its_objects(
    name: str, question: str, reason: str
) -> None:
    found = result(name, question, PARTNER)
    assert found.after is None
    (why,) = (finding for finding in found.findings if finding.reason == reason)
    assert "other.py" in why.message
    assert "cannot be analysed (MemoryError: )" in why.message


def test_nothing_more_is_read_for_a_run_over_a_file_that_stays_anyway() -> None:
    """Where the command line names one file, the others are of interest only if that may move."""
    (case,) = (c for c in load_cases(CODEMOD.id) if c.name == "elsewhere-a-caller-stays")
    files = Memory({**case.project, PATH: case.before})
    asked: dict[str, set[str]] = {}
    for path in (PATH, PARTNER):
        engine = Engine(CODEMOD, CODEMOD.options(), files, 88, changing=frozenset({path}))
        engine.surveyed = engine.survey(noting(engine, asked.setdefault(path, set())))
        assert engine.process(path).after is None
    assert "stand" in asked[PATH] & asked[PARTNER]
    assert sorted("scans" in each for each in asked.values()) == [False, True]


def noting(engine: Engine, asked: set[str]) -> Each:
    """As the engine asks, with a note of the questions."""

    def each(ask: Any, items: Sequence[Any]) -> Iterator[Any]:
        asked.add(getattr(ask, "func", ask).__name__)
        yield from engine.ask(ask, items)

    return each
