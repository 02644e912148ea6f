"""`python -m migrate` is the same as `migrate`."""

if __name__ == "__main__":
    import sys

    from migrate.searchpath import forget_current_folder

    forget_current_folder(first=True)

    from migrate.cli import main

    sys.exit(main())
