"""What formatters write between a record's head and its message, or behind it, a pattern for each: places in the code,
threads, ids, loggers' names, endings."""

from __future__ import annotations

from collections.abc import Iterable
from re import Pattern

from logscope.events.formats.format import DOTLESS, THREAD, UPPER
from logscope.lazily import lazy

_LINE_MARK = (
    rb"(?:-{1,3}(?!-)|#(?= )|\*(?= )|;(?= )|::?|\||/|~|\xe2\x80[\x93\x94\xa2]|\xe2\x94[\x82\x83]|\xc2\xb7)"
)
_ARROW = rb"(?:\xe2\x86\x92|\xe2\x80\xba|\xe2\x87\x92|\xe2\x96[\xb6\xb8\xba]|\xe2\x9d\xaf|\xe2\x9e[\x9c\xa4]|\xc2\xbb)"
_MARK = rb"(?:[-=]*>+|" + _ARROW + rb"|" + _LINE_MARK + rb")"
_BEGIN = rb"[ \t]*+(?:(?!- +-{1,3} )" + _MARK + rb" +|[|>])?"
"""A mark; none is the first of two dashes, which stands for an id."""
END = rb"(?: *(?:->|" + _LINE_MARK + rb")(?= |$)|[;,|] *)?:* *"
BARE_END = rb":* *"
_OPENER = rb"[\[({<]?"
ID = (
    _OPENER + rb"(?:[A-Za-z][\w.\-]{0,20}[=:] ?)?(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"
    rb"|(?=[a-f]*\d)(?:[\da-f]{8,64}|(?=\d*[a-f])[\da-f]{6,7})"
    rb"|(?:req|run|trace|task|job|session|corr)[_\-](?:(?=[a-zA-Z\-]*\d)[\w\-]{4,40}|\d{1,3})"
    rb"|0x[\da-f]{4,16}|None|N/A|-(?!>))(?![\w.])(?: *[\])}]|>)?"
)
"""What a request, a trace or a session is told by."""
_NONE = rb"\[ *\](?= +\S)"
"""Brackets with nothing in them, as where there is no request."""
NOTHING = lazy(rb"\A(?: *\[ *\])+")
"""Such brackets before a name, as logback writes of a context that nobody has set."""
_ID_OR_NONE = ID + rb"|" + _NONE
WHOLE_ID = lazy(ID + rb"$")
SOURCE = rb"py|[cm]?[jt]s|go|rs|java|kt|cs|cc|cpp|rb|php"
"""What the names of source files end in."""
MEMBERS_END = rb"{0,5}(?= +(?![\w.\-]+=)\S)"
_CALLED = rb"(?:logger|name|module|component)="
_NUMBER = rb"(?P<number>\d{1,7})(?=:? )"
_SURE = (
    (
        rb"[\[({<]?(?:(?:[A-Za-z]:)?[\w.\-]*[/\\])*[\w.\-]+"
        rb"\.(?:" + SOURCE + rb")(?:(?: ?:? ?| ?:? ?line )\d+| \(\d+\)| ?\[(?i:line(?:no)?: ?)?\d+\])"
        rb"(?:(?::| - *(?=(?:[a-z_]\w*|<\w+>)(?: *\(\))?(?: *[\])}>]| +" + _LINE_MARK + rb" ))| in |\.)"
        rb"(?:\w+|<\w+>)(?![\w.])(?: *\(\))?| \((?:[A-Za-z_]\w*|<\w+>)?\))?(?: *[\])}]|>)?"
    ),
    rb"[\w.\-/\\]+\.py:(?:\w+|<\w+>)(?:\(\))?:\d{1,5}(?= )|\[[\w.\-/\\]+\.py:(?:\w+|<\w+>)(?:\(\))?:\d{1,5}\]",
    rb"\[(?:\w+|<\w+>)\(\)(?::\d+)?\]|(?:\w+|<\w+>)\(\)(?::\d+| [L#]\d+|(?=:| +[\-|:]+ ))",
    rb"(?:\w+|<\w+>)\((?:line:)?\d+\)(?: - (?:[a-z_]\w*|<\w+>)(?=:\S))?",
    rb"in [\w.]+(?::\d+)?(?: - +(?:\w+|<\w+>)\(\))?(?=: )",
    rb"\{'[^{}\n]*\}|\{\}(?= )",
    rb"[\[(<]?(?:\d{1,7}:|[a-z]{1,9}(?:=|: ?))?(?:" + THREAD.encode() + rb"|None(?= [:|\-]|[\])>])) *[\])>]?",
    (
        rb"[\[(<]?(?:[a-z]{1,9}[:=])?"
        rb"(?:MainProcess|SpawnProcess-[\d:]+|ForkProcess-\d+|ForkPoolWorker-\d+)"
        rb"(?:\[\d+\]|[./]" + THREAD.encode() + rb")? *[\])>]?"
    ),
    rb"\[[\w.\-]+=[^\s\],]*(?:[ ,]+[\w.\-]+=[^\s\],]*)*\]",
    rb"\[ *(?:\d+|-) *\]|\(\d{1,7}\)|\((?:main|[\w.\-]*thread-\d+)\)|" + _NONE,
    _OPENER + rb"(?:process )?\[?\d{1,7}\]?[:/\-]\d{12,20}(?: *[\])}]|>)?(?![\w.])",
    rb"\"[^\"\n]{1,200}\.py:\d+\": (?:\w+|<\w+>)(?= - )",
    rb"\[" + ID.removeprefix(_OPENER) + rb"(?: +[\w.@\-]+){1,6} *\]",
    rb"[\[(]?[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}[\])]?(?![\w.])",
    rb"\[(?:line|func|file|module|thread|process|pid)\w* ?[:=] ?[^\]\n]{1,60}\]",
)
_DOUBTFUL = (
    rb"(?:(?![A-Z][a-z]|(?:"
    + b"|".join(map(str.encode, DOTLESS))
    + rb")\b)\w+|<\w+>)(?: +"
    + _LINE_MARK
    + rb" +(?:line )?| *:)\d{1,5}(?= +"
    + _LINE_MARK
    + rb" |\t)",
    rb"(?:\w+|<\w+>) {2,}\d{1,5} *(?=: )",
    (
        rb"(?!" + _CALLED + rb")(?P<member>[A-Za-z][\w.\-]{0,20})=[\w.:/\-]*"
        rb"(?:(?<!=),? +[A-Za-z][\w.\-]{0,20}=[\w.:/\-]*|, +[A-Za-z][\w.\-]{0,20}=[\w.:/\-]*)" + MEMBERS_END
    ),
    _ID_OR_NONE,
    rb":?(?i:msg|message)(?=: )",
    rb"\d{1,7}(?= +[|\-] )",
    rb"[\[(]\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?[\])]",
    rb"(?P<numbers>\d{1,5})(?=: | +[A-Za-z_][\w.]*: )",
    rb"(?P<numbers>\d{1,5}):(?=[^\s\d])",
    _NUMBER,
)


