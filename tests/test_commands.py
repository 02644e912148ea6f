"""LibCST's commands run unchanged, and what LibCST damages is left alone."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

import libcst as cst
import pytest
from libcst import matchers as m
from libcst.codemod import (
    Codemod,
    CodemodCommand,
    CodemodContext,
    ContextAwareTransformer,
    SkipFile,
    VisitorBasedCodemodCommand,
)
from libcst.codemod.commands.convert_format_to_fstring import ConvertFormatStringCommand
from libcst.codemod.commands.noop import NOOPCommand
from libcst.codemod.commands.remove_unused_imports import RemoveUnusedImportsCommand
from libcst.codemod.commands.rename import RenameCommand
from libcst.codemod.visitors import AddImportsVisitor, RemoveImportsVisitor
from libcst.metadata import (
    FilePathProvider,
    FullyQualifiedNameProvider,
    PositionProvider,
    QualifiedNameProvider,
    TypeInferenceProvider,
)

from migrate.adapters import adapt
from migrate.codemod import FileCodemod, FileContext
from migrate.engine import Engine
from migrate.errors import UsageError
from migrate.model import FailureKind, FileResult, Position, Status
from migrate.source import Memory

PATH = "pkg/sub/mod.py"


def codemod_of(command: object, **arguments: str) -> FileCodemod:
    codemod = adapt(command, "cmd", tuple(arguments.items()))
    assert isinstance(codemod, FileCodemod)
    return codemod


def run(
    command: type[Codemod], content: bytes, path: str = PATH, root: str = "/repo", **arguments: str
) -> FileResult:
    """What a command makes of a file."""
    codemod = codemod_of(command, **arguments)
    return Engine(codemod, codemod.options(), Memory({path: content}), 88, root=root).process(path)


def reasons(result: FileResult) -> list[tuple[Status, str | None]]:
    return [(finding.status, finding.reason) for finding in result.findings]


class Probe(VisitorBasedCodemodCommand):
    """Renames `old` to `new`, and warns of what it sees."""

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        if original_node.value == "old":
            return updated_node.with_changes(value="int")
        if original_node.value == "skip":
            raise SkipFile("It says so.")
        if original_node.value == "warn":
            self.warn("Look at this.")
        if original_node.value == "fail":
            raise LookupError("no such luck")
        if original_node.value == "deep":
            raise RecursionError
        return updated_node


def test_a_command_rewrites() -> None:
    result = run(Probe, b"x = old\n")
    assert (result.after, reasons(result)) == (b"x = int\n", [(Status.REWRITE, None)])


class InPlace(VisitorBasedCodemodCommand):
    """Does what commands must not do, and what works all the same."""

    def visit_Name(self, node: cst.Name) -> None:
        object.__setattr__(node, "value", "int")


def test_what_a_command_changes_in_place_is_not_missed() -> None:
    assert run(InPlace, b"x = old\n").after == b"int = int\n"


def test_a_command_that_changes_nothing_has_nothing_to_say() -> None:
    assert run(NOOPCommand, b"x = 1\n") == FileResult(PATH)


def test_its_warnings_are_for_review_whether_it_rewrites_or_not() -> None:
    assert reasons(run(Probe, b"warn\n")) == [(Status.REVIEW, "warning")]
    result = run(Probe, b"warn = old\n")
    assert reasons(result) == [(Status.REWRITE, None), (Status.REVIEW, "warning")]
    assert result.findings[1].message == "Look at this."
    assert result.after == b"warn = int\n"


def test_a_skipped_file_is_left_alone_and_what_was_said_before_is_kept() -> None:
    result = run(Probe, b"warn = old\nskip\n")
    assert result.after is None
    assert reasons(result) == [(Status.REVIEW, "warning"), (Status.SKIP, "skip-file")]
    assert result.findings[1].message == "It says so."


def test_an_exception_costs_that_file() -> None:
    result = run(Probe, b"x = fail\n")
    assert result.failure is not None
    assert result.failure.kind is FailureKind.CODEMOD
    assert result.failure.message == "cmd failed: LookupError: no such luck"


def test_a_file_that_says_that_it_is_generated_is_skipped() -> None:
    result = run(Probe, b"# @gen" + b"erated\nx = old\n")
    assert (result.after, reasons(result)) == (None, [(Status.SKIP, "generated")])


# What LibCST does not print back


DAMAGED = [
    b"try:\n    x = old\nexcept OSError :\n    pass\n",  # it loses the space in front of the colon
    b"x = old\ry = 1\r",  # it loses the last line ending
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_queued_with_what_would_change(content: bytes) -> None:
    result = run(Probe, content)
    assert (result.after, reasons(result)) == (None, [(Status.REVIEW, "not-preserved")])
    suggestion = result.findings[0].suggestion
    assert suggestion is not None
    assert "x = int" in suggestion


def test_the_damaged_line_is_named() -> None:
    assert run(Probe, DAMAGED[0]).findings[0].start == Position(3, 1)


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_that_the_command_does_not_change_is_nobodys_business(
    content: bytes,
) -> None:
    content = content.replace(b"old", b"int")
    assert run(Probe, content) == FileResult(PATH)


def test_a_file_that_is_too_deep_for_libcst_is_queued() -> None:
    assert reasons(run(Probe, b"x = deep\n")) == [(Status.REVIEW, "not-preserved")]


@pytest.mark.parametrize(
    ("head", "tail"), [("[", "]"), ("-", ""), ("a if b else ", ""), ("", "()")]
)
def test_no_nesting_ends_the_process(head: str, tail: str) -> None:
    """LibCST's native parser overflows the stack, which raises no exception."""
    result = run(NOOPCommand, f"x = {head * 5000}a{tail * 5000}\n".encode())
    assert result.failure is not None
    assert result.failure.kind is FailureKind.SYNTAX


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfx = old\n",
        b"# coding: latin-1\nx = old, '\xe9'\n",
        b"x = old\r\ny = 2\r\n",
        b"x = old\ry = 1\n",
        b"x = old",
        b"\n\n  \nx = old\n\x0c\nclass A: pass\n",
        b"if x:\n\ty = old\n",
    ],
)
def test_every_other_byte_stays(content: bytes) -> None:
    assert run(Probe, content).after == content.replace(b"old", b"int")


