"""Calls that one service made for another: both tell that the call failed, and it failed once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from logscope.match.layers import RETOLD
from logscope.model import Hit

_SECONDS, _SKEW_SECONDS, _LINES = 1.0, 0.1, 8
"""How far behind the service that made the call the one that asked for it tells; clocks differ, or there is none."""
Told = tuple[list[Hit], tuple[str, ...]]
"""The hits of an incident, and the layers that told it."""


def once_per_call(told: Sequence[Told], calls: Collection[str]) -> Sequence[Told]:
    """Return incidents without those that a service only tells again: it names no call, and each time it tells in other
    words, and without a server's report of its own, right behind another service."""
    tellers: defaultdict[tuple[int, str], list[Told]] = defaultdict(list)
    for item in told:
        tellers[item[0][0].source, item[0][0].stream].append(item)
    if len(tellers) < 2:
        return told
    within: dict[int, Told] = {}  # by identity, the incident that is told again
    for outer, again in tellers.items():
        for inner, first in tellers.items():
            free = inner != outer and id(first[0]) not in within and not _name(again, calls)
            if free and (pairs := _pairs(first, again)):
                within.update(zip(map(id, again), pairs, strict=True))
                break
    for item in told:
        known = item
        while id(known) in within:
            known = within[id(known)]
        if known is not item:
            known[0].extend(item[0])
    return [item for item in told if id(item) not in within]


def _name(told: Sequence[Told], calls: Collection[str]) -> bool:
    return any(value and name in calls for hits, _ in told for hit in hits for name, value in hit.captures)


def _pairs(first: Sequence[Told], again: Sequence[Told]) -> list[Told]:
    """Return for each incident of one service that of another which it stands right behind; none where one has none."""
    pairs: list[Told] = []
    left = iter(first)
    for hits, layers in again:
        pair = next((item for item in left if _right_before(item[0][-1], hits[0])), None)
        if pair is None or not set(layers).isdisjoint((*pair[1], *RETOLD)):
            return []
        pairs.append(pair)
    return pairs


def _right_before(one: Hit, other: Hit) -> bool:
    if one.time is not None and other.time is not None:
        return -_SKEW_SECONDS <= other.time - one.time <= _SECONDS
    return one.source == other.source and 0 < other.line - one.last_line <= _LINES
