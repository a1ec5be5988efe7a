"""Occurrences to findings: figures, severity, causes ranked by the log, options worded and chosen."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from logscope.correlate.windows import near
from logscope.expressions import parse_expression
from logscope.findings.evidence import choose_events, clean, event_of, evidence_line, locate_events
from logscope.findings.frequency import Span, frequency, iso
from logscope.findings.repository import Repository
from logscope.findings.words import captures_of, values_of, words_of
from logscope.model import Frame, Hit, Occurrence, RuleHits, Severity
from logscope.report import (
    Cause,
    CodeLocation,
    Finding,
    Impact,
    Lane,
    LaneStep,
    Option,
    Snippet,
)
from logscope.report import (
    Sequence as SequenceReport,
)
from logscope.rulebook import rule as language
from logscope.rulebook.texts import fill
from logscope.scan.tally import ShapeCount, SourceScan

if TYPE_CHECKING:
    from logscope.events import Event
    from logscope.findings.evidence import KeptEvents

MAX_AFTERMATH = 2
"""Shapes of consequential errors shown beside a finding's own evidence."""
_SOURCE, _LINE, _TIME = attrgetter("source"), attrgetter("line"), attrgetter("time")
_HITS, _RECOVERED = attrgetter("hits"), attrgetter("recovered")
_CANCELLED = frozenset(("CancelledError", "GeneratorExit", "KeyboardInterrupt"))
"""Exceptions that only say that work was given up: something else is the reason."""


class Context(Struct, frozen=True):
    """What all findings of a run share."""

    rules: Sequence[language.Rule]
    scans: Mapping[int, SourceScan]
    names: Sequence[str]
    """Names of the sources by index."""
    span: Span
    starts: Sequence[int]
    restarts: Sequence[Hit]
    zone: tzinfo | None
    repository: Repository | None
    cause_hits: Mapping[tuple[int, str], Sequence[Hit]]
    """Hits of cause evidence by (rule, cause id)."""
    kept: Mapping[int, KeptEvents]
    """What was kept of the occurrences of each rule."""
    aftermath: Sequence[tuple[ShapeCount, int]] = ()
    """Error events that no rule matched, with the rule whose incidents they belong to."""


def build_finding(found: RuleHits, caused_by: tuple[str, ...], context: Context) -> Finding:
    """Return the finding of one rule with its occurrences."""
    rule = context.rules[found.rule]
    figures = figures_of(found, context)
    hits = [hit for occurrence in found.occurrences for hit in occurrence.hits]
    captures, values = captures_of(hits), values_of(hits)
    inner = rule.detect.outcomes.unproven if rule.detect.outcomes else ()
    kept = context.kept[found.rule]
    after = [item for item, rule_of in context.aftermath if rule_of == found.rule]
    events = [
        *choose_events(kept, len(found.occurrences)),
        *(item.first for item in after[:MAX_AFTERMATH]),
    ]
    causes = _causes(found, rule, context)
    code, read = _code(kept, rule, context)
    words = {**words_of(captures, values), **read, **_plain(figures)}
    severity, reason = _severity(found, rule, figures)
    recovered = sum(map(_RECOVERED, found.occurrences))
    firsts = [occurrence.first for occurrence in found.occurrences]
    healed = recovered == len(firsts)
    times = [time for time in map(_TIME, hits) if time is not None]
    sources = set(map(_SOURCE, hits))
    return Finding(
        rule=rule.id,
        title=rule.title,
        severity=severity,
        status="consequence" if caused_by else "recovered" if healed else "active",
        area=rule.area,
        tags=rule.tags,
        occurrences=len(firsts),
        events=_count_events(hits, len(sources)) + sum(item.count for item in after),
        recovered=found.sequence.recovered if found.sequence else recovered,
        first_seen=iso(min(times, default=None), context.zone),
        last_seen=iso(max(times, default=None), context.zone),
        first_line=firsts[0].line,
        sources=tuple(sorted({clean(context.names[source]) for source in sources})),
        frequency=frequency(firsts, context.span, context.starts, context.restarts, context.zone),
        impact=_impact(rule, healed, words),
        evidence=tuple(evidence_line(event, context.zone) for event in events),
        captures={name: clean(text) for name, text in sorted(captures.items()) if name not in inner},
        causes=tuple(replace(cause, text=fill(cause.text, words)) for cause in causes),
        code=code,
        options=_options(rule, causes, words),
        caused_by=caused_by,
        sequence=_sequence(found, rule, context),
        references=rule.references,
        fingerprint=hashlib.sha256(rule.id.encode()).hexdigest()[:16],
        severity_reason=reason,
        several={name: own.shown for name, own in values.items() if name not in inner},
    )


def _impact(rule: language.Rule, healed: bool, words: Mapping[str, Any]) -> Impact:
    """Return what the failures mean, in words; `healed`: every one did so by itself."""
    assert rule.explain is not None
    impact = rule.explain.impact
    spared = "Nobody this time, it healed by itself; otherwise: " if healed else ""
    return Impact(fill(impact.feature, words), spared + fill(impact.users, words), impact.blocking)


