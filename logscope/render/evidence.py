"""Events of the log as a report shows them: with their place, without what an event above them has said already."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from logscope.counting import counted
from logscope.render.text import place
from logscope.report import EvidenceLine, Finding

_MARGIN = 24
_REPEATED = 3
"""Lines below the first that are worth a pointer to where they were shown."""
_ADDRESS = re.compile(
    r"\b(?:0x)?[0-9a-f]{8,16}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\breq_\w{6,}"
)
_MESSAGE_MEMBERS = ("message", "msg", "event", "textPayload")
_ASKED_MEMBERS = ("requestMethod", "requestUrl", "status")
"""Of a request that Google's balancer tells, without any message."""
_PAIR = re.compile(r"[\w.@-]+=")
_MESSAGE_PAIR = re.compile(
    r"""(?:\A|\s)(?:message|msg|event)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>\S+))"""
)
_RAISED = re.compile(
    r"[\s|]*(?P<told>(?P<type>(?:\w+\.)*\w*(?:Error|Exception|Group|Exit|Interrupt|Timeout|Disconnect|Failure"
    r"|Cancelled|NotFound|Denied)|(?:[a-z_]\w*\.)+(?=[A-Z]\w*?[a-z])\w++)(?::\s.*)?)$"
)
_FRAME = re.compile(r'[\s|]*(?:File "|at \S)')
_BORDER = re.compile(r"[\s|]*\+-[-+]*-{4}")
"""What stands between the members of a group, and below the last one."""
_STAMP = re.compile(
    r"\[?(?:\d{4}([-/])\d\d\1\d\d|\d\d/\d\d/\d\d)[T ]\d\d:\d\d:\d\d\S*(?: [+-]\d{4}\])?[\s|-]*"
)
_LEVELS = r"(?:ERROR|WARN(?:ING)?|INFO|CRITICAL|FATAL|DEBUG)\b"
_HEAD = re.compile(  # "error" behind other words is one of the sentence
    rf"(?:{_LEVELS}|(?:(?:\[[^\]]{{1,80}}\]|[\w.<>:-]+|\|)\s+){{0,5}}?(?:\[{_LEVELS}|(?-i:{_LEVELS})))"
    r"(?:/[\w-]+)?(?:\s*\])?[\s|:-]*"
    r"(?:\[(?:[\w.]+:\d+|(?-i:[a-z_]\w*(?:\.\w+)+))\]\s*|[\w.]+:[\w.<>]+:\d+ [-|] "
    r"|(?-i:[a-z_]\w*(?:\.[a-z_][a-z_\d]*)+): |(?-i:[a-z_]\w*(?:\.\w+)*) \| )?",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    rf"(?:\([\w =.-]{{1,40}}\) )?{_LEVELS} \d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \[[\w./]+:\d+\] "
    rf"|\d\d:\d\d:\d\d - [\w. -]{{1,40}}:{_LEVELS}:? [\w./]+:\d+ - "
    r"(?:[\w.]+\(\): Exception occured - )?"
)
"""What vLLM puts before every line, and LiteLLM and OpenHands before every record."""
_BLANKS = re.compile(r"[ \t]{2,}")
_LEVEL = re.compile(
    r"\s*(?:ERROR|WARNING|INFO|CRITICAL|DEBUG)(?::\s+|\s{2,}|:[\w.]+:)"
    r"|\[(?:ERROR|WARNING|INFO|CRITICAL|DEBUG)\]\s+"
)
_WORD = re.compile(r"\w")
_REASON = re.compile(r"\s*Reason:\s+\S")
"""Where a heading says nothing, as what kubectl describes."""
_BELOW = "…"
"""Stands in a JSON record for a member of several lines, which are shown below it."""
_DETAIL_MEMBERS = ("error", "err", "exception", "exc")
_SAYS_NOTHING = "APIConnectionError: Connection error."
"""The SDKs of model providers put this around what really failed."""
_OPENS = re.compile(r"Traceback \(most recent call last\)|Exception in ASGI application")
_BODY = re.compile(
    r"""\{(?>.{0,300}?["']message["']: (?P<quote>["']))(?P<said>.{1,2000}?)(?P=quote)[,}]"""
    r"""(?:(?:(?<=\})|.*\})(?P<end>["']?\)+)$|.*)"""
)


class Shown(Struct, frozen=True):
    """An event to show: where it stands, its lines, and a note about those that are left out, often empty."""

    item: EvidenceLine
    where: str
    text: str
    note: str


def shown(evidence: Iterable[EvidenceLine], before: Iterable[EvidenceLine] = ()) -> tuple[Shown, ...]:
    """Events in order; of one whose traceback repeats that of an event above, or of one `before`, only its first line
    and those that differ."""
    told: dict[tuple[str, ...], EvidenceLine] = {}
    for item in before:
        told.setdefault(_stack(item), item)
    events = []
    for item in evidence:
        first, *below = item.text.split("\n")
        earlier = told.setdefault(_stack(item), item)
        again = set(_below(earlier)) if place(earlier) != place(item) else set()
        other = [line for line, same in zip(below, _below(item), strict=True) if same not in again]
        repeated = len(below) - len(other)
        if repeated >= _REPEATED:
            note = f"({repeated + item.omitted_lines:,} more lines, as in {place(earlier)})"
            events.append(Shown(item, place(item), "\n".join([first, *other]), note))
            continue
        note = f"({counted(item.omitted_lines, 'line')} of this event left out)" if item.omitted_lines else ""
        events.append(Shown(item, place(item), item.text, note))
    return tuple(events)


