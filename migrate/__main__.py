"""`python -m migrate` is the same as `migrate`."""

import os
import sys

# Python puts the current folder in front of its search path here, as the console script does not.
# It may be the repository that is analysed, from which nothing must be imported, whatever the
# modules in it are called; but not if this is where the tool itself comes from.
_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if not sys.flags.safe_path and os.path.abspath(sys.path[0]) != _HOME:
    del sys.path[0]

from migrate.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
