"""One source, and what a codemod must make of it."""

from __future__ import annotations

import dataclasses
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import unified_diff
from typing import Any

from migrate import adapters, registry
from migrate.codemod import AnyCodemod, Codemod, FileCodemod, Policy, build_options
from migrate.engine import Engine
from migrate.model import Failure, FileResult, Finding, Status
from migrate.rewrite import splice
from migrate.source import Memory
from migrate.text import SourceText

# pytest then shows the line of the test, and none of this module.
__tracebackhide__ = True

Source = str | bytes
# What `-c` can name: a codemod, something that is made one, or the name of either.
Tested = AnyCodemod | Callable[..., Any] | str
PATH = "example.py"
# The rule of the engine's own findings, about comments that suppress nothing.
_IGNORE = "ignore"
LINE_LENGTH = 88


def check_rewrite(
    codemod: Tested,
    before: Source,
    after: Source,
    *,
    left: Sequence[str] = (),
    options: Mapping[str, object] | None = None,
    path: str = PATH,
    project: Mapping[str, Source] | None = None,
    line_length: int = LINE_LENGTH,
) -> tuple[Finding, ...]:
    """Hold that the codemod turns `before` into `after`, and return the findings.

    `codemod` is one, or what `-c` takes: a LibCST command, a function, or a name of either. A
    source that is a `str` loses a first line break and the indentation that all its lines share, so
    that it can be written where it is used; `bytes` are taken as they are. `left` are the reasons
    of the sites that stay, in their order. `options` is the codemod's table as the configuration
    has it, or a command's arguments; the file stands at `path`, among the files `project`. Raises
    AssertionError if anything is not so.
    """
    data, expected = content(before), content(after)
    result = examine(codemod, data, options, path, project, line_length)
    _succeeded(result)
    require_same_text(expected, data, result)
    _require_left(result, left)
    return result.findings


def check_noop(
    codemod: Tested,
    source: Source,
    *,
    left: Sequence[str] = (),
    options: Mapping[str, object] | None = None,
    path: str = PATH,
    project: Mapping[str, Source] | None = None,
    line_length: int = LINE_LENGTH,
) -> tuple[Finding, ...]:
    """Hold that the codemod leaves the source as it is and asks nobody, and return the findings.

    `left` are the reasons of the sites that it skips, in their order; a site that a comment
    suppresses counts as `suppressed`. The rest is as in `check_rewrite`.
    """
    data = content(source)
    result = examine(codemod, data, options, path, project, line_length)
    _succeeded(result)
    require_same_text(data, data, result)
    asked = [finding for finding in result.findings if finding.status is Status.REVIEW]
    _require(not asked, "nothing should be put up for review, but it finds", _described(asked))
    _require_left(result, left)
    return result.findings


def check_review(
    codemod: Tested,
    source: Source,
    reason: str,
    *,
    options: Mapping[str, object] | None = None,
    path: str = PATH,
    project: Mapping[str, Source] | None = None,
    line_length: int = LINE_LENGTH,
) -> tuple[Finding, ...]:
    """Hold that the codemod leaves every site of the source for review, with this reason.

    There must be one at least. Returns the findings, to look at messages and suggestions. The rest
    is as in `check_rewrite`.
    """
    data = content(source)
    result = examine(codemod, data, options, path, project, line_length)
    _succeeded(result)
    require_same_text(data, data, result)
    _require(bool(result.findings), f"it finds no site, so none to review for {reason!r}")
    other = [f for f in result.findings if (f.status, f.reason) != (Status.REVIEW, reason)]
    _require(not other, f"every site should be for review, {reason!r}, but", _described(other))
    return result.findings


def content(source: Source) -> bytes:
    """The bytes of a source as tests write it."""
    if isinstance(source, bytes):
        return source
    return textwrap.dedent(source.removeprefix("\n")).encode()


def examine(
    codemod: Tested,
    data: bytes,
    options: Mapping[str, object] | None,
    path: str,
    project: Mapping[str, Source] | None,
    line_length: int,
) -> FileResult:
    """What the engine makes of one file, which has been held against all that must always be so.

    Raises AssertionError, and UsageError for options that the codemod does not have.
    """
    tested, settings = _configured(codemod, options or {})
    files = {name: content(source) for name, source in (project or {}).items()}

    def engine_of(codemod: AnyCodemod, current: bytes) -> Engine:
        return Engine(codemod, settings, Memory({**files, path: current}), line_length)

    engine = engine_of(tested, data)
    result = engine.process(path)
    if not engine.concerns(data):
        hidden = engine_of(_without_needles(tested), data).process(path).findings
        _require(not hidden, "no needle is in the file, so this is never seen", _described(hidden))
    _require_documented(tested, result.findings)
    if result.after is not None:
        require_only_sites_change(data, result)
        _require_second_pass(tested, result, engine_of(tested, result.after).process(path))
    return result


def _configured(codemod: Tested, options: Mapping[str, object]) -> tuple[AnyCodemod, Any]:
    """The codemod with its options; a command takes them as its arguments."""
    where = "the options of the test"
    if isinstance(codemod, Codemod | FileCodemod):
        return codemod, build_options(codemod, options, where)
    arguments = tuple((key, str(value)) for key, value in options.items())
    if isinstance(codemod, str):
        loaded = registry.load(registry.Reference(codemod, arguments=arguments))
        return loaded.codemod, build_options(
            loaded.codemod, options if loaded.arguments else {}, where
        )
    adapted = adapters.adapt(codemod, getattr(codemod, "__name__", "codemod"), arguments)
    if adapted is None:
        raise TypeError(f"{codemod!r} is no codemod; it can be {adapters.WHAT}")
    return adapted, build_options(adapted, {}, where)


