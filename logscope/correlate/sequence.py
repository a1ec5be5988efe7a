"""sequence: steps in order, per session, also where some lines carry no key and sessions interleave.

Each source is read by itself, with one way of seeing each step: the best of the ways that the source has (a server's
access line and its client's line are two views of one request). A keyed hit goes to the oldest run with its key that
waits for the step; a hit without one goes to the oldest run that waits for it: first come, first served. With
outcomes, every run that begins with the first step counts, and what begins with the second is a session that worked at
once; the first step is none where its session, or its connection, has worked before. Without outcomes the whole
sequence is the problem: only runs that take every required step count.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter

from logscope.correlate.count import ordered
from logscope.correlate.keys import FIELDS, own_fields
from logscope.correlate.windows import Restarts, follows, near
from logscope.layers import ACCESS, CLIENT
from logscope.model import Hit, Occurrence, RuleHits, SequenceFigures
from logscope.rulebook.rule import Rule, Window

_SAME_SECONDS = 2.0
"""Two sources that tell the first step this close tell of one session."""
MAX_LANES = 50
"""Sessions told step by step; further ones are only counted."""
Key = tuple[str, str]
Like = tuple[str, str | None]
"""A capture that tells runs apart, None where a run lacks it."""
_ANY: Like = "", None
_NONE: frozenset[Key] = frozenset()


class _Run:
    """One session: the steps it took, as (index of the step, hit); `captures` are of all steps, the last one counts."""

    __slots__ = ("captures", "keys", "last", "likes", "number", "reached", "rejected", "steps")

    def __init__(
        self, number: int, step: int, hit: Hit, keys: frozenset[Key], captures: dict[str, str]
    ) -> None:
        self.number = number
        self.steps = [(step, hit)]
        self.reached = step
        self.last = hit
        self.keys = keys
        self.rejected = step == 0
        self.captures = captures
        self.likes: list[Like] = []
        """Under what it is found while it is open."""


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
    lanes = _lanes(runs[:MAX_LANES], names, goal)
    return RuleHits(index, _occurrences(rejected), figures if rejected else None, lanes=lanes)


def _occurrences(runs: Sequence[_Run]) -> tuple[Occurrence, ...]:
    return ordered([Occurrence(tuple([hit for _, hit in run.steps])) for run in runs])


def _readings(rule: Rule, hits: Sequence[Hit]) -> Iterator[list[Hit]]:
    """Yield hits by source, and within it by the fields that `by` names."""
    fields = [name for name in rule.detect.by if name in FIELDS]
    parts: dict[tuple[int, tuple[str, ...]], list[Hit]] = defaultdict(list)
    for hit in hits:
        own = own_fields(hit) if fields else {}
        parts[hit.source, tuple([own[name] for name in fields])].append(hit)
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
        self.sources: set[int] = set()
        self.keys: dict[tuple[bool, Key], set[int]] = defaultdict(set)  # sources
        self.begins: dict[tuple[bool, int, str], list[float]] = defaultdict(list)  # by source and layer
        self.unmet: dict[bool, Counter[tuple[int, str, bool]]] = {True: Counter(), False: Counter()}

    def add(self, runs: Sequence[_Run]) -> None:
        for run in runs:
            first = run.steps[0][1]
            self.sources.add(first.source)
            for key in run.keys:
                self.keys[run.rejected, key].add(first.source)
            if first.time is not None:
                self.begins[run.rejected, first.source, first.layer].append(first.time)
            self.unmet[run.rejected][first.source, first.layer, first.time is not None] += 1
        for begins in self.begins.values():
            begins.sort()

    def elsewhere(self, run: _Run) -> bool:
        first = run.steps[0][1]
        if self.sources <= {first.source}:
            return False
        if any(self.keys.get((run.rejected, key), set()) - {first.source} for key in run.keys):
            return True
        return self._same_time(run.rejected, first) or self._once(run.rejected, first)

    def _same_time(self, rejected: bool, first: Hit) -> bool:
        if first.time is None:
            return False
        for (as_rejected, source, layer), begins in self.begins.items():
            if as_rejected == rejected and source != first.source and _two_views(layer, first.layer):
                place = bisect_left(begins, first.time - _SAME_SECONDS)
                if place < len(begins) and begins[place] <= first.time + _SAME_SECONDS:
                    return True
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


_Runs = dict[Like, dict[int, _Run]]
"""Runs by each of their captures, and all of them, by number."""


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
        self._like = rule.detect.like
        self._free: list[_Runs] = [{} for _ in steps]  # by the step taken last: nobody knows whose they are
        self._keyed: list[_Runs] = [{} for _ in steps]
        self._unclaimed = [
            [self._free[step] for step in before] for before in self._before
        ]  # by the step waited for
        self._standing = [
            [*unclaimed, *[self._keyed[step] for step in before]]
            for unclaimed, before in zip(self._unclaimed, self._before, strict=True)
        ]
        self._heard: OrderedDict[int, _Run] = OrderedDict()  # the longest unheard first
        self._by_key: dict[Key, list[_Run]] = {}
        self._line = 0
        self._orderly = True  # the runs heard of, none earlier than the one before it

    def add(self, run: _Run) -> None:
        """Open a run."""
        self._heard[run.number] = run
        self._enter(run)
        for key in run.keys:
            self._by_key.setdefault(key, []).append(run)

    def step(self, run: _Run, step: int, hit: Hit, keys: frozenset[Key]) -> None:
        """Let a run take a step."""
        self._take_out(run)
        run.steps.append((step, hit))
        run.reached, run.last = step, hit
        run.captures.update(hit.captures)
        self._heard.move_to_end(run.number)
        for key in keys - run.keys:
            self._by_key.setdefault(key, []).append(run)
        run.keys |= keys
        self._enter(run)

    def _enter(self, run: _Run) -> None:
        runs = (self._keyed if run.keys else self._free)[run.reached]
        run.likes = [_ANY, *[(name, run.captures.get(name)) for name in self._like]]
        for like in run.likes:
            if like in runs:
                runs[like][run.number] = run
            else:
                runs[like] = {run.number: run}

    def _take_out(self, run: _Run) -> None:
        runs = (self._keyed if run.keys else self._free)[run.reached]
        for like in run.likes:
            alike = runs[like]
            del alike[run.number]
            if not alike:
                del runs[like]

    def leave(self, hit: Hit) -> None:
        """Drop the runs that do not reach up to a hit: out of the window, or their process has started anew."""
        heard, seconds, lines = self._heard, self._window.seconds, self._window.lines
        restarted = self._restarts.any_between(hit.source, self._line, hit.line)
        self._line = hit.line
        latest = next(reversed(heard.values()), None)
        self._orderly = self._orderly and (latest is None or follows(latest.last.time, hit.time))
        if self._orderly and not restarted:
            while heard and not near((run := next(iter(heard.values()))).last, hit, seconds, lines):
                self._drop(run)
            return
        for run in list(heard.values()):
            if not near(run.last, hit, seconds, lines) or (
                restarted and self._restarts.between(run.last, hit)
            ):
                self._drop(run)
        times = [run.last.time for run in heard.values()] + [hit.time]
        self._orderly = all(follows(one, other) for one, other in pairwise(times))

    def end(self, keys: frozenset[Key]) -> None:
        """Drop the runs of a key and those without one; without keys, all."""
        for run in list(self._heard.values()):
            if not keys or not run.keys or keys & run.keys:
                self._drop(run)

    def of(self, keys: frozenset[Key]) -> list[_Run]:
        """Return the runs of any of the keys, oldest first."""
        found = {run.number: run for key in keys for run in self._by_key.get(key, ())}
        return [found[number] for number in sorted(found)]

    def waits(self, run: _Run, step: int) -> bool:
        """Whether the run stands before the step, and every step between may be left out."""
        return run.reached in self._before[step]

    def waiting(self, step: int, captures: Mapping[str, str], unclaimed: bool) -> list[_Run]:
        """Return the runs that wait for a step, perhaps only those without a key: of them those that share the surest
        capture to tell by, none that differ in the last one."""
        runs = [part for part in (self._unclaimed if unclaimed else self._standing)[step] if part]
        for name in self._like:
            if name not in captures:
                continue
            same = _alike(runs, (name, captures[name]))
            if same:
                return same
            if name == self._like[-1]:
                return _alike(runs, (name, None))
        return _alike(runs, _ANY)

    def _drop(self, run: _Run) -> None:
        del self._heard[run.number]
        self._take_out(run)
        run.captures, run.likes = {}, []  # nobody asks for it any more, and there may be many
        for key in run.keys:
            self._by_key[key].remove(run)


def _alike(runs: Sequence[_Runs], like: Like) -> list[_Run]:
    return [run for part in runs if like in part for run in part[like].values()]


class _Worked:
    """The sessions of one reading that have worked: by their keys, which are theirs for ever, and by the surest capture
    that tells whose a line is, which others may have later, or once the process has started anew."""

    def __init__(self, rule: Rule, restarts: Restarts) -> None:
        self._window = rule.detect.within or Window()
        self._restarts = restarts
        like = rule.detect.like
        self._sure = like[0] if len(like) > 1 else ""
        """The capture that names one connection; where only one tells, several sessions may share it."""
        self._keys: set[Key] = set()
        self._latest: dict[str, Hit] = {}

    def add(self, run: _Run, hit: Hit) -> None:
        """Note that a run has reached its goal."""
        self._keys |= run.keys
        value = run.captures.get(self._sure)
        if value:
            self._latest[value] = hit

    def before(self, hit: Hit, captures: Mapping[str, str], keys: frozenset[Key]) -> bool:
        """Whether the session that a hit belongs to has worked before it."""
        if not keys.isdisjoint(self._keys):
            return True
        latest = self._latest.get(captures.get(self._sure, ""))
        if latest is None or self._restarts.between(latest, hit):
            return False
        return near(latest, hit, self._window.seconds, self._window.lines)


class _Reading:
    """One source's hits, read in order into runs."""

    def __init__(self, rule: Rule, restarts: Restarts, hits: Sequence[Hit]) -> None:
        self.rule = rule
        self.steps = {step.name: place for place, step in enumerate(rule.detect.steps)}
        self.runs: list[_Run] = []
        self.open = _Open(rule, restarts)
        self.worked = _Worked(rule, restarts)
        self.ambiguous = False
        outcomes = rule.detect.outcomes
        self.goal = self.steps[outcomes.complete] if outcomes else len(self.steps)
        by = frozenset(rule.detect.by)
        steps = _best_steps(hits, self.steps)
        for hit in hits:
            captures = dict(hit.captures)
            keys = _NONE
            if not by.isdisjoint(captures):
                keys = frozenset([(name, captures[name]) for name in by if captures.get(name)])
            if hit.role == "between":
                self.open.end(keys)
            elif hit.role in steps:
                self._read(steps[hit.role], hit, captures, keys)

    def _read(self, step: int, hit: Hit, captures: dict[str, str], keys: frozenset[Key]) -> None:
        self.open.leave(hit)
        if step == 0:
            if not self.worked.before(hit, captures, keys):
                self._begin(step, hit, captures, keys)
            return
        known = self.open.of(keys) if keys else []
        run = next((run for run in known if self.open.waits(run, step)), None)
        if known and run is None:
            return  # told again, or out of order
        run = run or self._waiting(step, captures, keys)
        if run is not None:
            self.open.step(run, step, hit, keys)
        elif step == 1 and self.rule.detect.outcomes is not None:
            run = self._begin(step, hit, captures, keys)
        if run is not None and step >= self.goal:
            self.worked.add(run, hit)

    def _begin(self, step: int, hit: Hit, captures: dict[str, str], keys: frozenset[Key]) -> _Run:
        self.runs.append(_Run(len(self.runs), step, hit, keys, captures))
        self.open.add(self.runs[-1])
        return self.runs[-1]

    def _waiting(self, step: int, captures: dict[str, str], keys: frozenset[Key]) -> _Run | None:
        """The oldest run that waits for a step and that no other key has claimed, of those most like the hit."""
        waiting = self.open.waiting(step, captures, unclaimed=bool(keys))
        if len(waiting) > 1 and step <= self.goal:
            self.ambiguous = True
        return min(waiting, key=attrgetter("number"), default=None)


def _best_steps(hits: Sequence[Hit], steps: Mapping[str, int]) -> dict[str, int]:
    """The step of each role in which it is counted: each step in the first of the ways that the source has."""
    best: dict[str, tuple[int, str]] = {}
    for role in {hit.role for hit in hits} - {"between"}:
        _, name, way = role.split(":")
        best[name] = min(best.get(name, (int(way), role)), (int(way), role))
    return {role: steps[name] for name, (_, role) in best.items()}
