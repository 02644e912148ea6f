"""The git repository: what is in it, and the batches as commits on a branch.

The only importer of GitPython, which is used to run git and nothing more: its own readers and
writers know neither SHA-256 nor linked worktrees, and reading an index of 50,000 entries takes
them a second. Paths are text relative to the root with `/`; bytes that are not UTF-8 are kept by
`os.fsdecode`. Every failure of git is a RepositoryError that says what to do.
"""

from __future__ import annotations

import os
import shlex
import signal
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.errors import RepositoryError, UsageError
from migrate.gitobjects import object_id, pack, replace_blobs
from migrate.model import Batch, BatchContent, TreeEntry

if TYPE_CHECKING:
    from filelock import FileLock

_REGULAR_MODES = frozenset({"100644", "100755"})

# No code of the repository's or the user's runs besides content filters, and output is the same
# whatever the configuration says.
_CONFIGURATION = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "i18n.commitEncoding=UTF-8",
)

_ENVIRONMENT = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_OPTIONAL_LOCKS": "0",
    # A tree built from a replaced object would differ from the one that the commit names.
    "GIT_NO_REPLACE_OBJECTS": "1",
}

# What git gives its hooks, and what would point us at another repository than the one asked for.
_REDIRECTIONS = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)


_INSTALL = "it is not there or cannot be started; install git, or put it on PATH"


class _Result(NamedTuple):
    command: str
    status: int
    output: bytes
    errors: bytes


