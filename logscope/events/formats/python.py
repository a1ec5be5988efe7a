"""Records of Python's logging and of the libraries on top of it."""

from logscope.events.formats.format import (
    CAPITALS,
    FULL_TIME,
    LOWER,
    NO_CLASS,
    SMALL,
    THREAD,
    UPPER,
    ZONE,
    Format,
)

_UVICORN_PAD = "|".join(
    (
        r"(?<=INFO:) {5}",
        r"(?<=ERROR:) {4}",
        r"(?<=DEBUG:) {4}",
        r"(?<=TRACE:) {4}",
        r"(?<=WARNING:)  ",
        r"(?<=CRITICAL:) ",
    )
)
RICH = r"INFO {4}|WARNING |ERROR {3}|DEBUG {3}|CRITICAL|TRACE {3}|NOTSET {2}|SUCCESS "
_EDGE = r"(?:(?<= )|(?<=\.py:\d)|(?<=\.py:\d\d)|(?<=\.py:\d\d\d)|(?<=\.py:\d\d\d\d))"
_REPORTS = (
    r"Task exception was never retrieved|Task was destroyed but it is pending!|Future exception was never retrieved"
    r"|unhandled exception during asyncio\.run\(\) shutdown|an error occurred during closing of asynchronous generator"
    r"|Exception in callback |Exception in thread (?!\")|Exception ignored (?:in|on|while)"
    r"|Unhandled exception in (?:event loop|thread|client_connected_cb)\b"
    r"|Error in sys\.excepthook|Exception in ASGI application|Exception in 'lifespan' protocol"
    r"|Exception calling callback |exception calling callback |Fatal (?:read |write )?error on |Unclosed c\w+"
    r"|Unclosed <\w|Process \w+-\d+:|Process [A-Z]\w*:[ \r]*$|Executing <Task |Exception in default exception handler"
    r"|--- Logging error (?:in Loguru Handler #\d+ )?---"
    r"|Error in atexit\._run_exitfuncs|SSL handshake failed|Traceback for "
    r"|Timeout \(\d+:\d\d:\d\d[\d.]*\)!"
)
_ID = (
    r"(?:[\da-f]{8}[\da-f\-]*|(?=\d*[a-f])(?=[a-f]*\d)[\da-f]{6,7}(?!\w)|None|N/A|-"
    r"|(?:req|request|run|trace|session|sess|corr|conn|task|job)[_\-](?=\w*\d)[\w\-]+)"
)
"""What a column holds that tells whose record it is, and no logger."""
_ICON = r"(?:[\x80-\xff]{2,16} *)?"
"""What loguru's {level.icon} prints before a level: one picture."""
PICTURE = (
    r"(?:\xf0\x9f[\x80-\xbf]{2}|\xe2(?:\x84\xb9|[\x98-\x9b][\x80-\xbf]|\x9c[\x85\x8f\x94\xa8]|\x9d[\x8c\x97]))"
    r"(?:\xef\xb8\x8f)? *(?:\| *)?"
)
"""The same at a line's start, where boxes, lists and ticks are drawn as well: what loguru and people put there."""
_SIGNALE = (
    r"(?:\xf0\x9f[\x80-\xbf]{2}|\xe2[\x80-\xbf]{2})(?:\xef\xb8\x8f)?  "
    r"(?P<level>info|warning|error|debug|fatal|success) {2,8}(?=\S)"
)
"""A picture, and a label padded to the longest one, as signale prints."""
_LIBRARIES = "sqlalchemy|uvicorn|gunicorn|django|celery|httpx2?|httpcore2?|mcp|fastmcp|openai|anthropic|aiohttp|urllib3"

