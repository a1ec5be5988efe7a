"""Masks: what varies is the same in all, what may be a code stays, and everything keeps its place."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

import logscope.scan.bulk.masks
from logscope.rulebook.index import chains_in
from logscope.scan.bulk.masks import VARIES, Masks

_NAMED = [r"port (6379|80)", r"code.{0,4}-\b32601\b", "shard-1 or", r"at 10\.0\.0\.9", "ERR20A1B"]
MASKS = Masks(chains_in(_NAMED))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"2026-11-25 19:20:31,123 - app - ERROR - lost", b"0000-00-00 00:00:00,000 - app - ERROR - lost"),
        (b'10.0.3.5:40123 - "GET /a/123 HTTP/1.1" 404', b'00.0.0.0:00000 - "GET /a/123 HTTP/1.1" 404'),
        (b"Error code: 429, took 12.5 ms of 2500", b"Error code: 429, took 12.5 ms of 0000"),
        (b"req_011CQabcdEFGh8xYz12 of a1b2c3", b"req_0000000000000000000 of 000000"),
        (b"at 0x7f3a9c1e2b40 in httpx2, h11", b"at 00000000000000 in httpx2, h11"),
        (b"f3a9c1e2-beef-1b2c-9aaa-00aabbccddee", b"00000000-0000-0000-0000-000000000000"),
        (b"Task-7 and Task-452, but exit 137", b"Task-0 and Task-000, but exit 137"),
        (b"Connection to :6379 and :6380 refused", b"Connection to :6379 and :0000 refused"),
        (b'"code": -32601, -32600, 326010', b'"code": -32601, -00000, 000000'),
        (b"shard-1 and shard-2 of ERR20A1B, ERR20A1C", b"shard-1 and shard-0 of ERR20A1B, 00000000"),
        (b"from 10.0.0.9:5000 to 10.0.0.8:5000", b"from 10.0.0.9:0000 to 00.0.0.0:0000"),
        (rb"in \u003cmodule\u003e \u2026 of \u00e91234", rb"in \u003cmodule\u003e \u2026 of \u00e90000"),
        (rb"\u003cf3a9c1e2b40\u003e, 203cmodule2", rb"\u003c00000000000\u003e, 00000000000"),
        (b"", b""),
        (b"no digits at all\n\n\r\n", b"no digits at all\n\n\r\n"),
    ],
)
def test_what_varies_is_masked(line: bytes, expected: bytes) -> None:
    """Times, addresses, long numbers and ids become zeros; codes, words and numbers that rules name stay."""
    assert MASKS.masked(line).replace(VARIES, b"0") == expected


def test_colours_join_no_words() -> None:
    """A code's digits and letter make no id of the number behind it, and codes of one length are alike."""
    masked = partial(Masks([]).masked, coloured=True)
    assert (
        masked(b"\x1b[31m402\x1b[0m") == masked(b"\x1b[32m402\x1b[0m") == b"\x1b" * 5 + b"402" + b"\x1b" * 4
    )
    assert masked(b"[31m402[0m") == b"\x1b" * 4 + b"402" + b"\x1b" * 3


LINES = st.lists(
    st.text(alphabet="aFx0159-_.:, /T\n\u00e9", max_size=60).map(lambda text: text.encode()), max_size=20
)


@given(lines=LINES, piece=st.integers(1, 40))
def test_lines_are_masked_each_for_itself(lines: list[bytes], piece: int) -> None:
    """Alone or among others, in large pieces or small ones, a line is masked alike and keeps its length."""
    text = b"\n".join(lines)
    together = MASKS.masked(text)
    assert together.split(b"\n") == [MASKS.masked(line) for line in text.split(b"\n")]
    assert len(together) == len(text)
    before, logscope.scan.bulk.masks._PIECE = logscope.scan.bulk.masks._PIECE, piece
    try:
        assert MASKS.masked(text) == together
    finally:
        logscope.scan.bulk.masks._PIECE = before


@given(text=st.text(alphabet="abXY019.:-_ ", max_size=80), digit=st.sampled_from("123456789"))
def test_only_letters_and_digits_are_masked(text: str, digit: str) -> None:
    """What is no letter or digit stays, and a letter only goes where a digit stands in the same word."""
    masked = MASKS.masked(text.encode()).decode()
    for place, (one, other) in enumerate(zip(text, masked, strict=True)):
        if one != other:
            assert one.isalnum()
            assert other == VARIES.decode()
            word = text[: place + 1].rpartition(" ")[2] + text[place + 1 :].partition(" ")[0]
            assert any(letter.isdigit() for letter in word)
