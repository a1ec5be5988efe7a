"""How lines begin that the same code writes, and which of these stand in one place around tracebacks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from logscope.events.formats import Head
from logscope.events.text.ansi import has_colours, strip_colours
from logscope.events.text.shapes import BLANK, CHAIN, INDENTED, LOOSE, TRACEBACK, shape_of
from logscope.model import Buffer

FEW = 2
"""Lines written alike that are needed."""
_BEGIN = re.compile(rb"[^\s]{1,60}(?: [^\s]{1,60})?")
NUMBER = re.compile(rb"[\da-f]*\d[\da-f]*")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]{2}|[A-Za-z]:")
_RULE = re.compile(rb"([-=*_~#])\1{3,}")
"""Between what a program prints."""

Sample = Sequence[tuple[bytes, Head | None, bytes]]
"""A sample's lines, each with its writer and head, without prefix and colours."""


def beginning(data: Buffer, start: int, end: int) -> bytes:
    """Return what lines written alike have in common: the first two words, without numbers, or the rule that the line
    is; empty without either."""
    if has_colours(data, start, end):
        line = strip_colours(bytes(data[start:end]))
        data, start, end = line, 0, len(line)
    found = _BEGIN.match(data, start, end)
    text = NUMBER.sub(b"0", found[0]) if found is not None else b""
    return text if _WORD.search(text) or _RULE.fullmatch(text) else b""


def around(lines: Sample) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the beginnings of lines that stand again and again in one place below tracebacks, and nowhere else, and of
    those that stand so right above them."""
    below: Counter[bytes] = Counter()
    above: Counter[bytes] = Counter()
    not_below: set[bytes] = set()
    not_above: set[bytes] = set()
    behind: dict[bytes, int] = {}
    """By writer: the shape of the line above, where it is one of a traceback's or stands below one."""
    before: dict[bytes, bytes] = {}
    """By writer: how the line above begins, where it is unknown and no traceback's."""
    place: Counter[bytes] = Counter()
    """By writer: how many lines stand between this one and the class line above."""
    usual: dict[bytes, int] = {}
    """By beginning: the place of the first line that begins so."""
    for writer, head, line in lines:
        shape = shape_of(line, 0, len(line)) if head is None else BLANK
        last = before.pop(writer, b"")
        if shape in (TRACEBACK, CHAIN):
            behind[writer] = shape
            above[last] += 1
            not_below.add(last)
            continue
        not_above.add(last)
        if head is not None:
            behind.pop(writer, None)
        elif shape == INDENTED and writer in behind:
            behind[writer] = INDENTED
        elif shape == LOOSE and behind.get(writer, LOOSE) != LOOSE:
            behind[writer] = LOOSE  # the class line
            place[writer] = 0
        elif shape == LOOSE:
            before[writer] = text = beginning(line, 0, len(line))
            if writer not in behind or usual.setdefault(text, place[writer]) != place[writer]:
                not_below.add(text)
            below[text] += 1
            place[writer] += 1
    return _often(below, not_below), _often(above, not_above)


def _often(count: Counter[bytes], elsewhere: set[bytes]) -> frozenset[bytes]:
    return frozenset(text for text, times in count.items() if text and times >= FEW and text not in elsewhere)
