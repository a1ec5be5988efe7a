"""Collectors' prefixes: what stands before every line of a source."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from logscope.events.formats.format import CAPITALS, CLOCK, DATE, THREAD, ZONE_NAME
from logscope.events.text.ansi import FOR_ESC
from logscope.lazily import lazy


class Prefix(Struct, frozen=True):
    """One collector's way of wrapping lines."""

    name: str
    pattern: re.Pattern[bytes]
    """Matches at the line's start up to the content; groups: key, stream, time, partial, and for JSON `text`."""
    json_text: bool = False
    splits: str = ""
    """The collector may split long lines; what shows a part that another one goes on with, as a needle."""
    year: bool = True
    """Its times carry year and zone."""
    weak: bool = False
    """Only a time: a prefix when what lies behind is a known line, else a record's own time."""
    bare: bool = False
    """Only a name: a prefix when what lies behind shows neither time nor logger itself."""
    first: bytes = b""
    """The bytes that a line with it can start with; empty: any."""
    least: float = 0.0
    """Share of lines that are enough, where it is not the usual one."""
    both: tuple[Prefix, Prefix] | None = None
    """Two prefixes, one behind the other: compose's output in a workflow's log, say."""

    def before(self, inner: Prefix) -> Prefix:
        """Return what reads both, one behind the other."""
        shows_time = self.json_text or "time" in self.pattern.groupindex
        return replace(
            self,
            name=f"{self.name}+{inner.name}",
            both=(self, inner),
            splits=self.splits or inner.splits,
            year=self.year if shows_time else inner.year,
        )

    @property
    def plain(self) -> bool:
        """Whether it is one that a line begins with, and the rest of the line is as it was written."""
        return not (self.json_text or self.both)

    @property
    def verbatim(self) -> bool:
        """Whether lines stand behind or within it letter for letter, but for the escapes of a JSON string."""
        if self.both:
            return all(prefix.verbatim for prefix in self.both)
        return not self.json_text or self.name == "docker-json"


_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_NANO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d)"
# the month as the locale writes it
_SYSLOG = r"[A-Za-z\x80-\xff]{3,10}\.? [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?"
_LEVELS = "(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL|SUCCESS)"
_ESC = rf"(?:(?:\x1b|{'|'.join(shown.decode() for shown in FOR_ESC)})?\[[\d;]*m)*"
_ESC_FIRST = b"\x1b[\xe2\xef\\^#"
_IN_STRING = r'(?:[^"\\\n]|\\.)*'
_FLUENT = '"(?:stream|kubernetes|container_id|container_name|ecs_cluster)"'
_TEXT = rf'"(?P<text>{_IN_STRING})"'
_MEMBER = (
    r'"(?:message|line|Log|severity|level|timestamp|TimeStamp|date|tags|attributes|fields|labels|id|eventId'
    rf'|logStreamName|type|ingestionTime|app_name|process_id)": ?(?:"{_IN_STRING}"|\{{[^{{}}\n]*\}}|\d{{1,13}}\b)'
)
_EXPORTED = (
    r'\{[^\n]*"(?:podName|timestampInMs|deploymentId|fly|instance": ?"[^\n]*"region|source_type|ddsource|ddtags'
    r'|agent": ?\{[^{}\n]*"type": ?"filebeat)"(?:: ?["\d{]|[,}])[^\n]*\}\r?$'
)
"""Of an object that has members of all kinds: those that only stern, Vercel, Fly, Vector, Datadog and Filebeat
write."""
_IDENT = r"(?P<key>(?P<stream>(?!\d+:)[^\s:\[]{1,100}(?: [^\s:\[]{1,40})?)(?:\[\d+\])?): ?"


_SMALL = CAPITALS.lower()
_LETTERS = CAPITALS + _SMALL
_DIGITS = b"0123456789"
_BOM = b"\xef"
_NOT_ASCII = bytes(range(0x80, 0x100))


def _prefix(name: str, first: bytes, pattern: str, **more: Any) -> Prefix:
    return Prefix(name, lazy(pattern.encode()), first=first, **more)


