from __future__ import annotations

import os
import pickle
import random
import shlex
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path

import pytest
from gitrepo import git, isolate_git, make_repository, needs_modes, write

from migrate.errors import RepositoryError, UsageError
from migrate.model import Batch, BatchContent, TreeEntry
from migrate.repository import Repository

posix_only = pytest.mark.skipif(os.name == "nt", reason="needs POSIX file names or scripts")


@pytest.fixture(autouse=True)
def _git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path)


def found(folder: Path) -> Repository:
    repository = Repository.find(folder)
    assert repository is not None
    return repository


def batch(number: int, total: int, contents: dict[str, bytes], base: str) -> BatchContent:
    title = f"migrate(demo): rewrite in {len(contents)} files"
    trailers = f"Migrate-Codemod: demo/1\nMigrate-Batch: {number}/{total}\nMigrate-Base: {base}\n"
    value = Batch(number, "demo", title, tuple(sorted(contents)))
    return BatchContent(value, f"{title}\n\n{trailers}", contents)


FILES = {"a.py": b"a = 1\n", "pkg/b.py": b"b = 1\r\n", "pkg/sub/c.py": b"c = 1", "d.txt": b"d\n"}


def two_batches(base: str) -> list[BatchContent]:
    return [
        batch(1, 2, {"a.py": b"a = 2\n", "pkg/sub/c.py": b"c = 2"}, base),
        batch(2, 2, {"pkg/b.py": b"b = 2\r\n", "a.py": b"a = 3\n"}, base),
    ]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return found(make_repository(tmp_path / "repo", FILES))


@pytest.fixture
def base(repository: Repository) -> str:
    head = repository.head()
    assert head is not None
    return head


def state(repository: Repository) -> tuple[object, ...]:
    """All that a user sees of a repository besides the migration branch."""
    root = repository.root
    files = {p: p.read_bytes() for p in root.rglob("*") if p.is_file() and ".git" not in p.parts}
    return git(root, "rev-parse", "HEAD"), (repository.git_dir / "index").read_bytes(), files


# Finding


def test_a_repository_is_found_from_a_folder_inside_it(repository: Repository) -> None:
    inside = Repository.find(repository.root / "pkg" / "sub")
    assert inside == repository
    assert inside is not None
    assert inside.root == (repository.root).resolve()


def test_a_plain_folder_is_no_repository(tmp_path: Path) -> None:
    assert Repository.find(tmp_path) is None


def test_a_folder_that_is_not_there_is_an_error_and_not_the_current_folder(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="missing"):
        Repository.find(tmp_path / "missing")


