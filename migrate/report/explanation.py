"""What a codemod says of itself, for a terminal, for a program, or as a page of documentation."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from migrate.codemod import AnyCodemod, Rule, option_key
from migrate.report.json import dump
from migrate.report.terminal import Ink

SCHEMA = "migrate-codemod/1"
_WIDTH = 100
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def render_text(codemod: AnyCodemod, *, color: bool) -> str:
    """The whole codemod, with a line for each rule and the options in TOML."""
    ink = Ink(color)
    lines = [ink("title", f"{codemod.id} (version {codemod.version})"), "", codemod.doc.strip()]
    if codemod.rules:
        longest = max(len(rule.id) for rule in codemod.rules)
        lines += ["", ink("title", f"Rules, for `migrate explain {codemod.id}.RULE`")]
        lines += [f"  {rule.id:<{longest}}  {rule.summary}" for rule in codemod.rules]
    options = _toml(codemod)
    if options:
        title = f"Options and their defaults, in [tool.migrate.{codemod.id}]"
        lines += ["", ink("title", title), *(f"  {line}".rstrip() for line in options)]
    return "\n".join(lines) + "\n"


def render_rule_text(codemod: AnyCodemod, rule: Rule, *, color: bool) -> str:
    """One rule, in full."""
    return f"{Ink(color)('title', f'{codemod.id}.{rule.id}')}\n\n{rule.doc.strip()}\n"


def render_json(codemod: AnyCodemod) -> str:
    """The whole codemod; options with their defaults, as a configuration has them."""
    return dump(
        {
            "schema": SCHEMA,
            "id": codemod.id,
            "version": codemod.version,
            "preview": codemod.preview,
            "doc": codemod.doc.strip(),
            "rules": [{"id": rule.id, "doc": rule.doc.strip()} for rule in codemod.rules],
            "options": _defaults(codemod.options()),
        }
    )


def render_markdown(codemod: AnyCodemod) -> str:
    """The page about a codemod: what it does, its rules, and its options.

    Docstrings are Markdown but for their examples, which are indented and become fenced blocks.
    """
    parts = [f"# {codemod.id}", _page(codemod.doc), *_remarks(codemod)]
    if codemod.rules:
        parts += ["## Rules"]
        parts += [f"### {rule.id}\n\n{_page(rule.doc)}" for rule in codemod.rules]
    options = _toml(codemod)
    if options:
        table = "\n".join([f"[tool.migrate.{codemod.id}]", *options])
        parts += ["## Options", *_option_docs(codemod.options()), f"```toml\n{table}\n```"]
    return "\n\n".join(part for part in parts if part) + "\n"


def _remarks(codemod: AnyCodemod) -> Iterator[str]:
    """What a user has to know before the first run."""
    yield f"Version {codemod.version}."
    if codemod.preview:
        yield "It is in preview: it runs only where `-c` or the configuration names it."
    if getattr(codemod, "atomic", False):
        yield "A file is rewritten as a whole or not at all."


def _page(doc: str) -> str:
    """A docstring with its indented blocks fenced."""
    parts: list[str] = []
    paragraphs = re.split(r"\n{2,}", doc.strip())
    for indented, group in groupby(paragraphs, lambda text: text.startswith("    ")):
        text = "\n\n".join(group)
        if indented:
            text = textwrap.dedent(text)
            text = f"```{'python' if _is_python(text) else 'text'}\n{text}\n```"
        parts.append(text)
    return "\n\n".join(parts)


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


def _option_docs(options: Any) -> Iterator[str]:
    """The documentation of the options' class, and of the classes of their tables."""
    yield _own_doc(type(options))
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if _is_tables(value):
            yield f"Each of `{option_key(field)}`: {_own_doc(type(value[0]))}"


def _own_doc(cls: type[Any]) -> str:
    """The docstring of a dataclass, with its fields named as the configuration does.

    The one that `dataclass` itself writes says nothing.
    """
    doc = inspect.getdoc(cls) or ""
    if doc.startswith(f"{cls.__name__}("):
        return ""
    for field in dataclasses.fields(cls):
        doc = doc.replace(f"`{field.name}`", f"`{option_key(field)}`")
    return _page(doc)


# Options as a configuration has them


def _is_tables(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and dataclasses.is_dataclass(value[0])


def _defaults(options: Any) -> dict[str, Any]:
    """A dataclass as the table that would give it."""
    return {
        option_key(field): _value(getattr(options, field.name))
        for field in dataclasses.fields(options)
    }


def _value(value: object) -> Any:
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return _defaults(value) if dataclasses.is_dataclass(value) else value


def _toml(codemod: AnyCodemod) -> list[str]:
    """The lines of the codemod's table, with the default of each option; lists of tables last."""
    options = codemod.options()
    fields = dataclasses.fields(options)
    tables = [field for field in fields if _is_tables(getattr(options, field.name))]
    lines: list[str] = []
    for field in fields:
        if field not in tables:
            lines += _lines(option_key(field), _value(getattr(options, field.name)))
    for field in tables:
        for item in getattr(options, field.name):
            lines += ["", f"[[tool.migrate.{codemod.id}.{option_key(field)}]]"]
            for key, value in _defaults(item).items():
                lines += _lines(key, value)
    return lines


def _lines(key: str, value: Any) -> list[str]:
    """An option and its value; a long list is filled into lines."""
    line = f"{key} = {_written(value)}"
    if len(line) <= _WIDTH or not isinstance(value, list):
        return [line]
    lines = [f"{key} = ["]
    for item in map(_written, value):
        if lines[-1].startswith(" ") and len(f"{lines[-1]} {item},") <= _WIDTH:
            lines[-1] += f" {item},"
        else:
            lines.append(f"    {item},")
    return [*lines, "]"]


def _written(value: Any) -> str:
    """A value on one line of TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        pairs = [f"{_key(key)} = {_written(item)}" for key, item in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    return _quoted(value) if isinstance(value, str) else str(value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _quoted(key)


def _quoted(text: str) -> str:
    r"""A basic string: quotation marks, backslashes and controls are escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\u{ord(m[0]):04x}", escaped) + '"'
