"""How far apart the clocks are that stamp one source's lines, told by stamps that stand side by side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta, timezone, tzinfo

from logscope.events.text.times import Clock, epoch_seconds, shown_offset
from logscope.events.written.neighbours import Neighbours

_QUARTER, _WIDEST = 900, 14 * 3600
"""Seconds in which zones differ, and by which they do at most."""
_READ, _NEXT = 5.0, 60.0
"""Seconds that a collector may need to read a line, and that may pass between two lines."""
_MOST, _MANY = 0.95, 5
"""Share of the stamps that agree, and how many they are at least."""
_ZONED = re.compile(rb":\d\d(?:[.,]\d{1,9})? ?(?:Z|(?!INFO|WARN|CRIT)[A-Z]{3,4}\b|[+-]\d\d:?\d\d)")
_EPOCH = re.compile(rb"1\d{9}")
"""What a time may end in that shows its zone, or be: hardly a line of many logs has it."""


def hours_ahead(stamps: Iterable[tuple[float, float]]) -> float:
    """Return the seconds that a collector's stamps are ahead of the records' own, in (collector's, record's) of lines
    that show both; 0 where they do not agree."""
    ahead, count = _apart(stamps, _READ)
    return ahead if count >= _MANY else 0.0


def shared_zone(lines: Sequence[bytes], clock: Clock, neighbours: Neighbours) -> tzinfo | None:
    """Return the zone of the times that show none where others of the lines do, in one that both may be written in:
    gunicorn's log shows it, and the application's behind it does not."""
    text = b"\n".join(lines)
    if _ZONED.search(text) is None and _EPOCH.search(text) is None:
        return None
    pairs = list(_beside(_stamps(lines, clock, neighbours)))
    ahead, count = _apart([(bare, zoned) for bare, zoned, _ in pairs], _NEXT)
    shown = any(east == ahead for *_, east in pairs)
    return timezone(timedelta(seconds=ahead)) if ahead and (shown or count >= _MANY) else None


def _apart(stamps: Iterable[tuple[float, float]], most: float) -> tuple[float, int]:
    """Return the hours and quarters, in seconds, that the first stamps of nearly all pairs are ahead, and of how many
    pairs; zeros where they do not agree."""
    apart: Counter[int] = Counter()
    for first, second in stamps:
        zones = round((first - second) / _QUARTER) * _QUARTER
        apart[zones if abs(first - second - zones) <= most else 0] += 1
    ahead, count = apart.most_common(1)[0] if apart else (0, 0)
    sure = count >= _MOST * apart.total() and abs(ahead) <= _WIDEST
    return (float(ahead), count) if sure else (0.0, 0)


def _stamps(
    lines: Iterable[bytes], clock: Clock, neighbours: Neighbours
) -> Iterator[tuple[float, int | None]]:
    """Yield the lines' own times, and the seconds east of UTC that they show."""
    for line in lines:
        place = neighbours.time_place(line, 0, len(line))
        text = line[slice(*place)].decode("ascii", "replace") if place else ""
        time = clock.read(text) if text else None
        if time is not None:
            yield time, 0 if _is_epoch(text) else shown_offset(text)


def _is_epoch(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal() and epoch_seconds(float(text)) is not None


def _beside(stamps: Iterable[tuple[float, int | None]]) -> Iterator[tuple[float, float, int]]:
    """Yield (time without zone, time with zone, its seconds east) of stamps that follow each other."""
    last: tuple[float, int | None] | None = None
    for time, east in stamps:
        if last is not None and last[1] is not None and east is None:
            yield time, last[0], last[1]
        elif last is not None and last[1] is None and east is not None:
            yield last[0], time, east
        last = time, east
