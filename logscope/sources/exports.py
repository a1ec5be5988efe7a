"""What consoles and command lines export as a document, read as one record per line again.

Lines keep their numbers: a record stands in its first line, those behind it are blank, or carry its time as well.
"""

from __future__ import annotations

import ast
import json
import re
from datetime import UTC, datetime
from warnings import catch_warnings, simplefilter

from logscope.sources.repair import Repair

_TIMES = frozenset(("timestamp", "@timestamp", "time", "ts", "asctime", "date", "receiveTimestamp"))
_LEVELS = frozenset(
    "level levelname log.level log_level severity ingestionTime insertId logName cwd fields".split()
)
"""Members of which a record has one each: tickets, chats and findings of scanners are exported as arrays, too. Claude
Code's show the folder, Grafana's the labels."""
_DOCUMENT = re.compile(
    rb'\s*(?:\[|\{(?:\s*"\w+": (?:\[\]|"[^"\n]*"|\d+),)*\s*"\w+": \[)\s*\n[ \t]+\{[ \t\r]*\n'
)
_OBJECT = re.compile(
    rb"^(?P<indent>[ \t]+)\{[ \t\r]*\n(?:(?P=indent)[ \t][^\n]*\n)+(?P=indent)\},?[ \t\r]*$"
    rb"|^[ \t]*(?:[\[\]{}]+|\"\w+\": \[\]?),?[ \t\r]*$",
    re.MULTILINE,
)
"""A record within the document, or a line that only opens or closes it."""
_OPENED = re.compile(rb"^[ \t]+(?=\{[ \t\r]*$)", re.MULTILINE)


def _is_document(head: bytes) -> bool:
    if _DOCUMENT.match(head) is None:
        return False
    first = next((found[0] for found in _OBJECT.finditer(head) if found["indent"] is not None), b"")
    record = _parsed(first)
    return isinstance(record, dict) and not (_TIMES.isdisjoint(record) or _LEVELS.isdisjoint(record))


def _parsed(text: bytes) -> object:
    """The object that stands in the document; None where it is no valid JSON."""
    try:
        return json.loads(text.strip().removesuffix(b","), strict=False)
    except (ValueError, RecursionError):
        return None


def _in_one_line(found: re.Match[bytes]) -> bytes:
    text = found[0]
    blank = b"\n" * text.count(b"\n")
    if found["indent"] is None:
        return blank
    record = _parsed(text)
    if record is None:
        return text
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + blank


def _behind_last_object(data: bytes) -> int:
    opened = _OPENED.search(data)
    end = data.rfind(b"\n%b}" % opened[0]) if opened is not None else -1
    return data.find(b"\n", end + 1) + 1 if end >= 0 else 0


DOCUMENT = Repair(
    "a JSON document read as a record per line",
    _is_document,
    lambda data: _OBJECT.sub(_in_one_line, data),
    _behind_last_object,
)
"""An array of records, a member per line, as `aws logs` and `gcloud logging` print them."""

_STAMP = rb"(?:\d{13}|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})"
_ROW = re.compile(
    rb'^"?(?P<time>%b)"?,(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<bare>[^\n]*?))'
    rb"(?:,[^,\"\n]+,\d{12}:[^,\"\n]+)?[ \t\r]*$" % _STAMP,
    re.MULTILINE,
)
_EVENT = re.compile(
    rb"^EVENTS\t(?:\d{13}|\d{14,}\t\d{13}\t[^\t\n]*)\t"
    rb"(?P<bare>[^\n]*?(?:\n(?!EVENTS\t)[^\n]*?)*?)\t(?P<time>\d{13})\r?$",
    re.MULTILINE,
)
"""With an event's number and stream where `filter-log-events` wrote it."""


def _timed_lines(found: re.Match[bytes]) -> bytes:
    """Every line of a record behind the record's time."""
    stamp = found["time"].decode()
    if stamp.isdecimal():
        moment = datetime.fromtimestamp(int(stamp) / 1000, UTC)
        stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{int(stamp) % 1000:03}"
    text = found["bare"]
    if text is None:
        text = found["quoted"].replace(b'""', b'"')
    return b"\n".join(b"%bZ %b" % (stamp.replace(" ", "T").encode(), line) for line in text.split(b"\n"))


TABLE = Repair(
    "a table read as lines",
    lambda head: re.match(rb'"?@?timestamp"?,"?@?message"?[,\r\n]', head) is not None,
    lambda data: _ROW.sub(_timed_lines, data),
    lambda data: max(
        (row.start() for row in re.finditer(rb'^"?%b"?,' % _STAMP, data, re.MULTILINE)), default=0
    ),
)
"""CSV of CloudWatch's console and of Logs Insights."""
TABBED = Repair(
    "tabbed text read as lines",
    lambda head: re.match(rb"EVENTS\t(?:\d+\t)?\d{13}\t", head) is not None,
    lambda data: _EVENT.sub(_timed_lines, data),
    lambda data: data.rfind(b"\nEVENTS\t") + 1,
)
"""`aws logs get-log-events --output text`: a record's time stands behind it."""

_COLLECTED = rb"(?:[\w.\-]{1,60} +\| |\S{20,40} (?:std(?:out|err) F )?)?"
"""Before a line of a container: of compose, of a node's log, a time."""
_DICT = re.compile(rb"^(%b)(\{'[^\n]{2,65536}\})(?=[ \t\r]*$)" % _COLLECTED, re.MULTILINE)
_DICT_RECORD = re.compile(rb"^%b\{'(?:[^\n]*, ')?(?:level|levelname|severity)': '" % _COLLECTED, re.MULTILINE)
_SEVERAL = 3
"""So many such lines are records, whatever other services write between; fewer are some object's."""


def _writes_dicts(head: bytes) -> bool:
    return b"{'" in head and len(_DICT_RECORD.findall(head)) >= _SEVERAL


def _as_json(found: re.Match[bytes]) -> bytes:
    try:
        with catch_warnings():
            simplefilter("ignore")  # of backslashes that no repr writes
            record = ast.literal_eval(found[2].decode("utf-8", "replace"))
        return found[1] + json.dumps(record, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return found[0]


DICTS = Repair(
    "Python dictionaries read as JSON",
    _writes_dicts,
    lambda data: _DICT.sub(_as_json, data),
    lambda data: data.rfind(b"\n") + 1,
)
"""Records that are printed as they are kept, such as structlog's without a renderer."""
EXPORTS = (DOCUMENT, TABLE, TABBED, DICTS)
