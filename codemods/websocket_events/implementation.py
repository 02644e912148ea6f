"""What a helper or sender does: whether it is sending the event, and nothing else.

Each statement has to be of a form that is known to be harmless. What is not known, does more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from codemods.websocket_events.options import Options
from migrate.project.facts import Function
from migrate.syntax import descendants, parts, text_of

_SENDS = ("send", "emit", "notify", "publish", "broadcast")
# What an agent's own context is called, in contrast to that of a child or a parent.
OWN_CONTEXT = re.compile(
    r"_*(?:(?:agent|current|exec|execution|request|run|user)_)*(?:context|ctx)"
)
_LOGGERS = re.compile(r"_*(?:log|logger|logging)")
_LOGS = frozenset({"critical", "debug", "error", "exception", "info", "log", "warn", "warning"})
_LOOKS = frozenset({"hasattr", "getattr", "isinstance", "callable", "str", "repr", "len", "type"})
_CLOCKS = frozenset({"now", "utcnow", "time", "isoformat", "timestamp"})
_SENDER = re.compile(
    r"_*(?:(?:agent|connection|event|notification|unified|user|websocket|ws)_)*"
    r"(?:websocket|ws|manager|emitter|bridge|adapter|notifier|sender|connection)"
)
_NOTHING = frozenset(
    {
        "comment",
        "ellipsis",
        "import_from_statement",
        "import_statement",
        "pass_statement",
        "string",
    }
)
# Parts of an expression that may do something, beside calls.
_CODE = frozenset(
    {
        "await",
        "dictionary_comprehension",
        "generator_expression",
        "lambda",
        "list_comprehension",
        "named_expression",
        "set_comprehension",
        "subscript",
        "yield",
    }
)
_CLAUSES = frozenset(
    {"elif_clause", "else_clause", "except_clause", "except_group_clause", "finally_clause"}
)
# How many methods of its own, each called by the one before, a sender is followed through.
_FAR = 5


@dataclass(frozen=True)
class _More(Exception):
    """The method does more than emit; `what`, in words for a person."""

    what: str


def what_it_does_more(definition: Node, function: Function, options: Options) -> str | None:
    """The first thing in a helper that is neither sending nor logging; None if all is.

    What is sent must be the event and the payload as they came, once, and nothing beside them but
    whose they are and when.
    """
    body = definition.child_by_field_name("body")
    if body is None or not function.asynchronous:
        return "it is no coroutine"
    receiver, context, event, *payload = (parameter.name for parameter in function.parameters)
    reader = _Reader(receiver, context, event, tuple(payload), options)
    try:
        times = reader.times_sent(parts(body))
    except _More as more:
        return more.what
    if times > 1:
        return "it sends the event more than once"
    return None if times else "nothing in it hands on event and payload"


# The definition of a method of the object, by its name; None where it is not known.
Find = Callable[[str], tuple[Node, Function] | None]


def what_a_sender_does_more(find: Find, name: str, options: Options) -> str | None:
    """The first thing in a manager's or emitter's method that is neither sending nor logging.

    None if all is. Methods of the object itself that it calls are read as well.
    """
    try:
        times = _times_sent_by(find, name, options, _FAR)
    except _More as more:
        return more.what
    if times > 1:
        return "it sends more than once"
    return None if times else "nothing in it sends anything"


def _times_sent_by(find: Find, name: str, options: Options, far: int) -> int:
    found = find(name) if far else None
    body = found[0].child_by_field_name("body") if found is not None else None
    if found is None or body is None or not found[1].parameters:
        raise _More(f"what {name} does is not known")
    receiver, *given = (parameter.name for parameter in found[1].parameters)

    def called(other: str, is_awaited: bool) -> int:
        method = find(other)
        if method is not None and method[1].asynchronous != is_awaited:
            raise _More(f"it does not await {other}")
        return _times_sent_by(find, other, options, far - 1)

    return _Reader(receiver, receiver, "", tuple(given), options, called).times_sent(parts(body))


@dataclass(frozen=True)
class _Reader:
    """Reads a method's statements in order; `senders` are the variables that can send.

    A helper has an `event`, which it hands on. A sender has none; what it calls of its own object
    sends as often as `called` says of it, given its name and whether it is awaited.
    """

    receiver: str
    context: str
    event: str
    payload: tuple[str, ...]
    options: Options
    called: Callable[[str, bool], int] | None = None
    senders: set[str] = field(default_factory=set)

    def times_sent(self, statements: Sequence[Node]) -> int:
        """How often these send the event at most. Raises _More."""
        times = 0
        for statement in statements:
            times += self._statement(statement)
            if statement.type == "return_statement":
                break
        return times

    def _statement(self, node: Node) -> int:
        if node.type in _NOTHING:
            return 0
        if node.type == "expression_statement" and len(parts(node)) == 1:
            return self._expression(parts(node)[0])
        if node.type == "return_statement" and text_of(node) in ("return", "return None"):
            return 0
        if node.type == "return_statement" and self.called is not None:
            return self._value(parts(node)[0])
        if node.type == "if_statement":
            self._require_asks_for_sender(node)
            return max(self._blocks(node))
        if node.type == "try_statement":
            return max(self._blocks(node))
        raise _More(_short(node))

    def _blocks(self, node: Node) -> Iterator[int]:
        """How often each of the blocks of a compound statement sends."""
        for child in node.named_children:
            if child.type == "block":
                yield self.times_sent(parts(child))
            elif child.type in _CLAUSES:
                if child.type == "elif_clause":
                    self._require_asks_for_sender(child)
                yield from self._blocks(child)

    def _value(self, node: Node) -> int:
        """What a sender returns is not used: it may be anything that needs no work."""
        if node.type in ("await", "call"):
            return self._expression(node)
        self._require_harmless(node)
        return 0

    def _expression(self, node: Node) -> int:
        if node.type in _NOTHING:
            return 0
        if node.type == "assignment":
            self._assignment(node)
            return 0
        call = parts(node)[0] if node.type == "await" else node
        if call.type != "call":
            raise _More(_short(node))
        own = self._own_method(call)
        if own is not None and self.called is not None:
            self._require_harmless_arguments(call)
            return self.called(own, node.type == "await")
        if self._is_sending(call):
            if node.type != "await":
                raise _More(f"it does not await {_short(call)}")
            return int(self._hands_on(call))
        self._require_harmless(call)
        return 0

    def _assignment(self, node: Node) -> None:
        """A variable of its own takes something that needs no work."""
        name, value = (node.child_by_field_name(side) for side in ("left", "right"))
        own = (self.receiver, self.context, self.event, *self.payload)
        if name is None or value is None or name.type != "identifier" or text_of(name) in own:
            raise _More(_short(node))
        self._require_harmless(value)
        if any(self._is_sender(part) for part in (value, *descendants(value))):
            self.senders.add(text_of(name))

    def _own_method(self, call: Node) -> str | None:
        """The method of the object itself that is called."""
        function = call.child_by_field_name("function")
        holder = function.child_by_field_name("object") if function is not None else None
        is_own = holder is not None and text_of(holder) == self.receiver
        return _last_name(call) if is_own else None

    def _require_harmless_arguments(self, call: Node) -> None:
        arguments = call.child_by_field_name("arguments")
        for argument in parts(arguments) if arguments is not None else []:
            self._require_harmless(argument)

    def _require_harmless(self, expression: Node) -> None:
        """An expression looks at something, tells the time or logs."""
        for inner in (expression, *descendants(expression)):
            if inner.type in _CODE or (inner.type == "call" and not is_harmless(inner)):
                raise _More(_short(inner))

    def _require_asks_for_sender(self, node: Node) -> None:
        condition = node.child_by_field_name("condition")
        if condition is None or not self._asks_for_sender(condition):
            what = _short(condition) if condition is not None else "something"
            raise _More(f"it depends on {what}")

    def _asks_for_sender(self, condition: Node) -> bool:
        """Whether a condition only asks if there is something to send with."""
        match condition.type:
            case "parenthesized_expression" | "boolean_operator" | "not_operator":
                return all(self._asks_for_sender(part) for part in parts(condition))
            case "comparison_operator":
                sides = parts(condition)
                return sides[-1].type == "none" and self._is_sender(sides[0])
            case "call":
                return text_of(condition.child_by_field_name("function") or condition) in (
                    "hasattr",
                    "getattr",
                ) and self._is_sender(condition)
        return self._is_sender(condition)

    def _is_sender(self, node: Node) -> bool:
        """Whether an expression is, or asks for, something that is called as senders are."""
        if node.type == "identifier":
            return text_of(node) in self.senders
        if node.type == "attribute":
            holder = node.child_by_field_name("object")
            named = _SENDER.fullmatch(_last_name(node)) is not None
            return named and holder is not None and self._is_own(holder)
        arguments = node.child_by_field_name("arguments") if node.type == "call" else None
        given = parts(arguments) if arguments is not None else []
        named = len(given) > 1 and _SENDER.fullmatch(text_of(given[1]).strip("\"'")) is not None
        return named and self._is_own(given[0])

    def _is_own(self, node: Node) -> bool:
        """Whether an object is the agent, its context, or something of theirs that can send."""
        if text_of(node) in (self.receiver, self.context):
            return True
        holder = node.child_by_field_name("object") if node.type == "attribute" else None
        if holder is not None and OWN_CONTEXT.fullmatch(_last_name(node)):
            return text_of(holder) == self.receiver
        return self._is_sender(node)

    def _is_sending(self, call: Node) -> bool:
        function = call.child_by_field_name("function")
        if function is None or function.type != "attribute":
            return False
        holder = function.child_by_field_name("object")
        named = _last_name(function).lstrip("_").startswith(_SENDS)
        return named and holder is not None and self._is_sender(holder)

    def _hands_on(self, call: Node) -> bool:
        """Whether event and payload are what a call is given, and nothing that says more."""
        if not self.event:
            self._require_harmless_arguments(call)
            return True
        arguments = call.child_by_field_name("arguments")
        given = set(self._given(arguments)) if arguments is not None else set()
        return {self.event, *self.payload} <= given

    def _given(self, node: Node) -> Iterator[str]:
        """The variables that an argument list or a dictionary has in it."""
        for part in parts(node):
            value = part.child_by_field_name("value") or part
            if part.type in ("dictionary_splat", "list_splat"):
                raise _More(_short(part))
            if value.type == "dictionary":
                yield from self._given(value)
            elif text_of(value) in (self.context, self.event, *self.payload):
                yield text_of(value)
            elif value.type == "boolean_operator" and text_of(value).endswith((" or {}", " or []")):
                yield text_of(parts(value)[0])
            elif not self._says_whose(value):
                raise _More(f"it sends {_short(part)} as well")

    def _says_whose(self, value: Node) -> bool:
        """Whether a value is whose event it is, or when: the adapter supplies the same."""
        if value.type == "call":
            return is_harmless(value) and _last_name(value) in _CLOCKS
        own = (*self.options.supplied, *self.options.recipients)
        holder = value.child_by_field_name("object")
        is_named = value.type == "attribute" and _last_name(value) in own
        return is_named and holder is not None and self._is_own(holder)


def is_harmless(call: Node) -> bool:
    """Whether a call looks at something, tells the time or logs, by what it is called."""
    function = call.child_by_field_name("function")
    if function is None:
        return False
    if function.type == "identifier":
        return text_of(function) in _LOOKS
    holder = function.child_by_field_name("object")
    if holder is None:
        return False
    name = _last_name(function)
    is_logging = name in _LOGS and _LOGGERS.fullmatch(_last_name(holder)) is not None
    return is_logging or name in _CLOCKS


def _last_name(node: Node) -> str:
    """`c` of `c`, `b.c` and of a call of these."""
    function = node.child_by_field_name("function") if node.type == "call" else None
    return text_of(function or node).rpartition(".")[2].strip()


def _short(node: Node) -> str:
    flat = " ".join(text_of(node).split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
