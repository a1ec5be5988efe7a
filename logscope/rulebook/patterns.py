"""Regular expressions as trees, and the few strings that a part of one stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

ZERO_WIDTH = (sre.AT, sre.ASSERT, sre.ASSERT_NOT)
MAX_CHOICES = 24
"""Literals that one run may branch into."""


@lru_cache(maxsize=8192)
def parse_pattern(pattern: str) -> Any:
    """Return the parsed tree of a regular expression; re.error when it is none."""
    return sre_parser.parse(pattern)


def literals(operator: Any, argument: Any) -> list[str] | None:
    """The few strings a node stands for: itself, one blank for white space, the choices of a group of literals."""
    if operator is sre.LITERAL:
        return [chr(argument)]
    if operator is sre.IN:
        if argument == [(sre.CATEGORY, sre.CATEGORY_SPACE)]:
            return [" "]
        letters = [chr(value) for kind, value in argument if kind is sre.LITERAL]
        return letters if len(letters) == len(argument) <= 3 else None
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        low, high, tree = argument
        inner = _sequences(tree)
        if inner == [" "] and tree[0][0] is not sre.LITERAL:  # `\s+`: one blank, or where a handler wraps
            return inner if low else [" ", ""]
        return [*inner, ""] if inner and (low, high) == (0, 1) else None
    if operator is sre.SUBPATTERN:
        _, add, _, tree = argument
        return None if add & re.IGNORECASE else _sequences(tree)
    if operator is sre.BRANCH:
        choices = [_sequences(branch) for branch in argument[1]]
        found = [part for choice in choices for part in choice or ()]
        return found if all(choices) and len(found) <= MAX_CHOICES else None
    return None


def _sequences(tree: Iterable[tuple[Any, Any]]) -> list[str] | None:
    """The few strings that a concatenation of such nodes stands for."""
    result = [""]
    for operator, argument in tree:
        step = [""] if operator in ZERO_WIDTH else literals(operator, argument)
        if not step or len(result) * len(step) > MAX_CHOICES:
            return None
        result = [start + part for start in result for part in step]
    return result


__all__ = ["MAX_CHOICES", "ZERO_WIDTH", "literals", "parse_pattern", "sre"]
