"""A block's lines and the events found in it, as columns: one array per fact, one place per event."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from logscope.events import Span
from logscope.model import TimeQuality
from logscope.scan.arrays import Bools, Floats, Ints
from logscope.scan.blocks import Block
from logscope.scan.bulk.requests import Requests
from logscope.scan.bulk.units import Lines, indented_runs
from logscope.scan.tally import Kept

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

    def where(self, chosen: Bools | Ints) -> Rows:
        """Return some of them."""
        return Rows(self.seen[chosen], self.at.where(chosen), self.time[chosen], self.quality[chosen])

    def span(self, row: int) -> Span:
        """Return the place of one event."""
        return Span(int(self.at.start[row]), int(self.at.end[row]))


class Hits(NamedTuple):
    """What matched in rows of a block, in order."""

    row: Ints
    hit: Ints
    """Which of the known hits."""
    slot: Ints


class Page:
    """The lines of a block from `lo` to `hi`, written by `stream`; `ends` are all line ends, `number` that of the line
    at `lo`, from 1; `joins` says whether indented lines may be joined."""

    def __init__(
        self, block: Block, lo: int, hi: int, ends: Ints, number: int, stream: str, joins: bool
    ) -> None:
        self.data, self.lo, self.hi, self.stream = block.data, lo, hi, stream
        self.bytes = np.frombuffer(block.data, np.uint8)
        self.starts, self.ends = (
            np.concatenate(([block.begin], ends + 1)),
            np.append(ends, len(block.data) - 1),
        )
        """Of every line, and of what the block ends with."""
        edges = [int(place) for place in ends.searchsorted((lo, hi))]
        joined = indented_runs(self.bytes, self.starts, edges) if joins else None
        self.lines = Lines(block.data, self.starts, self.ends, joined)
        self.low, self.high = (int(self.lines.number.searchsorted(place)) for place in edges)
        """Which of the lines begins at `lo`, and which behind the last complete one."""
        self.closed = block.data[hi - 1] == 10
        """The last line is complete."""
        self._number = number - edges[0]

    @cached_property
    def requests(self) -> Requests:
        """Every request in the block."""
        return Requests(self.bytes)

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

    def kept(self, rows: Rows, row: int) -> Kept:
        """Return an event of the block to be kept, as bytes."""
        time = float(rows.time[row])
        return Kept(
            line=self.number_of(int(rows.at.line[row])),
            last_line=self.number_of(int(rows.at.last[row])),
            raw=bytes(self.data[slice(*rows.span(row)[:2])]),
            time=None if time != time else time,
            quality=QUALITIES[rows.quality[row]],
            stream=self.stream,
        )
