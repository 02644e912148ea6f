"""Each proof fails when its fault is planted, and no proof fails without one."""

from __future__ import annotations

import codecs

import pytest

from migrate.model import Edit, Span
from migrate.safety import ProofError, fault_of, prove, prove_names
from migrate.text import SourceText

BEFORE = b"import os\n\ndef f(c):\n    c.x = os\n    return c\n"
AT = BEFORE.index(b"c.x = os")
SITE = Span(AT, AT + len(b"c.x = os"))


def failed(before: bytes, after: bytes, *edits: Edit) -> str:
    """The name of the first proof that fails; empty if all hold."""
    try:
        prove(before, after, edits)
        prove_names(before, after)
    except ProofError as error:
        return str(error).partition(":")[0]
    return ""


def replaced(new: bytes, before: bytes = BEFORE, old: bytes = b"c.x = os") -> str:
    """The proof that fails for a file in which one statement is replaced."""
    start = before.index(old)
    after = before.replace(old, new)
    return failed(before, after, Edit(Span(start, start + len(old)), new))


def test_an_honest_edit_passes() -> None:
    assert replaced(b"c.set(os)") == ""


def test_nothing_at_all_passes() -> None:
    assert failed(BEFORE, BEFORE) == ""


@pytest.mark.parametrize("place", [0, AT - 1, len(BEFORE) - 2])
def test_a_byte_that_changed_outside_the_edits_is_found(place: int) -> None:
    honest = BEFORE.replace(b"c.x = os", b"c.y = os")
    faulty = honest[:place] + b"#" + honest[place + 1 :]
    assert failed(BEFORE, faulty, Edit(SITE, b"c.y = os")) == "other-bytes"


@pytest.mark.parametrize("after", [BEFORE[:-1], BEFORE + b"\n", BEFORE + b"x"])
def test_a_file_that_ends_otherwise_is_found(after: bytes) -> None:
    assert failed(BEFORE, after) == "other-bytes"


def test_an_edit_that_lies_about_its_replacement_is_found() -> None:
    after = BEFORE.replace(b"c.x = os", b"c.y = os")
    assert failed(BEFORE, after, Edit(SITE, b"c.z = os")) == "other-bytes"


def test_an_edit_that_lies_about_its_place_is_found() -> None:
    after = BEFORE.replace(b"c.x = os", b"c.y = os")
    assert failed(BEFORE, after, Edit(Span(AT + 1, SITE.end), b"c.y = os")) == "other-bytes"


def test_overlapping_edits_are_found() -> None:
    edits = Edit(SITE, b"c.y = os"), Edit(Span(AT + 2, SITE.end), b"y = os")
    assert failed(BEFORE, BEFORE.replace(b"c.x = os", b"c.y = os"), *edits) == "other-bytes"


def test_another_encoding_is_found() -> None:
    before = b"# coding: latin-1\nx = '\xe9'\n"
    after = "# coding: utf-8  \nx = 'é'\n".encode()
    edit = Edit(Span(0, 17), b"# coding: utf-8  ")
    assert failed(before, after, edit) == "encoding"


def test_bytes_that_are_no_text_are_found() -> None:
    assert failed(BEFORE, BEFORE.replace(b"c.x", b"\xff.x"), Edit(SITE, b"")) == "encoding"


def test_a_lost_byte_order_mark_is_found() -> None:
    assert failed(codecs.BOM_UTF8 + BEFORE, BEFORE) == "encoding"


def test_a_new_byte_order_mark_is_found() -> None:
    assert failed(BEFORE, codecs.BOM_UTF8 + BEFORE) == "encoding"


def test_positions_do_not_count_a_byte_order_mark() -> None:
    after = BEFORE.replace(b"c.x = os", b"c.set(os)")
    mark = codecs.BOM_UTF8
    assert failed(mark + BEFORE, mark + after, Edit(SITE, b"c.set(os)")) == ""


@pytest.mark.parametrize("ending", [b"\r\n", b"\r"])
def test_a_foreign_line_ending_is_found(ending: bytes) -> None:
    assert replaced(b"c.set(" + ending + b"os)") == "line-endings"


def test_any_line_ending_that_the_file_has_may_be_used() -> None:
    before = BEFORE.replace(b"\n", b"\r\n", 1)
    assert replaced(b"c.set(\r\n    os)", before) == ""


def test_a_file_of_one_line_may_get_several() -> None:
    assert replaced(b"f(\n    x\n)", b"x = f(x)", b"f(x)") == ""


@pytest.mark.parametrize("new", [b"c.set(os", b"c.set(os))", b"= os", b"c.x = = os", b"'os"])
def test_a_syntax_error_is_found(new: bytes) -> None:
    assert replaced(new) == "parses"


@pytest.mark.parametrize("new", [b"await c.set(os)", b"break", b"nonlocal os", b"f(c=1, c=2)"])
def test_what_parses_and_does_not_compile_is_found(new: bytes) -> None:
    assert replaced(new) == "parses"


def test_a_return_outside_of_any_function_is_found() -> None:
    assert replaced(b"return", b"x = 1\n", b"x = 1") == "parses"