def test_a_linked_worktree_has_its_own_root_head_and_files(
    repository: Repository, tmp_path: Path, base: str
) -> None:
    git(repository.root, "worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    git(tmp_path / "linked", "commit", "-q", "--allow-empty", "-m", "more")
    linked = found(tmp_path / "linked" / "pkg")
    assert linked.root == (tmp_path / "linked").resolve()
    assert linked.common_dir == repository.common_dir
    assert linked.head() not in (None, base)
    assert linked.working_files() == sorted(FILES)
    linked.commit_batches(base, "m", two_batches(base))
    assert git(repository.root, "show", "m:a.py") == "a = 3"


def test_a_submodule_is_a_repository_of_its_own(repository: Repository, tmp_path: Path) -> None:
    outer = make_repository(tmp_path / "outer", {"x.py": b"x\n"})
    allow = ("-c", "protocol.file.allow=always")
    git(outer, *allow, "submodule", "--quiet", "add", str(repository.root), "inner")
    git(outer / "inner", "config", "user.name", "A Tester")
    git(outer / "inner", "config", "user.email", "tester@example.com")
    inner = found(outer / "inner" / "pkg")
    assert inner.root == (outer / "inner").resolve()
    assert inner.working_files() == sorted(FILES)
    assert found(outer).working_files() == [".gitmodules", "x.py"]
    head = inner.head()
    assert head is not None
    assert len(inner.commit_batches(head, "m", two_batches(head))) == 2


def test_a_detached_head_is_a_commit_like_any_other(repository: Repository, base: str) -> None:
    git(repository.root, "checkout", "-q", "--detach")
    assert repository.head() == base
    assert len(repository.commit_batches(base, "m", two_batches(base))) == 2


def test_a_repository_with_no_commit_has_files_but_no_head(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "new")
    write(root, {"a.py": b""})
    assert found(root).head() is None
    assert found(root).working_files() == ["a.py"]
    assert found(root).changed_paths() == {"a.py"}


def test_a_bare_repository_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare")
    with pytest.raises(RepositoryError, match="bare repository"):
        Repository.find(tmp_path / "bare")


def test_what_git_refuses_is_refused_with_its_words(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(RepositoryError, match=r"dubious ownership[\s\S]*safe\.directory"):
        Repository.find(repository.root)


def test_a_broken_git_file_is_an_error_and_not_a_plain_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /no/such/place\n")
    with pytest.raises(RepositoryError, match="not a git repository: /no/such/place"):
        Repository.find(tmp_path)


def test_a_missing_git_is_said_so(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository.root))
    with pytest.raises(RepositoryError, match="install git"):
        repository.head()
    code = "import sys, pathlib, migrate.repository as r; r.Repository.find(pathlib.Path('.'))"
    fresh = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "RepositoryError: cannot run git: it is not there" in fresh.stderr


def test_the_environment_of_a_hook_does_not_mislead(
    repository: Repository, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repository(tmp_path / "other", {"z.py": b"z\n"})
    redirections = {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_COMMON_DIR": str(other / ".git"),
        "GIT_INDEX_FILE": str(other / ".git" / "index"),
        "GIT_OBJECT_DIRECTORY": str(other / ".git" / "objects"),
        "GIT_NAMESPACE": "elsewhere",
        "GIT_PREFIX": "pkg/",
    }
    for name, value in redirections.items():
        monkeypatch.setenv(name, value)
    inside = found(repository.root)
    assert inside == repository
    assert inside.working_files() == sorted(FILES)
    assert inside.changed_paths() == frozenset()
    inside.commit_batches(base, "m", two_batches(base))
    assert {name: os.environ[name] for name in redirections} == redirections
    for name in redirections:
        monkeypatch.delenv(name)
    assert git(repository.root, "show", "m:a.py") == "a = 3"


# Reading


def test_working_files_are_tracked_or_untracked_but_not_ignored(repository: Repository) -> None:
    write(repository.root, {".gitignore": b"*.log\n", "x.log": b"", "new/e.py": b"", "f.py": b""})
    git(repository.root, "add", "f.py")
    assert repository.working_files() == sorted({*FILES, ".gitignore", "f.py", "new/e.py"})


def test_working_files_are_there(repository: Repository) -> None:
    (repository.root / "a.py").unlink()
    (repository.root / "pkg" / "b.py").unlink()
    (repository.root / "pkg" / "b.py").mkdir()
    write(repository.root, {"pkg/b.py/inside.py": b""})
    assert repository.working_files() == ["d.txt", "pkg/b.py/inside.py", "pkg/sub/c.py"]


@posix_only
def test_working_files_are_regular(repository: Repository, tmp_path: Path) -> None:
    root = repository.root
    write(tmp_path, {"outside/c.py": b"secret"})
    (root / "loop.py").symlink_to("loop.py")
    (root / "passwd.py").symlink_to("/etc/passwd")
    git(root, "add", "passwd.py")
    (root / "a.py").unlink()
    (root / "a.py").symlink_to("/etc/passwd")
    (root / "d.txt").unlink()
    os.mkfifo(root / "d.txt")
    os.mkfifo(root / "pipe.py")
    (root / "pkg" / "sub" / "c.py").unlink()
    (root / "pkg" / "sub").rmdir()
    (root / "pkg" / "sub").symlink_to(tmp_path / "outside", target_is_directory=True)
    assert repository.working_files() == ["pkg/b.py"]


def test_files_of_a_nested_repository_are_its_own(repository: Repository) -> None:
    make_repository(repository.root / "vendor" / "nested", {"n.py": b""})
    assert repository.working_files() == sorted(FILES)


def test_files_that_a_sparse_checkout_leaves_out_are_not_there(repository: Repository) -> None:
    git(repository.root, "sparse-checkout", "set", "--cone", "pkg/sub")
    assert repository.working_files() == ["a.py", "d.txt", "pkg/b.py", "pkg/sub/c.py"]
    git(repository.root, "sparse-checkout", "set", "--no-cone", "pkg/sub")
    assert repository.working_files() == ["pkg/sub/c.py"]


def test_a_file_in_conflict_is_listed_once_and_is_changed(repository: Repository) -> None:
    root = repository.root
    git(root, "switch", "-q", "-c", "theirs")
    write(root, {"a.py": b"theirs\n"})
    git(root, "commit", "-qam", "theirs")
    git(root, "switch", "-q", "main")
    write(root, {"a.py": b"ours\n"})
    git(root, "commit", "-qam", "ours")
    subprocess.run(["git", "merge", "-q", "theirs"], cwd=root, capture_output=True)
    assert repository.working_files() == sorted(FILES)
    assert repository.changed_paths() == {"a.py"}


@posix_only
def test_names_may_hold_any_byte(tmp_path: Path) -> None:
    names = [" lead.py", 'quo"te.py', "it's.py", "new\nline.py", "tab\t.py", "ünï.py", "-dash.py"]
    if sys.platform != "darwin":  # Its file systems take no other bytes than UTF-8.
        names.append(os.fsdecode(b"latin-\xe9.py"))
    root = make_repository(tmp_path / "names", {f"dir x/{name}": b"1\n" for name in names})
    repository = found(root)
    paths = sorted(f"dir x/{name}" for name in names)
    head = repository.head()
    assert head is not None
    assert repository.working_files() == paths
    assert sorted(repository.commit_files(head)) == paths
    write(root, {paths[0]: b"2\n", paths[-1]: b"2\n"})
    assert repository.changed_paths() == {paths[0], paths[-1]}
    repository.commit_batches(head, "m", [batch(1, 1, dict.fromkeys(paths, b"3\n"), head)])
    assert git(root, "diff", "--name-only", "-z", "main", "m").split("\0")[:-1] == sorted(
        paths, key=os.fsencode
    )


@posix_only
def test_commit_files_are_regular_files_with_their_modes(repository: Repository) -> None:
    root = repository.root
    (root / "a.py").chmod(0o755)
    (root / "link.py").symlink_to("a.py")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "modes")
    head = repository.head()
    assert head is not None
    files = repository.commit_files(head)
    assert sorted(files) == sorted(FILES)
    assert files["a.py"] == TreeEntry("100755", git(root, "rev-parse", "HEAD:a.py"))
    assert files["d.txt"].mode == "100644"
    assert repository.read_blob(files["pkg/b.py"].blob) == b"b = 1\r\n"


def test_changed_paths_are_all_that_differs_from_head(repository: Repository) -> None:
    root = repository.root
    write(root, {"a.py": b"dirty\n", "new/u.py": b"", "staged.py": b""})
    git(root, "add", "staged.py")
    git(root, "mv", "d.txt", "e.txt")
    (root / "pkg" / "b.py").unlink()
    expected = {"a.py", "new/u.py", "staged.py", "d.txt", "e.txt", "pkg/b.py"}
    assert repository.changed_paths() == expected


def test_looking_writes_nothing_even_where_the_index_is_stale(repository: Repository) -> None:
    os.utime(repository.root / "a.py", (1, 1))
    before = state(repository)
    assert repository.changed_paths() == frozenset()
    assert repository.working_files() == sorted(FILES)
    assert state(repository) == before


@posix_only
def test_no_hook_and_no_file_monitor_runs(repository: Repository, base: str) -> None:
    trace = repository.root.parent / "ran"
    script = f"#!/bin/sh\necho $0 >> {shlex.quote(str(trace))}\n"
    hooks = ("reference-transaction", "post-checkout", "post-index-change", "fsmonitor")
    for name in hooks:
        hook = repository.git_dir / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(script)
        hook.chmod(0o755)
    git(repository.root, "config", "core.fsmonitor", str(repository.git_dir / "hooks/fsmonitor"))
    repository.working_files()
    repository.changed_paths()
    repository.commit_batches(base, "m", two_batches(base))
    repository.switch("m")
    assert not trace.exists()
    git(repository.root, "status")
    assert trace.exists()


def test_a_blob_that_is_missing_is_an_error_and_the_next_is_read(repository: Repository) -> None:
    blob = git(repository.root, "rev-parse", "HEAD:a.py")
    with pytest.raises(RepositoryError, match="git fsck"):
        repository.read_blob("1" * 40)
    assert repository.read_blob(blob) == b"a = 1\n"


def test_blobs_are_read_from_threads_and_workers(tmp_path: Path) -> None:
    contents = [b"%d\n" % number * 5000 for number in range(40)]
    root = make_repository(tmp_path / "many", {f"{n}.py": data for n, data in enumerate(contents)})
    repository = found(root)
    blobs = [git(root, "rev-parse", f"HEAD:{n}.py") for n in range(40)] * 5
    assert repository.read_blob(blobs[0]) == contents[0]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(repository.read_blob, blobs)) == contents * 5
    for method in get_all_start_methods():
        with ProcessPoolExecutor(2, mp_context=get_context(method)) as workers:
            assert list(workers.map(repository.read_blob, blobs, chunksize=25)) == contents * 5
    assert repository.read_blob(blobs[1]) == contents[1]


