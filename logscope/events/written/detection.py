"""What a source's first lines say about how it is written."""

from __future__ import annotations

import re
from collections import Counter
from datetime import tzinfo
from itertools import islice
from typing import NamedTuple

from msgspec.structs import replace

from logscope.errors import UnfitError, UsageError
from logscope.events.formats import (
    TWO_LINES,
    FewMatch,
    Head,
    Match,
    format_names,
    formats_named,
    match_head,
)
from logscope.events.formats.format import Format
from logscope.events.text.ansi import strip_colours
from logscope.events.text.dates import (
    latest_shown,
    latest_written,
    writes_bare_millis,
    writes_day_first,
    writes_year_first,
)
from logscope.events.text.http import told_twice
from logscope.events.text.times import Clock
from logscope.events.written.collectors import NO_COLLECTORS, coloured, prefix_of
from logscope.events.written.heads import read_head
from logscope.events.written.layout import Layout
from logscope.events.written.learned import (
    is_record,
    learned_match,
    one_bracketed,
    without_objects,
    without_second_lines,
)
from logscope.events.written.neighbours import Neighbours, may_show_time
from logscope.events.written.own import layouts_of_writers, learned, messages_of
from logscope.events.written.prefixes import BY_NAME, Prefix
from logscope.events.written.prints import printed
from logscope.events.written.unwrapping import prefix_facts, unwrap
from logscope.events.written.zones import hours_ahead, shared_zone
from logscope.model import Buffer

SAMPLE_LINES = 400
"""Lines that are read at most; indented ones, of which tracebacks are full, do not count up to _MOST_LINES."""
_MOST_LINES = 1200
_KNOWN = 0.1
"""Share of the first lines that must be known, or nothing is known of how the source is written."""
LEARNED_LINES = 100
"""Lines that are asked for formats without a sure sign."""
_SOLE, _RECORDS = 0.95, 5
"""Share of the heads that are timed records where all records are text, and how many at least."""
_CALLED = (
    ("logging python stdlib basic", ("basicConfig", "asctime-dash", "asctime-level")),
    ("access apache combined common nginx httpd", ("access-common", "access-bare")),
    ("docker kubernetes k8s containerd", ("compose", "docker-json", "cri", "kubectl")),
    ("systemd journal journalctl syslog", ("journald-short", "journald-iso", "journald-json")),
    ("aws", ("cloudwatch", "lambda")),
    ("gcp google stackdriver ecs jsonl ndjson pino caddy", ("json", "gcp-entry")),
    ("fastmcp richhandler", ("rich",)),
    ("claude cline cursor", ("claude-desktop", "vscode")),
)
"""What people call formats and prefixes whose names are others."""
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_NO_LATIN = re.compile(rb"[\x81\x8d\x8f\x90\x9d\xff]|[\xc0-\xff]{3}")
"""What no words in Latin letters hold: codes that cp1252 lacks, the rare y with dots, three accented letters."""


