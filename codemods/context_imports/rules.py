"""The rules: each turns a site into a verdict. Their docstrings are what `explain` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node

from codemods.context_imports import plans
from codemods.context_imports.facts import Fate
from codemods.context_imports.options import Move
from codemods.context_imports.statements.imports import ImportSite
from codemods.context_imports.statements.modules import ModuleUse
from codemods.context_imports.statements.strings import DottedString
from codemods.context_imports.usage.uses import AttributeUse, Hindrance, Key, Kind, Named, Override
from migrate.codemod import Proposal, Rule
from migrate.model import Span, Status
from migrate.syntax import span
from migrate.view import FileView


@dataclass(frozen=True)
class Decision:
    """A verdict on a site, and why the site is queued if the file as a whole is.

    `held` has the reason and the message for that; without, the site is queued because of others.
    `suggestion` is what a person could write. A site that is `silent` is none in a queued file.
    """

    proposal: Proposal
    held: tuple[str, str] | None = None
    suggestion: str | None = None
    silent: bool = False


def _rewrite(
    rule: str,
    where: Span,
    plan: object,
    message: str,
    *,
    held: tuple[str, str] | None = None,
    suggestion: str | None = None,
    silent: bool = False,
) -> Decision:
    proposal = Proposal(rule, where, Status.REWRITE, message, plan=plan)
    return Decision(proposal, held, suggestion, silent)


def _review(
    rule: str, where: Span, reason: str, message: str, suggestion: str | None = None
) -> Decision:
    return Decision(Proposal(rule, where, Status.REVIEW, message, reason, suggestion))


def _skip(rule: str, where: Span, reason: str, message: str) -> Decision:
    return Decision(Proposal(rule, where, Status.SKIP, message, reason))


# Imports


def from_import(
    site: ImportSite, rule: str, plan: plans.FromImport | None, removal: object
) -> Decision:
    """`from old import A, B as C` becomes `from new import A, B as C`, wherever it stands.

    Names that stay get a statement of their own. An import of the new module that only other
    imports separate from it takes the names over. A name that the new module calls differently is
    imported as what the file calls it.

    - `name-missing`: the new module has no such name.
    - `circular-import`: the new module imports this file, directly or through others.
    - `incompatible-uses`: the file uses the class in a way that the new one does not support, or
      names the old module elsewhere; nothing in the file changes, and each such use is a finding.
    """
    where = span(site.node)
    if site.missing:
        names = ", ".join(each.alias.name for each in site.missing)
        message = f"{site.missing[0].move.to} does not have {names}."
        return _review(rule, where, "name-missing", message)
    moved = [each for each in site.taken if each.fate is Fate.MOVES]
    names = ", ".join(each.alias.name for each in moved)
    message = f"{names} moved to {site.target(moved[0].move)}."
    if rule == "reexport":
        message += " This module re-exports the name: what others import from it moves, too."
    suggestion = written(site.parts())
    return _rewrite(rule, where, plan or removal, message, suggestion=suggestion)


def relative(site: ImportSite, plan: plans.FromImport | None, removal: object) -> Decision:
    """`from .old import A` becomes `from package.new import A`.

    The leading dots are resolved against the package of the file. Apart from that the rule is
    `from`.
    """
    return from_import(site, "relative", plan, removal)


def reexport(site: ImportSite, plan: plans.FromImport | None, removal: object) -> Decision:
    """An import that others import again: in an `__init__.py`, or of a name in `__all__`.

    It moves as others do, and the finding says that more than this file depends on it.
    """
    return from_import(site, "reexport", plan, removal)


def module(
    site: ImportSite,
    rule: str,
    plan: object,
    suggestion: str,
    problems: Sequence[ModuleUse],
    lines: str,
) -> Decision:
    """`import old`, `import old as m` and `from package import old` move with their uses `m.A`.

    - `module-object`: the module is used other than for names that move.
    """
    where = span(site.node)
    if problems:
        message = f"The module is used for more than the names that move: {lines}."
        return _review(rule, where, "module-object", message, suggestion)
    message = f"The module's names moved to {site.modules[0].move.to}."
    return _rewrite(rule, where, plan, message, suggestion=suggestion)


def module_use(view: FileView, use: ModuleUse, plan: object, after: str) -> Decision:
    """A use of the module by its old dotted name."""
    message = f"The module moved to {use.move.to}."
    return _rewrite("module", span(use.node), plan, message, suggestion=after)


def star(site: ImportSite) -> Decision:
    """`from old import *` is left for a person.

    - `star-import`: nothing says which names the file needs.
    """
    message = "The names that the file uses have to be written out before they can move."
    return _review("star", span(site.node), "star-import", message)


def circular(rule: str, site: ImportSite, move: Move) -> Decision:
    """An import that a module runs which the new one imports in turn."""
    module = site.target(move) if site.taken else move.to
    message = (
        f"{module} imports this file, directly or through others: the import would be circular."
        " Inside the functions that need it, it would not be."
    )
    return _review(rule, span(site.node), "circular-import", message)


def merge(node: Node, names: tuple[tuple[str, str | None], ...]) -> Decision:
    """An import of the new module takes the names of an import of the old one beside it."""
    listed = ", ".join(name if bound is None else f"{name} as {bound}" for name, bound in names)
    return _rewrite("merge", span(node), plans.Take(names), f"It takes {listed}, too.", silent=True)


# Strings


def string(found: DottedString) -> Decision:
    """`patch("old.A")` becomes `patch("new.A")`, and so for whatever imports by a string.

    That is `patch`, `import_module`, `find_spec`, `importorskip`, `monkeypatch.setattr`,
    `sys.modules[...]` and a quoted annotation.

    - `dotted-string`: nothing says what becomes of the string.
    - `name-missing`: the new module has no such name.
    """
    where = span(found.node)
    if found.fate is Fate.MISSING:
        message = f"{found.move.to} does not have it."
        return _review("string", where, "name-missing", message)
    if not found.is_known:
        message = "It names something that moved, and nothing says what it is used for."
        return _review("string", where, "dotted-string", message, found.after)
    message = f"It names something that moved to {found.move.to}."
    return _rewrite("string", where, plans.Literal(found.after), message, suggestion=found.after)


def text(where: Span) -> Decision:
    """The old module's name in a comment, a docstring or a longer string is skipped.

    - `mentioned-in-text`: it is for people.
    """
    message = "The old module is mentioned in text."
    return _skip("text", where, "mentioned-in-text", message)


def legacy(rule: str, where: Span) -> Decision:
    """The old modules themselves stay until nothing imports them.

    - `legacy-module`: the file is one of them.
    - `unused-module`: nothing imports it any more; it can be deleted.
    """
    return _skip(rule, where, "legacy-module", "This file is a module that things move from.")


def unused(where: Span) -> Decision:
    """An old module that has served its time."""
    message = "Nothing imports this module any more: it can be deleted."
    return _review("legacy", where, "unused-module", message)


def target(site: ImportSite) -> Decision:
    """The new module's own imports from the old one."""
    message = "This file is the module that the name moves to."
    return _skip(site.rule, span(site.node), "target-module", message)


