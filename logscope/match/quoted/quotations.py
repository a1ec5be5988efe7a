"""Quotation marks, fences and tags that one line opens and a later one closes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from logscope.lazily import lazy
from logscope.match.quoted.words import NEAR, names_asker

_FENCE = lazy(r"\s*(?:```|~~~)\w*\s*$")
_PAIRED = lazy(r"\"[^\"\n]+\"|“[^”\n]*”|«[^»\n]*»|(?<![\w'])'[^'\n]+'(?![\w'])")
"""Quotations that begin and end in one line."""
_BEGINS = lazy(
    r"^\s*(?P<tag><[a-z][\w-]{0,40})(?:\s[^<>\n]{0,200})?>\s*$"
    r"|(?:^|[\s:=([])(?:(?P<mark>\"\"\"|'''|```|<<<)\s*$|(?P<quote>[\"“«']|''')(?=[^\s\"'”»]))"
)
_ENDS = {
    '"': lazy(r"(?<=[^\s(\[=:])\"(?=[\s.,;:!?)\]]|$)"),
    "'": lazy(r"(?<=[^\s(\[=:])'(?=[\s.,;:!?)\]]|$)"),
    "“": lazy("”"),
    "«": lazy("»"),
    "<<<": lazy(r"^\s*>>>"),
}


def in_quotation(before: Sequence[str], behind: Iterable[str]) -> bool:
    """Whether lines begin a quotation, be it a fence, that the lines behind them end."""
    mark, _ = _opened(before)
    return bool(mark) and any(_ending(mark).search(line) for line in behind)


def in_persons_quotation(before: Sequence[str], behind: Iterable[str]) -> bool:
    """The same for a record that may also quote what failed: only what people asked and wrote counts."""
    mark, opening = _opened(before)
    if not mark or not names_asker(opening[-NEAR:] + mark):
        return False
    return any(_ending(mark).search(line) for line in behind)


def _opened(lines: Sequence[str]) -> tuple[str, str]:
    """Return what begins the quotation that is open behind lines, empty where none is, and what stands before that."""
    if sum(_FENCE.match(line) is not None for line in lines[1:]) % 2:
        return "```", lines[0]
    mark = opening = ""
    for line in _PAIRED.sub("", "\n".join(lines)).split("\n"):
        if mark:
            mark = "" if _ending(mark).search(line) else mark
            continue
        begins = _BEGINS.search(line)
        if begins is not None:
            mark = begins["tag"] or begins["mark"] or begins["quote"]
            opening = line[: begins.end() - len(mark)]
    return mark, opening


def _ending(mark: str) -> re.Pattern[str]:
    return _ENDS.get(mark) or lazy(rf"^\s*</{mark[1:]}>" if mark[0] == "<" else re.escape(mark))
