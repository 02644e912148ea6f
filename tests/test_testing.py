"""`migrate.testing` fails where a codemod is wrong, and says how; here the toy is made wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gitrepo import write
from libcst.codemod.commands.rename import RenameCommand
from toy import Options, calls, inspect, toy

from migrate.codemod import Codemod, Converted, FileCodemod, FileContext, Note, Policy, Proposal
from migrate.errors import UsageError
from migrate.model import Edit, FileResult, Span, Status
from migrate.testing import check_case, check_noop, check_review, check_rewrite, load_cases
from migrate.testing.checks import require_only_sites_change
from migrate.view import FileView


def skipping(view: FileView, options: Options) -> Iterator[Proposal]:
    """Every call is skipped."""
    for where in calls(view, options.old):
        yield Proposal("call", where, Status.SKIP, "It may stay.", "fine")


def of_two_files(view: FileView, options: Options) -> Iterator[Proposal]:
    """Calls are rewritten if the project has the file `yes.py`, in the folder of the file."""
    known = view.project.index.modules.relative("yes", 1, view.path)
    return inspect(view, options) if known else skipping(view, options)


def failure(check: Callable[..., object], *arguments: Any, **options: Any) -> str:
    """The message with which a check fails."""
    with pytest.raises(AssertionError) as caught:
        check(*arguments, **options)
    return str(caught.value)


# What comes out


def test_a_rewrite_gives_its_findings() -> None:
    (finding,) = check_rewrite(toy(), "a = old(1)\n", "a = repr(1)\n")
    assert (finding.status, finding.after) == ("rewrite", "repr(1)")


def test_a_rewrite_that_differs_is_shown_as_a_diff_with_what_was_found() -> None:
    message = failure(check_rewrite, toy(), "x = 1\na = old(1)\n", "x = 1\na = str(1)\n")
    assert message.splitlines() == [
        "the file does not become what is expected:",
        "--- expected",
        "+++ found",
        "@@ -1,2 +1,2 @@",
        " x = 1",
        "-a = str(1)",
        "+a = repr(1)",
        "  2:5 call rewrite `old(1)`: Renamed.",
    ]
    message = failure(check_rewrite, toy(), "new(1)\n", "repr(1)\n")
    assert message.endswith("-repr(1)\n+new(1)\n  nothing is found in it")


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (b"old(1)\r\n", b"repr(1)\n", r"+'repr(1)\r\n'"),
        (b"old(1)", b"repr(1)\n", "+'repr(1)'"),
        (b"old(1) \n", b"repr(1)\n", r"+'repr(1) \n'"),
        (b"\xef\xbb\xbfold(1)\n", b"repr(1)\n", "+\ufeffrepr(1)"),
    ],
)
def test_a_difference_that_cannot_be_seen_is_shown(before: bytes, after: bytes, shown: str) -> None:
    assert shown in failure(check_rewrite, toy(), before, after)


def test_text_may_be_indented_as_the_test_is_and_bytes_are_taken_as_they_are() -> None:
    check_rewrite(
        toy(),
        """
        if x:
            old(1)
        """,
        "if x:\n    repr(1)\n",
    )
    check_rewrite(toy(), b"\nif x:\n  old(1)", b"\nif x:\n  repr(1)")


def test_a_rewrite_names_what_stays() -> None:
    before, after = "old(1)\nold(later)\n", "repr(1)\nold(later)\n"
    check_rewrite(toy(), before, after, left=["later"])
    message = failure(check_rewrite, toy(), before, after)
    assert "left=() is expected" in message
    assert "2:1 call review later `old(later)`: Not now." in message
    message = failure(check_rewrite, toy(), "old(1)\n", "repr(1)\n", left=["later"])
    assert message == "left=('later',) is expected, but nothing stays"


def test_what_is_left_alone_changes_nothing_and_asks_nobody() -> None:
    assert check_noop(toy(), "new(1)\n") == ()
    assert "+repr(1)" in failure(check_noop, toy(), "old(1)\n")
    assert "call review later" in failure(check_noop, toy(), "old(later)\n", left=["later"])


def test_what_is_skipped_or_suppressed_is_named() -> None:
    check_noop(toy(inspect=skipping), "old(1)\nold(2)\n", left=["fine", "fine"])
    check_noop(toy(), "old(1)  # migrate: ignore[toy]\n", left=["suppressed"])
    assert "call skip fine" in failure(check_noop, toy(inspect=skipping), "old(1)\n")


def test_a_review_has_its_reason_at_every_site() -> None:
    (finding,) = check_review(toy(), "old(later)\n", "later")
    assert finding.message == "Not now."
    assert "call review later" in failure(check_review, toy(), "old(later)\n", "sooner")
    assert "+repr(1)" in failure(check_review, toy(), "old(1)\nold(later)\n", "later")
    assert "finds no site" in failure(check_review, toy(), "new(later)\n", "later")
    assert "call skip fine" in failure(check_review, toy(inspect=skipping), "old(1)\n", "fine")


def test_options_are_those_of_a_configuration() -> None:
    check_rewrite(toy(), "oldest(1)\n", "str(1)\n", options={"old": "oldest", "new": "str"})
    with pytest.raises(UsageError, match="the options of the test: unknown key 'odd'"):
        check_noop(toy(), "old(1)\n", options={"odd": 1})


def test_a_file_stands_at_its_path_among_the_files_of_a_project() -> None:
    check_rewrite(
        toy(inspect=of_two_files),
        "old(1)\n",
        "repr(1)\n",
        path="pkg/file.py",
        project={"pkg/yes.py": ""},
    )
    check_noop(toy(inspect=of_two_files), "old(1)\n", path="pkg/file.py", left=["fine"])


# What must always hold


@pytest.mark.parametrize("check", [check_noop, lambda c, s: check_review(c, s, "later")])
def test_a_file_that_fails_is_no_success(check: Callable[[Codemod, str], object]) -> None:
    assert "syntax-error: it does not parse" in failure(check, toy(), "old(later\n")


def test_an_exception_of_the_codemod_is_named() -> None:
    def broken(view: FileView, options: Options) -> Iterator[Proposal]:
        raise LookupError("not there")

    message = failure(check_noop, toy(inspect=broken), "old(1)\n")
    assert message == "codemod-error: toy failed: LookupError: not there"


@pytest.mark.parametrize(
    "parts",
    [
        {"needles": lambda options: (b"ancient",)},
        {"needles": lambda options: ()},
        {"may_match": lambda data, options: b"now" in data},
    ],
)
def test_a_site_in_a_file_that_would_not_be_looked_into_is_a_failure(parts: Any) -> None:
    for check in (
        lambda: check_rewrite(toy(**parts), "old(1)\n", "repr(1)\n"),
        lambda: check_noop(toy(**parts), "old(1)\n"),
        lambda: check_review(toy(**parts), "old(later)\n", "later"),
    ):
        assert "no needle is in the file" in failure(check)


def swapping(view: FileView, options: Options) -> Iterator[Proposal]:
    """Each of two functions is called in the other's place, and so on for ever."""
    for name, other in (("min", "max"), ("max", "min")):
        for where in calls(view, name):
            yield Proposal("call", where, Status.REWRITE, "Swapped.", plan=other)


