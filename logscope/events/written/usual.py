"""Heads that a message only looks like: what a source's other records are written like tells.

`WARNING | app | 2024-01-02 03:04:05 - other - ERROR - quoted` fits a format of its own. Where the source's records are
written `LEVEL | name | message`, the time and the second level are the message's.
"""

from __future__ import annotations

from collections import Counter

from logscope.events.formats import Head, fallback
from logscope.events.formats.format import Format
from logscope.events.written.layout import Layout

_ENOUGH, _SHARE, _NEARLY = 5, 0.2, 0.8
"""Records of a format that are needed, and their share of all; and that of those without a level."""
_KINDS = ("plain", "structlog")


def usual_formats(heads: list[tuple[Head, bytes]]) -> tuple[Format, ...]:
    """Return the formats in which many records of a sample (each head with its line) begin, most frequent first."""
    found = Counter(form for (form, _, level), _ in heads if level and form.kind in _KINDS)
    least = max(_ENOUGH, _SHARE * found.total())
    often = [form for form, count in found.most_common() if count >= least]
    return (*(form for form in often if form not in fallback.FORMATS), *_without_level(heads))


def _without_level(heads: list[tuple[Head, bytes]]) -> list[Format]:
    """The formats without a level of nearly all records that no other format knows."""
    found = Counter(form for (form, _, _), _ in heads if form in fallback.FORMATS)
    plain = [form for form in found if "level" not in form.regex.groupindex]
    sure = sum(found[form] for form in plain) >= max(_ENOUGH, _NEARLY * found.total())
    return plain if sure else []


def usual_head(layout: Layout, head: Head, line: bytes) -> Head:
    """Return the head of a record as the source's other records have it, where `head` reads more than that: a level
    behind theirs, or a time where they show none."""
    form = head[0]
    if not layout.usual or not head[2] or form in layout.usual:
        return head
    found = form.regex.match(line)
    if found is None or "level" not in found.groupdict():
        return head
    for other in layout.usual:
        own = other.regex.match(line)
        if own is None:
            continue
        if "level" not in own.groupdict():
            if form in fallback.FORMATS and found.groupdict().get("near"):
                return other, own.end(), b""
            continue
        ahead = found.start("level") - own.start("level")
        if ahead > 0 or (ahead == 0 and form.timed and not other.timed):
            return other, own.end(), own["level"]
    return head
