"""Bowler scripts as codemods: every way to run, what fissix cannot do, and nothing that leaks."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from bowler.tool import BowlerTool

from migrate.adapters import adapt_script
from migrate.codemod import FileCodemod, FileContext, Policy
from migrate.engine import Engine
from migrate.errors import UsageError
from migrate.model import FailureKind, FileResult, Status
from migrate.source import Memory

HEAD = "from bowler import Query, SYMBOL, TOKEN\nfrom fissix.fixer_util import Name\n"
RENAME = 'Query().select_function("fetch").rename("load")'
BEFORE = b"import shop\n\n\ndef fetch(x):\n    return fetch( x )  # fetch\n"
AFTER = b"import shop\n\n\ndef load(x):\n    return load( x )  # fetch\n"


def codemod(
    folder: Path, script: str, name: str = "", arguments: tuple[tuple[str, str], ...] = ()
) -> FileCodemod:
    """The codemod of a script, which stands in `folder`."""
    path = folder / "script.py"
    path.write_text(HEAD + script, encoding="utf-8")
    found = adapt_script(path, "script", arguments, name)
    assert isinstance(found, FileCodemod)
    return found


def process(
    folder: Path, script: str, *contents: bytes, name: str = "", path: str = "pkg/m.py"
) -> FileResult:
    """What the script makes of the last of the contents, after it has seen the others.

    Names that nothing binds are allowed, so that examples can be short.
    """
    found = replace(codemod(folder, script, name), names=Policy.OFF)
    for content in contents:
        engine = Engine(found, found.options(), Memory({path: content}), 88)
        result = engine.process(path)
    return result


def refusal(folder: Path, script: str, name: str = "") -> str:
    """What is said about a script that cannot be used."""
    with pytest.raises(UsageError) as caught:
        codemod(folder, script, name)
    return str(caught.value)


# Every way to run

EXECUTED = {
    "a query at the top level": "query = {}",
    "diff": "{}.diff()",
    "interactive diff": "{}.idiff()",
    "interactive": "{}.diff(interactive=True)",
    "write": "{}.write()",
    "execute": "{}.execute()",
    "execute with options": "{}.execute(write=True, in_process=False, silent=False)",
    "silent": "{}.silent()",
    "dump": "{}.dump()",
    "dump of patterns": "{}.dump(selector_pattern=True)",
    "exit code": "import sys\nsys.exit({}.write().retcode or 3)",
    "main": "def main():\n    {}.write()",
    "main program": "if __name__ == '__main__':\n    {}.write()",
    "main, also as main program": (
        "def main():\n    {}.write()\nif __name__ == '__main__':\n    main()"
    ),
    "click": "import click\n@click.command()\ndef main():\n    {}.write()",
    "tool": "from bowler.tool import BowlerTool\nBowlerTool({}.compile()).run(['.'])",
    "own kind of query": (
        "class Mine(Query):\n    def execute(self, **options):\n"
        "        return super().execute(**options)\n"
        "Mine().select_function('fetch').rename('load').write()"
    ),
}


@pytest.mark.parametrize("script", EXECUTED.values(), ids=EXECUTED)
def test_a_script_runs_in_whatever_way_it_executes_its_query(
    script: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    result = process(tmp_path, script.format(RENAME), BEFORE)
    assert (result.failure, result.after) == (None, AFTER)
    assert [finding.status for finding in result.findings] == [Status.REWRITE]
    assert capfd.readouterr() == ("", "")


NAMED = {
    "a query": "wanted = {}",
    "a query among others": "wanted = {}\nother = Query().select_root()",
    "a function that gives a query": "def wanted():\n    return {}",
    "a function that executes one": "def wanted():\n    {}.write()",
    "a function of paths": (
        "def wanted(paths, write=False):\n    assert paths == ['.']\n    {}.diff()"
    ),
    "a function that executes one and gives it": "def wanted():\n    return {}.write()",
    "not what the script executes": (
        "wanted = {}\nQuery().select_function('shop').rename('no').write()\n"
        "def main():\n    raise RuntimeError"
    ),
}


@pytest.mark.parametrize("script", NAMED.values(), ids=NAMED)
def test_a_query_or_function_can_be_named(script: str, tmp_path: Path) -> None:
    result = process(tmp_path, script.format(RENAME), BEFORE, name="wanted")
    assert (result.failure, result.after) == (None, AFTER)


def test_bowler_reads_and_writes_no_file_and_starts_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "target.py"
    target.write_bytes(BEFORE)
    monkeypatch.chdir(tmp_path)
    query = RENAME.replace("Query()", f"Query({str(target)!r}, 'target.py', 'missing.py')")
    result = process(tmp_path, f"{query}.write(in_process=False)", BEFORE)
    assert (result.after, target.read_bytes()) == (AFTER, BEFORE)
    assert sorted(os.listdir(tmp_path)) == ["script.py", "target.py"]
    assert multiprocessing.active_children() == []


def test_arguments_are_the_command_line_of_the_script(tmp_path: Path) -> None:
    script = (
        "import sys\n_, old, new, *rest = sys.argv\nassert rest == ['--level=3'], rest\n"
        "Query().select_function(old).rename(new).write()"
    )
    arguments = (("argv", "fetch"), ("argv", "load"), ("level", "3"))
    found = codemod(tmp_path, script, arguments=arguments)
    engine = Engine(found, found.options(), Memory({"m.py": BEFORE}), 88)
    assert engine.process("m.py").after == AFTER


def test_modules_beside_the_script_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "names_of_shop.py").write_text("OLD = 'fetch'\n")
    script = "from names_of_shop import OLD\nQuery().select_function(OLD).rename('load').write()"
    assert process(tmp_path, script, BEFORE).after == AFTER
    assert sorted(os.listdir(tmp_path)) == ["names_of_shop.py", "script.py"]
    assert "names_of_shop" not in sys.modules


def test_no_module_beside_the_script_takes_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "colorsys.py").write_text("raise RuntimeError\n")
    assert process(tmp_path, f"import colorsys\n{RENAME}.write()", BEFORE).after == AFTER


def test_a_module_without_bowler_is_no_script(tmp_path: Path) -> None:
    for source in ("import bowlers\n", "from .bowler import Query\n", "# bowler\n", "bowler (\n"):
        (tmp_path / "other.py").write_text(source)
        assert adapt_script(tmp_path / "other.py", "other", ()) is None


def test_a_script_that_is_only_to_be_described_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text('"""Rename a lot.\n\nAll of it."""\nimport bowler\nraise RuntimeError\n')
    found = adapt_script(path, "script", None)
    assert isinstance(found, FileCodemod)
    assert (found.id, found.summary) == ("script", "Rename a lot.")
    assert "`migrate` chooses the files, not the paths of a query" in found.doc


def test_a_script_may_change_its_own_result_which_is_said(tmp_path: Path) -> None:
    script = "Query().select_function('fetch').add_argument('retries', '3').write()"
    result = process(tmp_path, script, b"def fetch(x):\n    pass\n")
    assert result.after == b"def fetch(x, retries=3):\n    pass\n"
    assert (Status.REVIEW, "second-pass") in [(f.status, f.reason) for f in result.findings]


# Scripts that cannot be used


def test_several_queries_have_to_be_named(tmp_path: Path) -> None:
    said = refusal(tmp_path, f"first = {RENAME}\nsecond = {RENAME}")
    assert "several queries and executes none of them: first, second; name one as " in said
    assert said.endswith("script.py:NAME")


def test_a_query_with_two_names_is_one_query(tmp_path: Path) -> None:
    assert process(tmp_path, f"first = {RENAME}\nsecond = first", BEFORE).after == AFTER


def test_a_script_without_query_is_refused_with_its_last_words(tmp_path: Path) -> None:
    assert refusal(tmp_path, "").endswith("executes no query, and has none at its top level")
    usage = refusal(tmp_path, "def main():\n    print('usage: script.py OLD NEW')")
    assert usage.endswith("top level; it says: usage: script.py OLD NEW")


def test_a_script_that_ends_too_early_is_refused_with_its_last_words(tmp_path: Path) -> None:
    script = "import argparse\np = argparse.ArgumentParser()\np.add_argument('old')\np.parse_args()"
    said = refusal(tmp_path, script)
    assert "ended with 2 before it executed a query; it says: " in said
    assert said.endswith("error: the following arguments are required: old")


def test_a_script_that_fails_says_where(tmp_path: Path) -> None:
    place = f"{tmp_path / 'script.py'}, line 3: "
    assert refusal(tmp_path, "print(1 / 0)") == f"{place}ZeroDivisionError: division by zero"
    assert refusal(tmp_path, "import no_such").startswith(f"{place}ModuleNotFoundError: ")
    assert refusal(tmp_path, "input('Sure? ')").startswith(f"{place}EOFError: ")
    assert refusal(tmp_path, "Query().rename('x')").startswith(f"{place}ValueError: no selectors")


def test_a_pattern_that_fissix_refuses_is_refused(tmp_path: Path) -> None:
    assert "PatternSyntaxError" in refusal(tmp_path, "Query().select('power<').write()")


def test_a_name_that_is_no_query_is_refused(tmp_path: Path) -> None:
    assert "LookupError: it has no Bowler query wanted" in refusal(tmp_path, "", name="wanted")
    assert "it has no Bowler query wanted" in refusal(tmp_path, "wanted = 1", name="wanted")


def test_a_script_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read it: "):
        adapt_script(tmp_path, "script", ())


# Nothing leaks

STATEFUL = """
names = []
def number(node, capture, filename):
    names.append(filename)
    node.value = f"fetch{len(names)}"
