"""The compiled needles: where in a buffer something may be, at memory speed."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from copy import copy
from typing import Any

from logscope.rulebook.cache import Cache

NUMBER_BITS = 24
_NUMBER = (1 << NUMBER_BITS) - 1
_Pattern = tuple[int, str, bool, bool]
"""Its number, the pattern, whether letters are alike in both cases, whether it is reported once per search."""


class Prefilter:
    """Many patterns searched at once; which of them a caller means, their numbers say."""

    def __init__(
        self,
        patterns: Sequence[str],
        ignore_case: Sequence[bool],
        once: int | None = None,
        cache: Cache | None = None,
        numbers: frozenset[int] | None = None,
    ) -> None:
        """Search the patterns in `numbers` (None: all); those from number `once` on are reported once per search."""
        once = len(patterns) if once is None else once
        chosen = sorted(range(len(patterns)) if numbers is None else numbers)
        sought = [(number, patterns[number], ignore_case[number], number >= once) for number in chosen]
        self._databases: tuple[Any, ...] = (_database(sought, cache),)

    def beside(self, other: Prefilter) -> Prefilter:
        """Return what finds what either finds."""
        both = copy(self)
        both._databases = (*self._databases, *other._databases)
        return both

    def scan(self, view: memoryview) -> list[tuple[int, int]]:
        """Return (offset of the last byte, number of the pattern) of everything found, in order."""
        return [(code >> NUMBER_BITS, code & _NUMBER) for code in self.codes(view)]

    def codes(self, view: memoryview) -> list[int]:
        """Return the same as one integer each: the number in the lowest NUMBER_BITS, the offset above them."""
        found: list[int] = []
        append = found.append

        def on_match(number: int, start: int, end: int, flags: int, context: object) -> None:
            append((end - 1) << NUMBER_BITS | number)

        if len(view):
            for database in self._databases:
                database.scan(view, match_event_handler=on_match)
        found.sort()
        return found


def _database(sought: Sequence[_Pattern], cache: Cache | None) -> Any:
    """Return what hyperscan makes of the patterns, as it was kept or made anew."""
    import hyperscan

    made_of = (getattr(hyperscan, "__version__", ""), sought)
    name = f"prefilter-{hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]}"
    saved = cache.read(name) if cache else None
    if saved is not None:
        with contextlib.suppress(hyperscan.error):
            database = hyperscan.loadb(saved, hyperscan.HS_MODE_BLOCK)
            database.scratch = hyperscan.Scratch(database)
            return database
    database = _compile(sought)
    if cache:
        cache.write(name, hyperscan.dumpb(database))
    return database


def _compile(sought: Sequence[_Pattern]) -> Any:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    numbers, patterns, folded, once = zip(*sought, strict=True)
    database.compile(
        expressions=[pattern.encode() for pattern in patterns],
        ids=numbers,
        elements=len(numbers),
        flags=[
            hyperscan.HS_FLAG_MULTILINE
            | (hyperscan.HS_FLAG_CASELESS if any_case else 0)
            | (hyperscan.HS_FLAG_SINGLEMATCH if single else 0)
            for any_case, single in zip(folded, once, strict=True)
        ],
    )
    return database
