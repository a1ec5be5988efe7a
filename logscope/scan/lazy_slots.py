"""What is looked for near hits only: causes, announced tries, recoveries, and steps that healthy logs are full of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from operator import attrgetter

from logscope.rulebook.cache import Cache
from logscope.rulebook.index import Slot
from logscope.rulebook.parts import BEHIND, step_of
from logscope.rulebook.rule import CauseEvidence, Outcomes
from logscope.rulebook.ruleset import RuleSet
from logscope.scan.searching import LocalSearch

_CAUSES_SOUGHT, _CAUSES_TOLD, _ENDS_SOUGHT = 8, 100, 200
"""Hits per rule and source around which its causes are looked for; those that hits tell of, or rule out, themselves;
and whether they are tried again and heal."""


class LazySlots:
    """The lazy slots of a rule set, by what they are looked for, with what finds them."""

    def __init__(self, ruleset: RuleSet, cache: Cache | None) -> None:
        self._rules, self._slots = ruleset.rules, ruleset.slots
        self._cache = cache
        self.needles = dict(ruleset.index.lazy)
        """By slot; by -1-rule, those of what ends its incidents."""
        self._searches: dict[tuple[int, bool], LocalSearch] = {}
        self.steps: dict[int, list[int]] = {}
        """By rule, those of its steps."""
        self.causes: dict[int, list[int]] = {}
        """By rule, those of its causes, of the tries that are announced, and of what shows that it healed."""
        for number, slot in enumerate(ruleset.slots):
            if slot.lazy:
                kind = self.steps if step_of(slot.role) else self.causes
                kind.setdefault(slot.rule, []).append(number)
        self.behind = self._with(lambda slot: slot.role in BEHIND)
        """Those of the tries that are announced, and of what shows that it healed, or did not."""
        self.limits = {slot: self._limit(slot) for causes in self.causes.values() for slot in causes}
        """By such a slot, or one of a cause: around how many hits of its rule it is looked for, per source."""
        self.most = {rule: max(self.limits[slot] for slot in causes) for rule, causes in self.causes.items()}
        """By rule: the most of these."""
        self.several = self._with(_needs_several)
        """Causes that more than one event has to speak for."""
        self.bounding = self._steps_of(_bounding)
        """Steps with which a run that went well at once begins, or is over."""
        self.usual = self._steps_of(attrgetter("usual"))
        """Steps without which a run that was completed has stopped, where others go on."""

    def _limit(self, slot: int) -> int:
        if slot in self.behind:
            return _ENDS_SOUGHT
        return _CAUSES_TOLD if self._slots[slot].own else _CAUSES_SOUGHT

    def _with(self, holds: Callable[[Slot], bool]) -> frozenset[int]:
        """The slots of which something holds."""
        return frozenset(number for number, slot in enumerate(self._slots) if holds(slot))

    def _steps_of(self, names: Callable[[Outcomes], Collection[str]]) -> frozenset[int]:
        """The slots of steps that are among those which their rule's outcomes name."""
        told = [(rule, self._rules[rule].detect.outcomes) for rule in self.steps]
        named = {rule: names(outcomes) for rule, outcomes in told if outcomes is not None}
        return frozenset(
            slot
            for rule, steps in named.items()
            for slot in self.steps[rule]
            if step_of(self._slots[slot].role) in steps
        )

    def search(self, slot: int, wrapped: bool) -> LocalSearch:
        """What finds a lazy slot in the bytes around a hit, and those looked up with it: steps of a rule, or causes."""
        found = self._searches.get((slot, wrapped))
        if found is None:
            alike = self.steps if step_of(self._slots[slot].role) else self.causes
            found = self._seeking(alike[self._slots[slot].rule], wrapped)
        return found

    def ends(self, rule: int, wrapped: bool) -> LocalSearch:
        """What finds what ends the incidents of a rule."""
        return self._searches.get((-1 - rule, wrapped)) or self._seeking((-1 - rule,), wrapped)

    def _seeking(self, keys: Sequence[int], wrapped: bool) -> LocalSearch:
        needles = [(key, needle) for key in keys for needle in self.needles.get(key, ())]
        found = LocalSearch(needles, wrapped, self._cache)
        self._searches.update(dict.fromkeys(((key, wrapped) for key in keys), found))
        return found


def _needs_several(slot: Slot) -> bool:
    return isinstance(slot.condition, CauseEvidence) and bool(slot.condition.several)


def _bounding(outcomes: Outcomes) -> Collection[str]:
    return {outcomes.complete, *outcomes.aside} - {outcomes.answered}
