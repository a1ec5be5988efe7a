"""match: every event that fits is a hit, and hits of one failure are one occurrence. What is a failure only when
repeated is an occurrence once it is repeated and nothing behind it shows that it came to a good end; a failure that
announced another try has recovered where something does."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from logscope.correlate.count import bursts
from logscope.correlate.incidents import incidents
from logscope.correlate.windows import Processes, near, occurrences_in_order
from logscope.match.layers import RETRY
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.rule import Rule, Window


def correlate(index: int, rule: Rule, hits: Sequence[Hit], processes: Processes) -> RuleHits:
    detect, incident = rule.detect, rule.detect.incident
    if not detect.often:
        return RuleHits(index, incidents(hits, incident))
    ends = [hit for hit in hits if hit.role == "missing"]
    found = incidents([hit for hit in hits if hit.role not in ("often", "missing")], incident)
    tried = [occurrence for occurrence in found if occurrence.hits[-1].layer == RETRY]
    retried = Window(max(incident.seconds, incident.retry_seconds or 0), incident.lines)
    left = {id(occurrence) for occurrence in _not_ended(tried, ends, retried, processes)}
    healed = {id(occurrence) for occurrence in tried} - left
    found = tuple([replace(one, recovered=True) if id(one) in healed else one for one in found])
    often = bursts(
        [hit for hit in hits if hit.role == "often"], detect.within, processes, detect.at_least or 1
    )
    repeated = _not_ended(often, ends, detect.within or Window(), processes)
    return RuleHits(index, occurrences_in_order([*found, *repeated]))


def _not_ended(
    found: Sequence[Occurrence], ends: Sequence[Hit], window: Window, processes: Processes
) -> list[Occurrence]:
    """Return what no end of the same process follows within the window."""
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
