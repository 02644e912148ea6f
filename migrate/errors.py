"""Errors that end a run, each with the exit code that the contract gives it."""


class MigrateError(Exception):
    """A problem that the user can act on; its text is shown as it is, without a traceback.

    The text says what happened, where, and what to do.
    """

    exit_code = 1


class UsageError(MigrateError):
    """Wrong usage or configuration."""

    exit_code = 2


class RepositoryError(MigrateError):
    """The repository refuses: not one, dirty files, a foreign branch, a held lock, no identity."""

    exit_code = 3
