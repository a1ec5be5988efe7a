"""What a source's formatter writes between a record's head and its message, or behind it: places, threads, names.

A single line cannot tell `httpx reads` from a logger and a word. The lines of a source can: what stands behind nearly
all heads of one format is the formatter's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from logscope.events.formats import GENERIC, TIMED_ICON, Head
from logscope.events.formats.format import THREAD, Format
from logscope.events.written import columns
from logscope.lazily import lazy

_LINE_MARK = rb"(?:-{1,3}(?!-)|::?|\||/|~|\xe2\x80[\x93\x94\xa2]|\xe2\x94[\x82\x83]|\xc2\xb7)"
_MARK = rb"(?:[-=]*>+|\xe2\x86\x92|\xe2\x80\xba|\xc2\xbb|" + _LINE_MARK + rb")"
_BEGIN = rb"[ \t]*+(?:" + _MARK + rb" +)?"
_END = rb"(?: *(?:->|" + _LINE_MARK + rb")(?= |$))?:* *"
_BARE_END = rb":* *"
_ID = (
    rb"[\[({<]?(?:[A-Za-z][\w.\-]{0,20}[=:] ?)?(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?=[a-f]*\d)[\da-f]{8,64}"
    rb"|(?:req|run|trace|task|job|session|corr)[_\-][\da-zA-Z\-]{4,40}|None|N/A|-)(?![\w.])(?: *[\])}]|>)?"
)
"""What a request, a trace or a session is told by."""
_WHOLE_ID = lazy(_ID + rb"$")
_SOURCE = rb"py|[cm]?[jt]s|go|rs|java|kt|cs|cc|cpp|rb|php"
"""What the names of source files end in."""
_NUMBER = rb"(?P<number>\d{1,7})(?=:? )"
_PLACES = (
    *(
        lazy(_BEGIN + b"(?:" + pattern + b")" + _END)
        for pattern in (
            (
                rb"[\[({<]?(?:(?:[A-Za-z]:)?[\w.\-]*[/\\])*[\w.\-]+"
                rb"\.(?:" + _SOURCE + rb")(?:(?: ?:? ?| ?:? ?line )\d+| ?\[(?i:line(?:no)?: ?)?\d+\])"
                rb"(?:(?::| - *(?=[\w<>]+(?: *\(\))?(?: *[\])}>]| +" + _LINE_MARK + rb" ))| in |\.)"
                rb"(?:\w+|<\w+>)(?![\w.])(?: *\(\))?| \((?:[A-Za-z_]\w*|<\w+>)?\))?(?: *[\])}]|>)?"
            ),
            rb"\[(?:\w+|<\w+>)\(\)(?::\d+)?\]|\w+\(\)(?::\d+| [L#]\d+|(?=:| +[\-|:]+ ))",
            rb"\w+\((?:line:)?\d+\)(?: - \w+(?=:))?",
            rb"in [\w.]+(?::\d+)?(?: - +(?:\w+|<\w+>)\(\))?(?=: )",
            rb"\{'[^{}\n]*\}|\{\}(?= )",
            rb"[\[(<]?(?:\d{1,7}:|[a-z]{1,9}[:=])?" + THREAD.encode() + rb" *[\])>]?",
            (
                rb"[\[(<]?(?:[a-z]{1,9}[:=])?"
                rb"(?:MainProcess|SpawnProcess-[\d:]+|ForkProcess-\d+|ForkPoolWorker-\d+)(?:\[\d+\])? *[\])>]?"
            ),
            rb"\[[\w.\-]+=[^\s\],]*(?:[ ,]+[\w.\-]+=[^\s\],]*)*\]",
            rb"\[ *(?:\d+|-) *\]",
            rb"\[(?:line|func|file|module|thread|process|pid)\w* ?[:=] ?[^\]\n]{1,60}\]",
            rb"(?:\w+|<\w+>)(?: +" + _LINE_MARK + rb" +(?:line )?|:)\d{1,5}(?= +" + _LINE_MARK + rb" )",
            rb"(?:\w+|<\w+>) {2,}\d{1,5} *(?=: )",
            rb"(?P<member>[A-Za-z][\w.\-]{0,20})=[\w.:/\-]+(?= +(?![\w.\-]+=)\S)",
            _ID,
            _NUMBER,
        )
    ),
    lazy(rb"[ \t]*+(?:[\])>]?" + _MARK + rb"(?= )|[\])>](?= ))" + _END),
)
"""Where in the program: never a message's own beginning, when all lines have it."""
_FUNCTION = lazy(_BEGIN + rb"(?:(?:[a-z_]\w*|<\w+>) +- |\[(?:[a-z_]\w*|<\w+>)\] +" + _LINE_MARK + rb" )")
"""Behind a logger, between dashes."""
_UNSURE = (*_PLACES[-5:], _FUNCTION)
"""Numbers and marks, with which a message may begin as well."""
_LINE = rb"(?:\.<\w+>|:(?:(?:\w+|<\w+>):)?\d+| \(\d+\)(?=:)|\[\d+\](?:\[(?:\w+|<\w+>)\])?)?"
_NAME = rb"(?P<logger>[A-Za-z_][\w\-]*(?:(?:\.|::)[\w\-]+)*)" + _LINE
_NO_CLASS = (
    rb"(?P<logger>(?![\w.]*(?:Error|Exception|Warning)\b|(?:\w+\.)*(?:exceptions?|errors?)\.\w)"
    rb"[A-Za-z_][\w\-]*(?:(?:\.|::)[\w\-]+)*)" + _LINE
)
_DASHED = lazy(_BEGIN + _NAME + rb" +-{1,3} +(?=\S|$)")
"""A name that few lines do not share, between dashes: messages do not all begin with one of a few words and a dash."""
_MARKED = lazy(
    _BEGIN
    + _NO_CLASS
    + rb"(?: +(?:[-=]*>+|-{1,3}(?!-)|\xe2\x80[\x93\x94\xa2]|\xe2\x94[\x82\x83]|[/~](?= ))| *[|>]"
    rb"| *::?(?!(?:\w+:)?\d+ )|  |\t)[ \t]*(?=\S|$)"
)
_BARE = lazy(
    rb" *(?P<logger>[A-Z]+[a-z\d]+(?:[A-Z]+[a-z\d]*)+|[A-Za-z]+(?:_[A-Za-z\d]+)+)" + _LINE + rb" +(?=\S|$)"
)
"""A name of several words, which no message begins with."""
_ALONE = lazy(rb" *(?P<logger>[A-Za-z_][\w\-]*(?:\.[\w\-]+)*)" + _LINE + rb" +(?=\S|$)")
"""Any name, as long as few stand before many messages and some are dotted."""
_BEFORE_CAPITAL = lazy(rb" *(?:[a-z_]\w*|[A-Za-z_]\w*(?:\.\w+)+) +[A-Z]")
_FEW_NAMES = (_DASHED, _MARKED, _BARE)
"""Sure where few names stand before many messages."""
_NAMES = (
    (lazy(_BEGIN + rb"\[" + _NAME + rb" *\]" + _END), 0.0),
    (lazy(_BEGIN + rb"<" + _NAME + rb" *>" + _END), 0.0),
    (lazy(_BEGIN + rb"\(" + _NAME + rb" *\)" + _END), 0.0),
    (lazy(_BEGIN + rb"\{" + _NAME + rb" *\}" + _END), 0.0),
    (lazy(rb" *" + _NAME + rb" +(?=[\[(<]?" + THREAD.encode() + rb"[\])> ])"), 0.0),
    (_DASHED, 0.3),
    (_MARKED, 0.3),
    (lazy(rb" *(?P<logger>[a-z_]\w*(?:\.\w+)*):\d+ +(?:- +)?(?=\S)"), 0.0),
    (lazy(rb" *(?P<logger>[a-z_]\w*(?:\.\w+)*|__main__)" + _LINE + rb" +(?=\S|$)"), 0.6),
    (_BARE, 0.9),
    (_ALONE, 0.3),
)
"""A logger's name, and the share of lines where it must be dotted or a library's: the less it stands out, the more."""
_ENDINGS = tuple(
    lazy(b"(?: +[-|])? +(?:" + pattern + rb")\s*\Z")
    for pattern in (
        rb"[\[({](?:in |at )?(?:[A-Za-z]:)?[\w.\-/\\]*\.py:\d+(?:(?: in |:)\w+)?[\])}]",
        rb"\((?:[A-Za-z_][\w.]*:\d+|[\w.\-/\\]+\.py, \w+\(\), line \d+)\)",
        rb"\{(?:'[^{}\n]*)?\}",
        rb"(?<=\| )[\w.\-/\\]+\.py:\d+",
        rb"[\[(](?P<logger>[a-z_][\w\-]*(?:\.[\w\-]+)*)[\])]",
    )
)
"""What stands behind the message: the place in the code, loguru's extra, the logger's name."""
REQUEST = re.compile(rb"[ \t]*(?:[-:|] +)?[\da-fA-F.:\[\]]+:\d+ - \"")
"""A request: uvicorn has a formatter of its own for them."""
_OTHER_GROUP = re.compile(rb"\(\?P<(?!logger>)\w+>")
_CLOSERS = b")]}0123456789"
"""What the endings end in."""
LIBRARIES = frozenset(
    b"httpx httpcore asyncio uvicorn mcp fastmcp openai anthropic LiteLLM root __main__".split()
)
"""Loggers whose names have no dot."""
_NEAR = lazy(
    rb"(?<![\w.\-/:=])(?!(?:Main|Spawn|Fork|Dummy|Pool|Thread|Process|asyncio_|AnyIO)\w*|(?i:line|pid|tid|process|thread):\d)"
    rb"([A-Za-z_][\w\-]*(?:\.(?!py:)[\w\-]+)*)(?=[ \t\])|:,]|\.<|/?$)(?!:[^ \d])"
)
"""Loggers' names between a time and a level, where no format says what stands there."""
_NO_LOGGER = lazy(
    rb"[\[(]?(?:(?:Main|Spawn|Fork|Dummy)?(?:Process|Thread)(?:-[^.]*|/\w+)?|(?:Fork|Thread)Pool.*|asyncio_\d+|AnyIO .*"
    rb"|Task-\d+|[\w.\-]+=\S*|\w+\(\)|(?i:line:)?\d+(?::\d+)*|[\w.\-/\\]+\.(?:"
    + _SOURCE
    + rb")(?::\d+)?) *[\])]?$|"
    + _ID
    + rb"$"
)
"""What formatters show beside or instead of the logger."""
_TELLS_NOTHING = lazy(
    rb"[\[(< ]*(?:(?:Main(?:Process|Thread)[/: ]*)+|[\w.\-]+=\S*|[\d :]+|\w+\(\)) *[\])>]?$"
)
"""In the place of a logger: what is the same in all programs, or another in each line."""
_WHERE = re.compile(
    r"\.\w+\(\)$|(?:(?<!:):(?:\w+|<\w+>)(?:\(\))?)?::?\d+(?: (?:\w+|<\w+>)\(\))?$"
    r"|(?<=\.py)(?: \d+|,line ?\d+(?:,\w+)?|\[(?i:line:)?(?: ?\d+)?\]?)$"
)
"""Function and line behind a logger's name."""
OWN = ("second", "logger", "logger2", "logger3", "named", "module")
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


