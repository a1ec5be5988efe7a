"""distinct: at least N different values of a capture within a window, by key."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.correlate.count import bursts, ordered
from logscope.correlate.keys import by_key
from logscope.correlate.windows import Restarts
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.rule import Rule, Window


def correlate(index: int, rule: Rule, hits: Sequence[Hit], restarts: Restarts) -> RuleHits:
    detect = rule.detect
    least, window, name = detect.at_least or 1, detect.within or Window(), detect.of or ""

    def values(part: Sequence[Hit]) -> set[str]:
        return {value for hit in part for key, value in hit.captures if key == name}

    found: list[Occurrence] = []
    valued = [hit for hit in hits if any(key == name for key, _ in hit.captures)]
    for keyed in by_key(valued, detect.by).values():
        found += bursts(keyed, window, restarts, lambda part: len(values(part)) >= least)
    most = max((len(values(occurrence.hits)) for occurrence in found), default=0)
    return RuleHits(index, ordered(found), figures={"distinct": float(most)})
