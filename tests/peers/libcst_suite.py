"""A plugin for pytest: LibCST's own tests of its commands, through our pipeline.

    python -m pytest -p libcst_suite --pyargs libcst.codemod

All of these tests go through `CodemodTest.assertCodemod`. Here it writes the source to a file of a
real repository, runs the command as `migrate --apply` does, and takes the result from the commit.
The tests themselves stay as they are. Their sources are snippets, which use names that nothing
binds; so the proof of names, which would leave such a file alone, only warns. At the end it says
how many calls it took over, in which tests the command would have changed its own result, and in
which the proof of names did not hold.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from git import Repo
from libcst.codemod import Codemod, CodemodContext
from libcst.codemod._testing import _CodemodTest

from migrate.adapters import adapt
from migrate.codemod import FileCodemod, Policy
from migrate.model import FileReport, Finding, Mode, Status
from migrate.pipeline import Request, run

# The commands of the cases, for the registry to load by name as it loads any other.
_cases = ModuleType("libcst_suite_cases")
sys.modules[_cases.__name__] = _cases
_numbers = count(1)

_calls = 0
_doubts: dict[str, list[str]] = {"second-pass": [], "names": []}
_test = ""


class _Repository:
    """One repository for all cases, each with a file and a branch of its own."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="libcst-suite-"))
        self._repo = Repo.init(self.root)
        with self._repo.config_writer() as config:
            config.set_value("user", "name", "A Tester")
            config.set_value("user", "email", "tester@example.com")
            config.set_value("core", "autocrlf", "false")
        self._repo.git.commit("--allow-empty", "--quiet", "--message=start")

    def commit(self, path: str, data: bytes) -> None:
        (self.root / path).write_bytes(data)
        self._repo.git.add(path)
        self._repo.git.commit("--quiet", "--message=a case")

    def content(self, branch: str, path: str) -> bytes:
        return self._repo.commit(branch).tree[path].data_stream.read()

    def remove(self) -> None:
        self._repo.close()
        shutil.rmtree(self.root, ignore_errors=True)


_repository: _Repository | None = None


def _bound(
    command: type[Codemod], context: CodemodContext | None, args: Sequence[Any], kwargs: Any
) -> type[Codemod]:
    """The command with a case's arguments, which are Python values, and what it says of a file."""

    class Case(command):  # type: ignore[misc, valid-type]
        def __init__(self, given: CodemodContext) -> None:
            if context is not None:
                given = replace(
                    given,
                    scratch=deepcopy(context.scratch),
                    full_module_name=context.full_module_name,
                    full_package_name=context.full_package_name,
                )
            super().__init__(given, *args, **kwargs)

    # `argparse` and the like are for the command line: arguments are bound already.
    Case.add_args = staticmethod(lambda parser: None)  # type: ignore[attr-defined]
    return Case


def _process(command: type[Codemod], data: bytes) -> tuple[FileReport | None, bytes]:
    """The report's entry of a file with these bytes, and its bytes on the branch."""
    global _repository
    _repository = _repository or _Repository()
    number = next(_numbers)
    path, branch, name = f"case_{number}.py", f"case-{number}", f"Case{number}"
    codemod = adapt(command, name, ())
    assert isinstance(codemod, FileCodemod)
    setattr(_cases, name, replace(codemod, names=Policy.WARN))
    _repository.commit(path, data)
    report = run(
        Request(
            folder=_repository.root,
            paths=(path,),
            codemods=(f"{_cases.__name__}:{name}",),
            mode=Mode.APPLY,
            branch=branch,
            jobs=1,
        )
    )
    file = report.files[0] if report.files else None
    return file, _repository.content(branch, path) if report.batches else data


def _assert_codemod(
    self: Any,
    before: str,
    after: str,
    *args: object,
    context_override: CodemodContext | None = None,
    python_version: str | None = None,
    expected_warnings: Sequence[str] | None = None,
    expected_skip: bool = False,
    **kwargs: object,
) -> None:
    """What `assertCodemod` asserts, of a run of ours."""
    global _calls
    _calls += 1
    command = _bound(self.TRANSFORM, context_override, args, kwargs)
    file, result = _process(command, self.make_fixture_data(before).encode())
    findings: Sequence[Finding] = file.findings if file else ()
    assert file is None or file.failure is None, file.failure
    skipped = any(finding.reason == "skip-file" for finding in findings)
    if skipped != expected_skip:
        self.fail(f"skipped: {skipped}, expected: {expected_skip}")
    for finding in findings:
        if finding.reason in _doubts:
            _doubts[finding.reason].append(_test)
    left = [f.message for f in findings if f.status is Status.REVIEW and f.rule == "change"]
    assert left == [], left
    self.assertEqual(  # noqa: PT009 (it is theirs)
        self.make_fixture_data(after), self.make_fixture_data(result.decode())
    )
    if expected_warnings is not None:
        warnings = [finding.message for finding in findings if finding.reason == "warning"]
        assert list(expected_warnings) == warnings


def pytest_configure() -> None:
    _CodemodTest.assertCodemod = _assert_codemod  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    global _test
    _test = item.nodeid.rpartition("/")[2]
    return (yield)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.write_line(f"calls taken over: {_calls}")
    for proof, tests in _doubts.items():
        for test in dict.fromkeys(tests):
            terminalreporter.write_line(f"{proof}: {test}")


def pytest_unconfigure() -> None:
    if _repository is not None:
        _repository.remove()
