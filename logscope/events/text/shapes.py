"""What a line is that no format knows: how it relates to the record before it."""

from __future__ import annotations

import re

from logscope.lazily import lazy
from logscope.model import Buffer

BLANK, INDENTED, TRACEBACK, REMOTE, CHAIN, CONTINUES, LAST, PROGRESS, LOOSE = range(9)

_STARTS: tuple[tuple[bytes, int], ...] = (
    (b"Traceback (most recent call last)", TRACEBACK),
    (b"concurrent.futures.process._RemoteTraceback:", REMOTE),
    (b"multiprocessing.pool.RemoteTraceback:", REMOTE),
    (b"billiard.einfo.RemoteTraceback:", REMOTE),
    (b"billiard.einfo.ExceptionWithTraceback:", REMOTE),
    (b"The above exception was ", CHAIN),  # Dagster: caused by
    (b"The above exception occurred during handling", CHAIN),
    (b"During handling of the above exception", CHAIN),
    (b"Stack (most recent call last)", CONTINUES),
    (b"Call stack:", CONTINUES),
    (b"Stack Trace:", CONTINUES),
    (b"Caused by: ", CONTINUES),
    (b"Caused by:\n", CONTINUES),
    (b"Caused by:\r", CONTINUES),
    (b"RuntimeWarning: Enable tracemalloc", CONTINUES),
    (b"ResourceWarning: Enable tracemalloc", CONTINUES),
    (b"Coroutine created at (most recent call last)", CONTINUES),
    (b"Object allocated at (most recent call last)", CONTINUES),
    (b"Object created at (most recent call last)", CONTINUES),
    (b"source_traceback: ", CONTINUES),
    (b"handle_traceback: ", CONTINUES),
    (b"future: <", CONTINUES),
    (b"task: <", CONTINUES),
    (b"handle: <", CONTINUES),
    (b"asyncgen: <", CONTINUES),
    (b"transport: <", CONTINUES),
    (b"protocol: <", CONTINUES),
    (b"exception: ", CONTINUES),
    (b"context: <", CONTINUES),
    (b"client_session: <", CONTINUES),
    (b"connections: [", CONTINUES),
    (b"connector: <", CONTINUES),
    (b"\xe2\x94\x82", CONTINUES),  # │
    (b"\xe2\x94\x83", CONTINUES),  # ┃
    (b"\xe2\x94\x94", CONTINUES),  # └
    (b"\xe2\x94\x97", CONTINUES),  # ┗
    (b"\xe2\x94\x9c", CONTINUES),  # ├
    (b"\xe2\x94\xa1", CONTINUES),  # ┡
    (b"\xe2\x94\xa3", CONTINUES),  # ┣
    (b"\xe2\x95\xb0", CONTINUES),  # ╰
    (b"\xe2\x95\x91", CONTINUES),  # ║
    (b"\xe2\x95\x9a", CONTINUES),  # ╚
    (b"\xe2\x95\xa0", CONTINUES),  # ╠
    (b"\xc2\xa0", INDENTED),
    (b"(Use `node --trace-", CONTINUES),
    (b"Require stack:", CONTINUES),
    (b"(Press CTRL+C to quit)", CONTINUES),
)
_BY_FIRST: dict[int, tuple[tuple[bytes, int], ...]] = {
    first: tuple(item for item in _STARTS if item[0][0] == first)
    for first in {item[0][0] for item in _STARTS}
}
_HEADER = b" Traceback (most recent call last):"
"""What a program prints of a traceback behind words of its own."""
_CLOSER = re.compile(
    rb"[\])}][\])},;\"]*(?: %o)?(?: {1,2}(?:\[[A-Za-z_][\w.\-/]*(?::\d+)?\]|\([\w.\-/]+(?::\d+)?\)|\{[^{}\n]*\}"
    rb"|- [\w.\-/\\]+:\d+|\|.*))?(?: [A-Za-z_][\w.]*=.*)?[ \t\r]*$",
    re.MULTILINE,
)
"""What a message's brackets end in, and what formatters print behind it: logger, place, members."""
_LAST = re.compile(rb"Node\.js v\d[\w.\-]*[ \t\r]*$")
"""What Node prints last of all when it crashes."""
_FRAME_REST = re.compile(rb'[^"\n]{0,200}\.pyx?", line \d+, in \S')
"""A frame's line from where a console, such as PowerShell's, broke it."""
_PROGRESS_MOST = 200
"""Bytes in which a progress shows its percent."""
BOX = b"\xe2\x95\xad"  # ╭
_RETURN = 13
FRAME = b"    at "
"""What a JavaScript stack's lines begin with."""
NEXT_FRAME = b"\n" + FRAME
_MARKS = (
    b" " * 8,
    b"ERROR ",
    b"WARN ",
    b"FATAL ",
    b" INFO ",
    b" DEBUG ",
    b" ERROR ",
    b" WARNING ",
    b" CRITICAL ",
    b"\x1b",
    b" \x1b",
    b"\xe2\x96\x95",
    *(b"%s " % sign for sign in (b"\xe2\x9c\x93", b"\xe2\xa8\xaf", b"\xe2\x9a\xa0", b"\xe2\x97\x8b")),
    *(b"%s /" % method for method in (b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"HEAD", b"OPTIONS")),
    b" <--",
    b" -->",
    b" xxx",
    b"-" * 14,
    b"[sentry] ",
)
INDENTED_HEADS = tuple(b" " + mark for mark in _MARKS)
"""What an indented line begins with that may be a record: RichHandler's, a badge, a level, a bar, coloured or not, an
arrow, what Next.js puts before its lines."""
_FAILURE = re.compile(
    rb"(?:Uncaught )?(?:(?:[A-Z]\w*)?(?:Error|Exception)(?: \[\w+\])?(?::|[ \t\r]*$)|[A-Z]\w* \[\w*Error\]:)"
)
"""The line above such a stack."""
_LOGGED = re.compile(rb"[^\n]{1,120}?: (?=" + _FAILURE.pattern + rb")")
"""What console.error prints before an error that it is handed: `Tool call failed: TypeError: fetch failed`."""
SECOND_LINE = re.compile(rb"(?:SEVERE|WARNING|INFO|CONFIG|FINE[RST]{0,2}): ")
"""Level and message of java.util.logging, below time and class."""
QUOTES = (b'"""', b"'''")
"""Around a traceback of another process, below its class line."""
_TITLED = re.compile(BOX + rb"(?:\xe2\x94\x80)+ [^\n]*\w[^\n]* (?:\xe2\x94\x80)+\xe2\x95\xae")
"""The upper edge of a panel with a title: ╭─── Task Started ───╮."""
_COMMAND = re.compile(rb"\+{1,4} (?:[A-Za-z_]\w*=|\[\[? |(?:\.{0,2}/[\w.\-/]+|[a-z][\w.\-]*)(?: |\r?$))")
_PROCESS = re.compile(rb"Process [\w.\-]+:[ \t\r]*$")
OF_DIFF = (b"- ", b"? ")
"""What stands in a difference beside lines that begin as a shell's commands do."""
GROUP = b"  + Exception Group Traceback"
GROUP_END = re.compile(rb" {3,}\+-{36}[ \t\r]*$", re.MULTILINE)
MARGIN = re.compile(rb" +(?:\| |\+-)")
"""Before all lines of an exception group."""
DASHES = b"-" * 28
"""Before each member of an anyio 3 group."""
TAILS = (
    b"For ",
    b"During task ",
    b"[",
    b"(",
    b"Hint:",
    b"HINT:",
    b"DETAIL:",
    b"See ",
    b"Compile with ",
    b"Message: ",
    b"Arguments: ",
)
"""What the last lines of exceptions' messages begin with (httpx, LangChain, SQLAlchemy, psycopg, torch), and those of
logging's report of a record that it could not write."""
CLASS = re.compile(rb"[A-Za-z_][\w.<>]*(?::[ \t]|:?[ \t\r]*$)")
"""The class line below frames, or a word of one that was broken."""
_RAISED = re.compile(rb"(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception): \S")
_WHOLE = re.compile(rb"(?:[A-Za-z_]\w*\.)*[A-Z]\w*: (?!\d+ validation error)[^\n]*[^\s:,;(\[{\-|]$")
CHAIN_REST = re.compile(
    rb"(?:(?:(?:(?:of )?the )?following )?exception|(?:(?:another )?exception )?occurred):[ \t\r]*$"
)
"""What rich wraps of a chain's sentence where the terminal is narrow."""
_QUOTED = b"raceback:"
"""What a line of a message ends in that stands above a traceback."""
NOTES = (*(tail for tail in TAILS if len(tail) > 1), *QUOTES, DASHES, b"[NOTE] ", b"when serializing ")
"""What may stand below a class line although its message is whole."""
TROUBLE = (
    r"(?i:(?<!\b0 )(?<!\bno )(?:error|exception|fail)(?!\w*['\"]?[:=] ?(?:0|none|null|false)\b)"
    r"|unable|cannot|could not|can't|traceback|fatal|crash|abort|uncaught|unhandled|invalid"
    r"|timed? ?out|refused|denied|rejected|unexpected|problem|g(?:ave|iving) up|broken?\b|\blost\b|\bdied\b|killed)"
)
"""Words in which programs tell that something went wrong, but not how often it did not."""
OF_TROUBLE = lazy(TROUBLE)
_TROUBLE = re.compile(TROUBLE.encode())
_DOES = re.compile(rb"(?!(?:Noth|Someth|Str|Warn)ing)[A-Z][a-z]+ing [^:]+:[^:\w]*")
_ENDS = (
    rb"For (?:more information check|troubleshooting, visit): |\(Background on this error at: |\[SQL: |\[parameters: "
    rb"|Trying again in \d|Will retry using next failover|Action(?: Input)?: |Observation: |Final Answer: "
    rb"|During task with name '|LINE \d{1,6}: |\+[-=]{2,}|\|(?:[ -]|\r?$)"
    rb"|(?:FROM|WHERE|SET|VALUES|AND|OR|ON|HAVING|UNION|RETURNING|LIMIT|OFFSET|(?:GROUP|ORDER) BY"
    rb"|(?:(?:LEFT|RIGHT|FULL|INNER|CROSS)(?: OUTER)? )?JOIN)[ (]"
)
_END = re.compile(_ENDS)
"""What libraries end an exception's message with, rows of tables, clauses of SQL."""
_GO = (
    rb"(?:(?:main|runtime|(?:[\w\-]+\.)+[a-z]{2,}(?:/[\w.\-]+)+)\.(?:\(\*?\w+\)\.)?[A-Za-z]\w*"
    rb"|[a-z\d]+(?:/[a-z\d]+)+\.(?:\(\*?\w+\)|[A-Z]\w*)(?:\.\w+)?)(?:\.func\d+)*[ \t]*\r?$"
)
"""A function in a Go program's stack; its place stands in the next line, indented."""
_GOES_ON = re.compile(_ENDS + rb"|, |(?:SELECT|INSERT INTO|DELETE FROM)[ (]|" + _GO)
"""The same, the next members of a list, statements and frames: they begin no text of their own."""
_LETTERS = re.compile(rb"[A-Za-z\x80-\xff]{2}")
_PICTURE = re.compile(
    rb"(?:\xf0\x9f[\x80-\xbf]{2}|\xe2(?:\x8c[\x9a\x9b]|\x8f[\xa9-\xbf]|[\x98-\x9d\xad][\x80-\xbf]))"
    rb"(?:\xef\xb8\x8f)? *\w"
)
_DOTS = (b"...", b"\xe2\x80\xa6")
_SENTENCE = rb"[^\n{}\[\]<>\"'`:;=|]{2,90}"
_NEXT = re.compile(rb"[A-Z\x80-\xff]" + _SENTENCE)
"""A sentence, and no value that was cut off."""
_DOING = re.compile(
    rb"(?!(?:accord|be|concern|dur|exclud|exist|expect|follow|hav|includ|miss|regard|remain|str|warn"
    rb"|(?:any|every|no|some)th)ing )[a-z]{2,20}ing " + _SENTENCE
)
"""A sentence that begins with what the program does, and no text's own words."""
_STATEMENT = re.compile(rb"SELECT [^\n]+ FROM |INSERT INTO [^\n]+ VALUES|DELETE FROM ")
_BROKEN = re.compile(rb'\{"(?:@?timestamp|time|ts|asctime|level|levelname|severity)": ?(?:"|\d)')
"""The beginning of a JSON record, of which what follows broke off."""
_VALUE = b"{["
"""What a printed value begins with."""
_LISTED = re.compile(
    rb"(?:[-*]|\xe2\x80\xa2|\d{1,3}[.)]|#{1,6}|>(?! Entering new | Finished chain)) "
    rb"|```|\*\*\w|[}\])][,;]?[ \t]*\r?$|</?[A-Za-z][\w.:-]*[ />]"
)
"""Items, headings, quotations and ends of what brackets hold."""
_ITEM = re.compile(rb"(?:[-*]|\xe2\x80\xa2|\d{1,3}[.)]|#{1,6}) |\*\*\w|```")
"""What only a text of several lines has."""
PART = re.compile(
    rb"(?:(?P<blank>[ \t]*\r?$)|(?P<start>Traceback \(most recent call last|(?:  )?\+ Exception Group Traceback)"
    rb"|(?P<chain>During handling of the above|The above exception was)"
    rb"|(?P<inner>[ \t]|File \"[^\"\n]+\", line \d+(?:, in |\r?$)|[|+] |\+-[+\-]|[\^~]+\r?$)"
    rb"|(?P<remote>(?:concurrent\.futures\.process\._|multiprocessing\.pool\.)RemoteTraceback:)|(?P<quote>\"{3}|'{3})"
    rb"|(?P<tail>For (?:more information|troubleshooting)|During task with |\(Background on )"
    rb"|(?P<leaf>(?:(?:[A-Za-z_]\w*\.)*[A-Z]\w*|(?:[A-Za-z_]\w*\.)+(?:(?:gai|h)?error|timeout))(?::|\r?$)))"
)
"""A record's message that is one line of a traceback, where an application logs every line as a record of its own."""


