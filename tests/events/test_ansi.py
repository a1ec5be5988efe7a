"""Text without its colours, and the way back to where its bytes stood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscope.events import Colourless, strip_colours
from logscope.events.text.ansi import has_colours

CODES = st.sampled_from(
    [b"\x1b[31m", b"\x1b[0m", b"\x1b[1;38;5;196m", b"\x1b]8;id=1;file:///x\x1b\\", b"\x1b[K"]
)
LOST = st.sampled_from([b"[31m", b"[0m", b"^[[1m", b"\xe2\x90\x9b[33m"])
PIECES = st.lists(
    st.one_of(CODES, LOST, st.sampled_from([b"word ", b"[x] ", b"m", b"\n", b"31m", b"\xc3\xa9"]))
)


@given(PIECES)
def test_every_byte_is_found_again(pieces: list[bytes]) -> None:
    """What stands at an offset of the text stands at its place in the coloured lines, later ones further on."""
    data = b"".join(pieces)
    plain = Colourless(data)
    places = plain.places(range(len(plain.text)))
    assert bytes(data[place] for place in places) == plain.text
    assert places == sorted(set(places))
    assert plain.text.count(b"\n") == data.count(b"\n")


@given(
    st.lists(st.integers(0, 60), min_size=40, max_size=400),
    st.lists(st.integers(0, 10_000), max_size=6),
    st.booleans(),
)
def test_places_far_apart_are_found_again(lengths: list[int], wanted: list[int], coloured: bool) -> None:
    """However long the lines between them are, and wherever the colours stand."""
    data = b"\n".join(
        (b"\x1b[31mab\x1b[0m" if coloured == (number % 7 > 2) else b"") + b"x" * length
        for number, length in enumerate(lengths)
    )
    plain = Colourless(data)
    every = plain.places(range(len(plain.text)))
    offsets = sorted({offset % len(plain.text) for offset in wanted})
    assert plain.places(offsets) == [every[offset] for offset in offsets]


@pytest.mark.parametrize(
    ("line", "coloured"),
    [
        (b"\x1b[32mINFO\x1b[0m", True),
        (b"[32mINFO[0m", True),
        (b"^[[32mINFO^[[m", True),
        (b"\xe2\x90\x9b[32mINFO\xe2\x90\x9b[39m", True),
        (b"[2026-11-20] [DEBUG] [mcp.client:12] message", False),
        (b"array[1m]", False),
        (b"[llm/end] [0ms] done, [22ms] in all", False),
    ],
)
def test_a_line_is_coloured_where_a_colour_also_ends(line: bytes, coloured: bool) -> None:
    """A logger in brackets that begins with an m is none."""
    assert has_colours(line, 0, len(line)) == coloured


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        (b"\x1b[32mINFO\x1b[0m:     up", b"INFO:     up"),
        (b"[32mINFO[0m:     up", b"INFO:     up"),
        (b"[[31m[1merror    [0m] failed", b"[error    ] failed"),
        (b"rate(x[1m]) of [3m]", b"rate(x[1m]) of [3m]"),
        (b"\x1b[1m[llm/end] [0ms] \x1b[0mdone in [22ms]", b"[llm/end] [0ms] done in [22ms]"),
        (b"[32mserver[0mstarted", b"serverstarted"),
        (b"\x1b]8;id=1;file:///a.py\x1b\\a.py\x1b]8;;\x1b\\:7", b"a.py:7"),
        (b"\x1b[1mhalf written\x1b[", b"half written"),
        (b"half written\x1b\n", b"half written\n"),
        (b"half written\x1b[38;5\r\n", b"half written\r\n"),
    ],
)
def test_colour_codes_and_links_are_taken_out(line: bytes, plain: bytes) -> None:
    """Also those that lost their ESC, and half of one at a line's end; other brackets stay."""
    assert strip_colours(line) == plain


def test_a_long_line_is_read_in_one_go() -> None:
    """The way back costs no more per place the longer the line: a million bytes without a line end are no trouble."""
    plain = Colourless(b"\x1b[31mERROR\x1b[0m " * 70_000)
    places = plain.places(range(0, len(plain.text), 6))
    assert places == list(range(5, 15 * 70_000, 15))


@pytest.mark.parametrize("step", [1, 7, 40_000])
def test_places_lead_back_to_the_lines_with_colours(step: int) -> None:
    """Few or many of them, each is where the same byte stands between the codes."""
    lines = [f"\x1b[{n % 7}mline {n}\x1b[0m [3{n % 8}mof many[0m\n".encode() for n in range(5_000)]
    coloured = b"".join(lines)
    plain = Colourless(coloured)
    offsets = range(3, len(plain.text), step)
    places = plain.places(offsets)
    assert bytes(coloured[place] for place in places) == plain.text[3::step]
    assert places == sorted(set(places))
    assert [coloured.count(b"\n", 0, place) for place in places[:50]] == [
        plain.text.count(b"\n", 0, offset) for offset in offsets[:50]
    ]
