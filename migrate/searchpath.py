"""Where modules are imported from: never from the current folder.

It may be the repository that is analysed, from which nothing must be imported, whatever its
modules are called.
"""

import os
import sys
import sysconfig


def forget_current_folder(*, first: bool = False) -> None:
    """Take the current folder off the search path where nobody asked for it.

    An empty entry of PYTHONPATH puts it there, which `PYTHONPATH=$PYTHONPATH:...` has by accident;
    and so does `python -m`, in front of all others: that is `first`. A folder that this tool or
    the interpreter's own modules come from stays.
    """
    try:
        here = os.getcwd()
    except OSError:  # it is gone, and nothing can be imported from there
        return
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if here in map(os.path.abspath, (home, *sysconfig.get_paths().values())):
        return
    if first and not sys.flags.safe_path and os.path.abspath(sys.path[0]) == here:
        del sys.path[0]
    entries = "" if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "")
    if entries and "" in entries.split(os.pathsep) and here in sys.path:
        sys.path.remove(here)
