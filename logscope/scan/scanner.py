"""The rule set made ready for scanning: compiled conditions and prefilters, shared by all sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from logscope.correlate import signals_told_apart
from logscope.events.text.rich import BOXED
from logscope.match.conditions import Filled, Test, compile_condition
from logscope.model import Note
from logscope.rulebook.cache import Cache
from logscope.rulebook.index import Index
from logscope.rulebook.needles import Needle
from logscope.rulebook.parts import step_of
from logscope.rulebook.prefilter import Prefilter
from logscope.rulebook.ruleset import RuleSet
from logscope.rulebook.usual import announces
from logscope.scan.lazy_slots import LazySlots
from logscope.scan.likeness import varying_parts

if TYPE_CHECKING:
    from logscope.events import Event

T = TypeVar("T")
TIMEOUTS_ALLOWED = 3
_TOLD: tuple[Literal["apart", "call"], ...] = ("apart", "call")
_ROW = Needle(
    (), False, r" {11}(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) +[^ ]|:\d\d\] (?:DEBUG|INFO|WARNING|ERROR) {2}"
)
"""What RichHandler's rows look like, whose text may be wrapped."""
_BOX = Needle((), False, re.escape(BOXED))


class Scanner:
    """The rule set made ready: compiled conditions and prefilters, shared by all sources."""

    def __init__(self, ruleset: RuleSet, cache: Cache | None) -> None:
        self.ruleset = ruleset
        self.tests: list[Test | None] = [None] * len(ruleset.slots)
        self._cache = cache
        self._prefilters: dict[tuple[bool, frozenset[int]], Prefilter] = {}
        """By whether lines may be wrapped, and the numbers of the needles."""
        self.presence = tuple(text for text, _ in ruleset.index.presence)
        self.row = len(ruleset.index.needles) + len(self.presence)
        """The number under which the prefilter reports a handler's row, once; before it those of `presence`."""
        self.box = self.row + 1
        """And that of a traceback in a box."""
        self.roles = tuple(slot.role for slot in ruleset.slots)
        self.rule_of = tuple(slot.rule for slot in ruleset.slots)
        self.lazy = tuple(slot.lazy for slot in ruleset.slots)
        self.lazies = LazySlots(ruleset, cache)
        self.signal_needles = _signal_needles(ruleset)
        """Needles that only signals watch, of which some are enough."""
        self._failure_needles = frozenset(range(self.box + 1)) - self.signal_needles
        self.signals_found: Counter[int] = Counter()
        """How often each of these was found, in all sources so far."""
        self.left_out: frozenset[int] = frozenset()
        """Those that are no longer sought."""
        self.watchers = ruleset.index.watchers
        self.off: set[int] = set()
        self._incident_tests: dict[tuple[int, str], Test | None] = {}
        self._made: dict[Callable[[Index, Cache | None], Any], Any] = {}
        self.timeouts: dict[int, int] = {}
        self.varying = varying_parts(ruleset.index.numbers)

    def made(self, make: Callable[[Index, Cache | None], T]) -> T:
        """Return what somebody makes of the index, once for all sources."""
        if make not in self._made:
            self._made[make] = make(self.ruleset.index, self._cache)
        found: T = self._made[make]
        return found

    def test(self, slot: int) -> Test:
        """The slot's condition, compiled at first use."""
        found = self.tests[slot]
        if found is None:
            found = self.tests[slot] = compile_condition(
                self.ruleset.slots[slot].condition, needles_of=self._needles_of
            )
        return found

    def _needles_of(self, key: str, value: str) -> frozenset[int] | None:
        """Needles of which one must have been found where one literal or pattern of a condition holds; None when the
        prefilter does not look for all of them."""
        needles = self.ruleset.index.pointed.get(f"{key} {value}")
        return None if needles is None else frozenset(needles)

    @cached_property
    def others(self) -> tuple[tuple[bytes, ...], ...]:
        """The words of each needle that are not sought in wrapped lines, in small letters."""
        needles = self.ruleset.index.needles
        return tuple(tuple(word.lower().encode() for word in needle.others()) for needle in needles)

    @cached_property
    def other_words(self) -> tuple[Prefilter, tuple[frozenset[int], ...]]:
        """What seeks, once each, all words that are not sought in wrapped lines; and by needle which of them it has."""
        words = sorted({word for own in self.others for word in own})
        numbers = {word: number for number, word in enumerate(words)}
        patterns = [re.escape(word.decode()) for word in words]
        prefilter = Prefilter(patterns, [True] * len(words), once=0, cache=self._cache)
        return prefilter, tuple(frozenset(map(numbers.__getitem__, own)) for own in self.others)

    def prefilter(self, wrapped: bool) -> Prefilter:
        """What seeks all needles but those left out, in lines as they are or in wrapped ones."""
        signals = self.signal_needles - self.left_out
        failures = self.failures(wrapped)
        return failures.beside(self._seeks(wrapped, signals)) if signals else failures

    def failures(self, wrapped: bool) -> Prefilter:
        """What seeks the needles that not only signals watch."""
        return self._seeks(wrapped, self._failure_needles)

    def _seeks(self, wrapped: bool, numbers: frozenset[int]) -> Prefilter:
        key = (wrapped, numbers)
        if key not in self._prefilters:
            index = self.ruleset.index
            needles = [*index.needles, *(needle for _, needle in index.presence), _ROW, _BOX]
            patterns = [needle.sought(wrapped) for needle in needles]
            folded = [needle.ignore_case for needle in needles]
            self._prefilters[key] = Prefilter(patterns, folded, len(index.needles), self._cache, numbers)
        return self._prefilters[key]

    def ends_test(self, rule: int) -> Test:
        """What ends an incident of a rule that says so."""
        test = self._incident_test(rule, "ends")
        assert test is not None
        return test

    def retries(self, rule: int, event: Event) -> bool:
        """Whether a hit of the rule announces another try of what failed."""
        test = self._incident_test(rule, "retries")
        return test is not None and test(event, {}, None)

    def marked(self, slot: int, captures: Filled) -> bool:
        """Whether what an event shows beside its message may tell whose it is: a session's step, of nobody's line."""
        detect = self.ruleset.rules[self.rule_of[slot]].detect
        return (
            step_of(self.roles[slot]) != ""
            and detect.outcomes is not None
            and captures.keys().isdisjoint(detect.like)
        )

    def told(self, rule: int, event: Event) -> Filled:
        """Return what tells whom a hit of the rule is about, and which call."""
        found: Filled = {}
        for part in _TOLD:
            captures: Filled = {}
            test = self._incident_test(rule, part, quoted=True)
            if test is not None and test(event, captures, None):
                found.update(captures)
        return found

    def _incident_test(
        self, rule: int, part: Literal["ends", "retries", "apart", "call"], quoted: bool = False
    ) -> Test | None:
        """A condition of the rule's incidents, compiled at first use; None where it has none."""
        key = rule, part
        if key not in self._incident_tests:
            detect = self.ruleset.rules[rule].detect
            condition = announces(detect) if part == "retries" else getattr(detect.incident, part)
            self._incident_tests[key] = (
                None
                if condition is None
                else compile_condition(condition, default_level=False, quoted=quoted)
            )
        return self._incident_tests[key]

    def timed_out(self, rule: int, event: Event) -> list[Note]:
        """Count a pattern that ran out of time; a rule that does so repeatedly is switched off for the run."""
        name = self.ruleset.rules[rule].id
        self.timeouts[rule] = self.timeouts.get(rule, 0) + 1
        text = f"rule {name}: a pattern ran out of time on this event, which was not matched against it"
        notes = [Note(f"{event.source}:{event.line}", "timeout", text)]
        if self.timeouts[rule] >= TIMEOUTS_ALLOWED and rule not in self.off:
            self.off.add(rule)
            text = f"switched off for the rest of the run after {TIMEOUTS_ALLOWED} timeouts"
            notes.append(Note(name, "switched-off", text))
        return notes


def _signal_needles(ruleset: RuleSet) -> frozenset[int]:
    """The needles that only signals watch that need not be told apart."""
    told_apart = signals_told_apart(ruleset.rules)
    signals = {
        number
        for number, slot in enumerate(ruleset.slots)
        if ruleset.rules[slot.rule].signal and ruleset.rules[slot.rule].id not in told_apart
    }
    return frozenset(
        number for number, slots in enumerate(ruleset.index.watchers) if slots and signals.issuperset(slots)
    )
