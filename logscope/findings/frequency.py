"""How often: figures, a timeline, and a sentence that can be read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from operator import attrgetter

from msgspec import Struct

from logscope.counting import counted
from logscope.model import Hit, SequenceFigures
from logscope.report import Bucket, Frequency

BUCKETS = 20
RATE_SECONDS = 600
"""A log that covers less says nothing about an hour."""
_SOURCE, _TIME = attrgetter("source"), attrgetter("time")
_RESTART_SECONDS, _RESTART_LINES = 30.0, 40
_LASTING_SECONDS = 60.0
"""An incident that is told of for so long is no moment."""
_BURST_PAUSE, _EVEN = 20, 0.1
"""How many times the usual gap parts two bursts, and how far intervals that are called even may differ."""
_QUIET_SECONDS, _QUIET_GAPS = 600.0, 2
"""How long nothing is seen until that is worth a word, at least, and against the longest pause before."""


class Extent(Struct, frozen=True):
    """How far the whole input reaches: first and last time seen (None without a clock), lines and restarts."""

    first: float | None
    last: float | None
    starts: Sequence[int]
    """The line at which each source begins when all are laid end to end, and how many lines there are."""
    restarts: Sequence[Hit] = ()
    ends: Mapping[int, float] = {}
    """When each source with a clock ends, as far as it was examined."""
    named: bool = False
    """Records show times of another zone than UTC: whose ours are is said."""

    @property
    def hours(self) -> float | None:
        """Length in hours; None without a clock, and for a log too short to speak of a rate."""
        if self.first is None or self.last is None or self.last - self.first < RATE_SECONDS:
            return None
        return (self.last - self.first) / 3600

    def days(self, zone: tzinfo | None) -> int:
        """How many days of the calendar it touches; 0 without a clock."""
        if self.first is None or self.last is None:
            return 0
        first, last = (datetime.fromtimestamp(time, zone or UTC).date() for time in (self.first, self.last))
        return (last - first).days + 1


def iso(time: float | None, zone: tzinfo | None) -> str | None:
    """Return a time as ISO 8601 with offset, to the millisecond."""
    if time is None:
        return None
    return datetime.fromtimestamp(time, zone or UTC).isoformat(timespec="milliseconds")


def frequency(
    firsts: Sequence[Hit],
    extent: Extent,
    zone: tzinfo | None,
    place: Callable[[Hit], tuple[str, int]],
    sessions: SequenceFigures | None = None,
    last: float | None = None,
) -> Frequency:
    """Return the frequency of incidents that begin at `firsts`; `place` tells the file and the line of a hit;
    `sessions`: among how many sessions they were; `last`: when the last of them was last told of."""
    times = [time for time in map(_TIME, firsts) if time is not None]
    timed = 2 * len(times) >= len(firsts) > 0  # else lines say more
    length = max(times) - min(times) if timed else None
    hours = extent.hours if timed else None
    return Frequency(
        text=_sentence(firsts, times if timed else [], extent, zone, place)
        + _lasting(firsts, last)
        + _among(sessions),
        per_hour=round(len(firsts) / hours, 2) if hours else None,
        span_seconds=None if length is None else round(length, 3),
        buckets=_time_buckets(times, extent, zone) if timed else _line_buckets(firsts, extent.starts),
        bucket_unit="time" if timed else "lines",
    )


def _sentence(
    firsts: Sequence[Hit],
    times: Sequence[float],
    extent: Extent,
    zone: tzinfo | None,
    place: Callable[[Hit], tuple[str, int]],
) -> str:
    count, known = len(firsts), len(times)
    parts = ["once" if count == 1 else f"{count:,} times"]
    length = max(times) - min(times) if times else 0.0
    if times and (count == 1 or length < 1):
        when = _clock(times[0], zone, True, extent.named)
        untimed = f", {known:,} at {when} and {count - known:,} without a time"
        parts[0] += untimed if known < count else f"{' within a second' * (count > 1)} at {when}"
    elif times:
        parts[0] += f", {known:,}" * (known < count) + f" in {duration(length)}"
        parts += _bursts(sorted(times))
        dated = length > 86_400 or extent.days(zone) > 1
        parts.append(f"last at {_clock(max(times), zone, dated, extent.named)}")
        parts[-1] += f", and {count - known:,} without a time" if known < count else ""
    elif firsts:
        parts[0] += f" {_where(firsts, place)}"
    by_time = known == count
    starts, restarts = extent.starts, extent.restarts
    lengths = {source: starts[source + 1] - starts[source] for source in set(map(_SOURCE, firsts))}
    begin = extent.first if by_time else None
    if _restarts_are_telling(extent, by_time, lengths) and _follow(firsts, restarts, begin):
        seconds = f"{_RESTART_SECONDS:.0f} s" if by_time else f"{_RESTART_LINES} lines"
        seen = sum(by_time or start.source in lengths for start in restarts)
        which = "a restart" if seen > 1 else "the service's start"
        parts.append(f"{'all ' if count > 1 else ''}within {seconds} of {which}")
    if by_time and length >= 1 and (quiet := _quiet(firsts, times, extent.ends)):
        parts.append(f"none in the {duration(quiet)} after")
    return ", ".join(parts)


def _bursts(times: Sequence[float]) -> list[str]:
    """Say in how many bursts, and at which even intervals; nothing where neither can be told."""
    gaps = [second - first for first, second in pairwise(times)]
    pause = max(_QUIET_SECONDS, _BURST_PAUSE * sorted(gaps)[len(gaps) // 2])
    begins = [times[0], *(time for time, gap in zip(times[1:], gaps, strict=True) if gap >= pause)]
    several = 1 < len(begins) <= len(times) // 3
    between = [second - first for first, second in pairwise(begins if several else times)]
    even = len(between) > 1 + (not several) and max(between) - min(between) <= _EVEN * max(between)
    every = f"one every {duration(sum(between) / len(between))}"
    regular = even and min(between) >= _QUIET_SECONDS
    parts = [f"in {len(begins):,} bursts"] if several else []
    return parts + ([every] if regular else [])


def _quiet(firsts: Sequence[Hit], times: Sequence[float], ends: Mapping[int, float]) -> float:
    """How long the sources go on behind the last incident; 0 where that may be one pause of several."""
    ordered = sorted(times)
    pause = max(second - first for first, second in pairwise(ordered))
    left = max((ends[source] for source in set(map(_SOURCE, firsts)) if source in ends), default=0.0)
    quiet = left - ordered[-1]
    return quiet if quiet >= max(_QUIET_SECONDS, _QUIET_GAPS * pause) else 0.0


def _lasting(firsts: Sequence[Hit], last: float | None) -> str:
    """Say how long the only incident lasted."""
    begin = firsts[0].time if len(firsts) == 1 else None
    if begin is None or last is None or last - begin < _LASTING_SECONDS:
        return ""
    return f", over {duration(last - begin)}"


def _among(sessions: SequenceFigures | None) -> str:
    """Say of how many sessions."""
    if sessions is None or not sessions.sessions:
        return ""
    return f", in {sessions.rejected_first:,} of {counted(sessions.sessions, 'session')}"


def _where(firsts: Sequence[Hit], place: Callable[[Hit], tuple[str, int]]) -> str:
    """Say by lines, or by how many logs, what too few times can tell."""
    places = list(map(place, firsts))
    if len(places) == 1:
        return f"in line {places[0][1]:,} (no clock)"
    lines, files = [line for _, line in places], len({file for file, _ in places})
    untimed = sum(hit.time is None for hit in firsts)
    where = f"between lines {min(lines):,} and {max(lines):,}" if files == 1 else f"in {files:,} logs"
    return f"{where} ({'no clock' if untimed == len(firsts) else f'{untimed:,} of them without a time'})"


def _restarts_are_telling(extent: Extent, by_time: bool, lengths: Mapping[int, int]) -> bool:
    """Say whether most of the log lies farther from a restart: only then it means something to be near one.

    By time, or by the lines of the sources concerned: `lengths`.
    """
    if not by_time or extent.first is None or extent.last is None:
        counts = Counter(map(_SOURCE, extent.restarts))
        return all(0 < 2 * counts[source] * _RESTART_LINES < lines for source, lines in lengths.items())
    return 0 < 2 * len(extent.restarts) * _RESTART_SECONDS < extent.last - extent.first


def _follow(firsts: Sequence[Hit], restarts: Sequence[Hit], begin: float | None) -> bool:
    """Whether every hit comes shortly behind a restart: in time where both show one, else in lines of its source.

    Behind a start without any time, lines count only for what was written soon after `begin`, the first time known.
    """
    timed = sorted((hit for hit in restarts if hit.time is not None), key=_time)
    lines: dict[tuple[int, bool], list[Hit]] = {}
    for hit in sorted(restarts, key=_line):
        lines.setdefault((hit.source, False), []).append(hit)
        if hit.time is None:
            lines.setdefault((hit.source, True), []).append(hit)

    def follows(hit: Hit) -> bool:
        late = hit.time is not None and begin is not None and hit.time - begin > _RESTART_SECONDS
        started = lines.get((hit.source, hit.time is not None), [])
        return _soon_after(hit, timed) or (not late and _right_behind(hit, started))

    return all(map(follows, firsts))


def _soon_after(hit: Hit, restarts: Sequence[Hit]) -> bool:
    """Whether one of the restarts, in order of time, was a moment before; in one source the order of lines tells."""
    if hit.time is None:
        return False
    begin = bisect_left(restarts, hit.time - _RESTART_SECONDS, key=_time)
    end = bisect_right(restarts, hit.time + _RESTART_SECONDS, key=_time)
    return any(
        start.line <= hit.line if start.source == hit.source else _time(start) <= hit.time
        for start in restarts[begin:end]
    )


def _right_behind(hit: Hit, restarts: Sequence[Hit]) -> bool:
    """Whether the last of the restarts of one source, in order of lines, is a few lines before."""
    place = bisect_right(restarts, hit.line, key=_line)
    return place > 0 and hit.line - restarts[place - 1].last_line <= _RESTART_LINES


def _time(restart: Hit) -> float:
    """When a process started: it ends a silence, so where that is taken from the lines around it, when the next one
    was written."""
    return restart.around[1] if restart.around else restart.time or 0.0


def _line(hit: Hit) -> int:
    return hit.line


def _clock(time: float, zone: tzinfo | None, with_day: bool, named: bool) -> str:
    moment = datetime.fromtimestamp(time, zone or UTC)
    return moment.strftime(("%Y-%m-%d %H:%M" if with_day else "%H:%M") + " %Z" * named)


def duration(seconds: float) -> str:
    """Return a length of time in one or two units: 40 s, 12 min, 2 h, 3 days."""
    if seconds < 1:
        return "under 1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5_400:
        return f"{seconds / 60:.0f} min"
    if seconds < 129_600:
        hours = seconds / 3600
        return f"{hours:.0f} h" if hours >= 10 or abs(hours - round(hours)) < 0.05 else f"{hours:.1f} h"
    return f"{seconds / 86_400:.0f} days"


def _time_buckets(times: Sequence[float], extent: Extent, zone: tzinfo | None) -> tuple[Bucket, ...]:
    ordered = sorted(times)
    first = ordered[0] if extent.first is None else min(ordered[0], extent.first)
    last = ordered[-1] if extent.last is None else max(ordered[-1], extent.last)
    width = (last - first) / BUCKETS or 1.0
    inner = [bisect_left(ordered, i, key=lambda time: int((time - first) / width)) for i in range(1, BUCKETS)]
    bounds = pairwise([0, *inner, len(ordered)])
    return tuple(
        Bucket(iso(first + width * i, zone) or "", end - begin) for i, (begin, end) in enumerate(bounds)
    )


def _line_buckets(firsts: Sequence[Hit], starts: Sequence[int]) -> tuple[Bucket, ...]:
    width = max(starts[-1] / BUCKETS, 1.0)
    counts = [0] * BUCKETS
    for hit in firsts:
        counts[min(int((starts[hit.source] + hit.line - 1) / width), BUCKETS - 1)] += 1
    return tuple(Bucket(f"line {int(width * i) + 1}", count) for i, count in enumerate(counts))
