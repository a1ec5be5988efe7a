"""What scanning one source gives: hits, the events kept of them, and everything that is only counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from logscope.events import Event, Layout
from logscope.model import Captures, Hit, Note, Parts, TimeQuality, place_in
from logscope.options import ScanOptions
from logscope.packed import FoundHits
from logscope.scan.duplicates import Duplicates

if TYPE_CHECKING:
    from logscope.scan.arrays import Bools, Floats

KEEP_FIRST, KEEP_LAST = 12, 4
"""Events kept whole per rule, role and source; all others are only counted."""
MAX_SHAPES = 500
"""Shapes of unexplained errors told apart per source; further ones are counted together."""
MAX_CUTS = 20
"""Notes per source of what was not read whole."""


class Kept(NamedTuple):
    """An event that is kept as bytes, until somebody wants to read it."""

    line: int
    last_line: int
    raw: bytes
    time: float | None
    quality: TimeQuality
    stream: str


Place = tuple[int, str, int]
"""Rule, role and first line of a kept event."""


class ShapeCount(Struct, frozen=True):
    """Error events of one shape: how many, and the first and last of them."""

    shape: str
    count: int
    first: Event
    last: Event


class SourceScan(Struct, frozen=True):
    """Everything the later stages need of one source."""

    source: int
    parts: Parts
    """The files that it was read from; all line numbers count through them."""
    layout: Layout
    encoding: str
    bytes: int
    lines: int
    blank: bool
    """Its first lines are blank, all of them."""
    hits: FoundHits
    events: Mapping[Place, Event]
    """The first and last events of each rule and role."""
    saturated: frozenset[int]
    """Signals (by rule) of which there are more than were counted."""
    unexplained: tuple[ShapeCount, ...]
    """Error events that no rule matched, by their shape."""
    error_events: int
    examined: int
    requests: int
    requests_5xx: int
    exercised: frozenset[str]
    first_time: float | None
    last_time: float | None
    events_without_time: int
    events_outside: int
    """Examined, and outside of --since and --until."""
    notes: tuple[Note, ...]
    document: bool = False
    """It is no log as a whole: nothing in it has happened."""


class Keeper:
    """Keeps the first and last events per rule and role, and forgets those in between."""

    def __init__(self) -> None:
        self.events: dict[Place, Event | Kept] = {}
        self._first: dict[tuple[int, str], int] = {}
        self._last: dict[tuple[int, str], deque[Place]] = {}

    def keep(self, rule: int, role: str, event: Event | Kept) -> None:
        """Keep the event, perhaps in place of an earlier one."""
        place = (rule, role, event.line)
        if place in self.events:
            return
        key = (rule, role)
        kept = self._first.get(key, 0)
        if kept < KEEP_FIRST:
            self._first[key] = kept + 1
        else:
            last = self._last.setdefault(key, deque())
            last.append(place)
            if len(last) > KEEP_LAST:
                del self.events[last.popleft()]
        self.events[place] = event


class Tally:
    """Takes down what is found in one source."""

    def __init__(
        self, number: int, name: str, parts: Parts, options: ScanOptions, duplicates: Duplicates
    ) -> None:
        """`parts` are the files that the source has been read from so far."""
        self.number = number
        self.lines = self.bytes = self.examined = self.requests = self.server_errors = self.errors = 0
        self.blank = False
        self.notes: list[Note] = []
        self._name = name
        self._files = parts
        self.bounds = self._since, self._until = options.since, options.until
        self._duplicates = duplicates
        self._hits = FoundHits()
        self._keeper = Keeper()
        self._shapes: dict[str, tuple[int, Event | Kept, Event | Kept]] = {}
        self._without_time = self._outside = self._cuts = 0
        self._first_time: float | None = None
        self._last_time: float | None = None

    def inside(self, time: float | None) -> bool:
        """Whether --since and --until admit an event of that time, or without one."""
        if time is None:
            return True
        return (self._since is None or time >= self._since) and (self._until is None or time <= self._until)

    def admits(self, event: Event) -> bool:
        """Whether --since and --until admit the event; one without time is admitted and counted."""
        time = event.time
        if time is None:
            self._without_time += self._since is not None or self._until is not None
            return True
        self.span((time,))
        inside = self.inside(time)
        self._outside += not inside
        return inside

    def admit_all(self, times: Floats, new: Bools) -> Bools:
        """Say the same of many events by their times, NaN without one; only the new ones are counted."""
        import numpy as np

        timeless = np.isnan(times)
        if not timeless.all():
            self.span((float(np.nanmin(times)), float(np.nanmax(times))))
        inside = np.ones(len(times), np.bool_)
        if self._since is not None:
            inside &= timeless | (times >= self._since)
        if self._until is not None:
            inside &= timeless | (times <= self._until)
        if self._since is not None or self._until is not None:
            self._without_time += int(np.count_nonzero(timeless & new))
        self._outside += int(np.count_nonzero(~inside & new))
        return inside

    def span(self, times: Iterable[float]) -> None:
        """Let the source's time reach up to these."""
        for time in times:
            if self._first_time is None or time < self._first_time:
                self._first_time = time
            if self._last_time is None or time > self._last_time:
                self._last_time = time

    def cut(self, line: int, text: str) -> None:
        """Note what is not read whole, once per place, and not without end."""
        name, line = place_in(self._files, line)
        note = Note(f"{name}:{line}", "cut", text)
        if self._cuts < MAX_CUTS and note not in self.notes[-1:]:
            self._cuts += 1
            self.notes.append(note)

    def hit(self, event: Event, rule: int, role: str, layer: str, fresh: bool, captures: Captures) -> None:
        """Take a hit down, and keep its event where it is among the first or last."""
        hit = self.hit_of(event, rule, role, layer, captures, fresh)
        self.add([hit])
        self.keep(hit, event)

    def hit_of(
        self, event: Event, rule: int, role: str, layer: str, captures: Captures, fresh: bool = False
    ) -> Hit:
        """Return a hit in the event."""
        time, quality = event.time, event.time_quality
        place = self.number, event.line, event.last_line
        return Hit(rule, role, *place, time, quality, event.stream, layer, fresh, captures, event.around)

    def add(self, hits: Iterable[Hit]) -> None:
        """Take hits down whose events are kept by the caller."""
        self._hits.add(self._duplicates.without(hits))

    def keep(self, hit: Hit, event: Event | Kept) -> None:
        """Keep a hit's event where it is among the first or last."""
        self._keeper.keep(hit.rule, hit.role, event)

    def error(self, event: Event, name: str, matched: bool) -> None:
        """Count an error event; one that no rule matched by its shape's name."""
        self.errors += 1
        if not matched:
            self.unmatched(name, 1, event, event)

    def unmatched(self, name: str, count: int, first: Event | Kept, last: Event | Kept) -> None:
        """Count error events of one shape that no rule matched."""
        if name not in self._shapes and len(self._shapes) >= MAX_SHAPES:
            name = "further errors"
        known = self._shapes.get(name)
        if known is None:
            self._shapes[name] = count, first, last
        else:
            self._shapes[name] = known[0] + count, known[1], last

    def result(
        self, layout: Layout, encoding: str, saturated: frozenset[int], exercised: frozenset[str]
    ) -> SourceScan:
        """Return everything, with what only those who searched know."""
        self._hits.pack()
        known: dict[int, Event] = {}  # one event of each that is kept, however often

        def read(event: Event | Kept) -> Event:
            if isinstance(event, Event):
                return event
            return known.setdefault(id(event), known_event(layout, self._name, event))

        return SourceScan(
            source=self.number,
            parts=tuple(self._files),
            layout=layout,
            encoding=encoding,
            bytes=self.bytes,
            lines=self.lines,
            blank=self.blank,
            hits=self._hits,
            events={place: read(event) for place, event in self._keeper.events.items()},
            saturated=saturated,
            unexplained=tuple(
                ShapeCount(name, count, read(first), read(last))
                for name, (count, first, last) in self._shapes.items()
            ),
            error_events=self.errors,
            examined=self.examined,
            requests=self.requests,
            requests_5xx=self.server_errors,
            exercised=exercised,
            first_time=self._first_time,
            last_time=self._last_time,
            events_without_time=self._without_time,
            events_outside=self._outside,
            notes=tuple(self.notes),
        )


def known_event(layout: Layout, source: str, kept: Kept) -> Event:
    """Return a kept event, to be read."""
    event = Event(layout, source, kept.line, kept.last_line, kept.raw, None)
    event.stream = kept.stream
    event.tell_time(kept.time, kept.quality)
    return event
