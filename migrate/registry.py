"""Where codemods come from: installed packages, and what the command line names.

Code comes from nowhere else; above all not from the repository that is analysed.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from migrate import adapters, recipe
from migrate.codemod import AnyCodemod, Codemod, FileCodemod, Policy, RecipeKind
from migrate.errors import UsageError
from migrate.guests import guest
from migrate.recipe import Recipe

GROUP = "migrate.codemods"
RECIPE_GROUP = "migrate.recipes"
_T = TypeVar("_T")
# What would end an ignore comment, a line of a commit message, or a name in either.
_AWKWARD = re.compile(r"[\],\s\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Reference:
    """A codemod as the command line names it, with what it is given there.

    It can be sent to other processes and loaded there, which functions and classes cannot.
    `name` is an id, `package.module:NAME`, `path/to/file.py:NAME`, or `path/to/recipe.toml:KIND`
    for a recipe's rules of one kind; a relative path starts at `folder`. `arguments` are None
    where the codemod is only to be described. `needles`, `second_pass` and `bound_names`, its
    policy for `names`, replace those of a whole-file codemod where they are given.
    """

    name: str
    folder: str = ""
    arguments: tuple[tuple[str, str], ...] | None = ()
    needles: tuple[bytes, ...] = ()
    second_pass: Policy | None = None
    bound_names: Policy | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A codemod, and the arguments that are left to be its options, if it does not bring those."""

    codemod: AnyCodemod
    arguments: tuple[tuple[str, str], ...] | None = ()
    options: Any = None


@cache
def codemods() -> Mapping[str, AnyCodemod]:
    """Every installed codemod by id, in the order of the ids.

    Raises UsageError for an entry point that does not lead to a codemod.
    """
    found: dict[str, AnyCodemod] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            codemod = entry.load()
        except Exception as error:
            raise UsageError(f"cannot load codemod {entry.name} ({entry.value}): {error}") from None
        if not isinstance(codemod, Codemod | FileCodemod):
            raise UsageError(f"{entry.value}, named as codemod {entry.name}, is no Codemod")
        found[codemod.id] = codemod
    return found


@cache
def recipe_kinds() -> Mapping[str, RecipeKind]:
    """Every kind of rule that recipes may have, by its name, in the order of the names.

    Raises UsageError for an entry point that does not lead to one.
    """
    found: dict[str, RecipeKind] = {}
    for entry in sorted(entry_points(group=RECIPE_GROUP), key=lambda entry: entry.name):
        try:
            kind = entry.load()
        except Exception as error:
            what = f"cannot load the recipe kind {entry.name} ({entry.value})"
            raise UsageError(f"{what}: {error}") from None
        if not isinstance(kind, RecipeKind):
            raise UsageError(f"{entry.value}, named as recipe kind {entry.name}, is no RecipeKind")
        found[entry.name] = kind
    return found


@cache
def load(reference: Reference) -> Loaded:
    """What a reference leads to; once in each process.

    Raises UsageError, which says what is wrong with the name or where in their code it failed.
    """
    loaded = _found(reference)
    if not (reference.needles or reference.second_pass or reference.bound_names):
        return loaded
    codemod = loaded.codemod
    if not isinstance(codemod, FileCodemod):
        raise UsageError(
            f"{codemod.id} finds its sites by itself:"
            " --needle, --second-pass and --names are for codemods that convert whole files"
        )
    codemod = replace(
        codemod,
        needles=reference.needles or codemod.needles,
        second_pass=reference.second_pass or codemod.second_pass,
        names=reference.bound_names or codemod.names,
    )
    return replace(loaded, codemod=codemod)


def _found(reference: Reference) -> Loaded:
    name, arguments = reference.name, reference.arguments
    if name in codemods():
        return Loaded(codemods()[name], arguments)
    target, _, attribute = (name, "", "") if name.endswith(".py") else name.rpartition(":")
    if not target:
        raise UsageError(_unknown(name))
    if target.endswith(recipe.SUFFIX):
        return _step(load_recipe(target, reference.folder), attribute, arguments)
    if target.endswith(".py"):
        path = _file(target, reference.folder)
        id = _id(f"{path.name}:{attribute}" if attribute else path.name)
        script = adapters.adapt_script(path, id, arguments, attribute)
    else:
        id, origin, package = _id(name), _origin(target), target.rpartition(".")[0]
        script = (
            adapters.adapt_script(origin, id, arguments, attribute, package) if origin else None
        )
    if script is not None:
        return Loaded(script)
    if not attribute:
        raise UsageError(f"{name}: say which codemod of this file is meant: -c {name}:NAME")
    module = _file_module(path) if target.endswith(".py") else _imported(target)
    value = _attribute(module, attribute, target)
    if isinstance(value, Codemod | FileCodemod):
        return Loaded(value, arguments)
    codemod = adapters.adapt(value, id, arguments)
    if codemod is None:
        raise UsageError(f"{name} is no codemod but {_described(value)}; it can be {adapters.WHAT}")
    return Loaded(codemod)


