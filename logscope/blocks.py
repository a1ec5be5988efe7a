"""A source's bytes in blocks, read and counted one block ahead of those who analyse them, in a second thread.

What the second thread does (reading, decompressing, counting by numpy) needs the interpreter only between long calls.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from logscope.sources import Reader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.int64]

BLOCK = 1 << 23
FRONT = 1 << 18
"""Bytes before each block's own, for those kept of the one before; more are kept where it must be."""
_REQUEST = b" HTTP/"
_WITH_REQUEST = re.compile(rb" HTTP/[^\n]*")
"""A line from its request on: one match per line."""


class Block(Struct):
    """Bytes in `data`: those kept of the block before up to `fresh`, the new ones from there to the end."""

    data: bytearray
    begin: int
    """Nothing before is of this source."""
    fresh: int
    last: bool
    ends: Places | None
    """Where the new bytes have line ends; None for a first block, of which nobody may want to know."""
    requests: int
    """Lines with a server's request that the new bytes bring."""
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

    def all_ends(self) -> Places:
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
        self._first: Block | None = None
        self._ahead: _Ahead | None = None
        self._repeats = (
            False  # lines tell their request more than once, such as records with text and message
        )
        self._counted = False  # then: the line at the end of the last block was

    def head(self, size: int) -> bytes:
        """Return the first bytes of the first block, which is still to come."""
        self._first = self._first or self._read_first()
        return bytes(self._first.data[:size])

    def first(self) -> Block:
        """Return the first block, the last one as well when it holds everything."""
        block, self._first = self._first or self._read_first(), None
        return block

    def _read_first(self) -> Block:
        left = self._reader.left
        size = self._size if left is None else min(left + 1, self._size)  # one more shows the end
        data = bytearray(size)
        got = _fill(self._reader, data, 0)
        requests = sum(1 for _ in _WITH_REQUEST.finditer(data, 0, got))
        self._repeats = requests < data.count(_REQUEST, 0, got)
        self._counted = data.find(_REQUEST, data.rfind(b"\n", 0, got) + 1, got) >= 0
        if got < size:
            del data[got:]
        else:
            self._ahead = self._read_ahead(bytearray(FRONT + self._size))
        return Block(data, 0, 0, got < size, None, requests)

    def next(self, block: Block, keep: int) -> Block:
        """Return the block behind `block`, with those of its bytes from `keep` on (some at least) before its own."""
        assert self._ahead is not None
        data, got, ends, requests = self._ahead.result()
        kept = block.data[keep:]
        begin, fresh = max(FRONT - len(kept), 0), max(FRONT, len(kept))
        data[begin:FRONT] = kept
        last = got < self._size
        if last:
            del data[fresh + got :]
        else:
            free = block.data if len(block.data) == FRONT + self._size else bytearray(FRONT + self._size)
            self._ahead = self._read_ahead(free)
        requests += self._straddling(data, fresh)
        return Block(data, begin, fresh, last, ends if fresh == FRONT else ends + (fresh - FRONT), requests)

    def _read_ahead(self, data: bytearray) -> _Ahead:
        return _Ahead(self._reader, data, FRONT, _lines_with_request if self._repeats else _requests)

    def _straddling(self, data: bytearray, fresh: int) -> int:
        """What neither the block before nor the new bytes count, or both do: the line between them."""
        reach = len(_REQUEST) - 1
        across = data.find(_REQUEST, max(fresh - reach, 0), fresh + reach) >= 0
        if not self._repeats:
            return across
        before, end = self._counted, data.find(b"\n", fresh)
        behind = data.find(_REQUEST, fresh, len(data) if end < 0 else end) >= 0
        self._counted = before or across or behind
        counts = self._counted - before - behind
        if end >= 0:
            self._counted = data.find(_REQUEST, data.rfind(b"\n")) >= 0
        return counts


class _Ahead:
    """One block being read and counted in a thread of its own, which ends with the process."""

    def __init__(
        self, reader: Reader, data: bytearray, start: int, requests: Callable[[bytearray, int, int], int]
    ) -> None:
        self._read: Callable[[], int] = lambda: _fill(reader, data, start)
        self._count = requests
        self._data = data
        self._start = start
        self._got = self._requests = 0
        self._ends: Places | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._got = self._read()
            end = self._start + self._got
            self._ends = _line_ends(self._data, self._start, end)
            self._requests = self._count(self._data, self._start, end)
        except BaseException as error:
            self._error = error

    def result(self) -> tuple[bytearray, int, Places, int]:
        """Return buffer, bytes read, line ends and requests once they are there."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._ends is not None
        return self._data, self._got, self._ends, self._requests


def _fill(reader: Reader, data: bytearray, start: int) -> int:
    with memoryview(data) as view, view[start:] as part:
        return reader.fill(part)


def _line_ends(data: bytearray, start: int, end: int) -> Places:
    """Return where data[start:end] has line ends."""
    import numpy as np

    return np.flatnonzero(np.frombuffer(data, np.uint8, end - start, start) == 10) + start


def _lines_with_request(data: bytearray, start: int, end: int) -> int:
    return sum(1 for _ in _WITH_REQUEST.finditer(data, start, end))


def _requests(data: bytearray, start: int, end: int) -> int:
    """Return how often _REQUEST stands in data[start:end]: its last four bytes are sought at every alignment."""
    import numpy as np

    if end - start < len(_REQUEST) + 4:
        return data.count(_REQUEST, start, end)
    own = np.frombuffer(data, np.uint8, end - start, start)
    word = np.frombuffer(_REQUEST[2:], np.uint32)[0]
    found = 0
    for shift in range(2, 6):
        words = np.frombuffer(data, np.uint32, (end - start - shift) // 4, start + shift)
        at = np.flatnonzero(words == word) * 4 + (shift - 2)
        found += int(np.count_nonzero((own[at] == _REQUEST[0]) & (own[at + 1] == _REQUEST[1])))
    return found