def test_a_command_that_is_done_in_two_passes_is_put_up_for_review() -> None:
    class Step(VisitorBasedCodemodCommand):
        def leave_Integer(self, _: cst.Integer, updated_node: cst.Integer) -> cst.Integer:
            return updated_node.with_changes(value=str(min(int(updated_node.value) + 1, 9)))

    result = run(Step, b"x = 1\n")
    assert result.after == b"x = 2\n"
    assert reasons(result) == [(Status.REVIEW, "second-pass"), (Status.REWRITE, None)]
    assert reasons(run(Step, b"x = 8\n")) == [(Status.REWRITE, None)]


# The context


def seen_by(*providers: object) -> tuple[type[CodemodCommand], list[CodemodContext]]:
    """A command that keeps each context, and the contexts."""
    contexts: list[CodemodContext] = []

    class Spy(CodemodCommand):
        METADATA_DEPENDENCIES = providers

        def transform_module_impl(self, tree: cst.Module) -> cst.Module:
            self.context.scratch["count"] = self.context.scratch.get("count", 0) + 1
            contexts.append(self.context)
            for provider in providers:
                self.warn(f"{provider.__name__}: {self.get_metadata(provider, tree, None)}")
            return tree

    return Spy, contexts


@pytest.mark.parametrize(
    ("path", "module", "package"),
    [
        ("pkg/sub/mod.py", "pkg.sub.mod", "pkg.sub"),
        ("pkg/__init__.py", "pkg", "pkg"),
        ("pkg/__main__.py", "pkg", "pkg"),
        ("mod.py", "mod", ""),
    ],
)
def test_the_context_names_file_module_and_package(path: str, module: str, package: str) -> None:
    command, contexts = seen_by()
    run(command, b"x = 1\n", path, "/repo")
    (context,) = contexts
    assert (context.full_module_name, context.full_package_name) == (module, package)
    assert context.filename is not None
    assert context.filename.replace("\\", "/") == f"/repo/{path}"