def without_return(data: Buffer, start: int, end: int) -> int:
    """Return where a line ends without the carriage return that Windows ends it with."""
    return end - 1 if start < end and data[end - 1] == _RETURN else end


def shape_of(data: Buffer, start: int, end: int) -> int:
    """Return the shape of the line data[start:end], which is no record's head."""
    if start >= end:
        return BLANK
    first = data[start]
    if first == 32 or first == 9:
        return TRACEBACK if data.startswith(GROUP, start) else INDENTED
    if first == 13:
        return PROGRESS if _moves(data, start, end) else BLANK
    for text, shape in _BY_FIRST.get(first, ()):
        if data.startswith(text, start):
            return shape
    if first == 78 and _LAST.match(data, start, end):  # N
        return LAST
    if first in b"])}" and _CLOSER.match(data, start, end):
        return CONTINUES
    if first == 0xE2 and data.startswith(BOX, start) and data.find(b"Traceback", start, end) >= 0:
        return TRACEBACK
    if data.endswith(_HEADER, start, end):
        return TRACEBACK
    if data.find(b'", line ', start, end) >= 0 and _FRAME_REST.match(data, start, end):
        return CONTINUES
    return PROGRESS if _moves(data, start, end) else LOOSE


def _moves(data: Buffer, start: int, end: int) -> bool:
    """Whether a line shows tqdm's progress, be it in vLLM's words, which is no one's message."""
    until = min(end, start + _PROGRESS_MOST)
    percent = max(data.find(b"%|", start, until), data.find(b"% Completed |", start, until))
    return percent > start and 48 <= data[percent - 1] <= 57


