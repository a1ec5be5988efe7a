"""How each field of an event is read from its bytes, when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from logscope.events.formats import TWO_LINES, WARNS, Head
from logscope.events.formats.format import TIME
from logscope.events.formats.unsure import PRETTY
from logscope.events.record.content import content_lines
from logscope.events.record.editors import handed_on, servers_level
from logscope.events.record.lines import before_traceback, records_joined, unlisted
from logscope.events.record.structlog import structlog_record
from logscope.events.text import members as mem
from logscope.events.text.http import HTTP_SIGNS, Side, http_of_members, http_of_text, names_protocol
from logscope.events.text.inspected import json_of_inspected
from logscope.events.text.levels import level_of_word
from logscope.events.text.raised import SHOWN, exception_of_members
from logscope.events.text.rich import is_failure, record_lines
from logscope.events.text.shapes import SECOND_LINE, is_broken_record
from logscope.events.text.times import shown_offset
from logscope.events.text.tracebacks import exception_of, without_values
from logscope.events.written.behind import OTHERS, placed, read_behind, read_ending
from logscope.events.written.doubt import begins, class_for_logger, doubtful_name, may_doubt
from logscope.events.written.heads import level_of_head
from logscope.events.written.layout import Layout
from logscope.events.written.loggers import logger_name, own_logger, shown_place, without_function
from logscope.events.written.punctuation import message_place
from logscope.events.written.unwrapping import prefix_facts, unwrap
from logscope.events.written.usual import usual_head
from logscope.lazily import lazy
from logscope.model import ExceptionInfo, Http, TimeQuality

if TYPE_CHECKING:
    from logscope.events.record.event import Event


def _content(event: Event) -> list[bytes]:
    lines = content_lines(event._layout, event.raw)
    if len(lines) > 1 and _is_half(event._layout, *lines[:2]):
        lines[:2] = [lines[0].rstrip() + b" " + lines[1].lstrip()]
    return lines


def _is_half(layout: Layout, first: bytes, second: bytes) -> bool:
    """Whether the head that begins in an event's first line goes on in its second one."""
    if TWO_LINES in layout.formats and SECOND_LINE.match(second):
        return True
    return first.endswith(b"]") and _ONLY_TIME.fullmatch(first) is not None


def _written(event: Event) -> Layout:
    """How the event's own writer writes."""
    layout = event._layout
    if layout.prefix is None or not layout.writers:
        return layout
    end = event.raw.find(b"\n")
    key = unwrap(layout.prefix, event.raw, 0, len(event.raw) if end < 0 else end).key
    return layout.writers.get(key, layout)


def _head(event: Event) -> tuple[Head | None, bytes]:
    """The head's format with the place of the message and the level, and the first line."""
    content = event._content
    first = content[0] if content else b""
    head = event._layout.match(first, 0, len(first))
    if head is not None:
        head = usual_head(event._written, head, first)
    word = _doubted_word(event._written, head, first)
    if head is not None:
        head = head[0], word[1] if word else message_place(event._written.marks, head, first), head[2]
    if head is not None and word is None:
        head = placed(event._written.behind, head, first)
    return head, first


def _groups(event: Event) -> dict[str, bytes]:
    """What the head's pattern captured."""
    head, first = event._head
    found = head[0].regex.match(first) if head is not None else None
    word = _doubted_word(event._written, head, first)
    no_logger = word[0] if word is not None else ""
    groups = found.groupdict() if found else {}
    behind = event._written.behind.get(head[0].name) if head is not None and groups.get("near") else None
    if behind is not None and behind.label:
        groups["near"] = groups["near"].replace(behind.label, b"", 1)
    return {name: value for name, value in groups.items() if value is not None and name != no_logger}


def _doubted_word(layout: Layout, head: Head | None, first: bytes) -> tuple[str, int, str] | None:
    """The group that took the message's beginning for a logger, and where that stands; None where none did."""
    if head is None:
        return None
    asks = bool(layout.doubted) and may_doubt(head[0])
    if not asks and _CLASS_SIGN.search(first, 0, _NEAR_HEAD) is None:
        return None
    found = head[0].regex.match(first)
    if found is None:
        return None
    word = doubtful_name(found) if asks else None
    told = layout.doubted.get(begins(head[0], found), "") if word is not None else ""
    return word if word is not None and word[2] in told else class_for_logger(found)


def _kind(event: Event) -> str:
    head = event._head[0]
    return head[0].kind if head is not None else ""


def _decoded(event: Event, raw: bytes) -> str:
    return raw.decode(event._layout.encoding or "utf-8", "replace")


def _text(event: Event) -> str:
    lines = [_decoded(event, line) for line in event._content]
    head, first = event._head
    if head is not None and head[0].kind == "rich":
        found = head[0].regex.match(first)  # what the formatter writes behind it is a part of the rows
        lines = record_lines(lines, len(_decoded(event, first[: found.end() if found else head[1]])))
    elif head is not None and (head[0].name == "lambda" or any("\rTraceback (" in line for line in lines)):
        lines = [line.replace("\r", "\n").replace("\xa0", " ") for line in lines]
    elif head is not None and (width := _INDENTS.get(head[0].name, 0)):
        indented = all(line[:width].isspace() for line in lines[1:])
        lines[1:] = [line[width * indented :] for line in lines[1:]]
    return "\n".join(lines).rstrip("\n")


