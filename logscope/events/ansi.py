"""Terminal colours taken out, also where a paste lost or replaced the ESC byte."""

from __future__ import annotations

import re

_ESC = rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)|[@-Z\\-_])"
_CODES = rb"(?:[0-9]|[1-9]\d|1\d\d|38;[25];[\d;]{1,11}|48;[25];[\d;]{1,11})(?:;\d{1,3})*"
_SHOWN = rb"(?:\xe2\x86\x90|\xef\xbf\xbd|\xe2\x90\x9b|\\x1b|\\u001b|\\033|\^\[)\[(?:" + _CODES + rb")?m"
_LOST = rb"\[(?:0|1|2|3|4|22|3\d|4\d|9\d|10\d|" + _CODES + rb";\d+)m(?!\])"
_WITH_ESC = re.compile(_ESC)
_WITHOUT_ESC = re.compile(_SHOWN + rb"|" + _LOST)
_LOST_START = re.compile(_SHOWN + rb"|" + _LOST)
_RESET = re.compile(rb"\[(?:0|39|22)?m")


def has_colours(data: bytes | bytearray, start: int, end: int) -> bool:
    """Say whether the line data[start:end] carries colour codes, with ESC or (then paired with a reset) without."""
    if data.find(b"\x1b", start, end) >= 0:
        return True
    return data.find(b"m", start, end) >= 0 and _RESET.search(data, start, end) is not None


def strip_colours(line: bytes) -> bytes:
    """Return the text without colour codes, hyperlinks and cursor movements."""
    if b"\x1b" in line:
        line = _WITH_ESC.sub(b"", line)
    if _RESET.search(line) is not None:
        line = _WITHOUT_ESC.sub(b"", line)
    return line
