"""Every line format, in the order in which they are tried, and one matcher over all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from logscope.events.formats import brackets, fallback, members, python, servers, tools, workers
from logscope.events.formats.format import CAPITALS, SMALL, TIME, UPPER, Format
from logscope.events.formats.unsure import UNSURE
from logscope.model import Buffer

FORMATS: tuple[Format, ...] = (
    *servers.FIRST,
    *python.FIRST,
    *members.FORMATS,
    *servers.FORMATS,
    *workers.FORMATS,
    *tools.EARLY,
    *tools.DOTNET,
    *python.FORMATS,
    *brackets.FORMATS,
    *tools.LATE,
    *fallback.FORMATS,
)
PER_LINE = "vllm"
"""Its handler writes the record's head before every line of the message, and so before a traceback's."""
REPEATED = "rabbitmq"
"""Every line of a message repeats the record's head, with its time and the writer's process, in full."""
REPEATS = b"] <0."
"""What all such heads have: which lines are one message, no line tells by itself."""
NAME_FIRST = "logger-dash-level"
"""Some of its records look like the class line of a traceback."""
WARNS = "python-warning"
"""The warnings module prints the source line, indented, behind a message of one line or more."""
TWO_LINES = tools.TWO_LINES
"""Level and message stand in a record's second line."""
SPEAKS = frozenset(("supervisord",))
"""Formats that are told by the first words of their messages: no logger's name."""
CRASHES = frozenset(("java-uncaught", "panic"))
"""What other languages print when they crash: no traceback of Python's goes on with it."""
GENERIC = frozenset(form.name for form in fallback.FORMATS) | {"level-word", "bracket-word", "level-colon"}
"""Names that say little about who wrote a line."""

Head = tuple[Format, int, bytes]
"""Format, where the message starts, and the level as printed (empty when none)."""
Match = Callable[[Buffer, int, int], Head | None]
"""What looks whether data[start:end] begins a record."""

_LETTERS = CAPITALS + SMALL + b"/<"
_DIGITS = b"0123456789"
_FIRST: dict[str, bytes] = {
    "time": _DIGITS,
    "[time]": b"[",
    "(time)": b"(",
    "letter": _LETTERS,
    "level": b"ACDEFILNPSTVW",
    "day": b"ADFJMNOSTW",
    "method": b"DGHOP",
    "request": b"R",
    "digit": _DIGITS,
    "address": _DIGITS + _LETTERS + b":-",
    "[": b"[",
    "{": b"{",
    "(": b"(",
    "<": b"<",
    "space": b" ",
    "icon": b"\xe2\xf0",
    "other": b"#",
}


_OPENINGS = {
    "": "",
    "time": TIME,
    "[time]": rf"\[{TIME}\]",
    "(time)": rf"\({TIME}\)",
    "{LEVEL}": r"({words})\b",
}
"""What all formats of a lead begin with: read once. Level words come last, where no other format knows the line."""


def _compiled(formats: tuple[Format, ...], words: str) -> Match:
    """Return one matcher for the formats that can start with one byte: a single pattern, times and levels read once.

    `words` are the levels that begin with the byte, as alternatives.
    """
    by_group: dict[int | None, tuple[Format, int]] = {}
    parts: list[str] = []
    group = 0
    leads: dict[str, list[Format]] = {"time": [], "[time]": [], "(time)": [], "": [], "{LEVEL}": []}
    for form in formats:
        level_first = form.pattern.startswith("{LEVEL}") and form.lead == "level"
        leads["{LEVEL}" if level_first else form.lead if form.lead in leads else ""].append(form)
    for lead, fitting in leads.items():
        branches: list[str] = []
        common = 0
        if lead == "{LEVEL}":
            group = common = group + 1
        for form in fitting:
            text, has_level = form.branch("{LEVEL}" if common else "")
            branches.append(text)
            group += 2 if has_level else 1
            by_group[group] = (form, group - 1 if has_level else common)
        if branches:
            parts.append(_OPENINGS[lead].replace("{words}", words) + "(?:" + "|".join(branches) + ")")
    match = re.compile("|".join(parts).encode(), re.MULTILINE).match

    def look(data: Buffer, start: int, end: int) -> Head | None:
        found = match(data, start, end)
        if found is None:
            return None
        form, level = by_group[found.lastindex]
        return form, found.end(), (found[level] or b"") if level else b""

    return look


