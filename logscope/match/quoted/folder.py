"""Events that the lines around them quote: between quotation marks, fences or tags, in a list, a paragraph, a patch, a
log of another day, or in a text that a record shows (`shown`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice, takewhile

from logscope.events import Event, Folder, Span
from logscope.events.written.layout import Layout
from logscope.lazily import lazy
from logscope.match.quoted.event import MARKED
from logscope.match.quoted.prose import SMALL
from logscope.match.quoted.quotations import in_quotation
from logscope.match.quoted.shown import stands_below_colon, stands_in_text
from logscope.match.quoted.surroundings import BYTES, LINES, Surroundings
from logscope.match.quoted.testruns import TestRuns, has_passed
from logscope.model import Buffer

_ENTRY = lazy(r"\s*(\d{1,2})[.)]\s+\S")
_COMMIT = lazy(
    r"[*|/\\ ]*(?P<hash>(?=[a-f]*\d)(?=\d*[a-f])(?:[0-9a-f]{7}|[0-9a-f]{9,11}|[0-9a-f]{40}))\s+(?!\d)\S"
)
"""A line of `git log --oneline`, should its neighbours be alike; requests have ids of 8, 12, 16 or 32 digits."""
_HUNK = lazy(r"@@+ -\d+(?:,\d+)? [^\n]{1,60} @@")
_CHANGED = ("+", "-", " ", "\\ ", "\t")
"""What the lines of a hunk begin with."""
_PATCH = 1 << 16
"""Bytes before a line in which the head of its hunk is sought."""
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
_ITEM = lazy(r"\s+\S|(?:[-*•o+–]|\*\)) ")
"""What entries, and their further lines, begin with."""
_PROSE = lazy(r"\s{0,8}[\"'“(]?[^\W\d_][^\n]{44,}")
_PARAGRAPH, _FEW = 3, 3
"""Lines that a paragraph has at least, and small words that each of them has."""
_TAG = lazy(rb"[ \t]*<(?P<end>/?)(?P<name>[a-z][\w-]{0,40})(?:\s[^<>\n]{0,200})?>[ \t\r]*$")
_FENCE, _FENCE_MARK = lazy(rb"[ \t]*```\w*[ \t\r]*$"), b"```"
"""Lines that are nothing else."""
_CLOSING = (b"</", _FENCE_MARK)
_BLOCK, _NEAREST, _OLD, _PAUSE = 1 << 11, 8, 26 * 3600.0, 3600.0
"""Bytes that lines of an old log take at most, lines before one among which a record is sought, and seconds: more than
zones can make of one time."""
_MARKS = b"\"'`<\xe2\xc2"
"""What quotation marks begin with; the last two are the curved and the angled ones of UTF-8."""


class QuotingFolder(Folder):
    """A folder whose events know whether they stand within somebody's words."""

    def __init__(self, layout: Layout, source: str) -> None:
        super().__init__(layout, source)
        self._runs = TestRuns()

    def cut(self, data: Buffer, lo: int, at_eof: bool, hi: int | None = None) -> int:
        self._runs.forget()
        return super().cut(data, lo, at_eof, hi)

    def event(self, data: Buffer, span: Span, line: int, borrow: bool = True) -> Event:
        """Return the event at `span`, as `Folder` does."""
        event = super().event(data, span, line, borrow)
        event.weigh_with(partial(self._is_quoted_around, data, span))
        return event

    def _is_quoted_around(self, data: Buffer, span: Span, event: Event) -> bool:
        """Whether the lines around an event tell that it is somebody's words, or a test's that passed."""
        around = Surroundings(self, data, span)
        if event.format:
            if _is_enclosed(around, event.format) or _is_old(around):
                return True
        elif _is_in_quotation(around) or stands_below_colon(around, event):
            return True
        if self._runs.passed(data, span) or has_passed(self.layout, data, span, event):
            return True
        if stands_in_text(around, event):
            return True
        return not event.level and (
            _is_numbered(around, event.text)
            or _is_commit(around, event.text)
            or _is_patch(around, event.text)
            or _is_marked(around)
            or _is_prose_or_change(around, event)
        )


def _is_prose_or_change(around: Surroundings, event: Event) -> bool:
    """Whether an event is part of a paragraph, or an entry under the heading of a release."""
    if event.exception is not None:
        return False
    own = event.text.split("\n")
    prose = all(map(_is_prose, own))
    if not prose and not any(map(_ITEM.match, own)):
        return False
    before = list(around.texts_before())
    if _is_change([*before[::-1], *own]):
        return True
    if not prose:
        return False
    behind = islice(around.texts_behind(), _PARAGRAPH)
    lines = (*reversed(list(takewhile(_is_prose, before))), *own, *takewhile(_is_prose, behind))
    return len(lines) >= _PARAGRAPH and any(map(_goes_on, lines, lines[1:]))


