"""Searches around hits: for causes, for steps of sequences that healthy logs are full of, and for what shows that a
failure healed. Such *lazy* slots are not searched for everywhere, only in some bytes before and behind a hit, and no
byte is searched twice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from sys import maxsize
from typing import NamedTuple

from msgspec import Struct

from logscope.events import Event, Folder, Span
from logscope.model import Captures
from logscope.scan.answers import Answers
from logscope.scan.candidates import Candidates
from logscope.scan.scanner import Scanner
from logscope.scan.searching import LocalSearch

BACK, RUNS_BACK = 1 << 16, 1 << 19
"""Bytes before a hit in which causes and earlier steps are looked for; and before the first in a source for a sequence
that counts its runs."""
AHEAD, RUNS_AHEAD = 1 << 16, 1 << 22
"""Bytes behind it; and behind the first in a source for a sequence that counts its runs."""
_PART, _OVERLAP = 1 << 14, 1 << 8
"""Bytes searched in one go, for all slots that are looked up together, and around them for what straddles."""
_BEFORE = 20
"""Places before a hit at which a cause is looked at, the nearest first."""
_FOUND_PER_HIT, _STEPS_PER_HIT, _STEPS_AT_FIRST = 3, 12, 2_000
"""Events found for a lazy slot, per hit that asked: of any rule, of a sequence that counts its runs; and with a
source's first hit of what such a one counts by, or whose lack tells that a run has stopped."""
Inside = Callable[[float | None], bool]
"""Whether --since and --until admit an event of that time."""
Places = dict[int, list[int]]
"""By lazy slot: where it may hold, in order."""


class Found(NamedTuple):
    """A lazy slot that holds for an event."""

    span: Span
    event: Event
    slot: int
    captures: Captures
    layer: str


class _Lookup(Struct):
    """How far a lazy slot has been sought, up to where it is to be sought, and how many more are wanted."""

    done: int
    to: int = 0
    credit: int = 0


