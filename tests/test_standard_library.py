"""Code that nobody wrote for this tool: the standard library and the installed packages.

They are read where they are, and never written or imported.
"""

from __future__ import annotations

import os
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from probes import NOTHING
from tool import install_probes, report

from migrate import syntax
from migrate.discovery import folder_files, select
from migrate.rewrite import SiteTransformer, rewrite
from migrate.text import DecodeError, SourceText

FOLDERS = {
    "standard-library": Path(sysconfig.get_path("stdlib")),
    "site-packages": Path(sysconfig.get_path("purelib")),
}
# Below the standard library of an interpreter that is no virtual environment.
OTHERS = "/site-packages/"
# LibCST is slow on every statement; a sample has to do.
SAMPLE_BYTES = 500_000
# Why a statement is refused that came back from LibCST byte for byte.
SAME = "the transformer left a site as it was"

each_folder = pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS.keys())


def preview(folder: Path, *arguments: str, **changes: str) -> dict[str, Any]:
    """A dry run of a plain folder, whatever repository it may lie in."""
    ceiling = str(folder.parent)
    arguments = (*arguments, "--exclude", OTHERS)
    return report(folder, *arguments, GIT_CEILING_DIRECTORIES=ceiling, **changes)


def python_files(folder: Path) -> list[str]:
    """The files that `preview` looks at."""
    return select(folder_files(folder).files, ["*.py"], [OTHERS])


@each_folder
def test_a_dry_run_ends_without_a_crash(folder: Path) -> None:
    data = preview(folder, "-c", "metadata-storage")
    assert data["repo"]["base"] is None
    kinds = Counter(each["failure"]["kind"] for each in data["files"] if each["failure"])
    assert kinds.keys() <= {"syntax-error", "decode-error"}


@each_folder
def test_a_codemod_that_looks_into_every_file_and_finds_nothing_changes_none(
    folder: Path, tmp_path: Path
) -> None:
    data = preview(folder, "-c", NOTHING.id, **install_probes(tmp_path))
    assert len(python_files(folder)) > 100
    assert data["batches"] == []
    assert data["codemods"][0]["counts"]["sites"] == 0
    unusual = 0
    for each in data["files"]:
        # What is listed could not be parsed, and Python agrees but for very few.
        assert (each["diff"], each["findings"]) == ("", [])
        assert each["failure"]["kind"] in ("syntax-error", "decode-error"), each
        if compiles((folder / each["path"]).read_bytes()):
            assert "too unusual for tree-sitter" in each["failure"]["message"]
            unusual += 1
    assert unusual <= 1


def compiles(data: bytes) -> bool:
    try:
        compile(data, "<data>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def sample(folder: Path) -> Iterator[bytes]:
    """Every n-th file, and more of the same kind until they come to SAMPLE_BYTES together."""
    files = [Path(folder, path) for path in python_files(folder)]
    step = max(1, sum(map(os.path.getsize, files)) // SAMPLE_BYTES)
    size = 0
    for first in range(step):
        if size >= SAMPLE_BYTES:
            return
        for path in files[first::step]:
            data = path.read_bytes()
            size += len(data)
            yield data


@each_folder
def test_a_transformation_that_changes_nothing_gives_every_statement_back(folder: Path) -> None:
    """Each simple statement goes through LibCST on its own, on a sample of the files."""
    reasons: Counter[str] = Counter()
    for data in sample(folder):
        try:
            text = SourceText.decode(data)
        except DecodeError:
            continue
        tree = syntax.parse(text)
        if tree.root_node.has_error:
            continue
        plans = {syntax.span(node): True for node in simple_statements(tree)}
        done, refused = rewrite(text, tree, plans, SiteTransformer, 88)
        assert done == []
        assert refused.keys() == plans.keys()
        reasons.update(reason.partition(":")[0] for reason in refused.values())
    assert reasons.pop(SAME) > 2000
    # What it cannot take is left alone as well.
    assert reasons.keys() <= {"it is nested too deeply for LibCST", "LibCST cannot parse it"}


def simple_statements(tree: Any) -> Iterator[Any]:
    for node in syntax.descendants(tree.root_node):
        if node.type.endswith("_statement") and not any(
            child.type in ("block", "case_clause") for child in node.children
        ):
            yield node


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"(a): int\n", "LibCST cannot parse it"),
        (b"if x:\n    a\n\x0c    b\n", "LibCST does not print it back as it was"),
        (b"if x:\n    a\n\\\n    b\n", "LibCST does not print it back as it was"),
        (b"x = " + b"-" * 200 + b"1\n", "nested too deeply"),
    ],
)
def test_what_libcst_does_not_print_as_it_was_is_refused(source: bytes, why: str) -> None:
    text = SourceText.decode(source)
    tree = syntax.parse(text)
    plans = {syntax.span(tree.root_node.named_children[0]): True}
    done, refused = rewrite(text, tree, plans, SiteTransformer, 88)
    assert done == []
    assert refused.keys() == plans.keys() != set()
    assert all(why in reason for reason in refused.values())
