"""This log against an earlier report: figures before and now, what is new, better, worse or gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from logscope.model import Severity
from logscope.report import Finding, Metric, Report, Resolved, Verdict
from logscope.rulebook.rule import Rule
from logscope.verdict.verify import Seen, figure_text, was_exercised

_NOT_FOUND = "not found"
_COUNTS = frozenset(("occurrences", "events", "recovered", "per_hour", "rejected_first", "stalled"))
"""Figures that are 0 where a rule found nothing; of the others nothing is known then."""


def run_metrics(
    rules: Sequence[Rule], findings: Sequence[Finding], seen: Seen, baseline: Report | None
) -> tuple[Metric, ...]:
    """Return the metrics of the rules that found something, here or in the baseline.

    Without a baseline `before` is this log's figure and `now` is empty. With one, `before` is the baseline's latest
    figure and `now` is this log's: 0 for a rule that found nothing although its trigger ran, else why it is not known.
    """
    by_id = {rule.id: rule for rule in rules}
    current = [
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
    ]
    if baseline is None:
        return tuple(current)
    earlier = {(metric.rule, metric.id): metric.now or metric.before for metric in baseline.metrics}
    compared = [replace(m, before=earlier.get((m.rule, m.id), _NOT_FOUND), now=m.before) for m in current]
    here = {finding.rule for finding in findings}
    gone = [metric for metric in baseline.metrics if metric.rule not in here]
    return (*compared, *(_gone(metric, by_id.get(metric.rule), seen) for metric in gone))


def compare(findings: Sequence[Finding], baseline: Report) -> tuple[Finding, ...]:
    """Return the findings, each with what became of it since the baseline."""
    earlier = {finding.rule: finding.occurrences for finding in baseline.findings}
    return tuple(replace(f, since_baseline=_since(earlier.get(f.rule), f.occurrences)) for f in findings)


def resolved(
    rules: Sequence[Rule], findings: Sequence[Finding], seen: Seen, baseline: Report
) -> tuple[Resolved, ...]:
    """Return what the baseline found and this log does not show, worst first."""
    by_id: Mapping[str, Rule] = {rule.id: rule for rule in rules}
    here = {finding.rule for finding in findings}
    gone = [finding for finding in baseline.findings if finding.rule not in here]
    gone.sort(key=lambda finding: (-Severity.parse(finding.severity), finding.rule))
    return tuple(Resolved(f.rule, f.title, f.occurrences, _verdict(by_id.get(f.rule), seen)) for f in gone)


def _since(before: int | None, now: int) -> str:
    if before is None:
        return "new"
    if before == now:
        return "same"
    return f"{'better' if now < before else 'worse'} {before} → {now}"


def _verdict(rule: Rule | None, seen: Seen) -> Verdict:
    if rule is None:
        return "not-checked"
    return "fixed" if was_exercised(rule, seen) else "not-exercised"


def _gone(metric: Metric, rule: Rule | None, seen: Seen) -> Metric:
    before = metric.now or metric.before
    if rule is None:
        return replace(metric, before=before, now="not checked")
    if not was_exercised(rule, seen):
        return replace(metric, before=before, now="not exercised")
    value = next((item.value for item in rule.verify.metrics if item.id == metric.id), "")
    return replace(metric, before=before, now="0" if value in _COUNTS else "not known")


def _shown(name: str, figures: Mapping[str, float]) -> str:
    value = figures.get(name)
    return "not known" if value is None else figure_text(name, value)
