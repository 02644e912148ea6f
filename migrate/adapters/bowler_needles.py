"""Words of which a file must contain one for a Bowler query to match anything in it."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Sequence

from fissix.fixer_base import BaseFix
from fissix.pytree import BasePattern, LeafPattern, NodePattern, WildcardPattern

# What a match needs: one of these words. None is "unknown": it may match without any word.
Words = frozenset[str] | None


def needed_words(fixers: Iterable[BaseFix]) -> Words:
    """One of which words a file contains that any of the fixers may change; None for any file."""
    return _either(_words_of_fixer(fixer) for fixer in fixers)


def _words_of_fixer(fixer: BaseFix) -> Words:
    """What the fixer's pattern needs, if its pattern is all that decides where it acts."""
    cls = type(fixer)
    acts_by_pattern = (
        cls.match is BaseFix.match
        and cls.start_tree is BaseFix.start_tree
        and cls.finish_tree is BaseFix.finish_tree
    )
    return _words(fixer.pattern) if acts_by_pattern and fixer.pattern is not None else None


def _words(pattern: BasePattern) -> Words:
    """One of which words the source of any match of a pattern contains."""
    if isinstance(pattern, LeafPattern):
        return frozenset({pattern.content}) if _is_telling(pattern.content) else None
    if isinstance(pattern, NodePattern):
        return _most_telling(pattern.content or ())
    if isinstance(pattern, WildcardPattern) and pattern.min > 0 and pattern.content is not None:
        return _either(map(_most_telling, pattern.content))
    return None  # optional, negated, or anything at all


def _either(alternatives: Iterable[Words]) -> Words:
    """What is needed where any of several patterns may be the one that matches."""
    words: frozenset[str] = frozenset()
    for each in alternatives:
        if each is None:
            return None
        words |= each
    return words


def _most_telling(sequence: Sequence[BasePattern]) -> Words:
    """What is needed where all the patterns of a sequence match: the longest word will do."""
    known = [words for words in map(_words, sequence) if words]
    return max(known, key=lambda words: min(map(len, words)), default=None)


def _is_telling(literal: str | None) -> bool:
    """Whether to look for a literal: not for punctuation and keywords, which are everywhere, nor
    for what has other bytes in other encodings.
    """
    return (
        literal is not None
        and literal.isascii()
        and any(character.isalnum() for character in literal)
        and not keyword.iskeyword(literal)
    )