@pytest.mark.parametrize(
    "new",
    [b"self.set(c)", b"c.x = [y for _ in c]", b"c.x = lambda: y", b"c.set(y, os)", b"c[y] = os"],
)
def test_an_unbound_name_in_a_function_is_found(new: bytes) -> None:
    assert replaced(new) == "names"


def test_an_unbound_name_in_a_class_body_is_found() -> None:
    assert replaced(b"x = y", b"class C:\n    x = 1\n", b"x = 1") == "names"


def test_an_unbound_name_at_the_top_level_is_found() -> None:
    assert replaced(b"x = y", b"x = 1\n", b"x = 1") == "names"


def test_a_name_that_only_another_function_binds_is_unbound() -> None:
    before = b"def f():\n    y = 1\n    return y\n\ndef g(c):\n    c.x = 1\n"
    assert replaced(b"c.x = y", before, b"c.x = 1") == "names"


def test_a_name_of_a_comprehension_is_unbound_outside_it() -> None:
    before = b"def g(c):\n    d = [y for y in c]\n    c.x = d\n"
    assert replaced(b"c.x = y", before, b"c.x = d") == "names"


def test_the_loss_of_the_only_binding_is_found() -> None:
    assert replaced(b"pass", b"import os\nx = os\n", b"import os") == "names"


@pytest.mark.parametrize("name", [b"len", b"__name__", b"__file__", b"__class__", b"os", b"f"])
def test_names_of_python_and_of_the_module_are_bound(name: bytes) -> None:
    assert replaced(b"c.set(" + name + b")") == ""


def test_a_name_that_a_global_statement_binds_is_bound() -> None:
    before = b"def f():\n    global y\n    y = 1\n\ndef g(c):\n    c.x = 1\n"
    assert replaced(b"c.x = y", before, b"c.x = 1") == ""


def test_a_name_that_was_unbound_before_is_no_fault_of_the_edit() -> None:
    before = b"from m import *\n\ndef f(c):\n    c.x = y\n"
    assert replaced(b"c.set(y)", before, b"c.x = y") == ""


def test_a_new_name_that_only_a_star_import_could_bind_is_a_fault() -> None:
    before = b"from m import *\n\ndef f(c):\n    c.x = y\n"
    assert replaced(b"c.set(z)", before, b"c.x = y") == "names"


# PEP 695, which tree-sitter and LibCST know, and Python from 3.12 on.
NEWER = b"type X = int\n\ndef f[T](c: T):\n    c.x = 1\n"


def test_newer_syntax_than_the_running_one_passes_if_no_new_name_is_used() -> None:
    assert replaced(b"c.set(1)", NEWER, b"c.x = 1") == ""


def test_a_new_name_in_newer_syntax_than_the_running_one_is_a_fault() -> None:
    assert replaced(b"self.set(1)", NEWER, b"c.x = 1") == "names"


def test_attributes_and_keywords_are_no_names_in_newer_syntax() -> None:
    assert replaced(b"c.set(key=c.other)", NEWER, b"c.x = 1") == ""


@pytest.mark.parametrize(
    "statement",
    [
        b"from __future__ import of_tomorrow\n",
        b"from __future__ import annotations, of_tomorrow as later\n",
        b"from __future__ import (\n    annotations,\n    of_tomorrow,  # soon\n)\n",
        b"from __future__ import of_tomorrow; from __future__ import of_next_week\n",
    ],
)
def test_a_feature_of_a_newer_python_passes(statement: bytes) -> None:
    assert failed(BEFORE, statement + BEFORE, Edit(Span(0, 0), statement)) == ""


@pytest.mark.parametrize(
    "statement",
    [
        b"from __future__ import of_tomorrow\nreturn 1\n",
        b"import os\nfrom __future__ import of_tomorrow\n",
        b"from __future__ import braces\n",
    ],
)
def test_a_feature_of_a_newer_python_hides_no_other_fault(statement: bytes) -> None:
    assert failed(BEFORE, statement + BEFORE, Edit(Span(0, 0), statement)) == "parses"


def test_a_failed_proof_says_what_it_saw() -> None:
    with pytest.raises(ProofError, match="names: would be unbound: y, z"):
        prove_names(BEFORE, BEFORE.replace(b"c.x = os", b"c[z] = y"))


def test_a_failed_proof_names_the_line() -> None:
    with pytest.raises(ProofError) as caught:
        prove(BEFORE, BEFORE.replace(b"c.x = os", b"break"), [Edit(SITE, b"break")])
    assert caught.value.line == 4


@pytest.mark.parametrize(
    "source", [b"x = 1\n", b"", b"type X = int\n", b"try: f()\nexcept* E: pass\n"]
)
def test_python_has_no_fault(source: bytes) -> None:
    assert fault_of(SourceText.decode(source)) is None


@pytest.mark.parametrize(
    ("source", "line"), [(b"\nprint 1\n", 2), (b"x = 1\n  y = 2\n", 2), (b"def f(:\n", 1)]
)
def test_what_is_no_python_has_a_line(source: bytes, line: int) -> None:
    fault = fault_of(SourceText.decode(source))
    assert fault is not None
    assert fault.line == line
