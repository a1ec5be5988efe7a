"""What structlog's console renderer writes behind the level: the event, padded, the logger, and members."""

from __future__ import annotations

import re

from logscope.events.record.lines import before_traceback
from logscope.events.text.members import NESTED
from logscope.lazily import lazy

_MEMBER = (
    r"[A-Za-z_][\w.]*=(?:'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\""
    rf"|(?:[^\s{{\[(]|{NESTED}|[{{\[(])*+)(?:\s+|$)"
)
_NAME = r"(?![A-Z]+\])[A-Za-z_][\w.\-]*"
"""A logger's; a word in capitals is the event's own."""
_STRUCTLOG = lazy(  # the event is padded, or a logger follows it: it may hold members' like itself
    r"(?P<event>.{1,200}?)(?<=\S)(?:\s{2,}+(?=[\[A-Za-z_])|\s(?=\[))(?:\[(?P<logger>"
    rf"{_NAME})\](?:\s+|$))?"
    rf"(?P<tail>(?:{_MEMBER})*+)$"
)
_STRUCTLOG_LOGGER = lazy(  # a long event that holds members' like, and the last thing in brackets behind it
    rf"(?P<event>.*\S)\s\[(?P<logger>{_NAME})\](?P<tail>(?:\s+{_MEMBER})*+)\s*$"
)
_STRUCTLOG_NAMED = lazy(  # the same before values with blanks, which it does not quote unless told so
    rf"(?P<event>.*?\S)\s++\[(?P<logger>{_NAME})\]\s+(?P<tail>[A-Za-z_][\w.]*=.*)$"
)
_STRUCTLOG_LOOSE = re.compile(
    r"(?P<event>.*?)(?:(?<=\S)\s{2,}+(?=\[[A-Za-z_][\w.\-]*\]|[A-Za-z_][\w.]*=)|\s(?=\[[A-Za-z_][\w.\-]*\](?:\s|$))|\s(?=[A-Za-z_][\w.]*=)|$)"
    rf"(?:\[(?P<logger>{_NAME})\]\s*)?(?P<tail>(?:[A-Za-z_][\w.]*=.*)?)$"
)
_NEXT_MEMBER = re.compile(r"\s(?=[A-Za-z_][\w.]*=)")
_PADDED = 30
"""Columns to which structlog's console renderer pads an event."""


def _parts(rest: str, padded: int) -> tuple[str, str, str]:
    """(event, logger, the key=value tail) of one line, where the event has `padded` columns at least."""
    patterns = (_STRUCTLOG, _STRUCTLOG_LOGGER, _STRUCTLOG_NAMED, _STRUCTLOG_LOOSE)
    found = next((match for pattern in patterns if (match := pattern.match(rest)) is not None), None)
    if found is None:
        return rest.strip(), "", ""
    if found.re is _STRUCTLOG_LOOSE and found["tail"] and not found["logger"]:
        tail = _tail_of(rest, found.start("tail"), padded)
        return rest[:tail].strip(), "", rest[tail:]
    return found["event"].strip(), found["logger"] or "", found["tail"] or ""


def _tail_of(rest: str, tail: int, padded: int) -> int:
    """Where the members begin, at `tail` or behind it.

    What looks like one is the event's own text where padding would stand, inside a bracket that it opened, and behind
    a comma.
    """
    if rest[tail - 2 : tail].isspace():
        return tail
    opened = before = 0
    for start in (tail, *(found.end() for found in _NEXT_MEMBER.finditer(rest, tail))):
        for opener, closer in ("()", "[]", "{}", "<>"):
            opened += rest.count(opener, before, start) - rest.count(closer, before, start)
        if opened <= 0 and start > padded and rest[start - 2] != ",":
            return start
        before = start
    return len(rest)


def structlog_record(rest: str, text: str) -> tuple[str, str, str]:
    """(event, logger, the key=value tail) of structlog's console renderer, which follow the event's last line.

    `rest` is what it wrote behind the level in the first line, `text` all that it wrote.
    """
    parts = _parts(rest, _PADDED)
    lines = [] if parts[2] else before_traceback(text.split("\n"))
    if len(lines) < 2:
        return parts
    last, logger, tail = _parts(lines[-1], 0)
    if not tail and not logger:
        return parts
    indent = lines[-1][: len(lines[-1]) - len(lines[-1].lstrip())]
    return "\n".join([rest, *lines[1:-1], indent + last]), logger, tail
