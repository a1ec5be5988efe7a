"""match: every event that fits is a hit, and hits of one failure are one occurrence. What is a failure only when
repeated is an occurrence once it is repeated and nothing behind it shows that it came to a good end."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.correlate.count import bursts
from logscope.correlate.incidents import incidents
from logscope.correlate.windows import Processes, near, occurrences_in_order
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.rule import Rule, Window


def correlate(index: int, rule: Rule, hits: Sequence[Hit], processes: Processes) -> RuleHits:
    detect = rule.detect
    if not detect.often:
        return RuleHits(index, incidents(hits, detect.incident))
    found = incidents([hit for hit in hits if hit.role not in ("often", "missing")], detect.incident)
    often = [hit for hit in hits if hit.role == "often"]
    repeated = _not_ended(
        bursts(often, detect.within, processes, detect.at_least or 1),
        [hit for hit in hits if hit.role == "missing"],
        detect.within or Window(),
        processes,
    )
    return RuleHits(index, occurrences_in_order([*found, *repeated]))


def _not_ended(
    found: Sequence[Occurrence], ends: Sequence[Hit], window: Window, processes: Processes
) -> list[Occurrence]:
    """Return the bursts that no end of the same process follows within the window."""
    kept: list[Occurrence] = []
    later: dict[tuple[int, str], Hit] = {}  # the next end behind the burst that is looked at
    waiting = sorted(ends, key=lambda hit: hit.line)
    for burst in sorted(found, key=lambda occurrence: occurrence.hits[-1].line, reverse=True):
        last = burst.hits[-1]
        while waiting and waiting[-1].line > last.line:
            end = waiting.pop()
            later[end.source, end.stream] = end
        answer = later.get((last.source, last.stream))
        answered = answer is not None and near(last, answer, window.seconds, window.lines)
        if answer is None or not answered or processes.restarted(last, answer):
            kept.append(burst)
    return kept
