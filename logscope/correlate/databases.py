"""What a database tells in its own log and its client tells as well: one failure, seen from both sides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from logscope.model import Occurrence, RuleHits

FORMATS = frozenset(("postgres", "mysql", "redis"))
"""In which databases write their logs."""
_SECONDS = 2.0
"""A client tells a failure so soon before or after its database does."""


def from_both_sides(found: Sequence[RuleHits], formats: Mapping[int, Sequence[str]]) -> list[RuleHits]:
    """Return the findings with each occurrence in a database's own log joined with one that a client told: by time, or
    where the client has no clock in order. `formats`: those of each source, the most frequent first."""
    own = {source for source, names in formats.items() if FORMATS.intersection(names[:1])}
    if not own or own >= formats.keys():
        return list(found)
    return [
        item
        if item.sequence is not None or item.figures
        else replace(item, occurrences=_joined(tuple(item.occurrences), own))
        for item in found
    ]


def _joined(occurrences: tuple[Occurrence, ...], own: Collection[int]) -> tuple[Occurrence, ...]:
    times = [occurrence.first.time for occurrence in occurrences]
    told, clients, timeless = [], [], []
    for number, occurrence in enumerate(occurrences):
        time = times[number]
        if any(hit.source in own for hit in occurrence.hits):
            told += [(time, number)] if time is not None else []
        elif time is None:
            timeless.append(number)
        else:
            clients.append((time, number))
    pairs = _near(sorted(clients), sorted(told))
    taken = set(pairs.values())
    free = [number for _, number in sorted(told) if number not in taken]
    pairs |= dict(zip(timeless, free, strict=False))
    taken = set(pairs.values())
    result = []
    for number, occurrence in enumerate(occurrences):
        if number in taken:
            continue
        if (other := pairs.get(number)) is not None:
            sides = occurrence.hits, occurrences[other].hits
            first, second = sides if times[number] is not None else reversed(sides)
            occurrence = Occurrence((*first, *second), occurrence.recovered)
        result.append(occurrence)
    return tuple(result)


def _near(clients: Sequence[tuple[float, int]], told: Sequence[tuple[float, int]]) -> dict[int, int]:
    """Return, by number, which occurrence each client's is near to; both are in order of time."""
    pairs, place = dict[int, int](), 0
    for time, number in clients:
        while place < len(told) and told[place][0] < time - _SECONDS:
            place += 1
        if place < len(told) and told[place][0] <= time + _SECONDS:
            pairs[number] = told[place][1]
            place += 1
    return pairs
