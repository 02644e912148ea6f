"""`# migrate: ignore[...]` leaves a site alone, and says so where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tool import AGENT, PROJECT, SITE

from codemods.metadata_storage import CODEMOD
from migrate.codemod import build_options
from migrate.engine import Engine
from migrate.model import FileResult
from migrate.pipeline import Request, run
from migrate.source import Memory

LINE = len(AGENT.splitlines())
CODE = SITE.rstrip(b"\n")
OWN = b"# migrate: ignore[metadata-storage]"
INDENT = b" " * 8


def process(data: bytes) -> FileResult:
    table = {"agent": "app.base.BaseAgent", "contexts": ["app.context.UserExecutionContext"]}
    files = Memory({**PROJECT, "app/agent.py": data})
    return Engine(CODEMOD, build_options(CODEMOD, table, ""), files, 88).process("app/agent.py")


def found(result: FileResult) -> list[tuple[int, str, str, str | None]]:
    assert result.failure is None
    return [(each.start.line, each.rule, each.status, each.reason) for each in result.findings]


def with_site(lines: bytes) -> bytes:
    """The agent with these lines in the place of its site."""
    return AGENT.replace(SITE, lines)


@pytest.mark.parametrize(
    "lines",
    [
        CODE + b"  " + OWN + b"\n",
        CODE + b"  # noqa  " + OWN + b" for a reason\n",
        CODE + b"  # migrate: ignore[other, metadata-storage]\n",
        CODE + b"  # migrate: ignore[ metadata-storage ,other] why\n",
        CODE + b"  #migrate:ignore[metadata-storage]\n",
    ],
)
def test_a_comment_on_the_line_suppresses_its_site(lines: bytes) -> None:
    result = process(with_site(lines))
    assert found(result) == [(LINE, "assign", "suppressed", None)]
    assert result.after is None


def test_a_comment_on_the_line_above_suppresses_the_next() -> None:
    result = process(with_site(INDENT + OWN + b"\n" + SITE))
    assert found(result) == [(LINE + 1, "assign", "suppressed", None)]
    assert result.after is None


def test_a_comment_above_does_not_reach_over_a_line() -> None:
    result = process(with_site(INDENT + OWN + b"\n\n" + SITE))
    assert found(result) == [
        (LINE, "ignore", "review", "unused-ignore"),
        (LINE + 2, "assign", "rewrite", None),
    ]


def test_a_comment_behind_code_does_not_mean_the_next_line() -> None:
    result = process(with_site(INDENT + b"x = 1  " + OWN + b"\n" + SITE))
    assert found(result) == [
        (LINE, "ignore", "review", "unused-ignore"),
        (LINE + 1, "assign", "rewrite", None),
    ]


def test_one_comment_suppresses_every_site_of_its_line_and_no_other() -> None:
    line = CODE + b'; context.metadata["more"] = 2  ' + OWN + b"\n"
    result = process(with_site(line + SITE))
    assert found(result) == [
        (LINE, "assign", "suppressed", None),
        (LINE, "assign", "suppressed", None),
        (LINE + 1, "assign", "rewrite", None),
    ]
    assert result.after is not None
    assert line in result.after


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_comment_on_any_line_of_a_site_suppresses_it(at: int) -> None:
    lines = [INDENT + b'context.metadata["result"] = (', INDENT + b"    1", INDENT + b")"]
    lines[at] += b"  " + OWN
    result = process(with_site(b"\n".join(lines) + b"\n"))
    assert found(result) == [(LINE, "assign", "suppressed", None)]


@pytest.mark.parametrize(
    "comment",
    [
        b"# migrate: ignore[other]",
        b"# migrate: ignore[]",
        b"# migrate: ignore",
        b"# migrate: ignore[metadata]",
        b"# migrate: ignored[metadata-storage]",
        b"# immigrate: ignore[metadata-storage]",
    ],
)
def test_a_comment_that_names_no_such_codemod_suppresses_nothing(comment: bytes) -> None:
    result = process(with_site(CODE + b"  " + comment + b"\n"))
    assert found(result) == [(LINE, "assign", "rewrite", None)]


def test_a_string_is_no_comment() -> None:
    result = process(with_site(CODE.replace(b"1", b'"' + OWN + b'"') + b"\n"))
    assert found(result) == [(LINE, "assign", "rewrite", None)]


def test_a_comment_that_suppresses_nothing_is_reported_with_its_place() -> None:
    result = process(AGENT + INDENT + b"x = 1  " + OWN + b" once upon a time\n")
    assert found(result) == [
        (LINE, "assign", "rewrite", None),
        (LINE + 1, "ignore", "review", "unused-ignore"),
    ]
    (unused,) = [each for each in result.findings if each.rule == "ignore"]
    assert (unused.start.column, unused.before) == (16, OWN.decode())


def test_a_file_without_any_site_is_looked_into_for_comments() -> None:
    assert found(process(b"x = 1  " + OWN + b"\n")) == [(1, "ignore", "review", "unused-ignore")]


def test_other_line_endings_are_lines_too() -> None:
    for ending in (b"\r\n", b"\r"):
        result = process(with_site(INDENT + OWN + b"\n" + SITE).replace(b"\n", ending))
        assert found(result) == [(LINE + 1, "assign", "suppressed", None)]


def test_a_comment_that_ignores_a_codemod_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1  # migrate: ignore[metadata-storge]\n")
    (tmp_path / "b.py").write_text("x = 1  # migrate: ignore[metadata-storage]\n")
    found = run(Request(tmp_path, ())).files
    messages = {file.path: file.findings[0].message for file in found}
    assert "'metadata-storge'" in messages["a.py"]
    assert "no site on its line" in messages["b.py"]
