"""What strings an expression can have as its value, as far as the source says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from codemods.context_imports.values.origins import Origin, Origins, Place
from migrate.text import lines_of
from migrate.view import FileView

# `uuid.uuid4()`, `str(uuid.uuid4())[:8]` and `uuid.uuid4().hex[:8]`; seconds since 1970.
_UUID = re.compile(r"\buuid[14]\(\)\)?(\.hex)?(?:\[:(\d+)\])?$")
_SECONDS = re.compile(r"int\(time\.time\(\)( \* 1000)?\)$")
# More combinations of the parts of one string than these are not looked at.
_MOST = 64


@dataclass(frozen=True, slots=True)
class Text:
    """A string: how it starts, whether that is all of it, and how long it is.

    `longest` is None where nothing says; `place` is where it is written, None for the expression
    that was asked about.
    """

    start: str
    whole: bool
    shortest: int
    longest: int | None
    place: Place | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known of it but perhaps its length."""
        return not self.whole and not self.start


def said(place: Place, view: FileView) -> str:
    """A place for the reader of a file: the line, with the file if it is another one."""
    path, offset = place
    if path == view.path:
        return f"line {view.text.line_index(offset) + 1}"
    tree = view.project.index.tree(path)
    before = (tree.root_node.text or b"")[:offset] if tree is not None else b""
    return f"{path}:{len(lines_of(before))}"


def texts_of(origins: Origins, found: Sequence[Origin]) -> list[Text]:
    """The strings that values of these origins can be, an unknown one for what nobody knows.

    None counts as an empty string.
    """
    return [text for origin in found for text in _texts(origins, origin)]


def _texts(origins: Origins, origin: Origin) -> Iterator[Text]:
    match origin.value:
        case ast.Constant(value=str(value)):
            yield _whole(value, origin)
        case ast.Constant(value=None):
            yield _whole("", origin)
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            yield _whole(str(value), origin)
        case ast.JoinedStr(values=values):
            yield from _joined(origins, origin, values)
        case ast.BinOp(op=ast.Add()):
            yield from _joined(origins, origin, _added(origin.value))
        case ast.BinOp(left=ast.Constant(value=str(pattern)), op=ast.Mod()):
            yield _filled(pattern.partition("%"), origin)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(pattern)), attr="format")):
            yield _filled(pattern.partition("{"), origin)
        case value:
            yield _unknown(_length(ast.unparse(value)), origin)


def _whole(value: str, origin: Origin) -> Text:
    return Text(value, True, len(value), len(value), origin.place)


def _unknown(length: int | None, origin: Origin) -> Text:
    """A string of which nothing is known but perhaps its length."""
    return Text("", False, length or 0, length, origin.place)


def _filled(parts: tuple[str, str, str], origin: Origin) -> Text:
    """A pattern up to its first replacement field."""
    start, field, _ = parts
    return Text(start, not field, len(start), None if field else len(start), origin.place)


def _joined(origins: Origins, origin: Origin, values: Sequence[ast.expr]) -> Iterator[Text]:
    """Every string that comes of joining one of the strings of each part."""
    parts = [list(_part(origins, origin.at(value))) for value in values]
    for combination in islice(product(*parts), _MOST):
        joined = Text("", True, 0, 0, origin.place)
        for text in combination:
            both = joined.longest is not None and text.longest is not None
            joined = Text(
                start=joined.start + text.start if joined.whole else joined.start,
                whole=joined.whole and text.whole,
                shortest=joined.shortest + text.shortest,
                longest=(joined.longest or 0) + (text.longest or 0) if both else None,
                place=joined.place or text.place,
            )
        yield joined


def _added(value: ast.expr) -> list[ast.expr]:
    """What a sum adds up, in order; a long one is nested as deep as it is long."""
    found: list[ast.expr] = []
    while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        found.append(value.right)
        value = value.left
    return [value, *reversed(found)]


def _part(origins: Origins, origin: Origin) -> Iterator[Text]:
    """A part of a string: of an f-string's replacement field, what it is filled with."""
    value = origin.value
    if isinstance(value, ast.FormattedValue):
        is_plain = value.format_spec is None and value.conversion in (-1, ord("s"))
        length = _length(ast.unparse(value.value))
        if not is_plain or length is not None:
            yield _unknown(length if is_plain else None, origin)
            return
        origin = origin.at(value.value)
    yield from texts_of(origins, list(origins.behind(origin)))


def _length(source: str) -> int | None:
    """How many characters a UUID or a time has; None for anything else."""
    uuid, seconds = _UUID.search(source), _SECONDS.search(source)
    if uuid is not None:
        length = 32 if uuid.group(1) else 36
        length = min(length, int(uuid.group(2))) if uuid.group(2) else length
    elif seconds is not None:
        length = 13 if seconds.group(1) else 10
    else:
        return None
    return length
