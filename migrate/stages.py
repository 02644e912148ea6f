"""Codemods over the files of a source, one after the other, in worker processes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, TypeVar

from migrate import registry, workers
from migrate.codemod import (
    AnyCodemod,
    Codemod,
    FileCodemod,
    Unanswered,
    argument_table,
    build_options,
)
from migrate.engine import Engine, codemod_failure, read_failure
from migrate.model import Failure, FailureKind, FileResult
from migrate.plan import Stage
from migrate.project import Project
from migrate.source import Overlay, Source

Progress = Callable[[str, int, int], None]
_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")
# A file's path, and what was found out about it before.
_Work = tuple[str, Any]
# The digest of a file's content, and its path.
_Candidate = tuple[bytes, str]

_SCANNED_AT_ONCE = 512
_ANALYSED_AT_ONCE = 8
_ASKED_AT_ONCE = 16
# Starting a process costs about as much as looking through this many files.
_WORTH_A_PROCESS = 400
_DIED = "the process that worked on it died"


@dataclass(frozen=True)
class Setup:
    """A codemod as the command line or the configuration names it, and its table of options.

    It is loaded where it is used, so that processes need not send each other code. `where` names
    the table for messages. `codemod` and `options` raise UsageError.
    """

    reference: registry.Reference
    table: Mapping[str, object] = field(default_factory=dict, hash=False)
    where: str = ""

    @property
    def codemod(self) -> AnyCodemod:
        """The codemod itself."""
        return registry.load(self.reference).codemod

    @cached_property
    def options(self) -> Any:
        """Its options, those of the command line before those of the table."""
        loaded = registry.load(self.reference)
        if loaded.options is not None:
            return loaded.options
        given = argument_table(self.codemod, loaded.arguments or ())
        return build_options(self.codemod, {**self.table, **given}, self.where)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle what was given, not what was made of it."""
        return type(self), (self.reference, dict(self.table), self.where)


@dataclass(frozen=True)
class _Job:
    """One codemod with all that its engine needs; sent to every worker process once."""

    setup: Setup
    source: Source
    line_length: int
    root: str
    known: tuple[str, ...] = ()
    changing: frozenset[str] | None = None

    @property
    def is_foreign(self) -> bool:
        """Whether it runs code that was made for other tools, and may end its process."""
        return isinstance(self.setup.codemod, FileCodemod)

    def engine(self) -> Engine:
        return Engine(
            self.setup.codemod,
            self.setup.options,
            self.source,
            self.line_length,
            self.known,
            self.root,
            self.changing,
        )


def run_stages(
    setups: Sequence[Setup],
    source: Source,
    selected: Sequence[str],
    line_length: int,
    root: str,
    *,
    known: Sequence[str],
    processes: int,
    progress: Progress,
) -> list[Stage]:
    """Run the codemods one after the other, each on what those before it made.

    `selected` are the files that may change; `source` has those that facts come from, too.
    `root` is the absolute path of the folder that paths are relative to. `known` are the ids of
    all codemods. `progress` is called with the phase's name, how many files
    are done and how many there are.
    """
    changing = frozenset(selected)
    jobs = [_Job(setup, source, line_length, root, changing=changing) for setup in setups]
    # Once is enough to report comments that ignore no codemod there is.
    jobs[0] = replace(jobs[0], known=tuple(known))
    candidates, unread = _scan(jobs, selected, processes, progress)
    contents: dict[str, bytes] = {}
    stages: list[Stage] = []
    for number, job in enumerate(jobs):
        seen = replace(job, source=Overlay(source, dict(contents)) if contents else source)
        groups = _alike(candidates[number], contents)
        results = sorted(_analyse(seen, groups, processes, progress), key=lambda r: r.path)
        kept = [result for result in results if result.findings or result.failure]
        if number == 0:
            kept = sorted([*kept, *unread], key=lambda result: result.path)
        stages.append(Stage(job.setup.codemod.id, job.setup.codemod.version, tuple(kept)))
        contents.update({r.path: r.after for r in results if r.after is not None})
    return stages


def _scan(
    jobs: Sequence[_Job], paths: Sequence[str], processes: int, progress: Progress
) -> tuple[list[list[_Candidate]], list[FileResult]]:
    """The files that each codemod may have something to do in, and those that cannot be read."""
    if len(paths) <= _WORTH_A_PROCESS:
        processes = 1
    chunks = _chunks(paths, _SCANNED_AT_ONCE)
    candidates: list[list[_Candidate]] = [[] for _ in jobs]
    unread: list[FileResult] = []
    done = 0
    with workers.Pool(partial(_engines, tuple(jobs)), min(processes, len(chunks))) as pool:
        for found, failed in pool.run(_scan_chunk, chunks, _crashed_scan):
            for into, some in zip(candidates, found or [[] for _ in jobs], strict=True):
                into += some
            unread += failed
            done = min(done + _SCANNED_AT_ONCE, len(paths))
            progress("reading", done, len(paths))
    return candidates, unread


