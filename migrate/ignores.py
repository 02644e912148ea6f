"""Comments that leave a site alone: `# migrate: ignore[<codemod>] reason`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tree_sitter import Node, Tree

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
        # A site of whole lines ends where the next one starts, which is no part of it.
        first, last = text.line_index(site.start), text.line_index(max(site.start, site.end - 1))
        return any(first <= line <= last for line in self.lines)


def unknown_names(text: SourceText, tree: Tree, known: Collection[str]) -> list[tuple[Span, str]]:
    """The comments of a file that name something that is no known codemod, and that name.

    Codemods that only a command line names, such as `file.py:NAME`, cannot be known.
    """
    return [
        (Span(match.start(), match.end()), name)
        for match, names, _ in _comments(text, tree)
        for name in sorted(names - set(known))
        if ":" not in name and not name.endswith(".py")
    ]


def ignores_for(codemod: str, text: SourceText, tree: Tree) -> list[Ignore]:
    """The comments of a file that name this codemod.

    A comment behind code means its own line; one that stands alone means the next.
    """
    found: list[Ignore] = []
    for match, names, node in _comments(text, tree):
        if codemod not in names:
            continue
        line = text.line_index(match.start())
        alone = not text.utf8[text.line_start(match.start()) : node.start_byte].strip()
        found.append(
            Ignore(Span(match.start(), match.end()), frozenset({line + 1 if alone else line}))
        )
    return found


def _comments(text: SourceText, tree: Tree) -> Iterator[tuple[re.Match[bytes], set[str], Node]]:
    """The ignore comments of a file, with the names in the brackets; strings are none."""
    for match in _IGNORE.finditer(text.utf8):
        names = {name.strip() for name in match.group(1).decode("utf-8", "replace").split(",")}
        node = tree.root_node.descendant_for_byte_range(match.start(), match.end())
        if node is not None and node.type == "comment":
            yield match, names, node
