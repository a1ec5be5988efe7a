"""What people write is checked against the nouns it becomes."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import pytest
from msgspec import Struct

from logscope.resources import data_dir
from logscope.rulebook.rule import Rule
from logscope.rulebook.ruleset import load_ruleset
from logscope.validation import read


class Leaf(Struct, frozen=True):
    name: str
    share: float = 0.0
    word: Literal["a", "b"] = "a"


class Tree(Struct, frozen=True):
    leaf: Leaf | None
    trees: tuple[Tree, ...] = ()
    pairs: tuple[tuple[str, ...], ...] = ()
    named: dict[str, Leaf] = {}


def right(data: dict[str, Any]) -> Tree:
    """The tree of data without problems."""
    tree, problems = read(Tree, data)
    assert problems.found == []
    return tree


def test_nested_and_recursive_nouns() -> None:
    """Options, lists, tables and nouns that hold themselves become what they describe; the rest is default."""
    data = {"leaf": {"name": "a", "share": 1}, "trees": [{"leaf": None, "pairs": [["y", "z"], []]}]}
    assert right(data) == Tree(Leaf("a", 1.0), (Tree(None, pairs=(("y", "z"), ())),))
    assert right({"leaf": None, "named": {"k": {"name": "b"}}}) == Tree(None, named={"k": Leaf("b")})


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ({"leaf": {"name": 1}}, [("leaf", "name")]),
        ({"leaf": {"name": "a", "share": True, "word": "c"}}, [("leaf", "share"), ("leaf", "word")]),
        ({"leaf": [], "trees": [{}]}, [("leaf",), ("trees", 0, "leaf")]),
        ({"leaf": None, "more": 1}, [("more",)]),
        ({"trees": []}, [("leaf",)]),
        ({"leaf": None, "pairs": [["x", 1]]}, [("pairs", 0, 1)]),
        ({"leef": {"name": "a"}}, [("leef",)]),
    ],
)
def test_every_problem_is_told(data: dict[str, Any], places: list[tuple[str | int, ...]]) -> None:
    """Wrong types and words, unknown and missing fields: all of them, each with its place."""
    _, problems = read(Tree, data)
    assert [path for path, _ in problems.found] == places


def test_every_shipped_rule_comes_back() -> None:
    """A rule is valid as it stands, and what the cache keeps of it is the rule."""
    rules = load_ruleset([data_dir("rules")], None, include_test=True).rules
    assert msgspec.json.decode(msgspec.json.encode(rules), type=tuple[Rule, ...]) == rules
    for rule in rules:
        again, problems = read(Rule, msgspec.json.decode(msgspec.json.encode(rule)))
        assert (again, problems.found) == (rule, [])
