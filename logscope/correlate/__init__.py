"""Reduce: hits of all sources to occurrences, one module per kind of rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from logscope.correlate import absence, count, distinct, match, ratio, sequence
from logscope.correlate.windows import Restarts, in_order
from logscope.model import Hit, RuleHits
from logscope.rulebook.rule import Rule

Correlate = Callable[[int, Rule, Sequence[Hit], Restarts], RuleHits]

KINDS: dict[str, Correlate] = {
    "match": match.correlate,
    "count": count.correlate,
    "distinct": distinct.correlate,
    "sequence": sequence.correlate,
    "absence": absence.correlate,
    "ratio": ratio.correlate,
}


def correlate_hits(rules: Sequence[Rule], hits: Sequence[Hit]) -> tuple[RuleHits, ...]:
    """Return what each rule found, rules in their order; `hits` may come in any order."""
    by_rule: dict[int, list[Hit]] = {}
    for hit in hits:
        if not hit.role.startswith("cause:"):
            by_rule.setdefault(hit.rule, []).append(hit)
    restarts = Restarts(
        hit for index, rule in enumerate(rules) if rule.id == "app-started" for hit in by_rule.get(index, ())
    )
    return tuple(
        KINDS[rules[index].kind](index, rules[index], in_order(by_rule[index]), restarts)
        for index in sorted(by_rule)
    )


__all__ = ["KINDS", "correlate_hits"]
