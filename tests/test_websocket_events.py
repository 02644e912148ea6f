"""The codemod `websocket-events` on every case of its fixtures, and what it says."""

from __future__ import annotations

import io
import tokenize
from collections import Counter
from collections.abc import Iterator
from textwrap import indent

import pytest
from cases import BASE_PROJECT, FIXTURES, Case, check_case, load_cases, read_tree

from codemods.websocket_events import CODEMOD
from codemods.websocket_events.events import inventory
from codemods.websocket_events.options import CRITICAL, Options
from codemods.websocket_events.transformer import EventsTransformer
from migrate.engine import Engine
from migrate.model import FailureKind, FileResult, Finding, Status
from migrate.project import Project
from migrate.source import Memory
from migrate.syntax import parse
from migrate.text import SourceText
from migrate.view import FileView

CASES = load_cases(CODEMOD.id)
REWRITTEN = [case for case in CASES if case.after is not None]
PATH = "netra_backend/app/agents/case.py"
HEAD = "from netra_backend.app.agents.{0} import {1}\n\n\nclass ReportAgent({1}):\n"
EMITTING = HEAD.format("emitting_agent", "EmittingAgent")
MANAGED = HEAD.format("managed_agent", "ManagedAgent")
ADAPTER = "netra_backend.app.agents.mixins.websocket_bridge_adapter"
METHOD = "    async def execute(self, context, rows):\n        "
REASONS = {
    "default-differs",
    "error-caught",
    "event-not-literal",
    "event-unknown",
    "helper-does-more",
    "helper-overridden",
    "helper-unknown",
    "implementation",
    "missing-parameter",
    "no-receiver",
    "not-an-agent",
    "not-awaited",
    "other-adapter",
    "other-guard",
    "other-recipient",
    "other-than-supplied",
    "other-helper",
    "other-message",
    "payload-key-repeated",
    "payload-key-unmapped",
    "payload-not-literal",
    "payload-side-effect",
    "result-used",
    "sender-does-more",
    "several-adapters",
    "signature-differs",
    "signature-unknown",
    "still-used",
    "unsupported-form",
    "unused-helper",
    "used-elsewhere",
}


def process(source: str, **more: str) -> FileResult:
    files = read_tree(FIXTURES / CODEMOD.id / BASE_PROJECT)
    files |= {path: text.encode() for path, text in more.items()}
    source_tree = Memory({**files, PATH: source.encode()})
    return Engine(CODEMOD, Options(), source_tree, line_length=88).process(PATH)


def only(source: str, **more: str) -> Finding:
    (finding,) = process(source, **more).findings
    return finding


def emitted(data: bytes) -> Counter[tuple[str, str]]:
    """How often each class of a source emits each event."""
    text = SourceText.decode(data)
    view = FileView(PATH, text, parse(text), Project(Memory({PATH: data})))
    found = inventory(view, Options())
    return Counter({(c, event): n for c, events in found.items() for event, n in events.items()})


def comments(data: bytes) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(data.decode()).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case_comes_out_as_its_files_say(case: Case) -> None:
    for finding in check_case(CODEMOD, case).findings:
        if finding.suggestion is not None:
            require_code(finding.suggestion)


def require_code(suggestion: str) -> None:
    """Hold that Python takes a suggestion, in a coroutine."""
    compile(f"async def _():\n{indent(suggestion, ' ')}", "suggestion", "exec", dont_inherit=True)


@pytest.mark.parametrize("case", REWRITTEN, ids=str)
def test_result_compiles_and_emits_the_same_events(case: Case) -> None:
    assert case.after is not None
    compile(case.after, case.name, "exec", dont_inherit=True)
    if not case.options:
        assert emitted(case.after) == emitted(case.before)
        assert emitted(case.before)


@pytest.mark.parametrize("case", REWRITTEN, ids=str)
def test_result_has_comments_of_the_source_only(case: Case) -> None:
    assert case.after is not None
    assert comments(case.after) == comments(case.before)


def test_every_rule_and_every_reason_has_a_case() -> None:
    findings = [finding for case in CASES for finding in case.findings]
    assert {finding.rule for finding in findings} == {rule.id for rule in CODEMOD.rules}
    assert {finding.reason for finding in findings} - {None} == REASONS


