"""Root causes, ranked by what the log speaks for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from logscope.correlate.windows import near
from logscope.findings.context import Context
from logscope.findings.evidence import event_of, evidence_line
from logscope.model import Hit, Occurrence, RuleHits
from logscope.report import Cause
from logscope.rulebook import rule as language


def rank_causes(found: RuleHits, rule: language.Rule, context: Context) -> list[Cause]:
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