# Uses


def keyword(where: Span, rule: str, plan: plans.Arguments, what: str, suggestion: str) -> Decision:
    """`websocket_connection_id=x` becomes `websocket_client_id=x`, by the option `keywords`.

    This is for calls that construct an object, by the class or one of its class methods.
    """
    message = f"The new {what} is called in another way."
    reason = "positional-order" if rule == "positional" else "unknown-argument"
    held = (reason, f"The new {what} cannot be called like this.")
    return _rewrite(rule, where, plan, message, held=held, suggestion=suggestion)


def positional(where: Span, plan: plans.Arguments, what: str, suggestion: str) -> Decision:
    """Positional arguments that the new signature has elsewhere become keywords.

    They get the names of the parameters on which they used to land.
    """
    return keyword(where, "positional", plan, what, suggestion)


def child(where: Span, plan: plans.Arguments, what: str, suggestion: str) -> Decision:
    """`create_child_context(name, extra)` gives `extra` by the new parameter's name.

    So does each call of a method on an object of the class, by the option `keywords`.
    """
    return keyword(where, "child", plan, what, suggestion)


def call(
    where: Span,
    what: str,
    problems: Sequence[tuple[str, str]],
    suggestion: str | None,
    *,
    fails: bool = False,
) -> Decision:
    """A call that the new class does not take, whatever the arguments are called.

    With `fails`, the old class does not take it either. Where a test expects such a call to fail,
    it is left as it is.

    - `unknown-argument`: the new signature has no parameter for an argument.
    - `missing-argument`: the new signature needs an argument that the call does not give.
    - `positional-order`: an argument would land on another parameter.
    - `raises-differently`: a test expects the call to fail, and it would not, or with other words.
    """
    reason = problems[0][0]
    message = f"The new {what} cannot be called like this: {'; '.join(m for _, m in problems)}."
    if fails:
        message += " Nor can the old one, so the call fails already."
    return _review("call", where, reason, message, suggestion)


