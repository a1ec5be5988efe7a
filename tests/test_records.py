"""Plain JSON to frozen records, by their type hints."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Literal

import pytest

from logscope.records import from_plain
from logscope.resources import data_dir
from logscope.rulebook.rule import Rule
from logscope.rulebook.ruleset import load_ruleset


@dataclasses.dataclass(frozen=True)
class Leaf:
    name: str
    share: float = 0.0
    word: Literal["a", "b"] = "a"


@dataclasses.dataclass(frozen=True)
class Tree:
    leaf: Leaf | None
    trees: tuple[Tree, ...] = ()
    pair: tuple[str, int] = ("x", 1)
    named: dict[str, Any] = dataclasses.field(default_factory=dict)


def test_there_and_back() -> None:
    """Nested, recursive, optional and fixed tuples come back as they were."""
    tree = Tree(Leaf("a", 1.5, "b"), (Tree(None), Tree(Leaf("c"), pair=("y", 2))), named={"k": [1]})
    assert from_plain(Tree, json.loads(json.dumps(dataclasses.asdict(tree)))) == tree


def test_every_shipped_rule_comes_back() -> None:
    """What the cache holds is what was loaded."""
    rules = load_ruleset([data_dir("rules")], None, include_test=True).rules
    plain = json.loads(json.dumps([dataclasses.asdict(rule) for rule in rules]))
    assert from_plain(tuple[Rule, ...], plain) == rules


@pytest.mark.parametrize(
    "value",
    [
        {"leaf": {"name": 1}},
        {"leaf": {"name": "a", "share": "b"}},
        {"leaf": {"name": "a", "share": True}},
        {"leaf": []},
        {"leaf": None, "more": 1},
        {"trees": []},
        {"leaf": None, "pair": ["x"]},
        {"leaf": None, "pair": ["x", "y"]},
        [],
        None,
    ],
)
def test_what_does_not_fit(value: object) -> None:
    """Wrong types, unknown and missing fields are errors, never something else."""
    with pytest.raises((TypeError, ValueError)):
        from_plain(Tree, value)


def test_whole_numbers_are_shares_too() -> None:
    """JSON writes 1.0 as 1 in other hands."""
    assert from_plain(Leaf, {"name": "a", "share": 1}) == Leaf("a", 1.0)