def _members(event: Event) -> mem.Members | None:
    kind, line = _kind(event), event._content[0] if event._content else b""
    if kind == "json":
        return mem.members_of_json(first := _decoded(event, line)) or mem.members_of_template(first)
    if kind == "logfmt":
        return mem.members_of_pairs(event.text if _OPEN.search(first := _decoded(event, line)) else first)
    if kind == PRETTY or (not kind and line.rstrip() == b"{"):
        return mem.members_of_json(event.text) or mem.members_of_json(json_of_inspected(event.text))
    if not kind and is_broken_record(line, 0, len(line)):
        return mem.members_of_template(event.text)
    return None


def _fields(event: Event) -> Mapping[str, Any]:
    if event._members is not None:
        return event._members
    if _kind(event) == "structlog":
        return mem.members_of_pairs(_structlog_parts(event)[2])
    return _console_members(event) or mem.Members()


def _console_members(event: Event) -> mem.Members | None:
    """What zap's console encoder writes behind the message, as a JSON object; None where there is none."""
    head, first = event._head
    if head is None or head[0].name not in ("zap-console", "tslog"):
        return None
    last = first.rpartition(b"\t")[2]
    return mem.members_of_json(_decoded(event, last)) if last.startswith(b"{") else None


def _record(event: Event) -> mem.Members | None:
    """The members that describe the record, None where it has none."""
    found = mem.first_of_array(event.text) if _kind(event) == "json-array" else event._members
    return None if found is None else mem.inner_record(found)


_ONLY_TIME = lazy(rf"\[{TIME}\]".encode())
"""A line with nothing but a record's time."""
_INDENTS = {"tornado": 4, "twisted": 1}
"""Columns by which formatters indent all that follows the first line."""
_OPEN = re.compile(r'=\s*"(?:[^"\\]|\\.)*$')
"""A value of several lines begins: structlog's LogfmtRenderer escapes quotes only."""
_NEAR_HEAD = 200
"""Bytes at a line's start in which a head's own names stand."""
_CLASS_SIGN = re.compile(rb"(?:Error|Exception|Warning|Interrupt)[:\])]")
_PRIORITIES = dict(zip("01234", ("critical", "critical", "critical", "error", "warning"), strict=True))
"""Of journald; a lower one is what it gives all that is printed."""


def _level(event: Event) -> str:
    record = _record(event)
    head = event._head[0]
    shown = level_of_head(head) if head else ""
    level = mem.level_of(record) if record is not None else servers_level(event) or shown
    if not level and (head is None or head[0].name == "bracketed") and is_failure(event._content):
        return "error"
    if level or not event._layout.collector.startswith(("gcp-entry", "journald-json", "entry")):
        return level
    entry = mem.members_of_json(event.raw.partition(b"\n")[0].decode("utf-8", "replace"))
    if entry is None:
        return ""
    return level_of_word(str(entry.get("severity") or entry.get("level") or "")) or _PRIORITIES.get(
        str(entry.get("PRIORITY")), ""
    )


def _logger(event: Event) -> str:
    record = _record(event)
    if record is not None:
        return mem.logger_of(record)
    head = event._head[0]
    if head is None:
        return ""
    groups = event._groups
    if head[0].name == WARNS:
        return "py.warnings"
    if head[0].kind == "structlog":
        return _structlog_parts(event)[1]
    behind = event._written.behind.get(head[0].name)
    name = b"" if behind is not None and behind.over else own_logger(groups)
    if not name and behind is not None:
        name = (
            read_behind(behind, head[0], event._head[1])[1] or read_ending(behind, _message_lines(event))[1]
        )
    text = _decoded(event, name or shown_place(groups))
    called = behind is not None and behind.called and ".<" not in text
    return without_function(logger_name(text)) if called else logger_name(text)


def _structlog_parts(event: Event) -> tuple[str, str, str]:
    head, first = event._head
    rest = _decoded(event, first[head[1] :]) if head else ""
    return structlog_record(rest, event.text)


def _message(event: Event) -> str:
    record = _record(event)
    if record is not None:
        return "\n".join(before_traceback(mem.message_of(record).split("\n"))).rstrip()
    behind = event._written.behind
    text = read_ending(behind.get(event.format, behind.get(OTHERS)), _message_lines(event))[0]
    return unlisted(text, event.format)


def _message_lines(event: Event) -> str:
    """The lines before a traceback, without the head."""
    joined = _records_joined(event)
    lines = (joined or event.text).split("\n")
    head, first = event._head
    if head is not None and joined is None:
        if head[0].kind == "structlog":
            text = _structlog_parts(event)[0].split("\n")
            lines[: len(text)] = text
        else:
            lines[0] = lines[0][len(_decoded(event, first[: head[1]])) :]
            if said := event._groups.get("said"):  # between a time and what stands behind it
                lines[0] = _decoded(event, said)
            if _console_members(event) is not None:
                lines[0] = lines[0].rpartition("\t")[0] or lines[0]
    return "\n".join(before_traceback(lines)).strip()


