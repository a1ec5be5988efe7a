"""Words that a format takes for the logger's name, but that begin the message, as a source's other records show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from logscope.events.formats import Head
from logscope.events.formats.format import Format
from logscope.events.written.behind import REQUEST
from logscope.events.written.loggers import OWN, own_logger
from logscope.events.written.pieces import LIBRARIES

_SURE = frozenset(("uvicorn", "gunicorn"))
"""Formats of their own signs, that say nothing about the others."""
_BEFORE_WORD, _BEHIND_WORD = (b" ", b"\t", b":", b"|"), (b":", b" - ")
_DOUBT = {"w": (0.3, 3), "[": (0.6, 3), ".": (0.8, 9)}
"""Shares of records without a logger, and how many at least, that make a plain word before a colon or dash doubtful, a
name in brackets, and a dotted one or a library's."""
_CAPITAL = re.compile(rb" *[A-Z]\w*: ")
"""What may be a logger's name that no format takes for one, such as `OpenAIClient`."""
_TIGHT = re.compile(rb":\S")
_CLASS = re.compile(rb"(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Warning|Interrupt)$")
"""No logger is called so: what stands there is an exception that the message begins with."""

Alike = tuple[str, bytes]
"""How records begin up to their level: what the line starts with, and what stands between time and level."""


def doubted(heads: Iterable[tuple[Head, bytes]], several: bool) -> dict[Alike, str]:
    """Return, for records that begin alike, the kinds of names (as `doubtful_name` has them) that belong to the
    message: most such records in the sample show no logger there. Of `several` writers only kinds that the sample
    shows: one that writes later may write otherwise."""
    count: Counter[Alike] = Counter()
    bare: Counter[Alike] = Counter()
    seen: Counter[tuple[Alike, str]] = Counter()
    for (form, _, level), line in heads:
        head = form.regex.match(line) if level and form.kind == "plain" and form.name not in _SURE else None
        if head is None or REQUEST.match(line, head.end()):
            continue
        alike = begins(form, head)
        count[alike] += 1
        word = doubtful_name(head)
        if word is not None:
            seen[alike, word[2]] += 1
        elif not own_logger(head.groupdict()) and _CAPITAL.match(line, head.end()) is None:
            bare[alike] += 1
    found: dict[Alike, str] = {}
    for kind, (share, least) in _DOUBT.items():
        for alike, number in count.items():
            if bare[alike] >= max(least, share * number) and (not several or (alike, kind) in seen):
                found[alike] = found.get(alike, "") + kind
                bare[alike] += seen[alike, kind]
    return found


def begins(form: Format, head: re.Match[bytes]) -> Alike:
    """Return how a record begins up to its level, be it with this and a colon alone."""
    groups = head.re.groupindex
    if "time" not in groups and "level" in groups and _TIGHT.match(head.string, head.end("level")):
        return "level:", b""
    return form.lead, _before_level(head)


def may_doubt(form: Format) -> bool:
    """Say whether records of a format show a logger behind their level."""
    groups = form.regex.groupindex
    behind = max((groups.get(group, 0) for group in OWN[1:]), default=0)
    return (
        form.kind in ("plain", "desktop") and form.name not in _SURE and 0 < groups.get("level", 0) < behind
    )


def _before_level(head: re.Match[bytes]) -> bytes:
    """What a formatter writes between time and level, where nothing else stands there."""
    groups = head.re.groupindex
    if "time" not in groups or "level" not in groups or head["time"] is None or head["level"] is None:
        return b""
    return head.string[head.end("time") : head.start("level")].strip(b" \t")


def doubtful_name(head: re.Match[bytes]) -> tuple[str, int, str] | None:
    """Return the group of a logger that is one word between a level and a colon or dash, or a name in brackets behind
    the level: (group, where the message would begin, its kind: one of _DOUBT); None without such a one.
    """
    group, start, end = _logger_span(head)
    if not group:
        return None
    line = head.string
    if line[start : start + 1] == b"[":
        return group, start, "["
    if line[start - 1 : start] == b"[" and line[end : end + 1] == b"]":
        return group, start - 1, "["
    if line.startswith(b"| ", start - 2) and line.startswith(b" - ", end):
        return None  # a head's parts: nobody begins a message with another mark than stands before it
    between = line[start - 1 : start] in _BEFORE_WORD and line.startswith(_BEHIND_WORD, end)
    known = b"." in line[start:end] or line[start:end] in LIBRARIES
    return (group, start, "." if known else "w") if between else None


def class_for_logger(head: re.Match[bytes]) -> tuple[str, int, str] | None:
    """The same for an exception's class, which is no logger anywhere."""
    group, start, end = _logger_span(head)
    if not group or not _CLASS.match(head.string, start, end):
        return None
    return group, start - head.string.startswith(b"[", start - 1), "w"


def _logger_span(head: re.Match[bytes]) -> tuple[str, int, int]:
    """The group of the logger behind the level and its place; an empty name without one."""
    groups = head.re.groupindex
    if "level" in groups:
        for group in OWN[1:]:
            if group in groups and head[group] is not None and head.end("level") < head.start(group):
                return group, *head.span(group)
    return "", 0, 0
