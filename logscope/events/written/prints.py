"""Lines that a program prints beside its records, told by a source's first lines.

Behind an error's record or a traceback such a line looks like more of the message. Where lines written alike also stand
where no message goes on, as behind an info record, they are none of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from logscope.events.formats import WARNS, Head
from logscope.events.text.ansi import has_colours, strip_colours
from logscope.events.text.levels import BAD, level_of_word
from logscope.events.text.shapes import BLANK, INDENTED, LOOSE, is_item, is_part, shape_of, speaks_of_trouble
from logscope.events.written.learned import is_record
from logscope.model import Buffer

_FEW = 2
"""Lines written alike that are needed."""
_BEGIN = re.compile(rb"[^\s]{1,60}(?: [^\s]{1,60})?")
_NUMBER = re.compile(rb"[\da-f]*\d[\da-f]*")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]{2}")


def beginning(data: Buffer, start: int, end: int) -> bytes:
    """Return what lines written alike have in common: the first two words, without numbers; empty without words."""
    if has_colours(data, start, end):
        line = strip_colours(bytes(data[start:end]))
        data, start, end = line, 0, len(line)
    found = _BEGIN.match(data, start, end)
    text = _NUMBER.sub(b"0", found[0]) if found is not None else b""
    return text if _WORD.search(text) else b""


def printed(lines: Iterable[tuple[bytes, Head | None, bytes]]) -> frozenset[bytes]:
    """Return the beginnings of printed lines; `lines` are a sample's, each with its writer and head, without prefix
    and colours."""
    latest: dict[bytes, tuple[Head, bytes] | bool] = {}
    """By writer: its latest record and that one's line, or whether an unknown line behind is none of a message."""
    alone: set[bytes] = set()
    count: Counter[bytes] = Counter()
    for writer, head, line in lines:
        if head is not None:
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
            if text in alone or (before if isinstance(before, bool) else not _goes_on(*before)):
                latest[writer] = True
                alone.add(text)
    return frozenset(text for text in alone if text and count[text] >= _FEW)


def _goes_on(head: Head, line: bytes) -> bool:
    """Whether unknown lines may be more of the record's message."""
    form, message, level = head
    if form.opens is not None or form.name == WARNS:  # what warnings prints ends at its source line
        return bool(form.opens)
    name = level_of_word(level.decode("ascii", "replace").rstrip("!") or form.level)
    bad = name in BAD or (not name and form.kind == "plain" and speaks_of_trouble(line, message, len(line)))
    return bad or not line[message:].strip() or line.rstrip().endswith(b":")


def is_print(prints: frozenset[bytes], data: Buffer, start: int, end: int) -> bool:
    """Say whether the unknown line data[start:end] is written like printed ones, and tells of no trouble."""
    return beginning(data, start, end) in prints and not speaks_of_trouble(data, start, end)