def _places(patterns: Iterable[bytes]) -> tuple[Pattern[bytes], ...]:
    return tuple(lazy(_BEGIN + b"(?:" + pattern + b")" + END) for pattern in patterns)


_MARKS = lazy(rb"[ \t]*+(?:[\])>]?" + _MARK + rb"(?= )|[\])>](?= ))" + BARE_END)
FUNCTION = lazy(
    _BEGIN
    + rb"(?:(?:[a-z_]\w*|<\w+>) +(?:-|\xe2\x94[\x82\x83]) |\[(?:[a-z_]\w*|<\w+>)\] +"
    + _LINE_MARK
    + rb" )"
)
"""Behind a logger, between dashes or bars."""
CALLED = lazy(_BEGIN + rb"(?:[A-Za-z_]\w*\.)+(?:\w+|<\w+>):\d{1,5}(?= +" + _LINE_MARK + b" )" + END)
"""Behind a logger, module and function with a line's number, and a mark."""
MODULE = lazy(_BEGIN + rb"[a-z_]\w*:\d{1,5}(?= )" + END)
"""Behind a logger, a module with a line's number."""
PADDED_FUNCTION = lazy(rb"[ \t]*+(?:[A-Za-z_]\w*|<\w+>)(?:\(\))?(?: {2,}|\t)(?=[^\s{])")
"""Behind a place, a function in a column of its own: no message has two blanks behind its first word in most lines."""
_NUMBERS = (*_places(_DOUBTFUL), _MARKS)
SURE = _places(_SURE)
IDS = _places((_ID_OR_NONE,))
PLACES = (*SURE, *_NUMBERS)
"""Where in the program: never a message's own beginning, when all lines have it."""
UNSURE = (*_NUMBERS, FUNCTION, CALLED, MODULE, PADDED_FUNCTION)
"""Numbers and marks, with which a message may begin as well."""
_LINE = (
    rb"(?::(?:(?:\w+|<\w+>)(?:\(\))?:)?\d+|@\d+|#(?:\w+|<\w+>)"
    rb"| {0,40}\(\d+\)(?=:| -)|\[\d+\](?:\[(?:\w+|<\w+>)\])?)?"
)
_NAME = rb"(?P<logger>[A-Za-z_][\w\-]*(?:(?:\.|::)(?:[\w\-$]+|<[a-z]+>))*)" + _LINE
_NO_CLASS = (
    rb"(?P<logger>(?![\w.]*(?:Error|Exception|Warning)\b|(?:\w+\.)*(?:exceptions?|errors?)\.\w)"
    rb"[A-Za-z_][\w\-]*(?:(?:\.|::)(?:[\w\-]+|<[a-z]+>))*)" + _LINE
)
_DASHED = lazy(_BEGIN + _NAME + rb" +-{1,3} +(?=\S|$)")
"""A name that few lines do not share, between dashes: messages do not all begin with one of a few words and a dash."""
PADDED = lazy(  # a name that is longer than its column has one blank behind it
    _BEGIN + rb"(?=\S+(?:  |\t)|[A-Za-z_]\w*(?:\.\w+)+ )" + _NO_CLASS + rb"[ \t]+(?=\S|$)"
)
MARKED = lazy(
    _BEGIN
    + rb"(?:"
    + _NO_CLASS
    + rb"|<\w+>:\d+)(?: +(?:[-=]*>+|-{1,3}(?!-)|\xe2\x80[\x93\x94\xa2]|\xe2\x94[\x82\x83]|[/~](?= )|"
    + _ARROW
    + rb")| *[|>]|;"
    rb"| *::?(?!(?:\w+:)?\d+ )|  |\t)[ \t]*(?=\S|$)"
)
TABBED = lazy(_BEGIN + _NAME + rb" *\t+(?=\S|$)")
"""A column of its own, be it as many names as lines."""
WITH_LINE = lazy(
    rb" *(?P<logger>[A-Za-z_]\w*(?:\.\w+)*)[:@](?P<numbers>\d+)(?: +(?:[\-|/~] +)?|[;,|] *)(?=\S)"
)
"""A name with a line's number, which is another one in each line, and no count."""
_BARE = lazy(
    rb" *(?P<logger>[A-Z]+[a-z\d]+[A-Z][A-Za-z\d]*|[A-Z]{3,}[a-z\d]\w+|[A-Za-z]+(?:_[A-Za-z\d]+)+|"
    + b"|".join(map(str.encode, DOTLESS))
    + rb")"
    + _LINE
    + rb" +(?=\S|$)"
)
"""A name of several words, or a library's, which no message begins with."""
NUMBERED = tuple(
    lazy(
        rb" *(?P<logger>[a-z_]\w*)(?: +(?:[a-z_]\w*|<\w+>):?)?(?P<numbers>(?: +\d{1,20}){"
        + count
        + rb"})(?: *[:|\-]+)? +(?=\S)"
    )
    for count in (b"3", b"2", b"1")
)
"""A module with function and line, or process and thread: sure where there are several of them, and few."""
PROCESS = lazy(rb" *[a-z_]\w* +\d{1,7} +\d{12,20}(?: *[:|\-]+)? +(?=\S)")
"""A module with process and thread, beside a logger that the heads show."""
ALONE = lazy(
    rb" *(?:(?P<logger>[A-Za-z_][\w\-]*(?:\.(?:[\w\-]+|<[a-z]+>))*(?:(?<=\w)\([a-z][\w.\-]*\))?)"
    + _LINE
    + rb"|<module>|<lambda>) +(?=\S|$)"
)
"""Any name, as long as few stand before many messages and some are dotted."""
SECOND = lazy(
    rb" *[A-Za-z_][\w\-]* +(?P<logger>[A-Za-z_][\w\-]*(?:\.[\w\-]+)*)(?::\d+)?(?: *[:|>]| -)? +(?=\S)"
)
"""A name behind a module's."""
BEFORE_CAPITAL = lazy(rb" *(?:[a-z_]\w*|[A-Za-z_]\w*(?:\.\w+)+) +[A-Z\[({<'\"\xc3-\xf0]")
FEW_NAMES = (_DASHED, MARKED, _BARE)
"""Sure where few names stand before many messages."""
TAGGED = lazy(
    _BEGIN
    + rb"\[ *(?!"
    + UPPER.encode()
    + rb" *\])(?:"
    + _NAME
    + rb"|<\w+>)(?: - [^\[\]\n]{1,80})? *\]"
    + END
)
NAMES = (
    (lazy(_BEGIN + _CALLED + _NAME + rb"(?= )" + END), 0.0),
    (TAGGED, 0.0),
    (lazy(_BEGIN + rb"<(?!module>|lambda>|genexpr>|\w+comp>) *" + _NAME + rb" *>" + END), 0.0),
    (lazy(_BEGIN + rb"\( *" + _NAME + rb"(?: +\d{1,5})? *\)" + END), 0.0),
    (lazy(_BEGIN + rb"\{ *(?:\d{1,7}:)?" + _NAME + rb" *\}" + END), 0.0),
    (
        lazy(
            rb" *"
            + _NAME
            + rb" +(?=[\[(<]?"
            + THREAD.encode()
            + rb"[\])> ]|[\[(<]"
            + ID.removeprefix(_OPENER)
            + rb"|[\[(<](?:\w+|<\w+>)(?:\(\))?:\d{1,5}[\])>])"
        ),
        0.0,
    ),
    (_DASHED, 0.3),
    (TABBED, 0.0),
    (MARKED, 0.3),
    (WITH_LINE, 0.0),
    (
        lazy(
            rb" *(?P<logger>[a-z_]\w*(?:\.\w+)*)(?: +|\.)(?:\w+|<\w+>)\(\)(?: *L?\d+)?(?: *[:|\-]+)? +(?=\S)"
        ),
        0.0,
    ),
    *((pattern, 0.0) for pattern in NUMBERED),
    (lazy(rb" *(?P<logger>[a-z_][\w\-]*(?:\.(?:[\w\-]+|<[a-z]+>))*|LiteLLM)" + _LINE + rb" +(?=\S|$)"), 0.6),
    (_BARE, 0.9),
    (SECOND, 0.3),
    (ALONE, 0.3),
)
"""A logger's name, and the share of lines where it must be dotted or a library's: the less it stands out, the more."""
_MARKED_END = rb"(?: +[-|]|[;,] extra:)"


