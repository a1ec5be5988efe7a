"""A head that nobody listed, learned from what a source's lines share: where time and level stand in nearly all of
them, and the marks between.

Each line's beginning becomes its *skeleton*: words are one letter, what stands in brackets is one word, blanks are one
blank, marks are themselves. A formatter writes the same skeleton before every message; prose does not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from logscope.events.formats.format import ANY, CLOCK, DATE, TIME, UPPER, ZONE, Format
from logscope.events.text.levels import level_of_word

SHARED = "shared"
"""The name of such formats."""
_SOME, _SHARE, _NEARLY = 0.4, 0.7, 0.9
"""Of the lines, those that must share a skeleton with time and level, or with one of them; marks at a head's end."""
_ENOUGH, _PROBE, _CANDIDATES = 5, 200, 3
"""Lines that are needed, bytes of a line in which its head stands, words that may be its level."""

_SHORT = "DBG|INF|WRN|ERR|CRT|FTL|TRC|VRB|Verbose"
_LETTERS = "[DIWECF]"
_LEVEL = rf"(?:{ANY}|{_SHORT}|{_LETTERS})"
_TOKEN = re.compile(rf"(?<![\w/'\"@])(?:(?<![.\-])(?:{_LEVEL})(?![\w'.@]|-\w)|{UPPER}(?![\w'.@]))".encode())
TIME_SHOWN = (
    rf"(?:[A-Z][a-z]{{2}},? )?(?:{DATE}(?:[T _@]|, ?|:|-(?=\d\d:)| (?: |at |[-|] ))|\d{{6}}[ _\-]){CLOCK}"
    rf"(?: [AP]M)?{ZONE}(?: \d{{4}}(?!\d))?|{CLOCK}(?: [AP]M)?{ZONE}"
    rf"|1\d{{9}}(?:\d{{3}}|\d{{6}}|[.,]\d{{1,9}})?(?![\d.])"
    r"|(?:\d{4}[-/]\d\d[-/]\d\d|\d\d[-/.]\d\d[-/.]\d{4}) \d\d:\d\d(?![:.\d])|(?<![\d.:])\d\d:\d\d(?![:.\d])"
    r"|(?:20\d{6}|\d\d(?:0\d|1[0-2])[0-3]\d)[-_T ][0-2]\d[0-5]\d[0-5]\d(?:[.,]\d{1,9})?Z?"
    r"|[A-Z][a-z]{2,8} \d\d?,? \d{4}(?: >|,| -)? \d\d:\d\d:\d\d(?: [AP]M)?"
)
MOMENT = re.compile(rf"(?:(?<![\w.\-/:])|(?<=[A-Za-z_]:)(?=\d+[-/]))(?:{TIME_SHOWN})(?!\w)".encode())
"""What a record's time looks like."""
_DATED = re.compile(rb"\d\d[^\d:]+\d\d?[ T,_:@\-]{1,3}\d\d?:\d\d|[A-Za-z]{3}|^1\d{9}|^(?:20)?\d{6}[-_T ]")
"""What a time must hold that is no clock alone."""
_GROUP = re.compile(rb"\[[^\[\]\n]*\]|\([^()\n]*\)|\{[^{}\n]*\}|<[^<>\n]*>")
_NO_WORD = r"\s\[\](){}|;,!\x00-\x04\x1b\x80-\xff"
_WORDS = re.compile(rf"[^{_NO_WORD}:*]+(?::(?=[^\s:])[^{_NO_WORD}]*)*".encode())
_WORD = rf"[^{_NO_WORD}:*]++(?::(?=[^\s:])[^{_NO_WORD}]*+)*+"
"""One of them, or a mark in its place: an id may be a dash."""
_FURTHER = rf"(?=[^\w{_NO_WORD}:*]*\w){_WORD}"
_STOPS = re.compile(rb"[w\[\](){}|;,:!*\x03]")
"""What ends a word in a skeleton, or is another one."""
_CLOSERS = {b"[": b"]", b"(": b")", b"{": b"}", b"<": b">"}
_RUN = re.compile(rb"w(?: (?:w|\(w\)))+")
"""Several words, such as a thread's name: `Thread-1 (poll)`."""
_OTHER = re.compile(rb"[\x80-\xff]+")
_BLANKS = re.compile(rb"[ \t]+")
_TIGHT = re.compile(rb" (?=[\])}|:;,>])|(?<=[\[({]) ")
_MARKS = "-|:;,>=~/!*])}>\u3011\u2013\u2014\u2022\u00b7\u2502\u2192\u203a\u00bb\u276f"
"""What may stand between a head and its message; openers are the next column's, or the message's own."""
_SET_OFF = re.compile(rb"[\[(<{|:\-/*#] ?\x02|^\x02$")
_BLANK = r"(?:[ \t]+|$)"
_SHORT_HEAD = 3
"""Bytes of a skeleton that a clock without a day may end: itself in a bracket, or behind a number."""
_ENCLOSED = re.compile(rb"[\[(<{]\x02$")
"""A level that opens a bracket."""
_CALM = (b"INFO", b"DEBUG", b"INF", b"DBG")
"""Levels that no sentence tells in capitals."""
_LISTED, _LISTED_TIME = (b"\x01", b"[\x01"), re.compile(f"{TIME}$".encode())
"""Heads of a time alone that formats know."""
_SPOKEN, _FEW_WORDS = re.compile(rb"\w\S*"), 6
_NO_CHAIN = "(?!The above exception |During handling of the above )"
"""No head is what Python writes between the tracebacks of a chain, although a level may stand behind words."""
_T, _L = b"\x01", b"\x02"
_OWN = re.compile(rb"[\x01-\x04]")
"""What skeletons hold of their own: a time, a level, and so on."""


