"""Running the command line and git as processes, free of the settings of whoever runs the tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]

Migrate = Callable[..., subprocess.CompletedProcess[str]]
Git = Callable[..., str]


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """The process's environment without what changes how things are printed, or git's settings."""
    hidden = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM", "PYTHONIOENCODING", "PYTHONUTF8")
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in hidden and not name.startswith("GIT_")
    }
    env["PYTHONPATH"] = os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])
    env |= {"PYTHONUTF8": "1", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    return {**env, **changes}


def git(folder: Path, *arguments: str) -> str:
    """What git prints; fails if git does."""
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=environment({}),
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
