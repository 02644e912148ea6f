"""What the bytes of a file tell, without a syntax tree, about what it may have from others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, cached_property

PACKAGE = "/__init__.py"
# In the imports of a file: of all that a module has, of a name, and from the package around it.
STAR, NAME, AROUND = b"* ", b"import ", b"from ."
# The search for a word is fast only for a pattern that begins with its letters.
_IMPORT = re.compile(rb"import\b(?:[ \t]*\((?:[^)#]|#[^\n]*)*|(?:[^\n(\\]|\\\r?\n|\\)*)")
_STARRED = re.compile(rb"(\w+)\s+import\s*\*")
_WORD = re.compile(rb"\w+")


def name_of(path: str) -> bytes:
    """What imports call a file of Python."""
    return path.removesuffix(PACKAGE).removesuffix(".py").rpartition("/")[2].encode()


@dataclass(frozen=True)
class Words:
    """Answers for the source of a file, or of a part of one."""

    data: bytes
    _known: dict[tuple[bool, bytes], bool] = field(default_factory=dict)

    @cached_property
    def imports(self) -> frozenset[bytes]:
        """Each word in an import, those that it may bind behind `NAME` once more, and `AROUND`.

        A module of which all is imported is there behind `STAR`.
        """
        found: set[bytes] = set()
        for match in _IMPORT.finditer(self.data):
            line = self.data.rfind(b"\n", 0, match.start()) + 1
            statement = self.data[line : match.end()]
            found.update(_WORD.findall(statement))
            found.update(NAME + name for name in _WORD.findall(match.group()))
            if b"*" in statement:
                found.update(STAR + name for name in _STARRED.findall(statement))
            if AROUND in statement:
                found.add(AROUND)
        return frozenset(found)

    def have(self, name: bytes) -> bool:
        """Whether a name is there."""
        key = (False, name)
        if key not in self._known:
            self._known[key] = name in self.data
        return self._known[key]

    def use(self, attribute: bytes) -> bool:
        """Whether an attribute is there; one of the reader's own instance is another one."""
        key = (True, attribute)
        if key not in self._known:
            named = b"." + attribute in self.data
            self._known[key] = named and _used(attribute).search(self.data) is not None
        return self._known[key]


@cache
def _used(attribute: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?<!\bself)\." + re.escape(attribute) + rb"\b")
