"""What a source's formatter writes between a record's head and its message, or behind it, learned from its lines.

A single line cannot tell `httpx reads` from a logger and a word. The lines of a source can: what stands behind nearly
all heads of one format is the formatter's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

from logscope.events.formats import GENERIC, SPEAKS, Head
from logscope.events.formats.format import Format
from logscope.events.formats.unsure import NAMED
from logscope.events.written import columns
from logscope.events.written.columns import found_in
from logscope.events.written.loggers import NO_LOGGER, label_of, names_functions, own_logger, shown_logger
from logscope.events.written.pieces import (
    ALONE,
    BARE_END,
    BEFORE_CAPITAL,
    CALLED,
    CLOSERS,
    END,
    ENDINGS,
    FEW_NAMES,
    FUNCTION,
    IDS,
    LIBRARIES,
    MARKED,
    MEMBERS_END,
    MODULE,
    NAMED_ENDINGS,
    NAMES,
    NOTHING,
    NUMBERED,
    PADDED,
    PADDED_FUNCTION,
    PLACES,
    PROCESS,
    SECOND,
    SURE,
    SURE_ENDINGS,
    TABBED,
    TAGGED,
    UNSURE,
    WITH_LINE,
)
from logscope.events.written.punctuation import message_start

_NO_TAG = re.compile(rb"[A-Z]|http$")
"""In brackets: what messages begin with, and a level of winston's."""
_CLASS = re.compile(rb"[A-Z]+[a-z\d]+[A-Z]")
"""How Java's classes are named, and so their loggers."""
_WORDS = re.compile(rb" *(\S+) +[^\sA-Za-z]*([A-Za-z]*)")
"""A message's first two words."""
REQUEST = re.compile(
    rb"[ \t]*(?:[-:|] +)?(?:[\da-fA-F.:\[\]]+:\d+ (?:(?:[-|:]|->) )?(?:\"|[A-Z]{3,10} /)|[A-Z]{3,10} /\S* HTTP/\d)"
)
"""A request: uvicorn has a formatter of its own for them."""
_FRAME = re.compile(rb" +(?:at |File \")")
"""A record of a stack's line, which an editor makes of all that a server writes."""
_NUMBERED = re.compile(rb"[A-Za-z]:\d+$")
"""A name with the line of its file."""
_OTHER_GROUP = re.compile(rb"\(\?P<(?!logger>)\w+>")
_SOME, _MAJOR = 0.3, 0.6
"""Shares of names that must have dots where they stand for others, and of lines that have a mark."""
_MOST, _OFTEN, _HALF = 0.9, 0.8, 0.5
"""Share of lines; fewer for what messages of several lines have elsewhere, half for what only a formatter writes."""
_FEW, _SEVERAL = 3, 5
"""Lines that must agree on a name in brackets, and on a member's."""
SAMPLE_HEADS, _ENOUGH = 120, 30
"""Heads that are looked at, and of one format: more tell no more."""
MAX_PARTS = 4
ENDING = 300
"""Bytes at a message's end that are searched for what follows it."""
OTHERS = ""
"""In place of a format's name: all whose own lines show nothing."""


class Behind(NamedTuple):
    """What follows one format's heads."""

    whole: re.Pattern[bytes]
    unnamed: re.Pattern[bytes]
    """The same without the logger's name, for heads that show it themselves."""
    ending: re.Pattern[bytes] | None = None
    """What follows the message."""
    over: bool = False
    """What the heads show is another name, such as an environment's: the logger stands behind it."""
    called: bool = False
    """The loggers' names end in the function that logged."""
    label: bytes = b""
    """What stands before all loggers' names in the heads."""
    marks: Mapping[str, bytes] = {}
    """The usual marks at the heads' ends."""


def learn(heads: Iterable[tuple[Head, bytes]], marks: Mapping[str, bytes]) -> dict[str, Behind]:
    """Return, by name of the format, what stands behind nearly all heads of a sample (each with its line) and the usual
    `marks` at their ends; by OTHERS, the place in the code that ends messages, also of those whose beginning looks like
    another format's."""
    lines: dict[str, list[tuple[Format, bytes]]] = {}
    for (form, _, level), line in heads:
        told = (level or form.timed or form.name in GENERIC or form.name in NAMED) and form.name not in SPEAKS
        if len(lines.get(form.name, ())) < _ENOUGH and form.kind in ("plain", "rich") and told:
            lines.setdefault(form.name, []).append((form, line))
    found = {
        name: behind for name, those in lines.items() if (behind := _of_format(those, marks)) is not None
    }
    ending = next((behind.ending for behind in found.values() if behind.ending in SURE_ENDINGS), None)
    return found if ending is None else {**found, OTHERS: _joined([])._replace(ending=ending)}


