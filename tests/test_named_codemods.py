"""Codemods that the command line names: where they may come from, and what goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from gitrepo import git, make_repository
from tool import CHECKOUT, environment, migrate, refusal, report

MINE = '''\
"""Codemods of a test."""

from dataclasses import dataclass

from migrate.codemod import Converted, FileCodemod

NUMBER = 3


def shout(source, path):
    """Say it louder.

    In every file.
    """
    return source.replace(b"quiet", b"LOUD ")


def grow(source, path):
    return source + b"# more\\n"


def header(source, path):
    return source if source.startswith(b"# new") else b"# new\\n\\n" + source


def one(source):
    return source


def text(source, path):
    return source.decode()


@dataclass(frozen=True)
class Options:
    old: str = "quiet"
    times: int = 1
    upper: bool = False
    more: tuple[str, ...] = ()


def convert(data, file):
    options = file.options
    new = options.old * options.times + "".join(options.more)
    new = new.upper() if options.upper else new
    return Converted(data.replace(options.old.encode(), new.encode()))


WHOLE = FileCodemod(id="whole", version=7, doc="Converts.", convert=convert, options=Options)
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository, and beside it `mine.py` with codemods."""
    (tmp_path / "mine.py").write_text(MINE)
    files = {f"pkg/m{n:02}.py": b"x = 'quiet'\ny = %d\n" % n for n in range(30)}
    return make_repository(tmp_path / "project", files)


def test_a_function_of_a_file(project: Path) -> None:
    data = report(project, "-c", "../mine.py:shout", "pkg/m01.py")
    assert data["codemods"][0]["id"] == "mine.py:shout"
    (file,) = data["files"]
    assert file["outcome"] == "rewritten"
    assert file["findings"][0]["after"] == "x = 'LOUD '"


