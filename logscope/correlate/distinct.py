"""distinct: at least N different values of a capture within a window, by key."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.correlate.count import bursts
from logscope.correlate.keys import by_key
from logscope.correlate.windows import Processes, occurrences_in_order
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.rule import Rule


def correlate(index: int, rule: Rule, hits: Sequence[Hit], processes: Processes) -> RuleHits:
    detect = rule.detect
    found: list[Occurrence] = []
    most = 0
    valued = [hit for hit in hits if detect.of in dict(hit.captures)]
    for keyed in by_key(valued, detect.by).values():
        values = [dict(hit.captures)[detect.of or ""] for hit in keyed]
        found += bursts(keyed, detect.within, processes, detect.at_least or 1, values)
    for occurrence in found:
        most = max(most, len({dict(hit.captures)[detect.of or ""] for hit in occurrence.hits}))
    return RuleHits(index, occurrences_in_order(found), figures={"distinct": float(most)})
