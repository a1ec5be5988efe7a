"""`logscope inspect`: what logscope sees in each source."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import timezone as fixed
from pathlib import Path
from typing import Any

import click
from msgspec import Struct, field, to_builtins
from msgspec.structs import replace

from logscope.cli.common import log_format_option, now, scan_options, timezone_option
from logscope.cli.pipes import tell
from logscope.counting import counted
from logscope.errors import NoInputError
from logscope.events import Event, Folder, Layout, read_events
from logscope.events.record.event import MAX_RAW
from logscope.model import Note, Source
from logscope.neutral import neutralize
from logscope.options import ScanOptions
from logscope.redact import MASK, clean, redact
from logscope.render import text
from logscope.scan.layouts import SAMPLE, layout_of, refuse_unfit
from logscope.sources import Reader, discover, no_text, open_source, unopened

READ_AT_ONCE = 2 << 20
"""Bytes read without --all of all sources together; of each its first ones at least."""
TAIL = 1 << 18
"""Bytes at the end that are read besides, for the time span."""
LONGEST = f"{MAX_RAW >> 20} MiB"
UNKNOWN_SHOWN = 5
LEVELS = ("critical", "error", "warning", "info", "debug", "trace", "")
_EXAMPLES = """\b
Examples:
  logscope inspect logs/
  logscope inspect app.log --all
  logscope inspect app.log --events | head
