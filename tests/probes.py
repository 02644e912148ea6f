"""Codemods that only tests have; each shows one thing that the engine has to cope with."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import libcst as cst

from migrate.codemod import Codemod, Each, Layout, Proposal, Rule, Unanswered
from migrate.model import Span, Status
from migrate.project import Project
from migrate.rewrite import SiteTransformer
from migrate.view import FileView


@dataclass(frozen=True)
class NoOptions:
    """Nothing to configure."""


def probe(
    id: str,
    inspect: Callable[[FileView, Any], Iterable[Proposal]],
    needle: bytes = b"",
    transformer: Callable[[Mapping[Span, Any], Layout], cst.CSTTransformer] = SiteTransformer,
    may_match: Callable[[bytes, Any], bool] = lambda data, options: True,
) -> Codemod:
    """A codemod for every file with `needle`; the empty one is in all."""
    return Codemod(
        id=id,
        version=1,
        doc=inspect.__doc__ or id,
        rules=(Rule("any", "Anything."),),
        options=NoOptions,
        needles=lambda options: (needle,),
        inspect=inspect,
        transformer=transformer,
        may_match=may_match,
    )


def seen(view: FileView) -> Proposal:
    """A site that says that the file was looked into."""
    return Proposal("any", Span(0, 0), Status.SKIP, "The file was looked into.", reason="seen")


def _nothing(view: FileView, options: Any) -> Iterator[Proposal]:
    """Look into every file and find nothing."""
    return iter(())


def _crash(view: FileView, options: Any) -> Iterator[Proposal]:
    """End the process at once, as a fault of native code does."""
    if b"crash here" in view.text.utf8:
        os._exit(1)
    yield seen(view)


def _fault(view: FileView, options: Any) -> Iterator[Proposal]:
    """Raise an exception in some files."""
    if b"fault here" in view.text.utf8:
        raise ValueError("no such luck")
    yield seen(view)


def _fault_early(data: bytes, options: Any) -> bool:
    if b"early fault" in data:
        raise LookupError("not even a look")
    return True


def lines_of(project: Project, path: str) -> int:
    """How many lines a file has; some cannot be asked."""
    data = project.index.bytes_of(path)
    if b"crash here" in data:
        os._exit(1)
    if b"fault here" in data:
        raise ValueError("no such luck")
    return data.count(b"\n")


def _survey(files: Sequence[str], options: Any, each: Each) -> dict[str, str]:
    """Of each file, how many lines it has of those of all that can be asked."""
    lines = dict(zip(files, each(lines_of, files), strict=True))
    total = sum(count for count in lines.values() if isinstance(count, int))
    if total == 0:
        raise ValueError("there is nothing to survey")
    return {
        path: count.message if isinstance(count, Unanswered) else f"{count} of {total}"
        for path, count in lines.items()
    }


def _surveyed(view: FileView, options: Any) -> Iterator[Proposal]:
    """Say of each file what the survey found out."""
    yield Proposal("any", Span(0, 0), Status.SKIP, f"Surveyed: {view.surveyed}.", reason="seen")


def _linger(view: FileView, options: Any) -> Iterator[Proposal]:
    """Say that work has started, and go on for ever."""
    Path(os.environ["LINGER"]).touch()
    while True:
        time.sleep(1)
    yield seen(view)


class _Rename(SiteTransformer):
    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        if self.plan_of(original_node) is None:
            return updated_node
        return updated_node.with_changes(attr=cst.Name("save"))


def _rename(view: FileView, options: Any) -> Iterator[Proposal]:
    """Rename the method `store_metadata_result` where it is called."""
    for node in view.identifiers("store_metadata_result"):
        holder = node.parent
        if holder is not None and holder.type == "attribute":
            where = Span(holder.start_byte, holder.end_byte)
            yield Proposal("any", where, Status.REWRITE, "It has a new name.", plan="save")


def _vanish(view: FileView, options: Any) -> Iterator[Proposal]:
    """Rename as `rename` does, in a file that is gone as soon as it has been read."""
    Path(view.path).unlink(missing_ok=True)
    return _rename(view, options)


def _change(view: FileView, options: Any) -> Iterator[Proposal]:
    """Rename as `rename` does, in a file that somebody else writes meanwhile."""
    Path(view.path).write_bytes(b"\xff is no text\n")
    return _rename(view, options)


NOTHING = probe("nothing", _nothing)
CRASH = probe("crash", _crash)
FAULT = probe("fault", _fault, may_match=_fault_early)
LINGER = probe("linger", _linger)
RENAME = probe("rename", _rename, b"store_metadata_result", _Rename)
VANISH = probe("vanish", _vanish, b"store_metadata_result", _Rename)
CHANGE = probe("change", _change, b"store_metadata_result", _Rename)
SURVEY = replace(probe("survey", _surveyed), survey=_survey)
