"""Times for events without one: from the timed lines around them."""

from __future__ import annotations

import re
from typing import NamedTuple

from logscope.events.formats import Head
from logscope.events.text.ansi import strip_colours
from logscope.events.text.names import TIME, role_of
from logscope.events.text.rich import is_row
from logscope.events.written.heads import read_head
from logscope.events.written.layout import Layout
from logscope.events.written.leading import PROBE, LeadingTimes
from logscope.events.written.unwrapping import Line, unwrap
from logscope.model import Buffer, TimeQuality

NEIGHBOUR_LINES = 200
NEIGHBOUR_BYTES = 1 << 15
"""How far a neighbour's time is looked for, in each direction: whole lines, from the event's own ends."""
ROW_BYTES = 1 << 18
"""How far back RichHandler's last printed time is looked for: what stands between may be boxed tracebacks."""
_TIMELESS, _PLAIN = 4_096, 400
"""How many lines without time are remembered, and how long they may be."""

_JSON_TIME = re.compile(
    rb'"(?:@?timestamp|asctime|time|ts|datetime|created|eventTime|Timestamp|TIME|@t|time_iso8601|time_local|\$date)"\s*:\s*(?:"\[?([^"\]\n]{8,40})\]?"|(\d{9,19}(?:\.\d+)?))'
)
_JSON_MEMBER = re.compile(rb'"([\w@.\-]{1,40})"\s*:\s*(?:"\[?(\d[^"\]\n]{7,40})\]?"|(\d{9,19}(?:\.\d+)?))')
"""One that may hold a time, as its name tells."""
_FIELD_TIME = re.compile(
    rb'(?<!\S)(?:ts|time|timestamp|at|when|t)=(?:["\']([^"\'\n]{8,40})["\']|(\d{4}-\d\d-\d\d \d\d:\S+|\S{8,40}))'
)


def may_show_time(head: Head) -> bool:
    """Say whether a line that begins so may show a time of its own."""
    return head[0].timed or head[0].kind in ("json", "logfmt")


def _json_time(data: Buffer, start: int, end: int) -> re.Match[bytes] | None:
    """Find where a JSON record shows its time."""
    found = _JSON_TIME.search(data, start, end)
    if found is not None:
        return found
    members = _JSON_MEMBER.finditer(data, start, end)
    return next((each for each in members if role_of(each[1].decode("ascii", "replace")) == TIME), None)


class BorrowedTime(NamedTuple):
    """The times around an event that shows none of its own, one of which it borrows."""

    before: float | None
    after: float | None
    share: float
    """Where between them the event stands, 0 to 1."""
    exact: bool = False
    """`before` is the event's own time: RichHandler leaves it blank when it has not changed."""
    timeless: bool = False
    """The event's format shows no time: this one is the only one there is."""

    def time(self) -> tuple[float | None, TimeQuality]:
        """Return the borrowed time and its quality."""
        if self.before is None or (self.after is None and not self.exact):
            return None, "order"
        if self.exact or self.after is None:
            return self.before, "exact"
        return self.before + (self.after - self.before) * self.share, "interpolated"

    def bounds(self) -> tuple[float, float] | None:
        """Return the times that an interpolated one lies between, None where it is none."""
        if self.exact or self.before is None or self.after is None:
            return None
        return self.before, self.after


_Timed = tuple[int, float]
"""Where a timed line starts, and its time."""
_Stretch = tuple[int, int, _Timed | None]
"""From one line's start up to another's without time; the timed line at its end, where it was seen."""


