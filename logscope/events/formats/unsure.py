"""Records of formatters without a sure sign: such a line may as well be text.

They count only where a source's own lines show that they are written so (`events/written/learned.py`).
"""

import re

from logscope.events.formats.format import CLASS_ENDS, CLOCK, DATE, Format
from logscope.events.formats.python import PICTURE

_LETTER = r"(?P<level>[DIWEC])"
_WORD = (
    r"(?P<level>debug|info|warning|warn|error|critical|verbose|fatal|trace|http"
    r"|Debug|Info|Warning|Warn|Error|Critical|Verbose|Fatal|Trace)"
)
_NO_CLASS = rf"(?!(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:{'|'.join(CLASS_ENDS)}): )"
PRETTY = "json-pretty"
"""One member per line: not one line of such a record tells that it is none of a text's."""
WORDS = "word-level"
"""A level that may as well be a message's first word."""
NAMED = frozenset(("bracket-logger", "bare-logger", "logger-blank"))
"""No level and no time: few names before many lines tell."""
DOTTED = "bare-logger"
"""And nothing around the name: some must have dots."""
ALONE = "logger-blank"
"""And not even a mark behind it: all must have dots or be known, and few must stand before many lines."""
_NO_UNIT = (
    r"(?!\S+\.(?:service|socket|timer|mount|scope|slice|target): (?:Main p|Control p|Failed |Scheduled r|Deactivated |"
    r"Consumed |Succeeded|Start |State '|Killing |Sent s|Found l|Unit |Service |Trigger|Watchdog |A p|Processes ))"
)
"""systemd's sentences about its units."""
_CAMEL = r"(?:[A-Z]+[a-z\d]+[A-Z]\w*|[A-Z]{2,}[a-z]\w*)"
CAMEL = re.compile(_CAMEL.encode())
"""A class's name, as loggers are called."""
_MARK = r"[ \t:|/\-]+"

UNSURE = (
    Format(
        "letter-level",
        "letter",
        rf"{_LETTER}(?:[/ ]| - ) *(?:{{logger}}|[\w.\-/]{{1,80}}\.py:\d+(?: \([^)\n]{{1,60}}\))?) *(?::|-|\|) ",
    ),
    Format(WORDS, "time", rf"(?: [:|\-])?[ \t]+\[?{_WORD}\]?{_MARK}"),
    Format(WORDS, "[time]", rf" \[?{_WORD}\]?{_MARK}"),
    Format(
        "npmlog",
        "letter",
        r"(?P<level>silly?|verb(?:ose)?|info|timing|http|notice|WARN|ERR!) (?P<logger>[a-z][\w.\-/@]{0,40}) (?=\S)",
    ),
    Format(
        DOTTED,
        "letter",
        rf"{_NO_CLASS}{_NO_UNIT}(?![a-z_]+: <)(?P<logger>(?:[a-z_][a-z\d_\-]*|LiteLLM|{_CAMEL})(?:\.[\w\-]+)*)"
        r"(?::\d+(?= ))?(?:[ \t]*:|[ \t]+[|\-]) (?=\S)",
    ),
    Format(
        DOTTED,
        "other",
        r"(?:\([\w.\-]{1,60}\) +|')(?P<logger>[a-z_][\w\-]*(?:\.[\w\-]+)*):\d+'? +[|\-] (?=\S)",
    ),
    Format(
        ALONE,
        "letter",
        r"(?!\S+(?:Error|Exception|Warning) )"
        r"(?P<logger>__main__|root|asyncio|httpx2?|LiteLLM|[a-z_]\w*(?:\.(?:[A-Za-z_]\w*|<[a-z]+>))+) "
        r"(?=[^\s:|=\-]|={3}|-{3})",
    ),
    Format(
        "bracket-logger",
        "[",
        rf"\[(?P<logger>[A-Za-z_][\w.\-/ ]{{0,60}})\](?::| -)? {{1,8}}(?=\S)(?!{DATE}[T ]{CLOCK})",
    ),
    Format("icon", "icon", rf"{PICTURE}(?=\S)"),
    Format("json-pretty", "{", r"\{[ \t]*\r?$", kind=PRETTY, opens=False),
    Format("rich", "[time]", r" (?=\S[^\n]* [\w.\-]+\.py:\d+ *\r?$)", kind="rich"),
    Format("rich", "space", r" {11,44}(?=\S[^\n]* [\w.\-]+\.py:\d+ *\r?$)", kind="rich"),
)
