"""Recipes are checked before they run: each error names the file, the rule and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate import recipe
from migrate.engine import Engine
from migrate.errors import UsageError
from migrate.recipe import Recipe
from migrate.registry import recipe_kinds
from migrate.source import Memory
from migrate.trial import run_tests

KEYWORD = """\
[[rename-keyword]]
function = "app.mail.send"
from = "recipient"
to = "to"
"""
MOVE = '[[move]]\nfrom = "app.old"\nto = "app.new"\n'
CALL = '[[replace-call]]\nfunction = "app.mail.send"\nto = "app.post.deliver"\n'
TEST = """\
[[test]]
name = "a call"
before = "from app.mail import send\\nsend(recipient=1)\\n"
after = "from app.mail import send\\nsend(to=1)\\n"
[test.project]
"app/mail.py" = "def send(to): pass\\n"
"""


def load(folder: Path, text: str, name: str = "mail.toml") -> Recipe:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return recipe.load(path, name, recipe_kinds())


ERRORS = {
    "unknown-kind": (
        KEYWORD.replace("rename-keyword", "rename-key"),
        "mail.toml: unknown key 'rename-key'; a recipe has: description, project, test, ",
    ),
    "unknown-key": (
        KEYWORD + 'too = "x"\n',
        "mail.toml: rename-keyword[1]: unknown key 'too'; a rule of the kind rename-keyword has:",
    ),
    "missing-key": (
        KEYWORD + '\n[[rename-keyword]]\nfunction = "a.b"\nfrom = "c"\n',
        "mail.toml: rename-keyword[2]: the key 'to' is missing",
    ),
    "wrong-type": (
        KEYWORD.replace('"to"', "3"),
        "mail.toml: rename-keyword[1]: to must be a string, not 3",
    ),
    "no-list": (
        KEYWORD.replace("[[rename-keyword]]", "[rename-keyword]"),
        "mail.toml: rename-keyword must be a list of tables, each written as [[rename-keyword]]",
    ),
    "no-dotted-name": (
        KEYWORD.replace("app.mail.send", "send"),
        "mail.toml: rename-keyword[1]: function: 'send' is no dotted name",
    ),
    "no-name": (
        KEYWORD.replace('"recipient"', '"class"'),
        "mail.toml: rename-keyword[1]: from: 'class' is no name that Python could have",
    ),
    "same-name": (
        KEYWORD.replace('"to"', '"recipient"'),
        "mail.toml: rename-keyword[1]: from and to are both 'recipient'",
    ),
    "special-name": (
        '[[rename-attribute]]\nclass = "a.B"\nfrom = "__init__"\nto = "start"\n',
        "mail.toml: rename-attribute[1]: from: '__init__' has a meaning of its own to Python",
    ),
    "chain": (
        KEYWORD + KEYWORD.replace('"to"', '"x"').replace('"recipient"', '"to"'),
        "mail.toml: rename-keyword: 'to' of app.mail.send is the new name of one rule",
    ),
    "contradiction": (
        KEYWORD + KEYWORD.replace('"to"', '"x"'),
        "mail.toml: rename-keyword: two rules rename 'recipient' of app.mail.send",
    ),
    "move-to-itself": (
        MOVE.replace("app.new", "app.old"),
        "mail.toml: move[1]: from and to are both 'app.old'",
    ),
    "move-of-no-module": (
        MOVE.replace("app.old", "app/old.py"),
        "mail.toml: move[1]: from: 'app/old.py' is no module",
    ),
    "move-of-no-name": (
        MOVE + 'names = ["a.b"]\n',
        "mail.toml: move[1]: names: 'a.b' is no name that Python could have",
    ),
    "move-of-nothing": (MOVE + "names = []\n", "mail.toml: move[1]: names: nothing moves"),
    "move-contradiction": (
        MOVE + 'keywords = { a = "b" }\n' + MOVE + 'keywords = { a = "c" }\n',
        "mail.toml: move: keywords: 'a' is 'b' in one rule, 'c' in another",
    ),
    "call-of-no-name": (
        CALL.replace("app.mail.send", "send"),
        "mail.toml: replace-call[1]: function: 'send' is no dotted name",
    ),
    "call-to-no-name": (
        CALL.replace("app.post.deliver", "deliver()"),
        "mail.toml: replace-call[1]: to: 'deliver()' is neither a dotted name nor the name of",
    ),
    "call-to-itself": (
        CALL.replace("app.post.deliver", "app.mail.send"),
        "mail.toml: replace-call[1]: function and to are both 'app.mail.send'",
    ),
    "call-with-an-expression": (
        CALL + 'arguments = ["to=user.name"]\n',
        "mail.toml: replace-call[1]: arguments: 'user.name' is neither the name of a parameter",
    ),
    "call-with-a-wrong-keyword": (
        CALL + 'arguments = ["a.b=user"]\n',
        "mail.toml: replace-call[1]: arguments: 'a.b' is no keyword",
    ),
    "call-with-a-keyword-twice": (
        CALL + 'arguments = ["to=user", "to=other"]\n',
        "mail.toml: replace-call[1]: arguments: 'to' is given twice",
    ),
    "call-with-a-position-behind-a-keyword": (
        CALL + 'arguments = ["to=user", "other"]\n',
        "mail.toml: replace-call[1]: arguments: those by position come before",
    ),
    "call-without-a-name-to-drop": (
        CALL + 'drop = ["a.b"]\n',
        "mail.toml: replace-call[1]: drop: 'a.b' is no name of a parameter",
    ),
    "call-twice": (CALL + CALL, "mail.toml: replace-call: two rules replace app.mail.send"),
    "call-chain": (
        CALL + '[[replace-call]]\nfunction = "app.post.deliver"\nto = "app.post.ship"\n',
        "mail.toml: replace-call: one rule makes calls of app.post.deliver, and another replaces",
    ),
    "no-rule": (TEST, "mail.toml: it has no rule; the kinds of rules are: "),
    "no-toml": ("[[", "mail.toml: not valid TOML"),
    "description": ("description = 1\n" + KEYWORD, "mail.toml: description must be a string"),
    "test-unknown-key": (
        KEYWORD + '[[test]]\nbefore = ""\nexpected = ""\n',
        "mail.toml: test[1]: unknown key 'expected'; a test has: name, before, after,",
    ),
    "test-without-before": (
        KEYWORD + '[[test]]\nafter = ""\n',
        "mail.toml: test[1]: the key 'before' is missing",
    ),
    "test-wrong-type": (
        KEYWORD + '[[test]]\nbefore = ["x"]\n',
        "mail.toml: test[1]: before must be a string, not ['x']",
    ),
    "test-no-table": (KEYWORD + "[test]\n", "mail.toml: test must be a list of tables"),
    "project-no-table": (
        KEYWORD + "[project]\n'a.py' = 1\n",
        "mail.toml: project must be a table of files",
    ),
    "project-outside": (
        KEYWORD + "[project]\n'../a.py' = ''\n",
        "mail.toml: project: '../a.py' must be a relative path",
    ),
    "path-no-python": (
        KEYWORD + "[[test]]\nbefore = ''\npath = 'a.txt'\n",
        "mail.toml: test[1]: path: 'a.txt' must be a relative path",
    ),
}


@pytest.mark.parametrize(("text", "message"), ERRORS.values(), ids=ERRORS)
def test_a_recipe_with_a_fault_says_where_it_is(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path, text)
    assert str(error.value).startswith(message)


def test_a_recipe_has_one_codemod_for_each_kind_in_the_order_of_the_file(tmp_path: Path) -> None:
    attribute = '[[rename-attribute]]\nclass = "a.B"\nfrom = "c"\nto = "d"\n'
    text = attribute + KEYWORD + KEYWORD.replace("send", "post")
    found = load(tmp_path, "description = 'Better names.'\n" + text, "new names.toml")
    assert list(found.steps) == ["rename-attribute", "rename-keyword"]
    step = found.steps["rename-keyword"]
    assert step.codemod.id == "new-names.toml:rename-keyword"
    assert step.codemod.summary == "Better names."
    assert [rule.function for rule in step.options.renames] == ["app.mail.send", "app.mail.post"]


def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"mail\.txt: a recipe is a \.toml file"):
        load(tmp_path, KEYWORD, "mail.txt")
    with pytest.raises(UsageError, match=r"gone\.toml: cannot read the recipe"):
        recipe.load(tmp_path / "gone.toml", "gone.toml", recipe_kinds())


def test_a_test_that_comes_out_as_it_says_passes(tmp_path: Path) -> None:
    (trial,) = run_tests(load(tmp_path, KEYWORD + TEST))
    assert trial.passed
    assert [finding.status for finding in trial.findings] == ["rewrite"]


@pytest.mark.parametrize(
    "text",
    [
        TEST.replace("send(to=1)", "send(to=2)"),
        TEST.replace("send(recipient=1)", "post(recipient=1)"),
        "\n".join(line for line in TEST.splitlines() if not line.startswith("after")),
        TEST.replace("send(recipient=1)", "send(recipient=1"),
    ],
    ids=["other-result", "nothing-happens", "something-happens", "no-python"],
)
def test_a_test_that_comes_out_otherwise_fails(text: str, tmp_path: Path) -> None:
    (trial,) = run_tests(load(tmp_path, KEYWORD + text))
    assert not trial.passed


def test_the_project_of_all_tests_is_that_of_each_unless_it_has_the_file_itself(
    tmp_path: Path,
) -> None:
    project = "[project]\n'app/mail.py' = 'def send(**options): pass'\n"
    own = TEST.partition("[test.project]")[0]
    trials = run_tests(load(tmp_path, KEYWORD + project + TEST + own))
    assert [trial.passed for trial in trials] == [True, False]


def test_the_rules_of_all_kinds_run_one_after_the_other(tmp_path: Path) -> None:
    text = (
        KEYWORD
        + """