Query().select_var("fetch").modify(number).write()
"""


def test_a_script_remembers_nothing_of_other_files(tmp_path: Path) -> None:
    assert process(tmp_path, STATEFUL, b"fetch, fetch\n").after == b"fetch1, fetch2\n"
    result = process(tmp_path, STATEFUL, b"fetch, fetch\n", b"x = fetch\n")
    assert result.after == b"x = fetch1\n"


def test_a_module_beside_the_script_remembers_nothing_either(tmp_path: Path) -> None:
    (tmp_path / "counting_calls.py").write_text("names = []\n")
    script = STATEFUL.replace("names = []", "from counting_calls import names")
    assert process(tmp_path, script, b"fetch = 1\n", b"fetch = 1\n").after == b"fetch1 = 1\n"


def test_a_module_that_was_found_elsewhere_is_not_imported_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as an installed package: its C parts may not bear it."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "of_another_folder.py").write_text("names = []\n")
    monkeypatch.syspath_prepend(tmp_path / "src")
    script = STATEFUL.replace("names = []", "from of_another_folder import names")
    assert process(tmp_path, script, b"fetch = 1\n").after == b"fetch1 = 1\n"
    assert sys.modules.pop("of_another_folder").names == ["./pkg/m.py"]


def test_a_module_of_the_same_package_remembers_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "of_renamings"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "counts.py").write_text("names = []\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    path = package / "script.py"
    path.write_text(HEAD + STATEFUL.replace("names = []", "from .counts import names"))
    found = adapt_script(path, "script", (), package="of_renamings")
    assert isinstance(found, FileCodemod)
    for _ in range(2):
        converted = found.convert(b"fetch = 1\n", FileContext("m.py"))
        assert converted.after == b"fetch1 = 1\n"
    assert "of_renamings.counts" not in sys.modules


def test_queries_see_variables_as_they_are_when_they_are_executed(tmp_path: Path) -> None:
    script = """
