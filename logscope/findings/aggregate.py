"""Occurrences to findings: figures, severity, sequence, and what its neighbours say of causes, options and code."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from logscope.expressions import parse_expression
from logscope.findings.causes import Proofs, find_proofs, rank_causes, rare_of
from logscope.findings.choices import choose_options
from logscope.findings.code import locate_events
from logscope.findings.context import Context
from logscope.findings.evidence import choose_events, event_of, evidence_line
from logscope.findings.frequency import frequency, iso
from logscope.findings.words import captures_of, values_of, without_secrets, words_of
from logscope.model import Hit, RuleHits, Severity, SeverityName
from logscope.neutral import one_line
from logscope.redact import MASK, clean, hides
from logscope.report import CodeLocation, Finding, Impact, Lane, LaneStep, Sessions
from logscope.rulebook.rule import Rule
from logscope.rulebook.texts import fill

if TYPE_CHECKING:
    from logscope.findings.context import KeptEvents

MAX_AFTERMATH = 2
"""Shapes of consequential errors shown beside a finding's own evidence."""
_SOURCE, _LINE, _TIME = attrgetter("source"), attrgetter("line"), attrgetter("time")
_HITS, _RECOVERED = attrgetter("hits"), attrgetter("recovered")


def build_finding(found: RuleHits, caused_by: tuple[str, ...], context: Context) -> Finding:
    """Return the finding of one rule with its occurrences."""
    rule, found = context.rules[found.rule], replace(found, occurrences=tuple(found.occurrences))
    figures = figures_of(found, context)
    hits = [hit for occurrence in found.occurrences for hit in occurrence.hits]
    inner = rule.detect.outcomes.inner if rule.detect.outcomes else frozenset[str]()
    kept = context.kept[found.rule]
    captures = without_secrets(captures_of(hits), chain(*kept.values()))
    values = {name: own for name, own in values_of(hits).items() if captures[name] != MASK}
    after = [item for item, rule_of in context.aftermath if rule_of == found.rule]
    events = [*choose_events(kept, len(found.occurrences)), *(item.first for item in after[:MAX_AFTERMATH])]
    proofs = find_proofs(found, rule, context)
    causes = rank_causes(rule, found, proofs, context)
    words = {**words_of(_told(proofs, context), {}), **words_of(captures, values), **_plain(figures)}
    severity, reason = _severity(found, rule, figures)
    recovered = sum(map(_RECOVERED, found.occurrences))
    firsts = [occurrence.first for occurrence in found.occurrences]
    healed = recovered == len(firsts)
    times = [time for time in map(_TIME, hits) if time is not None]
    first, last = min(times, default=None), max(times, default=None)
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
        first_seen=iso(first, context.zone),
        last_seen=iso(last, context.zone),
        first_line=context.place_of(firsts[0])[1],
        sources=tuple(sorted(map(clean, _files(hits, sources, context)))),
        frequency=frequency(firsts, context.extent, context.zone, context.place_of, found.sequence, last),
        impact=_impact(rule, healed, words),
        evidence=tuple(evidence_line(event, context) for event in events),
        captures={name: clean(text) for name, text in sorted(captures.items()) if name not in inner},
        causes=tuple(replace(cause, text=fill(cause.text, words)) for cause in causes),
        code=_code(kept, len(hits), rule, context),
        options=choose_options(rule, causes, words, rare_of(rule, proofs)),
        caused_by=caused_by,
        sequence=_sequence(found, rule, context),
        references=rule.references,
        fingerprint=hashlib.sha256(rule.id.encode()).hexdigest()[:16],
        severity_reason=reason,
        several={name: own.shown for name, own in values.items() if name not in inner},
        services=tuple(sorted({clean(hit.stream) for hit in hits if hit.stream})),
    )


def _told(proofs: Proofs, context: Context) -> dict[str, str]:
    """Return what the evidence of causes captured."""
    hits = [proof.hit for own in proofs.values() for proof in own]
    events = ((hit, event_of(hit, context.scans)) for hit in hits)
    return without_secrets(captures_of(hits), ((hit, event) for hit, event in events if event is not None))


def _impact(rule: Rule, healed: bool, words: Mapping[str, Any]) -> Impact:
    """Return what the failures mean, in words; `healed`: every one did so by itself."""
    assert rule.explain is not None
    impact = rule.explain.impact
    spared = "Nobody this time, it healed by itself; otherwise: " if healed else ""
    return Impact(one_line(fill(impact.feature, words)), spared + fill(impact.users, words), impact.blocking)


def _files(hits: Sequence[Hit], sources: Collection[int], context: Context) -> set[str]:
    """Return the names of the files that hits stand in."""
    rotated = {source for source in sources if len(context.parts[context.names[source]]) > 1}
    files = {context.names[source] for source in sources if source not in rotated}
    return files | {context.place_of(hit)[0] for hit in hits if hit.source in rotated}


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
    hours = context.extent.hours
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


def _severity(found: RuleHits, rule: Rule, figures: Mapping[str, float]) -> tuple[SeverityName, str]:
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


def _code(kept: KeptEvents, hits: int, rule: Rule, context: Context) -> tuple[CodeLocation, ...]:
    """Return code locations from tracebacks, the rule or loggers; of so many hits."""
    events = [[event for _, event in told] for told in kept.values()]
    wanted = rule.explain.code if rule.explain else ()
    return locate_events(events, wanted, context.repository, whole=sum(map(len, events)) >= hits)


def _sequence(found: RuleHits, rule: Rule, context: Context) -> Sessions | None:
    figures = found.sequence
    if figures is None:
        return None
    begun = ((name, event_of(steps[0][1], context.scans)) for name, _, steps in found.lanes if steps)
    secret = any(event is not None and hides(clean(event.search_text), name) for name, event in begun)
    lanes = tuple(
        Lane(
            MASK if secret else clean(session),
            outcome,
            tuple(
                LaneStep(name, line, iso(hit.time, context.zone), clean(file))
                for name, hit in steps
                for file, line in (context.place_of(hit),)
            ),
        )
        for session, outcome, steps in found.lanes
    )
    rate = figures.success_rate
    aside = rule.detect.outcomes.aside if rule.detect.outcomes else ()
    return Sessions(
        sessions=figures.sessions,
        rejected_first=figures.rejected_first,
        recovered=figures.recovered,
        stalled=figures.stalled,
        success_rate=None if rate is None else round(rate, 4),
        target=_target(rule),
        ambiguous=figures.ambiguous,
        steps=tuple(step.name for step in rule.detect.steps if step.name not in aside),
        lanes=lanes,
    )


def _target(rule: Rule) -> float | None:
    """The first-try success to reach, from the rule's own metric."""
    for metric in rule.verify.metrics:
        if metric.value == "success_rate":
            return float(metric.target.strip("≥>= %")) / 100
    return None
