"""The report for a person: complete, honest about what it leaves out, and safe to print."""

from __future__ import annotations

import re
import sys

import report_samples as samples

from migrate.model import CodemodSummary, Counts, FailureKind, Finding, Mode, Outcome, Status
from migrate.report.queue import details, entries, queue
from migrate.report.terminal import Ink
from migrate.report.text import View, render

QUOTE = '"' if sys.platform == "win32" else "'"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def test_a_typical_dry_run_reads_like_this() -> None:
    view = View(arguments=("-c", "metadata-storage", "app dir/"), apply_arguments=("--switch",))
    assert (
        render(samples.typical(), view)
        == f"""\
would rewrite app/agents/base.py (1 site)
would rewrite app/agents/triage/agent.py (1 site)

For review: 3 sites in 2 files

app/agents/triage/agent.py
    40:9  metadata-storage.assign: not-an-agent
          | ctx.metadata['k'] = value
          `Runner` is not below `BaseAgent`, so there is no method to call.
          suggestion: agent.store_metadata_result(ctx, 'k', value)

app/core/runner.py
     7:9  metadata-storage.assign: not-an-agent
          | ctx.metadata['k'] = value
          `Runner` is not below `BaseAgent`, so there is no method to call.
    12:9  metadata-storage.append: method-missing
          | if 'errors' not in ctx.metadata:
          |     ctx.metadata['errors'] = []
          | ctx.metadata['errors'].append(error)
          | ... 2 more lines
          `BaseAgent` has no `append_metadata_list` yet; with it, these two
          statements would become one call.
          suggestion:
          | self.append_metadata_list(
          |     ctx, 'errors', error
          | )

Failed and left alone: 1 file
app/broken.py:12: syntax-error: expected ':'

Summary
  files looked at                6,133
    to be rewritten                  2   1 of them with sites for review
    only for review                  1
    only skipped                     1
    failed                           1
  metadata-storage: sites found      7
    to be rewritten                  2
    for review                       3   2 not-an-agent, 1 method-missing
    skipped                          1   1 read-only
    suppressed                       1

Planned: 1 commit on a branch
    1  migrate(metadata-storage): store metadata through the agent in 2 files

Commit the rewrites to a branch:
  migrate --apply --switch -c metadata-storage {QUOTE}app dir/{QUOTE}
See what is left for a person:
  migrate review list -c metadata-storage {QUOTE}app dir/{QUOTE}
"""
    )


def test_colour_changes_nothing_but_colour() -> None:
    report = samples.typical()
    for view in (View(), View(diff=True, stat=True), View(verbosity=1)):
        colored = View(True, view.diff, view.stat, verbosity=view.verbosity)
        assert "\x1b[" not in render(report, view)
        assert ANSI.sub("", render(report, colored)) == render(report, view)


def test_what_holds_for_several_sites_is_said_once_and_only_for_what_is_to_be_done() -> None:
    notice = "Agent: the old helper swallowed errors; the adapter raises RuntimeError."
    sites = [
        samples.finding(line, status, notice=text)
        for line, status, text in (
            (1, Status.REWRITE, notice),
            (2, Status.REVIEW, notice),
            (3, Status.REVIEW, "Other: it emits none."),
            (4, Status.SKIP, "Skipped: nobody has to know."),
        )
    ]
    text = render(samples.report(samples.file("app/agent.py", *sites)), View(width=60))
    assert (
        "Worth knowing before you merge\n"
        "  Agent: the old helper swallowed errors; the adapter raises\n"
        "    RuntimeError.\n"
        "  Other: it emits none.\n\n"
        "For review: 2 sites" in text
    )
    assert "Skipped" not in text


def test_with_differences_the_files_are_not_listed_again() -> None:
    text = render(samples.typical(), View(diff=True))
    assert "+    self.store_metadata_result(context, 'k', 1)\n" in text
    assert "would rewrite" not in text


def test_stat_stands_in_front_of_the_differences() -> None:
    text = render(samples.typical(), View(diff=True, stat=True))
    assert text.index(" 2 files changed, 2 insertions(+)") < text.index("--- a/app/agents/base.py")


def test_quiet_leaves_the_totals_and_what_failed() -> None:
    text = render(samples.typical(), View(verbosity=-1))
    assert text.startswith("Failed and left alone: 1 file\napp/broken.py:12: syntax-error")
    assert "metadata-storage: sites found      7\n" in text
    assert "For review" not in text
    assert "migrate --apply" not in text