def _without_needles(codemod: AnyCodemod) -> AnyCodemod:
    """The same codemod, which looks into every file."""
    if isinstance(codemod, FileCodemod):
        return dataclasses.replace(codemod, needles=())
    return dataclasses.replace(
        codemod, needles=lambda options: (b"",), may_match=lambda data, options: True
    )


def _require_documented(codemod: AnyCodemod, findings: Sequence[Finding]) -> None:
    """A user can look each rule up, and is told why a site stays."""
    rules = {rule.id for rule in codemod.rules} | {_IGNORE}
    unknown = [finding for finding in findings if finding.rule not in rules]
    _require(not unknown, f"{codemod.id} has no such rule", _described(unknown))
    staying = (Status.REVIEW, Status.SKIP)
    silent = [finding for finding in findings if finding.status in staying and not finding.reason]
    _require(not silent, "nothing says why a site stays", _described(silent))


def require_only_sites_change(before: bytes, result: FileResult) -> None:
    """The edits are all that changes, and each is in the lines of a site that is rewritten."""
    text = SourceText.decode(before)
    _require(
        text.encode(splice(text.utf8, result.edits)) == result.after,
        "something changes outside the edits that are reported",
    )
    sites = [finding for finding in result.findings if finding.status is Status.REWRITE]
    for edit in result.edits:
        first = text.position(edit.span.start).line
        last = text.position(max(edit.span.start, edit.span.end - 1)).line
        within = any(site.start.line <= first and last <= site.end.line for site in sites)
        _require(within, f"lines {first} to {last} change and are in no site that is rewritten")


def _require_second_pass(codemod: AnyCodemod, first: FileResult, second: FileResult) -> None:
    """Nothing more changes, and of a codemod that finds its sites, just the others are left."""
    if isinstance(codemod, FileCodemod) and codemod.second_pass is not Policy.STRICT:
        return
    if second.failure is not None:
        raise AssertionError(f"a second pass fails: {second.failure.message}")
    if second.after is not None:
        assert second.before is not None
        change = _difference(second.before, second.after, "once", "twice")
        raise AssertionError(f"a second pass changes the file again:\n{change}")
    if isinstance(codemod, FileCodemod):
        return  # what it has to say of the result may be something else
    left, again = (Counter(map(_kind, each.findings)) for each in (first, second))
    left -= Counter({kind: count for kind, count in left.items() if kind[1] == Status.REWRITE})
    if left != again:
        change = _difference_of_lines(_sorted(left), _sorted(again), "left", "found again")
        raise AssertionError(f"a second pass does not find just what was left:\n{change}")


def _kind(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.status, finding.reason or ""


def _sorted(kinds: Counter[tuple[str, str, str]]) -> list[str]:
    return sorted(" ".join(kind).rstrip() for kind in kinds.elements())


def _succeeded(result: FileResult) -> None:
    if result.failure is not None:
        raise AssertionError(_failure(result.failure))


def _failure(failure: Failure) -> str:
    return f"{failure.kind}: {failure.message}"


def _require_left(result: FileResult, left: Sequence[str]) -> None:
    found = [f for f in result.findings if f.status is not Status.REWRITE]
    reasons = [
        "suppressed" if f.status is Status.SUPPRESSED else f.reason or f.status for f in found
    ]
    problem = f"left={tuple(left)!r} is expected, but {'these stay' if found else 'nothing stays'}"
    _require(reasons == list(left), problem, _described(found))


def require_same_text(expected: bytes, before: bytes, result: FileResult) -> None:
    """Raise AssertionError with the difference and the findings, if a file comes out otherwise."""
    found = before if result.after is None else result.after
    if expected != found:
        change = _difference(expected, found, "expected", "found")
        details = _described(result.findings) or "  nothing is found in it"
        raise AssertionError(f"the file does not become what is expected:\n{change}\n{details}")


def require_same_findings(
    expected: Sequence[str], found: Sequence[str], result: FileResult
) -> None:
    """The same for findings and a failure as lines of text; `result` has those that are found."""
    if list(expected) != list(found):
        change = _difference_of_lines(expected, found, "expected", "found")
        failed = f"  {_failure(result.failure)}\n" if result.failure else ""
        details = failed + _described(result.findings)
        raise AssertionError(f"the findings are not those that are expected:\n{change}\n{details}")


def _difference(old: bytes, new: bytes, old_name: str, new_name: str) -> str:
    """A unified diff; what makes no visible difference is shown as an escape."""
    lines, other = (
        [line.decode("utf-8", "backslashreplace") for line in each.splitlines(keepends=True)]
        for each in (old, new)
    )
    if [line.rstrip() for line in lines] == [line.rstrip() for line in other]:
        lines, other = ([ascii(line) for line in each] for each in (lines, other))
    return _difference_of_lines(lines, other, old_name, new_name)


def _difference_of_lines(
    old: Sequence[str], new: Sequence[str], old_name: str, new_name: str
) -> str:
    lines = unified_diff(old, new, old_name, new_name, lineterm="")
    return "\n".join(line.rstrip("\r\n") for line in lines)


def _described(findings: Iterable[Finding]) -> str:
    """Findings for a person, one a line."""
    return "\n".join(
        f"  {f.start.line}:{f.start.column} {' '.join(filter(None, (f.rule, f.status, f.reason)))}"
        f" `{f.before}`: {f.message}"
        for f in findings
    )


def _require(holds: bool, problem: str, details: str = "") -> None:
    if not holds:
        raise AssertionError(f"{problem}:\n{details}" if details else problem)