class _Commit(NamedTuple):
    tree: str
    parents: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Repository:
    """A git repository with a working tree. Picklable; safe to use from threads and workers."""

    root: Path
    git_dir: Path
    common_dir: Path
    _readers: dict[int, _ObjectReader] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def find(cls, start: Path) -> Repository | None:
        """The repository whose working tree holds the folder `start`, or None.

        Raises RepositoryError for one that has no working tree or that git refuses to touch.
        """
        if not start.is_dir():
            raise RepositoryError(f"{start} is not a folder that can be entered")
        with _redirections_hidden():

            def ask(question: str) -> Path:
                answer = _checked(_run(start, ("rev-parse", question), {}), start)
                return Path(start, os.fsdecode(answer.removesuffix(b"\n"))).resolve()

            inside = _run(start, ("rev-parse", "--is-inside-work-tree"), {})
            if b"not a git repository (or any" in inside.errors:
                return None
            if _checked(inside, start).strip() != b"true":
                raise RepositoryError(
                    f"{start} is inside a bare repository or a .git folder, where there are no"
                    " files to migrate; go to a clone or worktree of it"
                )
            return cls(ask("--show-toplevel"), ask("--absolute-git-dir"), ask("--git-common-dir"))

    def __reduce__(self) -> tuple[type[Repository], tuple[Path, Path, Path]]:
        """Pickle the places only; processes and locks belong to the process that made them."""
        return type(self), (self.root, self.git_dir, self.common_dir)

    def head(self) -> str | None:
        """The full id of the commit that HEAD names, or None where there is no commit yet."""
        return self._resolve("HEAD")

    def branch_tip(self, name: str) -> str | None:
        """The full id of the commit at the tip of the branch, or None where there is no such."""
        return self._resolve(f"refs/heads/{name}")

    def working_files(self) -> list[str]:
        """The regular files, sorted, that are tracked, or untracked and not ignored.

        Left out: symbolic links, submodules, nested repositories, what a sparse checkout does not
        have, and tracked files that are gone from the working tree.
        """
        listing = _split(
            self._git(
                "ls-files", "-z", "-v", "--stage", "--cached", "--others", "--exclude-standard"
            )
        )
        files: set[str] = set()
        unsure: set[str] = set()
        for record in listing:
            tag, rest = record[0], record[2:]
            if tag == "?":
                unsure.add(rest)
                continue
            details, _, path = rest.partition("\t")
            if details[:6] in _REGULAR_MODES:
                # Other tags are files that git was told not to look at: sparse, assume-unchanged.
                (files if tag == "H" else unsure).add(path)
        differences = _split(self._git("diff-files", "-z", "--name-status", "--no-renames"))
        for kind, path in zip(differences[::2], differences[1::2], strict=True):
            if path in files:
                files.remove(path)
                if kind != "D":
                    unsure.add(path)
        return sorted(files.union(filter(self._is_regular, unsure)))

    def commit_files(self, commit: str) -> dict[str, TreeEntry]:
        """The regular files of a commit by path; no symbolic links, no submodules."""
        files = {}
        for record in _split(self._git("ls-tree", "-r", "-z", "--full-tree", commit)):
            details, _, path = record.partition("\t")
            mode, _, blob = details.split(" ")
            if mode in _REGULAR_MODES:
                files[path] = TreeEntry(mode, blob)
        return files

    def changed_paths(self) -> frozenset[str]:
        """The paths whose index entry or working file differs from HEAD, and the untracked ones.

        Both names of a renamed file are in it. Nothing is written, the index included.
        """
        status = self._git(
            *("status", "--porcelain", "-z", "--untracked-files=all"),
            *("--no-renames", "--ignore-submodules=dirty"),
        )
        return frozenset(record[3:].rstrip("/") for record in _split(status))

    def read_blob(self, blob: str) -> bytes:
        """A blob's content, exactly as it is stored."""
        return self._read_object(blob)

    def check_identity(self) -> None:
        """Raise RepositoryError if git does not know who the commits are by."""
        for role in ("AUTHOR", "COMMITTER"):
            result = self._run("var", f"GIT_{role}_IDENT")
            if result.status:
                raise RepositoryError(
                    f"git does not know who makes the commits in {self.root}. Tell it with:\n"
                    '  git config --global user.name "Your Name"\n'
                    "  git config --global user.email you@example.com"
                )

    def check_branch_name(self, name: str) -> None:
        """Raise UsageError if git would not take `name` for a branch."""
        result = self._run("check-ref-format", "--branch", name)
        # git prints what it makes of the name: "@{-1}" is taken, as another branch's name.
        if result.status or os.fsdecode(result.output.removesuffix(b"\n")) != name:
            raise UsageError(f"{name!r} is not a valid name for a branch")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other runs from committing to this repository, in all its worktrees.

        May be nested. The operating system releases the lock when the process dies. Raises
        RepositoryError if another run has it.
        """
        from filelock import Timeout

        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise RepositoryError(
                f"another run of migrate is committing to {self.root};"
                " wait until it has finished, then run this again"
            ) from None
        except OSError as error:
            raise RepositoryError(
                f"cannot lock {self._lock.lock_file}: {error.strerror};"
                f" {self.common_dir} must be writable"
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def completed_batches(
        self, base: str, branch: str, contents: Sequence[BatchContent]
    ) -> tuple[str, ...]:
        """The ids of the commits on `branch`, from `base`, that are the first of these batches.

        Raises RepositoryError if the branch has anything else: a merge, a commit that is no batch
        of this run, or one whose tree is not what the batch gives.
        """
        tip = self.branch_tip(branch)
        if tip is None or tip == base:
            return ()
        commits = self._git("rev-list", "--first-parent", "--reverse", f"{base}..{tip}").split()
        if not commits:
            raise _foreign(branch, f"it ends at {tip[:9]}, before the base commit {base[:9]}")
        parent, tree = base, self._read_commit(base).tree
        for number, raw_id in enumerate(commits):
            id = raw_id.decode()
            if number == len(contents):
                raise _foreign(branch, f"commit {id[:9]} comes after the last batch")
            content, commit = contents[number], self._read_commit(id)
            tree, _ = self._build(tree, content)
            if commit.parents != (parent,):
                raise _foreign(branch, f"commit {id[:9]} does not follow {parent[:9]} alone")
            if _trailers(commit.message) != _trailers(content.message):
                raise _foreign(branch, f"commit {id[:9]} is not batch {content.batch.number}")
            if commit.tree != tree:
                what = f"commit {id[:9]} has other files than batch {content.batch.number} gives"
                raise _foreign(branch, what)
            parent = id
        return tuple(commit.decode() for commit in commits)

    def commit_batches(
        self,
        base: str,
        branch: str,
        contents: Sequence[BatchContent],
        progress: Callable[[Batch], None] | None = None,
    ) -> tuple[str, ...]:
        """Commit the batches in order on `branch`, from `base`; all the commits' ids.

        Goes on after the batches that the branch already has. The branch moves by compare-and-swap
        after each batch, when `progress` is called with the batch and its commit; working tree,
        index and HEAD are not touched. Raises RepositoryError if the branch has other content, is
        checked out anywhere, or moves under our hands, and for any failure of git; what is
        committed until then stays.
        """
        if not contents:
            return ()
        with self.lock():
            ids = list(self.completed_batches(base, branch, contents))
            if len(ids) < len(contents):
                self._check_not_checked_out(branch)
            missing = "0" * len(base)
            old = ids[-1] if ids else (base if self.branch_tip(branch) == base else missing)
            for content in contents[len(ids) :]:
                commit = self._write_commit(ids[-1] if ids else base, content)
                reason = f"migrate: batch {content.batch.number}"
                reference = f"refs/heads/{branch}"
                self._git("update-ref", "--no-deref", "-m", reason, reference, commit, old)
                ids.append(commit)
                old = commit
                if progress is not None:
                    progress(replace(content.batch, commit=commit))
        return tuple(ids)

    def switch(self, branch: str) -> None:
        """Check the branch out; raises RepositoryError, with git's own words, if it refuses."""
        self._git("switch", "--quiet", "--no-guess", branch)

    def _write_commit(self, parent: str, content: BatchContent) -> str:
        """Store the batch's blobs, trees and commit; only the commit's id refers to them yet."""
        tree, objects = self._build(self._read_commit(parent).tree, content)
        self._git("unpack-objects", "-q", stdin=pack(objects, parent))
        message = content.message.encode("utf-8", "backslashreplace")
        return (
            self._git("commit-tree", tree, "-p", parent, "-F", "-", stdin=message).decode().strip()
        )

    def _build(self, tree: str, content: BatchContent) -> tuple[str, list[tuple[str, bytes]]]:
        """The id of the tree that the batch makes of `tree`, and the objects that it adds."""
        blobs = {
            os.fsencode(path): object_id("blob", data, tree)
            for path, data in content.contents.items()
        }
        try:
            changed, trees = replace_blobs(self._read_object, tree, blobs)
        except LookupError as error:
            raise RepositoryError(
                f"batch {content.batch.number} changes {os.fsdecode(error.args[0])!r},"
                f" which is no regular file of the commit before it"
            ) from None
        return changed, [
            *(("blob", data) for data in content.contents.values()),
            *(("tree", data) for data in trees),
        ]

    def _check_not_checked_out(self, branch: str) -> None:
        """Moving a branch under a working tree would make all its files look changed."""
        listing = self._git("for-each-ref", "--format=%(worktreepath)", f"refs/heads/{branch}")
        worktree = os.fsdecode(listing).strip()
        if worktree:
            raise RepositoryError(
                f"the branch {branch} is checked out in {worktree};"
                " switch to another branch there, or choose another name with --branch"
            )

    def _resolve(self, name: str) -> str | None:
        result = self._run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if result.status == 1:
            return None
        return _checked(result, self.root).decode().strip()

    def _is_regular(self, path: str) -> bool:
        try:
            return stat.S_ISREG(os.lstat(os.path.join(self.root, path)).st_mode)
        except OSError:
            return False

    def _read_commit(self, commit: str) -> _Commit:
        header, _, message = self._read_object(commit).partition(b"\n\n")
        tree, *others = header.decode(errors="replace").split("\n")
        parents = [line.removeprefix("parent ") for line in others if line.startswith("parent ")]
        return _Commit(tree.removeprefix("tree "), tuple(parents), message.decode(errors="replace"))

    def _read_object(self, id: str) -> bytes:
        """An object's content, from the process of `git cat-file` that this process keeps."""
        # A worker made by fork must not read the answers to its parent's questions. The parent's
        # reader is kept all the same: to drop it would end the parent's process.
        reader = self._readers.get(os.getpid())
        if reader is None:
            reader = _ObjectReader(self._start("cat-file", "--batch"))
            reader = self._readers.setdefault(os.getpid(), reader)
        data = None
        try:
            data = reader.read(id)
        finally:
            if data is None:  # Dead, or interrupted between a question and its answer.
                self._readers.pop(os.getpid(), None)
        if data is None:
            raise RepositoryError(
                f"git cannot read the object {id} of {self.root}; look with: git fsck"
            )
        return data

    @cached_property
    def _lock(self) -> FileLock:
        from filelock import FileLock

        return FileLock(self.common_dir / "migrate.lock")

    @property
    def _environment(self) -> Mapping[str, str]:
        """Name the repository outright, whatever the caller's environment points at."""
        return {
            "GIT_DIR": str(self.git_dir),
            "GIT_WORK_TREE": str(self.root),
            "GIT_COMMON_DIR": str(self.common_dir),
            "GIT_INDEX_FILE": str(self.git_dir / "index"),
            "GIT_OBJECT_DIRECTORY": str(self.common_dir / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
            "GIT_NAMESPACE": "",
        }

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        return _checked(self._run(*arguments, stdin=stdin), self.root)

    def _run(self, *arguments: str, stdin: bytes = b"") -> _Result:
        return _run(self.root, arguments, self._environment, stdin)

    def _start(self, *arguments: str) -> Any:
        return _start(self.root, arguments, self._environment)


class _ObjectReader:
    """A running `git cat-file --batch`: a question a line, answered at once."""

    def __init__(self, process: Any) -> None:
        self._process = process
        self._lock = threading.Lock()

    def read(self, id: str) -> bytes | None:
        """The object's content; None if it is not there or git has ended."""
        with self._lock:
            try:
                self._process.stdin.write(id.encode() + b"\n")
                self._process.stdin.flush()
            except BrokenPipeError:
                return None
            # Either "<id> <kind> <size>", or "<id> missing", or nothing at the end.
            header = self._process.stdout.readline().split()
            if len(header) != 3:
                return None
            data: bytes = self._process.stdout.read(int(header[2]) + 1)
            return data[:-1]


@contextmanager
def _redirections_hidden() -> Iterator[None]:
    """Take away what would turn git's search for a repository into an answer given beforehand.

    GitPython passes this process's environment on, and can add to it but not leave anything out.
    """
    hidden = {name: os.environ.pop(name) for name in _REDIRECTIONS if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _start(folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> Any:
    """A running git with pipes for standard input, output and errors."""
    try:
        from git.cmd import Git
        from git.exc import GitCommandNotFound
    except ImportError as error:  # GitPython looks for git when it is imported.
        raise RepositoryError(f"cannot run git: {_INSTALL}") from error
    try:
        return Git(folder).execute(
            ["git", *(part for value in _CONFIGURATION for part in ("-c", value)), *arguments],
            istream=subprocess.PIPE,
            as_process=True,
            env={**_ENVIRONMENT, **environment},
            # An interrupt from the keyboard is for us. Git must not die of it while it writes,
            # and in a session without a terminal nothing that it starts can ask for a password.
            start_new_session=True,
        )
    except (GitCommandNotFound, OSError) as error:
        raise RepositoryError(f"cannot run git in {folder}: {_INSTALL}") from error


def _run(
    folder: Path, arguments: Sequence[str], environment: Mapping[str, str], stdin: bytes = b""
) -> _Result:
    process = _start(folder, arguments, environment)
    output, errors = process.communicate(stdin)
    return _Result(arguments[0], process.returncode, output, errors)


def _checked(result: _Result, folder: Path) -> bytes:
    """What git printed; raises RepositoryError, with git's words and advice, if it failed."""
    if result.status == 0:
        return result.output
    if result.status < 0:
        words = f"ended by a signal: {signal.strsignal(-result.status)}"
    else:
        words = result.errors.decode(errors="backslashreplace").strip()
    advice = next((hint for sign, hint in _ADVICE if sign in words), "")
    raise RepositoryError(f"git {result.command} failed in {folder}: {words}{advice}")


_WRITABLE = "\nMake the repository writable and run this again."
_MOVED = "\nSomething else moved the branch meanwhile; run this again."
_ADVICE = (
    ("No space left", "\nFree some disk space and run this again; it goes on where it stopped."),
    ("File size limit", "\nRaise the limit and run this again; it goes on where it stopped."),
    ("Permission denied", _WRITABLE),
    ("insufficient permission", _WRITABLE),
    ("Read-only file system", _WRITABLE),
    (".lock': File exists", "\nIf no other git is at work, delete that file and run this again."),
    ("exists; cannot create", "\nChoose another name with --branch."),
    ("but expected", _MOVED),
    ("reference already exists", _MOVED),
)


def _foreign(branch: str, what: str) -> RepositoryError:
    return RepositoryError(
        f"the branch {branch} exists with other content: {what}.\n"
        "Choose another name with --branch, or delete the branch with:"
        f" git branch -D {shlex.quote(branch)}"
    )


def _trailers(message: str) -> list[str]:
    return [line for line in message.splitlines() if line.startswith("Migrate-")]


def _split(output: bytes) -> list[str]:
    """The records of an output in which each is ended by NUL."""
    return os.fsdecode(output).split("\0")[:-1]
