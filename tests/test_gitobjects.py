from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from gitrepo import git, isolate_git, make_repository, write

from migrate.gitobjects import object_id, pack, replace_blobs


@pytest.fixture(params=["sha1", "sha256"])
def root(request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate_git(monkeypatch, tmp_path)
    # "a-b" sorts before "a/" and "a0" after it: git orders folders by their name with a slash.
    files = {"a-b": b"1", "a/deep/er/f.py": b"2", "a/g.py": b"3", "a0": b"4", "é/h.py": b"5"}
    return make_repository(tmp_path / "repo", files, object_format=request.param)


def test_git_takes_packed_blobs_of_any_size_under_the_ids_computed_here(root: Path) -> None:
    like = git(root, "rev-parse", "HEAD")
    # A pack writes a size in 4 bits and then 7 at a time.
    sizes = [0, 1, 15, 16, 2047, 2048, 2**18 - 1, 2**18, 3_000_000]
    contents = [random.Random(size).randbytes(size) for size in sizes]
    git(root, "unpack-objects", "-q", stdin=pack([("blob", data) for data in contents], like))
    for data in contents:
        id = object_id("blob", data, like)
        assert git(root, "cat-file", "-s", id) == str(len(data))
    git(root, "fsck", "--strict")


def test_a_tree_with_replaced_blobs_is_the_one_that_git_makes(root: Path) -> None:
    changed = {"a-b": b"one", "a/deep/er/f.py": b"two", "é/h.py": b"five"}
    before = git(root, "rev-parse", "HEAD^{tree}")
    write(root, changed)
    git(root, "commit", "-qam", "changed")

    def read(tree: str) -> bytes:
        return subprocess.check_output(["git", "cat-file", "tree", tree], cwd=root)

    blobs = {path.encode(): object_id("blob", data, before) for path, data in changed.items()}
    after, trees = replace_blobs(read, before, blobs)
    assert after == git(root, "rev-parse", "HEAD^{tree}")
    assert {object_id("tree", data, before) for data in trees} == {
        after,
        *(git(root, "rev-parse", f"HEAD:{path}") for path in ("a", "a/deep", "a/deep/er", "é")),
    }


@pytest.mark.parametrize("path", [b"new.py", b"a", b"a0/x.py", b"a/deep/missing.py"])
def test_only_regular_files_of_the_tree_can_be_replaced(root: Path, path: bytes) -> None:
    def read(tree: str) -> bytes:
        return subprocess.check_output(["git", "cat-file", "tree", tree], cwd=root)

    tree = git(root, "rev-parse", "HEAD^{tree}")
    with pytest.raises(LookupError) as raised:
        replace_blobs(read, tree, {path: tree})
    assert raised.value.args == (path,)
