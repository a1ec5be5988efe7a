"""Between rules: the specific silences the general, a symptom is shown under its cause."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from logscope.correlate.windows import near
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.rule import Rule

CAUSE_SECONDS, CAUSE_LINES = 120.0, 1_000
"""An effect this far from its cause is still shown under it."""
_SPEAKING = ("primary", "also", "step", "after", "part")


_BESIDE_LINES = 3
"""A step of a sequence is silenced by a specific rule this close: the reason is logged beside the rejection."""


def silence_hits(rules: Sequence[Rule], hits: Sequence[Hit]) -> list[Hit]:
    """Drop hits of general rules on events that a specific rule explains: `fallback`, and `inhibits`."""
    inhibited = {name for rule in rules for name in rule.inhibits}
    general = {number for number, rule in enumerate(rules) if rule.fallback or rule.id in inhibited}
    alone = [(number,) for number in range(len(rules))]  # one tuple each: there may be a hit on every line
    specific: dict[int, dict[int, tuple[int, ...]]] = {hit.source: {} for hit in hits}
    for hit in hits:
        if hit.rule in general:
            specific[hit.source].update((line, ()) for line in _beside(hit))
    for hit in hits:
        rule = rules[hit.rule]
        others = specific[hit.source].get(hit.line)
        if others is not None and not rule.fallback and not rule.signal and _speaks(hit):
            specific[hit.source][hit.line] = (*others, hit.rule) if others else alone[hit.rule]
    return [
        hit
        for hit in hits
        if hit.rule not in general
        or not _silenced(rules, hit, {rule for line in _beside(hit) for rule in specific[hit.source][line]})
    ]


def _speaks(hit: Hit) -> bool:
    return hit.role.partition(":")[0] in _SPEAKING


def _beside(hit: Hit) -> Sequence[int]:
    """Lines on which a specific rule speaks of the same: the event's own; for a step of a sequence those beside it."""
    if not hit.role.startswith("step:"):
        return (hit.line,)
    return range(hit.line - _BESIDE_LINES, hit.last_line + _BESIDE_LINES + 1)


def _silenced(rules: Sequence[Rule], hit: Hit, others: set[int]) -> bool:
    rule = rules[hit.rule]
    if hit.role.startswith("cause:") or not others:
        return False
    if rule.fallback:
        return True
    return any(rule.id in rules[other].inhibits for other in others)


def silence_occurrences(rules: Sequence[Rule], found: Sequence[RuleHits]) -> list[RuleHits]:
    """Drop occurrences of an inhibited rule that lie within its incident window of the specific rule's."""
    result = []
    for general in found:
        rule = rules[general.rule]
        over = [other for other in found if rule.id in rules[other.rule].inhibits]
        if not over or general.sequence is not None:
            result.append(general)
            continue
        window = rule.detect.incident
        places = _Places(hit for other in over for occurrence in other.occurrences for hit in occurrence.hits)
        left = tuple(o for o in general.occurrences if not places.near(o, window.seconds, window.lines))
        if left:
            result.append(RuleHits(general.rule, left, general.sequence, general.figures, general.lanes))
    return result


def consequences(rules: Sequence[Rule], found: Sequence[RuleHits]) -> dict[int, tuple[str, ...]]:
    """Return, by rule, the ids of the findings that together explain every one of its occurrences.

    Two rules that name each other as causes are told in the order of their ids: one of them is the cause.
    """
    result: dict[int, tuple[str, ...]] = {}
    for effect in found:
        left = list(effect.occurrences)
        causes = []
        for cause in found:
            if not _may_cause(rules[cause.rule], rules[effect.rule]):
                continue
            places = _Places(hit for occurrence in cause.occurrences for hit in occurrence.hits)
            if any(places.near(occurrence, CAUSE_SECONDS, CAUSE_LINES) for occurrence in effect.occurrences):
                causes.append(rules[cause.rule].id)
                left = [o for o in left if not places.near(o, CAUSE_SECONDS, CAUSE_LINES)]
        if causes and not left:
            result[effect.rule] = tuple(sorted(causes))
    return result


def _may_cause(cause: Rule, effect: Rule) -> bool:
    mutual = cause.id in effect.causes and cause.id > effect.id
    return cause.id != effect.id and effect.id in cause.causes and not mutual


class _Places:
    """Hits that others are held against, found quickly by source and line, or by time."""

    def __init__(self, hits: object) -> None:
        self._by_line: dict[int, list[Hit]] = {}
        self._by_time: list[Hit] = []
        for hit in hits:  # type: ignore[attr-defined]
            self._by_line.setdefault(hit.source, []).append(hit)
            if hit.time is not None:
                self._by_time.append(hit)
        for hits_of_source in self._by_line.values():
            hits_of_source.sort(key=lambda hit: hit.line)
        self._by_time.sort(key=lambda hit: hit.time or 0.0)

    def near(self, occurrence: Occurrence, seconds: float, lines: int) -> bool:
        return any(near(other, hit, seconds, lines) for hit in occurrence.hits for other in self._around(hit))

    def _around(self, hit: Hit) -> list[Hit]:
        found = []
        own = self._by_line.get(hit.source, [])
        place = bisect_left(own, hit.line, key=lambda other: other.line)
        found += own[max(place - 1, 0) : place + 1]
        if hit.time is not None:
            place = bisect_left(self._by_time, hit.time, key=lambda other: other.time or 0.0)
            found += self._by_time[max(place - 1, 0) : place + 1]
        return found
