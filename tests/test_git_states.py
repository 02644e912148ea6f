"""`--apply` in every state that a repository can be in: done or refused, and nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from gitrepo import git, isolate_git, make_repository, needs_modes, write
from tool import (
    AGENT,
    APPLY,
    BRANCH,
    MIGRATED,
    agents,
    command,
    committed,
    environment,
    migrate,
    refusal,
    report,
)


@pytest.fixture(autouse=True)
def _git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one commit and two files to rewrite."""
    return make_repository(tmp_path / "project", agents(2))


def state(root: Path) -> tuple[object, ...]:
    """Everything that a run without --switch has to leave as it is."""
    index = Path(root, git(root, "rev-parse", "--git-path", "index"))
    files = sorted(path for path in root.rglob("*") if ".git" not in path.parts)
    return (
        git(root, "rev-parse", "--symbolic-full-name", "HEAD"),
        git(root, "rev-parse", "HEAD"),
        index.read_bytes(),
        [(path, path.read_bytes()) for path in files if path.is_file()],
    )


def tree(root: Path, branch: str = BRANCH) -> str:
    return git(root, "rev-parse", f"{branch}^{{tree}}")


def commits(root: Path) -> int:
    """How many commits the branch has, from HEAD."""
    if not git(root, "branch", "--list", BRANCH):
        return 0
    return int(git(root, "rev-list", "--count", f"HEAD..{BRANCH}"))


# Done


def test_only_the_branch_is_made(project: Path) -> None:
    before = state(project)
    report(project, *APPLY)
    assert state(project) == before
    assert committed(project, "app/a00.py") == MIGRATED + b"# 0\n"
    assert git(project, "diff", "--name-only", "HEAD", BRANCH).split() == [
        "app/a00.py",
        "app/a01.py",
    ]


def test_a_detached_head_stays_where_it_is(project: Path) -> None:
    git(project, "commit", "-q", "--allow-empty", "-m", "later")
    git(project, "checkout", "-q", "--detach", "HEAD~1")
    before = state(project)
    assert before[0] == "HEAD"
    report(project, *APPLY)
    assert state(project) == before
    assert git(project, "rev-parse", f"{BRANCH}~1") == git(project, "rev-parse", "HEAD")


def test_unrelated_changes_stay_as_they_are_in_files_and_index(project: Path) -> None:
    write(project, {"app/context.py": b"# mine\n", "notes.txt": b"new\n", "app/new.py": b"x = 1\n"})
    git(project, "add", "notes.txt")
    git(project, "rm", "-q", "--cached", "app/__init__.py")
    before = state(project), git(project, "status", "--porcelain")
    report(project, *APPLY)
    assert (state(project), git(project, "status", "--porcelain")) == before
    assert committed(project, "app/a01.py") == MIGRATED + b"# 1\n"
    assert git(project, "diff", "--name-only", "HEAD", BRANCH, "--", "app/context.py") == ""


def test_a_held_index_lock_does_not_matter(project: Path) -> None:
    (project / ".git" / "index.lock").touch()
    report(project, *APPLY)
    assert commits(project) == 1
    assert (project / ".git" / "index.lock").exists()


def test_a_linked_worktree_commits_from_its_own_head(project: Path, tmp_path: Path) -> None:
    git(project, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    write(tmp_path / "side", {"app/more.py": AGENT})
    git(tmp_path / "side", "add", "-A")
    git(tmp_path / "side", "commit", "-q", "-m", "more")
    before = state(project), state(tmp_path / "side")
    report(tmp_path / "side", *APPLY)
    assert (state(project), state(tmp_path / "side")) == before
    assert git(project, "rev-parse", f"{BRANCH}~1") == git(project, "rev-parse", "side")
    assert committed(project, "app/more.py") == MIGRATED


def test_a_submodule_is_left_to_a_run_of_its_own(project: Path, tmp_path: Path) -> None:
    outer = make_repository(tmp_path / "outer", agents(1))
    allow = ("-c", "protocol.file.allow=always")
    git(outer, *allow, "submodule", "add", "-q", str(project), "inner")
    git(outer, "commit", "-q", "-m", "add a submodule")
    inner = outer / "inner"
    git(inner, "config", "user.name", "A Tester")
    git(inner, "config", "user.email", "tester@example.com")
    before = state(outer), state(inner)
    report(outer, *APPLY)
    assert git(outer, "diff", "--name-only", "HEAD", BRANCH) == "app/a00.py"
    report(inner, *APPLY)
    assert commits(inner) == 1
    assert (state(outer), state(inner)) == before


# Refused


def test_a_repository_with_no_commit_can_be_previewed_but_has_nothing_to_build_on(
    tmp_path: Path,
) -> None:
    root = make_repository(tmp_path / "new")
    write(root, agents(1))
    assert report(root)["repo"] == {"base": None, "branch": None}
    assert "no commit yet" in refusal(root, *APPLY)


def test_a_bare_repository_is_refused(project: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(project), "bare.git")
    for arguments in (("--dry-run",), APPLY):
        assert "bare repository" in refusal(tmp_path / "bare.git", *arguments)


def test_a_plain_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "plain", agents(1))
    assert "not in a git repository" in refusal(tmp_path / "plain", *APPLY)


