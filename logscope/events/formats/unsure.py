"""Records of formatters without a sure sign: such a line may as well be text.

They count only where a source's own lines show that they are written so (`events/written/learned.py`).
"""

import re

from logscope.events.formats.format import CLASS_ENDS, CLOCK, DATE, ZONE, Format
from logscope.events.formats.python import PICTURE

_LETTER = r"(?P<level>[DIWEC])"
_WORD = (
    r"(?P<level>debug|info|warning|warn|error|critical|verbose|fatal|trace|http"
    r"|Debug|Info|Warning|Warn|Error|Critical|Verbose|Fatal|Trace)"
)
_EDGE = r"[^\w\n]{0,8}+"
_START = rf"(?! ){_EDGE}"
"""An indented line goes on with the record above."""
_NO_CLASS = rf"(?!(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:{'|'.join(CLASS_ENDS)}): )"
PRETTY = "json-pretty"
"""One member per line: not one line of such a record tells that it is none of a text's."""
_END = r"(?: *[^\w\s\x80-\xff*#]{1,3}(?= |$))?(?:[^\S\n]+|$)"
"""What stands before the message: closing brackets and marks, none of the message's own."""
_NAMED = (
    r"(?:debug|info|warning|warn|error|critical|fatal|trace"
    r"|Debug|Info|Warning|Warn|Error|Critical|Fatal|Trace)"
)
_PLAIN = rf"(?<![\w.\-/'\"=])(?P<level>{_NAMED})(?:{_END}|:(?=[^\s:/]))"
"""Such a word behind other columns."""
NEAR = "near-level"
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
_BETWEEN = "(?:[T _:]|, ?)"
_ALONE = rf"{_LETTER}(?![\w.'])"
_MOMENT = rf"(?P<time>{DATE}{_BETWEEN}{CLOCK}(?: [AP]M)?{ZONE})"
"""Day and clock: no message of most lines holds both at the same place."""
_CLOCK = rf"(?P<time>(?:{DATE}{_BETWEEN})?{CLOCK}(?: [AP]M)?{ZONE})"
"""The clock is enough beside a level, or a number that nearly all lines begin with."""

MOMENT = re.compile(f"{DATE}{_BETWEEN}{CLOCK}".encode())
"""What a record's time looks like."""

