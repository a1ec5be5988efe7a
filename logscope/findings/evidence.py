"""Events as evidence: which are shown, redacted, long tracebacks without the frames of libraries."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from logscope.findings.frequency import iso
from logscope.lazily import lazy
from logscope.model import Hit, RuleHits
from logscope.redact import MASK, clean, hides
from logscope.report import EvidenceLine

if TYPE_CHECKING:
    from logscope.events import Event
    from logscope.findings.context import Context, KeptEvents
    from logscope.scan.tally import SourceScan

WHOLE_LINES = 30
"""Events of so many lines are shown whole."""
FIRST_LINES, LAST_LINES = 12, 48
MAX_LINE = 16_000
EVENTS_PER_FINDING = 8
EVENTS_PER_OCCURRENCE = 3
GAP = "[…]"

MAX_TOLD = 1_000

_FRAME = lazy(r'(?P<margin>[\s|]*)File "(?P<file>[^"]+)", line (?P<line>\d+)')
_MARGIN = lazy(r"[\s|]*")
_MARKS = lazy(r"[\s|]*[~^][\s~^]*")
_REASON = lazy(r"\s*Reason:\s+\S")
"""Where a heading says nothing, as what kubectl describes."""
_DETAILS = ("error", "err", "exception", "exc")
"""Members of a record that say what was wrong, beside its message."""
_SAYS_NOTHING = "Connection error."
"""The SDKs of model providers put this around what really failed."""
_ANY = ("Error", "Exception")
_BODY = lazy(
    r"""\{(?>.{0,300}?["']message["']: (?P<quote>["']))(?P<said>.{1,2000}?)(?P=quote)[,}]"""
    r"""(?:(?:(?<=\})|.*\})(?P<end>["']?\)+)$|.*)"""
)
"""What an API answered."""
_OPENS = ("Traceback (most recent call last)", "Exception in ASGI application")


def evidence_line(event: Event, context: Context) -> EvidenceLine:
    """Return an event as evidence."""
    source, line = context.place(event)
    lines = clean(_unfolded(event.text.rstrip("\n"))).split("\n")
    frames = event.exception.frames if event.exception else ()
    if frames:  # the marks below source lines say nothing once lines are wrapped
        lines = [line for line in lines if not _MARKS.fullmatch(line)]
    shown = _shortened(lines, {(frame.file, frame.line) for frame in frames if frame.own})
    return EvidenceLine(
        source=clean(source),
        line=line,
        last_line=line + event.last_line - event.line,
        time=iso(event.time, context.zone),
        time_quality=event.time_quality,
        level=event.level,
        text="\n".join(_bounded(line) for line in shown),
        told=_told(event, lines),
        omitted_lines=len(lines) - sum(line.strip() != GAP for line in shown),
    )


def _told(event: Event, lines: Sequence[str]) -> str:
    """Return what an event is about in one line, an API's answer as its message; `lines` are its own, without secrets:
    where they hide one, nothing is told that does not stand so in them."""
    shown = clean(event.search_text) if any(MASK in line for line in lines) else ""

    def safe(text: str) -> str:
        told = text.partition("\n")[0][:MAX_TOLD]
        return MASK if hides(shown, told.lstrip(": ")) else clean(told)

    told = _said(event, safe)
    if "{" in told:
        told = _BODY.sub(lambda found: found["said"] + (found["end"] or ""), told)
    return " ".join(told.split())


def _said(event: Event, safe: Callable[[str], str]) -> str:
    """Return the exception that failed, behind the message where it says nothing itself, else the message and the error
    that a record has beside it."""
    rows = [*event.message.split("\n"), *event.text.split("\n")]
    first = next((row for row in rows if any(map(str.isalnum, row))), rows[0])
    info = event.exception
    if info is None:
        if not event.message and (http := event.http):
            return f"{http.method} {safe(http.path)} {http.status}"
        if first.rstrip().endswith(":"):
            first = next(filter(_REASON.match, rows), first)
        return safe(first) + safe(_beside(event, first))
    kind, message = info.type, info.message
    if message == _SAYS_NOTHING and len(info.chain) > 1:
        kind, message = info.chain[-2]
    if not message:
        return kind if first.startswith(_OPENS) else f"{safe(first)}: {kind}"
    if kind in _ANY and message in first:
        return safe(first)
    more = message.partition("\n")[2] if "validation error" in message else ""
    return f"{kind}: {safe(message)} {safe(more)}"


def _beside(event: Event, first: str) -> str:
    """Return what a record says beside its message: its members as they stand behind it, of JSON that of the error."""
    behind = event.text.partition("\n")[0].partition(first)[2] if event.fields else ""
    if behind and not event.text.startswith("{"):
        return behind.removeprefix('"')
    error = next((event.fields[name] for name in _DETAILS if event.fields.get(name)), "")
    if isinstance(error, dict):
        error = ": ".join(str(error[key]) for key in ("type", "message") if error.get(key))
    return f": {error}" if isinstance(error, str) and error and error not in first else ""


def _unfolded(text: str) -> str:
    """Return a JSON record with its members of several lines (tracebacks) written out below it."""
    if not text.startswith("{") or "\\n" not in text:
        return text
    try:
        members = json.loads(text)
    except ValueError:
        return text
    long = [name for name, value in members.items() if isinstance(value, str) and "\n" in value.strip()]
    head = json.dumps({**members, **dict.fromkeys(long, "…")}, ensure_ascii=False)
    return "\n".join([head, *(members[name].strip("\n") for name in long)]) if long else text


def _shortened(lines: Sequence[str], own: Collection[tuple[str, int]]) -> list[str]:
    """Leave out frames of libraries, then the middle; messages and the application's own frames stay."""
    if len(lines) <= WHOLE_LINES:
        return list(lines)
    shown = list(_telling(lines, own))
    if len(shown) > FIRST_LINES + LAST_LINES:
        shown = [*shown[:FIRST_LINES], GAP, *shown[-LAST_LINES:]]
    return shown


def _telling(lines: Sequence[str], own: Collection[tuple[str, int]]) -> Iterator[str]:
    """Yield the lines of an event without frames of libraries, but for the last frame of each traceback."""
    place = 0
    while place < len(lines):
        frame = _FRAME.match(lines[place])
        if frame is None:
            yield lines[place]
            place += 1
            continue
        gap = False
        while frame is not None:
            end = _frame_end(lines, place, len(frame["margin"]))
            following = _FRAME.match(lines[end]) if end < len(lines) else None
            if following is None or (frame["file"], int(frame["line"])) in own:
                if gap:
                    yield f"{frame['margin']}{GAP}"
                gap = False
                yield from lines[place:end]
            else:
                gap = True
            place, frame = end, following


def _frame_end(lines: Sequence[str], place: int, margin: int) -> int:
    """Return where the source lines below a frame end: they stand further to the right than it."""
    end = place + 1
    while end < len(lines):
        found = _MARGIN.match(lines[end])
        if found is None or len(found[0]) <= margin or found[0] == lines[end] or _FRAME.match(lines[end]):
            break
        end += 1
    return end


def _bounded(line: str) -> str:
    if len(line) <= MAX_LINE:
        return line
    return f"{line[: MAX_LINE // 2]} […{len(line) - MAX_LINE:,} characters…] {line[-MAX_LINE // 2 :]}"


def event_of(hit: Hit, scans: Mapping[int, SourceScan]) -> Event | None:
    """The event of a hit, where it was kept."""
    return scans[hit.source].events.get((hit.rule, hit.role, hit.line))


def kept_events(found: Sequence[RuleHits], scans: Mapping[int, SourceScan]) -> dict[int, KeptEvents]:
    """Return, by rule, what was kept of each of its occurrences."""
    lines: dict[int, set[int]] = defaultdict(set)
    for scan in scans.values():
        for rule, _, line in scan.events:
            lines[rule].add(line)
    return {item.rule: _kept_of(item, scans, lines[item.rule]) for item in found}


def _kept_of(found: RuleHits, scans: Mapping[int, SourceScan], lines: Collection[int]) -> KeptEvents:
    """Return what was kept of each occurrence; `lines` are those on which the rule has a kept event in any source."""
    kept: dict[int, list[tuple[Hit, Event]]] = {}
    candidates = [
        (number, hit)
        for number, occurrence in enumerate(found.occurrences)
        for hit in occurrence.hits
        if hit.line in lines
    ]
    for number, hit in candidates:
        event = event_of(hit, scans)
        if event is not None:
            kept.setdefault(number, []).append((hit, event))
    return kept


def first_stalled(found: RuleHits, scans: Mapping[int, SourceScan]) -> Event | None:
    """The event that began the first session which did not recover, of those that were kept."""
    begins = (event_of(steps[0][1], scans) for _, outcome, steps in found.lanes if outcome == "stalled")
    return next(filter(None, begins), None)


def _rank(hit: Hit) -> tuple[bool, int, int]:
    """Supporting evidence comes last."""
    return hit.role == "also", hit.source, hit.line


def choose_events(kept: KeptEvents, count: int) -> list[Event]:
    """Return the events to show of so many occurrences: every layer of the first one, the first event of the
    following, the last one."""
    chosen: list[Event] = []
    places: set[tuple[int, int]] = set()
    for number, told in kept.items():
        room = EVENTS_PER_OCCURRENCE if number == 0 else 1
        last = number == count - 1
        if len(chosen) >= EVENTS_PER_FINDING - (not last):
            continue
        ordered = sorted(told, key=lambda pair: _rank(pair[0]))
        taken: list[tuple[Hit, Event]] = []
        for hit, event in _each_layer_first(ordered):
            if len(taken) < room and (hit.source, hit.line) not in places:
                places.add((hit.source, hit.line))
                taken.append((hit, event))
        chosen += [event for _, event in sorted(taken, key=lambda pair: _rank(pair[0]))]
    return chosen


def _each_layer_first(told: Sequence[tuple[Hit, Event]]) -> list[tuple[Hit, Event]]:
    """What each layer told first, then what it repeated: of three tries and the failure also the failure."""
    first: dict[tuple[str, str], tuple[Hit, Event]] = {}
    for pair in told:
        first.setdefault((pair[0].role, pair[0].layer), pair)
    fresh = list(first.values())
    return [*fresh, *(pair for pair in told if all(pair is not other for other in fresh))]