class Neighbours:
    """Looks for times around events of one source.

    What it answers depends on nothing but the lines around the event, whoever wrote them: services of one stream are
    told by one collector, line by line as they come. It remembers one stretch of lines without time in each
    direction, only not to read them again for the next event.
    """

    def __init__(self, layout: Layout, newline: bytes) -> None:
        self._clock = layout.clock
        self._match = layout.match
        self._ansi = layout.ansi
        self._prefix = layout.prefix
        self._leading = LeadingTimes(layout)
        self._borrows = layout.borrows
        self._timeless: set[bytes] = set()  # lines that were read and show none, such as a traceback's
        self._blank = -1 if layout.prefix else 32  # lines that begin with it show no time
        self._newline = newline
        self._buffer = (0, 0)
        self._before: _Stretch | None = None
        self._after: _Stretch | None = None
        self._rows: dict[bytes, tuple[int, _Timed | None]] = {}  # by writer: a row asked for, and its time

    def forget(self) -> None:
        """Drop what was remembered: a new buffer begins."""
        self._before = self._after = None
        self._rows.clear()

    def _turn_to(self, data: Buffer) -> None:
        if self._buffer != (id(data), len(data)):
            self._buffer = (id(data), len(data))
            self.forget()

    def _line(self, data: Buffer, start: int, end: int) -> Line:
        return unwrap(self._prefix, data, start, end)

    def line_time(self, data: Buffer, start: int, end: int) -> float | None:
        """Return the time that the line data[start:end] itself carries, None without one."""
        time = self._leading.read(data, start, end)
        return self._time(self._line(data, start, end)) if time is None else time

    def leading_time(self, data: Buffer, start: int, end: int) -> float | None:
        """The same, but only where it costs next to nothing: the line begins with its time, and lines like it are
        known."""
        return self._leading.read(data, start, end)

    def time_place(self, data: Buffer, start: int, end: int) -> tuple[int, int] | None:
        """Return where the line data[start:end] shows its own time, None without one; a place of no length where
        a prefix or colours hide it."""
        found = self._shown(self._line(data, start, end))
        if found is None or found[0] is data:
            return found and found[1:]
        text = found[0][found[1] : found[2]]
        place = data.find(text, start, end)
        hidden = place < 0 or data.find(text, place + 1, end) >= 0
        return (start, start) if hidden else (place, place + len(text))

    def _time(self, line: Line) -> float | None:
        found = self._shown(line)
        if found is None:
            return None
        data, start, end = found
        return self._clock.read(data[start:end].decode("ascii", "replace"))

    def _shown(self, line: Line) -> tuple[Buffer, int, int] | None:
        """Where a line shows its time: (the line's data, perhaps without colours, start, end)."""
        if line.start >= line.end or line.data[line.start] == 32:
            return None
        head, data, start, end = self._head(line)
        if head is None:
            return None
        form = head[0]
        if form.kind in ("json", "logfmt"):
            found = (_json_time if form.kind == "json" else _FIELD_TIME.search)(data, start, end)
            group: int | str = found.lastindex or 0 if found else 0
        elif form.timed:
            found = form.regex.match(data, start, end)
            group = "time"
        else:
            return None
        if found is None or not found[group]:
            return None
        if form.timed and data is line.data:
            self._leading.learn(data, start, end, head, bytes(found[group]))
        return data, *found.span(group)

    def _head(self, line: Line) -> tuple[Head | None, Buffer, int, int]:
        """How a line begins; colours may also hide the time behind a level."""
        found = read_head(self._match, line.data, line.start, line.end)
        if self._ansi and found[0] is not None and not found[0][0].timed:
            bare = strip_colours(bytes(line.data[line.start : line.end]))
            return self._match(bare, 0, len(bare)), bare, 0, len(bare)
        return found

    def around(self, data: Buffer, start: int, end: int, borrow: bool = True) -> BorrowedTime | None:
        """Return what stands around the event data[start:end]; None when its first line has a time, and not a clock's
        alone.

        Without `borrow` no other event's time is looked for.
        """
        stop = data.find(self._newline, start, end)
        line = self._line(data, start, end if stop < 0 else stop)
        head = self._head(line)[0]
        if head is not None and head[0].kind in ("json", "logfmt"):
            return None
        if head is not None and head[0].timed and self._time(line) is not None:
            return None
        if head is not None and head[0].kind == "rich" and head[0].lead == "space":
            return BorrowedTime(self._rich_time(data, start, line.key), None, 0.0, exact=True)
        if head is None and line.end - line.start > 0 and is_row(line.data, line.start, line.end):
            time = self._rich_time(data, start, line.key)
            if time is not None:
                return BorrowedTime(time, None, 0.0, exact=True)
        timeless = head is not None and not head[0].timed and head[0].kind == "plain" and self._prefix is None
        if not self._borrows or not borrow:
            return BorrowedTime(None, None, 0.0, timeless=timeless)
        return self._between(data, start, end, timeless)

    def _rich_time(self, data: Buffer, start: int, key: bytes) -> float | None:
        """The time of the writer's previous RichHandler record, which printed it."""
        self._turn_to(data)
        asked, known = self._rows.get(key, (0, None))
        place, floor = start, max(start - ROW_BYTES, 0)
        found: _Timed | None = None
        while place > floor and found is None:
            if place == asked:
                found = known if known is not None and known[0] >= floor else None
                break
            before = data.rfind(self._newline, max(floor - 1, 0), place - 1) + 1
            if before < floor:
                break
            if data[before] != self._blank:
                time = self._row_time(self._line(data, before, place - 1), key)
                found = None if time is None else (before, time)
            place = before
        self._rows[key] = start, found
        return None if found is None else found[1]

    def _row_time(self, line: Line, key: bytes) -> float | None:
        """The time that RichHandler printed in a line of a writer, None where it is no such line."""
        if line.key != key or line.start >= line.end or line.data[line.start] not in b"[\x1b0123456789":
            return None
        head = read_head(self._match, line.data, line.start, line.end)[0]
        if head is None or not head[0].timed or (head[0].kind != "rich" and head[0].name != "bracketed"):
            return None
        return self._time(line)

    def _between(self, data: Buffer, start: int, end: int, timeless: bool) -> BorrowedTime | None:
        self._turn_to(data)
        before = self._next_door(data, start) or self._search_back(data, start)
        after = self._search_on(data, end) if before is not None else None
        if before is None or after is None or after[1] < before[1]:
            return BorrowedTime(None, None, 0.0, timeless=timeless)
        share = (start - before[0]) / (after[0] - before[0])
        return BorrowedTime(before[1], after[1], share, timeless=timeless)

    def _next_door(self, data: Buffer, start: int) -> _Timed | None:
        """The line right before `start`, where it shows at once what time it was."""
        before = data.rfind(self._newline, max(start - PROBE * 8, 0), start - 1) + 1
        time = self._leading.read(data, before, start - 1) if 0 < before < start else None
        return None if time is None else (before, time)

    def _timed(self, data: Buffer, start: int, end: int) -> _Timed | None:
        line = bytes(data[start:end])
        if line in self._timeless or self._leading.is_undated(line):
            return None
        time = self.line_time(data, start, end)
        if time is None and len(line) < _PLAIN and len(self._timeless) < _TIMELESS:
            self._timeless.add(line)
        return None if time is None else (start, time)

    def _search_back(self, data: Buffer, start: int) -> _Timed | None:
        """The nearest timed line before `start`."""
        low, high, known = self._before or (start, start, None)
        floor, newline, blank = start - NEIGHBOUR_BYTES, self._newline, self._blank
        bottom = max(floor - 1, 0)
        found: _Timed | None = None
        place, lines, last = start, 0, start
        while lines < NEIGHBOUR_LINES and place > 0:
            if low < place <= high:
                if low >= floor:
                    lines += data.count(newline, low, place)
                place, last = low, max(start, high)
                if low >= floor:
                    continue
                break
            before = data.rfind(newline, bottom, place - 1) + 1
            if before < floor:
                break
            if data[before] == blank:
                place, lines = before, lines + 1
                continue
            found = known if known and known[0] == before else self._timed(data, before, place - 1)
            if found is not None:
                break
            place, lines = before, lines + 1
        self._before = place, last, found
        return found

    def _search_on(self, data: Buffer, end: int) -> _Timed | None:
        """The nearest timed line at or behind `end`."""
        low, high, known = self._after or (end, end, None)
        ceiling, newline, blank = end + NEIGHBOUR_BYTES, self._newline, self._blank
        found: _Timed | None = None
        place, lines, first = end, 0, end
        while lines < NEIGHBOUR_LINES:
            if low <= place < high:
                if high <= ceiling:
                    lines += data.count(newline, place, high)
                place, first = high, min(end, low)
                if high <= ceiling:
                    continue
                break
            stop = data.find(newline, place, ceiling)
            if stop < 0:
                break
            if data[place] == blank:
                place, lines = stop + 1, lines + 1
                continue
            found = known if known and known[0] == place else self._timed(data, place, stop)
            if found is not None:
                break
            place, lines = stop + 1, lines + 1
        self._after = first, place, found
        return found
