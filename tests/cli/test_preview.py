"""A codemod in preview runs only where somebody names it."""

from __future__ import annotations

from pathlib import Path

from migrate.pipeline import Request, run
from migrate.registry import codemods

PREVIEW = [id for id, codemod in codemods().items() if codemod.preview]
OFFERED = [id for id, codemod in codemods().items() if not codemod.preview]


def ran(folder: Path, *ids: str) -> list[str]:
    return [codemod.id for codemod in run(Request(folder, codemods=ids)).codemods]


def test_without_a_name_only_what_is_proven_runs(tmp_path: Path) -> None:
    assert PREVIEW == ["context-imports", "websocket-events"]
    assert ran(tmp_path) == OFFERED


def test_the_command_line_can_name_one(tmp_path: Path) -> None:
    assert ran(tmp_path, "context-imports") == ["context-imports"]


def test_the_configuration_can_name_one(tmp_path: Path) -> None:
    (tmp_path / "migrate.toml").write_text('codemods = ["context-imports"]\n')
    assert ran(tmp_path) == ["context-imports"]
