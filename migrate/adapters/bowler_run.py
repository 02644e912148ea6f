"""Run a Bowler script: to see what it does, and on one text."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType

from bowler import Query
from bowler.tool import BowlerTool

from migrate.adapters.bowler_script import CannotParseError, Entry, Queries, Script
from migrate.adapters.bowler_tool import (
    Conversion,
    Run,
    Survey,
    routed,
)
from migrate.adapters.contained import contained
from migrate.errors import UsageError


class ScriptError(Exception):
    """A script that failed; the text says how, for a person."""


class _OnHold:
    """A run that takes no query."""

    queries: Queries = ()

    def refactor(self, tool: BowlerTool, paths: Sequence[str]) -> None:
        """Do nothing."""


def load(script: Script, name: str = "") -> Script:
    """What is known of a script after it was run once, on no file.

    With `name`, the query of that name is what counts; else the queries that it executes, else the
    only one at its top level. Raises UsageError for a script that fails, or has no query.
    """
    script = replace(script, entry=Entry.NAMED if name else Entry.BOWLER, name=name)
    survey = Survey()
    try:
        module, printed = _run(script, survey)
        if not survey.queries and not name:
            script = _entered_otherwise(script, module)
            printed += _run(script, survey)[1]
    except ScriptError as error:
        raise UsageError(str(error)) from None
    if not survey.queries:
        message = (
            f"{script.path}: this Bowler script executes no query, and has none at its top level"
        )
        raise UsageError(message + _last_words(printed))
    scattered = len(survey.paths) > 1
    return replace(script, queries=survey.queries, words=survey.words, scattered=scattered)


def _entered_otherwise(script: Script, module: ModuleType) -> Script:
    """A script that executes no query when it is imported."""
    found = {id(value): name for name, value in vars(module).items() if isinstance(value, Query)}
    if not found:
        return replace(script, entry=Entry.PYTHON)
    if len(found) > 1:
        names = ", ".join(found.values())
        raise ScriptError(
            f"{script.path} has several queries and executes none of them: {names}; "
            f"name one as {script.path}:NAME"
        )
    return replace(script, entry=Entry.NAMED, name=next(iter(found.values())))


def convert(script: Script, text: str, path: str, root: str) -> str:
    """What the script makes of the text of one file; `path` is relative to the absolute `root`.

    It is run anew, so that it remembers nothing of other files. Raises ScriptError where the
    script, one of its modifiers or its result is at fault, and CannotParseError if fissix cannot
    parse the text.
    """
    conversion = Conversion(path, text, root if script.scattered else None)
    _run(script, conversion)
    if isinstance(conversion.error, CannotParseError):
        raise conversion.error
    if conversion.error is not None:
        raise ScriptError(_described(conversion.error, script.path))
    if conversion.queries != script.queries:
        raise ScriptError(
            f"{script.path} executes other queries here than on no file at all, maybe because one "
            "depends on what another has found; each file is seen on its own here"
        )
    return conversion.text


def _run(script: Script, run: Run) -> tuple[ModuleType, str]:
    """Run a script whose queries act on `run`; gives its module, and what it has printed.

    Raises ScriptError. To end the program is no error after a query, as Bowler's exit code may be
    passed on like this.
    """
    main = script.entry is Entry.PYTHON
    path = Path(script.path)
    module = ModuleType("__main__" if main else path.name)
    module.__file__ = script.path
    module.__package__ = script.package
    with contained(path, script.arguments, script.package) as printed, _known(module):
        try:
            _enter(script, module, run)
        except SystemExit as error:
            if error.code not in (None, 0) and not run.queries:
                said = f"{script.path} ended with {error.code!r} before it executed a query"
                raise ScriptError(said + _last_words(printed.text)) from None
        except Exception as error:
            raise ScriptError(_described(error, script.path)) from None
    return module, printed.text


def _enter(script: Script, module: ModuleType, run: Run) -> None:
    code = _compiled(script.path, script.source)
    named = script.entry is Entry.NAMED
    with routed(_OnHold() if named else run):
        exec(code, module.__dict__)
        if script.entry is Entry.BOWLER and callable(getattr(module, "main", None)):
            module.main()
    if named:
        with routed(run):
            _execute(script, module, run)


def _execute(script: Script, module: ModuleType, run: Run) -> None:
    """Execute what is named: a query, or a function that gives a query or executes one."""
    value = getattr(module, script.name, None)
    if callable(value):
        value = value(*_paths_for(value))
    if isinstance(value, Query):
        if not run.queries:
            value.diff()
    elif not run.queries:
        raise LookupError(f"it has no Bowler query {script.name}")


def _paths_for(function: Callable[..., object]) -> list[list[str]]:
    """The arguments of a function that may be made for the paths to run on: none, or those."""
    try:
        inspect.signature(function).bind()
    except TypeError:
        return [["."]]
    return []


@contextmanager
def _known(module: ModuleType) -> Iterator[None]:
    """Let the module be found by its name, as dataclasses and pickles do."""
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module
    try:
        yield
    finally:
        del sys.modules[module.__name__]
        if before is not None:
            sys.modules[module.__name__] = before


@lru_cache(maxsize=8)
def _compiled(path: str, source: bytes) -> CodeType:
    return compile(source, path, "exec", dont_inherit=True)


def _described(error: BaseException, path: str) -> str:
    """What went wrong and where in the script, on one line."""
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}: {error.msg}"
    cause = (
        f", after {type(error.__cause__).__name__}: {error.__cause__}" if error.__cause__ else ""
    )
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == path]
    where = f"{path}, line {lines[-1]}" if lines else path
    return " ".join(f"{where}: {what}{cause}".split())


def _last_words(printed: str) -> str:
    """The last line that a script printed, which often says how to call it."""
    lines = printed.strip().splitlines()
    return f"; it says: {lines[-1].strip()}" if lines else ""
