"""Whether an event stands in a text that a quiet record before it shows: a question, an answer, a document, each line
of which could be a record. The text decides, not the failure: who introduces it, whether it goes on behind the failure,
and whether the program then goes on as if nothing had happened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial
from typing import NamedTuple

from logscope.events import Event, Layout
from logscope.events.formats import Head
from logscope.events.written.heads import level_of_head
from logscope.lazily import lazy
from logscope.match.quoted.prose import (
    Continues,
    Introduced,
    announces,
    ends_in_sign,
    ends_mid_sentence,
    introduces,
    is_set_apart,
    lines_are_text,
    opens_text,
    record_is_text,
    shows_output,
    tells_of_end,
    tells_of_failure,
    text_goes_on,
)
from logscope.match.quoted.surroundings import BYTES, Surroundings

_MESSAGE = lazy(
    rb"=+ (?:Human|System|Ai|(?P<tool>Tool)|Function|Chat) Message =+$"
    rb"|-{8,} (?:\w+(?:Message|RequestEvent)|(?P<ran>\w+Event)) \([^()\n]{1,80}\) -{8,}$"
    rb"|\[(?:llm|chain|retriever)/(?:start|end)\] [^\n]+ run with (?:in|out)put:$"
)
"""What heads a message, or what a step was given and made of it, as LangChain and AutoGen print them."""
_WHOLE = lazy(r":\s[{\[][\"'{\[][^\n]*[}\]]\s*\Z")
"""A message that is one document, from its beginning to its end: nothing of it stands below."""
_TITLE = b" Message ====="
_LEADS, _SHOWN = 8, 1 << 14
"""Lines that end in a colon, among which that record's is sought, and bytes that the text has at most, before and
behind the line in question."""
_QUIET, _BAD = frozenset(("info", "debug", "trace", "")), frozenset(("error", "critical"))
_WIDTH = 256
"""Bytes before an event in which the last sign of the line before it stands: RichHandler fills its rows with blanks."""
_LEADING = b":`~|\n"
"""What may end the line before a record that stands in a text: blank lines behind a prefix end in its mark."""


class _Above(NamedTuple):
    """What stands above an event: the record, or a message's heading, that may show it as part of a text."""

    words: Introduced
    first: str
    """Its message's first line."""
    quiet: bool
    alike: bool
    """It is a record of the event's own format."""
    between: list[str]
    """The lines behind it, the nearest first."""
    lead: str
    """The last of them that is no record's, if there is one, else the first line."""


def stands_in_text(around: Surroundings, event: Event) -> bool:
    """Whether an event is part of the text that a quiet record shows from its first line to the next record; the text
    may hold what looks like a warning or an error of another format."""
    if event.format and event.level and event.level in _QUIET:
        return False
    if event.format in around.layout.formats[:1] and not _may_be_led_up_to(around):
        return False
    own = [*event.text.split("\n"), *[""] * around.ends_blank]
    continues = _continues(around, event, own)
    above = _record_above(around, event.format, continues)
    if above is None:
        return False
    went_on = cache(partial(_went_on, around, event))
    if _is_amid_text(around.layout, event, above, continues) and went_on():
        return True
    if not event.format and _is_put_out(above) and went_on():
        return True
    if above.words == "made" and not above.between:
        return False
    if above.alike:
        return False
    if _is_announced(around.layout, event, above) and went_on():
        return True
    before, behind = [*above.between, above.first], list(around.texts_behind())
    raised = event.exception is not None and bool(event.exception.frames)
    if above.words and not event.format:
        # a traceback that is announced may be its program's end
        if opens_text(before):
            return not raised or went_on()
        return lines_are_text(above.words, before, own, behind, raised)
    if raised:
        return False
    return record_is_text(before, own, behind) if above.words else is_set_apart(before, own, behind)


def _may_be_led_up_to(around: Surroundings) -> bool:
    """Whether the line before an event ends as one may that a record follows which stands in a text."""
    line = around.data[max(around.start - _WIDTH, 0) : around.start - 1]
    return line.rstrip(b" \r")[-1:] in _LEADING


def _is_amid_text(layout: Layout, event: Event, above: _Above, continues: Continues) -> bool:
    """Whether a quiet record begins a text above an event that goes on behind it."""
    words = above.words
    if not continues or not above.quiet:
        return False
    if not words and (_is_usual(layout, event.format) or tells_of_failure(above.first)):
        return False
    shows = words in ("asked", "shown") or bool(words and above.between)
    sure = continues == "surely" or (continues == "alike" and shows) or announces(above.lead)
    return sure or (shows and ends_in_sign(above.first))


def _is_put_out(above: _Above) -> bool:
    """Whether the line right above an event says what a tool, which runs commands or reads files, has put out."""
    return (above.quiet or bool(above.between)) and shows_output(above.lead)


def _is_announced(layout: Layout, event: Event, above: _Above) -> bool:
    """Whether the record right above an event is quiet, announces it, and does not itself tell of a failure."""
    if above.between or not above.quiet or not announces(above.first):
        return False
    open_end = ends_mid_sentence(above.first) or not event.level
    return open_end and not _is_usual(layout, event.format) and not tells_of_failure(above.first)


