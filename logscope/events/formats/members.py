"""Records that name their members: JSON objects and logfmt."""

from logscope.events.formats.format import Format

_PAIR = r"""[A-Za-z_@][\w.@\-]*=(?>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[^\s"]*)"""
_MEMBER = rf"(?:{_PAIR}|[a-z_][\w.\-]*)"
"""One, or a flag: structlog shows what is true by its name alone."""
_LEVEL = r"(?:level|lvl|severity)=\S"
_FIRST = r"""(?:"[^"\n]*"|'[^'\n]*'|\d{4}-\d\d-\d\d \d\d:\S+|\S+)"""

FORMATS = (
    # but not the body of a model provider's answer, below the message of an exception
    Format(
        "json",
        "{",
        r'(?!\{"type": ?"error", ?"error": ?\{)(?=\{\s*(?:"(?:[^"\\\n]|\\.)*"\s*:[^\n]*)?\}[ \t\r]*$)',
        kind="json",
        opens=False,
    ),
    Format("json-array", "[", r'(?=\[\s*\{\s*"[^\n]*\}\s*\][ \t\r]*$)', kind="json-array", opens=False),
    Format(
        "logfmt",
        "letter",
        rf"(?=(?:ts|time|timestamp|when|at|level|lvl|severity|t)={_FIRST}(?: {_PAIR})+"
        # as a formatter's text calls them that is no logfmt by itself
        rf"|(?i:(?:date)?time|timestamp|asctime|level(?:name)?)={_FIRST}(?: {_PAIR}){{0,8}}? (?i:msg|message)=)",
        kind="logfmt",
        first=b"adlstwADLSTW",
    ),
    Format("logfmt", "letter", rf"(?={_PAIR} +(?:{_MEMBER} +){{0,20}}{_LEVEL})", kind="logfmt"),
    Format(
        "logfmt",
        "letter",
        rf"(?=[a-z_][\w.\-]* (?:{_MEMBER} +){{0,20}}(?:ts|time|timestamp)={_FIRST} +(?:{_MEMBER} +){{0,20}}{_LEVEL})",
        kind="logfmt",
    ),
    Format("logfmt", "time", rf" (?=(?:{_PAIR} +){{0,3}}{_LEVEL})", kind="logfmt"),
)
