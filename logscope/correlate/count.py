"""count: at least N incidents within a window, by key. A burst that goes on is one occurrence."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence

from logscope.correlate.incidents import incidents
from logscope.correlate.keys import by_key
from logscope.correlate.windows import Processes, in_order, near, occurrences_in_order
from logscope.model import Hit, Occurrence, RuleHits
from logscope.rulebook.rule import Rule, Window


def correlate(index: int, rule: Rule, hits: Sequence[Hit], processes: Processes) -> RuleHits:
    least = rule.detect.at_least or 1
    found: list[Occurrence] = []
    for keyed in by_key(hits, rule.detect.by).values():
        firsts = [occurrence.first for occurrence in incidents(keyed, rule.detect.incident)]
        found += bursts(in_order(firsts), rule.detect.within, processes, least)
    return RuleHits(index, occurrences_in_order(found))


def bursts(
    hits: Sequence[Hit],
    window: Window | None,
    processes: Processes,
    least: int,
    values: Sequence[str] | None = None,
) -> list[Occurrence]:
    """Return runs of hits, in order, whose windows hold at least `least` different values (one per hit), or that many
    hits.

    The window of a hit is itself and what is near before it, back to a restart; windows that overlap
    are one run. Without a window everything since the restart counts. A window of lines alone stays in its source.
    """
    valued = list(zip(hits, values or map(str, range(len(hits))), strict=True))
    if window is None or window.seconds is not None:
        return _Bursts(window, processes, least).read(valued)
    found: list[Occurrence] = []
    for source in sorted({hit.source for hit in hits}):
        own = [(hit, value) for hit, value in valued if hit.source == source]
        found += _Bursts(window, processes, least).read(own)
    return found


class _Bursts:
    """One reading: the window that ends at the hit last read, and the run that is open."""

    def __init__(self, window: Window | None, processes: Processes, least: int) -> None:
        self.window = window
        self.processes = processes
        self.least = least
        self.inside: deque[tuple[int, Hit, str]] = deque()
        self.counts: Counter[str] = Counter()
        self.latest: dict[tuple[int, str], Hit] = {}
        self.run: list[Hit] = []
        self.told = -1  # number of the last hit that a run has

    def read(self, hits: Iterable[tuple[Hit, str]]) -> list[Occurrence]:
        found: list[Occurrence] = []
        for number, (hit, value) in enumerate(hits):
            self._leave(hit)
            self.inside.append((number, hit, value))
            self.counts[value] += 1
            if len(self.counts) < self.least:
                continue
            if self.run and self.inside[0][0] > self.told:
                found.append(Occurrence(tuple(self.run)))
                self.run = []
            for place in range(-min(number - self.told, len(self.inside)), 0):
                if self.inside[place][0] > self.told:
                    self.run.append(self.inside[place][1])
            self.told = number
        return [*found, Occurrence(tuple(self.run))] if self.run else found

    def _leave(self, hit: Hit) -> None:
        """Take out of the window what is not near the hit, or was written by a process that has started anew."""
        window = self.window
        if window is not None:
            while self.inside and not near(self.inside[0][1], hit, window.seconds, window.lines):
                self._drop(self.inside.popleft()[2])
        for place, latest in list(self.latest.items()):
            if self.processes.restarted(latest, hit):
                del self.latest[place]
                self._drop_stream(place)
        self.latest[hit.source, hit.stream] = hit

    def _drop_stream(self, place: tuple[int, str]) -> None:
        kept: deque[tuple[int, Hit, str]] = deque()
        for item in self.inside:
            if (item[1].source, item[1].stream) == place:
                self._drop(item[2])
            else:
                kept.append(item)
        self.inside = kept

    def _drop(self, value: str) -> None:
        self.counts[value] -= 1
        if not self.counts[value]:
            del self.counts[value]
