"""Hits to incidents: what an operator counts as one, told by several layers, perhaps retried.

Read in order, a hit joins the oldest incident that is near, that its layer has not reported yet, and that no finished
request separates from it; else it opens a new one. Captures named in `by` decide before all that; where
repeats join, they only keep apart what is near.
"""

from __future__ import annotations

from collections.abc import Sequence

from logscope.correlate.windows import together
from logscope.layers import RETOLD, RETRY
from logscope.model import Hit, Occurrence
from logscope.rulebook.rule import Incident

_RETOLD_SECONDS, _RETOLD_LINES = 120.0, 1_000
"""asyncio and the server tell some failures again much later, at shutdown or garbage collection."""


class _Group:
    __slots__ = ("closed", "hits", "key", "layers", "place", "primary")

    def __init__(self, place: int) -> None:
        self.place = place
        self.hits: list[Hit] = []
        self.layers: tuple[str, ...] = ()
        self.key: tuple[str, ...] = ()
        self.primary = False
        self.closed = False


def incidents(hits: Sequence[Hit], rule: Incident) -> tuple[Occurrence, ...]:
    """Return occurrences in order of their first hit; `hits` (roles primary and also) in order."""
    grouping = _Grouping(rule)
    for hit in hits:
        grouping.add(hit)
    return tuple(Occurrence(tuple(group.hits), recovered=not group.primary) for group in grouping.groups)


class _Grouping:
    def __init__(self, rule: Incident) -> None:
        self.rule = rule
        self.groups: list[_Group] = []
        self.by_key: dict[tuple[str, ...], _Group] = {}
        # By source, for groups whose last hit is of it:
        self.start: dict[int, int] = {}  # groups before it are out of reach
        self.passed: dict[int, int] = {}  # the window of groups before it has passed
        self.skip: dict[tuple[int, str], int] = {}  # and layer: groups before it have it already
        self.open: dict[int, list[_Group]] = {}  # by source: groups whose last hit is, or was, of it
        self.untold: dict[str, list[int]] = {layer: [] for layer in RETOLD}  # groups that it has not told

    def add(self, hit: Hit) -> None:
        key = self._key(hit)
        group = self.by_key.get(key) if key and self.rule.repeats == "new" else None
        if group is None:
            if hit.fresh and hit.layer not in RETOLD:
                self._close(hit.source)
            group = self._candidate(hit, key)
        if group is not None:
            self._revive(group, hit.source)
        else:
            group = _Group(len(self.groups))
            for places in self.untold.values():
                places.append(len(self.groups))
            self.groups.append(group)
        if not group.hits or group.hits[-1].source != hit.source:
            self.open.setdefault(hit.source, []).append(group)
        group.hits.append(hit)
        if hit.role == "primary":
            if hit.layer != RETRY and hit.layer not in group.layers:
                group.layers = *group.layers, hit.layer
            group.primary = True
        if key:
            group.key = key
            self.by_key.setdefault(key, group)

    def _revive(self, group: _Group, source: int) -> None:
        """Bring a group that was out of a source's reach, or whose window had passed, back for every layer."""
        self.start[source] = min(self.start.get(source, 0), group.place)
        if group.place < self.passed.get(source, 0):
            self.passed[source] = group.place
            for key, place in self.skip.items():
                if key[0] == source:
                    self.skip[key] = min(place, group.place)

    def _key(self, hit: Hit) -> tuple[str, ...]:
        if not self.rule.by:
            return ()
        captures = dict(hit.captures)
        key = tuple(captures.get(name, "") for name in self.rule.by)
        return key if any(key) else ()

    def _close(self, source: int) -> None:
        for group in self.open.pop(source, ()):
            if group.hits[-1].source == source:
                group.closed = True

    def _candidate(self, hit: Hit, key: tuple[str, ...]) -> _Group | None:
        start = self.start.get(hit.source, 0)
        while start < len(self.groups) and not self._in_reach(self.groups[start], hit):
            start += 1
        self.start[hit.source] = start
        if hit.layer in RETOLD:
            return self._told_before(hit, key)
        joins = self.rule.repeats == "join" or hit.role == "also" or hit.layer == RETRY
        passed = max(self.passed.get(hit.source, 0), start)
        while passed < len(self.groups) and not self._in_window(self.groups[passed], hit):
            passed += 1
        self.passed[hit.source] = passed
        told = (hit.source, hit.layer)
        begin = passed if joins else max(passed, self.skip.get(told, 0))
        for place in range(begin, len(self.groups)):
            group = self.groups[place]
            if not joins and hit.layer in group.layers:
                if place == begin:
                    begin = self.skip[told] = place + 1
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
        if key and group.key and key != group.key:
            return False
        return self._in_window(group, hit)

    def _in_window(self, group: _Group, hit: Hit) -> bool:
        return together(group.hits[-1], hit, self.rule.seconds, self.rule.lines)

    def _told_before(self, hit: Hit, key: tuple[str, ...]) -> _Group | None:
        """The newest incident in reach that this layer has not told yet; a finished request in between rules it out
        for the server's own report, not for asyncio's, which comes when the garbage collector does."""
        if hit.fresh and hit.layer == "asgi":
            return None
        places = self.untold[hit.layer]
        for at in range(len(places) - 1, -1, -1):
            if places[at] < self.start.get(hit.source, 0):
                break
            group = self.groups[places[at]]
            if hit.layer in group.layers:
                del places[at]
            elif not (key and group.key and key != group.key) and self._in_reach(group, hit):
                return group
        return None