PREFIXES: tuple[Prefix, ...] = (
    _prefix(
        "docker-json",
        b"{",
        rf'\{{"log": ?{_TEXT}, ?"(?P<key>stream": ?"\w+)"(?:, ?"attrs": ?\{{[^\n]*\}})?'
        r', ?"time": ?"(?P<time>[^"]+)"(?:, ?"[^\n]*)?\}',
        json_text=True,
        splits=r'(?:[^n]|[^\\]n|\\\\n)", ?"stream"',
    ),
    _prefix(
        "cri",
        _DIGITS,
        rf"(?P<time>{_ISO}) (?P<key>stdout|stderr) (?:(?P<partial>P)|F)(?::\w+)*(?: |$)",
        splits=r" std(?:out|err) P[ :]",
    ),
    _prefix("journald-json", b"{", r'(?=\{[^\n]*"__REALTIME_TIMESTAMP"[^\n]*\}\r?$)', json_text=True),
    _prefix(
        "gcp-entry",
        b"{",
        r'(?=\{[^\n]*"insertId"[^\n]*"(?:textPayload|jsonPayload)"|\{[^\n]*"(?:textPayload|jsonPayload)"[^\n]*"insertId")',
        json_text=True,
    ),
    _prefix(  # what Railway, Grafana, stern and others export: a line as the message, and no word of a logger
        "entry",
        b"{",
        rf"(?=\{{(?:{_MEMBER}(?:, ?)?)+\}}\r?$|{_EXPORTED})"
        r'(?=\{[^\n]*"(?:message|line|Log)": ?")(?!\{[^\n]*"(?:logger|logger_name|levelname|caller)": ?")',
        json_text=True,
        weak=True,
    ),
    _prefix(  # Fluent Bit's and Fluentd's, on a node and in a task of ECS
        "fluent",
        b"{",
        rf'(?=\{{[^\n]*"log": ?"[^\n]*{_FLUENT}|\{{[^\n]*{_FLUENT}[^\n]*"log": ?")',
        json_text=True,
    ),
    _prefix(  # what Fluent Bit prints itself
        "fluent-stdout",
        b"[",
        r"\[\d+\] (?P<key>(?P<stream>[\w.\-*/]+)): \[\[?(?P<time>\d{9,10}\.\d{6,9})(?:, \{[^\n]*?\}\])?, "
        rf'\{{[^\n]*?"(?:log|message)"=>{_TEXT}[^\n]*\}}\]',
        json_text=True,
    ),
    _prefix(  # logcli, Loki's
        "logcli",
        _DIGITS + _ESC_FIRST,
        rf"{_ESC}(?P<time>{_ISO}){_ESC} {_ESC}(?P<key>\{{"
        r"(?:[^{}\n]*?(?<![a-z_])(?:app|container|pod|job|service_name)="
        r'"(?P<stream>[^"\n]*)")?(?:[A-Za-z_]\w*="[^"\n]*"|[, ])*\})'
        rf"{_ESC} ",
    ),
    _prefix(
        "kubectl",
        _ESC_FIRST,
        rf"{_ESC}(?P<key>\[(?:pod/)?(?P<stream>[^\]\s/]+/[^\]\s]+|[a-z\d\-]+-[a-f\d]{{6,10}}-[a-z\d]{{5}})\]){_ESC} "
        rf"(?:(?P<time>{_NANO}) )?",
    ),
    _prefix(
        "stern",
        _SMALL + _DIGITS + _ESC_FIRST,
        rf"{_ESC}(?P<key>(?P<stream>(?!\d{{4}}-|\d\d[-.]\d\d[-.])"
        rf"[a-z0-9][a-z0-9.\-]{{0,200}}-(?:[a-z0-9]{{5}}|\d{{1,4}}){_ESC} {_ESC}"
        rf"[a-z0-9][a-z0-9\-]{{0,62}})){_ESC} (?!- (?:{_LEVELS}\b|[^\n]* - ))(?:(?P<time>{_NANO}) )?",
    ),
    _prefix(
        "foreman",
        _DIGITS + _ESC_FIRST,
        rf"{_ESC}\d\d:\d\d:\d\d (?P<key>(?P<stream>[A-Za-z][\w\-]{{0,60}}\.\d{{1,3}}|system)) *\|{_ESC} ?",
    ),
    _prefix(
        "pm2",
        _DIGITS,
        r"(?P<key>\d{1,3}\|(?P<stream>[\w.\-]+)) +\| ?"
        rf"(?:(?P<time>\d{{4}}-\d\d-\d\d[T ]{CLOCK}(?:[+-]\d\d:\d\d)?): )?",
        year=False,
    ),
    _prefix(
        "compose",
        _LETTERS + _DIGITS + b"[" + _ESC_FIRST,
        rf"{_ESC}(?P<key>(?P<open>\[)?(?!(?:{_LEVELS}|[DIWECFT])\]? *\|)"  # in brackets: podman's
        rf"(?P<stream>[A-Za-z0-9][\w.\-]{{0,80}}?(?:@[\w.\-]{{1,60}})?)(?(open)\]{_ESC}) *\|){_ESC} ?"
        rf"(?:{_ESC}(?P<time>{_NANO})(?: |$))?",
    ),
    _prefix(  # Tilt's, and others that align services to the right
        "tilt",
        _LETTERS + b" ",
        rf" *(?P<key>(?P<stream>(?!(?:{_LEVELS}) )[A-Za-z][\w:/\-]*(?:\xe2\x80\xa6)?)) (?:\xe2\x94[\x82\x83]|\|)"
        r"(?: |\r?$)",
    ),
    _prefix(
        "journald-short",
        _LETTERS + b"<" + _NOT_ASCII,
        rf"(?P<pri><\d{{1,3}}>)?(?P<time>{_SYSLOG}) (?![{{\[]|{_LEVELS}:? )(?(pri)(?:[\w.\-]+ )?|\S+ )"
        rf"(?!(?:{_LEVELS}):){_IDENT}",
        year=False,
    ),
    _prefix(
        "journald-full",
        CAPITALS,
        rf"[A-Z][a-z]{{2}} (?P<time>\d{{4}}-\d\d-\d\d {CLOCK} (?:{ZONE_NAME})) \S+ {_IDENT}",
    ),
    _prefix(
        "journald-iso",
        _DIGITS,
        rf"(?P<time>\d{{4}}-\d\d-\d\d[T ]{CLOCK}(?:Z|[+-]\d\d:?\d\d)) "
        rf"(?!(?:stdout|stderr|{_LEVELS}|TRC|DBG|INF|WRN|ERR|FTL|-|[0-9a-f]{{2}}[OE]) )[\w.\-]+ {_IDENT}",
    ),
    _prefix("journald-unix", _DIGITS, rf"(?P<time>\d{{10}}\.\d{{6}}) [\w.\-]+ {_IDENT}"),
    _prefix(
        "journald-monotonic", b"[", rf"\[ *\d+\.\d{{6}}(?: <[ \d.]+>)?\] (?!Out of memory:)[\w.\-]+ {_IDENT}"
    ),
    _prefix(
        "syslog-5424",
        b"<",
        r"<\d{1,3}>1 (?P<time>\S+) \S+ (?P<key>(?P<stream>\S+) \S+) \S+ (?:-|\[[^\n]*?\]) ?(?:\xef\xbb\xbf)?",
    ),
    _prefix("cloudwatch", _DIGITS, rf"(?P<time>{_ISO})\t(?P<key>(?P<stream>[^\t\n\[]+[/][^\t\n]*))\t"),
    _prefix(  # what Fluentd and Fluent Bit write before a record's JSON
        "fluentd",
        _DIGITS,
        rf"(?P<time>\d{{4}}-\d\d-\d\d[T ]{CLOCK} ?(?:Z|[+-]\d\d:?\d\d))[ \t](?P<key>(?P<stream>[\w.\-*]+))(?:: |\t)"
        r"(?=\{)",
    ),
    _prefix(
        "cloudwatch-tail",
        _DIGITS,
        r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) "
        r"(?P<key>(?P<stream>(?:[\w.\-]+/)+[\w.\-\[\]$]+)) ",
    ),
    _prefix(
        "github-run",
        b"",
        r"(?P<key>(?P<stream>[^\t\n]{1,120}\t[^\t\n]{1,120}))\t(?:\xef\xbb\xbf)?"
        r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z) ?",
    ),
    _prefix(
        "cloud-foundry",
        _DIGITS + b" ",
        rf" {{0,4}}(?P<time>{_ISO}) (?P<key>\[(?P<stream>[A-Z][A-Z\d]*(?:/[\w.\-]+)*/\d+)\] +(?:OUT|ERR))(?: |$)",
    ),
    _prefix("heroku", _DIGITS, rf"(?P<time>{_ISO}) (?P<key>(?P<stream>(?:app|heroku)\[[\w.\-]+\])): ?"),
    _prefix(
        "fly",
        _DIGITS + _ESC_FIRST,
        rf"{_ESC}(?P<time>{_ISO}){_ESC} (?P<key>(?P<stream>{_ESC}(?:app|health|machine|proxy|runner){_ESC}\[{_ESC}\w+"
        rf"{_ESC}\]){_ESC}) {_ESC}\w{{3}}{_ESC} {_ESC}\[{_ESC}\w+{_ESC}\]{_ESC}"
        r"(?: (?=(?:  )*+(?! )))?",  # or none: what is indented, is by two
    ),
    _prefix(  # VS Code, before what a server writes to stderr
        "editor",
        _DIGITS,
        rf"(?P<time>\d{{4}}-\d\d-\d\d {CLOCK}) \[[a-z]{{4,7}}\] (?P<key>\[(?P<stream>server stderr)\]) ?",
        year=False,
        least=0.01,  # nobody else writes so, and servers may have little to say
    ),
    _prefix("railway", _DIGITS, rf"(?P<time>{_ISO}) \[(?:inf|err|dbg|wrn)\](?:  ?|$)"),
    _prefix(
        "render",
        CAPITALS,
        r"(?P<time>[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d [AP]M)(?: {2}|$)(?:\[[a-z0-9]{5}\] )?",
        year=False,
    ),
    _prefix("app-service", _DIGITS, rf"(?P<time>{_ISO}): \[(?:INFO|ERROR)\](?: {{1,2}}|$)"),
    _prefix("gitlab", _DIGITS, rf"(?P<time>{_ISO}) (?P<key>[0-9a-f]{{2}}[OE])[ +]"),
    _prefix(
        "awslogs",
        _LETTERS + b"/" + _ESC_FIRST,
        rf"{_ESC}(?P<key>(?=[A-Za-z/])(?:[\w.\-]*/)+[\w.\-]+{_ESC} "
        rf"{_ESC}(?P<stream>(?:[\w.\-]+/)+[\w.\-\[\]$]+)){_ESC} "
        rf"(?:{_ESC}(?P<time>{_ISO}){_ESC} )?",
    ),
    _prefix(  # a package's folder and a script
        "pnpm",
        _LETTERS + b"@." + _ESC_FIRST,
        rf"{_ESC}(?P<key>(?=[A-Za-z@.])(?P<stream>(?:[@\w.\-]+/)+[@\w.\-]+|\.){_ESC} "
        rf"{_ESC}[a-z][\w:.\-]{{0,40}}){_ESC}[:$](?: |\r?$)",
    ),
    _prefix("process", b"(", r"\((?P<key>(?P<stream>[\w:.\- ]{0,60}?)(?: ?\(?)pid=\d+[^)\n]{0,60})\) "),
    # torch's, before a traceback's lines
    _prefix("rank", b"[", r"(?P<key>\[(?P<stream>rank\d{1,5})\]): ?", least=0.1),
    _prefix(
        "github-actions",
        _DIGITS + _BOM,
        r"(?:\xef\xbb\xbf)?(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z) ?",
        weak=True,
    ),
    _prefix(  # right-aligned by a formatter: no collector's, but as little of the record's
        "aligned-level",
        b" ",
        r"(?:(?: {3,6}(?=INFO\b)| {2,5}(?=(?:ERROR|DEBUG|TRACE|FATAL)\b)| {1,3}(?=(?:WARNING|SUCCESS)\b)"
        r"| {1,2}(?=CRITICAL\b))(?=\w+[ \t:|\-\[(])"
        rf"|{_ESC} {{1,2}}(?={_LEVELS}{_ESC}\[)| (?={_LEVELS} {{1,2}}\w+(?:::\w+)* > )"  # apex, pretty_env_logger
        rf"| {{2}}(?={_ESC}[A-Za-z@][\w\-@/.]{{0,60}}(?::[A-Za-z*][\w\-*]{{0,40}})+ {_ESC}\S[^\n]* "  # npm's debug
        rf"{_ESC}\+\d+(?:ms|s|m|h){_ESC}\r?$)"
        rf"| (?=\[{_ESC}(?:error|warn|info|http|verbose|debug|silly){_ESC}\]: )"
        rf"| {{1,30}}(?=(?!{_LEVELS}\b)[A-Za-z_][\w.\-]{{0,60}}(?: *[:|\-\]])? +\[?{_LEVELS}\b[ :|\-\])]+\S))",
        least=0.3,
    ),
    _prefix(  # tracing without times pads to five columns, inside the colour
        "aligned-short",
        b" \x1b",
        r"(?:\x1b\[[\d;]*m)* (?=(?:INFO|WARN)(?: |\x1b))"
        rf"|(?:\x1b\[[\d;]*m)+ {{1,30}}(?=(?:(?!{_LEVELS}\b)[A-Za-z_][\w.\-]{{0,60}}[ :]+)?{_LEVELS}\b)",
        least=0.3,
    ),
    _prefix(  # a process, milliseconds since the start, or an indented time
        "aligned-number",
        b" ",
        rf" {{1,9}}(?=(?:\d{{1,9}}(?:\.\d{{1,3}})?|(?:{DATE}[T ])?{CLOCK}Z?)[ :|\-]+"
        rf"(?:{THREAD} |[^\n]{{0,60}}?(?<![\w.\-]){_LEVELS}\b))",
        least=0.15,
    ),
    _prefix("aligned-time", b" ", rf" {{1,4}}(?=[\[(<]?{DATE}[T ]{CLOCK})", least=0.6),
    # Copied out of k9s or another frame: only before a record, a boxed traceback's rows carry it too.
    _prefix("border", b"\xe2", rf"│ ?(?=\[?\d{{4}}-\d\d-\d\d[T ]{CLOCK})", least=0.15),
    _prefix("quote", b">", r"> ?(?!>>)", least=0.9),  # copied out of a message that quotes it
    _prefix("jenkins", b"[", r"\[(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\] ?", weak=True),
    _prefix(
        "concurrently",
        b"[",
        rf"(?P<key>\[(?P<stream>(?!(?i:{_LEVELS})[ \t]*\]|\d{{1,2}}:\d\d|\d{{4}}-\d\d-\d\d)"
        r"[A-Za-z0-9][\w.:\-]{0,40})[ \t]*\])(?: |\r?$)",
        weak=True,
        bare=True,
    ),
    _prefix(  # Lerna's, which names no task, too
        "turbo",
        _LETTERS + b"@",
        r"(?P<key>(?P<stream>(?!(?i:"
        + _LEVELS
        + r"):)[@A-Za-z][\w./\-]{0,60}(?::[A-Za-z][\w.\-]{0,40})?)):(?: |\r?$)",
        weak=True,
        bare=True,
    ),
    _prefix(  # moreutils' ts
        "ts",
        CAPITALS,
        r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{6})?) ",
        weak=True,
        year=False,
    ),
    _prefix("app-runner", _DIGITS, r"(?P<time>\d\d-\d\d-\d{4} \d\d:\d\d:\d\d [AP]M) ", weak=True, year=False),
    _prefix(  # of its files, with --time
        "pm2-time", _DIGITS, r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d): ", weak=True, year=False
    ),
    _prefix("timestamps", _DIGITS, rf"(?P<time>{_NANO}) ?", weak=True),
    _prefix(  # copied out of Docker Desktop; loguru's times stand so before a level
        "docker-desktop",
        _DIGITS,
        r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) \| (?![A-Za-z]+ *\|)",
        weak=True,
        year=False,
    ),
    _prefix(  # copied out of Google's Logs Explorer
        "logs-explorer",
        _DIGITS,
        rf"(?P<time>\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{{3}} (?:{ZONE_NAME}))(?: |$)",
        weak=True,
    ),
    _prefix(
        "cloudwatch-short",
        _DIGITS,
        # Azure's App Service writes two blanks
        r"(?P<time>\d{4}-\d\d-\d\d[T _]\d\d:\d\d:\d\d(?:\.\d{5,6})?) (?: (?=(?:  )*+\S))?",
        weak=True,
        year=False,
    ),
    _prefix(
        "cloudwatch-time",
        _DIGITS,
        # Grafana's text, too, and times and messages that were asked for; a table of Kubernetes' events has columns
        rf"(?:\d{{19}}\t|\d{{13}}\t(?=\S{{20,40}}\t))?(?P<time>{_ISO}|1\d{{12}}(?=[\t ]))"
        r"(?:[ \t]+(?=(?:Warning|Normal) )|[ \t])",
        weak=True,
    ),
)
BY_NAME: dict[str, Prefix] = {prefix.name: prefix for prefix in PREFIXES}
