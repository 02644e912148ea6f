"""Differences for a person."""

from __future__ import annotations

from dataclasses import replace

from report_samples import file

from migrate.report.diff import changes, patch, stat
from migrate.report.terminal import Ink

PLAIN = Ink()


def test_a_patch_without_colour_is_the_diff_itself() -> None:
    changed = file("x.py", old="a\nb\n", new="a\nc\n")
    assert "\n".join(patch(changed, PLAIN)) + "\n" == changed.diff


def test_a_patch_is_coloured_as_git_does() -> None:
    lines = list(patch(file("x.py", old="-- old\n", new="++ new\n"), Ink(True)))
    assert lines == [
        "\x1b[1m--- a/x.py\x1b[0m",
        "\x1b[1m+++ b/x.py\x1b[0m",
        "\x1b[36m@@ -1 +1 @@\x1b[0m",
        "\x1b[31m--- old\x1b[0m",
        "\x1b[32m+++ new\x1b[0m",
    ]


def test_a_patch_shows_carriage_returns_only_where_they_are_odd() -> None:
    crlf = file("x.py", old="a\r\nb\r\n", new="a\r\nc\r\n")
    assert list(patch(crlf, PLAIN))[3:] == [" a", "-b", "+c"]
    mixed = replace(crlf, diff="--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n a\r\n-b\n+c\n")
    assert list(patch(mixed, PLAIN))[3:] == [r" a\r", "-b", "+c"]


def test_a_patch_escapes_path_and_source_and_keeps_odd_line_separators_inside_a_line() -> None:
    body = "@@ -1 +1 @@\n-a\x0cb\u2028c\n+\tf('\x1b]0;x\x07')\n"
    changed = replace(file("\x1b[2J\n"), diff=f"--- a/x\n+++ b/x\n{body}")
    assert list(patch(changed, PLAIN)) == [
        r"--- a/\x1b[2J\n",
        r"+++ b/\x1b[2J\n",
        "@@ -1 +1 @@",
        r"-a\x0cb\u2028c",
        "+\tf('" + r"\x1b]0;x\x07" + "')",
    ]


def test_changes_counts_lines_and_not_headers() -> None:
    assert changes(file("x.py", old="-- a\nb\n", new="++ a\nb\nc\n").diff) == (2, 1)
    assert changes("") == (0, 0)


def test_stat_is_laid_out_as_git_does() -> None:
    files = [
        file("pkg/a.py", old="a\n", new="b\nc\n"),
        file("pkg/longer.py", old="x\n" * 12, new="y\n" * 2),
    ]
    assert list(stat(files, 80, PLAIN)) == [
        " pkg/a.py      |  3 ++-",
        " pkg/longer.py | 14 ++------------",
        " 2 files changed, 4 insertions(+), 13 deletions(-)",
    ]


def test_stat_fits_the_width_and_no_change_loses_its_sign() -> None:
    files = [
        file("a" * 200 + "/end.py", old="a\n" * 999, new="b\n"),
        file("b.py", old="a\n", new="b\n"),
    ]
    lines = list(stat(files, 60, PLAIN))
    assert max(map(len, lines)) <= 60
    assert lines[0].startswith(" ...aaa")
    assert "end.py" in lines[0]
    assert all("+" in line and "-" in line for line in lines)
