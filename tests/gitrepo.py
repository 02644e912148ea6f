"""Real git repositories for tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest


def isolate_git(patch, home: Path) -> None:
    """Keep the settings of the person who runs the tests out of them; `patch` is monkeypatch."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        patch.delenv(name)
    patch.setenv("GIT_CONFIG_GLOBAL", str(home / "no-such-gitconfig"))
    patch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def _modes_are_obeyed() -> bool:
    """Whether a file's mode keeps this process out; it does not for root, nor on Windows."""
    with NamedTemporaryFile() as file:
        os.chmod(file.name, 0)
        return not os.access(file.name, os.R_OK)


needs_modes = pytest.mark.skipif(
    not _modes_are_obeyed(), reason="this user may read and write whatever the mode says"
)


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """What git prints, without the last newline; fails if git does."""
    result = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr.decode()
    return os.fsdecode(result.stdout).removesuffix("\n")


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files, with their folders."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def make_repository(
    folder: Path, files: Mapping[str, bytes] | None = None, *, object_format: str = "sha1"
) -> Path:
    """A repository with an identity of its own and, where there are files, one commit of them."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main", f"--object-format={object_format}")
    git(folder, "config", "user.name", "A Tester")
    git(folder, "config", "user.email", "tester@example.com")
    if files:
        write(folder, files)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "start")
    return folder
