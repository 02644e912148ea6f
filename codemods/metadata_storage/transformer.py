"""The LibCST transformer: from direct use of the metadata to calls of the agent's methods."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from codemods.metadata_storage import plans
from migrate.model import Span
from migrate.rewrite import SiteTransformer, build_call


class MetadataTransformer(SiteTransformer):
    """Replaces each site by the call that its plan names; everything else stays."""

    def leave_Assign(
        self, original_node: cst.Assign, updated_node: cst.Assign
    ) -> cst.BaseSmallStatement:
        """`ctx.metadata[k] = v`, and the counting form of it."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Store | plans.Increment):
            return updated_node
        target = updated_node.targets[0].target
        value = updated_node.value
        if isinstance(plan, plans.Increment):
            value = _amount(value, first=plan.amount_first)
        elif plan.unwrap:
            value = _receiver_of(value)
        call = self._call(plan, self.span_of(original_node), target, value)
        return cst.Expr(call, semicolon=updated_node.semicolon)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """`ctx.metadata.get(...)`, `.update(...)` and `.setdefault(k, []).append(v)`."""
        plan = self.plan_of(original_node)
        if isinstance(plan, plans.Get | plans.Batch):
            return self._with_context(plan, original_node, updated_node)
        if isinstance(plan, plans.AppendDefault):
            setdefault = cst.ensure_type(_receiver_of(updated_node), cst.Call)
            target = _receiver_of(setdefault)
            arguments = [setdefault.args[0].value, updated_node.args[0].value]
            call = build_call(
                _method(plan),
                [_context_of(target), *arguments],
                self.span_of(original_node),
                self.layout,
            )
            return call.with_changes(lpar=updated_node.lpar, rpar=updated_node.rpar)
        return updated_node

    def leave_If(
        self, original_node: cst.If, updated_node: cst.If
    ) -> cst.BaseStatement | cst.RemovalSentinel:
        """The first half of the initialise-then-append idiom goes; the second half stays."""
        if self._pair_at(original_node) is None:
            return updated_node
        self._leading = updated_node.leading_lines
        return cst.RemoveFromParent()

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        """The second half of the idiom: `ctx.metadata[k].append(v)` becomes the call."""
        found = self._pair_around(original_node)
        if found is None:
            return updated_node
        site, plan = found
        append = cst.ensure_type(cst.ensure_type(updated_node.body[0], cst.Expr).value, cst.Call)
        item = cst.ensure_type(_receiver_of(append), cst.Subscript)
        call = self._call(plan, site, item, append.args[0].value)
        return updated_node.with_changes(
            body=[cst.Expr(call)],
            leading_lines=self._leading,
        )

    def leave_For(
        self, original_node: cst.For, updated_node: cst.For
    ) -> cst.BaseStatement | cst.For:
        """`for k, v in source.metadata.items(): target.metadata[k] = v`."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Propagate):
            return updated_node
        source = _context_of(_receiver_of(updated_node.iter))
        body = updated_node.body.body[0]
        statement = body.body[0] if isinstance(body, cst.SimpleStatementLine) else body
        item = cst.ensure_type(
            cst.ensure_type(statement, cst.Assign).targets[0].target, cst.Subscript
        )
        target = _context_of(item.value)
        call = build_call(_method(plan), [source, target], self.span_of(original_node), self.layout)
        return cst.SimpleStatementLine([cst.Expr(call)], leading_lines=updated_node.leading_lines)

    _leading: Sequence[cst.EmptyLine] = ()

    def _pair_at(self, node: cst.If) -> Span | None:
        start = self.span_of(node).start
        return next((site for site in self._pairs() if site.start == start), None)

    def _pair_around(self, node: cst.SimpleStatementLine) -> tuple[Span, plans.Plan] | None:
        end = self.span_of(node).end
        return next(((s, self.plans[s]) for s in self._pairs() if s.end == end), None)

    def _pairs(self) -> list[Span]:
        return [site for site, plan in self.plans.items() if isinstance(plan, plans.AppendPair)]

    def _call(
        self, plan: plans.Plan, site: Span, item: cst.BaseExpression, value: cst.BaseExpression
    ) -> cst.Call:
        """The call for `ctx.metadata[k]` and a value."""
        subscript = cst.ensure_type(item, cst.Subscript)
        key = cst.ensure_type(subscript.slice[0].slice, cst.Index).value
        arguments = [_context_of(subscript.value), key, _as_argument(value)]
        return build_call(_method(plan), arguments, site, self.layout)

    def _with_context(
        self, plan: plans.Plan, original_node: cst.Call, updated_node: cst.Call
    ) -> cst.BaseExpression:
        """The same call on the agent, with the context in front of its arguments."""
        site = self.span_of(original_node)
        context = _context_of(_receiver_of(updated_node))
        arguments = [
            argument.with_changes(value=_as_argument(argument.value))
            for argument in updated_node.args
        ]
        if isinstance(plan, plans.Batch) and plan.display:
            arguments = [cst.Arg(_display(updated_node))]
            updated_node = updated_node.with_changes(whitespace_before_args=_NO_SPACE)
        if site in self.layout.exploded and not _has_comments(arguments):
            call = build_call(_method(plan), [context, *_values(arguments)], site, self.layout)
            return call.with_changes(lpar=updated_node.lpar, rpar=updated_node.rpar)
        before = updated_node.whitespace_before_args
        after = _without_comments(before) or cst.SimpleWhitespace(" ")
        first = cst.Arg(context, comma=cst.Comma(whitespace_after=after))
        return updated_node.with_changes(
            func=_method(plan),
            args=[first, *arguments],
            whitespace_after_func=cst.SimpleWhitespace(""),
        )


def _method(plan: plans.Plan) -> cst.Attribute:
    return cst.Attribute(cst.Name(plan.receiver), cst.Name(plan.method))


def _receiver_of(call: cst.BaseExpression) -> cst.BaseExpression:
    """`x` of `x.method(...)`."""
    return cst.ensure_type(cst.ensure_type(call, cst.Call).func, cst.Attribute).value


def _context_of(metadata: cst.BaseExpression) -> cst.BaseExpression:
    """`ctx` of `ctx.metadata`."""
    return cst.ensure_type(metadata, cst.Attribute).value


def _amount(value: cst.BaseExpression, *, first: bool) -> cst.BaseExpression:
    operation = cst.ensure_type(value, cst.BinaryOperation)
    return operation.left if first else operation.right


def _as_argument(value: cst.BaseExpression) -> cst.BaseExpression:
    """A value as an argument: what an assignment takes bare, a call needs in parentheses."""
    bare = isinstance(value, cst.Tuple | cst.Yield | cst.GeneratorExp | cst.NamedExpr)
    if not bare or value.lpar:
        return value
    return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _display(call: cst.Call) -> cst.Dict:
    """A call's keyword arguments as a dictionary display, with its line breaks and comments."""
    elements: list[cst.BaseDictElement] = []
    for argument in call.args:
        if argument.keyword is None:
            elements.append(cst.StarredDictElement(argument.value, comma=argument.comma))
        else:
            key = cst.SimpleString(repr(argument.keyword.value))
            elements.append(cst.DictElement(key, argument.value, comma=argument.comma))
    return cst.Dict(
        elements,
        lbrace=cst.LeftCurlyBrace(whitespace_after=call.whitespace_before_args),
        rbrace=cst.RightCurlyBrace(whitespace_before=call.args[-1].whitespace_after_arg),
    )


def _values(arguments: Sequence[cst.Arg]) -> list[cst.BaseExpression]:
    return [argument.value for argument in arguments]


def _without_comments(
    whitespace: cst.BaseParenthesizableWhitespace,
) -> cst.ParenthesizedWhitespace | None:
    """The same line break and indentation alone; None where the line does not break."""
    if not isinstance(whitespace, cst.ParenthesizedWhitespace):
        return None
    plain = cst.TrailingWhitespace(newline=whitespace.first_line.newline)
    return whitespace.with_changes(first_line=plain, empty_lines=[])


_NO_SPACE = cst.SimpleWhitespace("")


def _has_comments(arguments: Sequence[cst.Arg]) -> bool:
    return any("#" in cst.Module([]).code_for_node(argument) for argument in arguments)
