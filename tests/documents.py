"""Documentation whose examples are run: its blocks, and whether what it shows is what comes out.

In the blocks of a console a line that is just `...` stands for any number of lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# What differs from one run to the next: ids of commits, in full and as they are shown, and times.
_VARYING = re.compile(r"\b(?:[0-9a-f]{40}|[0-9a-f]{9})\b|\bin \d+\.\d+s\b")


def blocks(text: str, language: str) -> list[str]:
    """The content of each fenced block of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block, in order, with the output that it shows."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def fits(shown: str, printed: str) -> bool:
    """Whether the output is the shown one, but for what varies and for lines left out."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "...\n" else re.escape(line)
        for line in _steady(shown).splitlines(keepends=True)
    )
    return re.fullmatch(pattern, _steady(printed)) is not None


def require_fit(command: str, shown: str, printed: str) -> None:
    """Fail if a command does not print what is shown, and say which lines are gone."""
    gone = set(_steady(shown).splitlines()) - set(_steady(printed).splitlines()) - {"..."}
    assert fits(shown, printed), f"{printed}$ {command}\nno longer prints: {gone}"


def _steady(text: str) -> str:
    return _VARYING.sub("VARYING", text)
