"""Hits and occurrences, of which a log may have a million: kept as bytes, a quarter of what they take as objects, and
made anew whenever they are read."""

from __future__ import annotations

import marshal
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice, starmap

from msgspec.structs import astuple

from logscope.model import Hit, Occurrence

_TOGETHER = 1_024
"""Hits packed together: what they share is kept once."""


class PackedHits(Collection[Hit]):
    """Hits in the order in which they are added."""

    def __init__(self, hits: Iterable[Hit] = ()) -> None:
        self._packs: list[bytes] = []
        self._loose: list[Hit] = []
        self._packed = 0
        self.extend(hits)

    def extend(self, hits: Iterable[Hit]) -> None:
        """Add hits."""
        self._loose += hits
        if len(self._loose) >= _TOGETHER:
            self.pack()

    def join(self, other: PackedHits) -> None:
        """Add the hits of another collection."""
        self.pack()
        self._packs += other._packs
        self._packed += other._packed
        self.extend(other._loose)

    def pack(self) -> None:
        """Pack what is left over: nothing will be added soon."""
        loose = self._loose
        for begin in range(0, len(loose), _TOGETHER):
            self._packs.append(marshal.dumps(list(map(astuple, loose[begin : begin + _TOGETHER]))))
        self._packed += len(loose)
        self._loose = []

    def __len__(self) -> int:
        return self._packed + len(self._loose)

    def __iter__(self) -> Iterator[Hit]:
        packed = chain.from_iterable(map(marshal.loads, self._packs))
        return chain(starmap(Hit, packed), self._loose)

    def __contains__(self, hit: object) -> bool:
        return any(hit == own for own in self)


class FoundHits:
    """The hits of one source, or of several: by the index of their rule, and apart from them, by (rule, cause id),
    those that only speak for a cause."""

    def __init__(self, hits: Iterable[Hit] = ()) -> None:
        self.by_rule: defaultdict[int, PackedHits] = defaultdict(PackedHits)
        self.by_cause: defaultdict[tuple[int, str], PackedHits] = defaultdict(PackedHits)
        self.add(hits)

    def add(self, hits: Iterable[Hit]) -> None:
        """Add hits of any rules."""
        by_rule: defaultdict[int, list[Hit]] = defaultdict(list)
        for hit in hits:
            if hit.role.startswith("cause:"):
                self.by_cause[hit.rule, hit.role.partition(":")[2]].extend((hit,))
            else:
                by_rule[hit.rule].append(hit)
        for rule, own in by_rule.items():
            self.by_rule[rule].extend(own)

    def join(self, other: FoundHits) -> None:
        """Add the hits of other sources."""
        for rule, own in other.by_rule.items():
            self.by_rule[rule].join(own)
        for key, own in other.by_cause.items():
            self.by_cause[key].join(own)

    def pack(self) -> None:
        """Pack what is left over: nothing will be added soon."""
        for own in (*self.by_rule.values(), *self.by_cause.values()):
            own.pack()

    def rules(self) -> set[int]:
        """Return the rules that anything was found for."""
        return {*self.by_rule, *(rule for rule, _ in self.by_cause)}

    def __iter__(self) -> Iterator[Hit]:
        return chain(*self.by_rule.values(), *self.by_cause.values())


class PackedOccurrences(Collection[Occurrence]):
    """Occurrences in their order."""

    def __init__(self, occurrences: Collection[Occurrence]) -> None:
        self._hits = PackedHits(hit for occurrence in occurrences for hit in occurrence.hits)
        self._hits.pack()
        self._lengths = array("I", [len(occurrence.hits) for occurrence in occurrences])
        self._recovered = bytes([occurrence.recovered for occurrence in occurrences])

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[Occurrence]:
        hits = iter(self._hits)
        for length, recovered in zip(self._lengths, self._recovered, strict=True):
            yield Occurrence(tuple(islice(hits, length)), bool(recovered))

    def __contains__(self, occurrence: object) -> bool:
        return any(occurrence == own for own in self)