FIRST = (
    Format(
        "uvicorn",
        "level",
        rf"(?P<level>INFO|ERROR|WARNING|DEBUG|CRITICAL|TRACE):(?:{_UVICORN_PAD})"
        r"(?![ \t]*+[|\-\[(]? ?\d{1,4}+[-/:](?:\d\d|[A-Z][a-z]{2})[-/:]\d\d)",
    ),
    Format(
        "basicConfig",
        "letter",
        r"(?P<level>[A-Z]{4,9}|(?:INFO|DEBUG|ERROR|WARNING) {1,4}|Level \d+)"
        r":(?P<logger>[^\s:\"'()\[\]{}<>]{1,150}(?:\([\w.\-]{1,60}\))?|LiteLLM (?:Proxy|Router)):(?!//)",
        first=CAPITALS,
    ),
)
"""The most frequent lines of all, and like no others: tried before everything."""
FORMATS = (
    # letters
    Format(  # RichHandler without times: padded level, place in the code at the right edge
        "rich",
        "level",
        r"(?P<level>INFO {4}|WARNING |ERROR {3}|DEBUG {3}|CRITICAL) (?!\| |\d{1,4}[-/.]\d\d[-/.]\d+[T, ]+\d\d:)"
        r"(?=\S(?:[^\r\n]{62,}+(?<= )|[^\n]{0,400} [\w.\-]{1,80}\.py:\d+ *\r?$))",
        kind="rich",
    ),
    Format(
        "level-logger-time",
        "level",
        r"{LEVEL}[ :|\-]+[\[(]?(?P<logger>[A-Za-z_][\w.\-]{0,150}+(?:(?<=\.)<\w+>)?(?::\d+)?)(?: *[\])])?+{mark}+"
        r"[\[(]?{time}[\])]?(?! *[-=]>){mark}+",
    ),
    Format("level-paren-logger", "level", r"{LEVEL} +\((?P<logger>[\w.\-]+)\): +"),
    Format("level-slash-logger", "level", r"{LEVEL} */ *(?P<logger>[A-Za-z_][\w.\-]{0,150}+): "),
    Format(  # as many copy it, without a logger
        "level-pipe-logger",
        "space",
        rf"  (?:\x1b\[[\d;]*m)*(?P<level>{RICH})(?:\x1b\[[\d;]*m)* \| (?:\x1b\[[\d;]*m)*",
    ),
    Format("level-pipe-logger", "level", r"{LEVEL} *\| *(?!\d)(?P<logger>[^|\s]{1,150}) *\| "),
    Format(
        "vllm",
        "level",
        r"{LEVEL} +(?P<time>\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) \[?(?P<logger>[\w.\-/]+?)(?:\.py)?:\d+\] ",
    ),
    Format("pytest-log", "level", r"{LEVEL} +(?P<logger>[\w.\-]+):[\w.\-]+\.py:\d+ "),
    Format(
        "level-time",
        "level",
        r"{LEVEL}(?:[ \t:|\-@]+[\[(]?|\[){time}(?:[\])]|(?! *[-=]>)){mark}*"
        r"(?:\[{inside}\] |{dotted}(?: \d+ \d+ |(?::[\w<>]+)?:\d+[ :|\-]+| ?[:|\-]{1,3} +)"
        r"|(?P<named>[a-z_][\w\-]*|LiteLLM(?: Proxy| Router)?):(?: |\d+:? (?:\| )?)"
        r"|(?P<module>[A-Za-z_]\w*) \d+ \d+ )?",
    ),
    Format("log15", "level", r"{LEVEL} *\[(?P<time>\d\d-\d\d\|\d\d:\d\d:\d\d(?:\.\d{3})?)\] "),  # and geth
    Format(  # browser-use's names have signs and ids behind them
        "level-bracket-logger",
        "level",
        r"{LEVEL} *\[(?P<logger>(?:[\w.\-:/]++|<\w+>(?=:)[\w.\-:/]*+)(?:(?<=\w)[\x80-\xff][^\]\n]{0,60})?)\]:? ",
    ),
    Format("level-dash-logger", "level", r"{LEVEL} *- (?:{logger} - )?"),
    Format("level-logger", "level", r"{LEVEL} {2,}{logger}(?::\d+:?|:) "),
    Format("level-colon", "level", r"{LEVEL}: ?"),
    Format("level-word", "level", r"{LEVEL}[ |\t]+(?=\S|\r?$)"),
    Format(
        "level-lower-time",
        "letter",
        r"(?P<level>error|warning|warn|fatal|info|debug|verbose|silly|critical): \[?{time}\]?(?:::?| -)? ",
        first=b"ewfidvsc",
    ),
    Format(  # winston's `simple`, which prints what else a record has as JSON behind the message
        "level-lower-json",
        "letter",
        r"(?P<level>error|warn|info|http|verbose|debug|silly): "
        r'(?=[^\n]*"timestamp":"{time}"(?:,[^\n]{0,300})?\}[ \t\r]*$)',
        first=b"ewihvds",
    ),
    Format(
        "level-lower-colon",
        "letter",
        r"(?P<level>error|warning|warn|fatal|info|debug|verbose|silly|critical)(?:\[\w+\])?: ",
        first=b"ewfidvsc",
    ),
    Format(
        "logger-time",
        "letter",
        rf"(?P<logger>(?![A-Z][a-z]{{2}}[ \-/]+\d|{UPPER}\b)[\w.\-]+)"
        r"(?: \d+)?(?: [\-|])? \[?{time}\]?(?: [\-|])? \[?{LEVEL} *\]?"
        r"(?: [\-|]|:)? ",
    ),
    Format(
        "logger-level-time",
        "letter",
        r"(?P<logger>[A-Za-z_][\w.\-]{0,80}+)(?: *[-|:] *| +)\[?{LEVEL}(?: *\])?(?: *+[-|:] *+| ++)"
        r"(?:\d{1,7} *[-|:] *)?\[?{time}\]?(?! *[-=]>){mark}+",
    ),
    Format(
        "logger-dash-level",
        "letter",
        rf"(?P<logger>[A-Za-z_]\w*(?:\.[\w\-]+)+){NO_CLASS} *(?:-|\||:) *\[?{{LEVEL}}\]? *(?:-|\||:) ",
    ),
    Format(
        "logger-dash-level",
        "letter",
        rf"(?P<logger>(?!{UPPER}\b)[A-Za-z_][\w.\-]{{0,80}}+){NO_CLASS}"
        r"(?: ++[-|] +(?=[A-Z]+ +[-|] )| *+: ?(?=[A-Z]+: |(?:INFO {4}|ERROR {3}|DEBUG {3}|WARNING |CRITICAL) ))"
        r"{LEVEL}(?: +[-|] |: | +)",
    ),
    Format(
        "logger-level",
        "letter",
        rf"(?P<logger>(?:{_LIBRARIES}|asyncio|root|__main__|[a-z_]\w*(?=\.))(?:\.\w+)*) +{{LEVEL}} +",
        first=SMALL,
    ),
    Format(  # both padded
        "logger-level",
        "letter",
        rf"(?P<logger>(?!{UPPER}\b)[A-Za-z_][\w.\-]{{0,80}}+)"
        r"(?: +(?=INFO {5}|ERROR {4}|DEBUG {4}|WARNING {2})| {2,}(?=CRITICAL )){LEVEL} +",
    ),
    Format("level-angle-time", "<", r"<{LEVEL}> {time}(?: {logger}:)? "),
    Format(
        "python-warning",
        "letter",
        r"(?P<file>(?:(?:[A-Za-z]:)?[\\/][^:\n]{1,300}|[^\s:]{1,300})\.pyx?|<[\w ]+>|sys):-?\d+: "
        r"(?=[A-Z]\w*(?:Warning|Since\d+): )",
        level="warning",
    ),
    Format("aiogram", "letter", r"[\w.\-]{1,80}\.py:\d+ #{LEVEL} *\[{time}\] - (?:(?P<logger>[\w.\-]+) - )?"),
    Format(
        "program-level", "letter", r"(?P<logger>[A-Za-z_][\w.\-]{0,80}+)\[\d+\]: \[?{LEVEL}\]?(?::| -|) +"
    ),
    Format("python-fatal", "letter", "(?=Fatal Python error: )", level="critical", opens=True, first=b"F"),
    Format("python-report", "letter", rf"(?=(?:{_REPORTS}))", opens=True, first=b"EFPSTUaeu-"),
    Format(
        "pytest-section",
        "letter",
        r"(?=[^\r\n]{70,400}+\r?$)(?="
        + "|".join(rf"{c}{{3,}}+ [^\n]*[^{c}\n] {c}{{3,}}+\r?$" for c in "_=-")
        + ")",
        opens=False,
        first=b"_=-",
    ),
    Format(
        "pytest-summary",
        "letter",
        r"(?:FAILED|ERROR) (?=[\w/.\-]{1,150}+(?<=\.py)(?:::[^\n]{1,300}?)? - )",
        level="error",
        opens=False,
        first=b"EF",
    ),
    Format(
        "pytest-test",
        "letter",
        r"(?=(?:[\w/\-]{1,150}+\.py::\w\S* *)?(?:(?:PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR)"
        r"(?: \([^)\n]*\))? +\[ *\d+%\])\r?$|(?:(?:FAILED|ERROR) )?[\w/\-]{1,150}+\.py::\w\S* *\r?$"
        r"|(?:FAILED|ERROR) [\w/\-]{1,150}+\.py\r?$)",
        opens=False,
    ),
    Format(
        "server-notice",
        "letter",
        r"(?=Press CTRL\+C to quit|worker: (?:Warm|Cold) shutdown \(|Give Feedback / Get Help: "
        r"|LiteLLM\.Info: )",
        opens=False,
        first=b"PwGL",
    ),
    Format("server-notice", "space", r" -{14} (?=celery@\S+ v\d)", opens=True),  # the first row of its banner
    Format(
        "icon-time",
        "icon",
        rf"{PICTURE}\[?{{time}}\]?[ :|\-]+(?:\[?(?P<logger>[A-Za-z_][\w.\-]*)\]?(?: ?[|:\-]+ \[?| ?\[)|\[?)"
        rf"{{LEVEL}} *\]?{{mark}}+",
    ),
    Format("icon-time", "icon", rf"{PICTURE}\[?{{time}}\]?[ :|\-]+(?!\[?{UPPER}\b)"),
    Format("icon-level-time", "icon", rf"{PICTURE}\[?{{LEVEL}}(?: *\])?[ :|\-]++\[?{{time}}\]?{{mark}}+"),
    Format("icon-level", "icon", rf"{PICTURE}\[?{{LEVEL}}(?: *\])?{{mark}}+"),
    Format("icon-level", "icon", _SIGNALE),
    Format("icon-level", "[", rf"\[(?P<logger>[A-Za-z][\w.\-]*)\] \xe2\x80\xba +{_SIGNALE}"),
    # a time first
    Format(  # RichHandler with a time without brackets: padded rows, or the place in the code at the right edge
        "rich",
        "time",
        rf" (?P<level>{RICH})(?: |$)(?![^\r\n]*/[\w.\-]{{1,80}}\.py:\d+ *\r?$)(?=[^\r\n]{{40,}}+{_EDGE})",
        kind="rich",
    ),
    Format(
        "loguru",
        "time",
        r" \| (?P<level>[A-Z]{3,12}) *\| (?P<logger>[^|\s:]+):(?P<function>[^|\s]*):(?P<line>\d+|\?) (?:[-|]|—|–) ",
    ),
    Format(  # with an icon, and other fields before the name
        "loguru",
        "time",
        rf" \| {_ICON}(?P<level>[A-Z]{{3,12}}) *\| (?:[^|\n]{{1,200}} \| ){{0,3}}?"
        r"(?P<logger>(?!\d|[^|\s:]*\.py:)[^|\s:]+):(?:(?P<function>[^|\s:]*):)?(?P<line>\d+|\?) (?:[-|]|—|–) ",
    ),
    Format(  # with a process, a thread or what was bound before the level
        "loguru",
        "time",
        r" *\|[^|\n]{1,160}\| *{LEVEL} *\| *"
        r"(?P<logger>(?!\d)[^|\s:]+):(?:(?P<function>[^|\s:]+):)?(?P<line>\d+|\?) (?:[-|]|—|–) ",
    ),
    Format(
        "asctime-pipe",
        "time",
        rf" *\| *{_ICON}(?P<level>(?!(?!{UPPER}\b)[A-Z]+ *\| *{UPPER} *\|)[A-Z]{{3,12}}) *\| *"
        rf"(?:(?:{_ID}? *\| *)?(?P<logger>(?![\d{{\-]|<\W|{_ID} *\|)[^|\s=:]{{1,150}}(?::\d+)?)"
        r"(?::[^|\s=]*)? *(?:\| ?|- ))?",
    ),
    Format("asctime-pipe-logger", "time", r" *\| {0,60}(?P<logger>[^|\n]{1,120}?) {0,120}\| *{LEVEL} *\| "),
    Format(
        "asctime-dash",
        "time",
        rf" - (?!\[?{UPPER} *\]? - )(?P<logger>[^\s\-]\S{{0,150}}?|[^\n]{{1,60}}?) - +\[?{{LEVEL}}\]? *(?:- |: )",
    ),
    Format(
        "asctime-dash-level",
        "time",
        r" - \[?{LEVEL}\]? *(?:- |: )"
        r"(?:(?P<logger>[A-Za-z_][\w.]*:\d+|\[[\w.:<>\-]+\]"
        rf"|[A-Za-z_]\w*(?:\.\w+)+{NO_CLASS}(?= - |: ))(?: - |: | )"
        r"|(?P<named>[a-z_][\w\-]*|<\w+>) - )?",
    ),
    Format("litellm", "time", r" - (?P<logger>[\w.\-]+(?: [\w.\-]+)?):{LEVEL}: (?P<where>\S+:\d+) - "),
    Format(
        "asctime-level-bracket",
        "time",
        rf" +{{LEVEL}} +\[(?!{THREAD}\])(?P<logger>[^\]\s]{{1,150}})\](?::| -| \|)? ",
    ),
    Format(
        "asctime-level-logger",
        "time",
        r" +\[?{LEVEL}\]? *(?: |:|-|\|) *{logger}(?:\.py)?(?::\d+)?(?: -|:|\|) ",
    ),
    Format("asctime-basic", "time", r" +{LEVEL}:(?P<logger>[\w.\-]+):"),
    Format("asctime-library", "time", rf" +{{LEVEL}} +(?P<logger>(?:{_LIBRARIES})(?:\.\w+)+) "),
    Format("uvicorn-asctime", "time", r" +{LEVEL}: +"),
    Format(
        "asctime-colon",
        "time",
        r"(?:::?|-) ?{LEVEL} *(?:::?|-) ?(?:(?P<logger>(?!\d)[\w.\-]+|<module>|<lambda>)::?)?",
    ),
    Format(
        "asctime-colon", "time", r"::? ?(?P<logger>[A-Za-z_][\w.\-]*)(?:::(?:\w+|<\w+>))?::? ?{LEVEL} ?::? ?"
    ),
    Format(
        "asctime-members",
        "time",
        r"[ ,;|\t]+(?:level|levelname|severity)={LEVEL}[ ,;|]+(?:(?:logger|name)={logger}[ ,;|]+)?"
        r"(?:msg|message)=(?=[^\"])",
    ),
    Format("asctime-separated", "time", r"[,;] *(?:{logger} *[,;] *)?{LEVEL} *[,;] *(?:{logger} *[,;] *)?"),
    Format(
        "asctime-bracket",
        "time",
        r" +\[ *{LEVEL} *\] (?:\[{dotted}(?::\d+)?\](?::| -|) |{dotted}(?::\d+(?::| -|)|:| -) |\[{inside}\]:? "
        r"|(?P<module>[a-z_]\w*|LiteLLM(?: Proxy| Router)?): )?",
    ),
    Format(  # process, level, database; its own loggers tell that a word before them is no message's
        "odoo",
        "time",
        rf" \d+ {{LEVEL}} (?:\? {{logger}}|[\w.\-]+ (?P<logger>(?:odoo|openerp|werkzeug|{_LIBRARIES})(?:\.\w+)*)): ",
    ),
    Format(
        "asctime-process",
        "time",
        r"(?: +(?:\[(?:MainThread|Thread-[^\]\n]+|ThreadPool[^\]\n]+|asyncio_\d+|AnyIO[^\]\n]*|\d+) *\]|\d+)){1,2}"
        r" +\[?{LEVEL} *\]? +"
        r"(?:\[{inside}\] {1,2}|{logger}(?: \[(?:-|(?:None |global-)?req-[^\]\n]*)\]| -|:) )?",  # oslo's context
    ),
    Format(
        "asctime-logger-bracket",
        "time",
        rf" +\[(?!{LOWER} *\]){{inside}}\] +\[?{{LEVEL}}(?: *\])?(?: *[:\-|])?"
        r"(?: *(?P<second>[A-Za-z_]\w*(?:\.\w+)+) - | ?)",
    ),
    Format("coloredlogs", "time", r" (?:\S+ )?(?P<logger>[^\s\[]+)\[\d+\] {LEVEL} "),
    Format(
        "asctime-logger-level",
        "time",
        rf" +(?P<logger>(?!{UPPER}\b)[A-Za-z_][\w.\-]*)(?: -|:)? +\[?{{LEVEL}}(?: *\])?(?: *[:\-|])? ?",
    ),
    Format("asctime-level", "time", r"[ \t]+[\[<(]?{LEVEL}(?: *[\])]|>)?(?: *(?:[:|]|-{1,3}(?!-)))?[ \t]?"),
    Format(
        "ctime",
        "day",
        r"(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})[ :|\-]+(?:\[?{LEVEL}\]?[ :|\-]+)?",
    ),
    Format(
        "syslog-level",
        "day",
        rf"(?P<time>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d) (?!{UPPER}\b)[\w.\-]+ [\w.\-]+(?:\[\d+\])?: "
        r"\[?{LEVEL} *\]?{mark}+",
    ),
    Format(
        "ctime",
        "day",
        r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?)[ \t:|\-]+\[?{LEVEL} *\]?{mark}+",
    ),
    Format(
        "ctime",
        "day",
        r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?)(?: [\-|])? +"
        rf"\[?(?P<logger>(?!{UPPER}\b)[A-Za-z_][\w.\-]{{0,150}}+)(?:\[\d+\])?\]?"
        r"(?: *[:\-|])? +\[?{LEVEL} *\]?{mark}+",
    ),
    Format(  # as syslog has it, perhaps without the host
        "syslog-name",
        "day",
        rf"(?P<time>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d) (?:(?!{UPPER}\b)[\w.\-]+ )?"
        rf"(?P<logger>[A-Za-z_][\w.\-@]{{0,80}}+)\[\d+\]: (?!(?:\x1b?\[[\d;]*m|\W){{0,4}}{UPPER}\b)",
    ),
    Format(
        "ctime",
        "day",
        rf"(?P<time>[A-Z][a-z]{{2}}, \d\d? [A-Z][a-z]{{2}} \d{{4}} \d\d:\d\d:\d\d{ZONE})[ :|\-]+"
        r"\[?{LEVEL} *\]?{mark}+",
    ),
    Format(
        "ctime",
        "day",
        rf"{FULL_TIME}[ :|\-]+"
        rf"(?:\[?(?P<logger>(?!{UPPER}\b)[A-Za-z_][\w.\-]{{0,150}}+)\]?[ :|\-]+)?{_ICON}\[?{{LEVEL}} *\]?[ :|\-]+",
    ),
    Format(
        "epoch-level",
        "digit",
        r"(?P<time>\d{10}(?:\.\d{1,9})?)[ :|\-]+\[?{LEVEL}\]?[ :|\-]+(?:{dotted}[ :|\-]+)?",
    ),
    Format("process-time", "digit", r"\d{1,7} +\[?{time}\]?[ :|\-]+\[?{LEVEL} *\]?(?: *[:|\-])? +"),
    Format("relative", "digit", r"\d+(?:\.\d+)? +\[?{LEVEL}(?: *\])? ++(?:{logger}(?: -|:) |{dotted} )"),
    Format("relative", "digit", r"\d+(?:\.\d+)? - (?P<logger>[A-Za-z_][\w.\-]*) - {LEVEL} - "),
    Format("relative", "digit", rf"\d+(?:\.\d+)? +{THREAD} +(?:\[?{{LEVEL}}(?: *\])?{{mark}}+)?"),
)
