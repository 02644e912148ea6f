"""Moves that a recipe describes, on the machinery of `context-imports`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from codemods.context_imports import CODEMOD
from codemods.context_imports.options import EVERYTHING, Move, Options
from migrate.codemod import NoOptions, RecipeKind

_DOC = """Names move from one module to another, with the code that uses them.

    [[move]]
    from = "app.legacy.context"
    to = "app.context"
    rename = { make = "create" }

`from app.legacy.context import Context, make as m` becomes
`from app.context import Context, create as m`, in each form that an import can have, and in strings
that are imported by, as in `patch("app.legacy.context.Context")`. Each file's uses of what moves
are held against what the new module has: a file is rewritten with all its uses, or not at all.

Keys: `from` and `to` are modules. `names` lists what moves; without it, that is all that the old
module defines. `rename` gives the new names of some of them, `keywords` those of parameters of
functions and constructors that move, `attributes` those of attributes of classes. If neither module
is in the project, the new one is taken to have what moves.
"""


@dataclass(frozen=True, slots=True)
class MoveRule:
    """What moves from one module to another, and what is called differently there."""

    from_: str
    to: str
    names: tuple[str, ...] = (EVERYTHING,)
    rename: Mapping[str, str] = field(default_factory=dict)
    keywords: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no move."""
        for key, module in (("from", self.from_), ("to", self.to)):
            if not all(part.isidentifier() for part in module.split(".")):
                raise ValueError(f"{key}: {module!r} is no module, such as package.module")
        names = [("names", name) for name in self.names if name != EVERYTHING]
        for key in ("rename", "keywords", "attributes"):
            names += [(key, name) for pair in getattr(self, key).items() for name in pair]
        for key, name in names:
            if not name.isidentifier():
                raise ValueError(f"{key}: {name!r} is no name that Python could have")
        if not self.names:
            raise ValueError("names: nothing moves")
        if self.from_ == self.to:
            raise ValueError(f"from and to are both {self.from_!r}")


def _options(rules: tuple[MoveRule, ...]) -> Options:
    """The options of the codemod; raises ValueError for rules that contradict each other."""
    return Options(
        moves=tuple(Move(rule.from_, rule.to, rule.names, rule.rename) for rule in rules),
        keywords=_merged("keywords", (rule.keywords for rule in rules)),
        attributes=_merged("attributes", (rule.attributes for rule in rules)),
        ids=(),
        forbidden_keys=(),
        outside=True,
    )


def _merged(key: str, mappings: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    merged: dict[str, str] = {}
    for mapping in mappings:
        for old, new in mapping.items():
            if merged.setdefault(old, new) != new:
                raise ValueError(
                    f"{key}: {old!r} is {merged[old]!r} in one rule, {new!r} in another"
                )
    return merged


MOVE = RecipeKind(
    rule=MoveRule,
    options=_options,
    codemod=replace(
        CODEMOD,
        id="move",
        version=1,
        doc=_DOC,
        rules=tuple(rule for rule in CODEMOD.rules if rule.id not in ("id", "entry")),
        options=NoOptions,
        priority=(),
        preview=False,
    ),
)