class Behind(NamedTuple):
    """What follows one format's heads."""

    whole: re.Pattern[bytes]
    unnamed: re.Pattern[bytes]
    """The same without the logger's name, for heads that show it themselves."""
    ending: re.Pattern[bytes] | None = None
    """What follows the message."""
    over: bool = False
    """What the heads show is another name, such as an environment's: the logger stands behind it."""


def shown_logger(groups: Mapping[str, bytes | None]) -> bytes:
    """Return what stands in the place of the logger in a head, be it a thread or a file; empty without one."""
    shown = (name for key in OWN if (name := groups.get(key)))
    name = next((name for name in shown if not name.isdigit() and not _WHOLE_ID.match(name)), b"")
    if name or not groups.get("near"):
        return name
    found = _NEAR.findall(groups["near"] or b"")
    return next((name for name in found if b"." in name), found[0] if found else b"")


def own_logger(groups: Mapping[str, bytes | None]) -> bytes:
    """Return the logger that a head shows itself, empty without one."""
    name = shown_logger(groups)
    return b"" if all(_NO_LOGGER.match(part.strip()) for part in name.split(b" - ")) else name


def shown_place(groups: Mapping[str, bytes | None]) -> bytes:
    """Return the file or process that a head shows instead of a logger; empty where it tells nothing."""
    parts = shown_logger(groups).split(b" - ")
    return b" - ".join(part for part in parts if not _TELLS_NOTHING.match(part))


