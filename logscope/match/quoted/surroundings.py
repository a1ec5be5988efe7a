"""The lines around an event: who wrote them, and what they say without prefix and colours."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from logscope.events import Folder, Span, strip_colours
from logscope.events.formats import Head
from logscope.events.written.unwrapping import unwrap
from logscope.model import Buffer

LINES, BYTES = 20, 1 << 13
"""Lines, and bytes, looked at in either direction."""
_BLOCK_LINES = 80
"""Lines up to the record that ends a text."""


class Surroundings:
    """The place of an event in a buffer, and what its writer wrote before and behind it."""

    def __init__(self, folder: Folder, data: Buffer, span: Span) -> None:
        self._folder = folder
        self.layout = folder.layout
        self.data = data
        self.start, self.end, _ = self.span = span

    @cached_property
    def writer(self) -> bytes:
        """Who wrote the event."""
        return self.writer_and_text(self.start, self.first_end)[0]

    @property
    def first_end(self) -> int:
        """Where the event's first line ends."""
        return self.line_end(self.start, self.end)

    @property
    def ends_blank(self) -> bool:
        """Whether the last of the event's lines, of several, is blank."""
        last = self.line_begin(max(self.end - 1, self.start), self.start)
        return last > self.start and not self.writer_and_text(last, self.end)[1].strip()

    def writer_and_text(self, start: int, stop: int) -> tuple[bytes, bytes]:
        """Who wrote the line data[start:stop], and its text without prefix and colours."""
        line = unwrap(self.layout.prefix, self.data, start, stop)
        text = bytes(line.data[line.start : line.end])
        return line.key, strip_colours(text) if self.layout.ansi or b"\x1b" in text else text

    def head(self, text: bytes) -> Head | None:
        """The head of a record that a line's text begins, None where it begins none."""
        return self.layout.match(text, 0, len(text))

    def line_begin(self, place: int, lo: int) -> int:
        """Where the line begins, behind `lo`, that holds the byte before a place; 0 where it does before."""
        return self.data.rfind(self._folder.newline, lo, place) + 1

    def line_end(self, start: int, hi: int) -> int:
        """Where the line ends that goes on at a place, `hi` at most."""
        stop = self.data.find(self._folder.newline, start, hi)
        return hi if stop < 0 else stop

    def lines_before(self, reach: int = BYTES) -> Iterator[bytes]:
        """Give the writer's lines before the event, the nearest first."""
        start, low = self.start, max(self.start - reach, 0)
        for _ in range(LINES * (reach // BYTES)):
            stop = start - 1
            start = self.line_begin(max(stop, low), low)
            if stop <= low or (not start and low):
                return
            writer, text = self.writer_and_text(start, stop)
            if writer == self.writer:
                yield text

    def lines_behind(self, start: int) -> Iterator[bytes]:
        """Give the writer's lines from a place on."""
        high = min(start + BYTES, len(self.data))
        for _ in range(LINES):
            if start >= high:
                return
            stop = self.line_end(start, high)
            writer, text = self.writer_and_text(start, stop)
            if writer == self.writer:
                yield text
            start = stop + 1

    def texts_before(self, reach: int = BYTES) -> Iterator[str]:
        """Give the same lines before the event as text."""
        for text in self.lines_before(reach):
            yield text.decode("utf-8", "replace")

    def texts_behind(self, start: int | None = None) -> Iterator[str]:
        """Give the writer's lines behind the event, or from a place on, as text, up to one that begins a record."""
        for text in self.lines_behind(self.end if start is None else start):
            if self.head(text) is not None:
                return
            yield text.decode("utf-8", "replace")

    def heads_behind(self) -> Iterator[tuple[Head | None, bytes]]:
        """Give more of the writer's lines behind the event, each with its head."""
        for begin, stop in self.bounds_behind(_BLOCK_LINES):
            writer, text = self.writer_and_text(begin, stop)
            if writer == self.writer:
                yield self.head(text), text

    def time(self, start: int, stop: int) -> float | None:
        """The time that the line data[start:stop] shows."""
        return self._folder.line_time(self.data, start, stop)

    def bounds_before(self, most: int) -> Iterator[tuple[int, int]]:
        """Give the bounds of so many lines before the event, whoever wrote them, the nearest first."""
        start = self.start
        for _ in range(most):
            if start <= 1:
                return
            stop, start = start - 1, self.line_begin(start - 1, max(start - BYTES, 0))
            yield start, stop

    def bounds_behind(self, most: int) -> Iterator[tuple[int, int]]:
        """Give the bounds of so many lines behind it."""
        start = self.end
        for _ in range(most):
            if start >= len(self.data):
                return
            stop = self.line_end(start, min(start + BYTES, len(self.data)))
            yield start, stop
            start = stop + 1
