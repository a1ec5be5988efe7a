"""What was found out about units and their events once, to be taken over for all that are equal: as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from logscope.model import Captures
from logscope.scan.answers import Answer, Matched
from logscope.scan.bulk.columns import Column
from logscope.scan.bulk.masks import Masks
from logscope.scan.likeness import standing

NO_TIME, FIXED, BORROWED = -1, -2, -3
"""In place of where an event's time stands: it has none, one of its own that is known, one from its neighbours."""
Place = tuple[int, int, bytes]
"""Where something begins and ends in an event, from its first byte; and what must stand there, empty for anything."""
Captured = tuple[tuple[Place, ...], ...]
"""By capture: where it stands, everywhere the same text, or what it is told by; nothing where it does not vary."""


class Seen(NamedTuple):
    """One event that the rules were asked of."""

    first: int
    """Its first line, from the unit's first."""
    last: int
    answer: Answer
    time_at: int
    """Where its time stands, from its first byte; or NO_TIME, FIXED, BORROWED."""
    way: int
    """Which of the ways of writing times it uses."""
    captured: tuple[Captured, ...]
    """By slot that holds."""


class Known:
    """Units, each with its events, each with what matched. Numbers are places in the columns of the next level."""

    def __init__(self) -> None:
        self.events_from, self.events = Column(), Column()
        """By unit: its first event, and how many."""
        self.first, self.last, self.time_at, self.ways = Column(), Column(), Column(), Column()
        self.hits_from, self.hits, self.error, self.server_error = Column(), Column(), Column(), Column()
        """By event: see `Seen`; its first hit, and how many; whether it is an error, and a server's."""
        self.seen: list[Seen] = []
        self.slot, self.varies = Column(), Column()
        """By hit: its slot, and whether some captures differ from unit to unit."""
        self.matched: list[tuple[Matched, Captured]] = []

    def add(self, events: Sequence[Seen]) -> int:
        """Add a unit and return its number."""
        self.events_from.values.append(len(self.seen))
        self.events.values.append(len(events))
        for event in events:
            self.first.values.append(event.first)
            self.last.values.append(event.last)
            self.time_at.values.append(event.time_at)
            self.ways.values.append(event.way)
            self.hits_from.values.append(len(self.matched))
            self.hits.values.append(len(event.answer.matched))
            self.error.values.append(bool(event.answer.error))
            self.server_error.values.append(event.answer.server_error)
            for item, captured in zip(event.answer.matched, event.captured, strict=True):
                self.slot.values.append(item.slot)
                self.varies.values.append(any(captured))
                self.matched.append((item, captured))
            self.seen.append(event)
        return len(self.events.values) - 1


def captured_in(raw: bytes, captures: Captures, masks: Masks) -> Captured | None:
    """Return where the captures of an event stand that differ in events like it; None when that cannot be told."""
    if not captures:
        return ()
    varying = masks.masked(raw.replace(b"0", b"1"))  # now a 0 is what varies
    found: list[tuple[Place, ...]] = []
    for _, value in captures:
        places = standing(value, raw)
        if not places and any(map(str.isdigit, value)):
            return None
        varies = [place for place in places if b"0" in varying[slice(*place)]]
        told = len(varies) < len(places)  # which of them is meant nobody knows: they must stay as they are
        found.append(tuple((begin, end, raw[begin:end] if told else b"") for begin, end in varies))
    return tuple(found)