def _record_above(around: Surroundings, name: str, continues: Continues) -> _Above | None:
    """What stands above an event of a format; records like it may lie between where its text goes on."""
    between: list[str] = []
    lead = ""
    for text in around.lines_before(_SHOWN if continues == "surely" else BYTES):
        message, head = _MESSAGE.match(text), around.head(text)
        if message is None and head is None:
            between.append(text.decode("utf-8", "replace"))
            lead = lead or between[-1]
            continue
        words, first = _shown(message, head, text)
        quiet = head is None or level_of_head(head) in _QUIET
        alike = message is None and head is not None and _belong_together(around.layout, head, name)
        if alike and quiet and head is not None and head[0].name != name:
            alike = not words and not announces(first)
        if not alike or (quiet and not continues):
            return _Above(words, first, quiet, alike, between, lead or first)
        between.append(text.decode("utf-8", "replace"))
    return None


def _continues(around: Surroundings, event: Event, own: list[str]) -> Continues:
    """Whether a text goes on behind an event, of whose lines it has its `own`."""

    def behind() -> Iterator[str | None]:
        for head, text in around.heads_behind():
            other = head is not None and not _belong_together(around.layout, head, event.format)
            if other or _MESSAGE.match(text) or (head is not None and level_of_head(head) in _QUIET):
                return  # what stands below a quiet record is that one's
            yield text.decode("utf-8", "replace") if head is None else None

    printed = bool(event.format) or _is_first(around)
    return text_goes_on(own, behind(), event.exception is not None, printed)


def _is_first(around: Surroundings) -> bool:
    """Whether the record right above an event announces nothing: its program may have printed the event."""
    text = next(around.lines_before(), b"")
    head = around.head(text)
    words, first = _shown(None, head, text)
    return head is not None and not words and not announces(first)


def _went_on(around: Surroundings, event: Event) -> bool:
    """Whether the program goes on behind an event: the next record is no error and tells of no end."""
    for head, text in around.heads_behind():
        if _MESSAGE.match(text):
            return True
        if head is not None and not _belong_together(around.layout, head, event.format):
            return level_of_head(head) not in _BAD and not tells_of_end(
                text[head[1] :].decode("utf-8", "replace")
            )
    return False


def _belong_together(layout: Layout, head: Head, own: str) -> bool:
    """Whether a record is of the format `own`, or neither is in a format in which the source is written."""
    name = head[0].name
    return name == own or (own != "" and not _is_usual(layout, name) and not _is_usual(layout, own))


def _is_usual(layout: Layout, name: str) -> bool:
    """Whether a source is written in a format."""
    return name in layout.formats[:1] or any(form.name == name for form in layout.usual)


def stands_below_colon(around: Surroundings, event: Event) -> bool:
    """Whether an event is a line of a text that a record before it shows: a prompt, a document, a message. What a tool
    returned may be a failure's report, but then that stands first."""
    if event.level or event.exception is not None:
        return False
    own = around.writer_and_text(around.start, around.first_end)[1]
    heading = _MESSAGE.match(own)
    if heading is not None and not (heading["tool"] or heading["ran"]):
        return True  # the value below it is the same event
    begin = _leading_line(around)
    if begin < 0:
        return False
    stop = around.line_end(begin, around.start)
    text = around.writer_and_text(begin, stop)[1]
    message, behind = _MESSAGE.match(text), stop + 1
    words, first = _shown(message, around.head(text), text)
    if not words or (message is None and first.rstrip()[-1:] != ":"):
        return False
    if words == "made" and (behind == around.start or own.startswith(b"Error")):
        return False
    if _holds_record(around, behind, around.start):
        return False
    return message is not None or _holds_record(around, around.end, around.end + _SHOWN)


def _leading_line(around: Surroundings) -> int:
    """Where the nearest line before an event starts that ends in a colon, or heads a message, and begins a record or
    message of its writer; -1 where none is near."""
    low, signs = max(around.start - _SHOWN, 0), [b":" + around.layout.newline.encode()]
    if "pytest-section" in around.layout.formats:
        signs.append(_TITLE)
    begin = around.start
    for _ in range(_LEADS):
        place = max(around.data.rfind(sign, low, begin) for sign in signs)
        if place < 0:
            break
        begin = around.line_begin(place, 0)
        writer, text = around.writer_and_text(begin, around.line_end(begin, around.start))
        if writer == around.writer and (_MESSAGE.match(text) or around.head(text) is not None):
            return begin
    return -1


def _holds_record(around: Surroundings, start: int, end: int) -> bool:
    """Whether a record of the event's writer begins in data[start:end]."""
    end = min(end, len(around.data))
    while start < end:
        stop = around.line_end(start, end)
        writer, text = around.writer_and_text(start, stop)
        if writer == around.writer and around.head(text) is not None:
            return True
        start = stop + 1
    return False


def _shown(message: re.Match[bytes] | None, head: Head | None, line: bytes) -> tuple[Introduced, str]:
    """Whose words a message's heading, or a quiet record's first line, begins to show, and that line."""
    if message is not None:
        return ("made" if message["tool"] or message["ran"] else "asked"), ":"
    first = line[head[1] if head else 0 :].decode("utf-8", "replace")
    if _WHOLE.search(first):
        return "", first
    return (introduces(first) if head is not None and level_of_head(head) in _QUIET else ""), first
