"""What was found out about units and their events once, to be taken over for all that are equal: as columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from logscope.events.text.entries import json_inside
from logscope.model import Captures
from logscope.scan.answers import Answer, Matched
from logscope.scan.bulk.columns import Column
from logscope.scan.bulk.masks import NO_DIGITS, VARIES

if TYPE_CHECKING:
    from logscope.events import Event

_WORD_BYTES = bytes(byte for byte in range(128) if chr(byte).isalnum() or byte == ord("_"))
_ANYTHING, _NO_WORD = re.compile(b""), re.compile(rb"(?![0-9A-Za-z_])")
_UNIT = re.compile(rb"(?:[0-9]{3}\s?ms|[A-Za-z]{0,12})(?![0-9A-Za-z_])")
NO_TIME, FIXED, BORROWED, FOLLOWS = -1, -2, -3, -4
"""In place of where an event's time stands: it has none, one of its own that is known, one from its neighbours, that of
the row before it."""


class Said(NamedTuple):
    """Where an event's logger begins and ends, and its message."""

    logger: int
    logger_end: int
    message: int
    message_end: int
    quoted: bool = False
    """The message is written as a JSON string is."""


ALIKE = Said(0, 0, 0, 0)
"""In place of that: these tell the same layer in all events that are alike."""
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
    """Where its time stands, from its first byte; or NO_TIME, FIXED, BORROWED, FOLLOWS."""
    way: int
    """Which of the ways of writing times it uses."""
    captured: tuple[Captured, ...]
    """By slot that holds."""
    said: Said = ALIKE
    """Where logger and message begin and end, where the layer that these tell differs from unit to unit."""

    def layered(self, item: Matched) -> bool:
        """Whether a hit's layer is told by these."""
        return self.said != ALIKE and "|" in item.layer


class Masked(NamedTuple):
    """A unit, once masked."""

    line: int
    """Its first line, by its place in the block."""
    start: int
    """Its first byte in the block."""
    text: bytes
    masked: bytes

    def place_of(self, start: int, raw: bytes) -> int | None:
        """Return where in the unit an event stands that starts at a byte of the block; None where others stand in
        it."""
        place = start - self.start
        return place if place >= 0 and self.text.startswith(raw, place) else None


class Known:
    """Units, each with its events, each with what matched. Numbers are places in the columns of the next level."""

    def __init__(self) -> None:
        self.events_from, self.events = Column(), Column()
        """By unit: its first event, and how many."""
        self.first, self.last, self.time_at, self.ways = Column(), Column(), Column(), Column()
        self.hits_from, self.hits, self.error, self.server_error = Column(), Column(), Column(), Column()
        """By event: see `Seen`; its first hit, and how many; whether it is an error, and a server's."""
        self.seen: list[Seen] = []
        self.slot, self.varies, self.layered = Column(), Column(), Column()
        """By hit: its slot, whether some captures differ from unit to unit, and whether its layer does."""
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
                self.layered.values.append(event.layered(item))
                self.matched.append((item, captured))
            self.seen.append(event)
        return len(self.events.values) - 1


def located(seen: Seen, raw: bytes, varying: bytes) -> Seen | None:
    """Return what was found out of an event with the places of its captures; None when these cannot be told."""
    found = [captured_in(raw, item.captures, varying) for item in seen.answer.matched]
    told = tuple(item for item in found if item is not None)
    return seen._replace(captured=told) if len(told) == len(found) else None


def captured_in(raw: bytes, captures: Captures, varying: bytes) -> Captured | None:
    """Return where the captures of an event stand that differ in events like it, VARIES in `varying` being what does;
    None when that cannot be told."""
    found: list[tuple[Place, ...]] = []
    for _, value in captures:
        places = standing(value, raw)
        if not places and any(map(str.isdigit, value)):
            return None
        varies = [place for place in places if VARIES in varying[slice(*place)]]
        told = len(varies) < len(places)  # which of them is meant nobody knows: they must stay as they are
        found.append(tuple((begin, end, raw[begin:end] if told else b"") for begin, end in varies))
    return tuple(found)


