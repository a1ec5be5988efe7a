"""Lines to events: around an offset, over a whole block, and where a block can end without cutting an event.

Reading around an offset gives the same events as reading everything: a search back ends only at lines that start
an event whatever stands before them, and from there the same machine runs forward.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from logscope.events.folding.flow import MAX_BYTES, MAX_LINES, Flow
from logscope.events.folding.loose import LooseRun
from logscope.events.folding.weave import Weave
from logscope.events.formats import PER_LINE, REPEATED, Head
from logscope.events.record.event import MAX_RAW, Event
from logscope.events.written.heads import SURE_HEAD, head_of, part_of
from logscope.events.written.layout import Layout
from logscope.events.written.neighbours import NEIGHBOUR_BYTES, NEIGHBOUR_LINES, BorrowedTime, Neighbours
from logscope.events.written.unwrapping import prefix_facts, unwrap
from logscope.model import Buffer

TAIL = 1 << 16
"""Bytes before the end in which a block's end is looked for first."""
OUTERMOST = 50
"""Events at either end of a source that are asked for its first and last time."""
SEVERAL = 3
"""How many of these times are taken: writers of one stream run ahead of each other a little."""
BACK_LINES, BACK_BYTES = 3_000, 1 << 19
"""How far the search for an event's start goes back before it starts from the last known border."""
_FRAMES_MOST = 1_000
_FRAMES = re.compile(
    rb"(?: (?! {8}|(?:ERROR|WARN|FATAL) | (?:INFO|DEBUG|ERROR|WARNING|CRITICAL) | ?\x1b| \+ Exception Group Traceback"
    rb"|\xe2(?:\x96\x95|\x9c\x93|\xa8\xaf|\x9a\xa0|\x97\x8b)|(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) /"
    rb"| (?:<--|-->|xxx) |-{14} c|\[sentry\] | {3,7}\+-{36})[^\n]*\n| {9,}[~^][~^ ]*\n){1,%d}" % _FRAMES_MOST
)
"""Indented lines that any event takes, such as a traceback's frames: read in one go."""
_BLANKS = re.compile(rb"\n+|(?:\r\n)+")
"""Empty lines, which any event takes."""
_BLANKS_READ = 1 << 12
"""Bytes of them that are passed in one go when reading back."""


class Span(NamedTuple):
    """One event's place in a buffer."""

    start: int
    end: int
    """Behind the last physical line, line end included."""
    pieces: tuple[tuple[int, int], ...] = ()
    """Physical runs, when lines of other writers stand in between; else empty."""


