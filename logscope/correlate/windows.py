"""Order and nearness of hits: by time where both have one, by lines of the same source where not."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, groupby
from operator import attrgetter

from logscope.model import Captures, Hit, Occurrence
from logscope.rulebook.texts import stem_of

_SUBJECTS = ("host", "server", "tool")
_NAME = re.compile(r"(?:\w+://)?(?!localhost\b)((?=[\w.-]*[a-z])[\w.-]+)(?::\d+)?(?:/.*)?")
"""A name, and no address; without its port."""
_NEAREST = 8
"""Hits looked at on each side."""
PORT = "port"
"""The capture that tells where a server listens, or which server of its own host a client has asked."""


def in_order(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits as they happened: each source keeps its line order, sources are merged by time."""
    ordered = sorted(hits, key=attrgetter("source", "line", "role"))
    if not ordered or ordered[0].source == ordered[-1].source:
        return ordered
    latest: list[float] = []
    for _, own in groupby(ordered, attrgetter("source")):
        latest += accumulate((float("-inf") if hit.time is None else hit.time for hit in own), max)
    return [ordered[place] for place in sorted(range(len(ordered)), key=latest.__getitem__)]


def occurrences_in_order(found: Sequence[Occurrence]) -> tuple[Occurrence, ...]:
    """Return occurrences in the order of their first hits."""
    places = {id(hit): place for place, hit in enumerate(in_order(item.hits[0] for item in found))}
    return tuple(sorted(found, key=lambda item: places[id(item.hits[0])]))


def near(earlier: Hit, later: Hit, seconds: float | None, lines: int | None) -> bool:
    """Whether two hits lie within a window; a bound that is None does not bind, and two hits that cannot be
    compared (no time, different sources) are not near. Lines decide where interpolated times may be too far off."""
    if seconds is not None:
        begin, end = earlier.time, later.time
        if begin is not None and end is not None:
            if abs(end - begin) <= seconds:
                return True
            if lines is None or _surely_apart(earlier, later, seconds):
                return False
    if earlier.source != later.source:
        return False
    if lines is None:
        return True
    first, second = (earlier, later) if earlier.line <= later.line else (later, earlier)
    return second.line - first.last_line <= lines


def _surely_apart(one: Hit, other: Hit, seconds: float) -> bool:
    """Whether two hits with a time lie further apart, wherever their interpolated times really are."""
    if one.around is None and other.around is None:
        return True
    (begin, end), (since, until) = [hit.around or (hit.time, hit.time) for hit in (one, other)]
    return max(since - end, begin - until) > seconds  # type: ignore[operator]


def comes_before(one: Hit, other: Hit) -> bool:
    """Whether a hit happened before another one, by their lines where a time is not known."""
    if one.time is not None and other.time is not None:
        return one.time < other.time
    return one.line < other.line


def about_another(one: Hit, other: Hit) -> bool:
    """Whether two hits name different hosts, servers or tools. An address may be any name's."""
    told, about = _subjects(one.captures), _subjects(other.captures)
    return any(about.get(name, value) != value for name, value in told.items())


@lru_cache(1024)
def _subjects(captures: Captures) -> dict[str, str]:
    """What captures name, by `host` (without its port), `server` and `tool`."""
    named = {stem_of(name): value.casefold() for name, value in captures}
    found = [(name, _NAME.fullmatch(named.get(name, ""))) for name in _SUBJECTS]
    return {name: match[1] for name, match in found if match}


class Processes:
    """What the processes behind the sources told of themselves: the lines at which one started anew, which no window
    reaches across, and the ports they listen on."""

    def __init__(self, starts: Iterable[Hit], listening: Iterable[Hit] = ()) -> None:
        self._lines: dict[tuple[int, str], list[int]] = {}
        self._sources: dict[int, list[int]] = {}
        self._ports: dict[int, set[str]] = {}
        for hit in listening:
            self._ports.setdefault(hit.source, set()).add(dict(hit.captures).get(PORT, ""))
        for hit in sorted(starts, key=lambda h: h.line):
            self._lines.setdefault((hit.source, hit.stream), []).append(hit.line)
            self._sources.setdefault(hit.source, []).append(hit.line)

    def any_restart(self, source: int, line: int, later: int) -> bool:
        """Whether any process of a source started anew behind a line and up to a later one."""
        lines = self._sources.get(source)
        if lines is None:
            return False
        place = bisect_right(lines, line)
        return place < len(lines) and lines[place] <= later

    def restarted(self, earlier: Hit, later: Hit) -> bool:
        """Whether the process that wrote the earlier of two hits of one source started anew up to the later one."""
        if earlier.source != later.source:
            return False
        lines = self._lines.get((earlier.source, earlier.stream), [])
        place = bisect_right(lines, earlier.line)
        return place < len(lines) and lines[place] <= later.line

    def may_serve(self, source: int, port: str) -> bool:
        """Whether a process of a source may listen on a port of this host: some did not tell."""
        ports = self._ports.get(source, {""})
        return "" in ports or port in ports

    def apart(self, one: int, other: int) -> bool:
        """Whether two sources are of servers that listen on different ports."""
        first, second = self._ports.get(one, {""}), self._ports.get(other, {""})
        return "" not in first | second and first.isdisjoint(second)


class HitIndex:
    """Hits that others are held against, found quickly by source and line, or by time."""

    def __init__(self, occurrences: Iterable[Occurrence]) -> None:
        hits = [hit for occurrence in occurrences for hit in occurrence.hits]
        self._timed = sorted([hit for hit in hits if hit.time is not None], key=attrgetter("time"))
        self._times: list[float] = [hit.time for hit in self._timed]  # type: ignore[misc]
        self._exact = all(hit.time is not None and hit.around is None for hit in hits)
        self._hits: dict[int, list[Hit]] = defaultdict(list)
        for hit in sorted(hits, key=attrgetter("line")):
            self._hits[hit.source].append(hit)
        self._lines = {source: [hit.line for hit in own] for source, own in self._hits.items()}

    def near(
        self,
        occurrence: Occurrence,
        seconds: float,
        lines: int,
        ahead: float = 1,
        unless: Callable[[Hit, Hit], bool] = lambda one, other: False,
    ) -> bool:
        """Whether a hit of the occurrence lies within the window of one of these; `ahead`: the share of the window in
        which it may come before them; `unless`: of two hits, whether they tell of different failures."""
        return any(
            any(not unless(hit, other) for other in self._near(hit, seconds, lines, ahead))
            for hit in occurrence.hits
        )

    def _near(self, hit: Hit, seconds: float, lines: int, ahead: float) -> Iterator[Hit]:
        """Yield the nearest in time that are near enough, or in lines, where one of the two has no exact time."""
        if hit.time is not None:
            place = bisect_left(self._times, hit.time)
            for other in self._timed[max(place - _NEAREST, 0) : place + _NEAREST]:
                gap = hit.time - other.time  # type: ignore[operator]
                if -seconds * ahead <= gap <= seconds:
                    yield other
            if self._exact and hit.around is None:
                return
        place = bisect_left(self._lines.get(hit.source, ()), hit.line)
        for other in self._hits.get(hit.source, ())[max(place - _NEAREST, 0) : place + _NEAREST]:
            share = ahead if comes_before(hit, other) else 1
            if near(other, hit, seconds * share, int(lines * share)):
                yield other
