"""Terminal colours taken out, also where a paste lost or replaced the ESC byte."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from logscope.model import Buffer

_ESC = rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)|[@-Z\\-_]"
_ESC += rb"|(?:\[[0-?]*)?(?=[\r\n]|\Z))"  # a line that is still being written may end in one
_CODES = rb"(?:[0-9]|[1-9]\d|1\d\d|38;[25];[\d;]{1,11}|48;[25];[\d;]{1,11})(?:;\d{1,3})*"
FOR_ESC = (
    *(rb"\xe2\x86\x90", rb"\xef\xbf\xbd", rb"\xe2\x90\x9b", rb"\\x1b", rb"\\u001b", rb"\\033", rb"\^\["),
    rb"#033",
)
"""What editors, terminals and rsyslog show for an ESC."""
_SHOWN = rb"(?:" + rb"|".join(FOR_ESC) + rb")\[(?:" + _CODES + rb")?m"
_LOST = rb"\[0m(?!s\])|\[(?:1|2|3|4|22|3\d|4\d|9\d|10\d|" + _CODES + rb";\d+)m(?!s?\])"
"""Without its ESC; `[22ms]` is a time."""
_WITH_ESC = re.compile(_ESC)
_WITHOUT_ESC = re.compile(_SHOWN + rb"|" + _LOST)
_AT_ONCE = 1 << 16
_FEW = 16
"""Line ends that are found one by one."""
_BEHIND_ESC = rb"|".join(rb"(?<=" + shown + rb"\[)" for shown in FOR_ESC)
_RESET = re.compile(rb"\[(?:(?:0|39|22)m(?!s\])|(?:" + _BEHIND_ESC + rb")m)")


def has_colours(data: Buffer, start: int, end: int) -> bool:
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


def blank_colours(text: bytes) -> bytes:
    """Return the text with an ESC for every byte of a colour code: as long as before."""
    for codes in (_WITH_ESC, _WITHOUT_ESC):
        text = codes.sub(lambda code: b"\x1b" * len(code[0]), text)
    return text


def _without(codes: re.Pattern[bytes], data: bytes) -> bytes:
    """Take codes out, some lines at a time: every piece between two of them is an object for a while."""
    parts = []
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _AT_ONCE) + 1 or len(data)
        parts.append(codes.sub(b"", data[start:end]))
        start = end
    return b"".join(parts)


class Colourless:
    """Lines without colour codes (`text`), which know where their bytes stand in those with them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._codes = [_WITH_ESC]
        self.text = _without(_WITH_ESC, data)
        if _RESET.search(self.text) is not None:
            self._codes.append(_WITHOUT_ESC)
            self.text = _without(_WITHOUT_ESC, self.text)
        self._lines = data.count(b"\n") + 1
        self._step = max(len(data) // self._lines * 3 // 4, 1)
        """Most of a line's length."""

    def places(self, offsets: Iterable[int]) -> list[int]:
        """Return for offsets into `text`, in order, those into the lines with colours."""
        wanted, found = list(offsets), []
        reach = _AT_ONCE if len(wanted) > self._lines // _FEW else 0
        plain = coloured = 0  # where some lines start, and those behind them
        behind = behind_coloured = 0
        shifts: list[tuple[list[int], list[int]]] = []
        for offset in wanted:
            if offset >= behind:
                lines = self.text.count(b"\n", behind, offset)
                plain = self.text.rfind(b"\n", behind, offset) + 1 or behind
                coloured = self._behind(behind_coloured, lines)
                behind_coloured = self._data.find(b"\n", coloured + reach) + 1 or len(self._data)
                shifts = self._shifts(coloured, behind_coloured)
                taken = sum(removed[-1] for _, removed in shifts)
                behind = plain + behind_coloured - coloured - taken
            column = offset - plain
            for starts, removed in shifts:
                column += removed[bisect_right(starts, column)]
            found.append(coloured + column)
        return found

    def _behind(self, start: int, lines: int) -> int:
        """Return the offset behind so many line ends from `start` on: many are counted at once, the last ones found."""
        step = self._step
        while lines > _FEW:
            stop = start + lines * step
            count = self._data.count(b"\n", start, stop)
            if count < lines:
                start, lines = stop, lines - count
            elif step > 1:
                step //= 2
            else:
                break
        for _ in range(lines):
            start = self._data.find(b"\n", start) + 1
        return start

    def _shifts(self, start: int, end: int) -> list[tuple[list[int], list[int]]]:
        """Return where codes stood in lines without them, and the bytes that they took up to there: for each kind of
        codes, the last one taken out first."""
        lines = self._data[start:end]
        shifts: list[tuple[list[int], list[int]]] = []
        for codes in self._codes:
            starts, removed, taken = [], [0], 0
            for code in codes.finditer(lines):
                begin, stop = code.span()
                starts.append(begin - taken)
                taken += stop - begin
                removed.append(taken)
            shifts.insert(0, (starts, removed))
            lines = codes.sub(b"", lines)
        return shifts
