"""Many times at once: the same as reading them one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscope.events import Clock
from logscope.scan.bulk.stamps import Ways

FORMS = (
    "%Y-%m-%d %H:%M:%S,%f",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S +0200",
    "%b %d %H:%M:%S",
    "%d/%b/%Y:%H:%M:%S +0000",
    "%H:%M:%S",
)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1))


@given(
    moments=st.lists(TIMES, min_size=1, max_size=12), form=st.sampled_from(FORMS), east=st.integers(-11, 11)
)
def test_as_one_by_one(moments: list[datetime], form: str, east: int) -> None:
    """Times of any form, also such as are none, in a zone of their own or the clock's."""
    clock = Clock(timezone(timedelta(hours=east)), datetime(2060, 1, 1, tzinfo=UTC).timestamp())
    texts = [moment.strftime(form).encode() for moment in moments]
    data = np.frombuffer(b"|".join(texts) + b"|", np.uint8)
    places = np.cumsum([0, *(len(text) + 1 for text in texts[:-1])])
    ways = Ways(clock)
    read = ways.read(data, places, np.array([ways.way_of(text) for text in texts]))
    expected = [clock.read(text.decode()) for text in texts]
    assert [None if np.isnan(time) else time for time in read.tolist()] == expected


@pytest.mark.parametrize(
    "text", [b"2026-13-45 25:61:61,123", b"2026-02-30 10:00:00,000", b"2026-02-03 10:00:60,000"]
)
def test_what_is_no_time(text: bytes) -> None:
    """Days and hours that do not exist, and leap seconds, are read as they are alone."""
    clock = Clock()
    data = np.frombuffer(b"2026-02-03 10:00:00,000" * 5 + text, np.uint8)
    ways = Ways(clock)
    way = ways.way_of(b"2026-02-03 10:00:00,000")
    read = ways.read(data, np.arange(6) * len(text), np.full(6, way))
    expected = clock.read(text.decode())
    assert read[:5].tolist() == [clock.read("2026-02-03 10:00:00,000")] * 5
    assert (np.isnan(read[5]) and expected is None) or read[5] == expected