_compiled_once = cache(_compiled)


def _never(data: Buffer, start: int, end: int) -> Head | None:
    return None


def _levels(first: int) -> str:
    """The levels that begin with a byte, as alternatives."""
    return "|".join(word for word in UPPER[3:-1].split("|") if ord(word[0]) == first)


def _first_use(data: Buffer, start: int, end: int) -> Head | None:
    """Compile the matcher of a first byte when a line first begins with it."""
    first = data[start]
    fitting = tuple(form for form in FORMATS if first in (form.first or _FIRST[form.lead]))
    look = _BY_FIRST[first] = _compiled_once(fitting, _levels(first)) if fitting else _never
    return look(data, start, end)


_BAR = re.compile(
    rb"\r(?:[^\r\n|]{1,100}: *)? *\d{1,3}%\|[^\r\n|]{0,400}\| *[\w.]{1,20}/[\w.?]{1,20} \[[^\]\r\n]{1,100}\]"
)
"""tqdm's progress, as it begins a line anew."""


def behind_progress(data: Buffer, start: int, end: int) -> int:
    """Return where the text begins behind a progress bar that begins the line data[start:end], `start` without one:
    what a program logs meanwhile stands on the same line."""
    found = _BAR.match(data, data.rfind(b"\r", start, end - 1), end) if end - start > 1 else None
    return found.end() if found is not None else start


def _behind_progress(data: Buffer, start: int, end: int) -> Head | None:
    place = behind_progress(data, start, end)
    return match_head(data, place, end) if place > start else None


_BY_FIRST: list[Match] = [_first_use] * 256
_BY_FIRST[13] = _behind_progress
_LONG = 1 << 14
"""A longer line begins no differently: some patterns would search all of it again and again."""
_MEMBERS = re.compile(rb"(?:\[\s*)?\{").match


def match_head(data: Buffer, start: int, end: int) -> Head | None:
    """Return how the line data[start:end] begins a record, or None when no format knows it."""
    if end - start > _LONG:  # asked here too: this is called for every line
        end = _head_end(data, start, end)
    return _BY_FIRST[data[start]](data, start, end) if start < end else None


def _head_end(data: Buffer, start: int, end: int) -> int:
    """Return how far to look for a head in a long line: only JSON is told by the line's end, and a head may stand
    behind a long progress. A blank there would look like the padding of a row."""
    if end - start <= _LONG or data.startswith(b"\r", start) or _MEMBERS(data, start, end):
        return end
    return start + len(bytes(data[start : start + _LONG]).rstrip(b" "))


class FewMatch:
    """Recognises some formats only."""

    def __init__(self, formats: tuple[Format, ...]) -> None:
        self._formats = formats

    def __call__(self, data: Buffer, start: int, end: int) -> Head | None:
        end = _head_end(data, start, end)
        for form in self._formats:
            found = form.regex.match(data, start, end)
            if found is not None:
                level = found["level"] if "level" in form.regex.groupindex else None
                return form, found.end(), level or b""
        return None


class LearnedMatch:
    """Recognises all formats, and behind them those that the source's own lines make sure."""

    def __init__(self, formats: tuple[Format, ...]) -> None:
        self._learned = FewMatch(formats)
        self._rows = FewMatch(tuple(form for form in formats if form.kind == "rich"))
        self._timed = FewMatch(tuple(form for form in formats if form.timed and "(?P<level>" in form.full))

    def __call__(self, data: Buffer, start: int, end: int) -> Head | None:
        head = match_head(data, start, end)
        if head is None or head[0].name in GENERIC:
            learned = self._learned(data, start, end)
            sure = head is not None and head[2] and learned is not None and not learned[2]
            return head if sure else learned or head
        if head[0].kind != "plain":
            return head
        # where RichHandler prints no level, a message may begin with such a word; and a known head without a time may
        # be the first half of one with it
        return self._rows(data, start, end) or (not head[0].timed and self._timed(data, start, end)) or head


PLAIN = "text"
"""The name to force for a log that reads like a document, but is none."""


def formats_named(name: str) -> tuple[Format, ...]:
    """Return what the user may force by `name`, in order; empty without any."""
    return tuple(form for form in (*FORMATS, *UNSURE) if form.name == name)


def format_names() -> tuple[str, ...]:
    """Return the names for `--log-format`, each once."""
    return tuple(dict.fromkeys(form.name for form in (*FORMATS, *UNSURE)))
