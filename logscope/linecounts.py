"""Line numbers at memory speed."""

from __future__ import annotations

from itertools import accumulate

PAGE = 1 << 14


class LineCounts:
    """Line ends of a block, counted by the page while the prefilter runs: a line's number is then a short count."""

    def __init__(self, buffer: bytearray, lo: int, hi: int) -> None:
        self._lo = lo
        counts = [buffer.count(b"\n", at, min(at + PAGE, hi)) for at in range(lo, hi, PAGE)]
        self._before = [0, *accumulate(counts)]
        self.total = self._before[-1]

    def before(self, buffer: bytearray, offset: int) -> int:
        """Line ends in the block before `offset`."""
        page = (offset - self._lo) // PAGE
        return self._before[page] + buffer.count(b"\n", self._lo + page * PAGE, offset)
