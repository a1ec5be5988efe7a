"""Text that was UTF-8, was read as cp1252 by another program and written as UTF-8 again: `â”‚` for `│`."""

from __future__ import annotations

import re
from collections.abc import Callable

_TELLING = re.compile(
    "(?:Ã[\u0080-¿]|â(?:€[\u0080-\u2122]|”[\u0080-\u2122]|•[\u0080-\u2122]|œ|š|†)|Â[\u00a0-¿])".encode()
)
"""Beginnings of letters, quotes, dashes, boxes and marks, as they look then."""
_RUN = re.compile(rb"(?:[\xc2-\xf4][\x80-\xbf]{1,3})+")
_HIGH = bytes(range(0x80, 0x100))
_LONGEST = 1 << 16
_BYTES = {bytes([code]).decode("cp1252", "replace"): code for code in range(0x80, 0x100)} | {
    chr(code): code for code in range(0x80, 0xA0)
}
"""cp1252, and for the five codes that it lacks the control characters that stand for them."""


def is_mojibake(head: bytes) -> bool:
    """Whether the text of a source's first bytes is mostly mended by reading it as cp1252."""
    if head.isascii() or not _TELLING.search(head):
        return False
    runs: list[bytes] = _RUN.findall(head)
    return sum(_mended(run) != run for run in runs) * 2 > len(runs)


def mender() -> Callable[[bytes, bool], bytes]:
    """Return what mends bytes piece by piece: (bytes, whether they are the last) to bytes."""
    left = b""

    def mend(data: bytes, final: bool) -> bytes:
        nonlocal left
        data = left + data
        whole = data if final else data.rstrip(_HIGH)  # a run may go on in the next piece
        if len(data) - len(whole) > _LONGEST:
            whole = data
        left = data[len(whole) :]
        return _RUN.sub(lambda run: _mended(run[0]), whole)

    return mend


def _mended(run: bytes) -> bytes:
    """Return the bytes that a run of characters stands for, where they are UTF-8; else the run."""
    try:
        plain = bytes(_BYTES[character] for character in run.decode())
        plain.decode()
    except (KeyError, UnicodeDecodeError):
        return run
    return plain
