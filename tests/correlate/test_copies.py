"""Sources that repeat another one's records: each failure counts once."""

from __future__ import annotations

import pytest

from logscope.correlate.copies import without_copies
from logscope.model import Hit
from logscope.packed import FoundHits

TIMES = [10.125, 20.25, 30.5]


def hit(source: int, line: int, at: float | None, **captures: str) -> Hit:
    quality = "order" if at is None else "exact"
    own = tuple(captures.items())
    return Hit(0, "primary", source, line, line, at, quality, "", "app|failed", False, own)  # type: ignore[arg-type]


def left(*hits: Hit) -> tuple[list[tuple[int, int]], dict[int, tuple[int, int]]]:
    kept, copies = without_copies(FoundHits(hits))
    return [(one.source, one.line) for one in kept], copies


def test_an_error_log_repeats_the_whole_log() -> None:
    """The records of the smaller source are the other one's, also those whose lines show no time."""
    errors = [hit(0, line, at) for line, at in enumerate(TIMES, 1)] + [hit(0, 9, None)]
    whole = [hit(1, 10 * line, at) for line, at in enumerate(TIMES, 1)] + [hit(1, 35, None), hit(1, 40, 40.5)]
    assert left(*errors, *whole) == ([(1, 10), (1, 20), (1, 30), (1, 35), (1, 40)], {0: (1, 4)})


def test_of_equal_sources_the_first_is_kept() -> None:
    """A log that was copied counts once, however many copies there are."""
    hits = [hit(source, line, at) for source in (0, 1, 2) for line, at in enumerate(TIMES, 1)]
    assert left(*hits) == ([(0, 1), (0, 2), (0, 3)], {1: (0, 3), 2: (0, 3)})


@pytest.mark.parametrize(
    "other",
    [
        [hit(1, line, at + 0.001) for line, at in enumerate(TIMES, 1)],
        [hit(1, 1, TIMES[0]), hit(1, 2, 21.75), hit(1, 3, 31.75)],
        [hit(1, line, at, request="b") for line, at in enumerate(TIMES, 1)],
    ],
    ids=["other times", "one in common", "another request"],
)
def test_two_processes_that_fail_alike_are_two(other: list[Hit]) -> None:
    """What only happens to be told alike, or at the same time, counts in each source."""
    own = [hit(0, line, at, request="a") for line, at in enumerate(TIMES, 1)]
    if not other[0].captures:
        own = [hit(0, line, at) for line, at in enumerate(TIMES, 1)]
    assert left(*own, *other) == ([(one.source, one.line) for one in (*own, *other)], {})


def test_times_without_fractions_prove_nothing() -> None:
    """Two replicas may well fail within the same second."""
    hits = [hit(source, line, 10.0 * line) for source in (0, 1) for line in (1, 2, 3)]
    assert left(*hits) == ([(one.source, one.line) for one in hits], {})