def _count_events(hits: Sequence[Hit], sources: int) -> int:
    """Return how many events hits were found in; several roles of a rule may be found in one."""
    if sources == 1:
        return len(set(map(_LINE, hits)))
    return len(set(zip(map(_SOURCE, hits), map(_LINE, hits), strict=True)))


def figures_of(found: RuleHits, context: Context) -> dict[str, float]:
    """Return the figures that expressions and texts may use."""
    count = len(found.occurrences)
    figures: dict[str, float] = {
        "occurrences": count,
        "events": sum(map(len, map(_HITS, found.occurrences))),
        "recovered": sum(map(_RECOVERED, found.occurrences)),
        **found.figures,
    }
    hours = context.span.hours
    if hours is not None:
        figures["per_hour"] = count / hours
    if found.sequence is not None:
        sequence = found.sequence
        figures |= {"sessions": sequence.sessions, "rejected_first": sequence.rejected_first}
        figures |= {"recovered": sequence.recovered, "stalled": sequence.stalled}
        if sequence.success_rate is not None:
            figures["success_rate"] = sequence.success_rate
    return figures


def _plain(figures: Mapping[str, float]) -> dict[str, Any]:
    return {
        name: int(value) if float(value).is_integer() else round(value, 3) for name, value in figures.items()
    }


def _severity(found: RuleHits, rule: language.Rule, figures: Mapping[str, float]) -> tuple[str, str]:
    if all(occurrence.recovered for occurrence in found.occurrences):
        return "info", "every occurrence healed by itself"
    worst, reason = Severity.parse(rule.severity), ""
    for step in rule.escalate:
        target = Severity.parse(step.to)
        if target > worst and parse_expression(step.when).holds(figures):
            worst, reason = target, f"raised from {rule.severity}: {_said(step.when, figures)}"
    return worst.label, reason


def _said(when: str, figures: Mapping[str, float]) -> str:
    """An escalation in words where it is a plain lower bound: `16 occurrences (from 4 on)`."""
    bound = re.fullmatch(r"(\w+) >= (\d+)", when)
    if bound is None or bound[1] not in figures:
        return when
    return f"{figures[bound[1]]:,.0f} {bound[1].replace('_', ' ')} (from {bound[2]} on)"


def _causes(found: RuleHits, rule: language.Rule, context: Context) -> list[Cause]:
    """Return causes: those that the log speaks for, by how many occurrences they explain; last those that an option
    would be recommended for only if the log showed them."""
    assert rule.explain is not None
    ranked = []
    conditions = [option.recommended for option in rule.resolve if isinstance(option.recommended, str)]
    doubted = {condition.split()[-1] for condition in conditions if condition.startswith("unless")}
    for place, cause in enumerate(rule.explain.causes):
        proofs = _proofs(found, cause, context)
        events = [
            event
            for hit in list(dict.fromkeys(proofs))[:2]
            if (event := event_of(hit, context.scans)) is not None
        ]
        evidence = tuple(evidence_line(event, context.zone) for event in events)
        ranked.append(
            ((-len(proofs), cause.id in doubted, place), Cause(cause.id, cause.text, bool(proofs), evidence))
        )
    return [cause for _, cause in sorted(ranked, key=lambda pair: pair[0])]


def _proofs(found: RuleHits, cause: language.Cause, context: Context) -> list[Hit]:
    """Hits of a cause's evidence in, or near, the occurrences: at most one per occurrence."""
    hits = context.cause_hits.get((found.rule, cause.id), ())
    if cause.evidence is None or not hits:
        return []
    lines: dict[int, list[Hit]] = {}
    for hit in hits:
        lines.setdefault(hit.source, []).append(hit)
    proofs = []
    for occurrence in found.occurrences[:100]:
        proof = _proof(occurrence, lines, cause.evidence.near)
        if proof is not None:
            proofs.append(proof)
    return proofs


def _proof(
    occurrence: Occurrence, by_source: Mapping[int, list[Hit]], window: language.Window | None
) -> Hit | None:
    for hit in occurrence.hits:
        own = by_source.get(hit.source, [])
        place = bisect_left(own, hit.line, key=lambda other: other.line)
        if place < len(own) and own[place].line == hit.line:
            return own[place]
        for other in own[max(place - 1, 0) : place + 1] if window else ():
            if near(other, hit, window.seconds, window.lines):  # type: ignore[union-attr]
                return other
    if window is None:
        return None
    others = [other for hits in by_source.values() for other in hits]
    return next((o for o in others if near(o, occurrence.first, window.seconds, window.lines)), None)


def _code(
    kept: KeptEvents, rule: language.Rule, context: Context
) -> tuple[tuple[CodeLocation, ...], dict[str, Any]]:
    """Return code locations from tracebacks, the rule or loggers, and values read from the code."""
    events = [[event for _, event in told] for told in kept.values()]
    wanted = rule.explain.code if rule.explain else ()
    return locate_events(events, wanted, context.repository)


_WHY = {
    ("if", True): "the log shows the cause that it is for",
    ("if", False): "the log does not show the cause that it is for",
    ("unless", True): "another option fits better, because the log shows this cause",
    ("unless", False): "it fits unless this is the cause, which the log does not show",
}
"""Why an option is recommended or not: by how it depends on a cause, and whether the log shows that."""


