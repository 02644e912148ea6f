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

Objects are followed across files, as far as the source says where they go: by calls and operators
that can be resolved, with the methods of classes below that may run instead, by parameters,
attributes, containers, what functions return, other objects that keep them or are handed them, and
names that one file has from another and a third imports from it. An annotation as a plain value,
such as `str`, is taken at its word; any other leaves open what gets there.

A file moves only if the code that its objects meet suits the new class or moves with it; so a run
over some files moves none that needs one of the others. A file that catches an exception moves with
those that raise it there. A call on an object of which nothing is known may run any method of that
name in the modules that the file imports, if those have the class, too. Other calls that cannot be
resolved hold nothing back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from codemods.context_imports.decide import inspect
from codemods.context_imports.needles import may_match, needles
from codemods.context_imports.options import Options
from codemods.context_imports.rules import RULES
from codemods.context_imports.travel.survey import survey
from migrate.codemod import Codemod, Layout, Renames
from migrate.model import Span

if TYPE_CHECKING:
    import libcst as cst


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
    needles=needles,
    may_match=may_match,
    inspect=inspect,
    transformer=_transformer,
    priority=(
        "netra_backend/app/agents/supervisor/agent_registry.py",
        "**/routes/**",
        "netra_backend/app/**",
    ),
    atomic=True,
    # Objects are lost in what libraries keep for others, and where nothing says what is called.
    preview=True,
    renames=_renames,
    survey=survey,
)
