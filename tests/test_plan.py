"""From results to commits: their order, their size, and what they say."""

from __future__ import annotations

from collections.abc import Sequence

from migrate.model import FileResult, Finding, Position, Status
from migrate.plan import Stage, plan_batches

START = Position(1, 1)


def result(path: str, *rules: str, status: Status = Status.REWRITE) -> FileResult:
    """A file with a finding for each rule, changed if those are rewrites."""
    findings = tuple(
        Finding(f"{path}-{at}", "toy", rule, status, None, "", START, START, "")
        for at, rule in enumerate(rules)
    )
    after = f"# {path}\n".encode() if status is Status.REWRITE else None
    return FileResult(path, findings, after=after)


def paths(stage: Stage, priority: Sequence[str] = (), size: int = 20) -> list[tuple[str, ...]]:
    return [content.batch.paths for content in plan_batches([stage], "base", priority, size)]


def test_a_file_that_does_not_change_is_in_no_batch() -> None:
    review = result("b.py", "get", status=Status.REVIEW)
    assert paths(Stage("toy", 1, (result("a.py", "get"), review))) == [("a.py",)]


def test_no_change_makes_no_batch() -> None:
    assert paths(Stage("toy", 1, ())) == []


def test_batches_hold_at_most_as_many_files_as_asked_for() -> None:
    stage = Stage("toy", 1, tuple(result(f"{at}.py", "get") for at in range(5)))
    assert paths(stage, size=2) == [("0.py", "1.py"), ("2.py", "3.py"), ("4.py",)]


def test_files_are_ordered_by_path() -> None:
    stage = Stage("toy", 1, (result("b/a.py", "x"), result("a.py", "x"), result("B.py", "x")))
    assert paths(stage) == [("B.py", "a.py", "b/a.py")]


def test_the_first_glob_that_matches_decides_the_order_and_the_path_within_it() -> None:
    names = ["z.py", "lib/b.py", "lib/a.py", "app/core/x.py", "app/y.py"]
    stage = Stage("toy", 1, tuple(result(name, "x") for name in names))
    priority = ["app/core/", "lib/*.py", "app/"]
    assert paths(stage, priority) == [("app/core/x.py", "lib/a.py", "lib/b.py", "app/y.py", "z.py")]


def test_each_codemod_has_batches_of_its_own_numbered_over_the_run() -> None:
    stages = [Stage("one", 1, (result("a.py", "x"),)), Stage("two", 3, (result("a.py", "y"),))]
    first, second = plan_batches(stages, "base", (), 20)
    assert (first.batch.number, first.batch.codemod) == (1, "one")
    assert (second.batch.number, second.batch.codemod) == (2, "two")
    assert "Migrate-Codemod: two/3\nMigrate-Batch: 2/2\n" in second.message


def test_the_message_counts_by_rule_and_names_codemod_batch_and_base() -> None:
    stage = Stage("toy", 2, (result("a.py", "get", "assign"), result("b.py", "get")))
    (content,) = plan_batches([stage], "c0ffee", (), 20)
    assert content.message == (
        "migrate(toy): rewrite 3 sites in 2 files\n\n"
        "assign: 1\nget: 2\n\n"
        "Migrate-Codemod: toy/2\nMigrate-Batch: 1/1\nMigrate-Base: c0ffee\n"
    )
    assert content.batch.title == content.message.partition("\n")[0]


def test_one_is_no_plural() -> None:
    (content,) = plan_batches([Stage("toy", 1, (result("a.py", "get"),))], "base", (), 20)
    assert content.batch.title == "migrate(toy): rewrite 1 site in 1 file"


def test_only_rewrites_are_counted() -> None:
    review = result("a.py", "get", status=Status.REVIEW).findings
    changed = FileResult("a.py", (*result("a.py", "set").findings, *review), after=b"")
    (content,) = plan_batches([Stage("toy", 1, (changed,))], "base", (), 20)
    assert "rewrite 1 site in" in content.batch.title
    assert "get" not in content.message


def test_a_batch_has_the_new_content_of_its_files_even_if_that_is_empty() -> None:
    changed = FileResult("a.py", result("a.py", "set").findings, after=b"")
    (content,) = plan_batches([Stage("toy", 1, (changed,))], "base", (), 20)
    assert content.contents == {"a.py": b""}


def test_batches_of_a_part_are_those_of_the_whole_up_to_their_number() -> None:
    stage = Stage("toy", 1, tuple(result(f"{at}.py", "get") for at in range(4)))
    whole = plan_batches([stage], "base", (), 2)
    assert [content.batch.number for content in whole] == [1, 2]
    assert whole == plan_batches([stage], "base", (), 2)
