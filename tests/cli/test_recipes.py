"""Recipes on the command line: previews, commits, the queue, and the tests inside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gitrepo import git, make_repository
from tool import committed, migrate, refusal, report

RECIPE = """\
description = "Mails go to somebody."

[[rename-keyword]]
function = "app.mail.send"
from = "recipient"
to = "to"

[[rename-attribute]]
class = "app.mail.Box"
from = "owner"
to = "user"

[[test]]
name = "a call by keyword"
before = "from app.mail import send\\nsend(recipient=1)\\n"
after = "from app.mail import send\\nsend(to=1)\\n"

[[test]]
name = "another function"
before = "from app.post import send\\nsend(recipient=1)\\n"

[project]
"app/mail.py" = "def send(to): pass\\n"
"app/post.py" = "def send(recipient): pass\\n"
"""
FILES = {
    "app/__init__.py": "",
    "app/mail.py": """\
class Box:
    def __init__(self, owner):
        self.owner = owner


def send(text, recipient=None):
    return text, recipient
""",
    "app/use.py": """\
from app.mail import Box, send


def tell(box: Box, other):
    send("hello", recipient=box.owner)
    other.send("hello", recipient=other.owner)
""",
}
AFTER = {
    "app/mail.py": """\
class Box:
    def __init__(self, owner):
        self.user = owner


def send(text, to=None):
    return text, to
""",
    "app/use.py": """\
from app.mail import Box, send


def tell(box: Box, other):
    send("hello", to=box.user)
    other.send("hello", recipient=other.owner)
""",
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with the files, and beside it the recipe `mail.toml`."""
    repo = tmp_path / "repo"
    for path, text in FILES.items():
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_text(text, encoding="utf-8", newline="")
    make_repository(repo)
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message=start")
    (tmp_path / "mail.toml").write_text(RECIPE, encoding="utf-8")
    return repo


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_recipe_is_previewed_kind_by_kind(repo: Path, jobs: str) -> None:
    data = report(repo, "--dry-run", "--recipe", "../mail.toml", "--jobs", jobs)
    assert [codemod["id"] for codemod in data["codemods"]] == [
        "mail.toml:rename-keyword",
        "mail.toml:rename-attribute",
    ]
    assert {
        file["path"]: [(f["rule"], f["status"]) for f in file["findings"]] for file in data["files"]
    } == {
        "app/mail.py": [
            ("definition", "rewrite"),
            ("definition", "rewrite"),
            ("attribute", "rewrite"),
        ],
        "app/use.py": [
            ("call", "rewrite"),
            ("call", "review"),
            ("attribute", "rewrite"),
            ("attribute", "review"),
        ],
    }


def test_a_recipe_is_committed_in_batches_of_each_kind(repo: Path) -> None:
    done = migrate(repo, "--apply", "--branch", "mail", "--recipe", "../mail.toml")
    assert (done.returncode, done.stderr) == (0, "")
    for path, text in AFTER.items():
        assert committed(repo, path, "mail") == text.encode()
    subjects = git(repo, "log", "--format=%s", "main..mail").splitlines()
    assert subjects == [
        "migrate(mail.toml:rename-attribute): rewrite 2 sites in 2 files",
        "migrate(mail.toml:rename-keyword): rewrite 3 sites in 2 files",
    ]
    again = migrate(repo, "--apply", "--branch", "mail", "--recipe", "../mail.toml")
    assert "Nothing to add: branch mail is already complete" in again.stdout


def test_the_text_report_says_how_to_go_on_with_the_same_recipe(repo: Path) -> None:
    done = migrate(repo, "--recipe", "../mail.toml")
    assert "migrate --apply --recipe ../mail.toml" in done.stdout
    assert "migrate review list --recipe ../mail.toml" in done.stdout
    queue = migrate(repo, "review", "list", "--recipe", "../mail.toml", "--format", "json")
    files = json.loads(queue.stdout)["files"]
    assert [file["path"] for file in files] == ["app/use.py"]


