"""Sources that are no logs as a whole: manuals, letters, tables of tickets, settings, catalogues, source code.

What they say of failures is meant for readers. A source is a document when it begins like one and goes on like one to
its end, and no line in it looks logged; in doubt it is a log. What a program prints about its state (`kubectl`, tables
and members with times, tracebacks) is a report of that state, so it is none.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from typing import Any

import msgspec

from logscope.lazily import lazy
from logscope.match.quoted.event import DOCUMENTS, REPORTING

_LOGGED = lazy(
    r"""^(?:
        [\[(<"']{0,2}\d{4}[-/]\d\d[-/]\d\d[T ,_]{1,2}\d\d:\d\d | [\[(]?\d\d:\d\d:\d\d\b | <\d{1,3}>
      | [\[(]?\d\d[/-](?:\d\d|[A-Z][a-z]{2})[/-]\d{2,4}\b | [A-Z][a-z]{2}\ +\d{1,2}\ \d\d:\d\d
      | [\[(]?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b
      | Traceback\ \(most\ recent | npm\ (?:ERR!|error)
      | (?:[\w.]{0,80}(?:Error|Exception)|(?i:error|warning|fatal|panic))\b\s?[:(\[!]
    )""",
    re.VERBOSE,
)
"""A line that a program has logged, or dies with."""
_FENCE = lazy(r"\s*(?:```|~~~)")
_TITLE, _HEADING = lazy(r"\#{1,3} \S"), lazy(r"\#{1,6} \S")
_ADOC, _ADOC_HEADING, _ADOC_FENCE = lazy(r"= \S"), lazy(r"={2,5} \S"), lazy(r"(?:-{4,}|\.{4,})\s*$")
_SPEAKER = lazy(r"\*\*(?:User|Human|You|Assistant|AI|System|Bot|Agent|Claude|ChatGPT):?\*\*")
_DIRECTIVE, _UNDERLINE = lazy(r"\.\. [\w-]+::"), lazy(r"([=\-~^\"])\1{3,}\s*$")
_MAN = lazy(r"(?P<page>[\w.-]{1,40}\(\d\w{0,3}\))\s[^\n]*\s(?P=page)\s*$")
_USAGE, _OPTION = lazy(r"(?i)usage: \S"), lazy(r"\s+-{1,2}[\w-]+\b")
_REFUSED = lazy(r"[\w./ -]{1,80}: error: ")
"""What a program prints below its usage whose command line is not accepted."""
_MAIL = lazy(
    r"(?:From|To|Cc|Subject|Date|Sent|Reply-To|Message-ID|In-Reply-To|References|MIME-Version|Content-[A-Z][\w-]+): \S"
)
_COLUMN = lazy(r"[A-Za-z@_][\w @./#-]{0,40}$")
_WHEN = lazy(r"(?i)(?:.*[_@. -])?(?:time|times?tamp|date|datetime|ts|when)\b|.*(?:_at|time)$")
_TICKET = frozenset(
    ("subject", "title", "summary", "assignee", "reporter", "owner", "resolution", "question")
)
_WRITER = frozenset(("level", "host", "hostname", "logger", "pod", "container", "log", "pid"))
"""Columns of what was logged, whatever else a row tells."""
_LOG_COLUMN = _WRITER | {"service", "source", "message", "line"}
_RESULTS = frozenset(("status", "result", "outcome", "duration", "exit_code", "returncode", "elapsed"))
_KEYS = frozenset(("id", "code", "key", "name", "error", "error_code", "title", "subject"))
_ASSIGNED = lazy(r"[A-Za-z_][\w.\"' -]{0,80}?\s?=(?:\s|$)|[A-Za-z][\w-]*(?:\.[\w-]+)+\s?[=:]\s?\S")
_SECTION = lazy(r"\[{1,2}[\w.\"' :/@-]{1,80}\]{1,2}\s*(?:\#|$)")
_MEMBER = lazy(
    r"(?P<indent>\s*(?:- )*)(?:[\w$./{}@*-]{1,80}|\"[^\"\n]{1,80}\"|'[^'\n]{1,80}'):(?P<value>\s+[^\n]*)?$"
)
_STATE = lazy(
    r"""(?m)^[ \t]*(?:-\ )?["']?(?:(?i:[\w.]{0,80}(?:time(?:stamp)?|stack_?trace|traceback|exception)|ts|date)
        |hostname|pid|status(?=:\s*$)|lastState|containerStatuses|reason|exitCode|(?:started|finished)\w*
        |[\w.]{0,80}(?:Error|Exception)|Fatal|Warning|ERROR|FATAL|WARNING|error\.(?:message|type))["']?[ ]*[:=]
      | ^[ ]*[\w-]+:[ ]{2,}\S""",
    re.VERBOSE,
)
"""Members of what happened at a time, or in what state something is; values in columns, as `kubectl describe` has."""
_ADVICE = frozenset(
    ("hint", "action", "advice", "remedy", "solution", "fix", "resolution", "docs", "example", "expected")
)
_TEXTS = frozenset(("message", "text", "title", "error", "msg", "description"))
_MOMENTS = lazy(
    r"(?i)(?:.*_)?(?:ts|date|pid|host|hostname|stack|traceback|exception|level)$|.*(?:timestamp|_at|time)$"
)
_CODE = lazy(
    r"""(?:
        import\s[\w{*"'] | from\s[\w.]+\simport\s | (?:async\s)?def\s\w+\( | class\s\w+[^\n]*[:{]\s*$
      | @\w[\w.]*(?:\(|$)
      | \#!/ | \#\s?include\b | \"{3} | '{3} | /\*\*?(?:\s|$) | // | if\s__name__ | package\s[\w.]+;?$ | ["']use\sstrict
      | export\s(?:default\s|async\s|const\s|class\s|function\s|type\s|interface\s|enum\s|\{|\*)
      | (?:const|let|var)\s[\w{[][^\n]*= | (?:async\s)?function\s\w+\( | (?:type|interface|enum)\s\w+[^\n]*[{=]
      | (?:use|mod|fn|impl|pub|public|private|protected|static|final|abstract|struct|func|using|namespace|import)
        \s[^\n]*[;{(]$
      | [A-Z][A-Z0-9_]{2,40}(?::\s[^\n=]{1,80})?\s=\s | \w+\s=\slogging\.getLogger
    )""",
    re.VERBOSE,
)
_FEW = 3
"""Members, rows or statements that a document has at least."""


def document_kind(text: str) -> str:
    """Return what a whole source is that is no log, in words (`a manual`); empty for all else."""
    lines = text.splitlines()
    while lines and not lines[0].strip():
        lines.pop(0)
    filled = [line for line in lines if line.strip()]
    if len(filled) < _FEW:
        return ""
    if text.lstrip()[0] in "{[" and _is_catalogue(text):
        return "a catalogue"
    if _is_manual(lines):
        return "a manual"
    if any(map(_LOGGED.match, filled)):
        return ""
    if _USAGE.match(filled[0]) and any(map(_OPTION.match, lines)) and not any(map(_REFUSED.match, filled)):
        return "a manual"
    if _is_mail(lines):
        return "a letter"
    if _is_table(lines, filled):
        return "a table"
    if _CODE.match(filled[0]) and sum(map(bool, map(_CODE.match, filled))) >= _FEW:
        return "source code"
    plain = [line for line in filled if line.lstrip()[0] not in "#;"]
    if len(plain) >= _FEW and not _STATE.search(text) and (_is_settings(plain) or _is_yaml(plain)):
        return "settings, or a catalogue"
    return ""


def _is_manual(lines: Sequence[str]) -> bool:
    """Whether a text of headings and paragraphs shows logs in blocks of their own only."""
    if _MAN.match(lines[0]):
        return True
    if lines[0] == "---" and "---" in lines[1:]:
        lines = lines[lines.index("---", 1) + 1 :]
        lines = lines[next((n for n, line in enumerate(lines) if line.strip()), 0) :]
    if len(lines) < _FEW or lines[1].strip():
        titled = len(lines) > _FEW and _UNDERLINE.match(lines[1]) and len(lines[1]) >= len(lines[0].rstrip())
        return bool(titled and any(map(_DIRECTIVE.match, lines))) and not any(map(_LOGGED.match, lines))
    for begins, goes_on, fence in ((_TITLE, _HEADING, _FENCE), (_ADOC, _ADOC_HEADING, _ADOC_FENCE)):
        if begins.match(lines[0]):
            told = list(_outside(lines, fence))
            headings = [line for before, line in pairwise(told) if not before.strip() and goes_on.match(line)]
            speakers = sum(_SPEAKER.match(line) is not None for line in told)
            return (bool(headings) or speakers > 1) and not any(map(_LOGGED.match, told))
    return False


def _is_mail(lines: Sequence[str]) -> bool:
    """Whether a text begins with what heads a mail: who wrote to whom about what."""
    head = list(takewhile(_MAIL.match, lines))
    names = {line.partition(":")[0] for line in head}
    return len(head) >= _FEW and {"From", "Subject"} <= names and not "".join(lines[len(head) :][:1]).strip()


def _outside(lines: Sequence[str], fence: re.Pattern[str]) -> Iterator[str]:
    """Give the lines that stand in no block."""
    within = False
    for line in lines:
        if fence.match(line):
            within = not within
        elif not within:
            yield line


def _is_table(lines: Sequence[str], filled: Sequence[str]) -> bool:
    """Whether rows of equal columns hold something else than what was logged when."""
    if re.match(r"-+(?:\+-+)+\s*$", filled[1]):
        rows = [line.split("|") for line in (filled[0], *filled[2:]) if not re.match(r"\(\d+ rows?\)", line)]
    else:
        mark = max(",\t;", key=filled[0].count)
        try:
            rows = [row for row in csv.reader(lines, delimiter=mark) if row]
        except csv.Error:
            return False
    columns = [column.strip().lower() for column in rows[0]]
    if len(columns) < _FEW or len(rows) < _FEW or not all(map(_COLUMN.match, columns)):
        return False
    if any(len(row) != len(columns) for row in rows):
        return False
    if any(map(_WHEN.match, columns)) or not _TICKET.isdisjoint(columns):
        return not _TICKET.isdisjoint(columns) and _LOG_COLUMN.isdisjoint(columns)
    return columns[0] in _KEYS and (_RESULTS | _WRITER).isdisjoint(columns)


def _is_settings(lines: Sequence[str]) -> bool:
    """Whether every line gives a name a value, or begins a section (TOML, INI, properties)."""
    sections = sum(_SECTION.match(line) is not None for line in lines)
    if not all(_SECTION.match(line) or _ASSIGNED.match(line) for line in lines):
        return False
    names = [re.split(r"\s?[=:]", line, maxsplit=1)[0] for line in lines]
    dotted = all("." in name for name in names) and len({*names}) == len(names)
    return sections > 1 or (dotted and not sections)


def _is_yaml(lines: Sequence[str]) -> bool:
    """Whether every line is a member, in small letters those at the margin, and some hold others."""
    nested, deep = 0, -1
    block = False
    for line in lines:
        indent = len(line) - len(line.lstrip(" -"))
        if block and indent > deep:
            continue
        found = _MEMBER.match(line)
        if found is None and not line.lstrip().startswith("- ") and line != "---":
            return False
        if found is not None and not indent and not (line[0].islower() or line[0] in "\"'"):
            return False
        nested += deep >= 0 and indent > deep
        value = "" if found is None else (found["value"] or "").strip()
        block = value[:1] in ("|", ">")
        deep = indent if found is not None and (not value or block) else -1
    return nested > 1


def _is_catalogue(text: str) -> bool:
    """Whether JSON says that it describes something, lists messages with what to do about each, or gives texts names
    that tell of nothing."""
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    if isinstance(content, dict) and not DOCUMENTS.isdisjoint(content):
        return True
    members = list(_members(content, 0))
    if any(_MOMENTS.match(name) for found in members for name in found):
        return False
    texts = [name for found in members for name, value in found.items() if isinstance(value, str)]
    if len(texts) >= _FEW and not any(map(REPORTING.match, texts)):
        return True
    return sum(not _ADVICE.isdisjoint(found) and not _TEXTS.isdisjoint(found) for found in members) > 1


def _members(content: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Give the objects of a decoded JSON text."""
    if isinstance(content, dict):
        yield content
    if depth < 20 and isinstance(content, (dict, list)):
        for value in content.values() if isinstance(content, dict) else content:
            yield from _members(value, depth + 1)
