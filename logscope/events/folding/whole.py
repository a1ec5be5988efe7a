"""Where the message of a traceback's exception ends, so that what stands below is another text."""

from __future__ import annotations

import re

from logscope.events.text.shapes import says_all
from logscope.model import Buffer

_ONE_LINE = re.compile(
    rb"(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:[ \t\r]*$|: \[Errno -?\d+\] (?![^\n]* \r?$))|KeyError: "
    rb"|asyncio\.exceptions\.\w+[ \t\r]*$"
    rb"|(?:AttributeError|(?:Unbound)?(?:Local|Name)Error|IndexError|ModuleNotFoundError|RecursionError"
    rb"|TypeError|ZeroDivisionError|Unicode(?:De|En)codeError): (?![^\n]*[:,(\[{ ]\r?$)"
    rb"|(?:[A-Za-z_]\w*\.)*[A-Z]\w*: (?:'[^'\\\n]*'|\"[^\"\\\n]*\")\r?$"
    rb"|urllib\.error\.URLError: <[^\n]*>\r?$"
    rb"|ValueError: (?:invalid literal for |could not convert |(?:not enough|too many) values to unpack)[^\n]*[')]\r?$"
    rb"|json\.decoder\.JSONDecodeError: [^\n]* \(char \d+\)\r?$",
    re.MULTILINE,
)
"""Class lines behind which no message goes on: there is none, or it is an errno's that rich did not break at a
blank, or what is shown is its repr, or Python's own words."""
_LAST = re.compile(
    rb"(?:(?:For (?:more information check|troubleshooting, visit)|\(Background on this error at): +\S+"
    rb"|During task with name '[^'\n]*' and id '[^'\n]*')[ \t\r]*$"
)
"""Last lines of messages of httpx, LangChain, LangGraph and SQLAlchemy."""
_ERRORS = re.compile(rb"[^\n]{0,200}?\b(\d{1,4}) validation errors? for ")
_ERROR = re.compile(rb"\binput_type=[^\]\n]*\]|[\[(]type=[\w.]+[\])]|\(type=[\w.]+; [^\n]*\)")
"""What ends each of pydantic's errors, in an indented line or, where a terminal broke that, in the rest of it."""
_FUTURE = re.compile(
    rb"future: <[^\n]*? exception=(\w+)\((?:(?!\\n)[^\n])*\)(?: created at [^\n]*)?>[ \t\r]*$"
)
"""asyncio's report of an exception whose message has one line."""
_NONE, _CLOSED, _NAMED, _BEHIND = range(4)
_ROW = re.compile(
    rb" +(?:(?P<opens>\xe2\x95\xad)|(?P<closes>\xe2\x95\xb0)|(?P<inside>\xe2\x94\x82)"
    rb"|(?P<chain>During handling of the above|The above exception was)|(?P<text>\S))"
)
"""Rows of RichHandler around a boxed traceback: ╭, ╰, │, the sentence between two of a chain, others."""
_BRACKETS = b"])}"
_CLOSERS = (b"}", b"]")
_LONGEST = 1 << 12
"""Bytes of such a report: a longer one is not read."""


class Whole:
    """Knows of one event's exception what tells where its message ends."""

    def __init__(self, listed: int, alone: bool) -> None:
        """`alone`: the event began with a bare line, and what comes next is rather another one than more of a
        message."""
        self.listed = listed
        """Errors of pydantic's that are still to come."""
        self._alone = alone
        self.closed = False
        """The last line closed a value that was printed over several lines."""
        self.says_all = False
        """The last line was the exception's class, and a message that leaves nothing to be told."""
        self._class = b""
        self._box = _NONE

    def read_report(self, data: Buffer, start: int, end: int) -> None:
        """Read a line that surely goes on with the event: of asyncio's report above the traceback, or a bracket."""
        self.closed = data[start] in _BRACKETS
        if end - start > _LONGEST or not data.startswith(b"future: <", start):
            return
        found = _FUTURE.match(data, start, end)
        if found is not None:
            self._class = found[1]

    def read_block(self, data: Buffer, start: int, end: int) -> None:
        """Read the indented lines data[start:end] of a record: an object's, as pino-pretty prints it, end closed."""
        last = max(data.rfind(b"\n", start, end - 1) + 1, start)
        self.closed = bytes(data[last:end]).strip() in _CLOSERS

    def told_last(self, data: Buffer, start: int, end: int) -> bool:
        """Count pydantic's errors in the lines data[start:end]; say whether the last one is told."""
        told = sum(1 for _ in _ERROR.finditer(data, start, end)) if self.listed else 0
        self.listed -= min(self.listed, told)
        return told > 0 and not self.listed

    def ends(self, data: Buffer, start: int, end: int, first: bool) -> bool:
        """Say whether the message ends with the line data[start:end], be it the `first` behind indented ones."""
        self.says_all = first and says_all(data, start, end)
        if not first:
            return _LAST.match(data, start, end) is not None
        if _ONE_LINE.match(data, start, end) is not None or self._is_reported(data, start, end):
            return True
        if data.find(b" validation error", start, end) >= 0:
            self.listed = count_listed(data, start, end) or self.listed
        return self._alone and self.says_all

    def ended_above(self, data: Buffer, start: int, end: int) -> bool:
        """Say whether the message ended with the indented lines above data[start:end]: in an event that began with a
        bare line that one is another text, unless it leaves something to be told."""
        return self._alone and not self.listed and not data.endswith(b":", start, end)

    def _is_reported(self, data: Buffer, start: int, end: int) -> bool:
        colon = data.find(b":", start, end) if self._class else -1
        return colon > 0 and data[start:colon].rpartition(b".")[2] == self._class

    def read_blank(self) -> None:
        """Read an empty line, which a row of blanks is in a log whose lines were trimmed."""
        self._box = _NONE

    def opens_another(self, data: Buffer, start: int, end: int) -> bool:
        """Read a row; say whether it opens the box of a record whose message is the row before: what the last box held
        was told, and no sentence leads on from it."""
        found = _ROW.match(data, start, end)
        part = found.lastgroup if found is not None else ""
        another = part == "opens" and self._box == _BEHIND
        if part == "closes":
            self._box = _CLOSED
        elif part == "text" and self._box:
            self._box = min(self._box + 1, _BEHIND)
        elif part != "inside":
            self._box = _NONE
        return another


def count_listed(data: Buffer, start: int, end: int) -> int:
    """Return how many errors of pydantic's the line data[start:end] announces."""
    found = _ERRORS.match(data, start, end)
    return int(found[1]) if found is not None else 0
