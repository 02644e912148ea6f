"""Calls that a recipe replaces by others, with their arguments mapped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from codemods.replaced_calls.decide import inspect, needles
from codemods.replaced_calls.elsewhere import survey
from codemods.replaced_calls.options import CallReplacement, Options
from codemods.replaced_calls.rules import RULES
from migrate.codemod import Codemod, Layout, NoOptions, RecipeKind
from migrate.model import Span

if TYPE_CHECKING:
    import libcst as cst

_DOC = """A call becomes another, with its arguments mapped.

    [[replace-call]]
    function = "app.mail.send"
    to = "app.post.deliver"
    arguments = ["recipient", "text=subject", "channel='mail'"]
    drop = ["urgent"]

`send("hi", recipient=user)` becomes `deliver(user, text="hi", channel='mail')`, with the import of
`deliver`, wherever the source proves that `send` is that function and that the arguments can be
evaluated in the new order. The new call is held against the new function where the project has it.

Keys: `function` is `package.module.function`, `package.module.Class` or
`package.module.Class.method`. `to` is another such function, or the name of another method of the
same object. `arguments` are those of the new call: `name` is the value of that old parameter by
position, `keyword=name` by keyword, `keyword='text'` a constant; what a call does not give is left
out. `drop` are parameters whose values go. `parameters` are those of an old function outside the
project, in order.
"""


def _transformer(plans: Mapping[Span, Any], layout: Layout) -> cst.CSTTransformer:
    from codemods.replaced_calls.transformer import CallsTransformer

    return CallsTransformer(plans, layout)


REPLACE_CALL = RecipeKind(
    rule=CallReplacement,
    options=Options,
    codemod=Codemod(
        id="replace-call",
        version=1,
        doc=_DOC,
        rules=RULES,
        options=NoOptions,
        needles=needles,
        inspect=inspect,
        transformer=_transformer,
        survey=survey,
    ),
)