class Lookups:
    """The looking up in one source."""

    def __init__(
        self, scanner: Scanner, folder: Folder, answers: Answers, candidates: Candidates, inside: Inside
    ) -> None:
        self.asked = False
        """More is to be looked for than when `ahead` was last called."""
        self._scanner, self._lazies = scanner, scanner.lazies
        self._folder = folder
        self._answers = answers
        self._candidates = candidates
        self._inside = inside
        self._begin = self._lo = self._hi = 0
        self._looks: dict[int, _Lookup] = {}  # by lazy slot
        self._looked: dict[int, int] = {}  # lazy slot: up to where earlier looks went
        self._parts: dict[tuple[LocalSearch, int], Places] = {}  # what was found in parts of the block
        self._causes_sought: dict[int, int] = {}  # rule: hits around which its causes were looked for

    @property
    def pending(self) -> bool:
        """Whether more is to be looked for behind the hits so far."""
        return bool(self._looks)

    def block(self, begin: int, lo: int, hi: int) -> None:
        """Look within the block whose events stand from `lo` to `hi`, and in the bytes kept before it, from `begin`."""
        self._begin, self._lo, self._hi = begin, lo, hi
        self._parts.clear()

    def shift(self, offset: int) -> None:
        """Follow the bytes that are kept to their place in the next block."""
        for look in self._looks.values():
            look.done -= offset
            look.to -= offset
        self._looked = {slot: max(at - offset, 0) for slot, at in self._looked.items()}

    def ahead(self, buffer: bytearray, lo: int, hi: int) -> list[tuple[int, int]]:
        """Look behind the hits that asked, within buffer[lo:hi]; return (place, slot) of what was found."""
        self.asked = False
        found: list[tuple[int, int]] = []
        for slot, look in list(self._looks.items()):
            begin, end = max(look.done, lo), min(look.to, hi)
            places = self._places(buffer, slot, begin, end, look.credit)
            found += [(place, slot) for place in places]
            look.credit -= len(places)
            look.done = max(begin, end) if look.credit else places[-1] + 1
            if look.done >= look.to or not look.credit:
                del self._looks[slot]
                self._looked[slot] = look.done
        return found

    def _places(self, buffer: bytearray, slot: int, begin: int, end: int, most: int = maxsize) -> list[int]:
        """Return the first places from `begin` to `end`, `most` of them at most, at which a lazy slot may hold."""
        search = self._candidates.near(slot)
        places: list[int] = []
        at = begin
        while at < end and len(places) < most:
            part = at // _PART
            known = self._parts.get((search, part))
            found = (self._found(buffer, search, part) if known is None else known).get(slot)
            if found:
                places += found[bisect_left(found, begin) : bisect_left(found, end)]
            at = (part + 1) * _PART
        return places[:most]

    def _found(self, buffer: bytearray, search: LocalSearch, part: int) -> Places:
        """Find where in a part of the block slots may hold; where a collector splits lines also what shows only once
        the pieces are joined."""
        begin, end = max(part * _PART, self._begin), min((part + 1) * _PART, self._hi)
        near = max(begin - _OVERLAP, self._begin), min(end + _OVERLAP, self._hi)
        found = search.find(buffer, *near, self._folder.layout.ansi)
        joined = self._joined(buffer, search, begin, end)
        places: Places = {}
        for place, slot in sorted({*found, *joined}) if joined else found:
            if begin <= place < end:
                places.setdefault(slot, []).append(place)
        self._parts[search, part] = places
        return places

    def _joined(self, buffer: bytearray, search: LocalSearch, begin: int, end: int) -> list[tuple[int, int]]:
        """Return (place, slot) of what shows in buffer[begin:end] only once the pieces of lines are joined."""
        found: list[tuple[int, int]] = []
        seen: set[int] = set()
        for place in self._candidates.splits(buffer, begin, end):
            span = self._event_at(buffer, place)
            if span.start not in seen:
                seen.add(span.start)
                text = bytearray(self._folder.event(buffer, span, 0).text, "utf-8", "replace")
                found += {(place, slot) for _, slot in search.find(text, 0, len(text), False)}
        return found

    def _event_at(self, buffer: bytearray, place: int) -> Span:
        borders = (self._lo, self._hi) if place >= self._lo else (self._begin, self._lo)
        return self._folder.find(buffer, place, *borders)

    def may_ask(self, slot: int) -> bool:
        """Whether hits of a slot ever want something looked up."""
        scanner, lazies = self._scanner, self._lazies
        rule = scanner.rule_of[slot]
        return not scanner.lazy[slot] and (rule in lazies.steps or rule in lazies.causes)

    def wants(self, slot: int) -> bool:
        """Whether the next hit of such a slot does."""
        rule = self._scanner.rule_of[slot]
        return rule in self._lazies.steps or self._causes_sought.get(rule, 0) < self._lazies.most[rule]

    def around(
        self, buffer: bytearray, span: Span, line: int, slot: int, read: Callable[[], Event]
    ) -> Iterator[Found]:
        """Give what a hit's rule wants and finds in the event or before it; what lies behind it is sought later. `read`
        gives the event, whose first line is `line`."""
        lazies = self._lazies
        if not self.may_ask(slot):
            return
        rule = self._scanner.rule_of[slot]
        wanted = list(lazies.steps.get(rule, ()))
        sought = self._causes_sought.get(rule, 0)
        causes = [cause for cause in lazies.causes.get(rule, ()) if sought < lazies.limits[cause]]
        if causes:
            self._causes_sought[rule] = sought + 1
            event = read()
            for cause in causes:
                behind = cause in lazies.behind
                found = None if behind else self._holds(span, event, cause)
                if found is not None:
                    yield found
                elif lazies.needles.get(cause):
                    if not behind:
                        yield from self._back(buffer, span, line, cause, every=cause in lazies.several)
                    wanted.append(cause)
        for lazy in wanted:
            bounds = lazy in lazies.bounding
            idle = lazy not in self._looks
            fresh = idle and lazy not in self._looked
            first = bounds and fresh
            if bounds and idle:
                yield from self._back(buffer, span, line, lazy, RUNS_BACK if first else BACK, every=True)
            look = self._looks.setdefault(lazy, _Lookup(max(span.end, self._looked.get(lazy, 0))))
            look.to = max(look.to, span.end + (RUNS_AHEAD if first else AHEAD))
            many = _STEPS_AT_FIRST if fresh else _STEPS_PER_HIT
            look.credit += many if bounds or (fresh and lazy in lazies.usual) else _FOUND_PER_HIT
            self.asked = True

    def _holds(self, span: Span, event: Event, slot: int) -> Found | None:
        captures = self._answers.ask(slot, event)
        if captures is None:
            return None
        return Found(span, event, slot, tuple(captures.items()), self._answers.layer(slot, event))

    def _back(
        self, buffer: bytearray, span: Span, line: int, slot: int, reach: int = BACK, *, every: bool
    ) -> Iterator[Found]:
        """Look in the bytes before a hit for the nearest event that shows a cause, or for every one of a step."""
        begin = max(span.start - reach, self._looked.get(slot, 0) if every else 0, self._begin)
        last = span.start
        places = self._places(buffer, slot, begin, span.start)
        for place in reversed(places if every else places[-_BEFORE:]):
            if place >= last:
                continue
            other = self._event_at(buffer, place)
            last = other.start
            number = line - buffer.count(b"\n", other.start, span.start)
            found = self._holds(other, self._folder.event(buffer, other, number), slot)
            if found is not None and self._inside(found.event.time):
                yield found
                if not every:
                    return
