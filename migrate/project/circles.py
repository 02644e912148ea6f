"""Where a new import at the top level of a file would close a circle of imports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from posixpath import dirname
from typing import TYPE_CHECKING

from migrate.project.facts import Imported

if TYPE_CHECKING:
    from migrate.project.infer import Project

_REACHED = "modules that are imported with a module"
_IMPORTED = "modules that a file imports"
_NOT_RUN = re.compile(rb"if\s+(?:(?:typing\.)?TYPE_CHECKING|__name__\s*==)")
_IMPORT = re.compile(rb"import\s(.*)")
_DOTTED = re.compile(rb"(?:\w+\.)+\w+")


def imports_back(project: Project, module: str, path: str) -> bool:
    """Whether importing a module imports a file, directly or through others.

    `module` and `path` are files, relative to the root. What only functions import, and type
    checkers, is not imported with the module. The packages around the module are imported before
    it, but for those around the file, too: they have begun when either of the two is imported.
    """
    around = _packages(project, module) - _packages(project, path)
    return any(path in _reached(project, each) for each in (module, *around))


def imports_directly(project: Project, path: str, module: str) -> bool:
    """Whether importing a file takes names from a module by an import of its own."""
    return any(
        imported.name is not None and project.index.import_target(imported, path) == module
        for imported in _imports_of(project, path)
    )


def _reached(project: Project, module: str) -> Set[str]:
    """The files that importing a module imports, the module included, remembered."""
    known: dict[str, Set[str]] = project.shared.setdefault(_REACHED, {})
    if module not in known:
        begun = _packages(project, module)
        seen, pending = {module}, [module]
        while pending:
            named, packages = _imported(project, pending.pop())
            found = (named | (packages - begun)) - seen
            seen |= found
            pending += found
        known[module] = seen
    return known[module]


def _imported(project: Project, path: str) -> tuple[Set[str], Set[str]]:
    """The files that are imported when a file is, and the packages around those, remembered."""
    known: dict[str, tuple[Set[str], Set[str]]] = project.shared.setdefault(_IMPORTED, {})
    if path not in known:
        named = set(_named(project, path))
        packages = {package for each in named for package in _packages(project, each)}
        known[path] = named, packages
    return known[path]


def _packages(project: Project, module: str) -> set[str]:
    """The `__init__.py` of each package around a module."""
    is_file = project.index.modules.is_file
    folder = dirname(module)
    if module.endswith("/__init__.py"):
        folder = dirname(folder)
    found = set()
    while folder and is_file(package := f"{folder}/__init__.py"):
        found.add(package)
        folder = dirname(folder)
    return found


def _named(project: Project, path: str) -> Iterator[str]:
    """The modules that the imports of a file name, at its top level."""
    modules = project.index.modules
    for imported in _imports_of(project, path):
        target = project.index.import_target(imported, path)
        if target is None:
            continue
        inner = modules.submodule(target, imported.name) if imported.name is not None else None
        # `from package import module` takes nothing from the package itself.
        yield inner or target


def _imports_of(project: Project, path: str) -> Iterator[Imported]:
    namespace = project.index.namespace(path)
    bindings = [*namespace.stars, *(b for found in namespace.names.values() for b in found)]
    text = project.index.text(path) if any(b.imported for b in bindings) else None
    data = text.utf8 if text is not None else b""
    for binding in bindings:
        if binding.imported is None or not is_run(data, binding.start):
            continue
        # `import a.b` binds `a`, and imports `a.b`.
        statement = data[binding.start :].partition(b"\n")[0]
        match = _IMPORT.match(statement)
        dotted = [name.decode() for name in _DOTTED.findall(match[1])] if match else []
        if not any(name.startswith(f"{binding.imported.module}.") for name in dotted):
            yield binding.imported
        yield from map(Imported, dotted)


def is_run(data: bytes, start: int) -> bool:
    """Whether a statement outside functions is run when its module is imported.

    `start` is its offset in the module's text `data`. One below `if TYPE_CHECKING:` is not, nor is
    what only a script does.
    """
    lines = data[:start].split(b"\n")
    indent = len(lines.pop())
    while indent and lines:
        line = lines.pop()
        text = line.lstrip()
        if text and not text.startswith(b"#") and len(line) - len(text) < indent:
            indent = len(line) - len(text)
            if _NOT_RUN.match(text):
                return False
    return True
