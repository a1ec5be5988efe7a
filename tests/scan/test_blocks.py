"""Blocks: every byte once and in order, counts that hold, however the bytes are cut and whatever is kept."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.model import Source
from logscope.scan.blocks import FRONT, Blocks
from logscope.scan.requests import RequestFinder
from logscope.sources import Reader

LINES = (
    b"a line\n",
    b"\n",
    b'1.2.3.4:5 - "GET / HTTP/1.1" 200 OK\n',
    b'1.2.3.4 - - [t] "GET / HTTP/1.1" 200 5 "-" "curl"\n',
    b" HTTP/",
    b'"proto":"HTTP/2.0"',
    b"x" * 700,
    b"\r\n",
    b" ",
)


def reader_of(data: bytes, known: bool) -> Reader:
    """A reader that knows how much there is, or does not."""
    return Reader(Source("app.log", None), cast(Any, io.BytesIO(data)), len(data) if known else None)


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from(LINES), max_size=80),
    st.sampled_from((7, 64, 1_024, 2_048, 5_000)),
    st.integers(8, 3_000),
    st.booleans(),
)
def test_blocks_hold_every_byte_once(pieces: list[bytes], size: int, kept: int, known: bool) -> None:
    """New bytes joined are the source, kept ones are those before them; line ends, and requests in lines that are
    there as a whole, are all counted."""
    data = b"".join(pieces)
    data = data[: 60 * size]
    blocks = Blocks(reader_of(data, known), size)
    block = blocks.first()
    seen, requests, lo = b"", 0, 0
    while True:
        new = bytes(block.data[block.fresh :])
        old = bytes(block.data[block.begin : block.fresh])
        assert seen.endswith(old)
        seen += new
        whole = len(block.data) if block.last else max(block.data.rfind(b"\n", lo) + 1, lo)
        requests += block.requests(lo, whole)
        block.count_from(block.begin)
        for offset in range(block.begin, len(block.data) + 1, 501):
            assert block.line_ends(offset) == block.data.count(b"\n", block.begin, offset)
        if block.last:
            break
        keep = max(min(len(block.data) - kept, whole - 1), block.begin)
        following = blocks.next(block, keep)
        lo = whole - keep + following.begin
        block = following
    assert seen == data
    assert requests == len(RequestFinder(b"").places(data, 0, len(data)))


def test_more_may_be_kept_than_there_is_room_for() -> None:
    """A block that is kept whole stands before the next one."""
    data = b"".join(b"%07d\n" % number for number in range(FRONT // 4))
    blocks = Blocks(reader_of(data, True), FRONT + 8_192)
    first = blocks.first()
    second = blocks.next(first, 0)
    assert bytes(second.data[second.begin :]) == data[: len(first.data) + FRONT + 8_192]
    assert second.data[: second.fresh] == first.data


def test_what_fails_while_reading_ahead_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the second thread comes up where the block is asked for."""
    reader = reader_of(b"x" * 100, True)
    fill: Callable[[memoryview], int] = reader.fill
    calls: list[int] = []

    def failing(view: memoryview) -> int:
        calls.append(len(view))
        if len(calls) > 1:
            raise MemoryError("no room")
        return fill(view)

    monkeypatch.setattr(reader, "fill", failing)
    blocks = Blocks(reader, 10)
    block = blocks.first()
    with pytest.raises(MemoryError, match="no room"):
        blocks.next(block, 0)
