"""What the project says about the moves: modules, names, and the classes on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from posixpath import dirname

from codemods.context_imports.options import EVERYTHING, Move, Options
from migrate.project import Project
from migrate.project.facts import BindingKind, Function, Imported
from migrate.project.interface import Interface, interface_of
from migrate.project.types import UNKNOWN, ClassRef, FunctionObject, ModuleObject, Type

_INTERFACES = "context-imports: interfaces"


class Fate(StrEnum):
    """What becomes of a name of a legacy module."""

    MOVES = "moves"
    STAYS = "stays"
    MISSING = "missing"


@dataclass(frozen=True)
class Facts:
    """The moves as the project defines their modules, looked up once for each file."""

    project: Project
    options: Options
    path: str

    @cached_property
    def legacy(self) -> dict[str, list[Move]]:
        """The moves from each legacy module, by its path."""
        found: dict[str, list[Move]] = {}
        for move in self.options.moves:
            path = self.module(move.from_)
            if path is not None:
                found.setdefault(path, []).append(move)
        return found

    def module(self, dotted: str) -> str | None:
        """The file of a module of the options, as an import in this file would find it.

        One with no package may be outside the project, whatever file of its name there is.
        """
        modules = self.project.index.modules
        found = modules.absolute(dotted, self.path)
        return found or (modules.anywhere(dotted) if "." in dotted else None)

    def moves_from(self, imported: Imported) -> list[Move]:
        """The moves from the module that an import names; none where it is another module."""
        target = self.project.index.import_target(imported, self.path)
        if target is not None:
            return self.legacy.get(target, [])
        missing = (move for move in self.options.moves if self.module(move.from_) is None)
        return [move for move in missing if not imported.level and move.from_ == imported.module]

    def submodule_moves(self, package: Imported, name: str) -> list[Move]:
        """The moves from the legacy module that `from package import name` brings in."""
        target = self.project.index.import_target(package, self.path)
        if target is None:
            return self._outside_moves(package, name)
        return self._of_module(self.project.names.module_attribute(target, name))

    def _outside_moves(self, package: Imported, name: str) -> list[Move]:
        """The same where the package is not in the project."""
        dotted = f"{package.module}.{name}"
        found = (move for move in self.options.moves if move.from_ == dotted and not package.level)
        return [move for move in found if self._is_outside(move)]

    def _is_outside(self, move: Move) -> bool:
        """Whether the project has neither module, and what the options say is believed."""
        return self.options.outside and not (self.module(move.from_) or self.module(move.to))

    def _of_module(self, type_: Type) -> list[Move]:
        moves = [self.legacy.get(atom.path, []) for atom in type_ if isinstance(atom, ModuleObject)]
        return moves[0] if len(moves) == len(type_) == 1 else []

    def fate(self, move: Move, name: str) -> Fate:
        """What becomes of a name that is imported from the move's old module."""
        if EVERYTHING not in move.names and name not in move.names:
            return Fate.STAYS
        old = self.module(move.from_)
        bindings = self.project.index.namespace(old).names.get(name) if old else None
        only_imported = bindings and all(b.kind is BindingKind.IMPORT for b in bindings)
        if EVERYTHING in move.names and only_imported and not self._is_shared(move, name):
            return Fate.STAYS
        if self._is_outside(move):
            return Fate.MOVES
        if not self._has(move.to, new_name(move, name)):
            return Fate.MISSING
        is_class = self._find_class(f"{move.from_}.{name}") is not None
        return Fate.MISSING if is_class and self.pair(move, name) is None else Fate.MOVES

    def _is_shared(self, move: Move, name: str) -> bool:
        """Whether both modules have the same thing by that name: the old one imports it."""
        old = self.module(move.from_)
        if old is None:
            return False
        sources = (each.imported for each in self.project.index.namespace(old).names.get(name, ()))
        wanted = (self.module(move.to), new_name(move, name))
        found = (
            (self.project.index.import_target(each, old), each.name) for each in sources if each
        )
        pair = self.pair(move, name)
        return wanted in found or (pair is not None and pair[0] == pair[1])

    def moving_names(self, move: Move) -> list[str]:
        """All names of the old module that move."""
        path = self.module(move.from_)
        names = self.project.index.namespace(path).names if path is not None else {}
        return [name for name in names if self.fate(move, name) is Fate.MOVES]

    def _has(self, module: str, name: str) -> bool:
        """Whether a module binds a name, by itself or by a re-export."""
        path = self.module(module)
        if path is None:
            return False
        namespace = self.project.index.namespace(path)
        if name in namespace.names:
            return True
        return bool(namespace.stars) and self.project.names.module_name(path, name) != UNKNOWN

    def pair(self, move: Move, name: str) -> tuple[ClassRef, ClassRef] | None:
        """The old class of that name and the one that takes its place; None for other things."""
        old = self._find_class(f"{move.from_}.{name}")
        new = self._find_class(f"{move.to}.{new_name(move, name)}")
        return (old, new) if old is not None and new is not None else None

    def _find_class(self, dotted: str) -> ClassRef | None:
        return self.project.find_class(dotted, dirname(self.path))

    def functions(self, move: Move, name: str) -> tuple[FunctionObject, Function] | None:
        """The old function of that name, and the signature of another that takes its place."""
        old = self._function(f"{move.from_}.{name}")
        new = self._function(f"{move.to}.{new_name(move, name)}")
        if old is None or new is None or (old.path, old.start) == (new.path, new.start):
            return None
        signature = self.project.index.function_facts(new.path, new.start)
        return (old, signature) if signature is not None else None

    def _function(self, dotted: str) -> FunctionObject | None:
        found = [
            a
            for a in self.project.find(dotted, dirname(self.path))
            if isinstance(a, FunctionObject)
        ]
        return found[0] if len(found) == 1 else None

    def move_of(self, old: ClassRef) -> Move | None:
        """The move by which an old class moves."""
        moves = self.legacy.get(old.path, [])
        fitting = (m for m in moves if EVERYTHING in m.names or old.name in m.names)
        return next(fitting, None)

    def interface(self, cls: ClassRef) -> Interface:
        """How a class is used."""
        known: dict[ClassRef, Interface] = self.project.shared.setdefault(_INTERFACES, {})
        if cls not in known:
            known[cls] = interface_of(self.project, cls)
        return known[cls]

    def is_module(self, type_: Type) -> bool:
        """Whether a value is a legacy module, and nothing else."""
        return bool(self._of_module(type_))

    def may_be_module(self, type_: Type) -> bool:
        """Whether a value can be a legacy module."""
        return any(isinstance(atom, ModuleObject) and atom.path in self.legacy for atom in type_)


def new_name(move: Move, name: str) -> str:
    """What the new module calls a name of the old one."""
    return move.rename.get(name, name)


def spelled(move: Move, written: str) -> str:
    """The new module's name, as a file that calls the old one `written` would call it.

    An application in a folder of the repository has a root of its own: names in it may lack the
    first parts of those in the options, or have more.
    """
    if move.from_.endswith(f".{written}"):
        return move.to.removeprefix(move.from_.removesuffix(written))
    if written.endswith(f".{move.from_}"):
        return written.removesuffix(move.from_) + move.to
    return move.to
