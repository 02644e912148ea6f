"""LibCST's commands give the bytes under us that `libcst.tool codemod` gives, or the queue."""

from __future__ import annotations

import importlib.util
import sys
import sysconfig
from pathlib import Path

import pytest
from tool import CHECKOUT

# The comparison is the benchmark's, on a part of the standard library and two files of ours.
spec = importlib.util.spec_from_file_location(
    "libcst_tool", CHECKOUT / "benchmarks" / "libcst_tool.py"
)
assert spec is not None
assert spec.loader is not None
libcst_tool = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = libcst_tool
spec.loader.exec_module(libcst_tool)

PACKAGES = ("json", "wsgiref")
DAMAGED = b"import sys\ntry:\n    x = '{}'.format(1)\nexcept OSError :\n    pass\n"
PLAIN = b"import os, sys\n\nx = '{}'.format(os.path.join('a', 'b'))\n"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    library = Path(sysconfig.get_path("stdlib"))
    found = {
        f"{package}/{path}": data
        for package in PACKAGES
        for path, data in libcst_tool.library(library / package).items()
    }
    assert len(found) >= 10
    return found | {"plain.py": PLAIN, "damaged.py": DAMAGED}


@pytest.mark.parametrize("command", libcst_tool.COMMANDS, ids=lambda command: command.module)
def test_the_bytes_are_those_of_libcst_tool(files: dict[str, bytes], command: object) -> None:
    found = libcst_tool.compare(files, command, 2, first=True)
    assert found.different == []
    queued = dict(found.queued)
    assert queued.pop("damaged.py").startswith("not-preserved")
    assert set(queued.values()) <= {"not-preserved", "not-preserved, nothing to do"}
    assert (found.changed > 0) == (command.module != "noop")
