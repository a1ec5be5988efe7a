"""A block's lines and the events found in it, as columns: one array per fact, one place per event."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from logscope.events import Span
from logscope.model import TimeQuality
from logscope.scan.arrays import Bools, Floats, Ints
from logscope.scan.blocks import Block
from logscope.scan.bulk.units import Lines, indented_runs
from logscope.scan.bulk.writers import Writers

QUALITIES: tuple[TimeQuality, ...] = ("exact", "interpolated", "order")
EXACT, INTERPOLATED, ORDER = range(3)


class Places(NamedTuple):
    """Where events stand: first and last line by their place in the block, first byte and the one behind the last."""

    line: Ints
    last: Ints
    start: Ints
    end: Ints

    def where(self, chosen: Bools | Ints) -> Places:
        """Return some of them."""
        return Places(self.line[chosen], self.last[chosen], self.start[chosen], self.end[chosen])


class Rows(NamedTuple):
    """Events of a block, in order."""

    seen: Ints
    """Which of the known events."""
    at: Places
    time: Floats
    """Seconds since the epoch, NaN without a time."""
    quality: Ints
    """By place in QUALITIES."""
    around: Floats
    """Two per event: the times between which an interpolated one lies, else NaN."""

    def where(self, chosen: Bools | Ints) -> Rows:
        """Return some of them."""
        times = self.time[chosen], self.quality[chosen], self.around[chosen]
        return Rows(self.seen[chosen], self.at.where(chosen), *times)

    def bounds(self, chosen: Ints) -> list[tuple[float, float] | None]:
        """Return the times around some of them, None where theirs is not interpolated."""
        around = self.around[chosen]
        bounds: list[tuple[float, float] | None] = [None] * len(chosen)
        for place in np.flatnonzero(~np.isnan(around[:, 0])).tolist():
            bounds[place] = float(around[place, 0]), float(around[place, 1])
        return bounds

    def span(self, row: int) -> Span:
        """Return the place of one event, whoever else's lines stand in it."""
        return Span(int(self.at.start[row]), int(self.at.end[row]))


class Needles(NamedTuple):
    """Where needles were found, in order, and in which unit."""

    unit: Ints
    places: Ints
    needles: Ints

    def where(self, chosen: slice | Ints | Bools) -> Needles:
        """Return some of them."""
        return Needles(self.unit[chosen], self.places[chosen], self.needles[chosen])


class Hits(NamedTuple):
    """What matched in rows of a block, in order."""

    row: Ints
    hit: Ints
    """Which of the known hits."""
    slot: Ints


class Page:
    """The lines of a block from `lo` to `hi`, written by `writers`; `ends` are all line ends, `number` that of the line
    at `lo`, from 1; `joins` says whether indented lines may be joined."""

    def __init__(
        self, block: Block, lo: int, hi: int, ends: Ints, number: int, writers: Writers, joins: bool
    ) -> None:
        self.data, self.lo, self.hi, self.names = block.data, lo, hi, writers.streams
        self._several = several = writers.several
        self.bytes = np.frombuffer(block.data, np.uint8)
        self.starts, self.ends = (
            np.concatenate(([block.begin], ends + 1)),
            np.append(ends, len(block.data) - 1),
        )
        """Of every line, and of what the block ends with."""
        edges = self._edges = [int(place) for place in ends.searchsorted((lo, hi))]
        joined = indented_runs(self.bytes, self.starts, edges) if joins and several is None else None
        self.lines = self.own = Lines(block.data, self.starts, self.ends, joined)
        """As they stand, and writer by writer."""
        low, self.high = (int(self.lines.number.searchsorted(place)) for place in edges)
        """Which of the lines by writer stands behind the last complete one."""
        self.begins = np.array([low])
        """And which are each writer's first ones, from `lo` on."""
        if several is not None:
            self.begins, self.high = several.begins, len(several.order)
            order = np.append(several.order + edges[0], len(self.starts) - 1)
            self.own = Lines(block.data, self.starts, self.ends, order=order)
        self.closed = block.data[hi - 1] == 10
        """The last line is complete."""
        self._number = number - edges[0]

    @cached_property
    def _own_place(self) -> Ints:
        """By line from `lo` on, and for all that follow at once: its place among the lines by writer."""
        assert self._several is not None
        place = np.empty(self.high + 1, np.int64)
        place[self._several.order] = np.arange(self.high)
        place[-1] = self.high
        return place

    def holding(self, places: Ints) -> Ints:
        """Return which of the lines by writer hold the bytes at the places, in order; `high` and more are not
        complete."""
        at = self.lines.ends.searchsorted(places)
        return at if self.own is self.lines else self._own_place[np.minimum(at - self._edges[0], self.high)]

    def streams(self, lines: Ints) -> Ints:
        """Return by line which of the `names` is that of its stream, -1 for what is not between `lo` and `hi`."""
        if self._several is None:
            return np.zeros(len(lines), np.int64)
        stream, place = self._several.stream, lines - self._edges[0]
        return np.where((place >= 0) & (place < len(stream)), stream.take(place, mode="clip"), -1)

    def place_of(self, offset: int) -> int:
        """Return the place, among the block's lines, of the line that holds a byte."""
        return int(self.ends.searchsorted(offset))

    def number_of(self, place: int) -> int:
        """Return the number in the source of the line at a place."""
        return self._number + place

    def numbers_of(self, places: Ints) -> list[int]:
        """Return the numbers in the source of the lines at the places."""
        numbers: list[int] = (places + self._number).tolist()
        return numbers
