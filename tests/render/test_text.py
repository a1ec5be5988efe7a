"""Words and figures that all renderers share."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace
from sample_report import init_timeout

from logscope.render import text


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0 min"), (15, "15 min"), (60, "1 h"), (90, "1 h 30 min"), (600, "10 h")]
)
def test_minutes(value: int, said: str) -> None:
    """Efforts are hours and minutes, without empty parts."""
    assert text.minutes(value) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "not known"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (2 / 3, "67 %"),
        (0.996, "99.6 %"),
        (0.99999, "> 99.9 %"),
        (0.004, "0.4 %"),
        (0.0086, "0.9 %"),
        (0.00001, "< 0.1 %"),
    ],
)
def test_percent_never_rounds_to_all_or_nothing(share: float | None, said: str) -> None:
    """0 % and 100 % are said only of exactly that."""
    assert text.percent(share) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (999_960, "1.0 MB"),
        (5_000_000_000_000_000, "5000.0 TB"),
    ],
)
def test_size(value: int, said: str) -> None:
    """Sizes use thousands and one decimal."""
    assert text.size(value) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (None, ""),
        ("2026-03-02T17:02:11.5+00:00", "2026-03-02 17:02:11 UTC"),
        ("2026-03-02T17:02:11-05:00", "2026-03-02 17:02:11 -05:00"),
        ("line 40", "line 40"),
    ],
)
def test_when(time: str | None, said: str) -> None:
    """Times keep their own offset; what is no time is left as it is."""
    assert text.when(time) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-02T17:02:11+00:00", "2026-03-02T18:00:00+00:00", "2026-03-02 17:02:11 to 18:00:00 UTC"),
        (
            "2026-03-02T17:02:11+00:00",
            "2026-03-03T18:00:00+00:00",
            "2026-03-02 17:02:11 to 2026-03-03 18:00:00 UTC",
        ),
        (
            "2026-03-02T17:02:11+00:00",
            "2026-03-02T18:00:00+01:00",
            "2026-03-02 17:02:11 UTC to 2026-03-02 18:00:00 +01:00",
        ),
        ("2026-03-02T17:02:11+00:00", "2026-03-02T17:02:11.9+00:00", "2026-03-02 17:02:11 UTC"),
        (None, None, ""),
    ],
)
def test_between(first: str | None, last: str | None, said: str) -> None:
    """A span says the shared day and zone once."""
    assert text.between(first, last) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "s0"),
        (3, "s0, s1, s2"),
        (12, "s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11"),
        (1_512, "s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 and 1,500 more"),
    ],
)
def test_many_names_are_counted(count: int, said: str) -> None:
    """A finding in sixty logs does not fill a screen with their names."""
    assert text.listed([f"s{number}" for number in range(count)]) == said


def test_code_symbols_differ_without_colour() -> None:
    """Each severity has its own shape, and each result its own mark."""
    assert len(set(text.SEVERITY_SYMBOL.values())) == len(text.SEVERITIES)
    assert len(set(text.RESULT_SYMBOL.values())) == len(text.RESULT_LABEL)


def test_every_value_that_a_text_may_name_is_known_as_log_text() -> None:
    """Of several values each one, not only that which stands for them, can be kept from becoming markup."""
    several = {"name": ("*a*", "*b*")}
    finding = replace(init_timeout(), captures={"name": "*b*"}, several=several)
    values = text.log_values(cast(Any, SimpleNamespace(findings=(finding,))))[finding.rule]
    assert values == ("*b*", "*a*", "*b*")