for old, new in [("a", "x"), ("b", "y")]:
    def change(node, capture, filename):
        node.value = new
    Query().select_var(old).filter("node.value in 'ab'").modify(change).write()
"""
    assert process(tmp_path, script, b"a = b = 1\n").after == b"x = y = 1\n"


def test_each_query_works_on_what_the_one_before_has_left(tmp_path: Path) -> None:
    script = f"{RENAME}.write()\nQuery().select_function('load').rename('read').write()"
    result = process(tmp_path, script, BEFORE)
    assert result.after == AFTER.replace(b"load", b"read")


def test_a_query_that_depends_on_what_another_finds_is_refused(tmp_path: Path) -> None:
    script = """
found = []
Query().select("'fetch'").modify(lambda node, c, f: found.append("load")).write()
for name in found:
    Query().select_var(name).rename("read").write()
"""
    result = process(tmp_path, script, b"fetch = 1\n")
    assert result.failure is not None
    assert "executes other queries here than on no file at all" in result.failure.message
    assert process(tmp_path, script, b"other = 1\n") == FileResult("pkg/m.py")


def test_the_process_is_as_it_was_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    script = f"""
import logging, os, sys
os.chdir("elsewhere")
logging.basicConfig(level=1, force=True)
sys.setrecursionlimit(sys.getrecursionlimit() + 500)
sys.argv.append("more")
{RENAME}.write()
"""

    def state() -> list[object]:
        root = logging.getLogger()
        return [
            os.getcwd(), sys.argv[:], sys.path[:], sys.stdin, sys.stdout, sys.stderr,
            root.level, root.handlers[:], sys.getrecursionlimit(), sys.dont_write_bytecode,
            sys.modules["__main__"], BowlerTool.refactor, "script.py" in sys.modules,
        ]  # fmt: skip

    before = state()
    assert process(tmp_path, script, BEFORE).after == AFTER
    assert state() == before


# Names of files


@pytest.mark.parametrize(
    ("paths", "name"),
    [
        ("", "./src/shop/m.py"),
        ("'.'", "./src/shop/m.py"),
        ("'./'", "./src/shop/m.py"),
        ("'src'", "src/shop/m.py"),
        ("['lib', './src/']", "./src/shop/m.py"),
        ("'src/shop/m.py'", "src/shop/m.py"),
        ("'sr'", "./src/shop/m.py"),
        ("'/elsewhere'", "./src/shop/m.py"),
    ],
)
def test_a_file_has_the_name_that_bowler_gives_it(paths: str, name: str, tmp_path: Path) -> None:
    query = f"Query({paths}).select_function('fetch')"
    script = f"{query}.filter(lambda node, c, f: f == {name!r}).rename('load').write()"
    assert process(tmp_path, script, BEFORE, path="src/shop/m.py").after == AFTER


def test_queries_with_different_paths_are_for_the_files_below_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a script that goes through the files by itself would change each of them repeatedly."""
    monkeypatch.chdir(tmp_path)
    script = f"""
from pathlib import Path
for path in ["pkg/m.py", "pkg/n.py", "pk", {str(tmp_path / "lib")!r}, Path("lib/deep")]:
    Query(path).select_function("fetch").add_argument("x", "1").write()
"""
    found = codemod(tmp_path, script)

    def after(path: str) -> bytes | None:
        return found.convert(b"def fetch(): pass\n", FileContext(path, str(tmp_path))).after

    assert after("pkg/m.py") == b"def fetch(x=1): pass\n"
    assert after("lib/m.py") == b"def fetch(x=1): pass\n"
    assert after("lib/deep/m.py") == b"def fetch(x=1, x=1): pass\n"  # as the script says
    assert after("pkg/other.py") is None