UNSURE = (
    Format("letter-level", "time", rf"{_MARK}\[?{_LETTER}\]?{_MARK}"),
    Format("letter-level", "[time]", rf" ?\[?{_LETTER}\]?(?:{_MARK}|(?<=\])(?=\[))"),
    Format("letter-level", "(time)", rf" \[?{_LETTER}\]?{_MARK}"),
    Format("letter-level", "letter", rf"{_LETTER}{_MARK}\[?{{time}}\]?{_MARK}"),
    Format("letter-level", "letter", rf"{_LETTER}(?:[/ ]| - ) *{{logger}} *(?::|-|\|) "),
    Format("letter-level", "letter", rf"{_LETTER} *\| +(?=\S)"),
    Format(
        "letter-level", "[", rf"\[{_LETTER}\]{_MARK}(?:\[?{{time}}\]?{_MARK})?(?:{{logger}}(?::| -| \|) )?"
    ),
    Format(WORDS, "time", rf"(?: [:|\-])?[ \t]+\[?{_WORD}\]?{_MARK}"),
    Format(WORDS, "[time]", rf" \[?{_WORD}\]?{_MARK}"),
    *(Format(WORDS, lead, rf"(?P<near>[^\n]{{1,60}}?){_PLAIN}") for lead in ("time", "[time]", "(time)")),
    Format(WORDS, "letter", rf"{_WORD}[ :|\-]+[\[(]?{_MOMENT}[\])]?[ :|\-]+(?=\S)"),
    Format(WORDS, "letter", rf"{_WORD} *[:|\-] {{logger}} *(?::|-|\|) "),
    Format(
        WORDS,
        "other",
        rf"{_START}(?:\[[A-Za-z][\w.\-]{{0,40}}\][ :|\-]*)?[\[(]?{_MOMENT}[\])]?[ :|\-]*"
        rf"(?:\[[A-Za-z][\w.\-]{{0,40}}\][ :|\-]*)?[\[(<|]{_WORD}[\])>|][ :|\-]*(?=\S)",
    ),
    Format(
        WORDS,
        "[",
        rf"\[(?P<logger>[A-Za-z][\w.\-]{{0,40}})\][ :|\-]*{_MOMENT}[ :|\-]+{_WORD}(?: *[:|\-]+ +|[ \t]+)(?=\S)",
    ),
    Format(WORDS, "[", rf"\[(?P<logger>[A-Za-z][\w.\-]{{0,40}})\] {_WORD}: (?=\S)"),
    Format(
        "npmlog",
        "letter",
        r"(?P<level>silly?|verb(?:ose)?|info|timing|http|notice|WARN|ERR!) (?P<logger>[a-z][\w.\-/@]{0,40}) (?=\S)",
    ),
    Format(NEAR, "letter", r"(?P<logger>[A-Za-z_][\w.]{0,80}?)[.\-]{LEVEL}(?:-|: )(?=\S)"),
    Format(NEAR, "other", rf"{_START}{{LEVEL}}{_EDGE}{{time}}{_END}"),
    Format(
        NEAR,
        "other",
        rf"{_NO_CLASS}{_START}(?P<near>(?:(?!(?<!\w)\d\d:\d\d)[^\n]){{0,60}}?)(?<![\w.\-]){{LEVEL}}"
        rf" *[\])>]?[ :|/\-]*+[\[(]?{_MOMENT}{_END}",
    ),
    Format(
        NEAR,
        "other",
        rf"{_NO_CLASS}{_START}(?![A-Z][a-z]{{2}}, \d)(?P<near>[^\n]{{1,60}}?)(?<![\w.\-/]){_MOMENT}"
        rf"(?P<behind>[^\n]{{0,60}}?)(?<![\w.\-]){{LEVEL}}{_END}",
    ),
    Format(NEAR, "other", rf"{_START}{{LEVEL}}(?P<near>[^\n]{{0,80}}?)(?<![\w.\-/]){_MOMENT}{_END}"),
    Format("near-letter", "other", rf"{_START}{_ALONE}(?P<near>[^\n]{{0,60}}?)(?<![\w.\-/]){_MOMENT}{_END}"),
    Format(
        "near-letter",
        "other",
        rf"{_START}(?P<near>[^\n]{{0,60}}?)(?<![\w.\-/:]){_CLOCK}(?P<behind>[^\n]{{0,40}}?)(?<![\w.\-']){_ALONE}"
        r"[^\w\s\x80-\xff]{0,2} +",
    ),
    Format(
        "near-letter",
        "other",
        rf"{_START}(?P<near>(?:(?!(?<!\w)\d\d:\d\d)[^\n]){{0,60}}?)(?<![\w.\-']){_ALONE}"
        rf" *[\])>]?[ :|/\-]*+[\[(]?{_MOMENT}{_END}",
    ),
    Format(
        NEAR,
        "other",
        rf"{_NO_CLASS}{_START}(?:{{time}}{_EDGE})?(?P<near>[^\n]{{0,120}}?)(?<![\w.\-]){{LEVEL}}"
        rf"(?:{_END}|:(?=[^\s:]))",
    ),
    Format(
        "letter-level",
        "letter",
        rf"(?P<near>[^\n:]{{1,60}}?)(?<=[\-|] |.[\[|(<]){_LETTER}(?: [\-|] |[\])>|])",
    ),
    Format(
        WORDS,
        "letter",
        rf"(?P<near>[^\n:]{{1,60}}?)(?<=[\-|:] |.[\[|(<])(?={_NAMED}(?: [\-|]|[\])>|:])){_PLAIN}",
    ),
    Format("stamped", "digit", rf"\d{{1,7}}(?: [|/\-])? [\[(]?{_CLOCK}[\])]?[ :|/\-]+(?=\S)"),
    Format("stamped", "other", r"[^\w\s\[(]{1,8} ?{time}[^\w\s\[({<\"']{0,4}[ :|\-]+(?=\S)"),
    Format("stamped", "other", rf"[A-Za-z][\w.\- ]{{0,40}}?[^\w\n]{{1,4}}{_MOMENT}[\])]?[ :|\-]+(?=\S)"),
    Format("minutes", "other", r"[\[(]?(?P<time>\d\d:\d\d)(?![:.\d])[\])]?(?: *[:|\-]+ +| +)(?=\S)"),
    Format("epoch", "digit", r"(?P<time>1\d{9}(?:\.\d{1,9})?)[ :|\-]+(?=\S)"),
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
        r"(?P<logger>__main__|root|asyncio|httpx2?|LiteLLM|[a-z_]\w*(?:\.[A-Za-z_]\w*)+) (?=[^\s:|=\-]|={3}|-{3})",
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
