from __future__ import annotations

import os
from pathlib import Path

import pytest
from gitrepo import needs_modes, write
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from migrate.discovery import folder_files, relative_wanted, select
from migrate.errors import UsageError

posix_only = pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")


# All files below a folder


def test_all_regular_files_below_a_folder_are_listed_sorted(tmp_path: Path) -> None:
    files = ["b.py", "a/z.txt", "a/b/c.py", "a.py", "build/x.py", "dist/y.py", ".hidden/h.py"]
    write(tmp_path, dict.fromkeys(files, b""))
    assert folder_files(tmp_path).files == sorted(files)
    assert folder_files(tmp_path).unreadable == {}


def test_folders_of_tools_are_left_out_at_any_depth_but_not_files_called_so(
    tmp_path: Path,
) -> None:
    skipped = [".git/x.py", "a/.venv/lib/x.py", "a/b/__pycache__/x.py", "node_modules/x.py"]
    kept = ["a/venv", "b/.git", "envs/x.py"]
    write(tmp_path, dict.fromkeys([*skipped, *kept], b""))
    assert folder_files(tmp_path).files == kept


@posix_only
def test_no_link_is_followed_and_nothing_but_files_is_listed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(tmp_path, {"outside/a.py": b"", "root/real.py": b"", "root/x.py/inner.txt": b""})
    (root / "out").symlink_to(tmp_path / "outside", target_is_directory=True)
    (root / "etc").symlink_to("/etc", target_is_directory=True)
    (root / "self").symlink_to(".", target_is_directory=True)
    (root / "loop.py").symlink_to("loop.py")
    (root / "alias.py").symlink_to("real.py")
    os.mkfifo(root / "pipe.py")
    assert folder_files(root).files == ["real.py", "x.py/inner.txt"]


def test_a_folder_that_cannot_be_read_is_named_and_does_not_stop_the_walk(tmp_path: Path) -> None:
    listing = folder_files(tmp_path / "missing")
    assert listing.files == []
    assert list(listing.unreadable) == ["."]
    assert listing.unreadable["."]


@needs_modes
def test_a_locked_folder_below_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": b"", "locked/b.py": b""})
    (tmp_path / "locked").chmod(0)
    try:
        listing = folder_files(tmp_path)
    finally:
        (tmp_path / "locked").chmod(0o755)
    assert listing.files == ["a.py"]
    assert listing.unreadable == {"locked": "Permission denied"}


@posix_only
def test_names_may_hold_any_character(tmp_path: Path) -> None:
    names = [" a.py", "q\"uo'te.py", "new\nline.py", "back\\slash.py"]
    if os.path.exists("/proc/self"):  # Linux takes any byte.
        names.append(os.fsdecode(b"latin-\xe9.py"))
    for name in names:
        (tmp_path / name).touch()
    assert folder_files(tmp_path).files == sorted(names)
    assert select(sorted(names), ("*.py",), ()) == sorted(names)


# Selecting

PATHS = ["a.py", "docs/a.md", "pkg/b.py", "pkg/gen/c_pb2.py", "pkg/sub/d.pyi", "x.py/data.json"]


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (("*.py",), (), ["a.py", "pkg/b.py", "pkg/gen/c_pb2.py"]),
        (("*.py", "*.pyi"), (), ["a.py", "pkg/b.py", "pkg/gen/c_pb2.py", "pkg/sub/d.pyi"]),
        (("*.py",), ("gen/",), ["a.py", "pkg/b.py"]),
        (("*.py",), ("*_pb2.py", "/a.py"), ["pkg/b.py"]),
        (("*.py",), ("*", "!a.py"), ["a.py"]),
        (("pkg/",), (), ["pkg/b.py", "pkg/gen/c_pb2.py", "pkg/sub/d.pyi"]),
        (("*.py", "docs/*"), (), ["a.py", "docs/a.md", "pkg/b.py", "pkg/gen/c_pb2.py"]),
        (("/*.py", "!x.py"), (), ["a.py"]),
        ((), (), []),
    ],
)
def test_globs_include_and_exclude(
    include: tuple[str, ...], exclude: tuple[str, ...], expected: list[str]
) -> None:
    assert select(PATHS, include, exclude) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ((), ["a.py", "pkg/b.py"]),
        ((".",), ["a.py", "pkg/b.py"]),
        (("pkg",), ["pkg/b.py"]),
        (("pk",), []),
        (("pkg/b.py", "a.py"), ["a.py", "pkg/b.py"]),
        (("docs/a.md", "pkg/sub"), ["docs/a.md"]),
        (("pkg/sub/d.pyi",), ["pkg/sub/d.pyi"]),
        (("pkg/gen/c_pb2.py",), []),
        (("x.py",), []),
    ],
)
def test_what_is_named_is_taken_unless_it_is_excluded(
    wanted: tuple[str, ...], expected: list[str]
) -> None:
    assert select(PATHS, ("*.py",), ("*_pb2.py",), wanted) == expected


