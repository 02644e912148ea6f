"""From the legacy homes of a class to its canonical one, with the code that uses it.

    from netra_backend.app.agents.supervisor.user_execution_context import UserExecutionContext

    context = UserExecutionContext(user, thread, run, session, websocket_connection_id=connection)

become

    from netra_backend.app.services.user_execution_context import UserExecutionContext

    context = UserExecutionContext(
        user, thread, run, db_session=session, websocket_client_id=connection
    )

The classes look alike and are not: their positional arguments have different orders, and some
attributes have no counterpart. Each file's uses of what it imports are held against the class as
the new module defines it. A file is rewritten as a whole, with the uses that need it, or not at
all: then each incompatible use is put up for review.

The uses in the file that imports the class are checked, by what its source says of them. Objects
that a file passes to others which have not moved yet, or takes from them, are of the other class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from codemods.context_imports.decide import inspect
from codemods.context_imports.options import EVERYTHING, Options
from codemods.context_imports.rules import RULES
from migrate.codemod import Codemod, Layout, Renames
from migrate.model import Span
from migrate.text import whole_words

if TYPE_CHECKING:
    import libcst as cst

# How far the package can stand in front of a module's name.
_LOOK_BACK = 200


def _needles(options: Options) -> tuple[bytes, ...]:
    """The modules' own names, with which each import ends, and what shows a legacy module."""
    modules = [move.from_.rpartition(".")[2].encode() for move in options.moves]
    return tuple(dict.fromkeys([*modules, *_definitions(options)]))


def _definitions(options: Options) -> list[bytes]:
    """What a module that defines one of the names in the options has."""
    functions = [f"def {old}" for move in options.moves for old in move.rename]
    names = (name for move in options.moves for name in move.names if name != EVERYTHING)
    return [each.encode() for each in (*functions, *(f"class {name}" for name in names))]


def _may_match(data: bytes, options: Options) -> bool:
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


def _transformer(plans: Mapping[Span, Any], layout: Layout) -> cst.CSTTransformer:
    from codemods.context_imports.transformer import ImportsTransformer

    return ImportsTransformer(plans, layout)


def _renames(options: Options) -> Renames:
    return Renames(keywords=options.keywords, attributes=options.attributes)


CODEMOD = Codemod(
    id="context-imports",
    version=1,
    doc=__doc__,
    rules=RULES,
    options=Options,
    needles=_needles,
    may_match=_may_match,
    inspect=inspect,
    transformer=_transformer,
    priority=(
        "netra_backend/app/agents/supervisor/agent_registry.py",
        "**/routes/**",
        "netra_backend/app/**",
    ),
    atomic=True,
    # Values cross files: one that has moved may still hand its contexts to one that has not.
    preview=True,
    renames=_renames,
)
