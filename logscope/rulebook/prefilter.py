"""The compiled needles: where in a buffer something may be, at memory speed."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from typing import Any

from logscope.rulebook.cache import Cache

NUMBER_BITS = 24
_NUMBER = (1 << NUMBER_BITS) - 1


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
        import hyperscan

        self._database: Any = None
        chosen = sorted(range(len(patterns)) if numbers is None else numbers)
        made_of = (getattr(hyperscan, "__version__", ""), patterns, ignore_case, once, chosen)
        name = f"prefilter-{hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]}"
        saved = cache.read(name) if cache else None
        if saved is not None:
            with contextlib.suppress(hyperscan.error):
                self._database = hyperscan.loadb(saved, hyperscan.HS_MODE_BLOCK)
                self._database.scratch = hyperscan.Scratch(self._database)
        if self._database is None:
            self._database = _compile(patterns, ignore_case, len(patterns) if once is None else once, chosen)
            if cache:
                cache.write(name, hyperscan.dumpb(self._database))

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
            self._database.scan(view, match_event_handler=on_match)
        found.sort()
        return found


def _compile(patterns: Sequence[str], ignore_case: Sequence[bool], once: int, ids: Sequence[int]) -> Any:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[patterns[number].encode() for number in ids],
        ids=ids,
        elements=len(ids),
        flags=[
            hyperscan.HS_FLAG_MULTILINE
            | (hyperscan.HS_FLAG_CASELESS if ignore_case[number] else 0)
            | (hyperscan.HS_FLAG_SINGLEMATCH if number >= once else 0)
            for number in ids
        ],
    )
    return database
