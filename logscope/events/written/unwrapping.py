"""What lies behind a collector's prefix: a line's text and its writer, and what the prefix tells of them."""

from __future__ import annotations

import re
from typing import NamedTuple

from logscope.events.text.ansi import strip_colours
from logscope.events.text.entries import ENTRIES, entry_time, json_string, parse_object
from logscope.events.written.prefixes import Prefix
from logscope.model import Buffer


class Line(NamedTuple):
    """One physical line without its prefix."""

    key: bytes
    """Lines with the same key come from one writer and fold together."""
    data: Buffer
    start: int
    end: int
    partial: bool
    """The collector split the line; the writer's next line goes on with it."""


def unwrap(prefix: Prefix | None, data: Buffer, start: int, end: int) -> Line:
    """Return the line behind its prefix; a line without the prefix is its own, with the key b""."""
    found = prefix.pattern.match(data, start, end) if prefix is not None else None
    if prefix is None or found is None:
        return Line(b"", data, start, end, False)
    if prefix.both is not None:
        return _unwrap_both(*prefix.both, data, start, end)
    if prefix.json_text:
        return _unwrap_json(prefix, data, start, end, found)
    if prefix.splits:
        partial = found["partial"] is not None
        end -= partial and found.end() < end and data[end - 1] == 13  # the line end was the collector's
        return Line(bytes(found["key"]), data, found.end(), end, partial)
    groups = found.re.groupindex
    return Line(bytes(found["key"]) if "key" in groups else b"", data, found.end(), end, False)


def writer_of(prefix: Prefix, data: Buffer, start: int, end: int) -> tuple[bytes, bool]:
    """Return a line's key, and whether it is partial, as `unwrap` does; what a JSON string holds is not read for it."""
    found = prefix.pattern.match(data, start, end) if prefix.name == "docker-json" else None
    if found is not None:
        return bytes(found["key"]), _is_partial(data, *found.span("text"))
    line = unwrap(prefix, data, start, end)
    return line.key, line.partial


def _unwrap_both(outer: Prefix, inner: Prefix, data: Buffer, start: int, end: int) -> Line:
    first = unwrap(outer, data, start, end)
    second = unwrap(inner, first.data, first.start, first.end)
    return second._replace(key=first.key + b" " + second.key, partial=first.partial or second.partial)


def _unwrap_json(prefix: Prefix, data: Buffer, start: int, end: int, found: re.Match[bytes]) -> Line:
    if "text" in found.re.groupindex:
        begin, stop = found.span("text")
        partial = _is_partial(data, begin, stop)
        body = bytes(data[begin : stop if partial else stop - 2])
        partial = partial and prefix.splits != ""
        if b"\\" in body:
            body = json_string(body)
        return Line(bytes(found["key"]), body, 0, len(body), partial)
    entry = parse_object(bytes(data[start:end]))
    if entry is None:
        return Line(b"", data, start, end, False)
    key, body = ENTRIES[prefix.name](entry)
    return Line(key, body, 0, len(body), False)


def _is_partial(data: Buffer, begin: int, end: int) -> bool:
    """Whether the inside of a JSON string does not end in a line end: Docker goes on with the line."""
    return not data.endswith(b"\\n", begin, end) or data.endswith(b"\\\\n", begin, end)


def prefix_facts(prefix: Prefix, line: bytes) -> tuple[str, str]:
    """Return (stream, time as printed) of a physical line; empty where the prefix has none."""
    if prefix.both is not None:
        rest = unwrap(prefix.both[0], line, 0, len(line))
        outer = prefix_facts(prefix.both[0], line)
        inner = prefix_facts(prefix.both[1], bytes(rest.data[rest.start : rest.end]))
        fuller = prefix.both[1].year and not prefix.both[0].year and inner[1]
        return inner[0] or outer[0], fuller or outer[1] or inner[1]
    found = prefix.pattern.match(line)
    if found is None:
        return "", ""
    if prefix.name in ENTRIES:
        return _entry_facts(prefix, line)
    groups = found.groupdict()
    stream, time = strip_colours(groups.get("stream") or b""), groups.get("time")
    return stream.decode("utf-8", "replace"), (time or b"").decode("utf-8", "replace")


def _entry_facts(prefix: Prefix, line: bytes) -> tuple[str, str]:
    entry = parse_object(line.rstrip()) or {}
    key = ENTRIES[prefix.name](entry)[0].decode("utf-8", "replace")
    stream = key.rpartition("[")[0] if prefix.name == "journald-json" else key.partition(" ")[0]
    return stream, entry_time(prefix.name, entry)
