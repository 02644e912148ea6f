"""Renames that a recipe describes: of a parameter, and of an attribute or method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from codemods.renames import attribute, attribute_rules, keyword, keyword_rules
from codemods.renames.options import (
    AttributeOptions,
    AttributeRename,
    KeywordOptions,
    KeywordRename,
)
from migrate.codemod import Codemod, Layout, NoOptions, RecipeKind
from migrate.model import Span

if TYPE_CHECKING:
    import libcst as cst


def _transformer(plans: Mapping[Span, Any], layout: Layout) -> cst.CSTTransformer:
    from codemods.renames.transformer import RenameTransformer

    return RenameTransformer(plans, layout)


_KEYWORD = """A parameter of a function, method or constructor gets another name.

    [[rename-keyword]]
    function = "app.mail.send"
    from = "recipient"
    to = "to"

`send("hi", recipient=user)` becomes `send("hi", to=user)`, wherever the source proves that `send`
is that function. Where the project defines it and its parameter still has the old name, that is
renamed, too. A function outside the project is taken to have the new name.

Keys: `function` is `package.module.function`, `package.module.Class` for its constructor, or
`package.module.Class.method`; `from` and `to` are the names of the parameter.
"""

RENAME_KEYWORD = RecipeKind(
    rule=KeywordRename,
    options=KeywordOptions,
    codemod=Codemod(
        id="rename-keyword",
        version=1,
        doc=_KEYWORD,
        rules=keyword_rules.RULES,
        options=NoOptions,
        needles=keyword.needles,
        may_match=keyword.may_match,
        inspect=keyword.inspect,
        transformer=_transformer,
    ),
)

_ATTRIBUTE = """An attribute or method of a class gets another name.

    [[rename-attribute]]
    class = "app.context.Context"
    from = "socket_id"
    to = "client_id"

`context.socket_id` becomes `context.client_id`, wherever the source proves that `context` is of
that class or of one below it. What the class and those below it define under the old name is
renamed, too, with the keywords of a dataclass's constructor.

Keys: `class` is `package.module.Class`; `from` and `to` are the names of the attribute.
"""

RENAME_ATTRIBUTE = RecipeKind(
    rule=AttributeRename,
    options=AttributeOptions,
    codemod=Codemod(
        id="rename-attribute",
        version=1,
        doc=_ATTRIBUTE,
        rules=attribute_rules.RULES,
        options=NoOptions,
        needles=attribute.needles,
        may_match=attribute.may_match,
        inspect=attribute.inspect,
        transformer=_transformer,
    ),
)
