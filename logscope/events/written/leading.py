"""Times that lines begin with, read by their place once a line of the same shape was read in full.

A shape is a line's first bytes with every digit as 0. Any text behind a time is a record of some format (the last ones
ask for no more), so what stands beyond these bytes cannot change where the time is.
"""

from __future__ import annotations

from logscope.events.formats import Head
from logscope.events.written.layout import Layout
from logscope.model import Buffer

PROBE = 48
"""Bytes of a line that make its shape."""
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LEADS = {"time": 0, "[time]": 1, "(time)": 1}
"""What a format's line starts with, and where in it the time begins."""
_BEHIND = 8
"""Bytes of the shape behind the time: enough for a zone and what separates it from the text."""
_MOST = 4_096


class LeadingTimes:
    """The shapes of one source's lines, and the times in lines of a known shape."""

    __slots__ = ("_clock", "_learns", "_places", "_undated")

    def __init__(self, layout: Layout) -> None:
        self._clock = layout.clock
        self._learns = not layout.prefix and not layout.forced
        self._places: dict[bytes, tuple[int, int]] = {}
        self._undated: set[bytes] = set()

    def read(self, data: Buffer, start: int, end: int) -> float | None:
        """Return the time that the line data[start:end] begins with, None while its shape is not known."""
        stop = start + PROBE
        place = self._places.get(bytes(data[start : stop if stop < end else end]).translate(_DIGITS))
        if place is None:
            return None
        return self._clock.read(data[start + place[0] : start + place[1]].decode("ascii"))

    def learn(self, data: Buffer, start: int, end: int, head: Head, text: bytes) -> None:
        """Remember where a line that was read in full shows its time, when its first bytes tell."""
        lead = _LEADS.get(head[0].lead)
        if lead is None or head[0].kind not in ("plain", "rich") or not self._learns:
            return
        probe = bytes(data[start : min(start + PROBE, end)])
        if probe.startswith(text, lead) and text.isascii() and lead + len(text) + _BEHIND <= len(probe):
            if len(self._places) >= _MOST:
                self._places.clear()
                self._undated.clear()
            shape = probe.translate(_DIGITS)
            self._places[shape] = (lead, lead + len(text))
            if b":" in text[:3] and self._clock.read(text.decode("ascii")) is None:
                self._undated.add(shape)

    def is_undated(self, line: bytes) -> bool:
        """Whether a line of a known shape shows a clock alone, of which nobody knows the day."""
        return line[:PROBE].translate(_DIGITS) in self._undated
