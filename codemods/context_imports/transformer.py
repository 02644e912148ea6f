"""The LibCST transformer: imports of the new module, and uses that suit it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import libcst as cst

from codemods.context_imports import plans
from migrate.model import Span
from migrate.rewrite import NotPreservedError, SiteTransformer, exploded


class ImportsTransformer(SiteTransformer):
    """Writes each site as its plan says; everything else stays."""

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.BaseSmallStatement | cst.FlattenSentinel[cst.BaseSmallStatement]:
        """`from old import A, B`, and the import of the target that takes names."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.FromImport | plans.Take):
            return updated_node
        names, dangling = _names_of(updated_node)
        site = self.span_of(original_node)
        if isinstance(plan, plans.Take):
            names += [_Named(name, bound) for name, bound in plan.names]
            made = [self._with_names(updated_node, names, dangling, site)]
        elif len(plan.parts) == 1 and len(plan.parts[0].names) == len(names):
            return _in_place(updated_node, plan.parts[0])
        else:
            made = [
                self._part(
                    updated_node, part, names, dangling if part is plan.parts[-1] else (), site
                )
                for part in plan.parts
            ]
        if sum(map(_comments, made)) != _comments(updated_node):
            raise NotPreservedError("a comment inside it would be lost")
        return made[0] if len(made) == 1 else cst.FlattenSentinel(made)

    def _part(
        self,
        statement: cst.ImportFrom,
        part: plans.Part,
        names: Sequence[_Named],
        dangling: Sequence[cst.Comment],
        site: Span,
    ) -> cst.ImportFrom:
        picked = [
            replace(names[each.index], name=each.name, bound=each.bound) for each in part.names
        ]
        made = self._with_names(statement, picked, dangling, site)
        return made if part.module is None else _of_module(made, part.module)

    def _with_names(
        self,
        statement: cst.ImportFrom,
        names: Sequence[_Named],
        dangling: Sequence[cst.Comment],
        site: Span,
    ) -> cst.ImportFrom:
        """The import with other names: one a line where it has comments or was like that."""
        one_a_line = site in self.layout.exploded or any(each.has_comment for each in names)
        if not (one_a_line or dangling or (_is_broken(statement) and len(names) > 1)):
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            aliases = [each.alias(comma) for each in names[:-1]] + [names[-1].alias(None)]
            return statement.with_changes(names=aliases, lpar=None, rpar=None)
        indent = self.layout.indents[site]
        deeper = indent + self.layout.unit
        aliases = []
        for at, each in enumerate(names, start=1):
            above = names[at].above if at < len(names) else dangling
            inside = deeper if at < len(names) else indent
            space = self._line_break(each.behind, above, deeper, inside)
            aliases.append(each.alias(cst.Comma(whitespace_after=space)))
        start = self._line_break(None, names[0].above, deeper, deeper)
        return statement.with_changes(
            names=aliases, lpar=cst.LeftParen(whitespace_after=start), rpar=cst.RightParen()
        )

    def _line_break(
        self, behind: cst.Comment | None, above: Sequence[cst.Comment], deeper: str, indent: str
    ) -> cst.ParenthesizedWhitespace:
        """A line's end, lines with comments, and the next line's indentation."""
        newline = cst.Newline(self.layout.newline)
        return cst.ParenthesizedWhitespace(
            first_line=cst.TrailingWhitespace(
                whitespace=cst.SimpleWhitespace("  " if behind else ""),
                comment=behind,
                newline=newline,
            ),
            empty_lines=[
                cst.EmptyLine(
                    indent=False,
                    whitespace=cst.SimpleWhitespace(deeper),
                    comment=comment,
                    newline=newline,
                )
                for comment in above
            ],
            indent=False,
            last_line=cst.SimpleWhitespace(indent),
        )

    def leave_SimpleStatementLine(
        self,
        original_node: cst.SimpleStatementLine,
        updated_node: cst.SimpleStatementLine,
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        """Each statement that an import becomes gets a line of its own, if the import had one."""
        plan = self.plan_of(original_node.body[0]) if len(original_node.body) == 1 else None
        if not isinstance(plan, plans.FromImport) or plan.inline or len(plan.parts) == 1:
            return updated_node
        comment = cst.Comment(plan.comment) if plan.comment else None
        end = cst.TrailingWhitespace(
            whitespace=cst.SimpleWhitespace("  " if comment else ""),
            comment=comment,
            newline=cst.Newline(self.layout.newline),
        )
        *before, last = (
            cst.SimpleStatementLine([statement.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])
            for statement in updated_node.body
        )
        return cst.FlattenSentinel(
            [
                *(line.with_changes(trailing_whitespace=end) for line in before),
                last.with_changes(trailing_whitespace=updated_node.trailing_whitespace),
            ]
        )

    def leave_Import(
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> cst.BaseSmallStatement:
        """`import old` and `import old as m`."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.ModuleImport):
            return updated_node
        names = list(updated_node.names)
        for index, module in plan.modules:
            names[index] = names[index].with_changes(name=_dotted(module))
        return updated_node.with_changes(names=names)

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """`value.old`, and a module's dotted name."""
        plan = self.plan_of(original_node)
        if isinstance(plan, plans.Dotted):
            return cst.parse_expression(plan.name)
        if isinstance(plan, plans.Attribute):
            return updated_node.with_changes(attr=cst.Name(plan.name))
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """A call some of whose arguments get a keyword, or another one."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Arguments):
            return updated_node
        arguments = [
            argument if keyword is None else with_keyword(argument, keyword)
            for argument, keyword in zip(updated_node.args, plan.keywords, strict=True)
        ]
        call = updated_node.with_changes(args=arguments)
        site = self.span_of(original_node)
        explodes = site in self.layout.exploded and not _comments_between(call)
        return exploded(call, site, self.layout) if explodes else call

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.BaseExpression:
        """A string that names the module, or something in it."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Literal):
            return updated_node
        return updated_node.with_changes(value=plan.source)


def _in_place(statement: cst.ImportFrom, part: plans.Part) -> cst.ImportFrom:
    """The statement with another module; names, parentheses, comments and commas stay."""
    aliases = list(statement.names) if not isinstance(statement.names, cst.ImportStar) else []
    for name in part.names:
        alias = aliases[name.index]
        changes: dict[str, object] = {"name": cst.Name(name.name)}
        if name.bound is None:
            changes["asname"] = None
        elif alias.asname is None:
            changes["asname"] = cst.AsName(cst.Name(name.bound))
        aliases[name.index] = alias.with_changes(**changes)
    changed = statement.with_changes(names=aliases)
    return changed if part.module is None else _of_module(changed, part.module)


def _of_module(statement: cst.ImportFrom, module: str) -> cst.ImportFrom:
    """The import from another module, by its absolute name."""
    space = statement.whitespace_after_from
    return statement.with_changes(
        module=_dotted(module),
        relative=(),
        whitespace_after_from=space if not space.empty else cst.SimpleWhitespace(" "),
        whitespace_before_import=statement.whitespace_before_import
        if not statement.whitespace_before_import.empty
        else cst.SimpleWhitespace(" "),
    )


def with_keyword(argument: cst.Arg, keyword: str) -> cst.Arg:
    """The argument given by keyword, in parentheses where its value needs them then."""
    if argument.keyword is not None:
        return argument.with_changes(keyword=cst.Name(keyword))
    none = cst.SimpleWhitespace("")
    value = argument.value
    if isinstance(value, cst.NamedExpr | cst.Yield | cst.GeneratorExp) and not value.lpar:
        value = value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return argument.with_changes(
        keyword=cst.Name(keyword),
        equal=cst.AssignEqual(whitespace_before=none, whitespace_after=none),
        value=value,
    )


def _dotted(module: str) -> cst.Attribute | cst.Name:
    expression = cst.parse_expression(module)
    assert isinstance(expression, cst.Attribute | cst.Name)
    return expression


@dataclass(frozen=True)
class _Named:
    """One name of an import, with the comments in the lines above it and behind it."""

    name: str
    bound: str | None
    above: tuple[cst.Comment, ...] = ()
    behind: cst.Comment | None = None

    @property
    def has_comment(self) -> bool:
        return bool(self.above) or self.behind is not None

    def alias(self, comma: cst.Comma | None) -> cst.ImportAlias:
        return cst.ImportAlias(
            name=cst.Name(self.name),
            asname=cst.AsName(cst.Name(self.bound)) if self.bound is not None else None,
            comma=comma or cst.MaybeSentinel.DEFAULT,
        )


def _names_of(statement: cst.ImportFrom) -> tuple[list[_Named], tuple[cst.Comment, ...]]:
    """The names of an import with their comments, and those that come after the last."""
    if isinstance(statement.names, cst.ImportStar):
        return [], ()
    start = statement.lpar.whitespace_after if statement.lpar is not None else None
    behind, above = _comments_of(start)
    above = (*([behind] if behind else []), *above)
    found: list[_Named] = []
    for alias in statement.names:
        comma = alias.comma.whitespace_after if isinstance(alias.comma, cst.Comma) else None
        behind, next_above = _comments_of(comma)
        bound = alias.evaluated_alias
        found.append(_Named(alias.evaluated_name, bound, above, behind))
        above = next_above
    end = statement.rpar.whitespace_before if statement.rpar is not None else None
    behind, rest = _comments_of(end)
    if behind is not None and found[-1].behind is None:
        found[-1] = replace(found[-1], behind=behind)
    return found, (*above, *rest)


def _comments_of(
    space: cst.BaseParenthesizableWhitespace | None,
) -> tuple[cst.Comment | None, tuple[cst.Comment, ...]]:
    """The comment that ends the line, and those in the lines after it."""
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return None, ()
    lines = tuple(line.comment for line in space.empty_lines if line.comment is not None)
    return space.first_line.comment, lines


def _is_broken(statement: cst.ImportFrom) -> bool:
    """Whether the names are in parentheses, from a line of their own on."""
    space = statement.lpar.whitespace_after if statement.lpar is not None else None
    return isinstance(space, cst.ParenthesizedWhitespace)


class _CommentCounter(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def visit_Comment(self, node: cst.Comment) -> None:
        self.count += 1


def _comments_between(call: cst.Call) -> bool:
    """Whether comments stand between the arguments of a call, not inside them."""
    inside = sum(_comments(argument.value) for argument in call.args)
    return sum(map(_comments, call.args)) + _comments(call.whitespace_before_args) > inside


def _comments(statement: cst.CSTNode) -> int:
    counter = _CommentCounter()
    statement.visit(counter)
    return counter.count