def test_a_function_of_a_module_that_is_on_the_path(project: Path) -> None:
    path = f"{project.parent}"
    result = migrate(project, "-c", "mine:shout", "-q", "--diff", PYTHONPATH=path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("+x = 'LOUD '") == 30


def test_the_report_is_the_same_with_any_number_of_workers(project: Path) -> None:
    one, two = (report(project, "-c", "../mine.py:WHOLE", "-j", n) for n in ("1", "2"))
    assert one == two


def started_afresh(project: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """A run whose workers have nothing of the process that starts them, as on macOS and Windows."""
    script = (
        "import multiprocessing, sys\n"
        "from migrate.cli import main\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('spawn')\n"
        "    sys.exit(main(sys.argv[1:]))\n"
    )
    (project.parent / "start.py").write_text(script)
    return subprocess.run(
        [sys.executable, "../start.py", *arguments, "-j", "2", "--format", "json"],
        cwd=project,
        env=environment(PYTHONPATH=str(CHECKOUT)),
        capture_output=True,
        check=True,
    )


def test_workers_that_are_started_afresh_load_it_themselves(project: Path) -> None:
    arguments = ["-c", "../mine.py:WHOLE", "--codemod-arg", "times=2", "--second-pass", "off"]
    expected = report(project, *arguments, "-j", "1")
    assert len(expected["files"]) == 30
    assert json.loads(started_afresh(project, *arguments).stdout) == expected


@pytest.mark.parametrize("name", ["socket", "pickle", "libcst"])
def test_nor_do_they_import_from_the_current_folder(project: Path, name: str) -> None:
    (project / f"{name}.py").write_text("open('executed', 'w').close()\n")
    started_afresh(project, "-c", "../mine.py:shout")
    assert not (project / "executed").exists()


def test_arguments_are_its_options_in_their_types(project: Path) -> None:
    given = ["times=2", "upper=true", "more=!", "more=?"]
    options = [word for each in given for word in ("--codemod-arg", each)]
    data = report(project, "-c", "../mine.py:WHOLE", *options, "--second-pass", "off", "pkg/m00.py")
    assert data["files"][0]["findings"][0]["after"] == "x = 'QUIETQUIET!?'"
    assert data["codemods"][0] | {"counts": None} == {"id": "whole", "version": 7, "counts": None}


def test_one_codemod_sees_what_another_made_and_is_reported_where_it_was(project: Path) -> None:
    names = ["-c", "../mine.py:header", "-c", "../mine.py:shout"]
    (file,) = report(project, *names, "pkg/m00.py")["files"]
    places = [(f["codemod"], f["start"]["line"], f["before"]) for f in file["findings"]]
    assert places == [("mine.py:header", 1, ""), ("mine.py:shout", 1, "x = 'quiet'")]
    assert "+# new\n+\n+x = 'LOUD '\n" in file["diff"]


def test_a_commit_carries_its_name(project: Path) -> None:
    done = migrate(project, "--apply", "--branch", "b", "-c", "../mine.py:shout", "pkg")
    assert done.returncode == 0, done.stderr
    message = git(project, "log", "-1", "--format=%B", "b")
    assert message.startswith("migrate(mine.py:shout): rewrite 10 sites in 10 files\n")
    assert "Migrate-Codemod: mine.py:shout/1\n" in message


def test_a_comment_ignores_it_by_its_name_and_other_codemods_do_not_mind(project: Path) -> None:
    ignored = b"x = 'quiet'  # migrate: ignore[mine.py:shout]\n"
    (project / "pkg/m00.py").write_bytes(ignored)
    data = report(project, "-c", "../mine.py:shout", "pkg/m00.py")
    assert [f["status"] for f in data["files"][0]["findings"]] == ["suppressed"]
    assert (
        report(project, "-c", "../mine.py:WHOLE", "--codemod-arg", "old=zz", "pkg")["files"] == []
    )


def test_explain_and_review_know_it(project: Path) -> None:
    whole = migrate(project, "explain", "../mine.py:shout")
    assert (whole.returncode, whole.stderr) == (0, "")
    assert whole.stdout.startswith(
        "mine.py:shout (version 1)\n\nSay it louder.\n\nIn every file.\n"
    )
    rule = migrate(project, "explain", "../mine.py:shout.change")
    assert rule.stdout.startswith("mine.py:shout.change\n")
    queue = migrate(project, "review", "list", "-c", "../mine.py:grow", "pkg/m00.py")
    assert (queue.returncode, "1 safety" in queue.stdout) == (0, True)
    none = migrate(
        project, "review", "list", "-c", "../mine.py:grow", "--second-pass", "off", "pkg/m00.py"
    )
    assert none.stdout.startswith("Nothing for review")


def test_list_has_what_is_named(project: Path) -> None:
    listed = migrate(project, "list", "-c", "../mine.py:shout", "-c", "../mine.py:WHOLE")
    assert (listed.returncode, listed.stderr) == (0, "")
    titles = [line for line in listed.stdout.splitlines() if line and not line.startswith(" ")]
    assert titles == [
        "mine.py:shout (version 1): Say it louder.",
        "whole (version 7): Converts.",
    ]


def test_needles_choose_the_files(project: Path) -> None:
    data = report(
        project, "-c", "../mine.py:shout", "--needle", "y = 11", "--needle", "y = 12", "pkg"
    )
    assert [file["path"] for file in data["files"]] == ["pkg/m11.py", "pkg/m12.py"]


# A console that has `os` in every namespace, as some have, needs no import of it.
FORGET = '''\
import libcst as cst
from libcst.codemod import VisitorBasedCodemodCommand


class Forget(VisitorBasedCodemodCommand):
    """Leave out what the console has."""

    def leave_Import(self, original_node, updated_node):
        return cst.RemoveFromParent()
'''


@pytest.fixture
def console(project: Path) -> Path:
    """A repository with a file that needs no import, and beside it a command that removes it."""
    (project.parent / "forget.py").write_text(FORGET)
    (project / "console.py").write_text("import os\n\nprint(os.name)\n")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "Console")
    return project


@pytest.mark.parametrize(
    ("policy", "outcome", "said"),
    [
        ([], "failed", "names: would be unbound: os"),
        (["--names", "strict"], "failed", "names: would be unbound: os"),
        (
            ["--names", "warn"],
            "partial",
            "The file is rewritten, but a proof failed: names: would be unbound: os.",
        ),
        (["--names", "off"], "rewritten", None),
    ],
)
def test_a_command_may_remove_names_on_purpose(
    console: Path, policy: list[str], outcome: str, said: str | None
) -> None:
    (file,) = report(console, "-c", "../forget.py:Forget", *policy, "console.py")["files"]
    doubts = [f["message"] for f in file["findings"] if f["reason"] == "names"]
    failed = file["failure"]["message"] if file["failure"] else None
    assert (file["outcome"], failed or (doubts[0] if doubts else None)) == (outcome, said)
    assert ("-import os" in file["diff"]) == (outcome != "failed")


def test_what_it_removes_on_purpose_is_committed_and_in_the_queue_if_that_is_asked_for(
    console: Path,
) -> None:
    chosen = ["-c", "../forget.py:Forget", "--names", "warn"]
    listed = migrate(console, "review", "list", *chosen)
    assert (listed.returncode, "1  console.py  1 names" in listed.stdout) == (0, True)
    preview = migrate(console, *chosen)
    assert "migrate --apply -c ../forget.py:Forget --names warn" in preview.stdout
    done = migrate(console, "--apply", "--branch", "b", *chosen)
    assert done.returncode == 0, done.stderr
    assert git(console, "show", "b:console.py").strip() == "print(os.name)"


def test_the_text_report_says_how_to_go_on(project: Path) -> None:
    done = migrate(project, "-c", "../mine.py:shout", "--needle", "y = 11", "--second-pass", "off")
    assert "migrate --apply -c ../mine.py:shout --needle 'y = 11' --second-pass off" in done.stdout


def test_a_command_of_libcst_with_its_arguments(project: Path) -> None:
    (project / "pkg/names.py").write_bytes(b"import os\n\nhere = os.getcwd()\n")
    git(project, "add", "pkg")
    git(project, "commit", "-q", "-m", "names")
    rename = ["-c", "libcst.codemod.commands.rename:RenameCommand", "-j", "2"]
    rename += ["--codemod-arg", "old_name=os.getcwd", "--codemod-arg", "new_name=pathlib.Path"]
    done = migrate(project, *rename, "--apply", "--branch", "b")
    assert (done.returncode, done.stderr) == (0, "")
    after = git(project, "show", "b:pkg/names.py")
    assert after == "import pathlib\n\nhere = pathlib.Path()"
    assert "required: --old_name" in refusal(project, *rename[:2], code=2)
    explained = migrate(project, "explain", rename[1])
    assert "old_name (required)" in explained.stdout


# What goes wrong


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../mine.py:shot", "has no 'shot'; did you mean 'shout'?"),
        ("../mine.py:NUMBER", "../mine.py:NUMBER is no codemod but a value of type int"),
        ("../mine.py:Options", "is no codemod but the class Options"),
        ("../mine.py:one", "mine.py:one cannot be called with (source, path)"),
        ("../mine.py", "say which codemod of this file is meant: -c ../mine.py:NAME"),
        ("../there.py:shout", "there is no file ../there.py"),
        ("no_such_module:shout", "there is no module 'no_such_module'"),
        ("not a module:shout", "'not a module' is no name of a module, and no path of a .py file"),
        ("metadata-storag", "did you mean 'metadata-storage'?"),
    ],
)
def test_a_name_that_leads_nowhere_is_an_error(project: Path, name: str, message: str) -> None:
    assert message in refusal(project, "-c", name, code=2)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\nboom = 1 / 0\n", "ZeroDivisionError: division by zero (line 2 of "),
        ("def f(:\n", "bad.py:1: invalid syntax"),
        ("import no_such_thing\n", "bad.py: No module named 'no_such_thing'"),
        ("raise SystemExit('bye')\n", "bad.py cannot be loaded: SystemExit: bye"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_where(project: Path, source: str, message: str) -> None:
    (project.parent / "bad.py").write_text(source)
    assert message in refusal(project, "-c", "../bad.py:f", code=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-c", "../mine.py:WHOLE", "--codemod-arg", "times=x"], "must be an integer, not 'x'"),
        (["-c", "../mine.py:WHOLE", "--codemod-arg", "tims=2"], "unknown key 'tims'"),
        (["-c", "../mine.py:WHOLE", "--codemod-arg", "times"], "takes KEY=VALUE, not 'times'"),
        (["-c", "../mine.py:shout", "--codemod-arg", "a=b"], "takes no --codemod-arg"),
        (["-c", "metadata-storage", "--needle", "a"], "finds its sites by itself"),
        (["--needle", "a"], "are for one codemod: name it with -c"),
        (["-c", "metadata-storage", "--names", "off"], "finds its sites by itself"),
        (["--names", "off"], "are for one codemod: name it with -c"),
        (["-c", "../mine.py:shout", "--names", "never"], "never"),
        (["-c", "../mine.py:shout", "-c", "mine.py:shout"], "there is no file mine.py"),
    ],
)
def test_wrong_arguments_are_an_error(project: Path, arguments: list[str], message: str) -> None:
    assert message in refusal(project, *arguments, code=2)


def test_two_codemods_of_one_name_are_an_error(project: Path) -> None:
    (project.parent / "other").mkdir()
    (project.parent / "other/mine.py").write_text(MINE)
    names = ["-c", "../mine.py:shout", "-c", "../other/mine.py:shout"]
    assert "are both called mine.py:shout" in refusal(project, *names, code=2)


def test_a_function_that_returns_no_bytes_fails_on_that_file(project: Path) -> None:
    data = report(project, "-c", "../mine.py:text", "pkg/m00.py")
    assert "mine.py:text returned str instead of bytes" in data["files"][0]["failure"]["message"]


# The analysed repository


def test_what_a_codemod_does_to_its_process_ends_with_each_file(project: Path) -> None:
    (project.parent / "rude.py").write_text(
        """
import os, subprocess, sys
os.chdir("..")
os.write(1, b"imported")

def rude(source, path):
    if not os.path.isdir("pkg") or sys.getrecursionlimit() < 500 or "RUDE" in os.environ:
        raise OSError("another file was here before")
    import json.tool  # not found where nothing is searched
    del sys.modules["json.tool"]
    os.chdir("..")
    sys.setrecursionlimit(400)
    sys.path.clear()
    os.environ["RUDE"] = "1"
    subprocess.run([sys.executable, "-c", "print('from a process')"], check=True)
    os.environ.pop("PATH", None)
    sys.stdout = sys.stderr = None
    return source.replace(b"quiet", b"LOUD ")
"""
    )
    paths = ["pkg/m01.py", "pkg/m02.py"]
    arguments = ["--format", "json", "--output", "here.json", "-j", "1", "-c", "../rude.py:rude"]
    done = migrate(project, "--dry-run", *arguments, *paths)
    assert (done.returncode, done.stdout) == (0, "")
    assert "imported" in done.stderr
    assert "from a process" in done.stderr
    found = json.loads((project / "here.json").read_text())
    assert [file["outcome"] for file in found["files"]] == ["rewritten", "rewritten"]


def test_a_function_that_ends_its_process_costs_that_file_only(project: Path) -> None:
    (project.parent / "fatal.py").write_text(
        "import os\n\n"
        "def fatal(source, path):\n"
        "    if path.endswith('m01.py'):\n"
        "        os._exit(3)\n"
        "    return source.replace(b'quiet', b'LOUD ')\n"
    )
    paths = [f"pkg/m0{number}.py" for number in range(3)]
    files = report(project, "-j", "1", "-c", "../fatal.py:fatal", *paths)["files"]
    assert [file["outcome"] for file in files] == ["rewritten", "failed", "rewritten"]
    assert files[1]["failure"]["message"] == "the process that worked on it died"


def test_the_current_folder_is_no_place_for_codemods(project: Path) -> None:
    (project / "evil.py").write_text("open('executed', 'w').close()\n")
    assert "there is no module 'evil'" in refusal(project, "-c", "evil:f", code=2)
    assert not (project / "executed").exists()


@pytest.mark.parametrize("name", ["typer", "git", "libcst"])
@pytest.mark.parametrize("entries", [(), ("",)], ids=["path", "empty-entry"])
def test_nothing_is_imported_from_the_current_folder(
    project: Path, name: str, entries: tuple[str, ...]
) -> None:
    (project / f"{name}.py").write_text("open('executed', 'w').close()\n")
    report(project, "-j", "2", PYTHONPATH=os.pathsep.join([str(CHECKOUT), *entries]))
    assert not (project / "executed").exists()


def test_the_configuration_cannot_name_code(project: Path) -> None:
    (project / "migrate.toml").write_text('codemods = ["../mine.py:shout"]\n')
    assert "no codemod '../mine.py:shout' is installed" in refusal(project, code=2)


def test_loading_a_file_writes_nothing_beside_it(project: Path) -> None:
    report(project, "-c", "../mine.py:shout")
    assert sorted(path.name for path in project.parent.iterdir()) == ["mine.py", "project"]