def test_more_sites_and_cases_are_refused_than_rewritten() -> None:
    refused = sum(f.status != "rewrite" for case in CASES for f in case.findings)
    rewritten = sum(f.status == "rewrite" for case in CASES for f in case.findings)
    assert refused > rewritten
    assert len(CASES) - len(REWRITTEN) > len(REWRITTEN)


# Events that get lost


class Forgetful(EventsTransformer):
    """A transformer with a fault: it emits the wrong event."""

    def leave_Await(self, original_node, updated_node):  # type: ignore[no-untyped-def]
        result = super().leave_Await(original_node, updated_node)
        if result is updated_node:
            return result
        method = result.expression.func.attr.with_changes(value="emit_progress")
        return result.with_deep_changes(result.expression.func, attr=method)


def test_a_rewrite_that_loses_an_event_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        EMITTING
        + METHOD
        + ('await self._emit_websocket_event(context, "tool_completed", {"tool_name": "fetch"})\n')
    )
    assert process(source).after is not None
    monkeypatch.setattr("codemods.websocket_events.transformer.EventsTransformer", Forgetful)
    result = process(source)
    assert result.after is None
    assert result.failure is not None
    assert result.failure.kind is FailureKind.SAFETY
    assert result.failure.message == (
        "event-lost: ReportAgent emitted tool_completed in 1 places, and now in 0"
    )
    (finding,) = result.findings
    assert (finding.status, finding.reason) == (Status.REVIEW, "safety")


def test_every_way_to_emit_is_counted() -> None:
    source = """
class Agent:
    async def run(self, ctx):
        await self._emit_websocket_event(ctx, "agent_started", {})
        await self._emit_websocket_event(context=ctx, event_type="agent_started")
        await ctx.websocket_manager.send_tool_executing("fetch")
        await user_emitter.notify_tool_completed("fetch")
        await self._websocket_adapter.emit_thinking("Reading")
        await self.emit_agent_completed()
        await self._emit_websocket_event(ctx, event, {})
        class Inner:
            async def run(self):
                await self.websocket_manager.send_error("no")
await send_agent_started()
"""
    assert emitted(source.encode()) == {
        ("Agent", "agent_started"): 2,
        ("Agent", "tool_executing"): 1,
        ("Agent", "tool_completed"): 1,
        ("Agent", "agent_thinking"): 1,
        ("Agent", "agent_completed"): 1,
        ("Agent.run.Inner", "agent_error"): 1,
    }


# What a person reads


def notices(result: FileResult) -> Iterator[str]:
    return (finding.notice for finding in result.findings if finding.notice is not None)


def test_a_class_says_once_what_changes_and_what_it_emits() -> None:
    calls = "\n        ".join(
        f'await self._emit_websocket_event(context, "{event}", {{{payload}}})'
        for event, payload in zip(
            CRITICAL, ("", '"thought": "x"', '"tool": "x"', '"tool": "x"', '"cost": 1'), strict=True
        )
    )
    result = process(EMITTING + METHOD + calls + "\n")
    assert [f.status.value for f in result.findings] == ["rewrite"] * 4 + ["review"]
    assert set(notices(result)) == {
        "ReportAgent: The helper swallowed errors; each of emit_agent_started, emit_thinking,"
        " emit_tool_executing, emit_tool_completed raises RuntimeError if no bridge is set and"
        " swallows other errors. It emits all of the five critical events, before and after."
    }


def test_a_class_without_rewrites_says_what_it_emits() -> None:
    source = (
        EMITTING
        + METHOD
        + ('await self._emit_websocket_event(context, "agent_started", {"cost": 1})\n')
    )
    assert only(source).notice == (
        "ReportAgent: of the five critical events it emits agent_started, before and after, and"
        " not agent_thinking, tool_executing, tool_completed, agent_completed."
    )


def test_a_class_that_emits_none_of_the_critical_events_says_so_only_if_something_changes() -> None:
    call = 'await self._emit_websocket_event(context, "progress", {"content": "x"%s})\n'
    assert (only(EMITTING + METHOD + call % "").notice or "").endswith(
        " It emits none of the five critical events here, neither before nor after."
    )
    assert only(EMITTING + METHOD + call % ', "cost": 1').notice is None