@cache
def load_recipe(name: str, folder: str) -> Recipe:
    """The recipe in a file; a relative path starts at `folder`. Raises UsageError."""
    return recipe.load(Path(folder, name), name, recipe_kinds())


def _step(found: Recipe, kind: str, arguments: tuple[tuple[str, str], ...] | None) -> Loaded:
    if kind not in found.steps:
        raise UsageError(f"{found.name} has no rule of the kind {kind!r}")
    if arguments:
        raise UsageError(f"{found.name}: a recipe takes no --codemod-arg")
    step = found.steps[kind]
    return Loaded(step.codemod, options=step.options)


def _id(name: str) -> str:
    """The id of a codemod that has none of its own, fit for comments and commit messages."""
    return _AWKWARD.sub("-", name)


def _unknown(name: str) -> str:
    known = list(codemods())
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"installed are: {', '.join(known)}"
    return (
        f"there is no codemod {name!r}; {hint};"
        " one of your own is named as package.module:NAME or path/to/file.py:NAME"
    )


def _described(value: object) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return f"a value of type {type(value).__name__}"


def _attribute(module: ModuleType, name: str, where: str) -> object:
    if name not in vars(module):
        names = [other for other in vars(module) if not other.startswith("_")]
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise UsageError(f"{where} has no {name!r}{hint}")
    return vars(module)[name]


# Modules and files


def _imported(name: str) -> ModuleType:
    """An importable module. The current folder counts for nothing: see `migrate.__main__`."""
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{name!r} is no name of a module, and no path of a .py file")
    try:
        return _executed(lambda: importlib.import_module(name), name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise UsageError(f"{name} cannot be imported: {error}") from None
        raise UsageError(
            f"there is no module {name!r}: install it, or put its folder on PYTHONPATH;"
            " the current folder is not searched. A file is named by its path: file.py:NAME"
        ) from None


def _origin(name: str) -> Path | None:
    """The source file of a module, which is not imported, unlike its package; None if unknown."""
    try:
        with guest():
            spec = importlib.util.find_spec(name)
    except (
        Exception,
        SystemExit,
    ):  # whatever its package raises is said when the module is imported
        return None
    origin = spec.origin if spec is not None else None
    return Path(origin) if origin is not None and origin.endswith(".py") else None


def _file(name: str, folder: str) -> Path:
    path = Path(folder, name)
    if not path.is_file():
        raise UsageError(f"there is no file {name}")
    return path


@cache
def _file_module(path: Path) -> ModuleType:
    """A file as a module that no import finds; nothing is written beside it, unlike an import."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot read it: {error.strerror}") from None
    module = ModuleType(f"{path.stem} in {path.parent}")
    module.__file__ = str(path)
    # Where dataclasses and others look their own module up.
    sys.modules[module.__name__] = module

    def execute() -> ModuleType:
        exec(compile(source, str(path), "exec", dont_inherit=True), vars(module))
        return module

    try:
        return _executed(execute, path.name)
    except ModuleNotFoundError as error:
        raise UsageError(f"{path.name}: {error}") from None


def _executed(run: Callable[[], _T], where: str) -> _T:
    """What running somebody's code gives; raises UsageError that says where in it what failed.

    A ModuleNotFoundError is the caller's. What the code prints is no part of a report.
    """
    try:
        with guest():
            return run()
    except ModuleNotFoundError:
        raise
    except SyntaxError as error:
        raise UsageError(f"{error.filename}:{error.lineno}: {error.msg}") from None
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [frame for frame in frames if _is_theirs(frame.filename)]
        at = f" (line {theirs[-1].lineno} of {theirs[-1].filename})" if theirs else ""
        raise UsageError(f"{where} cannot be loaded: {type(error).__name__}: {error}{at}") from None


def _is_theirs(filename: str) -> bool:
    return filename != __file__ and not filename.startswith("<frozen")