def test_a_result_that_is_a_site_again_fails_the_proof_of_the_second_pass() -> None:
    codemod = toy(inspect=swapping, needles=lambda options: (b"min", b"max"))
    message = failure(check_rewrite, codemod, "min(1)\n", "max(1)\n")
    assert message.startswith("safety: second-pass")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rule": "calls"}, "toy has no such rule:\n  1:1 calls review later"),
        ({"reason": None}, "nothing says why a site stays:\n  1:1 call review `old(later)`"),
        ({"reason": None, "status": Status.SKIP}, "nothing says why a site stays"),
    ],
)
def test_a_finding_has_a_rule_to_look_up_and_a_reason(change: Any, problem: str) -> None:
    def wrong(view: FileView, options: Options) -> Iterator[Proposal]:
        return (replace(proposal, **change) for proposal in inspect(view, options))

    codemod = toy(inspect=wrong)
    assert problem in failure(check_review, codemod, "old(later)\n", "later")


def test_a_comment_that_suppresses_nothing_is_for_review() -> None:
    check_review(toy(), "x = 1  # migrate: ignore[toy]\n", "unused-ignore")


def test_a_name_that_nothing_binds_fails_the_proof_of_the_names() -> None:
    message = failure(check_rewrite, toy(), "old(1)\n", "fresh(1)\n", options={"new": "fresh"})
    assert message == "safety: names: would be unbound: fresh"


def moody(view: FileView, options: Options) -> Iterator[Proposal]:
    """As the toy, but why a call is left depends on whether there is another to rewrite."""
    found = list(inspect(view, options))
    alone = all(proposal.status is Status.REVIEW for proposal in found)
    for proposal in found:
        yield replace(proposal, reason="alone") if alone else proposal


