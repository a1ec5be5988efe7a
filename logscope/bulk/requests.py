"""The requests in a block, told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logscope.requests import protocols

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

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
        import numpy as np

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
    import numpy as np

    counts = np.full(len(at), _UNTOLD)
    inner = np.flatnonzero((at > 0) & (at + 14 < len(data)))
    near = data[at[inner][:, None] + np.arange(-1, 14)]  # the byte before HTTP/ first
    digit = (near - np.uint8(48)) < 10
    word = digit | (((near | np.uint8(32)) - np.uint8(97)) < 26) | (near == ord("_"))
    version = digit[:, 6] & (near[:, 7] == ord(".")) & digit[:, 8]
    for before, status, between in ((ord('"'), 10, b" "), (ord(" "), 11, b'" ')):
        fits = (
            version
            & (near[:, 0] == before)
            & digit[:, status : status + 3].all(axis=1)
            & ~word[:, status + 3]
        )
        fits &= (near[:, status] > 48) & (near[:, status] < 54)
        for place, byte in enumerate(between, 9):
            fits &= near[:, place] == byte
        failed = (before == 32) & (near[:, status : status + 3] == np.frombuffer(b"500", np.uint8)).all(
            axis=1
        )
        counts[inner[fits]] = np.where(failed[fits], _FAILED, _COUNTS)
    return counts
