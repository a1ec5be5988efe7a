"""absence: a start that is not followed by its end within the window, nor before the log ends or the process starts
anew. Ends are given to starts first come, first served."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from logscope.correlate.keys import by_key
from logscope.correlate.windows import Processes, near, occurrences_in_order
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.rule import Rule, Window


def correlate(index: int, rule: Rule, hits: Sequence[Hit], processes: Processes) -> RuleHits:
    found: list[Occurrence] = []
    for keyed in by_key(hits, rule.detect.by).values():
        found += _unanswered(keyed, rule.detect.within or Window(), processes)
    return RuleHits(index, occurrences_in_order(found))


def _unanswered(hits: Sequence[Hit], window: Window, processes: Processes) -> list[Occurrence]:
    """Return the starts that no end answers; an end answers the oldest start that it is near to."""
    found: list[Occurrence] = []
    starts: deque[Hit] = deque()
    for hit in hits:
        if hit.role == "after":
            starts.append(hit)
            continue
        while starts and _passed(starts[0], hit, window):
            found.append(Occurrence((starts.popleft(),)))
        for place, start in enumerate(starts):
            if near(start, hit, window.seconds, window.lines) and not processes.restarted(start, hit):
                del starts[place]
                break
    return [*found, *(Occurrence((start,)) for start in starts)]


def _passed(start: Hit, hit: Hit, window: Window) -> bool:
    return start.source == hit.source and not near(start, hit, window.seconds, window.lines)
