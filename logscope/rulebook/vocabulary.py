"""The runs of letters, and the small numbers, that any rule looks for. A word without any of them may be blanked: to
every rule it is the same as any other such word of its length, and so is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from logscope.rulebook.patterns import MAX_CHOICES, literals, parse_pattern, sre
from logscope.rulebook.rule import Condition, Rule

_LETTERS = re.compile(r"[a-z]{3,}")
_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,3}(?![0-9])")
_SHORTEST = 4
"""Letters that tell wherever they stand in a word; of three, only at the begin or end of one that is no key."""


def vocabulary(conditions: Iterable[Condition], rules: Iterable[Rule]) -> frozenset[str]:
    """Return all runs of letters, small ones, and all numbers of up to three digits in what the conditions and the
    rules' incidents look for."""
    looked_for = [*conditions, *(rule.detect.incident for rule in rules)]
    texts = {text for part in looked_for for text in _strings(part)}
    known = {known for text in texts for known in _texts(text)}
    return frozenset(run for text in known for run in (*letters_in(text), *_NUMBER.findall(text)))


def letters_in(text: str) -> list[str]:
    """Return the runs of letters in a text, as small ones, that are long enough to tell."""
    return _LETTERS.findall(text.lower())


def begins_or_ends_known(word: str, known: frozenset[str]) -> bool:
    """Whether a word of small letters begins or ends with three of which a rule may look for."""
    return word[:3] in known or word[-3:] in known


def holds_known(word: str, known: frozenset[str]) -> bool:
    """Whether a part of a word of small letters, of four letters or more, is what a rule may look for."""
    size = len(word)
    return any(
        word[begin:end] in known
        for begin in range(size - _SHORTEST + 1)
        for end in range(begin + _SHORTEST, size + 1)
    )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *_strings(item))
    elif isinstance(value, tuple | Struct):
        for item in astuple(value) if isinstance(value, Struct) else value:
            yield from _strings(item)


def _texts(text: str) -> Iterator[str]:
    """The texts that a literal, or a pattern, is made of."""
    try:
        yield from _runs(parse_pattern(text))
    except re.error:
        yield text


def _runs(tree: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    """The literals of a pattern, each with what may stand right before and behind it."""
    runs = [""]
    for operator, argument in tree:
        step = literals(operator, argument)
        if step and len(runs) * len(step) <= MAX_CHOICES:
            runs = [run + part for run in runs for part in step]
            continue
        yield from runs
        runs = [""]
        for part in inner(operator, argument):
            yield from _runs(part)
    yield from runs


def inner(operator: Any, argument: Any) -> Iterator[Any]:
    """The patterns within a node."""
    if operator is sre.BRANCH:
        yield from argument[1]
    elif operator is sre.SUBPATTERN:
        yield argument[3]
    elif operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        yield argument[2]
    elif operator in (sre.ASSERT, sre.ASSERT_NOT):
        yield argument[1]
    elif operator is sre.ATOMIC_GROUP:
        yield argument
    elif operator is sre.GROUPREF_EXISTS:
        yield from (part for part in argument[1:] if part is not None)
