"""count: at least N incidents within a window, by key. A burst that goes on is one occurrence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from logscope.correlate.incidents import incidents
from logscope.correlate.keys import by_key
from logscope.correlate.windows import Restarts, in_order, near
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.rule import Rule, Window


def correlate(index: int, rule: Rule, hits: Sequence[Hit], restarts: Restarts) -> RuleHits:
    least, window = rule.detect.at_least or 1, rule.detect.within or Window()
    found: list[Occurrence] = []
    for keyed in by_key(hits, rule.detect.by).values():
        firsts = [occurrence.first for occurrence in incidents(keyed, rule.detect.incident)]
        found += bursts(firsts, window, restarts, lambda part: len(part) >= least)
    return RuleHits(index, ordered(found))


def bursts(
    hits: Sequence[Hit], window: Window, restarts: Restarts, enough: Callable[[Sequence[Hit]], bool]
) -> list[Occurrence]:
    """Return runs of hits in which some window is `enough`; a run ends when a window is not, or at a restart."""
    found: list[Occurrence] = []
    burst: list[Hit] = []
    start = 0
    for end, hit in enumerate(hits):
        while not near(hits[start], hit, window.seconds, window.lines) or restarts.between(hits[start], hit):
            start += 1
        part = hits[start : end + 1]
        if enough(part):
            burst += [item for item in part if not burst or item not in burst] if burst else list(part)
        elif burst and burst[-1] not in part:
            found.append(Occurrence(tuple(burst)))
            burst = []
    if burst:
        found.append(Occurrence(tuple(burst)))
    return found


def ordered(found: Sequence[Occurrence]) -> tuple[Occurrence, ...]:
    """Return occurrences in the order of their first hits."""
    places = {id(hit): place for place, hit in enumerate(in_order(occurrence.first for occurrence in found))}
    return tuple(sorted(found, key=lambda occurrence: places[id(occurrence.first)]))
