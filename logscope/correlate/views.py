"""Sources that tell of the same sessions: a server and its clients, a proxy and what stands behind it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from logscope.correlate.runs import Key, Run
from logscope.correlate.windows import PORT, Processes
from logscope.match.layers import ACCESS, CLIENT
from logscope.model import Hit

_SAME_SECONDS = 2.0
"""Two sources that tell the first step this close tell of one session."""


class Teller(NamedTuple):
    """Who tells of a run."""

    source: int
    view: str
    """Of access lines also in which way, as a proxy's differ from those of what stands behind it."""
    port: str
    """The port that a client has asked on its own host, empty where it is not known."""


class Told:
    """Runs of the sources read so far: the same key, or first steps that server and client tell at the same time, is
    the same session told again; without times, each run of the other side once."""

    def __init__(self, processes: Processes) -> None:
        self.processes = processes
        self.sources: set[int] = set()
        self.keys: dict[tuple[bool, Key], set[int]] = defaultdict(set)  # sources
        self.begins: dict[tuple[bool, Teller], list[float]] = defaultdict(list)
        self.unmet: dict[bool, Counter[tuple[Teller, bool]]] = {True: Counter(), False: Counter()}

    def add(self, runs: Sequence[Run]) -> None:
        for run in runs:
            first = run.first
            self.sources.add(first.source)
            for key in run.keys:
                self.keys[run.rejected, key].add(first.source)
            if first.time is not None:
                self.begins[run.rejected, _teller(first)].append(first.time)
            self.unmet[run.rejected][_teller(first), first.time is not None] += 1
        for begins in self.begins.values():
            begins.sort()

    def elsewhere(self, run: Run) -> bool:
        first = run.first
        if self.sources <= {first.source}:
            return False
        if any(self.keys.get((run.rejected, key), set()) - {first.source} for key in run.keys):
            return True
        return self._same_time(run.rejected, first) or self._once(run.rejected, first)

    def _same_time(self, rejected: bool, first: Hit) -> bool:
        if first.time is None:
            return False
        own = _teller(first)
        for (as_rejected, other), begins in self.begins.items():
            if as_rejected == rejected and self._two_views(other, own):
                place = bisect_left(begins, first.time - _SAME_SECONDS)
                if place < len(begins) and begins[place] <= first.time + _SAME_SECONDS:
                    return True
        return False

    def _once(self, rejected: bool, first: Hit) -> bool:
        """Whether a run that no time can tell apart from this one is left; it is taken."""
        own, unmet = _teller(first), self.unmet[rejected]
        for other, timed in unmet:
            if (first.time is None or not timed) and self._two_views(other, own):
                unmet[other, timed] -= 1
                if not unmet[other, timed]:
                    del unmet[other, timed]
                return True
        return False

    def _two_views(self, one: Teller, other: Teller) -> bool:
        """Whether a server and its client tell, or a proxy and its server: two alike have sessions of their own.

        A client may tell in words (its session's id) what the server tells by an access line.
        """
        if one.source == other.source or one.view == other.view:
            return False
        if not any(view == CLIENT or view.startswith(ACCESS) for view in (one.view, other.view)):
            return False
        if CLIENT not in (one.view, other.view) and self.processes.apart(one.source, other.source):
            return False
        return all(
            not client.port or self.processes.may_serve(server.source, client.port)
            for client, server in ((one, other), (other, one))
        )


def _teller(hit: Hit) -> Teller:
    view = f"{ACCESS} {hit.role}" if hit.layer == ACCESS else hit.layer
    return Teller(hit.source, view, dict(hit.captures).get(PORT, ""))
