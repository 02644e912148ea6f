"""`migrate explain`: the documentation of a codemod or of one of its rules."""

from __future__ import annotations

import dataclasses
import difflib
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from migrate import registry
from migrate.cli import console
from migrate.codemod import AnyCodemod, Rule
from migrate.errors import UsageError
from migrate.report.terminal import Ink

# A script, something in a module or file, or an id; and a rule.
_NAME = re.compile(r"(.+\.py|.+:[^.:]+|[^.]+)(?:\.([^.]*))?")


def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID[.RULE]",
            help="A codemod, as for -c, a kind of rule for recipes, or one of their rules.",
        ),
    ],
) -> None:
    """Explain a codemod, a kind of rule for recipes, or one of their rules."""
    codemod, rule_id = _named(name)
    ink = Ink(console.shows_color(sys.stdout))
    if not rule_id:
        console.write("\n".join(_codemod(codemod, ink)) + "\n")
        return
    rules = {rule.id: rule for rule in codemod.rules}
    if rule_id not in rules:
        raise UsageError(_unknown(f"{codemod.id} has no rule {rule_id!r}", rule_id, rules))
    console.write("\n".join(_rule(codemod, rules[rule_id], ink)) + "\n")


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


def _codemod(codemod: AnyCodemod, ink: Ink) -> Iterator[str]:
    yield ink("title", f"{codemod.id} (version {codemod.version})")
    yield ""
    yield codemod.doc.strip()
    if codemod.rules:
        longest = max(len(rule.id) for rule in codemod.rules)
        yield ""
        yield ink("title", f"Rules, for `migrate explain {codemod.id}.RULE`")
        yield from (f"  {rule.id:<{longest}}  {rule.summary}" for rule in codemod.rules)
    fields = dataclasses.fields(codemod.options)
    if fields:
        yield ""
        yield ink("title", f"Options and their defaults, in [tool.migrate.{codemod.id}]")
        yield from (
            f"  {field.name.replace('_', '-')} = {_toml(field.default)}" for field in fields
        )


def _rule(codemod: AnyCodemod, rule: Rule, ink: Ink) -> Iterator[str]:
    yield ink("title", f"{codemod.id}.{rule.id}")
    yield ""
    yield rule.doc.strip()


def _toml(value: Any) -> str:
    """An option's default as TOML writes it; options are texts, numbers, booleans and lists."""
    if isinstance(value, tuple):
        items = [f"    {_toml(item)},\n" for item in value]
        return f"[\n{''.join(items)}  ]" if len(items) > 1 else f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower()


def _unknown(problem: str, name: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"{problem}; did you mean {close[0]!r}?"
    return f"{problem}; there are: {', '.join(known) or 'none'}"
