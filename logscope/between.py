"""What stands between two hits of one rule, and whether it ended the earlier incident."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logscope.layers import RETOLD
from logscope.scanner import Scanner
from logscope.sought import Sought

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from logscope.events import Folder

    Bytes = NDArray[np.uint8]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

BETWEEN = 1 << 14
"""Hits of one rule further apart than this many bytes are two incidents."""
_REQUEST = re.compile(
    rb'(?:(?P<client>")| )HTTP/[0-9.]{1,3}(?:[^0-9\n]|\[[0-9;]*m){1,16}?(?P<status>[1-5][0-9]{2})\b'
)


class Between:
    """Looks at the bytes between hits of one source."""

    def __init__(self, scanner: Scanner, folder: Folder, sought: Sought) -> None:
        self.retrying: dict[int, bool] = {}
        """Rule: whether its last hit announced another try."""
        self._scanner = scanner
        self._folder = folder
        self._sought = sought

    def ended(self, buffer: bytearray, rule: int, since: int, start: int, stream: str, layer: str) -> bool:
        """Whether something between the offset `since`, the end of the last hit, and the hit of a stream and layer that
        starts at `start` ended the incident."""
        incident = self._scanner.ruleset.rules[rule].detect.incident
        if since >= start:
            return False
        if start - since > BETWEEN:
            return True
        if incident.ends is not None:
            ansi = self._folder.layout.ansi
            around = self._sought.around(-1 - rule)
            for place in around.find(buffer, since, start, ansi):
                other = self._folder.event(buffer, self._folder.find(buffer, place, since, start), 0)
                if other.stream == stream and self._scanner.ends_test(rule)(other, {}, None):
                    return True
        across = incident.across_requests or self.retrying.get(rule, False)
        return not across and self.request(buffer, since, start, stream, layer in RETOLD)

    def request(self, buffer: bytearray, begin: int, end: int, stream: str, retold: bool) -> bool:
        """Whether a request of the same stream was made or answered between two hits.

        A traceback that the server logs stands behind the access line of the request that failed, always a 500: that
        one counts not.
        """
        at = buffer.find(b"HTTP/", begin, end)
        while at >= 0:
            match = _REQUEST.match(buffer, max(at - 1, 0), end)
            counts = match and (not retold or match["client"] or match["status"] != b"500")
            if counts and (not self._folder.layout.prefix or self._folder.stream(buffer, at) == stream):
                return True
            at = buffer.find(b"HTTP/", at + 5, end)
        return False


_UNTOLD, _COUNTS, _FAILED = range(3)


class Requests:
    """The requests in a block of one writer's lines, told at once: where they stand, and which of them count."""

    def __init__(self, data: Bytes) -> None:
        import numpy as np

        slash = np.flatnonzero(data[4:] == ord("/")) + 4
        for distance, letter in ((1, "P"), (2, "T"), (3, "T"), (4, "H")):
            slash = slash[data[slash - distance] == ord(letter)]
        self._at = slash - 4
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