def _endings(patterns: Iterable[bytes]) -> tuple[Pattern[bytes], ...]:
    """Each behind a mark, and without one: where few lines have it, it is the messages' own."""
    return tuple(
        lazy(mark + rb" +(?:" + pattern + rb")\s*\Z") for pattern in patterns for mark in (_MARKED_END, b"")
    )


_NO_NAME = rb"(?!(?i:pid|tid|port|code|status|errno|attempt|try|retry|step|id):)"
NAMED_ENDINGS = _endings((rb"\(" + _NO_NAME + rb"(?P<logger>[A-Za-z_]\w*(?:\.\w+)*(?<!\.py)):\d+\)",))
"""A logger's name, or module and function, with a line."""
SURE_ENDINGS = NAMED_ENDINGS + _endings(
    (
        rb"[\[({](?:in |at |\d+:)?(?:[A-Za-z]:)?[\w.\-/\\]*\.py(?::|, )\d+(?:(?: in |:)\w+)?[\])}]",
        (
            rb"\((?:" + _NO_NAME + rb"[A-Za-z_][\w.]*:\d+"
            rb"|[\w.\-/\\]+\.py, \w+\(\), line \d+)\)"
        ),
        rb"\+\d+ms",
    )
)
"""Of which half of the lines are enough: messages of several lines have them elsewhere."""
ENDINGS = (
    *SURE_ENDINGS,
    lazy(rb"(?: +(?:::|\|) +|::)\d{1,5}\s*\Z"),
    *_endings(
        (
            rb"\{(?:'[^{}\n]*)?\}",
            rb"(?:(?<=\| )|[a-z_]+=)[\w.\-/\\]+\.py(?::| L)\d+",
            rb"[\[(](?P<logger>[a-z_][\w\-]*(?:\.[\w\-]+)*)(?::(?:\w+|<\w+>))?[\])](?: \[\d+\])?",
        )
    ),
)
"""What stands behind the message: the place in the code, loguru's extra, the logger's name."""
CLOSERS = b")]}s0123456789"
"""What the endings end in."""
LIBRARIES = frozenset(name.encode() for name in DOTLESS)
"""Loggers whose names have no dot."""
