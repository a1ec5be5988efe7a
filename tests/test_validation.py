"""What people write is checked against the nouns it becomes."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import pytest
from msgspec import Struct
from pydantic import ValidationError

from logscope.resources import data_dir
from logscope.rulebook.rule import Rule
from logscope.rulebook.ruleset import load_ruleset
from logscope.validation import model_of, validate


class Leaf(Struct, frozen=True):
    name: str
    share: float = 0.0
    word: Literal["a", "b"] = "a"


class Tree(Struct, frozen=True):
    leaf: Leaf | None
    trees: tuple[Tree, ...] = ()
    pair: tuple[str, int] = ("x", 1)
    named: dict[str, Leaf] = {}


def test_nested_and_recursive_nouns() -> None:
    """Options, lists, tables and nouns that hold themselves become what they describe; the rest is default."""
    data = {"leaf": {"name": "a", "share": 1}, "trees": [{"leaf": None, "pair": ["y", 2]}]}
    assert validate(Tree, data) == Tree(Leaf("a", 1.0), (Tree(None, pair=("y", 2)),))
    assert validate(Tree, {"leaf": None, "named": {"k": {"name": "b"}}}) == Tree(None, named={"k": Leaf("b")})


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ({"leaf": {"name": 1}}, [("leaf", "name")]),
        ({"leaf": {"name": "a", "share": True, "word": "c"}}, [("leaf", "share"), ("leaf", "word")]),
        ({"leaf": [], "trees": [{}]}, [("leaf",), ("trees", 0, "leaf")]),
        ({"leaf": None, "more": 1}, [("more",)]),
        ({"trees": []}, [("leaf",)]),
        ({"leaf": None, "pair": ["x", "1"]}, [("pair", 1)]),
    ],
)
def test_every_problem_is_told(data: dict[str, Any], places: list[tuple[str | int, ...]]) -> None:
    """Wrong types and words, unknown and missing fields: all of them, each with its place."""
    with pytest.raises(ValidationError) as raised:
        validate(Tree, data)
    assert [item["loc"] for item in raised.value.errors()] == places


def test_every_shipped_rule_comes_back() -> None:
    """A rule is valid as it stands, and what the cache keeps of it is the rule."""
    rules = load_ruleset([data_dir("rules")], None, include_test=True).rules
    assert msgspec.json.decode(msgspec.json.encode(rules), type=tuple[Rule, ...]) == rules
    for rule in rules:
        model_of(Rule).model_validate_json(msgspec.json.encode(rule))
