"""Whether an event stands in a text that a quiet record before it shows, a question, an answer, a document, though each
of its lines stands by itself. What tells is the text, not the failure: who introduces it, whether it goes on behind the
failure, and whether the program then goes on as if nothing had happened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial
from typing import NamedTuple

from logscope.events import Event, Span
from logscope.events.formats import Head
from logscope.events.text.levels import level_of_word
from logscope.lazily import lazy
from logscope.match.lines import BYTES, Lines
from logscope.match.shown import (
    Told,
    Words,
    announces,
    ends,
    fails,
    goes_on,
    introduces,
    is_open,
    leads,
    leads_up,
    stands_apart,
    stands_in,
    tells_on,
)

_MESSAGE = lazy(
    rb"=+ (?:Human|System|Ai|(?P<tool>Tool)|Function|Chat) Message =+$"
    rb"|-{8,} (?:\w+(?:Message|RequestEvent)|(?P<ran>\w+Event)) \([^()\n]{1,80}\) -{8,}$"
    rb"|\[(?:llm|chain|retriever)/(?:start|end)\] [^\n]+ run with (?:in|out)put:$"
)
"""What heads a message, or what a step was given and made of it, as LangChain and AutoGen print them."""
_TITLE = b" Message ====="
_LEADS, _SHOWN = 8, 1 << 14
"""Lines that end in a colon, among which that record's is sought, and bytes that the text has at most, before and
behind the line in question."""
_QUIET, _BAD = frozenset(("info", "debug", "trace", "")), frozenset(("error", "critical"))
_LEADING = b":`~|\n"
"""What may end the line before a record that stands in a text: blank lines behind a prefix end in its mark."""


class _Above(NamedTuple):
    """What stands above an event: the record, or a message's heading, that may show it as part of a text."""

    words: Words
    first: str
    """Its message's first line."""
    quiet: bool
    alike: bool
    """It is a record of the event's own format."""
    between: list[str]
    """The lines behind it, the nearest first."""
    lead: str
    """The last of them that is no record's, if there is one, else the first line."""


