"""Whether a line goes on with the event above it: a state machine that takes one writer's lines in order."""

from __future__ import annotations

import re

from logscope.events.folding import below
from logscope.events.folding.loose import LOOSE_MAX
from logscope.events.folding.modes import ANNOUNCED, CHAINED, CLOSED, ENDED, OPEN, OVER, TEXT, TRACED
from logscope.events.folding.opening import read_opening
from logscope.events.folding.whole import Whole
from logscope.events.formats import Head
from logscope.events.text import shapes
from logscope.events.text.ansi import has_colours, strip_colours
from logscope.events.text.rich import is_beside, is_row
from logscope.events.text.shapes import shape_of, speaks_of_trouble
from logscope.events.written.heads import PLAIN_FIRST, is_class, part_of, signature_of
from logscope.events.written.layout import Layout
from logscope.events.written.prints import holds_text, is_lone, is_next, is_note, is_print
from logscope.model import Buffer

MAX_LINES = 5_000
"""Lines of one event at most; a longer one is cut and goes on as the next."""
MAX_BYTES = 1 << 20

_BEHIND = (TRACED, ENDED)
"""A traceback was read, or its class line."""
_MESSAGES = (OPEN, ANNOUNCED)
"""Unknown lines may be more of the record's message."""
_OWN = re.compile(rb'  File "(?:(?!-packages)[^"\n])*", line \d+, in (?:<module>|_run_module_as_main)[ \t]*$')
"""The first frame of a traceback that the interpreter prints as it ends, but for what a library's import raised."""
_NAMED = b" ["
"""What begins a line of its own with structlog's logger."""


