"""How long things take, told by what else takes in the same run: a slow machine fails no test."""

from __future__ import annotations

import time
from collections.abc import Callable


def seconds(work: Callable[[], object], runs: int = 2) -> float:
    """Return the processor time of the quickest of some runs, in seconds."""
    found = []
    for _ in range(runs):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def assert_linear(work: Callable[[int], object], size: int, attempts: int = 4) -> None:
    """Four times as much takes at most ten times as long (it would be sixteen if time grew with the square), in one of
    some attempts: a machine that slows down in the middle of one tells nothing."""
    for attempt in range(1, attempts + 1):
        small, large = seconds(lambda: work(size)), seconds(lambda: work(4 * size))
        if large < 10 * small + 0.05:
            return
        assert attempt < attempts, f"{small:.3f} s for {size}, {large:.3f} s for {4 * size}"
