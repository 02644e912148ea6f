"""Options from a table of the configuration, and what a codemod says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pytest
from toy import toy

from migrate.codemod import Rule, build_options
from migrate.errors import UsageError


@dataclass(frozen=True)
class Move:
    """One of several things, each with its own table."""

    from_: str
    to: str
    strict: bool = False


@dataclass(frozen=True)
class Options:
    """One field of each kind."""

    base_class: str = "Base"
    count: int = 3
    strict: bool = True
    names: tuple[str, ...] = ("a", "b")
    renames: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({"x": "y"}))
    moves: tuple[Move, ...] = (Move("here", "there"),)


CODEMOD = toy(options=Options)


def built(table: Mapping[str, object]) -> Any:
    return build_options(CODEMOD, table, "migrate.toml: [toy]")


def test_an_empty_table_gives_the_defaults() -> None:
    assert built({}) == Options()


def test_every_kind_of_value_is_taken() -> None:
    table = {
        "base-class": "C",
        "count": 0,
        "strict": False,
        "names": [],
        "renames": {"é": "è"},
        "moves": [{"from": "a", "to": "b"}, {"from": "c", "to": "d", "strict": True}],
    }
    moves = (Move("a", "b"), Move("c", "d", True))
    assert built(table) == Options("C", 0, False, (), {"é": "è"}, moves)


def test_lists_become_tuples_so_that_options_can_be_shared() -> None:
    assert built({"names": ["x", "y"]}).names == ("x", "y")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"base-class": 1}, r"base-class must be a string, not 1"),
        ({"count": "1"}, r"count must be an integer, not '1'"),
        ({"count": True}, r"count must be an integer, not True"),
        ({"count": 1.0}, r"count must be an integer, not 1\.0"),
        ({"strict": 1}, r"strict must be true or false, not 1"),
        ({"names": "a"}, r"names must be a list of strings, not 'a'"),
        ({"names": ["a", 1]}, r"names must be a list of strings"),
        ({"renames": {"a": 1}}, r"renames must be"),
        ({"renames": ["a"]}, r"renames must be"),
        ({"moves": {"from": "a"}}, r"moves must be"),
        ({"moves": [{"from": "a"}]}, r"'to' is missing"),
        ({"moves": [{"from": "a", "to": 1}]}, r"to must be a string, not 1"),
        ({"moves": [{"from": "a", "to": "b", "so": 1}]}, r"unknown key 'so'"),
    ],
)
def test_a_wrong_value_is_named_with_file_table_and_key(
    table: Mapping[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=rf"^migrate\.toml: \[toy\].*{message}") as caught:
        built(table)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("key", ["base_class", "Count", "", "nope"])
def test_an_unknown_key_is_named_with_those_that_there_are(key: str) -> None:
    with pytest.raises(UsageError, match=r"unknown key .*; toy has: base-class, count, moves"):
        built({key: 1})


def test_a_codemod_and_a_rule_are_summed_up_by_their_first_line() -> None:
    assert toy(doc="\n  What it does.\n\nAnd why.\n").summary == "What it does."
    assert Rule("id", "The rule.\n\nMore.").summary == "The rule."


def test_a_rule_takes_the_docstring_of_the_function_that_implements_it() -> None:
    def implementation() -> None:
        """Do it.

        Carefully.
        """

    def undocumented() -> None:
        pass

    assert Rule.of("id", implementation) == Rule("id", "Do it.\n\nCarefully.")
    assert Rule.of("id", undocumented).doc == ""


def test_without_a_test_of_its_own_every_file_with_a_needle_may_match() -> None:
    assert toy().may_match(b"", None)