def test_a_rewrite_says_what_is_left_out_and_that_the_adapter_raises() -> None:
    source = (
        EMITTING
        + METHOD
        + (
            'await self._emit_websocket_event(context, "tool_executing",'
            ' {"run_id": context.run_id, "tool_name": "x", "args": rows})\n'
        )
    )
    assert only(source).message == (
        "Emitted through emit_tool_executing. Left out, since the adapter sends its own: run_id"
        " (context.run_id). Passed under another name: args as parameters. The helper swallowed"
        " errors; emit_tool_executing raises RuntimeError if no bridge is set and swallows other"
        " errors."
    )


def test_a_class_says_of_each_method_what_it_does_with_errors() -> None:
    call = "await self._emit_websocket_event(context, {}, {{{}}})\n        "
    source = EMITTING + METHOD + call.format('"progress"', '"content": "x"')
    source += call.format('"agent_started"', "") + call.format('"error"', '"error": "x"')
    (notice,) = set(notices(process(source.rstrip() + "\n")))
    assert notice.startswith(
        "ReportAgent: The helper swallowed errors; each of emit_progress, emit_error raises"
        " nothing; emit_agent_started raises RuntimeError if no bridge is set and swallows other"
        " errors. Of the five"
    )


# The body of `emit_thinking`, and what is said about it.
ERRORS = {
    "if not self._bridge:\n    raise RuntimeError(thought)": (
        "raises RuntimeError if no bridge is set and swallows other errors"
    ),
    "if thought:\n    raise errors.EmptyError": "may raise EmptyError and swallows other errors",
    "await self._bridge.send(thought)": "passes errors on",
    "if self._bridge is None:\n    raise RuntimeError\nawait self._bridge.send(thought)": (
        "raises RuntimeError if no bridge is set and passes other errors on"
    ),
    "self._require_bridge()\nawait self.has_websocket_bridge()": (
        "raises RuntimeError if no bridge is set and swallows other errors"
    ),
    "try:\n    self._require_bridge()\nexcept RuntimeError:\n    pass": "raises nothing",
    "try:\n    self._require_bridge()\nexcept ValueError:\n    pass": (
        "raises RuntimeError if no bridge is set and swallows other errors"
    ),
    "try:\n    await self._bridge.send(thought)\nexcept Exception as error:\n    raise": (
        "passes errors on"
    ),
    "try:\n    await self._bridge.send(thought)\nexcept Exception as error:\n"
    "    raise SendError from error": "may raise SendError and swallows other errors",
    "try:\n    await self._bridge.send(thought)\nexcept Exception as error:\n    raise error": (
        "passes errors on"
    ),
    "try:\n    await self._bridge.send(thought)\nexcept CancelledError:\n    raise\n"
    "except Exception:\n    pass": "raises nothing",
    "try:\n    await self._bridge.send(thought)\nexcept OSError:\n    raise\n"
    "except Exception:\n    pass": "passes errors on",
    "try:\n    self._require_bridge()\nexcept RuntimeError:\n    raise\n"
    "except Exception:\n    pass": (
        "raises RuntimeError if no bridge is set and swallows other errors"
    ),
    "try:\n    pass\nexcept Exception:\n    await self._bridge.send(thought)": "passes errors on",
    "with suppress(Exception):\n    await self._bridge.send(thought)": "raises nothing",
    "await self.emit_thinking(thought)": "raises nothing",
    "self._bridge.queue.put(thought)": "passes errors on",
    "try:\n    self._bridge.put(thought)\nexcept Exception:\n    self.logger.error(thought)": (
        "raises nothing"
    ),
    "await self.emit_missing(thought)": "passes errors on",
    "def later():\n    raise RuntimeError": "raises nothing",
}


@pytest.mark.parametrize("body", ERRORS)
def test_what_the_adapter_does_with_errors_is_read_from_its_source(body: str) -> None:
    path = ADAPTER.replace(".", "/") + ".py"
    files = read_tree(FIXTURES / CODEMOD.id / BASE_PROJECT)
    start, _, end = files[path].decode().partition("    async def emit_thinking")
    _, _, end = end.partition("\n\n")
    method = "    async def emit_thinking(self, thought, step_number=None):\n"
    adapter = start + method + indent(body, " " * 8) + "\n\n" + end
    call = 'await self._emit_websocket_event(context, "agent_thinking", {"thought": "x"})\n'
    finding = only(EMITTING + METHOD + call, **{path: adapter})
    said = f"The helper swallowed errors; emit_thinking {ERRORS[body]}."
    assert finding.message == f"Emitted through emit_thinking. {said}"


