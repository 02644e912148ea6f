"""Work in several processes: in order, crashes contained, nobody left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from gitrepo import isolate_git, make_repository, write
from probes import CRASH
from tool import AGENT, PROJECT, command, environment, install_probes, migrate, report

from migrate import workers

posix_only = pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")


@pytest.fixture(autouse=True)
def _git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path)


def work(state: str, chunk: Sequence[int]) -> list[str]:
    """Each item as text; those divisible by 13 end the process."""
    for item in chunk:
        if item % 13 == 0:
            os._exit(1)
    return [f"{state}{item}" for item in chunk]


def crashed(item: int) -> list[str]:
    return [f"crash of {item}"]


def run(chunks: Sequence[Sequence[int]], jobs: int) -> list[str]:
    with workers.Pool(partial(str, "n"), jobs) as pool:
        return [text for result in pool.run(work, chunks, crashed) for text in result]


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_the_order_of_the_work(jobs: int) -> None:
    items = [n for n in range(1, 100) if n % 13]
    chunks = [items[at : at + 7] for at in range(0, len(items), 7)]
    assert run(chunks, jobs) == [f"n{n}" for n in items]


def test_a_crash_costs_the_item_at_fault_and_no_other() -> None:
    chunks = [range(at, at + 8) for at in range(1, 161, 8)]
    expected = [f"n{n}" if n % 13 else f"crash of {n}" for n in range(1, 161)]
    assert run(chunks, 2) == expected


def test_work_that_is_given_up_ends_its_processes() -> None:
    with workers.Pool(partial(str, "n"), 2) as pool:
        assert next(pool.run(work, [[1], [2], [3]], crashed)) == ["n1"]
        before = set(multiprocessing.active_children())
    assert before
    assert not before & set(multiprocessing.active_children())


def count(state: list[int], chunk: Sequence[int]) -> tuple[int, int]:
    """The process, and how many items it has worked on."""
    state += chunk
    return os.getpid(), len(state)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_process_keeps_its_state_from_round_to_round(jobs: int) -> None:
    most: dict[int, int] = {}
    with workers.Pool(list[int], jobs) as pool:
        for _ in range(3):
            for process, items in pool.run(count, [[1], [2], [3], [4]], lost):
                most[process] = max(items, most.get(process, 0))
    assert len(most) <= jobs
    assert sum(most.values()) == 12


def lost(item: int) -> tuple[int, int]:
    return 0, 0


def test_rounds_after_a_crash_have_processes_again() -> None:
    with workers.Pool(partial(str, "n"), 2) as pool:
        rounds = [list(pool.run(work, [[12], [13], [14]], crashed)) for _ in range(2)]
    assert rounds == [[["n12"], ["crash of 13"], ["n14"]]] * 2


def test_a_file_that_ends_its_worker_is_reported_and_all_others_are_done(tmp_path: Path) -> None:
    names = [f"m{n:02}.py" for n in range(30)]
    files = {name: b"x = %d\n" % n for n, name in enumerate(names)}
    write(
        tmp_path / "project", files | {"m05.py": b"# crash here\n", "m21.py": b"# crash here\n#\n"}
    )
    probes = install_probes(tmp_path / "site")
    result = report(tmp_path / "project", "-c", CRASH.id, "-j", "2", **probes)
    failed = {each["path"]: each["failure"] for each in result["files"] if each["failure"]}
    died = {"kind": "codemod-error", "message": "the process that worked on it died", "line": None}
    assert failed == {"m05.py": died, "m21.py": died}
    assert [each["path"] for each in result["files"]] == names
    assert result["codemods"][0]["counts"]["skip"] == len(names) - 2


def test_a_codemod_that_raises_costs_that_file_and_no_other(tmp_path: Path) -> None:
    write(
        tmp_path / "project",
        {"a.py": b"x = 1\n", "b.py": b"# fault here\n", "c.py": b"# early fault\n", "d.py": b"y\n"},
    )
    make_repository(tmp_path / "project")
    probes = install_probes(tmp_path / "site")
    result = report(tmp_path / "project", "-c", "fault", **probes)
    assert {
        each["path"]: each["failure"] and each["failure"]["message"] for each in result["files"]
    } == {
        "a.py": None,
        "b.py": "fault failed: ValueError: no such luck",
        "c.py": "fault failed: LookupError: not even a look",
        "d.py": None,
    }


def lingering(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    """A run, in a process group of its own, whose workers are in the middle of their work."""
    write(tmp_path / "project", {f"m{n:02}.py": b"x = %d\n" % n for n in range(40)})
    started = tmp_path / "started"
    probes = install_probes(tmp_path / "site")
    process = subprocess.Popen(
        command("-c", "linger", "-j", "2", *arguments),
        cwd=tmp_path / "project",
        env=environment(LINGER=str(started), **probes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    while not started.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    return process


@posix_only
@pytest.mark.parametrize("whole_group", [True, False], ids=["terminal", "kill"])
def test_an_interrupt_ends_the_run_and_its_workers_at_once(
    tmp_path: Path, whole_group: bool
) -> None:
    output = tmp_path / "report.json"
    process = lingering(tmp_path, "--format", "json", "--output", str(output))
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    # The workers hold the same pipes: their end is read only when all of them have gone.
    assert process.communicate(timeout=60) == ("", "error: interrupted\n")
    assert process.returncode == 130
    assert not output.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project", "site", "started"]


@posix_only
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_when_their_run_is_killed(tmp_path: Path, number: int) -> None:
    process = lingering(tmp_path)
    process.send_signal(number)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == -number


def test_many_jobs_for_little_work_are_no_trouble(tmp_path: Path) -> None:
    write(tmp_path, dict(PROJECT) | {"app/a.py": AGENT})
    assert migrate(tmp_path, "-j", "64").returncode == 0