def test_a_matcher_of_file_names_is_obeyed(tmp_path: Path) -> None:
    query = RENAME.replace("Query()", "Query(filename_matcher=lambda name: 'test' in name)")
    assert process(tmp_path, f"{query}.write()", BEFORE).after is None
    assert process(tmp_path, f"{query}.write()", BEFORE, path="pkg/test_m.py").after == AFTER


# Hunks

TWO_HUNKS = b"fetch()  # first\n" + b"# between\n" * 8 + b"\n\nfetch()  # last"


@pytest.mark.parametrize("refused", ["first", "last", "neither"])
def test_a_refused_hunk_stays_and_the_others_are_applied(refused: str, tmp_path: Path) -> None:
    script = f"{RENAME}.process(lambda name, hunk: {refused!r} not in str(hunk)).write()"
    lines = [
        line if refused.encode() in line else line.replace(b"fetch", b"load")
        for line in TWO_HUNKS.splitlines(keepends=True)
    ]
    assert process(tmp_path, script, TWO_HUNKS).after == b"".join(lines)


def test_a_processor_sees_hunks_as_bowler_shows_them(tmp_path: Path) -> None:
    hunk = ["--- ./pkg/m.py", "+++ ./pkg/m.py", "@@ -1,2 +1,2 @@", "-fetch()", "+load()", " x"]
    script = f"{RENAME}.process(lambda name, hunk: (name, hunk) == ('./pkg/m.py', {hunk})).write()"
    assert process(tmp_path, script, b"fetch()\r\nx\r\n").after == b"load()\r\nx\r\n"


# Bytes that are none of Bowler's business

