"""An event's physical bytes to its lines: prefix, line ends and colours taken off."""

from __future__ import annotations

from logscope.events.formats import behind_progress
from logscope.events.text.ansi import has_colours, strip_colours
from logscope.events.written.layout import Layout
from logscope.events.written.prefixes import Prefix
from logscope.events.written.unwrapping import unwrap


def content_lines(layout: Layout, raw: bytes) -> list[bytes]:
    """Return the lines that the program wrote; parts of lines that the collector split are joined."""
    lines = raw.split(b"\r" if layout.newline == "\r" else b"\n")
    if lines and not lines[-1]:
        lines.pop()
    if layout.prefix is not None:
        lines = _unwrapped(layout.prefix, lines)
    return [_plain(line) for line in lines]


def _unwrapped(prefix: Prefix, lines: list[bytes]) -> list[bytes]:
    result: list[bytes] = []
    joins = False
    for line in lines:
        _, data, start, end, partial = unwrap(prefix, line, 0, len(line))
        text = bytes(data[start:end])
        if joins:
            result[-1] += text
        else:
            result.append(text)
        joins = partial
    return [part for text in result for part in text.split(b"\n")]  # a journald entry may hold several lines


def _plain(line: bytes) -> bytes:
    if line.endswith(b"\r"):
        line = line[:-1]
    if line.startswith(b"\r"):
        line = line[behind_progress(line, 0, len(line)) :]
    if (b"\x1b" in line or b"m" in line) and has_colours(line, 0, len(line)):
        return strip_colours(line)
    return line
