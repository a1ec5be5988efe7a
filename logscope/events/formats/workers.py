"""Records of task runners, and of others that put more than time and level before a message."""

from logscope.events.formats.format import UPPER, Format

FORMATS = (
    Format("sanic", "letter", r"(?:Main|Srv ?\d{0,2}) *\|? ?{time} {LEVEL}: ", first=b"MS"),
    Format("sanic", "[time]", r" - \((?P<logger>[\w.]+)\)\[{LEVEL}\]\[[^\]\n]{1,80}\]: "),
    Format("twisted", "time", r" \[(?P<logger>[\w.\-]{1,150}+)#{level}\] "),
    Format("dramatiq", "[time]", r" \[PID \d+\] \[[^\]\n]{1,80}\] \[{inside}\] \[{LEVEL}\] "),
    Format("ansible", "time", r" p=\d+ u=\S+ n=(?P<logger>\S+)(?: \|)? {LEVEL}\| "),
    Format("tslog", "time", r"\t{LEVEL}\t[^\s]{1,200}:\d+\t(?:(?P<logger>[\w.\-:]{1,80})\t)?"),
    Format("tabbed", "time", rf"\t(?P<logger>(?!{UPPER}\t)[\w.\-]{{1,150}}+)\t{{LEVEL}}\t"),
)
