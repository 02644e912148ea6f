"""Differences are what `git apply` takes, and it makes of them exactly the new bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from gitrepo import git, isolate_git, make_repository, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.diff import hunks, unified
from migrate.model import Span

# Line endings may be mixed, lines may repeat, and the last one may lack its end.
LINES = st.sampled_from(["a", "b", "é€😀", "", " ", "\t", "\f", "- x", "+++ b/x", "\u2028", "\x85"])
ENDINGS = st.sampled_from(["\n", "\n", "\r\n", "\r"])
CONTENTS = st.builds(
    lambda lines, last: "".join(line + end for line, end in lines) + last,
    st.lists(st.tuples(LINES, ENDINGS), max_size=12),
    st.sampled_from(["", "", "end"]),
).map(str.encode)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("diff")
    with pytest.MonkeyPatch.context() as patch:
        isolate_git(patch, folder)
        make_repository(folder / "repo")
        git(folder / "repo", "config", "core.autocrlf", "false")
    return folder / "repo"


def applied(root: Path, path: str, before: bytes, after: bytes) -> bytes:
    write(root, {path: before})
    patch = unified(path, before, after).encode("utf-8", "surrogateescape")
    git(root, "apply", "--whitespace=nowarn", "-", stdin=patch)
    return (root / path).read_bytes()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.tuples(CONTENTS, CONTENTS).filter(lambda pair: pair[0] and pair[1] and pair[0] != pair[1])
)
def test_a_difference_applies_to_exactly_the_new_bytes(
    root: Path, pair: tuple[bytes, bytes]
) -> None:
    assert applied(root, "m.py", *pair) == pair[1]


@pytest.mark.parametrize("path", ["with space.py", "a/b c/d.py", "é.py", "quote's.py"])
def test_a_path_may_have_spaces_and_letters_beyond_ascii(root: Path, path: str) -> None:
    assert applied(root, path, b"a\n", b"b\n") == b"b\n"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such names")
@pytest.mark.parametrize(
    "path", ['quote".py', "new\nline.py", "tab\t.py", "back\\slash.py", "\x1b.py"]
)
def test_a_path_is_quoted_as_git_does(root: Path, path: str) -> None:
    assert applied(root, path, b"a\n", b"b\n") == b"b\n"


def test_the_byte_order_mark_is_part_of_the_first_line(root: Path) -> None:
    before = b"\xef\xbb\xbfa = 1\nb\n"
    assert applied(root, "m.py", before, before.replace(b"1", b"2")) == before.replace(b"1", b"2")


def test_equal_contents_have_no_difference() -> None:
    assert unified("m.py", b"a\r\n", b"a\r\n") == ""


def test_other_encodings_are_shown_in_utf_8_and_cannot_be_applied() -> None:
    """A report is text of one encoding; the commits of --apply have the file's own bytes."""
    before = "# coding: latin-1\nx = 'é'\n".encode("latin-1")
    after = before.replace(b"x", b"y")
    assert unified("m.py", before, after).splitlines()[-2:] == ["-x = 'é'", "+y = 'é'"]


@given(CONTENTS, CONTENTS)
def test_hunks_are_apart_and_make_the_new_content(before: bytes, after: bytes) -> None:
    behind, made = 0, b""
    for number, edit in enumerate(hunks(before, after)):
        kept = before[behind : edit.span.start]
        assert kept or not number
        assert before[edit.span.start : edit.span.end] != edit.replacement
        made += kept + edit.replacement
        behind = edit.span.end
    assert made + before[behind:] == after


def test_a_hunk_is_the_lines_that_differ_without_the_last_line_ending() -> None:
    (edit,) = hunks(b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nc\r\n")
    assert (edit.span, edit.replacement) == (Span(3, 4), b"B")


def test_a_hunk_of_whole_lines_that_go_takes_their_line_ending_with_it() -> None:
    (edit,) = hunks(b"a\nb\nc\n", b"a\nc\n")
    assert (edit.span, edit.replacement) == (Span(2, 4), b"")
