"""Text of several lines that a quiet record shows without quotation marks: what somebody asked, a model answered, a
document says. Only the next record ends it. That it goes on behind a failure's lines shows in the lines themselves: a
failing program does not write a person's sentence there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Literal

from logscope.events.text.shapes import OF_TROUBLE, says_it_does
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
_READS = (
    r"(?:bash|z?sh|shell|cmd|terminal|powershell|python|exec\w*|run_\w+|\w*command|\w*interpreter|\w*read\w*"
    r"|\w*files?|view|cat|tail|grep|\w*logs?)"
)
_PUT_OUT = lazy(
    rf"(?i)(?P<own>[^\n:]{{0,80}}?\b(?:tool\W{{1,3}}{_READS}|{_READS}\W{{1,2}}tool)\b[^\n:]{{0,60}}?)"
    r"(?::|\b(?:returned|printed):?|->|=>|→)\s*"
    r"(?:$|\W?(?:error|warn|critical|fatal|[\w.]+(?:error|exception)\b))"
)
"""What a tool that runs commands, or reads files, has put out: what other tools return may be their own failure."""
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

SMALL = lazy(
    r"(?i)\b(?:the|an?|of|to|in|on|and|or|that|this|which|was|were|is|are|we|our|it|with|for|by|but|not|only|then|you|your|i|my|as"
    r"|at|from|be|when|what|why|how|who|any|me|here|has|have|does|do|if|\w+['’](?:s|t|re|ve|m|ll|d))\b"
)
"""Words that sentences are full of."""
_MARKUP = lazy(r"#{1,6} \S|[-*•+] \S|\d{1,2}[.)] \S|> |\||```|~~~|\*\*\w|\^ ")
"""How lines of Markdown begin that are more than words."""
_LABEL = lazy(r"\S+(?: \S+)?:(?:\s|$)|[\[(<{]|\S*[=/\\]|\d")
"""What programs begin what they print with."""
_STATES = lazy(r"(?i)\w+(?:(?<!th)ing|(?<!ne)ed)\b")
"""What programs say that they do, or have done."""
_OWN = lazy(r"[^:=]+")
"""A record's own words: what it tells of stands behind them."""
_ANSWERED, _PAIRED = lazy(r"\" 5\d\d\b"), lazy(r"\"[^\"\n]*\"|(?<!\w)'[^'\n]*'(?!\w)")
_ADVISES = lazy(r"(?i)(?:please|check|try|see|use|run|make|press|set|consider|compile|note|for|if)\b")
"""What programs advise right below what failed."""
_SPEAKS = lazy(r"(?:It|This|That|There|You|Your|We|I)\b")
"""What only sentences begin with, also right below a JavaScript stack, which no message goes on behind."""
_JOINS = lazy(
    r"(?:and|or|but|so|because|when|while|which|that|this|it|is|was|are|means|as|if|in|on|for|with|then|what|why|how|who|any|the"
    r"|my|your|i)\b"
)
"""What a sentence goes on with behind what it quotes."""
_NUMBERED, _DIGITS = lazy(r"[^\w\s]?\d\S* "), lazy(r"\d+")
"""A sign and a number before a line, as notes have times."""
_CLASS = lazy(r"[A-Za-z_][\w.<>]*(?::\s|:?\s*$)")
_OPEN = lazy(r"\b(?:for|with|of|from|to|is|was|says|said|like|as|about|the|an?|that|this|and|or)\s*$")
"""What no message ends with: a text follows."""
_STATUS = lazy(
    r"(?i)\b(?:exit(?:s|ed|ing)?|stopped|stopping|terminated|restart\w*|gone|killed|dead|g(?:ave|iving) up|abort\w*)\b"
)
"""What a record tells of when what stands before it was no text."""
_FEW, _MOST, _SURE = 3, 24, 3
"""Lines behind a failure among which its text goes on, also with blank ones, and small words of a sentence that may
speak of trouble."""

Introduced = Literal["", "asked", "made", "shown"]
Continues = Literal["", "perhaps", "alike", "surely"]
"""Whether a text goes on behind a failure; `alike`: in lines that are numbered like its own."""


def introduces(message: str) -> Introduced:
    """Return whose words a record's first line announces, empty where it announces none."""
    found = _INTRODUCES.match(message)
    if found is None or _FAILED.search(found[0]) is not None:
        return ""
    return "made" if _MADE.search(found[0]) else "asked" if found["asked"] else "shown"


def shows_output(message: str) -> bool:
    """Whether below a record's first line stands what somebody else's program or file says."""
    found = _PUT_OUT.match(message)
    return found is not None and _FAILED.search(found["own"]) is None


def tells_of_failure(message: str) -> bool:
    """Whether a quiet record tells of a failure, in the words before its colon, or of an end."""
    return _FAILED.search(message.partition(":")[0]) is not None or tells_of_end(message)


def tells_of_end(message: str) -> bool:
    """Whether a quiet record tells of an end, or of a request that was answered with 500 or more."""
    own = _OWN.match(_PAIRED.sub("", message))
    return _ANSWERED.search(message) is not None or (own is not None and _STATUS.search(own[0]) is not None)


def lines_are_text(
    words: Introduced, before: Sequence[str], own: Sequence[str], behind: Sequence[str], raised: bool
) -> bool:
    """Whether lines without a head, the `own`, stand within a text: `before` are the lines since the record's first
    one, the nearest first, `raised` that they are a traceback, which people paste below a blank line."""
    blank = not before[0].strip()
    if raised:
        return (blank and words == "asked") or _fenced(before, own, behind)
    return _ITEM.match(own[0]) is not None or (blank and _continues(own[0])) or _fenced(before, own, behind)


