"""Which files can have a site, by their bytes alone."""

from __future__ import annotations

import re
from functools import cache

from codemods.context_imports.options import EVERYTHING, Options
from migrate.text import whole_words

# How far the package can stand in front of a module's name.
_LOOK_BACK = 200


def needles(options: Options) -> tuple[bytes, ...]:
    """The modules' own names, with which each import ends, and what shows a legacy module."""
    modules = [move.from_.rpartition(".")[2].encode() for move in options.moves]
    return tuple(dict.fromkeys([*modules, *_definitions(options)]))


def _definitions(options: Options) -> list[bytes]:
    """What a module that defines one of the names in the options has, or calls another so."""
    renamed = (old for move in options.moves for old in move.rename)
    functions = [form for old in renamed for form in (f"def {old}", f"\n{old} =")]
    names = (name for move in options.moves for name in move.names if name != EVERYTHING)
    return [each.encode() for each in (*functions, *(f"class {name}" for name in names))]


def may_match(data: bytes, options: Options) -> bool:
    """Whether one of the modules is named as such, not another one with the same last name."""
    return any(_names(data, move.from_) for move in options.moves) or any(
        definition in data for definition in _definitions(options)
    )


def _names(data: bytes, module: str) -> bool:
    """Whether an import can name the module: behind its package, behind dots, or from either."""
    package, _, name = (part.encode() for part in module.rpartition("."))
    package = package.rpartition(b".")[2]
    found = False
    for at in whole_words(data, name):
        found = True
        if _qualifier(package).search(data[max(0, at - _LOOK_BACK) : at]):
            return True
    # `from package import name` and `from . import name`, with any number of names in between.
    return found and any(
        _from(package).search(data[max(0, at - _LOOK_BACK) : at])
        for at in whole_words(data, b"import")
    )


@cache
def _qualifier(package: bytes) -> re.Pattern[bytes]:
    if not package:
        return re.compile(rb"(?<![\w.])\Z")
    return re.compile(rb"(?:\b" + re.escape(package) + rb"|(?<![\w.]))\s*\.[\s.]*\Z")


@cache
def _from(package: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:\b" + (re.escape(package) or rb"(?!)") + rb"|\.)\s*\Z")
