"""The configuration: what is read, from where, and how every mistake is named."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from migrate.config import load
from migrate.errors import UsageError
from migrate.model import Settings

KNOWN = {"metadata-storage": None, "context-imports": None}


def write(root: Path, name: str, text: str) -> None:
    (root / name).write_text(text, encoding="utf-8")


def refusal(root: Path) -> str:
    with pytest.raises(UsageError) as caught:
        load(root, KNOWN)
    return str(caught.value)


def test_without_any_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path, KNOWN) == Settings()


def test_every_key_is_read_from_pyproject(tmp_path: Path) -> None:
    write(
        tmp_path,
        "pyproject.toml",
        """
        [tool.migrate]
        codemods = ["metadata-storage"]
        include = ["src/**/*.py"]
        exclude = ["build"]
        priority = ["src/core/**", "src/**"]
        batch-size = 5
        [tool.migrate.metadata-storage]
        attribute = "meta"
        contexts = ["a.B"]
        """,
    )
    settings = load(tmp_path, KNOWN)
    assert settings.codemods == ("metadata-storage",)
    assert settings.include == ("src/**/*.py",)
    assert settings.exclude == ("build",)
    assert settings.priority == ("src/core/**", "src/**")
    assert settings.batch_size == 5
    assert settings.options == {"metadata-storage": {"attribute": "meta", "contexts": ["a.B"]}}


def test_migrate_toml_needs_no_prefix_and_wins_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "[tool.migrate]\nbatch-size = 5\nexclude = ['x']\n")
    write(tmp_path, "migrate.toml", "batch-size = 7\n[metadata-storage]\nattribute = 'm'\n")
    settings = load(tmp_path, KNOWN)
    assert (settings.batch_size, settings.exclude) == (7, ())
    assert settings.options == {"metadata-storage": {"attribute": "m"}}


def test_a_byte_order_mark_and_crlf_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "migrate.toml").write_bytes(b"\xef\xbb\xbfbatch-size = 7\r\nexclude = []\r\n")
    assert load(tmp_path, KNOWN).batch_size == 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exlude = []", "unknown key 'exlude'"),
        ("[tool.migrate]", "unknown key 'tool'"),
        ("[other-codemod]\na = 1", "unknown key 'other-codemod'"),
        ("metadata-storage = 3", "metadata-storage must be a table"),
        ("codemods = ['nope']", "codemods: no codemod 'nope'"),
        ("codemods = 'metadata-storage'", "codemods must be a list of strings"),
        ("exclude = [1]", "exclude must be a list of strings, not [1]"),
        ("batch-size = '20'", "batch-size must be an integer of at least 1, not '20'"),
        ("batch-size = true", "batch-size must be an integer of at least 1, not True"),
        ("batch-size = 0", "batch-size must be an integer of at least 1, not 0"),
        (f"include = 0x{'f' * 5000}", "include must be a list of strings, not a huge integer"),
        (f"include = {'9' * 5000}", "not valid TOML"),
        ("include = [\n'a'\nb", "not valid TOML: Unclosed array (at line 3, column 1)"),
        ("[" * 2 + "x", "not valid TOML"),
        ("a = " + "[" * 100_000, "nested too deeply"),
    ],
)
def test_a_mistake_in_migrate_toml_is_named_with_file_and_key(
    tmp_path: Path, text: str, expected: str
) -> None:
    write(tmp_path, "migrate.toml", text)
    message = refusal(tmp_path)
    assert message.startswith("migrate.toml: ")
    assert expected in message
    assert len(message) < 300


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[tool.migrate]\nbatch-size = []", "pyproject.toml: [tool.migrate]: batch-size must be"),
        ("tool = 1", "pyproject.toml: tool must be a table"),
        ("[tool]\nmigrate = 1", "pyproject.toml: tool.migrate must be a table"),
        ("[tool.ruff\n", "pyproject.toml: not valid TOML"),
    ],
)
def test_a_mistake_in_pyproject_is_named_with_file_and_key(
    tmp_path: Path, text: str, expected: str
) -> None:
    write(tmp_path, "pyproject.toml", text)
    assert expected in refusal(tmp_path)


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "migrate.toml").write_bytes(b"exclude = []\n# caf\xe9\n")
    assert refusal(tmp_path) == "migrate.toml: not valid TOML: not UTF-8 (at line 2)"


def test_a_broken_pyproject_matters_only_where_settings_would_come_from_it(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "not toml")
    write(tmp_path, "migrate.toml", "batch-size = 3")
    assert load(tmp_path, KNOWN) == Settings(batch_size=3)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "migrate.toml", "#" * 4_000_001)
    assert "larger than" in refusal(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads anything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "migrate.toml", "")
    (tmp_path / "migrate.toml").chmod(0)
    assert "cannot be read" in refusal(tmp_path)


def test_a_directory_of_that_name_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "migrate.toml").mkdir()
    (tmp_path / "pyproject.toml").mkdir()
    assert load(tmp_path, KNOWN) == Settings()


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
def test_a_pipe_of_that_name_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "migrate.toml")
    assert load(tmp_path, KNOWN) == Settings()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    write(tmp_path, "elsewhere.toml", "secret = 'value'")
    (root / "migrate.toml").symlink_to(tmp_path / "elsewhere.toml")
    message = refusal(root)
    assert "leads out of the repository" in message
    assert "secret" not in message


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_inside_the_repository_is_followed_and_a_loop_is_no_file(tmp_path: Path) -> None:
    write(tmp_path, "real.toml", "batch-size = 4")
    (tmp_path / "migrate.toml").symlink_to("real.toml")
    (tmp_path / "ruff.toml").symlink_to("ruff.toml")
    assert load(tmp_path, KNOWN) == Settings(batch_size=4)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pyproject.toml": "[tool.ruff]\nline-length = 100\n[tool.black]\nline-length = 79"}, 100),
        ({"pyproject.toml": "[tool.black]\nline-length = 79"}, 79),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 100", "ruff.toml": "line-length = 90"}, 90),
        ({"ruff.toml": "line-length = 90", ".ruff.toml": "line-length = 70"}, 70),
        ({"ruff.toml": "broken", "pyproject.toml": "[tool.black]\nline-length = 79"}, 79),
        ({"ruff.toml": "line-length = true"}, 88),
        ({"ruff.toml": "line-length = 100000"}, 88),
        ({"pyproject.toml": "[tool]\nruff = 3\nblack = []"}, 88),
        ({"migrate.toml": "", "pyproject.toml": "[tool.ruff]\nline-length = 100"}, 100),
        ({"migrate.toml": "", "pyproject.toml": "tool = 3"}, 88),
    ],
)
def test_the_line_length_is_the_repositorys_own(
    tmp_path: Path, files: dict[str, str], expected: int
) -> None:
    for name, text in files.items():
        write(tmp_path, name, text)
    assert load(tmp_path, KNOWN).line_length == expected
