"""Sources that repeat another one's records: an error log beside the whole log, a program's log beside a server's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from logscope.model import Hit
from logscope.packed import FoundHits, PackedHits

_PART = 0.9
"""Share of a source's hits that another one has as well, at the same fraction of a second, where it repeats them."""
Told = tuple[int, str, float | None, str, object]
"""What two records of one failure have in common: rule, role, time, layer and captures."""


def without_copies(hits: FoundHits) -> tuple[FoundHits, dict[int, tuple[int, int]]]:
    """Return hits without those that a source only repeats, and by such a source whose they are and how many.

    Only times with fractions prove it: two processes may well fail within the same second.
    """
    original = dict(sorted(_copies(hits).items()))
    if not original:
        return hits, {}
    left: dict[int, Counter[Told]] = {source: Counter() for source in original.values()}
    for hit in _all(hits):
        if hit.source in left:
            left[hit.source][_told(hit)] += 1
    had = {copy: Counter(left[source]) for copy, source in original.items()}
    repeated: Counter[int] = Counter()

    def repeats(hit: Hit) -> bool:
        if hit.source not in had or not had[hit.source][_told(hit)]:
            return False
        had[hit.source][_told(hit)] -= 1
        repeated[hit.source] += 1
        return True

    kept = FoundHits()
    for rule, own in hits.by_rule.items():
        some = PackedHits(hit for hit in own if not repeats(hit))
        if len(some):
            kept.by_rule[rule] = some
    for key, own in hits.by_cause.items():
        some = PackedHits(hit for hit in own if not repeats(hit))
        if len(some):
            kept.by_cause[key] = some
    return kept, {copy: (source, repeated[copy]) for copy, source in original.items()}


def _all(hits: FoundHits) -> Iterator[Hit]:
    for own in (*hits.by_rule.values(), *hits.by_cause.values()):
        yield from own


def _told(hit: Hit) -> Told:
    return hit.rule, hit.role, hit.time if _is_sharp(hit) else None, hit.layer, hit.captures


def _is_sharp(hit: Hit) -> bool:
    return hit.time_quality == "exact" and hit.time is not None and not hit.time.is_integer()


def _copies(hits: FoundHits) -> dict[int, int]:
    """Return by each source that repeats another one that source, which repeats none."""
    first: dict[int, Told] = {}
    for hit in _all(hits):
        if _is_sharp(hit):
            first.setdefault(hit.source, _told(hit))
    if len(first) < 2:
        return {}
    holders = _holders(hits, set(first.values()))
    pairs = {(copy, source) for copy, told in first.items() for source in holders[told] if source != copy}
    if not pairs:
        return {}
    asked = {source for pair in pairs for source in pair}
    told: dict[int, Counter[Told]] = {source: Counter() for source in asked}
    for hit in _all(hits):
        if hit.source in asked and _is_sharp(hit):
            told[hit.source][_told(hit)] += 1
    original: dict[int, int] = {}
    # the fullest sources first, of equals the one read first
    for source in sorted(asked, key=lambda one: (-told[one].total(), one)):
        for copy in sorted(copy for copy, held in pairs if held == source):
            smaller = (-told[source].total(), source) < (-told[copy].total(), copy)
            common = (told[copy] & told[source]).total()
            if smaller and source not in original and common >= _PART * told[copy].total():
                original.setdefault(copy, source)
    return original


def _holders(hits: FoundHits, wanted: Collection[Told]) -> dict[Told, set[int]]:
    """Return which sources have the hits that are wanted."""
    holders: defaultdict[Told, set[int]] = defaultdict(set)
    for hit in _all(hits):
        if _is_sharp(hit) and (told := _told(hit)) in wanted:
            holders[told].add(hit.source)
    return holders
