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

from tree_sitter import Node

from codemods.context_imports.statements.imports import aliases_of, module_of
from codemods.replaced_calls.imports import Import
from codemods.replaced_calls.mentions import Mentions, Name, names_in
from codemods.replaced_calls.options import Options
from codemods.surveys import found_in
from migrate.codemod import Each, Unanswered
from migrate.project import Project
from migrate.syntax import captures, text_of, unstarred
from migrate.view import FileView

_FROM = re.compile(
    rb"\bfrom\s+(?P<module>[\w.]+)\s+import\b(?P<names>\s*\((?:#[^\n]*|[^)#])*|(?:[^\\\n]|\\\r?\n)*)"
)
_STAR = re.compile(rb"\bimport\s*\*")


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
    python = [path for path in files if path.endswith(".py")]
    functions = [rule.function for rule in options.replacements]
    homes = frozenset(function.rpartition(".")[0] for function in functions)
    names = {function.rpartition(".")[2] for function in functions}
    while new := frozenset(names - asked):
        asked |= new
        those = found_in(python, partial(_with_uses, new, homes), each)
        for found in each(partial(_uses, new), those):
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
    text = text_of(name) if name is not None else ""
    keys = names_in(view.project, view.type_of(unstarred(holder)), text)
    return min(keys, default=None)  # the same in every process


def _with_uses(
    names: frozenset[str], homes: frozenset[str], project: Project, paths: Sequence[str]
) -> list[str]:
    """Those of some files that may look a name up elsewhere than where it is defined."""
    return [path for path in paths if _may_use(project.index.bytes_of(path), names, homes)]


def _may_use(data: bytes, names: frozenset[str], homes: frozenset[str]) -> bool:
    """Whether a file may import a name from another module than its home, or otherwise than by
    that name; or has it by a star, behind a dot, in quotes, or as a keyword of `patch.multiple`.
    """
    words = [name.encode() for name in names]
    if not any(word in data for word in words):
        return False
    if (
        b".multiple" in data
        or _STAR.search(data) is not None
        or _uses_of(names).search(data) is not None
    ):
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
        for mention in Mentions(view, name):
            if mention.replaces:
                line = text.line_index(mention.node.start_byte) + 1
                patched.setdefault(mention.name, f"{path}:{line}")
            else:
                looked_up.add(mention.name)
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
