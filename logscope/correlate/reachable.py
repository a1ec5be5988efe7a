"""An index of open incidents. Of thousands within one window it finds those that a hit may join: by the layers that
have not told them yet, and by what keeps incidents apart.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence

from logscope.model import Hit

_ROOM = 64
"""Incidents that are kept at hand at least before those out of reach are left out."""
Mark = tuple[str, tuple[str, ...]]
"""What keeps an incident apart from others: the stream that tells it, empty where any may, and what its hits name,
empty as long as none has told."""

_Group = tuple[str, tuple[str, ...] | None]
"""The incidents with one mark; with None in place of what is named, all of a stream."""


class _Places:
    """The incidents of one group, by their places among all, oldest first. Those out of reach are dropped whenever the
    list has doubled."""

    __slots__ = ("looked", "own", "room", "untold")

    def __init__(self) -> None:
        self.own: list[int] = []
        self.room = _ROOM
        self.untold: dict[str, list[int]] = {}
        """By layer: those that it had not told when they were looked at."""
        self.looked: dict[str, int] = {}
        """By layer: the last one that was looked at."""

    def enter(self, place: int) -> None:
        """Enter a place wherever it is missing."""
        looked = [places for layer, places in self.untold.items() if place <= self.looked[layer]]
        for places in (self.own, *looked):
            at = bisect_left(places, place)
            if places[at : at + 1] != [place]:
                places.insert(at, place)


class Reachable:
    """The incidents of one source that may go on in one way."""

    def __init__(
        self,
        layers: Sequence[Sequence[str]],
        left: bytearray,
        reaches: Callable[[int, Hit], bool],
        clocks_go_on: bool,
        names: bool,
    ) -> None:
        """`layers`: by place, who has told an incident; `left`: by place, whether it was out of reach and stands in
        some list no more. `reaches`: whether one may go on with a hit. `clocks_go_on`: what is out of reach stays so.
        `names`: whether hits may name what keeps incidents apart."""
        self._layers = layers
        self._left = left
        self._reaches = reaches
        self._clocks_go_on = clocks_go_on
        self._names = names
        self._groups: defaultdict[_Group, _Places] = defaultdict(_Places)

    def add(self, place: int, mark: Mark, hit: Hit) -> None:
        """Add an incident, the newest of all, which a hit has begun."""
        crowded = False
        for places in self._groups_of(mark):
            places.own.append(place)
            if len(places.own) > places.room:
                places.own = self._in_reach(places.own, hit)
                places.room = 2 * len(places.own) + _ROOM
                crowded = True
        if crowded:
            self._forget_names()

    def enter(self, place: int, mark: Mark) -> None:
        """Enter an incident wherever it is missing: it has come into reach, or into the source, or was named."""
        self._left[place] = False
        for places in self._groups_of(mark):
            places.enter(place)

    def untold(self, layer: str, mark: Mark) -> list[list[int]]:
        """Return lists of the incidents that a layer has not told, some of which it may have told since, or may be out
        of reach, and that the mark of its hit does not tell apart."""
        stream, named = mark
        groups: Sequence[_Group] = (mark, (stream, ())) if self._names and named else ((stream, None),)
        return [self._of(self._groups.get(group), layer) for group in groups]

    def _of(self, places: _Places | None, layer: str) -> list[int]:
        if places is None:
            return []
        untold = places.untold.setdefault(layer, [])
        own = places.own
        new = own[bisect_right(own, places.looked.get(layer, -1)) :]
        if new:
            untold += [place for place in new if layer not in self._layers[place]]
            places.looked[layer] = own[-1]
        return untold

    def _groups_of(self, mark: Mark) -> list[_Places]:
        """The groups to which an incident with a mark belongs."""
        groups: Sequence[_Group] = ((mark[0], None), mark) if self._names else ((mark[0], None),)
        return [self._groups[group] for group in groups]

    def _forget_names(self) -> None:
        """Forget the names of which no incident is in reach."""
        left = self._left
        for group, places in list(self._groups.items()):
            if group[1] is not None and all(left[place] for place in places.own):
                del self._groups[group]

    def _in_reach(self, places: Sequence[int], hit: Hit) -> list[int]:
        """Leave out the incidents that can no more go on with a hit; where clocks may go back, only those before all
        others."""
        kept: list[int] = []
        for place in places:
            if self._reaches(place, hit) or (kept and not self._clocks_go_on):
                kept.append(place)
            else:
                self._left[place] = True
        return kept


def clocks_go_on(hits: Sequence[Hit]) -> bool:
    """Whether in each source times, once there are some, never fail nor go back: what has left a window stays out."""
    latest: dict[int, tuple[float, float]] = {}
    for hit in hits:
        before, time = latest.get(hit.source), hit.time
        if time is None:
            if before is not None:
                return False
            continue
        since = hit.around[0] if hit.around else time
        if before is not None and (time < before[0] or since < before[1]):
            return False
        latest[hit.source] = time, since
    return True
