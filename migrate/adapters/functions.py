"""Functions from bytes to bytes as codemods."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from migrate.codemod import Converted, FileCodemod, FileContext
from migrate.errors import UsageError


def adapt(
    value: object, id: str, arguments: Sequence[tuple[str, str]] | None
) -> FileCodemod | None:
    """The codemod of a function `(source: bytes, path: str) -> bytes`; None for no function.

    `path` is relative to the root of the repository. A function that returns None, or the bytes
    that it was given, leaves the file as it is.
    """
    if not callable(value) or isinstance(value, type):
        return None
    if arguments:
        raise UsageError(f"{id} is a function, which takes no --codemod-arg")
    _check_parameters(value, id)
    doc = inspect.getdoc(value) or f"The function {id}."
    return FileCodemod(id=id, version=1, doc=doc, convert=_Convert(value, id))


@dataclass(frozen=True)
class _Convert:
    function: Callable[..., Any]
    id: str

    def __call__(self, data: bytes, file: FileContext) -> Converted:
        after = self.function(data, file.path)
        if after is not None and not isinstance(after, bytes):
            raise TypeError(f"{self.id} returned {type(after).__name__} instead of bytes")
        return Converted(after)


def _check_parameters(function: Callable[..., Any], id: str) -> None:
    """Raise UsageError for a function that cannot be called with the source and its path."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # not known, as for some that are written in C
        return
    try:
        signature.bind(b"", "")
    except TypeError as error:
        raise UsageError(
            f"{id} cannot be called with (source, path): {error}; it has {signature}"
        ) from None
