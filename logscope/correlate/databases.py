"""What a database tells in its own log and its client tells as well: one failure, seen from both sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from logscope.model import Occurrence, RuleHits

if TYPE_CHECKING:
    from logscope.events import Event

FORMATS = frozenset(("postgres", "pgbouncer", "mysql", "redis", "rabbitmq"))
"""In which databases, and what stands before them or beside them as they do, write their logs."""
_SECONDS = 2.0
"""A client tells a failure so soon before or after its database does."""


_Process = tuple[int, str]
"""A stream of a source."""


def of_databases(events: Iterable[tuple[int, Event]]) -> set[_Process]:
    """Return the processes that are databases, as far as these events, with their sources, tell."""
    formats: dict[_Process, set[str]] = defaultdict(set)
    for source, event in events:
        formats[source, event.stream].add(event.format)
    return {process for process, names in formats.items() if names <= FORMATS}


def from_both_sides(found: Sequence[RuleHits], own: Collection[_Process]) -> list[RuleHits]:
    """Return the findings with each occurrence in the log of a database, one of `own`, joined with one that a client
    told: by time, or where the client has no clock in order."""
    if not own:
        return list(found)
    return [
        item
        if item.sequence is not None or item.figures
        else replace(item, occurrences=_joined(tuple(item.occurrences), own))
        for item in found
    ]


def _joined(occurrences: tuple[Occurrence, ...], own: Collection[_Process]) -> tuple[Occurrence, ...]:
    times = [occurrence.first.time for occurrence in occurrences]
    told, clients, timeless = [], [], []
    for number, occurrence in enumerate(occurrences):
        time = times[number]
        if any((hit.source, hit.stream) in own for hit in occurrence.hits):
            told += [(time, number)] if time is not None else []
        elif time is None:
            timeless.append(number)
        else:
            clients.append((*(occurrence.first.around or (time, time)), number))
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


def _near(clients: Sequence[tuple[float, float, int]], told: Sequence[tuple[float, int]]) -> dict[int, int]:
    """Return, by number, which occurrence each client's, told between two times, is near to; both in order of time."""
    pairs, place = dict[int, int](), 0
    for since, until, number in clients:
        while place < len(told) and told[place][0] < since - _SECONDS:
            place += 1
        if place < len(told) and told[place][0] <= until + _SECONDS:
            pairs[number] = told[place][1]
            place += 1
    return pairs