[[rename-attribute]]
class = "app.mail.Box"
from = "owner"
to = "user"

[[test]]
before = '''
from app.mail import Box, send

def tell(box: Box):
    send(recipient=box.owner)
'''
after = '''
from app.mail import Box, send

def tell(box: Box):
    send(to=box.user)
'''
[test.project]
"app/mail.py" = "def send(to): pass\\nclass Box:\\n    user = None\\n"
"""
    )
    (trial,) = run_tests(load(tmp_path, text))
    assert trial.difference == ""
    assert trial.passed


@pytest.mark.parametrize(
    ("rule", "use"),
    [
        (KEYWORD, "from app.mail import send\nsend(recipient=1)\n"),
        (
            '[[rename-attribute]]\nclass = "app.mail.Box"\nfrom = "owner"\nto = "user"\n',
            "from app.mail import Box\nBox().owner\n",
        ),
    ],
    ids=["keyword", "attribute"],
)
def test_uses_wait_for_a_definition_that_the_run_leaves_out(
    tmp_path: Path, rule: str, use: str
) -> None:
    (step,) = load(tmp_path, rule).steps.values()
    definition = "def send(recipient): pass\nclass Box:\n    owner = 1\n"
    files = Memory({"app/mail.py": definition.encode(), "use.py": use.encode()})

    def outcome(*changing: str) -> list[tuple[str, str | None]]:
        engine = Engine(step.codemod, step.options, files, 88, changing=frozenset(changing))
        return [(each.status.value, each.reason) for each in engine.process("use.py").findings]

    assert outcome("use.py") == [("review", "left-out")]
    assert outcome("use.py", "app/mail.py") == [("rewrite", None)]


@pytest.mark.parametrize(
    "rule",
    [
        '[[rename-keyword]]\nfunction = "app.mail.Box.send"\nfrom = "owner"\nto = "user"\n',
        '[[rename-attribute]]\nclass = "app.mail.Box"\nfrom = "send"\nto = "deliver"\n',
    ],
    ids=["keyword", "attribute"],
)
def test_a_definition_waits_for_those_below_it_that_the_run_leaves_out(
    tmp_path: Path, rule: str
) -> None:
    (step,) = load(tmp_path, rule).steps.values()
    files = Memory(
        {
            "app/mail.py": b"class Box:\n    def send(self, owner): pass\n",
            "below.py": b"from app.mail import Box\n"
            b"class Small(Box):\n    def send(self, owner): pass\n",
        }
    )

    def outcome(*changing: str) -> list[tuple[str, str | None]]:
        engine = Engine(step.codemod, step.options, files, 88, changing=frozenset(changing))
        return [(each.status.value, each.reason) for each in engine.process("app/mail.py").findings]

    assert outcome("app/mail.py") == [("review", "left-out")]
    assert outcome("app/mail.py", "below.py") == [("rewrite", None)]


def test_a_very_long_expression_does_not_hold_up_a_rename(tmp_path: Path) -> None:
    """Thousands of levels, each with the name: scopes are told only where they matter."""
    source = f"from app.box import Box\n\ntotal = {' + '.join(['a'] * 4000)}\n"
    rule = '[[rename-attribute]]\nclass = "app.box.Box"\nfrom = "a"\nto = "b"\n'
    test = f"[[test]]\nbefore = '''{source}'''\n"
    project = '[project]\n"app/box.py" = """class Box:\n    a = 1\n"""\n'
    (result,) = run_tests(load(tmp_path, rule + test + project))
    assert (result.failures, result.findings) == ((), ())
