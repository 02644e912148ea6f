"""From results to batches: which files each commit holds, in what order, and what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pathspec import GitIgnoreSpec

from migrate.model import Batch, BatchContent, FileResult, Status


@dataclass(frozen=True, slots=True)
class Stage:
    """All that one codemod of a run did, its files in the order of their paths."""

    codemod: str
    version: int
    results: tuple[FileResult, ...]


def plan_batches(
    stages: Iterable[Stage], base: str | None, priority: Sequence[str], size: int
) -> list[BatchContent]:
    """The commits of a run, in order: by codemod, then by the first matching glob, then by path.

    `base` is the commit that they build on; it goes into the messages.
    """
    drafts: list[tuple[Stage, list[FileResult]]] = []
    for stage in stages:
        changed = [result for result in stage.results if result.after is not None]
        changed.sort(key=_order(priority))
        drafts += [(stage, changed[at : at + size]) for at in range(0, len(changed), size)]
    return [
        _content(stage, results, number, len(drafts), base)
        for number, (stage, results) in enumerate(drafts, start=1)
    ]


def _order(priority: Sequence[str]) -> Callable[[FileResult], tuple[int, str]]:
    specs = [GitIgnoreSpec.from_lines([glob]) for glob in priority]

    def key(result: FileResult) -> tuple[int, str]:
        ranks = (at for at, spec in enumerate(specs) if spec.match_file(result.path))
        return next(ranks, len(specs)), result.path

    return key


def _content(
    stage: Stage, results: Sequence[FileResult], number: int, total: int, base: str | None
) -> BatchContent:
    rules = Counter(
        finding.rule
        for result in results
        for finding in result.findings
        if finding.status is Status.REWRITE
    )
    sites, files = rules.total(), len(results)
    title = (
        f"migrate({stage.codemod}): rewrite {sites} site{'s'[: sites != 1]}"
        f" in {files} file{'s'[: files != 1]}"
    )
    body = "\n".join(f"{rule}: {count}" for rule, count in sorted(rules.items()))
    trailers = (
        f"Migrate-Codemod: {stage.codemod}/{stage.version}\n"
        f"Migrate-Batch: {number}/{total}\n"
        f"Migrate-Base: {base}"
    )
    paths = tuple(result.path for result in results)
    return BatchContent(
        Batch(number, stage.codemod, title, paths),
        f"{title}\n\n{body}\n\n{trailers}\n",
        {result.path: result.after for result in results if result.after is not None},
    )


def with_commits(batches: Sequence[BatchContent], commits: Sequence[str]) -> tuple[Batch, ...]:
    """The batches with the ids of the commits that were made of them."""
    return tuple(
        replace(content.batch, commit=commit)
        for content, commit in zip(batches, commits, strict=True)
    )
