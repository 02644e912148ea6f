"""Streams, and files written whole or not at all."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from migrate.cli import console
from migrate.errors import UsageError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _neutral(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_colour_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    assert console.shows_color(Terminal())
    assert not console.shows_color(io.StringIO())
    assert not console.shows_color(None)
    monkeypatch.setenv("TERM", "dumb")
    assert not console.shows_color(Terminal())


def test_no_color_wins_over_force_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert console.shows_color(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not console.shows_color(Terminal())


def test_the_width_is_fixed_without_a_terminal_and_bounded_on_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for columns, expected in (("20", 40), ("100", 100), ("300", 120)):
        monkeypatch.setenv("COLUMNS", columns)
        assert console.width(io.StringIO()) == 80
        assert console.width(Terminal()) == expected


def test_save_replaces_a_file_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o600)
    console.save(path, "neu: ü \udc80\n")
    assert path.read_bytes() == "neu: ü \\udc80\n".encode()
    assert sys.platform == "win32" or path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["report.json"]


def test_save_writes_through_a_link(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("links need a privilege there")
    (tmp_path / "link").symlink_to("real")
    console.save(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "text"


@pytest.mark.skipif(sys.platform == "win32", reason="needs /dev/null")
def test_save_writes_to_a_device(tmp_path: Path) -> None:
    console.save(Path("/dev/null"), "text")
    assert not Path("/dev/null").is_file()


def test_save_that_fails_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.mkdir()
    with pytest.raises(UsageError, match="--output: cannot write"):
        console.save(path, "text")
    assert os.listdir(tmp_path) == ["taken"]


def test_progress_shows_on_a_terminal_only_and_wipes_its_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for stream, verbosity, shown in ((Terminal(), 0, True), (Terminal(), -1, False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with console.progress(verbosity) as progress:
            progress("parse", 1, 2000)
        assert ("\rparse: 1/2,000 " in stream.getvalue()) == shown
        assert stream.getvalue().rpartition("\r")[2] == ""
    plain = io.StringIO()
    monkeypatch.setattr(sys, "stderr", plain)
    with console.progress(0) as progress:
        progress("parse", 1, 2000)
    assert plain.getvalue() == ""
