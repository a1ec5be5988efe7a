"""Packed hits and occurrences are those that were added, in their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscope.model import Hit, Occurrence
from logscope.packed import PackedHits, PackedOccurrences

hits = st.builds(
    Hit,
    st.integers(0, 300),
    st.sampled_from(("primary", "also", "step:400:1")),
    st.integers(0, 5),
    st.integers(1, 1 << 40),
    st.integers(1, 1 << 40),
    st.none() | st.floats(0, 1e11),
    st.sampled_from(("exact", "interpolated", "order")),
    st.text(),
    st.text(),
    st.booleans(),
    st.lists(st.tuples(st.text(), st.text(st.characters()))).map(tuple),
    st.none() | st.tuples(st.floats(0, 1e11), st.floats(0, 1e11)),
)


@given(st.lists(st.lists(hits, max_size=4), max_size=4), st.integers(1, 5))
def test_hits_come_back_as_they_were_added(parts: list[list[Hit]], together: int) -> None:
    """However many are packed together, and however they came together."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("logscope.packed._TOGETHER", together)
        one, other = PackedHits(), PackedHits()
        for part in parts:
            one.extend(part)
            other.join(PackedHits(part))
        expected = [hit for part in parts for hit in part]
        assert list(one) == list(other) == expected
        assert len(one) == len(other) == len(expected)
        one.pack()
        assert list(one) == list(one) == expected
        assert all(hit in one for hit in expected)


@given(st.lists(st.builds(Occurrence, st.lists(hits, min_size=1, max_size=4).map(tuple), st.booleans())))
def test_occurrences_come_back_as_they_were(occurrences: list[Occurrence]) -> None:
    """Each with its own hits."""
    packed = PackedOccurrences(occurrences)
    assert list(packed) == list(packed) == occurrences
    assert len(packed) == len(occurrences)


def test_many_take_a_third_of_what_they_take_as_objects() -> None:
    """That is what they are packed for: an object with times and captures of its own takes some 300 bytes."""
    told = [
        Hit(3, "primary", 0, line, line, line / 7, "exact", "", "app|error", False, (("id", f"{line:032x}"),))
        for line in range(1_000_000, 1_004_096)
    ]
    assert sum(map(len, PackedHits(told)._packs)) < 110 * len(told)
