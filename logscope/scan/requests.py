"""The requests that a server's access lines tell of, found in bytes at memory speed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from logscope.events.text.http import COLOURS, METHOD_MEMBER, STATUS_MEMBER, TOLD_LINE
from logscope.lazily import lazy
from logscope.model import Buffer

if TYPE_CHECKING:
    from logscope.scan.arrays import Ints

_QUOTE = rb'\\{0,3}"'
"""A quote, also within a JSON string, and within one that a collector puts into its own."""
_ELSEWHERE = rb"(?!, [a-z]| from | \")"
_ASKED = lazy(
    rb" HTTP/[\d.]+" + COLOURS + _QUOTE + _ELSEWHERE + rb"(?P<tail> \d{3} (?:None|\d+)(?![ \w]))?[^\n]*"
)
"""A quoted request from its version on, but where what follows tells that the status stands elsewhere: in nginx's log
of errors, in a balancer's; with urllib3's tail."""
_CLIENT = lazy(rb'://[^/\s"]+ ' + _QUOTE + rb'[A-Z]{3,10} [^"\s]*$')
"""What urllib3 writes before the version: it asked, it was not asked."""
_PROTO = lazy(rb'"proto\\?": ?\\?("HTTP/)[^\n]*')
_ERROR_LOG = b'"http.log.error'
"""Caddy tells a failed request here as well as in its access log."""
_FORMS = (
    *(
        lazy(rb" %s%s (?:[1-5]\d\d\b|HTTPStatus\.)" % (version, _QUOTE))
        for version in (rb"1\.1", rb"2", rb"1\.0", rb"3")
    ),
    lazy(rb'"WebSocket [^"\s]+' + _QUOTE + rb" (?:\[accepted\]|[1-5]\d\d\b)"),
    lazy(rb"\] " + _QUOTE + rb'[A-Z]{3,10} /[^"\s\\]*' + _QUOTE + rb" [1-5]\d\d\b"),
    lazy(
        rb" /(?<=[A-Z]{3} /)\S* HTTP/[\d.]+"
        + COLOURS
        + rb" (?:(?:[|:\-]|[\-=]>) )?"
        + COLOURS
        + rb"[1-5]\d\d\b"
    ),
    lazy(rb"HTTP(?<!\wHTTP) [A-Z]{3,10} /\S* [1-5]\d\d \[\d+\.\d+, "),
    lazy(rb":\d{1,5} [A-Z]{3,10} /\S* 1\.1 [1-5]\d\d (?:\d+|-) \d"),
)
"""Requests without the protocol's name: hypercorn leaves it out, daphne and Django's channels name no protocol; and
uvicorn's in formats that quote none."""
_SIGNED = (
    (lazy(rb"\[GIN\] "), lazy(rb"\[GIN\] [^\n|]{1,40}\|[^\n|]{0,16}[1-5]\d\d[^\n|]{0,8}\|")),
    (
        lazy(rb" ms - | - [\d.]+ ms"),
        lazy(
            rb" /(?<=[A-Z]{3} /)\S*(?: HTTP/[\d.]+)? "
            + COLOURS
            + rb"[1-5]\d\d"
            + COLOURS
            + rb" "
            + COLOURS
            + rb"(?:[\d.]+ ms - |(?:\d+|-) - [\d.]+ ms)"
        ),
    ),
    (lazy(rb"\) [\d.]+ms\b"), lazy(rb"[ :][1-5]\d\d [A-Z]{3,7} /\S* \([^\s()]+\) [\d.]+ms\b")),
)
"""And those of gin, morgan and Tornado, which quote none; with what tells sooner that there are none."""
_REACH = 1 << 13
"""Bytes of a line looked at before or behind a sign."""
_NEAR = 128
"""Bytes within which a protocol is followed by all that tells."""


class RequestFinder:
    """Finds one place in each line that tells of a request which a server answered."""

    def __init__(self, first: Buffer, told_twice: bool = False) -> None:
        """`first`: how the source begins; what tells no protocol is only sought where that holds some. `told_twice`:
        requests that records tell of have lines of their server."""
        self._forms = [form for form in _FORMS if form.search(first)]
        self._forms += [form for sign, form in _SIGNED if sign.search(first) and form.search(first)]
        self._forms += [TOLD_LINE] if not told_twice and TOLD_LINE.search(first) else []
        self._members = not told_twice and b"tatus" in first and any(_told_by_members(first, 0, len(first)))

    def places(self, data: Buffer, start: int, end: int) -> list[int]:
        """Return the places in data[start:end], which are whole lines, in order."""
        asked = _ASKED.finditer(data, start, end)
        found = [match.start() for match in asked if match.lastindex is None or _served(data, match)]
        if data.find(b'"proto', start, end) >= 0:
            found += _told_by_proto(data, start, end)
        elif not self._forms and not self._members:
            return found
        return self._one_per_line(data, start, end, found)

    def places_at_once(self, data: Buffer, start: int, end: int, ends: Ints) -> Ints:
        """Return the same of many lines; `ends` are where data[start:end] has line ends, and the last one may lack."""
        import numpy as np

        from logscope.scan.protocols import first_per_line, judged, protocols

        own = np.frombuffer(data, np.uint8, end - start, start)
        at = protocols(own) - 1  # the byte before
        at = at[at >= 0]
        served, doubtful = judged(own, at)
        for number in doubtful.tolist():
            served[number] = self._holds(data, start + int(at[number]), end)
        places = first_per_line(at[served] + start, ends)
        if not self._forms and not self._members:
            return places
        return np.array(self._one_per_line(data, start, end, places.tolist()), np.int64)

    def _holds(self, data: Buffer, at: int, end: int) -> bool:
        """Whether the byte at an offset, before a protocol, stands in a line that tells of a request."""
        if data[at] == ord('"'):
            return any(_told_by_proto(data, max(at - 16, 0), at + 6))
        match = _ASKED.match(data, at, min(at + _NEAR, end))
        return match is not None and _served(data, match)

    def _one_per_line(self, data: Buffer, start: int, end: int, found: list[int]) -> list[int]:
        """Return the first place of each line, with those of the records that the first block had."""
        for form in self._forms:
            found += (match.start() for match in form.finditer(data, start, end))
        if self._members:
            found += _told_by_members(data, start, end)
        result: list[int] = []
        for place in sorted(found):
            if not result or data.find(b"\n", result[-1], place) >= 0:
                result.append(place)
        return result


def _head(data: Buffer, at: int) -> Buffer:
    """What stands on the line before an offset, so far as is looked at."""
    reach = max(at - _REACH, 0)
    return data[max(data.rfind(b"\n", reach, at) + 1, reach) : at]


def _served(data: Buffer, match: re.Match[bytes]) -> bool:
    """Whether a quoted request is not a client's."""
    return match.lastindex is None or not _CLIENT.search(_head(data, match.start()))


def _told_by_proto(data: Buffer, start: int, end: int) -> Iterator[int]:
    """Yield where Caddy's records name the protocol of a request, one per line."""
    for match in _PROTO.finditer(data, start, end):
        if _ERROR_LOG not in _head(data, match.start()):
            yield match.start(1)


def _told_by_members(data: Buffer, start: int, end: int) -> Iterator[int]:
    """Yield where records have a status and a method among their members."""
    for match in STATUS_MEMBER.finditer(data, start, end):
        line = _head(data, match.start()) + match[0][:_REACH]
        if METHOD_MEMBER.search(line) and _ERROR_LOG not in line:
            yield match.start()
