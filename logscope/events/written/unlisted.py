"""A prefix that nobody listed: what nearly all of a source's lines begin with, up to its digits, and the first word,
which may be a service's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from logscope.events.written.prefixes import Prefix
from logscope.events.written.shared import MOMENT

_LONGEST, _CUTS = 160, 8
"""Bytes of a line that may be a prefix, and at how many blanks it may end."""
_BLANKS = re.compile(rb"[ \t]+")
_DIGITS = re.compile(rb"\d+")
_WORD = re.compile(rb"[ \t\[]*([A-Za-z][\w.\-/]*)")
_PAIRS = ((b"[", b"]"), (b"(", b")"), (b"{", b"}"))
_STREAM = rb"(?P<key>(?P<stream>[A-Za-z][\w.\-/]*))"
_PADS = re.compile(rb"(?:\\ ){2,}")
_MARK = re.compile(rb"[^\w \t.\[\]\-/:]")
"""What shows that it is no name, which may be a logger's."""
_DATED = re.compile(rb"\d{4}-\d\d-\d\d[T ].*(?:Z|[+-]\d\d:?\d\d)$")
_MONTHS = re.compile(rb"(?<![A-Za-z])[A-Z][a-z]{2}(?![a-z])|(?<= )[AP]M")
"""In times: words that others stand for on other days."""


def unlisted(line: bytes) -> Iterator[Prefix]:
    """Give the prefixes that a line may begin with, each longer than the one before."""
    for cut in list(_BLANKS.finditer(line, 1, _LONGEST))[:_CUTS]:
        begin = line[: cut.start()]
        sure = MOMENT.search(begin) or _MARK.search(begin) or line.startswith(b"{", cut.end())
        if sure and all(begin.count(a) == begin.count(b) for a, b in _PAIRS):
            for end in sorted({cut.start() + 1, cut.end()}):
                yield _like(line[:end])


def _like(example: bytes) -> Prefix:
    """The prefix of which this is an example.

    A first word may be another one where a time follows: without it, it may as well be a logger.
    """
    time = MOMENT.search(example)
    if time is None:
        return Prefix("shared", re.compile(_alike(example)), year=False)
    before = example[: time.start()]
    word = _WORD.match(before)
    begin = _alike(before)
    if word is not None:
        begin = re.escape(before[: word.start(1)]) + _STREAM + _PADS.sub(b" +", _alike(before[word.end() :]))
    middle = b"(?P<time>" + _MONTHS.sub(rb"[A-Za-z]{2,3}", _alike(time[0])) + b")"
    pattern = re.compile(begin + middle + _alike(example[time.end() :]))
    return Prefix("shared", pattern, year=_DATED.match(time[0]) is not None)


def _alike(text: bytes) -> bytes:
    """A regex of the text with other digits."""
    return _DIGITS.sub(rb"\\d+", re.escape(text))
