"""The lines around an event: who wrote them, and what they say without prefix and colours."""

from __future__ import annotations

from collections.abc import Iterator

from logscope.events import Folder, Span, strip_colours
from logscope.events.formats import Head
from logscope.events.written.unwrapping import unwrap
from logscope.model import Buffer

LINES, BYTES = 20, 1 << 13
"""Lines, and bytes, looked at in either direction."""
BLOCK_LINES = 80
"""Lines up to the record that ends a text."""


class LinesAround(Folder):
    """A folder that also reads the lines before and behind an event."""

    def _bounds_before(self, data: Buffer, start: int, most: int) -> Iterator[tuple[int, int]]:
        """Give the lines before a place, the nearest first."""
        for _ in range(most):
            if start <= 1:
                return
            stop, start = start - 1, data.rfind(self.newline, max(start - BYTES, 0), start - 1) + 1
            yield start, stop

    def _bounds_behind(self, data: Buffer, start: int, most: int) -> Iterator[tuple[int, int]]:
        """Give the lines from a place on."""
        for _ in range(most):
            if start >= len(data):
                return
            stop = self._line_end(data, start, min(start + BYTES, len(data)))
            yield start, stop
            start = stop + 1

    def _writer_and_text(self, data: Buffer, start: int, stop: int) -> tuple[bytes, bytes]:
        """Who wrote a line, and its text without prefix and colours."""
        line = unwrap(self.layout.prefix, data, start, stop)
        text = bytes(line.data[line.start : line.end])
        return line.key, strip_colours(text) if self.layout.ansi or b"\x1b" in text else text

    def _head(self, text: bytes) -> Head | None:
        """The head of a record that a line's text begins, None where it begins none."""
        return self.layout.match(text, 0, len(text))

    def _writer(self, data: Buffer, span: Span) -> bytes:
        """Who wrote an event."""
        return self._writer_and_text(data, span.start, self._line_end(data, span.start, span.end))[0]

    def _texts_before(self, data: Buffer, span: Span, key: bytes, reach: int = BYTES) -> Iterator[str]:
        """Give the texts of a writer's lines before an event, the nearest first."""
        for text in self._lines_before(data, span.start, key, reach):
            yield text.decode("utf-8", "replace")

    def _line_end(self, data: Buffer, start: int, hi: int) -> int:
        stop = data.find(self.newline, start, hi)
        return hi if stop < 0 else stop

    def _lines_before(self, data: Buffer, start: int, key: bytes, reach: int = BYTES) -> Iterator[bytes]:
        """Give a writer's lines before a place, the nearest first."""
        low = max(start - reach, 0)
        for _ in range(LINES * (reach // BYTES)):
            stop = start - 1
            start = data.rfind(self.newline, low, max(stop, low)) + 1
            if stop <= low or (not start and low):
                return
            writer, text = self._writer_and_text(data, start, stop)
            if writer == key:
                yield text

    def _lines_behind(self, data: Buffer, start: int, key: bytes) -> Iterator[bytes]:
        """Give a writer's lines from a place on."""
        high = min(start + BYTES, len(data))
        for _ in range(LINES):
            if start >= high:
                return
            stop = self._line_end(data, start, high)
            writer, text = self._writer_and_text(data, start, stop)
            if writer == key:
                yield text
            start = stop + 1

    def _own_lines_behind(self, data: Buffer, start: int, key: bytes) -> Iterator[tuple[Head | None, bytes]]:
        """Give a writer's lines from there on, each with its head."""
        for begin, stop in self._bounds_behind(data, start, BLOCK_LINES):
            other, text = self._writer_and_text(data, begin, stop)
            if other == key:
                yield self._head(text), text

    def _texts_behind(self, data: Buffer, start: int, key: bytes) -> Iterator[str]:
        """Give the texts of a writer's lines from the event on, up to one that begins a record."""
        for text in self._lines_behind(data, start, key):
            if self._head(text) is not None:
                return
            yield text.decode("utf-8", "replace")
