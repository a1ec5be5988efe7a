"""Lines that a program prints beside its records, and lines of its messages, told by a source's first lines.

Behind an error's record or a traceback a printed line looks like more of the message. Where lines written alike also
stand where no message goes on, as behind an info record, they are none of it.

Behind an info record a message's further line looks like a printed one. A source that prints next to nothing has such
messages: what stands below is then the record's.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import NamedTuple

from logscope.events.formats import WARNS, Head
from logscope.events.text import shapes
from logscope.events.text.levels import BAD
from logscope.events.text.shapes import (
    BLANK,
    INDENTED,
    LOOSE,
    is_item,
    is_part,
    says_all,
    shape_of,
    speaks_of_trouble,
)
from logscope.events.written.alike import FEW, NUMBER, Sample, around, beginning
from logscope.events.written.heads import level_of_head
from logscope.events.written.learned import is_record
from logscope.events.written.warned import outside_warnings
from logscope.model import Buffer

_ENOUGH = 10
"""Records that may have messages of several lines, of which a source needs so many to tell what it prints."""
_THINGS = 3
"""Things that a program prints which prints beside all that it logs."""
_MANY = 2
"""Times as many lines must go on with messages as are printed."""
_END = re.compile(rb"(?:[^\s]{1,60}\s+)?[^\s]{1,60}\s*\Z")
"""A line's last two words, which tell messages apart."""
_ASKED = re.compile(rb'(?:HTTP Request: |[^"\n]{0,80}"(?:[A-Z]{3,10} \S|WebSocket ))')
"""What tells of a request has one line."""
_SERVERS = frozenset(("uvicorn", "gunicorn", "werkzeug", WARNS))
"""Formats of which no message has several."""
_OPENS = (b"{", b"[", b"{\r", b"[\r")
"""An object of a member per line, as winston's formatters print it below the message."""


class Prints(NamedTuple):
    """What a source's first lines tell of the unknown lines between its records."""

    known: frozenset[bytes] = frozenset()
    """How lines begin that the program prints."""
    texts: bool = False
    """Others are rather more of the record's message, behind an info record too."""
    lone: frozenset[bytes] = frozenset()
    """How messages of warnings and errors end that have one line."""
    notes: frozenset[bytes] = frozenset()
    """How lines begin that stand below tracebacks, and nowhere else: notes of exceptions."""
    above: frozenset[bytes] = frozenset()
    """How lines begin that stand right above tracebacks, and nowhere else: messages of failures without a level."""
    things: int = 0
    """How many things are surely printed, be it once."""
    twice: frozenset[bytes] = frozenset()
    """How lines begin that are the next record's message: a second handler without a format prints it first."""

    @property
    def several(self) -> bool:
        """Whether the program prints one thing and another."""
        return self.things >= _THINGS


def printed(lines: Sample) -> Prints:
    """Return what a source's first lines tell."""
    return _printed(outside_warnings(lines))._replace(twice=_twice(lines))


def _twice(lines: Sample) -> frozenset[bytes]:
    """Return how lines begin that mostly are the message of the record below."""
    latest: dict[bytes, bytes] = {}
    """By writer: the unknown line above."""
    count: Counter[bytes] = Counter()
    for writer, head, line in lines:
        above = latest.pop(writer, b"")
        if above:
            again = head is not None and line[head[1] :].strip() == above.strip()
            count[beginning(above, 0, len(above))] += 1 if again else -1
        if head is None and shape_of(line, 0, len(line)) == LOOSE:
            latest[writer] = line
    return frozenset(text for text, times in count.items() if text and times >= FEW)


def _printed(lines: Sample) -> Prints:
    if not any(head is None and _is_plain(line) for _, head, line in lines):  # the usual case
        may = (True for _, head, line in lines if head is not None and _may_go_on(head, line))
        return Prints(_known(lines)[0], len(list(islice(may, _ENOUGH))) == _ENOUGH, _lone(lines))
    lone, (notes, above) = _lone(lines), around(lines)
    runs, ends, elsewhere = _runs(lines)
    mixed = _mixed(runs, lines)
    several = [run for run in runs if mixed.isdisjoint((run.first, *_later(run, lines)))]
    texts = [run for run in several if _is_text(run, runs, ends)]
    others = [run.first for run in runs if run not in texts]
    once = len(texts) == 1 and not _shows_text(texts[0], lines)
    if ends.total() < _ENOUGH or once or len(texts) < _MANY * (len(others) + elsewhere):
        known, things = _known(lines)
        return Prints(known, lone=lone, notes=notes, above=above, things=things)
    skip = {number for run in texts for number in run.lines}
    known, _ = _known([line for number, line in enumerate(lines) if number not in skip])
    return Prints(known.union(filter(None, others)), texts=True, lone=lone, notes=notes, above=above)


class _Run(NamedTuple):
    """Unknown lines in a row right behind a record that may have more text."""

    end: bytes
    """How the record's line ends."""
    first: bytes
    """How the first of them begins."""
    lines: list[int]