def test_a_second_pass_finds_just_what_was_left() -> None:
    message = failure(
        check_rewrite,
        toy(inspect=moody),
        "old(1)\nold(later)\n",
        "repr(1)\nold(later)\n",
        left=["later"],
    )
    assert message.startswith("a second pass does not find just what was left:")
    assert message.endswith("-call review later\n+call review alone")


def test_a_change_outside_the_sites_is_a_failure() -> None:
    (finding,) = check_rewrite(toy(), "a = 1\nold(1)\n", "a = 1\nrepr(1)\n")
    edit = Edit(Span(6, 9), b"repr")
    good = FileResult("a.py", (finding,), after=b"a = 1\nrepr(1)\n", edits=(edit,))
    require_only_sites_change(b"a = 1\nold(1)\n", good)
    silent = replace(good, after=b"a = 2\nrepr(1)\n")
    assert "outside the edits" in failure(require_only_sites_change, b"a = 1\nold(1)\n", silent)
    elsewhere = replace(silent, edits=(Edit(Span(4, 5), b"2"), edit))
    message = failure(require_only_sites_change, b"a = 1\nold(1)\n", elsewhere)
    assert message == "lines 1 to 1 change and are in no site that is rewritten"


# Whole files


def louder(source: bytes, path: str) -> bytes:
    """Shout, in every file but those of tests."""
    return source if path.startswith("tests/") else source.replace(b"'hi'", b"'HI'")


def endless(data: bytes, file: FileContext) -> Converted:
    """One more comment each time, and a remark about the file."""
    return Converted(data + b"# more\n", (Note("It is long.", "long", 1),))


ENDLESS = FileCodemod("endless", 1, "More.", endless, needles=(b"more",))


def test_a_function_is_a_codemod() -> None:
    (finding,) = check_rewrite(louder, "say('hi')\n", "say('HI')\n")
    assert (finding.rule, finding.after) == ("change", "say('HI')")
    check_noop(louder, "say('hi')\n", path="tests/a.py")
    assert "-say('Hi')\n+say('HI')" in failure(check_rewrite, louder, "say('hi')\n", "say('Hi')\n")


def test_a_whole_file_codemod_has_a_second_pass_unless_it_says_otherwise() -> None:
    message = failure(check_rewrite, ENDLESS, "more\n", "more\n# more\n", left=["long"])
    assert message.startswith("safety: second-pass")
    off = replace(ENDLESS, second_pass=Policy.OFF)
    check_rewrite(off, "more\n", "more\n# more\n", left=["long"])


def test_what_a_whole_file_codemod_says_of_a_change_need_not_be_said_again() -> None:
    def remark(data: bytes, file: FileContext) -> Converted:
        after = louder(data, file.path)
        return Converted(after, (Note("Somebody shouts.", "loud"),) if after != data else ())

    codemod = replace(ENDLESS, convert=remark, needles=())
    check_rewrite(codemod, "say('hi')\n", "say('HI')\n", left=["loud"])


def test_a_whole_file_codemod_must_have_a_needle_in_what_it_changes() -> None:
    assert "no needle is in the file" in failure(check_noop, ENDLESS, "less\n")


def test_a_refusal_is_a_review() -> None:
    def refuse(data: bytes, file: FileContext) -> Converted:
        return Converted.refused("too-old", "It is too old.")

    check_review(replace(ENDLESS, convert=refuse), "more\n", "too-old")


def test_a_command_takes_its_arguments_as_options() -> None:
    options = {"old_name": "a.b", "new_name": "a.c"}
    check_rewrite(
        RenameCommand, "from a import b\nb()\n", "from a import c\nc()\n", options=options
    )
    check_noop(RenameCommand, "from d import b\nb()\n", options=options)
    with pytest.raises(UsageError, match="old_name"):
        check_noop(RenameCommand, "b()\n")


def test_a_name_is_what_the_command_line_makes_of_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from bowler import Query\nQuery().select_function('abs').rename('len').execute()\n"
    )
    check_rewrite(str(script), "abs(1)\n", "len(1)\n")
    check_noop(str(script), "max(1)\n")


def test_an_id_is_the_codemod_that_is_installed_with_its_options() -> None:
    options = {"attribute": "data"}
    check_review("metadata-storage", "context.data['k'] = 1\n", "unknown-context", options=options)


def test_what_is_no_codemod_is_refused() -> None:
    with pytest.raises(TypeError, match="3 is no codemod; it can be"):
        check_noop(3, "a\n")


# Folders of cases

CASE = {
    "one/before.py": b"old(1)\n",
    "one/after.py": b"repr(1)\n",
    "one/findings.txt": b"# A call.\n1 call rewrite\n",
}


