"""Sources that tell of the same sessions: a server and its clients, a proxy and what stands behind it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from logscope.correlate.runs import Key, Run
from logscope.correlate.servers import SAME_SECONDS, Same
from logscope.correlate.windows import PORT, Processes
from logscope.match.layers import ACCESS, CLIENT
from logscope.model import Hit


class Teller(NamedTuple):
    """Who tells of a run."""

    source: int
    view: str
    """Of access lines also in which way, as a proxy's differ from those of what stands behind it."""
    port: str
    """The port that a client has asked on its own host, empty where it is not known."""


class KnownRuns:
    """Runs of the sources read so far, to know a session when another source tells it again.

    It is the same session where the key is the same, or where server and client tell the first step at the same time;
    without times, each run of the other side is met once. What only the other side tells is added: that the session was
    rejected and, where the source read first never shows what follows a first step, that it went on.
    """

    def __init__(self, processes: Processes, same: Same) -> None:
        self.processes = processes
        self.same = same
        self.sources: set[int] = set()
        self.going_on: set[int] = set()
        """Sources that show what follows a first step: where it does not follow there, it did not."""
        self.keys: dict[Key, list[Run]] = defaultdict(list)
        self.begins: dict[tuple[bool, Teller], list[float]] = defaultdict(list)
        self.unmet: dict[tuple[bool, Teller], list[tuple[float, int, Run]]] = defaultdict(list)
        self.untimed: dict[tuple[bool, Teller, bool], deque[Run]] = defaultdict(deque)
        self.apart: set[frozenset[int]] = set()
        """Sources without a clock that name other sessions in the same words: neither tells those of the other."""
        self.again: list[tuple[Run, Run]] = []
        """Runs of the source read last that are known, each with the one that another source told."""

    def add(self, runs: Sequence[Run]) -> None:
        """Take up the runs of a source that no other has told, and how it has told those of others."""
        for run in runs:
            self.sources.add(run.source)
            if run.reached:
                self.going_on.add(run.source)
            for key in run.keys:
                self.keys[key].append(run)
            self._begin(run, run)
        for run, known in self.again:
            self._begin(run, known)
        self.again.clear()
        for begins in self.begins.values():
            begins.sort()
        for unmet in self.unmet.values():
            unmet.sort(key=itemgetter(0, 1))

    def _begin(self, run: Run, known: Run) -> None:
        """Note where and when a source has told a run, or as which run one that is known."""
        first, teller = run.first, _teller(run.first)
        if first.time is not None:
            self.begins[run.rejected, teller].append(first.time)
            self.unmet[run.rejected, teller].append((first.time, run.number, known))
        tries = sum(step == 0 for step, _ in run.steps)  # each may be told as a run of its own
        self.untimed[run.rejected, teller, first.time is not None] += [known] * max(tries, 1)

    def knows(self, run: Run) -> bool:
        """Whether another source has told of a run; what is new of it is added there."""
        if self.sources <= {run.source}:
            return False
        named = self._named(run)
        if named is not None and named.rejected >= run.rejected:
            self._add(named, run)
            self.again.append((run, named))
            return True
        met, same = self._same_time(run)
        if not met:
            same = self._once(run)
        if named is not None and not met and same is None:  # what seemed to work at once was rejected first
            named.steps[:0] = [(step, hit) for step, hit in run.steps if step == 0]
            named.rejected = True
        elif same is not None and same.source not in self.going_on:
            self._add(same, run)
        known = met or same is not None or named is not None
        if known:
            self.again.append((run, same or named or run))
        return known

    def _named(self, run: Run) -> Run | None:
        """The run of another source that shares a key."""
        source = run.source
        named = (other for key in sorted(run.keys) for other in self.keys.get(key, ()))
        return next(
            (other for other in named if other.source != source and not other.differs(run.keys)), None
        )

    def _add(self, known: Run, run: Run) -> None:
        for key in run.keys - known.keys:
            self.keys[key].append(known)
        known.add(run)

    def _same_time(self, run: Run) -> tuple[bool, Run | None]:
        """Return whether a run has begun at this time, and the nearest that was not told again so far."""
        time = run.first.time
        if time is None:
            return False, None
        own, met = _teller(run.first), False
        for (rejected, other), begins in self.begins.items():
            if rejected != run.rejected or not self._two_views(other, own):
                continue
            place = bisect_left(begins, time - SAME_SECONDS)
            if place == len(begins) or begins[place] > time + SAME_SECONDS:
                continue
            met, unmet = True, self.unmet[rejected, other]
            place = bisect_left(unmet, time, key=itemgetter(0))
            near = [(abs(unmet[at][0] - time), at) for at in (place - 1, place) if 0 <= at < len(unmet)]
            if near and min(near)[0] <= SAME_SECONDS:
                return True, unmet.pop(min(near)[1])[2]
        return met, None

    def _once(self, run: Run) -> Run | None:
        """The first run that no time can tell apart from this one; it is taken."""
        own = _teller(run.first)
        for (rejected, other, timed), left in self.untimed.items():
            if not left or rejected != run.rejected or (timed and run.first.time is not None):
                continue
            pair = frozenset((other.source, own.source))
            if pair in self.apart or not self._two_views(other, own):
                continue
            if not _differ(left[0], run):
                return left.popleft()
            self.apart.add(pair)
        return None

    def _two_views(self, one: Teller, other: Teller) -> bool:
        """Whether two sources are a server and its client, or a proxy and its server; two alike have own sessions.

        A client may tell in words (its session's id) what the server tells by an access line.
        """
        if one.source == other.source or one.view == other.view:
            return False
        if not any(view == CLIENT or view.startswith(ACCESS) for view in (one.view, other.view)):
            return False
        if CLIENT not in (one.view, other.view) and self.processes.apart(one.source, other.source):
            return False
        return self._may_ask(one, other.source) and self._may_ask(other, one.source)

    def _may_ask(self, client: Teller, source: int) -> bool:
        """Whether a client may have asked the server that a source tells of, or one that tells the same."""
        told: set[int] = self.same.get(source, set())
        ports = any(self.processes.may_serve(one, client.port) for one in (source, *told))
        return not client.port or client.source in told or ports


def _differ(one: Run, other: Run) -> bool:
    """Whether two runs name different sessions in the same words: in words of their own, a server and a client may give
    ids of different kinds."""
    told = {hit.role: dict(hit.captures) for _, hit in one.steps}
    return any(
        value != told.get(hit.role, {}).get(name, value)
        for _, hit in other.steps
        for name, value in hit.captures
        if (name, value) in other.keys
    )


def _teller(hit: Hit) -> Teller:
    view = f"{ACCESS} {hit.role}" if hit.layer == ACCESS else hit.layer
    return Teller(hit.source, view, dict(hit.captures).get(PORT, ""))