def test_skipped_sites_are_counted_by_reason_and_listed_only_when_asked() -> None:
    line = "app/agents/triage/agent.py:52:9: metadata-storage.read: read-only"
    assert line not in render(samples.typical(), View())
    verbose = render(samples.typical(), View(verbosity=1))
    assert line in verbose
    assert "app/core/state.py:3:9: metadata-storage.assign: suppressed" in verbose


def test_nothing_found_is_one_line_with_the_number_of_files() -> None:
    assert render(samples.report(), View()) == (
        "Nothing to migrate: 6,133 files looked at, no site found.\n"
    )


def test_an_applied_run_names_branch_and_commits_and_how_to_go_on() -> None:
    text = render(samples.applied(samples.typical()), View(repo="some repo"))
    assert "rewrote app/agents/base.py (1 site)" in text
    assert "Branch migrate/ef1c07f9d: 1 commit\n  aaaaaaaaa  migrate(metadata-storage): " in text
    quoted = f"{QUOTE}some repo{QUOTE}"
    assert f"  git -C {quoted} log --stat ef1c07f9d..migrate/ef1c07f9d\n" in text
    assert f"  git -C {quoted} merge migrate/ef1c07f9d\n" in text
    assert "migrate --apply" not in text


def test_an_apply_says_what_an_earlier_run_has_already_committed() -> None:
    done = samples.applied(samples.typical())
    twice = samples.replace(done, batches=done.batches * 2)
    assert "Nothing to add: branch migrate/ef1c07f9d is already complete (1 commit)\n" in render(
        samples.replace(done, already=1), View()
    )
    assert "Branch migrate/ef1c07f9d: 2 commits, 1 of them from an earlier run\n" in render(
        samples.replace(twice, already=1), View()
    )


def test_an_apply_without_a_rewrite_says_so() -> None:
    report = samples.report(samples.file("a.py", samples.finding()), mode=Mode.APPLY)
    assert "Nothing to commit: no site can be rewritten.\n" in render(report, View())


def test_a_plain_folder_has_no_branch_to_offer() -> None:
    text = render(samples.report(samples.rewritten("a.py"), base=None), View())
    assert "Planned" not in text
    assert "migrate --apply" not in text
    assert "put this folder under git" in text


def different(count: int) -> list[Finding]:
    return [samples.finding(n + 1, message=f"The value is {n}.") for n in range(count)]


def many() -> samples.Report:
    files = [samples.rewritten(f"m{i:03}.py", *different(i % 4)) for i in range(200)]
    files += [samples.failed(f"f{i:03}.py", FailureKind.DECODE, "not UTF-8") for i in range(40)]
    return samples.report(*files)


def test_long_lists_are_cut_counted_and_say_how_to_see_the_rest() -> None:
    lines = render(many(), View(arguments=("src",))).split("\n")
    assert "... and 180 more files: --stat or -v lists them all" in lines
    assert "For review: 300 sites in 150 files" in lines
    assert "... and 115 more files: `migrate review list src` lists them all" in lines
    assert (
        "The last 270 sites are only counted: `migrate review show FILE` and -v show them." in lines
    )
    assert sum(line.endswith("metadata-storage.assign: not-an-agent") for line in lines) == 30
    assert len(lines) < 300


def test_every_failed_file_is_named_however_many_there_are() -> None:
    text = render(many(), View())
    assert all(f"f{i:03}.py: decode-error: not UTF-8" in text for i in range(40))


def test_verbose_leaves_nothing_out() -> None:
    text = render(many(), View(verbosity=1))
    assert all(f"m{i:03}.py" in text for i in range(200))
    assert text.count("metadata-storage.assign: not-an-agent") == 300
    assert "more files" not in text


def test_a_file_with_more_sites_than_fit_is_counted_rather_than_dropped() -> None:
    report = samples.report(samples.file("big.py", *different(59)))
    text = render(report, View())
    assert "    59  big.py  59 not-an-agent\n" in text
    assert "The last 59 sites are only counted" in text


def test_sites_that_read_the_same_are_shown_once_with_every_place() -> None:
    same = [samples.finding(line) for line in (3, 8, 9)]
    lines = render(samples.report(samples.file("a.py", *same, *different(1))), View()).split("\n")
    start = lines.index("a.py")
    assert lines[start + 1] == "     3:9  metadata-storage.assign: not-an-agent"
    assert lines[start + 2] == "          | ctx.metadata['k'] = value"
    assert "          also at 8:9, 9:9" in lines[start : start + 7]
    assert sum(line.endswith("metadata-storage.assign: not-an-agent") for line in lines) == 2
    assert "For review: 4 sites in 1 file" in lines


