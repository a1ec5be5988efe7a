"""Who wrote the lines of a block, behind a collector's prefix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from logscope.events.written.prefixes import Prefix
from logscope.events.written.unwrapping import prefix_facts, writer_of
from logscope.scan.arrays import Bools, Bytes, Ints
from logscope.scan.bulk.columns import apart

_LONGEST = 256
"""Bytes up to a writer's end that are compared."""
_LINES = 1 << 15
"""Lines compared in one go."""
_CLOSERS = b"|])"
"""What ends a writer's name by itself."""


class Several(NamedTuple):
    """Whose the lines are, where several writers wrote them."""

    stream: Ints
    """By line, which of the streams."""
    order: Ints
    """The lines, writer by writer."""
    begins: Ints
    """Where in that order each writer's lines begin."""


class Writers(NamedTuple):
    """Who wrote the lines that are read at once."""

    streams: Sequence[str]
    """Services, containers or pods, each once."""
    several: Several | None = None
    """None for one writer."""


def wrote_all(prefix: Prefix, data: bytearray, starts: Ints) -> bool:
    """Whether the prefix of all lines that begin at `starts`, in order, names the same writer.

    Where the digits before the writer stand at other places than in the first line, it is taken for another one.
    """
    if "key" not in prefix.pattern.groupindex:
        return True
    first = int(starts[0])
    stop = data.find(b"\n", first)
    found = prefix.pattern.match(data, first, len(data) if stop < 0 else stop)
    if found is None:
        return False
    size = found.end("key") - first
    size += data[first + size - 1] not in _CLOSERS  # else a longer name may begin so
    if size > _LONGEST or int(starts[-1]) + size > len(data):
        return False
    own, columns = np.frombuffer(data, np.uint8), np.arange(size)
    text = own[first + columns]
    free = _are_digits(text) & (columns < found.start("key") - first)
    for at in range(0, len(starts), _LINES):
        lines = own[starts[at : at + _LINES, None] + columns]
        if not ((lines == text) | (free & _are_digits(lines))).all():
            return False
    return True


def _are_digits(text: Bytes) -> Bools:
    digits: Bools = (text - 48) < 10
    return digits


def writers_of(prefix: Prefix, data: bytearray, starts: Ints, ends: Ints) -> Writers:
    """Return who wrote the lines data[start:end], told line by line; none of them goes on in another one."""
    keys: dict[bytes, int] = {}
    names: dict[str, int] = {}
    writer: list[int] = []
    stream_of: list[int] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        key, _ = writer_of(prefix, data, start, end)
        number = keys.setdefault(key, len(keys))
        if number == len(stream_of):
            name = prefix_facts(prefix, bytes(data[start:end]))[0]
            stream_of.append(names.setdefault(name, len(names)))
        writer.append(number)
    if len(keys) == 1:
        return Writers(list(names))
    of = np.array(writer, np.int64)
    order = np.argsort(of, kind="stable")
    begins = np.flatnonzero(apart(of[order]))
    return Writers(list(names), Several(np.array(stream_of, np.int64)[of], order, begins))
