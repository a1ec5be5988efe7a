"""Formats whose heads may as well be text (`formats/unsure.py`): used where a source's first lines show that they are
written so.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from logscope.events.formats import FORMATS, GENERIC, Head, LearnedMatch, Match, match_head
from logscope.events.formats.brackets import STRUCTLOG
from logscope.events.formats.format import Format
from logscope.events.formats.unsure import ALONE, CAMEL, DOTTED, NAMED, PRETTY, UNSURE, WORDS
from logscope.events.text.entries import parse_object
from logscope.events.text.members import Members, inner_record, level_of
from logscope.events.text.names import MESSAGE, TIME, role_of
from logscope.events.text.rich import EDGE
from logscope.events.text.shapes import INDENTED, LOOSE, SECOND_LINE, shape_of
from logscope.events.written.closing import closing_head
from logscope.events.written.pieces import LIBRARIES
from logscope.events.written.shared import MOMENT, shared_head
from logscope.model import Buffer

SHARE = 0.6
"""Of the lines that no format knows, those that must be written alike."""
ALIKE = 5
"""And how many at least."""
_SURE_LEVEL = re.compile(
    rb"[ \t:|\-]*[\[(]?(?:(?:info|warn)[ \])]|(?i:info|warn|debug|trace|verbose|fatal)[\])]?(?: *[\t:|\-]|  ))"
    rb"[ \t:|\-]*(?=\S)|[ \t]*([|\-]) *(?i:error|warning|critical|notice) +\1 "
)
"""A level behind a time that no message begins with, or between marks."""
FEW = 2
"""Lines that share a name, on the average, where nothing but names tells."""
_SOME, _NEARLY = 0.3, 0.8
"""Share of the names that must have dots where only blanks stand around them, and where they are many; the first one
also of records in structlog's way."""
_NEAR = 100
_SECONDS = re.compile(rb":\d\d:\d\d")
"""Bytes behind a level in which a record's time stands."""
_CLASS = re.compile(rb"(?:[A-Za-z_]\w*\.)*[A-Z]\w+(?:Error|Exception|Exit|Group|Interrupt|Timeout)(?::|$)")
"""A traceback's last line."""
_FRAME = re.compile(rb'\s{1,200}(?:\| +)?File "[^"]+", line \d')
_RAISED = re.compile(rb"(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:: |:?$)")
"""A class of any name, and its message."""
_MEMBERS = (
    r"level\w*|log\.?_?[lL]evel|lvl|severity|@?timestamp|@t|ts|time|asctime"
    r"|message|msg|event|log|textPayload|MESSAGE"
    r"|time_local|time_iso8601|remote_addr"  # an access log's
)
_RECORD = re.compile(rf'"(?:{_MEMBERS})"\s*:'.encode())
"""A member of a record, in an object on one line."""
_NAMES = re.compile(_MEMBERS)
_OTHER_LEVEL = re.compile(rb'(?i)"[\w.@\-]{0,20}(?:level|lvl|severity|priority)\w{0,10}"\s*:\s*"[a-z]')
"""A level under another name."""
_TOLD = frozenset((TIME, MESSAGE))
"""What a record has beside its level."""
_TEXTS = ("message", "msg", "event")
"""Members of which objects are another's: a model's answer, a protocol's event."""
_BRACKETED = tuple(form for form in FORMATS if form.name == "vscode")
_DESKTOP = tuple(form for form in FORMATS if form.name == "claude-desktop")
_STRUCTLOG = tuple(
    form for form in FORMATS if form.name == "structlog" and form.lead == "time" and "{lower}" in form.pattern
)
"""A time and a level in brackets, without padding."""
_PARSED = 1 << 16
"""A longer line is not parsed."""
_LEVEL = re.compile(rb'[ \t]+"?(?:level|levelname|log\.level|severity)"?: ')
"""A member that records have and other objects do not."""


