"""Whether a line goes on with the event above it: a state machine that takes one writer's lines in order."""

from __future__ import annotations

from logscope.events.folding import below
from logscope.events.folding.loose import LOOSE_MAX
from logscope.events.folding.modes import ANNOUNCED, CHAINED, CLOSED, ENDED, OPEN, OVER, TEXT, TRACED, mode_of
from logscope.events.folding.whole import Whole
from logscope.events.formats import CRASHES, PER_LINE, REPEATED, WARNS, Head
from logscope.events.text import shapes
from logscope.events.text.ansi import has_colours, strip_colours
from logscope.events.text.rich import is_beside, is_row, is_table
from logscope.events.text.shapes import shape_of, speaks_of_trouble
from logscope.events.written.heads import PLAIN_FIRST, is_class, part_of, read_head, signature_of
from logscope.events.written.layout import Layout
from logscope.events.written.prints import holds_text, is_above, is_lone, is_next, is_note, is_print
from logscope.model import Buffer

MAX_LINES = 5_000
"""Lines of one event at most; a longer one is cut and goes on as the next."""
MAX_BYTES = 1 << 20

_BEHIND = (TRACED, ENDED)
"""A traceback was read, or its class line."""
_MESSAGES = (OPEN, ANNOUNCED)
"""Unknown lines may be more of the record's message."""
_RICH_LEVEL = 9
"""Columns of RichHandler's level, and the blank behind it."""
_TRACEBACK = b"Traceback (most recent call last):"
_HEADER = b"Exception in "
"""What begins the line above a traceback that a thread, or a callback, ends with."""
_NAMED = b" ["
"""What begins a line of its own with structlog's logger."""
_COLON = 58
"""RichHandler pads its rows: one that ends in a colon is another formatter's."""
_ENDS = b":m] \t"
"""What a line ends in that may be one."""


