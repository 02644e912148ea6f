"""The command line; the only package that knows Typer."""

import os
import sys


def _forget_the_current_folder() -> None:
    """Take the current folder off the search path where an empty entry of PYTHONPATH put it.

    `PYTHONPATH=$PYTHONPATH:...` does that by accident. The folder may be the repository that is
    analysed, from which nothing must be imported, whatever its modules are called.
    """
    if sys.flags.ignore_environment:
        return
    entries = os.environ.get("PYTHONPATH", "")
    home = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if entries and "" in entries.split(os.pathsep):
        here = os.path.abspath("")
        if here != home and here in sys.path:
            sys.path.remove(here)


_forget_the_current_folder()

from migrate.cli.app import main  # noqa: E402

__all__ = ["main"]