def logger_name(text: str) -> str:
    """Return a logger's name as shown without brackets, function and line, and without the process beside it."""
    text = _bare(text)
    if " - " in text:
        parts = [part.strip() for part in text.split(" - ")]
        text = _bare(next((part for part in parts if not _NO_LOGGER.match(part.encode())), parts[0]))
    text = _WHERE.sub("", text)
    before, _, after = text.rpartition(":")
    text = _WHERE.sub("", before) if "." in before and after.isidentifier() else text
    return text.partition(".<")[0]


def _bare(text: str) -> str:
    """A name without brackets around it; those that it ends in are its own."""
    text = text.lstrip(" []()").rstrip(" [](")
    return text if "(" in text else text.rstrip(" [])")


def learn(heads: Iterable[tuple[Head, bytes]]) -> dict[str, Behind]:
    """Return, by name of the format, what stands behind nearly all heads of a sample (each with its line)."""
    lines: dict[str, list[tuple[Format, bytes]]] = {}
    for (form, _, level), line in heads:
        told = level or form.name in GENERIC or form.name == TIMED_ICON
        if len(lines.get(form.name, ())) < _ENOUGH and form.kind in ("plain", "rich") and told:
            lines.setdefault(form.name, []).append((form, line))
    found = {name: _of_format(those) for name, those in lines.items()}
    return {name: behind for name, behind in found.items() if behind is not None}


