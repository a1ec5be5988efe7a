"""Records of MCP hosts, editors and JavaScript programs."""

from logscope.events.formats.format import LOWER, UPPER, Format

TWO_LINES = "java-util-lines"
PINO = r"\((?:(?P<logger>(?!\d+[ )])[^\s/()]{1,80})(?:/\d+)?|\d+)(?: on [^)\n]+)?\):(?: |(?=\r?$))"
"""Name, process and host, each of which pino-pretty may be told to leave out."""
EARLY = (
    Format(
        "claude-desktop",
        "time",
        r"(?<=Z) \[(?P<logger>(?!{lower_only}\])[^\]\n]{1,120})\] \[{lower}\] ".replace(
            "{lower_only}", "(?:error|warn|warning|info|debug)"
        ),
        kind="desktop",
        opens=False,  # the server's own lines follow
    ),
    Format("claude-desktop", "time", r"(?<=Z) \[{lower}\] \[{inside}\] ", kind="desktop", opens=False),
    Format("node-bracket", "[time]", r" \[{LEVEL}\] \[(?P<pid>\d+)\] \[{inside}\] "),
    Format("zap-console", "time", r"\t{level}\t(?:(?P<logger>[\w.\-]+)\t)?(?:(?P<where>\S+\.go:\d+)\t)?"),
    Format(  # with thread and spans before the target
        "tracing",
        "time",
        r" +{LEVEL} (?:[\w.\-]{1,60}+ )??(?:ThreadId\(\d+\) )?(?>[\w.\- ]{1,60}?(?:\{[^\n]{0,2000}?\})?: ?)*?"
        r"(?P<logger>\w+(?:::\w+)+|(?<=\}: )\w+): ",
    ),
    Format("pino-pretty", "level", rf"{{LEVEL}} \[{{time}}\] {PINO}"),
    Format("jetbrains", "time", r" \[ *\d+\] +{LEVEL} - (?P<logger>#?[\w.\-/$]+) - "),
    Format(  # as Java's logging and Tomcat have it, where one line is all
        "java-util",
        "time",
        r" +(?P<level>SEVERE|WARNING|INFO|CONFIG|FINE[RST]{0,2}) (?:\[[^\]\n]{1,80}\] )?"
        r"(?P<logger>[a-z]\w*(?:\.[a-z]\w*)+\.[A-Z][\w$]*(?:\.[\w$<>]+)?) (?=\S)",
    ),
    Format(  # java.util.logging's default: level and message stand in the next line
        TWO_LINES,
        "day",
        rf"(?P<time>[A-Z][a-z]{{2}} \d\d?, \d{{4}},? \d\d?:\d\d:\d\d\s[AP]M) "
        rf"(?P<logger>(?!{UPPER}\b)[A-Za-z_][\w.$]{{0,200}}+)"
        r"(?: [\w$<>]{1,100}+)?(?: (?P<level>SEVERE|WARNING|INFO|CONFIG|FINE[RST]{0,2}): |[ \t]*\r?$)",
        opens=True,
    ),
    Format(
        "spring",
        "time",
        r" +{LEVEL} (?:\[[^\]\n]{0,120}\] )?(?:\d+ )?---(?: \[[^\]\n]*\])+ (?P<logger>\S+) *: ",
    ),
)
"""Tried before Python's formats, which would take them for their own."""
_THREE = "VRB|TRC|DBG|INF|WRN|ERR|FTL|PNC"
_SERILOG = rf"(?P<level>{_THREE}|Verbose|Debug|Information|Warning|Error|Fatal)"
"""In brackets only: `{Level}` writes the words."""
_ENRICHED = r"(?: {dotted}(?=\])| [^\]\n]{1,120})?"
"""The class that logs, a thread, a client."""
_ABOVE = r"(?P<logger>[A-Za-z_]\w*(?:\.\w+)+)[ \t]*\r?$"
"""The class alone: the message stands in the next line, as IdentityServer's templates have it."""
_ZEROLOG = rf"(?P<level>{_THREE})"
_CALLER = r"(?:[\w./\-]+\.go:\d+ > )?"
_DOTNET = (
    r"(?P<level>trce|dbug|info|warn|fail|crit): (?P<logger>[A-Za-z_][\w.+`]*)\[\d+\](?: (?=[^\s])|(?= *\r?$))"
)
"""The message stands in the next line, indented, or behind it."""
_WINSTON = r"(?P<level>error|warn(?:ing)?|info|http|verbose|debug|silly|critical): "
_PARTS = rf"(?:\[(?!{LOWER}\]){{inside}}\] (?:\[[^\]\n]{{1,80}}\] )?)?"
"""Service and component, which people put before the level."""
DOTNET = (
    Format("serilog", "[", rf"\[{{time}} {_SERILOG}\] {_ABOVE}", opens=True),
    Format("serilog", "[time]", rf" \[{_SERILOG}\] {_ABOVE}", opens=True),
    Format("serilog", "time", rf" \[{_SERILOG}\] {_ABOVE}", opens=True),
    Format("serilog", "[", rf"\[{{time}} {_SERILOG}{_ENRICHED}\] "),
    Format("serilog", "[", rf"\[{_SERILOG} {{time}}{_ENRICHED}\]:? "),
    Format("serilog", "[time]", rf" \[{_SERILOG}\] "),
    Format(
        "mcp-remote",
        "[",
        r"\[\d{2,8}\] (?:\[\d{2,8}\] )?(?=(?:Connect(?:ion error|ing to|ed to)|Fatal error|Using |Local STDIO|Proxy est"
        r"|Press |Shutting down|Received error|Recursively|Discover|Auth|Please auth|Browser opened|Debug mode)\b)",
    ),
    Format("nats", "[", rf"\[\d+\] {{time}} \[{_ZEROLOG}\] "),
    Format("serilog", "time", rf" \[{_SERILOG}\] (?:(?P<logger>[\w.\-]+(?:·[\w.\-]+)+): )?"),  # so LogTape's
    Format("zerolog", "time", rf" {_ZEROLOG} {_CALLER}"),
    Format("zerolog", "digit", rf"(?P<time>\d\d?:\d\d[AP]M) {_ZEROLOG} {_CALLER}"),
    Format("zerolog", "day", rf"(?P<time>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d) {_ZEROLOG} {_CALLER}"),
    Format("dotnet", "letter", _DOTNET, first=b"tdiwfc"),
    Format("dotnet", "time", rf" {_DOTNET}"),
    Format("dotnet", "[time]", rf" {_DOTNET}"),
)
_C = r"(?:\x1b\[[\d;]*m)*"
"""Colours of an indented line, which is looked at as it stands."""
LATE = (
    Format(
        "ruby",
        "letter",
        r"[DIWEFAU], \[{time} #\d+\] +(?:{LEVEL}|ANY) -- (?P<logger>[^:\n]{0,80}): ",
        first=b"DIWEFAU",
    ),
    Format(  # the first page of fern's manual
        "fern",
        "[",
        r"\[(?P<time>\d{4}-\d\d-\d\d\]\[\d\d:\d\d:\d\d)\]\[{inside}\]\[{LEVEL}\] ",
    ),
    Format("winston", "time", rf" +{_PARTS}{_WINSTON}"),
    Format("winston", "[time]", rf" +{_PARTS}{_WINSTON}"),
    Format("winston", "[", rf"\[{{inside}}\] +\[?{{time}}\]? +{_WINSTON}"),
    Format(
        "lambda-platform",
        "letter",
        r"(?=(?:START|END|REPORT) RequestId: |INIT_START Runtime Version: |(?:EXTENSION|TELEMETRY)\tName: )",
        level="info",
        first=b"EIRST",
    ),
    Format("lambda-platform", "request", r"RequestId: [0-9a-f\-]{36} (?=Error: )", level="error"),
    Format("lambda-platform", "time", r" [0-9a-f\-]{36} (?=Task timed out after )", level="error"),
    Format("elixir", "time", r" (?:[\w.\-]+=\S+ ){1,9}\[{lower}\] "),
    Format(  # and where somebody does: indented, coloured, and how long it took at the end
        "debug",
        "letter",
        r"(?P<logger>[A-Za-z@][\w\-@/.]{0,60}+(?::[A-Za-z*][\w\-*]{0,40}+)+) (?=\S[^\n]* \+\d+(?:ms|s|m|h)[ \t]*\r?$)",
    ),
    Format("rabbitmq", "time", r" \[{lower}\] <0\.\d+\.\d+> "),
    Format(  # winston too, which has one level more
        "vscode", "time", rf" \[(?P<level>{LOWER}\b|http(?=\]:))\]:? (?:\[{{inside}}\] )?"
    ),
    Format(  # npm's debug, where nobody reads along: no level
        "debug",
        "time",
        rf"(?<=Z) (?P<logger>(?!{LOWER}:)[a-z][\w\-]{{0,40}}+(?::[A-Za-z*][\w\-*]{{0,40}}+)+) (?=\S)",
    ),
    Format(
        "debug",
        "day",
        r"(?P<time>[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT) "
        r"(?P<logger>[a-z][\w\-]{0,40}+(?::[A-Za-z*][\w\-*]{0,40}+)*) (?=\S)",
    ),
    Format(
        "pino-pretty",
        "[",
        rf"\[(?P<time>\d{{13}})\] {{LEVEL}} {PINO}",
    ),
    Format("nest", "[", r"\[[\w.\-]{1,40}\] \d+ +- {time} +(?:{LEVEL} (?:\[{inside}\] )?|\[{inside}\] )"),
    Format("lambda", "[", r"\[{LEVEL}\]\t{time}\t(?:(?P<request>[0-9a-f\-]{36})\t)?"),
    Format(  # what LangChain prints of runs in debug mode, Python's and JavaScript's
        "langchain-run",
        "[",
        r"\[(?:chain|llm|tool|retriever|agent)/(?:start|end|action|(?P<level>error))\] (?=\[(?:\d+:)?[a-z_]+:)",
        level="debug",
    ),
    Format(
        "bracket-level-time",
        "[",
        r"\[ *{level} *\]:? *(?:[|:\-] )?\[?(?:UTC )?{time}\]?(?! *[-=]>)[ :|\-]*(?:{logger}(?::\d+)?(?: -|:) )?",
    ),
    Format(
        "bracket-level-time",
        "[",
        r"\[ *{level} *\][ :|\-]+[\[(]?(?P<logger>[A-Za-z_][\w.\-]{0,150}+(?:(?<=\.)<\w+>)?(?::\d+)?)"
        r"(?: *[\])])?+[ :|\-]++[\[(]?{time}[\])]?(?! *[-=]>)[ :|\-]+",
    ),
    Format(  # with the time of a simulation behind its own
        "ros", "[", r"\[ *{LEVEL} *\] \[(?P<time>1\d{9}\.\d{1,9})(?:, \d+\.\d+)?\](?: \[{inside}\])?: "
    ),
    Format("bracket-word", "[", r"\[{LEVEL}[/:](?P<logger>[A-Za-z_][\w.\-]+)\] "),
    Format("bracket-word", "[", r"\[(?P<logger>[A-Za-z_][\w.\-]{0,150}+):{LEVEL}\]:? "),
    Format("bracket-word", "[", r"\[(?P<logger>[A-Z][\w.\-]{0,40}) {lower}\] "),
    Format(  # env_logger without times
        "bracket-word",
        "[",
        r"\[(?P<level>INFO |WARN |ERROR|DEBUG|TRACE) (?P<logger>[A-Za-z_]\w*(?:::\w+)*)\] ",
    ),
    Format("bracket-word", "[", r"\[ *{level} *\]:? ?(?:\[{inside}\] |{logger}(?::\d+)?(?: -|:) )?"),
    Format(
        "bracket-name-level",
        "[",
        r"\[(?P<logger>(?!\d+\])[\w.\-/ ]{1,80})\] *\[?{LEVEL}\]?[ :\-]+(?:{time}[ :|\-]+)?",
    ),
    Format("bracket-name-level", "[", r"\[(?P<logger>[A-Z]\w{1,80})\] (?P<level>Warning): "),  # CrewAI's
    Format("github-command", "other", r"##\[(?:{lower}|[a-z\-]{1,40})\]", opens=False),
    Format(  # what npm says below `code E404` is of that error
        "npm",
        "letter",
        r"npm (?P<level>ERR!|WARN|error|warn|notice)"
        r" (?!(?:syscall|path|dest|errno|command|signal|cwd|enoent|notarget|\d{3}(?!\d)|A complete log of|\s*\r?$))",
        first=b"n",
    ),
    Format("npm", "letter", r"(?:gyp )?(?P<level>ERR!) ", first=b"gE"),
    Format("npm", "letter", r"gyp (?P<level>info|verb|WARN|http) ", first=b"g"),
    Format("badge", "space", r" (?P<level>ERROR|WARN|FATAL)  (?=\S)"),  # consola's, and pnpm's
    Format("angle-level", "time", r" +<{lower} *> ?"),
    Format("next-dev", "letter", r"(?P<level>error|warn|info|event|ready|wait) +- ", first=b"ewir"),
    Format("next-dev", "space", rf" {_C}\xe2\xa8\xaf{_C} ", level="error"),  # since 13.5: signs, and requests
    Format(
        "next-dev",
        "space",
        rf" {_C}\xe2\x9a\xa0(?:\xef\xb8\x8f)?{_C} {{1,2}}(?=[A-Z])",
        level="warning",
        opens=False,
    ),
    Format("next-dev", "space", rf" {_C}\xe2(?:\x9c\x93|\x97\x8b){_C} (?=[A-Z])", level="info", opens=False),
    Format(
        "next-dev",
        "space",
        rf" (?=(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) /\S* {_C}\d{{3}}{_C} in \d)",
        kind="access",
        opens=False,
    ),
    Format(
        "glog",
        "letter",
        r"(?P<level>[CDIWEF])(?P<time>(?:20\d\d)?\d{4} \d\d:\d\d:\d\d(?:[.,]\d+)?) +(?:\d+ )?"
        r"(?P<logger>[\w.\-]+)(?: [\w.\-]+\.py)?:\d+\] ",
        first=b"CDIWEF",
    ),
    Format(  # PyTorch's, in brackets; older ones have no time
        "glog",
        "[",
        r"\[(?P<level>[CDIWEF])(?:(?P<time>\d{4} \d\d:\d\d:\d\d\.\d+)| )? *"
        r"(?P<logger>[\w\-]+\.(?:cpp|cc|cu|hpp|cuh|h)):\d+\] ",
    ),
    Format("node-warning", "(", r"\(node:\d+\) (?=(?:\[\w+\] )?\w*Warning: )", level="warning", opens=False),
    Format(
        "node-uncaught",
        "letter",
        r"(?=(?:node:[\w/]+|file://\S+|(?:/\S+|[A-Z]:\\[^\n:]{1,300})\.[cm]?[jt]sx?):\d+\r?$)",
        opens=True,
        first=b"nf/CDEF",
    ),
    Format("java-uncaught", "letter", r'(?=Exception in thread "[^"\n]{1,200}" )', opens=True, first=b"E"),
    Format(  # Rust's and Go's
        "panic",
        "letter",
        r"(?=thread '[^'\n]{1,200}' (?:\(\d+\) )?panicked at |panic: \S|fatal error: \S)",
        opens=True,
        first=b"tpf",
    ),
)
