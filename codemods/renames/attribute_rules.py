"""The rules of an attribute's new name. Their docstrings are what `explain` prints."""

from __future__ import annotations

from tree_sitter import Node

from codemods.renames import plans
from codemods.renames.options import AttributeRename
from codemods.renames.parameters import Problem
from migrate.codemod import Proposal, Rule
from migrate.model import Span, Status
from migrate.syntax import span


def use(rename: AttributeRename, rule: str, node: Node, plan: plans.Plan) -> Proposal:
    """`context.old` becomes `context.new`: reads, writes, deletions and calls.

    The source has to say that the object is of the class or of one below it.

    - `unknown-type`: nothing says what the object is, or it may be of another class, too.
    - `other-class`: the object is of another class.
    - `both-names`: the class has both names, and this is its own code, or assigns to one of them.
    - `name-taken`: the class, or one below it, has the new name for something else.
    - `inherited`: the class has the attribute from a base, which the rule has to name.
    - `overrides`: a class below one outside the project has it itself, perhaps in its place.
    - `unknown-base`: a base that is not known may define the attribute.
    - `decorated`, `name-as-data`: a decorator, an enumeration or a named tuple uses the name.
    - `protocol`: classes can have the attribute without deriving from this one.
    - `left-out`: the run leaves out the file with the definition, which has the old name.
    - `shown`: it stands in the `{expression=}` of an f-string, which prints it.
    - `target-missing`: the project has no such class, or it has neither name.
    """
    message = f"{rename.from_!r} of {rename.class_} is {rename.to!r} now."
    return Proposal(rule, span(node), Status.REWRITE, message, plan=plan)


def unknown(
    rename: AttributeRename, rule: str, node: Node, holder: str, after: str, *, may_be: bool
) -> Proposal:
    """An attribute of something."""
    message = f"Nothing says whether {holder} is of {rename.class_}."
    if may_be:
        message = f"{holder} may be of {rename.class_}, and of another class."
    return _review(rule, span(node), "unknown-type", message, after)


def other(rename: AttributeRename, rule: str, node: Node) -> Proposal:
    """The attribute of another class."""
    message = f"This is of another class than {rename.class_}."
    return Proposal(rule, span(node), Status.SKIP, message, "other-class")


def not_yet(
    rename: AttributeRename, rule: str, node: Node, problem: Problem, after: str
) -> Proposal:
    """A use that would be right if the definition could be renamed."""
    reason, why = problem
    message = f"{rename.from_!r} cannot become {rename.to!r} here: {why}."
    return _review(rule, span(node), reason, message, after)


def definition(rename: AttributeRename, node: Node) -> Proposal:
    """What the class and those below it define gets the new name: fields, methods, properties.

    The same problems stand in the way as for `attribute`.
    """
    message = f"{rename.from_!r} of {rename.class_} is {rename.to!r} now."
    plan = plans.Identifier(rename.to)
    return Proposal("definition", span(node), Status.REWRITE, message, plan=plan)


def stays(rename: AttributeRename, node: Node, problem: Problem) -> Proposal:
    """A definition that cannot be renamed without a person."""
    return not_yet(rename, "definition", node, problem, rename.to)


def kept(rename: AttributeRename, node: Node) -> Proposal:
    """A class that has both names."""
    message = f"The class has {rename.to!r}, too: this one can go once nothing uses it."
    return Proposal("definition", span(node), Status.SKIP, message, "both-names")


def keyword(rename: AttributeRename, argument: Node) -> Proposal:
    """`Context(old=1)` becomes `Context(new=1)` where the fields of a dataclass are meant.

    So does `dataclasses.replace(context, old=1)`. For a person: `case Context(old=value)`, and
    calls by `super().__init__`, `type(self)` and other ways to name the class.

    - `unknown-constructor`: nothing says what the keyword is for.
    - `parameter`: it is a parameter of an `__init__`, for a rule of the kind `rename-keyword`.
    """
    return use(rename, "keyword", argument, plans.Keyword(rename.to))


def constructor(rename: AttributeRename, argument: Node, after: str) -> Proposal:
    """A keyword of a class that something else constructs."""
    message = f"Nothing says whether the keyword is {rename.from_!r} of {rename.class_}."
    return _review("keyword", span(argument), "unknown-constructor", message, after)


def mapping(rename: AttributeRename, splat: Node) -> Proposal:
    """`Context(**values)`: the mapping may have the name of a dataclass's field as a key.

    - `from-a-mapping`: nothing says which keys it has.
    """
    message = f"The mapping may have the key {rename.from_!r}, which has to be {rename.to!r} now."
    return _review("mapping", span(splat), "from-a-mapping", message)


def parameter(rename: AttributeRename, argument: Node) -> Proposal:
    """A keyword of an `__init__`."""
    message = "This is a parameter, not the attribute: a rule of the kind rename-keyword is for it."
    return Proposal("keyword", span(argument), Status.SKIP, message, "parameter")


def pattern(rename: AttributeRename, node: Node) -> Proposal:
    """A keyword of a class pattern."""
    message = f"If this matches {rename.class_}, the keyword has to be {rename.to!r}."
    return _review("keyword", span(node), "unknown-type", message, rename.to)


def by_name(rename: AttributeRename, node: Node, after: str) -> Proposal:
    """`getattr(context, "old")` and others that take the attribute's name as a string.

    They are `hasattr`, `setattr`, `delattr`, `object.__setattr__`, `patch.object`,
    `monkeypatch.setattr` and `delattr`; so are dotted names as in `patch("app.Context.old")`, and
    the strings in `__slots__` and `__match_args__` of the class.

    - `by-name`: it may name the attribute: a getter takes it, it is a key of `vars(context)`, a
      keyword of a mock, or stands in a class that looks up names which are not written out, or in
      its `__getattr__`.
    - the reasons of `attribute`.
    """
    message = f"If this names {rename.from_!r} of {rename.class_}, it is {rename.to!r} now."
    return _review("string", span(node), "by-name", message, after)


def text(rename: AttributeRename, where: Span) -> Proposal:
    """A string that is the old name is skipped, in files that use the class.

    - `mentioned-in-text`: it may be a key of some data, which keeps its name.
    """
    message = f"The string is {rename.from_!r}, and nothing says that it names the attribute."
    return Proposal("text", where, Status.SKIP, message, "mentioned-in-text")


def _review(
    rule: str, where: Span, reason: str, message: str, suggestion: str | None = None
) -> Proposal:
    return Proposal(rule, where, Status.REVIEW, message, reason, suggestion)


RULES = (
    Rule.of("attribute", use),
    Rule.of("definition", definition),
    Rule.of("keyword", keyword),
    Rule.of("mapping", mapping),
    Rule.of("string", by_name),
    Rule.of("text", text),
)