class Flow:
    """Takes the lines of one event, behind its first one: `takes` says whether the next line belongs to it."""

    def __init__(self, layout: Layout, data: Buffer, start: int, end: int, head: Head | None = None) -> None:
        """Start an event whose first line is data[start:end], without the line end; `head` when it is known."""
        self._match = layout.match
        self._behind = layout.behind
        self._prints = layout.prints
        self._record: below.Record | None = None
        self._does = False  # one that says what the program does
        self.mode = CLOSED
        self._loose = 0
        self._part = ""  # the last line's part of a traceback logged line by line
        self._signature = b""
        self._colon = False  # the event is a bare line that ends in a colon
        self._column = b""  # blanks up to where RichHandler prints the level
        self._rows = False  # RichHandler's rows may go on with the event
        self._text = False  # the last line was taken behind a traceback, as more of its message
        self._warns = False  # the source line ends what the warnings module prints
        self._frames = False  # a JavaScript stack was read
        self._fenced = False  # a fence was opened
        self._told = False  # a blank line was read behind what was announced, or behind items
        self._items = False  # items of the record's text were read
        self._differs = False  # lines of a difference were read
        self._gap = False  # the last line was blank
        self._orphan = False  # what stands before the class line may be no traceback at all
        self._failure = False  # the last line may begin another program's JavaScript stack
        self._waits = False  # a traceback's class line is still to come
        self._bare = False  # the record shows no level: what it announces may be a traceback
        self._block: bool | None = None  # all that was read behind the record is indented; None: nothing was
        self._whole = Whole()
        self._art = False  # the event is a bare line without a word, of a banner
        self._shut = False  # a JSON record that was closed: of indented lines only a stack's go on with it
        self._spare = False  # right behind a traceback, its second printing may stand
        self._tail = False  # structlog's logger and members are still to come, behind the message's last line
        self.hands_back = False
        """The next event starts one line before the line that was not taken: that one is a stack's header."""
        end = shapes.without_return(data, start, end)
        line = data
        if head is None:
            head, line, start, end = read_head(self._match, data, start, end)
        self._plain = line is data  # no colours hid the head
        data = line
        self._written = head is not None  # the event began with a record
        if head is None:
            self._begin_text(data, start, end)
        else:
            self._begin_record(data, start, end, head)

    @property
    def takes_indented(self) -> bool:
        """Whether indented lines belong to the event unseen."""
        return self.mode != OVER and not self._failure and not self._shut

    def _begin_record(self, data: Buffer, start: int, end: int, head: Head) -> None:
        form, message, level = head
        self._record = head, data, start, end
        opens = form.opens
        self._rows = form.kind == "rich" or form.lead == "[time]"
        self._warns = form.name == WARNS
        self._column = b" " * (message - start - _RICH_LEVEL) if form.kind == "rich" else b""
        shown = level or below.level_of(form, data, start, end)
        self.mode = OPEN if opens else CLOSED if opens is False else mode_of(shown)
        if form.kind == "json" and below.shows_failure(data, start, end):
            self.mode = TEXT
        self._shut = form.kind == "json" and self.mode == CLOSED and data.endswith(b"}", start, end)
        self._fenced = form.kind == "logfmt" and below.opens_value(data, start, end)
        if self.mode == OPEN and self._column and is_table(data, start, end):
            self.mode = TEXT
        if self.mode == CLOSED and below.is_failed_try(data, message, end):
            self.mode = TEXT
        if opens is None and self.mode <= TEXT:
            self.mode = below.mode_behind(self.mode, self._behind, head, data, start, end)
        if self.mode == OPEN and below.is_whole(data, message, end):
            self.mode = TEXT
        if form.name in CRASHES:
            self.mode = TRACED
        if self._warns and data.startswith(b"<", start):  # of <frozen importlib> no source line is printed
            self.mode = CLOSED
        ends = data[end - 1] in _ENDS and opens is None and not (self._column and data[end - 1] != _COLON)
        if ends and data.endswith(_TRACEBACK, message, end):
            self.mode = TRACED
            self._waits = True
            self._tail = form.kind == "structlog" and data.startswith(_TRACEBACK, message)
        elif self.mode <= OPEN and opens is None and below.lists(data, message, end):
            self._begin_list(data, message, end)
        elif self.mode < OPEN and ends and below.announces(self._behind, head, data, start, end):
            self._bare = self.mode == TEXT
            header = data.find(_HEADER, message, end) >= 0
            self.mode = TEXT if header else ANNOUNCED
            self._does = shapes.says_it_does(data, message, end)
        self._spare = form.kind == "structlog"
        part = part_of(data, start, end, head)
        if form.name == REPEATED or (not part and form.name == PER_LINE):
            self._part = "head"
            self._signature = signature_of(data, start, end, head)
        elif part in ("start", "remote") or (
            part == "inner" and data.find(b'File "', message, message + 12) >= 0
        ):
            self._part = part
            self._signature = signature_of(data, start, end, head)
            self.mode = TRACED

    def _begin_list(self, data: Buffer, start: int, end: int) -> None:
        """Pydantic's errors follow, as many as it says; or the traceback that a record of a failure is logged with."""
        self._bare = self.mode >= TEXT
        self.mode = max(self.mode, ANNOUNCED)
        self._whole.announce(data, start, end)

    def _begin_text(self, data: Buffer, start: int, end: int) -> None:
        shape = shape_of(data, start, end)
        self._rows = shape == shapes.INDENTED
        if shape == shapes.TRACEBACK or shape == shapes.INDENTED:
            self.mode = TRACED  # indented: the file begins inside a traceback
            self._waits = shape == shapes.TRACEBACK
            self._whole.alone = self._waits and bool(self._prints.known)
            self._orphan = not self._waits
        elif shape == shapes.CHAIN or shape == shapes.REMOTE:
            self.mode = CHAINED
        elif shape == shapes.LAST:
            self.mode = OVER
        else:
            self.mode = TEXT if is_above(self._prints, data, start, end) else CLOSED
            self._loose = 1
            self._art = not shapes.has_word(data, start, end)
            self._colon = data.endswith(b":", start, end)
            if below.lists(data, start, end):
                self._begin_list(data, start, end)
            self._bare = self._whole.alone = True

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
        if self._failure and data.startswith(shapes.FRAME, start):
            self.hands_back = True
            return False
        if data.startswith(shapes.GROUP, start):
            return self._takes_traceback(shapes.TRACEBACK, self._gap)
        if data.startswith(shapes.INDENTED_HEADS, start) and self._match(data, start, end) is not None:
            return False
        if self._column and is_beside(self._column, data, start, end):
            return False
        if self._shut and not data.startswith(shapes.FRAME, start):
            return False
        self.hands_back = self._rows and self._whole.opens_another(data, start, end)
        if self.hands_back or (not self._rows and is_row(data, start, end)):
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
        self._part = below.part_with_code(self._part)
        self._text = self._gap = self._failure = False
        if self.mode == ENDED and shapes.MARGIN.match(data, start, end):
            self.mode = TRACED  # an inner group had ended
        if data.startswith(shapes.FRAME, start) or data.find(shapes.NEXT_FRAME, start, end) >= 0:
            self._frames = True
        if self._warns:
            self.mode = CLOSED
        if self._whole.told_last(data, start, end):
            self.mode = ENDED if self.mode == TRACED else TEXT
        if self._tail and data.startswith(_NAMED, start):
            self._tail = False
            self.mode = ENDED

    def _take_blank(self) -> None:
        self._text = self._failure = False
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
        gap, self._gap, self._failure = self._gap, False, False
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
        if announced and shapes.is_another(data, start, end, self._does):
            return False
        self._items = self._items or (self.mode == ANNOUNCED and shapes.is_item(data, start, end))
        inside = self._fenced
        colon, self._colon = self._colon and not gap, False
        if below.turns_fence(self._record, inside, data, start, end):
            self._fenced = not inside
        if self.mode < OPEN:
            part = below.is_part(self._record, data, start, end, first=self._loose == 1)
            alone = (gap and self._art) or shapes.is_statement(data, start, end)
            part = part and (self._written or not alone)
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
        self._failure = whole and shapes.is_failure(data, start, end)
        return True

    def _holds_text(self) -> bool:
        """Whether what stands below the record is rather its message's than printed."""
        texts = self._prints.texts and self._record is not None and holds_text(*self._record)
        return self._written and (self._told or texts)

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
            return failure or not speaks_of_trouble(data, start, end)
        return is_print(self._prints, data, start, end)

    def _is_told(self) -> bool:
        """Whether the line above may end the event: an error's record, or an exception's class with its message."""
        if self.mode == OPEN:
            first = not self._loose and self._block is None
            return first and not self._warns and below.says_all(self._record)
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
        may = self.mode == OPEN and self._plain and not self._fenced
        return may and below.is_painted(self._record, data, start, end)

    def _is_lone(self) -> bool:
        """Whether the line above is a record that is written like those of one line."""
        record = self._record if self._prints.lone and self.mode == OPEN and not self._loose else None
        return record is not None and is_lone(self._prints, *record[1:])

    def _takes_traceback(self, shape: int, gap: bool) -> bool:
        if gap and self._frames:
            return False
        if self.mode == ANNOUNCED and not self._bare and (self._items or not self._loose):
            return False
        if (self.mode == TRACED or self.mode == ENDED) and not (self._waits and shape == shapes.REMOTE):
            again, self._spare = self._spare and not gap, False
            self.hands_back = self._text and not again
            if not again:
                return False
        elif self.mode == CLOSED:
            self.hands_back = self._text
            return False
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