def _runs(lines: Sample) -> tuple[list[_Run], Counter[bytes], int]:
    """Return all runs, how records end that may have more text, and the number of lines that no message holds."""
    runs: list[_Run] = []
    ends: Counter[bytes] = Counter()
    elsewhere = 0
    latest: dict[bytes, _Run | None] = {}
    """By writer: the run at hand; None where no text goes on."""
    above: dict[bytes, bytes] = {}
    """By writer: its latest record's line."""
    for number, (writer, head, line) in enumerate(lines):
        if head is not None:
            before = latest.pop(writer, None)
            if before is not None and before.lines and line.endswith(lines[before.lines[-1]][2]):
                runs.remove(before)  # another handler printed this record's message before it
                elsewhere += 1
            above[writer] = line
            if _surely_goes_on(head, line):
                continue
            latest[writer] = None
            if holds_text(head, line, 0, len(line)):
                latest[writer] = run = _Run(_ending(line, 0, len(line)), b"", [])
                ends[run.end] += 1
        elif not _is_plain(line):
            before = latest.get(writer)
            if before is not None and before.lines and is_part(line, 0, len(line)):
                before.lines.append(number)  # an item, as texts have: no program prints one by itself
            elif shape_of(line, 0, len(line)) not in (BLANK, INDENTED):
                latest.pop(writer, None)
        elif writer in latest:
            before = latest[writer]
            if before is None or (not before.lines and above[writer].endswith(line)):
                elsewhere += 1  # or printed the message of the record above
            elif before.lines:
                before.lines.append(number)
            else:
                first = line if line in _OPENS else beginning(line, 0, len(line))
                latest[writer] = run = _Run(before.end, first, [number])
                runs.append(run)
    return runs, ends, elsewhere


def _lone(lines: Sample) -> frozenset[bytes]:
    """Return the ends of messages of warnings and errors behind which rather the next record stands than more text."""
    latest: dict[bytes, bytes] = {}
    """By writer: how its latest record ends, where that is one of these and nothing stood behind it yet."""
    alone: Counter[bytes] = Counter()
    others: Counter[bytes] = Counter()
    for writer, head, line in lines:
        if head is None and not line.strip():
            continue
        (others if head is None else alone)[latest.pop(writer, b"")] += 1
        if head is not None and _may_be_lone(head, line):
            latest[writer] = _ending(line, 0, len(line))
    return frozenset(end for end, count in alone.items() if end and count >= FEW and count > others[end])


def _may_be_lone(head: Head, line: bytes) -> bool:
    form, message, _ = head
    several = form.kind not in ("plain", "structlog") or form.opens is not None or form.name == WARNS
    ends = not line[message:].strip() or line.rstrip().endswith(b":")
    return not several and not ends and _is_bad(head, line, len(line))


def is_lone(prints: Prints, data: Buffer, start: int, end: int) -> bool:
    """Say whether the record data[start:end] is written like those of one line."""
    return _ending(data, start, end) in prints.lone


def _may_go_on(head: Head, line: bytes) -> bool:
    """Whether only the source tells if unknown lines are more of a record's message."""
    return not _surely_goes_on(head, line) and holds_text(head, line, 0, len(line))


def _surely_goes_on(head: Head, line: bytes) -> bool:
    """Whether unknown lines are the record's, whoever wrote them."""
    return _goes_on(head, line) or line.endswith(b" ")


def _ending(data: Buffer, start: int, end: int) -> bytes:
    found = _END.search(data, max(end - 130, start), end)
    return NUMBER.sub(b"0", found[0]) if found is not None else b""


def _is_plain(line: bytes) -> bool:
    """Whether an unknown line shows nothing of what it is."""
    size = len(line)
    return shape_of(line, 0, size) == LOOSE and not (
        is_part(line, 0, size) or speaks_of_trouble(line, 0, size)
    )


def _is_text(run: _Run, runs: list[_Run], ends: Counter[bytes]) -> bool:
    """Whether lines are more of the record's message: they are several, or an object that was logged with it; where
    lines written alike occur again, they stand behind such messages only, and behind all of these. A single line that
    always stands there is rather what the program prints next."""
    if run.first in _OPENS:
        return True
    alike = [other for other in runs if other.first == run.first]
    if any(len(other.lines) == 1 for other in alike):
        return False
    at = [other.end for other in alike]
    return len(at) == 1 or at.count(run.end) == len(at) == ends[run.end]


def _shows_text(run: _Run, lines: Sample) -> bool:
    """Whether lines have the items of a text, or an object: others that stand behind one record only may be printed."""
    return run.first in _OPENS or any(is_part(lines[n][2], 0, len(lines[n][2])) for n in run.lines)


def _mixed(runs: list[_Run], lines: Sample) -> set[bytes]:
    """Return the beginnings of lines that stand first in some runs and later in others: a program prints them in any
    order."""
    later = {text for run in runs for text in _later(run, lines) if text != run.first}
    return later.intersection(run.first for run in runs)


def _later(run: _Run, lines: Sample) -> list[bytes]:
    rest = [lines[number][2] for number in run.lines[1:]]
    return [text for line in rest if (text := beginning(line, 0, len(line)))]


