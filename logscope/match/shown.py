"""Text of several lines that a quiet record shows without quotation marks: what somebody asked, a model answered, a
document says. Nothing marks its end but the next record; that it goes on, its own lines tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from logscope.lazily import lazy

_INTRODUCES = lazy(
    r"""(?i)(?:[\w.\[\]-]{1,60}:\s+)?(?:[^\n:=]{0,80}?(?<![\w.]))?(?:
        (?:(?P<asked>questions?|quer(?:y|ies)|asks?|asked|prompts?|messages?|comments?|inputs?|said|says|wrote|users?
            |humans?|tickets?|issues?|e-?mails?|body|texts?|conversations?|requests?\sfrom)
          |results?|outputs?|observations?|responses?|returned|answers?|answered|repl(?:y|ies)|replied|completions?
          |sources?|content|descriptions?|notes?|resources?|documents?|docs?|chunks?|passages?|snippets?|pages?
          |articles?|summar(?:y|ies)|transcripts?|thoughts?|drafts?|assistant|ai|reviews?|runbooks?|context|history
          |markdown|readme
          |diffs?|patch|preview|stored|explain(?:s|ed)?)
        (?![\w.])[^\n:=]{0,60}?(?:[:=>]|\s?(?:->|=>|→)|$)
      | [^\n:=]{0,60}?\s(?:->|=>|→)
    )(?:\s|$)""",
    re.VERBOSE,
)
"""What begins a record in which somebody's words follow."""
_MADE = lazy(
    r"(?i)(?<!model )(?<!llm )(?<!assistant )(?<!chat )\b(?:results?|outputs?|observations?|responses?|returned)\b"
    r"|->|=>|→"
)
"""What a program has made may be a failure's report, then that stands first."""
_FAILED = lazy(r"(?i)\b(?:err|warn|crit|fatal|fail|exception|could not|cannot|unable|reject|refus|invalid)")
"""Before its colon: what follows is the reason."""
_FENCE = lazy(r"(?:^|.*[:\s])(?:```|~~~)\w*\s*$")
_BELOW = lazy(
    r"(?i)\b(?:model|llm|assistant|agent|bot|user|final)\s(?:outputs?|responses?|answers?|messages?|repl(?:y|ies))"
    r"(?:\s?\([^()\n]{1,40}\))?\s*$"
)
_LOGGER = lazy(r" \[[\w.]{1,60}\]$")
"""What structlog writes behind the message."""
_ITEM = lazy(r"\s*(?:[-*•+]|\d{1,2}[.)])\s+\S")
_WITHIN = lazy(r"(?!error|fatal|warn|panic|fail|npm|[\w.]*\.[\w.]*:)[a-z]\w*[:,]?\s")
"""What the rest of a sentence begins with, as text goes on behind a quotation."""

Words = Literal["", "asked", "made", "shown"]


def introduces(message: str) -> Words:
    """Return whose words a record's first line begins to show, empty where it does not."""
    found = _INTRODUCES.match(message)
    if found is None or _FAILED.search(found[0]) is not None:
        return ""
    return "made" if _MADE.search(found[0]) else "asked" if found["asked"] else "shown"


def goes_on(
    words: Words, before: Sequence[str], own: Sequence[str], behind: Sequence[str], raised: bool
) -> bool:
    """Whether lines without a head, the `own`, stand within a text: `before` are the lines since the record's first
    one, the nearest first, `raised` that they are a traceback, which people paste below a blank line."""
    if _leads_up(before):
        return True
    blank = not before[0].strip()
    if raised:
        return (blank and (words == "asked" or _closes(own, behind))) or _fenced(before, own, behind)
    if _ITEM.match(own[0]) or (blank and _goes_on(own[0])):
        return True
    return _closes(own, behind) or _fenced(before, own, behind)


def stands_in(before: Sequence[str], own: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether what looks like a record without traceback stands within a text that another one shows."""
    following = next(iter([*own[1:], *behind]), "")
    return _leads_up(before) or _goes_on(following) or _closes(own, behind) or _fenced(before, own, behind)


def stands_apart(before: Sequence[str], own: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether a failure's line, whatever begins the record before, stands between blank lines, with a sentence behind,
    or somebody asks about it right behind."""
    lines = [line.rstrip() for line in (*own[1:], *behind)]
    following = next(filter(None, lines), "")
    if lines and lines[0].endswith("?") and _is_sentence(lines[0]):
        return True
    return len(before) > 1 and not before[0].strip() and not "".join(lines[:1]) and _is_sentence(following)


def _leads_up(before: Sequence[str]) -> bool:
    """Whether the line before leaves open what it announces: it ends in a colon, begins a fence, or names a model's
    output."""
    line = before[0]
    fence = _FENCE.match(line) is not None and _is_open(before)
    return fence or line.rstrip().endswith(":") or _BELOW.search(line) is not None


def _is_open(before: Sequence[str]) -> bool:
    """Whether a fence was begun and not ended."""
    return sum(_FENCE.match(line) is not None for line in before) % 2 == 1


def _fenced(before: Sequence[str], own: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether a fence that was begun before ends behind."""
    return _is_open(before) and any(line.strip() in ("```", "~~~") for line in (*own, *behind))


def _closes(own: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether what stands behind a failure's line is more of a text: a sentence, be it a blank line behind."""
    lines = [*own[1:], *behind]
    return any(map(_is_sentence, lines[:2])) or any(
        not line.strip() and _is_sentence(following) for line, following in pairwise(lines)
    )


def _is_sentence(line: str) -> bool:
    told = _LOGGER.sub("", line.rstrip())
    return line[:1].isalpha() and told.endswith((".", "?", "!")) and " " in told


def _goes_on(line: str) -> bool:
    return _is_sentence(line) and _WITHIN.match(line) is not None