def _of_format(lines: list[tuple[Format, bytes]], marks: Mapping[str, bytes]) -> Behind | None:
    found = [
        (form, head)
        for form, line in lines
        if (head := form.regex.match(line)) is not None
        and not REQUEST.match(line, head.end())
        and not _FRAME.match(line, head.end())
    ]
    heads, ends = [head for _, head in found], [message_start(marks, form, head) for form, head in found]
    begins = [head.string[:end] for head, end in zip(heads, ends, strict=True)]
    rests = [head.string[end:] for head, end in zip(heads, ends, strict=True)]
    groups = [head.groupdict() for head in heads]
    shown, owns = list(map(shown_logger, groups)), list(map(own_logger, groups))
    names = [name for name, own in zip(shown, owns, strict=True) if own]
    if any(b"." in own and _NUMBERED.search(own) for own in owns):
        owns = list(map(_with_number, owns, groups))
    over = _shows_others(owns, rests)
    named = [own != b"" and not over for own in owns]
    files = sum(b".py" in name for name in shown) >= _MOST * len(rests)
    levels = any("(?P<level>" in form.full for form, _ in lines)
    parts, left, more = _parts(begins, rests, named, files, levels)
    ending, called, label = _ending(left), names_functions([*names, *more]), label_of(groups)
    told = parts or ending or called or label
    whole = _joined(parts)._replace(ending=ending, over=over, called=called, label=label, marks=marks)
    return whole if told else None


def _parts(
    begins: list[bytes], rests: list[bytes], named: list[bool], files: bool, levels: bool
) -> tuple[list[re.Pattern[bytes]], list[bytes], list[bytes]]:
    """Return what reads the parts between heads and messages, in order, what is left behind them, and the loggers'
    names that they show.

    `named`: the head shows the logger; `files`: nearly all heads show a file there; `levels`: some show a level.
    """
    parts: list[re.Pattern[bytes]] = []
    names: list[bytes] = []
    known = all(named)
    while len(parts) < MAX_PARTS:
        part = columns.closing(begins, rests, known) if levels and not parts else None
        part = part or _place(rests, known, files, levels, parts != [])
        if part is None and not known:
            joined = not parts and all(begin.endswith(b"]") for begin in begins)
            part = _name(rests, named, 0.0 if levels else 0.3, joined)
        if part is None and levels:
            part = columns.column(begins, rests, known)
        if part is None:
            break
        tagged, part = part is TAGGED, _counted(_without_mark(part, rests), rests)
        found = [part.match(rest) for rest in rests]
        told = [m["logger"] for m in found if m and m["logger"]] if "logger" in part.groupindex else []
        behind = [
            rest if match is None or (own and told) else rest[match.end() :]
            for rest, match, own in zip(rests, found, named, strict=True)
        ]
        if tagged and _shows_others(told, behind):
            part, told = _unnamed(part), []  # a module's name, say
        parts.append(part)
        known = known or told != []
        names, rests = names + told, behind
    return parts, rests, names


def _with_number(own: bytes, groups: dict[str, bytes | None]) -> bytes:
    """A name, also one such as `main:31`, where others with their lines show that it is none of a file."""
    shown = shown_logger(groups)
    return own or (shown if _NUMBERED.search(shown) else b"")


def _shows_others(owns: list[bytes], rests: list[bytes]) -> bool:
    """Whether the names in the heads are no loggers: none has a dot, while dotted names, or classes, stand behind
    nearly all heads."""
    if not any(owns) or any(b"." in own or own in LIBRARIES for own in owns):
        return False
    rests = [NOTHING.sub(b"", rest, count=1) for rest in rests]
    for pattern, _ in NAMES:
        found = found_in(pattern.match, rests, _MOST * len(rests))
        dotted = sum(
            (b"." in name or _CLASS.match(name) is not None or _is_set_off(name, match))
            and not NO_LOGGER.match(name)
            for match in found
            if (name := match["logger"] or b"")
        )
        if found and dotted >= _SOME * len(found):
            return True
    return False


def _is_set_off(name: bytes, found: re.Match[bytes]) -> bool:
    """Whether a library's name has a mark behind it, and is no message's first word."""
    return name in LIBRARIES and not found[0].rstrip().endswith(name)


