"""TOML files that people write, parsed with errors for people."""

from __future__ import annotations

import tomllib
from typing import Any

from migrate.errors import UsageError

MOST_BYTES = 4_000_000


def parse(data: bytes, name: str) -> dict[str, Any]:
    """The tables of a file with this content; raises UsageError, which names it as `name`."""
    if len(data) > MOST_BYTES:
        raise UsageError(f"{name}: larger than {MOST_BYTES:,} bytes")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}: not valid TOML: not UTF-8 (at line {line})") from error
    except ValueError as error:  # tomllib's own error, which names the line, and huge integers
        raise UsageError(f"{name}: not valid TOML: {error}") from error
    except RecursionError as error:
        raise UsageError(f"{name}: not valid TOML: nested too deeply") from error
