"""The command line; the only package that knows Typer."""

from migrate.cli.app import main

__all__ = ["main"]
