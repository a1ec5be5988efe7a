"""Hits to incidents: what an operator counts as one, told by several layers, perhaps retried.

Read in order, a hit joins the oldest incident that is near, that its layer has not reported yet, and that no finished
request separates from it, unless its layer is known to tell behind others; else it opens a new one. Captures named in
`by` decide before all that; where repeats join, they only keep apart what is near. A `call` that failed joins those
that tell of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from logscope.correlate.layering import Behind, returns, told_behind
from logscope.correlate.reachable import Mark, Reachable, clocks_go_on
from logscope.correlate.relayed import Told, once_per_call
from logscope.correlate.windows import near
from logscope.match.layers import LAST, RETOLD, RETRY, SUMMARY, without_one_word
from logscope.model import Hit, Occurrence
from logscope.rulebook.rule import Incident, names_in

_RETOLD_SECONDS, _RETOLD_LINES = 120.0, 1_000
"""asyncio and the server tell some failures again much later, when their process stops."""
_WAITING = 32
"""Incidents, the latest, that may wait for a layer behind those that have told them."""


def incidents(hits: Sequence[Hit], rule: Incident) -> tuple[Occurrence, ...]:
    """Return occurrences in order of their first hit; `hits` (roles primary and also) in order."""
    grouping = _Grouping(rule, clocks_go_on(hits))
    grouping.read(hits)
    told: Sequence[Told] = list(zip(grouping.groups, grouping.layers, strict=True))
    if grouping.calls:
        told = once_per_call(told, grouping.calls)
    return tuple([Occurrence(tuple(group), not layers and _healed(group)) for group, layers in told])


def _healed(hits: Sequence[Hit]) -> bool:
    """Whether there is only supporting evidence."""
    return all(hit.role != "primary" for hit in hits)


class _Nearby:
    """The incidents whose last hit is, or was, of one source, by their places among all: only these can go on there."""

    def __init__(self, going: Reachable, reached: Reachable) -> None:
        self.going, self.reached = going, reached
        """Those that may go on, and those that a layer may tell again."""
        self.retold: Hit | None = None  # the latest of a row of reports that a fresh one began
        self.barrier = 0  # which tell of no incident before this place among all
        self.open: list[int] = []
        self.announced: deque[int] = deque(maxlen=_WAITING)
        """Incidents, the latest, that announced another try."""
        self.waiting: defaultdict[str, list[int]] = defaultdict(list)
        """By layer that tells behind others, the incidents that those have told and, perhaps, it has not, in order."""


class _Telling(NamedTuple):
    """A hit, with all that tells to which incident it belongs."""

    hit: Hit
    layer: str
    """As it counts: see `_Grouping.same`."""
    key: tuple[str, ...]
    call: tuple[tuple[str, str], ...]
    about: dict[str, str]
    """Whom it is about."""
    mark: Mark


class _Grouping:
    def __init__(self, rule: Incident, clocks_go_on: bool) -> None:
        self.rule = rule
        self.new = rule.repeats == "new"
        self.clocks_go_on = clocks_go_on
        self.apart = frozenset(names_in(rule.apart)) if rule.apart is not None else frozenset()
        self.calls = frozenset(names_in(rule.call)) if rule.call is not None else frozenset()
        self.tells = self.apart | self.calls
        # what a call joins may differ in key and stream
        self.by_stream = not (rule.across_streams or rule.by or self.calls)
        self.marking = () if rule.by and self.calls else rule.by or names_in(rule.apart or "")[:1]
        """What incidents are marked by: the captures of the key, or the first that tells them apart."""
        self.window = rule.seconds, rule.lines
        self.retried = max(rule.seconds, rule.retry_seconds or 0.0), rule.lines
        self.reach = max(_RETOLD_SECONDS, rule.seconds), max(_RETOLD_LINES, rule.lines)
        self.nearby: dict[int, _Nearby] = {}  # by source
        self.by_key: dict[tuple[str, ...], int] = {}
        self.by_call: dict[tuple[tuple[str, str], ...], int] = {}  # the newest
        # Incidents, each by its place: as plain as can be, there may be one per hit.
        self.groups: list[list[Hit]] = []
        self.layers: list[tuple[str, ...]] = []  # that told it
        self.keys: defaultdict[int, set[tuple[str, ...]]] = defaultdict(set)
        self.marks: list[Mark] = []
        self.known_marks: dict[Mark, Mark] = {}
        """Those without a name, each once."""
        self.about: dict[int, dict[str, str]] = {}
        """Whom incidents are about, as far as their hits told."""
        self.same: dict[str, str] = {}
        """Layers as they count: one that tells the same of another name is the first of them."""
        self.alike: dict[tuple[str, ...], str] = {}
        self.left, self.closed = bytearray(), bytearray()
        """Whether incidents went out of reach and stand in some list no more, and whether they are over for good."""
        self.behind: Behind = {}
        self.outer: dict[int, dict[str, list[str]]] = {}
        """By source and layer, the layers that tell behind it."""
        self.ended: dict[int, str] = {}
        """The stream whose server or asyncio told it: they do so last, when the application is done with it."""

    def read(self, hits: Sequence[Hit]) -> None:
        """Take hits up, in order."""
        by, groups = self.rule.by, self.groups
        layers = [self._layer(hit.layer) for hit in hits]
        self._learn(hits, layers)
        for hit, layer in zip(hits, layers, strict=True):
            nearby = self.nearby.get(hit.source) or self._first_of(hit.source)
            key = self._key(hit) if by else ()
            about = self._about(hit, layer) if self.tells else {}
            call = self._call(hit) if self.calls else ()
            telling = _Telling(hit, layer, key, call, about, self._mark(hit, key, about))
            place = self._found(nearby, telling)
            own = (layer,) if hit.role == "primary" and layer != RETRY else ()
            if place is None:
                place = len(groups)
                groups.append([hit])
                self._open(nearby, telling, own)
            else:
                self._join(place, nearby, telling, own)
            if self.behind and hit.source in self.outer:
                self._wait(place, nearby, self.outer[hit.source])
            if layer == RETRY and self.new and place not in nearby.announced:
                nearby.announced.append(place)
            if layer in LAST and own and self.new:
                self.ended[place] = hit.stream
            if about:
                self.about[place] = {**about, **self.about.get(place, {})}
            if key:
                self.keys[place].add(key)
                self.by_key.setdefault(key, place)
            if call:
                self.by_call[call] = place

    def _found(self, nearby: _Nearby, telling: _Telling) -> int | None:
        """The incident that a hit belongs to, None where it begins one."""
        hit, layer = telling.hit, telling.layer
        place = self.by_key.get(telling.key) if telling.key and self.new else None
        if place is None and telling.call:
            place = self._called(telling)
        if self.behind and place is None and (hit.source, layer) in self.behind and hit.role == "primary":
            place = self._told_within(nearby, telling)
        if place is not None:
            return place
        if layer in RETOLD:
            return self._told_before(nearby, telling)
        if nearby.announced and layer != RETRY and (place := self._tried(nearby, telling)) is not None:
            return place
        if hit.fresh:
            self._end(nearby, hit)
            return None
        return self._oldest(nearby, telling)

    def _tried(self, nearby: _Nearby, telling: _Telling) -> int | None:
        """The oldest incident that announced another try since this layer told it: the hit tells how that ended."""
        tried = telling._replace(about=self._about(telling.hit, RETRY))
        for place in sorted(nearby.announced):
            waits = not self.closed[place] and self._awaits(place, telling.layer)
            if waits and self._goes_on(place, telling.hit) and not self._other(place, tried):
                return place
        return None

    def _awaits(self, place: int, layer: str) -> bool:
        """Whether a layer has told an incident, and not since it announced another try, once for each."""
        group = self.groups[place]
        for at in range(len(group) - 1, 0, -1):
            if group[at].layer == RETRY:
                return group[at - 1].layer != RETRY and layer in self.layers[place]
            if self._layer(group[at].layer) == layer:
                return False
        return False

    def _learn(self, hits: Sequence[Hit], layers: Sequence[str]) -> None:
        """Learn which layers tell behind which others."""
        if self.new and len(set(layers)) > 1:
            self.behind = told_behind(hits, layers, *self.window)
        for (source, outer), inner in self.behind.items():
            for layer in inner:
                self.outer.setdefault(source, {}).setdefault(layer, []).append(outer)

    def _wait(self, place: int, nearby: _Nearby, outside: Mapping[str, Sequence[str]]) -> None:
        """Enter an incident, which a hit has just joined, for the layers outside of its own that may yet tell it."""
        for layer in self.layers[place]:
            for outer in outside.get(layer, ()):
                waiting = nearby.waiting[outer]
                at = bisect_left(waiting, place)
                if outer not in self.layers[place] and waiting[at : at + 1] != [place]:
                    waiting.insert(at, place)
                    del waiting[:-_WAITING]

    def _told_within(self, nearby: _Nearby, telling: _Telling) -> int | None:
        """The oldest incident in the window that a layer within this one has told, and this one has not, whatever
        requests stand between."""
        waiting, passed, found = nearby.waiting[telling.layer], 0, None
        for at, place in enumerate(waiting):
            told = telling.layer in self.layers[place]
            if not told and self._goes_on(place, telling.hit) and self._takes(place, telling):
                found = place
                break
            if at == passed and (told or not self._may_go_on(place, telling.hit)):
                passed += 1
        del waiting[:passed]
        return found

    def _takes(self, place: int, telling: _Telling) -> bool:
        """Whether nothing tells that a layer which has not told an incident tells of another one."""
        return (
            self.ended.get(place) != telling.hit.stream
            and not self._other(place, telling)
            and not returns(telling.layer, self.layers[place])
        )

    def _may_go_on(self, place: int, hit: Hit) -> bool:
        """Whether the window of an incident reaches up to a hit, or may reach up to a later one."""
        return self._goes_on(place, hit) or (not self.clocks_go_on and self._in(self.reach, place, hit))

    def _first_of(self, source: int) -> _Nearby:
        """Begin a source."""

        def reachable(reaches: Callable[[int, Hit], bool]) -> Reachable:
            return Reachable(self.layers, self.left, reaches, self.clocks_go_on, bool(self.marking))

        nearby = _Nearby(reachable(self._goes_on), reachable(partial(self._in, self.reach)))
        self.nearby[source] = nearby
        return nearby

    def _mark(self, hit: Hit, key: tuple[str, ...], about: Mapping[str, str]) -> Mark:
        """What keeps a hit's incident apart from others for good."""
        stream = hit.stream if self.by_stream else ""
        if self.marking == self.rule.by:
            mark: Mark = stream, key
        else:
            mark = stream, tuple([about[name] for name in self.marking if name in about])
        return self.known_marks.setdefault(mark, mark) if not mark[1] else mark

    def _layer(self, layer: str) -> str:
        known = self.same.get(layer)
        if known is None:
            parts = without_one_word(layer)
            known = next((self.alike[part] for part in parts if part in self.alike), layer)
            for part in parts:
                self.alike.setdefault(part, known)
            self.same[layer] = known
        return known

    def _key(self, hit: Hit) -> tuple[str, ...]:
        captures = dict(hit.captures)
        key = tuple([captures.get(name, "") for name in self.rule.by])
        return key if any(key) else ()

    def _call(self, hit: Hit) -> tuple[tuple[str, str], ...]:
        return tuple([(name, value) for name, value in hit.captures if name in self.calls and value])

    def _called(self, telling: _Telling) -> int | None:
        """The newest incident of the same call, where it is in reach and this layer has not told it: ids that
        test servers make up may all be the same."""
        place = self.by_call.get(telling.call)
        if place is None or telling.layer in self.layers[place]:
            return None
        hit, last = telling.hit, self.groups[place][-1]
        clockless = last.source != hit.source and None in (last.time, hit.time)
        return place if clockless or near(last, hit, *self.reach) else None

    def _open(self, nearby: _Nearby, telling: _Telling, layers: tuple[str, ...]) -> None:
        """Enter an incident that a hit has begun; it is told by the `layers` then, or by none."""
        place = len(self.layers)
        self.layers.append(layers)
        self.marks.append(telling.mark)
        self.left.append(False)
        self.closed.append(False)
        nearby.open.append(place)
        nearby.going.add(place, telling.mark, telling.hit)
        nearby.reached.add(place, telling.mark, telling.hit)

    def _join(self, place: int, nearby: _Nearby, telling: _Telling, layers: tuple[str, ...]) -> None:
        """Add a hit to an incident, which may have been out of reach, in another source, or not named yet."""
        hit, mark, group = telling.hit, telling.mark, self.groups[place]
        moved = group[-1].source != hit.source
        if moved:
            nearby.open.append(place)
        named = bool(mark[1]) and not self.marks[place][1]
        if named:
            self.marks[place] = mark
        if moved or named or self.left[place]:
            nearby.going.enter(place, self.marks[place])
            nearby.reached.enter(place, self.marks[place])
        group.append(hit)
        if layers and layers[0] not in self.layers[place]:
            self.layers[place] += layers

    def _end(self, nearby: _Nearby, hit: Hit) -> None:
        """End what is open: a request was finished before the hit."""
        for place in nearby.open:
            if self.groups[place][-1].source == hit.source:
                self.closed[place] = True
        nearby.open.clear()

    def _oldest(self, nearby: _Nearby, telling: _Telling) -> int | None:
        """The oldest open incident whose window reaches the hit and that its layer, unless it joins, has not told."""
        hit, layer, mark = telling.hit, telling.layer, telling.mark
        joins = not self.new or hit.role == "also" or layer == RETRY
        found: list[int] = []
        for untold in nearby.going.untold(RETRY if joins else layer, mark):
            looked = kept = 0
            for looked, place in enumerate(untold, 1):  # noqa: B007 - up to where it was looked
                if self.closed[place] or (not joins and layer in self.layers[place]):
                    continue
                if mark[1] and self.marks[place][1] not in ((), mark[1]):
                    continue  # named since
                goes_on = self._goes_on(place, hit)
                if not goes_on and (self.clocks_go_on or not kept):
                    self.left[place] = True
                    continue
                untold[kept] = place
                kept += 1
                if (
                    goes_on
                    and self.ended.get(place) != hit.stream
                    and not self._other(place, telling)
                    and (joins or not returns(layer, self.layers[place]))
                ):
                    found.append(place)
                    break
            del untold[kept:looked]
        return min(found, default=None)

    def _about(self, hit: Hit, layer: str) -> dict[str, str]:
        """Whom a hit is about, and which call: where it announces another try, the next call is the same incident's."""
        names = self.apart if layer == RETRY else self.tells
        return {name: value.casefold() for name, value in hit.captures if name in names and value}

    def _other(self, place: int, telling: _Telling) -> bool:
        """Whether a key, whom it is about, or the stream tells that a hit belongs to another incident."""
        key, about = telling.key, telling.about
        if key and key not in self.keys.get(place, (key,)):
            return True
        if not self.rule.across_streams and self.groups[place][-1].stream != telling.hit.stream:
            return True
        known = self.about.get(place, {}) if about else {}
        return any(known.get(name, value) != value for name, value in about.items())

    def _goes_on(self, place: int, hit: Hit) -> bool:
        """Whether an incident's window, longer behind an announced retry, reaches up to a hit."""
        return self._in(self.retried if self.groups[place][-1].layer == RETRY else self.window, place, hit)

    def _in(self, bounds: tuple[float, int], place: int, hit: Hit) -> bool:
        """Whether an incident goes on up to a hit: within one source, only a shared key joins two."""
        last = self.groups[place][-1]
        return last.source == hit.source and near(last, hit, *bounds)

    def _told_before(self, nearby: _Nearby, telling: _Telling) -> int | None:
        """The newest incident in reach that this layer has not told yet; a finished request in between rules it out,
        for this report and for those in a row behind it."""
        hit, layer = telling.hit, telling.layer
        if hit.fresh and layer != SUMMARY:
            nearby.retold, nearby.barrier = hit, len(self.groups)
            return None
        row = nearby.retold is not None and near(nearby.retold, hit, *self.window)
        nearby.retold, nearby.barrier = (hit, nearby.barrier) if row else (None, 0)
        found: list[int] = []
        for untold in nearby.reached.untold(layer, telling.mark):
            self._leave(untold, hit)
            for at in range(len(untold) - 1, -1, -1):
                place = untold[at]
                if place < nearby.barrier:
                    break
                if layer in self.layers[place]:
                    del untold[at]
                elif not self._in(self.reach, place, hit):
                    if self.clocks_go_on:
                        self.left[place] = True
                        del untold[at]
                elif not self._other(place, telling) and any(
                    own.stream == hit.stream for own in self.groups[place]
                ):
                    found.append(place)
                    break
        return max(found, default=None)

    def _leave(self, places: list[int], hit: Hit) -> None:
        """Leave behind the oldest incidents, those out of reach."""
        gone = 0
        while gone < len(places) and not self._in(self.reach, places[gone], hit):
            self.left[places[gone]] = True
            gone += 1
        del places[:gone]
