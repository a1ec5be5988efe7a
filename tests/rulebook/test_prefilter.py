"""Thousands of patterns searched at once find what each finds alone."""

from __future__ import annotations

import random
import re._constants as tree
import re._parser as parser
from collections.abc import Iterable
from typing import Any

import pytest

from logscope.rulebook.prefilter import Prefilter
from logscope.scan.scanner import Scanner

PRINTED = [chr(code) for code in range(32, 127)]
CLASSES = {
    tree.CATEGORY_DIGIT: "0123456789",
    tree.CATEGORY_SPACE: " \t",
    tree.CATEGORY_WORD: "abcXYZ_019",
    tree.CATEGORY_NOT_DIGIT: "abc _-",
    tree.CATEGORY_NOT_SPACE: "abcXYZ019._-",
    tree.CATEGORY_NOT_WORD: " .,:;-",
}
BEFORE = ("", "2026-03-02 10:00:00,123 - app - INFO - ", '{"time":"2026-03-01T10:00:00Z","', " " * 13)
BEHIND = ("", "\n", " x\n", '","msg":"order 12 is lost"}\n')


def matching(nodes: Iterable[tuple[Any, Any]], choose: random.Random) -> str:
    """A text that a pattern matches, but for what stands around it."""
    return "".join(_matching(operator, argument, choose) for operator, argument in nodes)


def _matching(operator: Any, argument: Any, choose: random.Random) -> str:
    if operator is tree.LITERAL:
        return chr(argument)
    if operator is tree.NOT_LITERAL:
        return choose.choice([sign for sign in PRINTED if ord(sign) != argument])
    if operator is tree.ANY:
        return choose.choice("ab x")
    if operator is tree.IN:
        return choose.choice(_members(argument))
    if operator is tree.BRANCH:
        return matching(choose.choice(argument[1]), choose)
    if operator is tree.SUBPATTERN:
        return matching(argument[3], choose)
    if operator is tree.ATOMIC_GROUP:
        return matching(argument, choose)
    if operator in (tree.MAX_REPEAT, tree.MIN_REPEAT, tree.POSSESSIVE_REPEAT):
        low, high, body = argument
        return "".join(matching(body, choose) for _ in range(choose.randint(low, min(int(high), low + 2))))
    return ""


def _members(items: Iterable[tuple[Any, Any]]) -> list[str]:
    within: set[str] = set()
    without = False
    for operator, argument in items:
        if operator is tree.NEGATE:
            without = True
        elif operator is tree.LITERAL:
            within.add(chr(argument))
        elif operator is tree.RANGE:
            within.update(map(chr, range(argument[0], min(argument[1], 0x17F) + 1)))
        else:
            within.update(CLASSES[argument])
    return [sign for sign in PRINTED if sign not in within] if without else sorted(within)


@pytest.mark.parametrize("seed", range(3))
def test_together_they_find_what_each_finds_alone(shipped: Scanner, seed: int) -> None:
    """Of every needle, in texts that it matches, behind what logs hold: hyperscan's shortcuts overlook nothing."""
    choose = random.Random(seed)
    needles = shipped.ruleset.index.needles
    patterns = [needle.sought(False) for needle in needles]
    any_case = [needle.ignore_case for needle in needles]
    together = Prefilter(patterns, any_case)
    missed: list[tuple[int, str]] = []
    found = 0
    for number, pattern in enumerate(patterns):
        nodes = parser.parse(pattern)
        for _ in range(12):
            text = choose.choice(BEFORE) + matching(nodes, choose) + choose.choice(BEHIND)
            hit = number in {own for _, own in together.scan(memoryview(text.encode()))}
            found += hit
            if not hit:
                missed.append((number, text))
    overlooked = [
        (patterns[number], text)
        for number, text in missed
        if Prefilter([patterns[number]], [any_case[number]]).scan(memoryview(text.encode()))
    ]
    assert not overlooked
    assert found > 11 * len(patterns)  # but for where something must stand around it
