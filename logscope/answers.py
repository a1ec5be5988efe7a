"""What the rules say of an event, asked once for all events that differ in nothing but long numbers, ids and times.

A log in trouble repeats itself: the same line of code writes the same text with another time and another request id.
Captures that hold such a part are read anew from every event.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from logscope.layers import RETRY, layer_of
from logscope.model import Note
from logscope.rulebook.index import ERRORS, SERVER_ERRORS
from logscope.scanner import Scanner, error_shape

if TYPE_CHECKING:
    from logscope.events import Event

_VARYING = re.compile(rb"[0-9](?:[0-9]{5,}|[0-9]*[A-Za-z_.:,-][0-9A-Za-z_.:,-]{3,})")
"""Times, addresses, ids, numbers of six digits and more; status and error codes are shorter and stay."""
_LONGEST = 1 << 14
_MOST = 20_000
_TRIAL, _WORTH = 1_000, 0.1


class Matched(NamedTuple):
    """A slot that holds for an event."""

    slot: int
    captures: dict[str, str]
    layer: str
    varies: bool
    """Its captures hold a part that differs from event to event."""


class Answer(NamedTuple):
    """All that the rules, and the counting of errors, want to know of an event."""

    matched: tuple[Matched, ...]
    server_error: bool
    error: str
    """The event's shape where it is an error, empty otherwise."""


class Answers:
    """Asks the rules of one source's events, and remembers."""

    def __init__(self, scanner: Scanner) -> None:
        self.notes: list[Note] = []
        self._scanner = scanner
        self._known: dict[tuple[bytes, frozenset[int]], Answer] = {}
        self._asked = self._again = 0

    def of(self, event: Event, watching: set[int], needles: set[int]) -> Answer:
        """Return what holds for an event of the slots that watch it; `needles` are those found in it."""
        if len(event.raw) > _LONGEST or not self._worth_it():
            return self._ask_all(event, watching, needles)
        key = (_VARYING.sub(b"#", event.raw), frozenset(watching))
        answer = self._known.get(key)
        self._asked += 1
        if answer is not None:
            self._again += 1
            return self._anew(answer, event, needles)
        before = len(self.notes)
        answer = self._ask_all(event, watching, needles)
        if len(self.notes) == before and len(self._known) < _MOST:
            self._known[key] = answer
        return answer

    def ask(self, slot: int, event: Event, needles: set[int] | None = None) -> dict[str, str] | None:
        """Return the captures of a slot that holds, None when it does not; a search that runs away is noted."""
        scanner = self._scanner
        rule = scanner.rule_of[slot]
        if rule in scanner.off:
            return None
        captures: dict[str, str] = {}
        try:
            if scanner.lazy[slot]:
                needles = None  # what it seeks, the prefilter may not
            return captures if scanner.test(slot)(event, captures, needles) else None
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
        self.notes += self._scanner.timed_out(rule, event)
        if rule in self._scanner.off:
            self._known.clear()

    def _worth_it(self) -> bool:
        """Whether events repeat often enough here for the comparing to pay."""
        return self._asked < _TRIAL or self._again > self._asked * _WORTH

    def _ask_all(self, event: Event, watching: set[int], needles: set[int]) -> Answer:
        matched = []
        for slot in sorted(watching):
            captures = self.ask(slot, event, needles) if slot >= 0 else None
            if captures is not None:
                varies = any(_VARYING.search(value.encode()) for value in captures.values())
                matched.append(Matched(slot, captures, self.layer(slot, event), varies))
        http = event.http if SERVER_ERRORS in watching else None
        return Answer(
            matched=tuple(matched),
            server_error=http is not None and http.side == "server",
            error=error_shape(event) if ERRORS in watching and _is_error(event) else "",
        )

    def _anew(self, answer: Answer, event: Event, needles: set[int]) -> Answer:
        """The known answer with the captures of this event."""
        if not any(item.varies for item in answer.matched):
            return answer
        matched = []
        for item in answer.matched:
            captures = self.ask(item.slot, event, needles) if item.varies else item.captures
            matched.append(item if captures is None else item._replace(captures=captures))
        return answer._replace(matched=tuple(matched))


def _is_error(event: Event) -> bool:
    """At level error or worse, or with a traceback (which at debug is no failure)."""
    return event.level in ("error", "critical") or (event.level != "debug" and event.exception is not None)