def holds_text(head: Head, data: Buffer, start: int, end: int) -> bool:
    """Say whether the message of an info record may have further lines."""
    form, message, level = head
    if form.opens is not None or form.kind not in ("plain", "structlog") or form.name in _SERVERS:
        return False
    if _is_bad(head, data, end) or not (level or form.timed):
        return False
    return _ASKED.match(data, message, end) is None


def _known(lines: Sample) -> tuple[frozenset[bytes], int]:
    """Return the beginnings of printed lines, and how many things are surely printed, be it once."""
    alone, count = _alone(lines)
    texts = alone | _below_several(lines)
    return frozenset(text for text in texts if text and count[text] >= FEW), len(alone - {b""})


def _alone(lines: Sample) -> tuple[set[bytes], Counter[bytes]]:
    """Return the beginnings of lines that stand where no message goes on, and how often lines begin so."""
    latest: dict[bytes, tuple[Head, bytes] | bool] = {}
    """By writer: its latest record and that one's line, or whether an unknown line behind is none of a message."""
    alone: set[bytes] = set()
    count: Counter[bytes] = Counter()
    records: set[bytes] = set()
    """Writers that log."""
    for writer, head, line in lines:
        if head is not None:
            records.add(writer)
            if head[0].kind != "json" or is_record(line, 0, len(line)):  # an object may be a message's own
                latest[writer] = head, line
            continue
        shape = shape_of(line, 0, len(line))
        if shape not in (LOOSE, BLANK, INDENTED) or (shape == LOOSE and is_item(line, 0, len(line))):
            latest[writer] = False
        elif shape == LOOSE and not is_part(line, 0, len(line)) and not speaks_of_trouble(line, 0, len(line)):
            text = beginning(line, 0, len(line))
            count[text] += 1
            before = latest.get(writer, True)
            known = text != b"" and text in alone  # lines without words have nothing in common
            if known or (before if isinstance(before, bool) else not _goes_on(*before)):
                latest[writer] = True
                alone.add(text)
        if (
            shape == LOOSE
            and latest.get(writer) is False
            and writer not in records
            and says_all(line, 0, len(line))
        ):
            latest[writer] = True  # where nothing is logged, a traceback ends so
    return alone, count


def _below_several(lines: Sample) -> set[bytes]:
    """Return the beginnings of lines that stand right below warnings and errors of different messages, and above no
    stack."""
    above: dict[bytes, tuple[Head, bytes]] = {}
    """By writer: the record above."""
    messages: dict[bytes, set[bytes]] = {}
    latest: dict[bytes, tuple[set[bytes], bytes]] = {}
    """By writer: the messages that stand above such a line, where that was the latest one, and theirs."""
    for writer, head, line in lines:
        record = above.pop(writer, None)
        found, last = latest.pop(writer, (set(), b""))
        if line[:1] == b" ":
            found.discard(last)
        if head is not None:
            above[writer] = head, line
        elif record is not None and _may_be_lone(*record) and _is_plain(line):
            message = beginning(record[1], record[0][1], len(record[1]))
            if message:
                found = messages.setdefault(beginning(line, 0, len(line)), set())
                found.add(message)
                latest[writer] = found, message
    return {text for text, found in messages.items() if len(found) >= FEW}


def _goes_on(head: Head, line: bytes) -> bool:
    """Whether unknown lines may be more of the record's message."""
    form, message, _ = head
    if form.opens is not None or form.name == WARNS:  # what warnings prints ends at its source line
        return bool(form.opens)
    bad = _is_bad(head, line, len(line))
    return bad or not line[message:].strip() or line.rstrip().endswith(b":")


def _is_bad(head: Head, data: Buffer, end: int) -> bool:
    """Whether a record is a warning or worse, or shows no level and tells of trouble."""
    form, message, _ = head
    name = level_of_head(head)
    return name in BAD or (not name and form.kind == "plain" and speaks_of_trouble(data, message, end))


def is_note(prints: Prints, data: Buffer, start: int, end: int) -> bool:
    """Say whether the line data[start:end] goes on with an exception whose message is whole."""
    return shapes.is_note(data, start, end) or beginning(data, start, end) in prints.notes


def is_above(prints: Prints, data: Buffer, start: int, end: int) -> bool:
    """Say whether a traceback right below the bare line data[start:end] is its."""
    told = speaks_of_trouble(data, start, end) or shapes.is_process(data, start, end)
    return told or beginning(data, start, end) in prints.above


def is_next(prints: Prints, data: Buffer, start: int, end: int, of_record: bool) -> bool:
    """Say whether an unknown line is rather printed than more of what is told whole above it: a message `of_record`, or
    an exception's."""
    if shapes.is_told(data, start, end):
        return False
    if shapes.says_next(data, start, end) or shapes.is_pictured(data, start, end):
        return True
    return of_record and prints.several and bytes(data[start : start + 1]).isalnum()


def is_print(prints: Prints, data: Buffer, start: int, end: int) -> bool:
    """Say whether the unknown line data[start:end] is written like printed ones, and tells of no trouble but that of
    the next record."""
    text = beginning(data, start, end)
    return text in prints.twice or (text in prints.known and not speaks_of_trouble(data, start, end))
