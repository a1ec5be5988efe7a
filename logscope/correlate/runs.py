"""The runs of a sequence in one source, and those of them that may go on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from itertools import takewhile
from math import inf
from operator import attrgetter

from logscope.correlate.windows import Processes, near
from logscope.match.layers import same_line
from logscope.model import Hit
from logscope.rulebook.rule import Incident, Rule, Window

Key = tuple[str, str]
Like = tuple[str, str | None]
"""A capture that tells runs apart, None where a run lacks it."""
_ANY: Like = "", None
_NOTHING: dict[str, str] = {}
"""The captures of runs that are closed: one for all."""


class Run:
    """One session: the steps it took, as (index of the step, hit); `captures` are of all steps, the last one counts."""

    __slots__ = (
        "captures",
        "discarded",
        "keys",
        "last",
        "left",
        "likes",
        "number",
        "only_if_completed",
        "passed",
        "reached",
        "rejected",
        "steps",
    )

    def __init__(
        self, number: int, step: int, hit: Hit, keys: frozenset[Key], captures: dict[str, str]
    ) -> None:
        self.number = number
        self.steps = [(step, hit)]
        self.reached = step
        self.last = hit
        self.keys = keys
        self.rejected = step == 0
        self.only_if_completed = False
        """Whether it is one only when it is completed: its connection has carried a session that is over."""
        self.discarded = False
        """Whether it is none: its server keeps no sessions, or its session has worked before."""
        self.passed: frozenset[int] = frozenset()
        """Steps that were told of it behind later ones."""
        self.left = False
        """Whether it stopped behind the goal, where others went on."""
        self.captures = captures
        self.likes: Sequence[Like] = ()
        """Under what it is found while it is open."""

    @property
    def first(self) -> Hit:
        return self.steps[0][1]

    @property
    def source(self) -> int:
        """The source that it was read in: steps that others tell are added, the last one of its own stays."""
        return self.last.source

    def differs(self, keys: frozenset[Key]) -> bool:
        """Whether it has another value of one of the keys: others may have passed on to the next session."""
        names = {name for name, _ in self.keys}
        return any(name in names and (name, value) not in self.keys for name, value in keys)

    def told_beside(self, hit: Hit, captures: Mapping[str, str], window: Incident) -> bool:
        """Whether other layers than a hit's have just told that it took the first step, and no other."""
        same = all(self.captures.get(name, value) == value for name, value in captures.items())
        beside = self.last.stream == hit.stream and near(self.last, hit, window.seconds, window.lines)
        if not (self.reached == 0 and same and beside):
            return False
        return not any(same_line(hit.layer, other.layer) for _, other in self.steps)

    def add(self, other: Run) -> None:
        """Take up the further steps of a run that is the same one."""
        self.steps += [(step, hit) for step, hit in other.steps if step > self.reached]
        self.reached = max(self.reached, other.reached)
        self.keys |= other.keys


_Runs = dict[Like, dict[int, Run]]
"""Runs by each of their captures, and all of them, by number."""


