"""The LibCST transformer: from every old way to emit an event to a call of the adapter."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from codemods.websocket_events import plans
from migrate.model import Span
from migrate.rewrite import SiteTransformer, exploded


class EventsTransformer(SiteTransformer):
    """Replaces each awaited call, and each guard around some, as its plan says."""

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.BaseExpression:
        """`await self._emit_websocket_event(...)` and its like."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Emit):
            return updated_node
        return self._emitting(plan, updated_node, self.span_of(original_node))

    def leave_If(
        self, original_node: cst.If, updated_node: cst.If
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        """`if x.websocket_manager:` around awaited calls."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Unguard):
            return updated_node
        site = self.span_of(original_node)
        calls = _awaited(updated_node.body)
        lines = [
            cst.SimpleStatementLine([cst.Expr(self._emitting(emit, call, site))])
            for emit, call in zip(plan.calls, calls, strict=True)
        ]
        lines[0] = lines[0].with_changes(leading_lines=updated_node.leading_lines)
        return lines[0] if len(lines) == 1 else cst.FlattenSentinel(lines)

    def _emitting(self, plan: plans.Emit, old: cst.Await, site: Span) -> cst.Await:
        """The await with the adapter's call in the place of the old one."""
        call = cst.ensure_type(old.expression, cst.Call)
        method = cst.Attribute(
            cst.Attribute(cst.Name(plan.receiver), cst.Name(plan.adapter)), cst.Name(plan.method)
        )
        new = cst.Call(method, [_argument(call, taken) for taken in plan.values])
        if site in self.layout.exploded:
            new = exploded(new, site, self.layout)
        return old.with_changes(expression=new)


def _awaited(body: cst.BaseSuite) -> list[cst.Await]:
    """The awaits that are a body's statements, on lines of their own or on that of the header."""
    small = [
        each
        for statement in body.body
        for each in (
            statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
        )
    ]
    return [cst.ensure_type(cst.ensure_type(each, cst.Expr).value, cst.Await) for each in small]


def _argument(call: cst.Call, taken: plans.Taken) -> cst.Arg:
    value = call.args[taken.argument].value
    if taken.item is not None:
        display = cst.ensure_type(value, cst.Dict)
        value = display.elements[taken.item].value
    if taken.deeper:
        moved = value.visit(_MoveLeft(taken.deeper))
        assert isinstance(moved, cst.BaseExpression)
        value = moved
    if taken.keyword is None:
        return cst.Arg(value)
    return cst.Arg(value, keyword=cst.Name(taken.keyword), equal=_EQUAL)


_NO_SPACE = cst.SimpleWhitespace("")
_EQUAL = cst.AssignEqual(whitespace_before=_NO_SPACE, whitespace_after=_NO_SPACE)


class _MoveLeft(cst.CSTTransformer):
    """Take columns away from the indentation of an expression's continued lines; strings stay."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns

    def leave_ParenthesizedWhitespace(
        self,
        original_node: cst.ParenthesizedWhitespace,
        updated_node: cst.ParenthesizedWhitespace,
    ) -> cst.ParenthesizedWhitespace:
        lines: Sequence[cst.EmptyLine] = [
            line.with_changes(whitespace=self._moved(line.whitespace)) if line.comment else line
            for line in updated_node.empty_lines
        ]
        last = updated_node.last_line
        return updated_node.with_changes(last_line=self._moved(last), empty_lines=lines)

    def _moved(self, indent: cst.BaseParenthesizableWhitespace) -> cst.SimpleWhitespace:
        spaces = cst.ensure_type(indent, cst.SimpleWhitespace).value
        blank = len(spaces) - len(spaces.lstrip(" \t"))
        return cst.SimpleWhitespace(spaces[min(self.columns, blank) :])
