"""Regular expressions of rules as they are searched: ruled out by a literal first, stopped when they run away."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import regex

from logscope.rulebook.needles import GENEROUS
from logscope.rulebook.patterns import parse_pattern, sre
from logscope.rulebook.vocabulary import inner

Match = regex.Match[str]
SEARCH_TIMEOUT, _PER_CHARACTER = 0.5, 1.5e-6
"""Seconds one search in one event may take, and those beside for each of its characters: a mebibyte takes a slow
machine half a second."""
_SHORT = 16_384
_MANY = 64
"""A repeat that may go on for more characters than this counts as unbounded."""


class Pattern:
    """A pattern, compiled when a text first holds its literals: one without them is not searched at all. Setting a
    time limit costs more than most searches: it is kept for patterns that could run away and for long texts."""

    __slots__ = ("_calm", "_exact", "_folded", "_regex", "_text")

    def __init__(self, text: str) -> None:
        """`text` is a regular expression known to be one."""
        self._text = text
        self._regex: regex.Pattern[str] | None = None
        self._calm = False
        needles = GENEROUS.regex(text) or ()
        self._exact = _least(needle.words for needle in needles if not needle.ignore_case)
        self._folded = _least(tuple(map(str.lower, needle.words)) for needle in needles if needle.ignore_case)

    def search(self, text: str, place: int = 0) -> Match | None:
        """Return the first match from a place on; TimeoutError when the search runs away."""
        if (self._exact or self._folded) and not self._possible(text):
            return None
        compiled = self._regex or self._compiled()
        if self._calm and len(text) <= _SHORT:
            return compiled.search(text, place)
        return compiled.search(text, place, timeout=SEARCH_TIMEOUT + len(text) * _PER_CHARACTER)

    def _compiled(self) -> regex.Pattern[str]:
        self._calm = is_calm(self._text)
        self._regex = regex.compile(self._text)
        return self._regex

    def _possible(self, text: str) -> bool:
        return _holds(text, self._exact) or (bool(self._folded) and _holds(text.lower(), self._folded))


_Words = tuple[str, tuple[str, ...]]
"""Words that stand in a text together, the longest one first."""


def _least(runs: Iterable[tuple[str, ...]]) -> tuple[_Words, ...]:
    """Return runs of words without those that hold all of another's."""
    sets = set(map(frozenset, runs))
    least = [
        sorted(own, key=lambda word: (-len(word), word)) for own in sets if not any(o < own for o in sets)
    ]
    return tuple((words[0], tuple(words[1:])) for words in sorted(least))


def _holds(text: str, runs: tuple[_Words, ...]) -> bool:
    for word, others in runs:  # noqa: SIM110 - this loop is hot
        if word in text and (not others or all(other in text for other in others)):
            return True
    return False


@lru_cache(maxsize=8192)
def pattern(text: str) -> Pattern:
    """Compile a rule's regular expression once."""
    return Pattern(text)


def is_calm(text: str) -> bool:
    """Whether a search in a short text cannot run away: nothing that varies within a repeat, at most two repeats over
    wide classes."""
    wide, nested = _repeats(parse_pattern(text), inside=False)
    return wide <= 2 and not nested


def _repeats(tree: Iterable[tuple[Any, Any]], inside: bool) -> tuple[int, bool]:
    """Count unbounded repeats over more than a narrow class, and say whether one stands within another."""
    wide, nested = 0, False
    for operator, argument in tree:
        if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            low, high, body = argument
            endless = int(high) > _MANY
            nested = nested or (inside and low != high)
            inner_wide, inner_nested = _repeats(body, inside or int(high) > 1)
            wide += inner_wide + (endless and not _is_narrow(body))
            nested = nested or inner_nested
        else:
            nested = nested or (inside and operator is sre.BRANCH)
            for part in inner(operator, argument):
                inner_wide, inner_nested = _repeats(part, inside)
                wide, nested = wide + inner_wide, nested or inner_nested
    return wide, nested


def _is_narrow(body: Any) -> bool:
    """White space or digits: runs that real text keeps short."""
    nodes = list(body)
    return len(nodes) == 1 and nodes[0] in (
        (sre.IN, [(sre.CATEGORY, sre.CATEGORY_SPACE)]),
        (sre.IN, [(sre.CATEGORY, sre.CATEGORY_DIGIT)]),
        (sre.LITERAL, ord(" ")),
    )