def test_a_missing_identity_is_refused(project: Path) -> None:
    git(project, "config", "--unset", "user.name")
    git(project, "config", "user.useConfigOnly", "true")
    before = state(project)
    assert "git config --global user.name" in refusal(project, *APPLY)
    assert state(project) == before
    assert git(project, "branch", "--list", BRANCH) == ""


@pytest.mark.parametrize("staged", [True, False])
@pytest.mark.parametrize(
    "content", [AGENT + b"# mine\n", MIGRATED, b"def (:\n"], ids=["edited", "migrated", "broken"]
)
def test_a_changed_file_that_would_be_rewritten_is_refused_by_name(
    project: Path, content: bytes, staged: bool
) -> None:
    write(project, {"app/a01.py": content})
    if staged:
        git(project, "add", "app/a01.py")
    before = state(project)
    words = refusal(project, *APPLY)
    assert "app/a01.py" in words
    assert "app/a00.py" not in words
    assert state(project) == before
    assert git(project, "branch", "--list", BRANCH) == ""
    report(project, *APPLY, "--exclude", "app/a01.py")
    assert git(project, "diff", "--name-only", "HEAD", BRANCH) == "app/a00.py"


def test_an_untracked_file_that_a_preview_would_rewrite_is_refused_by_name(project: Path) -> None:
    write(project, {"app/new.py": AGENT})
    assert "app/new.py" in refusal(project, *APPLY)
    assert git(project, "branch", "--list", BRANCH) == ""


def test_facts_come_from_the_commit_and_not_from_changed_files(project: Path) -> None:
    """The changed base class has no such method; the one that the branch will have does."""
    base = (project / "app" / "base.py").read_bytes()
    write(project, {"app/base.py": base.replace(b"store_metadata_result", b"renamed")})
    assert [each["path"] for each in report(project)["files"] if each["diff"]] == []
    report(project, *APPLY)
    assert committed(project, "app/a00.py") == MIGRATED + b"# 0\n"
    assert committed(project, "app/base.py") == base


def test_a_branch_with_other_content_is_refused_and_kept(project: Path) -> None:
    git(project, "branch", BRANCH)
    git(project, "switch", "-q", BRANCH)
    write(project, {"mine.txt": b"mine\n"})
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "mine")
    git(project, "switch", "-q", "main")
    tip = git(project, "rev-parse", BRANCH)
    words = refusal(project, *APPLY)
    assert BRANCH in words
    assert "--branch" in words
    assert git(project, "rev-parse", BRANCH) == tip


@needs_modes
def test_a_git_folder_that_cannot_be_written_is_refused(project: Path) -> None:
    folders = [project / ".git", *(project / ".git").rglob("*")]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert "writable" in refusal(project, *APPLY)
        report(project)
    finally:
        for folder in folders:
            folder.chmod(0o755)


# Interrupted, and at the same time


def test_two_runs_at_once_never_spoil_the_branch(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", agents(12))
    arguments = command(*APPLY, "--batch-size", "1", "-j", "1")
    pipe = subprocess.PIPE
    env = environment()
    runs = [
        subprocess.Popen(arguments, cwd=root, env=env, stdout=pipe, stderr=pipe, encoding="utf-8")
        for _ in range(3)
    ]
    ends = [(*run.communicate(timeout=120), run.returncode) for run in runs]
    for _, errors, code in ends:
        assert (code, errors) == (0, "") or (code == 3 and "another run of migrate" in errors)
    assert 0 in [code for *_, code in ends]
    assert commits(root) == 12
    git(root, "fsck", "--strict")


def slow_git(folder: Path) -> dict[str, str]:
    """An environment whose git takes its time, so that a kill can come between two commits.

    Where the shell that this needs is missing, as on Windows, git is as fast as it is.
    """
    real, shell = shutil.which("git"), shutil.which("sh")
    if real is None or shell is None or os.name == "nt":
        return environment()
    folder.mkdir()
    script = folder / "git"
    script.write_text(f'#!{shell}\nsleep 0.05\nexec "{real}" "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return environment(PATH=os.pathsep.join([str(folder), os.environ["PATH"]]))


def test_a_run_killed_at_any_moment_is_completed_by_the_next(tmp_path: Path) -> None:
    env = slow_git(tmp_path / "slow")
    root = make_repository(tmp_path / "project", agents(12))
    apply = ("--apply", "--batch-size", "1", "-j", "1")
    report(root, *apply, "--branch", "undisturbed")
    before = state(root)
    chance = random.Random(20250914)
    reached = set()
    for _ in range(10):
        reached.add(commits(root))
        process = subprocess.Popen(
            command(*apply, "--branch", BRANCH),
            cwd=root,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # Before the first commit of this run, or at any step of a later one.
        goal = commits(root) + chance.choice([0, 1, 2])
        while process.poll() is None and commits(root) < goal:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.wait()
        git(root, "fsck", "--strict")
        assert state(root) == before
    assert os.name == "nt" or len(reached) > 2  # most were killed between two commits
    report(root, *apply, "--branch", BRANCH)
    assert tree(root) == tree(root, "undisturbed")
    assert commits(root) == 12
    tip = git(root, "rev-parse", BRANCH)
    again = migrate(root, *apply, "--branch", BRANCH)
    assert (again.returncode, again.stderr) == (0, "")
    assert f"Nothing to add: branch {BRANCH} is already complete" in again.stdout
    assert git(root, "rev-parse", BRANCH) == tip
    assert state(root) == before
