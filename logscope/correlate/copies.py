"""Sources that repeat another one's records: an error log beside the whole log, a program's log beside a server's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from logscope.model import Hit
from logscope.packed import FoundHits

_PART = 0.9
"""Share of a source's hits that another one has as well, at the same fraction of a second, where it repeats them."""
Told = tuple[int, str, float | None, str, object]
"""What two records of one failure have in common: rule, role, time, layer and captures."""
Copies = dict[int, tuple[int, int]]
"""By each source that repeats another one: that source, and how many hits are of both."""


def without_copies(hits: FoundHits) -> tuple[FoundHits, Copies]:
    """Return hits without those that a source only repeats, and which sources do.

    Only times with fractions prove it: two processes may well fail within the same second.
    """
    original = _copies(hits)
    if not original:
        return hits, {}
    told = _by_source(hits, set(original.values()))
    left = {copy: told[source].copy() for copy, source in original.items()}
    repeated: Counter[int] = Counter()

    def repeats(hit: Hit) -> bool:
        if hit.source not in left or not left[hit.source][_told(hit)]:
            return False
        left[hit.source][_told(hit)] -= 1
        repeated[hit.source] += 1
        return True

    kept = FoundHits(hit for hit in hits if not repeats(hit))
    return kept, {copy: (source, repeated[copy]) for copy, source in original.items()}


def _told(hit: Hit) -> Told:
    return hit.rule, hit.role, hit.time if _is_sharp(hit) else None, hit.layer, hit.captures


def _is_sharp(hit: Hit) -> bool:
    return hit.time_quality == "exact" and hit.time is not None and not hit.time.is_integer()


def _by_source(hits: Iterable[Hit], sources: Collection[int]) -> dict[int, Counter[Told]]:
    """Return how often each of the sources tells what."""
    told: dict[int, Counter[Told]] = {source: Counter() for source in sources}
    for hit in hits:
        if hit.source in told:
            told[hit.source][_told(hit)] += 1
    return told


def _copies(hits: FoundHits) -> dict[int, int]:
    """Return by each source that repeats another one that source, which repeats none."""
    pairs = _beginning_alike(hits)
    if not pairs:
        return {}
    told = _by_source(filter(_is_sharp, hits), {source for pair in pairs for source in pair})

    def rank(source: int) -> tuple[int, int]:
        return -told[source].total(), source  # the fullest first, of equals the one read first

    original: dict[int, int] = {}
    for copy, source in sorted(pairs, key=lambda pair: (rank(pair[1]), pair[0])):
        common = (told[copy] & told[source]).total()
        if rank(source) < rank(copy) and source not in original and common >= _PART * told[copy].total():
            original.setdefault(copy, source)
    return original


def _beginning_alike(hits: FoundHits) -> set[tuple[int, int]]:
    """Return pairs of sources, the second of which also tells what the first one tells first: few need to be compared
    as a whole."""
    first: dict[int, Told] = {}
    for hit in filter(_is_sharp, hits):
        first.setdefault(hit.source, _told(hit))
    if len(first) < 2:
        return set()
    begun: defaultdict[Told, set[int]] = defaultdict(set)
    for source, told in first.items():
        begun[told].add(source)
    return {
        (copy, hit.source)
        for hit in filter(_is_sharp, hits)
        for copy in begun.get(_told(hit), ())
        if copy != hit.source
    }