def detect_layout(
    sample: bytes,
    *,
    forced: str = "",
    timezone: tzinfo | None = None,
    written: float | None = None,
    source: str = "the source",
) -> Layout:
    """Return how the source that begins with `sample` (up to 256 KB) is written.

    `forced` names a format or prefix: UsageError when there is none of that name, UnfitError when it fits no line.
    `timezone` is for times that show no zone (UTC without it), `written` (seconds since the epoch) when the source was
    last written: what tells the year where neither a time nor another line does. Messages name the `source`.
    """
    newline = _newline_of(sample)
    raw, (prefix, reasons, lines, match, once, heads) = _first_read(sample, newline, forced)
    ranked = _formats(lines, heads, once)
    if forced:
        _check_forced(forced, raw, ranked, source)
    shown = latest_shown(sample, sure=written is not None)
    latest = latest_written(written) if shown is None and written is not None else shown
    day_first, year_first = writes_day_first(sample, written), writes_year_first(sample, written)
    clock = Clock(timezone, latest, day_first, year_first, writes_bare_millis(sample))
    draft = Layout(clock=clock, match=once)
    timed, carried = _times(lines, heads, prefix, draft)
    zones = _set_zones(clock, lines, prefix, draft)
    read = [(line.key, head, line.bare) for head, line in zip(heads, lines, strict=True)]
    told = learned([(writer, head, line) for writer, head, line in read if head], bool(forced))
    first = f"the first {len(lines):,} lines" if len(lines) > 1 else "1 line"
    reasons += [f"{name}: {count} of {first}" for name, count in ranked] + zones
    encoding = _encoding_of(sample, reasons)  # adds a reason of its own
    layout = Layout(
        prefix=prefix,
        formats=tuple(name for name, _ in ranked),
        reasons=tuple(reasons),
        ansi=coloured(raw[:200]),
        encoding=encoding,
        newline=newline,
        timed=timed,
        borrows=not carried,
        dated=shown is not None,
        clock=clock,
        match=match,
        told_twice=told_twice([(line.key, line.bare) for line in lines]),
        forced=bool(forced),
        prints=printed(messages_of(read, told["behind"])),
        **told,
    )
    return replace(layout, writers=layouts_of_writers(layout, read)) if prefix else layout


def _check_forced(forced: str, raw: list[bytes], ranked: list[tuple[str, int]], source: str) -> None:
    """Raise UsageError where nothing has the forced name, UnfitError where it fits no line; with what is near, or
    fits."""
    if forced in BY_NAME:
        if raw and not any(BY_NAME[forced].pattern.match(line) for line in raw):
            raise UnfitError(f"--log-format {forced}: no line of {source} carries this prefix", _fitting(raw))
    elif forced not in format_names():
        raise UsageError(f"--log-format {forced}: no such format", _closest(forced))
    elif raw and not ranked:
        tried = f"none of the first {len(raw)} lines" if len(raw) > 1 else "no line"
        raise UnfitError(f"--log-format {forced}: fits {tried} of {source}", _fitting(raw))


class _Line(NamedTuple):
    """One line of the sample."""

    raw: bytes
    key: bytes
    """Lines with the same key come from one writer."""
    text: bytes
    """Without its prefix."""
    bare: bytes
    """And without colours."""


class _First(NamedTuple):
    """The first lines of a source, as they are read."""

    prefix: Prefix | None
    reasons: list[str]
    """Why a collector has written this before them."""
    lines: list[_Line]
    match: Match
    """What recognises their heads."""
    once: Match
    """The same, each of these lines once."""
    heads: list[Head | None]

    @property
    def known(self) -> bool:
        """Whether something is known of how they are written."""
        return sum(head is not None for head in self.heads) >= _KNOWN * len(self.heads)


def _first_read(sample: bytes, newline: str, forced: str) -> tuple[list[bytes], _First]:
    """Return the first lines, and those that tell how the source is written, as they are read."""
    several = _lines_of(sample, newline, _MOST_LINES)
    raw = several[: _enough(several)]
    first = _recognised(*prefix_of(raw, forced), several, forced)
    if not forced and len(raw) < len(several) and not first.known:
        later = _behind_unknown(_lines_of(sample, newline), first.prefix)
        # a table's columns look like services before their lines
        if later is not None and (first.prefix or later.known):
            first = later
    return raw, first


def _behind_unknown(every: list[bytes], outer: Prefix | None) -> _First | None:
    """Return what a collector's prefix stands before that begins behind lines of which nothing is known: containers'
    lines behind the output of their build, say."""
    prefix, reasons = prefix_of(every, "")
    if prefix is None or prefix == outer or not NO_COLLECTORS.isdisjoint(prefix.name.split("+")):
        return None
    first = 0 if outer else next(n for n, line in enumerate(every) if prefix.pattern.match(line))
    return _recognised(prefix, reasons, every[first:], "")


