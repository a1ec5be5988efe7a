"""How one source is written: all that `detection` found out, for those who read its events."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from logscope.events.formats import Match, match_head
from logscope.events.formats.format import Format
from logscope.events.text.times import Clock
from logscope.events.written.behind import Behind
from logscope.events.written.doubt import Alike
from logscope.events.written.prefixes import Prefix
from logscope.events.written.prints import Prints


class Layout(Struct, frozen=True):
    """How a source's lines are written, from its first lines."""

    prefix: Prefix | None = None
    """The collector's, before every line."""
    formats: tuple[str, ...] = ()
    """Names of the line formats seen, most frequent first."""
    reasons: tuple[str, ...] = ()
    """Why: sentences for `inspect`."""
    ansi: bool = False
    """Colour codes occur."""
    encoding: str = ""
    """cp1252 where the bytes are no UTF-8 but Latin letters; empty for UTF-8."""
    newline: str = "\n"
    """LF, CR LF, or a lone CR."""
    timed: bool = False
    """Some lines carry a time of their own."""
    borrows: bool = False
    """Lines without time take it from their neighbours, if there are such: timed ones may come later."""
    dated: bool = False
    """A full date tells the year of times that show none."""
    clock: Clock = field(default_factory=Clock)
    match: Match = match_head
    """Recognises a record's head; one format's own matcher where the user forces it."""
    behind: Mapping[str, Behind] = field(default_factory=dict)
    """By format: what the source's formatter writes between head and message."""
    usual: tuple[Format, ...] = ()
    """Formats in which many of the source's records begin."""
    marks: Mapping[str, bytes] = field(default_factory=dict)
    """By format: the mark that the source's formatter writes before the message, empty for none."""
    doubted: Mapping[Alike, str] = field(default_factory=dict)
    """By how records begin: kinds of names that are the message's own beginning, not a logger."""
    prints: Prints = Prints()
    """What is printed beside the records."""
    writers: Mapping[bytes, Layout] = field(default_factory=dict)
    """By the key of its prefix: how one of several writers writes, as far as its own lines tell."""
    told_twice: bool = False
    """A server writes access lines, and its application records of its own for the same requests."""
    forced: bool = False

    @property
    def collector(self) -> str:
        """The prefix's name, empty without one."""
        return self.prefix.name if self.prefix else ""