def raises(where: Span, what: str) -> Decision:
    """A call that a test expects to raise a TypeError."""
    message = f"A test expects this call to fail, and the new {what} takes it or fails otherwise."
    return _review("call", where, "raises-differently", message)


def attribute(use: AttributeUse, where: Span, plan: object, after: str) -> Decision:
    """`context.websocket_connection_id` becomes `context.websocket_client_id`.

    The option `attributes` has the names. Any other attribute that the new class lacks is left
    for a person.

    - `missing-attribute`: the new class has no such attribute.
    """
    message = f"The new class calls {use.name} differently."
    held = ("missing-attribute", f"The new class has no {use.name}.")
    return _rewrite("attribute", where, plan, message, held=held, suggestion=after)


def missing(
    use: AttributeUse,
    where: Span,
    holder: str,
    suggestion: str | None = None,
    counterpart: str | None = None,
) -> Decision:
    """An attribute that cannot be read from an object of the new class.

    `counterpart` is one that holds what the constructor takes instead: not the same, for a person
    has to see that all code which shares the object agrees.
    """
    message = f"The new class has no {use.name}"
    if not use.is_known:
        message = f"{holder} seems to be of the class that moves, and the new one has no {use.name}"
    elif not use.is_certain and suggestion is not None:
        message += f" ({holder} may be of another class, too)"
    if counterpart is not None:
        message += f"; {counterpart} can take its place where all code agrees"
    rule = "write" if use.kind in (Kind.WRITE, Kind.WRITE_INTO) else "attribute"
    return _review(rule, where, "missing-attribute", f"{message}.", suggestion)


def named(use: Named, suggestion: str | None) -> Decision:
    """A member that is named by a string or a keyword."""
    message = f"The new class has no {use.name}; this names it."
    rule = "write" if use.kind is Kind.WRITE else "attribute"
    return _review(rule, span(use.node), "missing-attribute", message, suggestion)


def whole(where: Span) -> Decision:
    """All fields at once, or a key among them, is not what it was.

    - `fields-differ`: `asdict`, `astuple`, `fields`, `vars` and `__dict__` give the new class's.
    """
    message = "It gives all fields, and the new class has others, in another order."
    return _review("fields", where, "fields-differ", message)


def key(use: Key, new_name: str | None) -> Decision:
    """A key that the old class's method puts into the mapping that it returns."""
    message = f"What {use.method}() of the new class returns has no {use.name!r}."
    suggestion = repr(new_name) if new_name is not None else None
    return _review("fields", span(use.node), "fields-differ", message, suggestion)