def record_is_text(before: Sequence[str], own: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether what looks like a record without traceback stands within a text that another one shows."""
    following = next(iter([*own[1:], *behind]), "")
    return opens_text(before) or _continues(following) or _fenced(before, own, behind)


def is_set_apart(before: Sequence[str], own: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether a failure's line stands between blank lines with a sentence behind it, or somebody asks about it right
    behind; the record before it may begin in any way."""
    lines = [line.rstrip() for line in (*own[1:], *behind)]
    following = next(filter(None, lines), "")
    if lines and lines[0].endswith("?") and _is_sentence(lines[0]):
        return True
    return len(before) > 1 and not before[0].strip() and not "".join(lines[:1]) and _is_sentence(following)


def text_goes_on(own: Sequence[str], behind: Iterable[str | None], raised: bool, printed: bool) -> Continues:
    """Whether somebody's text goes on behind a failure's lines, its `own` first; None among those `behind` is another
    failure's. An exception, and what a program has `printed` itself, may have sentences of their own right below: those
    only may be a text's."""
    apart = not (raised or printed)
    told: Continues = ""
    gap = False
    stack = raised and not any(line.startswith("Traceback") for line in own)
    few = 0
    for line in islice(chain(_below_class(own) if raised else own[1:], behind), _MOST):
        if few == _FEW:
            break
        if line is None or line.startswith((" ", "\t")):
            continue
        few += bool(line.strip())
        if not line.strip():
            apart = gap = True
        elif _is_persons_line(line, apart or (stack and _SPEAKS.match(line) is not None)) and (
            gap or not _ADVISES.match(line)
        ):
            return "surely"
        elif apart or not raised:
            told = "alike" if _is_alike(own[0], line) else "perhaps" if _is_text(line) else told
    return told


def _below_class(own: Sequence[str]) -> Sequence[str]:
    """What stands behind an exception's class line, or a JavaScript stack."""
    inner = max((n for n, line in enumerate(own) if line.startswith((" ", "\t"))), default=0)
    return own[inner + 2 :] if _CLASS.match("".join(own[inner + 1 : inner + 2])) else own[inner + 1 :]


def _is_persons_line(line: str, apart: bool) -> bool:
    """Whether a bare line was written by a person or a model: a question, part of a sentence, or, `apart` from the
    failure's own lines, also a whole sentence or Markdown."""
    if not _is_text(line):
        return False
    if _MARKUP.match(line):
        return apart
    told = _LOGGER.sub("", line.rstrip())
    small = len(SMALL.findall(told))
    if told.endswith("?") or (apart and _SPEAKS.match(told) and small > 1):
        return True
    if _STATES.match(told):
        return False
    if told[0].islower():
        return small > 1 or _JOINS.match(told) is not None
    return apart and small > 0 and told.endswith((".", "!", ":")) and not told.endswith("...")


def _is_alike(line: str, other: str) -> bool:
    """Whether two bare lines begin with the same sign and number, and the other one speaks of no trouble."""
    mark, begins = _NUMBERED.match(line), _NUMBERED.match(other)
    if mark is None or begins is None or OF_TROUBLE.search(other):
        return False
    return _DIGITS.sub("0", mark[0]) == _DIGITS.sub("0", begins[0])


def _is_text(line: str) -> bool:
    """Whether a bare line may be text, not what a program prints about its state."""
    if " " not in line.rstrip() or (_LABEL.match(line) and not _MARKUP.match(line)):
        return False
    return OF_TROUBLE.search(line) is None or len(SMALL.findall(line)) >= _SURE


def ends_mid_sentence(message: str) -> bool:
    """Whether a record's first line ends in the midst of a sentence."""
    return _OPEN.search(message) is not None


def ends_in_sign(message: str) -> bool:
    """Whether somebody's words follow right behind the sign that ends their introduction."""
    found = _INTRODUCES.match(message)
    return message == ":" or (found is not None and found[0].rstrip().endswith((":", "=", ">", "→")))


def announces(line: str) -> bool:
    """Whether a line announces what follows; a line that says what the program does announces nothing."""
    text = line.rstrip().encode()
    return (text.endswith(b":") and not says_it_does(text, 0, len(text))) or ends_mid_sentence(line)


def opens_text(before: Sequence[str]) -> bool:
    """Whether the line before leaves open what it announces: it ends in a colon, begins a fence, or names a model's
    output."""
    line = before[0]
    fence = _FENCE.match(line) is not None and _fence_is_open(before)
    return fence or line.rstrip().endswith(":") or _BELOW.search(line) is not None


def _fence_is_open(before: Sequence[str]) -> bool:
    """Whether a fence was begun and not ended."""
    return sum(_FENCE.match(line) is not None for line in before) % 2 == 1


def _fenced(before: Sequence[str], own: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether a fence that was begun before ends behind."""
    return _fence_is_open(before) and any(line.strip() in ("```", "~~~") for line in (*own, *behind))


def _is_sentence(line: str) -> bool:
    told = _LOGGER.sub("", line.rstrip())
    return line[:1].isalpha() and told.endswith((".", "?", "!")) and " " in told


def _continues(line: str) -> bool:
    return _is_sentence(line) and _WITHIN.match(line) is not None
