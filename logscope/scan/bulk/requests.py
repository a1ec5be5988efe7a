"""The requests in a block, told at once."""

from __future__ import annotations

import numpy as np

from logscope.scan.arrays import Bools, Bytes, Ints
from logscope.scan.protocols import eights, like, protocols

_UNTOLD, _COUNTS, _FAILED = range(3)


class Requests:
    """The requests in a block of one writer's lines, told at once: where they stand, and which of them count."""

    def __init__(self, data: Bytes) -> None:
        self._at = protocols(data)
        self._counts = _which_count(data, self._at)

    def between(self, since: Ints, start: Ints, retold: Bools) -> tuple[Bools, Bools]:
        """Say for each stretch whether a request counts that stands in it, and whether only reading it tells.

        `retold` as for `Between.ended`: an answer of 500 does not count then.
        """
        at = np.append(self._at, np.iinfo(np.int64).max - 5)
        counts = np.append(self._counts, _COUNTS)
        place = at.searchsorted(since)
        while True:
            inside = at[place] + 5 <= start
            passed = inside & retold & (counts[place] == _FAILED)
            if not passed.any():
                break
            place += passed
        return inside & (counts[place] != _UNTOLD), inside & (counts[place] == _UNTOLD)


def _which_count(data: Bytes, at: Ints) -> Ints:
    """Say of each `HTTP/` whether it belongs to a request as usually written, and whether its answer was a 500."""
    counts = np.full(len(at), _UNTOLD)
    inner = np.flatnonzero((at > 0) & (at + 15 < len(data)))
    before, version = data[at[inner] - 1], at[inner] + len("HTTP/")
    told = eights(data)[version]
    asked = (before == ord('"')) & like(told, b"9.9 999") & ~_in_word(data[version + 7])
    served = (before == ord(" ")) & like(told, b'9.9" 999') & ~_in_word(data[version + 8])
    first = data[version + np.where(served, 5, 4)]
    status = (first > ord("0")) & (first < ord("6"))
    failed = served & like(told, b'9.9" 500')
    counts[inner[status & (asked | served)]] = _COUNTS
    counts[inner[failed]] = _FAILED
    return counts


def _in_word(own: Bytes) -> Bools:
    """Say of each byte whether it is a letter, a digit or `_`."""
    letter = ((own | np.uint8(32)) - np.uint8(97)) < 26
    word: Bools = letter | ((own - np.uint8(48)) < 10) | (own == ord("_"))
    return word
