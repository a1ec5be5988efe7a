"""What a record's first line says of the lines below it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from logscope.events.folding.modes import CLOSED, OPEN, OVER, TEXT
from logscope.events.formats import WARNS, Head
from logscope.events.formats.format import Format
from logscope.events.text import shapes
from logscope.events.text.ansi import strip_colours
from logscope.events.text.levels import level_of_word
from logscope.events.written.behind import Behind, read_behind
from logscope.model import Buffer

Record = tuple[Head, Buffer, int, int]
"""How it begins, and the line that holds it."""
_FENCE = b"```"
"""Around code in a text: what stands between two of them is the text's."""
_WITH_TRACEBACK = re.compile(rb"Encountered (?:httpx2?\.\w+|Exception)\s*(?:$|[\[(\x1b])")
"""What the model SDKs log at DEBUG with the traceback of a failed try."""
_WHOLE = re.compile(
    rb"(?:Invalid HTTP request received|Unsupported upgrade request|Exceeded concurrency limit"
    rb"|Application (?:startup|shutdown) failed\. Exiting)\.[ \t\r]*$"
)
"""What uvicorn says of trouble in one line; older releases tell the traceback of the first."""
_STATES = re.compile(
    rb"(?:\[[^\]\n]{0,80}\] +)*"
    rb"(?:Started (?:server|parent|reloader) process \[|Waiting for application (?:startup|shutdown)\."
    rb"|Application (?:startup|shutdown) complete\.|Finished server process \[|(?:Uvicorn r|R)unning on \S+ \("
    rb"|Starting gunicorn |Starting granian \(|(?:Spawning|Started|Stopping) worker-\d|Booting worker with pid:"
    rb"|Using worker: |Listening at: )"
)
"""What servers say of their own life, with nothing below it."""
_ASKED = re.compile(
    rb'HTTP Request: |[^"\n]{0,80}"(?:[A-Z]{3,10} \S[^"\n]* HTTP/\d[^"\n]*|WebSocket [^"\n]*)" '
)
"""A request as access logs, and httpx, tell it: no failure is told below."""
_FAILED = re.compile(
    rb'(?=[^\n]*:\d\d(?:,\d{3})?(?:[+-]\d{4})?")[^\n]*"(?:(?:log_?)?level(?:_?name)?|lvl|severity)": ?'
    rb'"(?:ERROR|CRITICAL|WARNING|error|critical|warning)"'
)
"""A text that looks like JSON, made by logging's own formatter, as its time tells: the traceback follows as it is."""
_TELLS = re.compile(rb'"exc(?:_info|eption)": ?(?:true\b|"Traceback |"  \+ Exception Group )')
"""A member of JSON that tells of an exception, or that there is one: logging prints what structlog was given again."""
_WARNED = re.compile(rb"[^:\n]{1,300}\.pyx?:\d+: [A-Z]\w*Warning: ")
"""What warnings' own text begins with in a record, where logging captures them."""
_CALM = re.compile(rb"(?i)[^\n]*?\b(?:level|lvl|severity)=(?:\x1b?\[[\d;]*m)*['\"]?(info|debug|trace)\b")
"""A level of logfmt at which no traceback is logged: one right below is another writer's."""
_NEAR = 200
"""Bytes of a JSON or logfmt record in which its level is looked for."""
_COLOURS = rb"(?:\x1b\[[0-9;]*m)*[ \t\r]*$"
_ANNOUNCES = re.compile(b":" + _COLOURS)
_EMPTY = re.compile(
    rb"(?:(?:[\[(<][^\])>\n]{1,120}[\])>] *+[:|\-]*+ *+)+(?<= )|\[[^\s\]]{1,120}:\d+\])?" + _COLOURS
)
"""No text, but for what a formatter writes before it and the blank behind that, or a place in the code."""
_LEFT_OPEN = (b":", b",", b";", b"(", b"[", b"{", b"-", b"|")
_ESC = 27
_HEADER = b"Traceback (most recent call last)"
_PAINTED = re.compile(rb"(?:\x1b\[[\d;]+m)+[^\x1b\n]+\x1b\[0?m")
_LISTS = re.compile(rb"\d+ validation errors? for [\w.\[\], ]+" + _COLOURS)
"""Pydantic's header of a list, without a colon."""

