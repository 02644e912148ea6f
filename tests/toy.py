"""A codemod of a few lines for tests of the engine: `old(x)` becomes `repr(x)`.

What a test wants done otherwise is in the options and in the arguments of the calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import libcst as cst

from migrate.codemod import Codemod, Layout, Proposal, Rule
from migrate.model import Span, Status
from migrate.rewrite import SiteTransformer, build_call
from migrate.syntax import span
from migrate.view import FileView


@dataclass(frozen=True)
class Options:
    """What the calls are called."""

    old: str = "old"
    new: str = "repr"


class CallTransformer(SiteTransformer):
    """Renames the function of each call that is a site, and nothing else."""

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        plan = self.plan_of(original_node)
        if plan is None:
            return updated_node
        arguments = [argument.value for argument in updated_node.args]
        return build_call(cst.Name(plan), arguments, self.span_of(original_node), self.layout)


def calls(view: FileView, name: str) -> Iterator[Span]:
    """The calls of a name, in source order."""
    for node in view.identifiers(name):
        if node.parent is not None and node.parent.type == "call":
            yield span(node.parent)


def inspect(view: FileView, options: Options) -> Iterator[Proposal]:
    """Every call is rewritten; one whose text has `later` is put up for review."""
    for where in calls(view, options.old):
        if "later" in view.text.slice(where):
            yield Proposal("call", where, Status.REVIEW, "Not now.", "later")
        else:
            yield Proposal("call", where, Status.REWRITE, "Renamed.", plan=options.new)


def transformer(plans: Mapping[Span, Any], layout: Layout) -> cst.CSTTransformer:
    """What the codemod hands to LibCST."""
    return CallTransformer(plans, layout)


def toy(**changes: Any) -> Codemod:
    """The codemod, with some of its parts replaced."""
    parts: dict[str, Any] = {
        "id": "toy",
        "version": 1,
        "doc": "Renames calls.\n\nOf one function.",
        "rules": (Rule("call", "A call."),),
        "options": Options,
        "needles": lambda options: (options.old.encode(),),
        "inspect": inspect,
        "transformer": transformer,
    }
    return Codemod(**(parts | changes))