"""


class Seen(Struct):
    """What was counted over one source."""

    layout: Layout
    lines: int = 0
    events: int = 0
    unknown: int = 0
    blank: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    qualities: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    streams: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    failed: int = 0
    first: float | None = None
    last: float | None = None
    examples: list[str] = field(default_factory=list)
    sampled: bool = False
    tail: bool = False
    """Its end was read too."""
    cut: int = 0

    def add(self, event: Event) -> None:
        self.events += 1
        self.lines = max(self.lines, event.last_line)
        self.levels[event.level] += 1
        self.qualities[event.time_quality] += 1
        self.formats[event.format] += 1
        self.cut += event.cut
        if event.stream:
            self.streams[event.stream] += 1
        self.requests += event.answered
        self.failed += event.failed
        if event.time is not None:
            self.first = event.time if self.first is None else min(self.first, event.time)
            self.last = event.time if self.last is None else max(self.last, event.time)
        if not event.recognised:
            count = event.lines
            if not event.text.strip():
                self.blank += count
                return
            self.unknown += count
            if len(self.examples) < UNKNOWN_SHOWN:
                self.examples.append(f"{event.line}: {clean(event.text.partition(chr(10))[0])[:160]}")


@click.command(epilog=_EXAMPLES, short_help="Show what logscope sees in logs.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--events", "as_events", is_flag=True, help="Print every event as one JSON object per line.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Read every line, not only the first 2 MiB of all sources together.",
)
@log_format_option
@timezone_option
def inspect(
    paths: tuple[str, ...], as_events: bool, everything: bool, log_format: str, timezone: str | None
) -> int:
    """Show what logscope sees: formats and why, levels, times, prefix, encoding, lines not understood."""
    options = scan_options(log_format, timezone, None, None, now())
    found = discover(paths, Path.cwd())
    _tell(found.notes)
    if not found.sources:
        raise NoInputError(
            "no log file in " + ", ".join(clean(path) for path in paths), "Name a file or a folder."
        )
    options = replace(options, several=len(found.sources) > 1)
    limit = None if everything or as_events else max(READ_AT_ONCE // len(found.sources), SAMPLE)
    shown = 0
    notes: list[Note] = []
    for source in found.sources:
        shown += _one(source, as_events, limit, options, notes)
    refuse_unfit(notes, len(found.sources), options)
    if not shown:
        raise NoInputError("no log line in any input", "Check that the files are text and not empty.")
    return 0


def _one(source: Source, as_events: bool, limit: int | None, options: ScanOptions, notes: list[Note]) -> int:
    """Show one source, of which at most `limit` bytes are read; return the number of its events and add its notes."""
    try:
        reader = open_source(source)
    except OSError as error:
        _tell([unopened(source, error)])
        return 0
    try:
        first = reader.head(SAMPLE)
        if reader.binary:
            _tell([no_text(source, reader.content)])
            return 0
        layout, zone = layout_of(first, reader, options), options.timezone
        events = read_events(reader.fill, Folder(layout, source.name), first, limit)
        count = (
            _print_events(events, zone) if as_events else _print_summary(source, reader, events, layout, zone)
        )
        _tell(reader.notes)
        notes += reader.notes
        return count
    finally:
        reader.close()


def _tell(notes: Iterable[Note]) -> None:
    for note in notes:
        tell(f"note: {clean(note.where)}: {clean(note.text)}")


def _print_events(events: Iterator[Event], zone: tzinfo | None) -> int:
    count = 0
    for event in events:
        if event.cut:
            cut = f"an event longer than {LONGEST} is shown up to there"
            _tell([Note(f"{event.source}:{event.line}", "cut", cut)])
        click.echo(json.dumps(event_object(event, zone), ensure_ascii=False, allow_nan=False))
        count += 1
    return count


def event_object(event: Event, zone: tzinfo | None) -> Any:
    """Return an event as JSON values, masked and without control characters."""
    info = event.exception
    return _safe(
        {
            "source": event.source,
            "line": event.line,
            "last_line": event.last_line,
            "lines": event.lines,
            "time": _iso(event.time, _own_zone(event) or zone),
            "time_quality": event.time_quality,
            "level": event.level,
            "logger": event.logger,
            "message": event.message,
            "stream": event.stream,
            "format": event.format,
            "understood": event.recognised,
            "exception": None
            if info is None
            else {
                "leaf": {"type": info.type, "message": info.message},
                "chain": [{"type": kind, "message": text} for kind, text in info.chain],
                "frames": to_builtins(info.frames),
            },
            "http": to_builtins(event.http),
            "fields": dict(event.fields),
        }
    )


def _own_zone(event: Event) -> tzinfo | None:
    """The offset in which the event shows its time."""
    return None if event.offset is None else fixed(timedelta(seconds=event.offset))


def _safe(value: Any, key: str = "") -> Any:
    """Return a JSON value masked: by its own shape, and by the name it stands under."""
    if isinstance(value, dict):
        return {clean(str(name)): _safe(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(item, key) for item in value]
    if isinstance(value, str):
        named = redact(f"{key}={neutralize(value)}")
        return named[len(key) + 1 :] if named.startswith(f"{key}=") else MASK
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value


def _print_summary(
    source: Source, reader: Reader, events: Iterator[Event], layout: Layout, zone: tzinfo | None
) -> int:
    seen = Seen(layout)
    for event in events:
        seen.add(event)
    _read_tail(source, reader, seen)
    for line in _summary(source, reader, seen, zone):
        click.echo(line)
    return seen.events


def _read_tail(source: Source, reader: Reader, seen: Seen) -> None:
    """Of a file read in part, take the last time from its end."""
    size = os.path.getsize(source.path) if source.path and os.path.isfile(source.path) else 0
    seen.sampled = size > reader.raw_bytes
    plain = reader.encoding.startswith("utf-8") and not reader.compressed
    if not seen.sampled or not plain or source.path is None:
        return
    with open(source.path, "rb") as stream:
        stream.seek(-min(TAIL, size), os.SEEK_END)
        data = stream.read().partition(b"\n")[2]
    seen.tail = bool(data)  # lines that end in CR alone have none that is whole
    folder = Folder(seen.layout, source.name)
    for span in folder.fold(data, 0, len(data)):
        time = folder.event(data, span, 0).time
        if time is not None and (seen.last is None or time > seen.last):
            seen.last = time


def _summary(source: Source, reader: Reader, seen: Seen, zone: tzinfo | None) -> Iterator[str]:
    layout = seen.layout
    yield clean(source.name)
    if seen.sampled:
        size = os.path.getsize(source.path or "")
        end = ", and its end" if seen.tail else ""
        first = "first line" if seen.lines == 1 else f"first {seen.lines:,} lines"
        yield f"  read         the {first} of {text.size(size)}{end}; --all reads every line"
    else:
        yield f"  read         {counted(seen.lines, 'line')}, {text.size(reader.raw_bytes)}"
    if not seen.lines:
        yield ""
        return
    ends = {"\n": "LF", "\r\n": "CR LF", "\r": "CR"}[layout.newline]
    yield f"  encoding     {layout.encoding or reader.encoding}, {ends}{', coloured' if layout.ansi else ''}"
    yield f"  prefix       {layout.collector or 'none'}"
    yield f"  formats      {_counts(seen.formats) or 'none known'}"
    for number, reason in enumerate(layout.reasons):
        yield f"  {'' if number else 'because':<12} {reason}"
    total = max(seen.lines - seen.blank, 1)
    yield f"  recognised   {text.percent((total - seen.unknown) / total)} of lines"
    yield f"  events       {seen.events:,}: " + _counts(
        Counter({n or "no level": seen.levels[n] for n in LEVELS})
    )
    if seen.streams:
        yield f"  streams      {_counts(seen.streams)}"
    if seen.requests:
        yield f"  requests     {seen.requests:,}, of them {seen.failed:,} failed (5xx)"
    span = (
        f"{text.between(_iso(seen.first, zone), _iso(seen.last, zone))}; " if seen.first is not None else ""
    )
    yield f"  time         {span}{_counts(seen.qualities)}"
    if layout.clock.guessed and not layout.dated:
        yield "               times without a year are those before the file was last written"
    if seen.cut:
        yield f"  cut          {counted(seen.cut, 'event')} longer than {LONGEST}, shown in part"
    if seen.unknown:
        yield f"  not understood: {counted(seen.unknown, 'line')}{', the first of them' if seen.unknown > 1 else ''}"
        for example in seen.examples:
            yield f"    {example}"
    yield ""


def _counts(counter: Counter[str]) -> str:
    ranked = sorted(
        ((name, n) for name, n in counter.items() if n and name), key=lambda item: (-item[1], item[0])
    )
    return ", ".join(f"{clean(name)} {count:,}" for name, count in ranked[:12])


def _iso(time: float | None, zone: tzinfo | None) -> str | None:
    return (
        None if time is None else datetime.fromtimestamp(time, zone or UTC).isoformat(timespec="microseconds")
    )
