"""LibCST's codemod commands as codemods."""

from __future__ import annotations

from collections.abc import Sequence

from migrate.codemod import FileCodemod


def adapt(value: object, id: str, arguments: Sequence[tuple[str, str]]) -> FileCodemod | None:
    """The codemod of a class of commands; None for anything else."""
    return None
