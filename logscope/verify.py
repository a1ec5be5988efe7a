"""Checks and metrics: what the log proves, what it disproves, and what it never exercised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from logscope.expressions import parse_expression
from logscope.report import Check, EvidenceLine, Finding, Metric
from logscope.rulebook import rule as language


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run saw, as far as checks ask."""

    figures: Mapping[str, Mapping[str, float]]
    """Figures by rule id, signals too; a rule that found nothing is missing."""
    exercised: frozenset[str]
    """Literals that occur somewhere in the input."""
    lines: int
    evidence: Mapping[str, tuple[EvidenceLine, ...]]
    """First evidence by rule id, signals too."""


def run_checks(rules: Sequence[language.Rule], seen: Seen) -> tuple[Check, ...]:
    """Return every check of the rules with its result."""
    return tuple(_check(rule, check, seen) for rule in rules for check in rule.verify.checks)


def _check(rule: language.Rule, check: language.Check, seen: Seen) -> Check:
    if not check.expect:
        return Check(check.id, rule.id, check.text, "manual", "left for a person")
    figures = {"occurrences": 0.0, "events": 0.0, "recovered": 0.0, **seen.figures.get(rule.id, {})}
    holds = parse_expression(check.expect).holds(figures)
    proof = seen.evidence.get(rule.id, ())[:1]
    if holds is False:
        count = int(figures["occurrences"])
        reason = f"{count} occurrence{'' if count == 1 else 's'}; expected {check.expect}"
        return Check(check.id, rule.id, check.text, "failed", reason, proof)
    exercised, why, proof = _exercised(check, seen)
    if holds is None or not exercised:
        return Check(
            check.id, rule.id, check.text, "not-exercised", why or f"{check.expect}: no figure to compare"
        )
    return Check(check.id, rule.id, check.text, "passed", f"{check.expect}; {why}", proof)


def _exercised(check: language.Check, seen: Seen) -> tuple[bool, str, tuple[EvidenceLine, ...]]:
    trigger = check.exercised_by
    if trigger is None or not (trigger.signals or trigger.text):
        return seen.lines > 0, f"{seen.lines:,} lines read", ()
    for signal in trigger.signals:
        count = int(seen.figures.get(signal, {}).get("occurrences", 0))
        if count:
            return (
                True,
                f"exercised: {signal} seen {count} time{'' if count == 1 else 's'}",
                seen.evidence.get(signal, ())[:1],
            )
    for text in trigger.text:
        if text in seen.exercised:
            return True, f"exercised: {text!r} occurs", ()
    return False, f"nothing in the log shows {' or '.join([*trigger.signals, *map(repr, trigger.text)])}", ()


def run_metrics(
    rules: Sequence[language.Rule], findings: Sequence[Finding], seen: Seen
) -> tuple[Metric, ...]:
    """Return the metrics of the rules that found something; `before` is this log's figure."""
    by_id = {rule.id: rule for rule in rules}
    return tuple(
        Metric(
            metric.id,
            finding.rule,
            metric.label,
            _shown(metric.value, seen.figures[finding.rule]),
            "",
            metric.target,
        )
        for finding in findings
        for metric in by_id[finding.rule].verify.metrics
    )


def _shown(name: str, figures: Mapping[str, float]) -> str:
    value = figures.get(name)
    if value is None:
        return "not known"
    if name in ("success_rate", "ratio"):
        return f"{value * 100:.0f} %"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
