"""Run a script that was made to be a program of its own, as part of this one."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from migrate.guests import guest


class Printed(io.BytesIO):
    """What a script has printed; it stays readable after whoever wrote to it is gone."""

    def close(self) -> None:
        """Stay open."""

    @property
    def text(self) -> str:
        """All of it."""
        return self.getvalue().decode("utf-8", "replace")


@contextmanager
def contained(script: Path, arguments: Sequence[str], package: str = "") -> Iterator[Printed]:
    """Give a script its own command line and an empty standard input, and take what it prints.

    Yields what standard output and standard error go to, as UTF-8. Modules beside the script can
    be imported, but never in place of others. They are forgotten afterwards, and so are those of
    the script's package, so that nothing which they remember reaches the next run; they leave no
    compiled files behind. What else a script is likely to set for its whole process is put back:
    logging, and what `guest` puts back.
    """
    printed = Printed()
    console = io.TextIOWrapper(printed, encoding="utf-8", errors="replace", write_through=True)
    folder = str(script.resolve().parent)
    root = logging.getLogger()
    level, handlers, modules = root.level, root.handlers[:], set(sys.modules)
    with guest(), ExitStack() as stack:
        for name, value in {
            "argv": [str(script), *arguments],
            "path": [*sys.path, folder],
            "stdin": io.TextIOWrapper(io.BytesIO()),
            "stdout": console,
            "stderr": console,
            "dont_write_bytecode": True,
        }.items():
            stack.enter_context(replaced(sys, name, value))
        try:
            yield printed
        finally:
            root.setLevel(level)
            root.handlers[:] = handlers
            _forget(set(sys.modules) - modules, folder, package)


@contextmanager
def replaced(owner: Any, name: str, value: object) -> Iterator[None]:
    """Let `owner.name` be `value` for a while."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _forget(modules: set[str], folder: str, package: str) -> None:
    """Drop those of the modules that were found in the folder, or belong to the package."""
    for name in modules:
        top = name.partition(".")[0]
        origin = Path(getattr(sys.modules.get(top), "__file__", None) or "/")
        found_in = origin.parent.parent if origin.name == "__init__.py" else origin.parent
        if found_in == Path(folder) or top == package.partition(".")[0]:
            del sys.modules[name]
    sys.path_importer_cache.pop(folder, None)
