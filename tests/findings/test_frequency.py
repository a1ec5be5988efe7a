"""How often, as a sentence that can be read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_runner import report_of, write
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logscope.correlate.windows import near
from logscope.findings.frequency import Extent, frequency
from logscope.model import Hit, SequenceFigures

START = datetime(2026, 3, 2, 17, 0, tzinfo=UTC).timestamp()


def hit(line: int, seconds: float | None = None) -> Hit:
    """A hit in the only source."""
    time = None if seconds is None else START + seconds
    return Hit(0, "primary", 0, line, line, time, "exact" if time else "order", "", "app", False)


def place(hit: Hit) -> tuple[str, int]:
    """Where it stands, each source being one file."""
    return f"{hit.source}.log", hit.line


def sentence(hits: list[Hit], lines: int, seconds: float | None, restarts: list[Hit]) -> str:
    """The sentence over a log of so many lines and seconds."""
    times = (None, None) if seconds is None else (START, START + seconds)
    return frequency(hits, Extent(*times, [0, lines], restarts), UTC, place).text


@pytest.mark.parametrize(
    ("hits", "lines", "seconds", "restarts", "text"),
    [
        ([hit(5)], 10, None, [], "once in line 5 (no clock)"),
        ([hit(5, 60)], 10, 90, [], "once at 2026-03-02 17:01"),
        ([hit(5, 60), hit(6, 60.4)], 10, 90, [], "2 times within a second at 2026-03-02 17:01"),
        ([hit(51), hit(52)], 90, None, [], "2 times between lines 51 and 52 (no clock)"),
        (
            [hit(5, 10), hit(90, 6_720)],
            100,
            7_200,
            [hit(4, 5), hit(89, 6_700)],
            "2 times in 1.9 h, last at 18:52, all within 30 s of a restart",
        ),
        ([hit(5, 10), hit(90, 80)], 100, 90, [hit(4, 5), hit(89, 75)], "2 times in 70 s, last at 17:01"),
        ([hit(5, 10), hit(90, 80)], 100, 25_199, [], "2 times in 70 s, last at 17:01"),
        ([hit(5, 10), hit(90, 80)], 100, 25_200, [], "2 times in 70 s, last at 2026-03-02 17:01"),
        (
            [hit(5, 10), hit(7), hit(90, 6_720)],
            100,
            7_200,
            [],
            "3 times, 2 in 1.9 h, last at 18:52, and 1 without a time",
        ),
        (
            [hit(5, 60), hit(6)],
            10,
            90,
            [],
            "2 times, 1 at 2026-03-02 17:01 and 1 without a time",
        ),
        (
            [hit(5, 60), hit(6), hit(9)],
            10,
            90,
            [],
            "3 times between lines 5 and 9 (2 of them without a time)",
        ),
        (
            [hit(30)],
            1_000,
            None,
            [hit(10)],
            "once in line 30 (no clock), within 40 lines of the service's start",
        ),
        (
            [hit(30)],
            1_000,
            None,
            [hit(10), hit(900)],
            "once in line 30 (no clock), within 40 lines of a restart",
        ),
        ([hit(30)], 60, None, [hit(10)], "once in line 30 (no clock)"),
    ],
)
def test_sentence(hits: list[Hit], lines: int, seconds: float | None, restarts: list[Hit], text: str) -> None:
    """A restart, or the only start, is named only where most of the log lies farther from one; no clock is never
    pretended, and times that most incidents have are told, with the day in a log of more than one."""
    assert sentence(hits, lines, seconds, restarts) == text


def test_a_start_without_a_clock_is_when_the_next_line_was_written() -> None:
    """uvicorn tells a start without a time after hours of silence: what the application logs then is right behind."""
    start = replace(hit(50, 1_800), around=(START, START + 3_600))
    told = sentence([hit(54, 3_605)], 1_000, 7_200, [start])
    assert told == "once at 2026-03-02 18:00, within 30 s of the service's start"
    assert "start" not in sentence([hit(54, 3_650)], 1_000, 7_200, [start])


def test_a_start_without_any_time_is_near_only_what_the_log_begins_with() -> None:
    """Few lines behind a start may be many minutes: no seconds are made up of them."""
    assert "start" not in sentence([hit(12, 720)], 1_000, 7_200, [hit(1)])
    assert sentence([hit(4, 11)], 1_000, 7_200, [hit(1)]).endswith("within 30 s of the service's start")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ((None, None, None), "3 times in 2 logs (no clock)"),
        ((60, None, None), "3 times in 2 logs (2 of them without a time)"),
    ],
)
def test_several_logs_without_a_clock_are_counted(seconds: tuple[float | None, ...], text: str) -> None:
    """Lines of different logs tell no distance."""
    hits = [replace(hit(5, time), source=min(at, 1)) for at, time in enumerate(seconds)]
    assert frequency(hits, Extent(None, None, [0, 10, 20]), UTC, place).text == text


@pytest.mark.parametrize(
    ("seconds", "end", "text"),
    [
        ([0, 40, 90, 4_000, 4_030, 4_090], 4_500, "6 times in 68 min, in 2 bursts, last at 18:08"),
        (
            [at + day for day in (0, 7_200, 14_500) for at in (0, 40, 80)],
            15_000,
            "9 times in 4 h, in 3 bursts, one every 2 h, last at 21:03",
        ),
        ([0, 3_600, 7_150, 10_800], 14_000, "4 times in 3 h, one every 60 min, last at 20:00"),
        ([0, 3_600, 10_800], 14_000, "3 times in 3 h, last at 20:00"),
        ([0, 60, 150, 200], 7_400, "4 times in 3 min, last at 17:03, none in the 2 h after"),
        ([0, 3_600, 3_700], 10_000, "3 times in 62 min, last at 18:01"),
        ([0, 60, 150, 200], 700, "4 times in 3 min, last at 17:03"),
    ],
)
def test_bursts_intervals_and_silence_are_said(seconds: list[int], end: int, text: str) -> None:
    """Several bursts, even intervals, and a silence behind the last time that is longer than any pause before."""
    extent = Extent(START, START + 20_000, [0, 99], ends={0: START + end})
    assert frequency([hit(n, at) for n, at in enumerate(seconds, 1)], extent, UTC, place).text == text


def test_of_sessions_it_is_said_among_how_many() -> None:
    """What a sequence counts are sessions: how many of them were rejected first."""
    told = frequency(
        [hit(5, 60)], Extent(START, START + 90, [0, 10]), UTC, place, SequenceFigures(8, 1, 1, 0)
    )
    assert told.text == "once at 2026-03-02 17:01, in 1 of 8 sessions"


def test_how_long_the_only_incident_lasted() -> None:
    """An outage that is told again and again is one incident, and no moment."""
    extent = Extent(START, START + 9_000, [0, 10])
    told = [frequency([hit(5, 60)], extent, UTC, place, None, START + last).text for last in (60, 90, 690)]
    once = "once at 2026-03-02 17:01"
    assert told == [once, once, f"{once}, over 10 min"]


SOME_HITS = st.lists(st.builds(hit, st.integers(1, 300), st.none() | st.integers(0, 900)), max_size=12)


@given(firsts=SOME_HITS.filter(bool), restarts=SOME_HITS.filter(bool))
def test_restarts_are_found_as_by_comparing_each_with_each(firsts: list[Hit], restarts: list[Hit]) -> None:
    """Of two hits with a time 30 s decide, else 40 lines; what stands behind the hit is no restart before it. What has
    a time is within 30 s of a start without one only if it is of the first time known."""
    clock = None if any(first.time is None for first in firsts) else 1e6

    def soon(start: Hit, first: Hit) -> bool:
        timed = start.time is not None or clock is None or (first.time or 0) - START <= 30
        return timed and near(start, first, 30, 40) and start.line <= first.line

    expected = all(any(soon(start, first) for start in restarts) for first in firsts)
    assert ("start" in sentence(firsts, 10_000, clock, restarts)) == expected


@given(seconds=st.lists(st.integers(0, 900), min_size=1, max_size=40))
def test_every_time_is_counted_in_its_bucket(seconds: list[int]) -> None:
    """Twenty buckets of equal width from the first to the last time; the end belongs to the last one."""
    told = frequency(
        [hit(n, at) for n, at in enumerate(seconds, 1)], Extent(START, START + 900, [0, 99]), UTC, place
    )
    expected = [sum(min(at // 45, 19) == number for at in seconds) for number in range(20)]
    assert [bucket.count for bucket in told.buckets] == expected


def test_silence_is_told_of_what_was_examined_only(tmp_path: Path) -> None:
    """What lies behind --until says nothing about the time after the last incident."""
    full = "2026-11-20 10:0{0}:00 ERROR store: [Errno 28] No space left on device\n"
    log = full.format(0) + full.format(3) + "2026-11-20 12:03:00 INFO store: saved\n"
    path = write(tmp_path / "app.log", log)

    told = [
        report_of(path, *more)["findings"][0]["frequency"]["text"]
        for more in ((), ("--until", "2026-11-20T10:08"))
    ]
    assert told == [
        "2 times in 3 min, last at 10:03, none in the 2 h after",
        "2 times in 3 min, last at 10:03",
    ]


def test_a_clock_on_some_lines_is_no_exact_clock(tmp_path: Path) -> None:
    """A source of which only some lines show a time says so, and a sign of health gets no time from its neighbours."""
    log = (
        "2026-11-20 10:00:00,000 - app - INFO - begins\nINFO:     Application startup complete.\n"
        "2026-11-20 12:00:00,000 - app - ERROR - [Errno 28] No space left on device\n"
    )
    report = report_of(write(tmp_path / "app.log", log))
    assert report["inputs"][0]["time_quality"] == "interpolated"
    assert [signal["last_seen"] for signal in report["signals"] if signal["rule"] == "app-started"] == [None]


def test_where_records_show_another_zone_ours_is_named() -> None:
    """The reader sees other hours in the lines: those of the sentence say whose they are."""
    extent = Extent(START, START + 9_000, [0, 10], named=True)
    assert frequency([hit(1, 60)], extent, UTC, place).text.endswith(" UTC")
    assert " UTC" in frequency([hit(1, 60), hit(5, 6_000)], extent, UTC, place).text
    assert "UTC" not in frequency([hit(1, 60)], Extent(START, START + 9_000, [0, 10]), UTC, place).text
