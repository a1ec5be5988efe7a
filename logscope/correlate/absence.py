"""absence: a start that is not followed by its end within the window.

A start too close to the end of its source is not judged: the end may simply not be written yet. It counts when other
hits of the rule show that the window has passed.
"""

from __future__ import annotations

from collections.abc import Sequence

from logscope.correlate.count import ordered
from logscope.correlate.keys import by_key
from logscope.correlate.windows import Restarts, near
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.rule import Rule, Window


def correlate(index: int, rule: Rule, hits: Sequence[Hit], restarts: Restarts) -> RuleHits:
    window = rule.detect.within or Window()
    found: list[Occurrence] = []
    for keyed in by_key(hits, rule.detect.by).values():
        starts: list[Hit] = []
        for hit in keyed:
            gone = [
                s
                for s in starts
                if restarts.between(s, hit) or not near(s, hit, window.seconds, window.lines)
            ]
            found += [Occurrence((start,)) for start in gone]
            starts = [start for start in starts if start not in gone]
            if hit.role == "after":
                starts.append(hit)
            elif hit.role == "missing" and starts:
                starts.pop(0)
        found += [Occurrence((start,)) for start in starts]
    return RuleHits(index, ordered(found))
