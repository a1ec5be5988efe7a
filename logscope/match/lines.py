"""The lines around an event: who wrote them, and what they say without prefix and colours."""

from __future__ import annotations

from collections.abc import Iterator

from logscope.events import Folder, Span, strip_colours
from logscope.events.formats import Head
from logscope.events.written.prefixes import prefix_named, unwrap

LINES, BYTES = 20, 1 << 13
"""Lines, and bytes, looked at in either direction."""
BLOCK_LINES = 80
"""Lines up to the record that ends a text."""


class Lines(Folder):
    """A folder that also reads the lines before and behind an event."""

    def _spans_back(self, data: bytes | bytearray, start: int, most: int) -> Iterator[tuple[int, int]]:
        """Give the lines before a place, the nearest first."""
        for _ in range(most):
            if start <= 1:
                return
            stop, start = start - 1, data.rfind(self.newline, max(start - BYTES, 0), start - 1) + 1
            yield start, stop

    def _spans_on(self, data: bytes | bytearray, start: int, most: int) -> Iterator[tuple[int, int]]:
        """Give the lines from a place on."""
        for _ in range(most):
            if start >= len(data):
                return
            stop = self._stop(data, start, min(start + BYTES, len(data)))
            yield start, stop
            start = stop + 1

    def _line(self, data: bytes | bytearray, start: int, stop: int) -> tuple[bytes, bytes | None]:
        """Return who wrote a line, and its text without prefix; None for the text of a line that begins a record."""
        key, text = self._plain(data, start, stop)
        return key, None if self.layout.match(text, 0, len(text)) is not None else text

    def _plain(self, data: bytes | bytearray, start: int, stop: int) -> tuple[bytes, bytes]:
        """Who wrote a line, and its text without prefix and colours."""
        line = unwrap(prefix_named(self.layout.prefix), data, start, stop)
        text = bytes(line.data[line.start : line.end])
        return line.key, strip_colours(text) if self.layout.ansi or b"\x1b" in text else text

    def _writer(self, data: bytes | bytearray, span: Span) -> bytes:
        """Who wrote an event."""
        return self._plain(data, span.start, self._stop(data, span.start, span.end))[0]

    def _before(self, data: bytes | bytearray, span: Span, key: bytes, reach: int = BYTES) -> Iterator[str]:
        """Give the texts of a writer's lines before an event, the nearest first."""
        for other, text in self._back(data, span.start, reach):
            if other == key:
                yield text.decode("utf-8", "replace")

    def _stop(self, data: bytes | bytearray, start: int, hi: int) -> int:
        stop = data.find(self.newline, start, hi)
        return hi if stop < 0 else stop

    def _back(self, data: bytes | bytearray, start: int, reach: int = BYTES) -> Iterator[tuple[bytes, bytes]]:
        """Give (writer, text) of the lines before, the nearest first."""
        low = max(start - reach, 0)
        for _ in range(LINES * (reach // BYTES)):
            stop = start - 1
            start = data.rfind(self.newline, low, max(stop, low)) + 1
            if stop <= low or (not start and low):
                return
            yield self._plain(data, start, stop)

    def _forth(self, data: bytes | bytearray, start: int) -> Iterator[tuple[bytes, bytes]]:
        """Give (writer, text) of the lines from there on."""
        high = min(start + BYTES, len(data))
        for _ in range(LINES):
            if start >= high:
                return
            stop = self._stop(data, start, high)
            yield self._plain(data, start, stop)
            start = stop + 1

    def _on(self, data: bytes | bytearray, start: int, key: bytes) -> Iterator[tuple[Head | None, bytes]]:
        """Give a writer's lines from there on, each with its head."""
        for begin, stop in self._spans_on(data, start, BLOCK_LINES):
            other, text = self._plain(data, begin, stop)
            if other == key:
                yield self.layout.match(text, 0, len(text)), text

    def _ahead(self, data: bytes | bytearray, start: int, key: bytes) -> Iterator[str]:
        """Give the texts of a writer's lines from the event on, up to one that begins a record."""
        for other, text in self._forth(data, start):
            if other == key:
                if self.layout.match(text, 0, len(text)) is not None:
                    return
                yield text.decode("utf-8", "replace")
