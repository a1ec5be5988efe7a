"""The requests in a block, told at once."""

from __future__ import annotations

import numpy as np

from logscope.scan.arrays import Bools, Bytes, Ints
from logscope.scan.between import FAILED, MISTAKES, NEITHER, OTHER, WELL
from logscope.scan.protocols import eights, like

_UNTOLD = 4
"""Beside the answers: only reading tells whether it is a request."""


class Requests:
    """Requests in a block's lines, told at once: where they stand, and which of them count."""

    def __init__(self, data: Bytes, at: Ints) -> None:
        """`at`: where the protocols stand of one stream's lines, in order."""
        counts = _which_count(data, at)
        self._without = [
            (left, *_ended_by(at[counts != left], counts[counts != left])) for left in (OTHER, FAILED, WELL)
        ]

    def between(self, since: Ints, start: Ints, left: Ints) -> tuple[Bools, Bools]:
        """Say for each stretch whether a request counts that stands in it, and whether only reading it tells; `left`
        are the answers that do not count, as for `Between.request`."""
        ended, untold = np.zeros(len(since), np.bool_), np.zeros(len(since), np.bool_)
        for kind, at, counts in self._without:
            own = left == kind
            place = at.searchsorted(since[own])
            inside = at[place] + 5 <= start[own]
            ended[own] = inside & (counts[place] != _UNTOLD)
            untold[own] = inside & (counts[place] == _UNTOLD)
        return ended, untold


def _ended_by(at: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return both with one more, behind all places."""
    return np.append(at, np.iinfo(np.int64).max - 5), np.append(counts, NEITHER)


def _which_count(data: Bytes, at: Ints) -> Ints:
    """Say of each `HTTP/` whether it belongs to a request as usually written, and whether its answer was a 500, or no
    failure."""
    counts = np.full(len(at), _UNTOLD)
    inner = np.flatnonzero((at > 0) & (at + 15 < len(data)))
    before, version = data[at[inner] - 1], at[inner] + len("HTTP/")
    told = eights(data)[version]
    asked = (before == ord('"')) & like(told, b"9.9 999") & ~_in_word(data[version + 7])
    served = (before == ord(" ")) & like(told, b'9.9" 999') & ~_in_word(data[version + 8])
    first = data[version + np.where(served, 5, 4)]
    status = (first > ord("0")) & (first < ord("6"))
    failed = served & like(told, b'9.9" 500')
    counts[inner[status & (asked | served)]] = NEITHER
    counts[inner[failed]] = FAILED
    counts[inner[status & served & _answered_well(first, data[version + 6], data[version + 7])]] = WELL
    return counts


def _answered_well(first: Bytes, second: Bytes, third: Bytes) -> Bools:
    """Say of the digits of each status whether it is below 400, or a client's own mistake."""
    hundreds, tens, ones = (digit.astype(np.int16) - ord("0") for digit in (first, second, third))
    status = 100 * hundreds + 10 * tens + ones
    well: Bools = (hundreds < 4) | np.isin(status, MISTAKES)
    return well


def _in_word(own: Bytes) -> Bools:
    """Say of each byte whether it is a letter, a digit or `_`."""
    letter = ((own | np.uint8(32)) - np.uint8(97)) < 26
    word: Bools = letter | ((own - np.uint8(48)) < 10) | (own == ord("_"))
    return word
