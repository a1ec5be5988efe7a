"""In which order findings are read: worst first, what follows from another one behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from logscope.model import Severity
from logscope.report import Finding
from logscope.rulebook.rule import Rule


def in_order_of_reading(findings: Iterable[Finding], symptoms: Collection[str]) -> tuple[Finding, ...]:
    """Return findings, worst first with all that follows from each, every consequence behind its causes; of what is as
    bad, rules that tell of another service's failure come last."""
    built = sorted(findings, key=lambda finding: _order(finding, symptoms))
    worst = worst_severities(built)
    waiting = [finding for finding in built if finding.status == "consequence"]
    heads = [finding for finding in built if finding.status != "consequence"]
    ordered: list[Finding] = []
    for head in sorted(heads, key=lambda head: -worst[head.rule]):
        ordered.append(head)
        while following := _next_effect(waiting, ordered):
            ordered.append(following)
            waiting.remove(following)
    return (*ordered, *waiting)


def symptoms_of(rules: Iterable[Rule]) -> frozenset[str]:
    """Return the ids of rules that only tell what another service answered."""
    return frozenset(rule.id for rule in rules if rule.follows is not None)


def worst_severities(findings: Sequence[Finding]) -> dict[str, Severity]:
    """The severity of each finding, by rule: the worst of its own and of all that follows from it, directly or not.
    What leads to something critical is as urgent."""
    worst = {finding.rule: Severity.parse(finding.severity) for finding in findings}
    links = [(cause, finding.rule) for finding in findings for cause in finding.caused_by if cause in worst]
    for _ in findings:  # no chain is longer
        for cause, effect in links:
            worst[cause] = max(worst[cause], worst[effect])
    return worst


def depth_of(findings: Sequence[Finding], symptoms: Collection[str]) -> dict[str, int]:
    """How many causes lie before each finding, by rule, at least one before symptoms; `findings` in order of
    reading."""
    depths: dict[str, int] = {}
    for finding in findings:
        causes = [depths.get(cause, 0) + 1 for cause in finding.caused_by]
        depths[finding.rule] = max(causes, default=int(finding.rule in symptoms))
    return depths


def _order(finding: Finding, symptoms: Collection[str]) -> tuple[object, ...]:
    later = finding.status == "recovered", finding.rule in symptoms
    return -Severity.parse(finding.severity), *later, -finding.occurrences, finding.rule


def _next_effect(waiting: Sequence[Finding], placed: Sequence[Finding]) -> Finding | None:
    """The worst consequence of what is placed already, behind those of its causes that are consequences too."""
    rules, later = {finding.rule for finding in placed}, {finding.rule for finding in waiting}
    return next((f for f in waiting if rules & set(f.caused_by) and not later & set(f.caused_by)), None)
