"""How many unrecognised lines in a row an event takes, and where a longer run of them surely ends one."""

from __future__ import annotations

from logscope.events.text import shapes
from logscope.events.text.shapes import shape_of
from logscope.events.written.heads import PART_HEAD
from logscope.model import Buffer

LOOSE_MAX = 64
"""Unrecognised, unindented lines in a row that an event takes at most."""


class LooseRun:
    """Counts unrecognised lines in a row, going back: behind enough of them no event goes on."""

    __slots__ = ("_count", "latest")

    def __init__(self) -> None:
        self._count = 0
        self.latest = 0  # the run's last line: an event of its own once the run is long enough

    def add(self, data: Buffer, start: int, end: int, head: int, place: int) -> bool:
        """Take the line before, at `place`; say whether `latest` surely starts an event."""
        shape = shapes.INDENTED if head == PART_HEAD else shape_of(data, start, end)
        if shape == shapes.LOOSE:
            self._count += 1
            if self._count == 1:
                self.latest = place
        elif shape != shapes.BLANK:
            self._count = 0
        return self._count > LOOSE_MAX + 1