def _time_text(event: Event) -> str:
    head = event._head[0]
    if head is not None and head[0].kind == "plain" and "time" not in head[0].regex.groupindex:
        return ""
    record = _record(event)
    own = mem.time_text(record) if record is not None else ""
    return own or event._groups.get("time", b"").decode("ascii", "replace")


def _prefix_time(event: Event) -> tuple[str, float | None, bool]:
    """The prefix's time as printed and read, and whether it shows year and zone."""
    prefix = event._layout.prefix
    if prefix is None:
        return "", None, False
    text = prefix_facts(prefix, event.raw.partition(b"\n")[0])[1]
    return text, (event._layout.clock.read(text) if text else None), prefix.year


def _time(event: Event) -> float | None:
    return _timed(event)[0]


def _time_quality(event: Event) -> TimeQuality:
    return _timed(event)[1]


def _own_time_text(event: Event) -> str:
    _timed(event)
    return event.time_text


def _shown_time(event: Event) -> tuple[str, float | None]:
    """The time that the event shows, as printed and read: a collector's where that shows year and zone."""
    outer_text, outer, full = _prefix_time(event)
    if outer is not None and full:
        return outer_text, outer
    own_text = _time_text(event)
    own = event._layout.clock.read(own_text) if own_text else None
    return (own_text, own) if own is not None or outer is None else (outer_text, outer)


def _offset(event: Event) -> int | None:
    text, time = _shown_time(event)
    return shown_offset(text) if time is not None else None


def _timed(event: Event) -> tuple[float | None, TimeQuality]:
    text, time = _shown_time(event)
    quality: TimeQuality = "exact"
    if time is None:
        borrowed = event._borrowed
        near, quality = borrowed.time() if borrowed is not None else (None, "order")
        time = event._layout.clock.read_near(text, near) if near is not None else None
        text, time = (text, time) if time is not None else ("", near)
    event.time, event.time_quality, event.time_text = time, quality, text
    return time, quality


def _stream(event: Event) -> str:
    prefix = event._layout.prefix
    return prefix_facts(prefix, event.raw.partition(b"\n")[0])[0] if prefix is not None else ""


def _quoted(event: Event) -> bool:
    quotes, event._quotes = event._quotes, None
    return quotes is not None and quotes(event)


def _records_joined(event: Event) -> str | None:
    return None if _kind(event) == "rich" else records_joined(event._content, event._layout.match)


def _exception(event: Event) -> ExceptionInfo | None:
    joined = _records_joined(event)
    if joined is not None:
        return exception_of(joined)
    record = _record(event)
    if record is None:
        return exception_of(event.text)
    info, event._trace_text = exception_of_members(record)
    if info is None and len(event._content) > 1:
        return exception_of(event.text)
    return info


def _trace_text(event: Event) -> str:
    record = _record(event)
    return exception_of_members(record)[1] if record is not None else ""


def _http(event: Event) -> Http | None:
    if not any(sign in event.raw for sign in HTTP_SIGNS):
        return None
    side: Side = "app" if event._layout.told_twice and not names_protocol(event.raw) else "server"
    record = _record(event)
    if record is not None:
        said = mem.message_of(record)
        return http_of_text(said, side, record) or http_of_members(record, side, said)
    console = event.fields if _kind(event) == "structlog" else _console_members(event)
    if console is not None:
        return http_of_text(event.message, side, console) or http_of_members(console, side)
    head, first = event._head
    if head is None or head[0].kind == "rich":
        return http_of_text(event.message, side)
    if head[0].name == "access-common":
        return http_of_text(_decoded(event, first), side)
    return http_of_text(_decoded(event, first[head[1] :]), side)


def _search_text(event: Event) -> str:
    joined = _records_joined(event)
    if joined is not None:
        return joined
    found = event._members
    if found is None:
        return mem.array_text(event.text) if _kind(event) == "json-array" else without_values(event.text)
    record = _record(event) or found
    shown = SHOWN if event._trace_text else mem.MESSAGES
    skip = shown | mem.QUIET if event.level in ("info", "debug", "trace") else shown
    parts = [mem.message_of(record), event._trace_text, *mem.rest_lines(found, skip)]
    if len(event._content) > 1 and _kind(event) not in ("", PRETTY):
        parts.append(event.text.partition("\n")[2])
    return "\n".join(part for part in parts if part)


READERS = {
    "_content": _content,
    "_groups": _groups,
    "_head": _head,
    "_members": _members,
    "_trace_text": _trace_text,
    "_written": _written,
    "exception": _exception,
    "fields": _fields,
    "handed_on": handed_on,
    "http": _http,
    "level": _level,
    "logger": _logger,
    "message": _message,
    "offset": _offset,
    "quoted": _quoted,
    "search_text": _search_text,
    "stream": _stream,
    "text": _text,
    "time": _time,
    "time_quality": _time_quality,
    "time_text": _own_time_text,
}