def test_a_repository_with_a_running_git_can_be_pickled(repository: Repository, base: str) -> None:
    with repository.lock():
        repository.read_blob(repository.commit_files(base)["a.py"].blob)
        copy = pickle.loads(pickle.dumps(repository))
    assert copy == repository
    assert copy.head() == base


# Before committing


def test_no_identity_is_said_with_the_commands_that_set_it(repository: Repository) -> None:
    repository.check_identity()
    git(repository.root, "config", "--unset", "user.email")
    git(repository.root, "config", "user.useConfigOnly", "true")
    with pytest.raises(RepositoryError, match=r"config --global user.name[\s\S]*user\.email"):
        repository.check_identity()


def test_branch_names_are_those_that_git_takes(repository: Repository) -> None:
    git(repository.root, "switch", "-q", "-c", "second")
    repository.check_branch_name("migrate/0123abc")
    for name in ("", "a b", "-x", "a..b", "a.lock", "x^", "x~1", "@{-1}", "HEAD", "a\nb", "/a"):
        with pytest.raises(UsageError, match="not a valid name"):
            repository.check_branch_name(name)


def test_a_branch_has_a_tip_or_is_not_there(repository: Repository, base: str) -> None:
    git(repository.root, "tag", "only-a-tag")
    assert repository.branch_tip("main") == base
    assert repository.branch_tip("only-a-tag") is None


