"""What importing a module imports with it."""

from __future__ import annotations

import pytest

from migrate.project import Project
from migrate.project.circles import imports_back
from migrate.source import Memory

LATE = "def load():\n    import app.user\n"
TYPES = "import typing\nif typing.TYPE_CHECKING:\n    import app.user\n"
TYPES_ELSE = "if TYPE_CHECKING:\n    import x\nelse:\n    import app.user\n"


def project(**modules: str) -> Project:
    """A package `app`, with these modules in it; `__` stands for a folder's slash."""
    files = {f"app/{name.replace('__', '/', 1)}.py": text for name, text in modules.items()}
    return Project(Memory({"app/__init__.py": b"", **{p: t.encode() for p, t in files.items()}}))


@pytest.mark.parametrize(
    "source",
    [
        "import app.user",
        "import os, app.user",
        "import app.user as user",
        "from app.user import a",
        "from app import user",
        "from app.user import *",
        "from . import user",
        "from .user import a",
        "try:\n    import app.user\nexcept ImportError:\n    pass",
        TYPES_ELSE,
        "from app.between import b",
    ],
)
def test_an_import_that_runs_leads_back(source: str) -> None:
    program = project(target=source, between="import app.user", user="")
    assert imports_back(program, "app/target.py", "app/user.py")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "import app",
        "import app.other",
        "from app import other",
        LATE,
        TYPES,
        "if __name__ == '__main__':\n    import app.user",
        "import user",
        "# import app.user",
    ],
)
def test_what_does_not_run_or_is_another_module_does_not(source: str) -> None:
    program = project(target=source, other="", user="")
    assert not imports_back(program, "app/target.py", "app/user.py")


def test_circles_of_others_end() -> None:
    program = project(target="import app.one", one="import app.two", two="import app.one", user="")
    assert not imports_back(program, "app/target.py", "app/user.py")


def test_package_of_an_imported_module_is_imported_with_it() -> None:
    modules = {"tools____init__": "import app.user", "tools__names": ""}
    program = project(target="import app.tools.names", user="", **modules)
    assert imports_back(program, "app/target.py", "app/user.py")


def test_package_around_the_module_has_begun_only_for_what_is_in_it() -> None:
    modules = {
        "new____init__": "import app.user, app.new.other",
        "new__other": "",
        "new__target": "",
    }
    program = project(user="", **modules)
    assert imports_back(program, "app/new/target.py", "app/user.py")
    assert not imports_back(program, "app/new/target.py", "app/new/other.py")
