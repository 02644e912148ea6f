"""A new codemod: a small project of its own, from the template beside this module."""

from __future__ import annotations

import keyword
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from migrate.errors import UsageError

# The template is the project for this id, with `.txt` behind each name, so that nothing takes its
# files for a part of this package.
_ID = "example-codemod"
_VALID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def create(id: str, parent: Path) -> Path:
    """Write a project for the codemod `id` into a new folder of that name in `parent`.

    Returns the folder. Nothing is left behind if it cannot be written. Raises UsageError for an id
    that cannot be one, for a folder that is there already, and for what the system refuses.
    """
    _check_id(id)
    target = parent / id
    if os.path.lexists(target):
        raise UsageError(f"{target} exists already: nothing is overwritten")
    try:
        # All of it or nothing: it is written beside its place, and moved there.
        with tempfile.TemporaryDirectory(prefix=".migrate-new-", dir=parent) as temporary:
            made = Path(temporary, id)
            for path, text in _project(id):
                (made / path).parent.mkdir(parents=True, exist_ok=True)
                (made / path).write_text(text, encoding="utf-8", newline="\n")
            made.rename(target)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def module_of(id: str) -> str:
    """The name of the module that holds a codemod."""
    return id.replace("-", "_")


def _check_id(id: str) -> None:
    if not _VALID.fullmatch(id):
        raise UsageError(
            f"{id!r} cannot be the id of a codemod: it is made of lower-case words and digits with"
            " a hyphen between them, such as rename-connect"
        )
    module = module_of(id)
    if keyword.iskeyword(module) or keyword.issoftkeyword(module):
        raise UsageError(f"{id!r} is a word of Python; its module could not be imported")
    if module in sys.stdlib_module_names or module in packages_distributions():
        raise UsageError(
            f"there is a module {module!r} already, which the one of codemod {id!r} would hide"
        )


def _project(id: str) -> Iterator[tuple[str, str]]:
    """Each file of the project: its path, and its text."""
    for path, text in _texts(files("migrate") / "template", ""):
        name = ".gitignore" if path == "gitignore.txt" else path.removesuffix(".txt")
        yield _named(name, id), _named(text, id)


def _texts(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        path = prefix + item.name
        if item.is_dir():
            yield from _texts(item, f"{path}/")
        else:
            yield path, item.read_text(encoding="utf-8")


def _named(text: str, id: str) -> str:
    return text.replace(_ID, id).replace(module_of(_ID), module_of(id))
