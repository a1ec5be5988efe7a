"""Secrets that a terminal broke at its edge, and whoever copied it with them: the rest begins the next line."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from logscope.lazily import lazy
from logscope.redact.named import lower, may_name, named_values
from logscope.redact.placed import placed_values
from logscope.redact.shapes import SHAPES, may_hold_shape
from logscope.redact.values import MASK, is_random, mask_spans

_EDGE = lazy(r"(?<=[\w.+/=-])\n(?=[\w.+/=-])")
_DATE = lazy(r"\d{4}-\d\d-\d\d")
_REST = lazy(r"[\w.~+/=-]{8,}")
"""What begins the line behind one that ends in what was masked."""
_COLUMN = lazy(r"(?<![ \t])[ \t]+[\w./<>-]{1,60}\.py:\d{1,6}\Z|(?<=:)[ \t][|>][+-]?\d?\Z")
"""What a row's end is without: the place in the code where RichHandler shows it, YAML's mark of a block."""
_GAP = lazy(r"(?:[ \t]{1,400}[\w./<>-]{1,60}\.py:\d{1,6})?[ \t]{0,400}\n[ \t]{0,400}")
_WIDEST = 400
"""Characters of a row that a terminal broke, at most."""
_LEAST = 8
"""Letters that a rest has at least: fewer give nothing away, and words are as long."""


def mask_broken(text: str) -> str:
    """Return `text` with secrets that line ends break masked in each line; those of one line are masked already."""
    return _mask_rests(_mask_parted(text))


def mask_across(text: str) -> str:
    """Return `text` with values masked that a row's end parts from their name, or breaks behind it.

    Terminals break rows at any letter, RichHandler and others at blanks.
    """
    return mask_spans(text, sorted(_across(text)))


def _across(text: str) -> Iterator[tuple[int, int]]:
    """Where such values stand, row by row."""
    begin, at = 0, text.find("\n")
    while at >= 0:
        stop = text.find("\n", at + 1)
        row, below = text[begin:at], text[at + 1 : stop if stop >= 0 else len(text)]
        begin, indented = at + 1, at + 1 + len(below) - len(below.lstrip(" \t"))
        if 0 < len(row) <= _WIDEST and 0 < len(below) <= _WIDEST:
            above = _COLUMN.sub("", row.rstrip(" \t"))
            for start, end in _joined(above, below.lstrip(" \t")):
                first = at - len(row)
                if start < len(above):
                    yield first + start, first + len(above)
                yield indented + max(start - len(above), 0), indented + end - len(above)
        at = stop


def _joined(above: str, below: str) -> Iterator[tuple[int, int]]:
    """Where values begin and end in two rows, joined without a blank."""
    edge = len(above)
    for glue in ("", " "):
        text = above + glue + below
        for name, start, end in _told_values(text):
            if not name < edge <= end:
                continue
            random = _is_rest(text[max(start, edge + len(glue)) : end])
            if start >= edge and random:
                yield max(start - len(glue), edge), end - len(glue)
            elif start < edge and not glue and (random or _is_closed(text, start, end)):
                yield start, end


def _told_values(line: str) -> Iterator[tuple[int, int, int]]:
    """Yield where a name, its value, and what is behind that begin, for all values but those known by their shape."""
    low = lower(line)
    if "://" in low or "bearer" in low or may_name(low):
        yield from named_values(line, low)
        yield from placed_values(line)


def _is_rest(value: str) -> bool:
    """Whether a line may begin with this because a secret was broken above it."""
    return is_random(value, _LEAST) and _DATE.match(value) is None


def _is_closed(text: str, start: int, end: int) -> bool:
    """Whether what is behind a value makes sure that it is whole: its quotation mark, an address's host, or what a
    query asks for next."""
    behind = text[end : end + 1]
    quoted = behind in ("'", '"') and text[start - 1] == behind
    return (quoted or behind in ("@", "&")) and " " not in text[start:end]


def _mask_rests(text: str) -> str:
    """Mask what goes on with a masked value that its line ends in, line by line."""
    parts: list[str] = []
    done, place = 0, text.find(MASK)
    while place >= 0:
        place += len(MASK)
        while (
            (gap := _GAP.match(text, place)) and (rest := _REST.match(text, gap.end())) and _is_rest(rest[0])
        ):
            parts += [text[done : rest.start()], MASK]
            done = place = rest.end()
        place = text.find(MASK, place)
    return "".join(parts) + text[done:]


def _mask_parted(text: str) -> str:
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
            if not _is_rest(text[edge + 1 : following]):
                break
            end = following
        if end >= 0:
            begin = min(begin, edges[first] + 1)  # perhaps the prefix is broken
            parts += [text[done:begin], re.sub(r"[^\n]+", lambda _: MASK, text[begin:end])]
            done = end
    return "".join(parts) + text[done:]