def _shown(lines: list[bytes], prefix: Prefix | None) -> list[_Line]:
    if prefix is None:
        bare = [strip_colours(line) for line in lines] if coloured(lines) else lines
        return [_Line(line, b"", line, plain) for line, plain in zip(lines, bare, strict=True)]
    shown = []
    for line in lines:
        key, data, start, end, _ = unwrap(prefix, line, 0, len(line))
        text = bytes(data[start:end])
        shown.append(_Line(line, key, text, strip_colours(text)))
    return shown


class _Once:
    """Recognises heads as `match` does, each line of the sample once."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self._known: dict[bytes, Head | None] = {}

    def __call__(self, data: Buffer, start: int, end: int) -> Head | None:
        if start or end != len(data):
            return self._match(data, start, end)
        line, known = bytes(data), self._known
        if line not in known:
            known[line] = self._match(line, start, end)
        return known[line]


def _recognised(prefix: Prefix | None, reasons: list[str], raw: list[bytes], forced: str) -> _First:
    """Return lines as they are read, perhaps in a `forced` format, else by what they show of theirs."""
    shown = _shown(raw[:_MOST_LINES], prefix)
    lines = shown[: _enough([line.text for line in shown])]

    def by(match: Match, once: Match | None = None) -> _First:
        once = once or _Once(match)
        return _First(prefix, reasons, lines, match, once, _heads(lines, once))

    if forced in format_names():
        first = by(FewMatch(formats_named(forced)))
    else:
        usual = _Once(match_head)
        match = learned_match(_first_lines(lines), usual)
        first = by(match, usual if match is match_head else None)
    if not forced:
        one = one_bracketed(first.heads, first.match)
        first = first if one is first.match else by(one)
        if _shows_objects(lines, first.heads):
            first = by(without_objects(first.match))
    if any(head is not None and head[0].name == TWO_LINES for head in first.heads):
        first = by(without_second_lines(first.match))
    return first


def _first_lines(lines: list[_Line]) -> list[tuple[bytes, bytes]]:
    """The writers and texts of the sample's first lines: those of a traceback do not count."""
    flush = islice((n for n, line in enumerate(lines, 1) if line.bare[:1] not in b" \t"), LEARNED_LINES)
    return [(line.key, line.bare) for line in lines[: max(flush, default=0)]]


def _heads(lines: list[_Line], match: Match) -> list[Head | None]:
    return [match(line.bare, 0, len(line.bare)) for line in lines]


def _encoding_of(sample: bytes, reasons: list[str]) -> str:
    """Say cp1252 when the sample's high bytes never form UTF-8, and may be Latin letters."""
    if sample.isascii():
        return ""
    if _UTF8.search(sample) or _NO_LATIN.search(sample) or not _HIGH.search(sample):
        return ""
    reasons.append("bytes that are no UTF-8 are read as cp1252")
    return "cp1252"


def _newline_of(sample: bytes) -> str:
    if b"\n" not in sample:
        return "\r" if sample.count(b"\r") > 1 else "\n"
    return "\r\n" if sample.count(b"\r\n") * 2 > sample.count(b"\n") else "\n"


def _lines_of(sample: bytes, newline: str, most: int = -1) -> list[bytes]:
    """The sample's lines without their ends, so many at `most`; blank lines and a broken last line left out."""
    separator = b"\r" if newline == "\r" else b"\n"
    lines = sample[: 1 << 18].split(separator, most)
    if len(lines) > 1:
        lines.pop()
    return [line.rstrip(b"\r") for line in lines if line.strip()]


def _enough(lines: list[bytes]) -> int:
    """Return how many of the lines are read."""
    flush = islice((n for n, line in enumerate(lines, 1) if line[:1] not in b" \t"), SAMPLE_LINES)
    return max(max(flush, default=0), SAMPLE_LINES)


