"""Time LibCST's own commands under `migrate` against `libcst.tool codemod`, and compare results.

Both get the same copy of a folder of Python files, by default the standard library without its
tests, and the same number of processes. Every file must come out with the same bytes, or be one
that `migrate` put in its queue and left as it was: why is printed. The two take turns.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_ASIDE = {"test", "tests", "site-packages", "dist-packages", "lib2to3", "idlelib", "__pycache__"}
BRANCH = "migrated"


@dataclass(frozen=True)
class Command:
    """A command of `libcst.codemod.commands`, with its arguments and, for us, a needle."""

    module: str
    name: str
    arguments: tuple[tuple[str, str], ...] = ()
    needle: str = ""


_RENAME = (("old_name", "os.path.join"), ("new_name", "os.path.combine"))
COMMANDS = (
    Command("noop", "NOOPCommand"),
    Command("convert_format_to_fstring", "ConvertFormatStringCommand", (), ".format"),
    Command("remove_unused_imports", "RemoveUnusedImportsCommand", (), "import"),
    Command("rename", "RenameCommand", _RENAME, "path"),
)


@dataclass(frozen=True)
class Times:
    """Seconds by the clock, which grow with whatever else the machine does, and of its processors.

    The latter are those of all processes, and 0 where the system does not tell, as on Windows.
    """

    wall: float
    cpu: float


@dataclass(frozen=True)
class Comparison:
    """One command on one folder, by both: times in seconds, and what became of the files.

    `same` and `changed` count files with the same bytes from both, and those of them that are no
    longer as they were. `queued` has for each file that only `libcst.tool` changed why we did not,
    and `different` the paths of all others.
    """

    migrate: Times
    tool: Times
    same: int
    changed: int
    queued: Mapping[str, str]
    different: Sequence[str]


def compare(files: Mapping[str, bytes], command: Command, jobs: int, *, first: bool) -> Comparison:
    """Run both on the same files; `first` is whether `migrate` goes first."""
    with tempfile.TemporaryDirectory(prefix="libcst-tool-") as folder:
        theirs, ours = Path(folder, "theirs"), Path(folder, "ours")
        for root in (theirs, ours):
            write(root, files)
        commit_all(ours)
        if first:
            migrate_time, reasons = run_migrate(ours, command, jobs)
            tool_time = run_tool(theirs, command, jobs)
        else:
            tool_time = run_tool(theirs, command, jobs)
            migrate_time, reasons = run_migrate(ours, command, jobs)
        if git(ours, "branch", "--list", BRANCH):
            git(ours, "checkout", "--quiet", BRANCH)
        same, changed, queued, different = 0, 0, {}, []
        for path, before in files.items():
            mine, other = (ours / path).read_bytes(), (theirs / path).read_bytes()
            if mine == other:
                same += 1
                changed += mine != before
            elif mine == before and path in reasons:
                queued[path] = reasons[path]
            elif mine == before and is_damaged(before):
                queued[path] = "not-preserved, nothing to do"
            else:
                different.append(path)
    return Comparison(migrate_time, tool_time, same, changed, queued, different)


def is_damaged(before: bytes) -> bool:
    """Whether LibCST does not print a file back, which no command asked for."""
    import libcst

    return libcst.parse_module(before).bytes != before


def run_migrate(root: Path, command: Command, jobs: int) -> tuple[Times, dict[str, str]]:
    """How long it took, and for each file in the queue the reason."""
    arguments = ["-c", f"libcst.codemod.commands.{command.module}:{command.name}"]
    for key, value in command.arguments:
        arguments += ["--codemod-arg", f"{key}={value}"]
    if command.needle:
        arguments += ["--needle", command.needle]
    arguments += ["--apply", "--branch", BRANCH, "--batch-size", "1000", "--jobs", str(jobs)]
    times, report, _ = execute(["migrate", *arguments, "--format", "json"], root)
    reasons = {}
    for file in json.loads(report)["files"]:
        if file["failure"]:
            reasons[file["path"]] = file["failure"]["message"].partition(":")[0]
        else:
            found = [f["reason"] for f in file["findings"] if f["status"] == "review"]
            reasons.update({file["path"]: found[0]} if found else {})
    return times, reasons


def run_tool(root: Path, command: Command, jobs: int) -> Times:
    """How long `libcst.tool` took."""
    # Its first look at the arguments takes any value for the command, so that has to come first.
    arguments = ["codemod", f"{command.module}.{command.name}", "."]
    arguments += ["--no-format", "--hide-progress", "--jobs", str(jobs)]
    for key, value in command.arguments:
        arguments += [f"--{key}", value]
    times, _, errors = execute(["libcst.tool", *arguments], root)
    if "Finished codemodding" not in errors:
        sys.exit(f"libcst.tool did not get to the end:\n{errors[-2000:]}")
    return times


def execute(module: Sequence[str], folder: Path) -> tuple[Times, str, str]:
    """Run a module: times, output and errors. Both tools give 1 where single files failed."""
    start, before = time.perf_counter(), processor_time()
    done = subprocess.run(
        [sys.executable, "-P", "-m", *module],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    times = Times(time.perf_counter() - start, processor_time() - before)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(module)} gave {done.returncode}\n{done.stderr[-2000:]}")
    return times, done.stdout, done.stderr


def processor_time() -> float:
    """Seconds of all processes that have ended and were waited for."""
    if sys.platform == "win32":
        return 0.0
    import resource

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


# The files


def library(root: Path) -> dict[str, bytes]:
    """The Python files below a folder, without tests and what is installed, by path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*.py"))
        if not _ASIDE & set(path.relative_to(root).parts)
    }


