"""How a single line begins: with a record's head (the part before the message), surely or perhaps, or with a part of a
traceback.
"""

from __future__ import annotations

import re
from functools import lru_cache

from logscope.events.formats import NAME_FIRST, REPEATED, Head, Match
from logscope.events.formats.unsure import DOTTED
from logscope.events.text.ansi import has_colours, strip_colours
from logscope.events.text.levels import level_of_word
from logscope.events.text.shapes import PART
from logscope.model import Buffer

NO_HEAD, PART_HEAD, SURE_HEAD = range(3)
_JSON_MESSAGE = re.compile(rb'"(?:message|msg|event|textPayload|log)"\s*:\s*"')
_DIGITS = b"0123456789"
_CLASS = re.compile(rb"(?:[A-Za-z_]\w*\.)*(?:[A-Z]\w*|(?:gai|h)?error|timeout): ")
_NAMES = (NAME_FIRST, DOTTED, "level-lower-colon")
"""Formats of which a class and its message may be a record."""
_FRAME_FIRST = b" \xe2"
"""What a traceback's lines above its class line begin with: frames, or a box's."""
_BEHIND_LEVEL = b" :])>"
PLAIN_FIRST = b" \t"
"""Bytes that no coloured head begins with."""


def level_of_head(head: Head) -> str:
    """Return the level that a record's head shows, or that all records of its format have; empty without one."""
    return _level(head[2], head[0].level)


@lru_cache(1 << 10)
def _level(shown: bytes, given: str) -> str:
    return level_of_word(shown.decode("ascii", "replace") or given)


def _message_place(data: Buffer, start: int, end: int, head: Head) -> int:
    """Where the message's own text begins: inside a JSON string, behind a level's padding; -1 where none is."""
    form, message, level = head
    if form.kind == "json":
        found = _JSON_MESSAGE.search(data, start, end)
        return found.end() if found is not None else -1
    if form.kind not in ("plain", "structlog"):
        return -1
    padding = 8 - len(level)
    if message < end and data[message] == 32 and data[start:message].rstrip(_BEHIND_LEVEL).endswith(level):
        while padding > 0 and message < end and data[message] == 32:
            message, padding = message + 1, padding - 1
    return message


def is_class(data: Buffer, start: int, end: int, head: Head) -> bool:
    """Whether what looks like a record's head may be a traceback's last line whose message begins with a level."""
    if head[0].name not in _NAMES or _CLASS.match(data, start, end) is None:
        return False
    if start == 0 or data[start - 1] != 10:
        return True  # what stands before is not seen: a prefix, or colours, were taken away
    return data[data.rfind(b"\n", 0, start - 1) + 1] in _FRAME_FIRST


def part_of(data: Buffer, start: int, end: int, head: Head) -> str:
    """Return which part of a traceback a record's message or line is: blank, start, chain, inner, leaf, or none; same,
    where its head repeats the one before it."""
    if head[0].name == REPEATED:
        return "same" if _repeats(data, start, head[1]) else ""
    if is_class(data, start, end, head):
        return "leaf"
    place = _message_place(data, start, end, head)
    part = PART.match(data, place, end) if place >= 0 else None
    return (part.lastgroup or "") if part else ""


def _repeats(data: Buffer, start: int, message: int) -> bool:
    """Whether the line before begins as data[start:message] does, or is not seen."""
    if start == 0 or data[start - 1] != 10:
        return True
    before = data.rfind(b"\n", 0, start - 1) + 1
    return data[before : before + message - start] == data[start:message]


def signature_of(data: Buffer, start: int, end: int, head: Head) -> bytes:
    """What records of one logger and level share: everything before the message, without digits; with them where heads
    are repeated in full."""
    if head[0].name == REPEATED:
        return bytes(data[start : head[1]])
    return bytes(data[start : _message_place(data, start, end, head)]).rstrip(b" ").translate(None, _DIGITS)


def read_head(match: Match, data: Buffer, start: int, end: int) -> tuple[Head | None, Buffer, int, int]:
    """Return how the line data[start:end] begins a record, and the line: without its colours where these hid it."""
    head = match(data, start, end)
    if head is None and start < end and data[start] not in PLAIN_FIRST and has_colours(data, start, end):
        bare = strip_colours(bytes(data[start:end]))
        return match(bare, 0, len(bare)), bare, 0, len(bare)
    return head, data, start, end


def head_of(match: Match, data: Buffer, start: int, end: int) -> int:
    """Return SURE_HEAD when data[start:end] starts an event whatever stands before it, PART_HEAD when it may be
    one line of a traceback that is logged line by line, NO_HEAD when no format knows it (or colours hide it)."""
    if start >= end:
        return NO_HEAD
    head = match(data, start, end)
    if head is None:
        if data[start] in PLAIN_FIRST or not has_colours(data, start, end):
            return NO_HEAD
        line = strip_colours(bytes(data[start:end]))
        plain = has_colours(line, 0, len(line))
        return PART_HEAD if plain else max(head_of(match, line, 0, len(line)), PART_HEAD)
    return PART_HEAD if part_of(data, start, end, head) else SURE_HEAD
