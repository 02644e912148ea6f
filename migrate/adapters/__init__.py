"""Other people's tools as codemods: one module for each kind of thing that can be named.

Each has `adapt(value, id, arguments)`, which gives a codemod, or None where the value is none of
its kind. `arguments` are those of the command line, in their order, or None where the codemod is
only to be described. It raises UsageError for a value of its kind that cannot be used, and for
arguments that it does not take. A script that acts as soon as it is imported is known by its source
instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from migrate.adapters import bowler, commands, functions
from migrate.codemod import AnyCodemod

Arguments = Sequence[tuple[str, str]] | None

# The first that knows a value takes it.
_KINDS = (commands.adapt, functions.adapt)

WHAT = (
    "a Codemod or FileCodemod of migrate.codemod, a libcst.codemod command class,"
    " a Bowler script, or a function (source: bytes, path) -> bytes"
)


def adapt(value: object, id: str, arguments: Arguments) -> AnyCodemod | None:
    """The codemod that a value of another tool is; None for a value of no known kind."""
    found = (kind(value, id, arguments) for kind in _KINDS)
    return next((codemod for codemod in found if codemod is not None), None)


def adapt_script(
    path: Path, id: str, arguments: Arguments, name: str = "", package: str = ""
) -> AnyCodemod | None:
    """The codemod of a script that must not simply be imported; None for any other module.

    `name` is what is meant in it, or empty for all of it, `package` the one that it belongs to.
    Raises UsageError for a file that cannot be read, and a script that fails or has no codemod.
    """
    return bowler.adapt_script(path, id, arguments, name, package)
