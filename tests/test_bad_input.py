"""One bad file never stops a run: it is named with its reason, and all others are migrated."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gitrepo import git, isolate_git, make_repository, needs_modes, write
from tool import (
    AGENT,
    APPLY,
    BRANCH,
    MIGRATED,
    PROJECT,
    SITE,
    committed,
    install_probes,
    migrate,
    refusal,
    report,
)

from codemods.metadata_storage import CODEMOD
from migrate.codemod import build_options
from migrate.engine import Engine
from migrate.source import Memory

posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows has no such names or files")

CASES: Mapping[str, bytes] = {
    "not_utf8.py": AGENT + b"# \xff\n",
    "syntax_error.py": AGENT + b"def (:\n",
    "python2.py": AGENT + b"print 'x'\n",
    "open_bracket.py": AGENT + b"x = (\n",
    "nul.py": AGENT + b"x = 'a\0b'\n",
    "utf16.py": b"\xff\xfe" + AGENT.decode().encode("utf-16-le"),
    "unknown_cookie.py": b"# coding: no-such-encoding\n" + AGENT,
    "binary_cookie.py": b"# coding: rot13\n" + AGENT,
    "two_cookies.py": b"\xef\xbb\xbf# coding: latin-1\n" + AGENT,
    "wrong_cookie.py": b"# coding: ascii\n" + AGENT + b"# \xe9\n",
    # Shift JIS has several byte sequences for some characters; only one of them comes back.
    "lossy_cookie.py": b"# coding: cp932\n" + AGENT + b"# \x87\x90\n",
    "nested.py": AGENT + b"x = " + b"(" * 3000 + b"1" + b")" * 3000 + b"\n",
    "nested_open.py": AGENT + b"x = " + b"(" * 30_000 + b"\n",
    "not_not.py": AGENT + b"x = " + b"not " * 30_000 + b"1\n",
    "minus.py": AGENT + b"x = " + b"-" * 30_000 + b"1\n",
    "dots.py": AGENT + b"x = a" + b".b" * 30_000 + b"\n",
    "sum.py": AGENT + b"x = 1" + b" + 1" * 30_000 + b"\n",
    "elifs.py": AGENT + b"if x:\n    pass\n" + b"elif x:\n    pass\n" * 10_000,
    "blocks.py": AGENT + b"".join(b" " * n + b"if x:\n" for n in range(200)) + b" " * 200 + b"x\n",
}
# What each failure's message must say, and the line where it must say one.
FAILURES: Mapping[str, tuple[str, str, int | None]] = {
    "not_utf8.py": ("decode-error", "byte 0xff is not valid utf-8", 8),
    "syntax_error.py": ("syntax-error", "it does not parse: invalid syntax", 8),
    "python2.py": ("syntax-error", "it does not parse: Missing parentheses", 8),
    "open_bracket.py": ("syntax-error", "it does not parse: '(' was never closed", 8),
    "nul.py": ("syntax-error", "NUL byte", 8),
    "utf16.py": ("decode-error", "utf-8", 1),
    "unknown_cookie.py": ("decode-error", "unknown encoding", 1),
    "binary_cookie.py": ("decode-error", "rot13", None),
    "two_cookies.py": ("decode-error", "encoding problem", 1),
    "wrong_cookie.py": ("decode-error", "byte 0xe9 is not valid ascii", 9),
    "lossy_cookie.py": ("decode-error", "does not come back the same through cp932", None),
    "nested.py": ("syntax-error", "too many nested parentheses", 8),
    "nested_open.py": ("syntax-error", "too many nested parentheses", 8),
    "not_not.py": ("syntax-error", "it does not parse", None),
    "minus.py": ("syntax-error", "it does not parse", None),
    "dots.py": ("syntax-error", "it does not parse", None),
    "sum.py": ("syntax-error", "it does not parse", None),
    "elifs.py": ("syntax-error", "it does not parse", None),
    "blocks.py": ("syntax-error", "too many levels of indentation", None),
}
# Odd, but Python: these are migrated, and every byte around the site stays.
ODD: Mapping[str, tuple[bytes, bytes]] = {
    "a good one.py": (AGENT, MIGRATED),
    "latin1.py": (
        b"# coding: latin-1\n" + AGENT + b"# \xe9\n",
        b"# coding: latin-1\n" + MIGRATED + b"# \xe9\n",
    ),
    "bom.py": (b"\xef\xbb\xbf" + AGENT, b"\xef\xbb\xbf" + MIGRATED),
    "crlf.py": (AGENT.replace(b"\n", b"\r\n"), MIGRATED.replace(b"\n", b"\r\n")),
    "lone_cr.py": (AGENT.replace(b"\n", b"\r"), MIGRATED.replace(b"\n", b"\r")),
    "form_feed.py": (AGENT + b"\x0c\nx = 1\n", MIGRATED + b"\x0c\nx = 1\n"),
    "no_final_newline.py": (AGENT[:-1], MIGRATED[:-1]),
    "strings.py": (
        AGENT + b"x = (" + b"'a'\n" * 3000 + b")\n",
        MIGRATED + b"x = (" + b"'a'\n" * 3000 + b")\n",
    ),
    'quote\'s "name".py': (AGENT, MIGRATED),
}
SILENT: Mapping[str, bytes] = {"empty.py": b"", "blank.py": b"\n\n", "comment.py": b"# metadata"}


@dataclass(frozen=True)
class Run:
    """One run over all bad files: its report, and the same as text."""

    data: dict[str, Any]
    text: str

    def failures(self) -> dict[str, dict[str, Any]]:
        return {each["path"]: each["failure"] for each in self.data["files"] if each["failure"]}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bad") / "repo"
    files = {name: before for name, (before, _) in ODD.items()}
    if os.name != "posix":
        files.pop('quote\'s "name".py')
    with pytest.MonkeyPatch.context() as patch:
        isolate_git(patch, root)
        root.mkdir()
        git(root, "init", "-q")
        git(root, "config", "core.autocrlf", "false")
        return make_repository(root, {**PROJECT, **CASES, **files, **SILENT})


@pytest.fixture(scope="module")
def dry_run(repository: Path) -> Run:
    return Run(report(repository, "-j", "2"), migrate(repository, "--diff").stdout)


@pytest.fixture(scope="module")
def applied(repository: Path) -> Run:
    data = report(repository, *APPLY, "-j", "2")
    return Run(data, migrate(repository, *APPLY).stdout)


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_is_named_with_its_reason(dry_run: Run, applied: Run, name: str) -> None:
    kind, words, line = FAILURES[name]
    for run in (dry_run, applied):
        failure = run.failures()[name]
        assert failure["kind"] == kind
        assert words in failure["message"]
        assert line is None or failure["line"] == line
        (shown,) = [row for row in run.text.splitlines() if row.startswith(name)]
        assert failure["message"] in shown


def test_no_other_file_fails(dry_run: Run, applied: Run) -> None:
    assert dry_run.failures().keys() == applied.failures().keys() == CASES.keys()


def test_all_others_are_migrated_byte_for_byte(applied: Run, repository: Path) -> None:
    rewritten = {each["path"]: each["diff"] for each in applied.data["files"] if each["diff"]}
    expected = {name for name in ODD if (repository / name).exists()}
    assert rewritten.keys() == expected
    for name in expected:
        assert committed(repository, name) == ODD[name][1], name
    changed = git(repository, "diff", "--name-only", "-z", "HEAD", BRANCH).split("\0")[:-1]
    assert set(changed) == expected


def test_nothing_but_the_branch_is_touched(applied: Run, repository: Path) -> None:
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "fsck", "--strict") == ""
    assert all((repository / name).read_bytes() == data for name, data in CASES.items())


def test_a_file_of_five_megabytes_is_migrated(tmp_path: Path) -> None:
    rest = b"".join(b"VALUE_%d = [%d, 'some text here']\n" % (n, n) for n in range(135_000))
    assert len(rest) > 5_000_000 - len(AGENT)
    write(tmp_path, {**PROJECT, "app/big.py": AGENT + rest})
    (big,) = [each for each in report(tmp_path)["files"] if each["path"] == "app/big.py"]
    assert (big["outcome"], big["failure"]) == ("rewritten", None)


@pytest.mark.parametrize(
    "value",
    [
        b"(" * 190 + b"1" + b")" * 190,
        b"(" + b"'a'\n" * 5000 + b")",
        b"[a" + b" for a in b" * 3000 + b"]",
        b"f" + b"(1)" * 500,
    ],
    ids=["parentheses", "strings", "comprehension", "calls"],
)
def test_a_site_that_is_too_deep_for_libcst_is_left_for_review(value: bytes) -> None:
    deep = AGENT + SITE.replace(b'"result"', b'"deep"').replace(b"1", value)
    table = {"agent": "app.base.BaseAgent", "contexts": ["app.context.UserExecutionContext"]}
    options = build_options(CODEMOD, table, "options")
    files = Memory({**PROJECT, "app/deep.py": deep})
    result = Engine(CODEMOD, options, files, 88).process("app/deep.py")
    assert result.failure is None
    assert [(each.status, each.reason) for each in result.findings] == [
        ("rewrite", None),
        ("review", "not-preserved"),
    ]
    assert result.after == deep.replace(AGENT, MIGRATED)


# What is in the way of reading


@posix_only
def test_what_is_no_regular_file_is_left_out_and_never_waited_for(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "repo", {**PROJECT, "app/good.py": AGENT})
    (root / "folder.py").mkdir()
    (root / "folder.py" / "inner.py").write_bytes(AGENT)
    (root / "loop.py").symlink_to("loop.py")
    (root / "loop").symlink_to("loop")
    (root / "passwd.py").symlink_to("/etc/passwd")
    (root / "etc").symlink_to("/etc")
    (root / "up").symlink_to("..")
    (root / "dangling.py").symlink_to("nowhere.py")
    os.mkfifo(root / "fifo.py")
    expected = ["app/base.py", "app/good.py", "folder.py/inner.py"]
    assert [each["path"] for each in report(root)["files"]] == expected
    git(root, "add", "-A")  # links are then in the commit, as links
    git(root, "commit", "-q", "-m", "odd files")
    assert [each["path"] for each in report(root, *APPLY)["files"]] == expected
    assert (root / "passwd.py").is_symlink()
    plain = tmp_path / "plain"
    os.rename(root, plain)
    (plain / ".git").rename(tmp_path / "git")
    assert [each["path"] for each in report(plain)["files"]] == expected


@posix_only
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS allows only names in UTF-8")
def test_a_name_may_hold_any_byte_and_acts_on_no_terminal(tmp_path: Path) -> None:
    names = [b"new\nline.py", b"\xff\xfe.py", b"tab\t.py", b"\x1b[31m.py", b"-rf.py", b" .py"]
    files = {os.fsdecode(b"app/" + name): AGENT for name in names}
    bad = {os.fsdecode(b"bad/" + name): b"def (:\n# metadata['x']\nc.metadata\n" for name in names}
    root = make_repository(tmp_path / "repo", {**PROJECT, **files, **bad})
    for arguments in ((), APPLY):
        data = report(root, *arguments)
        outcomes = {each["path"]: each["outcome"] for each in data["files"]}
        assert outcomes == {
            "app/base.py": "skipped",
            **dict.fromkeys(files, "rewritten"),
            **dict.fromkeys(bad, "failed"),
        }
        text = migrate(root, *arguments, "-v", "--diff")
        assert text.returncode == 0
        assert not {"\x1b", "\t.", "\udcff"} & set(text.stdout)
        assert text.stdout.count("bad/new\\nline.py") >= 1
    assert set(git(root, "diff", "--name-only", "-z", "HEAD", BRANCH).split("\0")) == {*files, ""}


@needs_modes
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "repo", {**PROJECT, "app/good.py": AGENT, "locked.py": AGENT})
    (root / "locked.py").chmod(0)
    files = {each["path"]: each for each in report(root)["files"]}
    assert files["locked.py"]["failure"] == {
        "kind": "read-error",
        "message": "cannot read it: Permission denied",
        "line": None,
    }
    assert files["app/good.py"]["outcome"] == "rewritten"
    # Nobody can say whether it has uncommitted changes.
    assert "locked.py" in refusal(root, *APPLY)
    report(root, *APPLY, "--exclude", "locked.py")
    assert git(root, "diff", "--name-only", "HEAD", BRANCH) == "app/good.py"


@pytest.mark.parametrize("id", ["vanish", "change"])
def test_a_file_that_vanishes_or_changes_meanwhile_is_reported_as_it_was_read(
    tmp_path: Path, id: str
) -> None:
    root = tmp_path / "project"
    probes = install_probes(tmp_path / "site")
    write(root, {"a.py": MIGRATED, "b.py": MIGRATED + b"# b\n"})
    expected = report(root, "-c", "rename", **probes)["files"]
    files = report(root, "-c", id, "-c", "crash", **probes)["files"]
    assert [each["path"] for each in files] == ["a.py", "b.py"]
    assert [each["diff"] for each in files] == [each["diff"] for each in expected]
    assert [each["findings"][0]["after"] for each in files] == ["self.save"] * 2


def test_a_file_that_vanishes_between_two_codemods_is_a_read_error(tmp_path: Path) -> None:
    root = tmp_path / "project"
    probes = install_probes(tmp_path / "site")
    write(root, {"a.py": b"# store_metadata_result\n", "b.py": MIGRATED})
    files = report(root, "-c", "vanish", "-c", "crash", **probes)["files"]
    assert {each["path"]: each["failure"] and each["failure"]["kind"] for each in files} == {
        "a.py": "read-error",
        "b.py": None,
    }
