"""`migrate explain`: the documentation of a codemod or of one of its rules."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from migrate import registry
from migrate.cli import console
from migrate.codemod import AnyCodemod
from migrate.errors import UsageError
from migrate.report import explanation

# A script, something in a module or file, or an id; and a rule.
_NAME = re.compile(r"(.+\.py|.+:[^.:]+|[^.]+)(?:\.([^.]*))?")


class _Format(StrEnum):
    """How the documentation is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID[.RULE]",
            help="A codemod, as for -c, a kind of rule for recipes, or one of their rules.",
        ),
    ],
    format: Annotated[
        _Format, typer.Option("--format", help="How to print it; a rule is always text.")
    ] = _Format.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write it there, all of it or nothing."),
    ] = None,
) -> None:
    """Explain a codemod, a kind of rule for recipes, or one of their rules."""
    if output is not None:
        console.check_writable(output)
    codemod, rule_id = _named(name)
    text = _explained(codemod, rule_id, format, output is None and console.shows_color(sys.stdout))
    if output is None:
        console.write(text)
    else:
        console.save(output, text)


def _explained(codemod: AnyCodemod, rule_id: str, format: _Format, color: bool) -> str:
    if rule_id:
        rules = {rule.id: rule for rule in codemod.rules}
        if rule_id not in rules:
            raise UsageError(_unknown(f"{codemod.id} has no rule {rule_id!r}", rule_id, rules))
        return explanation.render_rule_text(codemod, rules[rule_id], color=color)
    match format:
        case _Format.JSON:
            return explanation.render_json(codemod)
        case _Format.MARKDOWN:
            return explanation.render_markdown(codemod)
    return explanation.render_text(codemod, color=color)


def _named(name: str) -> tuple[AnyCodemod, str]:
    """The codemod that is meant, and its rule, which is empty for all of it."""
    match = _NAME.fullmatch(name)
    codemod_id, rule_id = match.groups(default="") if match else (name, "")
    if ":" in codemod_id or codemod_id.endswith(".py"):
        return registry.load(registry.Reference(codemod_id, arguments=None)).codemod, rule_id
    kinds = {id: kind.codemod for id, kind in registry.recipe_kinds().items()}
    known: dict[str, AnyCodemod] = {**kinds, **registry.codemods()}
    if codemod_id not in known:
        raise UsageError(_unknown(f"no codemod {codemod_id!r} is installed", codemod_id, known))
    return known[codemod_id], rule_id


def _unknown(problem: str, name: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"{problem}; did you mean {close[0]!r}?"
    return f"{problem}; there are: {', '.join(known) or 'none'}"
