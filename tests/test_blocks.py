"""Blocks: every byte once and in order, counts that hold, however the bytes are cut and whatever is kept."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.blocks import FRONT, Blocks
from logscope.model import Source
from logscope.sources import Reader

PIECES = (b"a line\n", b"\n", b'GET / HTTP/1.1" 200\n', b" HTTP/", b"HTTP/ HTTP", b"x" * 700, b"\r\n", b" ")


def reader_of(data: bytes, known: bool) -> Reader:
    """A reader that knows how much there is, or does not."""
    return Reader(Source("app.log", None), cast(Any, io.BytesIO(data)), len(data) if known else None)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(PIECES), max_size=80),
    st.sampled_from((7, 1_024, 2_048, 5_000)),
    st.integers(8, 3_000),
    st.booleans(),
)
def test_blocks_hold_every_byte_once(pieces: list[bytes], size: int, kept: int, known: bool) -> None:
    """New bytes joined are the source, kept ones are those before them, and line ends and requests are all counted,
    one per line where the first lines tell theirs twice."""
    data = b"".join(pieces)
    data = data[: 60 * size]
    blocks = Blocks(reader_of(data, known), size)
    block = blocks.first()
    seen, requests = b"", 0
    while True:
        new = bytes(block.data[block.fresh :])
        old = bytes(block.data[block.begin : block.fresh])
        assert seen.endswith(old)
        seen += new
        requests += block.requests
        block.count_from(block.begin)
        for offset in range(block.begin, len(block.data) + 1, 501):
            assert block.line_ends(offset) == block.data.count(b"\n", block.begin, offset)
        if block.last:
            break
        block = blocks.next(block, max(len(block.data) - kept, block.begin))
    assert seen == data
    lines, first = re.compile(rb" HTTP/[^\n]*"), data[:size]
    repeats = len(lines.findall(first)) < first.count(b" HTTP/")
    assert requests == (len(lines.findall(data)) if repeats else data.count(b" HTTP/"))


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
