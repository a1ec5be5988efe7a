"""The nouns every stage shares. Frozen, ordered, free of input and output."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from enum import IntEnum
from operator import itemgetter
from typing import Literal, cast

from msgspec import Struct, field

TimeQuality = Literal["exact", "interpolated", "order"]
SeverityName = Literal["critical", "high", "medium", "low", "info"]
Outcome = Literal["first-try", "recovered", "stalled"]
"""How a session of a sequence ended."""
Buffer = bytes | bytearray
"""A source's bytes, or some of them."""
Captures = tuple[tuple[str, str], ...]
"""What a rule's patterns named in an event, as (name, value)."""
MARK = "~"
"""Begins the names of captures that no pattern made: what a record shows beside its message."""


class Severity(IntEnum):
    """How bad a finding is; comparable, the worst is the largest."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> SeverityName:
        return cast(SeverityName, self.name.lower())

    @classmethod
    def parse(cls, label: str) -> Severity:
        return cls[label.upper()]


class Source(Struct, frozen=True):
    """One input: a file or standard input. `name` is what reports show (never an absolute path unless asked)."""

    name: str
    path: str | None
    """Where to open it; None is standard input."""
    named: bool = True
    """Named by itself, not found in a folder: then any text in it is a log."""
    older: tuple[Source, ...] = ()
    """The files that the same log was written to before, the oldest first, where it is rotated."""


Parts = Sequence[tuple[int, str]]
"""The files of one log, in order, as (lines before its first one, name)."""


def place_in(parts: Parts, line: int) -> tuple[str, int]:
    """Return in which file of a log a line of it stands, and which line of that file it is; both count from 1."""
    before, name = parts[max(bisect_left(parts, line, key=itemgetter(0)) - 1, 0)]
    return name, line - before


class Note(Struct, frozen=True, order=True):
    """Something skipped, shortened or guessed, with its reason. Never an exception, never silent."""

    where: str
    """Source name, or source:line, or the name of a rule."""
    kind: Literal["unreadable", "binary", "truncated", "cut", "document", "timeout", "switched-off", "unfit"]
    text: str


class Frame(Struct, frozen=True):
    """One frame of a traceback, as printed."""

    file: str
    line: int
    function: str
    own: bool
    """The application's own code: not site-packages, not the standard library."""


class ExceptionInfo(Struct, frozen=True):
    """What a traceback says. `type` and `message` are those of the leaf: the exception that really failed."""

    type: str
    message: str
    chain: tuple[tuple[str, str], ...]
    """Every (type, message) of the event in the order printed: causes first, groups before their members."""
    frames: tuple[Frame, ...]
    """Every frame in the order printed."""


class Http(Struct, frozen=True):
    """One request, from an access line (`side` server), an HTTP client's request line (client), or what an application
    records of requests of which its server writes access lines (app)."""

    side: Literal["server", "client", "app"]
    method: str
    path: str
    """Path with query as printed (server), or path of the URL (client)."""
    status: int
    client: str = ""
    """Address of the peer as printed, `host:port`, empty when unknown."""
    host: str = ""
    """Host and port of the URL, of a client line; empty otherwise."""


class Hit(Struct, frozen=True, gc=False):
    """A rule's pattern found in one event. A dense log makes hundreds of thousands of them: see `packed`."""

    rule: int
    """Index of the rule in the rule set."""
    role: str
    """`primary`, `also`, `exercised`, `cause:ID`, or the name of a sequence step."""
    source: int
    """Index of the source in the run."""
    line: int
    """First line of the event, counted from 1."""
    last_line: int
    time: float | None
    """Seconds since the epoch, UTC; None where the log has no clock."""
    time_quality: TimeQuality
    stream: str
    """Service, container or pod that wrote it, from the collector's prefix; empty without one."""
    layer: str
    """Which layer of the software reported it: the same layer twice is two incidents."""
    fresh: bool
    """Something between the previous hit and this one ended the earlier incident."""
    captures: Captures = ()
    around: tuple[float, float] | None = None
    """Where its time is interpolated, the times before and behind it: it lies anywhere between them."""


class Occurrence(Struct, frozen=True, gc=False):
    """One incident as an operator counts it, however many layers reported it."""

    hits: tuple[Hit, ...]
    recovered: bool = False
    """Only supporting evidence: the software healed by itself (a retry that succeeded)."""

    @property
    def first(self) -> Hit:
        """The hit that an operator points at: the first that is more than supporting evidence, in a log with a clock
        where another one tells it as well."""
        first = self.hits[0]
        if first.role == "also":
            first = next((h for h in self.hits if h.role != "also"), first)
        if first.time is None:
            told = (
                h for h in self.hits if h.time is not None and h.source != first.source and h.role != "also"
            )
            return next(told, first)
        return first


class SequenceFigures(Struct, frozen=True):
    """What a sequence rule counted."""

    sessions: int
    rejected_first: int
    recovered: int
    stalled: int
    ambiguous: bool = False

    @property
    def success_rate(self) -> float | None:
        """Share of sessions that worked at the first try, 0 to 1; None without sessions."""
        if not self.sessions:
            return None
        return (self.sessions - self.rejected_first) / self.sessions


class RuleHits(Struct, frozen=True):
    """One rule with everything found for it, before the report words it."""

    rule: int
    occurrences: Collection[Occurrence]
    sequence: SequenceFigures | None = None
    figures: dict[str, float] = field(default_factory=dict)
    lanes: tuple[tuple[str, Outcome, tuple[tuple[str, Hit], ...]], ...] = ()
    """Of a sequence: (session, outcome, steps as (name, hit)) per session, of the first ones."""
