"""Other people's tools as codemods: one module for each kind of thing that can be named.

Each has `adapt(value, id, arguments)`, which gives a codemod, or None where the value is none of
its kind. `arguments` are those of the command line, in their order, or None where the codemod is
only to be described. It raises UsageError for a value of its kind that cannot be used, and for
arguments that it does not take.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from migrate.adapters import commands, functions
from migrate.codemod import AnyCodemod
from migrate.errors import UsageError

Arguments = Sequence[tuple[str, str]] | None

# The first that knows a value takes it.
_KINDS = (commands.adapt, functions.adapt)

WHAT = (
    "a Codemod or FileCodemod of migrate.codemod, a libcst.codemod command class,"
    " or a function (source: bytes, path) -> bytes"
)


def adapt(value: object, id: str, arguments: Arguments) -> AnyCodemod | None:
    """The codemod that a value of another tool is; None for a value of no known kind."""
    found = (kind(value, id, arguments) for kind in _KINDS)
    return next((codemod for codemod in found if codemod is not None), None)


def script(path: Path, id: str, arguments: Arguments) -> AnyCodemod:
    """The codemod that a whole script is; `path` is an existing file.

    Raises UsageError for a script of no known kind.
    """
    raise UsageError(f"{path}: say which codemod of this file is meant: -c {path.name}:NAME")
