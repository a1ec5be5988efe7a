"""match: every event that fits is a hit, hits of one failure are one occurrence; and what only its repetition makes a
failure is one when it is repeated."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.correlate.count import bursts, ordered
from logscope.correlate.incidents import incidents
from logscope.correlate.windows import Processes
from logscope.model import Hit, RuleHits
from logscope.rulebook.rule import Rule


def correlate(index: int, rule: Rule, hits: Sequence[Hit], processes: Processes) -> RuleHits:
    detect = rule.detect
    often = [hit for hit in hits if hit.role == "often"]
    if not often:
        return RuleHits(index, incidents(hits, detect.incident))
    found = incidents([hit for hit in hits if hit.role != "often"], detect.incident)
    repeated = bursts(often, detect.within, processes, detect.at_least or 1)
    return RuleHits(index, ordered([*found, *repeated]))