def _engines(jobs: Sequence[_Job]) -> list[Engine]:
    return [job.engine() for job in jobs]


def _scan_chunk(
    engines: Sequence[Engine], paths: Sequence[str]
) -> tuple[list[list[_Candidate]], list[FileResult]]:
    found: list[list[_Candidate]] = [[] for _ in engines]
    failed: list[FileResult] = []
    for path in paths:
        try:
            data = engines[0].files.read(path)
        except OSError as error:
            failed.append(FileResult(path, failure=read_failure(error)))
            continue
        for into, engine in zip(found, engines, strict=True):
            if _concerns(engine, data):
                into.append((hashlib.sha256(data).digest(), path))
    return found, failed


def _concerns(engine: Engine, data: bytes) -> bool:
    try:
        return engine.concerns(data)
    except Exception:  # a fault of the codemod; it is met again, and reported, in the analysis
        return True


def _crashed_scan(path: str) -> tuple[list[list[_Candidate]], list[FileResult]]:
    return [], [_crashed(path)]


def _alike(candidates: Sequence[_Candidate], contents: Mapping[str, bytes]) -> list[list[str]]:
    """The candidates, and the files that an earlier codemod changed, grouped by their content.

    Backups and copies are then parsed once. Groups and their paths are in the order of paths.
    """
    groups: dict[bytes, list[str]] = {}
    digests = {path: digest for digest, path in candidates}
    digests.update((path, hashlib.sha256(data).digest()) for path, data in contents.items())
    for path in sorted(digests):
        groups.setdefault(digests[path], []).append(path)
    return list(groups.values())


def _analyse(
    job: _Job, groups: Sequence[Sequence[str]], processes: int, progress: Progress
) -> Iterator[FileResult]:
    total = sum(map(len, groups))
    if total == 0:
        return
    at_once = _ANALYSED_AT_ONCE
    if job.is_foreign:  # which takes long for a file, so that few are worth a process
        at_once = max(1, min(at_once, total // (4 * processes)))
    chunks: list[list[str]] = [[]]
    for group in groups:
        if len(chunks[-1]) >= at_once:
            chunks.append([])
        chunks[-1] += group
    if not _is_surveyed(job):
        processes = min(processes, total // at_once) if total > at_once * 2 else 1
    done = 0
    with workers.Pool(job.engine, processes, apart=job.is_foreign) as pool:
        try:
            found = job.engine().survey(partial(_each, pool, processes, job, progress))
        except Exception as error:
            failure = codemod_failure(job.setup.codemod, error)
            yield from (FileResult(path, failure=failure) for group in groups for path in group)
            return
        work = [[(path, found.get(path)) for path in chunk] for chunk in chunks]
        for results in pool.run(_analyse_chunk, work, _crashed_chunk):
            yield from results
            done += len(results)
            progress(job.setup.codemod.id, done, total)


def _is_surveyed(job: _Job) -> bool:
    """Whether there is enough to survey for several processes, however few files are analysed."""
    codemod = job.setup.codemod
    surveys = isinstance(codemod, Codemod) and codemod.survey is not None
    return surveys and len(job.source.paths) > _WORTH_A_PROCESS


def _analyse_chunk(engine: Engine, work: Sequence[_Work]) -> list[FileResult]:
    engine.surveyed = dict(work)
    return [engine.process(path) for path, _ in work]


def _crashed_chunk(work: _Work) -> list[FileResult]:
    return [_crashed(work[0])]


def _each(
    pool: workers.Pool[Engine],
    processes: int,
    job: _Job,
    progress: Progress,
    ask: Callable[[Project, _Item], _Answer],
    items: Sequence[_Item],
) -> Iterator[_Answer | Unanswered]:
    """What `migrate.codemod.Each` says, for a codemod's survey."""
    size = min(max(len(items) // (4 * processes), 1), _ASKED_AT_ONCE)
    done = 0
    for answers in pool.run(partial(_ask_chunk, ask), _chunks(items, size), _unanswered):
        yield from answers
        done += len(answers)
        progress(f"{job.setup.codemod.id}, survey", done, len(items))


def _ask_chunk(
    ask: Callable[[Project, _Item], _Answer], engine: Engine, items: Sequence[_Item]
) -> list[_Answer | Unanswered]:
    return list(engine.ask(ask, items))


def _unanswered(item: object) -> list[Any]:
    return [Unanswered(_DIED)]


def _crashed(path: str) -> FileResult:
    return FileResult(path, failure=Failure(FailureKind.CODEMOD, _DIED))


def _chunks(items: Sequence[_Item], size: int) -> list[Sequence[_Item]]:
    return [items[at : at + size] for at in range(0, len(items), size)]