QUIRKS = {
    "no final line end": b"fetch(1)",
    "comment without line end": b"fetch(1)\n# end",
    "CRLF": b"x = [\r\n    1]\r\nfetch(1, \\\r\n  2)  # c\r\n\r\n'''a\r\nb'''\r\n",
    "CRLF without final line end": b"fetch(1)\r\nx = 1",
    "mixed line ends": b"fetch(1)\r\nx = 1\ny = 2\r\n",
    "byte-order mark": b"\xef\xbb\xbffetch(1)\n",
    "cookie": b"# coding: latin-1\nfetch('\xe4')\n",
    "beyond the BMP": "fetch('\U0001f600')\n".encode(),
    "form feed": b"x = 1\n\x0c\nfetch(1)\n",
    "strange line ends in a string": "fetch('''\x0b\x0c\x1c\u2028\x85''')\n".encode(),
    "tabs": b"if x:\n\tfetch(1)\n\tif y:\n\t        fetch(2)\n",
    "continuation": b"x = \\\n    fetch(1) \\\n    + 1\n",
    "trailing spaces": b"fetch(1)   \n   \n  # c  \nx = 1 ; \n",
    "print as a function": b"print(fetch(1), file=x, end='')\nprint\n",
    "exec as a method": b"app.exec(fetch(1))\nexec = fetch(2)\n",
    "print function from the future": b"from __future__ import print_function\nprint(fetch(1))\n",
    "async": b"async def f():\n    async with a as b:\n        await fetch(1)\n",
    "f-strings": b"fetch(f'{x!r:>{w}} {{}} {d[\"a\"]} {{{x}}}', rf'{x}', f'''{y\n}''')\n",
    "assignment expression": b"if (n := fetch(1)):\n    pass\n",
}


@pytest.mark.parametrize("before", QUIRKS.values(), ids=QUIRKS)
def test_only_the_change_changes_the_bytes(before: bytes, tmp_path: Path) -> None:
    result = process(tmp_path, f"{RENAME}.write()", before)
    assert (result.failure, result.after) == (None, before.replace(b"fetch(", b"load("))


def test_line_feeds_that_a_script_adds_become_line_ends_of_the_file(tmp_path: Path) -> None:
    script = """
from fissix.fixer_util import Newline
def add(node, capture, filename):
    node.parent.append_child(Name("pass", prefix="\\n"))
    node.parent.append_child(Newline())
    node.children[0].value = "y"
Query().select("expr_stmt< 'x' any* >").modify(add).write()
"""
    assert process(tmp_path, script, b"x = 1\r\n").after == b"y = 1\r\n\r\npass\r\n"


# What fissix cannot parse

TOO_NEW = {
    "match": b"match x:\n    case 1:\n        fetch(x)\n",
    "except*": b"try:\n    fetch()\nexcept* OSError:\n    pass\n",
    "parenthesised with": b"with (a as b, c as d):\n    fetch()\n",
    "positional-only parameters": b"def f(a, /):\n    fetch()\n",
    "type statement": b"type X = int\nfetch()\n",
    "type parameters": b"def f[T](x: T): fetch()\n",
    "f-string with its own quotes": b"fetch(f'{x['a']}')\n",
    "f-string that looks like two": b"print(f'{x + ' (fetch()) * '}')\n",
    "lone carriage returns": b"x = 1\rfetch()\r",
    "nested too deeply": b"x = fetch(" + b"-" * 1500 + b"1)\n",
}


@pytest.mark.parametrize("content", TOO_NEW.values(), ids=TOO_NEW)
def test_a_file_that_fissix_cannot_parse_is_for_review_where_the_word_occurs(
    content: bytes, tmp_path: Path
) -> None:
    result = process(tmp_path, f"{RENAME}.write()", content)
    assert (result.failure, result.after) == (None, None)
    findings = [(f.rule, f.status, f.reason) for f in result.findings]
    assert findings == [("change", Status.REVIEW, "bowler-cannot-parse")]
    prefetched = content.replace(b"fetch", b"prefetched")
    assert process(tmp_path, f"{RENAME}.write()", prefetched) == FileResult("pkg/m.py")


def test_the_finding_stands_at_the_line_where_fissix_gives_up(tmp_path: Path) -> None:
    content = b"fetch()\n\ntry:\n    pass\nexcept* OSError:\n    pass\n"
    (finding,) = process(tmp_path, f"{RENAME}.write()", content).findings
    assert finding.start.line == 5
    assert finding.message == "Bowler's parser does not know all of Python: it stops at '*'."


def test_without_words_every_file_that_fissix_cannot_parse_is_for_review(tmp_path: Path) -> None:
    script = "Query().select_root().modify(lambda node, c, f: None).write()"
    (finding,) = process(tmp_path, script, b"match x:\n    case 1: pass\n").findings
    assert finding.reason == "bowler-cannot-parse"


def test_a_newer_grammar_is_tried_for_a_script_of_python_2(tmp_path: Path) -> None:
    script = RENAME.replace("Query()", "Query(python_version=2)") + ".write()"
    assert process(tmp_path, script, b"print(fetch(), file=x)\n").after == (
        b"print(load(), file=x)\n"
    )