def learned_match(lines: list[tuple[bytes, bytes]], match: Match) -> Match:
    """Return what recognises the formats and those without a sure sign that `lines` show, or those of one writer.

    `lines` are a source's first ones, each with its writer, without prefix and colours; `match` answers as match_head
    does. One writer's lines count for formats with a level only: of others any text may be another writer's.
    """
    unknown = _unknown(lines, match)
    told = _tells_levels([line for _, line in unknown], match)
    if len(unknown) < ALIKE and not told:  # the usual case: nothing to compile
        return match_head
    heads = _shared(unknown)
    unknown = [(key, line) for key, line in unknown if not any(form.regex.match(line) for form in heads)]
    shown = {WORDS} if told else set()
    if len(unknown) >= ALIKE:
        shown |= _shown([line for _, line in unknown], [line for _, line in lines])
    writers = Counter(key for key, _ in unknown)
    for writer in [key for key, count in writers.items() if ALIKE <= count < len(unknown)]:
        own = [[line for key, line in some if key == writer] for some in (unknown, lines)]
        shown |= {name for name in _shown(*own) if all("(?P<level>" in form.full for form in _named(name))}
    formats = (*heads, *(form for form in UNSURE if form.name in shown))
    return LearnedMatch(formats) if formats else match_head


def _shared(unknown: list[tuple[bytes, bytes]]) -> tuple[Format, ...]:
    """The heads that nearly all unknown lines share, or else those of one writer."""
    head = _head_of([line for _, line in unknown])
    writers = dict.fromkeys(key for key, _ in unknown)
    if head is not None or len(writers) < 2:
        return () if head is None else (head,)
    heads = (_head_of([line for key, line in unknown if key == writer]) for writer in writers)
    return tuple(dict.fromkeys(head for head in heads if head is not None))


def _head_of(lines: list[bytes]) -> Format | None:
    return closing_head(lines) or shared_head(lines)


def _shown(unknown: list[bytes], lines: list[bytes]) -> set[str]:
    names = {form.name for form in UNSURE}
    return {name for name in names if _is_shown(_named(name), unknown, lines)}


def one_bracketed(heads: list[Head | None], match: Match) -> Match:
    """Return what recognises records of a time and a level in brackets as structlog's, or none of them: a line of
    others' that ends in a member looks like structlog's, and one of structlog's without members like others'."""
    found = Counter(head[0] for head in heads if head is not None)
    structlog, other = (
        sum(found[form] for form in those) for those in (_STRUCTLOG, (*_BRACKETED, *_DESKTOP))
    )
    if not structlog or not other:
        return match
    if structlog > _SOME * (structlog + other):
        return _instead(match, (*_BRACKETED, *_DESKTOP), STRUCTLOG)
    return _instead(match, _STRUCTLOG, _BRACKETED[0])


def _instead(match: Match, unlikely: tuple[Format, ...], likely: Format) -> Match:
    """What recognises what `match` does, but instead of some formats another one, where this one fits as well."""

    def look(data: Buffer, start: int, end: int) -> Head | None:
        head = match(data, start, end)
        if head is None or head[0] not in unlikely:
            return head
        found = likely.regex.match(data, start, end)
        return head if found is None else (likely, found.end(), found["level"])

    return look


def without_objects(match: Match) -> Match:
    """Return what recognises what `match` does, but no JSON object that has no member of a record: for sources whose
    records are text, in which such objects are parts of messages."""

    def look(data: Buffer, start: int, end: int) -> Head | None:
        head = match(data, start, end)
        return head if head is None or head[0].kind != "json" or is_record(data, start, end) else None

    return look


def without_second_lines(match: Match) -> Match:
    """Return the same but for the second line of records of two, which looks like a record of its own."""

    def look(data: Buffer, start: int, end: int) -> Head | None:
        return None if SECOND_LINE.match(data, start, end) else match(data, start, end)

    return look


