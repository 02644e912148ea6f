"""What every command shares: help, exit codes, messages, streams and a quick start."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_process import Migrate, environment

from migrate import __version__
from migrate.cli import main

# Documentation that is no text is a fault that no user can cause.
FAULTY = """
from migrate.codemod import Codemod
from dataclasses import make_dataclass
CODEMOD = Codemod("third", 1, None, (), make_dataclass("Options", []), None, None, None)
"""


def assert_one_error(result: subprocess.CompletedProcess[str], code: int, text: str) -> None:
    assert result.returncode == code
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines[0].startswith("error: ")
    assert text in lines[0]
    assert all(line.startswith("hint: ") for line in lines[1:])


def test_version(migrate: Migrate) -> None:
    result = migrate("--version")
    assert (result.stdout, result.stderr) == (f"migrate {__version__}\n", "")
    assert result.returncode == 0


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("command", [(), ("run",), ("list",), ("explain",), ("review", "show")])
def test_every_command_has_help_under_both_names(
    migrate: Migrate, command: tuple[str, ...], option: str
) -> None:
    result = migrate(*command, option)
    assert result.returncode == 0
    assert result.stdout.startswith(f"Usage: {' '.join(['migrate', *command])} [OPTIONS]")
    assert result.stderr == ""


def test_help_after_an_option_is_that_of_run(migrate: Migrate) -> None:
    assert migrate("--dry-run", "--help").stdout == migrate("run", "--help").stdout


def test_without_arguments_outside_a_repository_there_is_help(migrate: Migrate) -> None:
    result = migrate()
    assert result.returncode == 0
    assert result.stdout == migrate("--help").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_in_a_folder_that_was_removed(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    for arguments, code in (([], 0), (["--dry-run"], 2)):
        script = f"""
import os, sys
from migrate.cli import main
os.chdir({str(gone)!r})
os.rmdir({str(gone)!r})
sys.exit(main({arguments!r}))
"""
        gone.mkdir()
        result = subprocess.run(
            [sys.executable, "-c", script], env=environment({}), capture_output=True, check=False
        )
        assert result.returncode == code
        assert b"Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--dryrun"], "--dryrun"),
        (["run", "--nope"], "--nope"),
        (["--dry-run", "--apply"], "--dry-run and --apply exclude each other"),
        (["-j", "0"], "-j"),
        (["--batch-size", "x"], "--batch-size"),
        (["--format", "xml"], "--format"),
        (["-C", "nowhere"], "there is no folder nowhere"),
        (["--output", "nowhere/report.json"], "there is no directory"),
        (["--output", "."], "is a directory"),
        (["--output", f"{'x' * 5000}/report"], "there is no directory"),
        (["-C", "x" * 5000], "there is no folder"),
        (["lst"], "did you mean 'list'?"),
        (["review", "shw"], "did you mean 'show'?"),
        (["explain"], "ID[.RULE]"),
        (["explain", "metadata-storge"], "did you mean 'metadata-storage'?"),
        (["explain", "metadata-storage.asign"], "did you mean 'assign'?"),
        (["explain", "metadata-storage.zzz"], "there are: "),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    migrate: Migrate, arguments: list[str], text: str
) -> None:
    assert_one_error(migrate(*arguments), 2, text)


def test_messages_cannot_act_on_the_terminal(migrate: Migrate) -> None:
    result = migrate("explain", "\x1b]0;title\x07")
    assert_one_error(result, 2, r"\x1b]0;title\x07")


def test_a_bug_is_one_line_and_a_traceback_in_a_log(
    migrate: Migrate, plugin: Callable[[str], str], tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    places = dict.fromkeys(["TMPDIR", "TMP", "TEMP"], str(logs))
    result = migrate("list", PYTHONPATH=plugin(FAULTY), **places)
    assert_one_error(result, 4, "a bug in migrate (AttributeError: ")
    assert len(result.stderr.splitlines()) == 1
    (log,) = logs.glob("migrate-*.log")
    assert str(log) in result.stderr
    assert "Traceback (most recent call last)" in log.read_text(encoding="utf-8")
    assert "arguments: ['list']" in log.read_text(encoding="utf-8")


def test_an_interrupt_is_one_line_and_exit_code_130(
    migrate: Migrate, plugin: Callable[[str], str]
) -> None:
    source = "import signal\nsignal.raise_signal(signal.SIGINT)\n"
    result = migrate("list", PYTHONPATH=plugin(source))
    assert result.returncode == 130
    assert result.stderr.strip() == "error: interrupted"  # older versions of Typer add a blank line


def test_a_reader_that_has_left_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as stdout:
        result = subprocess.run(
            [sys.executable, "-m", "migrate", "list"],
            env=environment({}),
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_standard_output_is_an_error() -> None:
    with open("/dev/full", "wb") as stdout:
        result = subprocess.run(
            [sys.executable, "-m", "migrate", "list"],
            env=environment({}),
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert result.returncode == 2
    assert result.stderr.startswith(b"error: cannot write to standard output: ")
    assert result.stderr.count(b"\n") == 1


def test_list_names_every_codemod_with_its_rules(migrate: Migrate) -> None:
    text = migrate("list").stdout
    assert re.search(r"^metadata-storage \(version 1\): \w", text, re.MULTILINE)
    value = json.loads(migrate("list", "--format", "json").stdout)
    assert value["schema"] == "migrate-codemods/1"
    for codemod in value["codemods"]:
        preview = ", preview: runs only where it is named" if codemod["preview"] else ""
        title = f"{codemod['id']} (version {codemod['version']}{preview}): {codemod['summary']}"
        assert f"{title}\n" in text
        for rule in codemod["rules"]:
            assert re.search(rf"^  {rule['id']} +\S", text, re.MULTILINE)
            assert rule["summary"] in text


def test_explain_prints_codemod_rules_and_options(migrate: Migrate) -> None:
    text = migrate("explain", "metadata-storage").stdout
    assert text.startswith("metadata-storage (version 1)\n\n")
    assert "\n  assign " in text
    assert '\n  attribute = "metadata"\n' in text
    rule = migrate("explain", "metadata-storage.assign").stdout
    assert rule.startswith("metadata-storage.assign\n\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("migrate --dr", {"--dry-run"}),
        ("migrate re", {"review"}),
        ("migrate --dry-run --app", {"--apply"}),
        ("migrate review --fo", {"--format"}),
        ("migrate --ver", {"--version", "--verbose"}),
    ],
)
def test_completion_knows_the_options_of_the_command_left_out(
    migrate: Migrate, words: str, expected: set[str]
) -> None:
    result = migrate(
        _MIGRATE_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split()) - 1),
    )
    assert set(result.stdout.split()) == expected


def test_main_returns_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"migrate {__version__}\n"
    assert main(["--dry-run", "--apply"]) == 2
    assert capsys.readouterr().err == "error: --dry-run and --apply exclude each other\n"
