"""Records that name their members: JSON objects and logfmt."""

from logscope.events.formats.format import Format

_PAIR = r"""[A-Za-z_@][\w.@\-]*=(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[^\s"]*)"""
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
        rf"(?=(?:ts|time|timestamp|when|at|level|lvl|severity|t)={_FIRST}(?: {_PAIR})+)",
        kind="logfmt",
        first=b"alstw",
    ),
    Format("logfmt", "letter", rf"(?=(?:{_PAIR} +){{1,20}}(?:level|lvl|severity)=\S)", kind="logfmt"),
    Format("logfmt", "time", rf" (?=(?:{_PAIR} +){{0,3}}(?:level|lvl|severity)=\S)", kind="logfmt"),
)