def is_record(data: Buffer, start: int, end: int) -> bool:
    """Say whether the JSON object data[start:end] has a member that records have, and not only an object within it."""
    if _RECORD.search(data, start, end) is None and _OTHER_LEVEL.search(data, start, end) is None:
        return False
    members = parse_object(bytes(data[start:end])) if end - start < _PARSED else None
    if members is None:
        return True
    record = inner_record(Members(members))
    if any(
        _NAMES.fullmatch(name) and not (name in _TEXTS and isinstance(value, dict))
        for name, value in record.items()
    ):
        return True
    return level_of(record) != "" and not _TOLD.isdisjoint(map(role_of, record))


def _named(name: str) -> tuple[Format, ...]:
    return tuple(form for form in UNSURE if form.name == name)


def _unknown(lines: list[tuple[bytes, bytes]], match: Match) -> list[tuple[bytes, bytes]]:
    """The lines that may begin a record of a format nobody knows; none that a writer's traceback ends with."""
    unknown: list[tuple[bytes, bytes]] = []
    traced: set[bytes] = set()
    for key, line in lines:
        if _FRAME.match(line):
            traced.add(key)
        elif line[:1] not in (b" ", b"\t"):
            last = key in traced and _RAISED.match(line)
            traced.discard(key)
            if not last and _is_unknown(line, match):
                unknown.append((key, line))
        elif _is_unknown(line, match):
            unknown.append((key, line))
    return unknown


def _is_unknown(line: bytes, match: Match) -> bool:
    """Whether a line may begin a record of a format nobody knows."""
    head = match(line, 0, len(line))
    if head is not None:
        if head[0].name in GENERIC and not head[2]:
            return True
        timeless = head[0].kind == "plain" and head[2].isupper() and not head[0].timed
        return timeless and _tells_moment(line, head)
    shape = shape_of(line, 0, len(line))
    if shape == INDENTED:
        return EDGE.search(line) is not None
    return shape == LOOSE and not _CLASS.match(line)


def _tells_moment(line: bytes, head: Head) -> bool:
    """Whether a moment stands behind a head: near, or behind one word where the format is well known. What all clocks
    have is sought first, as it costs least."""
    at, end = head[1], head[1] + _NEAR
    found = MOMENT.search(line, at, end) if _SECONDS.search(line, at, end) is not None else None
    return found is not None and (head[0].name in GENERIC or len(line[at : found.start()].split()) <= 1)


def _heads(formats: tuple[Format, ...], lines: list[bytes]) -> list[dict[str, bytes | Any]]:
    return [match.groupdict() for line in lines for form in formats if (match := form.regex.match(line))]


def _tells_levels(lines: list[bytes], match: Match) -> bool:
    """Whether levels stand behind the lines' times, as one of them shows for sure."""
    found = [(line, match(line, 0, len(line))) for line in lines]
    timed = [(line, head[1]) for line, head in found if head is not None and head[0].timed]
    if not any(_SURE_LEVEL.match(line, len(line[:end].rstrip(b" \t:|-"))) for line, end in timed):
        return False
    return len(_heads(_named(WORDS), [line for line, _ in timed])) >= SHARE * len(timed)


def _is_shown(formats: tuple[Format, ...], unknown: list[bytes], lines: list[bytes]) -> bool:
    """Whether most of the unknown lines are written so."""
    heads = _heads(formats, unknown)
    if len(heads) < max(SHARE * len(unknown), ALIKE):
        return False
    first = formats[0]
    if first.kind == PRETTY:
        return sum(_LEVEL.match(line) is not None for line in lines) >= len(heads)
    if first.name in NAMED:
        names = [head["logger"] for head in heads]
        few = len(set(names)) * FEW <= len(names)
        if first.name == ALONE:
            return few and len(set(names)) > 1
        sure = sum(b"." in name or name in LIBRARIES or CAMEL.match(name) is not None for name in names)
        return (few and (first.name != DOTTED or sure >= _SOME * len(names))) or sure >= _NEARLY * len(names)
    if first.kind == "rich" or "level" not in heads[0]:
        return True
    return len({(head["level"], head.get("logger")) for head in heads}) > 1
