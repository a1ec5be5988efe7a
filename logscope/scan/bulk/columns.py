"""Small things that columns of numbers need."""

from __future__ import annotations

import numpy as np

from logscope.scan.arrays import Bools, Ints


class Column:
    """Integers that grow in number, as an array when they are asked for."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self._array: Ints = np.zeros(0, np.int64)

    def array(self) -> Ints:
        """Return all values."""
        known = len(self._array)
        if known < len(self.values):
            self._array = np.concatenate((self._array, np.array(self.values[known:], np.int64)))
        return self._array


def apart(numbers: Ints, step: int = 0) -> Bools:
    """Return of each number whether it is another one than the number before it and `step`; the first one always is."""
    found = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1] + step, out=found[1:])
    return found


def distinct(ordered: Ints) -> Ints:
    """Return the different ones of numbers that come in order."""
    return ordered[apart(ordered)]


def different(numbers: Ints) -> Ints:
    """Return the different ones of any numbers, in order; sorting them is faster than `np.unique`, which hashes."""
    return distinct(np.sort(numbers))


def spread(begins: Ints, counts: Ints) -> Ints:
    """Return, one behind the other, the `counts` numbers from each of `begins` on."""
    behind = np.cumsum(counts)
    total = int(behind[-1]) if len(behind) else 0
    return np.arange(total) + np.repeat(begins - behind + counts, counts)
