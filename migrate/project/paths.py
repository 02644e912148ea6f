"""From dotted module names to files, by Python's import rules applied to a list of paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from posixpath import dirname


class ModulePaths:
    """The modules that a list of root-relative paths makes importable."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Index `paths`; only `.py` files and their folders count."""
        self._files = frozenset(path for path in paths if path.endswith(".py"))
        folders: set[str] = {""}
        for folder in {path.rpartition("/")[0] for path in self._files}:
            while folder not in folders:
                folders.add(folder)
                folder = dirname(folder)
        self._folders = frozenset(folders)
        self._found: dict[str, str | None] = {}

    def absolute(self, module: str, importer: str) -> str | None:
        """The file, or the folder of a namespace package, of an absolute import; None if outside.

        Looked for below the root, then below `src`, then below each folder around the importer
        that is no package itself, as a script's folder or a service of a monorepo is.
        """
        for root in self._roots(importer):
            found = self._module(_join(root, *module.split(".")))
            if found is not None:
                return found
        return None

    def anywhere(self, module: str) -> str | None:
        """The one file of an absolute module name, whatever folder imports of it start from.

        For names that a user configures, in a repository that holds its application in a folder.
        None where there is no such file, or more than one.
        """
        if module not in self._found:
            self._found[module] = self._only("/" + module.replace(".", "/"))
        return self._found[module]

    def _only(self, stem: str) -> str | None:
        found = [
            path for path in self._files if path.endswith((f"{stem}.py", f"{stem}/__init__.py"))
        ]
        roots = {path: path[: path.rindex(stem)] for path in found}
        likely = [path for path in found if f"{roots[path]}/__init__.py" not in self._files]
        return likely[0] if len(likely) == 1 else None

    def relative(self, module: str, level: int, importer: str) -> str | None:
        """The file of `from ..module import`, with `level` dots, as seen from `importer`."""
        folder = dirname(importer)
        for _ in range(level - 1):
            if not folder:
                return None
            folder = dirname(folder)
        return self._module(_join(folder, *module.split(".")) if module else folder)

    def submodule(self, package: str, name: str) -> str | None:
        """The file of module `name` in a package, given as its `__init__.py` or its folder."""
        if package in self._folders:
            return self._module(_join(package, name))
        if package.endswith("__init__.py"):
            return self._module(_join(dirname(package), name))
        return None

    def is_file(self, module: str) -> bool:
        """Whether a module is a file, as opposed to a namespace package."""
        return module in self._files

    def _module(self, stem: str) -> str | None:
        for candidate in (_join(stem, "__init__.py"), f"{stem}.py"):
            if candidate in self._files:
                return candidate
        return stem if stem and stem in self._folders else None

    def _roots(self, importer: str) -> Iterator[str]:
        yield ""
        if "src" in self._folders:
            yield "src"
        folder = dirname(importer)
        while folder:
            if f"{folder}/__init__.py" not in self._files:
                yield folder
            folder = dirname(folder)


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)
