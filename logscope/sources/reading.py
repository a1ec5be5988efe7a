"""One source's bytes: opened, decompressed by its magic bytes, made UTF-8, read into the caller's buffer."""

from __future__ import annotations

import codecs
import errno
import os
import stat
import sys
from collections.abc import Callable, Sequence
from typing import BinaryIO

from logscope.model import Note, Parts, Source
from logscope.sources.inflating import CHUNK, Inflating, compression_of
from logscope.sources.repairs import by_pieces, repairs_of

_CONTROLS = bytes({*range(1, 32), 127} - set(b"\t\n\v\f\r\b\x1b"))
_MARKS = (  # UTF-32's little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_FROM = 64
"""Bytes within which UTF-16 of a log shows a NUL; without any it is another text that UTF-16 was appended to."""
_WIDE = (("utf-16-le", 1), ("utf-16-be", 0))
"""UTF-16 without a mark, and where of two bytes the high one stands."""
_PACKED = 3
"""How often a source may have been compressed: by who wrote it, by who fetched or rotated it."""
_ARCHIVES = (
    (0, b"\x28\xb5\x2f\xfd", "zstd data"),
    (0, b"\x04\x22\x4d\x18", "lz4 data"),
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (257, b"ustar", "a tar archive"),
)
"""What may hold logs and is not unpacked: (offset, magic, what it is)."""


def open_file(source: Source) -> Reader:
    """Open a file or standard input; OSError when it cannot be read. A regular file is read up to its size now."""
    if source.path is None:
        return Reader(source, _standard_input())
    stream = open(source.path, "rb", buffering=0)  # noqa: SIM115 - the reader closes it
    status = os.fstat(stream.fileno())
    regular = stat.S_ISREG(status.st_mode)
    return Reader(source, stream, status.st_size if regular else None, status.st_mtime if regular else None)


def _standard_input() -> BinaryIO:
    """Standard input without Python's own buffer, which a thread that still waits in it would lock at exit."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    try:
        return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    except (OSError, ValueError):
        return sys.stdin.buffer  # replaced by something that is no file


def unopened(source: Source, error: OSError) -> Note:
    """Return the note of a file that cannot be opened."""
    return Note(source.name, "unreadable", f"not read: {error.strerror or error}")


def no_text(source: Source, content: str) -> Note:
    """Return the note of a file that holds something else than text: who names a file wants it read, a folder may hold
    other things than logs."""
    return Note(source.name, "unreadable" if source.named else "binary", f"not read: {content}")


class Reader:
    """Bytes of one source. `fill` reads; `notes` says what broke off; `encoding` what the bytes were."""

    def __init__(
        self, source: Source, stream: BinaryIO, limit: int | None = None, modified: float | None = None
    ) -> None:
        """Read `stream` up to `limit` bytes (None: to its end); `modified` is the file's time, if it has one."""
        self.source = source
        self.modified = modified
        self.notes: list[Note] = []
        self.parts: Parts = ((0, source.name),)
        """The files read so far."""
        self.raw_bytes = 0
        self._stream = stream
        self._left = limit
        self._inflating: Inflating | None = None
        head = self._read()
        head = self._behind_nuls(self._unpacked(head, source.path if limit is not None else None))
        self.encoding, skip = _sniff(head)
        head = head[skip:]
        archive = next((name for at, magic, name in _ARCHIVES if head.startswith(magic, at)), "")
        self.binary = bool(archive) or (self.encoding.startswith("utf-8") and is_binary(head))
        self.content = f"{archive}: unpack it first" if archive else "binary data" if self.binary else "text"
        steps: list[Callable[[bytes, bool], bytes]] = []
        if not self.encoding.startswith("utf-8"):
            steps.append(_transcoder(self.encoding))
            head = steps[0](head, False)
        if repairs := repairs_of(head):
            steps.append(by_pieces(repairs))
            head = steps[-1](head, False)
            if named := ", ".join(repair.named for repair in repairs if repair.named):
                self.encoding = f"{self.encoding.removesuffix('-sig')}, {named}"
        self._decode = _in_turn(steps) if steps else None
        self._pending = memoryview(head)

    def fill(self, view: memoryview) -> int:
        """Read into `view` until it is full or the source ends; return the number of bytes."""
        size, filled = len(view), 0
        while filled < size:
            if not self._pending:
                if self._inflating is None and self._decode is None:
                    count = self._read_into(view[filled:])
                    if not count:
                        break
                    filled += count
                    continue
                self._pending = memoryview(self._next())
                if not self._pending:
                    break
            part = self._pending[: size - filled]
            self._pending = self._pending[len(part) :]
            view[filled : filled + len(part)] = part
            filled += len(part)
        return filled

    def head(self, size: int) -> bytes:
        """Return the first `size` bytes, or what there is; `fill` goes on behind them."""
        buffer = bytearray(size)
        with memoryview(buffer) as view:
            got = self.fill(view)
        return bytes(buffer[:got])

    @property
    def compressed(self) -> bool:
        """Whether the source holds something else than what is read."""
        return self._inflating is not None

    @property
    def left(self) -> int | None:
        """Bytes still to come at most, None where that is not known."""
        plain = self._inflating is None and self._decode is None
        return self._left + len(self._pending) if plain and self._left is not None else None

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if sys.stdin is None or self._stream is not sys.stdin.buffer:
            self._stream.close()

    def _unpacked(self, head: bytes, again: str | None) -> bytes:
        """Decompress what begins so, also what was compressed more than once; `again` is where it can be read again."""
        read = self._read
        for _ in range(_PACKED):
            kind = compression_of(head)
            if kind is None:
                break
            self._inflating = Inflating(kind, read, head, self._note, again)
            read, again = self._inflating.next, None
            head = read()
        return head

    def _behind_nuls(self, head: bytes) -> bytes:
        """Pass over chunks of nothing but NUL: a log that was truncated while its writer went on begins with them."""
        while head and head.count(0) == len(head):
            following = self._inflating.next() if self._inflating else self._read()
            if not following:
                break
            head = following
        return head

    def _next(self) -> bytes:
        """The next bytes through decompression and decoding, empty at the end."""
        while True:
            data = self._inflating.next() if self._inflating else self._read()
            if self._decode is None:
                return data
            text = self._decode(data, not data)
            if text or not data:
                return text

    def _read(self) -> bytes:
        size = CHUNK if self._left is None else min(CHUNK, self._left)
        try:
            data = self._stream.read(size) if size else b""
        except OSError as error:
            self._note(f"reading broke off: {error.strerror}")
            return b""
        self._account(len(data), size)
        return data

    def _read_into(self, view: memoryview) -> int:
        if self._left is not None:
            view = view[: self._left]
        try:
            count: int = self._stream.readinto(view) if len(view) else 0  # type: ignore[attr-defined]
        except OSError as error:
            self._note(f"reading broke off: {error.strerror}")
            return 0
        self._account(count, len(view))
        return count

    def _account(self, count: int, asked: int) -> None:
        self.raw_bytes += count
        if self._left is None:
            return
        self._left -= count
        if asked and not count:
            self._left = 0
            if self.raw_bytes:
                self._note("it became shorter while it was read; what was there is analysed")

    def _note(self, text: str) -> None:
        self.notes.append(Note(self.source.name, "truncated", text))


def _sniff(head: bytes) -> tuple[str, int]:
    """Return the encoding and the bytes of a UTF-8 mark to skip."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", 3
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, 0
    sample = head[:4096]
    wide = len(sample) >= 8 and 0 in head[:_WIDE_FROM]
    return next((name for name, high in _WIDE if wide and _is_wide(sample, name, high)), "utf-8"), 0


def _is_wide(sample: bytes, name: str, high: int) -> bool:
    """Whether NULs stand where UTF-16 has them of Latin letters, signs and line ends, and the rest is text."""
    nuls, others = sample[high::2].count(0), sample[1 - high :: 2].count(0)
    if nuls * 40 < len(sample) or others * 4 > nuls:
        return False
    text = sample[: len(sample) & ~1].decode(name, "replace").replace("\ufffd", "\x01").encode()
    return (len(text) - len(text.translate(None, _CONTROLS + b"\0"))) * 200 <= len(text)


def is_binary(head: bytes) -> bool:
    """Whether a source's first bytes are no text: NUL bytes among control characters, or nothing else.

    A log that was truncated while it was written, or cut by a crash, holds runs of NUL bytes and is still a log.
    """
    if b"\0" not in head:
        return False
    text = head.replace(b"\0", b"")
    odd = len(text) - len(text.translate(None, _CONTROLS))
    return not text.strip() or odd * 200 > len(text) or b"\n" not in text or head[257:262] == b"ustar"


def _in_turn(steps: Sequence[Callable[[bytes, bool], bytes]]) -> Callable[[bytes, bool], bytes]:
    def decode(data: bytes, final: bool) -> bytes:
        for step in steps:
            data = step(data, final)
        return data

    return decode


def _transcoder(name: str) -> Callable[[bytes, bool], bytes]:
    decoder = codecs.getincrementaldecoder(name)("replace")

    def decode(data: bytes, final: bool) -> bytes:
        return decoder.decode(data, final).lstrip("\ufeff").encode("utf-8", "replace")

    return decode
