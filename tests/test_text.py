"""Bytes to text and back without losing one, and places in it."""

from __future__ import annotations

import encodings.aliases

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.model import Edit, Span
from migrate.rewrite import splice
from migrate.safety import ProofError, prove, prove_names
from migrate.text import DecodeError, SourceText, whole_words

# Characters of one to four bytes, every line ending, and what a line of Python may hold.
TEXTS = st.text(st.sampled_from("ab_1 \t\f\r\n\"'#=()\\é€\u2028\x85😀"), max_size=60)
untimed = settings(deadline=None)
ENCODINGS = sorted(set(encodings.aliases.aliases.values()))


def decoded(data: bytes) -> SourceText | DecodeError:
    """The text of `data`, or why it has none."""
    try:
        return SourceText.decode(data)
    except DecodeError as error:
        return error


def split(text: str) -> list[str]:
    """The lines of a text, as Python has them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@untimed
@given(st.binary(max_size=200) | TEXTS.map(str.encode))
def test_bytes_come_back_as_they_were_or_are_refused(data: bytes) -> None:
    text = decoded(data)
    assert isinstance(text, DecodeError) or text.encode(text.utf8) == data


@untimed
@given(
    st.sampled_from(ENCODINGS),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.binary(max_size=60) | TEXTS.map(str.encode),
)
def test_every_cookie_comes_back_or_is_refused(encoding: str, bom: bytes, rest: bytes) -> None:
    data = bom + b"# -*- coding: %s -*-\n" % encoding.encode() + rest
    text = decoded(data)
    if isinstance(text, DecodeError):
        assert str(text)
        assert text.line is None or 1 <= text.line <= len(split(rest.decode("latin-1"))) + 1
    else:
        assert text.encode(text.utf8) == data
        assert text.utf8.decode().encode() == text.utf8


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"# coding\n", b"a", b"'coding'"])
def test_a_line_of_any_length_may_have_letters_beyond_ascii(before: bytes) -> None:
    data = before + b"x = '" + "é".encode() * 5000 + b"'\n"
    text = SourceText.decode(data)
    assert text.encode(text.utf8) == data


@untimed
@given(TEXTS)
def test_utf_8_is_never_refused(source: str) -> None:
    for bom in (b"", b"\xef\xbb\xbf"):
        text = SourceText.decode(bom + source.encode())
        assert (text.utf8, text.encoding, text.bom) == (source.encode(), "utf-8", bool(bom))


@untimed
@given(TEXTS)
def test_positions_and_offsets_are_each_others_inverse(source: str) -> None:
    text = SourceText(source.encode())
    lines = split(source)
    for index in range(len(source) + 1):
        offset = len(source[:index].encode())
        position = text.position(offset)
        if source[max(0, index - 1) : index + 1] == "\r\n":
            continue  # between these two no line starts or ends
        before = split(source[:index])
        assert (position.line, position.column) == (len(before), len(before[-1]) + 1)
        assert text.offset(position) == offset
        assert text.line(text.line_index(offset)).decode() == lines[position.line - 1]
        assert text.line_start(offset) <= offset <= text.line_end(offset)


@untimed
@given(TEXTS)
def test_parsers_see_the_same_lines_at_the_same_offsets(source: str) -> None:
    text = SourceText(source.encode())
    seen = text.parsable.decode()
    assert len(seen) == len(source)
    assert seen.replace("\r\n", "\n").split("\n") == split(source)
    changed = {(old, new) for old, new in zip(source, seen, strict=True) if old != new}
    assert changed <= {("\r", "\n")}


@untimed
@given(st.lists(st.sampled_from([b"ab", b"a", b"b", b" ", b".", "é".encode(), b"ab_"])))
def test_whole_words_are_those_between_other_characters(parts: list[bytes]) -> None:
    data = b"".join(parts)
    words = "".join(c if c.isalnum() or c == "_" else " " for c in data.decode()).split()
    assert len(list(whole_words(data, b"ab"))) == words.count("ab")


# Splicing, and the proofs that it is held against


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    """A module of plain assignments and edits of some values, in any order."""
    values = draw(st.lists(st.sampled_from([b"1", b"'\xc3\xa9'", b"[2, 3]"]), min_size=1))
    ending = draw(st.sampled_from([b"\n", b"\r\n", b"\r"]))
    source, edits = b"", []
    for number, value in enumerate(values):
        source += b"x%d = " % number
        if draw(st.booleans()):
            new = draw(st.sampled_from([b"None", b"(4)", b"'\xe2\x82\xac'"]))
            edits.append(Edit(Span(len(source), len(source) + len(value)), new))
        source += value + ending
    return source, draw(st.permutations(edits))


@untimed
@given(edited(), st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_what_is_spliced_is_proven(change: tuple[bytes, list[Edit]], bom: bytes) -> None:
    source, edits = change
    text = SourceText.decode(bom + source)
    after = text.encode(splice(text.utf8, edits))
    prove(bom + source, after, edits)
    assert (after == bom + source) == (not edits)


@untimed
@given(edited(), st.data())
def test_any_other_byte_is_found(change: tuple[bytes, list[Edit]], data: st.DataObject) -> None:
    source, edits = change
    after = splice(source, edits)
    at = data.draw(st.integers(0, len(after)))
    wrong = data.draw(
        st.sampled_from([after[:at] + b"0" + after[at:], after[:at] + after[at + 1 :]])
    )
    if wrong == after:
        return
    with pytest.raises(ProofError):
        prove(source, wrong, edits)


@pytest.mark.parametrize(
    ("before", "after", "proof"),
    [
        (b"x = 1\n", b"x = 22\n", "other-bytes"),
        (b"x = 1\ny = 1\n", b"x = 2\ny = 2\n", "other-bytes"),
        (b"x = 1\r\n", b"x = (\n2)\r\n", "line-endings"),
        (b"x = 1\n", b"x = (\n", "parses"),
        (b"x = 1\n", b"x = unbound\n", "names"),
        (b"x = 1\n", b"\xef\xbb\xbfx = 1\n", "encoding"),
        (b"#coding:latin-1\nx = 1\n", b"#coding:latin-9\nx = 1\n", "encoding"),
    ],
)
def test_a_wrong_result_fails_by_the_name_of_the_proof(
    before: bytes, after: bytes, proof: str
) -> None:
    at = before.find(b"1", before.find(b"x ="))
    new = after[after.find(b"x =") + 4 :].rstrip(b"\r\n")
    if proof == "other-bytes":
        new = b"2"
    edits = [Edit(Span(at, at + 1), new)]
    if proof == "names":
        prove(before, after, edits)
    with pytest.raises(ProofError, match=f"^{proof}: "):
        prove_names(before, after) if proof == "names" else prove(before, after, edits)
