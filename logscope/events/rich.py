"""RichHandler's rows back to the text that was logged."""

from __future__ import annotations

import re

_RIGHT = re.compile(r"^(?P<body>.*?) +(?P<place>[\w.\-<>/]+\.\w+:\d+|<\w+>:\d+) *$")
_TOKEN_END = re.compile(r"[\w/.:?&=%~#@+\-]{6,}$")
_TOKEN_START = re.compile(r"[\w/.:?&=%~#@+\-]{2,}")
_ODD = re.compile(r"[\d/_:.?&=%\-]")
_BOX = ("╭", "│", "╰", "┃")


def join_rows(rows: list[str], column: int) -> list[str]:
    """Return the record's lines: the first with head and whole message, then what keeps its lines (boxes, tracebacks).

    `column` is where the message starts in the first row. The handler breaks between words, and inside a word only
    where a row is full to its last column: there the parts are joined without a space.
    """
    first = rows[0]
    right = _RIGHT.match(first[column:])
    body = right["body"] if right else first[column:]
    width = _width(first, column, right["place"] if right else "")
    joined = first[:column] + body.rstrip()
    last = body.rstrip()
    kept: list[str] = []
    for row in rows[1:]:
        text = row[column:] if not row[:column].strip() else row.strip()
        bare = text.rstrip()
        if kept or not bare or bare.startswith((*_BOX, "Traceback (most", "  + Exc")) or row[:column].strip():
            kept.append(bare)
            continue
        joined += bare if _was_split(last, bare, width) else f" {bare.lstrip()}"
        last = bare
    return [joined, *kept]


def _width(first: str, column: int, place: str) -> int:
    """Columns of the message: all up to the file name at the right edge."""
    return len(first) - column - (len(place) + 1 if place else 0)


def _was_split(before: str, after: str, width: int) -> bool:
    """Whether a row break fell inside a token: the row is full, and both sides look like one id, path or URL."""
    if len(before) < width or after.startswith(" "):
        return False
    if " " not in before:
        return True
    head, tail = _TOKEN_END.search(before), _TOKEN_START.match(after)
    return head is not None and tail is not None and _ODD.search(head[0]) is not None and _ODD.search(tail[0]) is not None
