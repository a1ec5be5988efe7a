"""Events as evidence: redacted, neutralised, long ones shortened in the middle, never in the message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING

from logscope.frequency import iso
from logscope.model import Hit, Occurrence
from logscope.neutral import neutralize
from logscope.redact import redact
from logscope.report import EvidenceLine

if TYPE_CHECKING:
    from logscope.events import Event
    from logscope.scanner import SourceScan

FIRST_LINES, LAST_LINES = 6, 18
MAX_LINE = 4_000
EVENTS_PER_FINDING = 8
EVENTS_PER_OCCURRENCE = 3


def clean(text: str) -> str:
    """Return log text as it may leave the process: no secrets, no control characters."""
    return redact(neutralize(text))


def evidence_line(event: Event, zone: tzinfo | None) -> EvidenceLine:
    """Return an event as evidence."""
    lines = clean(event.text.rstrip("\n")).split("\n")
    omitted = max(len(lines) - FIRST_LINES - LAST_LINES, 0)
    if omitted:
        lines = [*lines[:FIRST_LINES], *lines[-LAST_LINES:]]
    return EvidenceLine(
        source=clean(event.source),
        line=event.line,
        last_line=event.last_line,
        time=iso(event.time, zone),
        time_quality=event.time_quality,
        level=event.level,
        text="\n".join(_bounded(line) for line in lines),
        omitted_lines=omitted,
    )


def _bounded(line: str) -> str:
    if len(line) <= MAX_LINE:
        return line
    return f"{line[: MAX_LINE // 2]} […{len(line) - MAX_LINE:,} characters…] {line[-MAX_LINE // 2 :]}"


def event_of(hit: Hit, scans: Mapping[int, SourceScan]) -> Event | None:
    """The event of a hit, where it was kept."""
    return scans[hit.source].events.get(hit.event)


def choose_events(occurrences: Iterable[Occurrence], scans: Mapping[int, SourceScan]) -> list[Event]:
    """Return the events to show: every layer of the first incident, the first event of the following, the last one."""
    chosen: list[Event] = []
    places: set[tuple[int, int]] = set()
    listed = list(occurrences)
    for number, occurrence in enumerate(listed):
        room = EVENTS_PER_OCCURRENCE if number == 0 else 1
        last = number == len(listed) - 1
        if len(chosen) >= EVENTS_PER_FINDING - (not last):
            continue
        for hit in sorted(occurrence.hits, key=lambda h: (h.role == "also", h.source, h.line)):
            event = event_of(hit, scans)
            if event is not None and room and (hit.source, hit.line) not in places:
                places.add((hit.source, hit.line))
                chosen.append(event)
                room -= 1
    return chosen