def test_many_sites_that_read_the_same_take_the_room_of_one() -> None:
    same = samples.file("a.py", *map(samples.finding, range(1, 60)))
    text = render(samples.report(same), View())
    assert "are only counted" not in text
    assert "59:9" in text


def test_what_rewritten_files_leave_open_comes_first() -> None:
    report = samples.report(
        samples.file("a.py", *different(20)), samples.rewritten("b.py", *different(20))
    )
    text = render(report, View())
    assert "\n\nb.py\n" in text
    assert "    20  a.py  20 not-an-agent\n" in text


def test_each_codemod_has_totals_of_its_own() -> None:
    other = samples.finding(1, codemod="context-imports", reason="elsewhere")
    report = samples.report(samples.file("a.py", samples.finding(), other))
    summaries = tuple(
        CodemodSummary(id, 1, Counts(1, 1, 0, 1)) for id in ("context-imports", "metadata-storage")
    )
    text = render(samples.replace(report, codemods=summaries), View())
    first, second = text.split("context-imports: sites found")[1].split("metadata-storage: sites")
    assert "1 elsewhere" in first
    assert "not-an-agent" not in first
    assert "1 not-an-agent" in second


def test_what_comes_from_files_cannot_act_on_the_terminal_or_forge_a_line() -> None:
    evil = "\x1b]0;pwn\x07\r\u202e\n  failed 0\udc80[bold]"
    finding = samples.finding(
        id=evil, rule=evil, reason=evil, message=evil, before=evil, suggestion=evil, after=evil
    )
    skipped = samples.finding(status=Status.SKIP, reason=evil, rule=evil)
    report = samples.report(
        samples.file(evil, finding, skipped, old=f"{evil}\n", new="x\n"),
        samples.failed(evil, FailureKind.SYNTAX, evil, 1),
        branch=evil,
    )
    texts = [
        render(report, View(verbosity=1, arguments=(evil,))),
        render(report, View(diff=True, stat=True)),
        render(samples.applied(report), View(repo=evil)),
        *("\n".join(details(file, 80, Ink())) for file in queue(report)),
    ]
    for text in texts:
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", text)
        assert r"\x1b]0;pwn\x07" in text
        assert "[bold]" in text
        # Only source may break a line, and then inside its gutter or its diff.
        for line in text.split("\n"):
            assert not line.startswith("  failed 0")


def test_reasons_are_wrapped_between_commas() -> None:
    findings = [samples.finding(i, reason=f"a-rather-long-reason-{i}") for i in range(1, 5)]
    text = render(samples.report(samples.file("a.py", *findings)), View())
    (first, second) = re.findall(r"\d a-rather.*", text[text.index("Summary") :])[:2]
    assert first == "1 a-rather-long-reason-1,"
    assert second == "1 a-rather-long-reason-2,"


def test_a_site_of_several_lines_is_moved_to_the_left_as_a_whole() -> None:
    finding = samples.finding(before="if x:\n            y()\n        z()\n    w()")
    lines = list(details(samples.file("a.py", finding), 80, Ink()))
    assert [line.strip() for line in lines if "|" in line] == [
        "| if x:",
        "|     y()",
        "| z()",
        "| w()",
    ]


def test_a_line_is_shown_where_saying_that_there_is_one_more_would_take_as_much() -> None:
    four, five = (samples.finding(before="\n".join("abcde"[:size])) for size in (4, 5))
    lines = list(entries(samples.file("a.py", four, five), 80, Ink()))
    assert [line.strip() for line in lines if "|" in line] == [
        *("| a", "| b", "| c", "| d"),
        *("| a", "| b", "| c", "| ... 2 more lines"),
    ]


def test_prose_is_wrapped_and_a_suggestion_is_not() -> None:
    long = "word " * 60
    report = samples.report(
        samples.file("a.py", samples.finding(message=long, suggestion="x" * 200, before="y" * 500))
    )
    lines = render(report, View(width=80)).split("\n")
    assert [line for line in lines if len(line) > 80] == [f"{'':10}suggestion: {'x' * 200}"]


def test_the_queue_is_every_review_and_every_failure() -> None:
    report = samples.typical()
    assert [(file.path, len(file.findings)) for file in queue(report)] == [
        ("app/agents/triage/agent.py", 1),
        ("app/core/runner.py", 2),
        ("app/broken.py", 0),
    ]
    assert queue(report)[-1].outcome is Outcome.FAILED


def test_details_give_place_id_source_and_suggestion_in_full() -> None:
    text = "\n".join(details(queue(samples.typical())[1], 80, Ink()))
    assert "app/core/runner.py:12:9  f0000012\n" in text
    assert "| y = 2\n" in text
    assert "|     ctx, 'errors', error\n" in text
