"""Run code of other people in this process, and have the process as it was afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress


@contextmanager
def guest() -> Iterator[None]:
    """Let what somebody's code does for its whole process end with it.

    The current folder, the recursion limit and the standard streams are put back. What the code
    prints, and the programs that it runs, goes to standard error: it is no part of a report.
    """
    limit = sys.getrecursionlimit()
    with _folder(), redirect_stdout(sys.stderr), redirect_stderr(sys.stderr), _no_output():
        try:
            yield
        finally:
            sys.setrecursionlimit(limit)


@contextmanager
def restored() -> Iterator[None]:
    """Put the environment and the search path of modules back.

    This is for the work on a file. What a module sets when it is loaded, its code may need later.
    """
    variables, path = dict(os.environ), sys.path[:]
    try:
        yield
    finally:
        sys.path[:] = path
        if os.environ != variables:
            os.environ.clear()
            os.environ.update(variables)


@contextmanager
def _folder() -> Iterator[None]:
    """Come back to the current folder, if it still exists."""
    try:
        here = os.getcwd()
    except OSError:
        yield
        return
    try:
        yield
    finally:
        os.chdir(here)


@contextmanager
def _no_output() -> Iterator[None]:
    """Have the descriptor of standard output lead to standard error, which other programs heed."""
    try:
        output = os.dup(1)
    except OSError:  # the process has none
        yield
        return
    try:
        with suppress(OSError):
            os.dup2(2, 1)
        yield
    finally:
        os.dup2(output, 1)
        os.close(output)
