"""Time a cold dry run of `metadata-storage` against ast-grep with one pattern on the same tree.

The two take turns, so that whatever else the machine does hits both, and a ratio is only taken
between neighbours. After the warm-up both read from the page cache; `migrate` keeps nothing from
one run to the next, so each of its runs is a cold one. README.md says how to get the tree.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PATTERN = "$CONTEXT.metadata[$KEY] = $VALUE"
PROCESSORS = 2
# `ru_maxrss` counts bytes on macOS and KiB elsewhere, see getrusage(2).
_BYTES_OF_MAXRSS = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Sample:
    """One run: wall time and the processor time of all its processes, both in seconds, and the
    peak memory of the largest of them in MB.

    The last two are None where the system does not tell them, as on Windows.
    """

    wall: float
    cpu: float | None = None
    peak: float | None = None


@dataclass(frozen=True)
class Pair:
    """The two tools, one right after the other."""

    migrate: Sample
    ast_grep: Sample

    @property
    def ratio(self) -> float:
        """How many times as long ast-grep took."""
        return self.ast_grep.wall / self.migrate.wall


def main() -> None:
    tree, rounds, warm_up = parse_arguments()
    limit_processors()
    migrate, ast_grep = migrate_command(tree), ast_grep_command(tree)
    print(describe(tree, ast_grep[0]))
    for _ in range(warm_up):
        measure(migrate)
        measure(ast_grep)
    pairs = []
    print(f"{'round':>5}  {'migrate':>9}  {'ast-grep':>9}  {'ratio':>6}")
    for number in range(1, rounds + 1):
        pair = run_pair(migrate, ast_grep, migrate_first=number % 2 == 1)
        print(row(str(number), pair.migrate.wall, pair.ast_grep.wall, pair.ratio), flush=True)
        pairs.append(pair)
    print(summary(pairs))


def parse_arguments() -> tuple[Path, int, int]:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("tree", type=Path, help="the root of a git checkout")
    parser.add_argument("--rounds", type=int, default=5, help="measured pairs (default: 5)")
    parser.add_argument("--warm-up", type=int, default=1, help="runs of each before (default: 1)")
    arguments = parser.parse_args()
    tree = arguments.tree.resolve()
    if not (tree / ".git").exists():
        parser.error(f"{tree} is not the root of a git checkout")
    if arguments.rounds < 1 or arguments.warm_up < 0:
        parser.error("--rounds must be at least 1, and --warm-up at least 0")
    return tree, arguments.rounds, arguments.warm_up


def limit_processors() -> None:
    """Keep this process, and with it all that it starts, on two processors, where that is known."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:PROCESSORS])


def migrate_command(tree: Path) -> list[str]:
    what = ["--dry-run", "--codemod", "metadata-storage", "--no-cache"]
    return [
        *(sys.executable, "-m", "migrate", *what),
        *("--jobs", str(PROCESSORS), "--repo", str(tree)),
    ]


def ast_grep_command(tree: Path) -> list[str]:
    """The command, with the program from this environment or else from PATH."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    program = shutil.which("ast-grep", path=path)
    if program is None:
        sys.exit("ast-grep is not installed; README.md beside this script says how")
    what = ["run", "--lang", "python", "--pattern", PATTERN, "--json=stream"]
    return [program, *what, "--threads", str(PROCESSORS), str(tree)]


def describe(tree: Path, ast_grep: str) -> str:
    """What is compared, on what."""
    listing = output(["git", "-C", str(tree), "ls-files", "-z", "--", "*.py"]).split("\0")[:-1]
    size = sum(os.lstat(tree / name).st_size for name in listing if os.path.lexists(tree / name))
    commit = output(["git", "-C", str(tree), "rev-parse", "--short=9", "HEAD"])
    return "\n".join(
        [
            f"tree      commit {commit}, {len(listing):,} Python files, {size / 1e6:,.0f} MB",
            f"tools     {output([sys.executable, '-m', 'migrate', '--version'])},"
            f" {output([ast_grep, '--version'])}, Python {platform.python_version()}",
            f"machine   {platform.system()} {platform.machine()}, {PROCESSORS} of"
            f" {os.cpu_count()} processors",
            f"pattern   {PATTERN}",
            "",
        ]
    )


def output(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.strip()


def run_pair(migrate: Sequence[str], ast_grep: Sequence[str], *, migrate_first: bool) -> Pair:
    """Measure both; they take turns in going first, since the second may find a hotter machine."""
    if migrate_first:
        sample = measure(migrate)
        return Pair(sample, measure(ast_grep))
    sample = measure(ast_grep)
    return Pair(measure(migrate), sample)


def measure(command: Sequence[str]) -> Sample:
    """Run a command, with its output thrown away; exits with its errors if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    errors = process.stderr.read()
    cpu = peak = None
    if sys.platform == "win32":
        status = process.wait()
    else:
        # Unlike RUSAGE_CHILDREN this is about one run: the process and those that it waited for.
        _, encoded, usage = os.wait4(process.pid, 0)
        status = process.returncode = os.waitstatus_to_exitcode(encoded)
        cpu = usage.ru_utime + usage.ru_stime
        peak = usage.ru_maxrss * _BYTES_OF_MAXRSS / 1e6
    wall = time.perf_counter() - start
    if status:
        sys.exit(f"{' '.join(command)} gave {status}\n{errors.decode(errors='backslashreplace')}")
    return Sample(wall, cpu, peak)


def row(name: str, migrate: float, ast_grep: float, ratio: float) -> str:
    return f"{name:>5}  {migrate:>7.2f} s  {ast_grep:>7.2f} s  {ratio:>6.2f}"


def summary(pairs: Sequence[Pair]) -> str:
    """Medians, and the largest process of all runs of each tool.

    Wall time grows with whatever else the machine does, processor time hardly.
    """
    migrate = [pair.migrate for pair in pairs]
    ast_grep = [pair.ast_grep for pair in pairs]
    ratios = [pair.ratio for pair in pairs]
    medians = (
        statistics.median(sample.wall for sample in migrate),
        statistics.median(sample.wall for sample in ast_grep),
        statistics.median(ratios),
    )
    return "\n".join(
        [
            row("med.", *medians),
            "",
            f"ratio, pair by pair: median {medians[2]:.2f}, {min(ratios):.2f} to {max(ratios):.2f}",
            f"processor time, median: migrate {cpu(migrate)}, ast-grep {cpu(ast_grep)}",
            f"peak memory of any process: migrate {peak(migrate)}, ast-grep {peak(ast_grep)}",
        ]
    )


def cpu(samples: Sequence[Sample]) -> str:
    known = [sample.cpu for sample in samples if sample.cpu is not None]
    return f"{statistics.median(known):.2f} s" if known else "unknown"


def peak(samples: Sequence[Sample]) -> str:
    known = [sample.peak for sample in samples if sample.peak is not None]
    return f"{max(known):,.0f} MB" if known else "unknown"


if __name__ == "__main__":
    main()
