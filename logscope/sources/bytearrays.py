"""journald's JSON writes a message with colours or other unprintable bytes as a list of numbers: read back as text.

Nothing that is sought in a log's bytes could be found in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

_FIELD = b'"__REALTIME_TIMESTAMP"'
_ARRAY = re.compile(rb'("MESSAGE" ?: ?)\[((?: ?\d{1,3} ?,)* ?\d{1,3}) ?\]')
_LONGEST = 1 << 20
"""Bytes of a line that is not complete yet and is waited for."""


def has_arrays(head: bytes) -> bool:
    """Whether a source's first bytes are journald's JSON."""
    return _FIELD in head


def array_reader() -> Callable[[bytes, bool], bytes]:
    """Return what reads messages back piece by piece: (bytes, whether they are the last) to bytes."""
    left = b""

    def read(data: bytes, final: bool) -> bytes:
        nonlocal left
        data = left + data
        whole = len(data) if final or len(data) > _LONGEST else data.rfind(b"\n") + 1
        left = data[whole:]
        return _ARRAY.sub(_text, data[:whole])

    return read


def _text(found: re.Match[bytes]) -> bytes:
    codes = [int(code) for code in found[2].split(b",")]
    if max(codes) > 255:
        return found[0]
    return found[1] + json.dumps(bytes(codes).decode("utf-8", "replace"), ensure_ascii=False).encode()
