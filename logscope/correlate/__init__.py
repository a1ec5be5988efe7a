"""Reduce: hits of all sources to occurrences, one module per kind of rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from logscope.correlate import absence, count, distinct, match, ratio, sequence
from logscope.correlate.windows import Restarts, in_order
from logscope.model import Hit, RuleHits
from logscope.rulebook.rule import Rule

Correlate = Callable[[int, Rule, Sequence[Hit], Restarts], RuleHits]

RESTART_SIGNALS = ("server-started", "app-started")
"""Signals that tell of a restart, the surer first: the application may talk while it starts."""
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
    restarts = Restarts(restarts_of(rules, hits))
    return tuple(
        KINDS[rules[index].kind](index, rules[index], in_order(by_rule[index]), restarts)
        for index in sorted(by_rule)
    )


def restarts_of(rules: Sequence[Rule], hits: Iterable[Hit]) -> list[Hit]:
    """Return the hits that tell of a restart: per source those of the first of `RESTART_SIGNALS` that it has."""
    ranks = {index: RESTART_SIGNALS.index(r.id) for index, r in enumerate(rules) if r.id in RESTART_SIGNALS}
    told = [hit for hit in hits if hit.rule in ranks]
    best: dict[int, int] = {}
    for hit in told:
        best[hit.source] = min(best.get(hit.source, len(RESTART_SIGNALS)), ranks[hit.rule])
    return [hit for hit in told if ranks[hit.rule] == best[hit.source]]


__all__ = ["KINDS", "RESTART_SIGNALS", "correlate_hits", "restarts_of"]
