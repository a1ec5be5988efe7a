"""Hits to incidents: what an operator counts as one, told by several layers, perhaps retried.

Read in order, a hit joins the oldest incident that is near, that its layer has not reported yet, and that no finished
request separates from it; else it opens a new one. Captures named in `by` decide before all that; where
repeats join, they only keep apart what is near.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

from logscope.correlate.windows import together
from logscope.layers import ASGI, RETOLD, RETRY
from logscope.model import Hit, Occurrence
from logscope.rulebook.rule import Incident

_RETOLD_SECONDS, _RETOLD_LINES = 120.0, 1_000
"""asyncio and the server tell some failures again much later, at shutdown or garbage collection."""


class _Group:
    __slots__ = ("closed", "ended", "hits", "key", "layers", "place", "primary")

    def __init__(self, place: int) -> None:
        self.place = place
        self.hits: list[Hit] = []
        self.layers: tuple[str, ...] = ()
        self.key: tuple[str, ...] = ()
        self.primary = False
        self.closed = False
        self.ended: str | None = None
        """The stream whose server told it: it does so last, when the application is done with the request."""


def incidents(hits: Sequence[Hit], rule: Incident) -> tuple[Occurrence, ...]:
    """Return occurrences in order of their first hit; `hits` (roles primary and also) in order."""
    grouping = _Grouping(rule)
    for hit in hits:
        grouping.add(hit)
    return tuple(Occurrence(tuple(group.hits), recovered=not group.primary) for group in grouping.groups)


class _Nearby:
    """The incidents whose last hit is, or was, of one source, oldest first: only these can go on there."""

    def __init__(self) -> None:
        self.groups: list[_Group] = []
        self.start = 0  # groups before it are out of reach
        self.passed = 0  # the window of groups before it has passed
        self.skip: dict[str, int] = {}  # by layer: groups before it have it already
        self.untold: dict[str, list[_Group]] = {layer: [] for layer in RETOLD}  # groups that it has not told
        self.open: list[_Group] = []

    def enter(self, group: _Group) -> None:
        """Take an incident up, or bring one back that was out of reach or whose window had passed."""
        newer = not self.groups or self.groups[-1].place < group.place
        at = len(self.groups) if newer else bisect_left(self.groups, group.place, key=_place)
        if newer or self.groups[at] is not group:
            self.groups.insert(at, group)
            for layer, untold in self.untold.items():
                if layer not in group.layers:
                    insort(untold, group, key=_place)
        self.start = min(self.start, at)
        if at < self.passed:
            self.passed = at
            self.skip = {layer: min(place, at) for layer, place in self.skip.items()}

    def close(self, source: int) -> None:
        """End what is open: a request was finished since."""
        for group in self.open:
            if group.hits[-1].source == source:
                group.closed = True
        self.open.clear()


def _place(group: _Group) -> int:
    return group.place


class _Grouping:
    def __init__(self, rule: Incident) -> None:
        self.rule = rule
        self.groups: list[_Group] = []
        self.by_key: dict[tuple[str, ...], _Group] = {}
        self.nearby: dict[int, _Nearby] = {}  # by source

    def add(self, hit: Hit) -> None:
        key = self._key(hit)
        nearby = self.nearby.setdefault(hit.source, _Nearby())
        group = self.by_key.get(key) if key and self.rule.repeats == "new" else None
        if group is None:
            if hit.fresh and hit.layer not in RETOLD:
                nearby.close(hit.source)
            group = self._candidate(nearby, hit, key)
        if group is None:
            group = _Group(len(self.groups))
            self.groups.append(group)
        nearby.enter(group)
        if not group.hits or group.hits[-1].source != hit.source:
            nearby.open.append(group)
        group.hits.append(hit)
        if hit.role == "primary":
            if hit.layer != RETRY and hit.layer not in group.layers:
                group.layers = *group.layers, hit.layer
            group.primary = True
            if hit.layer == ASGI and self.rule.repeats == "new":
                group.ended = hit.stream
        if key:
            group.key = key
            self.by_key.setdefault(key, group)

    def _key(self, hit: Hit) -> tuple[str, ...]:
        if not self.rule.by:
            return ()
        captures = dict(hit.captures)
        key = tuple(captures.get(name, "") for name in self.rule.by)
        return key if any(key) else ()

    def _candidate(self, nearby: _Nearby, hit: Hit, key: tuple[str, ...]) -> _Group | None:
        """The oldest incident that the hit may belong to; hits that tell again are tried on the newest first."""
        groups, start = nearby.groups, nearby.start
        while start < len(groups) and not self._in_reach(groups[start], hit):
            start += 1
        nearby.start = start
        if hit.layer in RETOLD:
            return self._told_before(nearby, hit, key)
        joins = self.rule.repeats == "join" or hit.role == "also" or hit.layer == RETRY
        passed = max(nearby.passed, start)
        while passed < len(groups) and not self._in_window(groups[passed], hit):
            passed += 1
        nearby.passed = passed
        begin = passed if joins else max(passed, nearby.skip.get(hit.layer, 0))
        for place in range(begin, len(groups)):
            group = groups[place]
            if not joins and hit.layer in group.layers:
                if place == begin:
                    begin = nearby.skip[hit.layer] = place + 1
                continue
            if not group.closed and self._fits(group, hit, key):
                return group
        return None

    def _in_reach(self, group: _Group, hit: Hit) -> bool:
        last = group.hits[-1]
        return together(
            last, hit, max(_RETOLD_SECONDS, self.rule.seconds), max(_RETOLD_LINES, self.rule.lines)
        )

    def _fits(self, group: _Group, hit: Hit, key: tuple[str, ...]) -> bool:
        if group.ended == hit.stream or (key and group.key and key != group.key):
            return False
        return self._in_window(group, hit)

    def _in_window(self, group: _Group, hit: Hit) -> bool:
        return together(group.hits[-1], hit, self.rule.seconds, self.rule.lines)

    def _told_before(self, nearby: _Nearby, hit: Hit, key: tuple[str, ...]) -> _Group | None:
        """The newest incident in reach that this layer has not told yet; a finished request in between rules it out
        for the server's own report, not for asyncio's, which comes when the garbage collector does."""
        if hit.fresh and hit.layer == "asgi":
            return None
        untold = nearby.untold[hit.layer]
        reach = nearby.groups[nearby.start].place if nearby.start < len(nearby.groups) else len(self.groups)
        for at in range(len(untold) - 1, -1, -1):
            group = untold[at]
            if group.place < reach:
                break
            if hit.layer in group.layers:
                del untold[at]
            elif not (key and group.key and key != group.key) and self._in_reach(group, hit):
                return group
        return None
