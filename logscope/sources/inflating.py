"""Compressed streams, member by member: what comes before a break or before bad data is given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

_PIECE, _PIECE_READ_ONCE = 1 << 15, 1 << 12
"""Bytes given to a decompressor at once, at most: what a piece with bad data gives before them is lost, but for files,
which are read again. With long pieces the decompressing thread seldom waits for the interpreter."""
_FEW = 1 << 6
"""The first piece of a member; each further one is twice as long, so that small logs too keep their half, and half as
long where that gives much."""
_TRAILER = 8
"""Bytes of gzip's checksum and length: given alone, so that nothing is lost where only they are wrong."""
MAX_EXPANSION = 64 << 30
"""Bytes decompressed from one input at most: the ceiling against bombs."""
_XZ_MEMORY = 256 << 20
CHUNK = 1 << 18
"""Bytes given at once, about."""


class _Decompressor(Protocol):
    """What the library of each of them has."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes) -> bytes: ...


class Compression(Struct, frozen=True):
    """A way of packing bytes, told by the first of them."""

    name: str
    magic: bytes
    make: Callable[[], tuple[_Decompressor, type[Exception]]]
    """Returns a decompressor and the error it raises on bad data."""


def _gzip() -> tuple[_Decompressor, type[Exception]]:
    from isal import isal_zlib

    bad_data: type[Exception] = isal_zlib.error  # type: ignore[assignment]
    return isal_zlib.decompressobj(31), bad_data


def _bzip2() -> tuple[_Decompressor, type[Exception]]:
    import bz2

    return bz2.BZ2Decompressor(), OSError


def _xz() -> tuple[_Decompressor, type[Exception]]:
    import lzma

    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY), lzma.LZMAError


_COMPRESSIONS = (
    Compression("gzip", b"\x1f\x8b", _gzip),
    Compression("bzip2", b"BZh", _bzip2),
    Compression("xz", b"\xfd7zXZ\x00", _xz),
)


def compression_of(head: bytes) -> Compression | None:
    """Return how the stream that begins so is compressed, None where it is not."""
    return next((kind for kind in _COMPRESSIONS if head.startswith(kind.magic)), None)


class Inflating:
    """Decompressed bytes of a stream, across members; where it breaks off is noted, what came before is kept."""

    def __init__(
        self,
        kind: Compression,
        read: Callable[[], bytes],
        head: bytes,
        note: Callable[[str], None],
        path: str | None,
    ) -> None:
        """`head` was read already; `path` is where all of it can be read again, None where it cannot."""
        self._kind = kind
        self._source = read
        self._note = note
        self._path = path
        self._object, self._bad_data = kind.make()
        self._input = memoryview(head)
        self._read_bytes = len(head)
        self._member = 0  # where the member begins
        self._piece = _FEW
        self._total = 0
        self._done = False

    def next(self) -> bytes:
        """Return the next decompressed bytes, empty at the end."""
        parts: list[bytes] = []
        size = 0
        while size < CHUNK and not self._done:
            part = self._step()
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def _step(self) -> bytes:
        if not self._input:
            self._input = memoryview(self._read())
        if not self._input:
            self._end(f"the {self._kind.name} stream breaks off; {self._before}")
            return b""
        size = min(self._piece, max(len(self._input) - _TRAILER, 1))
        piece, self._input = self._input[:size], self._input[size:]
        try:
            out = self._object.decompress(bytes(piece))
        except self._bad_data as error:
            out = self._before_bad(bytes(piece))
            self._total += len(out)
            self._end(f"bad {self._kind.name} data ({error}); {self._before}")
            return out
        most = _PIECE if self._path else _PIECE_READ_ONCE
        self._piece = max(size // 2, _FEW) if len(out) > 2 * CHUNK else min(self._piece * 2, most)
        self._total += len(out)
        if self._total > MAX_EXPANSION:
            self._end(f"more than {MAX_EXPANSION >> 30} GiB decompressed; the rest is not read")
        elif self._object.eof:
            self._next_member()
        return out

    @property
    def _before(self) -> str:
        return "what came before it is analysed" if self._total else "nothing of it could be read"

    def _next_member(self) -> None:
        """Go on with the member behind, if there is one; zeros behind the last one are padding."""
        rest = self._object.unused_data + bytes(self._input)
        rest = (rest or self._read()).lstrip(b"\0")
        self._done = not rest
        if rest.startswith(self._kind.magic[:2]):
            self._object, self._bad_data = self._kind.make()
            self._input, self._piece = memoryview(rest), _FEW
            self._member = self._read_bytes - len(rest)
        elif rest:
            self._end(f"bytes behind the end of the {self._kind.name} stream are not read")

    def _before_bad(self, piece: bytes) -> bytes:
        """Return what a piece gives before its bad data: what came before it goes through a new decompressor, then the
        piece byte by byte."""
        if self._path is None:
            return b""
        left = self._read_bytes - len(self._input) - len(piece) - self._member
        inflated, parts = self._kind.make()[0], []
        with contextlib.suppress(self._bad_data, OSError, EOFError), open(self._path, "rb") as file:
            file.seek(self._member)
            while left and (data := file.read(min(left, _PIECE))):
                inflated.decompress(data)
                left -= len(data)
            for at in range(len(piece)):
                parts.append(inflated.decompress(piece[at : at + 1]))
        return b"".join(parts)

    def _read(self) -> bytes:
        data = self._source()
        self._read_bytes += len(data)
        return data

    def _end(self, text: str) -> None:
        self._done = True
        self._note(text)
