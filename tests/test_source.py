from __future__ import annotations

import errno
import os
import pickle
import shutil
from pathlib import Path

import pytest
from gitrepo import git, isolate_git, make_repository, needs_modes, write

from migrate.model import TreeEntry
from migrate.repository import Repository
from migrate.source import CommitTree, Memory, Overlay, Source, WorkingTree

posix_only = pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")
FILES = {"a.py": b"a\n", "pkg/b.py": b"b\r\n"}


def blob_elsewhere(blob: str) -> bytes:
    """A `read_blob` for tests, which shows that it was asked."""
    return b"blob " + blob.encode()


def tree(root: Path, *paths: str) -> WorkingTree:
    return WorkingTree(root, sorted(paths))


# The working tree


def test_the_working_tree_is_read_as_it_is(tmp_path: Path) -> None:
    data = bytes(range(256)) + b"\r\n\x1a\n"
    write(tmp_path, {"a.py": data, "empty.py": b""})
    assert tree(tmp_path, "a.py", "empty.py").read("a.py") == data
    assert tree(tmp_path, "a.py", "empty.py").read("empty.py") == b""


def test_a_file_that_vanishes_is_not_found(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    source = tree(tmp_path, *FILES)
    assert source.read("pkg/b.py") == b"b\r\n"
    shutil.rmtree(tmp_path / "pkg")
    with pytest.raises(FileNotFoundError) as raised:
        source.read("pkg/b.py")
    assert raised.value.filename == "pkg/b.py"


@pytest.mark.parametrize("path", ["b.py", "../outside.py", "/etc/passwd", "", "pkg", "a.py/"])
def test_a_path_that_is_not_listed_is_not_found(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    write(tmp_path, {"outside.py": b"secret", "root/a.py": b"", "root/b.py": b""})
    with pytest.raises(FileNotFoundError):
        tree(root, "a.py").read(path)


def test_a_folder_called_like_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.py").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        tree(tmp_path, "x.py").read("x.py")


@needs_modes
def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "a.py").chmod(0)
    with pytest.raises(PermissionError):
        tree(tmp_path, *FILES).read("a.py")


@posix_only
def test_links_pipes_and_devices_are_errors_and_do_not_block(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "inside.py").symlink_to("a.py")
    (tmp_path / "passwd.py").symlink_to("/etc/passwd")
    (tmp_path / "null.py").symlink_to("/dev/null")
    os.mkfifo(tmp_path / "pipe.py")
    names = ("inside.py", "loop.py", "null.py", "passwd.py", "pipe.py")
    for name in names:
        with pytest.raises(OSError, match=r"is a symbolic link|is not a regular file"):
            tree(tmp_path, *names).read(name)
    with pytest.raises(OSError, match="is not a regular file"):
        tree(Path("/dev"), "null").read("null")


@posix_only
def test_a_linked_folder_is_read_only_if_it_leads_below_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(tmp_path, {"outside/a.py": b"secret", "root-too/a.py": b"secret", "root/in/a.py": b"a"})
    for name, target in {"out": "outside", "sibling": "root-too", "fine": "root/in"}.items():
        (root / name).symlink_to(tmp_path / target, target_is_directory=True)
    (root / "deep").mkdir()
    (root / "deep" / "loop").symlink_to("loop")
    paths = ("out/a.py", "sibling/a.py", "fine/a.py", "deep/loop/a.py")
    source = tree(root, *paths)
    assert source.read("fine/a.py") == b"a"
    for path in ("out/a.py", "sibling/a.py"):
        with pytest.raises(OSError, match="leads away") as raised:
            source.read(path)
        assert raised.value.errno == errno.ELOOP
    with pytest.raises(OSError, match="deep/loop"):
        source.read("deep/loop/a.py")


@posix_only
def test_a_root_that_is_reached_through_a_link_is_no_trouble(tmp_path: Path) -> None:
    write(tmp_path / "real", FILES)
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    assert tree(tmp_path / "link", *FILES).read("pkg/b.py") == b"b\r\n"


@posix_only
def test_names_may_hold_any_character(tmp_path: Path) -> None:
    names = [" a.py", "q\"uo'te.py", "new\nline.py", "back\\slash.py"]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    source = tree(tmp_path, *names)
    assert [source.read(name) for name in names] == [name.encode() for name in names]


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="needs Linux file names")
def test_names_need_not_be_utf_8(tmp_path: Path) -> None:
    name = os.fsdecode(b"latin-\xe9.py")
    (tmp_path / name).write_bytes(b"x")
    assert tree(tmp_path, name).read(name) == b"x"


