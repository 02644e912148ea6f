"""Recipes: codemods that a TOML file describes, with their tests.

    description = "What mail.send takes is called `to` now."

    [[rename-keyword]]
    function = "app.mail.send"
    from = "recipient"
    to = "to"

    [[test]]
    name = "a call by keyword"
    before = "from app.mail import send\\nsend(recipient=1)\\n"
    after = "from app.mail import send\\nsend(to=1)\\n"

Each table is a rule, whose kind is its name. The rules of one kind make up one codemod; the kinds
run one after the other, in the order in which the file first has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from migrate import toml
from migrate.codemod import Codemod, RecipeKind, build_rule
from migrate.errors import UsageError

_TEST_KEYS = ("name", "before", "after", "path", "project")
_DEFAULT_PATH = "example.py"
SUFFIX = ".toml"
# What an id cannot have: it stands in comments that ignore a codemod, in lists and in brackets.
_UNFIT = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Step:
    """One codemod of a recipe, with the options that its rules make."""

    codemod: Codemod
    options: Any


@dataclass(frozen=True)
class RecipeTest:
    """A file as it is and as the recipe leaves it; `after` is None where nothing may change.

    `path` is where the file stands, `project` has the other files by their paths.
    """

    name: str
    before: str
    after: str | None
    path: str = _DEFAULT_PATH
    project: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """A recipe, checked; `name` is the file's. `steps` has one codemod for each kind of rules."""

    name: str
    description: str
    steps: Mapping[str, Step]
    tests: tuple[RecipeTest, ...]


def load(path: Path, where: str, kinds: Mapping[str, RecipeKind]) -> Recipe:
    """The recipe in a file; raises UsageError, which names file, rule and key.

    `where` is what messages call the file; `kinds` are the kinds of rules by their names.
    """
    if path.suffix != SUFFIX:
        raise UsageError(f"{where}: a recipe is a {SUFFIX} file")
    try:
        with path.open("rb") as file:
            data = file.read(toml.MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{where}: cannot read the recipe: {error.strerror}") from None
    return parse(toml.parse(data, where), path.name, where, kinds)


def parse(
    content: Mapping[str, Any], name: str, where: str, kinds: Mapping[str, RecipeKind]
) -> Recipe:
    """The recipe that a file's tables describe; raises UsageError as `load` does."""
    name = _UNFIT.sub("-", name)
    description = content.get("description", "")
    if not isinstance(description, str):
        raise UsageError(f"{where}: description must be a string, not {description!r}")
    project = _files(content.get("project", {}), f"{where}: project")
    tests = tuple(_tests(content.get("test", []), project, where))
    steps = dict(_steps(content, name, description, where, kinds))
    if not steps:
        raise UsageError(f"{where}: it has no rule; the kinds of rules are: {', '.join(kinds)}")
    return Recipe(name, description, steps, tests)


def _steps(
    content: Mapping[str, Any],
    name: str,
    description: str,
    where: str,
    kinds: Mapping[str, RecipeKind],
) -> Iterator[tuple[str, Step]]:
    for key, tables in content.items():
        if key in ("description", "project", "test"):
            continue
        kind = kinds.get(key)
        if kind is None:
            known = ", ".join(["description", "project", "test", *kinds])
            raise UsageError(f"{where}: unknown key {key!r}; a recipe has: {known}")
        rules = tuple(
            build_rule(kind, table, f"{where}: {key}[{number}]")
            for number, table in enumerate(_tables(tables, key, where), start=1)
        )
        try:
            options = kind.options(rules)
        except ValueError as error:
            raise UsageError(f"{where}: {key}: {error}") from None
        doc = f"{description}\n\n{kind.codemod.doc}" if description else kind.codemod.doc
        yield key, Step(replace(kind.codemod, id=f"{name}:{key}", doc=doc), options)


def _tables(value: object, key: str, where: str) -> list[Mapping[str, Any]]:
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return value
    raise UsageError(f"{where}: {key} must be a list of tables, each written as [[{key}]]")


def _tests(value: object, project: Mapping[str, str], where: str) -> Iterator[RecipeTest]:
    if value == []:
        return
    for number, table in enumerate(_tables(value, "test", where), start=1):
        here = f"{where}: test[{number}]"
        unknown = [key for key in table if key not in _TEST_KEYS]
        if unknown:
            raise UsageError(
                f"{here}: unknown key {unknown[0]!r}; a test has: {', '.join(_TEST_KEYS)}"
            )
        if "before" not in table:
            raise UsageError(f"{here}: the key 'before' is missing")
        texts = {key: table[key] for key in _TEST_KEYS if key in table and key != "project"}
        for key, text in texts.items():
            if not isinstance(text, str):
                raise UsageError(f"{here}: {key} must be a string, not {text!r}")
        files = _files(table.get("project", {}), f"{here}: project")
        yield RecipeTest(
            name=texts.get("name", f"test {number}"),
            before=texts["before"],
            after=texts.get("after"),
            path=_path(texts.get("path", _DEFAULT_PATH), f"{here}: path"),
            project={**project, **files},
        )


def _files(value: object, where: str) -> dict[str, str]:
    """A table of files, by path."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise UsageError(f"{where} must be a table of files: a path, and the content as a string")
    return {_path(path, where): text for path, text in value.items()}


def _path(path: str, where: str) -> str:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or pure.suffix != ".py" or "\\" in path:
        raise UsageError(f"{where}: {path!r} must be a relative path, with /, of a .py file")
    return str(pure)
