"""A source opened, the files of a rotated log as one stream of bytes."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from typing import BinaryIO, cast

from msgspec.structs import replace

from logscope.model import Note, Source
from logscope.sources.reading import Reader, no_text, open_file, unopened


def open_source(source: Source) -> Reader:
    """Open a source; OSError when it cannot be read. Files of a rotated log that cannot are in its notes."""
    if not source.older:
        return open_file(source)
    files = Rotated([*source.older, replace(source, older=())])
    written = os.path.getmtime(source.path) if source.path and os.path.exists(source.path) else None
    reader = Reader(source, cast(BinaryIO, files), None, written)
    reader.notes, reader.parts = files.notes, files.parts
    return reader


class Rotated(io.RawIOBase):
    """Files that go on one from the other: each of them is made to end with a line, all are UTF-8 here."""

    def __init__(self, files: Sequence[Source]) -> None:
        """`files` come in order; one that cannot be read is a note, the others are still read."""
        self.notes: list[Note] = []
        self.parts: list[tuple[int, str]] = []
        self._waiting = list(files)
        self._current: Reader | None = None
        self._lines = 0
        self._last = b"\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read into the buffer, from one file at a time; 0 at the end of the last one."""
        with memoryview(buffer) as view:
            while self._current is not None or self._open_next():
                assert self._current is not None
                count = self._current.fill(view)
                if not count:
                    count = self._end(view)
                if count:
                    read = bytes(view[:count])
                    self._lines += read.count(b"\n")
                    self._last = read[-1:]
                    return count
        return 0

    def close(self) -> None:
        """Close the file that is being read."""
        if self._current is not None:
            self._current.close()
        super().close()

    def _open_next(self) -> bool:
        """Open the next file that can be read; False behind the last one."""
        while self._waiting:
            source = self._waiting.pop(0)
            try:
                reader = open_file(source)
            except OSError as error:
                self.notes.append(unopened(source, error))
                continue
            if not reader.binary:
                self._current = reader
                self.parts.append((self._lines, source.name))
                return True
            reader.close()
            self.notes.append(no_text(source, reader.content))
        return False

    def _end(self, view: memoryview) -> int:
        """Leave the current file; return how many bytes are added behind it."""
        assert self._current is not None
        self.notes += self._current.notes
        self._current.close()
        self._current = None
        if self._last == b"\n" or not self._waiting:
            return 0
        view[:1] = b"\n"
        return 1
