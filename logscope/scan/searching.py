"""Needles sought in bytes, whatever colours stand among these."""

from __future__ import annotations

from collections.abc import Sequence

from logscope.events import Colourless
from logscope.rulebook.cache import Cache
from logscope.rulebook.needles import Needle
from logscope.rulebook.prefilter import Prefilter

_FEW = 24
"""Needles that are compiled sooner than they are read from a file."""


class LocalSearch:
    """The needles of what is looked up together, sought in a few bytes."""

    def __init__(self, needles: Sequence[tuple[int, Needle]], wrapped: bool, cache: Cache | None) -> None:
        """`needles`: each with the key under which it is reported."""
        keys: dict[tuple[str, bool], list[int]] = {}
        for key, needle in needles:
            keys.setdefault((needle.sought(wrapped), needle.ignore_case), []).append(key)
        self._keys = list(keys.values())
        patterns, folded = zip(*keys, strict=True) if keys else ((), ())
        kept = cache if len(keys) > _FEW else None
        self._prefilter = Prefilter(patterns, folded, cache=kept) if keys else None

    def find(self, buffer: bytearray, begin: int, end: int, ansi: bool) -> list[tuple[int, int]]:
        """Return (offset of the last byte, key) of everything found in buffer[begin:end], in order."""
        if self._prefilter is None or begin >= end:
            return []
        found = search(self._prefilter, buffer, begin, end, ansi)
        return [(place, key) for place, number in found for key in self._keys[number]]


def search(
    prefilter: Prefilter, buffer: bytearray, begin: int, end: int, ansi: bool
) -> list[tuple[int, int]]:
    """Return (offset of the last byte, number of the pattern) of everything found in buffer[begin:end], in order.

    Colours are taken out before: they may part any two words. `ansi` says that there may be some without ESC.
    """
    if is_plain(buffer, begin, end, ansi):
        with memoryview(buffer) as view, view[begin:end] as part:
            return [(begin + place, number) for place, number in prefilter.scan(part)]
    with memoryview(buffer) as view, view[begin:end] as part:
        plain = Colourless(bytes(part))
    found = prefilter.scan(memoryview(plain.text))
    places = plain.places(place for place, _ in found)
    return [(begin + place, number) for place, (_, number) in zip(places, found, strict=True)]


def is_plain(buffer: bytearray, begin: int, end: int, ansi: bool) -> bool:
    """Whether no colours stand in buffer[begin:end]; `ansi` says that there may be some without ESC."""
    return not ansi and buffer.find(b"\x1b", begin, end) < 0
