"""The Typer application and its entry point, where every error becomes a line and an exit code.

Nothing slow is imported before a command needs it.
"""

from __future__ import annotations

import difflib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer
from typer.core import TyperGroup

from migrate import __version__
from migrate.cli import console
from migrate.cli.compare import compare
from migrate.cli.explain import explain
from migrate.cli.list import list_codemods
from migrate.cli.new import new
from migrate.cli.review import list_queue, show_queue
from migrate.cli.run import run
from migrate.cli.test import test_recipes
from migrate.errors import MigrateError, UsageError

_BUG, _INTERRUPTED = 4, 130
# Typer's own errors of usage. Their base is click's in older versions and Typer's in newer ones.
_TyperUsageError: Any = typer.BadParameter.__bases__[0]


class _DefaultGroup(TyperGroup):
    """A group whose command `default` may be left out."""

    default: ClassVar[str]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command in front of arguments that name none."""
        own = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        if args and args[0] not in own and args[0] not in self.commands:
            _refuse_misspelt(args[0], list(self.commands))
            args = [self.default, *args]
        elif not args and not ctx.resilient_parsing:
            args = self._without_arguments()
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Complete the default command's options as well as the group's own words."""
        default = self.commands[self.default].shell_complete(ctx, incomplete)
        own = super().shell_complete(ctx, incomplete)
        return own + [item for item in default if item.value not in {each.value for each in own}]

    def _without_arguments(self) -> list[str]:
        return [self.default]


class _Migrate(_DefaultGroup):
    default = "run"

    def _without_arguments(self) -> list[str]:
        return ["run"] if _in_repository() else ["--help"]


class _Review(_DefaultGroup):
    default = "list"


_app = typer.Typer(
    cls=_Migrate,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_review_app = typer.Typer(cls=_Review, rich_markup_mode=None)
_app.command("run")(run)
_app.command("list")(list_codemods)
_app.command("explain")(explain)
_app.command("compare")(compare)
_app.command("new")(new)
_app.command("test")(test_recipes)
_app.add_typer(_review_app, name="review")
_review_app.command("list")(list_queue)
_review_app.command("show")(show_queue)


def _print_version(wanted: bool) -> None:
    if wanted:
        console.write(f"migrate {__version__}\n")
        raise typer.Exit


@_app.callback()
def _migrate(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version."),
    ] = False,
) -> None:
    """Finish a stalled migration: rewrite what can be proven, queue the rest for review.

    The command `run` may be left out; its options are in `migrate run --help`.

    \b
      migrate --dry-run            preview the migration of this repository
      migrate --dry-run src/       ... of one folder
      migrate --apply              commit it, in batches, to a branch
      migrate review list          see what is left for a person
    """


@_review_app.callback()
def _review() -> None:
    """Read the review queue; `list` may be left out."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, by default `sys.argv`, and return the exit code."""
    console.prepare()
    try:
        command = typer.main.get_command(_app)
        code = command.main(args=arguments, prog_name="migrate", standalone_mode=False)
    except MigrateError as error:
        console.warn("error", str(error))
        return error.exit_code
    except _TyperUsageError as error:
        return _report_usage(error)
    except (KeyboardInterrupt, typer.Abort):
        code = _INTERRUPTED
    except Exception as error:
        return _report_bug(error)
    if code == _INTERRUPTED:  # newer versions of Typer turn a KeyboardInterrupt into this code
        console.warn("error", "interrupted")
    return code or 0


def _report_usage(error: Any) -> int:
    console.warn("error", error.format_message())
    if error.ctx is not None:
        console.warn("hint", f"`{error.ctx.command_path} --help` lists what there is")
    return UsageError.exit_code


def _report_bug(error: Exception) -> int:
    """One line for the user, and all that a bug report needs in a file."""
    what = f"{type(error).__name__}: {error}".partition("\n")[0]
    try:
        handle, path = tempfile.mkstemp(prefix="migrate-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"migrate {__version__}, Python {sys.version}, {sys.platform}\n")
            file.write(f"arguments: {sys.argv[1:]!r}\n\n")
            traceback.print_exception(error, file=file)
        where = f"please report it with {path}"
    except OSError as log_error:
        where = f"and its log could not be written: {log_error.strerror}"
    console.warn("error", f"a bug in migrate ({what}); {where}")
    return _BUG


def _refuse_misspelt(word: str, commands: list[str]) -> None:
    """Raise UsageError for a first argument that is no path, but nearly a command."""
    if word.startswith("-") or os.path.exists(word):
        return
    close = difflib.get_close_matches(word, commands, n=1)
    if close:
        raise UsageError(f"no command or path {word!r}; did you mean {close[0]!r}?")


def _in_repository() -> bool:
    """Whether the current folder seems to be in a git repository; git itself is not asked."""
    try:
        folder = Path.cwd()
    except OSError:  # it has been removed
        return False
    return any(os.path.exists(parent / ".git") for parent in (folder, *folder.parents))
