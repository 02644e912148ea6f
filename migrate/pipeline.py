"""A run from end to end: files, candidates, results, batches, and commits where they are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from migrate import config, discovery, workers
from migrate.codemod import Policy, Renames
from migrate.compare import Comparison, compare
from migrate.errors import RepositoryError, UsageError
from migrate.model import (
    Batch,
    BatchContent,
    Failure,
    FailureKind,
    FileResult,
    Mode,
    Report,
    Settings,
)
from migrate.plan import Stage, plan_batches, with_commits
from migrate.project import Project
from migrate.project.interface import interface_of
from migrate.project.types import ClassRef
from migrate.registry import Reference, load, load_recipe
from migrate.registry import codemods as installed
from migrate.repository import Repository
from migrate.source import CommitTree, Overlay, Source, WorkingTree
from migrate.stages import Progress, Setup, run_stages
from migrate.summary import report_files, summarise


@dataclass(frozen=True)
class Request:
    """What the command line asks for; what is None or empty is left to the configuration.

    `paths` are relative to `folder`, which is in the repository or a plain folder. `codemods` are
    ids, or references as `migrate.registry` knows them, and `recipes` are files; `arguments`,
    `needles`, `second_pass` and `bound_names` are for the one codemod that is named.
    """

    folder: Path
    paths: tuple[str, ...] = ()
    codemods: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
    needles: tuple[str, ...] = ()
    second_pass: Policy | None = None
    bound_names: Policy | None = None
    exclude: tuple[str, ...] = ()
    mode: Mode = Mode.DRY_RUN
    branch: str | None = None
    batch_size: int | None = None
    switch: bool = False
    jobs: int | None = None


@dataclass(frozen=True)
class _Plan:
    """The outcome of all stages."""

    stages: tuple[Stage, ...]
    batches: tuple[BatchContent, ...]


def run(request: Request, progress: Progress = lambda phase, done, total: None) -> Report:
    """Preview a migration or commit it, as the request says.

    `progress` is called with the phase's name, how many files are done and how many there are.
    Raises UsageError and RepositoryError; a file that fails is part of the report.
    """
    repository = Repository.find(_existing(request.folder))
    root = repository.root if repository else request.folder.resolve()
    settings = _settings(request, root)
    jobs = _setups(settings, _references(request, settings))
    wanted = discovery.relative_wanted(root, request.folder, request.paths)
    if request.mode is Mode.DRY_RUN:
        return _preview(request, settings, repository, root, jobs, wanted, progress)
    if repository is None:
        raise RepositoryError(
            f"{request.folder} is not in a git repository, and --apply commits to a branch;"
            " `git init` and a first commit make it one"
        )
    return _apply(request, settings, repository, jobs, wanted, progress)


def _preview(
    request: Request,
    settings: Settings,
    repository: Repository | None,
    root: Path,
    jobs: Sequence[Setup],
    wanted: Sequence[str],
    progress: Progress,
) -> Report:
    unreadable: Mapping[str, str] = {}
    if repository is not None:
        files = repository.working_files()
    else:
        listing = discovery.folder_files(root)
        files, unreadable = listing.files, listing.unreadable
    selected = discovery.select(files, settings.include, settings.exclude, wanted)
    source = WorkingTree(root, _python_and(files, selected))
    base = repository.head() if repository else None
    plan = _plan(jobs, root, source, selected, settings, base, request, progress)
    failed = tuple(
        FileResult(path, failure=Failure(FailureKind.READ, f"cannot read this folder: {why}"))
        for path, why in unreadable.items()
    )
    first = plan.stages[0]
    stages = (replace(first, results=(*first.results, *failed)), *plan.stages[1:])
    return Report(
        mode=Mode.DRY_RUN,
        base=base,
        branch=None,
        codemods=tuple(summarise(stage) for stage in plan.stages),
        files=report_files(stages),
        batches=tuple(content.batch for content in plan.batches),
        scanned=len(selected),
    )


def _apply(
    request: Request,
    settings: Settings,
    repository: Repository,
    jobs: Sequence[Setup],
    wanted: Sequence[str],
    progress: Progress,
) -> Report:
    base = repository.head()
    if base is None:
        raise RepositoryError(
            f"{repository.root} has no commit yet, so there is nothing to build on;"
            " commit your files first"
        )
    branch = request.branch or f"migrate/{base[:9]}"
    repository.check_branch_name(branch)
    repository.check_identity()
    with repository.lock():
        changed = repository.changed_paths()
        entries = repository.commit_files(base)
        python = {path: entry for path, entry in entries.items() if path.endswith(".py")}
        selected = discovery.select(sorted(entries), settings.include, settings.exclude, wanted)
        python.update({path: entries[path] for path in selected})
        source = CommitTree(repository.root, python, changed, repository.read_blob)
        plan = _plan(jobs, repository.root, source, selected, settings, base, request, progress)
        _refuse_dirty(plan, source, changed, jobs, settings, repository, wanted, request)
        made: list[Batch] = []

        def note(batch: Batch) -> None:
            made.append(batch)
            progress("committing", batch.number, len(plan.batches))

        commits = repository.commit_batches(base, branch, plan.batches, note)
    if request.switch and commits:
        repository.switch(branch)
    return Report(
        mode=Mode.APPLY,
        base=base,
        branch=branch if commits else None,
        codemods=tuple(summarise(stage) for stage in plan.stages),
        files=report_files(plan.stages),
        batches=with_commits(plan.batches, commits),
        scanned=len(selected),
        already=len(commits) - len(made),
    )


def compare_classes(folder: Path, old: str, new: str) -> Comparison:
    """Two classes of a repository or folder side by side, named as `package.module.Class`.

    Raises UsageError for a name that leads to no class there.
    """
    repository = Repository.find(_existing(folder))
    root = repository.root if repository else folder.resolve()
    files = repository.working_files() if repository else discovery.folder_files(root).files
    project = Project(WorkingTree(root, _python_and(files, ())))
    settings = config.load(root, installed())
    keywords: dict[str, str] = {}
    attributes: dict[str, str] = {}
    for setup in _setups(settings, map(Reference, installed())):
        renames = setup.codemod.renames(setup.options)
        keywords.update(renames.keywords)
        attributes.update(renames.attributes)
    (here,) = discovery.relative_wanted(root, folder, ["."])
    sides = [interface_of(project, _class_named(project, dotted, here)) for dotted in (old, new)]
    return compare(sides[0], sides[1], (old, new), Renames(keywords, attributes))


def _class_named(project: Project, dotted: str, folder: str) -> ClassRef:
    found = project.find_class(dotted, "" if folder == "." else folder)
    if found is None:
        raise UsageError(f"{dotted}: there is no such class here; name it as package.module.Class")
    return found


# Settings


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder")
    return folder


def _settings(request: Request, root: Path) -> Settings:
    """The configuration, with what the command line adds or overrides."""
    settings = config.load(root, installed())
    return replace(
        settings,
        exclude=(*settings.exclude, *request.exclude),
        batch_size=request.batch_size or settings.batch_size,
    )


def _references(request: Request, settings: Settings) -> list[Reference]:
    """The codemods to run; if none is named, all installed ones but those in preview."""
    policies = request.second_pass or request.bound_names
    given = request.arguments or request.needles or policies
    if given and len(request.codemods) != 1:
        raise UsageError(
            "--codemod-arg, --needle, --second-pass and --names are for one codemod: name it with"
            " -c"
        )
    steps = tuple(
        f"{name}:{kind}" for name in request.recipes for kind in load_recipe(name, _here()).steps
    )
    offered = tuple(id for id, codemod in installed().items() if not codemod.preview)
    return [
        Reference(
            name,
            _here() if ".py" in name or ".toml" in name else "",
            request.arguments,
            tuple(needle.encode() for needle in request.needles),
            request.second_pass,
            request.bound_names,
        )
        for name in (*request.codemods, *steps) or settings.codemods or offered
    ]


def _here() -> str:
    """The current folder, where relative paths of the command line start."""
    try:
        return str(Path.cwd())
    except OSError as error:
        raise UsageError(f"the current folder cannot be used: {error.strerror}") from None


def _setups(settings: Settings, references: Iterable[Reference]) -> list[Setup]:
    """The codemods with their options, in this order, each once."""
    setups: dict[str, Setup] = {}
    for reference in dict.fromkeys(references):
        id = load(reference).codemod.id
        if id in setups:
            raise UsageError(
                f"{setups[id].reference.name} and {reference.name} are both called {id}"
            )
        table = settings.options.get(id, {})
        setups[id] = Setup(reference, table, f"{settings.where}: {id}")
        setups[id].options  # noqa: B018 (raises for a wrong one)
    if not setups:
        raise UsageError("no codemod is installed")
    return list(setups.values())


def _python_and(files: Sequence[str], selected: Sequence[str]) -> list[str]:
    """The files that facts can come from: every Python file, and whatever is selected."""
    chosen = set(selected)
    return [path for path in files if path.endswith(".py") or path in chosen]


def _plan(
    setups: Sequence[Setup],
    root: Path,
    source: Source,
    selected: Sequence[str],
    settings: Settings,
    base: str | None,
    request: Request,
    progress: Progress,
) -> _Plan:
    """All stages of a run, and the batches that their results make."""
    stages = run_stages(
        setups,
        source,
        selected,
        settings.line_length,
        str(root),
        known=(*installed(), *(setup.codemod.id for setup in setups)),
        processes=request.jobs or workers.available(),
        progress=progress,
    )
    priority = settings.priority or tuple(g for s in setups for g in s.codemod.priority)
    batches = plan_batches(stages, base, priority, settings.batch_size)
    return _Plan(tuple(stages), tuple(batches))


# Uncommitted changes


def _refuse_dirty(
    plan: _Plan,
    source: CommitTree,
    changed: frozenset[str],
    setups: Sequence[Setup],
    settings: Settings,
    repository: Repository,
    wanted: Sequence[str],
    request: Request,
) -> None:
    """Raise RepositoryError if a file that the migration changes has uncommitted changes.

    That is one which it would change as it is committed, or as it is in the working tree: what a
    preview shows is what --apply has to commit.
    """
    committed = {path for content in plan.batches for path in content.contents}
    working = set(repository.working_files())
    suspects = discovery.select(
        sorted(working & changed), settings.include, settings.exclude, wanted
    )
    here = WorkingTree(repository.root, suspects)
    contents = {path: data for path in suspects if (data := _read(here, path)) is not None}
    overlaid = Overlay(source, contents)
    silent = replace(request, jobs=1)
    preview = _plan(
        setups,
        repository.root,
        overlaid,
        sorted(contents),
        settings,
        None,
        silent,
        lambda phase, done, total: None,
    )
    previewed = {path for content in preview.batches for path in content.contents}
    dirty = sorted((committed & changed) | previewed)
    if dirty:
        shown = "".join(f"\n  {path}" for path in dirty[:10])
        more = f"\n  and {len(dirty) - 10} more" if len(dirty) > 10 else ""
        raise RepositoryError(
            f"{len(dirty)} file{'s'[: len(dirty) != 1]} that the migration changes "
            f"{'have' if len(dirty) != 1 else 'has'} uncommitted changes:{shown}{more}\n"
            "commit or stash them, or leave them out with --exclude"
        )


def _read(source: Source, path: str) -> bytes | None:
    try:
        return source.read(path)
    except OSError:
        return None