class Texts(Lines):
    """A folder that knows which events are lines of a text."""

    def _is_below(self, data: bytes | bytearray, span: Span, event: Event) -> bool:
        """Whether an event goes on with what a quiet record shows from its first line on, up to the next record; what
        looks like a warning or an error of another format may stand in it."""
        if event.format and event.level and event.level in _QUIET:
            return False
        usual = event.format in self.layout.formats[:1]
        if usual and data[max(span.start - 3, 0) : span.start - 1].rstrip(b" \r")[-1:] not in _LEADING:
            return False
        key = self._writer(data, span)
        raised = event.exception is not None and bool(event.exception.frames)
        own = [*event.text.split("\n"), *[""] * self._ends_blank(data, span)]
        told = self._told(data, span, event, key, own)
        above = self._above(data, span, event.format, key, told)
        if above is None:
            return False
        words, first, between = above.words, above.first, above.between
        shows = words in ("asked", "shown") or bool(words and between)
        sure = told == "surely" or (told == "alike" and shows) or announces(above.lead)
        well = cache(partial(self._went_on, data, span, event, key))
        own_record = self._is_usual(event.format)
        text = told and above.quiet and (words or not (own_record or fails(first)))
        if text and (sure or (shows and leads(first))) and well():
            return True
        if above.alike or (words == "made" and not between):
            return False
        direct = not between and above.quiet and not own_record and not fails(first)
        if direct and announces(first) and (is_open(first) or not event.level) and well():
            return True
        behind = list(self._ahead(data, span.end, key))
        before = [*between, first]
        if words and not event.format:
            # a traceback that is announced may be its program's end
            if leads_up(before):
                return not raised or well()
            return goes_on(words, before, own, behind, raised)
        if raised:
            return False
        return stands_in(before, own, behind) if words else stands_apart(before, own, behind)

    def _above(self, data: bytes | bytearray, span: Span, name: str, key: bytes, told: Told) -> _Above | None:
        """What stands above an event of a format; other records like it may stand between where its text goes on."""
        between: list[str] = []
        lead = ""
        for other, text in self._back(data, span.start, _SHOWN if told == "surely" else BYTES):
            if other != key:
                continue
            message, head = _MESSAGE.match(text), self.layout.match(text, 0, len(text))
            if message is None and head is None:
                between.append(text.decode("utf-8", "replace"))
                lead = lead or between[-1]
                continue
            words, first = _shown(message, head, text)
            quiet = head is None or _level(head) in _QUIET
            alike = message is None and head is not None and self._is_alike(head[0].name, name)
            if alike and quiet and head is not None and head[0].name != name:
                alike = not words and not announces(first)
            if not alike or (quiet and not told):
                return _Above(words, first, quiet, alike, between, lead or first)
            between.append(text.decode("utf-8", "replace"))
        return None

    def _ends_blank(self, data: bytes | bytearray, span: Span) -> bool:
        """Whether the last line of an event is blank."""
        last = data.rfind(self.newline, span.start, max(span.end - 1, span.start)) + 1
        return last > span.start and not self._plain(data, last, span.end)[1].strip()

    def _told(self, data: bytes | bytearray, span: Span, event: Event, key: bytes, own: list[str]) -> Told:
        """Whether a text goes on behind an event."""

        def behind() -> Iterator[str | None]:
            for head, text in self._on(data, span.end, key):
                other = head is not None and not self._is_alike(head[0].name, event.format)
                if other or _MESSAGE.match(text) or (head is not None and _level(head) in _QUIET):
                    return  # what stands below a quiet record is that one's
                yield text.decode("utf-8", "replace") if head is None else None

        printed = bool(event.format) or self._is_first(data, span, key)
        return tells_on(own, behind(), event.exception is not None, printed)

    def _is_first(self, data: bytes | bytearray, span: Span, key: bytes) -> bool:
        """Whether a record that introduces nothing stands right above an event: its program may have printed it."""
        text = next((text for other, text in self._back(data, span.start) if other == key), b"")
        head = self.layout.match(text, 0, len(text))
        words, first = _shown(None, head, text)
        return head is not None and not words and not announces(first)

    def _went_on(self, data: bytes | bytearray, span: Span, event: Event, key: bytes) -> bool:
        """Whether the program goes on behind an event: the next record tells of no end, and is no error's."""
        for head, text in self._on(data, span.end, key):
            if _MESSAGE.match(text):
                return True
            if head is not None and not self._is_alike(head[0].name, event.format):
                return _level(head) not in _BAD and not ends(text[head[1] :].decode("utf-8", "replace"))
        return False

    def _is_alike(self, name: str, own: str) -> bool:
        """Whether two records belong together: of one format, or both of none in which the source's are written."""
        return name == own or (own != "" and not self._is_usual(name) and not self._is_usual(own))

    def _is_usual(self, name: str) -> bool:
        return name in self.layout.formats[:1] or any(form.name == name for form in self.layout.usual)

    def _is_shown(self, data: bytes | bytearray, span: Span, event: Event) -> bool:
        """Whether an event is a line of a text that a record before it shows, up to the next record: a prompt, a
        document, a message; what a tool returned may be a failure's report, then that stands first."""
        if event.level or event.exception is not None or not span.start:
            return False
        key, own = self._line(data, span.start, self._stop(data, span.start, span.end))
        if own is None:
            return False
        low, ends = max(span.start - _SHOWN, 0), [b":" + self.layout.newline.encode()]
        if "pytest-section" in self.layout.formats:
            ends.append(_TITLE)
        begin = span.start
        for _ in range(_LEADS):
            place = max(data.rfind(end, low, begin) for end in ends)
            if place < 0:
                return False
            begin = data.rfind(self.newline, 0, place) + 1
            writer, text = self._plain(data, begin, self._stop(data, begin, span.start))
            message = _MESSAGE.match(text)
            head = self.layout.match(text, 0, len(text))
            if writer == key and (message or head is not None):
                break
        else:
            return False
        behind = self._stop(data, begin, span.start) + 1
        words, first = _shown(message, head, text)
        if not words or (message is None and first.rstrip()[-1:] != ":"):
            return False
        if words == "made" and (behind == span.start or own.startswith(b"Error")):
            return False
        if self._record(data, behind, span.start, key):
            return False
        return message is not None or self._record(data, span.end, span.end + _SHOWN, key)

    def _record(self, data: bytes | bytearray, start: int, end: int, key: bytes) -> bool:
        """Whether a writer's record begins there."""
        end = min(end, len(data))
        while start < end:
            stop = self._stop(data, start, end)
            other, text = self._line(data, start, stop)
            if other == key and text is None:
                return True
            start = stop + 1
        return False


def _shown(message: re.Match[bytes] | None, head: Head | None, line: bytes) -> tuple[Words, str]:
    """Whose words a message's heading, or a quiet record's first line, begins to show, and that line."""
    if message is not None:
        return ("made" if message["tool"] or message["ran"] else "asked"), ":"
    first = line[head[1] if head else 0 :].decode("utf-8", "replace")
    return (introduces(first) if head is not None and _level(head) in _QUIET else ""), first


def _level(head: Head) -> str:
    return level_of_word(head[2].decode("ascii", "replace").rstrip("!") or head[0].level)