def test_a_handler_that_would_get_the_adapters_error_is_named() -> None:
    body = (
        "try:\n"
        '            await self._emit_websocket_event(context, "agent_started", {})\n'
        "            rows.sort()\n"
        "        except Exception:\n"
        "            return rows\n"
    )
    finding = only(EMITTING + METHOD + body)
    assert finding.status is Status.REWRITE
    assert finding.message.endswith(" Line 9 would catch that.")


def test_a_guard_says_what_its_condition_meant() -> None:
    source = (
        MANAGED
        + METHOD
        + (
            "if self.websocket_manager:\n            "
            'await self.websocket_manager.send_agent_thinking("r", self.name, "Reading")\n'
        )
    )
    assert only(source).message == (
        "Emitted through emit_thinking. Left out, since the adapter sends its own: run_id"
        ' ("r"), agent_name (self.name). The condition goes: before, no manager meant no event.'
        " Now, emit_thinking raises RuntimeError if no bridge is set and swallows other errors."
    )


CALL = "await self._emit_websocket_event(context, {0})\n"
SUGGESTIONS = {
    "a key without a parameter goes where anything goes": (
        EMITTING + METHOD + CALL.format('"agent_completed", {"result": rows, "ms": 1}'),
        "# If rows is a mapping, write its items in the place of result.\n"
        'await self._websocket_adapter.emit_agent_completed({"result": rows, "ms": 1})',
    ),
    "a key beside a mapping": (
        EMITTING
        + METHOD.replace("rows", "rows: dict[str, int]")
        + CALL.format('"agent_completed", {"result": rows, "ms": 1}'),
        'await self._websocket_adapter.emit_agent_completed({**rows, "ms": 1})',
    ),
    "a key beside a mapping or None": (
        EMITTING
        + METHOD.replace("rows", "rows: dict[str, int] | None = None")
        + CALL.format('"agent_completed", {"result": rows, "ms": 1}'),
        'await self._websocket_adapter.emit_agent_completed({**(rows or {}), "ms": 1})',
    ),
    "a key beside a choice of mappings": (
        EMITTING
        + METHOD
        + CALL.format('"agent_completed", {"result": {} if rows else {"rows": 1}, "ms": 1}'),
        "await self._websocket_adapter.emit_agent_completed(\n"
        '    {**({} if rows else {"rows": 1}), "ms": 1},\n'
        ")",
    ),
    "a key beside a list": (
        EMITTING
        + METHOD.replace("rows", "rows: list[int]")
        + CALL.format('"agent_completed", {"result": rows, "ms": 1}'),
        'await self._websocket_adapter.emit_agent_completed({"result": rows, "ms": 1})',
    ),
    "keys that are no names": (
        EMITTING + METHOD + CALL.format("'agent_completed', {'the \"cost\"': 1, 'in ms': 2}"),
        'await self._websocket_adapter.emit_agent_completed({\'the "cost"\': 1, "in ms": 2})',
    ),
    "a key of two lines where nothing takes it": (
        EMITTING + METHOD + CALL.format('"agent_started", {"""a\nb""": 1}'),
        "# emit_agent_started has no parameter for a b.\n"
        "await self._websocket_adapter.emit_agent_started()",
    ),
    "a generator": (
        MANAGED
        + METHOD
        + "await context.websocket_manager.send_agent_thinking(row for row in rows)\n",
        "await self._websocket_adapter.emit_thinking((row for row in rows))",
    ),
    "a name that is bound in the call": (
        MANAGED
        + METHOD
        + "await context.websocket_manager.send_tool_completed(tool, result := rows)\n",
        "await self._websocket_adapter.emit_tool_completed(tool, (result := rows))",
    ),
    "a text of several lines": (
        EMITTING
        + METHOD
        + CALL.format('"tool_completed", {"tool": """a\n          b""", "ms": 1}'),
        'await self._websocket_adapter.emit_tool_completed("""a\n          b""", {"ms": 1})',
    ),
    "a text of several lines in an item of many": (
        EMITTING
        + METHOD
        + CALL.format(
            '"tool_completed", {"tool": "a tool" + self.name_of(rows).strip(),'
            ' "result": """a\n          b""", "step": rows}'
        ),
        "await self._websocket_adapter.emit_tool_completed(\n"
        '    "a tool" + self.name_of(rows).strip(),\n'
        "    {\n"
        '        "result": """a\n          b""",\n'
        '        "step": rows,\n'
        "    },\n"
        ")",
    ),
    "another object on several lines": (
        EMITTING + METHOD + "(\n            context\n            .agent\n"
        "            ._emit_websocket_event(context, 'agent_started', {}))\n",
        "context.agent._websocket_adapter.emit_agent_started()",
    ),
    "what went wrong, beside the error": (
        MANAGED
        + METHOD
        + "await self.websocket_manager.send_agent_error(self.run_id, error, error_context)\n",
        "await self._websocket_adapter.emit_error(\n"
        "    error,\n"
        '    error_details={"error_context": error_context},\n'
        ")",
    ),
    "a key without a parameter, and nothing else there": (
        EMITTING + METHOD + CALL.format('"tool_executing", {"tool": "x", "ms": 1}'),
        'await self._websocket_adapter.emit_tool_executing("x", {"ms": 1})',
    ),
    "a key without a parameter where nothing takes it": (
        EMITTING + METHOD + CALL.format('"agent_thinking", {"thought": "x", "ms": 1}'),
        "# emit_thinking has no parameter for ms.\n"
        'await self._websocket_adapter.emit_thinking("x")',
    ),
    "a required parameter that is missing": (
        EMITTING + METHOD + CALL.format('"agent_thinking", {"step_number": 1}'),
        "await self._websocket_adapter.emit_thinking(..., 1)",
    ),
    "a payload in a variable": (
        EMITTING + METHOD + CALL.format('"tool_executing", payload'),
        "await self._websocket_adapter.emit_tool_executing(\n"
        '    payload["tool_name"],\n'
        '    payload.get("parameters"),\n'
        ")",
    ),
    "a key beside a dictionary": (
        EMITTING + METHOD + CALL.format('"agent_completed", {"result": {"rows": 1}, "ms": 1}'),
        'await self._websocket_adapter.emit_agent_completed({"rows": 1, "ms": 1})',
    ),
    "a key beside something that is no mapping": (
        EMITTING + METHOD + CALL.format('"agent_completed", {"result": "done", "ms": 1}'),
        'await self._websocket_adapter.emit_agent_completed({"result": "done", "ms": 1})',
    ),
    "a key beside a choice": (
        EMITTING + METHOD + CALL.format('"agent_completed", {"result": rows or {}, "ms": 1}'),
        "# If rows or {} is a mapping, write its items in the place of result.\n"
        'await self._websocket_adapter.emit_agent_completed({"result": rows or {}, "ms": 1})',
    ),
    "another object's helper": (
        "async def test(agent, context):\n"
        '    await agent._emit_websocket_event(context, "agent_started", {})\n',
        "await agent._websocket_adapter.emit_agent_started()",
    ),
    "an unknown signature, by the names of the arguments": (
        MANAGED + METHOD + "await context.websocket_manager.send_tool_completed("
        "context.user_id, self.__class__.__name__, getattr(context, 'run_id', 0), 'x', rows)\n",
        "await self._websocket_adapter.emit_tool_completed('x', rows)",
    ),
    "an event that is nearly one of the table": (
        MANAGED
        + METHOD
        + "await self.websocket_manager.send_progress_update(context.run_id, 'x', True)\n",
        "await self._websocket_adapter.emit_progress('x', True)",
    ),
    "an argument that is something else than the parameter in its place": (
        MANAGED
        + METHOD
        + "await self.websocket_manager.send_agent_progress(message, rows.progress)\n",
        "# emit_progress has no parameter for progress.\n"
        "await self._websocket_adapter.emit_progress(message)",
    ),
    "arguments by keyword that are no parameters": (
        MANAGED
        + METHOD
        + "await self.websocket_manager.send_agent_progress(message=rows, progress=1)\n",
        "# emit_progress has no parameter for progress.\n"
        "await self._websocket_adapter.emit_progress(rows)",
    ),
    "more arguments without a name than parameters": (
        MANAGED + METHOD + "await context.websocket_manager.send_agent_started('a', 'b', 'c')\n",
        "# What emit_agent_started needs of this is not clear: 'a', 'b', 'c'\n"
        "await self._websocket_adapter.emit_agent_started()",
    ),
    "texts without a name, one of which may be the run": (
        MANAGED + METHOD + "await context.websocket_manager.send_agent_error('a', 'b')\n",
        "# What emit_error needs of this is not clear: 'a', 'b'\n"
        "await self._websocket_adapter.emit_error(...)",
    ),
    "a number where the adapter takes a flag": (
        MANAGED + METHOD + "await context.websocket_manager.send_progress(50, 'Reading')\n",
        "# What emit_progress needs of this is not clear: 50\n"
        "await self._websocket_adapter.emit_progress('Reading')",
    ),
    "a number where the adapter takes one": (
        MANAGED + METHOD + "await context.websocket_manager.send_agent_thinking('Reading', 3)\n",
        "await self._websocket_adapter.emit_thinking('Reading', 3)",
    ),
    "arguments that are in a list": (
        MANAGED + METHOD + "await context.websocket_manager.send_agent_completed(*rows)\n",
        "# What emit_agent_completed needs of this is not clear: *rows\n"
        "await self._websocket_adapter.emit_agent_completed()",
    ),
    "a coroutine that is run later": (
        EMITTING
        + METHOD
        + "create_task("
        + CALL.format('"agent_started", {}').replace("await ", "").strip()
        + ")\n",
        "self._websocket_adapter.emit_agent_started()",
    ),
    "an await that was forgotten": (
        EMITTING + METHOD + CALL.format('"agent_started", {}').replace("await ", ""),
        "await self._websocket_adapter.emit_agent_started()",
    ),
    "a context, whose the event is": (
        MANAGED + METHOD + "await context.websocket_manager.send_tool_executing(context, 'a')\n",
        "await self._websocket_adapter.emit_tool_executing('a')",
    ),
    "a class that is no agent": (
        "class Runner:\n    async def run(self, context):\n"
        "        await context.websocket_manager.send_agent_thinking(context.run_id, 'x')\n",
        f"# WebSocketBridgeAdapter (from\n# {ADAPTER}):\n"
        "# Runner's agent has one, agent._websocket_adapter.\n"
        "# Take it as a parameter, websocket_adapter, where context is one; then\n"
        "# write here:\n"
        "await websocket_adapter.emit_thinking('x')",
    ),
    "a class that is no agent and has a manager": (
        "class Runner:\n    async def run(self, context):\n"
        "        await self.websocket_manager.send_agent_thinking(context.run_id, 'x')\n",
        f"# WebSocketBridgeAdapter (from\n# {ADAPTER}):\n"
        "# Runner's agent has one, agent._websocket_adapter.\n"
        "# Take it in __init__ as self._websocket_adapter; then write here:\n"
        "await self._websocket_adapter.emit_thinking('x')",
    ),
    "values beside each other that would be long": (
        EMITTING
        + METHOD
        + CALL.format(
            '"agent_completed", {"result": rows,'
            ' "execution_time_ms": 1000 * (self.ended() - self.started())}'
        ),
        "# If rows is a mapping, write its items in the place of result.\n"
        "await self._websocket_adapter.emit_agent_completed({\n"
        '    "result": rows,\n'
        '    "execution_time_ms": 1000 * (self.ended() - self.started()),\n'
        "})",
    ),
    "a function": (
        "async def run(context):\n"
        "    await context.websocket_manager.send_agent_thinking(context.run_id, 'x')\n",
        f"# WebSocketBridgeAdapter (from\n# {ADAPTER}):\n"
        "# the agent has one, agent._websocket_adapter.\n"
        "# Take it as a parameter, websocket_adapter; then write here:\n"
        "await websocket_adapter.emit_thinking('x')",
    ),
    "a guard around calls of several lines in a class that is no agent": (
        "class Runner:\n    async def run(self, context):\n"
        "        if context.websocket_manager:\n"
        "            await context.websocket_manager.send_agent_thinking('x')\n"
        "            await context.websocket_manager.send_agent_completed(\n"
        "                {'rows': 1,\n"
        "                 'columns': 2})\n",
        f"# WebSocketBridgeAdapter (from\n# {ADAPTER}):\n"
        "# Runner's agent has one, agent._websocket_adapter.\n"
        "# Take it as a parameter, websocket_adapter, where context is one; then\n"
        "# write here:\n"
        "await websocket_adapter.emit_thinking('x')\n"
        "await websocket_adapter.emit_agent_completed({'rows': 1,\n"
        "     'columns': 2})",
    ),
    "a guard around a call that is proven and one that is not": (
        MANAGED + METHOD + "if self.websocket_manager:\n"
        "            await self.websocket_manager.send_agent_thinking('r', self.name, 'x')\n"
        "            await self.websocket_manager.send_agent_completed(rows)\n",
        "await self._websocket_adapter.emit_thinking('x')\n"
        "await self._websocket_adapter.emit_agent_completed(rows)",
    ),
    "a guard with a comment": (
        MANAGED + METHOD + "if self.websocket_manager:  # not in tests\n"
        "            await self.websocket_manager.send_agent_thinking('r', self.name, 'x')\n",
        "await self._websocket_adapter.emit_thinking('x')",
    ),
    "a guard around two calls": (
        MANAGED + METHOD + "if context.websocket_manager:\n"
        "            await context.websocket_manager.send_agent_thinking('x')\n"
        "            await context.websocket_manager.send_agent_completed(rows)\n",
        "await self._websocket_adapter.emit_thinking('x')\n"
        "await self._websocket_adapter.emit_agent_completed(rows)",
    ),
}


