"""Whether an incident had ended before the next hit of its rule: by a request, a restart, or words of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logscope.match.layers import RETOLD
from logscope.scan.candidates import Candidates
from logscope.scan.scanner import Scanner

if TYPE_CHECKING:
    from logscope.events import Folder
    from logscope.rulebook.rule import Incident

BETWEEN = 1 << 14
"""Hits of one rule further apart than this many bytes are two incidents."""
_REQUEST = re.compile(
    rb'(?:(?P<client>")| )HTTP/[0-9.]{1,3}(?:[^0-9\n]|\[[0-9;]*m){1,16}?(?P<status>[1-5][0-9]{2})\b'
)
OTHER, NEITHER, FAILED, WELL = range(4)
"""Answers: of another kind than any, neither well nor a 500, a 500, well or a client's own mistake."""
MISTAKES = (401, 403, 404, 405)
"""Statuses of requests that only their client has to answer for."""
_STOPS = b"Shutting down"
"""uvicorn's word, and gunicorn's."""


def left_out(incident: Incident, retold: bool) -> int:
    """Which answers end no incident.

    What was answered well, or was its client's own mistake, tells nothing of a failure; only what repeats itself is
    begun anew by it. A traceback that the server logs stands behind the access line of the request that failed, always
    a 500.
    """
    return FAILED if retold else WELL if incident.repeats == "new" else OTHER


def _answer(status: int) -> int:
    return WELL if status < 400 or status in MISTAKES else FAILED if status == 500 else NEITHER


class Between:
    """Looks at the bytes between hits of one source."""

    def __init__(self, scanner: Scanner, folder: Folder, candidates: Candidates) -> None:
        self.retrying: dict[int, bool] = {}
        """Rule: whether its last hit announced another try."""
        self._scanner = scanner
        self._folder = folder
        self._candidates = candidates

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
            for place, _ in self._candidates.ends(rule).find(buffer, since, start, ansi):
                other = self._folder.event(buffer, self._folder.find(buffer, place, since, start), 0)
                if other.stream == stream and self._scanner.ends_test(rule)(other, {}, None):
                    return True
        across = incident.across_requests or self.retrying.get(rule, False)
        if across or not self.request(buffer, since, start, stream, left_out(incident, layer in RETOLD)):
            return False
        return layer not in RETOLD or not self.stopped(buffer, since, start, stream)

    def stopped(self, buffer: bytearray, begin: int, end: int, stream: str) -> bool:
        """Whether the server of the stream stopped between two hits: what is told again then is no new failure."""
        at = buffer.find(_STOPS, begin, end)
        while at >= 0:
            if not self._folder.layout.prefix or self._folder.stream(buffer, at) == stream:
                return True
            at = buffer.find(_STOPS, at + 1, end)
        return False

    def request(self, buffer: bytearray, begin: int, end: int, stream: str, left: int) -> bool:
        """Whether a request of the same stream was made, or answered otherwise than is left out, between two hits."""
        at = buffer.find(b"HTTP/", begin, end)
        while at >= 0:
            match = _REQUEST.match(buffer, max(at - 1, 0), end)
            counts = match and (match["client"] or _answer(int(match["status"])) != left)
            if counts and (not self._folder.layout.prefix or self._folder.stream(buffer, at) == stream):
                return True
            at = buffer.find(b"HTTP/", at + 5, end)
        return False
