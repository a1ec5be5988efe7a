"""A head that stands behind the messages, learned from what a source's lines end in: `ready - app.main - INFO`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product

from logscope.events.formats.format import NAME, UPPER, Format
from logscope.events.written.shared import MOMENT, TIME_SHOWN

_ENOUGH, _SHARE = 5, 0.6
"""Lines that must end alike, and their share."""
_SEPARATORS = (" - ", " | ", " :: ", "|", "; ", ", ")
_AROUND = (("", ""), ("(", ")"), ("[", "]"))
"""What may stand around all columns."""
_PROBE = 200
"""Bytes of a line's end in which such columns stand."""
_LEVEL = rf"[\[(]?(?P<level>{UPPER}) *[\])]?"
_COLUMNS = {
    "L": _LEVEL,
    "T": rf"\[?(?P<time>{TIME_SHOWN})\]?",
    "N": rf"[\[(]?(?P<logger>{NAME}|[A-Za-z_]\w*)[\])]?",
}
"""What may stand behind a message: level, time, name."""
_READ = [(kind, re.compile(column.encode())) for kind, column in _COLUMNS.items()]
_CALM = re.compile(rb"[\[(]?(?:INFO|DEBUG|WARN(?:ING)?)\b")
"""A level that is no test's result."""


def closing_head(lines: list[bytes]) -> Format | None:
    """Return what reads time, level and name behind the messages of nearly all lines, None where they end in none."""
    least = max(_SHARE * len(lines), _ENOUGH)
    shapes = Counter(shape for line in lines for shape in set(_shapes(line)))
    often = [shape for shape, count in shapes.items() if count >= least and "L" in shape[1]]
    if not often:
        return None
    separator, columns, begin, close = max(often, key=lambda shape: len(shape[1]))
    between = f" *{re.escape(separator.strip())} *"
    read = between.join(_COLUMNS[column] for column in columns)
    tail = rf" *{re.escape(begin)}{read}{re.escape(close)}" if begin else between + read
    timed = "T" not in columns and sum(MOMENT.match(line) is not None for line in lines) >= least
    head = rf"(?P<time>{TIME_SHOWN})[ \t|:,\-]+" if timed else ""
    form = Format("closing", "other", rf"{head}(?=(?P<said>[^\n]*?\S){tail}[ \t]*\r?$)")
    levels = [found["level"] for line in lines if (found := form.regex.match(line)) is not None]
    return form if len(levels) >= least and any(map(_CALM.match, levels)) and len(set(levels)) > 1 else None


def _shapes(line: bytes) -> Iterator[tuple[str, str, str, str]]:
    """What the line's end may be: a separator, the kinds of the columns behind it, and what stands around these."""
    end = line[-_PROBE:].rstrip()
    for separator, (begin, close) in product(_SEPARATORS, _AROUND):
        inside = end
        if begin:
            _, found, inside = end.rpartition(begin.encode())
            if not found or not inside.endswith(close.encode()):
                continue
            inside = inside[:-1]
        pieces = inside.rsplit(separator.encode(), len(_COLUMNS))
        kinds = _kinds(pieces)
        if begin and len(kinds) == len(pieces) > 1:
            yield separator, kinds, begin, close
        for size in range(1, 0 if begin else min(len(kinds) + 1, len(pieces))):
            yield separator, kinds[-size:], "", ""


def _kinds(pieces: list[bytes]) -> str:
    """The kinds of the last pieces, as far as each is another column's."""
    kinds = ""
    for piece in reversed(pieces):
        kind = next((kind for kind, read in _READ if kind not in kinds and read.fullmatch(piece.strip())), "")
        if not kind:
            break
        kinds = kind + kinds
    return kinds