# Modifiers that fail


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('no such thing')", "ValueError: no such thing"),
        ("import sys; sys.exit('stop')", "SystemExit: stop"),
        ("input('Apply? ')", "EOFError: EOF when reading a line"),
        ("from bowler.types import RetryFile; raise RetryFile", "RetryFile"),
    ],
)
def test_a_modifier_that_fails_costs_the_file(body: str, said: str, tmp_path: Path) -> None:
    script = f"def change(node, capture, filename):\n    {body}\n"
    script += "Query().select_function('fetch').modify(change).write()"
    result = process(tmp_path, script, BEFORE)
    assert result.failure is not None
    assert (result.failure.kind, result.after) == (FailureKind.CODEMOD, None)
    assert f"script.py, line 4: {said}" in result.failure.message
    assert process(tmp_path, script, b"prefetch()\n") == FileResult("pkg/m.py")


def test_a_modifier_that_fails_is_not_hidden_by_its_script(tmp_path: Path) -> None:
    query = "Query().select_function('fetch').modify(lambda node, c, f: 1 / 0)"
    result = process(tmp_path, f"{query}.write()\n{RENAME}.write()", BEFORE)
    assert result.failure is not None
    assert "ZeroDivisionError" in result.failure.message


def test_a_result_that_is_no_python_costs_the_file(tmp_path: Path) -> None:
    script = "Query().select_function('fetch').rename('1 2').write()"
    result = process(tmp_path, script, BEFORE)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.CODEMOD
    assert "BadTransform: Transforms generated invalid CST for ./pkg/m.py" in result.failure.message


def test_a_name_that_would_be_unbound_costs_the_file(tmp_path: Path) -> None:
    """Bowler renames definitions and calls of a function, but no other uses."""
    found = codemod(tmp_path, f"{RENAME}.write()")
    content = b"def fetch(): pass\n\ncallbacks = [fetch]\n"
    result = Engine(found, found.options(), Memory({"m.py": content}), 88).process("m.py")
    assert result.failure is not None
    assert (result.failure.kind, result.after) == (FailureKind.SAFETY, None)
    assert result.failure.message == "names: would be unbound: fetch"


# Words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Query().select_function('fetch')", {"fetch"}),
        ("Query().select_method('fetch')", {"fetch"}),
        ("Query().select_class('Shop')", {"Shop"}),
        ("Query().select_subclass('Shop')", {"Shop"}),
        ("Query().select_attribute('price')", {"price"}),
        ("Query().select_var('x')", {"x"}),
        ("Query().select_module('shop')", {"shop"}),
        ("Query().select_module('shop.prices')", {"shop.prices", "prices"}),
        ("Query().select_var('x').select_class('Shop')", {"x", "Shop"}),
        ("Query().select(\"power< 'print' trailer< '(' any* ')' > >\")", {"print"}),
        ("Query().select(\"power< ('a' | 'bb') trailer< '.' 'ccc' > >\")", {"ccc"}),
        ("Query().select(\"power< ('aaaa' | 'bbbb') trailer< '.' 'c' > >\")", {"aaaa", "bbbb"}),
        ("Query().select(\"power< 'a'+ any* >\")", {"a"}),
        ('Query().select("STRING")', None),
        ("Query().select(\"power< 'a'* any >\")", None),
        ("Query().select(\"power< ['a'] any >\")", None),
        ("Query().select(\"power< not 'a' any >\")", None),
        ("Query().select(\"power< ('a' | any) >\")", None),
        ("Query().select(\"'lambda'\")", None),
        ("Query().select(\"'=='\")", None),
        ("Query().select_var('größe')", None),
        ("Query().select_root()", None),
        ("Query().select_root().select_var('x')", None),
        ("Query()", None),
    ],
)
def test_needles_are_words_that_every_match_contains(
    query: str, words: set[str] | None, tmp_path: Path
) -> None:
    needles = codemod(tmp_path, f"{query}.write()").needles
    assert set(needles) == {word.encode() for word in words or ()}


def test_a_fixer_that_decides_by_itself_has_no_needles(tmp_path: Path) -> None:
    script = """
from bowler.tool import BowlerTool
from fissix.fixer_base import BaseFix
class Fix(BaseFix):
    PATTERN = "'fetch'"
    def match(self, node):
        return getattr(node, "value", "") == "x"
    def transform(self, node, results):
        return Name("y", prefix=node.prefix)
BowlerTool([Fix]).run([])
"""
    assert codemod(tmp_path, script).needles == ()
    assert process(tmp_path, script, b"x = 1\n").after == b"y = 1\n"