def is_part(data: Buffer, start: int, end: int) -> bool:
    """Say whether an unknown line shows by itself that it goes on with the text before it. One that speaks of trouble
    never does: another program may have printed it."""
    if _GOES_ON.match(data, start, end) is not None:
        return True
    return _LISTED.match(data, start, end) is not None and not speaks_of_trouble(data, start, end)


def is_statement(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line is a statement of SQL as logs show it on one line."""
    return _STATEMENT.match(data, start, end) is not None


def has_word(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line holds letters in a row."""
    return _LETTERS.search(data, start, end) is not None


def is_pictured(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line begins with a picture, as what programs print to people does."""
    return data[start] in b"\xf0\xe2" and _PICTURE.match(data, start, end) is not None


def says_next(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line tells what the program does next (`Done, waiting...`, `falling back to the cache`): printed,
    no message's."""
    if data.endswith(_DOTS, start, end) and _NEXT.fullmatch(data, start, end) is not None:
        return True
    return _DOING.fullmatch(data, start, end) is not None


def is_told(data: Buffer, start: int, end: int) -> bool:
    """Say whether an unknown line behind a value that was closed goes on with the message, or tells of trouble."""
    return is_part(data, start, end) or speaks_of_trouble(data, start, end)


def is_more(data: Buffer, start: int, end: int) -> bool:
    """Say whether an unknown line below an indented block goes on with the text above the block."""
    return not bytes(data[start : start + 1]).isalnum() or is_told(data, start, end)


def is_item(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line is an item, a heading or a fence of a text of which more may follow."""
    return _ITEM.match(data, start, end) is not None


def is_broken_record(data: Buffer, start: int, end: int) -> bool:
    """Say whether an unknown line begins as a JSON record does: it is none, but no part of another text either."""
    return data.startswith(b"{", start) and _BROKEN.match(data, start, end) is not None


def is_command(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line is what a shell prints of a command before it runs it (`set -x`)."""
    return data.startswith(b"+", start) and _COMMAND.match(data, start, end) is not None


def is_process(data: Buffer, start: int, end: int) -> bool:
    """Say whether a bare line names the process of multiprocessing's that ends with the traceback below."""
    return _PROCESS.match(data, start, end) is not None


def is_panel(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line is the upper edge of a panel, printed beside the records, and none of a group's members."""
    return data.startswith(BOX, start) and data.find(b"Sub-exception", start, end) < 0


def is_titled(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line is the upper edge of a panel that has a title, as agents print beside what they log."""
    return is_panel(data, start, end) and _TITLED.match(data, start, end) is not None


def quotes_traceback(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line of an exception's message stands above another traceback that it quotes."""
    return data.startswith(DASHES, start) or data.endswith(_QUOTED, start, end)


def is_note(data: Buffer, start: int, end: int) -> bool:
    """Say whether a line goes on with an exception although its message is whole."""
    if data.startswith(NOTES, start) or data.endswith(_QUOTED, start, end):
        return True
    return _END.match(data, start, end) is not None


def is_failure(data: Buffer, start: int, end: int) -> bool:
    """Say whether a bare line is a JavaScript error's class and message."""
    return _FAILURE.match(data, start, end) is not None


def tops_stack(data: Buffer, start: int, end: int) -> bool:
    """Say whether a bare line may stand above a JavaScript stack: such an error, be it behind words."""
    return is_failure(data, start, end) or _LOGGED.match(data, start, end) is not None


def is_class(data: Buffer, start: int, end: int) -> bool:
    """Say whether a bare line is an exception's class and message."""
    return _RAISED.match(data, start, end) is not None


def is_another(data: Buffer, start: int, end: int, does: bool) -> bool:
    """Say whether the line right below what was announced is a failure of its own; `does`: what was announced says what
    the program does."""
    trouble = does and data[start] not in _VALUE and speaks_of_trouble(data, start, end)
    return is_class(data, start, end) or trouble


def says_all(data: Buffer, start: int, end: int) -> bool:
    """Say whether a class line leaves nothing to be told below it, as a colon or an open bracket would."""
    return _WHOLE.match(data, start, end) is not None


def says_it_does(data: Buffer, start: int, end: int) -> bool:
    """Say whether a message ends in its only colon and says what the program does (`Starting servers:`): no text
    follows."""
    return _DOES.fullmatch(data, start, end) is not None


def speaks_of_trouble(data: Buffer, start: int, end: int) -> bool:
    """Say whether a bare line reads like the header of a traceback (logging's last resort prints no level)."""
    return _TROUBLE.search(data, start, min(end, start + 400)) is not None
