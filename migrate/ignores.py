"""Comments that leave a site alone: `# migrate: ignore[<codemod>] reason`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Tree

from migrate.model import Span
from migrate.text import SourceText

NEEDLE = b"migrate:"
_IGNORE = re.compile(rb"#\s*migrate:\s*ignore\[([^\]\r\n]*)\]")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore comment; `lines` are the lines, counted from 0, whose sites it leaves alone."""

    span: Span
    lines: frozenset[int]

    def covers(self, text: SourceText, site: Span) -> bool:
        """Whether a site that starts or ends on one of the lines is meant."""
        first, last = text.line_index(site.start), text.line_index(site.end)
        return any(first <= line <= last for line in self.lines)


def ignores_for(codemod: str, text: SourceText, tree: Tree) -> list[Ignore]:
    """The comments of a file that name this codemod.

    A comment behind code means its own line; one that stands alone means the next.
    """
    found: list[Ignore] = []
    for match in _IGNORE.finditer(text.utf8):
        names = {name.strip() for name in match.group(1).decode("utf-8", "replace").split(",")}
        node = tree.root_node.descendant_for_byte_range(match.start(), match.end())
        if codemod not in names or node is None or node.type != "comment":
            continue
        line = text.line_index(match.start())
        alone = not text.utf8[text.line_start(match.start()) : node.start_byte].strip()
        found.append(
            Ignore(Span(match.start(), match.end()), frozenset({line + 1 if alone else line}))
        )
    return found
