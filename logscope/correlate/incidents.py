"""Hits to incidents: what an operator counts as one, told by several layers, perhaps retried.

Read in order, a hit joins the oldest incident that is near, that its layer has not reported yet, and that no finished
request separates from it; else it opens a new one. Captures named in `by` decide before all that; where
repeats join, they only keep apart what is near.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence

from logscope.correlate.windows import follows, together
from logscope.layers import ASGI, RETOLD, RETRY
from logscope.model import Hit, Occurrence
from logscope.rulebook.rule import Incident

_RETOLD_SECONDS, _RETOLD_LINES = 120.0, 1_000
"""asyncio and the server tell some failures again much later, at shutdown or garbage collection."""


class _Group:
    __slots__ = ("closed", "ended", "hits", "key", "layers", "primary")

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.layers: tuple[str, ...] = ()
        self.key: tuple[str, ...] = ()
        self.primary = False
        self.closed = False
        self.ended: str | None = None
        """The stream whose server told it: it does so last, when the application is done with the request."""


def incidents(hits: Sequence[Hit], rule: Incident) -> tuple[Occurrence, ...]:
    """Return occurrences in order of their first hit; `hits` (roles primary and also) in order."""
    grouping = _Grouping(rule, _clocks_go_on(hits))
    for hit in hits:
        grouping.add(hit)
    return tuple([Occurrence(tuple(group.hits), not group.primary) for group in grouping.groups])


def _clocks_go_on(hits: Sequence[Hit]) -> bool:
    """Whether in each source no hit is earlier than the one before it: what has left a window stays outside."""
    latest: dict[int, float | None] = {}
    for hit in hits:
        time = hit.time
        if not follows(latest.get(hit.source, time), time):
            return False
        latest[hit.source] = time
    return True


class _Nearby:
    """The incidents whose last hit is, or was, of one source, oldest first: only these can go on there."""

    def __init__(self) -> None:
        self.places: list[int] = []  # of the incidents among all
        self.start = 0  # those before it are out of reach
        self.passed = 0  # the window of those before it has passed
        self.skip: dict[str, int] = {}  # by layer: those before it have it already
        self.untold: dict[str, list[int]] = {layer: [] for layer in RETOLD}  # places of those that it has not told
        self.asked = 0  # those before it are entered in `untold`
        self.open: list[_Group] = []

    def enter(self, place: int, group: _Group) -> None:
        """Take an incident up, or bring one back that was out of reach or whose window had passed."""
        at = bisect_left(self.places, place)
        if at == len(self.places) or self.places[at] != place:
            self.places.insert(at, place)
            if at < self.asked:
                self.asked += 1
                self.ask(place, group)
        self.start = min(self.start, at)
        if at < self.passed:
            self.passed = at
            self.skip = {layer: min(begin, at) for layer, begin in self.skip.items()}

    def ask(self, place: int, group: _Group) -> None:
        """Enter an incident where a layer that tells again has not told it."""
        for layer, untold in self.untold.items():
            if layer not in group.layers:
                insort(untold, place)

    def close(self, source: int) -> None:
        """End what is open: a request was finished since."""
        for group in self.open:
            if group.hits[-1].source == source:
                group.closed = True
        self.open.clear()


class _Grouping:
    def __init__(self, rule: Incident, clocks_go_on: bool) -> None:
        self.rule = rule
        self.clocks_go_on = clocks_go_on
        self.groups: list[_Group] = []
        self.by_key: dict[tuple[str, ...], int] = {}
        self.nearby: defaultdict[int, _Nearby] = defaultdict(_Nearby)  # by source
        self.reach = max(_RETOLD_SECONDS, rule.seconds), max(_RETOLD_LINES, rule.lines)

    def add(self, hit: Hit) -> None:
        key = self._key(hit) if self.rule.by else ()
        nearby = self.nearby[hit.source]
        new = self.rule.repeats == "new"
        place = self.by_key.get(key) if key and new else None
        if place is None:
            place = self._candidate(nearby, hit, key)
        if place is None:
            place, group = len(self.groups), _Group()
            self.groups.append(group)
            nearby.places.append(place)
            nearby.open.append(group)
        else:
            group = self.groups[place]
            nearby.enter(place, group)
            if group.hits[-1].source != hit.source:
                nearby.open.append(group)
        group.hits.append(hit)
        if hit.role == "primary":
            layer = hit.layer
            if layer not in group.layers and layer != RETRY:
                group.layers = *group.layers, layer
            group.primary = True
            if layer == ASGI and new:
                group.ended = hit.stream
        if key:
            group.key = key
            self.by_key.setdefault(key, place)

    def _key(self, hit: Hit) -> tuple[str, ...]:
        captures = dict(hit.captures)
        key = tuple(captures.get(name, "") for name in self.rule.by)
        return key if any(key) else ()

    def _candidate(self, nearby: _Nearby, hit: Hit, key: tuple[str, ...]) -> int | None:
        """The place of the oldest incident that the hit may belong to; of one that tells again, the newest."""
        if hit.layer in RETOLD:
            return self._told_before(nearby, hit, key)
        if hit.fresh:
            nearby.close(hit.source)
            if not self.clocks_go_on:
                self._pass(nearby, hit)  # what has passed here stays so, wherever the clock goes next
            return None
        return self._oldest(nearby, hit, key)

    def _oldest(self, nearby: _Nearby, hit: Hit, key: tuple[str, ...]) -> int | None:
        """The oldest open incident whose window reaches the hit and that its layer, unless it joins, has not told."""
        self._pass(nearby, hit)
        joins = self.rule.repeats == "join" or hit.role == "also" or hit.layer == RETRY
        begin = nearby.passed if joins else max(nearby.passed, nearby.skip.get(hit.layer, 0))
        for at in range(begin, len(nearby.places)):
            group = self.groups[nearby.places[at]]
            if not joins and hit.layer in group.layers:
                if at == begin:
                    begin = nearby.skip[hit.layer] = at + 1
                continue
            if not group.closed and self._fits(group, hit, key):
                return nearby.places[at]
        return None

    def _pass(self, nearby: _Nearby, hit: Hit) -> None:
        """Leave behind the incidents whose window has passed."""
        self._leave(nearby, hit)
        places, passed = nearby.places, max(nearby.passed, nearby.start)
        while passed < len(places) and not self._in_window(self.groups[places[passed]], hit):
            passed += 1
        nearby.passed = passed

    def _leave(self, nearby: _Nearby, hit: Hit) -> None:
        """Leave behind the incidents that are out of reach."""
        places, start = nearby.places, nearby.start
        while start < len(places) and not self._in_reach(self.groups[places[start]], hit):
            start += 1
        nearby.start = start

    def _in_reach(self, group: _Group, hit: Hit) -> bool:
        return together(group.hits[-1], hit, *self.reach)

    def _fits(self, group: _Group, hit: Hit, key: tuple[str, ...]) -> bool:
        if group.ended == hit.stream or (key and group.key and key != group.key):
            return False
        return self._in_window(group, hit)

    def _in_window(self, group: _Group, hit: Hit) -> bool:
        return together(group.hits[-1], hit, self.rule.seconds, self.rule.lines)

    def _told_before(self, nearby: _Nearby, hit: Hit, key: tuple[str, ...]) -> int | None:
        """The newest incident in reach that this layer has not told yet; a finished request in between rules it out
        for the server's own report, not for asyncio's, which comes when the garbage collector does."""
        self._leave(nearby, hit)
        if hit.fresh and hit.layer == ASGI:
            return None
        for place in nearby.places[nearby.asked :]:
            nearby.ask(place, self.groups[place])
        nearby.asked = len(nearby.places)
        untold = nearby.untold[hit.layer]
        reach = nearby.places[nearby.start] if nearby.start < len(nearby.places) else len(self.groups)
        for at in range(len(untold) - 1, -1, -1):
            place = untold[at]
            if place < reach:
                break
            group = self.groups[place]
            if hit.layer in group.layers:
                del untold[at]
            elif not (key and group.key and key != group.key) and self._in_reach(group, hit):
                return place
        return None