def _below(item: EvidenceLine) -> list[str]:
    """What an event says below its first line, but for addresses."""
    return _ADDRESS.sub("", item.text).split("\n")[1:]


def _stack(item: EvidenceLine) -> tuple[str, ...]:
    """The frames that an event shows; all below its first line where it shows none."""
    below = _below(item)
    return tuple(line for line in below if _FRAME.match(line)) or tuple(below)


def evidence_block(
    evidence: Iterable[EvidenceLine], margin: int = _MARGIN, before: Iterable[EvidenceLine] = ()
) -> str:
    """Real lines with their place in the margin, `app.log:12  text`, or above where names are long; `before`: what is
    shown further up."""
    events = shown(evidence, before)
    width = max((len(event.where) for event in events), default=0)
    lines: list[str] = []
    for event in events:
        texts = [*(event.text.splitlines() or [""]), *([event.note] if event.note else [])]
        if width > margin:  # long names would push the text out of sight
            lines += [event.where, *(f"    {text}".rstrip() for text in texts)]
        else:
            beside = [event.where, *[""] * (len(texts) - 1)]
            lines += [f"{left:<{width}}  {text}".rstrip() for left, text in zip(beside, texts, strict=True)]
    return "\n".join(lines)


def further_evidence(finding: Finding) -> tuple[EvidenceLine, ...]:
    """What proves the causes of a finding and is not among its own evidence, each event once."""
    own = {place(item) for item in finding.evidence}
    further: dict[str, EvidenceLine] = {}
    for cause in finding.causes:
        further |= {place(item): item for item in cause.evidence if place(item) not in own}
    return tuple(further.values())


def told_before(finding: Finding, findings: Iterable[Finding]) -> tuple[EvidenceLine, ...]:
    """What a report that shows findings in order has shown when it comes to what proves the causes of one."""
    told: list[EvidenceLine] = []
    for other in findings:
        told += other.evidence
        if other.rule == finding.rule:
            break
        told += further_evidence(other)
    return tuple(told)


def telling_line(text: str) -> str:
    """The one line that says what an event is about, as short as it can be: the exception that failed last, else the
    message without time, level and logger; of an API's error body its message."""
    lines = [_PREFIX.sub("", line) for line in text.splitlines() if line.strip()] or [""]
    raised = [(found, place) for place, line in enumerate(lines) if (found := _RAISED.match(line))]
    leaves = [pair for pair in raised if not pair[0]["type"].endswith("Group")] or raised
    leaves = _of_first_member(lines, leaves)
    if not leaves or len(lines) == 1:
        first = next((line for line in lines if _WORD.search(line)), lines[0])
        if first.rstrip().endswith(":"):
            first = next(filter(_REASON.match, lines), first).strip()
        told = _message(first)
        return _said(lines[1] if told == _BELOW and len(lines) > 1 else told.lstrip("| "))
    if len(leaves) > 1 and leaves[-1][0]["told"].endswith(_SAYS_NOTHING):
        leaves.pop()
    told, place = leaves[-1][0]["told"].rstrip(": "), leaves[-1][1]
    if "validation error" in told and place + 1 < len(lines):
        told = f"{told} {lines[place + 1].strip()}"
    if ": " not in told and not _OPENS.search(lines[0]):
        told = f"{_message(lines[0])}: {told}"
    return _said(told)


def _of_first_member(
    lines: list[str], leaves: list[tuple[re.Match[str], int]]
) -> list[tuple[re.Match[str], int]]:
    """Of what was raised in a group, the chain of its first member that is no cancellation."""
    failed = [pair for pair in leaves if not pair[0]["type"].endswith(("CancelledError", "Cancelled"))]
    borders = [place for place, line in enumerate(lines) if _BORDER.match(line)]
    if not borders or not failed:
        return leaves
    end = next((place for place in borders if place > failed[0][1]), len(lines))
    return [pair for pair in failed if pair[1] < end]


def _said(told: str) -> str:
    said = _BODY.sub(lambda found: found["said"] + (found["end"] or ""), told)
    return _BLANKS.sub(" ", said).strip()


def _detail(members: Mapping[str, Any], told: str) -> str:
    """What a JSON record says of the error beside its message; empty where that holds it."""
    for name in _DETAIL_MEMBERS:
        error = members.get(name)
        if isinstance(error, dict):
            error = ": ".join(str(error[key]) for key in ("type", "message") if error.get(key))
        if isinstance(error, str) and error not in (_BELOW, "") and error not in told:
            return error
    return ""


def _told_by(members: Mapping[str, Any]) -> str:
    """What a JSON record says: its message and the error beside it, Google's one level down; or which request."""
    below, asked = members.get("jsonPayload"), members.get("httpRequest")
    members = below if isinstance(below, dict) else members
    told = next((str(members[name]) for name in _MESSAGE_MEMBERS if members.get(name)), "")
    if told:
        return ": ".join(filter(None, (told, _detail(members, told))))
    return " ".join(str(asked.get(name, "")) for name in _ASKED_MEMBERS) if isinstance(asked, dict) else ""


def _message(line: str) -> str:
    if line.startswith("{"):
        try:
            members = json.loads(line)
        except (ValueError, RecursionError):
            return line
        return _told_by(members) or line
    pair = _MESSAGE_PAIR.search(line) if _PAIR.match(line) else None
    if pair:
        told = pair["bare"] if pair["quoted"] is None else pair["quoted"].replace('\\"', '"')
        return f"{told}{line[pair.end() :]}".strip() or line
    stamp = _STAMP.match(line)
    head = (_HEAD.match(line, stamp.end()) or stamp) if stamp else _LEVEL.match(line)
    return line[head.end() :] or line if head else line
