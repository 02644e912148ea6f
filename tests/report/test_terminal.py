"""Nothing from an analysed file can act on a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.report.terminal import Ink, counted, escape, escape_source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\rb", r"a\rb"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x7f\x00", r"\x7f\x00"),
        ("\u202eabc\u2069", r"\u202eabc\u2069"),
        ("a\u2028b\u200bc\ufeff", r"a\u2028b\u200bc\ufeff"),
        ("\udc80", r"\udc80"),
        ("\U000e0041", r"\U000e0041"),
        ("[bold]no markup[/bold]", "[bold]no markup[/bold]"),
        ("Füße 漢字 👩‍💻 C:\\new", "Füße 漢字 👩‍💻 C:\\new"),
    ],
)
def test_escapes_what_could_act_and_leaves_the_rest(text: str, expected: str) -> None:
    assert escape(text) == expected


def test_source_keeps_its_tabs() -> None:
    assert escape_source("\tif x:\r\x1b") == "\tif x:" + r"\r\x1b"


@given(st.text(st.characters(codec=None)))
def test_no_control_no_direction_and_no_surrogate_is_left(text: str) -> None:
    escaped = escape(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in escaped)
    assert not any(
        unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI")
        for char in escaped
    )
    escaped.encode("utf-8")


def test_without_colour_ink_adds_nothing() -> None:
    assert Ink(False)("red", "x") == "x"
    assert Ink(True)("red", "x") == "\x1b[31mx\x1b[0m"
    assert Ink(True)("red", "") == ""


def test_counts_have_their_noun_in_the_right_number() -> None:
    assert [counted(n, "file") for n in (0, 1, 1204)] == ["0 files", "1 file", "1,204 files"]
