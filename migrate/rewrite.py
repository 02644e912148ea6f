"""LibCST on the smallest piece of source that holds the sites: parse, transform, lay out.

Importing LibCST costs a tenth of a second; this module is imported when there is something to
rewrite.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper
from tree_sitter import Node, Tree

from migrate import syntax
from migrate.codemod import Layout, RemoveStatement
from migrate.model import Edit, Span
from migrate.text import SourceText, lines_of

# LibCST's parser and visitors recurse; deeper than this they could overflow the stack.
_DEEPEST = 150
_TAB = 4
_LEADING = re.compile(rb"[ \t\f]*")
_PRAGMA = re.compile(rb"#\s*(noqa|type:|pragma:|pylint:|nosec|pyright:|fmt:|ruff:)", re.IGNORECASE)


class SiteTransformer(cst.CSTTransformer):
    """A LibCST transformer that changes the nodes at given sites and nothing else.

    Subclasses ask `plan_of(original_node)` in their `leave_...` methods. `replaced` collects the
    source of each site's replacement.
    """

    METADATA_DEPENDENCIES = (ByteSpanPositionProvider,)

    def __init__(self, plans: Mapping[Span, Any], layout: Layout) -> None:
        """Take the sites by their span in the parsed fragment, and how to lay out new code."""
        super().__init__()
        self.plans = plans
        self.layout = layout
        self.replaced: dict[Span, str] = {}

    def span_of(self, node: cst.CSTNode) -> Span:
        """The bytes of the fragment that a node of the original tree fills."""
        where = self.get_metadata(ByteSpanPositionProvider, node)
        return Span(where.start, where.start + where.length)

    def plan_of(self, node: cst.CSTNode) -> Any | None:
        """The plan for a node of the original tree; None if it is no site."""
        return self.plans.get(self.span_of(node))

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        """Note the source of whatever a subclass puts in the place of a site."""
        result = super().on_leave(original_node, updated_node)
        if result is not updated_node and isinstance(result, cst.CSTNode):
            span = self.span_of(original_node)
            if span in self.plans:
                self.replaced[span] = cst.Module([]).code_for_node(result)
        return result


def build_call(
    function: cst.BaseExpression,
    arguments: Sequence[cst.BaseExpression],
    site: Span,
    layout: Layout,
) -> cst.Call:
    """A call with positional arguments in place of a site, laid out as the layout says."""
    call = cst.Call(function, [cst.Arg(argument) for argument in arguments])
    return exploded(call, site, layout) if site in layout.exploded else call


def exploded(call: cst.Call, site: Span, layout: Layout) -> cst.Call:
    """A call with one argument a line, a level deeper than the line of the site; as it is if empty.

    Comments between its arguments would be lost: a call with any is not for this.
    """
    if not call.args:
        return call
    indent = layout.indents[site]
    inside = _line_break(layout, indent + layout.unit)
    after = [inside] * (len(call.args) - 1) + [_line_break(layout, indent)]
    nothing = cst.SimpleWhitespace("")
    return call.with_changes(
        args=[
            argument.with_changes(
                value=_deepened(argument.value, layout.unit),
                comma=cst.Comma(whitespace_after=whitespace),
                whitespace_after_arg=nothing,
            )
            for argument, whitespace in zip(call.args, after, strict=True)
        ],
        whitespace_before_args=inside,
    )


def _line_break(layout: Layout, indent: str) -> cst.ParenthesizedWhitespace:
    return cst.ParenthesizedWhitespace(
        first_line=cst.TrailingWhitespace(newline=cst.Newline(layout.newline)),
        indent=False,
        last_line=cst.SimpleWhitespace(indent),
    )


class _Deepen(cst.CSTTransformer):
    """Indent the continuation lines of an expression by one more level; strings stay."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def leave_ParenthesizedWhitespace(
        self,
        original_node: cst.ParenthesizedWhitespace,
        updated_node: cst.ParenthesizedWhitespace,
    ) -> cst.ParenthesizedWhitespace:
        deeper = cst.SimpleWhitespace(self.unit + updated_node.last_line.value)
        comments = [
            line.with_changes(whitespace=cst.SimpleWhitespace(self.unit + line.whitespace.value))
            if line.comment
            else line
            for line in updated_node.empty_lines
        ]
        return updated_node.with_changes(last_line=deeper, empty_lines=comments)


def _deepened(expression: cst.BaseExpression, unit: str) -> cst.BaseExpression:
    visited = expression.visit(_Deepen(unit))
    assert isinstance(visited, cst.BaseExpression)
    return visited


class NotPreservedError(Exception):
    """LibCST cannot take this fragment apart and put it together again."""


class _SeveralStatementsError(Exception):
    """A statement became several."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The result for one group of sites: edits that do not overlap, and each site's new source."""

    edits: tuple[Edit, ...]
    after: Mapping[Span, str]


Transformer = Callable[[Mapping[Span, Any], Layout], cst.CSTTransformer]


