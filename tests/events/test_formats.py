"""Every format: true lines, and what is right for them (tests/events/data/*.yaml)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from logscope.events import Event, Folder, detect_layout
from logscope.events.formats import format_names
from logscope.events.written.prefixes import BY_NAME

DATA = Path(__file__).parent / "data"
DOCS = Path(__file__).parent.parent.parent / "docs"
CASES: list[dict[str, Any]] = [
    case for file in sorted(DATA.glob("*.yaml")) for case in yaml.safe_load(file.read_text("utf-8"))
]


def read(log: bytes, **options: Any) -> list[Event]:
    """Return all events of a log, in order."""
    folder = Folder(detect_layout(log, **options), "test.log")
    return [
        folder.event(log, span, log.count(b"\n", 0, span.start) + 1) for span in folder.fold(log, 0, len(log))
    ]


def log_of(case: dict[str, Any]) -> bytes:
    """The case's log, written out or excerpted in a file beside it."""
    if "file" in case:
        return (DATA / case["file"]).read_bytes()
    return str(case["log"]).encode()


def instant(text: str) -> float:
    """ISO text, with up to nine digits of fraction, to seconds."""
    whole, dot, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(whole + "+00:00").timestamp() + (float("0." + fraction) if dot else 0)


def seen(event: Event, wanted: dict[str, Any]) -> dict[str, Any]:
    """What was read of an event, for the names that are wanted."""
    info, http = event.exception, event.http
    found: dict[str, Any] = {
        "at": [event.line, event.last_line],
        "level": event.level,
        "logger": event.logger,
        "message": event.message,
        "stream": event.stream,
        "quality": event.time_quality,
    }
    if "time" in wanted:
        expected = wanted["time"]
        same = event.time is not None and expected is not None and abs(event.time - instant(expected)) < 1e-4
        found["time"] = expected if same or (event.time is None and expected is None) else event.time
    if "between" in wanted:
        low, high = map(instant, wanted["between"])
        found["between"] = wanted["between"] if event.time and low < event.time < high else event.time
    if "leaf" in wanted:
        found["leaf"] = [info.type, info.message][: len(wanted["leaf"])] if info else None
    if "chain" in wanted:
        found["chain"] = [kind for kind, _ in info.chain] if info else None
    if "own" in wanted:
        found["own"] = [frame.file for frame in info.frames if frame.own] if info else []
    if "frames" in wanted:
        found["frames"] = len(info.frames) if info else 0
    if "http" in wanted:
        parts = [http.side, http.method, http.path, http.status, http.client, http.host] if http else []
        found["http"] = parts[: len(wanted["http"]) or None]
    if "fields" in wanted:
        found["fields"] = {name: event.fields.get(name) for name in wanted["fields"]}
    if "message_starts" in wanted:
        found["message_starts"] = event.message[: len(wanted["message_starts"])]
    if "search" in wanted:
        found["search"] = wanted["search"] if wanted["search"] in event.search_text else event.search_text
    return {name: found[name] for name in wanted}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_events_are_read_right(case: dict[str, Any]) -> None:
    """Line range, level, logger, message, time, exception and request are as read by a person."""
    zone = ZoneInfo(case["zone"]) if "zone" in case else None
    day = case.get("written")
    written = None if day is None else datetime.combine(day, time.max, UTC).timestamp()
    events = read(log_of(case), timezone=zone, written=written)

    assert case["events"] == [
        seen(event, wanted) for event, wanted in zip(events, case["events"], strict=True)
    ]


PARTS = {
    "level": re.compile(rb"\b(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|WARN|debug|info|warning|error|critical)\b"),
    "logger": re.compile(rb"\b(?:app|uvicorn|mcp|httpx)(?:\.\w+)*\b"),
    "time": re.compile(rb"^\d{4}-\d\d-\d\d[ T][\d:.,]+Z?"),
}


def colour(log: bytes, part: re.Pattern[bytes], code: bytes, reset: bytes) -> bytes:
    """Colour the first such part in each line that is no JSON and is not indented."""
    lines = [
        line if line[:1] in b"{ " else part.sub(lambda found: code + found[0] + reset, line, count=1)
        for line in log.split(b"\n")
    ]
    return b"\n".join(lines)


BARE = [case for case in CASES if not detect_layout(log_of(case)).prefix and b"\x1b" not in log_of(case)]