def write(root: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def commit_all(root: Path) -> None:
    git(root, "init", "--quiet")
    for key, value in (("user.name", "A Tester"), ("user.email", "tester@example.com")):
        git(root, "config", key, value)
    git(root, "config", "core.autocrlf", "false")
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--message=start")


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout


# What is printed


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    default = Path(sysconfig.get_path("stdlib"))
    parser.add_argument("folder", type=Path, nargs="?", default=default)
    parser.add_argument("--rounds", type=int, default=1, help="pairs a command (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes of each (default: 2)")
    names = [command.module for command in COMMANDS]
    parser.add_argument("--command", choices=names, action="append", help="default: all")
    arguments = parser.parse_args()
    files = library(arguments.folder)
    size = sum(map(len, files.values()))
    print(f"{len(files):,} files, {size / 1e6:.1f} MB, Python {platform.python_version()},")
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors\n")
    print(f"{'':<35}  {'by the clock':^24}  {'processor time':^24}")
    times = f"{'tool':>7}  {'migrate':>7}  {'ratio':>6}"
    print(f"{'command':<25}  {'needle':<8}  {times}  {times}  same (changed)  others")
    for command in COMMANDS:
        if arguments.command and command.module not in arguments.command:
            continue
        for number in range(arguments.rounds):
            found = compare(files, command, arguments.jobs, first=number % 2 == 0)
            print(row(command, found), flush=True)


def row(command: Command, found: Comparison) -> str:
    others = Counter(found.queued.values())
    notes = [f"{count} {reason}" for reason, count in others.most_common()]
    notes += [f"DIFFERENT: {path}" for path in found.different]
    columns = [
        f"{command.module:<25}  {command.needle:<8}",
        three(found.tool.wall, found.migrate.wall),
        three(found.tool.cpu, found.migrate.cpu),
        f"{found.same} ({found.changed})  {joined(notes)}",
    ]
    return "  ".join(columns)


def three(tool: float, migrate: float) -> str:
    """Both times, and how many times as long the tool took."""
    ratio = f"{tool / migrate:.2f}" if migrate else "unknown"
    return f"{tool:>5.1f} s  {migrate:>5.1f} s  {ratio:>6}"


def joined(notes: Iterable[str]) -> str:
    return ", ".join(notes) or "none"


if __name__ == "__main__":
    main()
