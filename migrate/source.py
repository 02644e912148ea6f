"""Where a file's bytes come from: the working tree, a commit, memory, or one over another.

Every source is a picklable value, to be sent to worker processes once. Paths are relative to the
root with `/`; a source reads those that it lists and nothing else, so that no name made up by the
analysed code, such as one with `..`, reaches the file system.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from migrate.errors import MigrateError
from migrate.model import TreeEntry

# No final link is followed, and opening a FIFO returns at once. Windows has neither flag; that the
# file is looked at before it is opened has to do there.
_EXTRA_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Source(Protocol):
    """Files by path."""

    @property
    def paths(self) -> Sequence[str]:
        """All paths, sorted."""

    def read(self, path: str) -> bytes:
        """The file's bytes. Raises OSError; FileNotFoundError for a path that is not listed."""


@dataclass(frozen=True)
class WorkingTree:
    """The regular files `paths` (sorted) below `root`, as they are on disk.

    What a path names by the time it is read may be anything: a link, a FIFO, a device or a folder
    gives an OSError, and so does a folder on the way that is a link out of the root.
    """

    root: Path
    paths: Sequence[str]
    _inside: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def read(self, path: str) -> bytes:
        """The file's bytes; raises OSError."""
        at = bisect_left(self.paths, path)
        if at == len(self.paths) or self.paths[at] != path:
            raise _not_found(path)
        folder, _, _ = path.rpartition("/")
        if folder and not self._is_inside(folder):
            raise OSError(errno.ELOOP, "its folder is a symbolic link that leads away", path)
        return _read_regular(os.path.join(self.root, path), path)

    def _is_inside(self, folder: str) -> bool:
        known = self._inside.get(folder)
        if known is None:
            target = os.path.realpath(os.path.join(self.root, folder))
            known = target.startswith(os.path.join(self._real_root, ""))
            self._inside[folder] = known
        return known

    @cached_property
    def _real_root(self) -> str:
        return os.path.realpath(self.root)


@dataclass(frozen=True)
class CommitTree:
    """The files of a commit, byte for byte, whatever the working tree holds.

    A working file is taken where it is the blob's content, which spares git the work; a path in
    `changed`, a file that checkout converted (line endings, LFS) or one that is gone comes from
    `read_blob`, which must be picklable.
    """

    root: Path
    entries: Mapping[str, TreeEntry]
    changed: frozenset[str]
    read_blob: Callable[[str], bytes]

    @cached_property
    def paths(self) -> Sequence[str]:
        """All paths, sorted."""
        return sorted(self.entries)

    def read(self, path: str) -> bytes:
        """The file's bytes in the commit; raises OSError."""
        entry = self.entries.get(path)
        if entry is None:
            raise _not_found(path)
        if path not in self.changed:
            try:
                data = self._working_tree.read(path)
            except OSError:
                pass
            else:
                if _blob_id(data, entry.blob) == entry.blob:
                    return data
        try:
            return self.read_blob(entry.blob)
        except MigrateError as error:
            raise OSError(errno.EIO, str(error), path) from error

    @cached_property
    def _working_tree(self) -> WorkingTree:
        return WorkingTree(self.root, self.paths)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the fields only; what is computed from them would double the size."""
        return type(self), (self.root, self.entries, self.changed, self.read_blob)


@dataclass(frozen=True)
class Overlay:
    """The source `base` with some files replaced or added."""

    base: Source
    contents: Mapping[str, bytes]

    @cached_property
    def paths(self) -> Sequence[str]:
        """All paths, sorted."""
        return sorted({*self.base.paths, *self.contents})

    def read(self, path: str) -> bytes:
        """The file's bytes; raises OSError."""
        data = self.contents.get(path)
        return self.base.read(path) if data is None else data


@dataclass(frozen=True)
class Memory:
    """Files given as bytes."""

    contents: Mapping[str, bytes]

    @cached_property
    def paths(self) -> Sequence[str]:
        """All paths, sorted."""
        return sorted(self.contents)

    def read(self, path: str) -> bytes:
        """The file's bytes; raises FileNotFoundError."""
        data = self.contents.get(path)
        if data is None:
            raise _not_found(path)
        return data


def _read_regular(full: str, path: str) -> bytes:
    """The bytes of the regular file `full`; errors name it as `path`."""
    try:
        # Opening a device can have effects, so look first; and look again at what was opened.
        _check_regular(os.lstat(full), path)
        with open(full, "rb", opener=_open) as file:
            _check_regular(os.fstat(file.fileno()), path)
            return file.read()
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None


def _open(full: str, flags: int) -> int:
    return os.open(full, flags | _EXTRA_FLAGS)


def _check_regular(status: os.stat_result, path: str) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder", path)
    if stat.S_ISLNK(status.st_mode):
        raise OSError(errno.ELOOP, "is a symbolic link", path)
    raise OSError(errno.EINVAL, "is not a regular file", path)


def _blob_id(data: bytes, like: str) -> str:
    """The id that git gives a blob, by the hash function that the id `like` was made with."""
    algorithm = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    digest = algorithm(b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


def _not_found(path: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, "is not one of the files", path)
