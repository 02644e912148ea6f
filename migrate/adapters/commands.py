"""LibCST's codemod commands as codemods: any class that `libcst.codemod.Codemod` is a base of.

A command gets what `libcst.tool codemod` gives it: an instance of its own for each file, the
context with the file's name and those of its module and package, and its arguments in the types
that its `add_args` declares. Providers of metadata about the whole repository get what follows
from the path alone; those that need more are refused before the run.
"""

from __future__ import annotations

import argparse
import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from migrate.adapters.shortcuts import shortcuts
from migrate.codemod import Converted, FileCodemod, FileContext, Note, Policy
from migrate.diff import unified
from migrate.errors import UsageError
from migrate.model import Status

if TYPE_CHECKING:
    from libcst.codemod import Codemod, CodemodContext

# LibCST's own mark of generated files, which its tool leaves alone.
_GENERATED = b"@gen" + b"erated"
_WHOLE_REPOSITORY = {"FullyQualifiedNameProvider", "FilePathProvider"}


def adapt(
    value: object, id: str, arguments: Sequence[tuple[str, str]] | None
) -> FileCodemod | None:
    """The codemod of a class of commands; None for anything else.

    LibCST's own suite has commands that come to rest in their second pass only, so that is no
    reason to leave a file alone: it is rewritten, with a finding for review.
    """
    command = value if isinstance(value, type) else type(value)
    if not any(base.__module__.startswith("libcst.codemod.") for base in command.__mro__):
        return None
    from libcst.codemod import Codemod

    if not issubclass(command, Codemod):
        return None
    if not isinstance(value, type):
        raise UsageError(f"{id} is a {command.__name__}: name the class, not an instance of it")
    if inspect.isabstract(command):
        raise UsageError(f"{id} is abstract: it does not say what to do with a file")
    _check_providers(command, id)
    parser = _parser(command, id)
    options = {} if arguments is None else _options(parser, command, id, arguments)
    return FileCodemod(
        id=id,
        version=1,
        doc=_doc(command, parser),
        convert=_Convert(command, options),
        second_pass=Policy.WARN,
    )


# One file


@dataclass(frozen=True)
class _Convert:
    command: type[Codemod]
    options: Mapping[str, Any]

    def __call__(self, data: bytes, file: FileContext) -> Converted:
        from libcst import ParserSyntaxError, parse_module
        from libcst.codemod import SkipFile

        if _GENERATED in data:
            return Converted(notes=(_skipped("It says that it is generated.", "generated"),))
        context = _context(file)
        instance = self.command(context, **deepcopy(self.options))
        try:
            module = parse_module(data)
            with shortcuts(module):
                result = instance.transform_module(module)
            after = result.bytes
        except SkipFile as error:
            why = str(error) or "The command skips this file."
            return Converted(notes=(*_warnings(instance), _skipped(why, "skip-file")))
        except ParserSyntaxError as error:
            why = f"LibCST cannot parse it: {error.message}"
            return Converted.refused("not-parsed", why, error.raw_line)
        except RecursionError:
            return Converted.refused("not-preserved", "It is nested too deeply for LibCST.")
        notes = _warnings(instance)
        # Printing takes long, and most files are not changed. The command may have spoilt its tree.
        if after == data or after == (printed := parse_module(data).bytes):
            return Converted(notes=notes)
        if printed != data:
            return Converted(notes=notes, refusal=_not_preserved(printed, data, after, file))
        return Converted(after, notes)


def _context(file: FileContext) -> CodemodContext:
    """What `libcst.tool codemod` tells a command about a file, with nothing left from another."""
    from libcst.codemod import CodemodContext
    from libcst.helpers import calculate_module_and_package
    from libcst.metadata import FilePathProvider, FullRepoManager, FullyQualifiedNameProvider

    name = str(Path(file.root, file.path))
    module = calculate_module_and_package(file.root, name)
    return CodemodContext(
        filename=name,
        full_module_name=module.name,
        full_package_name=module.package,
        metadata_manager=FullRepoManager(
            file.root, [name], [FullyQualifiedNameProvider, FilePathProvider]
        ),
    )


def _warnings(instance: Codemod) -> tuple[Note, ...]:
    return tuple(Note(str(warning)) for warning in instance.context.warnings)


def _skipped(why: str, reason: str) -> Note:
    return Note(why, reason, status=Status.SKIP)


