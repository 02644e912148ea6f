"""Functions from bytes to bytes are codemods."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from migrate.adapters import adapt
from migrate.codemod import Converted, FileCodemod, FileContext, Policy
from migrate.errors import UsageError


def codemod_of(function: Callable[..., object]) -> FileCodemod:
    codemod = adapt(function, "mine.py:it", ())
    assert isinstance(codemod, FileCodemod)
    return codemod


def plain(source: bytes, path: str) -> bytes:
    """Shout.

    In every file.
    """
    return source.upper() + path.encode()


class Callable_:
    def __call__(self, source: bytes, path: str) -> bytes:
        return b"called"


def test_it_gets_the_bytes_and_the_path() -> None:
    converted = codemod_of(plain).convert(b"x", FileContext("pkg/m.py", "/repo"))
    assert converted == Converted(b"Xpkg/m.py")


def test_it_is_described_by_its_docstring_and_strict_about_a_second_pass() -> None:
    codemod = codemod_of(plain)
    assert (codemod.id, codemod.summary) == ("mine.py:it", "Shout.")
    assert codemod.second_pass is Policy.STRICT
    assert codemod_of(lambda source, path: source).summary == "The function mine.py:it."


@pytest.mark.parametrize(
    "function",
    [
        lambda *arguments: b"called",
        lambda source, path, strict=True: b"called",
        Callable_(),
        Callable_().__call__,
    ],
)
def test_whatever_can_be_called_so_will_do(function: Callable[..., object]) -> None:
    assert codemod_of(function).convert(b"x", FileContext("m.py")) == Converted(b"called")


def test_none_is_no_change() -> None:
    nothing = codemod_of(lambda source, path: None)
    assert nothing.convert(b"x", FileContext("m.py")) == Converted(None)


@pytest.mark.parametrize("result", ["text", bytearray(b"x"), 3])
def test_anything_else_is_a_fault(result: object) -> None:
    with pytest.raises(TypeError, match=r"mine.py:it returned .* instead of bytes"):
        codemod_of(lambda source, path: result).convert(b"x", FileContext("m.py"))


@pytest.mark.parametrize(
    "function", [lambda: b"", lambda source: b"", lambda source, *, path: b"", len]
)
def test_what_cannot_be_called_so_is_refused(function: Callable[..., object]) -> None:
    with pytest.raises(UsageError, match=r"cannot be called with \(source, path\)"):
        codemod_of(function)


def test_it_takes_no_arguments() -> None:
    with pytest.raises(UsageError, match="takes no --codemod-arg"):
        adapt(plain, "mine.py:it", (("key", "value"),))