# A commit


def commit_tree(root: Path) -> CommitTree:
    repository = Repository.find(root)
    assert repository is not None
    head = repository.head()
    assert head is not None
    return CommitTree(
        root, repository.commit_files(head), repository.changed_paths(), repository.read_blob
    )


@pytest.fixture(params=["sha1", "sha256"])
def root(request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate_git(monkeypatch, tmp_path)
    return make_repository(tmp_path / "repo", FILES, object_format=request.param)


def test_a_commit_is_read_byte_for_byte_whatever_is_in_the_working_tree(root: Path) -> None:
    write(root, {"a.py": b"dirty\n", "untracked.py": b""})
    (root / "pkg" / "b.py").unlink()
    source = commit_tree(root)
    assert source.paths == sorted(FILES)
    assert {path: source.read(path) for path in source.paths} == FILES


def test_a_commit_is_read_past_what_checkout_converts(root: Path) -> None:
    git(root, "config", "core.autocrlf", "true")
    (root / "a.py").unlink()
    git(root, "checkout", "a.py")
    assert (root / "a.py").read_bytes() == b"a\r\n"
    source = commit_tree(root)
    assert "a.py" not in source.changed
    assert source.read("a.py") == b"a\n"


def test_a_file_that_changes_after_the_look_at_the_repository_is_read_from_the_commit(
    root: Path,
) -> None:
    source = commit_tree(root)
    write(root, {"a.py": b"changed meanwhile\n"})
    assert source.changed == frozenset()
    assert source.read("a.py") == b"a\n"


def test_a_working_file_with_the_blobs_content_spares_git(root: Path) -> None:
    entries = commit_tree(root).entries
    spared = CommitTree(root, entries, frozenset({"pkg/b.py"}), blob_elsewhere)
    assert spared.read("a.py") == b"a\n"
    assert spared.read("pkg/b.py") == b"blob " + entries["pkg/b.py"].blob.encode()


def test_a_path_that_the_commit_does_not_have_is_not_found(root: Path) -> None:
    write(root, {"untracked.py": b""})
    for path in ("untracked.py", "pkg", "../x"):
        with pytest.raises(FileNotFoundError):
            commit_tree(root).read(path)


def test_a_blob_that_git_cannot_give_is_a_read_error_of_that_file(root: Path) -> None:
    source = commit_tree(root)
    entries = {
        **source.entries,
        "lost.py": TreeEntry("100644", "1" * len(source.entries["a.py"].blob)),
    }
    broken = CommitTree(root, entries, source.changed, source.read_blob)
    with pytest.raises(OSError, match="git fsck"):
        broken.read("lost.py")
    assert broken.read("a.py") == b"a\n"


# Over one another


def test_an_overlay_replaces_and_adds_files() -> None:
    base = Memory({"a.py": b"a", "c.py": b"c"})
    source = Overlay(Overlay(base, {"b.py": b"b", "c.py": b"1"}), {"c.py": b"", "z.py": b"z"})
    assert source.paths == ["a.py", "b.py", "c.py", "z.py"]
    assert [source.read(path) for path in source.paths] == [b"a", b"b", b"", b"z"]
    for reader in (source, base):
        with pytest.raises(FileNotFoundError):
            reader.read("missing.py")


def test_every_source_can_be_sent_to_a_worker(root: Path) -> None:
    sources: list[Source] = [
        tree(root, *FILES),
        commit_tree(root),
        Memory(FILES),
        Overlay(tree(root, *FILES), {"a.py": b"new"}),
    ]
    for source in sources:
        expected = [source.read(path) for path in source.paths]
        copy = pickle.loads(pickle.dumps(source))
        assert list(copy.paths) == sorted(FILES)
        assert [copy.read(path) for path in copy.paths] == expected