def pattern(where: Span, reason: str, message: str, suggestion: str | None) -> Decision:
    """`case C(a, b, name=c)` matches the fields of the new class.

    - `positional-order`: the new class has another field in that place.
    - `missing-attribute`: it has no such field.
    """
    return _review("pattern", where, reason, message, suggestion)


def write(use: AttributeUse, where: Span, suggestion: str | None) -> Decision:
    """What is written into a context has to be there when it is read again.

    - `missing-attribute`: the new class has no such attribute, or none that can be assigned to.
    - `write-is-lost`: the new class makes the object anew each time that it is asked for it.
    """
    if use.kind is Kind.WRITE_INTO:
        message = f"The new class makes {use.name} anew each time: what is written there is lost."
        return _review("write", where, "write-is-lost", message, suggestion)
    message = f"The new class does not allow an assignment to {use.name}."
    return _review("write", where, "missing-attribute", message, suggestion)


def id(where: Span, message: str, suggestion: str | None) -> Decision:
    """An id that the new class refuses, or may refuse on one way of several.

    The options `forbidden-words`, `forbidden-prefixes` and `prefix-limit` say which. Ids are
    followed to where the source writes them: through names, defaults, attributes, loops, calls of
    the file's functions, fixtures and parametrized tests. What comes from elsewhere passes, and so
    does what the old class refuses, too.

    - `forbidden-id`: constructing the object would raise an error.
    """
    return _review("id", where, "forbidden-id", message, suggestion)


def entry(where: Span, message: str) -> Decision:
    """A dictionary with a key that the new class refuses, or may refuse on one way of several.

    The option `forbidden-keys` says which, `mappings` for which parameters. Dictionaries are
    followed as ids are. What comes from elsewhere passes.

    - `forbidden-key`: constructing the object would raise an error.
    """
    return _review("entry", where, "forbidden-key", message)


def override(use: Override) -> Decision:
    """A class below the one that moves, which overrides what the new class has differently.

    - `overridden-member`: the new class's own member is another, or there is none; or the class
      below extends the constructor.
    """
    message = f"The new class has another {use.name} for this one to override, or none."
    if use.name == "__init__":
        message = "This class extends the old constructor, and the new one takes other arguments."
    return _review("override", span(use.node), "overridden-member", message)


def elsewhere(where: Span, hindrance: Hindrance) -> Decision:
    """What the objects of a file meet in other files has to suit the new class, too.

    - `callee-not-compatible`: an object is handed to code that needs the old class, and stays.
    - `consumer-not-compatible`: other code takes an object from here, and needs the old class.
    - `caller-not-compatible`: the file gets objects of the old class from one that stays.
    - `dotted-string`: a file that stays imports from the old module what this one patches there.
    """
    return _review("elsewhere", where, hindrance.reason, hindrance.message, hindrance.suggestion)


def written(parts: Sequence[plans.Part]) -> str:
    """The statements that an import becomes, for a person."""
    lines = []
    for part in parts:
        names = [
            each.name if each.bound is None else f"{each.name} as {each.bound}"
            for each in part.names
        ]
        if part.module is not None:
            lines.append(f"from {part.module} import {', '.join(names)}")
    return "\n".join(lines)


RULES = (
    Rule.of("from", from_import),
    Rule.of("relative", relative),
    Rule.of("reexport", reexport),
    Rule.of("module", module),
    Rule.of("star", star),
    Rule.of("merge", merge),
    Rule.of("string", string),
    Rule.of("text", text),
    Rule.of("legacy", legacy),
    Rule.of("keyword", keyword),
    Rule.of("positional", positional),
    Rule.of("child", child),
    Rule.of("call", call),
    Rule.of("attribute", attribute),
    Rule.of("write", write),
    Rule.of("fields", whole),
    Rule.of("pattern", pattern),
    Rule.of("id", id),
    Rule.of("entry", entry),
    Rule.of("override", override),
    Rule.of("elsewhere", elsewhere),
)