LOCK = """
import sys, pathlib
from migrate.repository import Repository
with Repository.find(pathlib.Path(sys.argv[1])).lock():
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_the_lock_keeps_other_runs_out_until_its_process_dies(
    repository: Repository, base: str, tmp_path: Path
) -> None:
    git(repository.root, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    linked = str(tmp_path / "linked")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", LOCK, linked], **pipes) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"locked"
        with pytest.raises(RepositoryError, match="another run"), repository.lock():
            pass
        with pytest.raises(RepositoryError, match="another run"):
            repository.commit_batches(base, "m", two_batches(base))
        assert repository.branch_tip("m") is None
        other.kill()
    with repository.lock():
        assert len(repository.commit_batches(base, "m", two_batches(base))) == 2


def test_a_second_value_for_the_same_repository_does_not_share_its_lock(
    repository: Repository,
) -> None:
    with (
        repository.lock(),
        pytest.raises(RepositoryError, match="another run"),
        found(repository.root).lock(),
    ):
        pass


def test_a_git_folder_that_cannot_be_written_cannot_be_locked(repository: Repository) -> None:
    (repository.common_dir / "migrate.lock").mkdir()  # Also keeps root out.
    with pytest.raises(RepositoryError, match=r"cannot lock[\s\S]*writable"), repository.lock():
        pass


# Committing


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_each_batch_is_a_commit_with_exactly_its_files(tmp_path: Path, object_format: str) -> None:
    root = make_repository(tmp_path / "repo", FILES, object_format=object_format)
    repository = found(root)
    base = repository.head()
    assert base is not None
    seen: list[Batch] = []
    contents = two_batches(base)
    ids = repository.commit_batches(base, "migrate/x", contents, seen.append)
    assert [(b.number, b.commit) for b in seen] == [(1, ids[0]), (2, ids[1])]
    assert git(root, "rev-list", "--reverse", "main..migrate/x").split() == list(ids)
    assert git(root, "rev-list", "--reverse", "--parents", ids[1]).split()[-1] == ids[0]
    for id, parent, content in zip(ids, (base, ids[0]), contents, strict=True):
        names = git(root, "diff", "--name-only", parent, id).split()
        assert names == sorted(content.contents)
        for path, data in content.contents.items():
            assert repository.read_blob(git(root, "rev-parse", f"{id}:{path}")) == data
        assert git(root, "log", "-1", "--format=%B", id) == content.message
        assert git(root, "log", "-1", "--format=%an <%ae>", id) == "A Tester <tester@example.com>"
    git(root, "fsck", "--strict")


def test_working_tree_index_and_head_are_untouched_and_may_be_dirty(
    repository: Repository, base: str
) -> None:
    write(repository.root, {"a.py": b"staged\n", "untracked.py": b""})
    git(repository.root, "add", "a.py")
    write(repository.root, {"pkg/b.py": b"not staged\n"})
    before = state(repository)
    repository.commit_batches(base, "m", two_batches(base))
    assert state(repository) == before
    assert sorted(os.listdir(repository.git_dir)) == sorted(
        {*os.listdir(make_repository(repository.root.parent / "plain", FILES) / ".git")}
        | {"migrate.lock"}
    )


def test_a_held_index_lock_does_not_matter(repository: Repository, base: str) -> None:
    (repository.git_dir / "index.lock").touch()
    assert repository.working_files() == sorted(FILES)
    assert repository.changed_paths() == frozenset()
    assert len(repository.commit_batches(base, "m", two_batches(base))) == 2
    with pytest.raises(RepositoryError, match=r"index\.lock[\s\S]*delete that file"):
        repository.switch("m")


@posix_only
def test_modes_and_bytes_stay_whatever_the_filters_say(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "repo", {"run.py": b"#!\r\n", ".gitattributes": b"# none\n"})
    (root / "run.py").chmod(0o755)
    git(root, "commit", "-qam", "executable")
    git(root, "config", "core.autocrlf", "input")
    write(root, {".git/info/attributes": b"*.py text eol=lf\n"})
    repository = found(root)
    head = repository.head()
    assert head is not None
    repository.commit_batches(
        head, "m", [batch(1, 1, {"run.py": b"\xef\xbb\xbf1\r\n\0\xff"}, head)]
    )
    assert git(root, "ls-tree", "m", "run.py").startswith("100755")
    entry = repository.commit_files(repository.branch_tip("m") or "")["run.py"]
    assert repository.read_blob(entry.blob) == b"\xef\xbb\xbf1\r\n\0\xff"


def test_no_batch_makes_no_branch(repository: Repository, base: str) -> None:
    assert repository.commit_batches(base, "m", []) == ()
    assert repository.branch_tip("m") is None


def test_a_second_run_adds_nothing(repository: Repository, base: str) -> None:
    ids = repository.commit_batches(base, "m", two_batches(base))
    seen: list[Batch] = []
    assert repository.commit_batches(base, "m", two_batches(base), seen.append) == ids
    assert seen == []
    assert repository.branch_tip("m") == ids[-1]


def test_a_branch_that_is_checked_out_is_complete_or_refused(
    repository: Repository, base: str, tmp_path: Path
) -> None:
    git(repository.root, "worktree", "add", "-q", "-b", "m", str(tmp_path / "linked"))
    with pytest.raises(RepositoryError, match=r"checked out in .*linked"):
        repository.commit_batches(base, "m", two_batches(base))
    git(tmp_path / "linked", "switch", "-q", "--detach")
    ids = repository.commit_batches(base, "m", two_batches(base))
    repository.switch("m")
    assert (repository.root / "a.py").read_bytes() == b"a = 3\n"
    assert repository.commit_batches(base, "m", two_batches(base)) == ids


def test_an_interrupted_run_goes_on_with_the_next_batch(repository: Repository, base: str) -> None:
    contents = two_batches(base)

    def interrupt(_: Batch) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        repository.commit_batches(base, "m", contents, interrupt)
    (first,) = repository.completed_batches(base, "m", contents)
    seen: list[Batch] = []
    ids = repository.commit_batches(base, "m", contents, seen.append)
    assert ids[0] == first
    assert [b.number for b in seen] == [2]


def test_a_branch_at_the_base_is_an_empty_start(repository: Repository, base: str) -> None:
    git(repository.root, "branch", "m", base)
    assert repository.completed_batches(base, "m", two_batches(base)) == ()
    assert len(repository.commit_batches(base, "m", two_batches(base))) == 2


def amend_tree(repository: Repository, base: str) -> str:
    tree = git(repository.root, "rev-parse", "main^{tree}")
    message = two_batches(base)[1].message.encode()
    id = git(repository.root, "commit-tree", tree, "-p", "m~1", "-F", "-", stdin=message)
    git(repository.root, "update-ref", "refs/heads/m", id)
    return id


def amend_message(repository: Repository, base: str) -> str:
    id = git(repository.root, "commit-tree", "m^{tree}", "-p", "m~1", "-m", "mine")
    git(repository.root, "update-ref", "refs/heads/m", id)
    return id


def add_commit(repository: Repository, base: str) -> str:
    id = git(repository.root, "commit-tree", "m^{tree}", "-p", "m", "-m", "on top")
    git(repository.root, "update-ref", "refs/heads/m", id)
    return id


def merge(repository: Repository, base: str) -> str:
    message = two_batches(base)[1].message.encode()
    parents = ("-p", "m~1", "-p", "main")
    id = git(repository.root, "commit-tree", "m^{tree}", *parents, "-F", "-", stdin=message)
    git(repository.root, "update-ref", "refs/heads/m", id)
    return id


def start_elsewhere(repository: Repository, base: str) -> str:
    id = git(repository.root, "commit-tree", "main^{tree}", "-m", "another root")
    git(repository.root, "update-ref", "refs/heads/m", id)
    return id


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (amend_tree, "has other files than batch 2 gives"),
        (amend_message, "is not batch 2"),
        (add_commit, "comes after the last batch"),
        (merge, "does not follow"),
        (start_elsewhere, "does not follow"),
    ],
)
def test_a_branch_with_other_content_is_refused_and_kept(
    repository: Repository, base: str, change, why: str
) -> None:
    repository.commit_batches(base, "m", two_batches(base))
    id = change(repository, base)
    with pytest.raises(RepositoryError, match=f"commit {id[:9]} {why}") as raised:
        repository.commit_batches(base, "m", two_batches(base))
    assert "--branch" in str(raised.value)
    assert "git branch -D m" in str(raised.value)
    assert repository.branch_tip("m") == id


def test_a_branch_behind_the_base_is_refused(repository: Repository, base: str) -> None:
    git(repository.root, "branch", "m")
    git(repository.root, "commit", "-q", "--allow-empty", "-m", "later")
    later = repository.head() or ""
    with pytest.raises(RepositoryError, match=f"ends at {base[:9]}, before"):
        repository.commit_batches(later, "m", two_batches(later))


def test_a_branch_that_moves_meanwhile_is_not_overwritten(
    repository: Repository, base: str
) -> None:
    foreign = git(repository.root, "commit-tree", "main^{tree}", "-p", base, "-m", "theirs")

    def move(_: Batch) -> None:
        git(repository.root, "update-ref", "refs/heads/m", foreign)

    with pytest.raises(RepositoryError, match="moved the branch meanwhile"):
        repository.commit_batches(base, "m", two_batches(base), move)
    assert repository.branch_tip("m") == foreign


def test_a_branch_in_the_way_of_the_name_is_said(repository: Repository, base: str) -> None:
    git(repository.root, "branch", "migrate")
    with pytest.raises(RepositoryError, match=r"refs/heads/migrate[\s\S]*--branch"):
        repository.commit_batches(base, "migrate/x", two_batches(base))


@pytest.mark.parametrize("path", ["gone.py", "a.py/b.py", "pkg", "pkg/sub/c.py/d.py"])
def test_a_batch_changes_only_regular_files_of_the_base(
    repository: Repository, base: str, path: str
) -> None:
    with pytest.raises(RepositoryError, match=f"'{path}', which is no regular file"):
        repository.commit_batches(base, "m", [batch(1, 1, {path: b""}, base)])
    assert repository.branch_tip("m") is None


def test_replaced_objects_do_not_get_into_commits(repository: Repository, base: str) -> None:
    decoy = git(repository.root, "hash-object", "-w", "--stdin", stdin=b"decoy\n")
    git(repository.root, "replace", git(repository.root, "rev-parse", "main:d.txt"), decoy)
    tree = git(repository.root, "mktree", stdin=f"100644 blob {decoy}\tdecoy\n".encode())
    git(repository.root, "replace", git(repository.root, "rev-parse", "main:pkg"), tree)
    repository.commit_batches(base, "m", two_batches(base))
    names = git(repository.root, "--no-replace-objects", "ls-tree", "-r", "--name-only", "m")
    assert names.split() == sorted(FILES)


def test_switching_checks_the_branch_out(repository: Repository, base: str) -> None:
    repository.commit_batches(base, "m", two_batches(base))
    repository.switch("m")
    assert git(repository.root, "branch", "--show-current") == "m"
    assert (repository.root / "pkg" / "b.py").read_bytes() == b"b = 2\r\n"


def test_switching_over_changes_fails_with_gits_words(repository: Repository, base: str) -> None:
    repository.commit_batches(base, "m", two_batches(base))
    write(repository.root, {"a.py": b"mine\n"})
    with pytest.raises(RepositoryError, match="local changes to the following files"):
        repository.switch("m")
    assert (repository.root / "a.py").read_bytes() == b"mine\n"


# Trouble


def fake_git(folder: Path, failing: str, words: str) -> str:
    """A PATH on which `git <failing>` fails with these words and all else is git."""
    folder.mkdir()
    which = "import shutil; print(shutil.which('git'))"
    real = subprocess.check_output([sys.executable, "-c", which], text=True).strip()
    script = f"""\
        #!/bin/sh
        case " $* " in
        *" {failing} "*) cat > /dev/null; echo "{words}" >&2; exit 128 ;;
        esac
        exec {shlex.quote(real)} "$@"
        """
    (folder / "git").write_text(textwrap.dedent(script))
    (folder / "git").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@posix_only
@pytest.mark.parametrize("failing", ["unpack-objects", "commit-tree", "update-ref"])
def test_a_full_disk_loses_nothing_and_the_next_run_completes(
    repository: Repository, base: str, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    contents = two_batches(base)
    before = state(repository)
    words = "fatal: write error: No space left on device"
    path = fake_git(repository.root.parent / "bin", failing, words)

    def fill(_: Batch) -> None:
        monkeypatch.setenv("PATH", path)

    with pytest.raises(RepositoryError, match=r"No space left[\s\S]*Free some disk space"):
        repository.commit_batches(base, "m", contents, fill)
    monkeypatch.undo()
    isolate_git(monkeypatch, repository.root.parent)
    assert state(repository) == before
    assert len(repository.completed_batches(base, "m", contents)) == 1
    assert len(repository.commit_batches(base, "m", contents)) == 2
    git(repository.root, "fsck", "--strict")


LIMITED = """
import pathlib, resource, sys
from migrate.repository import Repository
from migrate.model import Batch, BatchContent
repository = Repository.find(pathlib.Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
content = BatchContent(Batch(1, "demo", "t", ("a.py",)), "t", {"a.py": pathlib.Path(
    sys.argv[2]).read_bytes()})
repository.commit_batches(repository.head(), "m", [content])
"""


@posix_only
def test_a_write_that_the_system_cuts_short_loses_nothing(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "big").write_bytes(random.Random(1).randbytes(100_000))
    command = [sys.executable, "-c", LIMITED, str(repository.root), str(tmp_path / "big")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert "RepositoryError: git unpack-objects failed in" in result.stderr
    assert repository.branch_tip("m") is None
    git(repository.root, "fsck", "--strict")


def test_an_object_store_that_cannot_be_written_is_said(repository: Repository, base: str) -> None:
    for number in range(256):  # A file where git wants a folder stops root, too.
        place = repository.common_dir / "objects" / f"{number:02x}"
        if not place.exists():
            place.touch()
    with pytest.raises(RepositoryError, match="git unpack-objects failed in"):
        repository.commit_batches(base, "m", two_batches(base))
    assert repository.branch_tip("m") is None


@needs_modes
def test_a_read_only_git_folder_is_said(repository: Repository, base: str) -> None:
    folders = [repository.common_dir, *repository.common_dir.rglob("*")]
    for folder in folders:
        folder.chmod(0o555)
    try:
        with pytest.raises(RepositoryError, match="writable"):
            repository.commit_batches(base, "m", two_batches(base))
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_a_stale_lock_of_the_branch_is_named(repository: Repository, base: str) -> None:
    lock = repository.common_dir / "refs" / "heads" / "m.lock"
    lock.touch()
    with pytest.raises(RepositoryError, match=r"m\.lock[\s\S]*delete that file"):
        repository.commit_batches(base, "m", two_batches(base))
    lock.unlink()
    assert len(repository.commit_batches(base, "m", two_batches(base))) == 2


COMMIT = """
import pathlib, pickle, sys
from migrate.repository import Repository
repository = Repository.find(pathlib.Path(sys.argv[1]))
contents = pickle.loads(pathlib.Path(sys.argv[2]).read_bytes())
repository.commit_batches(sys.argv[3], sys.argv[4], contents, lambda _: print("one", flush=True))
"""


def test_a_run_killed_at_any_moment_is_completed_by_the_next_to_the_same_tree(
    tmp_path: Path,
) -> None:
    files = {f"p{n % 7}/m{n}.py": b"x = %d\n" % n for n in range(40)}
    root = make_repository(tmp_path / "repo", files)
    repository = found(root)
    base = repository.head() or ""
    changes = [{path: b"y = 1\n" + data} for path, data in files.items()]
    contents = [batch(n, len(changes), change, base) for n, change in enumerate(changes, 1)]
    repository.commit_batches(base, "whole", contents)
    (tmp_path / "contents").write_bytes(pickle.dumps(contents))
    before = state(repository)
    chance = random.Random(20250917)
    for branch in ("m1", "m2", "m3", "m4", "m5", "m6"):
        arguments = [str(root), str(tmp_path / "contents"), base, branch]
        command = [sys.executable, "-c", COMMIT, *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
            assert run.stdout is not None
            for _ in range(chance.randrange(1, 6)):
                run.stdout.readline()
            time.sleep(chance.uniform(0, 0.02))
            run.kill()
        assert run.returncode != 0
        git(root, "fsck", "--strict")
        assert state(repository) == before
        done = repository.completed_batches(base, branch, contents)
        assert 1 <= len(done) < len(contents)
        # In a process of its own, as the next run would be.
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        ids = repository.completed_batches(base, branch, contents)
        assert ids[: len(done)] == done
        assert git(root, "diff", "--stat", "whole", branch) == ""
        assert len(ids) == len(contents)
    git(root, "fsck", "--strict")