PARTS_BEFORE = {
    "start": ("chain", "head", "quote"),
    "inner": ("start", "inner", "leaf", "tail"),
    "leaf": ("start", "inner"),
    "tail": ("leaf", "inner", "tail"),
    "quote": ("remote", "leaf", "inner", "tail"),
    "chain": ("leaf", "chain", "quote", "inner", "tail"),
    "same": ("head", "same"),
}
"""Where every line of a traceback is a record: what may stand before each part of one."""


def part_with_code(part: str) -> str:
    """Return the part of a traceback that is logged entry by entry, where an entry has its code below it."""
    return "inner" if part in ("start", "inner") else ""


def is_failed_try(data: Buffer, start: int, end: int) -> bool:
    """Say whether a message is what the model SDKs log of a failed try, its traceback below."""
    return _WITH_TRACEBACK.search(data, start, end) is not None


_RULE = re.compile(rb"([=\-~*^#])\1{2,}")


def is_warned(record: Record) -> bool:
    """Say whether the warnings module wrote a record's text, be it through logging: the source line ends it."""
    (form, message, _), data, _, end = record
    return form.name == WARNS or _WARNED.match(data, message, end) is not None


def is_whole(data: Buffer, start: int, end: int) -> bool:
    """Say whether a message is one of a server's that has one line."""
    return _WHOLE.match(data, start, end) is not None


def states(behind: Mapping[str, Behind], head: Head, data: Buffer, start: int, end: int) -> bool:
    """Say whether a message is one that a server tells of its own life: what stands below it, others printed."""
    if _STATES.match(data, head[1], end) is not None:
        return True
    line, place = _behind_head(behind, head, data, start, end)
    return place > 0 and _STATES.match(line, place) is not None


def _behind_head(
    behind: Mapping[str, Behind], head: Head, data: Buffer, start: int, end: int
) -> tuple[bytes, int]:
    """Return a record's line without colours, and where its message begins behind what the formatter wrote there; 0
    where it wrote nothing."""
    told = behind.get(head[0].name)
    if told is None:
        return b"", 0
    line = strip_colours(bytes(data[start:end]))
    return line, read_behind(told, head[0], line)[0]


def mode_behind(
    mode: int, behind: Mapping[str, Behind], head: Head, data: Buffer, start: int, end: int
) -> int:
    """Return the mode behind a record that is no warning, which its level makes `mode`, by what its line says."""
    form, message, _ = head
    if form.kind not in ("plain", "structlog"):
        return mode
    if states(behind, head, data, start, end):
        return OVER
    if mode != TEXT or form.kind != "plain":
        return mode
    if _ASKED.match(data, message, end) is not None:
        return CLOSED
    return OPEN if shapes.speaks_of_trouble(data, message, end) else mode


def level_of(form: Format, data: Buffer, start: int, end: int) -> bytes:
    """Return the level of a record whose head shows none: its format's, or logfmt's where nothing failed."""
    calm = _CALM.match(data, start, min(end, start + _NEAR)) if form.kind == "logfmt" else None
    return bytes(calm[1]).lower() if calm is not None else form.level.encode()


def shows_failure(data: Buffer, start: int, end: int) -> bool:
    """Say whether the traceback right below a JSON record is its own."""
    if _FAILED.match(data, start, min(end, start + _NEAR)) is not None:
        return True
    return _TELLS.search(data, start, end) is not None


def announces(behind: Mapping[str, Behind], head: Head, data: Buffer, start: int, end: int) -> bool:
    """Say whether a record's first line ends in a colon, or its message is empty behind what the formatter wrote: what
    it speaks of stands below, at any level."""
    near = max(head[1], end - 40)
    if _EMPTY.match(data, head[1], end) is not None or _ANNOUNCES.search(data, near, end) is not None:
        return True
    line, place = _behind_head(behind, head, data, start, end)
    return place > 0 and _EMPTY.match(line, place) is not None


