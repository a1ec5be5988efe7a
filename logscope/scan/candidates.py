"""Which events of a block the rules are asked of: the prefilter's finds, folded into events, each with the slots (one
per condition of a rule) that watch for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from sys import maxsize
from typing import TYPE_CHECKING

from logscope.events import Folder, Span, strip_colours
from logscope.events.text.rich import BOXED
from logscope.rulebook.prefilter import NUMBER_BITS, Prefilter
from logscope.scan.scanner import Scanner
from logscope.scan.searching import LocalSearch, is_plain, search

if TYPE_CHECKING:
    from logscope.scan.arrays import Ints

MANY_SIGNALS = 200
"""How often a signal's needle is looked at in all sources; it proves enough then."""
COMMON = 60_000
"""How often one is found until that has cost as much as a search without it costs to make."""
_CORNER = "╭".encode()
_NEAR = 1 << 12
"""Bytes before and behind a word in which the other words of its needle stand, however wide the rows are."""
_MANY_WORDS = 500
"""Words found at once from which on it pays to look first which others stand there at all."""
_WINDOWS, _WINDOW = 16, 1 << 14
"""Parts of a buffer in which what is found there is counted, and their bytes."""
Events = dict[int, tuple[Span, set[int], set[int]]]
"""By start: the event's place, the slots that watch it, the needles found in it."""


@cache
def _seeking(pattern: str) -> Prefilter:
    """What seeks one pattern, made once for all sources."""
    return Prefilter([pattern], [False])


