"""Times for events without one: from the timed lines around them."""

from __future__ import annotations

import re
from typing import NamedTuple

from logscope.events.ansi import has_colours, strip_colours
from logscope.events.layout import Layout
from logscope.events.prefixes import BY_NAME, Line, unwrap

NEIGHBOUR_LINES = 200
NEIGHBOUR_BYTES = 1 << 15
"""How far a neighbour's time is looked for, in each direction."""

_JSON_TIME = re.compile(
    rb'"(?:@?timestamp|asctime|time|ts|datetime|created|eventTime)"\s*:\s*(?:"([^"\n]{8,40})"|(\d{9,19}(?:\.\d+)?))'
)
_FIELD_TIME = re.compile(rb'(?:^|\s)(?:ts|time|timestamp|at|t)=(?:"([^"\n]{8,40})"|(\S{8,40}))')


class Between(NamedTuple):
    """What stands around an event without a time of its own."""

    before: float | None
    after: float | None
    share: float
    """Where between them the event stands, 0 to 1."""
    exact: bool
    """`before` is the event's own time: RichHandler leaves it blank when it has not changed."""


class _Gap(NamedTuple):
    """Two timed lines with none between them."""

    low: int
    high: int
    before: float | None
    after: float | None
    buffer: tuple[int, int]


class Neighbours:
    """Looks for times around events of one source; remembers the last gap between timed lines."""

    def __init__(self, layout: Layout, newline: bytes) -> None:
        self._clock = layout.clock
        self._match = layout.match
        self._prefix = BY_NAME.get(layout.prefix)
        self._newline = newline
        self.forget()

    def forget(self) -> None:
        """Drop what was remembered: a new buffer begins."""
        self._gap = _Gap(-1, -1, None, None, (0, 0))

    def _line(self, data: bytes | bytearray, start: int, end: int) -> Line:
        if self._prefix is not None:
            return unwrap(self._prefix, data, start, end)
        return Line(b"", data, start, end, False)

    def line_time(self, data: bytes | bytearray, start: int, end: int) -> float | None:
        """Return the time that the line data[start:end] itself carries, None without one."""
        _, buffer, start, end, _ = self._line(data, start, end)
        if start >= end or buffer[start] == 32:
            return None
        head = self._match(buffer, start, end)
        if head is None and has_colours(buffer, start, end):
            buffer = strip_colours(bytes(buffer[start:end]))
            start, end = 0, len(buffer)
            head = self._match(buffer, start, end)
        if head is None:
            return None
        form = head[0]
        if form.kind in ("json", "logfmt"):
            found = (_JSON_TIME if form.kind == "json" else _FIELD_TIME).search(buffer, start, end)
            text = (found[1] or found[2]) if found else None
        elif form.timed:
            found = form.regex.match(buffer, start, end)
            text = found["time"] if found else None
        else:
            text = None
        return self._clock.read(text.decode("ascii", "replace")) if text else None

    def around(self, data: bytes | bytearray, start: int, end: int) -> Between | None:
        """Return what stands around the event data[start:end]; None when its first line has a time."""
        stop = data.find(self._newline, start, end)
        stop = end if stop < 0 else stop
        line = self._line(data, start, stop)
        head = self._match(line.data, line.start, line.end)
        if head is None and line.start < line.end and has_colours(line.data, line.start, line.end):
            bare = strip_colours(bytes(line.data[line.start : line.end]))
            head = self._match(bare, 0, len(bare))
        if head is not None and (head[0].timed or head[0].kind in ("json", "logfmt")):
            return None
        if head is not None and head[0].kind == "rich" and not head[0].timed:
            time = self._rich_time(data, start, line.key)
            return Between(time, None, 0.0, True)
        return self._between(data, start, end)

    def _rich_time(self, data: bytes | bytearray, start: int, key: bytes) -> float | None:
        """The time of the writer's previous RichHandler record, which printed it."""
        place = start
        for _ in range(NEIGHBOUR_LINES * 4):
            if place <= 0 or start - place > NEIGHBOUR_BYTES:
                return None
            before = data.rfind(self._newline, 0, place - 1) + 1
            line = self._line(data, before, place - 1)
            if line.key == key and line.start < line.end and line.data[line.start] == 91:
                head = self._match(line.data, line.start, line.end)
                if head is not None and head[0].kind == "rich":
                    return self.line_time(data, before, place - 1)
            place = before
        return None

    def _between(self, data: bytes | bytearray, start: int, end: int) -> Between | None:
        gap = self._gap
        if not (gap.low < start and end <= gap.high and gap.buffer == (id(data), len(data))):
            low, before = self._search_back(data, start)
            high, after = self._search_on(data, end)
            gap = self._gap = _Gap(low, high, before, after, (id(data), len(data)))
        if gap.before is None or gap.after is None or gap.after < gap.before:
            return None
        if start - gap.low > NEIGHBOUR_BYTES or gap.high - end > NEIGHBOUR_BYTES:
            return None
        return Between(gap.before, gap.after, (start - gap.low) / (gap.high - gap.low), False)

    def _search_back(self, data: bytes | bytearray, start: int) -> tuple[int, float | None]:
        place, newline = start, self._newline
        for _ in range(NEIGHBOUR_LINES):
            if place <= 0 or start - place > NEIGHBOUR_BYTES:
                break
            before = data.rfind(newline, 0, place - 1) + 1
            time = self.line_time(data, before, place - 1)
            if time is not None:
                return before, time
            place = before
        return place, None

    def _search_on(self, data: bytes | bytearray, end: int) -> tuple[int, float | None]:
        place, newline, size = end, self._newline, len(data)
        for _ in range(NEIGHBOUR_LINES):
            if place >= size or place - end > NEIGHBOUR_BYTES:
                break
            stop = data.find(newline, place)
            if stop < 0:
                break
            time = self.line_time(data, place, stop)
            if time is not None:
                return place, time
            place = stop + 1
        return place, None