def test_each_file_has_an_instance_and_a_context_of_its_own() -> None:
    command, contexts = seen_by()
    codemod = codemod_of(command)
    engine = Engine(codemod, codemod.options(), Memory({"a.py": b"a\n", "b.py": b"b\n"}), 88)
    for path in ("a.py", "b.py"):
        engine.process(path)
    assert [context.scratch for context in contexts] == [{"count": 1}, {"count": 1}]
    assert [context.filename for context in contexts] == ["a.py", "b.py"]


def test_metadata_that_follows_from_the_path_is_there(tmp_path: Path) -> None:
    command, _ = seen_by(FullyQualifiedNameProvider, FilePathProvider, PositionProvider)
    result = run(command, b"x = 1\n", "pkg/mod.py", str(tmp_path))
    messages = [finding.message for finding in result.findings]
    assert "name='pkg.mod'" in messages[0]
    assert messages[1].endswith("mod.py")
    assert "CodeRange" in messages[2]


class NeedsOther(QualifiedNameProvider):
    METADATA_DEPENDENCIES = (TypeInferenceProvider,)


@pytest.mark.parametrize("provider", [TypeInferenceProvider, NeedsOther])
def test_metadata_of_another_program_is_refused_before_the_run(provider: object) -> None:
    command, _ = seen_by(provider)
    with pytest.raises(UsageError, match="needs TypeInferenceProvider"):
        codemod_of(command)


def test_imports_are_added_and_removed() -> None:
    class Imports(VisitorBasedCodemodCommand):
        def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
            if not m.matches(original_node, m.Call(func=m.Name("old"))):
                return updated_node
            AddImportsVisitor.add_needed_import(self.context, "fresh", "new")
            RemoveImportsVisitor.remove_unused_import(self.context, "stale", "old")
            return updated_node.with_changes(func=cst.Name("new"))

    before = b"from stale import old\n\nold(1)\n"
    assert run(Imports, before).after == b"from fresh import new\n\nnew(1)\n"


# Kinds of classes


class Plain(Codemod):
    """No command, but it can be run."""

    def __init__(self, context: CodemodContext, name: str = "int") -> None:
        super().__init__(context)
        self.name = name

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        return tree.deep_replace(tree.body[0], cst.parse_statement(f"{self.name}\n"))


class Aware(ContextAwareTransformer):
    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value="int")


def test_classes_that_are_no_commands_run_too() -> None:
    assert run(Plain, b"old\n").after == b"int\n"
    assert run(Plain, b"old\n", name="str").after == b"str\n"
    assert run(Aware, b"old\n").after == b"int\n"


def test_what_cannot_be_run_is_refused() -> None:
    with pytest.raises(UsageError, match="abstract"):
        codemod_of(CodemodCommand)
    with pytest.raises(UsageError, match="name the class, not an instance"):
        codemod_of(NOOPCommand(CodemodContext()))
    for value in (3, "text", dict, cst.Name("x")):
        assert adapt(value, "it", ()) is None


# Arguments


class Typed(CodemodCommand):
    DESCRIPTION = "Takes arguments of every kind."
    taken: ClassVar[dict[str, object]] = {}

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        arg_parser.add_argument("where", help="The place.")
        arg_parser.add_argument("-t", "--how-often", dest="times", type=int, default=1)
        arg_parser.add_argument("--flag", action="store_true")
        arg_parser.add_argument("--each", action="append")
        arg_parser.add_argument("--all", nargs="*")
        arg_parser.add_argument("--level", choices=["low", "high"], default="low")

    def __init__(self, context: CodemodContext, where: str, **taken: object) -> None:
        super().__init__(context)
        Typed.taken = {"where": where} | taken

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        return tree