def _of_format(lines: list[tuple[Format, bytes]]) -> Behind | None:
    rests: list[bytes] = []
    begins: list[bytes] = []
    owns: list[bytes] = []
    files = 0
    for form, line in lines:
        head = form.regex.match(line)
        if head is not None and not REQUEST.match(line, head.end()):
            rests.append(line[head.end() :])
            begins.append(line[: head.end()])
            groups = head.groupdict()
            owns.append(own_logger(groups))
            files += b".py" in shown_logger(groups)
    over = _shows_others(owns, rests)
    named = [own != b"" and not over for own in owns]
    parts: list[tuple[re.Pattern[bytes], bool]] = []
    known = all(named)
    levels = any("(?P<level>" in form.full for form, _ in lines)
    while len(parts) < MAX_PARTS:
        part = columns.closing(begins, rests, known) if levels and not parts else None
        part = part or (_place(rests, known, files >= _MOST * len(rests) > 0) if levels else None)
        name = _name(rests, named, 0.0 if levels else 0.3) if part is None and not known else None
        step = part or name or (columns.column(begins, rests, known) if levels else None)
        if step is None:
            break
        step = _without_mark(step, rests)
        tells = "logger" in step.groupindex
        parts.append((step, tells))
        known = known or tells
        rests = [
            rest[found.end() :] if not (own and tells) and (found := step.match(rest)) is not None else rest
            for rest, own in zip(rests, named, strict=True)
        ]
    ending = _ending(rests)
    return _joined(parts)._replace(ending=ending, over=over) if parts or ending else None


def _shows_others(owns: list[bytes], rests: list[bytes]) -> bool:
    """Whether names that the heads show are no loggers: none has a dot, and dotted ones stand behind nearly all."""
    if not any(owns) or any(b"." in own or own in LIBRARIES for own in owns):
        return False
    for pattern, _ in _NAMES:
        found = _found(pattern.match, rests, _MOST * len(rests))
        dotted = sum(
            b"." in name and not _NO_LOGGER.match(name) for match in found if (name := match["logger"])
        )
        if found and dotted >= _SOME * len(found):
            return True
    return False


def _without_mark(step: re.Pattern[bytes], rests: list[bytes]) -> re.Pattern[bytes]:
    """The same without the mark at its end, where few lines have one: those are their messages' own."""
    if not step.pattern.endswith(_END):
        return step
    bare = re.compile(step.pattern.removesuffix(_END) + _BARE_END)
    ends = [(full.end(), bare.match(rest)) for rest in rests if (full := step.match(rest)) is not None]
    marked = sum(own is not None and own.end() < end for end, own in ends)
    return bare if marked < _MAJOR * len(ends) else step


