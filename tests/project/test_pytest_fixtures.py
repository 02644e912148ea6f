"""A test's parameter is what the fixture of its name provides."""

from __future__ import annotations

import pytest

from migrate.project import Project
from migrate.project.types import UNKNOWN, ClassRef, Instance
from migrate.source import Memory
from migrate.syntax import captures

CONTEXT = b"class Context: ...\n"
HEAD = "import pytest\nfrom typing import Iterator\nfrom app import Context\n"


def names_of(files: dict[str, str], path: str = "tests/test_it.py") -> set[str]:
    """The classes that the argument of the only call of `look` in a file can be of."""
    sources = {name: (HEAD + text).encode() for name, text in files.items()}
    project = Project(Memory({**sources, "app.py": CONTEXT}))
    tree = project.index.tree(path)
    assert tree is not None
    (call,) = captures("((call function: (identifier) @f) @c (#eq? @f look))", tree.root_node)["c"]
    arguments = call.child_by_field_name("arguments")
    assert arguments is not None
    found = project.infer("context", project.env_at(path, arguments))
    if found == UNKNOWN:
        return {"unknown"}
    atoms = [a.cls.name for a in found if isinstance(a, Instance) and isinstance(a.cls, ClassRef)]
    assert len(atoms) == len(found)
    return set(atoms)


TEST = "def test_it(context):\n    look(context)\n"


@pytest.mark.parametrize(
    "fixture",
    [
        "@pytest.fixture\ndef context():\n    return Context()\n",
        "@pytest.fixture(scope='module')\ndef context() -> Context:\n    return make()\n",
        "@pytest.fixture\ndef context():\n    made = Context()\n    yield made\n    made.close()\n",
        "@pytest.fixture\ndef context() -> Iterator[Context]:\n    yield make()\n",
        "@pytest_asyncio.fixture\nasync def context() -> Context:\n    return await make()\n",
    ],
    ids=["returned", "annotated", "yielded", "annotated-generator", "asynchronous"],
)
def test_what_a_fixture_of_the_module_provides(fixture: str) -> None:
    assert names_of({"tests/test_it.py": fixture + TEST}) == {"Context"}


def test_a_fixture_is_found_in_the_conftest_of_a_folder_above() -> None:
    conftest = "@pytest.fixture\ndef context():\n    return Context()\n"
    assert names_of({"conftest.py": conftest, "tests/test_it.py": TEST}) == {"Context"}


@pytest.mark.parametrize(
    "conftest",
    [
        "from tests.helpers.contexts import context\n",
        "from tests.helpers.contexts import session as context\n",
        "from tests.helpers import *\n",
        "pytest_plugins = ['tests.helpers.contexts']\n",
        "pytest_plugins = 'tests.helpers'\n",
    ],
    ids=["by-name", "renamed", "star", "plugins", "plugin"],
)
def test_a_conftest_has_the_fixtures_that_it_brings_in(conftest: str) -> None:
    fixtures = "@pytest.fixture\ndef context():\n    return Context()\n"
    fixtures += fixtures.replace("context():", "session():")
    files = {
        "tests/helpers/__init__.py": "from tests.helpers.contexts import *\n",
        "tests/helpers/contexts.py": fixtures,
        "tests/conftest.py": conftest,
        "tests/test_it.py": TEST,
    }
    assert names_of(files) == {"Context"}


def test_a_test_has_the_fixtures_that_its_module_imports() -> None:
    fixtures = "@pytest.fixture\ndef context():\n    return Context()\n"
    files = {"helpers.py": fixtures, "test_it.py": "from helpers import context\n" + TEST}
    assert names_of(files, "test_it.py") == {"Context"}


def test_modules_that_import_each_other_have_no_fixture_by_that() -> None:
    files = {
        "conftest.py": "from helpers import *\n",
        "helpers.py": "from conftest import *\n",
        "tests/test_it.py": TEST,
    }
    assert names_of(files) == {"unknown"}


def test_a_nearer_fixture_replaces_one_further_away() -> None:
    far = "@pytest.fixture\ndef context():\n    return Context()\n"
    near = "class Other: ...\n@pytest.fixture\ndef context():\n    return Other()\n"
    files = {"conftest.py": far, "tests/conftest.py": near, "tests/test_it.py": TEST}
    assert names_of(files) == {"Other"}


def test_a_fixture_of_the_class_serves_its_methods() -> None:
    source = """class TestIt:
    @pytest.fixture
    def context(self):
        return Context()
    def test_it(self, context):
        look(context)
"""
    assert names_of({"tests/test_it.py": source}) == {"Context"}


def test_a_fixture_that_asks_for_the_one_it_replaces_gets_that() -> None:
    far = "@pytest.fixture\ndef context():\n    return Context()\n"
    near = "@pytest.fixture\ndef context(context):\n    look(context)\n    return context\n"
    files = {"conftest.py": far, "tests/test_it.py": near}
    assert names_of(files) == {"Context"}


@pytest.mark.parametrize(
    "source",
    [
        "@pytest.fixture\ndef context():\n    return make()\n" + TEST,
        "def context():\n    return Context()\n" + TEST,
        "@pytest.fixture\ndef context():\n    return Context()\n" + TEST.replace("test_it", "run"),
        "from elsewhere import context\n" + TEST,
        "pytest_plugins = ['elsewhere', *MORE]\n" + TEST,
        TEST,
    ],
    ids=[
        "unknown-result",
        "no-fixture",
        "no-test",
        "import-from-outside",
        "plugin-from-outside",
        "no-such-fixture",
    ],
)
def test_what_no_fixture_says_is_unknown(source: str) -> None:
    assert names_of({"tests/test_it.py": source}) == {"unknown"}
