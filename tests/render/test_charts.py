"""Pictures and the sentences that say the same."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from page import read
from sample_report import at, columns, first_400, init_timeout, port_in_use, team_rule

from logscope.render import charts
from logscope.report import Bucket, Frequency


def bars(svg: str) -> list[tuple[int, int, int]]:
    """Left edge, top and bottom of each bar, in px."""
    found = re.findall(r"M(\d+) (\d+)v-(\d+)h\d+V\d+z", svg)
    return [(int(x), int(bottom) - int(high), int(bottom)) for x, bottom, high in found]


def test_a_bar_for_each_part_that_counts() -> None:
    """Bars stand at their part of the log, as high as their share of the highest; small ones stay visible."""
    made = charts.timeline(columns({0: 100, 5: 50, 19: 1}), "time", "high", "t")
    assert bars(made) == [(0, 0, 48), (80, 24, 48), (304, 45, 48)]
    assert 'class="fill-high"' in made


@pytest.mark.parametrize("buckets", [(), columns({})])
def test_nothing_to_draw(buckets: tuple[Bucket, ...]) -> None:
    """Without an occurrence that has a place there is no picture."""
    assert charts.timeline(buckets, "time", "high", "t") == ""
    assert charts.describe(buckets, "time") == "When they occurred is not known."


TIMES = "2026-03-02 16:54:00 to 18:54:00 UTC in 20 equal parts. "
LINES = "All lines that were read in 20 equal parts. "


@pytest.mark.parametrize(
    ("counts", "unit", "axis", "where"),
    [
        ({3: 1}, "time", TIMES, "The one occurrence lies in the one from 17:12:00 UTC."),
        ({3: 7}, "time", TIMES, "All 7 occurrences lie in the one from 17:12:00 UTC."),
        ({3: 1, 4: 1}, "lines", LINES, "2 occurrences, each in a part of its own, the first in part 4."),
        ({3: 1, 4: 9}, "lines", LINES, "10 occurrences in 2 parts, most (9) in part 5."),
    ],
)
def test_describe(counts: dict[int, int], unit: str, axis: str, where: str) -> None:
    """The sentence names both ends of the axis, the total and the peak."""
    assert charts.describe(columns(counts, unit), unit) == axis + where


def test_overview_stacks_severities_on_one_axis() -> None:
    """Findings on the common axis are stacked, worst at the bottom; others are counted in words."""
    picture, said = charts.overview((first_400(), init_timeout(), port_in_use(), team_rule()), "o")
    high, medium = (
        bars(path) for path in re.findall(r'<path class="fill-(?:high|medium)" d="[^"]*"', picture)
    )
    assert high[1] == (144, 38, 48)
    assert medium == [(144, 0, 38)]
    assert "8 occurrences in 4 parts, most (5) in the one from 17:48:00 UTC." in said
    assert said.endswith("Not in it: 2 findings without a place on this axis.")


def test_overview_of_a_log_without_a_clock_counts_lines() -> None:
    """Where no finding has a time, the axis is the lines."""
    _, said = charts.overview((port_in_use(),), "o")
    assert said == LINES + "2 occurrences, each in a part of its own, the first in part 13."


def test_overview_ignores_findings_without_an_axis() -> None:
    """Findings that have no place at all make no picture."""
    assert charts.overview((team_rule(),), "o") == ("", "")


def test_time_axis_that_is_no_time_is_shown_as_it_is() -> None:
    """A bucket start that cannot be read never stops the page."""
    odd = (Bucket("soon", 1), Bucket(at("17:00:00"), 2))
    finding = replace(team_rule(), frequency=Frequency("3 times", None, None, odd, "time"))
    assert "soon" in charts.overview((finding,), "o")[1]


def test_swimlane_marks_where_a_session_stalled() -> None:
    """A lane has a mark per step it took, a ring per step it did not, and a square where it stopped."""
    sequence = first_400().sequence
    assert sequence is not None
    picture = read(charts.swimlane(sequence, "s"))
    stalled = picture.all(class_="lane-stalled")
    assert [(mark.tag, mark.one("title").text) for mark in stalled] == [
        ("circle", "rejected, line 615, 2026-03-02 17:48:00 UTC"),
        ("path", "initialize, line 618, 2026-03-02 17:48:01 UTC"),
    ]
    assert len(picture.all("circle", class_="missed")) == 5
    assert [text.text for text in picture.all("text", class_="end-stalled")] == ["Stalled"]


def test_swimlane_without_sessions_is_no_picture() -> None:
    """Steps alone are told in words."""
    sequence = first_400().sequence
    assert sequence is not None
    assert charts.swimlane(replace(sequence, lanes=()), "s") == ""


def test_long_session_names_keep_both_ends() -> None:
    """Ids are told apart by their ends, so the middle gives way."""
    sequence = first_400().sequence
    assert sequence is not None
    lane = replace(sequence.lanes[0], session="simplifier_5d7dffeb38434223a55366439fd11831")
    shown = read(charts.swimlane(replace(sequence, lanes=(lane,)), "s")).all("text", x="0")[0].text
    assert shown.startswith("simplifier_5d7df")
    assert shown.endswith("9fd11831")
    assert len(shown) <= 26
