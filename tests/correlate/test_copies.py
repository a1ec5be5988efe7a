"""Sources that repeat another one's records: each failure counts once."""

from __future__ import annotations

import pytest

from logscope.correlate.copies import Copies, without_copies
from logscope.model import Hit
from logscope.packed import FoundHits

TIMES = [10.125, 20.25, 30.5]


def hit(source: int, line: int, at: float | None, **captures: str) -> Hit:
    quality = "order" if at is None else "exact"
    own = tuple(captures.items())
    return Hit(0, "primary", source, line, line, at, quality, "", "app|failed", False, own)  # type: ignore[arg-type]


def left(*hits: Hit) -> tuple[list[tuple[int, int]], Copies]:
    kept, copies = without_copies(FoundHits(hits))
    return [(one.source, one.line) for one in kept], copies


def test_an_error_log_repeats_the_whole_log() -> None:
    """The records of the smaller source are the other one's, also those whose lines show no time."""
    errors = [hit(0, line, at) for line, at in enumerate(TIMES, 1)] + [hit(0, 9, None)]
    whole = [hit(1, 10 * line, at) for line, at in enumerate(TIMES, 1)] + [hit(1, 35, None), hit(1, 40, 40.5)]
    assert left(*errors, *whole) == ([(1, 10), (1, 20), (1, 30), (1, 35), (1, 40)], {0: ((1,), 4)})


def test_of_equal_sources_the_first_is_kept() -> None:
    """A log that was copied counts once, however many copies there are."""
    hits = [hit(source, line, at) for source in (0, 1, 2) for line, at in enumerate(TIMES, 1)]
    assert left(*hits) == ([(0, 1), (0, 2), (0, 3)], {1: ((0,), 3), 2: ((0,), 3)})


def test_one_source_repeats_several() -> None:
    """A program's log repeats what each of its servers' logs tells, and has nothing of its own: each of these tells
    more than it, and a record that it has alone is kept."""
    servers = [
        hit(source, line, 100 * source + at)
        for source in (1, 2)
        for line, at in enumerate([*TIMES, 40.5, 50.5], 1)
    ]
    program = [hit(0, 10 * one.source + one.line, one.time) for one in servers if one.line < 4]
    assert left(*program, *servers) == ([(one.source, one.line) for one in servers], {0: ((1, 2), 6)})
    alone = [hit(0, line, 900.5 + line) for line in range(1, 3)]
    told = [*program, *alone]
    assert left(*told, *servers) == ([(one.source, one.line) for one in (*told, *servers)], {})


def test_of_sources_that_repeat_each_other_each_record_is_kept_once() -> None:
    """A server's log of which the program's has all, and another one of which it has but a part."""
    first = [hit(1, line, at) for line, at in enumerate(TIMES, 1)]
    second = [hit(2, line, 100 + at) for line, at in enumerate([*TIMES, 40.5, 50.5], 1)]
    program = [hit(0, 10 * one.source + one.line, one.time) for one in (*first, *second) if one.line < 4]
    kept = {(one.source, one.time) for one in without_copies(FoundHits([*program, *first, *second]))[0]}
    times = [time for _, time in kept]
    assert sorted(times, key=str) == sorted({one.time for one in (*first, *second)}, key=str)


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