class _Reading(NamedTuple):
    """How a line may be read."""

    skeleton: bytes
    level: bytes
    """As printed, empty without one."""
    time: bytes


def shared_head(lines: list[bytes]) -> Format | None:
    """Return the head that nearly all of the lines have, None without one."""
    if len(lines) < _ENOUGH:
        return None
    readings = [list(_readings(line[:_PROBE])) for line in lines]
    count = Counter(skeleton for those in readings for skeleton in {one.skeleton for one in those})
    for skeleton, number in sorted(count.items(), key=lambda item: (-_rank(item[0]), -item[1], len(item[0]))):
        if number < _least(skeleton, lines):
            continue
        shown = [one for those in readings for one in those if one.skeleton == skeleton]
        form = _format(skeleton, shown, lines)
        if form is not None:
            return form
    return None


def _least(skeleton: bytes, lines: list[bytes]) -> float:
    """How many lines must have a skeleton; messages of several lines have more lines than heads."""
    sure = _rank(skeleton) > 1 or _ENCLOSED.search(skeleton) is not None
    return max((_SOME if sure else _SHARE) * len(lines), _ENOUGH)


def _rank(skeleton: bytes) -> int:
    """Time and level are better than one of them, and that is nothing without marks."""
    return (_T in skeleton) + (_L in skeleton)


def _readings(line: bytes) -> Iterator[_Reading]:
    """What may be the line's head: up to its time, its level, or both; none where it holds a skeleton's own bytes."""
    if _OWN.search(line):
        return
    time = MOMENT.search(line)
    marked = line if time is None else line[: time.start()] + _T + line[time.end() :]
    if time is not None:
        yield _Reading(_skeleton(marked[: time.start() + 1]), b"", time[0])
    for level in islice(_TOKEN.finditer(marked), _CANDIDATES):
        both = marked[: level.start()] + _L + marked[level.end() :]
        at, of_time = level.start(), both.find(_T)
        if of_time >= 0 and time is not None and _is_near(both, at, of_time):
            yield _Reading(_skeleton(both[: max(at, of_time) + 1]), level[0], time[0])
        if of_time < 0 or of_time > at:
            yield _Reading(_skeleton(both[: at + 1]), level[0], b"")


def _is_near(line: bytes, level: int, time: int) -> bool:
    """Whether so few words stand between level and time that a formatter may have written them."""
    return len(_SPOKEN.findall(line, min(level, time), max(level, time))) <= _FEW_WORDS


def _skeleton(head: bytes) -> bytes:
    """What a line's beginning has in common with others that the same formatter wrote."""
    head = _OTHER.sub(b"\x03", head)
    head = _GROUP.sub(
        lambda found: found[0] if _T in found[0] or _L in found[0] else found[0][:1] + b"w" + found[0][-1:],
        head,
    )
    head = _BLANKS.sub(b" ", _WORDS.sub(_worded, head))
    return _RUN.sub(b"w", _TIGHT.sub(b"", head))


def _worded(found: re.Match[bytes]) -> bytes:
    """A word; a mark of several letters, such as `--` or `->`, is itself."""
    return b"w" if re.search(rb"\w", found[0]) else found[0]


