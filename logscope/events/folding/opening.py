"""What an event's first line says of the lines that may follow it."""

from __future__ import annotations

from msgspec import Struct

from logscope.events.folding import below
from logscope.events.folding.modes import (
    ANNOUNCED,
    CHAINED,
    CLOSED,
    OPEN,
    OVER,
    TEXT,
    TRACED,
    mode_of,
)
from logscope.events.folding.whole import count_listed
from logscope.events.formats import CRASHES, PER_LINE, REPEATED, WARNS, Head
from logscope.events.text import shapes
from logscope.events.text.rich import is_table
from logscope.events.text.shapes import shape_of
from logscope.events.written.heads import part_of, read_head, signature_of
from logscope.events.written.layout import Layout
from logscope.events.written.prints import Prints, is_above
from logscope.model import Buffer

_RICH_LEVEL = 9
"""Columns of RichHandler's level, and the blank behind it."""
_TRACEBACK = b"Traceback (most recent call last):"
_HEADER = b"Exception in "
"""What begins the line above a traceback that a thread, or a callback, ends with."""
_COLON = 58
"""RichHandler pads its rows: one that ends in a colon is another formatter's."""
_ENDS = b":m] \t"
"""What a line ends in that may be one."""


_FIRST = "head"
"""The part of a record that may stand before such a traceback: in its format every line is one."""


class Opening(Struct, frozen=True, kw_only=True, gc=False):
    """An event's first line, and the state in which it leaves who reads on."""

    mode: int
    record: below.Record | None = None
    """How it begins a record; None where it does not."""
    plain: bool = True
    """No colours hide how."""
    bare: bool = False
    """It shows no level: what it announces may be a traceback."""
    does: bool = False
    """It says what the program does."""
    art: bool = False
    """It is a bare line without a word, of a banner."""
    shut: bool = False
    """It is a JSON record that was closed: of indented lines only a stack's go on with it."""
    warns: bool = False
    """The warnings module prints it: the source line ends the event."""
    rows: bool = False
    """RichHandler's rows may go on with it."""
    column: bytes = b""
    """Blanks up to where RichHandler prints the level."""
    alone: bool = False
    """What comes next is rather another event than more of an exception's message."""
    listed: int = 0
    """Errors of pydantic's that it announces."""
    part: str = ""
    """Its part of a traceback that is logged line by line."""
    signature: bytes = b""
    """What all records of such a traceback share."""
    loose: int = 0
    """Unrecognised lines so far."""
    colon: bool = False
    """It is a bare line that ends in a colon."""
    fenced: bool = False
    """It opens quotes that a further line closes."""
    waits: bool = False
    """A traceback's class line is still to come."""
    orphan: bool = False
    """What stands before the class line may be no traceback at all."""
    tail: bool = False
    """structlog's logger and members are still to come, behind the message's last line."""

    @property
    def spare(self) -> bool:
        """Whether right behind a traceback its second printing may stand."""
        return self.record is not None and self.record[0][0].kind == "structlog"


def read_opening(layout: Layout, data: Buffer, start: int, end: int, head: Head | None) -> Opening:
    """Return what the event's first line data[start:end], without its line end, says; `head` when it is known."""
    line = data
    if head is None:
        head, line, start, end = read_head(layout.match, data, start, end)
    if head is None:
        return _of_text(layout.prints, line, start, end)
    return _of_record(layout, (head, line, start, end), plain=line is data)


def _of_record(layout: Layout, record: below.Record, plain: bool) -> Opening:
    head, data, start, end = record
    form, message, _ = head
    column = b" " * (message - start - _RICH_LEVEL) if form.kind == "rich" else b""
    mode, shut = _mode_of(layout, record, column)
    bare = does = waits = tail = False
    listed = 0
    last = data[end - 1]
    ends = (message == end or last in _ENDS) and form.opens is None and not (column and last != _COLON)
    if ends and data.endswith(_TRACEBACK, message, end):
        mode, waits = TRACED, True
        tail = form.kind == "structlog" and data.startswith(_TRACEBACK, message)
    elif mode <= OPEN and form.opens is None and below.lists(data, message, end):
        # as many errors follow as it says; or the traceback that a record of a failure is logged with
        mode, bare, listed = ANNOUNCED, mode >= TEXT, count_listed(data, message, end)
    elif mode < OPEN and ends and below.announces(layout.behind, head, data, start, end):
        header = data.find(_HEADER, message, end) >= 0
        mode, bare = (TEXT if header else ANNOUNCED), mode == TEXT
        does = shapes.says_it_does(data, message, end)
    part = _part_of(record)
    return Opening(
        mode=mode if part in ("", _FIRST) else TRACED,
        record=record,
        plain=plain,
        bare=bare,
        does=does,
        shut=shut,
        warns=below.is_warned(record),
        rows=form.kind == "rich" or form.lead == "[time]",
        column=column,
        listed=listed,
        part=part,
        signature=signature_of(data, start, end, head) if part else b"",
        fenced=form.kind == "logfmt" and below.opens_value(data, start, end),
        waits=waits,
        tail=tail,
    )


def _mode_of(layout: Layout, record: below.Record, column: bytes) -> tuple[int, bool]:
    """Return the mode behind a record by its format, level and words; and whether it is JSON that was closed."""
    head, data, start, end = record
    form, message, level = head
    if form.opens is None:
        mode = mode_of(level or below.level_of(form, data, start, end))
    else:
        mode = OPEN if form.opens else CLOSED
    if form.kind == "json" and below.shows_failure(data, start, end):
        mode = TEXT
    shut = form.kind == "json" and mode == CLOSED and data.endswith(b"}", start, end)
    if mode == OPEN and column and is_table(data, start, end):
        mode = TEXT
    if mode == CLOSED and below.is_failed_try(data, message, end):
        mode = TEXT
    if form.opens is None and mode <= TEXT:
        mode = below.mode_behind(mode, layout.behind, head, data, start, end)
    if mode == OPEN and below.is_whole(data, message, end):
        mode = TEXT
    if form.name in CRASHES:
        mode = TRACED
    if form.name == WARNS and data.startswith(b"<", start):  # of <frozen importlib> no source line is printed
        mode = CLOSED
    return mode, shut


def _part_of(record: below.Record) -> str:
    """Return the record's part of a traceback that is logged line by line, empty where it is none."""
    head, data, start, end = record
    name, message = head[0].name, head[1]
    part = part_of(data, start, end, head)
    if name == REPEATED or (not part and name == PER_LINE):
        return _FIRST
    frame = part == "inner" and data.find(b'File "', message, message + 12) >= 0
    return part if frame or part in ("start", "remote") else ""


def _of_text(prints: Prints, data: Buffer, start: int, end: int) -> Opening:
    shape = shape_of(data, start, end)
    if shape == shapes.TRACEBACK:
        return Opening(mode=TRACED, waits=True, alone=bool(prints.known))
    if shape == shapes.INDENTED:  # the file begins inside a traceback
        return Opening(mode=TRACED, rows=True, orphan=True)
    if shape in (shapes.CHAIN, shapes.REMOTE):
        return Opening(mode=CHAINED)
    if shape == shapes.LAST:
        return Opening(mode=OVER)
    lists = below.lists(data, start, end)
    above = is_above(prints, data, start, end)
    return Opening(
        mode=ANNOUNCED if lists else TEXT if above else CLOSED,
        bare=True,
        art=not shapes.has_word(data, start, end),
        alone=True,
        listed=count_listed(data, start, end) if lists else 0,
        loose=1,
        colon=data.endswith(b":", start, end),
    )
