"""The command line; the only package that knows Typer."""

from migrate.searchpath import forget_current_folder

forget_current_folder()

from migrate.cli.app import main  # noqa: E402

__all__ = ["main"]
