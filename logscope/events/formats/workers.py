"""Records of task runners, and of others that put more than time and level before a message."""

from logscope.events.formats.format import UPPER, Format

_SANIC = r"(?:Main|Srv ?\d{0,2}) *\|? ?{time} {LEVEL}: "
FORMATS = (
    Format("sanic", "letter", _SANIC, first=b"MS"),
    Format(
        "sanic", "icon", rf"\xe2\x95\xad {_SANIC}", first=b"\xe2"
    ),  # ╭: where a frame shows the exception below
    Format(
        "fastapi", "space", r" (?:\x1b\[[\d;]*m)?\xe2\x96\x95(?:\x1b\[0?m)? {1,3}"
    ),  # ▕: its command in a terminal
    Format("sentry", "space", r" \[(?P<logger>sentry)\] {LEVEL}: "),
    Format("sanic", "[time]", r" - \((?P<logger>[\w.]+)\)\[{LEVEL}\]\[[^\]\n]{1,80}\]: "),
    Format("twisted", "time", r" \[(?P<logger>[\w.\-]{1,150}+)#{level}\] "),
    Format(  # whose messages begin like loggers' names
        "supervisord", "time", r" {LEVEL} (?=(?:spawned|spawnerr|success|exited|stopped): )"
    ),
    Format("dramatiq", "[time]", r" \[PID \d+\] \[[^\]\n]{1,80}\] \[{inside}\] \[{LEVEL}\] "),
    Format("ansible", "time", r" p=\d+ u=\S+ n=(?P<logger>\S+)(?: \|)? {LEVEL}\| "),
    Format(  # Python's logging in its way shows name and function
        "tslog",
        "time",
        r"\t{LEVEL}\t(?:(?P<logger>[A-Za-z_][\w.\-]{0,80}):(?:[A-Za-z_]\w*|<\w+>):\d+|[^\s]{1,200}:\d+)"
        r"\t(?:(?P<logger>[\w.\-:]{1,80})\t(?!\{))?",
    ),
    Format("tabbed", "time", rf"\t(?P<logger>(?!{UPPER}\t)[\w.\-]{{1,150}}+)\t{{LEVEL}}\t"),
)
