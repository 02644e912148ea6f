"""LibCST's own tests of its commands pass as well through our pipeline; see `tests/peers`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tool import CHECKOUT, TESTS, environment

# Some of those whose command would change its own result. Others are adding a relative import,
# which is then found under another name, and annotations of variables that are declared in front
# of the assignment, each time again.
TWO_PASSES = {
    "test_multi_iterations",
    "test_no_removal_of_import_in_use",
    "test_no_removal_of_dotted_import_in_use",
}


def test_the_same_tests_pass_as_without_us(tmp_path: Path) -> None:
    path = os.pathsep.join(map(str, (TESTS / "peers", CHECKOUT)))
    command = [sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=short", "-p", "libcst_suite"]
    # What is left out runs `libcst.tool` as a process and goes nowhere near us.
    command += ["-p", "no:cacheprovider", "-k", "not TestCodemodCLI", "--pyargs", "libcst.codemod"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment(PYTHONPATH=path),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    failed = re.findall(r"^(?:FAILED|ERROR) \S+::(\w+)", done.stdout, re.MULTILINE)
    assert failed == [], done.stdout
    assert done.returncode == 0, done.stdout
    (passed,) = re.findall(r"(\d+) passed", done.stdout)
    (calls,) = re.findall(r"^calls taken over: (\d+)$", done.stdout, re.MULTILINE)
    assert int(passed) > 350
    assert int(calls) > 300
    again = re.findall(r"^second-pass: \S+::(\w+)$", done.stdout, re.MULTILINE)
    assert set(again) >= TWO_PASSES
