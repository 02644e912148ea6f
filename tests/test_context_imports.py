"""The codemod `context-imports` on every case of its fixtures."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter

import pytest
from bindings import moved_calls, stand_in
from cases import BASE_PROJECT, FIXTURES, Case, check_case, load_cases, read_tree

from codemods.context_imports import CODEMOD
from codemods.context_imports.travel.words import AROUND, NAME, STAR, Words
from migrate.codemod import build_options
from migrate.engine import Engine
from migrate.errors import UsageError
from migrate.model import Status
from migrate.source import Memory
from migrate.testing.checks import LINE_LENGTH, examine

CASES = load_cases(CODEMOD.id)
MOVED = [case for case in CASES if case.after is not None]
SUPERVISOR = "netra_backend/app/agents/supervisor"
LEGACY = f"{SUPERVISOR}/user_execution_context.py"
FACTORY = f"{SUPERVISOR}/execution_factory.py"
TARGET = "netra_backend/app/services/user_execution_context.py"
NEW_MODULE = TARGET.removesuffix(".py").replace("/", ".")
KEYWORDS = {
    "websocket_connection_id": "websocket_client_id",
    "metadata": "agent_context",
    "additional_metadata": "additional_agent_context",
}
ATTRIBUTES = {"websocket_connection_id": "websocket_client_id"}
REASONS = {
    "all-or-nothing",
    "callee-not-compatible",
    "caller-not-compatible",
    "circular-import",
    "consumer-not-compatible",
    "dotted-string",
    "fields-differ",
    "forbidden-id",
    "forbidden-key",
    "incompatible-uses",
    "legacy-module",
    "mentioned-in-text",
    "missing-argument",
    "missing-attribute",
    "module-object",
    "name-missing",
    "overridden-member",
    "positional-order",
    "raises-differently",
    "star-import",
    "target-module",
    "unknown-argument",
    "unused-module",
    "write-is-lost",
}


def comments(data: bytes) -> Counter[str]:
    """Every comment of a file, with how often it occurs."""
    tokens = tokenize.generate_tokens(io.StringIO(data.decode()).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def names_of_imports(source: bytes) -> set[str]:
    """What the imports of a file bind, at any level, except for `import a.b`."""
    return {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if alias.asname or isinstance(node, ast.ImportFrom)
    }


def project_file(path: str) -> str:
    return (FIXTURES / CODEMOD.id / BASE_PROJECT / path).read_text("utf-8")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case_comes_out_as_its_files_say(case: Case) -> None:
    check_case(CODEMOD, case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_file_moves_as_a_whole_or_not_at_all(case: Case) -> None:
    statuses = {finding.status for finding in case.findings}
    assert not {"rewrite", "review"} <= statuses
    assert ("rewrite" in statuses) == (case.after is not None)


@pytest.mark.parametrize("case", MOVED, ids=str)
def test_result_compiles_and_keeps_every_comment_and_every_bound_name(case: Case) -> None:
    assert case.after is not None
    compile(case.after, case.name, "exec", dont_inherit=True)
    before, after = comments(case.before), comments(case.after)
    assert set(after) == set(before)
    assert all(after[comment] >= count for comment, count in before.items())
    assert names_of_imports(case.after) == names_of_imports(case.before)


@pytest.mark.parametrize(
    "case",
    [case for case in MOVED if not case.options],
    ids=str,
)
def test_arguments_of_moved_calls_keep_their_meaning_by_python_s_own_binding(case: Case) -> None:
    assert case.after is not None
    new = stand_in(project_file(TARGET), "UserExecutionContext")
    old = stand_in(project_file(LEGACY), "UserExecutionContext")
    before, after = case.before.decode(), case.after.decode()
    for moved in moved_calls(before, after, old, new, NEW_MODULE, ATTRIBUTES):
        expected = {KEYWORDS.get(name, name): value for name, value in moved.before.items()}
        assert moved.after == expected, f"line {moved.line}"


def test_check_of_the_arguments_sees_a_swapped_request_and_session() -> None:
    new = stand_in(project_file(TARGET), "UserExecutionContext")
    old = stand_in(project_file(LEGACY), "UserExecutionContext")
    call = "from old import UserExecutionContext as C\nC('u', 't', 'r', session, 'q')"
    (moved,) = moved_calls(call, call, old, new, NEW_MODULE, ATTRIBUTES)
    assert moved.before["request_id"] == "'q'"
    assert moved.after["request_id"] == "session"


def test_check_of_the_arguments_sees_a_call_that_does_not_bind() -> None:
    new = stand_in(project_file(TARGET), "UserExecutionContext")
    old = stand_in(project_file(FACTORY), "UserExecutionContext")
    call = (
        "from old import UserExecutionContext as C\nC(user_id='u', request_id='q', thread_id='t')"
    )
    with pytest.raises(TypeError, match="run_id"):
        list(moved_calls(call, call, old, new, NEW_MODULE, ATTRIBUTES))


def test_every_rule_and_every_reason_has_a_case() -> None:
    findings = [finding for case in CASES for finding in case.findings]
    assert {finding.rule for finding in findings} == {rule.id for rule in CODEMOD.rules}
    assert {finding.reason for finding in findings} - {None} == REASONS
    assert {finding.status for finding in findings} == {status.value for status in Status}


def test_more_sites_are_refused_than_rewritten() -> None:
    statuses = Counter(finding.status for case in CASES for finding in case.findings)
    assert statuses.total() - statuses["rewrite"] > statuses["rewrite"]


def test_every_case_says_what_it_shows() -> None:
    assert all(case.summary.endswith(".") for case in CASES)


def test_import_that_waits_names_the_lines_that_it_waits_for() -> None:
    case = next(
        case for case in CASES if case.name == "name-that-is-missing-holds-the-other-imports"
    )
    waiting = check_case(CODEMOD, case).findings[0]
    assert waiting.reason == "incompatible-uses"
    assert "line 5" in waiting.message


def test_a_call_that_fails_already_is_said_to() -> None:
    case = next(case for case in CASES if case.name == "call-with-what-neither-class-takes")
    result = examine(CODEMOD, case.before, case.options, case.path, case.project, LINE_LENGTH)
    (found,) = (f for f in result.findings if f.rule == "call")
    assert found.message.endswith("Nor can the old one, so the call fails already.")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ('"test"', "The id is 'test', which the new class refuses."),
        (
            '"test_user"',
            "The id is 'test_user', and the new class refuses one that starts with 'test_'.",
        ),
        ('f"test_{uuid4().hex[:8]}"', "with 'test_'."),
        ('f"test_{int(time.time())}"', "with 'test_'."),
        ('f"test_{len(user)}"', "with 'test_' unless it has 20 characters."),
        ('"test_user_%s" % user', "with 'test_' unless it has 20 characters."),
        ("user", "The id may be 'test_user' (line 4), and"),
        ('user or "demo_user"', "The id may be 'test_user' (line 4), and"),
    ],
)
def test_refused_id_is_named_with_its_line_and_its_length_where_that_is_open(
    given: str, message: str
) -> None:
    case = next(case for case in CASES if case.name == "id-of-something-that-is-no-id")
    source = (
        f"from {LEGACY.removesuffix('.py').replace('/', '.')} import UserExecutionContext\n"
        "import time\nfrom uuid import uuid4\ndef make(user='test_user'):\n"
        f"    return UserExecutionContext({given}, 't', 'r')\n"
    )
    result = examine(CODEMOD, source.encode(), {}, case.path, case.project, LINE_LENGTH)
    (finding,) = (f for f in result.findings if f.rule == "id")
    assert message in finding.message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{KEY: 1}", "The dictionary has the key 'db_session', which the new class refuses in"),
        ("data", "The dictionary may have the key 'websocket_client_id' (line 6), which"),
        ("DATA", "The dictionary has the key 'db_session' (line 3), which the new class refuses"),
        ("DATA if data else {}", "The dictionary may have the key 'db_session' (line 3), which"),
    ],
)
def test_refused_key_is_named_with_its_line_if_that_is_another(given: str, message: str) -> None:
    case = next(case for case in CASES if case.name == "key-that-nobody-knows")
    source = (
        f"from {LEGACY.removesuffix('.py').replace('/', '.')} import UserExecutionContext\n"
        "KEY = 'db_session'\nDATA = {KEY: 1}\ndef make(user, data):\n"
        "    data = dict(data)\n    data['websocket_client_id'] = 1\n"
        f"    return UserExecutionContext(user, 't', 'r', metadata={given})\n"
    )
    result = examine(CODEMOD, source.encode(), {}, case.path, case.project, LINE_LENGTH)
    (finding,) = (f for f in result.findings if f.rule == "entry")
    assert message in finding.message


@pytest.mark.parametrize(
    ("use", "suggestion"),
    [
        ("UserExecutionContext('test', 't', 'r')", "'user-test'"),
        ("UserExecutionContext('u', 't', run_id=f'test_{n}')", "f'run-test_{n}'"),
        ("UserExecutionContext('test_' 'u', 't', 'r')", None),
        ("UserExecutionContext(n, 't', 'r')", None),
        ("c.metadata['a'] = 1", "c.agent_context"),
        ("getattr(c, 'metadata')['a']", "'agent_context'"),
        ("del c.metadata", None),
    ],
)
def test_use_that_keeps_a_file_says_what_to_write_instead(use: str, suggestion: str | None) -> None:
    case = next(case for case in CASES if case.name == "id-of-something-that-is-no-id")
    source = (
        f"from {LEGACY.removesuffix('.py').replace('/', '.')} import UserExecutionContext\n"
        f"n = 'test_user'\ndef run(c: UserExecutionContext):\n    {use}\n"
    )
    result = examine(CODEMOD, source.encode(), {}, case.path, case.project, LINE_LENGTH)
    (finding,) = (f for f in result.findings if f.rule not in ("from", "keyword"))
    assert finding.suggestion == suggestion


def test_call_that_lacks_an_argument_is_suggested_with_a_place_for_it() -> None:
    case = next(case for case in CASES if case.name == "id-of-something-that-is-no-id")
    source = (
        f"from {FACTORY.removesuffix('.py').replace('/', '.')} import UserExecutionContext\n"
        "UserExecutionContext('u', 'r', 't')\n"
    )
    result = examine(CODEMOD, source.encode(), {}, case.path, case.project, LINE_LENGTH)
    (finding,) = (f for f in result.findings if f.rule == "call")
    assert finding.suggestion == (
        "UserExecutionContext('u', request_id='r', thread_id='t', run_id=...)"
    )


@pytest.mark.parametrize(
    "given",
    [
        '"test_" + ' + " + ".join(['"x"'] * 900),
        " or ".join(["user"] * 900),
        "user if user else " * 150 + "user",
        "str(" * 60 + "user" + ")" * 60,
        "user" + "[0]" * 500,
    ],
    ids=lambda source: source[:12],
)
def test_id_that_is_nested_deeply_breaks_nothing(given: str) -> None:
    case = next(case for case in CASES if case.name == "id-of-something-that-is-no-id")
    names = "".join(f"n{at} = f'{{n{at + 1}}}{{n{at + 1}}}'\n" for at in range(60))
    source = (
        f"from {LEGACY.removesuffix('.py').replace('/', '.')} import UserExecutionContext\n"
        f"{names}n60 = n0\ndef make(user):\n"
        f"    return UserExecutionContext({given}, n0, 'r')\n"
    )
    result = examine(CODEMOD, source.encode(), {}, case.path, case.project, LINE_LENGTH)
    assert result.failure is None
    assert result.findings


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"moves": [{"to": "new"}]}, r"tool: moves\[1\]: the key 'from' is missing"),
        ({"moves": [{"from": "old", "to": 3}]}, r"tool: moves\[1\]: to must be a string, not 3"),
        ({"moves": {"from": "old"}}, "tool: moves must be a list of tables"),
        ({"moves": [{"from": "o", "to": "n", "as": "m"}]}, r"moves\[1\]: unknown key 'as'"),
        ({"moves": [{"from": "o", "to": "n", "rename": ["a"]}]}, "rename must be a table"),
        ({"keywords": {"a": 1}}, "tool: keywords must be a table of strings"),
        ({"ids": "user_id"}, "tool: ids must be a list of strings"),
    ],
)
def test_option_that_does_not_fit_is_named(table: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build_options(CODEMOD, table, "tool")


@pytest.mark.parametrize(
    ("source", "word", "found"),
    [
        ("from app.case import make", b"case", True),
        ("from app.case import make", NAME + b"case", False),
        ("from app import case as c", NAME + b"case", True),
        ("if deep: import app.case", b"case", True),
        ("from app import (\n    one,  # for all (or most)\n    case,\n)", NAME + b"case", True),
        ("from app import one, \\\n    case", b"case", True),
        ("from app.case import *", STAR + b"case", True),
        ("from app.case import (make)\ncase = 1 * case", STAR + b"case", False),
        ("from .. import make", AROUND, True),
        ("from app import make\ncase = 1", b"case", False),
        ("important = case", b"case", False),
    ],
)
def test_words_of_imports_are_told_from_others(source: str, word: bytes, found: bool) -> None:
    assert (word in Words(source.encode()).imports) == found


APPLICATION = "apps.netra."


@pytest.mark.parametrize(
    ("options", "written"),
    [(APPLICATION, ""), ("", ""), ("", APPLICATION), (APPLICATION, APPLICATION)],
)
def test_application_in_a_folder_keeps_the_root_of_its_imports(options: str, written: str) -> None:
    root = FIXTURES / CODEMOD.id / BASE_PROJECT
    files = {f"apps/netra/{path}": data for path, data in read_tree(root).items()}
    old, new = (path.removesuffix(".py").replace("/", ".") for path in (LEGACY, TARGET))
    files["apps/netra/main.py"] = f"from {written}{old} import UserExecutionContext\n".encode()
    table = {"moves": [{"from": f"{options}{old}", "to": f"{options}{new}"}]}
    engine = Engine(CODEMOD, build_options(CODEMOD, table, "case"), Memory(files), line_length=88)
    after = engine.process("apps/netra/main.py").after
    assert after == f"from {written}{new} import UserExecutionContext\n".encode()


def test_a_file_stays_whose_partner_the_run_leaves_out() -> None:
    """The two move together, or not at all: also where the command line names only one of them."""
    (case,) = (c for c in CASES if c.name == "elsewhere-a-callee-checks-the-class-and-moves")
    path, partner = "netra_backend/app/agents/case.py", "netra_backend/app/agents/other.py"
    files = Memory({**case.project, path: case.before})
    reasons = []
    for changing in (frozenset({path}), frozenset({path, partner}), None):
        engine = Engine(CODEMOD, CODEMOD.options(), files, LINE_LENGTH, changing=changing)
        reasons.append([finding.reason for finding in engine.process(path).findings])
    assert reasons == [["incompatible-uses", "callee-not-compatible"], [None], [None]]


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        (
            "a-callee-needs-the-old-class",
            "Write context.agent_context at {}:5, if all code agrees on that.",
        ),
        ("a-callee-checks-the-class-and-stays", "See what is said of {}: the two move together."),
        ("a-callee-takes-all-fields", "Make {}:5 take objects of either class."),
    ],
)
def test_what_stands_in_the_way_elsewhere_says_what_to_do(name: str, suggestion: str) -> None:
    (case,) = (c for c in CASES if c.name == f"elsewhere-{name}")
    path, partner = "netra_backend/app/agents/case.py", "netra_backend/app/agents/other.py"
    engine = Engine(CODEMOD, CODEMOD.options(), Memory({**case.project, path: case.before}), 88)
    (found,) = (f for f in engine.process(path).findings if f.rule == "elsewhere")
    assert found.suggestion == suggestion.format(partner)
