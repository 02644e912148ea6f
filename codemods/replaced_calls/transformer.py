"""The LibCST transformer: calls of another function, and the imports that they need."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from codemods.context_imports.transformer import ImportsTransformer, with_keyword
from codemods.replaced_calls import plans
from migrate.rewrite import exploded


class CallsTransformer(ImportsTransformer):
    """Writes each call as its plan says, in the layout that it had."""

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """A call that becomes another."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Replace):
            return updated_node
        site = self.span_of(original_node)
        is_plain = isinstance(updated_node.whitespace_before_args, cst.SimpleWhitespace)
        made = updated_node.with_changes(
            func=_function(updated_node.func, plan),
            args=_arguments(updated_node, plan.values),
        )
        return exploded(made, site, self.layout) if is_plain and self._explodes(site) else made

    def _explodes(self, site: object) -> bool:
        return site in self.layout.exploded


def _function(old: cst.BaseExpression, plan: plans.Replace) -> cst.BaseExpression:
    if plan.is_attribute:
        attribute = cst.ensure_type(old, cst.Attribute)
        return attribute.with_changes(attr=cst.Name(plan.function))
    return cst.parse_expression(plan.function)


def _arguments(call: cst.Call, values: Sequence[plans.Value]) -> list[cst.Arg]:
    """The new arguments, with the commas and line breaks that the old ones had."""
    made = [_argument(call, value, alone=len(values) == 1) for value in values]
    if not made:
        return []
    space = call.whitespace_before_args
    between = cst.Comma(
        whitespace_after=space
        if isinstance(space, cst.ParenthesizedWhitespace)
        else cst.SimpleWhitespace(" ")
    )
    if len(call.args) > 1 and isinstance(call.args[0].comma, cst.Comma):
        between = call.args[0].comma
    *others, last = made
    end = call.args[-1] if call.args else None
    others = [each.with_changes(comma=between, whitespace_after_arg=_NOTHING) for each in others]
    return [
        *others,
        last.with_changes(
            comma=end.comma if end is not None else cst.MaybeSentinel.DEFAULT,
            whitespace_after_arg=end.whitespace_after_arg if end is not None else _NOTHING,
        ),
    ]


def _argument(call: cst.Call, value: plans.Value, *, alone: bool) -> cst.Arg:
    if value.argument is None:
        argument = cst.Arg(cst.parse_expression(value.constant or "None"))
    else:
        argument = call.args[value.argument]
    if value.keyword is not None:
        return with_keyword(argument, value.keyword)
    inner = argument.value
    if isinstance(inner, cst.GeneratorExp) and not inner.lpar and not alone:
        inner = inner.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return argument.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT, value=inner)


_NOTHING = cst.SimpleWhitespace("")
