"""Columns that a source's formatter writes before its messages, told by nothing but that nearly all lines have them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from logscope.events.formats.format import THREAD
from logscope.lazily import lazy

_MOST = 0.9
"""Share of the lines."""
_FEW, _SEVERAL = 5, 8
"""Lines that are needed, and for what shows less."""
_SEPARATOR = lazy(
    rb"(?:(?<= )(?:-{1,2}|\||~|\xe2\x80[\x93\x94\xa2]|\xe2\x94[\x82\x83]|\xc2\xb7) +|-{2}|\||(?<=\w)[:;]|(?<=\w), +)$"
)
"""What stands between two columns, and before the message."""
_TRAIL = 12
_NO_NAME = rb"[^\[\]\n]{0,60}\](?:[ :|]|-(?!>))*+"
_CLOSED = lazy(rb"(?:[ :|\-]*(?P<logger>[A-Za-z_][\w\-]*(?:\.(?!py\b)[\w\-]+)*)(?=[\] :|]))?" + _NO_NAME)
"""The rest of a bracket that the head opened, with the logger first when there is one."""
_CLOSED_UNNAMED = lazy(_NO_NAME)
_GROUPS = tuple(
    lazy(
        rb"[ \t:|\-]*+"
        + opener
        + rb"(?![\d\"])[^\n"
        + opener
        + closer
        + rb"]{1,120}"
        + closer
        + rb"(?:[ \t]*(?:[:|]|-{0,2}>|-{1,2}(?!-)))?[ \t]*+(?=\S|$)"
    )
    for opener, closer in ((rb"\[", rb"\]"), (rb"\(", rb"\)"), (rb"\{", rb"\}"), (rb"<", rb">"))
)
"""Anything in brackets, before more."""
_PLACE = lazy(
    rb"[ \t|\-]*+(?:(?:[\w./\\\-]+[: ])?(?i:line)[ :#]?\d+: *+"
    rb"|(?=[^\s:]*[.(<\[\d])[A-Za-z_<][^\s:]{0,80}:[:\-]?[ \t]++)(?=\S)"
)
"""A line's number, or a word that holds a point, a bracket or a digit, and a colon."""
_POINTED = lazy(rb"[ \t|\-]*+[^\s:]{1,80}?(?::-| *::|[-=]>| {1,30}:)[ \t]++(?=\S)")
"""Any word before a mark that no sentence has."""
_WORD = lazy(rb" *\[(?:[\w.:/<>\-]{1,40}|" + THREAD.encode() + rb")\][ :]*(?=\S)")
"""A word in brackets behind the logger's name."""
_TAG = lazy(rb" *\[[A-Z][\w ]*\]")
"""What messages begin with where a program marks all of its own: `[Planner] step 3`."""


def closing(heads: list[bytes], rests: list[bytes], named: bool) -> re.Pattern[bytes] | None:
    """Return what reads up to the bracket that nearly all heads leave open, None where they do not."""
    opened = sum(head.count(b"[") > head.count(b"]") for head in heads)
    pattern = _CLOSED_UNNAMED if named else _CLOSED
    return pattern if opened >= _least(rests) and _held(pattern, rests) else None


def column(heads: list[bytes], rests: list[bytes], named: bool) -> re.Pattern[bytes] | None:
    """Return what reads one column up to and with its separator, or one that no message begins with so often; None
    without such a column. Where the heads show the logger (`named`), a word in brackets is a column."""
    if len(rests) < _FEW:
        return None
    ends = Counter(
        found[0].strip() for head in heads if (found := _SEPARATOR.search(head, max(len(head) - _TRAIL, 0)))
    )
    mark, count = ends.most_common(1)[0] if ends else (b"", 0)
    if count >= _least(rests):
        blank = any(head.endswith(mark + b" ") for head in heads)
        between = rb" *" + re.escape(mark) + (rb" +" if blank else rb"")
        pattern = re.compile(rb"[ \t]*[^\s|]{1,80}?" + between + rb"(?=\S)")
        if _held(pattern, rests):
            return pattern
    tagged = 2 * sum(_TAG.match(rest) is not None for rest in rests) >= len(rests)
    if named and not tagged and _held(_WORD, rests):
        return _WORD
    less = (*(() if tagged else _GROUPS), _PLACE, _POINTED) if len(rests) >= _SEVERAL else ()
    return next((pattern for pattern in less if _held(pattern, rests)), None)


def found_in(
    match: Callable[[bytes], re.Match[bytes] | None], rests: list[bytes], least: float
) -> list[re.Match[bytes]]:
    """What is found in the lines' rests; nothing as soon as it cannot be in so many as `least`."""
    found: list[re.Match[bytes]] = []
    spare = len(rests) - least
    for number, rest in enumerate(rests, 1):
        one = match(rest)
        if one is not None:
            found.append(one)
        elif number - len(found) > spare:
            return []
    return found if len(found) >= least else []


def _least(rests: list[bytes]) -> float:
    return max(_MOST * len(rests), _FEW)


def _held(pattern: re.Pattern[bytes], rests: list[bytes]) -> bool:
    return bool(found_in(pattern.match, rests, _least(rests)))
