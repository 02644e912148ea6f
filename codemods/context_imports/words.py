"""Words that tell, by the bytes of a file alone, what it may have from another one."""

from __future__ import annotations

import re
from functools import lru_cache

PACKAGE = "/__init__.py"
# Code inside a package need not name it.
AROUND = b"from ."
_IMPORT = b"import "
_STAR = b"* "


def name_of(path: str) -> bytes:
    """What imports call a file of Python."""
    return path.removesuffix(PACKAGE).removesuffix(".py").rpartition("/")[2].encode()


def attribute(name: bytes) -> bytes:
    """The word for an attribute; one of the reader's own instance is another one."""
    return b"." + name


def module(path: str) -> bytes:
    """The word for an import of a file, or of something in it."""
    return _IMPORT + name_of(path)


def star(path: str) -> bytes:
    """The word for an import of all that a file has."""
    return _STAR + name_of(path)


def words_of(data: bytes, wanted: frozenset[bytes]) -> frozenset[bytes]:
    """Those words that some source has: names as they are, or what other functions here give."""
    return frozenset(
        [
            word
            for word, name, pattern in _looked_up(wanted)
            if name in data and (pattern is None or pattern.search(data))
        ]
    )


@lru_cache(maxsize=256)
def _looked_up(words: frozenset[bytes]) -> list[tuple[bytes, bytes, re.Pattern[bytes] | None]]:
    """Each word with what to look for before anything that takes longer."""
    return [(e, e.removeprefix(_IMPORT).removeprefix(_STAR), _pattern(e)) for e in sorted(words)]


def _pattern(word: bytes) -> re.Pattern[bytes] | None:
    if word.startswith(b"."):
        return re.compile(rb"(?<!\bself)" + re.escape(word) + rb"\b")
    if word.startswith(_STAR):
        return re.compile(rb"\b" + re.escape(word.removeprefix(_STAR)) + rb"\s+import\s*\*")
    if not word.startswith(_IMPORT):
        return None
    name = rb"\b" + re.escape(word.removeprefix(_IMPORT)) + rb"\b"
    return re.compile(name + rb"\s+import\b|\bimport\b(?:\s*\([^)]*|[^(\n]*)" + name)
