"""Error events that no rule matched: those alike counted together, in the order in which they want to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import takewhile

from logscope.correlate.copies import is_sharp
from logscope.findings.code import locate_events
from logscope.findings.context import Context
from logscope.findings.evidence import evidence_line
from logscope.findings.frequency import iso
from logscope.match.layers import shape
from logscope.model import Frame
from logscope.redact import clean
from logscope.report import Unexplained
from logscope.scan.errors import SHOWN, error_name
from logscope.scan.tally import ShapeCount, SourceScan

MAX_UNEXPLAINED = 50

_Kind = tuple[str, list[ShapeCount]]
"""What errors are called, and those of it in each source."""


def unexplained_errors(scans: Iterable[SourceScan], context: Context) -> tuple[Unexplained, ...]:
    """Return error events that no rule matched, same shapes of all sources together, but for those that a source only
    repeats, at the same fractions of a second, of another one: critical ones first, then the most frequent, then as
    they stand in the logs."""
    shapes: dict[str, list[ShapeCount]] = {}
    seen: set[tuple[object, ...]] = set()
    for scan in scans:
        for item in scan.unexplained:
            ends = (item.shape, item.count, item.first.time, item.last.time)
            repeats = ends in seen and is_sharp(item.first) and is_sharp(item.last)
            seen.add(ends)
            if not repeats and all(item is not told for told, _ in context.aftermath):
                shapes.setdefault(item.shape, []).append(item)
    ordered = sorted(_raised_together(shapes), key=_order)
    told = [_told(_title(items), items, context) for _, items in ordered[:MAX_UNEXPLAINED]]
    further = [item for _, items in ordered[MAX_UNEXPLAINED:] for item in items]
    if further:
        title = f"{len(ordered) - MAX_UNEXPLAINED:,} further kinds of error, counted together"
        told.append(_told(title, further, context))
    return tuple(told)


def _raised_together(shapes: dict[str, list[ShapeCount]]) -> list[_Kind]:
    """The shapes, those together that one line of the application raised in mostly the same words."""
    kinds: dict[object, list[_Kind]] = {}
    for name, items in shapes.items():
        alike = kinds.setdefault(_raised(items) or name, [])
        for number, (known, own) in enumerate(alike[:MAX_UNEXPLAINED]):  # more of one line are not told apart
            if shared := _in_common(known, name):
                alike[number] = shared, own + items
                break
        else:
            alike.append((name, items))
    return [kind for alike in kinds.values() for kind in alike]


def _raised(items: Sequence[ShapeCount]) -> tuple[str, tuple[Frame, ...]] | None:
    """The class, and how the application's code came there, if it is the same for all that is known of a shape."""
    found = set()
    for event in (event for item in items for event in (item.first, item.last)):
        own = tuple(frame for frame in event.exception.frames if frame.own) if event.exception else ()
        if event.exception is None or not own:
            return None
        found.add((event.exception.type, own))
    return found.pop() if len(found) == 1 else None


def _in_common(one: str, other: str) -> str:
    """The class and the words that two messages of it begin and end with; empty where these words are less than half
    of theirs, but for a quoted value."""
    first, second = one.split(), other.split()
    head = _same(first, second)
    tail = _same(reversed(first[head:]), reversed(second[head:]))
    value = all(
        len(words) == 2 and words[1][0] in "'\"…" for words in (first, second)
    )  # the key of a KeyError
    if 2 * (head - 1 + tail) < max(len(first), len(second)) - 1 and not (value and head):
        return ""
    return " ".join([*first[:head], "…", *first[len(first) - tail :]])


def _same(one: Iterable[str], other: Iterable[str]) -> int:
    """How many of the first words are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _order(kind: _Kind) -> tuple[object, ...]:
    name, items = kind
    place = min((item.first.source, item.first.line) for item in items)
    mild = all(item.first.level != "critical" for item in items)
    return mild, -sum(item.count for item in items), place, name


def _title(items: Sequence[ShapeCount]) -> str:
    """What errors are called: one by its own words, several by what they have in common. Secrets are masked first, for
    without their digits they look like none."""
    told = dict.fromkeys(clean(error_name(item.first)) for item in items[:MAX_UNEXPLAINED])
    several = sum(item.count for item in items) > 1
    names = dict.fromkeys(map(shape, told)) if several else told
    name = reduce(lambda one, other: _in_common(one, other) or one, names)
    return name if len(name) <= SHOWN else name[:SHOWN] + "…"


def _told(title: str, items: Sequence[ShapeCount], context: Context) -> Unexplained:
    events = [items[0].first] + ([items[-1].last] if items[-1].last is not items[0].first else [])
    times = [event.time for item in items for event in (item.first, item.last) if event.time is not None]
    return Unexplained(
        title=title,
        occurrences=sum(item.count for item in items),
        level=items[0].first.level,
        first_seen=iso(min(times, default=None), context.zone),
        last_seen=iso(max(times, default=None), context.zone),
        sources=tuple(
            sorted({clean(context.place(event)[0]) for item in items for event in (item.first, item.last)})
        ),
        evidence=tuple(evidence_line(event, context) for event in events),
        code=locate_events([events], (), context.repository),
    )