def _options(rule: language.Rule, causes: Sequence[Cause], words: Mapping[str, Any]) -> tuple[Option, ...]:
    """Return options in words, the recommended one first; exactly one is recommended."""
    by_id = {cause.id: replace(cause, text=fill(cause.text, words)) for cause in causes}
    verdicts = [_verdict(option, by_id) for option in rule.resolve]
    chosen = next((place for place, (good, _) in enumerate(verdicts) if good), 0)
    order = (
        [chosen, *(place for place in range(len(rule.resolve)) if place != chosen)] if rule.resolve else []
    )
    # A reason belongs to the chosen option, and to those that it speaks against.
    reasons = [why if place == chosen or not good else "" for place, (good, why) in enumerate(verdicts)]
    return tuple(_option(rule.resolve[place], place == chosen, reasons[place], words) for place in order)


def _verdict(option: language.Option, causes: Mapping[str, Cause]) -> tuple[bool, str]:
    """Whether the log recommends an option, and in words why it does or does not."""
    if isinstance(option.recommended, bool):
        return option.recommended, ""
    word, _, _, name = option.recommended.split()
    cause = causes[name]
    good = cause.observed if word == "if" else not cause.observed
    return good, f"{_WHY[word, cause.observed]}: {cause.text}"


def _option(option: language.Option, recommended: bool, reason: str, words: Mapping[str, Any]) -> Option:
    snippet = option.snippet
    return Option(
        id=option.id,
        title=fill(option.title, words),
        recommended=recommended,
        priority=option.priority,
        effort_minutes=language.minutes(option.effort),
        impact=fill(option.impact, words),
        risk=fill(option.risk, words),
        steps=tuple(fill(step, words) for step in option.steps),
        snippet=None
        if snippet is None
        else Snippet(snippet.language, fill(snippet.code, words, code=True), snippet.file),
        reason=reason,
    )


def _sequence(found: RuleHits, rule: language.Rule, context: Context) -> SequenceReport | None:
    figures = found.sequence
    if figures is None:
        return None
    lanes = tuple(
        Lane(
            clean(session),
            outcome,
            tuple(
                LaneStep(name, hit.line, iso(hit.time, context.zone), clean(context.names[hit.source]))
                for name, hit in steps
            ),
        )
        for session, outcome, steps in found.lanes
    )
    rate = figures.success_rate
    over = rule.detect.outcomes.over if rule.detect.outcomes else None
    return SequenceReport(
        sessions=figures.sessions,
        rejected_first=figures.rejected_first,
        recovered=figures.recovered,
        stalled=figures.stalled,
        success_rate=None if rate is None else round(rate, 4),
        target=_target(rule),
        ambiguous=figures.ambiguous,
        steps=tuple(step.name for step in rule.detect.steps if step.name != over),
        lanes=lanes,
    )


def _target(rule: language.Rule) -> float | None:
    """The first-try success to reach, from the rule's own metric."""
    for metric in rule.verify.metrics:
        if metric.value == "success_rate":
            return float(metric.target.strip("≥>= %")) / 100
    return None


def find_aftermath(found: Sequence[RuleHits], context: Context) -> tuple[tuple[ShapeCount, int], ...]:
    """Return the error events that no rule matched but that belong to a finding's incidents: within their window, and
    telling the same exception again, or only that work was cancelled where the incident is about that."""
    unexplained = [
        (n, item) for n, scan in context.scans.items() for item in scan.unexplained if item.first.exception
    ]
    if not unexplained:
        return ()
    kept = [
        pair
        for item in found
        if not context.rules[item.rule].signal
        for told in context.kept[item.rule].values()
        for pair in told
    ]
    owned = []
    for source, item in unexplained:
        owner = _owner(item.first, source, kept, context)
        if owner is not None and owner == _owner(item.last, source, kept, context):
            owned.append((item, owner))
    return tuple(owned)


def _owner(event: Event, source: int, kept: Sequence[tuple[Hit, Event]], context: Context) -> int | None:
    """Return the rule whose incident the event belongs to, None where it stands alone."""
    if event.exception is None:
        return None
    told = (event.exception.type, event.exception.message)
    cancelled = told[0].rpartition(".")[2] in _CANCELLED
    for hit, other in kept:
        window = context.rules[hit.rule].detect.incident
        same = other.exception is not None and told == (other.exception.type, other.exception.message)
        if not same and not (cancelled and "cancel" in other.text.lower()):
            continue
        here = replace(hit, source=source, line=event.line, last_line=event.last_line, time=event.time)
        if near(hit, here, window.seconds, window.lines):
            return hit.rule
    return None


def find_repository(repo: Path | None, explicit: bool, frames: Sequence[Frame]) -> Repository | None:
    """Return the repository to map frames to; without an explicit one only when some frame fits it."""
    own = [frame.file for frame in frames if frame.own]
    if repo is None or not (explicit or own):
        return None
    repository = Repository.open(repo)
    return repository if explicit or any(map(repository.find, own)) else None
