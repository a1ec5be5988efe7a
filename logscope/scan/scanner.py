"""The rule set made ready for scanning: compiled conditions and prefilters, shared by all sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from logscope.correlate import signals_told_apart
from logscope.counting import counted
from logscope.errors import UnfitError
from logscope.events import Colourless, Event, Layout, detect_layout
from logscope.events.formats import PLAIN
from logscope.match.conditions import Filled, Test, compile_condition
from logscope.model import Note
from logscope.options import ScanOptions
from logscope.rulebook.cache import Cache
from logscope.rulebook.index import Index, Slot
from logscope.rulebook.needles import Needle
from logscope.rulebook.parts import BEHIND, step_of
from logscope.rulebook.prefilter import Prefilter
from logscope.rulebook.rule import CauseEvidence, Outcomes
from logscope.rulebook.ruleset import RuleSet
from logscope.rulebook.usual import announces
from logscope.scan.likeness import varying_parts

if TYPE_CHECKING:
    from logscope.sources import Reader

T = TypeVar("T")
SAMPLE = 1 << 16
"""First bytes of a source, which tell how it is written."""
_WITHOUT = "; read without it. "
TIMEOUTS_ALLOWED = 3
BOXED = "─ Traceback (most recent call last) ─"
"""The head of rich's tracebacks, whoever asks for them: structlog's console does."""
_TOLD: tuple[Literal["apart", "call"], ...] = ("apart", "call")
_CAUSES_SOUGHT, _CAUSES_TOLD, _ENDS_SOUGHT = 8, 100, 200
"""Hits per rule and source around which its causes are looked for; those that hits tell of, or rule out, themselves;
and whether they are tried again and heal."""
_FEW = 24
"""Needles that are compiled sooner than they are read from a file."""
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
        self.lazy_needles = dict(ruleset.index.lazy)
        self.presence = tuple(text for text, _ in ruleset.index.presence)
        self.row = len(ruleset.index.needles) + len(self.presence)
        """The number under which the prefilter reports a handler's row, once; before it those of `presence`."""
        self.box = self.row + 1
        """And that of a traceback in a box."""
        self._around: dict[tuple[int, bool], Around] = {}
        self.roles = tuple(slot.role for slot in ruleset.slots)
        self.rule_of = tuple(slot.rule for slot in ruleset.slots)
        self.lazy = tuple(slot.lazy for slot in ruleset.slots)
        self.lazy_steps: dict[int, list[int]] = {}
        self.causes: dict[int, list[int]] = {}
        """By rule, lazy slots of its causes, of the tries that are announced, and of what shows that it healed."""
        for number, slot in enumerate(ruleset.slots):
            if slot.lazy:
                kind = self.lazy_steps if step_of(slot.role) else self.causes
                kind.setdefault(slot.rule, []).append(number)
        self.behind = _slots_with(ruleset, lambda slot: slot.role in BEHIND)
        """Lazy slots of the tries that are announced, and of what shows that it healed, or did not."""
        self.limits = {slot: self._limit(slot) for causes in self.causes.values() for slot in causes}
        """By such a slot, or one of a cause: around how many hits of its rule it is looked for, per source."""
        self.most = {rule: max(self.limits[slot] for slot in causes) for rule, causes in self.causes.items()}
        """By rule: the most of these."""
        self.several = _slots_with(ruleset, _needs_several)
        """Causes that more than one event has to speak for."""
        self.bounding = _steps_named(ruleset, self.lazy_steps, _bounding)
        """Lazy slots with which a run that went well at once begins, or is over."""
        self.usual = _steps_named(ruleset, self.lazy_steps, attrgetter("usual"))
        """Lazy slots without which a run that was completed has stopped, where others go on."""
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

    def _limit(self, slot: int) -> int:
        if slot in self.behind:
            return _ENDS_SOUGHT
        return _CAUSES_TOLD if self.ruleset.slots[slot].own else _CAUSES_SOUGHT

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

    def around(self, slot: int, wrapped: bool) -> Around:
        """What finds a lazy slot in the bytes around a hit, and those looked up with it: steps of a rule, or causes."""
        found = self._around.get((slot, wrapped))
        if found is None:
            alike = self.lazy_steps if step_of(self.roles[slot]) else self.causes
            found = self._seeking(alike[self.rule_of[slot]], wrapped)
        return found

    def ends(self, rule: int, wrapped: bool) -> Around:
        """What finds what ends the incidents of a rule."""
        return self._around.get((-1 - rule, wrapped)) or self._seeking((-1 - rule,), wrapped)

    def _seeking(self, keys: Sequence[int], wrapped: bool) -> Around:
        needles = [(key, needle) for key in keys for needle in self.lazy_needles.get(key, ())]
        found = Around(needles, wrapped, self._cache)
        self._around.update(dict.fromkeys(((key, wrapped) for key in keys), found))
        return found

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


