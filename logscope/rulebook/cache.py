"""A folder for what is costly to make again, safe to share: plain files named by what they were made from."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

_KEPT = 60
"""Files, some 70 MB; each change to a rule leaves three."""


class Cache:
    """Files that carry the hash of their own content: a wrong or missing one is made anew, none is ever trusted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """Return what was written under `name`, None when there is nothing whole."""
        try:
            data = (self._folder / name).read_bytes()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(self._folder / name)  # what is in use is not forgotten
        digest, body = data[:32], data[32:]
        return body if hashlib.sha256(body).digest() == digest else None

    def write(self, name: str, body: bytes) -> None:
        """Write whole or not at all; a folder that cannot be written means no cache."""
        import tempfile  # what is cached is mostly read

        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder)
            with open(handle, "wb") as file:
                file.write(hashlib.sha256(body).digest() + body)
            os.replace(temporary, self._folder / name)
            self._forget()

    def _forget(self) -> None:
        """Remove what has not been used for longest."""
        for file in sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)[:-_KEPT]:
            file.unlink()
