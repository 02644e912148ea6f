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

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from codemods.context_imports.decide import inspect
from codemods.context_imports.needles import may_match, needles
from codemods.context_imports.options import Options
from codemods.context_imports.rules import RULES
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
    # Values cross files: one that has moved may still hand its contexts to one that has not.
    preview=True,
    renames=_renames,
)