def standing(value: str, raw: bytes) -> list[tuple[int, int]]:
    """Return where a value stands that is no piece of a longer word; a number may have its unit behind it, or be one
    of seconds where `20000ms` are told."""
    if not value:
        return []
    text = value.encode("utf-8", "replace")
    before = _WORD_BYTES if value[0].isalnum() else b""
    behind = _UNIT if value[-1].isdecimal() else _NO_WORD if value[-1].isalnum() else _ANYTHING
    found: list[tuple[int, int]] = []
    start = raw.find(text)
    while start >= 0:
        end = start + len(text)
        whole = not (start and raw[start - 1] in before) and behind.match(raw, end)
        if whole:
            found.append((start, end))
        start = raw.find(text, end if whole else start + 1)
    return found


def moved(seen: Seen, place: Callable[[int], int]) -> Seen:
    """Return what was found out of an event as it is told of one whose places are other ones."""
    captured = tuple(
        tuple(tuple((place(begin), place(end), told) for begin, end, told in places) for places in item)
        for item in seen.captured
    )
    logger, logger_end, message, message_end = map(place, seen.said[:4])
    return seen._replace(
        time_at=place(seen.time_at) if seen.time_at >= 0 else seen.time_at,
        captured=captured,
        said=seen.said
        if seen.said == ALIKE
        else Said(logger, logger_end, message, message_end, seen.said.quoted),
    )


def said_in(event: Event, varying: bytes) -> Said | None:
    """Return where an event's logger and message stand, ALIKE where they are the same in events like it; None when
    that cannot be told. `varying` as for `captured_in`."""
    if not event.message and not event.logger:
        return ALIKE  # a traceback alone
    raw, told = event.raw, event.message.partition("\n")[0]
    ways = [told.encode("utf-8", "replace"), *(json_inside(told, to_ascii) for to_ascii in (False, True))]
    way, message = next(((way, text) for way, text in enumerate(ways) if text in raw), (0, b""))
    at = raw.find(message)
    if not message or raw.find(message, at + 1) >= 0:
        return None
    named = standing(event.logger, raw[:at]) or standing(event.logger, raw)
    if (event.logger and not named) or (
        len(named) > 1 and any(VARIES in varying[slice(*place)] for place in named)
    ):
        return None
    begin, end = named[0] if named else (0, 0)
    same = VARIES not in varying[begin:end] and VARIES not in varying[at : at + len(message)]
    return ALIKE if same else Said(begin, end, at, at + len(message), way > 0)


def named_alike(event: Event, varying: bytes, blanked: bytes) -> bool:
    """Whether an error that no rule explains is called the same where unknown words and numbers differ, too: by its
    exception, or where only numbers differ, which are no part of what it is called."""
    text = (
        event.exception.message.partition("\n")[0].encode("utf-8", "replace")
        if event.exception
        else event.raw
    )
    at = event.raw.find(text)
    place = slice(at, at + len(text))
    same = varying[place].translate(NO_DIGITS) == blanked[place].translate(NO_DIGITS)
    return bool(text) and at >= 0 and same


def shared(first: Seen, other: Seen) -> tuple[Captured, ...] | None:
    """Return where the captures of two events stand that are told alike: in one of them the same text may by chance
    stand elsewhere, too. None where that cannot be."""
    slots: list[Captured] = []
    for item, own_slot, other_item, other_slot in zip(
        first.answer.matched, first.captured, other.answer.matched, other.captured, strict=True
    ):
        slot: list[tuple[Place, ...]] = []
        for pair, own, other_pair, elsewhere in zip(
            item.captures, own_slot, other_item.captures, other_slot, strict=True
        ):
            places = _in_both(own, elsewhere)
            if places is None or (not places and pair != other_pair):
                return None
            slot.append(places)
        slots.append(tuple(slot))
    return tuple(slots)


def _in_both(own: tuple[Place, ...], other: tuple[Place, ...]) -> tuple[Place, ...] | None:
    """Where a capture stands in both events; a text that must stay as it is need not, as it stands elsewhere."""
    texts = {(begin, end): text for begin, end, text in other}
    both = tuple(
        (begin, end, text if text == texts[begin, end] else b"")
        for begin, end, text in own
        if (begin, end) in texts
    )
    return None if not both and any(not text for *_, text in (*own, *other)) else both


def essence(seen: Seen) -> tuple[object, ...]:
    """Return what has to be the same in events that are told alike, but for where their captures stand."""
    matched = [
        (item.slot, [name for name, _ in item.captures], "|" if seen.layered(item) else item.layer)
        for item in seen.answer.matched
    ]
    flags = seen.answer.error if not matched else bool(seen.answer.error), seen.answer.server_error
    return seen.first, seen.last, seen.time_at, seen.way, seen.said, matched, flags