def _ending(rests: list[bytes]) -> re.Pattern[bytes] | None:
    """What stands behind the messages."""
    for pattern in _ENDINGS:
        found = _found(partial(_ended, pattern), rests, max(_OFTEN * len(rests), _FEW))
        if not found:
            continue
        names = [match["logger"] for match in found] if "logger" in pattern.groupindex else [b"."]
        if sum(b"." in name or name in LIBRARIES for name in names) >= 0.3 * len(names):
            return pattern
    return None


def _found(
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


def _place(rests: list[bytes], known: bool, files: bool) -> re.Pattern[bytes] | None:
    for pattern in (*_PLACES, _FUNCTION) if known else _PLACES:
        found = _found(pattern.match, rests, (_MOST if pattern in _UNSURE else _HALF) * len(rests))
        if not found or (pattern is _FUNCTION and len(rests) < _FEW):
            continue
        # a process has one number, a message any; a formatter's member has one name
        few = (len(rests) >= _SEVERAL) if "member" in pattern.groupindex else len(rests) / _FEW
        if not pattern.groups or files or len({match[1] for match in found}) <= few:
            return pattern
    return None


def _name(rests: list[bytes], named: list[bool], floor: float) -> re.Pattern[bytes] | None:
    """What reads the logger's name behind the heads that show none; a share of at least `floor` must tell."""
    bare = [rest for rest, own in zip(rests, named, strict=True) if not own]
    for pattern, share in _NAMES:
        names = [found["logger"] for found in _found(pattern.match, bare, _MOST * len(bare))]
        few = len(set(names)) * _FEW <= len(names)
        apart = pattern is _ALONE and len(set(names)) * 2 <= len(names) and _stands_apart(bare)
        if pattern is _ALONE and not (few or apart):
            continue
        repeated = apart or (few and pattern in _FEW_NAMES)
        telling = sum(repeated or b"." in name or name in LIBRARIES for name in names) + sum(named)
        least = max(share, floor) * len(rests)
        if names and telling >= least and (share or len(rests) >= _FEW):
            return pattern
    return None


def _stands_apart(rests: list[bytes]) -> bool:
    """Whether most messages begin with a capital behind a first word in small letters."""
    return sum(_BEFORE_CAPITAL.match(rest) is not None for rest in rests) >= _MAJOR * len(rests)


def _joined(parts: list[tuple[re.Pattern[bytes], bool]]) -> Behind:
    """One pattern of all parts; a line may lack any of them."""

    def pattern(named: bool) -> re.Pattern[bytes]:
        return re.compile(
            b"".join(
                b"(?:" + _OTHER_GROUP.sub(b"(?:", part.pattern) + b")?"
                for part, name in parts
                if named or not name
            )
        )

    return Behind(pattern(True), pattern(False))


def read_ending(behind: Behind | None, message: str) -> tuple[str, bytes]:
    """Return the message without what the formatter wrote behind it, and the logger's name when that was it."""
    if behind is None or behind.ending is None:
        return message, b""
    data = message.encode("utf-8", "replace")
    found = _ended(behind.ending, data)
    if found is None:
        return message, b""
    return data[: found.start()].decode("utf-8", "replace"), found.groupdict().get("logger") or b""


def _ended(pattern: re.Pattern[bytes], data: bytes) -> re.Match[bytes] | None:
    if not data or (data[-1] not in _CLOSERS and data.rstrip()[-1:] not in _CLOSERS):
        return None
    return pattern.search(data, max(len(data) - ENDING, 0))


def read_behind(behind: Behind, form: Format, line: bytes) -> tuple[int, bytes]:
    """Return where the message begins behind a head of `form` and what follows it (0: nothing does), and the logger's
    name (empty: the head's own)."""
    head = form.regex.match(line)
    if head is None:
        return 0, b""
    own = b"" if behind.over else own_logger(head.groupdict())
    found = (behind.unnamed if own else behind.whole).match(line, head.end())
    assert found is not None  # every part may be missing
    end = found.end() if found.end() > head.end() else 0
    return end, b"" if own else found.groupdict().get("logger") or b""
