"""Sources that repeat the records of others: an error log beside the whole log, a program's log beside its servers'."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from logscope.model import Hit
from logscope.packed import FoundHits

if TYPE_CHECKING:
    from logscope.events import Event

_PART = 0.9
"""Share of a source's hits that others have as well, at the same fraction of a second, where it repeats them."""
Told = tuple[int, str, float | None, str, object]
"""What two records of one failure have in common: rule, role, time, layer and captures."""
Copies = dict[int, tuple[tuple[int, ...], int]]
"""By each source that repeats others: these, and how many hits of them."""


def without_copies(hits: FoundHits) -> tuple[FoundHits, Copies]:
    """Return hits without those that a source only repeats, and which sources do.

    Only times with fractions prove it: two processes may well fail within the same second.
    """
    repeating = _repeating(hits, _beginning_alike(hits))
    if not repeating:
        return hits, {}
    told = _by_source(hits, repeating)
    kept: defaultdict[Told, list[int]] = defaultdict(list)  # the sources that it is kept of
    asked = set().union(*told.values())
    for hit in hits:
        if hit.source not in told and (own := _told(hit)) in asked:
            kept[own].append(hit.source)
    copies: Copies = {}
    left: dict[int, Counter[Told]] = {}
    for source in sorted(told, key=lambda source: (-told[source].total(), source)):  # the fullest first
        left[source] = Counter({own: min(count, len(kept[own])) for own, count in told[source].items()})
        if repeated := left[source].total():
            copies[source] = _originals(left[source], kept), repeated
        for own, count in (told[source] - left[source]).items():
            kept[own] += [source] * count

    def repeats(hit: Hit) -> bool:
        if hit.source not in copies or not left[hit.source][_told(hit)]:
            return False
        left[hit.source][_told(hit)] -= 1
        return True

    return FoundHits(hit for hit in hits if not repeats(hit)), dict(sorted(copies.items()))


def _originals(repeated: Counter[Told], kept: dict[Told, list[int]]) -> tuple[int, ...]:
    """Return the sources of which something is repeated."""
    return tuple(sorted({source for own, count in repeated.items() for source in kept[own][:count]}))


def _told(hit: Hit) -> Told:
    return hit.rule, hit.role, hit.time if is_sharp(hit) else None, hit.layer, hit.captures


def is_sharp(hit: Hit | Event) -> bool:
    """Whether a time with a fraction of a second was read."""
    return hit.time_quality == "exact" and hit.time is not None and not hit.time.is_integer()


def _by_source(hits: Iterable[Hit], sources: Collection[int]) -> dict[int, Counter[Told]]:
    """Return how often each of the sources tells what."""
    told: dict[int, Counter[Told]] = {source: Counter() for source in sources}
    for hit in hits:
        if hit.source in told:
            told[hit.source][_told(hit)] += 1
    return told


def _repeating(hits: FoundHits, sources: Collection[int]) -> list[int]:
    """Return those of the sources which tell little that no other one tells."""
    if not sources:
        return []
    told = _by_source(filter(is_sharp, hits), sources)
    asked = set().union(*told.values())
    every = Counter(own for hit in filter(is_sharp, hits) if (own := _told(hit)) in asked)
    return [source for source, own in told.items() if (own & (every - own)).total() >= _PART * own.total()]


def _beginning_alike(hits: FoundHits) -> set[int]:
    """Return the sources that begin with what another one also tells: few need to be compared as a whole."""
    first: dict[int, Told] = {}
    for hit in filter(is_sharp, hits):
        first.setdefault(hit.source, _told(hit))
    if len(first) < 2:
        return set()
    begun: defaultdict[Told, set[int]] = defaultdict(set)
    for source, told in first.items():
        begun[told].add(source)
    return {
        copy for hit in filter(is_sharp, hits) for copy in begun.get(_told(hit), ()) if copy != hit.source
    }
