"""Which of an event's lines are its message: those before a traceback, behind repeated heads, before members."""

from __future__ import annotations

import msgspec

from logscope.events.formats import Match
from logscope.events.text import members as mem
from logscope.events.text.stacks import is_frame, last_class
from logscope.events.text.tracebacks import joined_by
from logscope.lazily import lazy

_TRACE_STARTS = (
    "Traceback (most recent call last)",
    "  + Exception Group Traceback",
    "+ Exception Group Traceback",
    "  | ExceptionGroup: ",  # one that `except*` made: without a traceback of its own
    "  | BaseExceptionGroup: ",
    "Stack (most recent call last)",
    "concurrent.futures.process._RemoteTraceback:",
    "multiprocessing.pool.RemoteTraceback:",
)

_OF_LISTED = "bracket-level-logger"
_LISTED = lazy(r"\[(\"(?:[^\"\\\x00-\x1f]|\\[\"\\nrt])*\")\](?: \[\w[\w.\- ]*=[^\n]*\])*")


def before_traceback(lines: list[str]) -> list[str]:
    """Return the lines up to a traceback, or to a stack of JavaScript's, Java's or .NET's with its class."""
    kept: list[str] = []
    mark = joined_by(lines[0]) if lines else ""
    parts = lines[0].split(mark) if mark else []
    for number, line in enumerate(parts if any(part.startswith(_TRACE_STARTS) for part in parts) else lines):
        if line.startswith(_TRACE_STARTS) or ("╭" in line and "Traceback" in line):
            break
        if number and is_frame(line):
            return kept[: last_class(kept)]
        kept.append(line)
    return kept


def unlisted(text: str, form: str) -> str:
    """Return the message of a record that shows it quoted in brackets, before its members in theirs (Milvus, TiDB)."""
    found = _LISTED.fullmatch(text) if form == _OF_LISTED else None
    return str(msgspec.json.decode(found[1])) if found is not None else text


def records_joined(content: list[bytes], match: Match) -> str | None:
    """The text of a traceback that was logged line by line, without the repeated heads; None when it was not."""
    if len(content) < 2 or match(content[1], 0, len(content[1])) is None:
        return None
    parts = []
    for line in content:
        head = match(line, 0, len(line))
        if head is not None and head[0].kind == "json":
            found = mem.members_of_json(line.decode("utf-8", "replace"))
            parts.append(mem.message_of(found) if found else "")
        else:
            parts.append((line[head[1] :] if head is not None else line).decode("utf-8", "replace"))
    return "\n".join(parts)
