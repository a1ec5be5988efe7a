"""sequence: steps in order, per session, also where some lines carry no key and sessions interleave.

Each source is read by itself, with one way of seeing each step: the best of the ways that the source has (a server's
access line and its client's line are two views of one request). A keyed hit goes to the oldest run with its key that
waits for the step; a hit without one goes to the oldest run that waits for it: first come, first served. With
outcomes, every run that begins with the first step counts, and what begins with the second is a session that worked at
once. Without outcomes the whole sequence is the problem: only runs that take every required step count.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from logscope.correlate.count import ordered
from logscope.correlate.keys import FIELDS, own_fields
from logscope.correlate.windows import Restarts, follows, near
from logscope.layers import ACCESS, CLIENT
from logscope.model import Hit, Occurrence, RuleHits, SequenceFigures
from logscope.rulebook.rule import Rule, Window

_SAME_SECONDS = 2.0
"""Two sources that tell the first step this close tell of one session."""
Key = tuple[str, str]


@dataclass(slots=True)
class _Run:
    """One session: the steps it took, as (index of the step, hit)."""

    number: int
    steps: list[tuple[int, Hit]]
    keys: set[Key] = field(default_factory=set)
    rejected: bool = False
    captures: dict[str, str] = field(default_factory=dict)
    """Of all its steps; the last one that has a name counts."""

    @property
    def reached(self) -> int:
        return self.steps[-1][0]

    @property
    def last(self) -> Hit:
        return self.steps[-1][1]


def correlate(index: int, rule: Rule, hits: Sequence[Hit], restarts: Restarts) -> RuleHits:
    told = _Told()
    runs: list[_Run] = []
    ambiguous = False
    for part in _readings(rule, hits):
        reading = _Reading(rule, restarts, part)
        fresh = [run for run in reading.runs if not told.elsewhere(run)]
        told.add(fresh)
        runs += fresh
        ambiguous = ambiguous or reading.ambiguous
    outcomes = rule.detect.outcomes
    names = [step.name for step in rule.detect.steps]
    if outcomes is None:
        goal = max(place for place, step in enumerate(rule.detect.steps) if not step.optional)
        return RuleHits(index, _occurrences([run for run in runs if run.reached >= goal]))
    goal = names.index(outcomes.complete)
    proven = {_value(run, outcomes.unproven) for run in runs if run.reached >= goal} | {""}
    runs = [run for run in runs if run.reached >= goal or _value(run, outcomes.unproven) in proven]
    rejected = [run for run in runs if run.rejected]
    recovered = sum(run.reached >= goal for run in rejected)
    figures = SequenceFigures(
        sessions=len(runs),
        rejected_first=len(rejected),
        recovered=recovered,
        stalled=len(rejected) - recovered,
        ambiguous=ambiguous and (recovered < len(rejected) or len(rejected) < len(runs)),
    )
    lanes = _lanes(runs, names, goal)
    return RuleHits(index, _occurrences(rejected), figures if rejected else None, lanes=lanes)


def _occurrences(runs: Sequence[_Run]) -> tuple[Occurrence, ...]:
    return ordered([Occurrence(tuple(hit for _, hit in run.steps)) for run in runs])


def _readings(rule: Rule, hits: Sequence[Hit]) -> Iterator[list[Hit]]:
    """Yield hits by source, and within it by the fields that `by` names."""
    fields = [name for name in rule.detect.by if name in FIELDS]
    parts: dict[tuple[int, tuple[str, ...]], list[Hit]] = {}
    for hit in hits:
        own = own_fields(hit)
        parts.setdefault((hit.source, tuple(own[name] for name in fields)), []).append(hit)
    for key in sorted(parts):
        yield parts[key]


def _value(run: _Run, capture: str) -> str:
    return dict(run.steps[0][1].captures).get(capture, "")


def _lanes(
    runs: Sequence[_Run], names: Sequence[str], goal: int
) -> tuple[tuple[str, str, tuple[tuple[str, Hit], ...]], ...]:
    """Return (session, outcome, steps) per run."""
    lanes = []
    for run in runs:
        outcome = "recovered" if run.reached >= goal else "stalled"
        key = min((value for _, value in run.keys), default="")
        lanes.append(
            (key, outcome if run.rejected else "first-try", tuple((names[i], hit) for i, hit in run.steps))
        )
    return tuple(lanes)


class _Told:
    """Runs of the sources read so far: the same key, or first steps that server and client tell at the same time, is
    the same session told again; without times, each run of the other side once."""

    def __init__(self) -> None:
        self.keys: set[tuple[bool, int, Key]] = set()
        self.begins: dict[bool, list[tuple[float, int, str]]] = {True: [], False: []}
        self.unmet: dict[bool, Counter[tuple[int, str, bool]]] = {True: Counter(), False: Counter()}

    def add(self, runs: Sequence[_Run]) -> None:
        for run in runs:
            first = run.steps[0][1]
            self.keys |= {(run.rejected, first.source, key) for key in run.keys}
            if first.time is not None:
                self.begins[run.rejected].append((first.time, first.source, first.layer))
            self.unmet[run.rejected][first.source, first.layer, first.time is not None] += 1
        for begins in self.begins.values():
            begins.sort()

    def elsewhere(self, run: _Run) -> bool:
        first = run.steps[0][1]
        sources = {source for _, source, _ in self.keys} - {first.source}
        if any((run.rejected, source, key) in self.keys for source in sources for key in run.keys):
            return True
        return self._same_time(run.rejected, first) or self._once(run.rejected, first)

    def _same_time(self, rejected: bool, first: Hit) -> bool:
        if first.time is None:
            return False
        begins = self.begins[rejected]
        place = bisect_left(begins, (first.time - _SAME_SECONDS, -1, ""))
        while place < len(begins) and begins[place][0] <= first.time + _SAME_SECONDS:
            _, source, layer = begins[place]
            if source != first.source and _two_views(layer, first.layer):
                return True
            place += 1
        return False

    def _once(self, rejected: bool, first: Hit) -> bool:
        """Whether a run that no time can tell apart from this one is left; it is taken."""
        unmet = self.unmet[rejected]
        for source, layer, timed in unmet:
            apart = source != first.source and _two_views(layer, first.layer)
            if apart and (first.time is None or not timed):
                unmet[source, layer, timed] -= 1
                if not unmet[source, layer, timed]:
                    del unmet[source, layer, timed]
                return True
        return False


def _two_views(one: str, other: str) -> bool:
    """Whether a server and its client tell: two servers, or two clients, have sessions of their own.

    A client may tell in words (its session's id) what the server tells by an access line.
    """
    return one != other and bool({one, other} & {CLIENT, ACCESS})


class _Open:
    """The runs of one reading that may go on; what a hit is no longer near to leaves, the longest unheard first."""

    def __init__(self, rule: Rule, restarts: Restarts) -> None:
        self._window = rule.detect.within or Window()
        self._restarts = restarts
        steps = rule.detect.steps
        self._before = [
            [r for r in range(step) if all(part.optional for part in steps[r + 1 : step])]
            for step in range(len(steps))
        ]
        self._at: list[dict[int, _Run]] = [{} for _ in steps]  # by the step that they took last
        self._heard: OrderedDict[int, _Run] = OrderedDict()  # the longest unheard first
        self._by_key: dict[Key, list[_Run]] = {}
        self._line = 0
        self._orderly = True  # the runs heard of, none earlier than the one before it

    def add(self, run: _Run) -> None:
        """Open a run."""
        self._heard[run.number] = run
        self._at[run.reached][run.number] = run
        for key in run.keys:
            self._by_key.setdefault(key, []).append(run)

    def step(self, run: _Run, step: int, hit: Hit, keys: set[Key]) -> None:
        """Let a run take a step."""
        del self._at[run.reached][run.number]
        run.steps.append((step, hit))
        run.captures.update(hit.captures)
        self._at[step][run.number] = run
        self._heard.move_to_end(run.number)
        for key in keys - run.keys:
            self._by_key.setdefault(key, []).append(run)
        run.keys |= keys

    def leave(self, hit: Hit) -> None:
        """Drop the runs that do not reach up to a hit: out of the window, or their process has started anew."""
        restarted = self._restarts.any_between(hit.source, self._line, hit.line)
        self._line = hit.line
        if not self._orderly or restarted or not self._in_order(hit):
            for run in list(self._heard.values()):
                if not self._near(run, hit) or (restarted and self._restarts.between(run.last, hit)):
                    self._drop(run)
            times = [run.last.time for run in self._heard.values()] + [hit.time]
            self._orderly = all(follows(one, other) for one, other in pairwise(times))
        else:
            while self._heard and not self._near(run := next(iter(self._heard.values())), hit):
                self._drop(run)

    def _in_order(self, hit: Hit) -> bool:
        """Whether a hit is no earlier than what was heard last."""
        latest = next(reversed(self._heard.values()), None)
        return latest is None or follows(latest.last.time, hit.time)

    def _near(self, run: _Run, hit: Hit) -> bool:
        return near(run.last, hit, self._window.seconds, self._window.lines)

    def end(self, keys: set[Key]) -> None:
        """Drop the runs of a key and those without one; without keys, all."""
        for run in list(self._heard.values()):
            if not keys or not run.keys or keys & run.keys:
                self._drop(run)

    def of(self, keys: set[Key]) -> list[_Run]:
        """Return the runs of any of the keys, oldest first."""
        found = {run.number: run for key in keys for run in self._by_key.get(key, ())}
        return [found[number] for number in sorted(found)]

    def waits(self, run: _Run, step: int) -> bool:
        """Whether the run stands before the step, and every step between may be left out."""
        return run.reached in self._before[step]

    def waiting(self, step: int) -> list[_Run]:
        """Return the runs that wait for a step, oldest first."""
        found = [run for reached in self._before[step] for run in self._at[reached].values()]
        return sorted(found, key=lambda run: run.number)

    def _drop(self, run: _Run) -> None:
        del self._heard[run.number]
        del self._at[run.reached][run.number]
        for key in run.keys:
            self._by_key[key].remove(run)


class _Reading:
    """One source's hits, read in order into runs."""

    def __init__(self, rule: Rule, restarts: Restarts, hits: Sequence[Hit]) -> None:
        self.rule = rule
        self.steps = {step.name: place for place, step in enumerate(rule.detect.steps)}
        self.runs: list[_Run] = []
        self.open = _Open(rule, restarts)
        self.ambiguous = False
        outcomes = rule.detect.outcomes
        self.goal = self.steps[outcomes.complete] if outcomes else len(self.steps)
        ways = _best_ways(hits)
        for hit in hits:
            captures = dict(hit.captures)
            keys = {(name, captures[name]) for name in rule.detect.by if captures.get(name)}
            if hit.role == "between":
                self.open.end(keys)
                continue
            _, name, way = hit.role.split(":")
            if ways[name] == int(way):
                self._read(self.steps[name], hit, keys)

    def _read(self, step: int, hit: Hit, keys: set[Key]) -> None:
        self.open.leave(hit)
        if step == 0:
            self._begin(step, hit, keys)
            return
        known = self.open.of(keys)
        run = next((run for run in known if self.open.waits(run, step)), None)
        if known and run is None:
            return  # told again, or out of order
        run = run or self._waiting(step, hit, keys)
        if run is not None:
            self.open.step(run, step, hit, keys)
        elif step == 1 and self.rule.detect.outcomes is not None:
            self._begin(step, hit, keys)

    def _begin(self, step: int, hit: Hit, keys: set[Key]) -> None:
        self.runs.append(_Run(len(self.runs), [(step, hit)], keys, step == 0, dict(hit.captures)))
        self.open.add(self.runs[-1])

    def _waiting(self, step: int, hit: Hit, keys: set[Key]) -> _Run | None:
        """The oldest run that waits for a step and that no other key has claimed, of those most like the hit."""
        waiting = [run for run in self.open.waiting(step) if not (keys and run.keys)]
        waiting = _likest(waiting, hit, self.rule.detect.like)
        if len(waiting) > 1 and step <= self.goal:
            self.ambiguous = True
        return waiting[0] if waiting else None


def _likest(runs: list[_Run], hit: Hit, names: Sequence[str]) -> list[_Run]:
    """Return the runs that share the surest named capture with the hit, none that differ in the last one."""
    own = dict(hit.captures)
    for name in names:
        if name not in own:
            continue
        seen = [run.captures.get(name) for run in runs]
        same = [run for run, value in zip(runs, seen, strict=True) if value == own[name]]
        if same:
            return same
        if name == names[-1]:
            return [run for run, value in zip(runs, seen, strict=True) if value is None]
    return runs


def _best_ways(hits: Sequence[Hit]) -> dict[str, int]:
    """The way in which each step is counted: the first of those that the source has."""
    best: dict[str, int] = {}
    for hit in hits:
        if hit.role != "between":
            _, name, way = hit.role.split(":")
            best[name] = min(best.get(name, int(way)), int(way))
    return best
