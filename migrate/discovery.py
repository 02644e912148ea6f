"""Which files: those below a plain folder, and the ones that globs and arguments select.

Paths are relative to the root with `/`. Globs are in gitignore syntax.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from migrate.errors import UsageError

_SKIPPED_FOLDERS = frozenset(
    {
        *(".git", ".hg", ".svn"),
        *(".venv", "venv", ".tox", ".nox", "node_modules"),
        *("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".migrate"),
    }
)

_SUFFIX_GLOB = re.compile(r"\*(\.[\w.]+)")


@dataclass(frozen=True, slots=True)
class Listing:
    """The files below a folder, sorted, and the folders that could not be read, with the reason."""

    files: list[str]
    unreadable: dict[str, str]


def folder_files(root: Path) -> Listing:
    """All regular files below a plain folder.

    No symbolic link is followed or listed. Left out are the folders of version control, virtual
    environments and tool caches; `build` and `dist` are not, since packages are called so too.
    A folder that cannot be read does not stop the walk.
    """
    files: list[str] = []
    unreadable: dict[str, str] = {}
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                for entry in entries:
                    path = f"{folder}{entry.name}"
                    if entry.is_file(follow_symlinks=False):
                        files.append(path)
                    elif entry.name not in _SKIPPED_FOLDERS and _is_real_folder(entry):
                        pending.append(path + "/")
        except OSError as error:
            unreadable[folder.rstrip("/") or "."] = error.strerror or str(error)
    return Listing(sorted(files), dict(sorted(unreadable.items())))


def select(
    paths: Sequence[str],
    include: Sequence[str],
    exclude: Sequence[str],
    wanted: Sequence[str] = (),
) -> list[str]:
    """The paths that are wanted, included and not excluded, in the order given.

    `wanted` are files and folders as the user named them, relative to the root; none means all,
    and so does the root itself (`.`). A file that is named outright need not be included; but
    `exclude` always holds, because tools that pass changed files on, such as pre-commit, name
    excluded ones too.

    An include that is just a suffix, such as `*.py`, means files with that suffix, and not, as in
    a .gitignore, also whatever lies in a folder with such a name.
    """
    is_included = _include_matcher(include)
    excluded = GitIgnoreSpec.from_lines(exclude)
    chosen: Iterable[str] = paths
    if wanted and "." not in wanted:
        named = set(wanted)
        folders = tuple(f"{path}/" for path in named.difference(paths))
        chosen = (
            path
            for path in paths
            if path in named or (path.startswith(folders) and is_included(path))
        )
    else:
        chosen = filter(is_included, paths)
    if not exclude:
        return list(chosen)
    return [path for path in chosen if not _matches(excluded, path)]


def relative_wanted(root: Path, cwd: Path, arguments: Sequence[str]) -> list[str]:
    """The files and folders named on the command line, relative to the root; `.` is the root.

    `arguments` are absolute or relative to `cwd`. Links are followed as long as they lead to
    something below the root. Raises UsageError, naming the argument, for what does not exist or
    lies outside.
    """
    real_root = Path(os.path.realpath(root))
    wanted = []
    for argument in arguments:
        try:
            target = Path(cwd, argument).resolve(strict=True)
        except FileNotFoundError:
            raise UsageError(f"{argument}: there is no such file or folder") from None
        # Before Python 3.13 a loop of links is a RuntimeError.
        except (OSError, RuntimeError, ValueError) as error:
            raise UsageError(f"{argument}: cannot be looked up: {error}") from None
        if not target.is_relative_to(real_root):
            leads = "leads to" if Path(cwd, argument).is_symlink() else "lies in"
            raise UsageError(f"{argument}: {leads} {target.parent}, outside of {root}")
        wanted.append(target.relative_to(real_root).as_posix())
    return wanted


def _is_real_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder of its own: no link and, on Windows, no junction."""
    junction: Callable[[], bool] = getattr(entry, "is_junction", lambda: False)
    return entry.is_dir(follow_symlinks=False) and not junction()


def _include_matcher(globs: Sequence[str]) -> Callable[[str], bool]:
    """A fast test for suffixes, since the usual `*.py` meets every path of the repository."""
    if any(glob.startswith("!") for glob in globs):
        # A negation depends on the order of the globs.
        ordered = GitIgnoreSpec.from_lines(globs)
        return lambda path: _matches(ordered, path)
    suffixes = tuple(match[1] for glob in globs if (match := _SUFFIX_GLOB.fullmatch(glob)))
    others = [glob for glob in globs if not _SUFFIX_GLOB.fullmatch(glob)]
    if not others:
        return lambda path: path.endswith(suffixes)
    spec = GitIgnoreSpec.from_lines(others)
    return lambda path: path.endswith(suffixes) or _matches(spec, path)


def _matches(spec: GitIgnoreSpec, path: str) -> bool:
    # The dot of pathspec's regular expressions does not match a newline, which a name may have.
    return spec.match_file(path.replace("\n", "\r"))