def is_warning(record: Record | None) -> bool:
    """Say whether a record is a warning."""
    return record is not None and level_of_word(record[0][2].decode("ascii", "replace")) == "warning"


def is_warning_alone(record: Record | None) -> bool:
    """Say whether a record is a warning, and what it may be logged with shows only the frames up to where that was
    caught: loguru has all of them."""
    return is_warning(record) and record is not None and record[0][0].name != "loguru"


def turns_fence(record: Record | None, inside: bool, data: Buffer, start: int, end: int) -> bool:
    """Say whether a line begins what stands between fences, or ends it; `inside`: it stands there itself. A value of
    logfmt's is closed by its quotes."""
    if inside and record is not None and record[0][0].kind == "logfmt":
        return opens_value(data, start, end)
    return data.startswith(_FENCE, start)


def is_part(record: Record | None, data: Buffer, start: int, end: int, first: bool) -> bool:
    """Say whether a line looks like a part of the record's message; `first`: no other line stands between them. What
    looks like a quotation there was rather asked at a prompt."""
    asked = first and record is not None and data.startswith(b"> ", start)
    part = not asked and not _has_one_line(record) and shapes.is_part(data, start, end)
    return part or (first and _underlines(record, data, start, end))


def _has_one_line(record: Record | None) -> bool:
    """Say whether all that a record's message may hold stands in its line, as in JSON, or within logfmt's quotes, or
    where it tells of a request."""
    if record is None:
        return False
    (form, message, _), data, _, end = record
    return form.kind in ("json", "logfmt", "access") or _ASKED.match(data, message, end) is not None


def is_painted(record: Record | None, data: Buffer, start: int, end: int) -> bool:
    """Say whether a line is one text in one colour, which the record above has none of: printed, as agents do. loguru
    colours tracebacks also where a format has no colours."""
    if record is None or data[start] != _ESC or _PAINTED.fullmatch(data, start, end) is None:
        return False
    return record[1].find(b"\x1b", record[2], record[3]) < 0 and data.find(_HEADER, start, end) < 0


def says_all(record: Record | None) -> bool:
    """Say whether a record's first line leaves nothing to be told, as a colon or an open bracket would, or a format
    whose message stands below."""
    if record is None or record[0][0].opens:
        return False
    return bytes(record[1][max(record[3] - 20, record[2]) : record[3]]).rstrip()[-1:] not in _LEFT_OPEN


def says_again(record: Record | None, data: Buffer, start: int, end: int) -> bool:
    """Say whether a line is the record's message once more, as a second handler without a format prints it."""
    if record is None:
        return False
    (_, message, _), above, _, stop = record
    begin = stop - (end - start)
    return begin >= message and above[begin:stop] == data[start:end]


def _underlines(record: Record | None, data: Buffer, start: int, end: int) -> bool:
    """Say whether a line is a rule as wide as the last words of the record's first line: those are a heading."""
    if record is None or _RULE.fullmatch(data, start, end) is None:
        return False
    _, above, first, stop = record
    line = strip_colours(bytes(above[first:stop]))
    words = line[start - end :]
    return len(line) > len(words) and not words[:1].isspace() and not line[: start - end][-1:].isalnum()


def opens(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line is nothing but a bracket that a value of several lines opens."""
    return bytes(data[start:end]).rstrip() in (b"{", b"[")


def opens_value(data: Buffer, start: int, end: int) -> bool:
    """Say whether a logfmt record's first line ends within quotes, which structlog's value of several lines opens."""
    return (data.count(b'"', start, end) - data.count(b'\\"', start, end)) % 2 == 1


def lists(data: Buffer, start: int, end: int) -> bool:
    """Say whether a record's first line is what pydantic writes above its errors."""
    near = data.find(b" validation error", start, end)
    return near >= 0 and _LISTS.search(data, max(start, near - 8), end) is not None
