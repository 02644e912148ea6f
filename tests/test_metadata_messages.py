"""What `metadata-storage` tells a person beyond rule and reason."""

from __future__ import annotations

from cases import FIXTURES, read_tree

from migrate.engine import Engine
from migrate.model import Finding
from migrate.registry import codemods
from migrate.source import Memory

HEAD = """from netra_backend.app.agents.base.interface import ExecutionContext
from netra_backend.app.agents.base_agent import BaseAgent
from netra_backend.app.agents.supervisor.user_execution_context import UserExecutionContext
class A(BaseAgent):
    def run(self, context: UserExecutionContext, other_context: ExecutionContext):
"""
CONTEXT = "netra_backend/app/agents/supervisor/user_execution_context.py"


def only_finding(statement: str, context_class: str | None = None) -> Finding:
    files = dict(read_tree(FIXTURES / "metadata-storage" / "_project"))
    files["netra_backend/app/agents/case.py"] = f"{HEAD}        {statement}\n".encode()
    if context_class is not None:
        files[CONTEXT] = context_class.encode()
    codemod = codemods()["metadata-storage"]
    engine = Engine(codemod, codemod.options(), Memory(files), line_length=88)
    (finding,) = engine.process("netra_backend/app/agents/case.py").findings
    return finding


def test_a_rewrite_says_when_the_old_write_was_lost() -> None:
    context = "class UserExecutionContext:\n    @property\n    def metadata(self):\n"
    built = only_finding("context.metadata['a'] = 1", f"{context}        return dict(self.data)\n")
    stored = only_finding("context.metadata['a'] = 1", f"{context}        return self.data\n")
    assert "may have been lost" in built.message
    assert "lost" not in stored.message


def test_nothing_is_suggested_for_an_object_of_another_class() -> None:
    finding = only_finding("other_context.metadata['a'] = 1")
    assert finding.reason == "foreign-context"
    assert "ExecutionContext" in finding.message
    assert finding.suggestion is None


def test_replacing_by_nothing_suggests_nothing_since_a_batch_clears_nothing() -> None:
    assert only_finding("context.metadata = {}").suggestion is None
    suggestion = only_finding("context.metadata = {'a': 1}").suggestion
    assert suggestion == "self.store_metadata_batch(context, {'a': 1})"


def test_an_order_that_could_be_observed_comes_with_code_that_keeps_it() -> None:
    finding = only_finding("context.metadata[self.key] = self.compute()")
    assert finding.suggestion == (
        "value = self.compute()\nself.store_metadata_result(context, self.key, value)"
    )


def test_a_suggestion_of_several_lines_starts_at_the_left() -> None:
    finding = only_finding("context.metadata = {\n            'a': 1,\n        }")
    assert finding.suggestion == "self.store_metadata_batch(context, {\n    'a': 1,\n})"


def test_a_model_dump_that_goes_is_explained() -> None:
    finding = only_finding("context.metadata['a'] = self.result.model_dump()")
    assert finding.after == "self.store_metadata_result(context, 'a', self.result)"
    assert "None are now left out" in finding.message
