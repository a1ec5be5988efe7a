"""Quotations of several lines: lines without a head of their own in which the words go on that a record before them
quotes, and a later line ends; and the entries of a numbered list, as answers have it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from logscope.events import Event, Folder, Span, strip_colours
from logscope.events.written.prefixes import prefix_named, unwrap
from logscope.lazily import lazy
from logscope.match.mentions import in_quotation

_LINES, _BYTES = 20, 1 << 13
"""Lines that a quotation has at most, and bytes looked at in either direction."""
_ENTRY = lazy(r"\s*(\d{1,2})[.)]\s+\S")
_TRIED = lazy(
    r"(?i)\b(?:failed|could\s+not|cannot|can't|unable|errors?\s+(?:occurred|while|during)|error:|gave\s+up|giving\s+up"
    r"|tried|attempt)"
)
"""What leads up to a list of what went wrong."""
_RELEASE = lazy(
    r"""(?i)\s*(?:[#=*]+\s*)?(?:
        (?:changes\s(?:with|in|since)|what's\snew\sin|release(?:\snotes)?|version)\s[^\n]{0,20}\d[^\n]{0,60}
      | (?:[\w.+-]{1,30}\s(?=\())?\[?\(?v?\d+\.\d+[\w.+~:-]*[\])]?(?:\([^\s()]{1,120}\))?
          (?:[\s(–—-]+[\w ,:/-]{4,40}\)?)?
      | \d{4}[-/]\d\d[-/]\d\d\s(?::\s)?[^\n:]{2,60} | \d{1,2}\s[a-z]{3,9}\s\d{4}(?::\s\w+)?
    )\s*:?$""",
    re.VERBOSE,
)
"""The heading of a release in a list of changes: its version, or its day."""
_BULLET = lazy(r"\s*(?:[-*•o+–]|\*\))\s+\S")
_PROSE = lazy(r"\s{0,8}[\"'“(]?[^\W\d_][^\n]{44,}")
_SMALL = lazy(
    r"(?i)\b(?:the|an?|of|to|in|on|and|or|that|which|was|were|is|are|we|our|it|this|with|for|by|but|not|only|then|you|your|i|as"
    r"|at|from|be|when)\b"
)
"""Words that sentences are full of."""
_PARAGRAPH, _FEW = 3, 3
"""Lines that a paragraph has at least, and small words that each of them has."""
_MARKS = b"\"'`<\xe2\xc2"
"""What quotation marks begin with; the last two are the curved and the angled ones of UTF-8."""


class QuotingFolder(Folder):
    """A folder whose events know whether they stand within somebody's words."""

    def event(self, data: bytes | bytearray, span: Span, line: int, borrow: bool = True) -> Event:
        """Return the event at `span`, as `Folder` does."""
        event = super().event(data, span, line, borrow)
        event.quoted = self._is_quoted(data, span) or (
            not event.level
            and (self._is_listed(data, span, event.text) or self._is_written(data, span, event))
        )
        return event

    def _is_written(self, data: bytes | bytearray, span: Span, event: Event) -> bool:
        """Whether an event is part of a paragraph, or an entry under the heading of a release."""
        if event.exception is not None:
            return False
        own = event.text.split("\n")
        key, _ = self._plain(data, span.start, self._stop(data, span.start, span.end))
        before = [
            text.decode("utf-8", "replace") for other, text in self._back(data, span.start) if other == key
        ]
        if _is_change([*before[::-1], *own]):
            return True
        if not all(map(_is_prose, own)):
            return False
        behind = list(self._ahead(data, span.end, key))[:_PARAGRAPH]
        lines = (*reversed(list(takewhile(_is_prose, before))), *own, *takewhile(_is_prose, behind))
        return len(lines) >= _PARAGRAPH and any(map(_goes_on, lines, lines[1:]))

    def _is_quoted(self, data: bytes | bytearray, span: Span) -> bool:
        """Whether a record before the event begins a quotation that ends in or behind it."""
        start, end = span.start, span.end
        if not start:
            return False
        key, own = self._line(data, start, self._stop(data, start, end))
        low = max(start - _BYTES, 0)
        if own is None or all(data.find(mark, low, start) < 0 for mark in _MARKS):
            return False
        before: list[str] = []
        for other, text in self._back(data, start):
            if other == key:
                before.insert(0, text.decode("utf-8", "replace"))
                if self.layout.match(text, 0, len(text)) is not None:
                    break
        else:
            return False  # no record is near: only records quote
        return in_quotation(before, self._ahead(data, start, key))

    def _is_listed(self, data: bytes | bytearray, span: Span, text: str) -> bool:
        """Whether an event's text is one of several numbered entries, introduced by no word of failure."""
        entry = _ENTRY.match(text)
        if entry is None:
            return False
        key, _ = self._plain(data, span.start, self._stop(data, span.start, span.end))
        number = expected = int(entry[1])
        for other, earlier in self._back(data, span.start):
            if other != key:
                continue
            line = earlier.decode("utf-8", "replace")
            before = _ENTRY.match(line)
            if expected == 1:
                follows = next(iter(self._ahead(data, span.end, key)), "")
                return (number > 1 or follows.lstrip().startswith(("2.", "2)"))) and not _TRIED.search(line)
            expected -= 1
            if before is None or int(before[1]) != expected:
                return False
        return False

    def _line(self, data: bytes | bytearray, start: int, stop: int) -> tuple[bytes, bytes | None]:
        """Return who wrote a line, and its text without prefix; None for the text of a line that begins a record."""
        key, text = self._plain(data, start, stop)
        return key, None if self.layout.match(text, 0, len(text)) is not None else text

    def _plain(self, data: bytes | bytearray, start: int, stop: int) -> tuple[bytes, bytes]:
        """Who wrote a line, and its text without prefix and colours."""
        line = unwrap(prefix_named(self.layout.prefix), data, start, stop)
        text = bytes(line.data[line.start : line.end])
        return line.key, strip_colours(text) if b"\x1b" in text else text

    def _stop(self, data: bytes | bytearray, start: int, hi: int) -> int:
        stop = data.find(self.newline, start, hi)
        return hi if stop < 0 else stop

    def _back(self, data: bytes | bytearray, start: int) -> Iterator[tuple[bytes, bytes]]:
        """Give (writer, text) of the lines before, the nearest first."""
        low = max(start - _BYTES, 0)
        for _ in range(_LINES):
            stop = start - 1
            start = data.rfind(self.newline, low, max(stop, low)) + 1
            if stop <= low or (not start and low):
                return
            yield self._plain(data, start, stop)

    def _ahead(self, data: bytes | bytearray, start: int, key: bytes) -> Iterator[str]:
        """Give the texts of a writer's lines from the event on, up to one that begins a record."""
        high = min(start + _BYTES, len(data))
        for _ in range(_LINES):
            if start >= high:
                return
            stop = self._stop(data, start, high)
            other, text = self._line(data, start, stop)
            if other == key:
                if text is None:
                    return
                yield text.decode("utf-8", "replace")
            start = stop + 1


def _is_change(lines: list[str]) -> bool:
    """Whether the last line is, or belongs to, an entry of a list under the heading of a release."""
    heading = next((n for n in reversed(range(len(lines) - 1)) if _RELEASE.match(lines[n])), None)
    return heading is not None and any(map(_BULLET.match, lines[heading + 1 :]))


def _is_prose(line: str) -> bool:
    return _PROSE.match(line) is not None and len(_SMALL.findall(line)) >= _FEW


def _goes_on(line: str, following: str) -> bool:
    """Whether a sentence of one line goes on in the next."""
    end = line.rstrip()[-1:]
    return (end.isalnum() or end == ",") and following.lstrip()[:1].islower()
