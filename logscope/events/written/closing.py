"""A head that stands behind the messages, learned from what a source's lines end in: `ready - app.main - INFO`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from logscope.events.formats.format import NAME, UPPER, Format
from logscope.events.written.shared import MOMENT, TIME_SHOWN

_ENOUGH, _SHARE = 5, 0.6
"""Lines that must end alike, and their share."""
_SEPARATORS = (" - ", " | ", " :: ", "|", "; ", ", ")
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
    separator, columns = max(often, key=lambda shape: len(shape[1]))
    tail = "".join(rf" *{re.escape(separator.strip())} *{_COLUMNS[column]}" for column in columns)
    timed = "T" not in columns and sum(MOMENT.match(line) is not None for line in lines) >= least
    head = rf"(?P<time>{TIME_SHOWN})[ \t|:,\-]+" if timed else ""
    form = Format("closing", "other", rf"{head}(?=(?P<said>[^\n]*?\S){tail}[ \t]*\r?$)")
    levels = [found["level"] for line in lines if (found := form.regex.match(line)) is not None]
    return form if len(levels) >= least and any(map(_CALM.match, levels)) and len(set(levels)) > 1 else None


def _shapes(line: bytes) -> Iterator[tuple[str, str]]:
    """What the line's end may be: a separator, and the kinds of the columns behind it."""
    end = line[-_PROBE:].rstrip()
    for separator in _SEPARATORS:
        rest, shape, mark = end, "", separator.encode()
        while len(shape) < len(_COLUMNS) and mark in rest:
            rest, _, last = rest.rpartition(mark)
            kind = next(
                (kind for kind, read in _READ if kind not in shape and read.fullmatch(last.strip())), ""
            )
            if not kind:
                break
            shape = kind + shape
            yield separator, shape