def test_a_recipe_runs_after_the_codemods_that_are_named(repo: Path) -> None:
    data = report(repo, "-c", "metadata-storage", "--recipe", "../mail.toml")
    first, *rest = (codemod["id"] for codemod in data["codemods"])
    assert first == "metadata-storage"
    assert rest == ["mail.toml:rename-keyword", "mail.toml:rename-attribute"]


def test_one_kind_of_a_recipe_can_be_named_like_a_codemod(repo: Path) -> None:
    data = report(repo, "-c", "../mail.toml:rename-attribute")
    assert [codemod["id"] for codemod in data["codemods"]] == ["mail.toml:rename-attribute"]
    assert "no rule of the kind 'move'" in refusal(repo, "-c", "../mail.toml:move", code=2)


def test_two_recipes_of_the_same_name_are_refused(repo: Path) -> None:
    (repo / "mail.toml").write_text(RECIPE, encoding="utf-8")
    message = refusal(repo, "--recipe", "../mail.toml", "--recipe", "mail.toml", code=2)
    assert "are both called mail.toml:rename-keyword" in message


def test_a_faulty_recipe_ends_the_run_with_its_place(repo: Path) -> None:
    (repo.parent / "bad.toml").write_text('[[rename-keyword]]\nfunction = "a.b"\n', "utf-8")
    message = refusal(repo, "--recipe", "../bad.toml", code=2)
    assert message == "error: ../bad.toml: rename-keyword[1]: the key 'from' is missing\n"
    assert "cannot read the recipe" in refusal(repo, "--recipe", "../gone.toml", code=2)


def test_explain_tells_about_a_recipe_and_about_kinds_of_rules(repo: Path) -> None:
    done = migrate(repo, "explain", "../mail.toml:rename-keyword")
    assert done.stdout.startswith("mail.toml:rename-keyword (version 1)\n\nMails go to somebody.\n")
    kind = migrate(repo, "explain", "rename-keyword")
    assert "[[rename-keyword]]" in kind.stdout
    rule = migrate(repo, "explain", "rename-keyword.call")
    assert "unknown-function" in rule.stdout


def test_list_has_the_kinds_of_rules(repo: Path) -> None:
    text = migrate(repo, "list").stdout.partition("Kinds of rules for recipes")[2]
    value = json.loads(migrate(repo, "list", "--format", "json").stdout)
    kinds = {kind["id"]: kind["summary"] for kind in value["recipe_kinds"]}
    assert set(kinds) >= {"move", "rename-attribute", "rename-keyword", "replace-call"}
    assert all(id in text and summary in text for id, summary in kinds.items())


def test_the_tests_of_a_recipe_pass(repo: Path) -> None:
    done = migrate(repo, "test", "../mail.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "passed  ../mail.toml: a call by keyword\n"
        "passed  ../mail.toml: another function\n"
        "2 tests, 0 failed.\n"
    )


def test_a_test_of_a_recipe_that_fails_shows_the_difference_and_why(repo: Path) -> None:
    wrong = RECIPE.replace("send(to=1)\\n", "send(to=2)\\n")
    (repo.parent / "wrong.toml").write_text(wrong, encoding="utf-8")
    done = migrate(repo, "test", "../wrong.toml")
    assert (done.returncode, done.stderr) == (1, "")
    assert (
        done.stdout
        == """\
FAILED  ../wrong.toml: a call by keyword
        expected (-) and actual (+):
        @@ -1,2 +1,2 @@
         from app.mail import send
        -send(to=2)
        +send(to=1)
        example.py:2:6: wrong.toml:rename-keyword.call: rewrite: 'recipient' of app.mail.send is \
'to' now.
passed  ../wrong.toml: another function
2 tests, 1 failed.
"""
    )


def test_a_recipe_without_tests_is_no_success(repo: Path) -> None:
    (repo.parent / "untested.toml").write_text(RECIPE.partition("[[test]]")[0], encoding="utf-8")
    message = refusal(repo, "test", "../mail.toml", "../untested.toml", code=2)
    assert "../untested.toml: it has no test" in message
