"""Bowler scripts as whole-file codemods: nothing is written, started or asked by Bowler.

A script runs once when it is loaded, on no file, and then once for each file in which one of its
queries may match, with the queries that it executes acting on that file alone.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from migrate.adapters.bowler_script import CannotParseError, Script, is_script
from migrate.adapters.contained import replaced
from migrate.codemod import Converted, FileCodemod, FileContext, Policy
from migrate.errors import UsageError
from migrate.text import SourceText, whole_words

CANNOT_PARSE = "bowler-cannot-parse"


def adapt_script(
    path: Path,
    id: str,
    arguments: Sequence[tuple[str, str]] | None,
    name: str = "",
    package: str = "",
) -> FileCodemod | None:
    """The codemod that the Bowler script at `path` is; None for a module without Bowler.

    `name` is a query at its top level, or a function that gives or executes one; empty for what
    the script executes by itself. `package` is the one that the script belongs to. Without
    arguments, only to be described, it is not run. Raises UsageError for a script that cannot be
    read, fails, or has no query.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot read it: {error.strerror or error}") from None
    if not is_script(source):
        return None
    script = Script(str(path), source, package, _command_line(arguments or ()))
    if arguments is not None:
        _prepare_bowler()
        from migrate.adapters import bowler_run

        script = bowler_run.load(script, name)
    return FileCodemod(
        id=id,
        version=1,
        doc=_documentation(path, script),
        convert=partial(convert, script),
        needles=tuple(sorted(word.encode() for word in script.words or ())),
        second_pass=Policy.WARN,
    )


def _command_line(arguments: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The script's own arguments: `argv=TEXT` is one as it stands, any other an option of it."""
    return tuple(text if key == "argv" else f"--{key}={text}" for key, text in arguments)


def _documentation(path: Path, script: Script) -> str:
    said = ast.get_docstring(ast.parse(script.source)) or f"The Bowler script {path.name}."
    chosen = (
        "`migrate` chooses the files, not the paths of a query, unless queries have different ones"
    )
    return f"{said}\n\n{chosen}."


def convert(script: Script, data: bytes, file: FileContext) -> Converted:
    """What a script makes of a file's bytes.

    Line endings, encoding and byte-order mark stay, and a last line without an end has none
    afterwards.
    """
    _prepare_bowler()
    from migrate.adapters import bowler_run

    text = SourceText.decode(data)
    if script.words is not None and not any(_has_word(text, word) for word in script.words):
        return Converted()
    before, newline = _plain(text)
    try:
        after = bowler_run.convert(script, before, file.path, file.root)
    except CannotParseError as error:
        message = f"Bowler's parser does not know all of Python: {error}."
        return Converted.refused(CANNOT_PARSE, message, error.line)
    if after == before:
        return Converted()
    if not text.utf8.endswith(b"\n"):
        after = after.removesuffix("\n")
    return Converted(text.encode(after.replace("\n", newline).encode()))


def _plain(text: SourceText) -> tuple[str, str]:
    """The text as Bowler wants it, ending with a line feed, and what stands for a line feed in it.

    Where all lines end alike, those that a script adds get the same ending.
    """
    source = text.utf8.decode()
    plain = source.replace("\r\n", "\n")
    alike = "\r" not in plain and len(source) - len(plain) == plain.count("\n")
    source, newline = (plain, "\r\n") if alike and plain != source else (source, "\n")
    return source if source.endswith("\n") else source + "\n", newline


def _has_word(text: SourceText, word: str) -> bool:
    """Whether a word occurs, as a whole if it is a name; more than the needles ask for."""
    if word.isidentifier():
        return any(True for _ in whole_words(text.utf8, word.encode()))
    return word.encode() in text.utf8


def _prepare_bowler() -> None:
    """Import the grammars of fissix, which Bowler parses with, made anew.

    fissix would keep their tables in a folder of the user's, which may not be writable, and where
    a program that only looks should leave nothing.
    """
    import fissix
    from fissix.pgen2 import driver

    def generated(path: str, *args: object, **options: object) -> Any:
        return fissix.load_grammar(path, gp=os.devnull, save=False, force=True)

    with replaced(driver, "load_grammar", generated):
        from fissix import pygram  # noqa: F401