def test_a_newline_in_a_name_hides_nothing_from_the_globs() -> None:
    paths = ["gen/a\nb.py", "new\nline/gen/x.py", "new\nline/x.py", "x.py\n"]
    assert select(paths, ("*.py",), ("gen/",)) == ["new\nline/x.py"]
    assert select(paths, ("*.py", "new*/"), ()) == paths[:3]


@given(
    st.lists(st.text("ab./\nx", min_size=1).map(lambda name: f"{name}.py"), unique=True),
    st.sampled_from([("*.py",), ("*.py", "*.a.py"), ("*.b", "*.py")]),
)
def test_the_fast_test_for_suffixes_agrees_with_gitignore_on_files(
    names: list[str], globs: tuple[str, ...]
) -> None:
    paths = [
        name for name in names if "//" not in name and name[0] not in "/." and "./" not in name
    ]
    spec = GitIgnoreSpec.from_lines(globs)
    assert select(paths, globs, ()) == [p for p in paths if spec.match_file(p.replace("\n", "-"))]


# What the command line names


def test_arguments_become_paths_below_the_root(tmp_path: Path) -> None:
    write(tmp_path, {"pkg/a b.py": b"", "pkg/sub/c.py": b"", "d.py": b""})
    arguments = ["a b.py", "sub", "sub/../sub/c.py", "..", "../d.py", str(tmp_path / "pkg"), "./"]
    wanted = relative_wanted(tmp_path, tmp_path / "pkg", arguments)
    assert wanted == ["pkg/a b.py", "pkg/sub", "pkg/sub/c.py", ".", "d.py", "pkg", "pkg"]
    assert relative_wanted(tmp_path, tmp_path, []) == []


@pytest.mark.parametrize("argument", ["missing.py", "a.py/b", "nul\0.py"])
def test_an_argument_that_is_not_there_is_named(tmp_path: Path, argument: str) -> None:
    write(tmp_path, {"a.py": b""})
    with pytest.raises(UsageError) as raised:
        relative_wanted(tmp_path, tmp_path, [argument])
    assert str(raised.value).startswith(f"{argument}: ")


def test_an_argument_outside_of_the_root_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(tmp_path, {"root/a.py": b"", "root-too/b.py": b""})
    for argument in ("..", "../root-too/b.py", str(tmp_path / "root-too")):
        with pytest.raises(UsageError, match="outside of") as raised:
            relative_wanted(root, root, [argument])
        assert str(raised.value).startswith(f"{argument}: ")


@posix_only
def test_links_are_followed_within_the_root_only(tmp_path: Path) -> None:
    write(tmp_path, {"pkg/a.py": b""})
    (tmp_path / "link").symlink_to("pkg", target_is_directory=True)
    (tmp_path / "alias.py").symlink_to("pkg/a.py")
    (tmp_path / "etc").symlink_to("/etc", target_is_directory=True)
    (tmp_path / "loop").symlink_to("loop")
    wanted = relative_wanted(tmp_path, tmp_path, ["link/a.py", "link", "alias.py"])
    assert wanted == ["pkg/a.py", "pkg", "pkg/a.py"]
    with pytest.raises(UsageError, match=r"^etc: leads to .*outside of"):
        relative_wanted(tmp_path, tmp_path, ["etc"])
    with pytest.raises(UsageError, match=r"^etc/passwd: lies in /etc"):
        relative_wanted(tmp_path, tmp_path, ["etc/passwd"])
    with pytest.raises(UsageError, match=r"^loop: cannot be looked up"):
        relative_wanted(tmp_path, tmp_path, ["loop"])


@posix_only
def test_the_root_may_itself_be_reached_through_a_link(tmp_path: Path) -> None:
    write(tmp_path, {"real/a.py": b""})
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    assert relative_wanted(tmp_path / "link", tmp_path / "link", ["a.py"]) == ["a.py"]
    assert relative_wanted(tmp_path / "real", tmp_path, ["link/a.py", "link"]) == ["a.py", "."]
