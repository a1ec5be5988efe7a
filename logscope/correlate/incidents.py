"""Hits to incidents: what an operator counts as one, told by several layers, perhaps retried.

Read in order, a hit joins the oldest incident that is near, that its layer has not reported yet, and that no finished
request separates from it; else it opens a new one. Captures named in `by` decide before all that; where
repeats join, they only keep apart what is near.
"""

from __future__ import annotations

from collections.abc import Sequence

from logscope.correlate.windows import near, together
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
        self.layers: set[str] = set()
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
        self.start = 0  # groups before it are out of reach
        self.passed = 0  # the window of groups before it has passed
        self.skip: dict[str, int] = {}  # layer: groups before it have it already
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
            self._revive(group)
        else:
            group = _Group(len(self.groups))
            for places in self.untold.values():
                places.append(len(self.groups))
            self.groups.append(group)
        if not group.hits or group.hits[-1].source != hit.source:
            self.open.setdefault(hit.source, []).append(group)
        group.hits.append(hit)
        if hit.role == "primary":
            if hit.layer != RETRY:
                group.layers.add(hit.layer)
            group.primary = True
        if key:
            group.key = key
            self.by_key.setdefault(key, group)

    def _revive(self, group: _Group) -> None:
        """Bring a group that was out of reach, or whose window had passed, back into it for every layer."""
        self.start = min(self.start, group.place)
        if group.place < self.passed:
            self.passed = group.place
            self.skip = {layer: min(place, group.place) for layer, place in self.skip.items()}

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
        while self.start < len(self.groups) and not self._reachable(self.groups[self.start], hit):
            self.start += 1
        if hit.layer in RETOLD:
            return self._told_before(hit, key)
        joins = self.rule.repeats == "join" or hit.role == "also" or hit.layer == RETRY
        self.passed = max(self.passed, self.start)
        while self.passed < len(self.groups) and self._gone(self.groups[self.passed], hit):
            self.passed += 1
        begin = self.passed if joins else max(self.passed, self.skip.get(hit.layer, 0))
        for place in range(begin, len(self.groups)):
            group = self.groups[place]
            if not joins and hit.layer in group.layers:
                if place == begin:
                    begin = self.skip[hit.layer] = place + 1
                continue
            if not group.closed and self._fits(group, hit, key):
                return group
        return None

    def _reachable(self, group: _Group, hit: Hit) -> bool:
        last = group.hits[-1]
        return near(last, hit, max(_RETOLD_SECONDS, self.rule.seconds), max(_RETOLD_LINES, self.rule.lines))

    def _in_reach(self, group: _Group, hit: Hit) -> bool:
        last = group.hits[-1]
        return together(
            last, hit, max(_RETOLD_SECONDS, self.rule.seconds), max(_RETOLD_LINES, self.rule.lines)
        )

    def _fits(self, group: _Group, hit: Hit, key: tuple[str, ...]) -> bool:
        if key and group.key and key != group.key:
            return False
        return together(group.hits[-1], hit, self.rule.seconds, self.rule.lines)

    def _gone(self, group: _Group, hit: Hit) -> bool:
        """Whether no later hit can join the group: its window has passed."""
        last = group.hits[-1]
        comparable = last.source == hit.source or (last.time is not None and hit.time is not None)
        return comparable and not near(last, hit, self.rule.seconds, self.rule.lines)

    def _told_before(self, hit: Hit, key: tuple[str, ...]) -> _Group | None:
        """The newest incident in reach that this layer has not told yet; a finished request in between rules it out
        for the server's own report, not for asyncio's, which comes when the garbage collector does."""
        if hit.fresh and hit.layer == "asgi":
            return None
        places = self.untold[hit.layer]
        for at in range(len(places) - 1, -1, -1):
            if places[at] < self.start:
                break
            group = self.groups[places[at]]
            if hit.layer in group.layers:
                del places[at]
            elif not (key and group.key and key != group.key) and self._in_reach(group, hit):
                return group
        return None
