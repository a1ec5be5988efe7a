"""Every event of a source, in order: the full reading, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from logscope.events.folding.folder import Folder
from logscope.events.record.event import Event
from logscope.events.written.neighbours import ROW_BYTES

BLOCK = 1 << 22


def read_events(
    fill: Callable[[memoryview], int],
    folder: Folder,
    first: bytes = b"",
    limit: int | None = None,
    block: int = BLOCK,
) -> Iterator[Event]:
    """Give the events of the bytes that `fill` reads into a buffer, after `first`, which was read already.

    `limit` bounds the bytes read: reading ends behind the last whole line within it. Of a line longer than `block`
    the first bytes are an event, what follows is passed over.
    """
    buffer = bytearray(max(min(block, limit or block), len(first) + 1))
    size = len(buffer)
    buffer[: len(first)] = first
    end, lo, line, read = len(first), 0, 1, len(first)
    newline = folder.newline
    over_long = False
    while True:
        with memoryview(buffer) as view, view[end:] as rest:
            got = fill(rest)
        read += got
        end += got
        done = end < size or (limit is not None and read >= limit)
        if done:
            whole = end < size  # the source ended, not the limit
            del buffer[end if whole else (buffer.rfind(newline, lo) + 1 or end) :]
        if over_long:  # lines before it are too far away to be asked for times
            rest_ends = buffer.find(newline, lo, end) + 1
            over_long, line = not rest_ends, line + bool(rest_ends)
            lo = rest_ends or min(end, len(buffer))
            if not done:
                end -= lo
                buffer[:end] = buffer[lo:]
                lo = 0
                continue
        cut = folder.cut(buffer, lo, done)
        at = lo
        for span in folder.fold(buffer, lo, cut):
            line += buffer.count(newline, at, span.start)
            at = span.start
            yield folder.event(buffer, span, line)
        if done:
            return
        line += buffer.count(newline, at, cut)
        over_long = over_long or buffer[cut - 1 : cut] != newline
        tail = max(cut - min(ROW_BYTES, size // 2), 0)
        end -= tail
        buffer[:end] = buffer[tail:]
        lo = cut - tail