class Candidates:
    """Searches the blocks of one source."""

    def __init__(self, scanner: Scanner, folder: Folder, wrapped: bool) -> None:
        """`wrapped` says that lines may be wrapped; else some handler's rows may show it later."""
        self._scanner = scanner
        self._folder = folder
        self.wrapped = wrapped
        """Whether single words are sought, as sentences may be broken."""
        self.inside = 0, maxsize
        """Between which offsets signals tell of the time that is asked for."""
        self._prefilter = scanner.prefilter(wrapped)
        self._splits = _seeking(folder.splits) if folder.splits else None
        self._exercised: set[str] = set()

    @property
    def exercised(self) -> frozenset[str]:
        """The literals of checks that were seen."""
        return frozenset(self._exercised)

    @property
    def saturated(self) -> frozenset[int]:
        """Signals (by rule) that were found so often, here or before, that further ones were not looked at."""
        scanner = self._scanner
        return frozenset(
            scanner.rule_of[slot] for needle in self._enough() for slot in scanner.watchers[needle]
        )

    def estimate(self, buffer: bytearray, lo: int, hi: int) -> int:
        """Return about how often something is found in buffer[lo:hi], but for what only signals want; told by parts."""
        step = max((hi - lo) // _WINDOWS, _WINDOW)
        failures = self._scanner.failures(self.wrapped)
        with memoryview(buffer) as view:
            count = sum(len(failures.codes(view[at : min(at + _WINDOW, hi)])) for at in range(lo, hi, step))
        return count * step // _WINDOW

    def events(self, buffer: bytearray, lo: int, hi: int) -> Events:
        """Return the events of buffer[lo:hi] that the rules are to be asked of."""
        ansi = self._folder.layout.ansi
        found = search(self._prefilter, buffer, lo, hi, ansi)
        if not self.wrapped and self._is_row(buffer, lo, hi, found):
            self.wrapped = True
            self._prefilter = self._scanner.prefilter(wrapped=True)
            found = search(self._prefilter, buffer, lo, hi, ansi)
        if not self.wrapped and any(number == self._scanner.box for _, number in found):
            found = sorted([*found, *self._boxed(buffer, lo, hi)])
        if self.wrapped and len(found) > _MANY_WORDS:
            possible = self._possible(buffer, lo, hi, {number for _, number in found})
            found = [item for item in found if item[1] in possible]
        events = self._grouped(buffer, lo, hi, found)
        self._leave_out()
        if self.wrapped:
            events = self._whole(buffer, events)
        self._add_joined(buffer, lo, hi, events)
        return events

    def splits(self, buffer: bytearray, lo: int, hi: int) -> list[int]:
        """Return where buffer[lo:hi] shows that a collector split a line."""
        if self._splits is None or lo >= hi:
            return []
        return [place for place, _ in search(self._splits, buffer, lo, hi, False)]

    def matches(self, buffer: bytearray, lo: int, hi: int) -> tuple[Ints, Ints] | None:
        """Return (places, needles) of what the rules are to be asked of in buffer[lo:hi], in order.

        None where lines are coloured of a sudden, or show of a sudden that they may be wrapped. Of wrapped ones a word
        is found: `whole` says what of it counts.
        """
        import numpy as np

        ansi = self._folder.layout.ansi
        if not (ansi or is_plain(buffer, lo, hi, ansi)):
            return None
        places, needles = self._found(buffer, lo, hi, ansi)
        if self.wrapped and len(needles) > _MANY_WORDS:
            possible = self._possible(buffer, lo, hi, set(needles.tolist()))
            own = np.isin(needles, list(possible))
            places, needles = places[own], needles[own]
        known = len(self._scanner.watchers)
        once = needles >= known
        for number in needles[once].tolist():
            if number >= self._scanner.row and self.wrapped:
                continue
            if number == self._scanner.row:
                return None
            if number == self._scanner.box:
                boxed = np.array(self._boxed(buffer, lo, hi), np.int64).reshape(-1, 2)
                places, needles = np.append(places, boxed[:, 0]), np.append(needles, boxed[:, 1])
                order = np.lexsort((needles, places))
                places, needles = places[order], needles[order]
                once = needles >= known
            else:
                self._exercised.add(self._scanner.presence[number - known])
        wanted = ~once
        begin, end = self.inside
        for needle in self._scanner.signal_needles.intersection(needles.tolist()):
            own = needles == needle
            at = np.flatnonzero(own & (begin <= places) & (places < end))
            wanted[own] = False
            wanted[at[: self._count(needle, len(at))]] = True
        self._leave_out()
        return places[wanted], needles[wanted]

    def _found(self, buffer: bytearray, lo: int, hi: int, ansi: bool) -> tuple[Ints, Ints]:
        """Return (places, numbers) of everything that the prefilter finds in buffer[lo:hi], in order."""
        import numpy as np

        if ansi:
            found = np.array(search(self._prefilter, buffer, lo, hi, ansi), np.int64).reshape(-1, 2)
            return found[:, 0], found[:, 1]
        with memoryview(buffer) as view, view[lo:hi] as part:
            codes = np.array(self._prefilter.codes(part), np.int64)
        return (codes >> NUMBER_BITS) + lo, codes & ((1 << NUMBER_BITS) - 1)

    def near(self, slot: int) -> LocalSearch:
        """Return what finds a lazy slot, and those looked up with it, in the bytes around a hit."""
        return self._scanner.lazies.search(slot, self.wrapped)

    def ends(self, rule: int) -> LocalSearch:
        """Return what finds what ends an incident of a rule."""
        return self._scanner.lazies.ends(rule, self.wrapped)

    def _is_row(self, buffer: bytearray, lo: int, hi: int, found: Sequence[tuple[int, int]]) -> bool:
        """Whether a handler that wraps its rows writes here, too: formats may be mixed within a source."""
        place = next((place for place, number in found if number == self._scanner.row), -1)
        if place < 0:
            return False
        return self._folder.event(buffer, self._folder.find(buffer, place, lo, hi), 0).format == "rich"

    def _boxed(self, buffer: bytearray, lo: int, hi: int) -> list[tuple[int, int]]:
        """What the prefilter would find in buffer[lo:hi] but for the width at which rich breaks the messages below
        its boxes: (place of the box, needle), in order."""
        more: list[tuple[int, int]] = []
        seen: set[int] = set()
        at = buffer.find(_CORNER, lo, hi)
        while at >= 0:
            span = self._folder.find(buffer, at, lo, hi)
            if span.start not in seen:
                seen.add(span.start)
                text = self._folder.event(buffer, span, 0).text
                more += [(at, needle) for needle in self._broken(text)] if BOXED in text else []
            at = buffer.find(_CORNER, at + 1 if span.pieces else max(span.end, at + 1), hi)
        return more

    def _broken(self, text: str) -> list[int]:
        """The needles that only ends of lines keep from being found."""
        raw, known = text.encode(), len(self._scanner.watchers)
        failures = self._scanner.failures(self.wrapped)
        whole, lines = (
            {number for _, number in failures.scan(memoryview(part)) if number < known}
            for part in (raw.replace(b" \n", b" ").replace(b"\n", b" "), raw)
        )
        return sorted(whole - lines)

    def _count(self, needle: int, more: int) -> int:
        """Count a signal's needle so many times more; return how many of these are still to be looked at."""
        before = self._scanner.signals_found[needle]
        self._scanner.signals_found[needle] += more
        return max(min(MANY_SIGNALS - before, more), 0)

    def _leave_out(self) -> None:
        """Seek no more what only signals want and they have seen enough of, once the logs are full of some of it."""
        scanner = self._scanner
        if any(
            count > COMMON and needle not in scanner.left_out
            for needle, count in scanner.signals_found.items()
        ):
            scanner.left_out = frozenset(self._enough())
            self._prefilter = scanner.prefilter(self.wrapped)

    def _enough(self) -> list[int]:
        """The needles of signals that were found so often that further ones are not looked at."""
        return [needle for needle, count in self._scanner.signals_found.items() if count > MANY_SIGNALS]

    def _possible(self, buffer: bytearray, lo: int, hi: int, numbers: Iterable[int]) -> set[int]:
        """Leave of needles of which a word was found those whose other words stand in buffer[lo:hi] at all: healthy
        rows are full of the one or the other."""
        prefilter, others = self._scanner.other_words
        stand = {number for _, number in search(prefilter, buffer, lo, hi, self._folder.layout.ansi)}
        known = len(self._scanner.watchers)
        return {number for number in numbers if number >= known or stand.issuperset(others[number])}

    def _grouped(self, buffer: bytearray, lo: int, hi: int, found: Sequence[tuple[int, int]]) -> Events:
        """Fold what was found into events."""
        watchers, find, known = self._scanner.watchers, self._folder.find, len(self._scanner.watchers)
        signal_needles = self._scanner.signal_needles
        events: Events = {}
        start = end = near_at = -1
        near = b""
        watching: set[int] = set()
        needles: set[int] = set()
        for place, needle in found:
            if needle >= known:
                if needle < self._scanner.row:
                    self._exercised.add(self._scanner.presence[needle - known])
                continue
            if needle in signal_needles:
                inside = self.inside[0] <= place < self.inside[1]
                if not (inside and self._count(needle, 1)):
                    continue
            if not start <= place < end:
                if self.wrapped and self._scanner.others[needle]:
                    if place != near_at:  # the same word is sought for many needles
                        near_at, near = place, self._near(buffer, place)
                    if not all(word in near for word in self._scanner.others[needle]):
                        continue
                span = find(buffer, place, lo, hi)
                if span.start in events:
                    _, watching, needles = events[span.start]
                else:
                    watching, needles = set(), set()
                    events[span.start] = (span, watching, needles)
                start, end = (-1, -1) if span.pieces else (span.start, span.end)
            if needle not in needles:
                needles.add(needle)
                watching.update(watchers[needle])
        return events

    def _near(self, buffer: bytearray, place: int) -> bytes:
        """What stands near the byte at `place`, in small letters: an event costs more to be folded."""
        begin, end = max(place - _NEAR, 0), place + _NEAR
        near = bytes(buffer[begin:end])
        plain = is_plain(buffer, begin, end, self._folder.layout.ansi)
        return (near if plain else strip_colours(near)).lower()

    def _whole(self, buffer: bytearray, events: Events) -> Events:
        """Keep the events that hold whole needles."""
        watchers = self._scanner.watchers
        kept: Events = {}
        for start, (span, _, found) in events.items():
            needles = self.whole(buffer, span, found)
            if needles:
                watching = {slot for needle in needles for slot in watchers[needle]}
                kept[start] = (span, watching, needles)
        return kept

    def whole(self, buffer: bytearray, span: Span, needles: set[int]) -> set[int]:
        """Of needles found in an event, of each of which perhaps one word was sought: those whose other words are in it
        as well."""
        if not (self.wrapped and needles):
            return needles
        return self._with_others(strip_colours(bytes(buffer[span.start : span.end])), needles)

    def _with_others(self, text: bytes, needles: set[int]) -> set[int]:
        low, others = text.lower(), self._scanner.others
        return {needle for needle in needles if all(word in low for word in others[needle])}

    def _add_joined(self, buffer: bytearray, lo: int, hi: int, events: Events) -> None:
        """Add what shows only once the parts of a line are joined: a collector may part any word."""
        scanner = self._scanner
        seen: set[int] = set()
        for place in self.splits(buffer, lo, hi):
            span = self._folder.find(buffer, place, lo, hi)
            if span.start in seen:
                continue
            seen.add(span.start)
            text = self._folder.event(buffer, span, 0).text.encode("utf-8", "replace")
            numbers = {number for _, number in self._prefilter.scan(memoryview(text))} - {scanner.row}
            needles = {number for number in numbers if number < len(scanner.watchers)}
            self._exercised.update(
                scanner.presence[number - len(scanner.watchers)] for number in numbers - needles
            )
            if self.wrapped:
                needles = self._with_others(text, needles)
            if needles:
                _, watching, found = events.setdefault(span.start, (span, set(), set()))
                found |= needles
                watching.update(slot for needle in needles for slot in scanner.watchers[needle])
