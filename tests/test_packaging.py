"""What a wheel of the project has: an editable install, which the tests run in, has all files."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from tool import CHECKOUT

SETTINGS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("codemods", "migrate")


def files(package: str) -> set[str]:
    """What belongs to a package, with paths below it; not what Python leaves there."""
    folder = CHECKOUT / package
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in found if path.suffix != ".pyc"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_wheel_has_every_module(package: str) -> None:
    assert f"{package}*" in SETTINGS["tool"]["setuptools"]["packages"]["find"]["include"]
    folders = {path.rpartition("/")[0] for path in files(package) if path.endswith(".py")}
    # Only what is a package is found.
    assert {folder for folder in folders if not is_package(CHECKOUT / package / folder)} == set()


def is_package(folder: Path) -> bool:
    above = [folder, *folder.parents]
    return all((each / "__init__.py").is_file() for each in above[: above.index(CHECKOUT)])


@pytest.mark.parametrize("package", PACKAGES)
def test_a_wheel_has_every_other_file(package: str) -> None:
    folder = CHECKOUT / package
    patterns = SETTINGS["tool"]["setuptools"]["package-data"][package]
    named = {
        path.relative_to(folder).as_posix() for pattern in patterns for path in folder.glob(pattern)
    }
    others = {path for path in files(package) if not path.endswith(".py")}
    assert others
    assert others - named == set()
