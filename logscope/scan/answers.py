"""Asks the rules of events. Of those that differ in ids, times and long numbers only, the first is asked; what rules
capture is read from each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from logscope.match.layers import RETRY, layer_of
from logscope.match.marks import marks_of
from logscope.model import Captures, Note
from logscope.rulebook.index import ERRORS, SERVER_ERRORS
from logscope.scan.errors import error_shape, is_error
from logscope.scan.scanner import Scanner

if TYPE_CHECKING:
    from logscope.events import Event

_LONGEST = 1 << 14
_MOST, _OVERHEAD = 1 << 23, 1 << 10
"""Bytes that what is remembered takes at most, about, and beside the events' text."""
_TRIAL, _WORTH = 1_000, 0.1


_Alike = tuple[bytes, frozenset[int]]
"""An event's text without what varies, and the slots that watch it."""


class Matched(NamedTuple):
    """A slot that holds for an event."""

    slot: int
    captures: Captures
    layer: str


class Answer(NamedTuple):
    """All that the rules, and the counting of errors, want to know of an event."""

    matched: tuple[Matched, ...]
    server_error: bool
    error: str
    """The event's shape where it is an error, empty otherwise."""


class Answers:
    """Asks the rules of one source's events, and remembers."""

    def __init__(self, scanner: Scanner, notes: list[Note]) -> None:
        """Ask with the scanner's rules; searches that run away are noted in `notes`."""
        self._notes = notes
        self._scanner = scanner
        self._varying = scanner.varying
        self._known: dict[tuple[_Alike, bool | None], Answer] = {}
        """By what is alike, and whether it is quoted, None where that makes no difference."""
        self._differing: set[_Alike] = set()
        """For which it does."""
        self._kept = self._asked = self._again = 0

    def of(self, event: Event, watching: set[int], needles: set[int]) -> Answer:
        """Return what holds for an event of the slots that watch it; `needles` are those found in it."""
        answer = self._of(event, watching, needles)
        event.settle()
        return answer

    def _of(self, event: Event, watching: set[int], needles: set[int]) -> Answer:
        raw = event.raw
        if len(raw) > _LONGEST or not self._worth_it():
            return self._ask_all(event, watching, needles)
        self._asked += 1
        alike = self._varying.sub(b"#", raw), frozenset(watching)
        known = self._known.get((alike, event.quoted if alike in self._differing else None))
        if known is not None:
            self._again += 1
            return known._replace(matched=tuple([self._anew(item, event, needles) for item in known.matched]))
        before = len(self._notes)
        answer = self._ask_all(event, watching, needles)
        if len(self._notes) == before and self._kept < _MOST:
            self._kept += len(alike[0]) + _OVERHEAD
            if event.weighed:
                self._differing.add(alike)
            self._known[alike, event.quoted if event.weighed else None] = answer
        return answer

    def _anew(self, item: Matched, event: Event, needles: set[int]) -> Matched:
        """The same of an event that is like the one it was asked of: its captures may differ."""
        asked = self.ask(item.slot, event, needles) if item.captures else None
        return item if asked is None else item._replace(captures=tuple(asked.items()))

    def ask(self, slot: int, event: Event, needles: set[int] | None = None) -> dict[str, str] | None:
        """Return the captures of a slot that holds, None when it does not; a search that runs away is noted."""
        scanner = self._scanner
        rule = scanner.rule_of[slot]
        if rule in scanner.off:
            return None
        captures: dict[str, str] = {}
        try:
            if scanner.roles[slot] == "announced" and event.exception is not None:
                return None  # it tells of a failure of its own
            if scanner.lazy[slot]:
                needles = None  # what it seeks, the prefilter may not
            if not scanner.test(slot)(event, captures, needles):
                return None
            if scanner.roles[slot] in ("primary", "also"):
                captures.update(scanner.told(rule, event))
            elif scanner.marked(slot, captures):
                captures.update(marks_of(event))
            return captures
        except TimeoutError:
            self._timed_out(rule, event)
            return None

    def layer(self, slot: int, event: Event) -> str:
        """Return the layer of an event as a rule sees it: an announced retry is none of its own."""
        rule = self._scanner.rule_of[slot]
        try:
            retries = self._scanner.roles[slot] in ("primary", "also") and self._scanner.retries(rule, event)
        except TimeoutError:
            self._timed_out(rule, event)
            retries = False
        return RETRY if retries else layer_of(event)

    def _timed_out(self, rule: int, event: Event) -> None:
        """Note it; a rule that is switched off for it answers no more, not even from memory."""
        self._notes += self._scanner.timed_out(rule, event)
        if rule in self._scanner.off:
            self._known.clear()
            self._differing.clear()
            self._kept = 0

    def _worth_it(self) -> bool:
        """Whether events repeat often enough here for the comparing to pay."""
        return self._asked < _TRIAL or self._again > self._asked * _WORTH

    def _ask_all(self, event: Event, watching: set[int], needles: set[int]) -> Answer:
        asked = [(slot, self.ask(slot, event, needles)) for slot in sorted(watching) if slot >= 0]
        return Answer(
            matched=tuple(
                [
                    Matched(slot, tuple(captures.items()), self.layer(slot, event))
                    for slot, captures in asked
                    if captures is not None
                ]
            ),
            server_error=SERVER_ERRORS in watching and event.failed,
            error=error_shape(event) if ERRORS in watching and is_error(event) else "",
        )
