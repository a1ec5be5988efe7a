"""What a line format is: a name and the pattern of a record's head, written with a few placeholders."""

from __future__ import annotations

import re
from functools import cached_property

from msgspec import Struct

CLOCK = r"\d\d?:\d\d:\d\d(?:[.,]\d{1,9}(?:\.\d{3})?|:\d{3}(?!\d))?"
ZONE_NAME = "[ABCEGHJKMNPSUW](?:TC|MT|(?<=[CEW])ES?T|[EZ]?[SD]T|KT|GT|SK)"
ZONE = rf"(?: ?(?:Z|[+-]\d\d:?\d\d|{ZONE_NAME})(?!\w|:\d))?"
DATE = (
    r"(?:\d{4}[-/.]\d\d[-/.]\d\d|20\d{6}(?=[T ])|\d\d[-/.]\d\d[-/.](?:\d{4}|\d\d)|\d\d[-/]\d\d"
    r"|\d\d?/\d\d?/\d{4}(?=, )|(?:[A-Z][a-z]{2}, )?\d\d?[-/ ][A-Z][a-z]{2,8}[-/ ](?:\d{4}|\d\d)"
    r"|[A-Z][a-z]{2}[-/]\d\d[-/](?:\d{4}|\d\d)|(?:\d\d [A-Z][a-z]{2}|[A-Z][a-z]{2} [ \d]\d(?: \d{4})?)(?= \d\d:\d\d:))"
)
DAY_BEHIND = r"(?: (?:\d\d[-/.]\d\d[-/.]\d{4}|\d{4}-\d\d-\d\d)(?![\w:.\-/]))?"
TIME = (
    rf"(?:{DATE}(?:[T _]|, ?|:|-(?=\d\d:)| (?: |at |[-|>] )|\[T\])(?:{CLOCK}(?::? [AP]M)?{ZONE}"
    r"|(?<=\d\d )\d\d:\d\d(?![:.\d])|(?:(?<=\d[ _])|(?<=\d - ))\d\d(?:\.\d\d\.\d\d(?![.\d])|-\d\d-\d\d(?![\d\-])))"
    rf"|{CLOCK}(?::? [AP]M)?{ZONE}{DAY_BEHIND})"
)
"""A clock with or without a date, before or behind it; minutes are enough behind one, or points or dashes between the
numbers."""
FULL_TIME = r"(?P<time>[A-Z][a-z]{2,8} \d\d?,? \d{4}(?: >|,| -)? \d\d:\d\d:\d\d(?: [AP]M)?)"
"""A month's name, a day, a year and a clock."""
UPPER = (
    r"(?:INFO|DEBUG\d?|ERROR|WARNING|CRITICAL|WARN|TRACE|FATAL?|NOTICE|SUCCESS|NOTSET|EXCEPTION|ALERT|EMERG|VERBOSE"
    r"|PANIC|CRIT|LOG|ERRO?|DEBU|WARNI|CRITI(?:CA)?|DEBG|DBUG|EROR|TRAC|BLAT|SEVERE|FINER|FINEST|FINE)"
)
"""Cut ones too: `%(levelname)-5.5s` is alembic's, and so of many that began with its file; supervisor has its own four
letters."""
LOWER = (
    r"(?:debug|info|warning|error|critical|warn|trace|fatal|notice|success|notset|exception|alert|emerg|verbose"
    r"|panic|crit|log|err|silly)"
)
DOTLESS = tuple(
    "httpx httpx2 httpcore httpcore2 asyncio uvicorn mcp fastmcp openai anthropic LiteLLM root __main__".split()
)
"""Loggers of libraries whose names have no dot."""
CAPITALS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SMALL = CAPITALS.lower() + b"_"
ANY = rf"(?:{UPPER}|{LOWER}|Debug|Info|Warning|Error|Critical|Warn|Trace|Fatal|Notice|Information)"
_BELOW = r"(?:[\w\-]+|<[a-z]+>)"
NAME = rf"(?:[a-z_][\w\-]*(?:(?:\.|::|/){_BELOW})*|LiteLLM(?: Proxy| Router)?|[A-Za-z_]\w*(?:\.{_BELOW})+)"
"""A logger's name: small letters, or dotted, or a known library's. `ValueError` alone is none."""
THREAD = (
    r"(?:MainThread|(?:Thread|Dummy)-\d+(?: ?\([^)\n]*\))?|ThreadPool[\w.\-]*|asyncio_\d+|AnyIO [a-z]+(?: thread)?"
    r"|Task-\d+)"
)
"""How Python names threads and tasks."""
CLASS_ENDS = ("Error", "Exception", "Warning", "Exit", "Interrupt", "Timeout")
"""What the names of exceptions end in: no logger is called so."""
NO_CLASS = "".join(f"(?<!{end})" for end in CLASS_ENDS)
"""Behind a name: `OperationalError: FATAL: ...` ends a traceback, and no record's message stands behind it alone."""

