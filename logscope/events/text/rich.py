"""RichHandler's rows back to the text that was logged."""

from __future__ import annotations

import re
from itertools import pairwise, zip_longest

from logscope.lazily import lazy
from logscope.model import Buffer

_RIGHT = lazy(
    r"^(?P<body>.*?)(?<! ) ++(?P<place>(?:[\w.\-<>/]+\.py|<\w+>):\d+(?= *$)|(?<=  )[\w.\-<>/]+\.\w+:\d+$) *$"
)
EDGE = lazy(rb"  [\w.\-]+\.py:\d+ *\r?$")
"""A place in the code where RichHandler prints it."""
_TOKEN_END = lazy(r"[\w/.:?&=%~#@+\-]{6,}$")
_TOKEN_START = lazy(r"[\w/.:?&=%~#@+\-]{2,}")
_ODD = lazy(r"[\d/_:.?&=%\-]")
_OPENERS = ('"', "'", "(", "[", "{", "<")
"""No word goes on with one of these."""
_CLASS = lazy(r"(?:\w+\.)*[A-Z]\w*: |(?:\w+\.)+[A-Z]\w*:?$")
_FAILURE = lazy(r"(?:\w+\.)*[A-Z]\w+(?:Error|Exception|Exit|Group|Interrupt|Timeout)(?:: |:?$)")
"""A traceback's last line: of any class, be the row full before its message, and surely."""
_IN_GROUP = lazy(r" +(?:\|(?: |$)|\+[ \-])")
"""A row of an exception group: all its lines carry a margin, so one without goes on with the row before."""
_TRACE = "Traceback (most"
_WHOLE_TRACE = "Traceback (most recent call last):"
BOXED = "─ Traceback (most recent call last) ─"
"""The head of rich's tracebacks, whoever asks for them, as structlog's console does; messages below it are wrapped."""
_BELOW = lazy(
    r"^(?P<margin>(?:│ )*)(?P<box>╰─+╯)(?P<edge>[ │]*)\n"
    r"(?P<rows>(?P=margin)(?:\w+\.)*[A-Z]\w*: [^\n]*(?:\n(?P=margin)(?![ ╭│╰]|Traceback |During |The above )[^\n]+)+)",
    re.MULTILINE,
)
"""A traceback's box and the class below it, whose message takes several rows."""
_NARROW, _MARGIN = 72, b" " * 11
"""Columns that a row has at least, and that a time takes."""
_BOX = ("╭", "│", "╰", "┃")


def is_row(data: Buffer, start: int, end: int) -> bool:
    """Say whether data[start:end] is a row behind its blank time, and padded to the terminal's width."""
    padded = data[end - 1] == 32 or (data[end - 1] == 13 and data[end - 2] == 32)
    return padded and end - start >= _NARROW and data.startswith(_MARGIN, start)


def is_table(data: Buffer, start: int, end: int) -> bool:
    """Say whether a record's first line is surely RichHandler's: padded, or with a place in the code at its edge. Its
    message's further lines are indented then."""
    padded = end - start >= _NARROW and data[end - 1] in b" \r" and data[end - 2] == 32
    return padded or EDGE.search(data, start, end) is not None


def is_failure(lines: list[bytes]) -> bool:
    """Say whether the rows are what FastMCP's handler for tracebacks writes: it prints no level."""
    if len(lines) < 2 or len(lines[0]) < _NARROW or not lines[0].endswith(b" "):
        return False
    return lines[1].startswith(_MARGIN) and b"Traceback (most recent call last)" in lines[1]


def record_lines(lines: list[str], column: int) -> list[str]:
    """Return a record's lines with its rows joined, and what follows them as it stands.

    Where something follows, the rows are RichHandler's only if a place in the code stands at the right edge: some
    other handler may write the same way.
    """
    rows = 1
    while rows < len(lines) and (lines[rows].startswith(" " * column) or not lines[rows].strip()):
        rows += 1
    if rows < len(lines) and EDGE.search(lines[0].encode()) is None:
        return lines
    return join_rows(lines[:rows], column) + lines[rows:]