@pytest.mark.parametrize(
    ("case", "part"),
    [
        pytest.param(case, part, id=f"{case['name']}-{name}")
        for case in BARE
        for name, part in PARTS.items()
        if colour(log_of(case), part, b"*", b"") != log_of(case)
    ],
)
def test_colours_change_nothing(case: dict[str, Any], part: re.Pattern[bytes]) -> None:
    """A coloured level, logger or time is read, and its event folded, as without; also where a paste lost the ESC."""

    def told(log: bytes) -> list[tuple[Any, ...]]:
        return [
            (e.line, e.last_line, e.level, e.logger, e.message, e.time_quality == "exact" and e.time)
            for e in read(log)
        ]

    log = log_of(case)
    assert told(colour(log, part, b"\x1b[1m\x1b[31m", b"\x1b[0m")) == told(log)
    assert told(colour(log, part, b"[31m", b"[0m")) == told(log)


def test_the_line_ends_of_windows_change_nothing() -> None:
    """Lines that end in CR LF are read, and folded, as those that end in LF."""

    def told(log: bytes) -> list[tuple[Any, ...]]:
        events = [(e.line, e.last_line, e.level, e.logger, e.message, e.exception) for e in read(log)]
        return [(*seen, message.replace("\r", ""), str(error)) for *seen, message, error in events]

    logs = {case["name"]: log for case in CASES if b"\r" not in (log := log_of(case))}
    assert [name for name, log in logs.items() if told(log.replace(b"\n", b"\r\n")) != told(log)] == []


def test_the_manual_names_every_format() -> None:
    """What `--log-format` takes stands in the tables of docs/formats.md, and nothing else is named there as one."""
    tables = re.findall(r"^\| (`.+?) \|", (DOCS / "formats.md").read_text("utf-8"), re.MULTILINE)
    told = {name for names in tables for name in re.findall(r"`([a-z][a-zA-Z0-9-]*)`", names)}
    assert told == {*format_names(), *BY_NAME}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_line_belongs_to_one_event(case: dict[str, Any]) -> None:
    """No line is lost and none is read twice."""
    log = log_of(case)
    folder = Folder(detect_layout(log), "test.log")
    pieces = sorted(
        piece
        for span in folder.fold(log, 0, len(log))
        for piece in (span.pieces or ((span.start, span.end),))
    )

    assert b"".join(log[start:end] for start, end in pieces) == log


@pytest.mark.parametrize(
    ("lines", "written", "years"),
    [
        (["Dec 31 23:59:59", "Jan  1 00:00:03"], "2026-01-05", [2025, 2026]),
        (["Jan  1 00:00:03", "Dec 31 23:59:59"], "2026-01-05", [2026, 2025]),
        (["Nov 20 19:03:24"], "2026-11-21", [2026]),
        (["Nov 20 19:03:24"], "2026-11-20", [2026]),
        (["Nov 22 19:03:24"], "2026-11-20", [2025]),
        (["Feb 29 10:00:00"], "2024-03-01", [2024]),
        (["Feb 29 10:00:00"], "2026-03-01", []),
        (["Jan  1 00:00:03", "Dec 31 23:59:59"], "2029-06-01 of 2026-01-01 00:00:02", [2026, 2025]),
    ],
)
def test_a_time_without_a_year_is_the_last_before_the_file_was_written(
    lines: list[str], written: str, years: list[int]
) -> None:
    """Or nearest to a full date in the log; each line for itself, whatever was read before."""
    day, _, shown = written.partition(" of ")
    log = "".join(f"{line} web01 api[8]: INFO:     since {shown} x\n" for line in lines).encode()
    found = read(log, written=datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp())
    assert [datetime.fromtimestamp(e.time, UTC).year for e in found if e.time is not None] == years


@pytest.mark.parametrize(
    ("other", "year"),
    [
        ("app.errors.Gone: 2025-06-01 00:00:00 is over", 2026),
        ("certificate is valid until 2028-03-01T00:00:00Z", 2026),
        ("11-20 19:03:25 INFO [app.py:3] token of 2023-11-20 19:03:25 renewed", 2023),
        ("{'started': '2023-11-21 00:00:01'}", 2023),
        ('{"asctime": "2023-06-01 00:00:01", "message": "ready"}', 2023),
        ("2023-06-01 00:00:01 INFO ready", 2023),
    ],
)
def test_a_date_within_a_text_tells_no_year_but_that_of_its_day(other: str, year: int) -> None:
    """Where it is known when the file was written: a line's own date comes before that, others do not."""
    log = f"INFO 11-20 19:03:24 [app.py:3] ready\n{other}\n".encode()
    found = read(log, written=datetime.fromisoformat("2026-11-21T12:00:00+00:00").timestamp())
    assert found[0].time is not None
    assert datetime.fromtimestamp(found[0].time, UTC).year == year
