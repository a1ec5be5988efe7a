"""Whether one writer wrote all lines of a block: told by the bytes that a collector writes before each of them."""

from __future__ import annotations

import numpy as np

from logscope.events.written.prefixes import Prefix
from logscope.scan.arrays import Bools, Bytes, Ints

_LONGEST = 256
"""Bytes up to a writer's end that are compared."""
_LINES = 1 << 15
"""Lines compared in one go."""
_CLOSERS = b"|])"
"""What ends a writer's name by itself."""


def wrote_all(prefix: Prefix, data: bytearray, starts: Ints) -> bool:
    """Whether the prefix of all lines that begin at `starts`, in order, names the same writer.

    Where the digits before the writer stand at other places than in the first line, it is taken for another one.
    """
    if "key" not in prefix.pattern.groupindex:
        return True
    first = int(starts[0])
    stop = data.find(b"\n", first)
    found = prefix.pattern.match(data, first, len(data) if stop < 0 else stop)
    if found is None:
        return False
    size = found.end("key") - first
    size += data[first + size - 1] not in _CLOSERS  # else a longer name may begin so
    if size > _LONGEST or int(starts[-1]) + size > len(data):
        return False
    own, columns = np.frombuffer(data, np.uint8), np.arange(size)
    text = own[first + columns]
    free = _are_digits(text) & (columns < found.start("key") - first)
    for at in range(0, len(starts), _LINES):
        lines = own[starts[at : at + _LINES, None] + columns]
        if not ((lines == text) | (free & _are_digits(lines))).all():
            return False
    return True


def _are_digits(text: Bytes) -> Bools:
    digits: Bools = (text - 48) < 10
    return digits
