"""One log record with all its lines; every field is parsed when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from logscope.events.formats import Head
from logscope.events.record.facts import READERS
from logscope.events.text import members as mem
from logscope.events.written.layout import Layout
from logscope.events.written.neighbours import BorrowedTime
from logscope.model import ExceptionInfo, Http, TimeQuality

MAX_RAW = 1 << 20
"""Bytes of one event that are read; what lies behind stays unread, and `cut` says so."""


Quotes = Callable[["Event"], bool]
"""Says of an event whether the text around it quotes it."""


class Event:
    """One event. Making one is cheap; fields come into being on first use and stay.

    `line`, `last_line`: 1-based physical lines. `raw`: the physical bytes. `text`: decoded, without collector prefix
    and colours, RichHandler's rows joined. `time`: seconds since the epoch, UTC. `time_text`: as printed
    in the event, empty where the time is borrowed or was told. `offset`: seconds east of UTC of the
    zone in which the event shows its time, None where it shows none. `stream`: what the prefix names.
    `search_text`: what rules search; for JSON and logfmt records message, exception and members with
    real line ends, not those that hold what users wrote. `cut`: the event was longer than MAX_RAW and is not whole.
    `quoted`: it stands within what is shown or quoted around it, as whoever made the event tells.
    """

    __slots__ = (
        "_borrowed",
        "_content",
        "_groups",
        "_head",
        "_layout",
        "_members",
        "_quotes",
        "_trace_text",
        "_written",
        "cut",
        "exception",
        "fields",
        "handed_on",
        "http",
        "last_line",
        "level",
        "line",
        "logger",
        "message",
        "offset",
        "quoted",
        "raw",
        "search_text",
        "source",
        "stream",
        "text",
        "time",
        "time_quality",
        "time_text",
    )
    source: str
    line: int
    last_line: int
    raw: bytes
    cut: bool
    quoted: bool
    text: str
    level: str
    handed_on: bool
    logger: str
    message: str
    time: float | None
    time_quality: TimeQuality
    time_text: str
    offset: int | None
    stream: str
    exception: ExceptionInfo | None
    http: Http | None
    fields: Mapping[str, Any]
    search_text: str
    _content: list[bytes]
    _head: tuple[Head | None, bytes]
    _groups: dict[str, bytes]
    _members: mem.Members | None
    _trace_text: str
    _written: Layout

    def __init__(
        self,
        layout: Layout,
        source: str,
        line: int,
        last_line: int,
        raw: bytes,
        borrowed: BorrowedTime | None,
    ) -> None:
        self._layout = layout
        self._borrowed = borrowed
        self._quotes: Quotes | None = None
        self.source = source
        self.line = line
        self.last_line = last_line
        self.cut = len(raw) > MAX_RAW
        self.raw = raw if len(raw) <= MAX_RAW else raw[:MAX_RAW]

    def __getattr__(self, name: str) -> Any:
        # reached only for a slot that is still empty
        read = READERS.get(name)
        if read is None:
            raise AttributeError(name)
        value = read(self)
        setattr(self, name, value)
        return value

    def weigh_with(self, quotes: Quotes) -> None:
        """Let `quotes` say whether the event is quoted, when somebody wants to know: it costs much."""
        self._quotes = quotes

    @property
    def weighed(self) -> bool:
        """Whether somebody wanted to know if the event is quoted, or nobody can say."""
        return self._quotes is None

    def settle(self) -> None:
        """Count the event as not quoted from here on, unless somebody wanted to know before."""
        if not self.weighed:
            self._quotes = None
            self.quoted = False

    def tell_time(self, time: float | None, quality: TimeQuality = "exact") -> None:
        """Set the time, where somebody knows it without reading the event."""
        self.time, self.time_quality, self.time_text = time, quality, ""

    @property
    def around(self) -> tuple[float, float] | None:
        """The times between which an interpolated one lies; none where it is known better."""
        borrowed = None if self.time_text or self.time_quality != "interpolated" else self._borrowed
        return None if borrowed is None else borrowed.bounds()

    @property
    def answered(self) -> bool:
        """Whether it tells of a request that a server answered; Caddy's log of errors tells it a second time."""
        http = self.http
        return http is not None and http.side == "server" and not self.logger.startswith("http.log.error")

    @property
    def failed(self) -> bool:
        """Whether it tells of a request that a server answered with 500 or more."""
        return self.answered and self.http is not None and self.http.status >= 500

    @property
    def borrows(self) -> bool:
        """Whether the time, if there is one, is not the event's own but lies between those of lines around it."""
        return self._borrowed is not None and not self._borrowed.exact and not self.time_text

    @property
    def follows(self) -> bool:
        """Whether the time is that of the row before it: RichHandler shows one once."""
        return self._borrowed is not None and self._borrowed.exact and not self.time_text

    @property
    def lines(self) -> int:
        """How many physical lines are its own: those of other writers may stand between them."""
        if self.cut:
            return self.last_line - self.line + 1
        return self.raw.count(b"\n") + (not self.raw.endswith(b"\n"))

    @property
    def format(self) -> str:
        """Name of the format that begins the event, empty when none is known."""
        head = self._head[0]
        return head[0].name if head is not None else ""

    @property
    def recognised(self) -> bool:
        """Some format, a traceback, or a collector that marks records tells what the event is."""
        return self._head[0] is not None or self.exception is not None or bool(self.stream)
