"""The repository's configuration, read once: `migrate.toml` or `[tool.migrate]`.

The files belong to the analysed repository, so nothing in them is trusted: whatever they hold ends
in settings or in a UsageError, and a link that leads out of the repository is not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from migrate import toml
from migrate.errors import UsageError
from migrate.model import Settings

_OWN = "migrate.toml"
_SHARED = "pyproject.toml"
# Ruff's own order: the hidden file wins.
_RUFF = (".ruff.toml", "ruff.toml")

_MAX_LINE_LENGTH = 320  # ruff's own limit


def load(root: Path, known: Mapping[str, object]) -> Settings:
    """The settings of the repository at `root`.

    `known` has the ids of the installed codemods as keys. `migrate.toml` wins as a whole over
    `[tool.migrate]` in `pyproject.toml`; without either the defaults hold. The codemods' own
    tables are kept as they are, under their ids. Raises UsageError, which names file and key, for
    a file that cannot be read, for an unknown key or codemod and for a value of the wrong type.
    """
    own = _read(root, _OWN)
    if own is None:
        shared = _read(root, _SHARED) or {}
        table, where = _tool_table(shared), f"{_SHARED}: [tool.migrate]"
    else:
        # All that pyproject.toml can still give is a line length: not worth failing for.
        shared = _read_leniently(root, _SHARED)
        table, where = own, _OWN
    return _settings(table, where, known, _line_length(root, shared))


def _settings(
    table: Mapping[str, object], where: str, known: Mapping[str, object], line_length: int
) -> Settings:
    values: dict[str, Any] = {}
    options: dict[str, Mapping[str, object]] = {}
    for key, value in table.items():
        if key in _CHECKS:
            values[key.replace("-", "_")] = _CHECKS[key](value, f"{where}: {key}")
        elif key in known:
            if not isinstance(value, dict):
                raise UsageError(f"{where}: {key} must be a table of the codemod's options")
            options[key] = MappingProxyType(value)
        else:
            raise UsageError(
                f"{where}: unknown key {key!r}; known are {', '.join(_CHECKS)}"
                f" and the ids of installed codemods ({', '.join(sorted(known)) or 'none'})"
            )
    for codemod in values.get("codemods", ()):
        if codemod not in known:
            raise UsageError(
                f"{where}: codemods: no codemod {codemod!r} is installed;"
                f" installed are: {', '.join(sorted(known)) or 'none'}"
            )
    return Settings(
        **values, line_length=line_length, where=where, options=MappingProxyType(options)
    )


def _strings(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise UsageError(f"{where} must be a list of strings, not {_shown(value)}")


def _count(value: object, where: str) -> int:
    if type(value) is int and value >= 1:  # a bool is an int, too
        return value
    raise UsageError(f"{where} must be an integer of at least 1, not {_shown(value)}")


_CHECKS: Mapping[str, Callable[[object, str], object]] = {
    "codemods": _strings,
    "include": _strings,
    "exclude": _strings,
    "priority": _strings,
    "batch-size": _count,
}


def _shown(value: object) -> str:
    """`value` for a message, cut where it is long."""
    # str() of a huge integer raises, above the interpreter's limit on digits.
    text = "a huge integer" if type(value) is int and value.bit_length() > 64 else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _read(root: Path, name: str) -> dict[str, Any] | None:
    """The parsed file `name` in `root`, or None if there is no such file; raises UsageError."""
    path = root / name
    try:
        # A directory is no configuration, and opening a pipe would wait for ever.
        if not path.is_file():
            return None
        if not path.resolve().is_relative_to(root.resolve()):
            raise UsageError(f"{name}: a symbolic link that leads out of the repository")
        with path.open("rb") as file:
            data = file.read(toml.MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from error
    return toml.parse(data, name)


def _read_leniently(root: Path, name: str) -> dict[str, Any]:
    """The parsed file, or an empty table where there is none or it is not usable."""
    try:
        return _read(root, name) or {}
    except UsageError:
        return {}


def _tool_table(shared: Mapping[str, Any]) -> Mapping[str, object]:
    """`[tool.migrate]`, or an empty table; raises UsageError if it is no table."""
    tool = shared.get("tool", {})
    if not isinstance(tool, dict):
        raise UsageError(f"{_SHARED}: tool must be a table, not {_shown(tool)}")
    table = tool.get("migrate", {})
    if not isinstance(table, dict):
        raise UsageError(f"{_SHARED}: tool.migrate must be a table, not {_shown(table)}")
    return table


def _line_length(root: Path, shared: Mapping[str, Any]) -> int:
    """The repository's own line length: ruff's, else black's, else the default of both.

    These settings are other tools' business: a value that they would refuse is passed over.
    """
    tables = [_read_leniently(root, name) for name in _RUFF]
    tool = shared.get("tool")
    if isinstance(tool, dict):
        tables += [tool[name] for name in ("ruff", "black") if isinstance(tool.get(name), dict)]
    for table in tables:
        value = table.get("line-length")
        if type(value) is int and 1 <= value <= _MAX_LINE_LENGTH:
            return value
    return Settings().line_length
