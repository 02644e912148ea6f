"""`python -m migrate` is the same as `migrate`."""

if __name__ == "__main__":
    import os
    import sys

    # Python puts the current folder in front of its search path here, as the console script does
    # not. It may be the repository that is analysed, from which nothing must be imported, whatever
    # its modules are called; unless this is where the tool itself comes from.
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if not sys.flags.safe_path and os.path.abspath(sys.path[0]) != home:
        del sys.path[0]

    from migrate.cli import main

    sys.exit(main())