_PLACEHOLDERS = {
    "{mark}": r"(?:[ \t:|]|(?<!-)-{1,3}(?![->]))",
    "{time}": f"(?P<time>{TIME})",
    "{LEVEL}": rf"(?P<level>{UPPER})\b",
    "{level}": rf"(?P<level>{ANY})\b",
    "{lower}": rf"(?P<level>{LOWER})\b",
    "{logger}": rf"(?P<logger>{NAME}){NO_CLASS}",
    "{dotted}": rf"(?P<logger>[A-Za-z_]\w*(?:\.{_BELOW})+|(?:{'|'.join(DOTLESS)})(?![\w.])){NO_CLASS}",
    "{inside}": r"(?P<logger>(?!Errno |\d{4}-\d\d-\d\d[T ]|[A-Za-z]\w*(?:: |=))[^\]\n]{1,150}+)",
}


class Format(Struct, frozen=True, dict=True):
    """One way in which a record begins.

    `pattern` is a regex with placeholders ({time}, {level}, {logger} …) that ends where the message starts.
    `lead` says what the line starts with: `time`, `[time]`, `(time)`, or the kind of its first byte
    (`letter`; `level`, `day`, `method`, `request`: the first letters of such words; `digit`, `[`, `{`, `space`, `(`).
    """

    name: str
    lead: str
    pattern: str
    kind: str = "plain"
    """plain, or what reads the fields: json, logfmt, rich, access …"""
    level: str = ""
    """Level of every record, for formats that print none."""
    opens: bool | None = None
    """Unrecognised lines continue the record; None: when its level is warning or worse."""
    first: bytes = b""
    """The bytes such a line can start with, where they are fewer than the lead's: others need not try."""

    @property
    def full(self) -> str:
        """The pattern with lead and placeholders written out, groups named."""
        lead = {"time": "{time}", "[time]": r"\[{time}\]", "(time)": r"\({time}\)"}.get(self.lead, "")
        text = lead + self.pattern
        for name, regex in _PLACEHOLDERS.items():
            text = text.replace(name, regex)
        seen: dict[str, int] = {}

        def numbered(found: re.Match[str]) -> str:
            """Names of alternatives' groups must differ: logger, logger2 …"""
            seen[found[1]] = seen.get(found[1], 0) + 1
            return f"(?P<{found[1]}{seen[found[1]] if seen[found[1]] > 1 else ''}>"

        return re.sub(r"\(\?P<(\w+)>", numbered, text)

    @cached_property
    def regex(self) -> re.Pattern[bytes]:
        """The compiled pattern, made at first use."""
        return re.compile(self.full.encode(), re.MULTILINE)

    @cached_property
    def timed(self) -> bool:
        return "(?P<time>" in self.full

    def branch(self, begin: str) -> tuple[str, bool]:
        """Return the pattern behind lead and `begin` as a branch of the union, and whether it captures the level."""
        text = self.pattern.removeprefix(begin)
        for name, regex in _PLACEHOLDERS.items():
            text = text.replace(name, regex)
        has_level = "(?P<level>" in text
        text = re.sub(r"\(\?P<(?!level>)\w+>", "(?:", text).replace("(?P<level>", "(")
        return f"{text}()", has_level
