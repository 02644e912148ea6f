"""What other files do with the names by which a file has the old functions.

A file may be asked for a name that it only imports: `from app.orders import send`. A test replaces
the name where the code under test looks it up: `patch("app.orders.send")`. So the name must not go
in the first case, and calls of it must not in the second, without a person.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache, partial
from posixpath import dirname

from tree_sitter import Node

from codemods.context_imports.statements.imports import aliases_of, module_of
from codemods.replaced_calls.imports import Import
from codemods.replaced_calls.options import Options
from migrate.codemod import Each, Unanswered
from migrate.project import Project
from migrate.project.binding import arguments_of_call
from migrate.project.types import ClassObject, ClassRef, ModuleObject, Type
from migrate.syntax import ancestors, captures, text_of, unstarred
from migrate.view import FileView

# What is looked up by a name: the file, and the name there, with the class in front for a method.
Name = tuple[str, str]

_FILES_AT_ONCE = 256
_PATCHING = re.compile(r"patch|setattr|replace", re.IGNORECASE)
_FROM = re.compile(
    rb"\bfrom\s+(?P<module>[\w.]+)\s+import\b(?P<names>\s*\([^)]*|(?:[^\\\n]|\\\r?\n)*)"
)
_STAR = re.compile(rb"\bimport\s*\*")
_DOTTED = re.compile(r"\w+(?:\.\w+)+")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The names of a file that others have from it, and all that is patched, with the place."""

    imported: frozenset[str] = frozenset()
    patched: Mapping[Name, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """What some files look up, and patch; and how they call what has one of the names."""

    looked_up: frozenset[Name]
    patched: Mapping[Name, str]
    aliases: frozenset[str]


def survey(files: Sequence[str], options: Options, each: Each) -> dict[str, Elsewhere]:
    """What is to be known of each file; what is patched is the same for all."""
    looked_up: dict[str, set[str]] = defaultdict(set)
    patched: dict[Name, str] = {}
    asked: set[str] = set()
    functions = [rule.function for rule in options.replacements]
    homes = frozenset(function.rpartition(".")[0] for function in functions)
    names = {function.rpartition(".")[2] for function in functions}
    while new := frozenset(names - asked):
        asked |= new
        for found in each(partial(_uses, new), _those(files, new, homes, each)):
            # A file that cannot be read is a failure of its own: it has the name.
            if isinstance(found, Unanswered):
                continue
            names |= found.aliases
            patched = {**found.patched, **patched}
            for path, name in found.looked_up:
                looked_up[path].add(name)
    return {path: Elsewhere(frozenset(looked_up[path]), patched) for path in files}


def called_name(view: FileView, function: Node, at: Import | None) -> Name | None:
    """What has to be patched for a call of a function to run another; None if unknown.

    `at` is the import that the function comes from. One in a function looks the name up each time.
    """
    holder = function.child_by_field_name("object")
    if holder is None and at is not None and at.is_late:
        module = view.project.index.import_target(module_of(at.node), view.path)
        return (module, at.alias.name) if module is not None else None
    if holder is None:
        return view.path, text_of(function)
    name = function.child_by_field_name("attribute")
    keys = _names_in(view.type_of(unstarred(holder)), text_of(name) if name is not None else "")
    return min(keys, default=None)  # the same in every process


def _those(
    files: Sequence[str], names: frozenset[str], homes: frozenset[str], each: Each
) -> list[str]:
    """The Python files that may look one of the names up elsewhere than where it is defined."""
    python = [path for path in files if path.endswith(".py")]
    chunks = [python[at : at + _FILES_AT_ONCE] for at in range(0, len(python), _FILES_AT_ONCE)]
    those: list[str] = []
    for found in each(partial(_with_uses, names, homes), chunks):
        if isinstance(found, Unanswered):
            raise RuntimeError(found.message)
        those += found
    return those


def _with_uses(
    names: frozenset[str], homes: frozenset[str], project: Project, paths: Sequence[str]
) -> list[str]:
    return [path for path in paths if _may_use(project.index.bytes_of(path), names, homes)]


def _may_use(data: bytes, names: frozenset[str], homes: frozenset[str]) -> bool:
    """Whether a file may import a name from another module than its home, or otherwise than by
    that name; or has it by a star, behind a dot or in quotes.
    """
    words = [name.encode() for name in names]
    if not any(word in data for word in words):
        return False
    if _STAR.search(data) is not None or _uses_of(names).search(data) is not None:
        return True
    known = {home.encode() for home in homes}
    return any(
        any(word in found["names"] for word in words)
        and (found["module"] not in known or re.search(rb"\bas\b", found["names"]) is not None)
        for found in _FROM.finditer(data)
    )


@cache
def _uses_of(names: frozenset[str]) -> re.Pattern[bytes]:
    """A name behind a dot, or at the end of a string."""
    either = b"|".join(re.escape(name.encode()) for name in sorted(names))
    return re.compile(rb"\.\s*(?:" + either + rb")\b|[\"'](?:" + either + rb")[\"']")


def _uses(names: Set[str], project: Project, path: str) -> _Found:
    text, tree = project.index.text(path), project.index.tree(path)
    if text is None or tree is None:
        return _Found(frozenset(), {}, frozenset())
    view = FileView(path, text, tree, project)
    looked_up: set[Name] = set()
    aliases: set[str] = set()
    for node in captures("(import_from_statement) @import", tree.root_node).get("import", []):
        module = project.index.import_target(module_of(node), path)
        taken = [alias for alias in aliases_of(node) if alias.name in names]
        aliases |= {alias.asname for alias in taken if alias.asname is not None}
        if module is not None:
            looked_up |= {(module, alias.name) for alias in taken}
            if any(child.type == "wildcard_import" for child in node.children):
                looked_up |= {(module, name) for name in names if any(view.identifiers(name))}
    patched: dict[Name, str] = {}
    for name in sorted(names):
        looked_up |= set(_attributes(view, name))
        for where, key in _strings(view, name):
            if _is_patched(where):
                patched[key] = f"{path}:{text.line_index(where.start_byte) + 1}"
            else:
                looked_up.add(key)
    through = {each for path, name in looked_up for each in _by_stars(project, path, name)}
    return _Found(frozenset(through), patched, frozenset(aliases))


def _by_stars(project: Project, path: str, name: str) -> Iterator[Name]:
    """A name of a module, and that of each module which it may have it from by a star."""
    seen: set[str] = set()
    pending = [path]
    while pending:
        module = pending.pop()
        if module in seen:
            continue
        seen.add(module)
        yield module, name
        namespace = project.index.namespace(module)
        if name not in namespace.names:
            stars = (star.imported for star in namespace.stars)
            targets = (project.index.import_target(star, module) for star in stars if star)
            pending += [target for target in targets if target is not None]


def _attributes(view: FileView, name: str) -> Iterator[Name]:
    """The modules of which a file looks a name up."""
    for node in view.identifiers(name):
        parent = node.parent
        holder = parent.child_by_field_name("object") if parent is not None else None
        if holder is not None and holder != node and holder.type in ("identifier", "attribute"):
            yield from _names_in(view.type_of(holder), name)


def _strings(view: FileView, name: str) -> Iterator[tuple[Node, Name]]:
    """The strings that name something: `"app.orders.send"`, or `"send"` behind its holder."""
    word = name.encode()
    for offset in view.text.occurrences(word):
        node = view.tree.root_node.descendant_for_byte_range(offset, offset + len(word))
        if node is None or node.parent is None or node.type != "string_content":
            continue
        dotted = text_of(node)
        if dotted == name:
            holder = _before(node.parent)
            keys = _names_in(view.type_of(unstarred(holder)), name) if holder is not None else ()
            yield from ((node, key) for key in keys)
        elif _DOTTED.fullmatch(dotted) and dotted.endswith(f".{name}"):
            found = view.project.find(dotted.removesuffix(f".{name}"), dirname(view.path))
            yield from ((node, key) for key in _names_in(found, name))


def _before(string: Node) -> Node | None:
    """The argument in front of a string in a call."""
    call = string.parent.parent if string.parent is not None else None
    if call is None or call.type != "call":
        return None
    arguments = arguments_of_call(call)
    nodes = [argument.node for argument in arguments]
    return nodes[0] if string in nodes[1:] else None


def _names_in(holder: Type, name: str) -> Iterator[Name]:
    """What an attribute of a module, or of a class, is called."""
    for atom in holder:
        match atom:
            case ModuleObject(path=path):
                yield path, name
            case ClassObject(cls=ClassRef() as cls):
                yield cls.path, f"{cls.name}.{name}"


def _is_patched(string: Node) -> bool:
    """Whether the call around a string replaces what it names, as far as its name says so."""
    call = next((each for each in ancestors(string) if each.type == "call"), None)
    function = call.child_by_field_name("function") if call is not None else None
    return function is not None and _PATCHING.search(text_of(function)) is not None