def taken(*arguments: tuple[str, str]) -> dict[str, object]:
    adapt(Typed, "cmd", arguments)
    return Typed.taken


DEFAULTS = {"where": "-here", "times": 1, "flag": False, "each": None, "all": None, "level": "low"}


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        ([], {}),
        ([("times", "3")], {"times": 3}),
        ([("how-often", "3")], {"times": 3}),
        ([("--how-often", "-3")], {"times": -3}),
        ([("flag", "true")], {"flag": True}),
        ([("flag", "false")], {"flag": False}),
        ([("each", "a"), ("each", "--b=c")], {"each": ["a", "--b=c"]}),
        ([("all", "a"), ("all", "b")], {"all": ["a", "b"]}),
        ([("level", "high")], {"level": "high"}),
    ],
)
def test_arguments_have_the_types_that_the_command_declares(
    arguments: list[tuple[str, str]], changed: dict[str, object]
) -> None:
    assert taken(("where", "-here"), *arguments) == DEFAULTS | changed


def test_what_a_command_does_to_its_arguments_is_not_seen_in_the_next_file() -> None:
    class Greedy(Typed):
        def transform_module_impl(self, tree: cst.Module) -> cst.Module:
            each = Typed.taken["each"]
            assert isinstance(each, list)
            each.append("another")
            self.warn(f"{each}")
            return tree

    codemod = adapt(Greedy, "cmd", [("where", "a"), ("each", "one")])
    assert isinstance(codemod, FileCodemod)
    for path in ("a.py", "b.py"):
        converted = codemod.convert(b"x\n", FileContext(path))
        assert [note.message for note in converted.notes] == ["['one', 'another']"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: where"),
        ([("where", "a"), ("times", "x")], "invalid int value: 'x'"),
        ([("where", "a"), ("level", "none")], "invalid choice: 'none'"),
        ([("where", "a"), ("flag", "1")], "given as true or false, not '1'"),
        ([("where", "a"), ("tims", "1")], "no argument 'tims'; it has: where, times, flag"),
    ],
)
def test_wrong_arguments_are_refused_before_the_run(
    arguments: list[tuple[str, str]], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        adapt(Typed, "cmd", arguments)


def test_a_command_that_refuses_its_arguments_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"ValueError.*at most one colon"):
        codemod_of(RenameCommand, old_name="a.b", new_name="c:d:e")
    with pytest.raises(UsageError, match=r"TypeError.*unexpected keyword argument 'size'"):
        codemod_of(Plain, size="3")


def test_a_command_describes_itself_and_its_arguments_without_any() -> None:
    codemod = adapt(Typed, "cmd", None)
    assert codemod is not None
    assert codemod.summary == "Takes arguments of every kind."
    assert "\n  where (required)  The place.\n" in codemod.doc
    renaming = adapt(RenameCommand, "cmd", None)
    assert renaming is not None
    assert renaming.doc.count(renaming.summary) == 1


# LibCST's own commands


@pytest.mark.parametrize(
    ("command", "arguments", "before", "after"),
    [
        (ConvertFormatStringCommand, {}, b"x = '{}'.format(y)\n", b"x = f'{y}'\n"),
        (RemoveUnusedImportsCommand, {}, b"import os, sys\nsys\n", b"import sys\nsys\n"),
        (
            RenameCommand,
            {"old_name": "os.getcwd", "new_name": "pathlib.Path"},
            b"from os import getcwd\ngetcwd()\n",
            b"from pathlib import Path\nPath()\n",
        ),
    ],
)
def test_commands_that_come_with_libcst(
    command: type[Codemod], arguments: dict[str, str], before: bytes, after: bytes
) -> None:
    assert run(command, before, **arguments).after == after