def _is_formatters(skeleton: bytes, shown: list[_Reading], marks: str) -> bool:
    """Whether no text would have the skeleton so often: by its levels, or by a day and a clock."""
    marked = marks.strip(_BLANK) != ""
    if _L not in skeleton:
        if skeleton in _LISTED and _LISTED_TIME.match(shown[0].time):
            return False
        return all(_DATED.search(one.time) for one in shown) or (marked and len(skeleton) <= _SHORT_HEAD)
    levels = {one.level for one in shown}
    set_off = marked or _SET_OFF.search(skeleton) is not None
    if any(len(level) == 1 for level in levels):
        return all(len(level) == 1 for level in levels) and len(levels) > 1 and (_T in skeleton or set_off)
    several = len({level_of_word(level.decode("ascii")) for level in levels}) > 1
    calm = any(level in _CALM for level in levels)
    return calm or ((several or set_off) if _T in skeleton else several and set_off)


def _format(skeleton: bytes, shown: list[_Reading], lines: list[bytes]) -> Format | None:
    """The format of such heads, up to the marks before their messages; None where it is none, or few lines fit."""
    letters = all(len(one.level) == 1 for one in shown)
    head = _pattern(skeleton, _LETTERS if letters else rf"(?:(?<![.\-])(?:{ANY}|{_SHORT})|{UPPER})")
    found = [match for match in map(re.compile(head.encode()).match, lines) if match is not None]
    if len(found) < _least(skeleton, lines):
        return None
    rests = [match.string[match.end() : match.end() + _PROBE].decode("utf-8", "replace") for match in found]
    marks = _marks(rests)
    told = (marks or _T in skeleton) and _is_formatters(skeleton, shown, marks)
    return Format(SHARED, "other", _NO_CHAIN + head + marks) if told else None


def _pattern(skeleton: bytes, level: str) -> str:
    """A regex of what has the skeleton; words before the level, and behind it, are captured: one may be the logger."""
    parts = re.split(rb"([\x01\x02])", skeleton)
    text = ""
    names = iter(("near", "behind"))
    for number, part in enumerate(parts):
        if part == _T:
            text += rf"(?P<time>{TIME_SHOWN})(?!\w)"
        elif part == _L:
            text += rf"(?<![^\W_])(?P<level>{level})(?!\w)"
        elif part:
            following = parts[number + 1] if number + 1 < len(parts) else b""
            inner = _between(part, following)
            text += rf"(?P<{next(names)}>{inner})[.\-]?" if b"w" in part else inner
    return text


def _between(part: bytes, following: bytes) -> str:
    """A regex of a skeleton's part. Words are taken as they are told apart, and never again: only those right before
    time or level may end anywhere, or long lines full of marks would be tried without end."""
    text = ""
    for number, byte in enumerate(part):
        mark, rest = chr(byte), part[number + 1 :]
        if mark == "w":
            closer = _CLOSERS.get(part[number - 1 : number])
            if closer and rest.startswith(closer):
                text += rf"[^\n\x1b{re.escape(closer.decode())}]{{0,120}}+"
            elif following and not _STOPS.search(rest):
                text += r"[^\s\x1b]{1,120}?(?: {1,40}[^\s\x1b]{1,60}){0,5}?"
            else:
                inner = "" if rest.lstrip().startswith(b"(") else r"|\([^()\n]*\)"
                text += rf"{_WORD}(?:[ \t]+(?:{_FURTHER}{inner}))*+"
        elif mark == " ":
            text += r"[ \t]+"
        elif byte == 3:
            text += r"[\x80-\xff]{1,24}+"
        else:
            text += r"[ \t]*" + re.escape(mark) + (r"[ \t]*" if mark in "[({<" else "")
    return text


def _marks(rests: list[str]) -> str:
    """A regex of the marks that nearly all heads end in."""
    least = _NEARLY * len(rests)
    text, live = "", rests
    while True:
        blank = [rest for rest in live if rest[:1] in (" ", "\t")]
        bare = [rest.lstrip(" \t") for rest in live]
        count = Counter(rest[:1] for rest in bare)
        mark, number = count.most_common(1)[0]
        if not mark or mark not in _MARKS or number < least:
            if not text and not blank:
                return ""
            return text + (_BLANK if len(blank) >= least else r"[ \t]*")
        live = [rest[1:] for rest in bare if rest[:1] == mark]
        text += r"[ \t]*" + re.escape(mark)
