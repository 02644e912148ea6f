"""Several codemods in one run: each sees what the one before it made."""

from __future__ import annotations

from pathlib import Path

import pytest
from gitrepo import git, isolate_git, make_repository
from tool import AGENT, APPLY, BRANCH, PROJECT, committed, install_probes, migrate, report

BOTH = ("-c", "metadata-storage", "-c", "rename")
# A site of each codemod, and `é` in front of one to tell code points from bytes.
TWO = (
    AGENT
    + b"""\
        self.store_metadata_result(context, "own", 2)
        x = "\xc3\xa9"; context.metadata["late"] = 3
"""
)


@pytest.fixture(autouse=True)
def _git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path)


@pytest.fixture
def probes(tmp_path: Path) -> dict[str, str]:
    return install_probes(tmp_path / "site")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_repository(
        tmp_path / "project",
        {
            **PROJECT,
            "app/one.py": AGENT,
            "app/two.py": TWO,
            "app/own.py": TWO.replace(AGENT, b"", 1),
        },
    )


def renamed(data: bytes) -> bytes:
    return data.replace(b"self.store_metadata_result(", b"self.save(")


def migrated(data: bytes) -> bytes:
    for key, value in ((b"result", b"1"), (b"late", b"3")):
        data = data.replace(
            b'context.metadata["%s"] = %s' % (key, value),
            b'self.store_metadata_result(context, "%s", %s)' % (key, value),
        )
    return data


def test_each_codemod_sees_the_result_of_the_one_before(
    project: Path, probes: dict[str, str]
) -> None:
    report(project, *APPLY, *BOTH, **probes)
    assert committed(project, "app/one.py") == renamed(migrated(AGENT))
    assert committed(project, "app/two.py") == renamed(migrated(TWO))


def test_the_order_is_the_one_asked_for(project: Path, probes: dict[str, str]) -> None:
    report(project, *APPLY, *BOTH[2:], *BOTH[:2], **probes)
    assert committed(project, "app/one.py") == migrated(AGENT)
    assert committed(project, "app/two.py") == migrated(renamed(TWO))


def test_a_codemod_that_is_named_twice_runs_once(project: Path, probes: dict[str, str]) -> None:
    once = report(project, *BOTH, **probes)
    assert report(project, *BOTH, *BOTH, **probes) == once


def test_a_run_of_both_equals_two_runs_one_after_the_other(
    project: Path, probes: dict[str, str]
) -> None:
    report(project, *APPLY, *BOTH, **probes)
    report(project, "--apply", "--branch", "first", "--switch", *BOTH[:2], **probes)
    report(project, "--apply", "--branch", "second", *BOTH[2:], **probes)
    assert git(project, "diff", "--stat", "second", BRANCH) == ""
    assert git(project, "diff", "--stat", "first", BRANCH) != ""


def test_each_codemod_has_batches_of_its_own(project: Path, probes: dict[str, str]) -> None:
    batches = report(project, *APPLY, *BOTH, "--batch-size", "1", **probes)["batches"]
    assert [(each["number"], each["codemod"], each["paths"]) for each in batches] == [
        (1, "metadata-storage", ["app/one.py"]),
        (2, "metadata-storage", ["app/two.py"]),
        (3, "rename", ["app/one.py"]),
        (4, "rename", ["app/two.py"]),
    ]
    ids = git(project, "rev-list", "--reverse", f"HEAD..{BRANCH}").split()
    assert [each["commit"] for each in batches] == ids
    assert committed(project, "app/one.py", ids[1]) == migrated(AGENT)
    trailers = git(project, "log", "-1", "--format=%(trailers:only,unfold)", BRANCH)
    assert "Migrate-Codemod: rename/1\nMigrate-Batch: 4/4" in trailers
    again = migrate(project, *APPLY, *BOTH, "--batch-size", "1", **probes)
    assert "is already complete (4 commits)" in again.stdout


def test_every_position_is_one_of_the_original_file(project: Path, probes: dict[str, str]) -> None:
    files = {each["path"]: each for each in report(project, *BOTH, **probes)["files"]}
    lines = TWO.decode().splitlines()
    places = []
    for each in files["app/two.py"]["findings"]:
        start, end = each["start"], each["end"]
        assert start["line"] == end["line"]
        text = lines[start["line"] - 1][start["column"] - 1 : end["column"] - 1]
        places.append((each["codemod"], start["line"], text))
    line = len(AGENT.splitlines())
    assert places == [
        ("metadata-storage", line, 'context.metadata["result"] = 1'),
        ("metadata-storage", line + 2, 'context.metadata["late"] = 3'),
        # What the first codemod wrote stands for the site that was there.
        ("rename", line, ""),
        ("rename", line + 1, "self.store_metadata_result"),
        ("rename", line + 2, ""),
    ]
    starts = [each["start"] for each in files["app/two.py"]["findings"]]
    assert (starts[2], starts[4]) == (starts[0], starts[1])


def test_the_difference_is_that_of_the_whole_run(project: Path, probes: dict[str, str]) -> None:
    data = report(project, *BOTH, **probes)
    patch = "".join(each["diff"] for each in data["files"])
    git(project, "apply", "-", stdin=patch.encode())
    assert (project / "app" / "one.py").read_bytes() == renamed(migrated(AGENT))
    assert (project / "app" / "two.py").read_bytes() == renamed(migrated(TWO))
    counts = {each["id"]: each["counts"] for each in data["codemods"]}
    assert (counts["metadata-storage"]["rewrite"], counts["rename"]["rewrite"]) == (3, 4)