def _without_mark(step: re.Pattern[bytes], rests: list[bytes]) -> re.Pattern[bytes]:
    """The same without the mark at its end, where few lines have one: those are their messages' own."""
    if step is MARKED:
        bare = re.compile(PADDED.pattern)
    elif step.pattern.endswith(END):
        bare = re.compile(step.pattern.removesuffix(END) + BARE_END)
    else:
        return step
    ends = [(full.end(), bare.match(rest)) for rest in rests if (full := step.match(rest)) is not None]
    without = sum(own is not None and own.end() == end for end, own in ends)
    return bare if without > (1 - _MAJOR) * len(ends) else step


def _counted(step: re.Pattern[bytes], rests: list[bytes]) -> re.Pattern[bytes]:
    """The same with as many members as most lines have: a message may begin with one of its own."""
    if "member" not in step.groupindex:
        return step
    counts = Counter(found[0].count(b"=") for rest in rests if (found := step.match(rest)) is not None)
    more = b"{%d}" % (counts.most_common(1)[0][0] - 1)
    return re.compile(step.pattern.replace(MEMBERS_END, more + rb"(?= +\S)"))


def _ending(rests: list[bytes]) -> re.Pattern[bytes] | None:
    """What stands behind the messages."""
    for pattern in ENDINGS:
        share = _HALF if pattern in SURE_ENDINGS else _OFTEN
        found = found_in(partial(_ended, pattern), rests, max(share * len(rests), _FEW))
        if not found:
            continue
        if pattern not in SURE_ENDINGS and len({_begins(match) for match in found}) < _FEW:
            continue  # one message that ends so is no formatter's
        names = [match["logger"] for match in found] if "logger" in pattern.groupindex else [b"."]
        if pattern in NAMED_ENDINGS and all(name.count(b".") == 1 for name in names):
            continue  # rather module and function
        if sum(b"." in name or name in LIBRARIES for name in names) >= 0.3 * len(names):
            return pattern
    return None


def _begins(ended: re.Match[bytes]) -> bytes:
    """The first word of the message before an ending, without digits."""
    return ended.string.lstrip().partition(b" ")[0].translate(None, b"0123456789")


def _place(
    rests: list[bytes], known: bool, files: bool, levels: bool, later: bool
) -> re.Pattern[bytes] | None:
    """What reads a place in the program, in as many lines as possible; behind heads without levels only a place that no
    message would begin with. `later`: it is not the first part."""
    best, count = None, 0
    more = (FUNCTION, CALLED, MODULE, PROCESS) if known else ()
    sure = (*SURE, *IDS) if known else SURE
    function = (PADDED_FUNCTION,) if known or later else ()
    for pattern in (*PLACES, *more, *function) if levels else sure:
        some = levels and pattern not in UNSURE
        found = found_in(pattern.match, rests, (_HALF if some else _MOST) * len(rests))
        if len(found) > count and _is_place(pattern, found, len(rests), files):
            best, count = pattern, len(found)
        if count >= _MOST * len(rests):
            break
    return best if levels or count >= _SEVERAL else None


def _is_place(pattern: re.Pattern[bytes], found: list[re.Match[bytes]], lines: int, files: bool) -> bool:
    """Whether what the pattern found in so many lines is the formatter's and no message's own."""
    if pattern is FUNCTION and lines < _FEW:
        return False
    if "numbers" in pattern.groupindex:
        return not _is_count(found)
    # a process has one number, a message any; a formatter's member has one name
    few = (lines >= _SEVERAL) if "member" in pattern.groupindex else lines / _FEW
    return not pattern.groups or files or len({match[1] for match in found}) <= few


def _is_count(found: list[re.Match[bytes]]) -> bool:
    """Whether numbers never fall behind the same word: the messages' own count."""
    counts: dict[bytes, list[int]] = {}
    for match in found:
        name = match.groupdict().get("logger") or b""
        counts.setdefault(name, []).append(int(match["numbers"].split()[0]))
    return all(numbers == sorted(numbers) for numbers in counts.values())


