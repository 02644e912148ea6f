"""The installed codemods, built-in and third-party, from one entry-point group."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from migrate.codemod import Codemod
from migrate.errors import UsageError

GROUP = "migrate.codemods"


@cache
def codemods() -> Mapping[str, Codemod]:
    """Every installed codemod by id, in the order of the ids.

    Raises UsageError for an entry point that does not lead to a codemod.
    """
    found: dict[str, Codemod] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            codemod = entry.load()
        except Exception as error:
            raise UsageError(f"cannot load codemod {entry.name} ({entry.value}): {error}") from None
        if not isinstance(codemod, Codemod):
            raise UsageError(f"{entry.value}, named as codemod {entry.name}, is no Codemod")
        found[codemod.id] = codemod
    return found
