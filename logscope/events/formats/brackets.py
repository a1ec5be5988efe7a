"""Records of Python's logging that begin with a bracket, and structlog's, whose levels stand in brackets."""

from logscope.events.formats.format import ANY, LOWER, TIME, Format
from logscope.events.formats.python import RICH
from logscope.events.formats.tools import PINO

_CRITICAL = r"CRITICAL(?= [^\n]*(?: |[\w.\-]+\.py:\d+ *)\r?$)"
"""As long as the column that RichHandler pads levels to: only the row tells that it wrote it."""
_TAIL = (
    r"(?=\S[^\n]*?(?:(?<! ) {2,}+(?:\[[A-Za-z_][\w.\-]*\](?: |\r?$)|[A-Za-z_][\w.]*=\S)"
    r"| \[[A-Za-z_][\w.\-]*\](?: [A-Za-z_][\w.]*=\S|\r?$)| [A-Za-z_][\w.]*=\S[^\n]*$))"
)
"""What structlog prints behind an event: the logger, and members."""

STRUCTLOG = Format("structlog", "time", r" \[{lower}\] ", kind="structlog")
"""Its console renderer's with pad_level=False, where nothing follows the event: written like others' as well."""
FORMATS = (
    Format("gunicorn", "[time]", r" \[(?P<pid>\d+)\] \[{LEVEL}\] (?!\[\w+\.[\w.\-]+\] )"),
    Format(
        "rich",
        "[time]",
        rf" (?P<level>(?!CRIT)(?:{RICH})|{_CRITICAL})(?: |$)",
        kind="rich",
    ),
    Format(  # ONNX Runtime's own, with the place in its code
        "onnxruntime", "time", r" \[(?P<level>[VIWEF]):(?P<logger>onnxruntime):[^\]\n]{0,300}\] "
    ),
    Format("bracket-level-logger", "[time]", r" ?\[ *{level} *\] ?\[{inside}\] ?(?:- )?"),
    Format(
        "bracket-level",
        "[time]",
        r"[ \t]?\[ *{level} *\][ \t](?:(?P<logger>(?!\d)[\w.\-]+):\d+ |(?P<module>[A-Za-z_]\w*(?:\.\w+)+)(?::| -) )?",
    ),
    Format("bracket-logger-level", "[time]", r" ?\[{inside}\] ?\[{level} *\] ?(?:- )?"),
    Format(
        "bracket-logger-level",
        "[time]",
        rf" ?\[(?P<logger>(?!{ANY} *\])[A-Za-z_][\w\-]*(?:(?:\.(?!py\b)|::?|/)[A-Za-z_][\w\-]*)*) *\] ?{{LEVEL}}"
        r"(?: *[:|]| -)? +(?=\S)",
    ),
    Format("monolog", "[time]", r" (?:\[[^\]\n]{0,80}\] )?(?P<logger>[A-Za-z_][\w\-]{0,60}+)\.{LEVEL}: "),
    Format("flask", "[time]", r" {LEVEL} in (?P<logger>[\w.]+)(?: \[\d+\])?: "),
    Format("pino-pretty", "[time]", rf" {{LEVEL}} {PINO}"),
    Format("airflow", "[time]", r" \{(?P<logger>[^}:]+)(?::\d+)?\} {LEVEL} - "),
    Format("asctime-basic", "[time]", r" +{LEVEL}:(?P<logger>[\w.\-]+):"),
    Format("bracket-time-level", "[time]", r" {LEVEL} *(?:\[{inside}\] |{dotted}(?::\d+)?: |(?:-|:|\|) |:)?"),
    Format(
        "bracket-record",
        "[",
        r"\[{time}(?: - (?P<logger>[^\s\]]{1,150}?)(?::\d+)? - | +){LEVEL}(?: +(?P<logger2>[^\s\]]{1,150}))?\]:? ",
    ),
    Format(  # and the place in the code
        "bracket-record",
        "[",
        r"\[(?:(?P<logger>[A-Za-z_][\w.\-]{0,150}+) )?{LEVEL} +{time}"
        r"(?: (?![\w.\-]+\.py:)(?P<logger2>[A-Za-z_][\w.\-]{0,150}+)(?::\d+)?)?(?: [\w.\-/]+:\d+)?\] ",
    ),
    Format(
        "bracket-record",
        "[",
        r"\[(?P<logger>[^\s\]]{1,150}?)(?::\d+)?(?: -)? +{time}\] *\[?{LEVEL} *\]?{mark}+",
    ),
    Format("bracket-record", "[", r"\[{time}[|,;] *{LEVEL} *[|,;] *(?P<logger>[^\]|\s]{1,80})\]:? *"),
    Format("bracket-record", "[", r"\[{lower}\] \[?{time}\]?(?: ?(?:->|:|-))? "),
    Format("bracket-record", "[", r"\[ *{LEVEL}(?: *+[:/|] *+| ++){time}\](?: {logger}(?=:))?{mark}+"),
    Format("bracket-record", "[", r"\[{time} +(?![A-Z]+\d*\])(?P<logger>[A-Za-z_][\w.\-]*) *\][ :]+(?=\S)"),
    Format(
        "bracket-members",
        "[",
        r"\[(?:ts|time|timestamp)={time}\] ?\[(?:lvl|level|severity)={level} *\] ?(?:\[(?:logger|name)={inside}\] ?)?",
    ),
    Format(
        "bracket-members",
        "[",
        r"\[(?:lvl|level|severity)={level} *\] ?(?:\[(?:ts|time|timestamp)={time}\] ?)?"
        r"(?:\[(?:logger|name)={inside}\] ?)?",
    ),
    Format("bracket-file", "[", r"\[{LEVEL}\|(?P<logger>[\w.\-]+?)(?:\.py)?[:|]L?\d+\] {time}:? (?:>> )?"),
    Format(  # names of days and months
        "ctime",
        "[",
        r"\[(?P<time>(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: \d{4})?)\]"
        r"[ :|\-]*\[?{LEVEL} *\]?{mark}+",
    ),
    Format("bracket-place", "[", r"\[[\w.\-]+\.py:\d+(?:[ :\-]+(?:\w+|<\w+>)(?:\(\))?)? *\][ :\-]+(?!>)"),
    Format(
        "bracket-name-time",
        "[",
        r"\[{inside}\][ :|\-]*\[?{time}\]?[ :|\-]+\[?{LEVEL} *\]?{mark}+",
    ),
    Format("sglang", "[", r"\[{time}(?: [DTPE]P\d+)+\] "),
    Format("tornado", "[", r"\[(?P<level>[DIWEC]) {time} (?P<logger>[\w.\-]+)(?::\d+| [\w.\-]+:\d+)?\] "),
    Format(
        "tornado",
        "[",
        r"\[(?P<level>[DIWEC]) (?P<time>\d{6} \d\d:\d\d:\d\d) (?P<logger>[\w.\-]+)(?::\d+)?\] ",
        opens=False,  # it indents all further lines
    ),
    Format("paren-level", "(", r"\({LEVEL}\) {logger}: "),
    Format(  # the process, and the task that logs in front of its messages
        "celery",
        "[",
        r"\[{time}: {LEVEL}/(?:{dotted}|[^\]]+)\] ?"
        r"(?:[\w.]{1,200}+\[[\da-f\-]{36}\]: |\?{3}\[\?{3}\]: |\[[\w.]{1,200}+\([\da-f\-]{36}\)\] )?",
    ),
    Format(
        "rich",
        "space",
        rf" {{9,44}}(?P<level>{RICH}) (?= {{0,12}}+\S| {{20,}}+(?:[\w.\-]+\.py:\d+ *)?\r?$)",
        kind="rich",
    ),
    # structlog's console renderer: the level padded inside its brackets
    Format(
        "structlog",
        "day",
        r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?) \[(?P<level>[a-z]{3,9}) {1,6}\] ",
        kind="structlog",
    ),
    Format("structlog", "time", r" \[(?P<level>[a-z]{3,9}) {1,6}\] ", kind="structlog"),
    Format("structlog", "[", rf"\[(?P<level>{LOWER} +|exception)\] (?!\[?{TIME})", kind="structlog"),
    Format(  # its former default, with a point before the seconds, and minutes alone
        "structlog",
        "digit",
        r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d(?:\.\d\d)?|\d\d:\d\d) \[(?P<level>[a-z]{3,9}) *\] ",
        kind="structlog",
    ),
    # with pad_level=False; editors write the same, with milliseconds and without what follows
    Format("structlog", "time", rf"(?<![.,]\d{{3}}) \[{{lower}}\] {_TAIL}", kind="structlog"),
    Format("structlog", "[", rf"\[{{lower}}\] (?!\d{{4}}-\d\d-\d\d[T ]){_TAIL}", kind="structlog"),
)