def _not_preserved(printed: bytes, data: bytes, after: bytes, file: FileContext) -> Note:
    """Why a file is left alone that LibCST prints otherwise, with what the command would change."""
    pairs = enumerate(zip(printed.splitlines(), data.splitlines(), strict=False), start=1)
    line = next((at for at, (one, other) in pairs if one != other), data.count(b"\n") or 1)
    return Note(
        "The command changes this file, but LibCST does not print this line back as it was.",
        "not-preserved",
        line,
        suggestion=unified(file.path, printed, after),
    )


# Before the run


def _check_providers(command: type[Codemod], id: str) -> None:
    """Raise UsageError for a command with metadata that cannot be had from a path."""
    for provider in _providers(command.get_inherited_dependencies()):
        if provider.gen_cache is not None and provider.__name__ not in _WHOLE_REPOSITORY:
            raise UsageError(
                f"{id} needs {provider.__name__}, which asks another program about the whole"
                " repository; run it with `python -m libcst.tool codemod`"
            )


def _providers(direct: Iterable[Any]) -> Iterator[Any]:
    """Providers and those that they depend on."""
    pending, seen = list(direct), set()
    while pending:
        provider = pending.pop()
        if provider not in seen:
            seen.add(provider)
            pending += provider.METADATA_DEPENDENCIES
            yield provider


class _Parser(argparse.ArgumentParser):
    """Raises UsageError where argparse ends the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}; give arguments as --codemod-arg KEY=VALUE")


def _parser(command: type[Codemod], id: str) -> _Parser:
    """The arguments that a command declares; a class that is no command declares none."""
    parser = _Parser(prog=id, add_help=False, allow_abbrev=False)
    declare = getattr(command, "add_args", None)
    if declare is not None:
        declare(parser)
    return parser


def _options(
    parser: _Parser, command: type[Codemod], id: str, arguments: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """The keyword arguments of a command's constructor; raises UsageError if they do not fit."""
    if hasattr(command, "add_args"):
        options = vars(parser.parse_args(_command_line(parser, id, arguments)))
    else:
        options = dict(arguments)
    try:
        command(_context(FileContext("module.py")), **options)
    except (Exception, SystemExit) as error:
        given = ", ".join(f"{key}={value}" for key, value in arguments) or "none"
        raise UsageError(
            f"{id} does not take these arguments ({given}): {type(error).__name__}: {error}"
        ) from None
    return options


def _command_line(parser: _Parser, id: str, arguments: Sequence[tuple[str, str]]) -> list[str]:
    """The arguments as argparse wants them; a key is an option's name, with or without dashes."""
    values: dict[str, list[str]] = defaultdict(list)
    for key, value in arguments:
        values[key.strip("-").replace("-", "_")].append(value)
    options: list[str] = []
    positional: list[str] = []
    for action in parser._actions:
        names = [action.dest, *action.option_strings]
        given = [v for n in names for v in values.pop(n.strip("-").replace("-", "_"), ())]
        if not action.option_strings:
            positional += given
        elif action.nargs == 0:
            options += [action.option_strings[0] for value in given if _is_true(value, id)]
        elif action.nargs in (None, "?"):
            options += [f"{_longest(action)}={value}" for value in given]
        elif given:
            options += [_longest(action), *given]
    if values:
        known = ", ".join(action.dest for action in parser._actions) or "no arguments"
        raise UsageError(f"{id} has no argument {next(iter(values))!r}; it has: {known}")
    return [*options, *(["--", *positional] if positional else [])]


def _longest(action: argparse.Action) -> str:
    return max(action.option_strings, key=len)


def _is_true(value: str, id: str) -> bool:
    if value not in ("true", "false"):
        raise UsageError(f"{id}: a switch is given as true or false, not {value!r}")
    return value == "true"


def _doc(command: type[Codemod], parser: _Parser) -> str:
    """What a command says about itself, and its arguments."""
    said = [getattr(command, "DESCRIPTION", None), command.__dict__.get("__doc__")]
    parts = list(dict.fromkeys(inspect.cleandoc(text) for text in said if text))
    lines = [
        f"  {action.dest}{' (required)' if action.required else ''}  {action.help or ''}".rstrip()
        for action in parser._actions
    ]
    if lines:
        parts.append("\n".join(["Arguments, for --codemod-arg:", *lines]))
    return "\n\n".join(parts) or f"The command {command.__name__}."