def _is_in_quotation(around: Surroundings) -> bool:
    """Whether a record before the event begins a quotation that ends in or behind it."""
    start, low = around.start, max(around.start - BYTES, 0)
    if all(around.data.find(mark, low, start) < 0 for mark in _MARKS):
        return False
    before: list[str] = []
    for text in around.lines_before():
        before.insert(0, text.decode("utf-8", "replace"))
        if around.head(text) is not None:
            return in_quotation(before, around.texts_behind(start))
    return False  # no record is near: only records quote


def _is_old(around: Surroundings) -> bool:
    """Whether a record is days older than those around it, which go on: somebody shows another log."""
    start = around.start
    day = bytes(around.data[start : start + 10])
    if around.data.find(day, max(start - 2 * _BLOCK, 0), max(start - _BLOCK, 0)) >= 0:
        return False
    time = around.time(start, around.first_end)
    if time is None:
        return False

    def newer(lines: Iterator[tuple[int, int]]) -> float | None:
        """The first time of some lines that is days behind the event's."""
        times = (around.time(*bounds) for bounds in lines)
        return next((shown for shown in times if shown is not None and shown - time > _OLD), None)

    before = newer(around.bounds_before(_NEAREST))
    behind = None if before is None else newer(around.bounds_behind(LINES))
    return before is not None and behind is not None and 0 <= behind - before <= _PAUSE


def _is_enclosed(around: Surroundings, name: str) -> bool:
    """Whether a record of a format stands between the lines of a tag, or between fences, with only records of its own
    format, which is not the source's. An error page that is never closed hides nothing behind it."""
    behind = around.first_end + 1
    if name in around.layout.formats[:1] or all(
        around.data.find(mark, behind, behind + BYTES) < 0 for mark in _CLOSING
    ):
        return False
    before = _marks(around, around.lines_before(), name, b"/")
    return not before.isdisjoint(_marks(around, around.lines_behind(behind), name, b""))


def _marks(around: Surroundings, lines: Iterator[bytes], name: str, inner: bytes) -> set[bytes]:
    """Return the tags, and the fence, of which a writer's lines show one end, going away from an event up to a record
    of another format; `inner` marks the end that comes first of those that show both."""
    both: list[bytes] = []
    found: set[bytes] = set()
    for text in lines:
        head = around.head(text)
        if head is not None and head[0].name != name:
            break
        tag = _TAG.match(text) if head is None else None
        if head is None and _FENCE.match(text):
            found.add(_FENCE_MARK)
        elif tag and tag["end"] == inner:
            both.append(tag["name"])
        elif tag and tag["name"] in both:
            both.remove(tag["name"])
        elif tag:
            found.add(tag["name"])
    return found


def _is_numbered(around: Surroundings, text: str) -> bool:
    """Whether an event's text is one of several numbered entries, introduced by no word of failure."""
    entry = _ENTRY.match(text)
    if entry is None:
        return False
    number = expected = int(entry[1])
    for line in around.texts_before():
        if expected == 1:
            follows = next(around.texts_behind(), "")
            return (number > 1 or follows.lstrip().startswith(("2.", "2)"))) and not _TRIED.search(line)
        before = _ENTRY.match(line)
        expected -= 1
        if before is None or int(before[1]) != expected:
            return False
    return False


def _is_marked(around: Surroundings) -> bool:
    """Whether an event is a line of source code in which a place is marked below."""
    return MARKED.match(next(around.texts_behind(), "")) is not None


def _is_commit(around: Surroundings, text: str) -> bool:
    """Whether an event is one of several commits listed by hash: ids of requests come again, hashes do not."""
    own = _COMMIT.match(text)
    if own is None:
        return False
    beside = (*islice(around.texts_before(), 2), *islice(around.texts_behind(), 2))
    near = [_COMMIT.match(line) for line in beside]
    hashes = {found["hash"] for found in (own, *near) if found is not None}
    return len(near) > 1 and len(hashes) == len(near) + 1 and len({*map(len, hashes)}) == 1


def _is_patch(around: Surroundings, text: str) -> bool:
    """Whether an event stands in a hunk of a patch."""
    start = around.start
    if not text.startswith(_CHANGED) or around.data.rfind(b"@@ -", max(start - _PATCH, 0), start) < 0:
        return False
    for line in around.texts_before(_PATCH):
        if line and not line.startswith(_CHANGED):
            return _HUNK.match(line) is not None
    return False


def _is_change(lines: list[str]) -> bool:
    """Whether the last line is, or belongs to, an entry of a list under the heading of a release."""
    heading = next((n for n in reversed(range(len(lines) - 1)) if _RELEASE.match(lines[n])), None)
    return heading is not None and any(map(_BULLET.match, lines[heading + 1 :]))


def _is_prose(line: str) -> bool:
    return _PROSE.match(line) is not None and len(SMALL.findall(line)) >= _FEW


def _goes_on(line: str, following: str) -> bool:
    """Whether a sentence of one line goes on in the next."""
    end = line.rstrip()[-1:]
    return (end.isalnum() or end == ",") and following.lstrip()[:1].islower()
