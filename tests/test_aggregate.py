"""What a finding says of all its hits together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from logscope.aggregate import captures_of
from logscope.model import Hit

VALUES = st.sampled_from(("", "a", "b", "3", "3.0", "12", "0.5"))


def hit(captures: tuple[tuple[str, str], ...]) -> Hit:
    return Hit(0, "primary", 0, 1, 1, None, "order", "", "app", False, captures)


@given(st.lists(st.lists(st.tuples(st.sampled_from("xy"), VALUES), max_size=2).map(tuple), max_size=12))
def test_of_numbers_the_largest_is_told_else_the_last_value(seen: list[tuple[tuple[str, str], ...]]) -> None:
    """Values replace what was seen before, but a number no larger one that stands right before it."""

    def number(text: str) -> float | None:
        return float(text) if text.replace(".", "").isdecimal() else None

    expected: dict[str, str] = {}
    for name, value in (pair for captures in seen for pair in captures):
        new, old = number(value), number(expected.get(name, ""))
        if new is None or old is None or new >= old:
            expected[name] = value
    assert captures_of([hit(captures) for captures in seen]) == expected
