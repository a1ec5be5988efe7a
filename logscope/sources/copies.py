"""Files beside their own compressed copies, as `gzip -k`, or a rotation that is under way, leaves them."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence

from logscope.model import Source

_MAGIC = b"\x1f\x8b"
_NUMBER = struct.Struct("<I")
"""A gzip file ends with two: checksum and length (modulo 4 GiB) of what it holds."""
_PIECE = 1 << 20


def packed_copies(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return the sources `x.gz` that hold just what the source `x` beside them holds."""
    there = {os.path.realpath(source.path) for source in sources if source.path is not None}
    return tuple(
        source
        for source in sources
        if source.path is not None
        and source.path.endswith(".gz")
        and (plain := os.path.realpath(source.path)[: -len(".gz")]) in there
        and _is_copy(source.path, plain)
    )


def _is_copy(packed: str, plain: str) -> bool:
    """Say whether a gzip file holds the bytes of the plain one; False where either cannot be read."""
    if not (os.path.isfile(packed) and os.path.isfile(plain)):
        return False
    try:
        with open(packed, "rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return False
            file.seek(-2 * _NUMBER.size, os.SEEK_END)
            tail = file.read()
        length = _NUMBER.pack(os.path.getsize(plain) % (1 << 32))
        return tail.endswith(length) and tail == _NUMBER.pack(_checksum(plain)) + length
    except OSError:
        return False


def _checksum(path: str) -> int:
    from isal import isal_zlib  # only where the lengths are equal

    found: int = 0
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            found = isal_zlib.crc32(piece, found)
    return found