def _name(rests: list[bytes], named: list[bool], floor: float, joined: bool) -> re.Pattern[bytes] | None:
    """What reads the logger's name behind the heads that show none; a share of at least `floor` must tell. `joined`: no
    blank stands behind the heads' brackets, so that the next ones are no message's."""
    bare = [rest for rest, own in zip(rests, named, strict=True) if not own]
    for pattern, share in NAMES:
        found = found_in(pattern.match, bare, _MOST * len(bare))
        names = [name for match in found if (name := match["logger"])]
        few = len(set(names)) * _FEW <= len(names)
        some = pattern is ALONE and len(set(names)) * 2 <= len(names)
        apart = some and _stands_apart(bare)
        if pattern in (SECOND, ALONE) and not (few or some):
            continue
        if pattern in NUMBERED and not (few and len(set(names)) >= _FEW):
            continue
        if pattern is NUMBERED[-1] and _is_count(found):
            continue
        lines = pattern is WITH_LINE and few and not _is_count(found)
        tagged = pattern is TAGGED and (joined or not any(_NO_TAG.match(name) for name in names))
        repeated = apart or lines or pattern is TABBED or (few and (tagged or pattern in FEW_NAMES))
        classes = pattern in (SECOND, ALONE) and few
        telling = sum(
            repeated or b"." in name or name in LIBRARIES or (classes and _CLASS.match(name) is not None)
            for name in names
        ) + sum(named)
        least = max(share, floor) * len(rests)
        if names and telling >= least and (share or len(rests) >= _FEW):
            # where some lines show `<module>`, the other names are functions as well
            return _unnamed(pattern) if len(names) < len(found) else pattern
    return None


def _unnamed(pattern: re.Pattern[bytes]) -> re.Pattern[bytes]:
    """The same without a logger: what it reads is another name."""
    return re.compile(pattern.pattern.replace(b"?P<logger>", b"?:"))


def _stands_apart(rests: list[bytes]) -> bool:
    """Whether different messages stand behind the same first words in small letters, and begin with a capital: most of
    them, or some, where the words are few."""
    capital = sum(BEFORE_CAPITAL.match(rest) is not None for rest in rests)
    behind: dict[bytes, list[bytes]] = {}
    for found in filter(None, map(_WORDS.match, rests)):
        behind.setdefault(found[1], []).append(found[2])
    often = [words for words in behind.values() if len(words) >= _FEW]
    differ = sum(len(set(words)) > 1 for words in often)
    few = len(behind) * _FEW <= len(rests) and len(often) >= _FEW
    return differ >= _MAJOR * len(often) and capital >= (_SOME if few else _MAJOR) * len(rests)


def _joined(parts: list[re.Pattern[bytes]]) -> Behind:
    """One pattern of all parts; a line may lack any of them."""

    def pattern(those: Iterable[re.Pattern[bytes]]) -> re.Pattern[bytes]:
        return re.compile(b"".join(b"(?:" + _OTHER_GROUP.sub(b"(?:", part.pattern) + b")?" for part in those))

    return Behind(pattern(parts), pattern(part for part in parts if "logger" not in part.groupindex))


def read_ending(behind: Behind | None, message: str) -> tuple[str, bytes]:
    """Return the message without what the formatter wrote behind it, and the logger's name when that was it."""
    if behind is None or behind.ending is None:
        return message, b""
    data = message.encode("utf-8", "replace")
    found = _ended(behind.ending, data)
    first = data.find(b"\n")
    if found is None and first > 0:  # what stands below was printed behind it: a JavaScript stack
        found = _ended(behind.ending, data[:first])
    if found is None:
        return message, b""
    rest = data[: found.start()] + data[len(found.string) :]
    return rest.decode("utf-8", "replace"), found.groupdict().get("logger") or b""


def _ended(pattern: re.Pattern[bytes], data: bytes) -> re.Match[bytes] | None:
    if not data or (data[-1] not in CLOSERS and data.rstrip()[-1:] not in CLOSERS):
        return None
    return pattern.search(data, max(len(data) - ENDING, 0))


def placed(behind: Mapping[str, Behind], head: Head, line: bytes) -> Head:
    """Return a record's head with the place where its message begins behind what the formatter wrote."""
    told = behind.get(head[0].name)
    end = read_behind(told, head[0], line)[0] if told is not None else 0
    if end and head[0].kind == "rich":
        # its rows are padded: what goes on in the next one stands behind one blank
        end = min(end, len(line[:end].rstrip()) + 1)
    return head if end <= head[1] else (head[0], end, head[2])


def read_behind(behind: Behind, form: Format, line: bytes) -> tuple[int, bytes]:
    """Return where the message begins behind a head of `form` and what follows it (0: nothing does), and the logger's
    name (empty: the head's own)."""
    head = form.regex.match(line)
    if head is None:
        return 0, b""
    own = b"" if behind.over else own_logger(head.groupdict())
    start = message_start(behind.marks, form, head)
    found = (behind.unnamed if own else behind.whole).match(line, start)
    assert found is not None  # every part may be missing
    end = found.end() if found.end() > start else 0
    return end, b"" if own else found.groupdict().get("logger") or b""
