"""The page "Your first codemod in ten minutes", done as it says by somebody who knows nothing."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from documents import commands, require_fit
from tool import CHECKOUT, environment, install_project

PAGE = (CHECKOUT / "docs" / "writing-codemods.md").read_text("utf-8")
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
PIP = 'python -m pip install --quiet --editable ".[test]"'
IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A Reader"), ("EMAIL", "reader@example.com"))
}


class Reader:
    """Does what the page says, in the folder that it has gone to."""

    def __init__(self, home: Path) -> None:
        self.folder = home
        self.site = home / "site"
        self.paths: list[str] = [str(CHECKOUT)]

    def type(self, command: str) -> str:
        """What a command prints; it may be unhappy with the result, but not go wrong."""
        program, *arguments = shlex.split(command)
        if program == "cd":
            self.folder = (self.folder / arguments[0]).resolve()
            return ""
        if command == PIP:
            self.paths += install_project(self.folder, self.site)
            return ""
        python = {"migrate": [sys.executable, "-m", "migrate"], "python": [sys.executable]}
        done = subprocess.run(
            [*python.get(program, [program]), *arguments],
            cwd=self.folder,
            env=environment(PYTHONPATH=os.pathsep.join(self.paths), **IDENTITY),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (done.returncode in (0, 1), done.stderr) == (True, ""), command
        return done.stdout

    def write(self, name: str, content: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8", newline="\n")

    def change(self, name: str, diff: str) -> None:
        """Replace the lines without `+` by those without `-`; they must be there, and once."""
        lines = diff.splitlines(keepends=True)
        old = "".join(line[1:] or "\n" for line in lines if not line.startswith("+"))
        new = "".join(line[1:] or "\n" for line in lines if not line.startswith("-"))
        text = (self.folder / name).read_text("utf-8")
        assert text.count(old) == 1, diff
        self.write(name, text.replace(old, new))

    def reads(self, excerpt: str) -> bool:
        """Whether a file of the folder has these lines."""
        files = self.folder.glob("*.py")
        return any(excerpt in file.read_text("utf-8") for file in files)


def test_a_reader_gets_what_the_page_shows(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    done = dict.fromkeys(("console", "diff", "written", "read"), 0)
    for language, title, content in BLOCK.findall(PAGE):
        if language == "console":
            for command, output in commands(content):
                require_fit(command, output, reader.type(command))
            done["console"] += 1
        elif language == "diff":
            reader.change(title, content)
            done["diff"] += 1
        elif title:
            reader.write(title, content)
            done["written"] += 1
        else:
            assert reader.reads(content), f"it no longer says:\n{content}"
            done["read"] += 1
    assert all(done.values()), done
