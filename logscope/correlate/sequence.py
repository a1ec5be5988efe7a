"""sequence: steps in order, per session, also where some lines carry no key and sessions interleave.

Each source is read by itself, with one way of seeing each step: the best of the ways that the source has (a server's
access line and its client's line are two views of one request). A keyed hit goes to the run with its key; a hit
without one goes to the oldest run that waits for it: first come, first served. What started without the first step is
a session that worked at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from logscope.correlate.count import ordered
from logscope.correlate.windows import Restarts, near
from logscope.model import Hit, Occurrence, RuleHits, SequenceFigures
from logscope.rulebook.rule import Rule, Window

_SAME_SECONDS = 2.0
"""Two sources that tell the first step this close tell of one session."""


@dataclass(slots=True)
class _Run:
    """One session: the steps it took, as (index of the step, hit)."""

    steps: list[tuple[int, Hit]]
    keys: set[str] = field(default_factory=set)
    rejected: bool = False

    @property
    def reached(self) -> int:
        return self.steps[-1][0]

    @property
    def last(self) -> Hit:
        return self.steps[-1][1]


def correlate(index: int, rule: Rule, hits: Sequence[Hit], restarts: Restarts) -> RuleHits:
    runs: list[_Run] = []
    ambiguous = False
    for source in sorted({hit.source for hit in hits}):
        reading = _Reading(rule, restarts, [hit for hit in hits if hit.source == source])
        runs += [run for run in reading.runs if not _told_elsewhere(run, runs)]
        ambiguous = ambiguous or reading.ambiguous
    names = [step.name for step in rule.detect.steps]
    goal = names.index(rule.detect.outcomes.complete) if rule.detect.outcomes else len(names) - 1
    unproven = rule.detect.outcomes.unproven if rule.detect.outcomes else ""
    runs = [run for run in runs if run.reached >= goal or not _has(run.steps[0][1], unproven)]
    rejected = [run for run in runs if run.rejected]
    recovered = sum(run.reached >= goal for run in rejected)
    figures = SequenceFigures(
        sessions=len(runs),
        rejected_first=len(rejected),
        recovered=recovered,
        stalled=len(rejected) - recovered,
        ambiguous=ambiguous and recovered < len(rejected),
    )
    occurrences = [Occurrence(tuple(hit for _, hit in run.steps)) for run in rejected]
    return RuleHits(
        index, ordered(occurrences), figures if rejected else None, lanes=_lanes(runs, names, goal)
    )


def _has(hit: Hit, capture: str) -> bool:
    return bool(capture) and any(name == capture for name, _ in hit.captures)


def _lanes(
    runs: Sequence[_Run], names: Sequence[str], goal: int
) -> tuple[tuple[str, str, tuple[tuple[str, Hit], ...]], ...]:
    """Return (session, outcome, steps) per run."""
    lanes = []
    for run in runs:
        outcome = "recovered" if run.reached >= goal else "stalled"
        key = min(run.keys, default="")
        lanes.append(
            (key, outcome if run.rejected else "first-try", tuple((names[i], hit) for i, hit in run.steps))
        )
    return tuple(lanes)


def _told_elsewhere(run: _Run, runs: Sequence[_Run]) -> bool:
    """Whether another source's run tells of the same session: the same key, or first steps at the same time."""
    first = run.steps[0][1]
    for other in runs:
        begin = other.steps[0][1]
        if begin.source == first.source or run.rejected != other.rejected:
            continue
        if run.keys & other.keys:
            return True
        if (
            first.time is not None
            and begin.time is not None
            and abs(first.time - begin.time) <= _SAME_SECONDS
        ):
            return begin.layer != first.layer
    return False


class _Reading:
    """One source's hits, read in order into runs."""

    def __init__(self, rule: Rule, restarts: Restarts, hits: Sequence[Hit]) -> None:
        self.rule = rule
        self.steps = {step.name: place for place, step in enumerate(rule.detect.steps)}
        self.window = rule.detect.within or Window()
        self.restarts = restarts
        self.runs: list[_Run] = []
        self.open: list[_Run] = []
        self.ambiguous = False
        ways = _best_ways(hits)
        for hit in hits:
            if hit.role == "between":
                self.open.clear()
                continue
            _, name, way = hit.role.split(":")
            if ways[name] == int(way):
                self._read(self.steps[name], hit)

    def _read(self, step: int, hit: Hit) -> None:
        self.open = [run for run in self.open if self._reaches(run, hit)]
        captures = dict(hit.captures)
        keys = {captures[name] for name in self.rule.detect.by if captures.get(name)}
        if step == 0:
            self.runs.append(_Run([(0, hit)], keys, rejected=True))
            self.open.append(self.runs[-1])
            return
        known = next((run for run in self.open if keys & run.keys), None)
        run = known or self._waiting(step, keys)
        if run is None and step == 1:
            run = _Run([], keys)
            self.runs.append(run)
            self.open.append(run)
        if run is not None and (not run.steps or run.reached < step):
            run.steps.append((step, hit))
            run.keys |= keys

    def _reaches(self, run: _Run, hit: Hit) -> bool:
        return near(run.last, hit, self.window.seconds, self.window.lines) and not self.restarts.between(
            run.last, hit
        )

    def _waiting(self, step: int, keys: set[str]) -> _Run | None:
        """The oldest run that waits for a step and that no other key has claimed."""
        waiting = [run for run in self.open if run.reached < step and self._next(run, step)]
        waiting = [run for run in waiting if not (keys and run.keys)]
        if len(waiting) > 1 and not keys:
            self.ambiguous = True
        return waiting[0] if waiting else None

    def _next(self, run: _Run, step: int) -> bool:
        """Whether every step between where the run stands and `step` may be left out."""
        return all(part.optional for part in self.rule.detect.steps[run.reached + 1 : step])


def _best_ways(hits: Sequence[Hit]) -> dict[str, int]:
    """The way in which each step is counted: the first of those that the source has."""
    best: dict[str, int] = {}
    for hit in hits:
        if hit.role != "between":
            _, name, way = hit.role.split(":")
            best[name] = min(best.get(name, int(way)), int(way))
    return best