@pytest.mark.parametrize("name", SUGGESTIONS)
def test_suggestion_can_be_pasted(name: str) -> None:
    source, suggestion = SUGGESTIONS[name]
    finding = only(source)
    assert finding.status is Status.REVIEW
    assert finding.suggestion == suggestion
    require_code(suggestion)


def test_an_event_that_is_like_none_of_the_table_is_said_to_be_so_in_any_class() -> None:
    finding = only(
        "class Runner:\n    async def run(self):\n"
        "        await self.websocket_manager.send_agent_update('x')\n"
    )
    assert (finding.reason, finding.suggestion) == ("not-an-agent", None)
    assert finding.message == (
        "Runner is not below BaseAgent. The table of events has no agent_update; the option"
        " events can add it."
    )


def test_a_class_whose_bases_are_not_known_is_not_said_to_be_no_agent() -> None:
    source = "def base(): ...\n\n\nclass ReportAgent(base()):\n"
    finding = only(source + METHOD + CALL.format('"agent_started", {}'))
    assert finding.reason == "not-an-agent"
    assert finding.message == "Whether ReportAgent is below BaseAgent is not known."


def test_files_that_use_a_helper_are_listed_with_their_lines() -> None:
    source = HEAD.format("base_agent", "BaseAgent") + (
        "    async def _emit_websocket_event(self, context, event_type, data):\n"
        "        await context.sender.send_event(event_type, data)\n"
    )
    test = "from unittest.mock import patch\n\n\nasync def test(agent, context):\n"
    test += "    patch.object(agent, '_emit_websocket_event')\n"
    test += "    await agent._emit_websocket_event(context, 'agent_started', {})\n"
    (finding,) = process(
        source, **{"tests/a.py": test, "tests/b.py": "'_emit_websocket_event'"}
    ).findings
    assert finding.reason == "used-elsewhere"
    assert finding.message.startswith(
        "ReportAgent._emit_websocket_event is called or named in tests/a.py:5,6."
    )


@pytest.mark.parametrize(
    "call",
    [
        "manager.send_agent_started(run)",
        "manager.send_tool_update(run)",
        'manager.send_event("agent_started", {})',
        'getattr(manager, "notify_agent_started")(run)',
    ],
)
def test_a_file_that_sends_through_a_variable_only_is_looked_at(call: str) -> None:
    source = f"async def run(context):\n    manager = context.websocket_manager\n    await {call}\n"
    assert CODEMOD.may_match(source.encode(), Options())
    assert process(source).findings


def test_a_line_of_hash_signs_behind_a_manager_is_looked_through_at_once() -> None:
    data = b"websocket_manager " + b"# # " * 5000
    assert not CODEMOD.may_match(data, Options())
