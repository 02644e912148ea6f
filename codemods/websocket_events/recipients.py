"""Whether what a call leaves out is the agent's own, as what the adapter sends in its place is.

The adapter sends to its agent's own run, under the agent's own name and with the time of now. A
call that says something else there, such as the run of a child, is another event.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tree_sitter import Node

from codemods.websocket_events.facts import Problem
from codemods.websocket_events.helpers import CONTEXT, enclosing_function
from codemods.websocket_events.implementation import OWN_CONTEXT
from codemods.websocket_events.payload import Value, is_clock_or_id, literal_of, short
from codemods.websocket_events.sites import Kind, Site
from migrate.project.facts import Binding, BindingKind
from migrate.syntax import captures, descendants, enclosing_scopes, parts, text_of

_COMBINING = frozenset(
    {"binary_operator", "boolean_operator", "conditional_expression", "parenthesized_expression"}
)
_PLAIN = frozenset({"concatenated_string", "false", "float", "integer", "none", "true"})
_GENERAL = ("name",)
_MOMENT = "timestamp"
# How many variables are followed to what they were given.
_FAR = 5


def recipient_problem(site: Site, context: Node | None) -> Problem | None:
    """Whether it is not known that the event goes to the agent's own run.

    `context` is what a helper is given; a manager or emitter says by itself whose it is.
    """
    own = _Own(site)
    whose = context if site.kind is Kind.HELPER else own.owner_of_sender()
    if whose is None or own.is_context(whose):
        return None
    return (
        "other-recipient",
        f"{short(site.view, whose)} is not known to be the agent's own, and the adapter sends to"
        " the agent's own run only.",
    )


def supplied_problem(site: Site, supplied: Iterable[Value]) -> Problem | None:
    """Whether something is sent which the adapter may not supply by itself."""
    own = _Own(site)
    for value in supplied:
        # To nobody's run may be to all.
        if value.node.type == "none" or not own.is_own(value.node, value.name):
            return (
                "other-than-supplied",
                f"The adapter sends its own {value.name}, and {short(site.view, value.node)} may be"
                " another.",
            )
    return None


@dataclass(frozen=True)
class _Own:
    """What belongs to the instance that the code of a call runs for."""

    site: Site

    def owner_of_sender(self) -> Node | None:
        """The object whose manager or emitter is called; None if it is the agent's own."""
        holder = self.site.holder
        whose = holder.child_by_field_name("object") if holder.type == "attribute" else None
        if whose is not None:
            return None if self._is_receiver(whose) else whose
        if holder.type == "identifier" and not self._is_given(holder):
            return holder
        return None

    def is_context(self, node: Node, far: int = _FAR) -> bool:
        """Whether an expression is the context that the agent works in."""
        if node.type == "parenthesized_expression" and len(parts(node)) == 1:
            return self.is_context(parts(node)[0], far)
        if node.type == "attribute":
            *ahead, last = _chain(node)
            return (
                len(ahead) == 1
                and self._is_receiver(ahead[0])
                and OWN_CONTEXT.fullmatch(text_of(last)) is not None
                and not self._is_set_here(node)
            )
        if node.type != "identifier":
            return False
        if self._is_parameter(node):
            return self._is_only_context(text_of(node))
        assigned = self._assigned(node)
        return far > 0 and assigned is not None and self.is_context(assigned, far - 1)

    def is_own(self, node: Node, key: str, far: int = _FAR) -> bool:
        """Whether an expression is what the adapter sends under a key, or at least no other's."""
        match node.type:
            case "string":
                literal = literal_of(node)
                return literal is not None and (not _is_name(key) or self._is_name(literal))
            case "identifier":
                return self._is_own_variable(node, key, far)
            case "attribute":
                return self._is_own_attribute(node, key, far)
            case "subscript":
                holder, named = node.child_by_field_name("value"), parts(node)[1:]
                says = key == _MOMENT or [literal_of(each) in self._names for each in named] == [
                    True
                ]
                return says and holder is not None and self.is_context(_chain(holder)[0])
            case "call":
                return self._is_own_call(node, key, far)
        if node.type in _COMBINING:
            return all(self.is_own(part, key, far) for part in parts(node))
        return node.type in _PLAIN

    def _is_own_variable(self, node: Node, key: str, far: int) -> bool:
        if self._is_parameter(node):
            return not _is_name(key)
        assigned = self._assigned(node)
        return far > 0 and assigned is not None and self.is_own(assigned, key, far - 1)

    def _is_own_attribute(self, node: Node, key: str, far: int) -> bool:
        """An attribute of the agent or of its context, called as what the adapter supplies is."""
        root, *names = _chain(node)
        said = [text_of(name) for name in names]
        if said[-1] == "__name__":
            return _is_name(key) and self._is_class(root, said[:-1])
        is_receiver = self._is_receiver(root)
        if key == _MOMENT:
            return is_receiver or self.is_context(root)
        if said[-1].strip("_").lower() not in self._names:
            return False
        if is_receiver and len(said) == 2:
            return OWN_CONTEXT.fullmatch(said[0]) is not None
        return len(said) == 1 and (is_receiver or self.is_context(root))

    def _is_own_call(self, call: Node, key: str, far: int) -> bool:
        """`getattr(context, "run_id")` and its like, a moment or a new id."""
        function = call.child_by_field_name("function")
        arguments = call.child_by_field_name("arguments")
        given = parts(arguments) if arguments is not None else []
        if function is None:
            return False
        if text_of(function) == "getattr" and len(given) > 1:
            named = literal_of(given[1]) in self._names
            return named and (self._is_receiver(given[0]) or self.is_context(given[0]))
        if function.type == "identifier" and text_of(function) in ("str", "int", "round"):
            return all(self.is_own(each, key, far) for each in given)
        if is_clock_or_id(self.site.view, call):
            return True
        holder = function.child_by_field_name("object")
        return key == _MOMENT and holder is not None and self.is_own(holder, key, far)

    # What names mean

    @property
    def _names(self) -> frozenset[str]:
        """What the adapter supplies is called."""
        options = self.site.options
        return frozenset((*options.supplied, *options.recipients, *_GENERAL))

    def _is_receiver(self, node: Node) -> bool:
        receiver = self.site.receiver
        return receiver is not None and text_of(node) == receiver.name

    def _is_set_here(self, attribute: Node) -> bool:
        """Whether the method gives one of the agent's attributes a value itself."""
        method = enclosing_function(attribute)
        return method is not None and any(
            each.type == "attribute"
            and text_of(each) == text_of(attribute)
            and each.parent is not None
            and each.parent.child_by_field_name("left") == each
            for each in descendants(method)
        )

    def _is_class(self, root: Node, said: list[str]) -> bool:
        """`self.__class__`, `type(self)` or the class by its name."""
        receiver = self.site.receiver
        if receiver is None:
            return False
        if self._is_receiver(root):
            return said == ["__class__"]
        own = (f"type({receiver.name})", receiver.owner.name)
        return not said and text_of(root) in own

    def _is_name(self, literal: str) -> bool:
        """Whether a string is the name of the agent's class or a part of it, however written."""
        said = re.sub(r"[\W_]", "", literal).lower()
        receiver = self.site.receiver
        if receiver is None:
            return False
        owner = receiver.owner.name.replace("_", "").lower()
        return said == owner or (len(said) > 2 and (said in owner or owner in said))

    def _is_given(self, node: Node) -> bool:
        """Whether a variable is a parameter of the method, or stands outside all functions."""
        return self._is_parameter(node) or self._bindings(node)[1] is None

    def _is_parameter(self, node: Node) -> bool:
        """Whether a variable is a parameter of the method, and nothing else."""
        bindings, scope = self._bindings(node)
        receiver = self.site.receiver
        return (
            receiver is not None
            and scope is not None
            and scope.start_byte == receiver.start
            and [binding.kind for binding in bindings] == [BindingKind.PARAMETER]
            and not _is_set_inside(scope, text_of(node))
        )

    def _is_only_context(self, name: str) -> bool:
        """Whether no other parameter of the method may be the agent's own context."""
        receiver = self.site.receiver
        if receiver is None:
            return False
        is_named = OWN_CONTEXT.fullmatch(name) is not None
        if not is_named and CONTEXT.fullmatch(name) is not None:
            return False
        pattern = OWN_CONTEXT if is_named else CONTEXT
        own = receiver.method.parameters[1:]
        return not any(p.name != name and pattern.fullmatch(p.name) for p in own)

    def _assigned(self, node: Node) -> Node | None:
        """What a variable was given, if that happens in one place only."""
        bindings, scope = self._bindings(node)
        if [binding.kind for binding in bindings] != [BindingKind.ASSIGNED]:
            return None
        if scope is not None and _is_set_inside(scope, text_of(node)):
            return None
        value = self.site.view.tree.root_node.descendant_for_byte_range(
            bindings[0].start, bindings[0].start
        )
        while value is not None and value.type != "assignment":
            value = value.parent
        while value is not None and value.type == "assignment":
            value = value.child_by_field_name("right")
        return value

    def _bindings(self, node: Node) -> tuple[list[Binding], Node | None]:
        """What binds a variable, and in which function; None for what is outside all of them."""
        view, name = self.site.view, text_of(node)
        *inner, module = enclosing_scopes(node)
        for scope in inner:
            namespace = view.project.local_namespace(view.path, scope)
            if name in namespace.declared:
                return [], scope
            if name in namespace.names:
                return namespace.names[name], scope
        return view.project.local_namespace(view.path, module).names.get(name, []), None


def _is_set_inside(function: Node, name: str) -> bool:
    """Whether a function inside declares a variable of this one as its own to set."""
    if b"nonlocal" not in (function.text or b""):
        return False
    declared = captures("(nonlocal_statement (identifier) @name)", function).get("name", [])
    return any(text_of(each) == name for each in declared)


def _is_name(key: str) -> bool:
    """Whether what is sent under a key says who sends it."""
    return key.endswith("name")


def _chain(node: Node) -> list[Node]:
    """What attributes are looked up on, and the names one after the other."""
    names: list[Node] = []
    while node.type in ("attribute", "subscript"):
        if node.type == "attribute":
            names.append(node.child_by_field_name("attribute") or node)
        node = node.child_by_field_name("object") or node.child_by_field_name("value") or node
    return [node, *reversed(names)]