def rewrite(
    text: SourceText,
    tree: Tree,
    plans: Mapping[Span, Any],
    transformer: Transformer,
    line_length: int,
) -> tuple[list[Rewritten], dict[Span, str]]:
    """Rewrite all sites of a file, statement by statement.

    Returns what was rewritten, and for the sites that could not be, why.
    """
    done: list[Rewritten] = []
    refused: dict[Span, str] = {}
    removals = [site for site, plan in plans.items() if isinstance(plan, RemoveStatement)]
    for site in removals:
        try:
            done.append(Rewritten((_removal(text, tree, site),), {site: ""}))
        except NotPreservedError as error:
            refused[site] = str(error)
    rewrites = {site: plan for site, plan in plans.items() if site not in removals}
    for statement, sites in _by_fragment(tree, rewrites).items():
        try:
            work = _Fragment(text, tree, statement, sites, transformer, line_length)
            done.append(work.run())
        except NotPreservedError as error:
            for outermost, inner in _by_outermost(sites).items():
                try:
                    work = _Fragment(text, tree, outermost, inner, transformer, line_length)
                    done.append(work.run())
                except NotPreservedError:
                    refused.update(dict.fromkeys(inner, str(error)))
    return done, refused


def _removal(text: SourceText, tree: Tree, site: Span) -> Edit:
    """The edit that takes a simple statement away, with the lines that it fills."""
    node = syntax.node_at(tree, site)
    while node.type in ("module", "block") and node.named_child_count == 1:
        node = node.named_children[0]
    start, end = text.line_start(site.start), text.line_end(site.end)
    around = text.utf8[start : site.start] + text.utf8[site.end : end]
    if syntax.shape_of(tree, site) is not syntax.Shape.SIMPLE_STATEMENT or around.strip():
        raise NotPreservedError("other things stand on its lines")
    block = node.parent
    others = [child for child in block.named_children if child.type != "comment"] if block else []
    if block is not None and block.type == "block" and len(others) == 1:
        return Edit(site, b"pass")
    return Edit(Span(start, text.next_line(end)), b"")


def _by_fragment(tree: Tree, plans: Mapping[Span, Any]) -> dict[Span, dict[Span, Any]]:
    """The sites of each statement or header expression, in source order."""
    fragments: dict[Span, dict[Span, Any]] = {}
    for site in sorted(plans, key=lambda span: (span.start, -span.end)):
        node = syntax.node_at(tree, site)
        whole = site if syntax.span(node) != site else syntax.span(syntax.fragment(node))
        holder = next((f for f in reversed(fragments) if f.contains(whole)), whole)
        fragments.setdefault(holder, {})[site] = plans[site]
    return fragments


def _by_outermost(sites: Mapping[Span, Any]) -> dict[Span, dict[Span, Any]]:
    """The sites grouped below those that lie in no other."""
    groups: dict[Span, dict[Span, Any]] = {}
    for site, plan in sites.items():
        holder = next((outer for outer in groups if outer.contains(site)), site)
        groups.setdefault(holder, {})[site] = plan
    return groups


