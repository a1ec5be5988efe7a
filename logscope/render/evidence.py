"""Events of the log as a report shows them: with their place, without what an event above them has said already."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
_FRAME = re.compile(r'[\s|]*(?:File "|at \S)')


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


def telling_line(item: EvidenceLine) -> str:
    """What an event is about; a report that was saved by an older version does not say it."""
    return item.told or item.text.partition("\n")[0]