class _Heard:
    """Runs by when they were heard of last, to find those that are out of the window without a look at all others."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.runs: OrderedDict[int, Run] = OrderedDict()
        """By number, the longest unheard first."""
        self._timeless = 0
        """Runs that were last heard of without a time."""
        self._times: list[tuple[float, int]] = []
        """A heap of the times at which runs, by number, were heard of, the last time or before."""
        self._latest = -inf
        """No run was heard of later than that."""

    def add(self, run: Run) -> None:
        """Hear of a run."""
        self.runs[run.number] = run
        time = run.last.time
        if time is None:
            self._timeless += 1
        elif self._window.seconds is not None:
            heappush(self._times, (time, run.number))
            self._latest = max(self._latest, time)

    def remove(self, run: Run) -> None:
        """Take a run out, of which nothing new was heard since it was added."""
        del self.runs[run.number]
        self._timeless -= run.last.time is None

    def far_from(self, hit: Hit) -> list[Run]:
        """Return the runs whose window does not reach up to a hit, which is read now."""
        seconds = self._window.seconds
        if seconds is None or (hit.time is None and self._timeless == len(self.runs)):
            return list(takewhile(lambda run: not self._is_near(run, hit), self.runs.values()))
        if hit.time is not None and not self._timeless and self._latest - hit.time <= seconds:
            return self._far_in_time(hit, hit.time, seconds)
        # some have times and some have none, or the clock has jumped back further than the window
        far = [run for run in self.runs.values() if not self._is_near(run, hit)]
        gone = {run.number for run in far}
        left = (run.last.time or -inf for run in self.runs.values() if run.number not in gone)
        self._latest = max(left, default=-inf)
        return far

    def _far_in_time(self, hit: Hit, time: float, seconds: float) -> list[Run]:
        """Return the same where all runs have times, as the hit has: those that are not near it by lines either."""
        far: dict[int, Run] = {}
        kept: list[tuple[float, int]] = []
        while self._times and time - self._times[0][0] > seconds:
            heard, number = heappop(self._times)
            run = self.runs.get(number)
            if run is None or run.last.time != heard:
                continue
            if self._is_near(run, hit):
                kept.append((heard, number))
            else:
                far[number] = run
        for entry in kept:
            heappush(self._times, entry)
        return list(far.values())

    def _is_near(self, run: Run, hit: Hit) -> bool:
        return near(run.last, hit, self._window.seconds, self._window.lines)


class OpenRuns:
    """The runs of one reading that may go on, found by what tells whose a hit is."""

    def __init__(self, rule: Rule, processes: Processes) -> None:
        self._processes = processes
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
        self._heard = _Heard(rule.detect.within or Window())
        self._by_key: dict[Key, list[Run]] = {}
        self._line = 0

    def add(self, run: Run) -> None:
        """Open a run."""
        self._heard.add(run)
        self._enter(run)
        for key in run.keys:
            self._by_key.setdefault(key, []).append(run)

    def step(self, run: Run, step: int, hit: Hit, keys: frozenset[Key], captures: Mapping[str, str]) -> None:
        """Let a run take a step."""
        self._take_out(run)
        self._heard.remove(run)
        run.steps.append((step, hit))
        run.reached, run.last = step, hit
        run.captures.update(captures)
        self._heard.add(run)
        for key in keys - run.keys:
            self._by_key.setdefault(key, []).append(run)
        if not keys <= run.keys:
            run.keys |= keys
        self._enter(run)

    def _enter(self, run: Run) -> None:
        runs = (self._keyed if run.keys else self._free)[run.reached]
        run.likes = [_ANY, *[(name, run.captures.get(name)) for name in self._like]]
        for like in run.likes:
            if like in runs:
                runs[like][run.number] = run
            else:
                runs[like] = {run.number: run}

    def _take_out(self, run: Run) -> None:
        runs = (self._keyed if run.keys else self._free)[run.reached]
        for like in run.likes:
            alike = runs[like]
            del alike[run.number]
            if not alike:
                del runs[like]

    def leave(self, hit: Hit) -> None:
        """Drop the runs that do not reach up to a hit: their process started anew, or they are out of the window."""
        if self._processes.any_restart(hit.source, self._line, hit.line):
            for run in list(self._heard.runs.values()):
                if self._processes.restarted(run.last, hit):
                    self._drop(run)
        self._line = hit.line
        for run in self._heard.far_from(hit):
            self._drop(run)

    def end(self, keys: frozenset[Key]) -> None:
        """Drop the runs of a key and those without one; without keys, all."""
        for run in list(self._heard.runs.values()):
            if not keys or not run.keys or keys & run.keys:
                self._drop(run)

    def of(self, keys: frozenset[Key]) -> list[Run]:
        """Return the runs of any of the keys, oldest first."""
        found = {run.number: run for key in keys for run in self._by_key.get(key, ())}
        return [found[number] for number in sorted(found)]

    def tried(self, captures: Mapping[str, str], keys: frozenset[Key], by: str) -> Run | None:
        """Return the run that has taken the first step, and no other, under these keys or with the same capture `by`:
        over this connection, or from this client."""
        whose = captures.get(by)
        same = [run for run in self.of(keys) if run.reached == 0] if keys else []
        if not same and whose:
            same = _alike([self._free[0], self._keyed[0]], (by, whose))
        return min(same, key=attrgetter("number"), default=None)

    def waits(self, run: Run, step: int) -> bool:
        """Whether the run stands before the step, and every step between may be left out."""
        return run.reached in self._before[step]

    def waiting(self, step: int, captures: Mapping[str, str], unclaimed: bool) -> list[Run]:
        """Return the runs that wait for a step, perhaps only those without a key: of them those that share with it the
        surest capture there is, and none that differs in the last one."""
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

    def _drop(self, run: Run) -> None:
        self._heard.remove(run)
        self._take_out(run)
        run.captures, run.likes = _NOTHING, ()  # nobody asks for it any more, and there may be many
        for key in run.keys:
            self._by_key[key].remove(run)


def _alike(runs: Sequence[_Runs], like: Like) -> list[Run]:
    return [run for part in runs if like in part for run in part[like].values()]
