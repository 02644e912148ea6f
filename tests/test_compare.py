"""Two classes side by side, as `migrate compare` shows them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from migrate.codemod import Renames
from migrate.compare import Comparison, Verdict, compare
from migrate.project import Project
from migrate.project.interface import interface_of
from migrate.source import Memory

APP = Path(__file__).parent.parent / "fixtures" / "netra_app"
LEGACY = "netra_backend.app.agents.supervisor.user_execution_context.UserExecutionContext"
CANONICAL = "netra_backend.app.services.user_execution_context.UserExecutionContext"
HEAD = "from dataclasses import dataclass, field\n"


def compared(old: str, new: str, renames: Renames | None = None) -> Comparison:
    """Class `C` of two modules with these sources."""
    files = {"old.py": (HEAD + old).encode(), "new.py": (HEAD + new).encode()}
    project = Project(Memory(files))
    classes = [project.find_class(dotted) for dotted in ("old.C", "new.C")]
    interfaces = [interface_of(project, cls) for cls in classes if cls is not None]
    return compare(interfaces[0], interfaces[1], ("old.C", "new.C"), renames or Renames())


def verdicts(comparison: Comparison, section: str) -> dict[str, Verdict]:
    return {row.name: row.verdict for row in comparison.rows if row.section == section}


DATA = "@dataclass\nclass C:\n"


def test_a_parameter_at_another_place_is_covered_since_it_can_be_passed_by_keyword() -> None:
    found = compared(DATA + "    a: int\n    b: int\n", DATA + "    b: int\n    a: int\n")
    assert verdicts(found, "constructor") == {"a": Verdict.COVERED, "b": Verdict.COVERED}
    assert verdicts(found, "fields") == {"a": Verdict.SAME, "b": Verdict.SAME}


def test_a_parameter_that_is_gone_is_incompatible_and_a_renamed_one_is_covered() -> None:
    old, new = DATA + "    a: int\n    b: int\n", DATA + "    c: int\n    d: int = 0\n"
    found = compared(old, new, Renames({"a": "c"}, {"a": "c"}))
    assert verdicts(found, "constructor") == {
        "a": Verdict.COVERED,
        "b": Verdict.INCOMPATIBLE,
        "d": Verdict.ONLY_NEW,
    }
    assert verdicts(found, "fields")["a"] is Verdict.COVERED


def test_a_new_parameter_that_every_call_has_to_give_is_incompatible() -> None:
    found = compared(DATA + "    a: int\n", DATA + "    a: int\n    b: int\n")
    assert verdicts(found, "constructor") == {"a": Verdict.SAME, "b": Verdict.INCOMPATIBLE}


def test_what_was_optional_and_is_required_is_incompatible() -> None:
    found = compared(DATA + "    a: int = 0\n", DATA + "    a: int\n")
    assert verdicts(found, "constructor") == {"a": Verdict.INCOMPATIBLE}


def test_a_field_that_cannot_be_assigned_to_any_more_is_incompatible() -> None:
    frozen = "@dataclass(frozen=True)\nclass C:\n    a: int\n"
    found = compared(DATA + "    a: int\n", frozen)
    assert verdicts(found, "fields") == {"a": Verdict.INCOMPATIBLE}


def test_a_property_that_builds_a_new_object_cannot_stand_in_for_a_field() -> None:
    new = "class C:\n    @property\n    def data(self):\n        return dict(self._data)\n"
    found = compared("class C:\n    data = {}\n", new)
    rows = [row for row in found.rows if row.name == "data" and row.old]
    assert [row.verdict for row in rows] == [Verdict.INCOMPATIBLE]


def test_methods_are_held_against_each_other_parameter_by_parameter() -> None:
    old = """class C:
    def same(self, a, b=1): ...
    def longer(self, a): ...
    def swapped(self, a, b): ...
    def poorer(self, a, b=1): ...
    def plain(self): ...
    def _private(self): ...
"""
    new = """class C:
    def same(self, a, b=1): ...
    def longer(self, a, b=1): ...
    def swapped(self, b, a): ...
    def poorer(self, a): ...
    async def plain(self): ...
    def added(self): ...
"""
    assert verdicts(compared(old, new), "methods") == {
        "same": Verdict.SAME,
        "longer": Verdict.SAME,
        "swapped": Verdict.COVERED,
        "poorer": Verdict.INCOMPATIBLE,
        "plain": Verdict.INCOMPATIBLE,
        "added": Verdict.ONLY_NEW,
    }


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "migrate", "compare", "-C", str(APP), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_prints_the_classes_of_the_application_in_text_and_json() -> None:
    text, data = run(LEGACY, CANONICAL), run(LEGACY, CANONICAL, "--format", "json")
    assert text.returncode == data.returncode == 0, text.stderr + data.stderr
    assert "Constructor" in text.stdout
    assert "incompatible (!)" in text.stdout
    rows = {(row["section"], row["name"]): row for row in json.loads(data.stdout)["rows"]}
    assert rows["constructor", "user_id"]["verdict"] == "same"
    assert rows["constructor", "request_id"]["note"] == "positional: passed by keyword"
    assert rows["constructor", "metadata"]["verdict"] == "covered"
    assert rows["constructor", "metadata"]["note"].startswith("keyword: metadata= becomes ")
    assert rows["constructor", "audit_metadata"]["verdict"] == "only new"


def test_a_name_that_leads_to_no_class_is_wrong_usage() -> None:
    result = run("no.such.Class", CANONICAL)
    assert result.returncode == 2
    assert "no.such.Class" in result.stderr
    assert "Traceback" not in result.stderr
