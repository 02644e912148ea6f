"""Ids that the new class refuses, and the old one did not.

What is known of an id is what the source of this file says: literals and what they are joined to,
constants, defaults of parameters, attributes, values of loops, what calls in the file give to its
functions, what pytest passes, and what helpers return. An id that may be a refused one, on one way
of several, is a problem. What nobody can know from the file passes: a parameter that has no
default and that nothing in the file calls, `uuid4()`, an answer of another library. Such ids come
from elsewhere, where nothing speaks for a forbidden one, and queueing each file for them would
queue almost all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from codemods.context_imports.options import Move, Options
from codemods.context_imports.values.origins import Origins
from codemods.context_imports.values.texts import Text, said, texts_of
from migrate.view import FileView

EMPTY = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """What a class refuses as an id: words in any case, and short strings with some prefixes."""

    words: frozenset[str]
    prefixes: tuple[str, ...]
    limit: int

    def prefix(self, text: Text) -> str | None:
        """The prefix for which a string is refused, or may be; None if it is not."""
        if text.shortest >= self.limit:
            return None
        return next((p for p in self.prefixes if text.start.lower().startswith(p)), None)

    def word(self, text: Text) -> bool:
        """Whether a string is refused as a whole."""
        start = text.start.lower()
        return text.whole and (start if start.strip() else EMPTY) in self.words

    def may_refuse(self, text: Text) -> bool:
        """Whether a string is refused, or may be."""
        return self.word(text) or self.prefix(text) is not None

    def is_short(self, text: Text) -> bool:
        """Whether a string is so short that a prefix counts in any case."""
        return text.longest is not None and text.longest < self.limit

    def refuses(self, text: Text) -> bool:
        """Whether a string is refused for sure."""
        return self.word(text) or (self.prefix(text) is not None and self.is_short(text))


@dataclass(frozen=True, slots=True)
class Problem:
    """An argument with an id that is refused, why, and what to write instead, if known."""

    argument: Node
    message: str
    suggestion: str | None = None


class Ids:
    """The ids that the calls in one file give."""

    def __init__(self, view: FileView, options: Options, origins: Origins) -> None:
        """Judge the ids of one file."""
        self._view = view
        self._names = options.ids
        self._origins = origins
        self._limit = options.prefix_limit
        words = frozenset(options.forbidden_words)
        self._new = Refused(words, options.forbidden_prefixes, self._limit)

    def problems(
        self,
        given: Mapping[str, Node],
        mappings: Sequence[Node],
        move: Move | None,
        *,
        constructs: bool,
    ) -> Iterator[Problem]:
        """The arguments whose ids the new class refuses or may refuse.

        `given` has the arguments by the name of the parameter, `mappings` those behind `**`, and
        `move` what the old class refuses. A call that the old class refused for an id is refused
        for the same one by the new class: what comes later in it is no obstacle. With `constructs`
        all ids have to be there.
        """
        old = Refused(
            frozenset(move.forbidden_words if move is not None else ()),
            move.forbidden_prefixes if move is not None else (),
            self._limit,
        )
        values = [
            (name, *found) for name in self._names for found in self._values(name, given, mappings)
        ]
        if constructs and any(
            _is_empty(texts) and all(map(old.word, texts)) for _, _, texts in values
        ):
            return
        for name, node, texts in values:
            known = texts if constructs and _is_empty(texts) else [t for t in texts if t.start]
            wrong = [t for t in known if self._new.may_refuse(t) and not old.may_refuse(t)]
            if wrong:
                message = self._sentence(wrong[0], certain=len(texts) == 1)
                yield Problem(node, message, self._instead(name, node, wrong[0]))
            if texts and all(map(old.refuses, texts if constructs else known or texts)):
                return

    def _values(
        self, name: str, given: Mapping[str, Node], mappings: Sequence[Node]
    ) -> Iterator[tuple[Node, list[Text]]]:
        """The strings that an id can be, with the argument that gives it."""
        if name in given:
            yield given[name], texts_of(self._origins, self._origins.of(given[name]))
            return
        for node in mappings:
            found = self._origins.mapped(node, name)
            if found:
                yield node, texts_of(self._origins, found)

    def _sentence(self, text: Text, *, certain: bool) -> str:
        """Why the new class refuses a string, or may."""
        shown = f"{text.start!r}" if text.whole else f"a string that starts with {text.start!r}"
        if text.place is not None:
            shown = f"{shown} ({said(text.place, self._view)})"
        verb = "is" if certain else "may be"
        prefix = self._new.prefix(text)
        if self._new.word(text):
            return f"The id {verb} {shown}, which the new class refuses."
        unless = "" if self._new.is_short(text) else f" unless it has {self._limit} characters"
        return (
            f"The id {verb} {shown}, and the new class refuses one that starts with"
            f" {prefix!r}{unless}."
        )

    def _instead(self, name: str, node: Node, text: Text) -> str | None:
        """The string with a word in front that makes it an id for the new class; None for others.

        Ids that differ still do.
        """
        if node.type != "string":
            return None
        word = f"{name.removesuffix('_id')}-"
        mended = replace(
            text,
            start=word + text.start,
            shortest=len(word) + text.shortest,
            longest=None if text.longest is None else len(word) + text.longest,
        )
        if self._new.may_refuse(mended):
            return None
        opening = self._view.source(node.children[0])
        return opening + word + self._view.source(node).removeprefix(opening)


def _is_empty(texts: Sequence[Text]) -> bool:
    """Whether an id is an empty string or None for sure."""
    return bool(texts) and all(text.whole and not text.start.strip() for text in texts)