def _slots_with(ruleset: RuleSet, holds: Callable[[Slot], bool]) -> frozenset[int]:
    """The slots of which something holds."""
    return frozenset(number for number, slot in enumerate(ruleset.slots) if holds(slot))


def _needs_several(slot: Slot) -> bool:
    return isinstance(slot.condition, CauseEvidence) and bool(slot.condition.several)


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


def _steps_named(
    ruleset: RuleSet, steps: Mapping[int, Sequence[int]], names: Callable[[Outcomes], Collection[str]]
) -> frozenset[int]:
    """The slots, of those of steps by rule, whose step is among those that the rule's outcomes name."""
    told = [(rule, ruleset.rules[rule].detect.outcomes) for rule in steps]
    wanted = {rule: names(outcomes) for rule, outcomes in told if outcomes is not None}
    return frozenset(
        slot
        for rule, named in wanted.items()
        for slot in steps[rule]
        if step_of(ruleset.slots[slot].role) in named
    )


def _bounding(outcomes: Outcomes) -> Collection[str]:
    return {outcomes.complete, *outcomes.aside} - {outcomes.answered}


class Around:
    """The needles of what is looked up together, sought in a few bytes."""

    def __init__(self, needles: Sequence[tuple[int, Needle]], wrapped: bool, cache: Cache | None) -> None:
        """`needles`: each with the key under which it is reported."""
        keys: dict[tuple[str, bool], list[int]] = {}
        for key, needle in needles:
            keys.setdefault((needle.sought(wrapped), needle.ignore_case), []).append(key)
        self._keys = list(keys.values())
        patterns, folded = zip(*keys, strict=True) if keys else ((), ())
        kept = cache if len(keys) > _FEW else None
        self._prefilter = Prefilter(patterns, folded, cache=kept) if keys else None

    def find(self, buffer: bytearray, begin: int, end: int, ansi: bool) -> list[tuple[int, int]]:
        """Return (offset of the last byte, key) of everything found in buffer[begin:end], in order."""
        if self._prefilter is None or begin >= end:
            return []
        found = search(self._prefilter, buffer, begin, end, ansi)
        return [(place, key) for place, number in found for key in self._keys[number]]


def search(
    prefilter: Prefilter, buffer: bytearray, begin: int, end: int, ansi: bool
) -> list[tuple[int, int]]:
    """Return (offset of the last byte, number of the pattern) of everything found in buffer[begin:end], in order.

    Colours are taken out before: they may part any two words. `ansi` says that there may be some without ESC.
    """
    if is_plain(buffer, begin, end, ansi):
        with memoryview(buffer) as view, view[begin:end] as part:
            return [(begin + place, number) for place, number in prefilter.scan(part)]
    with memoryview(buffer) as view, view[begin:end] as part:
        plain = Colourless(bytes(part))
    found = prefilter.scan(memoryview(plain.text))
    places = plain.places(place for place, _ in found)
    return [(begin + place, number) for place, (_, number) in zip(places, found, strict=True)]


def is_plain(buffer: bytearray, begin: int, end: int, ansi: bool) -> bool:
    """Whether no colours stand in buffer[begin:end]; `ansi` says that there may be some without ESC."""
    return not ansi and buffer.find(b"\x1b", begin, end) < 0


def layout_of(sample: bytes, reader: Reader, options: ScanOptions) -> Layout:
    """Detect how a source is written; what is no file is written when it is read. UnfitError where the forced format
    fits none of its lines and there is no other source."""
    written = options.now if reader.modified is None else reader.modified
    detect = partial(
        detect_layout, sample, timezone=options.timezone, written=written, source=reader.source.name
    )
    try:
        return detect(forced="" if options.log_format == PLAIN else options.log_format)
    except UnfitError as error:
        if not options.several:
            raise
        reader.notes.append(Note(reader.source.name, "unfit", f"{error}{_WITHOUT}{error.hint}"))
        return detect()


def refuse_unfit(notes: Sequence[Note], sources: int, options: ScanOptions) -> None:
    """Raise UnfitError where the forced format fits none of the `sources` that were read, as `notes` say."""
    hints = [note.text.partition(_WITHOUT)[2] for note in notes if note.kind == "unfit"]
    if hints and len(hints) == sources:
        said = f"--log-format {options.log_format}: fits no line of {counted(sources, 'source')}"
        raise UnfitError(said, " ".join([*dict.fromkeys(hints)][:3]))


def is_wrapped(layout: Layout, sample: bytes) -> bool:
    """Whether sentences may be broken by a handler that wraps, or by a terminal, from which nobody copies much: single
    words are sought then. `sample` is how the source begins."""
    return "rich" in layout.formats or (not layout.formats and len(sample) < SAMPLE)
