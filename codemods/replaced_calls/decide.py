"""The sites of replaced calls: the calls, other uses of the function, and imports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from codemods.renames.functions import Match, Matcher
from codemods.renames.proposals import surest
from codemods.renames.targets import (
    Functions,
    Missing,
    Outside,
    Target,
    definitions_of,
    find_target,
)
from codemods.replaced_calls import plans, rules
from codemods.replaced_calls.arguments import Problem, map_arguments
from codemods.replaced_calls.elsewhere import Elsewhere, called_name
from codemods.replaced_calls.imports import (
    Import,
    Need,
    NewName,
    import_of,
    is_bound_before,
    is_bound_to,
    is_rebound,
    is_used_elsewhere,
    new_name,
    plans_of,
)
from codemods.replaced_calls.mentions import Name
from codemods.replaced_calls.options import CallReplacement, Options
from codemods.replaced_calls.recursion import is_run_by_function, is_run_by_method
from codemods.replaced_calls.signatures import (
    attribute_signature,
    called_signature,
    named_signature,
)
from migrate.codemod import Proposal
from migrate.project.circles import imports_back
from migrate.project.facts import Function, Imported
from migrate.project.types import ClassObject, ClassRef
from migrate.syntax import ancestors, captures, text_of, unstarred
from migrate.view import FileView

# See the documentation of `unittest.mock`.
_OF_MOCKS = re.compile(
    r"assert_\w+|(?:call|await)(?:_args|_args_list|_count|ed)|"
    r"(?:mock|method)_calls|return_value|side_effect|reset_mock"
)
_IMPORTS = "[(import_statement) (import_from_statement)] @import"


def needles(options: Options) -> tuple[bytes, ...]:
    """The names of the old functions."""
    names = (rule.function.rpartition(".")[2].encode() for rule in options.replacements)
    return tuple(dict.fromkeys(names))


def inspect(view: FileView, options: Options) -> Iterator[Proposal]:
    """Every site of a file: its calls are replaced with the imports that they need."""
    replacing = [_Replacing(view, rule) for rule in options.replacements]
    proposals = list(surest(p for each in replacing for p in each.proposals()))
    needs = [need for each in replacing for need in each.needs()]
    for node, plan in plans_of(view, needs):
        at = node.start_byte
        here = (need for need in needs if need.at.node.start_byte == at and need.name is not None)
        names = sorted({f"{need.module}.{need.name}" for need in here})
        proposals.append(rules.needed(node, plan, names))
    group = "imports" if needs else None
    return (replace(proposal, group=group) for proposal in proposals)


@dataclass
class _Replacing:
    """One rule in one file. `done` has the functions of the calls that are replaced.

    With `imported_at`, the new function will be imported at that offset, at the top of the file.
    """

    view: FileView
    rule: CallReplacement
    done: list[Node] = field(default_factory=list)
    imported_at: int | None = None

    def __post_init__(self) -> None:
        project, path = self.view.project, self.view.path
        self.target = find_target(project, self.rule.function, path)
        surveyed = self.view.surveyed
        self.elsewhere = surveyed if isinstance(surveyed, Elsewhere) else Elsewhere()
        self.matcher = Matcher(self.view, self.rule.function, self.target)
        self.new: Target | None = None
        self.name = NewName("", self.rule.name, self.rule.name)
        if not self.rule.is_method:
            self.new = find_target(project, self.rule.to, path)
            self.name = new_name(project, self.rule.to, path)

    def proposals(self) -> list[Proposal]:
        """The verdicts on all sites. What some calls have imported at the top, the others have."""
        found = list(self._proposals())
        imports = self._imports([*map(_first, self.done)])
        at_top = [at.node.start_byte for at in imports if not at.is_late]
        if at_top and any(proposal.reason == "not-imported" for proposal in found):
            self.imported_at, self.done = min(at_top), []
            found = list(self._proposals())
        return found

    def _proposals(self) -> Iterator[Proposal]:
        for node in self._mentions():
            function = self._function(node)
            call = function.parent
            if call is not None and call.type == "call" and _is_function(call, function):
                proposal = self._call(call, function)
            else:
                proposal = self._reference(function)
            if proposal is not None:
                yield proposal

    # Where the function may be meant

    def _mentions(self) -> Iterator[Node]:
        """The identifiers that may stand for the function: its name, and aliases of it."""
        last = self.matcher.name
        names = {last}
        for statement in captures(_IMPORTS, self.view.tree.root_node).get("import", []):
            for alias in statement.children_by_field_name("name"):
                bound = alias.child_by_field_name("alias")
                imported = alias.child_by_field_name("name")
                if bound is not None and imported is not None and text_of(imported) == last:
                    names.add(text_of(bound))
        for name in sorted(names):
            for node in self.view.identifiers(name):
                if not any(above.type.startswith("import_") for above in ancestors(node)):
                    yield node

    def _function(self, node: Node) -> Node:
        """The expression that an identifier is, or is the attribute of."""
        parent = node.parent
        is_label = parent is not None and parent.child_by_field_name("attribute") == node
        return parent if parent is not None and is_label else node

    # Calls

    def _call(self, call: Node, function: Node) -> Proposal | None:
        match self.matcher.match(function):
            case Match.YES if self._makes_another(function):
                return rules.other(self.rule, call)
            case Match.YES:
                return self._matched(call, function)
            case Match.MAYBE:
                _, _, after = self._planned(call, function)
                source = self.view.source(unstarred(function))
                return rules.unknown(self.rule, call, source, after)
            case Match.NO if self.matcher.is_called_alike(function):
                return rules.other(self.rule, call)
        return None

    def _makes_another(self, function: Node) -> bool:
        """Whether a class below is called, which only has the constructor from the target."""
        return isinstance(self.target, ClassRef) and not any(
            isinstance(atom, ClassObject) and atom.cls == self.target
            for atom in self.view.type_of(unstarred(function))
        )

    def _matched(self, call: Node, function: Node) -> Proposal:
        problem, plan, after = self._planned(call, function)
        if problem is not None or plan is None:
            return rules.cannot(self.rule, call, problem or ("not-imported", ""), after)
        self.done.append(function)
        return rules.call(self.rule, call, plan)

    def _planned(
        self, call: Node, function: Node
    ) -> tuple[Problem | None, plans.Replace | None, str | None]:
        """The new call, what stands in its way, and how it would be written."""
        new = self._new_signature(function)
        if isinstance(new, str):
            return ("target-missing", new), None, None
        old = called_signature(self.view, function, self.target)
        mapped = map_arguments(call, self.rule, old, new)
        if mapped.source is None:
            return mapped.problem, None, None
        after = f"{self._spelled(function)}({mapped.source})"
        problem = (
            mapped.problem
            or self._circle(call, function)
            or self._name_problem(function)
            or self._patched(function)
        )
        plan = plans.Replace(self.name.written, self.rule.is_method, mapped.values)
        return problem, plan, after

    def _spelled(self, function: Node) -> str:
        holder = function.child_by_field_name("object")
        if self.rule.is_method and holder is not None:
            return f"{self.view.source(unstarred(holder))}.{self.rule.name}"
        return self.name.written

    def _new_signature(self, function: Node) -> Function | str | None:
        if self.rule.is_method:
            return attribute_signature(self.view, function, self.rule.name)
        if isinstance(self.new, Missing) or self.new is None:
            return f"there is no {self.rule.to} in the project"
        return named_signature(self.view.project, self.new)

    def _circle(self, call: Node, function: Node) -> Problem | None:
        """Whether another function would run: the one around, or not that of a class below."""
        owner = self.target.owner if isinstance(self.target, Functions) else None
        if owner is None or self.new is not None:
            runs = self.new is not None and is_run_by_function(self.view, call, self.new)
        else:
            runs = is_run_by_method(self.view, call, self.rule.name, owner)
        if runs:
            return "calls-itself", f"{self.rule.to} runs this code, and would call itself"
        return self._overridden(owner) if owner is not None else None

    def _overridden(self, owner: ClassRef) -> Problem | None:
        """Whether a class below has its own old method, which the new call would pass by."""
        project, name = self.view.project, self.matcher.name
        for cls in project.below.classes(owner, definitions_of(name)):
            members = project.class_facts(cls).members
            if name in members and not (self.rule.is_method and self.rule.name in members):
                return "overridden", f"{cls.name} has a {name!r} of its own, in {cls.path}"
        return None

    def _patched(self, function: Node) -> Problem | None:
        """Whether some code, such as a test, has the call run something else."""
        owner = self.target.owner if isinstance(self.target, Functions) else None
        if owner is not None:
            name: Name | None = (owner.path, f"{owner.name}.{self.matcher.name}")
        else:
            at = import_of(self.view, _first(function))
            name = called_name(self.view, unstarred(function), at)
        place = self.elsewhere.patched.get(name) if name is not None else None
        return (
            ("patched", f"{place} patches what it calls, or may do so")
            if place is not None
            else None
        )

    # Names

    def _name_problem(self, function: Node) -> Problem | None:
        """Why the new function cannot be called by its name in this file."""
        if self.new is None:
            return None
        at = import_of(self.view, _first(function))
        bound, name = self._is_bound(at), self.name.imported
        scope = at.scope if at is not None else self.view.tree.root_node
        if bound is False or is_rebound(self.view, name, function, scope):
            return "name-taken", f"the file has {name!r} for something else"
        if bound:
            if is_bound_before(self.view, name, scope, _first(function)):
                return None
            return "not-imported", f"{name!r} is bound further down, or under a condition"
        if at is None and self.imported_at is not None and self.imported_at < function.start_byte:
            return None
        module = self.view.project.index.import_target(Imported(self.name.module), self.view.path)
        is_outside = isinstance(self.new, Outside)
        if at is None or (module is None and not is_outside):
            return "not-imported", f"it needs `from {self.name.module} import {name}` somewhere"
        if module is None or at.is_late:
            return None
        if imports_back(self.view.project, module, self.view.path):
            return "circular-import", f"{module} imports this file, directly or through others"
        return None

    def _is_bound(self, at: Import | None) -> bool | None:
        """Whether the new function has its name where the old one has; None if nothing has it."""
        target = find_target(self.view.project, self.name.dotted, self.view.path)
        scope = at.scope if at is not None else self.view.tree.root_node
        return is_bound_to(self.view, self.name.imported, self.name.dotted, target, scope)

    def needs(self) -> Iterator[Need]:
        """What becomes of the imports by which the file has what the replaced calls called."""
        if self.new is None:
            return
        firsts = [_first(function) for function in self.done]
        places = {first.start_byte for first in firsts}
        found = {(at.node.start_byte, at.alias.index): at for at in self._imports(firsts)}
        for _, at in sorted(found.items()):
            is_asked_for = not at.is_late and at.alias.bound in self.elsewhere.imported
            instead = not is_asked_for and not is_used_elsewhere(self.view, at, places)
            name = None if self._is_bound(at) else self.name.imported
            if name is not None or instead:
                yield Need(at, self.name.module, name, instead)

    def _imports(self, firsts: Sequence[Node]) -> list[Import]:
        found = (import_of(self.view, first) for first in firsts)
        return [at for at in found if at is not None]

    # Other uses

    def _reference(self, node: Node) -> Proposal | None:
        parent = node.parent
        if parent is None or isinstance(self.target, ClassRef):
            return None
        is_value = node.type == "attribute" or not _is_name_of(parent, node)
        match = self.matcher.match(node) if is_value else Match.NO
        if match is Match.MAYBE and self.rule.is_method and _is_of_mock(parent, node):
            return rules.expected(self.rule, node)
        return rules.reference(self.rule, node) if match is Match.YES else None


def _first(function: Node) -> Node:
    """The name that an expression starts with."""
    node = unstarred(function)
    while node.type == "attribute":
        holder = node.child_by_field_name("object")
        if holder is None:
            break
        node = holder
    return node


def _is_function(call: Node, function: Node) -> bool:
    return call.child_by_field_name("function") == function


def _is_of_mock(parent: Node, node: Node) -> bool:
    """Whether something is read or set that mocks have, as in `mailer.send.return_value`."""
    name = parent.child_by_field_name("attribute")
    return name is not None and name != node and _OF_MOCKS.fullmatch(text_of(name)) is not None


def _is_name_of(parent: Node, node: Node) -> bool:
    """Whether an identifier names what its parent binds, or labels an argument."""
    return any(parent.child_by_field_name(field) == node for field in ("name", "left"))
