"""Text that is safe to print, and colour.

What comes from an analysed file may hold anything, terminal escape sequences and characters that
reorder a line included ("Trojan Source", CVE-2021-42574); printed raw, it could forge a report.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass

# C0 and C1 controls, marks and overrides of the text direction, separators of lines, invisible
# characters and lone surrogates. Joiners (U+200C, U+200D) stay: scripts and emoji need them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "title": "1;4",
}


def escape(text: str) -> str:
    r"""`text` as one line; what could act on a terminal is written as `\n`, `\x1b` or `\u202e`."""
    return _UNSAFE.sub(_escaped, text)


def escape_source(line: str) -> str:
    """A line of source: as `escape` does, but tabs stay."""
    return "\t".join(map(escape, line.split("\t")))


def counted(number: int, thing: str) -> str:
    """A number with its noun: `1 file`, `1,204 files`."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def quoted(argument: str) -> str:
    """`argument` as the system's shell wants it."""
    if sys.platform == "win32":
        return escape(subprocess.list2cmdline([argument]))
    return escape(shlex.quote(argument))


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


@dataclass(frozen=True, slots=True)
class Ink:
    """ANSI styles where `color` is true, else plain text."""

    color: bool = False

    def __call__(self, style: str, text: str) -> str:
        """`text`, already escaped, in a style: bold, dim, title or the name of a colour."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.color and text else text