class _Fragment:
    """One statement or expression on its way through LibCST."""

    def __init__(
        self,
        text: SourceText,
        tree: Tree,
        where: Span,
        sites: Mapping[Span, Any],
        transformer: Transformer,
        line_length: int,
    ) -> None:
        self.text = text
        self.where = where
        self.sites = sites
        self.transformer = transformer
        self.line_length = line_length
        self.source = text.slice(where)
        node = syntax.node_at(tree, where)
        if syntax.depth(node) > _DEEPEST:
            raise NotPreservedError("it is nested too deeply for LibCST")
        self.may_explode = [site for site in sites if not _in_string(syntax.node_at(tree, site))]
        self.unit = _unit(tree, text)
        self._wrap(_wrapper(tree, where, text))

    def _wrap(self, wrapper: tuple[str, str]) -> None:
        self.wrapper = wrapper
        indents = {self._shift(site): _indent(self.text, site.start) for site in self.sites}
        self.layout = Layout(indents, self.unit, self.text.newline)

    def run(self) -> Rewritten:
        """Transform, with calls on one line where that fits the line length."""
        try:
            result = self._transform(self.layout)
        except _SeveralStatementsError:
            # LibCST has to know the indentation that the second one gets.
            self._wrap(_in_block(_indent(self.text, self.where.start)))
            result = self._transform(self.layout)
        if self._excess(self.source) or _PRAGMA.search(self._suffix()):
            return self._checked(*result)
        chosen: frozenset[Span] = frozenset()
        for site in self.may_explode:
            if not self._excess(result[0]):
                break
            candidate = chosen | {site}
            attempt = self._transform(replace(self.layout, exploded=self._shifted(candidate)))
            if self._excess(attempt[0]) < self._excess(result[0]):
                result, chosen = attempt, candidate
        return self._checked(*result)

    def _transform(self, layout: Layout) -> tuple[str, dict[Span, str]]:
        head, tail = self.wrapper
        source = head + self.source + tail
        module = _parse(source)
        if module.code != source:
            raise NotPreservedError("LibCST does not print it back as it was")
        plans = {self._shift(site): plan for site, plan in self.sites.items()}
        transformer = self.transformer(plans, layout)
        try:
            made = MetadataWrapper(module, unsafe_skip_copy=True).visit(transformer)
        except RecursionError:
            raise NotPreservedError("it is nested too deeply for LibCST") from None
        code = made.code
        if not head and len(made.body) > 1:
            if self._prefix().strip():
                raise NotPreservedError("other things stand on its line")
            if self._prefix():
                raise _SeveralStatementsError
        replaced = getattr(transformer, "replaced", {})
        if not (code.startswith(head) and code.endswith(tail)):
            raise NotPreservedError("the transformer changed what is around it")
        body = code[len(head) : len(code) - len(tail)] if tail else code[len(head) :]
        shifted = ((site, self._shift(site)) for site in self.sites)
        return body, {site: replaced[where] for site, where in shifted if where in replaced}

    def _checked(self, code: str, replaced: Mapping[Span, str]) -> Rewritten:
        """The result as edits of the outermost sites only, if that is all that changed."""
        outermost = list(_by_outermost(self.sites))
        if code == self.source:
            raise NotPreservedError("the transformer left a site as it was")
        whole = outermost == [self.where]
        after = {**replaced, self.where: code} if whole else replaced
        if any(site not in after for site in self.sites):
            raise NotPreservedError("the transformer left a site as it was")
        if whole:
            return Rewritten((Edit(self.where, code.encode()),), after)
        edits = tuple(Edit(site, replaced[site].encode()) for site in outermost)
        spliced = splice(self.text.utf8, edits)
        rest = len(self.text.utf8) - self.where.end
        if spliced[self.where.start : len(spliced) - rest] != code.encode():
            raise NotPreservedError("the transformer changed more than its sites")
        return Rewritten(edits, replaced)

    def _shift(self, site: Span) -> Span:
        by = len(self.wrapper[0].encode()) - self.where.start
        return Span(site.start + by, site.end + by)

    def _shifted(self, sites: frozenset[Span]) -> frozenset[Span]:
        return frozenset(self._shift(site) for site in sites)

    def _prefix(self) -> bytes:
        return self.text.utf8[self.text.line_start(self.where.start) : self.where.start]

    def _suffix(self) -> bytes:
        return self.text.utf8[self.where.end : self.text.line_end(self.where.end)]

    def _excess(self, code: str) -> int:
        """How many columns stand out over the line length, over all lines of the fragment."""
        lines = lines_of(self._prefix() + code.encode() + self._suffix())
        widths = (len(line.decode("utf-8", "replace").expandtabs(_TAB)) for line in lines)
        return sum(max(0, width - self.line_length) for width in widths)


def parses(text: SourceText) -> bool:
    """Whether LibCST, which knows newer syntax than the running Python, takes a whole file.

    It is not asked about a file that is nested too deeply for it, nor about one that tree-sitter
    refuses, too: there nobody knows how deep the nesting is.
    """
    root = syntax.parse(text).root_node
    if root.has_error or syntax.depth(root) > _DEEPEST:
        return False
    try:
        _parse(text.parsable.decode())
    except NotPreservedError:
        return False
    return True


def _parse(source: str) -> cst.Module:
    try:
        return cst.parse_module(source)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic in LibCST's native parser is no Exception
        summary = str(error).strip().partition("\n")[0]
        raise NotPreservedError(f"LibCST cannot parse it: {summary}") from None


def _wrapper(tree: Tree, where: Span, text: SourceText) -> tuple[str, str]:
    """What to put around a fragment so that LibCST takes it as a module.

    Several statements keep the indentation of the first, which its block then has.
    """
    match syntax.shape_of(tree, where):
        case syntax.Shape.EXPRESSION:
            return "_(", ")\n"
        case syntax.Shape.BLOCK if indent := _indent(text, where.start):
            return _in_block(indent)
    return "", "\n"


def _in_block(indent: str) -> tuple[str, str]:
    """What makes statements with this indentation a module."""
    return f"if _:\n{indent}", "\n"


def _indent(text: SourceText, offset: int) -> str:
    """The white space in front of the line that holds `offset`."""
    match = _LEADING.match(text.utf8, text.line_start(offset))
    return match.group().decode() if match else ""


def _in_string(node: Node) -> bool:
    return any(ancestor.type == "interpolation" for ancestor in syntax.ancestors(node))


def _unit(tree: Tree, text: SourceText) -> str:
    """One level of indentation: what the file's first indented block has."""
    block = next(
        (n for top in tree.root_node.named_children for n in _definition_blocks(top)), None
    )
    if block is None:
        return "    "
    start = text.line_start(block.start_byte)
    indent = text.utf8[start : block.start_byte].decode()
    return indent if indent and not indent.strip(" \t") else "    "


def _definition_blocks(node: Node) -> list[Node]:
    inner = node.child_by_field_name("definition") or node
    body = inner.child_by_field_name("body") or inner.child_by_field_name("consequence")
    return [body] if body is not None and body.type == "block" else []


def splice(utf8: bytes, edits: Sequence[Edit]) -> bytes:
    """`utf8` with the edits made; they must not overlap."""
    parts: list[bytes] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        parts += [utf8[position : edit.span.start], edit.replacement]
        position = edit.span.end
    return b"".join([*parts, utf8[position:]])
