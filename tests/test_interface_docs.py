"""The reference of the author's interface names what there is, and its examples run."""

from __future__ import annotations

import dataclasses
import inspect
import re
import tomllib
from typing import Any

import pytest
from documents import blocks
from tool import CHECKOUT

from migrate import codemod, rewrite, syntax, testing
from migrate.project import Project, types
from migrate.testing import cases
from migrate.view import FileView

PAGE = (CHECKOUT / "docs" / "interface.md").read_text("utf-8")
PROSE = re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
# Words in backticks.
NAMED = {word for code in re.findall(r"`([^`]+)`", PROSE) for word in re.findall(r"\w+", code)}
OWNERS: dict[str, Any] = {
    "view": FileView,
    "project": Project,
    "syntax": syntax,
    "rewrite": rewrite,
    "Rule": codemod.Rule,
    "Converted": codemod.Converted,
}


def test_the_examples_run() -> None:
    names: dict[str, Any] = {"__name__": "example"}
    examples = blocks(PAGE, "python")
    assert len(examples) >= 4
    for example in examples:
        exec(compile(example, "docs/interface.md", "exec", dont_inherit=True), names)
    testing.check_rewrite(
        dataclasses.replace(names["CODEMOD"], transformer=names["Ask"], inspect=_rewriting),
        "input()\n\ndef ask(): ...\n",
        "ask()\n\ndef ask(): ...\n",
    )
    project = {"other.py": "input()\n", "third.py": "x = 1\n"}
    (finding,) = testing.check_review(
        names["SURVEYED"], "input()\n", "interactive", project=project
    )
    assert finding.message == "Nobody is there to answer. Files that ask, too: 1."


def _rewriting(view: FileView, options: Any) -> list[codemod.Proposal]:
    """The call at the start of the file is a site."""
    call = syntax.span(view.tree.root_node.named_children[0].named_children[0])
    status = codemod.Status.REWRITE
    return (
        []
        if "ask()" in view.text.slice(call)
        else [codemod.Proposal("input", call, status, "", plan="ask")]
    )


def test_the_test_file_that_it_shows_is_in_order() -> None:
    (file,) = re.findall(r'^```python title="tests/test_cases.py"\n(.*?)^```$', PAGE, re.M | re.S)
    compile(file, "test_cases.py", "exec")
    imported = re.search(r"from migrate.testing import (.*)", file)
    assert imported
    assert {name.strip() for name in imported[1].split(",")} <= set(testing.__all__)


@pytest.mark.parametrize(
    "cls",
    [
        codemod.Codemod,
        codemod.FileCodemod,
        codemod.Proposal,
        codemod.Layout,
        codemod.FileContext,
        codemod.Note,
        codemod.Converted,
    ],
)
def test_every_field_is_named(cls: type[Any]) -> None:
    assert [f.name for f in dataclasses.fields(cls) if f.name not in NAMED] == []
    assert cls.__name__ in NAMED


def test_every_question_to_a_file_is_named() -> None:
    public = {name for name in vars(FileView) if not name.startswith("_")}
    fields = {f.name for f in dataclasses.fields(FileView) if not f.name.startswith("_")}
    assert public | fields <= NAMED


@pytest.mark.parametrize("check", [testing.check_rewrite, testing.check_noop, testing.check_review])
def test_every_argument_of_a_check_is_named(check: Any) -> None:
    assert set(inspect.signature(check).parameters) <= NAMED


def test_every_name_of_the_testing_module_and_every_kind_of_value_is_named() -> None:
    assert {name for name in testing.__all__ if name.islower()} <= NAMED
    alternatives = {cls.__name__ for cls in types.Atom.__args__}
    assert alternatives <= NAMED


def test_the_files_of_a_case_are_those_that_are_read() -> None:
    table = PAGE[PAGE.index("| file of a case |") : PAGE.index("`_project/` beside")]
    files = {name.rstrip("/") for name in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)}
    assert files == cases.FILES


def test_what_is_named_with_its_owner_exists() -> None:
    pairs = re.findall(rf"`(?:\w+, )?({'|'.join(OWNERS)})\.(\w+)", PROSE)
    assert len(pairs) > 20
    instance_only = {f.name for f in dataclasses.fields(FileView)}
    assert [p for p in pairs if not hasattr(OWNERS[p[0]], p[1]) and p[1] not in instance_only] == []


def test_the_entry_point_is_in_the_group_that_is_read() -> None:
    (table,) = (tomllib.loads(block) for block in blocks(PAGE, "toml"))
    assert list(table["project"]["entry-points"]) == ["migrate.codemods"]
