"""Records of web servers, proxies and databases."""

from logscope.events.formats.format import Format

_REQUEST = r'"(?:[A-Z]{3,10}|WebSocket) [^"\n]*"'
_ARROW = r"(?:<--|-->|xxx) [A-Z]{3,7} /"

FIRST = (
    Format(  # as basicConfig writes it: only the request shows when it was
        "werkzeug",
        "letter",
        r"(?P<level>INFO):(?P<logger>werkzeug|aiohttp\.access):"
        r"(?=[^\s\"]{1,60} (?:- - )?\[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}[ :][\d:]{8}(?: [+\-]\d{4})?)\] )",
        first=b"I",
    ),
)
"""Tried before logging's own."""
FORMATS = (
    Format(
        "postgres",
        "time",
        # what `log_line_prefix` tells besides: a line's number, user, database, client; RDS puts it all before the id
        r"(?: [A-Z]{2,5})?(?: \[\d+(?:-\d+)?\]:?(?: \S+){0,5}? |:(?:[^\s\[]|\[(?:unknown|local)\]){0,200}:\[\d+\]:)"
        r"(?P<level>LOG|FATAL|PANIC|ERROR|WARNING|NOTICE|INFO|DEBUG\d?|DETAIL|HINT|STATEMENT|CONTEXT|QUERY):  ",
    ),
    Format(
        "pgbouncer",
        "time",
        r"(?: [A-Z]{2,5})? \[\d+\] (?P<level>LOG|NOISE|DEBUG|INFO|WARNING|ERROR|FATAL) (?=[CS]-0x[0-9a-f]+: )",
    ),
    Format("envoy", "[time]", r"\[\d+\]\[{level}\]\[{inside}\] \[[^\]\n]{1,200}:\d+\] "),
    Format("mysql", "time", r" \d+ \[(?P<level>Note|System|Warning|ERROR)\] (?:\[MY-\d+\] \[\w+\] )?"),
    Format(
        "nginx-error",
        "time",
        r" \[(?P<level>emerg|alert|crit|error|warn|notice|info|debug)\] (?P<pid>\d+)#\d+: (?:\*\d+ )?",
    ),
    Format(  # Apache's: the module, process and client
        "httpd-error",
        "[",
        r"\[(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? \d{4})\] \[(?P<logger>[\w\-]*):"
        r"(?P<level>emerg|alert|crit|error|warn|notice|info|debug|trace)\d?\] \[pid [\d:tid ]+\] "
        r"(?:\[client [^\]\n]+\] )?",
    ),
    Format(
        "nginx-stderr",
        "letter",
        r"(?P<logger>nginx): \[(?P<level>emerg|alert|crit|error|warn|notice|info|debug)\] ",
        first=b"n",
    ),
    Format(
        "access-common",
        "address",
        r"(?:(?:[\w\-]+(?:(?:\.[\w\-]+)+(?::\d+)?|:\d+)|-)(?:, ?[0-9a-fA-F.:]+)* )??"
        r"(?P<peer>[0-9a-fA-F.:]+(?:, ?[0-9a-fA-F.:]+)*|-|[\w.\-]+)"
        r"(?: \S+(?: \S+)?|(?= \[\d)) \[(?P<time>[^\]\n]+)\] "
        r'(?="[^"\\\n]*+(?:\\.[^"\\\n]*+)*+" (?:\d{3}|-|HTTPStatus\.[A-Z_]+) )',
        kind="access",
        opens=False,
    ),
    Format(  # what http.server, and so werkzeug, says of requests that it could not read
        "werkzeug",
        "address",
        r"[0-9a-fA-F.:]+ - - \[(?P<time>[^\]\n]+)\] (?=code \d{3}, message )",
        opens=False,
    ),
    Format(  # haproxy's
        "access-common",
        "address",
        r"(?P<peer>[0-9a-fA-F.:]+:\d+) \[(?P<time>[^\]\n]+)\] (?=\S+ \S+ [\d/+\-]+ \d{3} )",
        kind="access",
        opens=False,
    ),
    Format(
        "access-bare",
        "address",
        rf"(?!(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):)(?=[0-9a-zA-Z.:\[\]_\-]+(?::\d+)? - {_REQUEST} )",
        kind="access",
        opens=False,
    ),
    Format(
        "access-morgan",
        "method",
        r"(?=(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) /\S* \d{3} (?:[\d.]+ ms - |(?:\d+|-) - [\d.]+ ms))",
        kind="access",
        opens=False,
    ),
    Format(
        "access-morgan",
        "address",
        r"(?=[0-9a-fA-F.:]+ \S+ [A-Z]{3,7} /\S* HTTP/[\d.]+ \d{3} (?:\d+|-) - [\d.]+ ms)",
        kind="access",
        opens=False,
    ),
    Format("access-arrow", "space", rf"  (?={_ARROW})", kind="access", opens=False),  # koa-logger's
    Format("access-arrow", "<", rf"(?={_ARROW})", kind="access", opens=False),  # and Hono's
    Format("access-arrow", "address", rf"(?={_ARROW})", kind="access", opens=False, first=b"-x"),
    Format(
        "gin",
        "[",
        r"\[GIN\] (?P<time>\d{4}/\d\d/\d\d - \d\d:\d\d:\d\d) (?=\| *\d{3} \|)",
        kind="access",
        opens=False,
    ),
    Format("gin", "[", r"\[GIN-debug\] (?!\[)", level="debug"),
    Format("access-django", "[time]", rf" (?={_REQUEST} )", kind="access", opens=False),
    Format(
        "redis",
        "digit",
        r"\d+:[MSCX] (?P<time>\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d+) (?P<level>[.\-*#]) ",
    ),
    Format("redis", "digit", r"\d+:signal-handler \((?P<time>\d{10})\) "),
)