def join_rows(rows: list[str], column: int) -> list[str]:
    """Return the record's lines: the first with head and whole message, then what keeps its lines (boxes, tracebacks).

    `column` is where the message starts in the first row. The handler breaks between words, inside a word only where
    a row is full to its last column, and where the next word would have fitted the message itself had a line end.
    """
    first = rows[0]
    right = _RIGHT.match(first[column:])
    body = right["body"] if right else first[column:]
    width = _width(first, column, right["place"] if right else "")
    joined = first[:column] + body.rstrip()
    last = body.rstrip()
    kept: list[str] = []
    for row, following in zip_longest(rows[1:], rows[2:], fillvalue=""):
        text = row[column:] if not row[:column].strip() else row.strip()
        bare = text.rstrip()
        broken = following[column:] if len(bare) >= width and " " not in bare else ""
        if kept and _goes_on(kept[-1], bare, broken):
            kept[-1] += _between(last, bare, width) + bare
            last = bare
            continue
        if kept or not bare or bare.startswith((*_BOX, _TRACE, "  + Exc")) or row[:column].strip():
            kept.append(bare)
            last = bare
            continue
        joined += _between(last, bare, width) + bare
        last = bare
    return [joined, *kept]


def join_below(text: str) -> str:
    """Return boxed tracebacks with the messages joined that stand below their boxes: wrapped where a row was full."""
    return _BELOW.sub(_joined_below, text) if "╯" in text else text


def _joined_below(found: re.Match[str]) -> str:
    margin = found["margin"]
    rows = [row[len(margin) :].rstrip(" │") for row in found["rows"].split("\n")]
    width = max(len(found["box"]), *map(len, rows))
    joined = rows[0]
    for before, row in pairwise(rows):
        joined += _between(before, row, width) + row
    return f"{margin}{found['box']}{found['edge']}\n{margin}{joined}"


def _goes_on(before: str, after: str, broken: str) -> bool:
    """Whether a row goes on with an exception's message, or with a sentence of a traceback; `broken`: the row below it,
    with whose text its only word may go on."""
    if before.startswith(_TRACE) and before != _WHOLE_TRACE and _WHOLE_TRACE.startswith(before):
        return True
    if _IN_GROUP.match(before):
        return after != "" and not after.startswith(" ")
    if (_FAILURE.match(after + broken) or _CLASS.match(after)) and not _CLASS.match(before):
        return False  # the row before is the rest of a source line
    return (
        bool(before.strip("^~") and after.strip("^~"))
        and not before.startswith((" ", *_BOX, _TRACE))
        and not after.startswith((" ", *_BOX, _TRACE))
    )


def _width(first: str, column: int, place: str) -> int:
    """Columns of the message: all up to the file name at the right edge."""
    return len(first) - column - (len(place) + 1 if place else 0)


def _between(before: str, after: str, width: int) -> str:
    """What stood between two rows: nothing, a blank, or a line end."""
    if len(before) >= width:
        if after.startswith(" "):
            return ""
        if " " not in before:
            return " " if after.startswith(_OPENERS) else ""
        head, tail = _TOKEN_END.search(before), _TOKEN_START.match(after)
        odd = head and tail and _ODD.search(head[0]) and _ODD.search(tail[0])
        # only what does not fit a row is broken inside
        return "" if odd and head and tail and len(head[0]) + len(tail[0]) > width else " "
    word = after.split(" ", 1)[0]
    return "\n" if after.startswith(" ") or len(before) + 2 + len(word) <= width else " "


def is_beside(column: bytes, data: Buffer, start: int, end: int) -> bool:
    """Say whether a row begins where RichHandler prints the level, behind the blanks `column`: the record of a handler
    that prints none."""
    first = start + len(column)
    return first < end and data[first] not in b" ^~" and data.startswith(column, start)