class Flow:
    """Takes the lines of one event, behind its first one: `takes` says whether the next line belongs to it."""

    def __init__(self, layout: Layout, data: Buffer, start: int, end: int, head: Head | None = None) -> None:
        """Start an event whose first line is data[start:end], without the line end; `head` when it is known."""
        first = read_opening(layout, data, start, shapes.without_return(data, start, end), head)
        self._match = layout.match
        self._prints = layout.prints
        self._first = first
        self._record = first.record
        self.mode = first.mode
        self._whole = Whole(first.listed, first.alone)
        self._loose = first.loose
        self._part, self._signature = first.part, first.signature
        """The last line's part of a traceback logged line by line."""
        self._colon = first.colon
        self._fenced = first.fenced  # a fence was opened
        self._waits = first.waits
        self._orphan = first.orphan
        self._spare = first.spare
        self._tail = first.tail
        self._text = False  # the last line was taken behind a traceback, as more of its message
        self._frames = False  # a JavaScript stack was read
        self._told = False  # a blank line was read behind what was announced, or behind items
        self._items = False  # items of the record's text were read
        self._differs = False  # lines of a difference were read
        self._gap = False  # the last line was blank
        self._failure = False  # the last line may begin another program's JavaScript stack
        self._headed = False  # the last line is a traceback's header right below a warning
        self._block: bool | None = None  # all that was read behind the record is indented; None: nothing was
        self.hands_back = False
        """The next event starts one line before the line that was not taken: that one is a stack's header."""

    @property
    def takes_indented(self) -> bool:
        """Whether indented lines belong to the event unseen."""
        return self.mode != OVER and not self._failure and not self._headed and not self._first.shut

    def takes(self, data: Buffer, start: int, end: int) -> bool:
        """Say whether data[start:end] goes on with the event, and remember it; False starts the next event."""
        end = shapes.without_return(data, start, end)
        if start == end:
            self._take_blank()
            return True
        if self.mode == OVER:
            return shape_of(data, start, end) == shapes.BLANK
        first = data[start]
        if first == 32:
            return self._takes_indented(data, start, end)
        head = self._match(data, start, end)
        if head is None:
            if first not in PLAIN_FIRST and has_colours(data, start, end):
                if self._is_painted(data, start, end):
                    return False
                line = strip_colours(bytes(data[start:end]))
                if not has_colours(line, 0, len(line)):
                    return self.takes(line, 0, len(line))
            return self._takes_text(data, start, end)
        if self._waits and is_class(data, start, end, head):
            return self._takes_text(data, start, end)
        return bool(self._part) and self._takes_record(data, start, end, head)

    def _takes_indented(self, data: Buffer, start: int, end: int) -> bool:
        headed, self._headed = self._headed, False
        if (self._failure and data.startswith(shapes.FRAME, start)) or (
            headed and _OWN.match(data, start, end)
        ):
            self.hands_back = True
            return False
        if data.startswith(shapes.GROUP, start):
            return self._takes_traceback(shapes.TRACEBACK, self._gap)
        if data.startswith(shapes.INDENTED_HEADS, start) and self._match(data, start, end) is not None:
            return False
        first = self._first
        if first.column and is_beside(first.column, data, start, end):
            return False
        if first.shut and not data.startswith(shapes.FRAME, start):
            return False
        self.hands_back = first.rows and self._whole.opens_another(data, start, end)
        if self.hands_back or (not first.rows and is_row(data, start, end)):
            return False
        self.skip(data, start, end)
        if self.mode == TRACED and shapes.GROUP_END.match(data, start, end):
            self.mode = ENDED
            self._waits = False
        return True

    def skip(self, data: Buffer, start: int, end: int) -> None:
        """Take the indented lines data[start:end], which belong to any event."""
        if self._block is None:
            self._block = self.mode == OPEN or self.mode == ANNOUNCED
        self._loose = 0
        if self._block:
            self._whole.read_block(data, start, end)
        self._part = below.part_with_code(self._part)
        self._text = self._gap = self._failure = False
        if self.mode == ENDED and shapes.MARGIN.match(data, start, end):
            self.mode = TRACED  # an inner group had ended
        if data.startswith(shapes.FRAME, start) or data.find(shapes.NEXT_FRAME, start, end) >= 0:
            self._frames = True
        if self._first.warns:
            self.mode = CLOSED
        if self._whole.told_last(data, start, end):
            self.mode = ENDED if self.mode == TRACED else TEXT
        if self._tail and data.startswith(_NAMED, start):
            self._tail = False
            self.mode = ENDED

    def _take_blank(self) -> None:
        self._text = self._failure = self._headed = False  # loguru has one below the header, and all frames
        self._whole.read_blank()
        self._gap = True
        if self.mode == ANNOUNCED and self._loose:
            self.mode = CLOSED
            self._told = not self._fenced
        elif self._items and not self._fenced:
            self._told = True

    def _takes_text(self, data: Buffer, start: int, end: int) -> bool:
        shape = shape_of(data, start, end)
        if shape == shapes.BLANK:
            self._take_blank()
            return True
        if shape == shapes.PROGRESS:
            return False
        self._part = ""
        gap, self._gap, self._failure, self._headed = self._gap, False, False, False
        if shape == shapes.LOOSE:
            return self._takes_loose(data, start, end, gap)
        if shape == shapes.TRACEBACK or shape == shapes.REMOTE:
            return self._takes_traceback(shape, gap)
        self._loose = 0
        self._text = False
        if shape == shapes.LAST:
            self.mode = OVER
        elif shape == shapes.CONTINUES:
            self._whole.read_report(data, start, end)
            if self._fenced and below.turns_fence(self._record, True, data, start, end):
                self._fenced = False
        elif shape == shapes.CHAIN:
            if self.mode == CLOSED:
                return False
            self.mode = CHAINED
        return True

    def _takes_loose(self, data: Buffer, start: int, end: int, gap: bool) -> bool:
        """An unrecognised line that is not indented; `gap`: the line before was blank."""
        self._differs = self._differs or data.startswith(shapes.OF_DIFF, start)
        if self._is_beside(data, start, end):
            return False
        waits, self._waits = self._waits or self._orphan, False
        self._loose += 1
        if self._whole.told_last(data, start, end):
            self.mode = ENDED if self.mode == TRACED else TEXT
            return True
        if self._loose > LOOSE_MAX or (self._orphan and shapes.CLASS.match(data, start, end) is None):
            return False
        self._orphan = False
        announced = self.mode == ANNOUNCED and self._loose == 1 and not gap
        if announced and shapes.is_another(data, start, end, self._first.does):
            return False
        self._items = self._items or (self.mode == ANNOUNCED and shapes.is_item(data, start, end))
        inside = self._fenced
        colon, self._colon = self._colon and not gap, False
        if below.turns_fence(self._record, inside, data, start, end):
            self._fenced = not inside
        if self.mode < OPEN:
            part = below.is_part(self._record, data, start, end, first=self._loose == 1)
            alone = (gap and self._first.art) or shapes.is_statement(data, start, end)
            part = part and (self._record is not None or not alone)
            if inside or part or (colon and below.opens(data, start, end)):
                self._items = self._items or (not inside and shapes.is_item(data, start, end))
                return True
            return self._holds_text() and not speaks_of_trouble(data, start, end)
        ended = self.mode == ENDED and (gap or not self._prints.texts)
        if ended and not is_note(self._prints, data, start, end):
            return False
        behind = self.mode == TRACED and not waits  # the first one is the exception's class
        if behind and self._loose == 1 and self._whole.ended_above(data, start, end):
            return False
        if self.mode == CHAINED:
            rest = shapes.CHAIN_REST.match(data, start, end)
            self.mode = CHAINED if rest or data.startswith(shapes.QUOTES, start) else TRACED
        elif self.mode in _BEHIND and shapes.is_panel(data, start, end):
            self._waits = waits  # between a box and the class line: what a syntax error quotes
            return waits
        elif self.mode in _BEHIND and shapes.quotes_traceback(data, start, end):
            self.mode = CHAINED
        elif self.mode == TRACED and not self._tail and self._whole.ends(data, start, end, self._loose == 1):
            self.mode = ENDED
        self._text = self.mode == TRACED and not waits and not data.startswith(shapes.TAILS, start)
        # what failed before is told whole: a stack below makes this line another program's
        whole = (gap or (self._frames and self._loose == 1)) and (self._frames or self.mode == TRACED)
        self._failure = whole and shapes.tops_stack(data, start, end)
        return True

    def _holds_text(self) -> bool:
        """Whether what stands below the record is rather its message's than printed."""
        if self._record is None:
            return False
        return self._told or (self._prints.texts and holds_text(*self._record))

    def _is_print(self, data: Buffer, start: int, end: int) -> bool:
        if self._fenced or self.mode == CHAINED or self._whole.listed:
            return False
        closed, self._whole.closed = self._whole.closed, False
        ended = closed and self.mode in _MESSAGES and not self._prints.texts
        if (ended and not shapes.is_told(data, start, end)) or (
            not self._loose and below.says_again(self._record, data, start, end)
        ):
            return True
        if self._is_told() and is_next(self._prints, data, start, end, self.mode == OPEN):
            return True
        block, self._block = self._block, False
        if block and self._prints.known and not shapes.is_more(data, start, end):
            return True
        if self._is_lone():
            failure = below.is_warning(self._record) and shapes.is_failure(data, start, end)
            return failure or not shapes.is_told(data, start, end)
        return is_print(self._prints, data, start, end)

    def _is_told(self) -> bool:
        """Whether the line above may end the event: an error's record, or an exception's class with its message."""
        if self.mode == OPEN:
            first = not self._loose and self._block is None
            return first and not self._first.warns and below.says_all(self._record)
        return self.mode == TRACED and self._whole.says_all

    def _is_beside(self, data: Buffer, start: int, end: int) -> bool:
        """Whether an unrecognised line is no part of the event: printed, another record that broke off, a panel; or a
        shell's command, none of a difference nor of what was announced."""
        if not self._waits and not self._tail and self._is_print(data, start, end):
            return True
        if shapes.is_broken_record(data, start, end) and not self._fenced:
            return True
        if self.mode == OPEN and shapes.is_titled(data, start, end):
            return True
        text = self._fenced or self._differs or self._waits or self.mode == ANNOUNCED
        return not text and shapes.is_command(data, start, end)

    def _is_painted(self, data: Buffer, start: int, end: int) -> bool:
        """Whether a line is printed in a colour below an error's record that has none."""
        may = self.mode == OPEN and self._first.plain and not self._fenced
        return may and below.is_painted(self._record, data, start, end)

    def _is_lone(self) -> bool:
        """Whether the line above is a record that is written like those of one line."""
        record = self._record if self._prints.lone and self.mode == OPEN and not self._loose else None
        return record is not None and is_lone(self._prints, *record[1:])

    def _takes_traceback(self, shape: int, gap: bool) -> bool:
        if gap and self._frames:
            return False
        if self.mode == ANNOUNCED and not self._first.bare and (self._items or not self._loose):
            return False
        if (self.mode == TRACED or self.mode == ENDED) and not (self._waits and shape == shapes.REMOTE):
            again, self._spare = self._spare and not gap, False
            self.hands_back = self._text and not again
            if not again:
                return False
        elif self.mode == CLOSED:
            self.hands_back = self._text
            return False
        warning = self.mode == OPEN and below.is_warning_alone(self._record)
        self._headed = warning and shape == shapes.TRACEBACK and not gap
        self.mode = CHAINED if shape == shapes.REMOTE else TRACED
        self._block = False
        self._waits = self.mode == TRACED
        self._loose, self._part = 0, ""
        return True

    def _takes_record(self, data: Buffer, start: int, end: int, head: Head) -> bool:
        """One more line of a traceback that is logged line by line."""
        part = part_of(data, start, end, head)
        if self._signature != signature_of(data, start, end, head):
            return False
        if part == "blank":
            return True
        before, self._part = self._part, part
        return before in below.PARTS_BEFORE.get(part, ())
