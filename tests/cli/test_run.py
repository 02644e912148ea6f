"""`migrate run`: what it prints, what it leaves alone, and its exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_process import Git, Migrate, environment

JSON = ("--format", "json")
REWRITTEN = 'self.store_metadata_result(context, "result", "füße")'


def state(project: Path, git: Git) -> tuple[str, ...]:
    """All that a dry run must not change."""
    return (
        git(project, "status", "--porcelain"),
        git(project, "for-each-ref"),
        git(project, "rev-parse", "HEAD"),
        git(project, "ls-files", "--stage"),
    )


@pytest.mark.parametrize(
    "arguments",
    [
        (*JSON,),
        ("run", *JSON),
        ("--dry-run", *JSON),
        ("run", *JSON, "--dry-run"),
        ("--dry-run", *JSON, "app"),
        ("run", "app/", "--dry-run", *JSON),
        ("app", "migrate.toml", *JSON),
        (*JSON, "--", "app"),
    ],
)
def test_every_spelling_of_a_dry_run_finds_the_same(
    migrate: Migrate, project: Path, arguments: tuple[str, ...]
) -> None:
    result = migrate(*arguments, cwd=project)
    assert (result.returncode, result.stderr) == (0, "")
    value = json.loads(result.stdout)
    assert value["mode"] == "dry-run"
    outcomes = {file["path"]: file["outcome"] for file in value["files"]}
    assert outcomes["app/triage.py"] == "rewritten"
    assert outcomes["app/helper.py"] == "review"
    assert outcomes["app/broken.py"] == "failed"


def test_a_dry_run_changes_nothing(migrate: Migrate, project: Path, git: Git) -> None:
    before = state(project, git)
    assert migrate("--dry-run", "--diff", cwd=project).returncode == 0
    assert state(project, git) == before


def test_the_text_report_has_queue_failures_totals_and_the_next_command(
    migrate: Migrate, project: Path
) -> None:
    text = migrate("-c", "metadata-storage", "app", cwd=project).stdout
    assert text.startswith("would rewrite app/triage.py (1 site)\n")
    assert "\x1b" not in text
    assert '| context.metadata["note"] = 1\n' in text
    assert "app/broken.py:1: syntax-error: " in text
    assert re.search(r"^    to be rewritten +1$", text, re.MULTILINE)
    assert "\n  migrate --apply -c metadata-storage app\n" in text
    assert "\n  migrate review list -c metadata-storage app\n" in text


def test_differences_and_their_graph_are_shown_when_asked(migrate: Migrate, project: Path) -> None:
    assert REWRITTEN not in migrate(cwd=project).stdout
    assert f"+        {REWRITTEN}\n" in migrate("--diff", cwd=project).stdout
    stat = migrate("--stat", cwd=project).stdout
    assert stat.startswith(" app/triage.py | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)")
    assert REWRITTEN not in stat


def test_a_plain_folder_can_be_previewed_but_not_changed(migrate: Migrate, folder: Path) -> None:
    result = migrate("-C", str(folder))
    assert result.returncode == 0
    assert "would rewrite app/triage.py" in result.stdout
    refused = migrate("--apply", "-C", str(folder))
    assert refused.returncode == 3
    assert refused.stderr.startswith("error: ")
    assert refused.stdout == ""


def test_apply_commits_names_the_branch_and_a_second_time_adds_nothing(
    migrate: Migrate, project: Path, git: Git
) -> None:
    first = migrate("--apply", cwd=project)
    assert (first.returncode, first.stderr) == (0, "")
    branch = "migrate/" + git(project, "rev-parse", "HEAD")[:9]
    commit = git(project, "rev-parse", branch).strip()
    assert f"Branch {branch}: 1 commit\n  {commit[:9]}  migrate(metadata-storage): " in first.stdout
    assert f"  git merge {branch}\n" in first.stdout
    assert REWRITTEN in git(project, "show", f"{branch}:app/triage.py")
    assert git(project, "status", "--porcelain") == ""
    second = migrate("--apply", cwd=project)
    assert (second.returncode, second.stderr) == (0, "")
    assert f"Nothing to add: branch {branch} is already complete (1 commit)\n" in second.stdout
    assert git(project, "rev-parse", branch).strip() == commit


def test_the_command_that_a_dry_run_names_does_what_it_says(
    migrate: Migrate, project: Path, git: Git
) -> None:
    text = migrate("--branch", "my/branch", "--batch-size", "3", "app", cwd=project).stdout
    (command,) = re.findall(r"^  migrate (--apply .*)$", text, re.MULTILINE)
    assert command == "--apply --branch my/branch --batch-size 3 app"
    assert migrate(*command.split(), cwd=project).returncode == 0
    assert REWRITTEN in git(project, "show", "my/branch:app/triage.py")


def test_output_goes_to_a_file_as_a_whole_and_not_to_the_terminal(
    migrate: Migrate, project: Path, tmp_path: Path
) -> None:
    target = tmp_path / "report.json"
    result = migrate("--format", "json", "--output", str(target), cwd=project, FORCE_COLOR="1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert target.read_text(encoding="utf-8") == migrate("--format", "json", cwd=project).stdout
    migrate("--output", str(target), cwd=project, FORCE_COLOR="1")
    assert target.read_text(encoding="utf-8") == migrate(cwd=project).stdout


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["no/such/file.py"], "no/such/file.py"),
        (["-c", "nope"], "nope"),
    ],
)
def test_what_does_not_exist_is_named(
    migrate: Migrate, project: Path, arguments: list[str], text: str
) -> None:
    result = migrate(*arguments, cwd=project)
    assert (result.returncode, result.stdout) == (2, "")
    assert text in result.stderr.splitlines()[0]


def test_a_mistake_in_the_configuration_names_file_and_key(migrate: Migrate, project: Path) -> None:
    (project / "migrate.toml").write_text("exlude = []\n")
    result = migrate(cwd=project)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: migrate.toml: unknown key 'exlude'")


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_hostile_file_name_cannot_act_on_the_terminal(migrate: Migrate, project: Path) -> None:
    (project / "app" / "a\x1b[31m\n.py").write_bytes((project / "app/broken.py").read_bytes())
    (project / "app" / os.fsdecode(b"caf\xe9.py")).write_bytes(
        (project / "app/helper.py").read_bytes()
    )
    text = migrate("--diff", cwd=project)
    assert text.returncode == 0
    assert r"app/a\x1b[31m\n.py:1: syntax-error" in text.stdout
    assert r"app/caf\udce9.py" in text.stdout
    assert "\x1b" not in text.stdout
    value = json.loads(migrate("--format", "json", cwd=project).stdout)
    assert "app/caf\udce9.py" in [file["path"] for file in value["files"]]


def test_a_console_without_unicode_gets_escapes(migrate: Migrate, project: Path) -> None:
    result = migrate("--diff", cwd=project, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (result.returncode, result.stderr) == (0, "")
    assert REWRITTEN.replace("ü", r"\xfc").replace("ß", r"\xdf") in result.stdout


def test_a_reader_that_leaves_early_does_not_change_the_exit_code(project: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as stdout:
        result = subprocess.run(
            [sys.executable, "-m", "migrate", "--diff"],
            cwd=project,
            env=environment({}),
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (result.returncode, result.stderr) == (0, b"")


def on_a_terminal(project: Path, **changes: str) -> str:
    """All that a dry run prints to a pseudo-terminal, standard error included."""
    import pty

    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "migrate", "--dry-run"],
        cwd=project,
        env=environment({"TERM": "xterm", **changes}),
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    output = b""
    try:
        while chunk := os.read(main, 65536):
            output += chunk
    except OSError:  # Linux reports the other end's closing as an error
        pass
    os.close(main)
    assert process.wait(60) == 0
    return output.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_a_terminal_gets_colours_differences_and_progress(project: Path) -> None:
    text = on_a_terminal(project)
    assert f"\x1b[32m+        {REWRITTEN}\x1b[0m" in text
    assert "\x1b[1mapp/helper.py\x1b[0m" in text


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_no_color_is_honoured_on_a_terminal(project: Path) -> None:
    text = on_a_terminal(project, NO_COLOR="1")
    assert "\x1b" not in text
    assert f"+        {REWRITTEN}" in text
