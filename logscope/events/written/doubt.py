"""Names in heads that are the beginning of the message, told by a source's other records."""

from __future__ import annotations

import re
from collections.abc import Iterable

from logscope.events.formats import Head
from logscope.events.written.behind import REQUEST
from logscope.events.written.loggers import OWN, own_logger
from logscope.events.written.pieces import LIBRARIES

_SURE = frozenset(("uvicorn", "basicConfig", "gunicorn"))
"""Formats of their own signs, that say nothing about the others."""
_BEFORE_WORD = (b" ", b"\t", b":")
_DOUBT = {"w": 0.3, "[": 0.6, ".": 0.9}
"""Shares of records without a logger that make a plain word before a colon doubtful, a name in brackets, and a dotted
one."""
_FEW = 3
"""Records without a logger that are needed at least."""
_CLASS = re.compile(rb"(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Warning|Interrupt)$")
"""No logger is called so: what stands there is an exception that the message begins with."""


def doubted(heads: Iterable[tuple[Head, bytes]]) -> dict[str, str]:
    """Return, by name of the format, the kinds of names (as `doubtful_name` tells them) that are the message's: the
    source's other records are written alike and show no logger there.
    """
    named: dict[tuple[str, bytes, str], set[str]] = {}
    others: dict[tuple[str, bytes], list[re.Match[bytes]]] = {}
    count: dict[tuple[str, bytes], int] = {}
    for (form, _, level), line in heads:
        head = form.regex.match(line) if level and form.kind == "plain" and form.name not in _SURE else None
        if head is None or REQUEST.match(line, head.end()):
            continue
        alike = form.lead, _before_level(head)
        count[alike] = count.get(alike, 0) + 1
        word = doubtful_name(head)
        if word is not None:
            named.setdefault((*alike, word[2]), set()).add(form.name)
        else:
            others.setdefault(alike, []).append(head)
    found: dict[str, str] = {}
    for (lead, mark, kind), names in named.items():
        bare = sum(not own_logger(head.groupdict()) for head in others.get((lead, mark), ()))
        if bare >= max(_FEW, _DOUBT[kind] * count[lead, mark]):
            found |= {name: found.get(name, "") + kind for name in names}
    return found


def _before_level(head: re.Match[bytes]) -> bytes:
    """What a formatter writes between time and level, where nothing else stands there."""
    groups = head.re.groupindex
    if "time" not in groups or "level" not in groups or head["time"] is None or head["level"] is None:
        return b""
    return head.string[head.end("time") : head.start("level")].strip(b" \t")


def doubtful_name(head: re.Match[bytes]) -> tuple[str, int, str] | None:
    """Return the group of a logger that is one word between a level and a colon, or a name in brackets behind the
    level: (group, where the message would begin, its kind: one of _DOUBT); None without such a one.
    """
    group, start, end = _logger_span(head)
    if not group:
        return None
    line = head.string
    if line[start : start + 1] == b"[":
        return group, start, "["
    if line[start - 1 : start] == b"[" and line[end : end + 1] == b"]":
        return group, start - 1, "["
    between = line[start - 1 : start] in _BEFORE_WORD and line[end : end + 1] == b":"
    plain = between and line[start:end] not in LIBRARIES
    return (group, start, "." if b"." in line[start:end] else "w") if plain else None


def class_for_logger(head: re.Match[bytes]) -> tuple[str, int, str] | None:
    """The same for an exception's class, which is no logger anywhere."""
    group, start, end = _logger_span(head)
    return (group, start, "w") if group and _CLASS.match(head.string, start, end) else None


def _logger_span(head: re.Match[bytes]) -> tuple[str, int, int]:
    """The group of the logger behind the level and its place; an empty name without one."""
    groups = head.re.groupindex
    if "level" in groups:
        for group in OWN[1:]:
            if group in groups and head[group] is not None and head.end("level") < head.start(group):
                return group, *head.span(group)
    return "", 0, 0
