"""Text copied from a web page, which has non-breaking spaces where the log had blanks."""

from __future__ import annotations

import re
from collections.abc import Callable

_SPACE = b"\xc2\xa0"
_WHERE_BLANKS_ARE = re.compile(
    rb"(?m)^(?:\xc2\xa0|[^\n]{0,60}?\b(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)\b[\]:]?\xc2\xa0"
    rb"|\[?\d{4}-\d\d-\d\d\xc2\xa0\d\d:)"
)
"""Before a line's text, behind its level, within its time: no one's writing has them there."""


def has_web_spaces(head: bytes) -> bool:
    """Whether a source's first bytes show non-breaking spaces where records have blanks."""
    return _SPACE in head and _WHERE_BLANKS_ARE.search(head) is not None


def blanker() -> Callable[[bytes, bool], bytes]:
    """Return what makes blanks of them piece by piece: (bytes, whether they are the last) to bytes."""
    left = b""

    def make_blank(data: bytes, final: bool) -> bytes:
        nonlocal left
        data = left + data
        broken = data.endswith(_SPACE[:1]) and not final  # it may go on in the next piece
        left = _SPACE[:1] if broken else b""
        return data[: len(data) - len(left)].replace(_SPACE, b" ")

    return make_blank
