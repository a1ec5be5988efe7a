"""A source's bytes in blocks, read and counted one block ahead of those who analyse them, in a second thread.

What the second thread does (reading, decompressing, counting by numpy) needs the interpreter only between long calls.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from logscope.scan.requests import RequestFinder
from logscope.sources import Reader

if TYPE_CHECKING:
    from logscope.scan.arrays import Ints

BLOCK = 1 << 23
FRONT = 1 << 20
"""Bytes before each block's own, for those kept of the one before; more are kept where it must be."""
_FIRST = 1 << 20
"""Bytes that show whether a source has requests told without protocol."""
_PIECE = 1 << 20
"""Bytes whose line ends are sought in one go: it takes as many more."""


class Block(Struct):
    """Bytes in `data`: those kept of the block before up to `fresh`, the new ones from there to the end."""

    data: bytearray
    begin: int
    """Nothing before is of this source."""
    fresh: int
    last: bool
    ends: Ints | None
    """Where the new bytes have line ends; None for a first block, of which nobody may want to know."""
    served: Sequence[int] | Ints
    """Where lines tell of a request that a server answered; not yet of a line that is not all there."""
    _from: int = 0
    _kept: int = 0
    _counted: tuple[int, int] = (0, 0)
    """Up to where line ends were counted, and how many: most questions go on from there."""

    def count_from(self, start: int) -> None:
        """Let line ends be counted from an offset on, which lies before the new bytes or at their begin."""
        self._from = start
        self._kept = self.data.count(b"\n", start, self.fresh)
        self._counted = start, 0

    def line_ends(self, offset: int) -> int:
        """Return the number of line ends up to an offset."""
        if self.ends is not None and offset > self.fresh:
            return self._kept + int(self.ends.searchsorted(offset))
        begin, count = self._counted if self._counted[0] <= offset else (self._from, 0)
        count += self.data.count(b"\n", begin, offset)
        self._counted = offset, count
        return count

    def requests(self, lo: int, hi: int) -> int:
        """Return how many lines tell of a request between two offsets, where lines begin."""
        return bisect_left(self.served, hi) - bisect_left(self.served, lo)

    def all_ends(self) -> Ints:
        """Return where all bytes have line ends, in order."""
        import numpy as np

        if self.ends is None:
            return _line_ends(self.data, self.begin, len(self.data))
        return np.concatenate((_line_ends(self.data, self.begin, self.fresh), self.ends))


class Blocks:
    """The blocks of one source. Two buffers take turns: the next block is read into one while the other is in use."""

    def __init__(self, reader: Reader, size: int = BLOCK) -> None:
        self._reader = reader
        self._size = size
        self._first: tuple[bytearray, bool] | None = None  # and whether it holds everything
        self._ahead: _Ahead | None = None
        self._finder: RequestFinder | None = None

    def head(self, size: int) -> bytes:
        """Return the first bytes of the first block, which is still to come."""
        if self._first is None:
            self._first = self._read_first()
        return bytes(self._first[0][:size])

    def _read_first(self) -> tuple[bytearray, bool]:
        left = self._reader.left
        size = self._size if left is None else min(left + 1, self._size)  # one more shows the end
        data = bytearray(size)
        got = _fill(self._reader, data, 0)
        if got < size:
            del data[got:]
        return data, got < size

    def first(self, told_twice: bool = False) -> Block:
        """Return the first block, the last one as well when it holds everything; `told_twice` as for RequestFinder."""
        (data, last), self._first = self._first or self._read_first(), None
        got = len(data)
        self._finder = RequestFinder(data[:_FIRST], told_twice)
        served: Sequence[int] | Ints
        if last:
            served = self._finder.places(data, 0, got)
        else:
            served = self._finder.places_at_once(data, 0, data.rfind(b"\n") + 1, _line_ends(data, 0, got))
            self._ahead = _Ahead(self._reader, bytearray(FRONT + self._size), self._finder)
        return Block(data, 0, 0, last, None, served)

    def next(self, block: Block, keep: int) -> Block:
        """Return the block behind `block`, with those of its bytes from `keep` on (some at least) before its own."""
        assert self._ahead is not None
        assert self._finder is not None
        data, got, ends, served = self._ahead.result()
        self._ahead = None  # the last buffer goes with the last block
        kept = block.data[keep:]
        begin, fresh = max(FRONT - len(kept), 0), max(FRONT, len(kept))
        data[begin:FRONT] = kept
        last = got < self._size
        if last:
            del data[fresh + got :]
        else:
            free = block.data if len(block.data) == FRONT + self._size else bytearray(FRONT + self._size)
            self._ahead = _Ahead(self._reader, free, self._finder)
        ends, served = ends + (fresh - FRONT), served + (fresh - FRONT)
        following = Block(data, begin, fresh, last, ends, served)
        following.served = self._with_kept(block, keep, following, served)
        return following

    def _with_kept(self, block: Block, keep: int, following: Block, served: Ints) -> Ints:
        """Return where requests are in kept and new bytes, and in the line between them."""
        import numpy as np

        assert self._finder is not None
        data, begin, fresh = following.data, following.begin, following.fresh
        kept = np.array(block.served[bisect_left(block.served, keep) :], np.int64) + (begin - keep)
        start, end = data.rfind(b"\n", begin, fresh), data.find(b"\n", fresh)
        if end < 0:
            end = len(data) if following.last else start  # the line goes on behind the block
        across = self._finder.places(data, begin if start < 0 else start, end)
        return np.concatenate((kept, np.array(across, np.int64), served))


class _Ahead:
    """One block being read and counted in a thread of its own, which ends with the process."""

    def __init__(self, reader: Reader, data: bytearray, finder: RequestFinder) -> None:
        self._reader = reader
        self._finder = finder
        self._data = data
        self._got = 0
        self._ends: Ints | None = None
        self._served: Ints | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._got = _fill(self._reader, self._data, FRONT)
            data, end = self._data, FRONT + self._got
            self._ends = _line_ends(data, FRONT, end)
            first, behind = data.find(b"\n", FRONT, end) + 1, data.rfind(b"\n", FRONT, end) + 1
            if end < len(data):
                behind = end  # the last line may lack its end
            self._served = self._finder.places_at_once(data, first or behind, behind, self._ends)
        except BaseException as error:  # raised again by those who wait
            self._error = error

    def result(self) -> tuple[bytearray, int, Ints, Ints]:
        """Return buffer, bytes read, line ends and requests in whole lines of these bytes once they are there."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._ends is not None
        assert self._served is not None
        return self._data, self._got, self._ends, self._served


def _fill(reader: Reader, data: bytearray, start: int) -> int:
    with memoryview(data) as view, view[start:] as part:
        return reader.fill(part)


def _line_ends(data: bytearray, start: int, end: int) -> Ints:
    """Return where data[start:end] has line ends."""
    import numpy as np

    found = [np.zeros(0, np.int64)]
    for at in range(start, end, _PIECE):
        piece = np.frombuffer(data, np.uint8, min(_PIECE, end - at), at)
        found.append(np.flatnonzero(piece == 10) + at)
    return np.concatenate(found)
