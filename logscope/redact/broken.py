"""Secrets that a terminal broke at its edge, and whoever copied it with them: the rest begins the next line."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from itertools import pairwise

from logscope.lazily import lazy
from logscope.redact.shapes import SHAPES, may_hold_shape

_EDGE = lazy(r"(?<=[\w.+/=-])\n(?=[\w.+/=-])")
_DATE = lazy(r"\d{4}-\d\d-\d\d")
_REST = lazy(r"[\w.~+/=-]{8,}")
"""What begins the line behind one that ends in what was masked."""
_LEAST = 8
"""Letters that a rest has at least: fewer give nothing away, and words are as long."""


def mask_broken(text: str, mask: str, is_random: Callable[[str, int], bool]) -> str:
    """Return `text` with secrets that line ends break as `mask`, in each line; those of one line are masked already."""

    def is_rest(value: str) -> bool:
        return is_random(value, _LEAST) and _DATE.match(value) is None

    return _mask_rests(_mask_parted(text, mask, is_rest), mask, is_rest)


def _mask_rests(text: str, mask: str, is_rest: Callable[[str], bool]) -> str:
    """Mask what goes on with a masked value that its line ends in, line by line."""
    ends = mask + "\n"
    parts: list[str] = []
    done, place = 0, text.find(ends)
    while place >= 0:
        place += len(ends)
        while (rest := _REST.match(text, place)) and is_rest(rest[0]):
            parts += [text[done:place], mask]
            done = rest.end()
            place = done + 1
            if not text.startswith("\n", done):
                break
        place = text.find(ends, place)
    return "".join(parts) + text[done:]


def _mask_parted(text: str, mask: str, is_rest: Callable[[str], bool]) -> str:
    """Mask what has a secret's shape only once its lines are joined."""
    joined = _EDGE.sub("", text)
    if len(joined) == len(text) or not may_hold_shape(joined):
        return text
    edges = [found.start() for found in _EDGE.finditer(text)]
    gone = [edge - number for number, edge in enumerate(edges)]  # where the joined text lacks them
    parts: list[str] = []
    done = 0
    for found in SHAPES.finditer(joined):
        first, last = bisect_left(gone, found.start() + 1), bisect_left(gone, found.end())
        begin, stop = found.end(found.lastindex or 0) + first, found.end() + last
        end = -1
        for edge, following in pairwise([*edges[first:last], stop]):
            if not is_rest(text[edge + 1 : following]):
                break
            end = following
        if end >= 0:
            begin = min(begin, edges[first] + 1)  # perhaps the prefix is broken
            parts += [text[done:begin], re.sub(r"[^\n]+", lambda _: mask, text[begin:end])]
            done = end
    return "".join(parts) + text[done:]
