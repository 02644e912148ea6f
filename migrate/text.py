"""A Python file's text: decoding, positions, and encoding it back without losing a byte."""

from __future__ import annotations

import bisect
import codecs
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from migrate.model import Position, Span

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LONE_CR = re.compile(rb"\r(?!\n)")
# A coding cookie is in the first two lines; a line longer than this is no cookie.
_COOKIE_WINDOW = 4096


class DecodeError(Exception):
    """A file whose bytes are no text in its declared encoding; `line` is where it is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        """Keep the message and the line, which counts from 1."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class SourceText:
    """The text of one file, as UTF-8 without byte-order mark; every offset counts its bytes."""

    utf8: bytes
    encoding: str = "utf-8"
    bom: bool = False

    @classmethod
    def decode(cls, data: bytes) -> SourceText:
        """The text of `data`, by its byte-order mark or coding cookie, else UTF-8 (PEP 263).

        Raises DecodeError if the bytes are not in that encoding, or would not come back the same.
        """
        head = _first_lines(data)
        encoding = "utf-8"
        if b"coding" in head or data.startswith(codecs.BOM_UTF8):
            encoding = _declared_encoding(head)
        bom = encoding == "utf-8-sig"
        body = data.removeprefix(codecs.BOM_UTF8) if bom else data
        encoding = "utf-8" if bom else encoding
        try:
            text = body.decode(encoding)
            faithful = encoding == "utf-8" or text.encode(encoding) == body
        except UnicodeDecodeError as error:
            line = len(_LINE_END.findall(body, 0, error.start)) + 1
            byte = body[error.start]
            raise DecodeError(f"byte 0x{byte:02x} is not valid {encoding}", line) from None
        except (LookupError, UnicodeError, ValueError) as error:
            raise DecodeError(f"cannot decode as {encoding}: {error}") from None
        if not faithful:
            raise DecodeError(f"does not come back the same through {encoding}")
        return cls(body if encoding == "utf-8" else text.encode(), encoding, bom)

    def encode(self, utf8: bytes) -> bytes:
        """`utf8` in the file's own encoding and with its byte-order mark.

        Raises UnicodeEncodeError if the encoding has no such character.
        """
        body = utf8 if self.encoding == "utf-8" else utf8.decode().encode(self.encoding)
        return codecs.BOM_UTF8 + body if self.bom else body

    @cached_property
    def parsable(self) -> bytes:
        """The text with lone carriage returns as line feeds, which parsers expect; same offsets."""
        return _LONE_CR.sub(b"\n", self.utf8) if b"\r" in self.utf8 else self.utf8

    @cached_property
    def newline(self) -> str:
        """The file's most frequent line ending; a line feed where it has none."""
        crlf = self.utf8.count(b"\r\n")
        counts = {
            "\n": self.utf8.count(b"\n") - crlf,
            "\r\n": crlf,
            "\r": self.utf8.count(b"\r") - crlf,
        }
        return max(counts, key=lambda ending: counts[ending])

    @cached_property
    def _line_starts(self) -> list[int]:
        if b"\r" in self.utf8:
            return [0, *(match.end() for match in _LINE_END.finditer(self.utf8))]
        return list(accumulate((len(line) + 1 for line in self.utf8.split(b"\n")), initial=0))[:-1]

    def line_index(self, offset: int) -> int:
        """The line that holds `offset`, counted from 0."""
        return bisect.bisect_right(self._line_starts, offset) - 1

    def line_start(self, offset: int) -> int:
        """The offset of the first byte of the line that holds `offset`."""
        return self._line_starts[self.line_index(offset)]

    def line_end(self, offset: int) -> int:
        """The offset of the end of the line that holds `offset`, its line ending left out."""
        ends = (self.utf8.find(ending, offset) for ending in (b"\n", b"\r"))
        return min((end for end in ends if end >= 0), default=len(self.utf8))

    def next_line(self, offset: int) -> int:
        """The offset of the line after the one that holds `offset`; the text's end if none is."""
        index = self.line_index(offset) + 1
        return self._line_starts[index] if index < len(self._line_starts) else len(self.utf8)

    def line(self, index: int) -> bytes:
        """Line `index`, counted from 0, without its line ending; empty past the end."""
        if index < 0 or index >= len(self._line_starts):
            return b""
        start = self._line_starts[index]
        return self.utf8[start : self.line_end(start)]

    def line_span(self, index: int) -> Span:
        """Line `index`, counted from 0, without its line ending; the text's start for no line."""
        if index < 0 or index >= len(self._line_starts):
            return Span(0, 0)
        start = self._line_starts[index]
        return Span(start, self.line_end(start))

    def position(self, offset: int) -> Position:
        """`offset` for a person."""
        index = self.line_index(offset)
        column = len(self.utf8[self._line_starts[index] : offset].decode("utf-8", "replace"))
        return Position(index + 1, column + 1)

    def offset(self, position: Position) -> int:
        """The offset of a place given as line and column."""
        start = self._line_starts[position.line - 1]
        before = self.line(position.line - 1).decode()[: position.column - 1]
        return start + len(before.encode())

    def slice(self, span: Span) -> str:
        """The text of `span`."""
        return self.utf8[span.start : span.end].decode()

    def occurrences(self, word: bytes, within: Span | None = None) -> Iterator[int]:
        """The offset of each occurrence of `word` that is no part of a longer identifier."""
        start, end = (within.start, within.end) if within else (0, len(self.utf8))
        return whole_words(self.utf8, word, start, end)


def _first_lines(data: bytes) -> bytes:
    """The whole lines in the window for a cookie, and the byte-order mark in any case."""
    head = data[:_COOKIE_WINDOW]
    if len(data) > _COOKIE_WINDOW:
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]
    return head or data[: len(codecs.BOM_UTF8)]


def _declared_encoding(head: bytes) -> str:
    """The encoding that the first two lines declare, named as `tokenize` does (PEP 263)."""
    lines = iter(_LONE_CR.sub(b"\n", head).splitlines(keepends=True))
    try:
        encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
    except SyntaxError as error:
        raise DecodeError(str(error), 1) from None
    return encoding


def whole_words(data: bytes, word: bytes, start: int = 0, end: int | None = None) -> Iterator[int]:
    """The offset of each occurrence of `word` in `data` that is no part of a longer identifier."""
    end = len(data) if end is None else end
    at = data.find(word, start, end)
    while at >= 0:
        behind = at + len(word)
        if not (at and _in_identifier(data[at - 1])) and not (
            behind < len(data) and _in_identifier(data[behind])
        ):
            yield at
        at = data.find(word, behind, end)


def _in_identifier(byte: int) -> bool:
    """Whether an identifier can have this byte, as any character beyond ASCII may."""
    return byte >= 0x80 or byte in _IDENTIFIER


_IDENTIFIER = frozenset(b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def lines_of(data: bytes) -> list[bytes]:
    """`data` split at every kind of line ending that Python knows, endings left out."""
    return _LINE_END.split(data)