class Folder:
    """Folds one source. Not shared between threads; remembers borders of the buffer it saw last."""

    def __init__(self, layout: Layout, source: str) -> None:
        self.layout = layout
        self.source = source
        self._match = layout.match
        self.newline = self._newline = b"\r" if layout.newline == "\r" else b"\n"
        self._neighbours = Neighbours(layout, self._newline)
        self._around = layout.borrows or not layout.prefix
        self._weave = Weave(layout, self._newline, self._neighbours) if layout.prefix else None
        self._buffer = self._lo = self._hi = -1
        self._last = Span(0, 0)
        self._peeked = -1  # where the line behind the last event starts, and how it begins
        self._peek: Head | None = None

    def cut(self, data: Buffer, lo: int, at_eof: bool, hi: int | None = None) -> int:
        """Return the largest offset found in (lo, hi] that no event straddles, whatever follows; `hi` is the data's end
        if not given.

        Call it before `find` in a new buffer. Without any such place: the last line's end, or all there is.
        """
        self._buffer = -1
        self._neighbours.forget()
        size = len(data) if hi is None else hi
        if at_eof:
            return size
        full = data.rfind(self._newline, lo, size) + 1
        if full <= lo:
            return size
        place = lo
        if self.layout.borrows:
            near = self._before_neighbours(data, lo, full)
            place = self._cut(data, lo, near, False) if near > lo else lo
        if place <= lo:
            place = self._cut(data, lo, full, self.layout.borrows)
        return place if place > lo else full

    def _before_neighbours(self, data: Buffer, lo: int, full: int) -> int:
        """The last line behind which stands all that an event before it is asked for times; `lo` without one."""
        place = full
        for _ in range(NEIGHBOUR_LINES):
            if place <= lo or full - place >= NEIGHBOUR_BYTES:
                break
            place = data.rfind(self._newline, lo, place - 1) + 1 or lo
        return place

    def _cut(self, data: Buffer, lo: int, full: int, borrows: bool) -> int:
        return self._weave.cut(data, lo, full) if self._weave else self._cut_plain(data, lo, full, borrows)

    def _cut_plain(self, data: Buffer, lo: int, full: int, borrows: bool) -> int:
        """The last line that surely starts an event; a timed one, if there is, where others borrow its time."""
        newline = self._newline
        fallback, place, loose = lo, full, LooseRun()
        while full - place < BACK_BYTES:
            place = _above_blanks(data, lo, place)
            start = data.rfind(newline, lo, place - 1) + 1 or lo
            if start <= lo:
                break
            head = head_of(self._match, data, start, place - 1)
            if head == SURE_HEAD:
                if not borrows or self._neighbours.line_time(data, start, place - 1) is not None:
                    return start
                fallback = fallback if fallback > lo else start
            elif fallback <= lo and loose.add(data, start, place - 1, head, start):
                return loose.latest
            place = start
            if full - place > TAIL and fallback > lo:
                break
        return fallback

    def find(self, data: Buffer, offset: int, lo: int, hi: int) -> Span:
        """Return the event that holds the byte at `offset`; `lo` and `hi` are borders that no event crosses."""
        if hi == self._hi and lo == self._lo and id(data) == self._buffer:
            last = self._last
            if last[0] <= offset < last[1] and not last[2]:
                return last
        else:
            self._hi, self._lo, self._buffer = hi, lo, id(data)
            self._last = last = Span(lo, lo)
            self._peeked = -1
            if self._weave is not None:
                self._weave.forget()
        if self._weave is not None:
            self._last = span = Span(*self._weave.find(data, offset, lo, hi))
            return span
        span_or_start = self._find_short(data, offset, lo, hi)
        if isinstance(span_or_start, int):
            border = last[1] if last[1] <= offset else lo
            start = self._start(data, span_or_start, border, hi)
            end = self._end(data, start, hi)
            while offset >= end:
                start, end = end, self._end(data, end, hi)
            span_or_start = Span(start, end)
        self._last = span_or_start
        return span_or_start

    def _find_short(self, data: Buffer, offset: int, lo: int, hi: int) -> Span | int:
        """The usual case at once: a line that surely begins an event. Else where the line starts."""
        newline, match = self._newline, self._match
        start = data.rfind(newline, lo, offset) + 1 or lo
        stop = data.find(newline, offset, hi)
        if stop < 0 or stop + 1 >= hi:
            return start
        head = self._peek if start == self._peeked else match(data, start, stop)
        if head is None or part_of(data, start, stop, head):
            return start
        place = stop + 1
        following = data.find(newline, place, hi)
        self._peek = match(data, place, hi if following < 0 else following)
        self._peeked = place
        if self._peek is not None and head[0].name not in (PER_LINE, REPEATED):
            return Span(start, place)
        flow = Flow(self.layout, data, start, stop, head)
        return Span(start, self._grown(flow, data, start, place, hi))

    def _start(self, data: Buffer, start: int, lo: int, hi: int) -> int:
        """Return a place at or before the line at `start` where an event surely begins; `lo` is one."""
        newline = self._newline
        end = data.find(newline, start, hi)
        if start <= lo or head_of(self._match, data, start, hi if end < 0 else end) == SURE_HEAD:
            return start
        place, loose = start, LooseRun()
        for _ in range(BACK_LINES):
            if start - place > BACK_BYTES:
                break
            before = data.rfind(newline, lo, place - 1) + 1 or lo
            head = head_of(self._match, data, before, place - 1)
            if before <= lo or head == SURE_HEAD:
                return before
            if loose.add(data, before, place - 1, head, before):
                return loose.latest
            place = before
        return lo

    def _end(self, data: Buffer, start: int, hi: int) -> int:
        """Return where the event that begins at `start` ends."""
        stop = data.find(self._newline, start, hi)
        if stop < 0:
            return hi
        return self._grown(Flow(self.layout, data, start, stop), data, start, stop + 1, hi)

    def _grown(self, flow: Flow, data: Buffer, start: int, place: int, hi: int) -> int:
        """Return where the event ends whose first line the flow has read, its second line being at `place`."""
        newline = self._newline
        lines, limit, before = 1, start + MAX_BYTES, start
        while place < hi:
            if data[place] == 32 and lines < MAX_LINES - _FRAMES_MOST and flow.takes_indented:
                run = _FRAMES.match(data, place, min(hi, limit))
                if run is not None:
                    flow.skip(data, place, run.end())
                    lines += data.count(newline, place, run.end())
                    place = run.end()
                    continue
            elif data[place] in b"\r\n" and newline == b"\n":
                size = 1 if data[place] == 10 else 2
                run = _BLANKS.match(data, place, min(hi, limit, place + size * (MAX_LINES - lines)))
                if run is not None:
                    flow.takes(data, place, place + size - 1)  # what one means, more of them mean as well
                    lines += (run.end() - place) // size
                    place = run.end()
                    before = place - size
                    continue
            stop = data.find(newline, place, hi)
            if stop < 0:
                stop = hi
            lines += 1
            if not flow.takes(data, place, stop) or lines > MAX_LINES or stop > limit:
                return before if flow.hands_back else place
            before, place = place, stop + 1
        return hi

    def broken_off(self, data: Buffer, span: Span, event: Event) -> str:
        """Say how an event is not read whole, empty where it is."""
        if event.cut:
            return f"an event longer than {MAX_RAW >> 20} MiB is read up to there"
        if event.last_line - event.line >= MAX_LINES - 1 and event.raw.count(b"\n") >= MAX_LINES - 1:
            return f"an event longer than {MAX_LINES:,} lines goes on as the next one"
        if span.end - span.start > MAX_RAW // 2 and self._goes_on(data, span):
            return f"an event longer than {MAX_RAW >> 20} MiB goes on as the next one"
        return ""

    def _goes_on(self, data: Buffer, span: Span) -> bool:
        """Say whether only MAX_BYTES ended the event: the line behind it belongs to it."""
        hi, place = len(data), span.start
        stop = data.find(self._newline, span.end, hi)
        following = hi if stop < 0 else stop
        if self._weave is not None or span.end >= hi or following - span.start <= MAX_BYTES:
            return False
        stop = data.find(self._newline, place, hi)
        flow = Flow(self.layout, data, place, stop)
        while stop + 1 < span.end:
            place = stop + 1
            stop = data.find(self._newline, place, hi)
            flow.takes(data, place, stop)
        return flow.takes(data, span.end, following)

    def fold(self, data: Buffer, lo: int, hi: int) -> Iterator[Span]:
        """Give every event of data[lo:hi] in the order of their first lines."""
        if self._weave is not None:
            for parts in self._weave.fold(data, lo, hi):
                yield Span(*parts)
            return
        start = lo
        while start < hi:
            end = self._end(data, start, hi)
            yield Span(start, end)
            start = end

    def outermost(self, data: Buffer, lo: int, hi: int) -> list[float]:
        """Return the times of some first and last events of data[lo:hi] that show one, of few at either end."""
        first: Iterable[Span] = islice(self.fold(data, lo, min(hi, lo + TAIL)), OUTERMOST)
        shows = self.layout.timed or self.layout.prefix is not None
        return [
            time
            for spans in (first if shows else (), islice(self._backwards(data, lo, hi), OUTERMOST))
            for time in islice(self._shown(data, spans), SEVERAL)
        ]

    def _backwards(self, data: Buffer, lo: int, hi: int) -> Iterator[Span]:
        """Give the last events of data[lo:hi], the last one first."""
        end = hi
        while end > lo:
            if self._weave is not None:
                yield (span := self.find(data, end - 1, lo, hi))
                end = span.start
                continue
            line = data.rfind(self._newline, lo, end - 1) + 1 or lo
            begin = self._start(data, line, lo, end)
            yield from reversed(deque(self.fold(data, begin, end), OUTERMOST))
            end = begin

    def _shown(self, data: Buffer, spans: Iterable[Span]) -> Iterator[float]:
        for span in spans:
            event = Folder.event(self, data, span, 0, borrow=False)  # whoever said it, it shows the same time
            if event.time is not None and event.time_quality == "exact":
                yield event.time

    @property
    def splits(self) -> str:
        """What shows that a collector split a line and goes on with it, as a needle; empty where none does."""
        return self.layout.prefix.splits if self.layout.prefix else ""

    def stream(self, data: Buffer, offset: int) -> str:
        """Return the service or container that wrote the line at `offset`, empty without a collector's prefix."""
        prefix = self.layout.prefix
        if prefix is None:
            return ""
        start, end = data.rfind(b"\n", 0, offset) + 1, data.find(b"\n", offset)
        return prefix_facts(prefix, bytes(data[start : end if end >= 0 else len(data)]))[0]

    def begins(self, data: Buffer, start: int, end: int) -> bool:
        """Say whether the line data[start:end] surely begins an event, whatever stands before it."""
        line = unwrap(self.layout.prefix, data, start, end)
        return head_of(self._match, line.data, line.start, line.end) == SURE_HEAD

    def line_time(self, data: Buffer, start: int, end: int) -> float | None:
        """Return the time that the line data[start:end] itself shows, None without one."""
        return self._neighbours.line_time(data, start, end)

    def time_place(self, data: Buffer, start: int, end: int) -> tuple[int, int] | None:
        """Return where the line data[start:end] shows its own time, None without one; a place of no length where that
        cannot be told."""
        return self._neighbours.time_place(data, start, end)

    def around(self, data: Buffer, start: int, end: int) -> BorrowedTime | None:
        """Return what stands around the event data[start:end], None where it shows a time."""
        return self._neighbours.around(data, start, end)

    def event(self, data: Buffer, span: Span, line: int, borrow: bool = True) -> Event:
        """Return the event at `span`; `line` is the 1-based line number of its start.

        Without `borrow` an event that shows no time has none.
        """
        start, end, pieces = span
        raw = b"".join([bytes(data[a:b]) for a, b in pieces]) if pieces else bytes(data[start:end])
        further = data.count(self._newline, start, end - 1)
        last_line = line + further if further else line  # the same object: many are kept
        stop = data.find(self._newline, start, end)
        time = self._neighbours.leading_time(data, start, end if stop < 0 else stop)
        asks = time is None and self._around
        borrowed = self._neighbours.around(data, start, end, borrow) if asks else None
        event = Event(self.layout, self.source, line, last_line, raw, borrowed)
        if self._weave is None:
            event.stream = ""
        if time is not None:
            event.tell_time(time)
        elif borrowed is not None and borrowed.timeless:
            event.tell_time(*borrowed.time())
        return event


def _above_blanks(data: Buffer, lo: int, place: int) -> int:
    """Return where the empty lines begin that end at `place`, which a line's end stands before; it without any."""
    while data.endswith((b"\n\n", b"\n\r\n"), lo, place):
        begin = max(place - _BLANKS_READ, lo)
        kept = len(bytes(data[begin:place]).rstrip(b"\r\n"))
        place = data.find(b"\n", begin + kept) + 1
    return place