def _shows_objects(lines: list[_Line], heads: list[Head | None]) -> bool:
    """Whether all records are text, and JSON objects without a record's members stand between them."""
    told = [(head[0], line.bare) for head, line in zip(heads, lines, strict=True) if head is not None]
    sure = sum(_is_text(form) for form, _ in told)
    if sure < _RECORDS or sure == len(told):
        return False
    forms = [form for form, line in told if form.kind != "json" or is_record(line, 0, len(line))]
    return len(forms) < len(told) and sure >= _SOLE * len(forms)


def _is_text(form: Format) -> bool:
    """Whether a format is surely that of a program whose records are all text."""
    return form.name == "basicConfig" or (form.timed and form.kind in ("plain", "structlog"))


def _formats(lines: list[_Line], heads: list[Head | None], match: Match) -> list[tuple[str, int]]:
    """Return the formats of the sample's lines and how many are written so, most frequent first; `heads` are the lines'
    without their colours."""
    found: Counter[str] = Counter()
    for line, bare in zip(lines, heads, strict=True):
        coloured = line.bare is not line.text
        head = read_head(match, line.text, 0, len(line.text))[0] if coloured else bare
        if head is not None:
            found[head[0].name] += 1
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _times(
    lines: list[_Line], heads: list[Head | None], prefix: Prefix | None, draft: Layout
) -> tuple[bool, bool]:
    """Whether lines carry times of their own, and whether the prefix gives every line one."""
    neighbours = Neighbours(draft, b"\n")
    timed = any(
        (line.bare is not line.text or (head is not None and may_show_time(head)))
        and neighbours.line_time(line.text, 0, len(line.text)) is not None
        for line, head in zip(lines, heads, strict=True)
    )
    if prefix is None:
        return timed, False
    carried = any(draft.clock.read(prefix_facts(prefix, line.raw)[1]) is not None for line in lines)
    return timed, carried


def _set_zones(clock: Clock, lines: list[_Line], prefix: Prefix | None, draft: Layout) -> list[str]:
    """Let the clock read times that show no zone as the lines' others tell; return why."""
    neighbours = Neighbours(draft, b"\n")
    if prefix is not None and not prefix.year:
        both = [
            (
                clock.read(prefix_facts(prefix, line.raw)[1]),
                neighbours.line_time(line.text, 0, len(line.text)),
            )
            for line in lines
        ]
        clock.set_ahead(hours_ahead([(a, b) for a, b in both if a is not None and b is not None]))
    zone = None if clock.zone else shared_zone([line.bare for line in lines], clock, neighbours)
    if zone is None:
        return []
    clock.set_zone(zone)
    return [f"times without a zone are read in {zone}, as those beside them that show one"]


def _closest(name: str) -> str:
    import difflib  # only for this message

    known = [*format_names(), *BY_NAME]
    small = {one.lower(): one for one in known}
    asked = name.lower()
    parts = set(re.split(r"\W+|_", asked))
    near = [one for words, ones in _CALLED if not parts.isdisjoint(words.split()) for one in ones]
    close = [small[one] for one in difflib.get_close_matches(asked, small, 4, 0.3)]
    near += close[:1] + [one for one in known if asked in one.lower()] + close
    first = list(dict.fromkeys(near))[:4]
    told = f"The closest are {', '.join(first)}." if first else f"Known are {', '.join(known)}."
    return f"{told} `logscope inspect` names those of a log."


def _fitting(raw: list[bytes]) -> str:
    """What does fit: the collector's prefix, if there is one, and the formats behind it."""
    prefix, _ = prefix_of(raw, "")
    lines = _shown(raw, prefix)
    heads = _heads(lines, match_head)
    fitting = [name for name, _ in _formats(lines, heads, match_head)[:4]]
    fitting[:0] = [prefix.name] if prefix else []
    return f"These fit: {', '.join(fitting)}." if fitting else "No known format fits; leave the option out."
