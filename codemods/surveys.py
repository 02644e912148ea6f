"""What the surveys of several codemods have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from migrate.codemod import Each, Unanswered
from migrate.project import Project

_Found = TypeVar("_Found")

_FILES_AT_ONCE = 256


def found_in(
    paths: Sequence[str], ask: Callable[[Project, Sequence[str]], list[_Found]], each: Each
) -> list[_Found]:
    """What a quick question finds in some files, in order; `ask` gets many of them at once.

    Raises RuntimeError if it cannot be answered.
    """
    chunks = [paths[at : at + _FILES_AT_ONCE] for at in range(0, len(paths), _FILES_AT_ONCE)]
    those: list[_Found] = []
    for found in each(ask, chunks):
        if isinstance(found, Unanswered):
            raise RuntimeError(found.message)
        those += found
    return those
