"""The process's own streams: what they can show, and writing to them."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from migrate.errors import UsageError
from migrate.report.terminal import Ink, escape

_WIDTH = 80
_WIDEST = 120  # wider prose is hard to read
_PROGRESS_INTERVAL = 0.1  # seconds

Progress = Callable[[str, int, int], None]


def prepare() -> None:
    """Let no character end a run: what a stream's encoding lacks is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        # Only the real streams can be reconfigured; a closed one is None.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person watches the stream."""
    return stream is not None and not stream.closed and stream.isatty()


def shows_color(stream: TextIO | None) -> bool:
    """Whether ANSI colours make sense there (https://no-color.org, https://force-color.org)."""
    env = os.environ
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR"):
        return True
    if not is_terminal(stream) or env.get("TERM") == "dumb":
        return False
    # The old Windows console prints ANSI sequences as they are; these terminals say who they are.
    modern = {"WT_SESSION", "ANSICON", "TERM", "TERM_PROGRAM"}
    return sys.platform != "win32" or not modern.isdisjoint(env)


def width(stream: TextIO | None) -> int:
    """Columns to lay a report out for; fixed where no terminal is, so that output is stable."""
    if not is_terminal(stream):
        return _WIDTH
    return max(40, min(shutil.get_terminal_size((_WIDTH, 24)).columns, _WIDEST))


def write(text: str) -> None:
    """Print a report, or any other result; a reader who has left, as `head` does, is no error."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Windows says EINVAL for a closed pipe.
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise UsageError(f"cannot write to standard output: {error.strerror}") from error


def warn(kind: str, message: str) -> None:
    """One message on standard error: `error: ...`, `hint: ...`."""
    if sys.stderr is None:
        return
    styles = {"error": "red", "hint": "cyan"}
    label = Ink(shows_color(sys.stderr))(styles.get(kind, "yellow"), f"{kind}:")
    # Messages may quote the analysed files; their own line breaks are kept.
    lines = [escape(line) for line in message.split("\n")]
    with suppress(OSError):  # nobody is left to tell
        print(label, "\n".join(lines), file=sys.stderr)


def check_writable(path: Path) -> None:
    """Raise UsageError where `save` could not work, before a long run rather than after it."""
    # These, unlike Path's methods, take whatever the system says to a name for "no".
    if os.path.isdir(path):
        raise UsageError(f"--output: {path} is a directory")
    if not os.path.isdir(path.parent):
        raise UsageError(f"--output: there is no directory {path.parent}")


def save(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, all of it or nothing; raises UsageError.

    Lone surrogates, which stand for bytes that are not UTF-8, become escapes.
    """
    data = text.encode("utf-8", "backslashreplace")
    path = Path(os.path.realpath(path))  # a link stays one
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        if path.exists() and not path.is_file():  # a pipe or a device cannot be replaced
            path.write_bytes(data)
            return
        try:
            with temporary.open("xb") as file:
                file.write(data)
            if path.exists():
                shutil.copymode(path, temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"--output: cannot write {path}: {error.strerror}") from error


@contextmanager
def progress(verbosity: int) -> Iterator[Progress]:
    """A function to report progress to: a line on a terminal, wiped at the end; else nothing."""
    stream = sys.stderr
    if verbosity < 0 or not is_terminal(stream):
        yield lambda phase, done, total: None
        return
    columns = width(stream) - 1
    due = 0.0

    def show(phase: str, done: int, total: int) -> None:
        nonlocal due
        if time.monotonic() < due:
            return
        due = time.monotonic() + _PROGRESS_INTERVAL
        line = f"{phase}: {done:,}/{total:,}" if total else phase
        # Blanks and carriage returns only, which every console understands.
        stream.write(f"\r{escape(line)[:columns]:<{columns}}")
        stream.flush()

    try:
        yield show
    finally:
        stream.write(f"\r{'':<{columns}}\r")
        stream.flush()
