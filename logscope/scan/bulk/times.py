"""Times of a block's events, all at once: their own, those that a row above shows, those between their neighbours'."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from logscope.events import NEIGHBOUR_BYTES, NEIGHBOUR_LINES, Event, Folder, Span
from logscope.scan.arrays import Floats, Ints
from logscope.scan.bulk.known import BORROWED, FOLLOWS, NO_TIME
from logscope.scan.bulk.page import EXACT, INTERPOLATED, ORDER, QUALITIES, Page, Places
from logscope.scan.bulk.stamps import Ways
from logscope.scan.bulk.units import UNTOLD, Kinds, find_timed

NOWHERE = float("nan"), float("nan")


class Read(NamedTuple):
    """Times of events, as `Rows` has them."""

    time: Floats
    quality: Ints
    around: Floats


class Times:
    """Reads the times of one source's events."""

    def __init__(self, folder: Folder, ways: Ways, kinds: Kinds) -> None:
        self._folder = folder
        self._ways = ways
        self._kinds = kinds

    def place(self, page: Page, span: Span, event: Event) -> tuple[int, int] | None:
        """Return where an event's time stands (see `Seen.time_at`) and how it is written; None when that cannot be
        told."""
        stop = page.data.find(b"\n", span.start, span.end)
        place = self._folder.time_place(page.data, span.start, span.end if stop < 0 else stop)
        borrows = event.time is not None or self._folder.layout.borrows
        if place is None and event.follows:
            return FOLLOWS, 0
        if place is None and event.borrows:
            return (BORROWED if borrows else NO_TIME), 0
        shown = event.time_text.encode()
        own = bytes(page.data[slice(*place)]) if place else b""
        if place and shown in (b"", own) and self._ways.lacks_date(way := self._ways.way_of(own)):
            return (place[0] - span.start, way) if borrows else (NO_TIME, 0)
        if event.time is None:
            return (NO_TIME, 0) if not shown and place is None else None
        if place and self._is_time(own, event):
            return place[0] - span.start, self._ways.way_of(own)
        # a collector's, which tells more than the record's own: before the line, and perhaps before others of it
        first = event.raw if stop < 0 else event.raw[: stop - span.start]
        if not shown or first.count(shown) != 1 or not self._is_time(shown, event):
            return None
        return first.find(shown), self._ways.way_of(shown)

    def _is_time(self, text: bytes, event: Event) -> bool:
        """Whether a text, read by itself, is an event's time."""
        return self._folder.layout.clock.read(text.decode("ascii", "replace")) == event.time

    def read(self, page: Page, at: Places, stands: Ints, ways: Ints) -> Read:
        """Return the times of events by where those stand and how they are written, as `place` told of their like."""
        read = _unknown(len(stands))
        own = np.flatnonzero(stands >= 0)
        read.time[own] = self._ways.read(page.bytes, at.start[own] + stands[own], ways[own])
        read.quality[own] = np.where(np.isnan(read.time[own]), ORDER, EXACT)
        follow = np.flatnonzero(stands == FOLLOWS)
        _put(read, follow, self._one_by_one(page, at.where(follow)))
        clock = own[self._ways.lack_date(ways[own])]
        lent = np.flatnonzero(stands == BORROWED)
        lent = np.sort(np.concatenate((lent, clock))) if len(clock) else lent
        if len(lent):
            _put(read, lent, self._borrowed(page, at.where(lent)))
        dated = clock[~np.isnan(read.time[clock])]
        if len(dated):
            shown = self._ways.read_near(
                page.bytes, at.start[dated] + stands[dated], ways[dated], read.time[dated]
            )
            dated, shown = dated[~np.isnan(shown)], shown[~np.isnan(shown)]
            read.time[dated], read.around[dated] = shown, np.nan
        return read

    def _borrowed(self, page: Page, at: Places) -> Read:
        """Return the times of events that show none: from the timed lines around them."""
        lines, kinds = page.lines, self._kinds
        before, behind = find_timed(lines, kinds, at.line, at.last, NEIGHBOUR_LINES)
        before[(before >= 0) & (lines.starts[before] < at.start - NEIGHBOUR_BYTES)] = -1
        behind[(behind >= 0) & (page.ends[lines.number[behind]] >= at.end + NEIGHBOUR_BYTES)] = -1
        both = np.flatnonzero((before >= 0) & (behind >= 0))
        earlier, later = (
            self._ways.read(
                page.bytes, lines.starts[line] + kinds.time_at.array()[kind], kinds.ways.array()[kind]
            )
            for line in (before[both], behind[both])
            for kind in (lines.kinds[line],)
        )
        begin, end = lines.starts[before[both]], lines.starts[behind[both]]
        time, quality, around = read = _unknown(len(at.line))
        time[both] = earlier + (later - earlier) * ((at.start[both] - begin) / (end - begin))
        time[both[later < earlier]] = np.nan
        around[both] = np.stack((earlier, later), axis=1)
        around[np.isnan(time)] = np.nan
        quality[~np.isnan(time)] = INTERPOLATED
        untold = (before == UNTOLD) | (behind == UNTOLD)
        untold[both] |= np.isnan(earlier) | np.isnan(later)
        _put(read, np.flatnonzero(untold), self._one_by_one(page, at.where(untold)))
        return read

    def _one_by_one(self, page: Page, at: Places) -> Read:
        """Return the times of events that show none, read from what stands around each."""
        read = _unknown(len(at.line))
        for row, (start, end) in enumerate(zip(at.start.tolist(), at.end.tolist(), strict=True)):
            borrowed = self._folder.around(page.data, start, end)
            if borrowed is None:
                continue
            found, how = borrowed.time()
            read.time[row] = np.nan if found is None else found
            read.quality[row] = QUALITIES.index(how)
            read.around[row] = borrowed.bounds() or NOWHERE
        return read


def _unknown(count: int) -> Read:
    return Read(np.full(count, np.nan), np.full(count, ORDER), np.full((count, 2), np.nan))


def _put(read: Read, where: Ints, other: Read) -> None:
    """Write times over those of some events."""
    for own, new in zip(read, other, strict=True):
        own[where] = new