def cases(folder: Path, files: dict[str, bytes]) -> list[Any]:
    write(folder, files)
    return load_cases(folder)


def test_a_case_is_checked_as_its_files_say(tmp_path: Path) -> None:
    (case,) = cases(tmp_path, CASE)
    assert (str(case), case.summary, case.path) == ("one", "A call.", "example.py")
    assert check_case(toy(), case).after == b"repr(1)\n"


def test_cases_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    more = {
        f"{name}/{file}": CASE[f"one/{file}"]
        for name in "zyx"
        for file in ("before.py", "after.py", "findings.txt")
    }
    found = cases(tmp_path, {**CASE, **more, "__pycache__/x": b"", ".git/x": b"", "notes.txt": b""})
    assert [case.name for case in found] == ["one", "x", "y", "z"]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"one/before.py": b"old(\n"}, "\n  syntax-error: it does not parse: "),
        ({"one/after.py": b"str(1)\n"}, "-str(1)\n+repr(1)"),
        (
            {"one/findings.txt": b"# None.\n"},
            "+1 call rewrite\n  1:1 call rewrite `old(1)`: Renamed.",
        ),
        ({"one/findings.txt": b"# Here.\n2 call rewrite\n"}, "-2 call rewrite\n+1 call rewrite"),
        ({"one/findings.txt": b"# Not now.\n1 call review later\n"}, "-1 call review later"),
        ({"one/before.py": b"old(\n"}, "+failed syntax-error"),
        ({"one/findings.txt": b"# It fails.\nfailed syntax-error\n1 call rewrite\n"}, "-failed"),
    ],
)
def test_a_case_that_comes_out_otherwise_is_shown(
    tmp_path: Path, changes: dict[str, bytes], shown: str
) -> None:
    (case,) = cases(tmp_path, CASE | changes)
    assert shown in failure(check_case, toy(), case)


def test_without_a_result_nothing_may_change(tmp_path: Path) -> None:
    files = {path: data for path, data in CASE.items() if path != "one/after.py"}
    (case,) = cases(tmp_path, files)
    assert "-old(1)\n+repr(1)" in failure(check_case, toy(), case)


def test_a_failure_s_line_counts_where_it_is_given(tmp_path: Path) -> None:
    before = {"one/before.py": b"old(1)\n)\n"}
    for says, holds in ((b"", True), (b" 2", True), (b" 1", False)):
        (case,) = cases(
            tmp_path, before | {"one/findings.txt": b"# It fails.\nfailed syntax-error" + says}
        )
        if holds:
            check_case(toy(), case)
        else:
            assert "-failed syntax-error 1\n+failed syntax-error 2" in failure(
                check_case, toy(), case
            )


def test_a_case_has_options_a_place_and_a_project(tmp_path: Path) -> None:
    (case,) = cases(
        tmp_path,
        {
            "_project/shared.py": b"",
            "one/project/pkg/yes.py": b"",
            "one/before.py": b"oldest(1)\n",
            "one/after.py": b"repr(1)\n",
            "one/options.toml": b'old = "oldest"\n',
            "one/findings.txt": b"# Elsewhere.\n# at pkg/file.py\n\n1 call rewrite  # here\n",
        },
    )
    assert (case.path, sorted(case.project)) == ("pkg/file.py", ["pkg/yes.py", "shared.py"])
    check_case(toy(inspect=of_two_files), case)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "there is no case"),
        ({"_project/a.py": b""}, "there is no case"),
        ({"one/findings.txt": b"# A.\n"}, "before.py is missing"),
        ({"one/before.py": b""}, "findings.txt is missing"),
        ({**CASE, "one/aftr.py": b""}, "aftr.py has nothing to do in a case"),
        ({**CASE, "one/findings.txt": b""}, "first line must be a comment"),
        ({**CASE, "one/findings.txt": b"1 call rewrite\n"}, "first line must be a comment"),
        ({**CASE, "one/findings.txt": b"# A.\n1 call rewritten\n"}, "findings.txt:2: '1 call rewr"),
        ({**CASE, "one/findings.txt": b"# A.\n\nfailed\n"}, "findings.txt:3: 'failed'"),
    ],
)
def test_a_folder_that_is_no_case_is_named(
    tmp_path: Path, files: dict[str, bytes], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        cases(tmp_path, files)
    assert str(tmp_path) in str(caught.value)


def test_a_folder_that_is_not_there_has_no_case(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no case"):
        load_cases(tmp_path / "nowhere")
